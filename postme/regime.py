"""What the laws of a place make of it on a day, as one who lives there reads it: a ban, a gate, conditions, nothing any more, not yet, or not known.

It is told from what a law's clauses do, whom they bind and from when to when, never from what the law is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from postme.because import Question
from postme.condition import Names, Truth
from postme.day import Day
from postme.law import Law, Provision, Sure, least
from postme.place import Level
from postme.rule import Allow, Approve, Define, Duty, Except, Hidden, Preempt, Prohibit, Remedy, Scope, Status
from postme.vocabulary import Vocabulary


class Kind(StrEnum):
    """What stands in a place, the strongest first."""

    BAN = "ban"
    GATE = "gate"
    CONDITIONS = "conditions"
    UNKNOWN = "unknown"
    COMING = "coming"
    LAPSED = "lapsed"


_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_STANDS = (Kind.BAN, Kind.GATE, Kind.CONDITIONS)
# Chosen: who speaks for a place: its police first, then the rest of its government.
_OWN = {
    Level.CITY: ("police", "city"),
    Level.COUNTY: ("sheriff", "county"),
    Level.STATE: ("state_police", "police", "sheriff"),
}
# Chosen: getting a thing or using it; a rule of other acts alone is no ban of the thing.
_ACTS = frozenset({"obtain", "use", "deploy", "any"})
# Chosen: a ban that is opened to these is weaker; one that is opened to unlocking a telephone is not.
_POLICING = frozenset({"criminal_investigation", "violent_crime_listed", "identify_by_warrant", "immigration_enforcement", "protest_monitoring"})  # fmt: skip
# Chosen: what a ban on the map is a ban of, where no subject is chosen.
FOCUS = "face_recognition"


@dataclass(frozen=True, slots=True)
class Part:
    """What one law does on a day.

    ``stands`` is false where it ended or is to come, and none where no source tells. ``kind`` is what it does, did or will do;
    ``whom`` lists those it binds where they are none of the place's own; ``doubts`` names the laws that may have voided it.
    """

    law: str
    subject: str
    kind: Kind
    banned: bool
    """Whether its own subject is banned outright, whatever the map is a map of."""
    since: Day
    until: Day | None
    stands: Truth
    weakened: Day | None
    whom: tuple[str, ...]
    sure: Sure
    by_adoption: bool
    """Whether ``since`` is the day of adoption, because no effective date was seen."""
    opened: bool = False
    """Whether exceptions let the police use what is banned, for some of their work."""
    doubts: tuple[str, ...] = ()
    was: Kind | None = None
    """What it did before an amendment took that away."""
    unread: bool = False
    """Whether it stands, and nobody here has read what it says."""

    @property
    def shown(self) -> Kind:
        """As it counts on the day."""
        if self.stands is None:
            return Kind.UNKNOWN
        return self.kind if self.stands else (Kind.LAPSED if self.until else Kind.COMING)


@dataclass(frozen=True, slots=True)
class Regime:
    """What stands in a place, or for one named agency of it (``body``), on a day."""

    place: str
    body: str
    kind: Kind
    parts: tuple[Part, ...]

    @property
    def both(self) -> bool:
        """Whether a ban and a gate stand side by side."""
        return {Kind.BAN, Kind.GATE} <= {part.shown for part in self.parts}

    @property
    def weakened(self) -> Day | None:
        """Since when less stands than once did; none where that is not so."""
        if self.kind not in _STANDS:
            return None
        lost = [
            part.until
            for part in self.parts
            if part.shown is Kind.LAPSED and part.until and _RANK[part.kind] < _RANK[self.kind]
        ]
        days = [part.weakened for part in self.parts if part.stands and part.weakened] + lost
        return max(days, key=lambda day: day.last or day.first or date.min, default=None)


def regimes(laws: Iterable[Law], on: date, subject: str | None, words: Vocabulary) -> tuple[Regime, ...]:
    """What stands, stood or is to stand on that day, place by place; a place whose laws are all unheard of yet is left out."""
    every = tuple(laws)
    found: dict[tuple[str, str], list[Part]] = {}
    for law in every:
        if subject in (None, law.subject) and (part := of_law(law, on, subject, words)):
            body = law.binds[0] if law.binds and all(one in words.agencies for one in law.binds) else ""
            doubts = tuple(_doubts(law, every, on, words))
            found.setdefault((law.place.short, body), []).append(replace(part, doubts=doubts))
    return tuple(
        Regime(place, body, min(parts, key=_order).shown, tuple(sorted(parts, key=_order)))
        for (place, body), parts in sorted(found.items())
    )  # fmt: skip


def _order(part: Part) -> tuple[float, str]:
    # Whether a ban still stands matters more to a reader than that some lesser law does.
    doubtful = part.shown is Kind.UNKNOWN and part.kind in (Kind.BAN, Kind.GATE)
    return (_RANK[Kind.GATE] + 0.5 if doubtful else _RANK[part.shown]), part.law


def of_law(law: Law, on: date, subject: str | None, words: Vocabulary) -> Part | None:
    """What one law does on a day; none before anybody adopted it."""
    started, ended = law.starts.reached(on), law.ends.reached(on) if law.ends else False
    if started is False and law.adopted.on.reached(on) is not True:
        return None
    # What is over did what it did on its last day; what is to come will do what it does on its first.
    day = (law.starts.first or on) if started is False else on
    if ended is True and law.ends and law.ends.first:
        day = max(law.ends.first - timedelta(days=1), law.starts.first or date.min)
    kind, banned, deciding = _does(law, day, subject, words)
    stands: Truth = False if started is False or ended is True else (True if started and ended is False else None)
    was = _before(law, day, subject, words, kind) if stands else None
    over = law.ends if ended is not False else None
    if kind is Kind.UNKNOWN and stands and not deciding and (last := _all_over(law, day)):
        stands, kind, over, was = False, was or Kind.CONDITIONS, last, None
    unread = kind is Kind.UNKNOWN and stands is True
    if unread:  # it stands, and nobody here has read what it asks
        stands, kind = None, _last_known(law, deciding, subject, words)
    # One clause that surely bans makes a ban, however unsure the others are.
    surest = min((one.sure for one in deciding), key=tuple(Sure).index, default=Sure.TEXT)
    return Part(
        law.id, law.subject, kind, banned, _since(law, kind, deciding, subject, words), over, stands,
        _weakened(law, day, subject, words, was, kind), _whom(law, words), least((law.adopted.sure, law.binds_sure, surest)),
        law.adopted.on.known and not law.adopted.effective.known, kind is Kind.BAN and _opens(law, day), (), was, unread,
    )  # fmt: skip


def _since(law: Law, kind: Kind, deciding: tuple[Provision, ...], subject: str | None, words: Vocabulary) -> Day:
    """From when it has been what it is: the law's first day, unless an amendment made it so."""
    first = law.starts.last or law.starts.first
    begun = [one.start for one in deciding if one.start]
    if first is None or not begun or len(begun) < len(deciding) or _does(law, first, subject, words)[0] is kind:
        return law.starts
    return min(begun, key=lambda one: one.last or date.max)


def _all_over(law: Law, on: date) -> Day | None:
    """The day on which the last of its clauses ended, where every clause that did something has."""
    did = [one for one in law.provisions if one.end or (one.rule and not isinstance(one.rule, Define | Remedy))]
    ends = [one.end for one in did if one.end and one.stands(on) is False and one.end.reached(on)]
    return max(ends, key=lambda day: day.last or date.min) if ends and len(ends) == len(did) else None


def _last_known(law: Law, deciding: tuple[Provision, ...], subject: str | None, words: Vocabulary) -> Kind:
    """What it was before what nobody has read."""
    begun = [one.start.first for one in deciding if one.start and one.start.first]
    kind = _does(law, min(begun) - timedelta(days=1), subject, words)[0] if begun else Kind.UNKNOWN
    return Kind.CONDITIONS if kind is Kind.UNKNOWN else kind


def _opens(law: Law, on: date) -> bool:
    """Whether an exception to its bans names work of the police."""
    bans = {one.id for one in law.provisions if isinstance(one.rule, Prohibit)}
    return any(
        isinstance(one.rule, Except)
        and one.rule.if_ is not None
        and one.stands(on) is True
        and bool(bans & set(one.rule.of) and Names.of(one.rule.if_).purposes & _POLICING)
        for one in law.provisions
    )


def days(laws: Iterable[Law], subject: str | None = None) -> tuple[date, ...]:
    """Every day on which something about the laws may change, in order."""
    found = set()
    for law in laws:
        if subject not in (None, law.subject):
            continue
        every = [law.starts, law.adopted.on, law.ends, *(day for one in law.provisions for day in (one.start, one.end))]
        found |= {edge for day in every if day for edge in (day.first, day.last) if edge}
    return tuple(sorted(found))


# --- what a law's clauses do -------------------------------------------------------------------------------------------


def _does(law: Law, on: date, subject: str | None, words: Vocabulary) -> tuple[Kind, bool, tuple[Provision, ...]]:
    """The strongest thing its clauses do that day, whether its own subject is banned, and the clauses that do it."""
    standing = [one for one in law.provisions if one.rule and one.stands(on) is True]
    own = [one for one in standing if _own(one, law, words)]
    unseen = [
        one for one in own if isinstance(one.rule, Hidden) and "any" in one.rule.scope.acts and _speaks(one, law, words)
    ]
    if unseen:
        return Kind.UNKNOWN, False, tuple(unseen)
    flat = [
        one
        for one in standing
        if isinstance(one.rule, Prohibit) and _thing(one.rule.scope) and _flat(one.rule, law, on, words)
    ]
    bans = [one for one in flat if one in own and _focused(one.rule.scope, law, subject, words)]  # type: ignore[union-attr]
    if bans:
        return Kind.BAN, True, tuple(bans)
    gates = [one for one in own if isinstance(one.rule, Approve) and _thing(one.rule.scope)]
    # That a state's law has towns' councils approve is, seen from the state, a condition.
    if gates and (law.place.level is not Level.STATE or all(one in words.agencies for one in law.binds)):
        return Kind.GATE, False, tuple(gates)
    if flat:
        named = [one for one in flat if not one.rule.scope.technologies]  # type: ignore[union-attr]
        return Kind.CONDITIONS, bool(named) and not any("/" in one for one in law.technologies), tuple(flat)
    rest = [
        one for one in standing if isinstance(one.rule, Prohibit | Allow | Approve | Duty | Status | Preempt | Remedy)
    ]
    return (Kind.CONDITIONS if rest else Kind.UNKNOWN), False, tuple(gates or rest)


def _flat(rule: Prohibit, law: Law, on: date, words: Vocabulary) -> bool:
    """Whether a ban asks for no fact: it has no condition, or one that the place's own police meet by being who they are."""
    if rule.if_ is None:
        return True
    probe = next(iter(_probes(law)), "")
    asked = Question(law.place.short, probe, "use", law.technologies[0], on)
    return bool(probe) and rule.if_.ask(asked, words).truth is True


def _thing(scope: Scope) -> bool:
    return not scope.acts or bool(_ACTS & set(scope.acts))


def _probes(law: Law) -> tuple[str, ...]:
    return _OWN.get(law.place.level, ())


def _own(provision: Provision, law: Law, words: Vocabulary) -> bool:
    """Whether a clause binds the place's own government, or the one agency that the law is of."""
    bound = _bound(provision, law)
    return any(words.body_is(probe, one) for probe in _probes(law) for one in bound) or any(
        one in words.agencies for one in bound
    )


def _speaks(provision: Provision, law: Law, words: Vocabulary) -> bool:
    """Whether a clause binds those who speak for the place first: its police."""
    return any(words.body_is(probe, one) for probe in _probes(law)[:1] for one in _bound(provision, law))


def _bound(provision: Provision, law: Law) -> tuple[str, ...]:
    scope = getattr(provision.rule, "scope", None)
    return (scope.bodies if scope else getattr(provision.rule, "bodies", ())) or law.binds


def _focused(scope: Scope, law: Law, subject: str | None, words: Vocabulary) -> bool:
    """Whether a ban is of what the map shows bans of."""
    listed = scope.technologies or law.technologies
    if subject not in (None, FOCUS, "community_control"):
        return not scope.technologies or set(scope.technologies) & set(law.technologies) != set()
    outside = any(words.technology_is(FOCUS, one) is True for one in scope.outside or law.outside)
    return not outside and any(words.technology_is(FOCUS, one) is True for one in listed)


def _whom(law: Law, words: Vocabulary) -> tuple[str, ...]:
    """Whom it binds, where they are none of the place's own government."""
    if not _probes(law) or any(words.body_is(probe, one) for probe in _probes(law) for one in law.binds):
        return ()
    return tuple(one for one in law.binds if one not in words.agencies)


# --- what it did before ------------------------------------------------------------------------------------------------


def _before(law: Law, on: date, subject: str | None, words: Vocabulary, now: Kind) -> Kind | None:
    """The strongest thing it once did, where that was more than now."""
    once = {one.end.first - timedelta(days=1) for one in law.provisions if one.end and one.end.first and one.end.reached(on)}  # fmt: skip
    kinds = [_does(law, day, subject, words)[0] for day in once]
    found = min(kinds, key=_RANK.__getitem__, default=now)
    return found if _RANK[found] < _RANK[now] else None


def _weakened(
    law: Law, on: date, subject: str | None, words: Vocabulary, was: Kind | None, now: Kind
) -> Day | None:  # fmt: skip
    """The last day on which a clause was ended for a weaker one, or an exception was opened to the police."""
    if now not in (Kind.BAN, Kind.GATE) and was not in (Kind.BAN, Kind.GATE):
        return None
    strong = [one for one in law.provisions if isinstance(one.rule, Prohibit | Approve)]
    found: list[Day] = []
    for one in law.provisions:
        if isinstance(one.rule, Except) and one.start and one.stands(on) and _opened(one, law, subject, words):
            kept = {other.id for other in strong if other.stands(on)}
            found += [one.start] * bool(kept & set(one.rule.of))
    for one in strong:
        if one.end and one.end.reached(on) and _counts(one, law, subject, words):
            after = [other for other in strong if other.start and other.stands(on) and _as_strong(other, one)]
            found += [one.end] * (not after)
    return max(found, key=lambda day: day.last or date.min, default=None)


def _counts(provision: Provision, law: Law, subject: str | None, words: Vocabulary) -> bool:
    rule = provision.rule
    assert isinstance(rule, Prohibit | Approve)  # noqa: S101 - asked of those alone
    if not (_own(provision, law, words) and _thing(rule.scope)):
        return False
    return isinstance(rule, Approve) or _focused(rule.scope, law, subject, words)


def _opened(provision: Provision, law: Law, subject: str | None, words: Vocabulary) -> bool:
    """Whether a later exception lets the police do what they could not."""
    rule = provision.rule
    assert isinstance(rule, Except)  # noqa: S101 - asked of those alone
    later = provision.start and law.starts.last and provision.start.last and provision.start.last > law.starts.last
    if law.subject == FOCUS and rule.scope.technologies and not _focused(rule.scope, law, subject, words):
        return False
    purposes = Names.of(rule.if_).purposes if rule.if_ else frozenset()
    return bool(later) and ("police" in rule.scope.bodies or bool(purposes & _POLICING))


def _as_strong(new: Provision, old: Provision) -> bool:
    """Whether a clause that came after covers all that the old one did."""
    one, two = new.rule, old.rule
    assert isinstance(one, Prohibit | Approve) and isinstance(two, Prohibit | Approve)  # noqa: S101
    if isinstance(two, Prohibit) and isinstance(one, Approve):
        return False
    same = one.scope.technologies == two.scope.technologies and one.scope.bodies == two.scope.bodies
    return same and set(two.scope.acts) <= set(one.scope.acts) and set(one.scope.outside) <= set(two.scope.outside)


def _doubts(law: Law, every: Iterable[Law], on: date, words: Vocabulary) -> Iterator[str]:
    """The laws of wider places that may leave nothing of this one."""
    if law.instrument == "administrative_order":  # what an agency orders itself, no council decided
        return
    for wider in every:
        if wider.place.short not in law.place.above[:-1] or wider.stands(on) is False:
            continue
        for one in wider.provisions:
            rule = one.rule
            if isinstance(rule, Preempt) and one.stands(on) is not False and _reaches(rule, law, wider, words):
                yield wider.id
                break


def _reaches(rule: Preempt, law: Law, wider: Law, words: Vocabulary) -> bool:
    if (rule.laws and law.id not in rule.laws) or (rule.places and law.place.short not in rule.places):
        return False
    bound = rule.scope.bodies or law.binds
    return any(words.body_is(one, other) or words.body_is(other, one) for one in bound for other in law.binds) and any(
        words.technology_is(one, other) is not False
        for one in law.technologies
        for other in rule.scope.technologies or wider.technologies
    )
