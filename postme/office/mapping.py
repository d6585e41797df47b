"""The map of the country's laws on a day, its table twin, and the days on which either changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from postme import atlas, regime
from postme.keeping import laws, places
from postme.law import Law
from postme.office import drawing, phrases
from postme.office.drawing import Inset, Mark
from postme.office.phrases import Say
from postme.place import Level, placed
from postme.regime import Kind, Regime

Link = Callable[[str], str]

_TITLE = "Laws on surveillance technology, {day}"
_ONE = "Laws on a day: {subject}, {day}"
_SAYS = "A map of the United States. {count} places have a law, had one, or are to have one. The table after the map says the same."
_CROWD = "{count} places of {where}, drawn larger in an inset"
_UNITED = "United States"
MESSAGES = (_TITLE, _ONE, _SAYS, _CROWD, _UNITED, *phrases.MESSAGES)
"""Every sentence that goes through ``say``, for translators."""


@dataclass(frozen=True, slots=True)
class Row:
    """One place in the table twin. ``shown`` is ``map``, ``beside`` (no spot of the map is its own) or an inset's letter."""

    place: str
    body: str
    name: str
    state: str
    kind: Kind
    kind_words: str
    says: str
    since: str
    until: str
    laws: tuple[tuple[str, str], ...]
    sure: str
    href: str
    shown: str


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which something about the laws of these places changes."""

    on: date
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """The map on a day with all that a page needs around it."""

    on: date
    subject: str | None
    svg: str
    insets: tuple[Inset, ...]
    key: tuple[tuple[str, str], ...]
    """The symbols that this map has, each drawn, with what it means."""
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]

    @property
    def beside(self) -> tuple[Row, ...]:
        """The rows that no spot of the map is for."""
        return tuple(row for row in self.rows if row.shown == "beside")

    @property
    def previous(self) -> date | None:
        """The last day before this one on which something changed."""
        return max((one.on for one in self.changes if one.on < self.on), default=None)

    @property
    def next(self) -> date | None:
        """The first day after this one on which something changes."""
        return min((one.on for one in self.changes if one.on > self.on), default=None)

    @property
    def years(self) -> tuple[tuple[int, tuple[Change, ...]], ...]:
        """The changes by year, the latest year first."""
        found: dict[int, list[Change]] = {}
        for one in self.changes:
            found.setdefault(one.on.year, []).append(one)
        return tuple((year, tuple(found[year])) for year in sorted(found, reverse=True))


def page_of(short: str) -> str:
    """Where a place's page is in English.

    >>> page_of("us/mn/minneapolis")
    '/places/us/mn/minneapolis/'
    """
    return f"/places/{short}/"


def country(
    on: date, subject: str | None = None, *, link: Link = page_of, say: Say = str, today: date | None = None, prefix: str = "map"
) -> Country:  # fmt: skip
    """The laws of the country on a day, all of them or those about one subject.

    ``link`` gives a place's page, ``say`` a sentence in the page's language; ``today`` is the last day that ``changes``
    reaches; ``prefix`` begins the ids, for a page with two maps. Raises WrongUse for a subject that no law could have.

    >>> [row.kind.value for row in country(date(2021, 6, 1)).rows if row.place == "us/mn/minneapolis"]
    ['ban']
    """
    found = _regimes(on, subject)
    rows = [_row(one, subject, link, say) for one in found]
    marks = [mark for one, row in zip(found, rows, strict=True) if (mark := _mark(one, row))]
    day = phrases.written(on, say)
    named = (
        say(_ONE).format(subject=say(phrases.SUBJECTS[subject]), day=day) if subject else say(_TITLE).format(day=day)
    )
    svg, insets = drawing.country(marks, named, say(_SAYS).format(count=len(rows)), prefix, say(_CROWD))
    drawn = {mark.place: "map" for mark in marks} | {short: one.letter for one in insets for short in one.places}
    placed_rows = [_shown(row, drawn) for row in rows]
    placed_rows.sort(key=lambda row: (row.place != "us", row.state or row.name, row.state != "", row.name, row.body))
    reached = tuple(one for one in changes(subject) if today is None or one.on <= today)
    return Country(on, subject, svg, insets, _key(marks, subject, say), tuple(placed_rows), reached)


@lru_cache(maxsize=512)
def _regimes(on: date, subject: str | None) -> tuple[Regime, ...]:
    return regime.regimes(_laws(subject), on, subject, laws.words())


def _laws(subject: str | None) -> tuple[Law, ...]:
    if subject is not None:
        laws.words().checked("subject", subject, phrases.SUBJECTS)
    return tuple(laws.book().laws.values())


@lru_cache(maxsize=16)
def changes(subject: str | None = None) -> tuple[Change, ...]:
    """Every day on which something on the map changes, with the places where it does; days to come that are known among them."""
    found = []
    before: Mapping[tuple[str, str], object] = {}
    for day in regime.days(_laws(subject), subject):
        # Only what a reader sees counts: what stands, and how it is told.
        now = {(one.place, one.body): tuple((part.law, part.shown, part.kind, part.weakened) for part in one.parts) for one in _regimes(day, subject)}  # fmt: skip
        moved = sorted({place for place, _ in now.keys() | before.keys() if _of(now, place) != _of(before, place)})
        if moved:
            found.append(Change(day, tuple(moved)))
        before = now
    return tuple(found)


def _of(every: Mapping[tuple[str, str], object], place: str) -> list[object]:
    return [value for (short, _), value in sorted(every.items()) if short == place]


def named(short: str, say: Say = str) -> tuple[str, str]:
    """A place's name and its state's; a state's own name comes first and has no second.

    >>> named("us/mn/minneapolis"), named("us/vt")
    (('Minneapolis', 'Minnesota'), ('Vermont', ''))
    """
    place = placed(short)
    if place.level is Level.COUNTRY:
        return say(_UNITED), ""
    state = places.name_of(f"us/{place.state}")
    if place.level is Level.STATE:
        return state, ""
    name = places.name_of(short)
    # The Census calls a few cities by their kind as well.
    return name.removesuffix(" Town") if short.endswith("_town") else name, state


def _row(one: Regime, subject: str | None, link: Link, say: Say) -> Row:
    words, book = laws.words(), laws.book().laws
    name, state = named(one.place, say)
    if one.body:
        name, state = words.agencies[one.body].name, state or name
    told = [phrases.part(part, " · ".join(say(words.body_says(whom)) for whom in part.whom), say) for part in one.parts]
    first = one.parts[0]
    return Row(
        one.place, one.body, name, state, one.kind, phrases.kind(one, subject, say), phrases.joined(told, say),
        phrases.when(first.since, say), phrases.when(first.until, say) if first.until else "", tuple((part.law, book[part.law].name) for part in one.parts),
        phrases.sure(first, say), link(one.place), "",
    )  # fmt: skip


def _mark(one: Regime, row: Row) -> Mark | None:
    """How a place is drawn; none for a named agency, the country itself, and what the map has no spot for."""
    level = placed(one.place).level
    if one.body or level is Level.COUNTRY:
        return None
    spot = None
    if level is Level.STATE:
        if one.place not in drawing.outlines()["states"]:
            return None
    else:
        spot = _spot(one.place)
        if spot is None:
            return None
    where = row.name if level is Level.STATE else f"{row.name}, {row.state}"
    x, y = spot or (None, None)
    return Mark(
        one.place, row.name, one.kind, one.both, one.weakened is not None, f"{where}: {row.says}", row.href, x, y
    )


def _spot(short: str) -> tuple[float, float] | None:
    """Where a town lies on the map, or the middle of a county's area."""
    middle = drawing.outlines()["counties"].get(short)
    if middle:
        return float(middle[0]), float(middle[1])
    degrees = places.where(short)
    return atlas.project(*degrees) if degrees else None


def _shown(row: Row, drawn: dict[str, str]) -> Row:
    return replace(row, shown="beside" if row.body else drawn.get(row.place, "beside"))


def _key(marks: Iterable[Mark], subject: str | None, say: Say) -> tuple[tuple[str, str], ...]:
    """The symbols that are on this map, a town's before a state's, with what they mean."""
    every = tuple(marks)
    towns = [mark for mark in every if mark.x is not None]
    states = {drawing.shade(mark.kind) for mark in every if mark.x is None}
    found = []
    for which in Kind:
        shade = drawing.shade(which)
        own = which is not Kind.GATE and shade in states
        swatch = drawing.key(f'<path class="{shade}" d="M2,4H20V18H2Z"/>') if own else ""
        shown = any(mark.kind is which and not mark.both for mark in towns) or (
            which is Kind.BAN and any(mark.both for mark in towns)
        )
        symbol = drawing.key(drawing.symbol(which, 11, 11, 10)) if shown else ""
        if symbol or swatch:
            found.append((symbol + swatch, phrases.kind_of(which, subject, say)))
        if which is Kind.GATE and any(mark.both for mark in towns):
            found.append((drawing.key(drawing.symbol(which, 11, 11, 10, both=True)), say(phrases.BOTH)))
    if any(mark.weakened for mark in towns):
        found.append((drawing.key(drawing.symbol(Kind.BAN, 11, 11, 10, weakened=True)), say(phrases.WEAKENED)))
    return tuple(found)


def small(short: str) -> str:
    """A place's state in outline with a dot where the place is; empty where the map lacks the state."""
    place = placed(short)
    if place.state is None:
        return ""
    name, state = named(short)
    x, y = (None, None) if place.level is Level.STATE else (_spot(short) or (None, None))
    return drawing.small(f"us/{place.state}", x, y, f"{name}, {state}" if state else name)
