"""What must be so before a step of a proposal, on which day, by which clause, and what is missing.

The gates come from the laws that reach the place: what one town asks for and another does not is in its law file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from postme import clock, commenting, obligation, verdict
from postme.because import Answer, Permission, Question
from postme.clock import Calendar
from postme.condition import Fact, Truth, both
from postme.law import Law, Provision, Sure
from postme.obligation import Verdict
from postme.place import placed
from postme.proposal import DEEDS, FOR, Deed, Proposal, Step, shown
from postme.rule import Approve, Clock, Duty
from postme.verdict import Lawbook

_OVER = {Step.REJECTED, Step.WITHDRAWN, Step.ENDED}
"""Where nothing but a new proposal, or a new vote after *rejected*, goes on."""
_BEFORE_A_VOTE = {*FOR, "submit", "reject", "postpone", "withdraw", "exigent_use", "declare_existing"}
"""What makes no sense any more once the council approved it."""
_MADE_UP_BY_DEEDS = {"findings_made"}


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be so before a step, by which clause: *yes*, *no*, or not shown (``None``), and what is missing.

    ``needs`` is the fact (or *finding:…*) that opens it; ``earliest`` the first day on which the step could come, where a
    clock tells; ``working`` how that was counted. ``kind`` is *order*, *duty*, *wait*, *step*, *finding*, *instrument*, *ban* or *permission*.
    """

    kind: str
    says: str
    truth: Truth
    address: str = ""
    clause: str = ""
    needs: str = ""
    missing: str = ""
    earliest: date | None = None
    working: tuple[str, ...] = ()
    sure: Sure | None = None
    affirmed: str = ""
    also: tuple[str, ...] = ()
    """Further clauses that ask for the same."""

    @property
    def law(self) -> str:
        """The law that it is a gate of; empty for the order of steps."""
        return self.address.partition("#")[0]

    @property
    def open(self) -> bool:
        """Whether it lets the step pass: it is met, or somebody took it as met and said why."""
        return self.truth is True or bool(self.affirmed and self.truth is None)

    def printed(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "kind": self.kind, "says": self.says, "met": {True: "yes", False: "no", None: "not shown"}[self.truth], "address": self.address, "clause": self.clause,
            "needs": self.needs, "missing": self.missing, "earliest": self.earliest.isoformat() if self.earliest else None, "working": list(self.working),
            "sure": self.sure.value if self.sure else None, **({"taken_as_met": self.affirmed} if self.affirmed else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """What a proposal is held against: the laws, the calendar of the place, and a model that the place tries out."""

    book: Lawbook
    calendar: Calendar

    @staticmethod
    def of(
        place: str,
        book: Lawbook,
        own_holidays: Mapping[date, str] | None = None,
        tries: Law | None = None,
        since: date | None = None,
    ) -> Town:
        """The town as it stands; ``tries`` is a model law that counts here as if it had been adopted, from ``since`` on."""
        days = Calendar(placed(place).state, own_holidays or {})
        if tries is None:
            return Town(book, days)
        day = replace(tries.adopted.on, first=since, last=since) if since else tries.adopted.on
        adopted = replace(tries.adopted, on=day, effective=day)
        own = replace(tries, place=placed(place), adopted=adopted)
        return Town(Lawbook([*(law for law in book.laws.values() if law.id != tries.id), own], book.vocabulary), days)


# --- gates -----------------------------------------------------------------------------------------------------------


def gates(proposal: Proposal, deed: Deed, town: Town) -> tuple[Gate, ...]:
    """Every gate that stands before a deed on its day, met or not: the order of steps, then clause by clause.

    Of several technologies under one policy each gate counts for the one that fares worst.
    """
    found: dict[tuple[str, str], Gate] = {}
    for technology in proposal.technologies:
        for gate in _of_laws(proposal, deed, technology, town):
            key = (gate.law, gate.needs)
            before = found.get(key, gate)
            worst = min(before, gate, key=lambda one: _WORST[one.truth])
            others = dict.fromkeys((before.address, *before.also, gate.address, *gate.also))
            found[key] = replace(worst, also=tuple(one for one in others if one != worst.address))
    asked = (replace(gate, affirmed=deed.affirmed.get(gate.address, "")) for gate in found.values())
    return (*_in_order(proposal, deed), *asked)


_WORST: Mapping[Truth, int] = {False: 0, None: 1, True: 2}


def _in_order(proposal: Proposal, deed: Deed) -> Iterator[Gate]:
    kind = DEEDS[deed.kind]
    for group in kind.after:
        before = proposal.done(*group, by=deed.on)
        says = f"This comes first: {' or '.join(dict.fromkeys(DEEDS[one].says for one in group))}."
        yield Gate("order", says, before is not None, needs=group[0], missing="" if before else says)
    now = proposal.last_step(deed.on)
    if (
        now in _OVER
        and deed.kind not in ("report", "review", "record")
        and not (now is Step.REJECTED and deed.kind in (*FOR, "withdraw"))
    ):
        said = f"It is {now}, and nothing follows but a new proposal."
        yield Gate("order", said, False, missing=said)
    if deed.kind in _BEFORE_A_VOTE and proposal.approved(deed.on):
        said = "The council approved it already. A renewal, its end or a new proposal can follow."
        yield Gate("order", said, False, missing=said)
    if deed.kind == "approve_with_conditions" and not deed.conditions:
        said = "A vote with conditions names them, in the words of the motion."
        yield Gate("order", said, False, missing=said)
    if deed.kind == "open_comments" and (deed.until is None or deed.until < deed.on):
        said = "A time for comments has a last day."
        yield Gate("order", said, False, missing=said)


def _of_laws(proposal: Proposal, deed: Deed, technology: str, town: Town) -> Iterator[Gate]:
    event = deed.shows
    facts = proposal.facts(deed.on)
    facts.update(shown(deed, facts))
    asked = Question(
        proposal.place,
        proposal.body,
        proposal.acts[0] if proposal.acts else "use",
        technology,
        deed.on,
        proposal.purpose,
        facts,
    )
    words = town.book.vocabulary
    named = replace(asked, body=words.agency_of(asked.body, asked.place))
    for law in town.book.reaching(proposal.place):
        for provision in law.provisions:
            rule = provision.rule
            if isinstance(rule, Duty) and event and guards(rule, event):
                yield from _of_duty(law, provision, rule, event, proposal, asked, town)
            if isinstance(rule, Duty) and deed.kind in ("open_comments", "close_comments") and commenting.asks(rule):
                yield from _of_comments(law, provision, rule, proposal, deed, asked, town)
            if isinstance(rule, Approve) and event == "council_approved":
                for act in proposal.acts:
                    if reaches(law, provision, rule, replace(named, act=act), town):
                        yield from _of_approval(law, provision, rule, deed, facts, town)
                        break
    if event == "council_approved":
        yield from _bans(proposal, asked, town)
    if event == "use_began" and deed.kind != "declare_existing":
        purpose = "emergency" if deed.kind == "exigent_use" else proposal.purpose
        yield _permitted(replace(asked, act="use", purpose=purpose), town, "Its use must be allowed that day.")
    if event == "acquired":
        yield _permitted(replace(asked, act="obtain"), town, "Getting it must be allowed that day.")


def guards(duty: Duty, event: str) -> bool:
    """Whether a duty stands before an event: it must be met, or its time over, before that may come."""
    back = duty.clock is not None and duty.clock.before and duty.clock.start == event
    return duty.met_by != event and (back or event in (duty.gate, duty.runs_before))


def _of_duty(
    law: Law, provision: Provision, duty: Duty, event: str, proposal: Proposal, asked: Question, town: Town
) -> Iterator[Gate]:
    judged = obligation.of_duty(duty, provision, law, asked, town.book, town.calendar)
    if judged.verdict is Verdict.DOES_NOT_APPLY:
        return
    address, clause = f"{law.id}#{provision.id}", provision.clause
    if duty.runs_before == event:
        over = judged.due is not None and judged.due < asked.on
        # A span that no day started has not begun, so nothing tells when it ends.
        truth: Truth = over if judged.due else None
        earliest = judged.due + timedelta(1) if judged.due else None
        said = f"This time must be over first. {provision.says}"
        begun = asked.facts.get(duty.clock.start) if duty.clock else None
        open_ = bool(judged.due)
        if begun and begun.on and judged.due and commenting.asks(duty):
            deeds = [one for one in proposal.deeds if one.on <= asked.on]
            ends = commenting.ended(duty, begun.on, deeds, town.calendar)
            open_, truth, earliest = bool(ends), bool(ends and ends < asked.on), ends + timedelta(1) if ends else None
        missing = (
            ""
            if truth
            else f"Comments could not be made for all of this time: {duty.what}."
            if judged.due and not open_
            else f"This time is not over: {duty.what}."
            if judged.due
            else f"This time has not begun: {duty.what}."
        )
        yield Gate(
            "wait", said, truth, address, clause, f"{duty.met_by} ", missing, earliest, judged.working, judged.sure
        )
        if duty.gate != event:
            return
    done = asked.facts.get(duty.met_by)
    truth = {Verdict.MET: True, Verdict.BROKEN: False}.get(judged.verdict)
    if duty.gate == event and duty.clock and not duty.clock.before:
        # Its own clock is for the verdict on it; for the gate it must be done, early or late.
        truth = (
            True
            if done and done.value is True and (done.on is None or done.on <= asked.on)
            else False
            if done
            else None
        )
    earliest = None
    if truth is False and duty.clock and duty.clock.before and done and done.on:
        earliest = first_day(duty.clock, done.on, event, town.calendar)
    missing = (
        ""
        if truth
        else f"This was done too late: {duty.what}."
        if truth is False and done and done.value is True
        else f"Nothing shows that this was done: {duty.what}."
    )
    yield Gate(
        "duty", provision.says, truth, address, clause, duty.met_by, missing, earliest, judged.working, judged.sure
    )


def _of_comments(
    law: Law, provision: Provision, duty: Duty, proposal: Proposal, deed: Deed, asked: Question, town: Town
) -> Iterator[Gate]:
    """Comments are opened and closed so that they can be made for all of the time that the law asks for."""
    judged = obligation.of_duty(duty, provision, law, asked, town.book, town.calendar)
    begun = asked.facts.get(duty.clock.start) if duty.clock else None
    if judged.verdict is Verdict.DOES_NOT_APPLY or begun is None or begun.on is None:
        return
    times = commenting.opened((*(one for one in proposal.deeds if one.on <= deed.on), deed))
    if not times:
        return
    last = commenting.must_last(duty, begun.on, times[-1], town.calendar)
    closes = deed.kind == "close_comments"
    truth = last <= times[-1].last
    missing = "" if truth else f"Comments must be open until {written(last)} at least: {duty.what}."
    said = f"Comments stay open for all of this time. {provision.says}"
    earliest = last if closes and not truth and last <= commenting.opened(proposal.deeds)[-1].last else None
    yield Gate("wait", said, truth, f"{law.id}#{provision.id}", provision.clause, f"{duty.met_by} ", missing, earliest, judged.working, judged.sure)  # fmt: skip


def first_day(counts: Clock, done: date, event: str, days: Calendar) -> date | None:
    """The first day of an event for which what was done that day came in time."""
    for ahead in range(800):
        day = done + timedelta(ahead)
        if clock.counted(day, counts, days, event).day >= done:
            return day
    return None


def reaches(law: Law, provision: Provision, rule: Approve, asked: Question, town: Town) -> bool:
    """Whether an approval is asked for here that day; where that is unknown it counts as asked for."""
    if law.stands(asked.on) is False or provision.stands(asked.on) is False:
        return False
    words = town.book.vocabulary
    if any(words.body_is(asked.body, listed) for listed in law.not_bound):
        return False
    held = rule.if_.ask(asked, words).truth if rule.if_ else True
    return both((verdict.covers(rule.scope, law, asked, words), held)) is not False


def _of_approval(
    law: Law, provision: Provision, rule: Approve, deed: Deed, facts: Mapping[str, Fact], town: Town
) -> Iterator[Gate]:
    address, clause = f"{law.id}#{provision.id}", provision.clause
    for finding in rule.findings:
        held = facts.get(f"finding:{finding}")
        truth = held.value is True if held else None
        said = finding.replace("_", " ")
        missing = (
            ""
            if truth
            else f"The council {'found that this is not so' if truth is False else 'has not found this'}: {said}."
        )
        yield Gate(
            "finding",
            f"The council finds this: {said}.",
            truth,
            address,
            clause,
            f"finding:{finding}",
            missing,
            sure=provision.sure,
        )
    for step in rule.steps:
        if step in _MADE_UP_BY_DEEDS and rule.findings:
            continue
        fact = facts.get(step)
        truth = (fact.value is True and (fact.on is None or fact.on <= deed.on)) if fact else None
        said = town.book.vocabulary.fact_says(step)
        missing = "" if truth else f"No record shows that {said}."
        yield Gate("step", f"{capital(said)}.", truth, address, clause, step, missing, sure=provision.sure)
    if rule.instrument:
        truth = deed.instrument == rule.instrument if deed.instrument else None
        said = f"The vote is taken by {rule.instrument}."
        missing = "" if truth else f"The law asks for a vote by {rule.instrument}."
        yield Gate("instrument", said, truth, address, clause, "instrument", missing, sure=provision.sure)


def _bans(proposal: Proposal, asked: Question, town: Town) -> Iterator[Gate]:
    """What no vote can allow: a ban that stands although the council approved."""
    for act in proposal.acts:
        found = verdict.permission(replace(asked, act=act), town.book)
        if found.answer is Answer.PROHIBITED:
            decisive = found.because[0]
            yield Gate("ban", decisive.says, False, decisive.address, "", f"{act} ", "The law would have to change: a vote of approval does not lift it.", sure=found.sure)  # fmt: skip


def _permitted(asked: Question, town: Town, says: str) -> Gate:
    found = verdict.permission(asked, town.book)
    truth: Truth = {
        Answer.ALLOWED: True,
        Answer.NO_LAW_FOUND: True,
        Answer.PROHIBITED: False,
        Answer.NEEDS_APPROVAL: False,
    }.get(found.answer)
    decisive = next((one for one in found.because if one.outcome == found.answer.value), None)
    missing = "" if truth else _wanting(found, town)
    if found.answer is Answer.NO_LAW_FOUND:
        says = f"{says} No law was found that asks for more."
    address = decisive.address if decisive else "permission"
    return Gate("permission", says, truth, address, "", f"permission:{asked.act}", missing, sure=found.sure)


def _wanting(found: Permission, town: Town) -> str:
    """What stands between a permission and *allowed*, as a sentence."""
    if found.conditions:
        return f"The law asks for this first: {'; '.join(found.conditions)}."
    if found.unknown_facts:
        return f"It is not known whether this is so: {'; '.join(map(town.book.vocabulary.fact_says, found.unknown_facts))}."
    return f"What the law says of it: {found.answer.value.replace('_', ' ')}."


def written(day: date) -> str:
    """A day as a sentence has it.

    >>> written(date(2026, 3, 4))
    '4 March 2026'
    """
    return f"{day.day} {day:%B} {day.year}"


def capital(said: str) -> str:
    """A clause as the beginning of a sentence.

    >>> capital("the council voted for it")
    'The council voted for it'
    """
    return said[:1].upper() + said[1:]
