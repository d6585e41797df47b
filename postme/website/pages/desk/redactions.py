"""``/desk/redactions/`` and ``/desk/records/…``: private data of residents, asked by one person, blacked out by a second."""

from __future__ import annotations

import datetime
from itertools import chain

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.models import Entry, Findable, PublicPage, Version
from postme.keeping.store.redactions import Asked
from postme.office import deskwork
from postme.office.press import Press
from postme.redaction import Reason, Redaction
from postme.website.pages import desk

# Fewer letters than this stand in other words everywhere; ``deskwork.unhidden`` does not look for them.
_SHORT = 3


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """What was asked, with the words in question, and what is in force; a POST decides on one."""
    press, me, own = desk.press(), desk.who(request), desk.roles_of(request)
    if request.method == "POST":
        return _decided(request, press)
    asked = [_row(one, me) | {"told": _told(press, one)} for one in press.redactions.of("", "asked")]
    return desk.page(
        request, "redactions.html", _("Redactions"), asked=asked, force=[_row(one, me) for one in press.redactions.of("", "in force")][:200],
        may_decide=roles.may(own, "approve redaction"),
    )  # fmt: skip


def _row(one: Asked, me: str) -> dict[str, object]:
    try:
        text = deskwork.text_of(settings.DATA, one.sha256, one.page)
        words, before, after = (
            text[one.start : one.end],
            text[max(0, one.start - 60) : one.start],
            text[one.end : one.end + 60],
        )
    except PostmeError as error:
        words, before, after = error.what, "", ""
    return {
        "number": one.number, "sha256": one.sha256, "page": one.page, "reason": Reason(one.reason).said, "who": one.who, "mine": one.who == me,
        "words": words, "before": before, "after": after,
    }  # fmt: skip


def _told(press: Press, one: Asked) -> list[dict[str, object]]:
    """Published holdings that would still tell an amount or a day of it, each with the form that corrects it."""
    try:
        left = press.told_once_hidden(one)
    except PostmeError:  # its reading is gone, which the row says in place of its words
        return []
    form = reverse("desk-holding")
    return [
        {"address": address, "where": where, "form": f"{form}?{urlencode({'correct': address})}"}
        for address, where in left
    ]


def _decided(request: HttpRequest, press: Press) -> HttpResponse:
    me, own = desk.who(request), desk.roles_of(request)
    said = request.POST.get("number", "")
    number = int(said) if said.isdecimal() and len(said) < 19 else 0
    roles.asked(own, "approve redaction")
    if request.POST.get("step") == "refuse":
        press.redactions.waiting(number, me)
        press.redactions.decide(
            number,
            "refused",
            who=me,
            at=datetime.datetime.now(datetime.UTC),
            why=request.POST.get("why", "").strip()[:1000],
        )
        messages.success(request, _("It was refused. Nothing was hidden."))
        return redirect("desk-redactions")
    asked = press.redactions.waiting(number, me)
    press.redact(number, who=me, roles_=own)
    left = _left(asked)
    if told := _told(press, asked):
        pages = ", ".join(str(one["address"]) for one in told)
        messages.error(
            request,
            _("A published page still tells an amount or a day that was blacked out. Correct it now: %(pages)s")
            % {"pages": pages},
        )
    if asked.end - asked.start <= _SHORT:
        messages.success(
            request,
            _("It is blacked out where it was marked. It is too short to look for elsewhere: look yourself."),
        )
    elif left:
        messages.error(
            request,
            _(
                "It is blacked out where it was marked. The same words still stand elsewhere in what is public: mark them there too."
            ),
        )
    else:
        messages.success(
            request,
            _("It is blacked out in text, quotes, picture and files. None of it was found in what is public now."),
        )
    return redirect("desk-redactions")


def _left(asked: Asked) -> list[str]:
    """Words that were hidden and that still stand in something public: any record's text, any twin of any version, search."""
    text = deskwork.text_of(settings.DATA, asked.sha256, asked.page)
    public = chain(
        PublicPage.objects.values_list("text", flat=True).iterator(),
        Entry.objects.values_list("twin", flat=True).iterator(),
        Version.objects.exclude(twin=None).values_list("twin", flat=True).iterator(),
        Findable.objects.values_list("folded", flat=True).iterator(),
    )
    return deskwork.unhidden(
        text, [Redaction(asked.page, asked.start, asked.end, Reason(asked.reason))], filter(None, public)
    )


@desk.opened()
def record(request: HttpRequest, sha256: str, page: int) -> HttpResponse:
    """A record's page with its words numbered, to mark what is private; a POST asks for a redaction."""
    press = desk.press()
    told = press.ledger.record_of(sha256)
    text = deskwork.text_of(settings.DATA, sha256, page)
    if request.method == "POST":
        return _asked(request, press, sha256, page, text)
    known = [one for one in press.redactions.of(sha256, "asked", "in force") if one.page == page]
    words = [
        {"word": word, "state": next((one.state for one in known if one.start < word.end and word.start < one.end), "")} for word in deskwork.words(text)
    ]  # fmt: skip
    view = None
    try:
        view = deskwork.view(settings.DATA, sha256, page)
        note = view.note
    except PostmeError as error:
        note = error.what
    return desk.page(
        request, "record.html", told["title"] or told["name"].rsplit("/", 1)[-1], told=told, page_number=page, words=words, view=view, note=note,
        suggestions=deskwork.suggestions(text, page, [(one.start, one.end) for one in known]), reasons=[(one.value, one.said) for one in Reason],
        known=[_row(one, desk.who(request)) | {"state": one.state} for one in known],
    )  # fmt: skip


def _asked(request: HttpRequest, press: Press, sha256: str, page: int, text: str) -> HttpResponse:
    post = request.POST
    if post.get("span"):
        parts = post["span"].split("-")
        if (
            len(parts) != 2
            or not all(part.isdecimal() and len(part) < 9 for part in parts)
            or int(parts[1]) > len(text)
        ):
            raise WrongUse(
                "That is no place on this page.",
                where="span",
                why="Nothing could be hidden.",
                do="Open the page again.",
            )
        start, end = int(parts[0]), int(parts[1])
    else:
        numbers = [post.get(key, "") for key in ("first", "last")]
        if not all(one.isdecimal() and len(one) < 9 for one in numbers):
            raise WrongUse("The numbers of the words are missing.", where="words", why="What is to be hidden must be marked.", do="Give the number of the first and of the last word.")  # fmt: skip
        start, end = deskwork.span(text, int(numbers[0]), int(numbers[1]))
    # The list of reasons is checked by what it makes.
    wanted = Redaction(page, start, end, post.get("reason", ""))  # type: ignore[arg-type]
    press.ask_redaction(sha256, wanted, who=desk.who(request), roles_=desk.roles_of(request))
    messages.success(request, _("It is asked for. It is hidden once a second person approves."))
    return redirect("desk-record", sha256=sha256, page=page)


@desk.opened()
def picture(request: HttpRequest, sha256: str, page: int) -> HttpResponse:
    """A page's picture as those who work here see it: what is in force is black, what is only asked for is not."""
    hidden = [
        Redaction(one.page, one.start, one.end, Reason(one.reason))
        for one in desk.press().redactions.of(sha256, "in force")
    ]
    try:
        data = deskwork.picture(settings.DATA, sha256, page, [one for one in hidden if one.page == page])
    except PostmeError as error:
        raise Http404(error.what) from error
    return HttpResponse(data, content_type="image/webp")
