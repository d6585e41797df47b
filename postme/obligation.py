"""What must a body do for a technology it holds, by when, and has it? Met, broken, unknown, not yet due, or does not apply.

*Broken* needs evidence of the breach; without any, what is due is *unknown*, and the facts that would settle it are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from postme import clock
from postme.because import Because, Question
from postme.clock import Calendar, Deadline
from postme.condition import Fact, Found, either
from postme.law import Law, Provision, Sure, least
from postme.place import placed
from postme.rule import Clock, Duty
from postme.verdict import Lawbook
from postme.vocabulary import Vocabulary


class Verdict(StrEnum):
    """The five words; no sixth."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NOT_YET_DUE = "not_yet_due"
    DOES_NOT_APPLY = "does_not_apply"


@dataclass(frozen=True, slots=True)
class Judged:
    """A duty and its verdict on a day: when it is (or was) due, with the working, why, and what would settle it."""

    law: str
    provision: str
    what: str
    verdict: Verdict
    due: date | None
    next_due: date | None
    working: tuple[str, ...]
    because: Because
    unknown_facts: tuple[str, ...]
    sure: Sure
    to: str = ""
    fields: tuple[str, ...] = ()
    late: str = ""
    topic: str = ""
    met_by: str = ""
    since: date | None = None
    """Of what comes again: the day after which what is done counts for the time that is judged."""

    def printed(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "law": self.law, "provision": self.provision, "what": self.what, "verdict": self.verdict.value,
            "due": self.due.isoformat() if self.due else None, "next_due": self.next_due.isoformat() if self.next_due else None,
            "working": list(self.working), "because": self.because.printed(), "unknown_facts": list(self.unknown_facts), "sure": self.sure.value,
            "to": self.to, "fields": list(self.fields), "late": self.late,
        }  # fmt: skip


def judged(question: Question, book: Lawbook, calendar: Calendar | None = None, only: str = "") -> tuple[Judged, ...]:
    """Every duty that the laws reaching a place lay on a body for a technology, on the question's day (its act is not asked).

    ``only`` is the id of one provision.
    """
    words = book.vocabulary
    asked = replace(question, body=words.agency_of(question.body, question.place))
    days = calendar or Calendar(placed(question.place).state)
    return tuple(
        _one(provision, provision.rule, law, asked, words, days)
        for law in book.reaching(question.place)
        for provision in law.provisions
        if isinstance(provision.rule, Duty) and (not only or provision.id == only)
    )


def of_duty(
    duty: Duty, provision: Provision, law: Law, question: Question, book: Lawbook, calendar: Calendar
) -> Judged:
    """One duty, as a provision of a law that reaches the question's place states it."""
    words = book.vocabulary
    asked = replace(question, body=words.agency_of(question.body, question.place))
    return _one(provision, duty, law, asked, words, calendar)


@dataclass(slots=True)
class _Start:
    """Where a clock starts: the day, what it was called, or the fact that nobody knows.

    ``earliest`` is the first day that it can have been, where only a span is known.
    """

    day: date | None = None
    event: str = ""
    missing: str = ""
    working: tuple[str, ...] = field(default_factory=tuple)
    never: bool = False
    earliest: date | None = None


def _one(provision: Provision, duty: Duty, law: Law, asked: Question, words: Vocabulary, days: Calendar) -> Judged:
    reasons = list(_why_not(provision, duty, law, asked, words))
    if reasons:
        return _judged(provision, duty, law, Verdict.DOES_NOT_APPLY, parts=reasons)
    open_: list[str] = []
    parts: list[Because] = []
    if duty.if_:
        found = duty.if_.ask(asked, words)
        parts.append(_leaf(found))
        if found.truth is False:
            return _judged(provision, duty, law, Verdict.DOES_NOT_APPLY, parts=parts)
        if found.truth is None:
            return _judged(provision, duty, law, Verdict.UNKNOWN, parts=parts, open_=tuple(found.open_facts()))
    if law.stands(asked.on) is None or provision.stands(asked.on) is None or _reached(duty, law, asked, words) is None:
        return _judged(
            provision, duty, law, Verdict.UNKNOWN, parts=parts, open_=(f"whether {law.id} reached this on {asked.on}",)
        )
    done = asked.facts.get(duty.met_by)
    parts.append(_shown(duty, done, words))
    if duty.clock is None:
        told = done.value if done and isinstance(done.value, bool) and not (done.on and done.on > asked.on) else None
        verdict = {True: Verdict.MET, False: Verdict.BROKEN, None: None}[told]
        open_ = [] if verdict else [duty.met_by, duty.unclocked or "when it is due"]
        return _judged(provision, duty, law, verdict or Verdict.UNKNOWN, parts=parts, open_=tuple(open_))
    start = _started(duty.clock, law, asked, days)
    if start.never:
        parts.append(Because("fact", f"not so: {words.fact_says(start.event)}", "no", start.event))
        return _judged(provision, duty, law, Verdict.NOT_YET_DUE, parts=parts)
    if start.day is None:
        soonest = clock.counted(start.earliest, duty.clock, days, start.event) if start.earliest else None
        if soonest and soonest.day >= asked.on:
            span = f"only this is known: {start.missing}; the days here are the earliest that can be"
            soonest = replace(soonest, working=(span, *start.working, *soonest.working))
            return _judged(provision, duty, law, Verdict.NOT_YET_DUE, soonest, None, parts, (start.missing,))
        open_ = [start.missing, *((duty.met_by,) if done is None else ())]
        return _judged(provision, duty, law, Verdict.UNKNOWN, parts=parts, open_=tuple(open_))
    if duty.clock.date:
        first, since = Deadline(duty.clock.date, (f"the law names the day: {duty.clock.date}",)), None
    else:
        first = clock.counted(start.day, duty.clock, days, start.event)
        first, since = replace(first, working=(*start.working, *first.working)), start.day
    return _timed(provision, duty, duty.clock, law, asked, first, done, parts, since, days)


def _timed(
    provision: Provision,
    duty: Duty,
    timer: Clock,
    law: Law,
    asked: Question,
    first: Deadline,
    done: Fact | None,
    parts: list[Because],
    since: date | None,
    days: Calendar,
) -> Judged:
    """The verdict on the last deadline that has passed; a day is past when it is over.

    ``since`` is the day on which the clock started: a report that comes every year counts for the span since the day
    before, the first since then.
    """
    dues = list(clock.series(first, timer, asked.on))
    past = [one for one in dues if one.day < asked.on]
    coming = next((one for one in dues if one.day >= asked.on), None)
    before = past[-2].day if len(past) > 1 else since if timer.every and not timer.before else None
    weighed = _weighed(provision, duty, timer, law, asked, past, coming, before, done, parts, days)
    return replace(weighed, since=before)


def _weighed(
    provision: Provision, duty: Duty, timer: Clock, law: Law, asked: Question, past: list[Deadline], coming: Deadline | None,
    before: date | None, done: Fact | None, parts: list[Because], days: Calendar,
) -> Judged:  # fmt: skip
    shown = done.on if done and done.value is True else None
    following = coming.day if coming else None
    again = bool(timer.every)
    stale = before is not None and shown is not None and shown <= before
    if duty.runs_before and shown is not None and not again and (past or coming):
        # A time that must run out: it is kept where it ended on its last day or later.
        ends = past[-1] if past else coming
        verdict = Verdict.MET if ends and shown >= ends.day else Verdict.BROKEN
        return _judged(provision, duty, law, verdict, ends, following, parts)
    if not past:
        kept = shown is not None and shown <= asked.on and not stale
        verdict = Verdict.MET if kept else Verdict.NOT_YET_DUE
        return _judged(provision, duty, law, verdict, coming, following, parts)
    due = past[-1]
    if done is None or not isinstance(done.value, bool) or (done.value and not shown):
        return _judged(
            provision,
            duty,
            law,
            Verdict.UNKNOWN,
            due,
            following,
            parts,
            (f"the day of: {duty.met_by}" if done and done.value is True else duty.met_by,),
        )
    last = due.day + timedelta(timer.extension)
    if shown is None:
        # Evidence that it was not done by the day it was due shows no breach: that day was not over.
        told = done.on or asked.on
        if told <= due.day:
            return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, parts, (duty.met_by,))
        if told <= last:
            open_ = ("whether the extension was granted",)
            return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, parts, open_)
        return _judged(provision, duty, law, Verdict.BROKEN, due, following, parts)
    if stale:
        return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, parts, (f"{duty.met_by} since {before}",))
    if shown <= due.day:
        # Of a report that comes every year, one from soon after the last due day may be the last one, late.
        if len(past) > 1 and before is not None and shown - before < (due.day - before) / 2:
            open_ = (f"for which time the one of {shown} was",)
            return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, parts, open_)
        return _judged(provision, duty, law, Verdict.MET, due, following, parts)
    late = Because(
        "fact", f"it was done on {shown}, {(shown - due.day).days} days after it was due", "late", duty.met_by
    )
    if shown <= last:
        open_ = ("whether the extension was granted",)
        return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, [*parts, late], open_)
    if days.rests(due.day) and not timer.before and shown <= _next_business_day(due.day, days):
        open_ = (f"whether a day that falls on a {due.day:%A} moves to the next business day (needs a lawyer)",)
        return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, [*parts, late], open_)
    if again and len(past) > 1:
        # It may be the next one, early: that of this time is only shown to be missing by who says so.
        open_ = (f"{duty.met_by} between {before} and {due.day}",)
        return _judged(provision, duty, law, Verdict.UNKNOWN, due, following, [*parts, late], open_)
    return _judged(provision, duty, law, Verdict.BROKEN, due, following, [*parts, late])


def _next_business_day(day: date, days: Calendar) -> date:
    while days.rests(day):
        day += timedelta(1)
    return day


def _judged(
    provision: Provision, duty: Duty, law: Law, verdict: Verdict, due: Deadline | None = None, following: date | None = None,
    parts: list[Because] | tuple[Because, ...] = (), open_: tuple[str, ...] = (),
) -> Judged:  # fmt: skip
    sources = tuple(law.sources[key].address for key in provision.sources)
    node = Because(
        "duty", provision.says, verdict.value, f"{law.id}#{provision.id}", provision.sure, sources, tuple(parts)
    )
    return Judged(
        law.id, provision.id, duty.what, verdict, due.day if due else None, following, due.working if due else (), node, open_,
        least((provision.sure, law.binds_sure, law.adopted.sure)), duty.to, duty.fields, duty.late, provision.topic, duty.met_by,
    )  # fmt: skip


def _why_not(provision: Provision, duty: Duty, law: Law, asked: Question, words: Vocabulary) -> Iterator[Because]:
    bodies = duty.bodies or law.binds
    if any(words.body_is(asked.body, listed) for listed in law.not_bound):
        yield Because("law", f"{law.name} does not bind {asked.body.replace('_', ' ')}", "silent", law.id)
    elif not any(words.body_is(asked.body, listed) for listed in bodies):
        yield Because("law", f"it is a duty of {', '.join(bodies).replace('_', ' ')}", "silent", law.id)
    if law.stands(asked.on) is False or provision.stands(asked.on) is False:
        yield Because("law", f"{law.name} did not say so on {asked.on}", "silent", law.id)
    if _reached(duty, law, asked, words) is False:
        yield Because(
            "law", f"it is about {', '.join(duty.technologies or law.technologies).replace('_', ' ')}", "silent", law.id
        )


def _reached(duty: Duty, law: Law, asked: Question, words: Vocabulary) -> bool | None:
    if any(words.technology_is(asked.technology, listed) is True for listed in law.outside):
        return False
    return either(words.technology_is(asked.technology, one) for one in (duty.technologies or law.technologies))


def _started(timer: Clock, law: Law, asked: Question, days: Calendar, seen: frozenset[str] = frozenset()) -> _Start:
    """The day on which a clock starts: the law's own, a fact's, or the day another duty falls due."""
    if timer.date:
        return _Start(timer.date, "the day the law names")
    name = timer.start or ("in_force" if timer.fixed else "")
    if name in ("adopted", "in_force"):
        event = law.adopted.on if name == "adopted" else law.starts
        day = event.exact
        return _Start(
            day,
            f"the law's {'adoption' if name == 'adopted' else 'coming into force'}",
            "" if day else f"the exact day {law.id} was {name.replace('_', ' ')} ({event})",
            earliest=event.first,
        )
    happened = next((event for event in law.events if event.id == name), None)
    if happened is not None:
        day = happened.starts.exact
        missing = "" if day else f"the exact day of: {happened.what} ({happened.starts})"
        return _Start(day, happened.what, missing, earliest=happened.starts.first)
    other = next((one.rule for one in law.provisions if one.id == name and isinstance(one.rule, Duty)), None)
    if other is not None and name not in seen:
        if other.clock is None:
            return _Start(missing=f"when {name} falls due")
        begun = _started(other.clock, law, asked, days, seen | {name})
        if begun.day is None:
            if begun.earliest:
                soonest = clock.counted(begun.earliest, other.clock, days, begun.event)
                begun.working, begun.earliest = (*begun.working, *soonest.working), soonest.day
            return begun
        due = clock.counted(begun.day, other.clock, days, begun.event)
        return _Start(due.day, f"the end of '{other.what}'", working=(*begun.working, *due.working))
    known: Mapping[str, Fact] = asked.facts
    fact = known.get(name)
    if fact is None or (fact.value is True and fact.on is None):
        return _Start(event=name, missing=name if fact is None else f"the day of: {name}")
    if fact.value is False and (fact.on is None or fact.on >= asked.on):
        return _Start(event=name, never=True)
    if fact.value is not True or fact.on is None:  # it had not happened by an earlier day, or no yes or no is known
        return _Start(event=name, missing=name)
    return _Start(fact.on, name)


def _leaf(found: Found) -> Because:
    outcome = {True: "yes", False: "no", None: "unknown"}[found.truth]
    return Because(
        "condition",
        found.says,
        outcome,
        found.fact or "",
        None,
        (found.evidence,) if found.evidence else (),
        tuple(_leaf(part) for part in found.parts),
    )


def _shown(duty: Duty, done: Fact | None, words: Vocabulary) -> Because:
    says = words.fact_says(duty.met_by)
    if done is None:
        return Because("fact", says, "unknown", duty.met_by)
    when = f", on {done.on}" if done.on else ""
    return Because(
        "fact",
        f"{says}{when}",
        "yes" if done.value is True else "no" if done.value is False else str(done.value),
        duty.met_by,
        None,
        (done.evidence,) if done.evidence else (),
    )
