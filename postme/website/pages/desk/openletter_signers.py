"""``/desk/open-letters/<slug>/signers/``: what an organizer enters by the coalition's word, takes home locked, and writes to those who signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme import letter
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.models import DeskAct, Signed
from postme.keeping.store.written import Written
from postme.letter import Kind, Level, State
from postme.voices import Shown
from postme.website import letters, mailing
from postme.website.pages import desk
from postme.website.pages.desk.coalitions import office
from postme.website.pages.desk.openletters import organized

# Chosen: ten sheets of a table at an event.
_LINES = 200
# Chosen: a page of a letter; whoever signed reads it on a phone.
_LONGEST_MAIL = 4_000
_WRITTEN = "signers written to"


@desk.opened("write letters")
def signed(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Who signed, as far as an organizer's work goes; a POST enters sheets or an organization, fetches the download, or writes to signers."""
    one = organized(request, office(), slug)
    if request.method != "POST":
        return _page(request, one)
    step = request.POST.get("step", "")
    try:
        return desk.step_of(request, _DONE)(request, one)
    except PostmeError as error:
        return _page(request, one, error=error, step=step)


def _page(request: HttpRequest, one: Written, *, error: PostmeError | None = None, step: str = "", status: int = 200, **more: Any) -> HttpResponse:  # fmt: skip
    work = mailing.signers()
    rows = Signed.objects.visible().filter(letter__slug=one.slug)
    sent = DeskAct.objects.filter(what=_WRITTEN, target=f"/letters/{one.slug}/").order_by("-pk")[:20]
    shown: dict[str, Any] = {"faults": (), "look": None, "typed": request.POST.dict() if request.method == "POST" else {}}  # fmt: skip
    return desk.page(
        request, "openletter_signers.html", _("Who signed"), 409 if error else status,
        **{**shown, "one": one, "versions": [*reversed(one.versions)], "fault": error, "at": step, "counts": work.counted(one.slug), "open": one.state is State.OPEN, "lines": _LINES, "sent": sent, "wants": rows.filter(thanked=True).exclude(mail=b"").count(), "mail": mailing.possible(), "given": rows.exclude(parcel=b"").count(), "entered": work.entered(one.slug), **more},
    )  # fmt: skip


# --- on paper, and by the coalition's word


def _sheet(request: HttpRequest, one: Written) -> HttpResponse:
    """Several lines at once, all or none: what is wrong with one is said by its number, and no line is entered."""
    text = request.POST.get("people", "")
    shown = request.POST.get("shown", "")
    rows = [(number, *_line(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    faults = [] if shown in set(Shown) else [_("Choose how the names are shown.")]
    version = request.POST.get("version", "") or (str(one.now.number) if one.now and len(one.versions) == 1 else "")
    if version not in {str(each.number) for each in one.versions}:
        faults.append(_("Choose the words that stood on the sheet."))
    if not rows:
        faults.append(_("Write at least one line."))
    if len(rows) > _LINES:
        faults.append(_("At most {n} lines at once; these are {m}.").format(n=_LINES, m=len(rows)))
    known = {(letter.alike(row["name"]), row["area"]) for row in mailing.signers().every(one.slug) if row["level"] == Level.PAPER and row["name"]}  # fmt: skip
    met: set[tuple[str, str]] = set()
    for number, name, area in rows:
        told = {"name": name, "area": area, "shown": shown or "full", "mail": "nobody@example.org"}
        _said, wrong = letter.typed(told, Kind.PERSON)
        faults += [_("Line {n}: {says}").format(n=number, says=says) for field, says in wrong.items() if field != "shown"]  # fmt: skip
        own = (letter.alike(name), area)
        if own in met or (own in known and request.POST.get("again") != "yes"):
            faults.append(_("Line {n}: {name} is there already.").format(n=number, name=name))
        met.add(own)
    if faults:
        return _page(request, one, step="sheet", status=409, faults=faults, alike=any((letter.alike(name), area) in known for _n, name, area in rows))  # fmt: skip
    work = mailing.signers()
    for _number, name, area in rows:
        work.enter(
            one.slug,
            {"name": name, "area": area, "shown": shown},
            Kind.PERSON,
            version=int(version),
            who=desk.who(request),
        )
    messages.success(request, ngettext("{n} signature on paper is entered.", "{n} signatures on paper are entered.", len(rows)).format(n=len(rows)))  # fmt: skip
    return redirect("desk-openletter-signers", slug=one.slug)


def _line(line: str) -> tuple[str, str]:
    """Name and area of a line.

    >>> _line(" Ann Doe ;  55401")
    ('Ann Doe', '55401')
    """
    name, _sign, area = line.partition(";")
    return " ".join(name.split()), " ".join(area.split())


def _organization(request: HttpRequest, one: Written) -> HttpResponse:
    typed = {key: request.POST.get(key, "")[:400] for key in ("name", "by", "role", "domain", "comment")}
    there = {letter.alike(row["name"]) for row in mailing.signers().every(one.slug) if row["level"] in (Level.DOMAIN, Level.COALITION)}  # fmt: skip
    if letter.alike(typed["name"]) in there:
        raise WrongUse("This organization has signed already.", where="name", why="It would count twice.", do="Leave it out.")  # fmt: skip
    mailing.signers().enter(one.slug, typed, Kind.ORGANIZATION, who=desk.who(request))
    messages.success(request, _("It stands under the coalition’s word."))
    return redirect("desk-openletter-signers", slug=one.slug)


def _back(request: HttpRequest, one: Written) -> HttpResponse:
    """One that was entered by mistake: gone, and public that it is."""
    post = request.POST
    mailing.signers().take_back(one.slug, post.get("other", "").strip()[:40] or post.get("number", "")[:40], post.get("why", ""), who=desk.who(request))  # fmt: skip
    messages.success(request, _("It is taken back, and counts no more."))
    return redirect("desk-openletter-signers", slug=one.slug)


# --- what signers gave, and what they are written


def _fetch(request: HttpRequest, one: Written) -> StreamingHttpResponse:
    """The download: a line a signer, each locked with the coalition's key."""
    lines = mailing.signers().parcels(one.slug, who=desk.who(request))
    return StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{one.slug}-signers.txt"'})  # fmt: skip


def _look(request: HttpRequest, one: Written) -> HttpResponse:
    """How the mail will read, and to how many it goes, before anything is sent."""
    words = _words(request)
    subject, body = letters.thanks(_title(one), one.slug, words, "KTM-4H7-Q2X", "en")
    return _page(request, one, step="look", look={"subject": subject, "body": body, "words": words, "seen": _mark(words)})  # fmt: skip


def _send(request: HttpRequest, one: Written) -> HttpResponse:
    words = _words(request)
    about = _mark(words)
    if request.POST.get("seen") != about:
        raise WrongUse("Look at these words first.", where="words", why="A mail that is out cannot be called back.", do="Press the button that shows it.")  # fmt: skip
    if DeskAct.objects.filter(what=_WRITTEN, target=f"/letters/{one.slug}/", why=about).exists():
        raise WrongUse("This mail was sent already.", where="words", why="Nobody gets the same mail twice.", do="Write another one, if there is more to say.")  # fmt: skip
    count = mailing.signers().thank(one.slug, partial(_thanked, one, words), about=about, who=desk.who(request))
    messages.success(request, ngettext("{n} mail is on its way.", "{n} mails are on their way.", count).format(n=count))
    return redirect("desk-openletter-signers", slug=one.slug)


def _thanked(one: Written, words: str, number: str, language: str) -> tuple[str, str]:
    return letters.thanks(_title(one), one.slug, words, number, language)


def _title(one: Written) -> str:
    return one.now.text.title if one.now else one.draft.title


def _words(request: HttpRequest) -> str:
    words = request.POST.get("words", "").replace("\r\n", "\n").strip()
    if not words or len(words) > _LONGEST_MAIL:
        raise WrongUse("Write what they should hear, at some length.", where="words", why="It goes to people who asked what came of it.", do=f"Write at most {_LONGEST_MAIL:,} characters.")  # fmt: skip
    return words


def _mark(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]


_DONE: Mapping[str, Callable[[HttpRequest, Written], HttpResponseBase]] = {
    "sheet": _sheet, "organization": _organization, "back": _back, "fetch": _fetch, "look": _look, "send": _send,
}  # fmt: skip
