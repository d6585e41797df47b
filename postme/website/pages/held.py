"""What the link in a mail opens: a comment, a ballot, a place on the sheet of speakers. Looking changes nothing; a button does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import voices
from postme.errors import WrongUse
from postme.voices import Level
from postme.website import sending
from postme.website.pages.voices import FIELDS, parts, said, worded

View = Callable[[HttpRequest, str], HttpResponse]


def linked(view: View) -> View:
    """A page behind a secret link. A link that opens nothing says so on a page of its own."""

    # The link itself is the authority, and no cookie is: a foreign site that had it would need no browser of the reader's.
    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, key: str) -> HttpResponse:
        try:
            return view(request, key)
        except WrongUse as error:
            status = 404 if error.where == "link" else 409
            return sending.private(request, "held_gone.html", {"title": _("This link opens nothing") if status == 404 else _("This cannot be done now"), "trouble": error}, status)  # fmt: skip

    return answered


@linked
def comment(request: HttpRequest, key: str) -> HttpResponse:
    """``/said/<token>/``: a comment, for its writer: confirm it, change it, take it back."""
    own = said()
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "confirm":
        own.confirm(key)
    elif step == "withdraw":
        own.withdraw(key)
    held = _held(key) if step != "withdraw" else None
    if held is None:
        return sending.private(request, "held_withdrawn.html", {"title": _("Your comment is taken back")})
    about = own.about(held.slug)
    window = own.window(about) if about else None
    facts: dict[str, Any] = {
        "title": _("Your comment"), "held": held, "key": key, "fiction": held.fiction, "slug": held.slug, "proposal": held.title, "name": voices.signed(held.name, held.shown),
        "open": bool(window and window.open), "parts": parts(held.slug), "longest": voices.LONGEST, "asking": request.GET.get("do", ""), "done": step,
        "typed": {"position": held.position, "part": held.part, "text": held.text, "name": held.name, "shown": held.shown}, "rule": voices.RULES.get(held.rule, ""), "level": voices.LEVELS[Level(held.level)],
    }  # fmt: skip
    if step in ("look", "change"):
        return _changed(request, key, facts, step)
    return sending.private(request, "held_comment.html", facts)


def _held(key: str) -> Any:
    return said().held(key)


def _changed(request: HttpRequest, key: str, facts: dict[str, Any], step: str) -> HttpResponse:
    typed = sending.typed(request, *FIELDS)
    facts = {**facts, "typed": typed, "asking": "change"}
    ready, faults = voices.checked(
        {**typed, "mail": "", "language": get_language() or "en"},
        parts=[one["id"] for one in facts["parts"]],
        mail=False,
    )
    if ready is None:
        return sending.private(
            request, "held_comment.html", {**facts, "faults": worded(faults, typed), "done": ""}, 400
        )
    if step == "look":
        return sending.private(request, "held_comment.html", {**facts, "preview": {"said": ready, "name": voices.signed(ready.name, ready.shown)}, "done": ""})  # fmt: skip
    version = request.POST.get("version", "")
    said().change(key, ready, int(version) if version.isdecimal() and len(version) < 10 else 0)
    held = _held(key)
    return sending.private(request, "held_comment.html", {**facts, "held": held, "name": voices.signed(held.name, held.shown), "asking": "", "done": "change"})  # fmt: skip


@linked
def ballot(request: HttpRequest, key: str) -> HttpResponse:
    """``/voted/<token>/``: an answer to an advisory vote, for who gave it: confirm it, take it back."""
    own = said()
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "confirm":
        own.count(key)
    elif step == "withdraw":
        own.uncount(key)
        return sending.private(request, "held_withdrawn.html", {"title": _("Your answer is taken back")})
    held = own.ballot(key)
    return sending.private(
        request, "held_ballot.html", {"title": _("Your answer"), "held": held, "level": voices.LEVELS[Level(held.level)], "fiction": held.fiction, "slug": held.slug, "proposal": held.title, "done": step}
    )  # fmt: skip


@linked
def speaker(request: HttpRequest, key: str) -> HttpResponse:
    """``/spoke/<token>/``: a place on the sheet of speakers, for whoever took it: give it back."""
    if request.method == "POST" and request.POST.get("step") == "withdraw":
        said().unspeak(key)
        return sending.private(request, "held_withdrawn.html", {"title": _("You are off the sheet")})
    return sending.private(request, "held_speaker.html", {"title": _("You are on the sheet of speakers")})
