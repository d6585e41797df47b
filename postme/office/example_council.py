"""Mill Falls, the fictional town, as its clerk would load it: wards, addresses, the council's seats, figures, devices and people."""

from __future__ import annotations

from pathlib import Path

import postme
from postme.keeping.store.council import Council
from postme.office import council, figures, wards

FILES = Path(postme.__file__).parent / "examples" / "mill-falls" / "town"
PLACE = "us/zz/mill_falls"


def fill(folder: Path, who: str = "clerk") -> None:
    """Load what is not there yet; a second fill does nothing."""
    kept = wards.kept(folder, PLACE)
    if not kept.wards:
        looked = wards.looked(PLACE, wards.gathered(FILES / "wards.geojson"))
        wards.take(folder, looked, source="City Clerk of Mill Falls (fiction)", who=who)
    if not kept.addresses:
        points = wards.looked_at_addresses(folder, PLACE, wards.gathered(FILES / "addresses.csv"))
        wards.take_addresses(folder, points, who=who)
    there = Council(folder).seats(PLACE)
    if not there or any(one.since is None for one in there):
        council.enter(folder, PLACE, council.seats_from(wards.gathered(FILES / "seats.csv")), who=who)
    if not Council(folder).figures(PLACE):
        every = wards.of_town(folder, PLACE)
        rows = [
            *figures.yearly(wards.gathered(FILES / "figures.csv")),
            *figures.people(wards.gathered(FILES / "people.csv"), [one.name for one in every]),
            *figures.devices(wards.gathered(FILES / "devices.csv"), every),
        ]
        figures.take(folder, PLACE, rows, who=who)
