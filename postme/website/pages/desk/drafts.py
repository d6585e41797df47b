"""``/desk/drafts/``: what is on its way to the public, and the decision of a second person; correcting and withdrawing."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from postme import roles
from postme.errors import WrongUse
from postme.keeping.store.ledger import Drafted
from postme.keeping.store.models import Evidence, PublicRecord
from postme.office import deskwork
from postme.office.press import address_of
from postme.publication import State, What
from postme.website.pages import desk
from postme.website.pages.desk.preview import preview


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, what came back, and what was decided last."""
    press, me = desk.press(), desk.who(request)
    every = press.ledger.drafts("submitted", "returned", "draft")
    done = press.ledger.drafts("approved", "discarded")[::-1][:30]
    return desk.page(
        request, "drafts.html", _("Drafts"), second=[one for one in every if one.state == "submitted" and one.author != me],
        own=[one for one in every if one.author == me], others=[one for one in every if one.author != me and one.state != "submitted"], done=done,
    )  # fmt: skip


@desk.opened()
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One draft: what it would change, how it would look, and the steps that who is asking may take."""
    press, me, own = desk.press(), desk.who(request), desk.roles_of(request)
    if request.method == "POST":
        return _moved(request, number)
    draft = press.ledger.draft_of(number)
    before = press.ledger.facts_at(draft.address)
    withdrawal = draft.what == What.WITHDRAWN
    fresh = None if withdrawal else press.as_public(draft.kind, draft.facts)
    mine, may_approve, may_draft = draft.author == me, roles.may(own, "approve"), roles.may(own, "draft")
    submitted, resting = draft.state == "submitted", draft.state in ("draft", "returned")
    return desk.page(
        request, "draft.html", draft.title, draft=draft, withdrawal=withdrawal, changes=deskwork.changes(before, fresh) if before else [],
        new=before is None, decided=draft.state in ("approved", "discarded"), preview=None if fresh is None else preview(request, draft.kind, fresh), records=[] if fresh is None else [one.address for one in press.with_its_records(fresh)],
        stay=_stay(draft) if withdrawal and draft.kind == "holding" else [],
        confirmed=deskwork.confirmed(fresh) if fresh and draft.kind == "holding" else [],
        may_decide=submitted and may_approve and not mine, may_submit=resting and may_draft and mine, may_take_back=submitted and may_draft and mine,
        may_discard=resting and may_draft and mine, why_not=_why_not(mine=mine, submitted=submitted, may_approve=may_approve),
        edit=f"{reverse('desk-holding')}?{urlencode({'draft': draft.id})}" if draft.kind == "holding" and resting and mine and not withdrawal else None,
    )  # fmt: skip


def _stay(draft: Drafted) -> list[dict[str, object]]:
    """The records that a withdrawn holding quotes: which are public, and which published holdings quote them beside it."""
    names = {quote["sha256"]: quote["record"] for quote in draft.facts["evidence"]}
    public = set(PublicRecord.objects.visible().filter(pk__in=names).values_list("pk", flat=True))
    others: dict[str, list[dict[str, str]]] = {}
    rows = Evidence.objects.visible().filter(record__in=names).exclude(entry__address=draft.address)
    for sha256, address, title in rows.order_by("entry__title").values_list("record_id", "entry__address", "entry__title").distinct():  # fmt: skip
        others.setdefault(sha256, []).append({"address": address, "title": title})
    return [
        {
            "title": title,
            "address": f"/records/{sha256}/",
            "public": sha256 in public,
            "others": others.get(sha256, []),
            "change": f"{reverse('desk-change')}?{urlencode({'address': f'/records/{sha256}/'})}",
        }
        for sha256, title in names.items()
    ]


def _why_not(*, mine: bool, submitted: bool, may_approve: bool) -> str:
    if not submitted:
        return ""
    if not may_approve:
        return roles.PERMISSIONS["approve"].says
    return (
        _("You drafted this. What is published must have been seen by two people, so a colleague decides.")
        if mine
        else ""
    )


def _moved(request: HttpRequest, number: int) -> HttpResponse:
    press, me, own = desk.press(), desk.who(request), desk.roles_of(request)
    step, remark = request.POST.get("step", ""), request.POST.get("remark", "").strip()[:2000]
    now = datetime.datetime.now(datetime.UTC)
    if step == "submit":
        roles.asked(own, "draft")
        _mine(press.ledger.draft_of(number).author, me)
        press.submit(number, who=me, roles_=own)
        messages.success(request, _("It waits for a second person."))
    elif step == "approve":
        # What was looked at is what is published: the author may have changed the draft since this page was opened.
        leaves = press.approve(number, who=me, roles_=own, remark=remark, seen=request.POST.get("seen", "")[:100])
        messages.success(request, _("It is public, as entry %(n)s of the log.") % {"n": leaves[-1].index})
    elif step == "return":
        if not remark:
            raise WrongUse(
                "A remark is missing.",
                where="remark",
                why="The author must know what to change.",
                do="Write one sentence.",
            )
        press.return_(number, remark, who=me, roles_=own)
        messages.success(request, _("It went back to its author."))
    elif step in ("discard", "take back"):
        roles.asked(own, "draft")
        _mine(press.ledger.draft_of(number).author, me)
        press.ledger.move(number, State.DISCARDED if step == "discard" else State.DRAFT, who=me, at=now, remark=remark)
        messages.success(
            request, _("It is discarded. It stays on record.") if step == "discard" else _("It is yours again.")
        )
    else:
        raise desk.no_step()
    return redirect("desk-draft", number=number)


def _mine(author: str, me: str) -> None:
    if author != me:
        raise WrongUse("This draft is somebody else’s.", where="draft", why="Only its author may submit it, take it back or discard it.", do="Ask its author, or return it with a remark.")  # fmt: skip


@desk.opened("draft")
def change(request: HttpRequest) -> HttpResponse:
    """``/desk/change/?address=…``: correct or withdraw what is published at an address."""
    press = desk.press()
    address = (request.POST if request.method == "POST" else request.GET).get("address", "")[:400]
    facts = press.ledger.facts_at(address)
    if facts is None:
        raise WrongUse(
            "Nothing is published there.",
            where=address,
            why="There is nothing to change.",
            do="Open a published page and follow the link at its foot.",
        )
    if request.method == "POST":
        reason, me, own = request.POST.get("reason", "").strip()[:1000], desk.who(request), desk.roles_of(request)
        if request.POST.get("step") == "withdraw":
            return redirect("desk-draft", number=press.draft(facts, What.WITHDRAWN, who=me, roles_=own, reason=reason))
        if "agency" in facts:
            raise WrongUse(
                "A holding is corrected in its own form.",
                where="step",
                why="Nothing was done.",
                do="Follow the link to its form, or choose to withdraw it.",
            )
        if "sha256" in facts:
            origin = request.POST.get("origin", "").strip()[:500]
            if origin and not origin.startswith(("https://", "http://")):
                raise WrongUse(
                    "That is no web address.",
                    where="origin",
                    why="Readers follow it to the source.",
                    do="Write it with https:// in front.",
                )
            fresh = press.record(facts["sha256"], facts["place"]["id"], fiction=facts["fiction"], origin=origin)
        elif "audit" in facts:
            return redirect(f"{reverse('desk-audit')}?{urlencode({'correct': address})}")
        else:
            fresh = press.search(facts["number"], fiction=facts["fiction"])
        return redirect("desk-draft", number=press.draft(fresh, What.CORRECTED, who=me, roles_=own, reason=reason))
    kind = address_of(facts)[1]
    return desk.page(
        request,
        "change.html",
        facts["title"],
        address=address,
        kind=kind,
        facts=facts,
        holding_form=f"{reverse('desk-holding')}?{urlencode({'correct': address})}",
    )
