"""``/desk/open-letters/<slug>/handed/``: the letter is handed to the council's members and the clerk, and what they did is recorded."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from postme.errors import PostmeError, WrongUse
from postme.keeping.store.written import Written
from postme.letter import Outcome
from postme.office import handing
from postme.office.handing import Addressee, Carrier, Worded
from postme.office.letters import HOW
from postme.website import mailing
from postme.website.pages import desk
from postme.website.pages.desk.coalitions import office
from postme.website.pages.desk.openletters import organized
from postme.website.pages.desk.process import needed_day


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


@desk.opened("write letters")
def handed(request: HttpRequest, slug: str) -> HttpResponse:
    """To whom the letter went and what came back; a POST hands it over, or records an answer."""
    one = organized(request, office(), slug)
    if request.method != "POST":
        return _page(request, one)
    step = request.POST.get("step", "")
    try:
        if step == "deliver":
            messages.success(request, _delivered(request, one))
        elif step == "answer":
            messages.success(request, _answered(request, one))
        else:
            raise desk.no_step()
    except PostmeError as error:
        return _page(request, one, error, step)
    return redirect("desk-openletter-handed", slug=slug)


def _page(request: HttpRequest, one: Written, error: PostmeError | None = None, step: str = "") -> HttpResponse:
    typed: dict[str, Any] = {}
    if error:
        typed = {**request.POST.dict(), "to": request.POST.getlist("to")}
    known = _members(one)
    had = {each.to for each in one.deliveries}
    return desk.page(
        request, "openletter_handed.html", _("Handed over, and what came of it"), 409 if error else 200, one=one, fault=error, at=step, typed=typed, today=_today(),
        members=[{"one": each, "had": each.name in had} for each in known], how=[each for each in HOW if each != "mail" or mailing.possible()], outcomes=[each.value for each in Outcome],
        deliveries=[{"one": each, "pdf": handing.address(one.slug, each.pdf) if each.pdf else ""} for each in one.deliveries], counts=mailing.signers().counted(one.slug),
    )  # fmt: skip


def _members(one: Written) -> Sequence[Addressee]:
    return handing.members(settings.DATA, one.coalition.town, _today())


def _delivered(request: HttpRequest, one: Written) -> str:
    chosen = set(request.POST.getlist("to"))
    to = [each for each in _members(one) if str(each.seat) in chosen]
    if clerk := handing.named({key: request.POST.get(key, "") for key in ("clerk", "clerk_mail")}):
        to.append(clerk)
    how = request.POST.get("how", "")
    on = _today() if how == "mail" else needed_day(request.POST.get("on", ""), "on")
    if how == "mail" and not mailing.possible():
        raise WrongUse("No mail leaves this site.", where="how", why="No mail server is named.", do="Take it there by hand or by post, and record that.")  # fmt: skip
    carrier = Carrier(settings.DATA, settings.LOG_ORIGIN, settings.MAIL_KEY, settings.SITE)

    def written(pdf: str) -> Worded:
        return lambda to_: _words(one, to_, pdf)

    carrier.deliver(one.slug, to, how, on, who=desk.who(request), worded=written)
    count = len(to)
    if how == "mail":
        return ngettext("{n} mail is on its way.", "{n} mails are on their way.", count).format(n=count)
    return ngettext("It is recorded for {n} person.", "It is recorded for {n} people.", count).format(n=count)


def _words(one: Written, to: Addressee, pdf: str) -> tuple[str, str]:
    """To who decides: what is asked, where the letter is, and how to check the file. In English, as the letter's head is."""
    text, own = one.now.text if one.now else one.draft, one.coalition
    asks = text.ask + (f"\nBy {text.deadline:%B} {text.deadline.day}, {text.deadline.year}." if text.deadline else "")
    parts = [
        f"{to.name}:", f"{own.name} hands you an open letter: “{text.title}”.", f"What it asks:\n{asks}",
        f"The letter with who signed it, as a PDF:\n{settings.SITE}{handing.address(one.slug, pdf)}\nSHA-256 of the file: {pdf}",
        f"What each claim rests on, and what became of the letter:\n{settings.SITE}{one.address}",
        f"To answer, write to {own.contact}." if own.contact else "", "The page says on which day you were handed it. Your answer is shown there as well.",
    ]  # fmt: skip
    if own.fiction:
        parts.insert(0, "This letter and its town are made up. No real body is meant.")
    return f"Open letter: {text.title}"[:200], mailing.signed(*(part for part in parts if part))


def _answered(request: HttpRequest, one: Written) -> str:
    post = request.POST
    said, number = post.get("outcome", ""), post.get("delivery", "")
    if said not in set(Outcome):
        raise WrongUse("It is not said what they did.", where="outcome", why="Readers see it beside their name.", do="Choose one.")  # fmt: skip
    office().answered(one.slug, int(number) if number.isdecimal() and len(number) < 16 else 0, Outcome(said), needed_day(post.get("on", ""), "on"), answer=post.get("answer", ""), link=post.get("link", "").strip(), who=desk.who(request))  # fmt: skip
    return _("It stands on the letter’s page.")
