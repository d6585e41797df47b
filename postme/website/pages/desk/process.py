"""``/desk/process/…``: proposals before they are public: drafted, changed, handed in by a liaison; read and made public by a clerk."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docketed
from postme.office import counsel
from postme.office.batches import Batches
from postme.website.pages import desk
from postme.website.pages.desk.preview import preview

# Chosen: rows of products that a form shows; a table takes more.
_PRODUCTS = 5
_LISTS = ("all", "mine", "drafts", "handed-in", "public")


def work() -> Batches:
    """The proceedings of this site."""
    return Batches(settings.DATA, settings.LOG_ORIGIN)


def today() -> datetime.date:
    """The day it is."""
    return datetime.datetime.now(datetime.UTC).date()


def day_of(said: str, what: str, *, needed: bool = True) -> datetime.date | None:
    """A day as a form sends it. Raises WrongUse for what is none."""
    if not said.strip() and not needed:
        return None
    try:
        return datetime.date.fromisoformat(said.strip())
    except ValueError as error:
        raise WrongUse("The day is missing." if said.strip() in ("", "?") else f"“{said[:20]}” is no day.", where=what, why="Every step is held against the law of its day.", do="Write it as 2026-01-05.") from error  # fmt: skip


def needed_day(said: str, what: str) -> datetime.date:
    """The same, where a step cannot be without one."""
    return day_of(said or "?", what) or today()


def turn_of(post: QueryDict) -> int:
    """The turn that a form saw."""
    said = post.get("turn", "")
    return int(said) if said.isdecimal() and len(said) < 10 else -1


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """The proposals: what waits for a clerk, one's own, all."""
    me, where = desk.who(request), request.GET.get("town", "")[:200]
    which = request.GET.get("which", "all")
    rows = work().docket.laid(where or None)
    for row in rows:
        row["state"] = "public" if row["public"] else "handed-in" if "submit" in row["done"] else "drafts"
        row["mine"] = row["author"] == me
    counts = {"all": len(rows), "mine": sum(row["mine"] for row in rows), **{one: sum(row["state"] == one for row in rows) for one in _LISTS[2:]}}  # fmt: skip
    shown = [row for row in rows if which in ("all", row["state"]) or (which == "mine" and row["mine"])]
    return desk.page(
        request, "process.html", _("Proposals"), rows=shown[:500], counts=counts, which=which, town=where, towns=work().docket.towns(),
        waiting=[row for row in rows if row["state"] == "handed-in" and not row["mine"]],
    )  # fmt: skip


# --- the form --------------------------------------------------------------------------------------------------------


@desk.opened("propose")
def draft(request: HttpRequest) -> HttpResponse:
    """A new proposal: its form, and a POST that drafts it."""
    office = work()
    towns = office.docket.towns()
    if request.method != "POST":
        where = request.GET.get("town", "") or (towns[0].id if towns else "")
        return form(request, {"town": where, "acts": ["obtain", "use"]}, office)
    typed = _typed(request.POST)
    try:
        own = office.draft(
            typed["town"], **_told(typed), who=desk.who(request), roles_=desk.roles_of(request), today=day_of(typed["drafted"], "drafted", needed=False)
        )  # fmt: skip
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        return form(request, typed, office, error)
    messages.success(request, _("The draft is saved. Nothing is public yet."))
    return redirect("desk-proposal", slug=own)


def _typed(post: QueryDict) -> dict[str, Any]:
    names, makers, counts = post.getlist("product"), post.getlist("maker"), post.getlist("quantity")
    return {
        **{key: post.get(key, "").strip()[:4000] for key in ("town", "title", "agency", "kind", "purpose", "summary", "holdings", "drafted")},
        "technologies": post.getlist("technologies"), "acts": post.getlist("acts"),
        "products": [{"name": a.strip()[:200], "maker": b.strip()[:200], "quantity": c.strip()[:12]} for a, b, c in zip(names, makers, counts, strict=False) if a.strip() or b.strip()],
    }  # fmt: skip


def _told(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the office is told. Raises WrongUse for a number of things that is none."""
    products = []
    for one in typed["products"]:
        if one["quantity"] and not one["quantity"].isdecimal():
            raise WrongUse(f"“{one['quantity']}” is no number of things.", where="quantity", why="It is shown beside the product.", do="Write digits, or leave it empty.")  # fmt: skip
        told = {"technology": (typed["technologies"] or [""])[0], "name": one["name"], "maker": one["maker"]}
        products.append({**told, "quantity": int(one["quantity"])} if one["quantity"] else told)
    plain = {key: typed[key] for key in ("title", "agency", "kind", "purpose", "summary", "technologies", "acts")}
    return {**plain, "products": products, "holdings": typed["holdings"].split()}


def form(request: HttpRequest, typed: Mapping[str, Any], office: Batches, error: PostmeError | None = None, one: Docketed | None = None) -> HttpResponse:  # fmt: skip
    """The form of a proposal with what was typed, and what is wrong with it."""
    known = counsel.vocabulary()
    products = [*typed.get("products", ()), *({} for _blank in range(_PRODUCTS))][: max(_PRODUCTS, len(typed.get("products", ())) + 1)]  # fmt: skip
    return desk.page(
        request, "proposal_form.html", _("Change the proposal") if one else _("Draft a proposal"), 409 if error else 200, typed=typed, error=error, one=one, products=products,
        towns=office.docket.towns(), technologies=known["technologies"], acts=known["acts"], bodies=known["bodies"], purposes=known["purposes"],
    )  # fmt: skip


# --- one, before it is public ----------------------------------------------------------------------------------------


@desk.opened()
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a draft."""
    office = work()
    one = office.one(slug)
    if request.method != "POST":
        products = [{**each} for each in one.products]
        typed = {
            "town": one.town.id, "title": one.title, "agency": one.agency_name, "kind": one.kind, "purpose": one.purpose, "summary": one.summary, "technologies": one.technologies,
            "acts": one.acts, "products": products, "holdings": "\n".join(one.holdings), "turn": one.turn,
        }  # fmt: skip
        return form(request, typed, office, one=one)
    typed = {**_typed(request.POST), "turn": turn_of(request.POST)}
    try:
        office.rewrite(
            slug, turn_of(request.POST), who=desk.who(request), roles_=desk.roles_of(request), **_told(typed)
        )
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        # A second press of the button is a decision: what a colleague wrote meanwhile is shown beside it.
        return form(request, {**typed, "turn": office.one(slug).turn}, office, error, one=office.one(slug))
    messages.success(request, _("The draft is saved. Nothing is public yet."))
    return redirect("desk-proposal", slug=slug)


def before(request: HttpRequest, office: Batches, one: Docketed, error: PostmeError | None = None) -> HttpResponse:
    """The desk page of a proposal that is not public: as it will read, and the button of whoever's turn it is."""
    handed = one.proposal.done("submit")
    facts = office.facts(one)
    return desk.page(
        request, "proposal_before.html", one.title, 409 if error else 200, one=one, handed=handed, error=error, today=today(),
        gates=office.next(one, today()).get("submit", ()) if not handed else (), own=desk.who(request) in (one.author, handed.by if handed else ""),
        preview=preview(request, "decision", facts),
    )  # fmt: skip


def moved_on(request: HttpRequest, office: Batches, one: Docketed) -> HttpResponse:
    """Hand a draft in, or make public what was handed in."""
    me, own, step, turn = desk.who(request), desk.roles_of(request), request.POST.get("step", ""), turn_of(request.POST)
    try:
        if step == "hand in":
            office.hand_in(one.slug, turn, who=me, roles_=own, on=day_of(request.POST.get("on", ""), "on", needed=False))  # fmt: skip
            messages.success(request, _("It is handed in. A clerk reads it and makes it public."))
        elif step == "accept":
            office.accept(one.slug, turn, who=me, roles_=own)
            messages.success(request, _("It is public."))
        else:
            raise desk.no_step()
    except PostmeError as error:
        if error.where in roles.PERMISSIONS:
            raise
        return before(request, office, office.one(one.slug), error)
    return redirect("desk-proposal", slug=one.slug)
