"""Places by their Open Civic Data division, never by their name: ``us``, ``us/mn``, ``us/mn/county:hennepin``, ``us/mn/minneapolis``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# Source: the short form of an Open Civic Data division id.
_SHORT = re.compile(
    r"(?P<country>us)(?:/(?P<state>[a-z]{2})(?:/(?:(?P<kind>[a-z_]+):)?(?P<name>(?:[^\W A-Z]|[.~'‘’ʻ-])+))?)?"
)
_STATES_APART = {"dc": "district", "pr": "territory", "gu": "territory", "vi": "territory", "as": "territory", "mp": "territory"}  # fmt: skip
# Source: what Open Civic Data calls the parts of a state; a county is a parish in Louisiana and a borough in Alaska.
COUNTIES = ("county", "parish", "borough", "census_area")


class Level(StrEnum):
    """The layer of government that a place belongs to."""

    COUNTRY = "country"
    STATE = "state"
    COUNTY = "county"
    CITY = "city"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Place:
    """A division: ``short`` is its id here, ``kind`` what Open Civic Data calls it (``place`` for a town or city).

    >>> placed("us/mn/minneapolis").division
    'ocd-division/country:us/state:mn/place:minneapolis'
    >>> placed("us/la/parish:orleans").level
    <Level.COUNTY: 'county'>
    """

    short: str
    state: str | None
    kind: str
    name: str

    @property
    def level(self) -> Level:
        """Which layer of government."""
        if self.kind in COUNTIES:
            return Level.COUNTY
        return {"country": Level.COUNTRY, "state": Level.STATE, "place": Level.CITY}.get(self.kind, Level.DISTRICT)

    @property
    def division(self) -> str:
        """The Open Civic Data id."""
        found = "ocd-division/country:us"
        if self.state:
            found += f"/{_STATES_APART.get(self.state, 'state')}:{self.state}"
        return found if self.kind in ("country", "state") else f"{found}/{self.kind}:{self.name}"

    @property
    def above(self) -> tuple[str, ...]:
        """The places whose law may reach this one, from the widest to itself. A county's does not reach its cities.

        >>> placed("us/mn/minneapolis").above
        ('us', 'us/mn', 'us/mn/minneapolis')
        """
        parts = self.short.split("/")
        return tuple("/".join(parts[:i]) for i in range(1, len(parts) + 1))


def placed(short: str) -> Place:
    """The place of a short id. Raises ValueError for what is none.

    >>> placed("Minneapolis")
    Traceback (most recent call last):
    ValueError: 'Minneapolis' is not a place's id
    """
    found = _SHORT.fullmatch(short)
    if not found or found["kind"] in ("country", "state"):
        raise ValueError(f"'{short}' is not a place's id")
    if found["name"] and found["kind"] in (None, "place"):
        return Place(f"us/{found['state']}/{found['name']}", found["state"], "place", found["name"])
    if found["name"]:
        return Place(short, found["state"], found["kind"], found["name"])
    return Place(short, found["state"], "state" if found["state"] else "country", found["state"] or "us")


def short_of(division: str) -> str:
    """The short id of an Open Civic Data division of the United States.

    >>> short_of("ocd-division/country:us/state:mn/county:hennepin"), short_of("ocd-division/country:us/district:dc")
    ('us/mn/county:hennepin', 'us/dc')
    """
    parts = [part.partition(":") for part in division.removeprefix("ocd-division/").split("/")]
    # A district or a territory is a state's like only where a state would stand.
    plain = (("country",), ("state", "district", "territory"), ("place",))
    found = [name if kind in plain[min(i, 2)] else f"{kind}:{name}" for i, (kind, _, name) in enumerate(parts)]
    return "/".join(found)
