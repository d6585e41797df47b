"""A proposal is what happened to it: deeds with their days, and the facts that follow from them.

What a deed is called in one town is in its law file: a law's own facts are recorded by their own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from postme.condition import Fact, FactValue


class Step(StrEnum):
    """Where a proposal can stand."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    ADVISORY_REVIEW = "advisory review"
    NOTICED = "noticed"
    OPEN = "open for comment"
    HEARD = "heard"
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved with conditions"
    GATE_MISSING = "voted for, a gate missing"
    REJECTED = "rejected"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"
    EXIGENT = "exigent use"
    EXISTING = "existing technology"
    IN_USE = "in use"
    REPORT_DUE = "report due"
    REPORTED = "reported"
    REVIEWED = "reviewed"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    ENDED = "ended"


RUN_UP = frozenset({Step.ADVISORY_REVIEW, Step.NOTICED, Step.OPEN, Step.HEARD})
"""Steps on the way to a vote; one on a renewal takes the same, and what is in use stays in use meanwhile."""
RUNNING = frozenset(
    {Step.APPROVED, Step.APPROVED_WITH_CONDITIONS, Step.IN_USE, Step.REPORTED, Step.REVIEWED, Step.RENEWED, Step.SUSPENDED}
)  # fmt: skip
"""What the council approved, as it goes on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of deed: in words, the facts it shows, where it leads, which deeds must have come before, who records it.

    ``after`` holds groups of which each needs one; ``fact`` is the event that laws count from.
    """

    says: str
    fact: str = ""
    step: Step | None = None
    after: tuple[tuple[str, ...], ...] = ()
    role: str = "clerk"


_IN_COUNCIL = (("submit",),)
FOR = ("approve", "approve_with_conditions")
_USED = ("put_into_use", "exigent_use", "declare_existing")

DEEDS: Mapping[str, Kind] = {
    "submit": Kind("it was submitted for approval", "submitted", Step.SUBMITTED, role="liaison"),
    "publish_report": Kind("the impact report was published", "impact_report_published"),
    "publish_policy": Kind("the use policy was published", "use_policy_published"),
    "advise": Kind("the advisory body reviewed it", "advisory_reviewed", Step.ADVISORY_REVIEW, _IN_COUNCIL, "advisory"),
    "give_notice": Kind("the hearing was announced, with the papers", "notice_given", Step.NOTICED, _IN_COUNCIL),
    "open_comments": Kind("comments were opened", "", Step.OPEN),
    "close_comments": Kind("the time for comments ended", "public_comment_taken", None, (("open_comments",),)),
    "meet_community": Kind("a community meeting was held", "community_meeting_held"),
    "hear": Kind("the public hearing was held", "hearing_held", Step.HEARD, _IN_COUNCIL),
    "approve": Kind("the council voted for it", "council_approved", Step.APPROVED, _IN_COUNCIL),
    "approve_with_conditions": Kind("the council voted for it, with conditions", "council_approved", Step.APPROVED_WITH_CONDITIONS, _IN_COUNCIL),
    "reject": Kind("the council voted against it", "disapproved", Step.REJECTED, _IN_COUNCIL),
    "postpone": Kind("the council put it off", "", Step.POSTPONED, _IN_COUNCIL),
    "withdraw": Kind("it was withdrawn", "", Step.WITHDRAWN, role="liaison"),
    "acquire": Kind("it was acquired", "acquired", None, (FOR,), "liaison"),
    "put_into_use": Kind("its use began", "use_began", Step.IN_USE, (), "liaison"),
    "exigent_use": Kind("it was used in an emergency that could not wait", "use_began", Step.EXIGENT, (), "liaison"),
    "declare_existing": Kind("it was held before the law began", "held_before_law", Step.EXISTING, (), "liaison"),
    "report": Kind("the yearly report was published", "annual_report_published", Step.REPORTED, ((*FOR, *_USED),), "liaison"),
    "review": Kind("the report was reviewed", "", Step.REVIEWED, (("report",),), "advisory"),
    "renew": Kind("the council renewed it", "renewed_this_year", Step.RENEWED, (FOR,)),
    "suspend": Kind("its use was suspended", "", Step.SUSPENDED, ((*FOR, *_USED),)),
    "resume": Kind("its use went on", "", Step.IN_USE, (("suspend",),)),
    "end": Kind("its use was ended", "", Step.ENDED, ((*FOR, *_USED),), "liaison"),
    "record": Kind("a fact that the law asks for was recorded"),
}  # fmt: skip
"""Every kind of deed. ``record`` is for what a law asks for under a name of its own."""
PAPERS: Mapping[str, str] = {"publish_report": "the impact report", "publish_policy": "the use policy"}
"""Deeds that say that a paper is public: they count only with the place where anybody can read it (``evidence``)."""
PLANNED: Mapping[str, str] = {
    "advise": "the review by the advisory body", "hear": "the public hearing", "approve": "the vote", "approve_with_conditions": "the vote",
    "put_into_use": "the start of its use", "review": "the review of the report", "renew": "the vote on its renewal",
}  # fmt: skip
"""What those deeds are called that can be planned, while they lie ahead."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happened: its kind, its day, who did it, and what else it shows.

    ``fact`` is what a *record* shows, with its ``value``; ``also`` are facts that it shows besides, as that a meeting was open. ``findings`` holds *true* or *false* for each that was put to the vote; one that is not in
    it was not made. ``affirmed`` holds gates (``law#provision``) that nobody can read in the law as it was seen, taken as met
    by whoever recorded the deed, each with a reason that is public. ``until`` is the last day for comments; ``evidence`` the place
    where it can be read: an address, or where a record stands.
    """

    kind: str
    on: date
    by: str = ""
    fact: str = ""
    value: FactValue = True
    also: tuple[str, ...] = ()
    findings: Mapping[str, bool] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    instrument: str = ""
    until: date | None = None
    evidence: str = ""
    affirmed: Mapping[str, str] = field(default_factory=dict)

    @property
    def shows(self) -> str:
        """The fact that laws know it by; empty where they know none."""
        return self.fact if self.kind == "record" else DEEDS[self.kind].fact

    @property
    def backed(self) -> bool:
        """Whether something stands behind it: that a paper is public is shown by where it stands, not by somebody's word."""
        return self.kind not in PAPERS or bool(self.evidence.strip())


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a body asks for: technologies (several under one policy), the acts, the purpose, the day it was drafted, what happened."""

    place: str
    body: str
    technologies: tuple[str, ...]
    acts: tuple[str, ...]
    drafted: date
    purpose: str | None = None
    deeds: tuple[Deed, ...] = ()

    def facts(self, on: date) -> dict[str, Fact]:
        """What its deeds show by a day: each fact with the day of the last deed that shows it.

        >>> plan = Proposal("us/mn/minneapolis", "police", ("drone",), ("obtain",), date(2026, 1, 5), deeds=(Deed("submit", date(2026, 2, 2)),))
        >>> plan.facts(date(2026, 2, 1)), plan.facts(date(2026, 2, 2))["submitted"].on.isoformat()
        ({}, '2026-02-02')
        """
        known: dict[str, Fact] = {}
        for deed in self.deeds:
            if deed.on <= on:
                known.update(shown(deed, known))
        return known

    def done(self, *kinds: str, by: date | None = None) -> Deed | None:
        """The last deed of one of some kinds, by a day where one is given."""
        found = [deed for deed in self.deeds if deed.kind in kinds and (by is None or deed.on <= by)]
        return found[-1] if found else None

    def approved(self, on: date) -> bool:
        """Whether the council voted for it by a day, and neither voted against it nor ended it after that."""
        last = self.done(*FOR, "reject", "end", by=on)
        return last is not None and last.kind in FOR

    def last_step(self, on: date) -> Step:
        """The step that its last deed led to by a day; whether its gates were open is not asked here."""
        now = Step.DRAFTED
        for deed in self.deeds:
            if deed.on <= on:
                now = led(now, deed)
        return now


def led(now: Step, deed: Deed) -> Step:
    """The step that a deed leads to from another: what is in use stays so while people are heard on it anew.

    >>> led(Step.NOTICED, Deed("hear", date(2026, 3, 4))), led(Step.IN_USE, Deed("hear", date(2026, 3, 4)))
    (<Step.HEARD: 'heard'>, <Step.IN_USE: 'in use'>)
    """
    step = DEEDS[deed.kind].step
    if step is None or (step in RUN_UP and now in RUNNING):
        return now
    return step


def shown(deed: Deed, known: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts that a deed shows by itself, over what was known before it.

    >>> shown(Deed("publish_report", date(2026, 1, 5)), {}), [*shown(Deed("publish_report", date(2026, 1, 5), evidence="https://town.example/report"), {})]
    ({}, ['impact_report_published'])
    """
    own = {f"finding:{name}": Fact(value, deed.on, deed.evidence) for name, value in deed.findings.items()}
    if deed.shows and deed.backed:
        own[deed.shows] = Fact(deed.value, deed.on, deed.evidence)
    if deed.findings:
        own["findings_made"] = Fact(all(deed.findings.values()), deed.on, deed.evidence)
    own.update({name: Fact(True, deed.on, deed.evidence) for name in deed.also})
    if deed.kind == "exigent_use":
        own["exigent_circumstances"] = Fact(True, deed.on, deed.evidence)
    if deed.kind in FOR and known.get("disapproved"):
        own["disapproved"] = Fact(False, deed.on, deed.evidence)
    if deed.kind in ("reject", "end") and known.get("council_approved"):
        own["council_approved"] = Fact(False, deed.on, deed.evidence)
    return own
