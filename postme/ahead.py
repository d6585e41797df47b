"""What lies ahead of a proposal: the stages that the laws of a place ask for, and what a planned day asks for: done, still in time, or missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from postme import clock, commenting, obligation
from postme.because import Question
from postme.condition import Fact
from postme.gate import Gate, Town, first_day, gates, guards, reaches
from postme.law import Law, Provision
from postme.obligation import Judged, Verdict
from postme.proposal import DEEDS, Deed, Proposal, Step
from postme.rule import Approve, Duty


@dataclass(frozen=True, slots=True)
class Ahead:
    """What must be done before something planned: by when, with the working; *too late* where that day is past and it is not done."""

    law: str
    provision: str
    says: str
    fact: str
    by: date | None
    working: tuple[str, ...]
    done: bool
    too_late: bool
    earliest: date | None


def planned(proposal: Proposal, kind: str, day: date, town: Town, today: date) -> tuple[Ahead, ...]:
    """What the law asks for before a step that is planned for a day: the clerk's list, and whether the day can be kept.

    ``earliest`` is the first day of the step for which doing what is missing today would still be in time.
    """
    deed = Deed(kind, day)
    event = deed.shows
    found: dict[tuple[str, str], Ahead] = {}
    for technology in proposal.technologies:
        facts = {**proposal.facts(today), **({event: Fact(True, day)} if event else {})}
        asked = Question(proposal.place, proposal.body, "use", technology, day, proposal.purpose, facts)
        for law in town.book.reaching(proposal.place):
            for provision in law.provisions:
                rule = provision.rule
                if (
                    not isinstance(rule, Duty)
                    or not event
                    or not guards(rule, event)
                    or (law.id, provision.id) in found
                ):
                    continue
                judged = obligation.of_duty(rule, provision, law, asked, town.book, town.calendar)
                if judged.verdict is not Verdict.DOES_NOT_APPLY:
                    found[law.id, provision.id] = _ahead(law, provision, rule, event, day, facts, proposal, town, today)
    return tuple(found.values())


def _ahead(
    law: Law,
    provision: Provision,
    duty: Duty,
    event: str,
    day: date,
    facts: Mapping[str, Fact],
    proposal: Proposal,
    town: Town,
    today: date,
) -> Ahead:
    done = facts.get(duty.met_by)
    is_done = done is not None and done.value is True
    by, earliest = day, None
    working: tuple[str, ...] = ()
    if duty.clock and duty.clock.before and duty.clock.start == event:
        deadline = clock.counted(day, duty.clock, town.calendar, event)
        by, working = deadline.day, deadline.working
        starts = done.on if is_done and done and done.on else today
        earliest = first_day(duty.clock, starts, event, town.calendar)
        late = starts > by
    elif duty.runs_before == event and duty.clock:
        begun = facts.get(duty.clock.start)
        starts = begun.on if begun and begun.on else today
        if commenting.asks(duty):
            times = [one for one in commenting.opened(proposal.deeds) if one.last >= today]
            starts = max(starts, times[-1].first if times else today) if not is_done else starts
        ends = clock.counted(starts, duty.clock, town.calendar, duty.clock.start)
        by, working, earliest = ends.day, ends.working, ends.day + timedelta(1)
        late = day <= ends.day
    else:
        late = not is_done and day < today
    return Ahead(law.id, provision.id, provision.says, duty.met_by, by, working, is_done, late, earliest)


# --- what a planned day asks for ---------------------------------------------------------------------------------------


class Ready(StrEnum):
    """How a gate stands today, before a step that is planned. What has not happened is never *done*."""

    DONE = "done"
    IN_TIME = "still in time"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Before:
    """A gate of a planned step, how it stands today, and the last day on which it can still be met (or on which its time ends)."""

    gate: Gate
    ready: Ready
    by: date | None = None


def before(proposal: Proposal, kind: str, day: date, town: Town, today: date) -> tuple[Before, ...]:
    """Every gate of a step that is planned for a day, as it stands today: by what has happened, not by what is hoped for.

    A time that must run out is *done* when it is over, not because it will be; a finding is made in the vote itself.
    """
    so_far = replace(proposal, deeds=tuple(deed for deed in proposal.deeds if deed.on <= today))
    asked = {f"{one.law}#{one.provision}": one for one in planned(so_far, kind, day, town, today)}
    found: list[Before] = []
    waits: dict[str, tuple[Ready, date | None]] = {}
    for gate in gates(so_far, Deed(kind, day), town):
        if gate.kind == "order":
            continue
        known = next((asked[one] for one in (gate.address, *gate.also) if one in asked), None)
        if gate.kind == "wait":
            told = waits[gate.address] = _waited(gate, so_far, day, today)
        elif gate.address in waits and not gate.open:
            # What ends a time is in time when that is over, and not before.
            told = waits[gate.address]
        else:
            told = _readied(gate, known, day)
        found.append(Before(gate, *told))
    return tuple(found)


def _readied(gate: Gate, known: Ahead | None, day: date) -> tuple[Ready, date | None]:
    if gate.open:
        return Ready.DONE, None
    if gate.truth is False or gate.kind in ("ban", "permission") or (known and (known.done or known.too_late)):
        return Ready.MISSING, None
    return Ready.IN_TIME, known.by if known else day


def _waited(gate: Gate, so_far: Proposal, day: date, today: date) -> tuple[Ready, date | None]:
    """A time that must be over: by the law's count and, of comments that are being taken, by the last day that was announced."""
    if gate.earliest is None:  # nothing began it
        return Ready.MISSING, None
    ends = gate.earliest - timedelta(1)
    opened, shut = so_far.done("open_comments"), so_far.done("close_comments")
    if (
        gate.needs.strip() == DEEDS["close_comments"].fact
        and opened
        and opened.until
        and (not shut or shut.on < opened.on)
    ):
        ends = max(ends, opened.until)
    if ends < today:
        return Ready.DONE, None
    return (Ready.IN_TIME, ends) if ends < day else (Ready.MISSING, ends)


def awaited(judged: Judged, proposal: Proposal, asked: Question, town: Town, plans: Mapping[str, date]) -> Judged:
    """A duty as a process knows it: what must come before a step that has not come is not late for want of a day.

    A time in which comments are taken has no day by which to end: it is kept where all of it was open.

    The law alone cannot tell whether the step came; where every step is recorded, it can be told.
    """
    law = town.book.laws[judged.law]
    provision = next(one for one in law.provisions if one.id == judged.provision)
    rule = provision.rule
    if not isinstance(rule, Duty):
        return judged
    begun = asked.facts.get(rule.clock.start) if rule.clock else None
    if commenting.asks(rule) and begun and begun.on and judged.verdict is not Verdict.DOES_NOT_APPLY:
        if rule.met_by in asked.facts:
            deeds = [one for one in proposal.deeds if one.on <= asked.on]
            ends = commenting.ended(rule, begun.on, deeds, town.calendar)
            if ends and ends <= asked.on:
                return _told(judged, Verdict.MET, ends)
            if rule.runs_before in asked.facts:
                return _told(judged, Verdict.BROKEN, judged.due)
        if rule.runs_before not in asked.facts:
            return _told(judged, Verdict.NOT_YET_DUE, None)
    for kind, day in plans.items():
        event = DEEDS[kind].fact
        if event and event not in asked.facts and rule.clock and rule.clock.before and rule.clock.start == event:
            planned = replace(asked, facts={**asked.facts, event: Fact(True, day)})
            return obligation.of_duty(rule, provision, law, planned, town.book, town.calendar)
    event = next((one for one in (rule.runs_before, rule.gate) if one), "")
    # Only where it is unknown for want of the act itself, not where it is unknown whether the law reaches it.
    wanting = judged.verdict is Verdict.UNKNOWN and judged.met_by in judged.unknown_facts
    open_yet = wanting and judged.met_by not in asked.facts and event not in asked.facts
    if event and open_yet and (rule.clock is None or rule.runs_before):
        # A time that had to run and has run out binds no more: the day that it ended is no day by which to do something.
        over = judged.due is not None and judged.due < asked.on
        return _told(judged, Verdict.NOT_YET_DUE, None if over else judged.due)
    return judged


def _told(judged: Judged, verdict: Verdict, due: date | None) -> Judged:
    following = judged.next_due if due else None
    return replace(judged, verdict=verdict, due=due, next_due=following, because=replace(judged.because, outcome=verdict.value))  # fmt: skip


# --- the path --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the way as the laws of the place have it: the step, the deed that takes it, and the clauses that ask for it."""

    step: Step
    kind: str
    clauses: tuple[str, ...]


_WAY: tuple[tuple[Step, str], ...] = (
    (Step.SUBMITTED, "submit"), (Step.ADVISORY_REVIEW, "advise"), (Step.NOTICED, "give_notice"), (Step.OPEN, "open_comments"), (Step.HEARD, "hear"),
    (Step.APPROVED, "approve"), (Step.IN_USE, "put_into_use"), (Step.REPORTED, "report"), (Step.REVIEWED, "review"), (Step.RENEWED, "renew"),
)  # fmt: skip
_TOPICS: Mapping[str, str] = {"review": "review", "duration": "renew"}


def way(proposal: Proposal, on: date, town: Town) -> tuple[Stage, ...]:
    """The stages that lie on the way here, with the clauses that ask for each; a stage that no law asks for has none."""
    asked_for: dict[str, list[str]] = {kind: [] for _, kind in _WAY}
    by_fact = {DEEDS[kind].fact: kind for _, kind in _WAY if DEEDS[kind].fact} | {
        "public_comment_taken": "open_comments"
    }
    words = town.book.vocabulary
    for technology in proposal.technologies:
        for act in proposal.acts or ("use",):
            asked = Question(proposal.place, proposal.body, act, technology, on, proposal.purpose, proposal.facts(on))
            named = replace(asked, body=words.agency_of(asked.body, asked.place))
            for law in town.book.reaching(proposal.place):
                for provision in law.provisions:
                    for kind in _asks_for(law, provision, named, by_fact, town):
                        address = f"{law.id}#{provision.id}"
                        if address not in asked_for[kind]:
                            asked_for[kind].append(address)
    return tuple(Stage(step, kind, tuple(asked_for[kind])) for step, kind in _WAY)


def _asks_for(law: Law, provision: Provision, asked: Question, by_fact: Mapping[str, str], town: Town) -> Iterable[str]:
    rule = provision.rule
    if isinstance(rule, Approve) and reaches(law, provision, rule, asked, town):
        return {"approve", *(by_fact[step] for step in rule.steps if step in by_fact)}
    if isinstance(rule, Duty):
        kind = by_fact.get(rule.met_by) or _TOPICS.get(provision.topic)
        if kind:
            judged = obligation.of_duty(rule, provision, law, asked, town.book, town.calendar)
            if judged.verdict is not Verdict.DOES_NOT_APPLY:
                return {kind}
    return ()
