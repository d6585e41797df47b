"""The life of a proposal, from draft to renewal: nothing moves without its gate, and where it stands follows from what happened.

A vote counts as approval only where every gate of that vote is open on its day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from postme import ahead, obligation
from postme.because import Question
from postme.errors import WrongUse
from postme.gate import Gate, Town, capital, gates, written
from postme.obligation import Judged, Verdict
from postme.proposal import DEEDS, FOR, PAPERS, RUNNING, Deed, Proposal, Step, led


class GateShut(WrongUse):
    """A step that a gate does not let pass; ``gates`` are those that are shut."""

    def __init__(
        self, what: str, *, where: str = "", why: str = "", do: str = "", gates: tuple[Gate, ...] = ()
    ) -> None:
        super().__init__(what, where=where, why=why, do=do)
        self.gates = gates


# --- steps -----------------------------------------------------------------------------------------------------------


def moved(proposal: Proposal, deed: Deed, town: Town, today: date) -> Proposal:
    """The proposal with one deed more. Raises GateShut where a gate is shut, WrongUse for a deed that cannot be.

    Deeds come in the order of their days; of one day in the order they are recorded.
    """
    _sensible(proposal, deed, town, today)
    shut = tuple(gate for gate in gates(proposal, deed, town) if not gate.open)
    if shut:
        first = shut[0]
        wanting = " ".join(dict.fromkeys(gate.missing or gate.says for gate in shut))
        earliest = max((gate.earliest for gate in shut if gate.earliest), default=None)
        day = f" The first day that the law allows is {written(earliest)}." if earliest else ""
        raise GateShut(
            f"“{capital(DEEDS[deed.kind].says)}” cannot come on {written(deed.on)}. {wanting}{day}",
            where=f"{first.address}{f' ({first.clause})' if first.clause else ''}" if first.address else deed.kind,
            why="Nothing moves without its gate." if len(shut) == 1 else f"Nothing moves without its gate, and {len(shut)} are shut.",
            do="Record what is missing first, or choose a later day.", gates=shut,
        )  # fmt: skip
    return replace(proposal, deeds=(*proposal.deeds, deed))


def witnessed(proposal: Proposal, deed: Deed, town: Town, today: date) -> Proposal:
    """The proposal with a vote that was taken although a gate was shut: what a council did is recorded, and where it stands says so.

    Raises WrongUse for anything but a vote for it, or where even the order of steps forbids it.
    """
    _sensible(proposal, deed, town, today)
    if deed.kind not in FOR or any(gate.kind == "order" and not gate.open for gate in gates(proposal, deed, town)):
        return moved(proposal, deed, town, today)
    return replace(proposal, deeds=(*proposal.deeds, deed))


def _sensible(proposal: Proposal, deed: Deed, town: Town, today: date) -> None:
    if deed.kind not in DEEDS:
        raise WrongUse(
            f"'{deed.kind}' is no step of a proposal.",
            where="step",
            why="Its gates could not be looked up.",
            do=f"Use one of: {', '.join(DEEDS)}.",
        )
    if deed.on > today:
        raise WrongUse(
            f"{deed.on} has not come yet.", where=deed.kind, why="Only what happened is recorded as having happened.",
            do="Plan it for that day, and record it when it is over.",
        )  # fmt: skip
    last = proposal.deeds[-1].on if proposal.deeds else proposal.drafted
    if deed.on < last:
        raise WrongUse(
            f"{deed.on} lies before {last}, the day of what was recorded last.", where=deed.kind, why="The gates of later steps were judged without it.",
            do="Correct the later step first; its correction stays on the record.",
        )  # fmt: skip
    if not deed.backed:
        raise WrongUse(
            f"Nothing says where {PAPERS[deed.kind]} can be read.", where="evidence", why="That it is public is shown by where it stands, not by somebody's word.",
            do="Publish the paper here first, or write the address where it stands.",
        )  # fmt: skip
    if deed.kind == "record":
        town.book.vocabulary.checked("fact", deed.fact, {*town.book.vocabulary.facts})
        if deed.fact in {
            kind.fact
            for name, kind in DEEDS.items()
            if kind.after or name in PAPERS or kind.fact in ("council_approved", "disapproved")
        }:
            raise WrongUse(
                f"'{deed.fact}' is shown by a step of its own.", where="record", why="Recorded as a bare fact it would pass the gates of that step.",
                do="Record the step: " + ", ".join(name for name, kind in DEEDS.items() if kind.fact == deed.fact) + ".",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands on a day, since when, what is due, and which gates of its vote were shut."""

    step: Step
    since: date
    comments_until: date | None
    due: tuple[Judged, ...]
    shut: tuple[Gate, ...] = ()

    @property
    def late(self) -> tuple[Judged, ...]:
        """Duties whose day is past and that nothing shows as done in time."""
        return tuple(
            one
            for one in self.due
            if one.verdict is Verdict.BROKEN or (one.verdict is Verdict.UNKNOWN and one.due is not None)
        )


def standing(proposal: Proposal, on: date, town: Town, plans: Mapping[str, date] = MappingProxyType({})) -> Standing:
    """Where it stands that day; ``plans`` are the days of planned steps, as ``duties`` wants them.

    A vote for it counts as approval only where every gate of that vote is open; else it stands as *voted for, a gate missing*.
    """
    step, since = Step.DRAFTED, proposal.drafted
    shut: tuple[Gate, ...] = ()
    until: date | None = None
    for number, deed in enumerate(proposal.deeds):
        if deed.on > on:
            break
        before, step = step, led(step, deed)
        if step is not before or DEEDS[deed.kind].step is step:
            since = deed.on
        if deed.kind == "open_comments":
            until = deed.until
        if deed.kind == "close_comments":
            until = deed.on
        if deed.kind in FOR:
            shut = tuple(_relied_on(proposal, number, town))
            step = Step.GATE_MISSING if shut else step
    due = tuple(duties(proposal, on, town, plans))
    missed = [one.due for one in due if one.due and _unreported(one, proposal, on)]
    if step in _REPORTS and missed:
        step, since = Step.REPORT_DUE, min(missed)
    return Standing(step, since, until if until and on <= until else None, due, shut)


def _relied_on(proposal: Proposal, vote: int, town: Town) -> Iterator[Gate]:
    """The shut gates of a vote and of the steps before it: a hearing that was corrected to another day may have lost its notice."""
    for number, deed in enumerate(proposal.deeds[: vote + 1]):
        if deed.kind in ("open_comments", "close_comments"):
            continue  # a time that was cut short may have been opened anew: the vote's own gate asks how long it was
        before = replace(proposal, deeds=proposal.deeds[:number])
        yield from (gate for gate in gates(before, deed, town) if not gate.open)


_REPORTS = (RUNNING - {Step.SUSPENDED}) | {Step.EXIGENT, Step.EXISTING}


def _unreported(judged: Judged, proposal: Proposal, on: date) -> bool:
    """Whether its own yearly report was due and none came since; one that came late is *reported*, and its verdict says late."""
    if judged.met_by != DEEDS["report"].fact or judged.due is None or judged.due >= on:
        return False
    last = proposal.done("report", by=on)
    return last is None or (judged.since is not None and last.on <= judged.since)


def duties(
    proposal: Proposal, on: date, town: Town, plans: Mapping[str, date] = MappingProxyType({})
) -> Iterator[Judged]:
    """What the laws ask of the body for it on a day, each duty once; of several technologies the one that fares worst.

    ``plans`` are the days, by kind of deed, that steps are planned for: what must come before one of them falls due by that day.
    """
    found: dict[tuple[str, str], Judged] = {}
    for technology in proposal.technologies:
        asked = Question(proposal.place, proposal.body, "use", technology, on, proposal.purpose, proposal.facts(on))
        for judged in obligation.judged(asked, town.book, town.calendar):
            if judged.verdict is not Verdict.DOES_NOT_APPLY:
                one = ahead.awaited(judged, proposal, asked, town, plans)
                key = (one.law, one.provision)
                found[key] = min(found.get(key, one), one, key=lambda each: _SORRIEST[each.verdict])
    yield from found.values()


_SORRIEST: Mapping[Verdict, int] = {
    verdict: rank
    for rank, verdict in enumerate(
        (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.NOT_YET_DUE, Verdict.MET, Verdict.DOES_NOT_APPLY)
    )
}


def next_deeds(proposal: Proposal, on: date, town: Town) -> dict[str, tuple[Gate, ...]]:
    """The deeds that could come next, each with its gates on that day; those that the order of steps forbids are left out."""
    found = {}
    for kind in DEEDS:
        if kind == "record":
            continue
        conditions = ("…",) if kind == "approve_with_conditions" else ()
        deed = Deed(kind, on, conditions=conditions, until=date.max, evidence="…" if kind in PAPERS else "")
        standing_before = gates(proposal, deed, town)
        if not any(gate.kind == "order" and not gate.open for gate in standing_before) and not _twice(proposal, kind):
            found[kind] = standing_before
    return found


def _twice(proposal: Proposal, kind: str) -> bool:
    once = {
        "submit",
        "advise",
        "declare_existing",
        "put_into_use",
        "acquire",
        "exigent_use",
        "publish_report",
        "publish_policy",
    }
    return kind in once and proposal.done(kind) is not None
