"""Opening the approval process for a town: which laws reach it, which model it tries out, which days are its own holidays."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

from postme.errors import WrongUse
from postme.keeping import laws
from postme.keeping.store.docket import Docket, TownRow
from postme.keeping.store.ledger import Ledger
from postme.office import counsel, example_town


def known(folder: Path, place: str) -> bool:
    """Whether a town runs its process in that folder."""
    return place in {one.id for one in Docket(Ledger(folder).file).towns()}


def opened(
    folder: Path, place: str, *, name: str = "", tries: str = "", since: datetime.date | None = None, holidays: Sequence[str] = (), any_place: bool = False
) -> TownRow:  # fmt: skip
    """Open a town's process, or change how it runs; what is not given stays as it was. ``holidays`` are ``DAY=NAME``.

    Raises WrongUse for a place, a law or a day that is none.
    """
    docket = Docket(Ledger(folder).file)
    before = next((one for one in docket.towns() if one.id == place), None)
    short = counsel.checked_place(place, any_place=any_place, more=[example_town.PLACE])
    model = counsel.law(tries) if tries else None
    if since and not (tries or (before and before.tries)):
        raise WrongUse("--since says from when a model is tried out, and none is named.", where="--since", why="It would change nothing.", do="Add --tries, with the id of the model.")  # fmt: skip
    row = TownRow(
        short, name or (before.name if before else counsel.place_name(short)), before.fiction if before else short == example_town.PLACE,
        model.id if model else before.tries if before else "", since or (before.tries_since if before else None),
        {**(before.holidays if before else {}), **dict(map(_holiday, holidays))}, before.figures if before else (),
    )  # fmt: skip
    docket.open_town(row)
    return row


def _holiday(said: str) -> tuple[datetime.date, str]:
    day, _sign, name = said.partition("=")
    try:
        return datetime.date.fromisoformat(day), name.strip() or "holiday"
    except ValueError as error:
        raise WrongUse(
            f"'{said}' is no holiday.", where="--holiday", why="Deadlines in business days would be counted wrongly.", do="Write it as 2026-10-12=\"Indigenous Peoples’ Day\"."
        ) from error  # fmt: skip


def told(folder: Path, place: str) -> Iterator[str]:
    """How a town runs its process, line by line."""
    row = Docket(Ledger(folder).file).town(place)
    yield f"{row.name} ({row.id}) runs its process here."
    reaching = [
        law for law in laws.book().reaching(row.id) if law.subject in ("community_control", "military_equipment")
    ]
    if row.tries:
        since = f" since {row.tries_since}" if row.tries_since else ""
        yield f"It tries out {counsel.law(row.tries).name} ({row.tries}){since}."
    for law in reaching:
        yield f"Its proposals are held against {law.name} ({law.id})."
    if not reaching and not row.tries:
        yield "No law known here asks for approval in this place. Name a model with --tries, or write its ordinance as a law file (docs/laws.md)."
    for day, name in sorted(row.holidays.items()):
        yield f"Its own holiday: {day}, {name}."
