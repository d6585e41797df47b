"""A coalition, its organizations and a letter with its versions and deliveries, as they are told: plain, without the database."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from postme.letter import Change, State, Text, Version


@dataclass(frozen=True, slots=True)
class Versioned:
    """A version that is or was open for signing."""

    id: int
    number: int
    text: Text
    sha256: str
    change: Change
    why: str
    at: datetime.datetime
    leaf: int | None

    @property
    def version(self) -> Version:
        """As the rules of ``letter`` take it."""
        return Version(self.number, self.sha256, self.change)


@dataclass(frozen=True, slots=True)
class Member:
    """An organization of a coalition, with who acts for it now: account, title, whether an organizer."""

    id: int
    name: str
    domain: str
    site: str
    people: tuple[tuple[str, str, bool], ...] = ()
    left: datetime.datetime | None = None
    logo: str = ""
    """The SHA-256 of its logo; empty without one."""


@dataclass(frozen=True, slots=True)
class Allied:
    """A coalition."""

    id: int
    slug: str
    name: str
    about: str
    contact: str
    town: str
    town_name: str
    fiction: bool
    key: str
    kept_days: int
    members: tuple[Member, ...]

    @property
    def kept(self) -> datetime.timedelta:
        """How long its letters' signers are kept after a letter is closed."""
        return datetime.timedelta(days=self.kept_days)

    def speaks_for(self, person: str) -> tuple[Member, ...]:
        """The organizations that an account acts for."""
        return tuple(one for one in self.members if not one.left and person in {name for name, *_ in one.people})

    def organizer(self, person: str) -> bool:
        """Whether an account acts for the whole coalition."""
        return any(name == person and organizes for one in self.members if not one.left for name, _, organizes in one.people)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Handing:
    """A delivery as it is told."""

    id: int
    to: str
    seat: int | None
    how: str
    on: datetime.date
    version: int
    counts: Mapping[str, Any]
    pdf: str
    outcome: str
    answered: datetime.date | None
    answer: str
    link: str
    outgoing: str
    lost: bool = False
    """Whether the mail that carried it came back: then it was handed to nobody, and no silence is counted."""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with its coalition, its draft, its versions and what became of it."""

    id: int
    slug: str
    state: State
    coalition: Allied
    draft: Text
    turn: int
    last_day: datetime.date | None
    opened: datetime.datetime | None
    closed: datetime.datetime | None
    erased: datetime.datetime | None
    versions: tuple[Versioned, ...]
    agreed: Mapping[str, Mapping[int, datetime.datetime]] = field(default_factory=dict)
    """Of each text's hash the organizations that agreed to it, and when."""
    deliveries: tuple[Handing, ...] = ()

    @property
    def address(self) -> str:
        """Its page."""
        return f"/letters/{self.slug}/"

    @property
    def now(self) -> Versioned | None:
        """The version that is signed now; None for a letter that was never opened."""
        return self.versions[-1] if self.versions else None

    @property
    def drafted(self) -> str:
        """The hash of the draft, which organizations agree to."""
        return self.draft.sha256(self.address)

    def missing(self) -> tuple[Member, ...]:
        """The organizations that have not agreed to the draft as it is now."""
        there = self.agreed.get(self.drafted, {})
        return tuple(one for one in self.coalition.members if not one.left and one.id not in there)
