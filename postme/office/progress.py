"""How a published proposal reads on a day: where it stands, the stages of its way, what is asked before the next, what is due.

Everything is told from the published facts, the town's laws and the day; what lies on the docket unpublished is not asked.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from postme import ahead, process
from postme.ahead import Ready, Stage
from postme.gate import Gate, Town
from postme.keeping import laws
from postme.keeping.store.docket import TownRow
from postme.obligation import Judged, Verdict
from postme.office import counsel
from postme.process import Standing
from postme.proposal import DEEDS, FOR, PLANNED, Deed, Proposal, Step
from postme.verdict import Lawbook


def town(row: TownRow) -> Town:
    """What a town's proposals are held against: every law that reaches it, its own holidays, and the model that it tries out.

    A model that is not known here asks for nothing: ``tried`` tells whether it is.
    """
    known = tried(row)
    return _town(row.id, laws.book(), tuple(sorted(row.holidays.items())), row.tries if known else "", row.tries_since)


def tried(row: TownRow) -> bool:
    """Whether the model that a town tries out is known here; true where it tries none."""
    return not row.tries or any(one.id == row.tries for one in (*laws.models(), *laws.book().laws.values()))


@lru_cache(maxsize=256)
def _town(
    id_: str, book: Lawbook, holidays: tuple[tuple[datetime.date, str], ...], tries: str, since: datetime.date | None
) -> Town:
    return Town.of(id_, book, dict(holidays), counsel.law(tries) if tries else None, since)


def proposal_of(facts: Mapping[str, Any]) -> Proposal:
    """The proposal that a published entry tells of: its deeds as they stand, in the order in which they count."""
    deeds = tuple(deed_of(told) for told in facts["deeds"] if not told["replaced"])
    names = tuple(each["id"] for each in facts["technologies"])
    return Proposal(
        facts["place"]["id"], facts["agency"]["kind"], names, tuple(facts["acts"]), datetime.date.fromisoformat(facts["drafted"]), facts["purpose"], deeds
    )  # fmt: skip


def deed_of(told: Mapping[str, Any]) -> Deed:
    """A step as a published entry tells it."""
    until = datetime.date.fromisoformat(told["until"]) if told["until"] else None
    fact = told["fact"] if told["kind"] == "record" else ""
    return Deed(
        told["kind"], datetime.date.fromisoformat(told["on"]), told["by"], fact or "", told["value"], tuple(told["also"]), told["findings"], tuple(told["conditions"]),
        told["instrument"], until, told["evidence"], told["taken_as_met"],
    )  # fmt: skip


def seen(facts: Mapping[str, Any], where: TownRow, on: datetime.date) -> dict[str, Any]:
    """What a published proposal comes to on a day, in JSON values: where it stands, the stages of its way, what is asked before the next, what is due."""
    proposal, held = proposal_of(facts), town(where)
    plans = {
        kind: each["on"]
        for each in reversed(facts["meetings"])
        if not each["called_off"]
        for kind in each["for"]
        if each["on"] >= on.isoformat()
    }
    days = {kind: datetime.date.fromisoformat(said) for kind, said in plans.items()}
    now = process.standing(proposal, on, held, days)
    stages = [_stage(each, proposal, now, on, plans, held) for each in ahead.way(proposal, on, held)]
    return {
        "model_unknown": not tried(where), "step": now.step.value, "since": now.since.isoformat(), "comments_until": now.comments_until.isoformat() if now.comments_until else None,
        "shut": [gate_told(each, held) for each in now.shut], "stages": [each for each in stages if each["asked"] or each["on"] or each["planned"]],
        "before": _before(proposal, now, on, days, held), "due": [_due(each, on, held) for each in now.due],
    }  # fmt: skip


def kept(twin: str, on: datetime.date, where: TownRow) -> dict[str, Any]:
    """``seen``, worked out once for a published version, a day, a town as it runs and the laws as they are."""
    known: dict[str, Any] = json.loads(_kept(twin, on, _Held(where, laws.book())))
    return known


@dataclass(frozen=True, slots=True)
class _Held:
    town: TownRow
    book: Lawbook

    def __hash__(self) -> int:
        # Holidays are a mapping, and laws are the same for as long as their book is.
        return hash(
            (self.town.id, self.town.tries, self.town.tries_since, tuple(sorted(self.town.holidays)), id(self.book))
        )


@lru_cache(maxsize=2000)
def _kept(twin: str, on: datetime.date, held: _Held) -> str:
    return json.dumps(seen(json.loads(twin)["facts"], held.town, on))


def _stage(
    stage: Stage, proposal: Proposal, now: Standing, on: datetime.date, plans: Mapping[str, str], held: Town
) -> dict[str, Any]:
    kinds = {"approve": (*FOR, "reject", "postpone"), "put_into_use": ("put_into_use", "exigent_use")}.get(
        stage.kind, (stage.kind,)
    )
    done = proposal.done(*kinds, by=on)
    if stage.kind == "hear" and (vote := proposal.done(*FOR, "reject", by=on)):
        # A hearing on the years after is another matter than the one before the vote.
        done = proposal.done("hear", by=vote.on) or done
    is_now = (
        now.step is stage.step
        or (stage.kind == "approve" and now.step in _DECIDED)
        or (stage.kind == "put_into_use" and now.step is Step.EXIGENT)
    )
    return {
        "kind": stage.kind, "step": _came_of(stage, done, now).value, "on": done.on.isoformat() if done else None, "was": DEEDS[done.kind].says if done else None,
        "until": done.until.isoformat() if done and done.until else None, "planned": plans.get(stage.kind), "now": is_now, "asked": bool(stage.clauses),
        "clauses": [_clause(each, held) for each in stage.clauses],
    }  # fmt: skip


def _came_of(stage: Stage, done: Deed | None, now: Standing) -> Step:
    """What came of a stage: of the vote, that it failed, was put off or had a gate missing; else the stage itself."""
    if done is None:
        return stage.step
    if done.kind in FOR and now.shut:
        return Step.GATE_MISSING
    return DEEDS[done.kind].step or stage.step


_DECIDED = {Step.APPROVED, Step.APPROVED_WITH_CONDITIONS, Step.GATE_MISSING, Step.REJECTED, Step.POSTPONED}
_ENDED = {Step.REJECTED, Step.WITHDRAWN, Step.ENDED, Step.SUSPENDED}


def _before(
    proposal: Proposal, now: Standing, on: datetime.date, plans: Mapping[str, datetime.date], held: Town
) -> list[dict[str, Any]]:
    """What must be so before the steps that come next: before the hearing and the vote, or before its use.

    Where a day is planned, each gate says whether it is done, can still be met in time, or is missing; else whether it is met today.
    """
    voted = proposal.done(*FOR, "reject", by=on)
    kinds = (
        ()
        if now.step in _ENDED
        else (("put_into_use",) if voted and not proposal.done("put_into_use", by=on) else ())
        if voted
        else ("hear", "approve")
    )
    found = []
    for kind in kinds:
        if kind == "hear" and proposal.done("hear", by=on):
            continue
        day = plans.get(kind)
        if asked := ahead.before(proposal, kind, day or on, held, on):
            gates = [{**gate_told(each.gate, held), **_ready(each, planned=day is not None)} for each in asked]
            found.append(
                {"kind": kind, "says": PLANNED[kind], "planned": day.isoformat() if day else None, "gates": gates}
            )
    return found


def _ready(each: ahead.Before, *, planned: bool) -> dict[str, Any]:
    ready = each.ready if planned or each.ready is Ready.DONE else Ready.MISSING
    return {"ready": ready.value, "planned": planned, "by": each.by.isoformat() if each.by else None}


def gate_told(each: Gate, held: Town) -> dict[str, Any]:
    """A gate as pages show it: with every clause that asks for it."""
    return {
        **each.printed(),
        "law": each.law,
        "provision": each.address.partition("#")[2],
        "clauses": [_clause(one, held) for one in (each.address, *each.also) if "#" in one],
    }


def _clause(address: str, held: Town) -> dict[str, Any]:
    law_id, _, provision_id = address.partition("#")
    law = held.book.laws[law_id]
    provision = next(each for each in law.provisions if each.id == provision_id)
    return {
        "law": law_id,
        "name": law.name,
        "provision": provision_id,
        "clause": provision.clause,
        "says": provision.says,
        "sure": provision.sure.value,
    }


def _due(each: Judged, on: datetime.date, held: Town) -> dict[str, Any]:
    own = _clause(f"{each.law}#{each.provision}", held)
    late = each.due is not None and each.due < on and each.verdict in (Verdict.BROKEN, Verdict.UNKNOWN)
    return {
        **each.printed(),
        "topic": each.topic,
        "fact": each.met_by,
        "name": own["name"],
        "clause": own["clause"],
        "days_late": (on - each.due).days if late and each.due else 0,
    }
