"""``/desk/open-letters/<slug>/moderate/``: what the criteria of batches found, before anything is done; set aside by a rule, and restored."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import letter, roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.letters import shown
from postme.keeping.store.models import SetAside
from postme.keeping.store.written import Written
from postme.letter import Kind
from postme.office.signing import CRITERIA
from postme.website import mailing
from postme.website.pages import desk, more_asked, page_asked

_SAMPLE = 8


@desk.opened("set aside")
def moderated(request: HttpRequest, slug: str) -> HttpResponse:
    """A public letter's batches and signatures; a POST sets some aside by a published rule, or restores what was."""
    one = shown(slug)
    if one is None:
        raise Http404("There is no such letter.")
    if request.method != "POST":
        return _page(request, one)
    try:
        count = _done(request, slug)
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        return _page(request, one, error)
    messages.success(request, _("{n} changed. It is public that it was done, and why.").format(n=count))
    return redirect("desk-openletter-moderate", slug=slug)


def _done(request: HttpRequest, slug: str) -> int:
    post, work = request.POST, mailing.signers()
    step, flood, numbers = post.get("step", ""), "", post.get("numbers", "").replace(",", " ").split()
    told: dict[str, Any] = {"rule": post.get("rule", ""), "why": post.get("why", ""), "who": desk.who(request), "roles_": desk.roles_of(request)}  # fmt: skip
    if step == "batch":
        flood = post.get("flood", "")
        found = next((each for each in work.floods(slug) if each.key == flood), None)
        if found is None or str(len(found.numbers)) != post.get("count"):
            raise WrongUse("This batch is not what it was.", where="flood", why="Signatures came or went since you opened the page.", do="Look at it again.")  # fmt: skip
        numbers = list(found.numbers)
    if step == "restore":
        said = post.get("act", "")
        act = SetAside.objects.filter(letter__slug=slug, what="hidden", pk=int(said) if said.isdecimal() and len(said) < 16 else 0).first()  # fmt: skip
        if act is None:
            raise WrongUse("There is no such act.", where="act", why="Nothing was restored.", do="Choose one from the list.")  # fmt: skip
        return work.set_aside(slug, act.numbers, "restored", **{**told, "rule": act.rule})
    if step not in ("batch", "hide"):
        raise desk.no_step()
    if not numbers:
        raise WrongUse("No receipt’s number was given.", where="numbers", why="Nothing was set aside.", do="Copy the numbers out of the list.")  # fmt: skip
    count = work.set_aside(slug, numbers, "hidden", flood=flood, **told)
    if not count:
        raise WrongUse("None of these is a signature that counts.", where="numbers", why="Nothing was set aside.", do="Copy the numbers out of the list.")  # fmt: skip
    return count


def _page(request: HttpRequest, one: Written, error: PostmeError | None = None) -> HttpResponse:
    work = mailing.signers()
    number = page_asked(request)
    says = {each.id: each for each in CRITERIA}
    batches = [{"flood": each, "criterion": says[each.criterion], "count": len(each.numbers), "sample": each.numbers[:_SAMPLE]} for each in work.floods(one.slug)]  # fmt: skip
    people = work.listed(one.slug, Kind.PERSON, page=number)
    more_asked(number, people)
    return desk.page(
        request, "openletter_moderate.html", one.now.text.title if one.now else one.slug, 409 if error else 200, one=one, fault=error, typed=request.POST.dict() if error else {}, batches=batches,
        criteria=CRITERIA, rules=letter.RULES, organizations=work.listed(one.slug, Kind.ORGANIZATION, most=1000), people=people, number=number, more=len(people) == 100,
        acts=SetAside.objects.filter(letter__slug=one.slug).order_by("-pk")[:100],
    )  # fmt: skip
