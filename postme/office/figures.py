"""Why now: police staffing and surveillance spending over the years, and where devices stand against who lives there.

Figures stand side by side, each with its source. Nothing here says that one is the cause of another. A year without a
figure is *unknown*, not zero; so is a number of devices that nobody told.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from postme import ward
from postme.errors import WrongUse
from postme.keeping import places
from postme.keeping.store.council import Council
from postme.keeping.store.ledger import Ledger
from postme.office import plotting, wards
from postme.office.phrases import Say
from postme.reading import cells, maps
from postme.ward import Ward

STAFFING, SPENDING = "police staffing", "surveillance spending"
DEVICES, PEOPLE = "devices", "people"
"""Series that are no years: where devices stand, and who lives in a ward."""
ALL = "all"
"""The group of everybody."""
# Chosen: what a table on a phone can show, and what is comparable at all.
_YEARS = (1950, 2100)
_MOST = 5000
_CHART = "{series}, {first} to {last}"
MESSAGES = (_CHART, STAFFING, SPENDING)
"""Every sentence that goes through ``say``, for translators."""


# --- read --------------------------------------------------------------------------------------------------------------


def yearly(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Figures over the years from a CSV file: series, year, value, unit, source; a row without a value is left out. Raises WrongUse by the row."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for where, row in _rows(files, ("series", "year", "value", "unit", "source")):
        if row["value"] == "":
            continue
        series, year = row["series"].casefold()[:60], _whole(row["year"], "year", where)
        if series in (DEVICES, PEOPLE) or not series:
            raise WrongUse(f"'{row['series'][:60]}' is no series over the years.", where=where, why="It has a table of its own.", do=f"Write {STAFFING} or {SPENDING}.")  # fmt: skip
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise WrongUse(f"{year} is no year that could be shown.", where=where, why="The chart would be empty.", do="Write it as 2024.")  # fmt: skip
        value = _value(row["value"], "value", where)
        if value is None:
            continue
        if (series, year) in found:
            raise WrongUse(f"{series} has two figures for {year}.", where=where, why="Which of them holds cannot be guessed.", do="Leave one, or name the second series otherwise.")  # fmt: skip
        found[series, year] = {"series": series, "year": year, "value": value, "unit": row["unit"][:60], "source": _source(row, where)}  # fmt: skip
    return list(found.values())


def people(files: Mapping[str, bytes], known: Sequence[str]) -> list[dict[str, Any]]:
    """Who lives in each ward from a CSV file: ward, group, people, source; the group *all* is everybody. Raises WrongUse by the row."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for where, row in _rows(files, ("ward", "group", "people", "source")):
        if known and row["ward"] not in known:
            raise WrongUse(f"There is no ward '{row['ward'][:60]}'.", where=where, why="Its people would be counted nowhere.", do=f"The wards are: {', '.join(known)}.")  # fmt: skip
        group = row["group"][:80] or ALL
        key = (row["ward"], ALL if group.casefold() == ALL else group)
        if key in found:
            raise WrongUse(f"Ward {key[0]} has the group '{key[1]}' twice.", where=where, why="Its people would be counted twice.", do="Leave one row.")  # fmt: skip
        value = _value(row["people"], "people", where)
        if value is not None:
            found[key] = {"series": PEOPLE, "ward": key[0], "group": key[1], "value": int(value), "source": _source(row, where)}  # fmt: skip
    return list(found.values())


def devices(files: Mapping[str, bytes], every: Sequence[Ward], crs: str = "") -> list[dict[str, Any]]:
    """Where devices stand from a CSV file or GeoJSON: longitude, latitude, kind, source, and how many (empty: unknown; no such column: one each)."""
    layer = maps.read(files, crs)
    kind, source = cells.column(layer.columns, ("kind", "device", "type", "technology")), cells.column(layer.columns, ("source", "quelle", "from"))  # fmt: skip
    if not kind or not source:
        raise WrongUse(
            f"This file has no column '{'kind' if not kind else 'source'}'.", where=layer.name, why="A device is told with what it is and who says so.", do=f"It has: {', '.join(layer.columns)}.",
        )  # fmt: skip
    count, what = cells.column(layer.columns, ("count", "number", "units", "quantity")), cells.column(layer.columns, ("where", "location", "place"))  # fmt: skip
    found = []
    for number, one in enumerate(layer.features, 1):
        where = f"{layer.name}, device {number}"
        if one.kind != "Point":
            continue
        x, y = (round(float(each), 6) for each in one.coordinates)
        own = ward.of(every, x, y)
        row = {key: one.properties.get(column, "").strip() if column else "" for key, column in (("kind", kind), ("source", source), ("count", count), ("where", what))}  # fmt: skip
        if not row["kind"]:
            raise WrongUse("It is not said what this is.", where=where, why="A count of unknown things says nothing.", do="Fill in the column of the kind.")  # fmt: skip
        found.append({
            "series": DEVICES, "kind": row["kind"][:80], "longitude": x, "latitude": y, "ward": own.name if own else "", "where": row["where"][:200],
            "value": 1 if not count else _value(row["count"], "count", where), "source": _source(row, where),
        })  # fmt: skip
    if not found:
        raise WrongUse("There is no device in this file.", where=layer.name, why="Nothing could be counted.", do="Each needs a spot, a kind and a source.")  # fmt: skip
    return found


def _rows(files: Mapping[str, bytes], needed: Sequence[str]) -> Iterable[tuple[str, dict[str, str]]]:
    [(name, data)] = files.items()
    rows, columns = cells.table(data, name)
    own = {one: cells.column(columns, (one,)) for one in needed}
    if missing := [one for one, column in own.items() if not column]:
        raise WrongUse(
            f"This table has no column '{missing[0]}'.", where=name, why="Each figure is told with what it counts and who says so.", do=f"It needs: {', '.join(needed)}. It has: {', '.join(columns)}.",
        )  # fmt: skip
    if len(rows) > _MOST:
        raise WrongUse(f"{len(rows)} rows are more than can be shown.", where=name, why="A page of them helps nobody.", do="Leave out what is not needed.")  # fmt: skip
    for number, row in enumerate(rows, 2):
        yield f"{name}, row {number}", {one: row[column] for one, column in own.items()}


def _source(row: Mapping[str, str], where: str) -> str:
    if not row["source"]:
        raise WrongUse("The source is missing.", where=where, why="A figure that nobody can check is not shown.", do="Write the document, its day and its page.")  # fmt: skip
    return row["source"][:400]


def _whole(said: str, what: str, where: str) -> int:
    if not said.isdecimal() or len(said) > 9:
        raise WrongUse(f"'{said[:20]}' is no whole number.", where=f"{where}, {what}", why="It could not be put in order.", do="Write it in digits.")  # fmt: skip
    return int(said)


def _value(said: str, what: str, where: str) -> float | None:
    """A number as people write it; nothing, a dash or a question mark is unknown."""
    plain = said.replace("$", "").replace(",", "").replace(" ", "")
    if plain.casefold() in ("", "-", "–", "?", "unknown", "n/a", "na"):
        return None
    try:
        value = float(plain)
    except ValueError as error:
        raise WrongUse(f"'{said[:20]}' is no number.", where=f"{where}, {what}", why="It could not be drawn.", do="Write it in digits; leave it empty where it is unknown.") from error  # fmt: skip
    if not math.isfinite(value) or not 0 <= value < 1e13:
        raise WrongUse(f"'{said[:20]}' cannot be.", where=f"{where}, {what}", why="No count and no sum is negative or without end.", do="Check it.")  # fmt: skip
    return int(value) if value == int(value) else value


def take(folder: Path, town: str, rows: Sequence[Mapping[str, Any]], *, who: str, at: datetime.datetime | None = None) -> int:  # fmt: skip
    """Put figures in place of those of the same series: how many."""
    series = dict.fromkeys(str(row["series"]) for row in rows)
    Council(folder).replace_figures(town, places.name_of(town), series, rows, fiction=wards.fiction(town))
    Ledger(folder).note(who, at or datetime.datetime.now(datetime.UTC), "figures loaded", f"/places/{town}/", f"{len(rows)}: {', '.join(series)}"[:1000])  # fmt: skip
    return len(rows)


# --- told --------------------------------------------------------------------------------------------------------------


def why_now(folder: Path, town: str, say: Say = str) -> dict[str, Any] | None:
    """What a proposal's page says of a town's figures, in JSON values and two drawings; ``None`` where the town has none.

    ``years`` and ``series`` are the table, ``charts`` the same drawn; ``standing`` has devices against people, ward by ward.
    """
    rows = Council(folder).figures(town)
    return told(rows, say) if rows else None


def told(rows: Sequence[Mapping[str, Any]], say: Say = str) -> dict[str, Any]:
    """The same from figures as they are kept."""
    named = dict.fromkeys(
        one
        for one in (STAFFING, SPENDING, *(str(row["series"]) for row in rows))
        if one not in (DEVICES, PEOPLE) and any(row["series"] == one for row in rows)
    )
    values = {one: {int(row["year"]): row for row in rows if row["series"] == one} for one in named}
    every = sorted({year for own in values.values() for year in own})
    first, last = (every[0], every[-1]) if every else (0, -1)
    series = [{"id": one, "unit": next(iter(own.values()))["unit"], "sources": list(dict.fromkeys(str(row["source"]) for _, row in sorted(own.items())))} for one, own in values.items()]  # fmt: skip
    years = [
        {
            "year": year,
            "values": [values[one][year]["value"] if year in values[one] else None for one in named],
            "sources": [values[one][year]["source"] if year in values[one] else None for one in named],
        }
        for year in range(first, last + 1)
    ]
    charts = [
        plotting.years({year: float(row["value"]) for year, row in own.items()}, first, last, say(_CHART).format(series=say(one), first=first, last=last))
        for one, own in values.items()
    ]  # fmt: skip
    return {"series": series, "years": years, "charts": charts, "standing": _standing(rows)}


def _standing(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Devices of each ward against its people: known counts, what kinds have no count, and how many to 10,000 people."""
    devices_ = [row for row in rows if row["series"] == DEVICES]
    if not devices_:
        return None
    lived: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["series"] == PEOPLE:
            lived.setdefault(str(row["ward"]), {})[str(row["group"])] = int(row["value"])
    names = sorted({*lived, *(str(row["ward"]) for row in devices_ if row["ward"])}, key=lambda one: (not one.isdecimal(), int(one) if one.isdecimal() else 0, one))  # fmt: skip
    groups = list(dict.fromkeys(group for own in lived.values() for group in own if group != ALL))
    found = [_of_ward(name, [row for row in devices_ if row["ward"] == name], lived.get(name, {}), groups) for name in names]  # fmt: skip
    sources = list(dict.fromkeys(str(row["source"]) for row in rows if row["series"] in (DEVICES, PEOPLE)))
    return {
        "groups": groups, "wards": found, "nowhere": sum(not row["ward"] for row in devices_), "kinds": sorted({str(row["kind"]) for row in devices_}), "sources": sources,
        "uncounted": any(one["uncounted"] for one in found),
    }  # fmt: skip


def _of_ward(name: str, own: Sequence[Mapping[str, Any]], lived: Mapping[str, int], groups: Sequence[str]) -> dict[str, Any]:  # fmt: skip
    parts = [lived.get(group) for group in groups]
    whole = lived.get(ALL)
    if whole is None and groups and all(part is not None for part in parts):
        whole = sum(part for part in parts if part is not None)
    kinds: dict[str, int] = {}
    for row in own:
        if row["value"] is not None:
            kinds[str(row["kind"])] = kinds.get(str(row["kind"]), 0) + int(row["value"])
    count = sum(kinds.values())
    return {
        "ward": name, "people": whole, "devices": count, "kinds": dict(sorted(kinds.items())), "uncounted": sorted({str(row["kind"]) for row in own if row["value"] is None}),
        "per_10000": round(count / whole * 10_000, 1) if whole else None,
        "groups": [{"group": group, "people": part, "share": round(part / whole, 4) if part is not None and whole else None} for group, part in zip(groups, parts, strict=True)],
    }  # fmt: skip
