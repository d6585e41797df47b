"""Who decides in a town, and how each of them voted on surveillance: seats with the day they were verified, roll calls, records.

Votes are told of published proposals only. Where no roll call was recorded, how somebody voted is *unknown*, never absent.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme import ward
from postme.errors import WrongUse
from postme.keeping import places
from postme.keeping.store.council import Council, SeatRow, VoteRow
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.meetings import MeetingRow, Meetings
from postme.office.wards import fiction
from postme.reading import cells

VOTES = ("yes", "no", "abstain", "absent", "recused")
"""How a member can have voted."""
UNKNOWN = "unknown"
# Kinds of deed on which a council votes, and what came of it.
OUTCOMES: Mapping[str, str] = {
    "approve": "approved", "approve_with_conditions": "approved with conditions", "reject": "rejected", "postpone": "postponed", "renew": "renewed", "suspend": "suspended",
}  # fmt: skip
_COLUMNS = ("body", "ward", "holder", "since", "until", "verified", "source", "contact")
_ALSO = {
    "holder": ("name", "member", "council_member", "councilmember"),
    "ward": ("district", "seat"),
    "contact": ("email", "mail"),
}
# Chosen: the largest councils of the country have some fifty members; this also holds those of twenty years.
_MOST = 500
_MAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,190}\.[a-z]{2,}|https?://[^\s<>\"']{4,290}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Called:
    """One line of a roll call: the seat's number, who held it, its ward, how they voted (``unknown`` where nobody recorded it), what they said."""

    seat: int
    holder: str
    ward: str
    vote: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class RollCall:
    """A roll call as it was recorded: a line a member, and how many voted how."""

    lines: tuple[Called, ...]
    counts: Mapping[str, int]

    @property
    def recorded(self) -> bool:
        """Whether anybody's vote was."""
        return any(one.vote != UNKNOWN for one in self.lines)


@dataclass(frozen=True, slots=True)
class Vote:
    """How a member voted once: the proposal, the motion, what came of it, and what they said."""

    on: datetime.date
    slug: str
    title: str
    technologies: tuple[str, ...]
    motion: str
    outcome: str
    vote: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A member's record: their seat, every vote that the body took while they held it, and how many of each kind."""

    seat: SeatRow
    votes: tuple[Vote, ...]
    counts: Mapping[str, int]


# --- told --------------------------------------------------------------------------------------------------------------


def tally(votes: Iterable[str]) -> dict[str, int]:
    """How many voted how; what nobody voted is left out.

    >>> tally(["no", "yes", "yes", "unknown"])
    {'yes': 2, 'no': 1, 'unknown': 1}
    """
    said = list(votes)
    return {one: said.count(one) for one in (*VOTES, UNKNOWN) if one in said}


def roll_call(deed: Mapping[str, Any], seats: Sequence[SeatRow] = ()) -> RollCall:
    """The roll call of a step as its public entry tells it (``votes``, ``on``).

    ``seats`` are those of the body: whoever held one that day and is not in the roll call is *unknown*.

    >>> roll_call({"on": "2026-02-03", "votes": [{"seat": 1, "holder": "A. Teller", "ward": "1", "vote": "yes", "said": ""}]}).counts
    {'yes': 1}
    """
    day = datetime.date.fromisoformat(str(deed["on"]))
    lines = [
        Called(int(one["seat"]), str(one.get("holder", "")), str(one.get("ward", "")), str(one["vote"]), str(one.get("said", "")))
        for one in deed.get("votes", ())
    ]  # fmt: skip
    there = {one.seat for one in lines}
    lines += [Called(one.number, one.holder, one.ward, UNKNOWN) for one in seats if one.number not in there and one.sits(day)]  # fmt: skip
    lines.sort(key=lambda one: (one.ward == "", _counted(one.ward), one.holder))
    return RollCall(tuple(lines), tally(one.vote for one in lines))


def members(folder: Path, town: str, on: datetime.date) -> tuple[SeatRow, ...]:
    """Who holds the seats of a town's bodies on a day, in the order of body and ward, those at large last."""
    return seated(folder, town, on)[0]


def former(folder: Path, town: str, on: datetime.date) -> tuple[SeatRow, ...]:
    """Who held a seat before that day and holds it no more."""
    return seated(folder, town, on)[1]


def seated(folder: Path, town: str, on: datetime.date) -> tuple[tuple[SeatRow, ...], tuple[SeatRow, ...]]:
    """Both: who holds the seats on a day, and who held one before."""
    every = Council(folder).seats(town)
    gone = (one for one in every if one.until is not None and one.until < on)
    return _in_order(one for one in every if one.sits(on)), _in_order(gone)


def _in_order(seats: Iterable[SeatRow]) -> tuple[SeatRow, ...]:
    return tuple(sorted(seats, key=lambda one: (one.body, one.ward == "", _counted(one.ward), one.holder)))


def _counted(ward: str) -> tuple[int, str]:
    return (int(ward), "") if ward.isdecimal() and len(ward) < 9 else (1_000_000, ward.casefold())


def record_of(folder: Path, town: str, number: int) -> Record | None:
    """How the holder of a seat voted over time, the newest first; ``None`` where the town has no such seat."""
    council = Council(folder)
    seat = council.one(town, number)
    return _record(council, town, [seat], council.votes(town, number))[0] if seat else None


def records(folder: Path, town: str, seats: Sequence[SeatRow]) -> tuple[Record, ...]:
    """The records of several members."""
    council = Council(folder)
    return tuple(_record(council, town, seats, council.votes(town)))


def _record(council: Council, town: str, seats: Sequence[SeatRow], votes: Sequence[VoteRow]) -> list[Record]:
    taken = council.voted(town, OUTCOMES)
    called: dict[int, dict[int, VoteRow]] = {}
    for one in votes:
        called.setdefault(one.seat, {})[one.deed] = one
    found = []
    for seat in seats:
        own = called.get(seat.number, {})
        rows = [_vote(one) for one in own.values()]
        # Votes that their body took while they sat, and of which nobody recorded how they voted.
        rows += [
            Vote(on, slug, title, technologies, "", OUTCOMES[kind], UNKNOWN)
            for slug, title, technologies, deed, kind, on in taken
            if deed not in own and seat.body == MAIN and seat.sits(on)
        ]
        rows.sort(key=lambda one: (one.on, one.slug), reverse=True)
        found.append(Record(seat, tuple(rows), tally(one.vote for one in rows)))
    return found


# The body whose votes decide; others advise.
MAIN = "city council"
"""What the body that decides is called, unless a town's seats say otherwise."""


def _vote(one: VoteRow) -> Vote:
    return Vote(
        one.on, one.slug, one.title, one.technologies, one.motion, OUTCOMES.get(one.kind, one.kind.replace("_", " ")), one.vote, one.said
    )  # fmt: skip


def next_meeting(folder: Path, town: str, on: datetime.date) -> tuple[MeetingRow, tuple[tuple[str, str], ...]] | None:
    """The next meeting from a day on with a published proposal on its agenda, and those proposals: address and title."""
    called = [one for one in Meetings(Ledger(folder).file).several(town, since=on) if not one.called_off]
    titles = Council(folder).titles({slug for one in called for slug, _ in one.items})
    for one in called:
        public = [slug for slug in dict.fromkeys(slug for slug, _ in one.items) if slug in titles]
        if public:
            return one, tuple((f"/decisions/{slug}/", titles[slug]) for slug in public)
    return None


# --- entered by the clerk ----------------------------------------------------------------------------------------------


def seats_from(files: Mapping[str, bytes]) -> list[SeatRow]:
    """Seats from a CSV file: body, ward (empty: at large), holder, since, until, verified, source, contact. Raises WrongUse by the row."""
    [(name, data)] = files.items()
    rows, columns = cells.table(data, name)
    own = {one: cells.column(columns, (one, *_ALSO.get(one, ()))) for one in _COLUMNS}
    for needed in ("holder", "verified", "source"):
        if not own[needed]:
            raise WrongUse(
                f"This table has no column '{needed}'.", where=name, why="A member is named with the day that was verified, and where.", do=f"It needs: {', '.join(_COLUMNS)}.",
            )  # fmt: skip
    if len(rows) > _MOST:
        raise WrongUse(f"{len(rows)} rows are more than a council has members.", where=name, why="It is likely another table.", do="Choose the one of the members.")  # fmt: skip
    return [
        seat({one: row[column] if (column := own[one]) else "" for one in _COLUMNS}, f"{name}, row {number}")
        for number, row in enumerate(rows, 2)
    ]


def seat(told: Mapping[str, str], where: str = "seat") -> SeatRow:
    """A seat from words as they were typed. Raises WrongUse for what is missing or no day."""
    said = {key: " ".join(str(told.get(key, "")).split()) for key in _COLUMNS}
    for needed, why in (
        ("holder", "Nobody could be named."),
        ("source", "A reader must be able to check it."),
        ("verified", "Who holds a seat changes; a reader must know how old this is."),
    ):
        if not said[needed]:
            raise WrongUse(f"'{needed}' is missing.", where=where, why=why, do="Fill it in.")
    if said["contact"] and not _MAIL.fullmatch(said["contact"]):
        raise WrongUse(
            f"'{said['contact'][:60]}' is neither an address for mail nor of a page.", where=where, why="Residents would write to nobody.", do="Write the public office's own address, or leave it empty.",
        )  # fmt: skip
    since, until, verified = (_day(said[one], one, where) for one in ("since", "until", "verified"))
    if since and until and until < since:
        raise WrongUse(f"The seat would end on {until}, before it began.", where=where, why="Nobody could have held it.", do="Check the two days.")  # fmt: skip
    if verified is None or verified > datetime.datetime.now(datetime.UTC).date():
        raise WrongUse(
            f"{said['verified']} has not come yet.", where=where, why="Only what somebody looked at is verified.", do="Write the day on which you looked.",
        )  # fmt: skip
    return SeatRow(
        0, said["body"][:200] or MAIN, ward.called(said["ward"]), said["holder"][:200], since, until, verified, said["source"][:400], said["contact"][:300]
    )  # fmt: skip


def _day(said: str, what: str, where: str) -> datetime.date | None:
    if not said:
        return None
    try:
        return datetime.date.fromisoformat(said)
    except ValueError as error:
        raise WrongUse(f"'{said[:20]}' is no day.", where=f"{where}, {what}", why="It is shown beside the name.", do="Write it as 2026-01-05.") from error  # fmt: skip


def enter(folder: Path, town: str, seats: Sequence[SeatRow], *, who: str, at: datetime.datetime | None = None) -> tuple[int, int]:  # fmt: skip
    """Enter seats: how many are new and how many were verified anew."""
    new, again = Council(folder).add(town, places.name_of(town), seats, fiction=fiction(town))
    _note(folder, who, at, "seats entered", town, f"{new} new, {again} verified anew")
    return new, again


def end(folder: Path, town: str, number: int, on: str, *, who: str, at: datetime.datetime | None = None) -> None:
    """End a seat on a day: its holder's votes stay. Raises WrongUse for no day."""
    day = _day(on.strip(), "until", "seat")
    if day is None:
        raise WrongUse("The day is missing.", where="until", why="Until when somebody sat decides which votes were theirs.", do="Write it as 2026-01-05.")  # fmt: skip
    held = Council(folder).one(town, number)
    if held and held.since and day < held.since:
        raise WrongUse(f"The seat would end on {day}, before it began.", where="until", why="Nobody could have held it.", do="Check the day.")  # fmt: skip
    Council(folder).change(town, number, until=day)
    _note(folder, who, at, "seat ended", town, f"seat {number}: {day}")


def verify(folder: Path, town: str, number: int, source: str, *, who: str, on: datetime.date | None = None, at: datetime.datetime | None = None) -> None:  # fmt: skip
    """Say that somebody looked today, and where, and that the seat is still held so."""
    if not source.strip():
        raise WrongUse("The source is missing.", where="source", why="A reader must be able to check it.", do="Write where you looked.")  # fmt: skip
    day = on or datetime.datetime.now(datetime.UTC).date()
    Council(folder).change(town, number, verified=day, source=" ".join(source.split())[:400])
    _note(folder, who, at, "seat verified", town, f"seat {number}: {source.strip()}"[:1000])


def _note(folder: Path, who: str, at: datetime.datetime | None, what: str, town: str, why: str) -> None:
    Ledger(folder).note(who, at or datetime.datetime.now(datetime.UTC), what, f"/places/{town}/council/", why)
