"""From a file's own coordinates to degrees of WGS 84, by what the file tells of its projection; what tells none is held to the range of degrees."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from postme.errors import Damaged, Refused

# What says that a file is in degrees of WGS 84 already.
_PLAIN = re.compile(r"(?:urn:ogc:def:crs:OGC:1?\.?3?:?(?:CRS84|CRS83)|(?:urn:ogc:def:crs:)?EPSG:+(?:[\d.]*:)?(?:4326|4269)|WGS ?84|CRS84)", re.I)  # fmt: skip


@lru_cache(maxsize=16)
def _known(told: str) -> CRS:
    return CRS.from_user_input(told)


def system(told: str, name: str) -> tuple[CRS | None, str]:
    """The system that a file tells of and its name; none where it is in degrees of WGS 84 already. Raises Damaged for one that nobody knows."""
    if not told.strip() or _PLAIN.fullmatch(told.strip()):
        return None, ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _known(told.strip()[:20_000])
    except (CRSError, ValueError) as error:
        raise Damaged(
            f"The file tells of a projection that nobody here knows ('{' '.join(told.split())[:60]}').", where=name, why="Where its coordinates lie cannot be said.",
            do="Ask for the file in longitude and latitude (WGS 84), or name its projection with --crs, as EPSG:26915.",
        ) from error  # fmt: skip
    if found.to_epsg() in (4326, 4269):
        return None, ""
    return found, found.name


def degrees(coordinates: Sequence[Any], told: str, name: str) -> tuple[list[Any], str]:
    """Nested coordinates of many shapes as degrees east and north, and the name of the system that they were in.

    Raises Refused where they cannot be degrees and nothing tells what they are.
    """
    known, called = system(told, name)
    flat: list[tuple[float, float]] = []
    for one in coordinates:
        _gather(one, flat, name)
    if known is not None:
        flat = _projected(flat, known, called, name)
    _checked(flat, known is not None, called, name)
    points = iter(flat)
    return [_rebuilt(one, points) for one in coordinates], called


def _gather(value: Any, into: list[tuple[float, float]], name: str, depth: int = 0) -> None:
    if not isinstance(value, list | tuple) or depth > 4:
        raise _bad(name, f"{str(value)[:40]!r}")
    if value and isinstance(value[0], int | float):
        if len(value) < 2 or any(isinstance(x, bool) or not isinstance(x, int | float) for x in value[:2]):
            raise _bad(name, f"{str(value)[:40]}")
        try:
            spot = float(value[0]), float(value[1])
        except OverflowError as error:
            raise _bad(name, "a number without end") from error
        if not all(math.isfinite(x) for x in spot):
            raise _bad(name, f"{str(value)[:40]}")
        into.append(spot)
        return
    for one in value:
        _gather(one, into, name, depth + 1)


def _bad(name: str, said: str) -> Damaged:
    return Damaged(
        f"A coordinate is no pair of numbers: {said}.",
        where=name,
        why="The shape it belongs to cannot be drawn.",
        do="Ask for the file again.",
    )


def _rebuilt(value: Any, points: Any) -> Any:
    if value and isinstance(value[0], int | float):
        return next(points)
    return [_rebuilt(one, points) for one in value]


def _projected(
    flat: list[tuple[float, float]], known: CRS, called: str, name: str
) -> list[tuple[float, float]]:  # fmt: skip
    try:
        turn = Transformer.from_crs(known, CRS.from_epsg(4326), always_xy=True)
        east, north = turn.transform([x for x, _ in flat], [y for _, y in flat])
    except (CRSError, ProjError) as error:
        raise Damaged(
            f"From its projection ({called}) no longitude and latitude could be made.", where=name, why="Where its coordinates lie cannot be said.",
            do="Ask for the file in longitude and latitude (WGS 84).",
        ) from error  # fmt: skip
    return [(float(x), float(y)) for x, y in zip(east, north, strict=True)]


def _checked(flat: Sequence[tuple[float, float]], projected: bool, called: str, name: str) -> None:
    """Raises Refused for coordinates that are no degrees."""
    if not flat:
        return
    least_x, most_x = min(x for x, _ in flat), max(x for x, _ in flat)
    least_y, most_y = min(y for _, y in flat), max(y for _, y in flat)
    if all(math.isfinite(one) for one in (least_x, most_x, least_y, most_y)) and least_x >= -180 and most_x <= 180 and least_y >= -90 and most_y <= 90:  # fmt: skip
        return
    seen = f"the first number runs from {_n(least_x)} to {_n(most_x)}, the second from {_n(least_y)} to {_n(most_y)}"
    if projected:
        raise Refused(
            f"By the projection that it tells of ({called}) its coordinates lie nowhere on the earth: {seen}.", where=name,
            why="The file says one projection and was written in another.", do="Ask for it in longitude and latitude (WGS 84), or name its projection with --crs, as EPSG:26915.",
        )  # fmt: skip
    turned = abs(least_x) <= 90 and abs(most_x) <= 90 and abs(least_y) <= 180 and abs(most_y) <= 180
    if turned:
        raise Refused(
            f"Longitude and latitude stand in each other's place: {seen}.", where=name, why="A latitude is never more than 90 degrees; longitude comes first.",
            do="Have the two turned around.",
        )  # fmt: skip
    raise Refused(
        f"Its coordinates are no longitude and latitude: {seen}.", where=name, why="It is in a projection, in feet or meters, and does not tell which; a guess would put homes in other wards.",
        do="Bring the .prj file with it, ask for the file in longitude and latitude (WGS 84), or name its projection with --crs, as EPSG:26915.",
    )  # fmt: skip


def _n(value: float) -> str:
    return f"{value:,.2f}" if math.isfinite(value) else "beyond all numbers"
