"""Wards as shapes on the ground: what a file's features make, what was mended in them, and in which of them a point lies.

Degrees are those of WGS 84, east and north. The only place that knows the library of shapes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.validation import explain_validity

from postme.errors import WrongUse

Spot = tuple[float, float]
"""Degrees east, degrees north."""
# Chosen: New York has 51 members; a file with more shapes than this is one of precincts or blocks.
MOST = 400
# Chosen: two surveys of one border differ by less; more is two wards that claim the same homes.
_SLIVER = 0.002
# Chosen: in square meters; below this no home fits.
_HOME = 400.0
# Source: the length of a degree of latitude on the WGS 84 ellipsoid, in meters, between 110 574 and 111 694.
_DEGREE = 111_133.0
# What towns call the column in which a ward's name or number stands, the likeliest first.
_NAMES = (
    "ward", "ward_name", "wardname", "ward_no", "ward_num", "ward_number", "ward_id", "wards", "council_district", "council_dist", "councildistrict", "coundist",
    "district", "district_name", "dist_name", "dist_num", "district_number", "dist", "district_id", "distrito", "name", "namelsad", "label", "id",
)  # fmt: skip
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a file: the kind of its shape and its coordinates as GeoJSON has them, and what its row says."""

    kind: str
    coordinates: Any
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """A file that was read: its features in degrees of WGS 84, its columns, and what was done to it on the way."""

    name: str
    sha256: str
    features: tuple[Feature, ...]
    columns: tuple[str, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward by its name, with its shape."""

    name: str
    area: Any

    @property
    def geojson(self) -> str:
        """Its shape as GeoJSON. Every digit is kept: rounded, two neighbors would leave a gap between them."""
        return json.dumps(mapping(self.area), separators=(",", ":"))

    def covers(self, longitude: float, latitude: float) -> bool:
        """Whether a spot lies in it or on its border."""
        return bool(shapely.intersects_xy(self.area, longitude, latitude))


@dataclass(frozen=True, slots=True)
class Drawing:
    """The wards of a town, in the order of their names, and in sentences what was mended or is odd."""

    wards: tuple[Ward, ...]
    told: tuple[str, ...] = ()

    @property
    def middle(self) -> Spot:
        """A spot in the middle of them all."""
        left, bottom, right, top = self.box
        return (left + right) / 2, (bottom + top) / 2

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Least and greatest degrees: west, south, east, north."""
        boxes = [one.area.bounds for one in self.wards]
        return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def of(wards: Iterable[Ward], longitude: float, latitude: float) -> Ward | None:
    """The ward that a spot lies in; on a border the one whose name comes first, so that each spot has one at the most.

    >>> west = Ward("1", Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]))
    >>> east = Ward("2", Polygon([(1, 0), (2, 0), (2, 1), (1, 1)]))
    >>> of((west, east), 1.5, 0.5).name, of((west, east), 1, 0.5).name, of((west, east), 5, 5)
    ('2', '1', None)
    """
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return None
    return next((one for one in in_order(wards) if one.covers(longitude, latitude)), None)


def in_order(wards: Iterable[Ward]) -> tuple[Ward, ...]:
    """Wards as people count them: 2 before 10."""
    return tuple(sorted(wards, key=lambda one: _counted(one.name)))


def _counted(name: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part.casefold()) for part in re.split(r"(\d+)", name) if part]  # fmt: skip


def again(kept: Iterable[tuple[str, str]]) -> tuple[Ward, ...]:
    """Wards from their names and the GeoJSON that was kept of them."""
    return in_order(Ward(name, shape(json.loads(text))) for name, text in kept)


def worded(text: str) -> tuple[str, Any]:
    """The kind and the coordinates of a shape in words (WKT). Raises ValueError for what is none.

    >>> worded("POINT(1 2)")
    ('Point', [1.0, 2.0])
    """
    try:
        found = shapely.from_wkt(text.partition(";")[2] if text[:5].upper() == "SRID=" else text)
    except shapely.GEOSException as error:
        raise ValueError(str(error)) from error
    if found is None or found.is_empty:
        raise ValueError("nothing is drawn")
    drawn = mapping(found)
    if "coordinates" not in drawn:
        raise ValueError("a collection of shapes")
    return str(drawn["type"]), json.loads(json.dumps(drawn["coordinates"]))


# --- from a file's features to wards --------------------------------------------------------------------------------


def drawn(layer: Layer, column: str = "") -> Drawing:
    """The wards that a file draws, mended where they can be. ``column`` holds their names; without it the likeliest is taken.

    Raises WrongUse where there are none, where they have no names, or where they overlap.
    """
    features = [one for one in layer.features if one.kind in _AREAS]
    if not features:
        kinds = sorted({one.kind for one in layer.features}) or ["nothing"]
        raise WrongUse(
            f"There is no area in this file; it holds {', '.join(kinds)}.", where=layer.name, why="A ward is an area with a border.",
            do="Ask for the file of the council districts' boundaries. Addresses are loaded with --addresses.",
        )  # fmt: skip
    if len(features) > MOST:
        raise WrongUse(
            f"There are {len(features)} areas in this file, and no council has more than {MOST} wards.", where=layer.name, why="It is likely one of precincts or blocks.",
            do="Ask for the file of the council districts' boundaries.",
        )  # fmt: skip
    named = _named(layer, features, column)
    told = list(layer.told)
    left_out = len(layer.features) - len(features)
    if left_out:
        told.append("One feature is no area and was left out." if left_out == 1 else f"{left_out} features are no areas and were left out.")  # fmt: skip
    areas: dict[str, list[Any]] = {}
    for name, feature in named:
        areas.setdefault(name, []).append(_mended(name, feature, layer.name, told))
    for name, several in areas.items():
        if len(several) > 1:
            told.append(f"Ward {name} comes in {len(several)} parts; they were joined.")
    wards = in_order(Ward(name, _joined(several)) for name, several in areas.items())
    told.extend(_overlaps(wards, layer.name))
    told.extend(_holes(wards))
    return Drawing(wards, tuple(told))


def _named(layer: Layer, features: Sequence[Feature], column: str) -> list[tuple[str, Feature]]:
    known = {one.casefold(): one for one in layer.columns}
    if column and column.casefold() not in known:
        raise WrongUse(
            f"This file has no column '{column[:60]}'.", where=layer.name, why="The wards would have no names.", do=f"It has: {', '.join(layer.columns) or 'none at all'}.",
        )  # fmt: skip
    likely = [column] if column else [one for one in _NAMES if one in known]
    for one in likely:
        own = known[one.casefold()]
        names = [" ".join(feature.properties.get(own, "").split())[:100] for feature in features]
        if all(names):
            return list(zip((called(name) for name in names), features, strict=True))
        if column:
            raise WrongUse(
                f"{sum(not name for name in names)} of {len(names)} areas have nothing in the column '{own}'.", where=layer.name, why="A ward without a name cannot be told to anybody.",
                do=f"Choose another column with --name. It has: {', '.join(layer.columns)}.",
            )  # fmt: skip
    raise WrongUse(
        "No column of this file is known to hold the names of wards.", where=layer.name, why="A ward without a name cannot be told to anybody.",
        do=f"Choose one with --name. It has: {', '.join(layer.columns) or 'none at all; ask for a file with names'}.",
    )  # fmt: skip


def called(name: str) -> str:
    """A ward's name without the word for it, and without what a spreadsheet makes of a number; empty for the whole town.

    >>> called("Ward 3"), called("3.0"), called("Council District 03"), called("River"), called("At large")
    ('3', '3', '3', 'River', '')
    """
    plain = " ".join(name.split())[:100]
    if plain.casefold().replace("-", " ") in ("at large", "citywide", "all"):
        return ""
    found = re.fullmatch(r"(?:(?:city )?(?:council )?(?:ward|district|distrito|barrio)\s*(?:no\.?|#|number)?\s*)?0*(\d{1,4})(?:\.0+)?", plain, re.IGNORECASE)  # fmt: skip
    return found[1] if found else plain


def _mended(name: str, feature: Feature, where: str, told: list[str]) -> Any:
    try:
        area = shapely.force_2d(shape({"type": feature.kind, "coordinates": feature.coordinates}))
    except (ValueError, TypeError, IndexError, shapely.GEOSException) as error:
        raise WrongUse(
            f"The border of ward {name} cannot be drawn ({str(error)[:120]}).", where=where, why="Homes in it would be in no ward.", do="Ask for the file again.",
        ) from error  # fmt: skip
    if not area.is_valid:
        why = explain_validity(area).partition("[")[0].strip().lower() or "invalid"
        before, area = abs(area.area), _areas(shapely.make_valid(area))
        change = abs(area.area - before) / before if before else 0.0
        share = f" Its area changed by {change:.1%}." if change >= 0.0005 else ""
        told.append(f"The border of ward {name} was mended ({why}).{share}")
    if area.is_empty or not area.area:
        raise WrongUse(
            f"Ward {name} has no area.", where=where, why="Nobody could live in it.", do="Ask for the file again, or leave that row out.",
        )  # fmt: skip
    return area


def _areas(found: Any) -> Any:
    """Only the areas of what mending left: lines and points are thrown away."""
    parts = [one for one in _flat(found) if isinstance(one, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _flat(found: Any) -> Iterator[Any]:
    for one in getattr(found, "geoms", (found,)):
        if hasattr(one, "geoms"):
            yield from _flat(one)
        else:
            yield one


def _joined(several: Sequence[Any]) -> Any:
    return several[0] if len(several) == 1 else _areas(shapely.union_all(list(several)))


def _overlaps(wards: Sequence[Ward], where: str) -> Iterator[str]:
    """Slivers, told; what is more than a sliver is refused."""
    tree = shapely.STRtree([one.area for one in wards])
    slivers = 0
    for i, j in sorted({(min(a, b), max(a, b)) for a, b in tree.query([one.area for one in wards], "intersects").T.tolist() if a != b}):  # fmt: skip
        common = shapely.intersection(wards[i].area, wards[j].area)
        size, least = square_meters(common), min(square_meters(wards[i].area), square_meters(wards[j].area))
        if size > _HOME and size > _SLIVER * least:
            raise WrongUse(
                f"Wards {wards[i].name} and {wards[j].name} overlap: {size / 1e6:,.3f} square kilometers lie in both, {size / least:.0%} of the smaller.", where=where,
                why="Who lives there would have two members.", do="Ask which map is in force; old and new wards may stand in one file, or the column may not be that of the wards.",
            )  # fmt: skip
        slivers += size > 1.0
    if slivers:
        yield f"{slivers} {'pair' if slivers == 1 else 'pairs'} of wards overlap by a sliver along their border. A spot in it counts to the one that comes first."  # fmt: skip


def _holes(wards: Sequence[Ward]) -> Iterator[str]:
    whole = shapely.union_all([one.area for one in wards])
    holes = [Polygon(ring) for part in _flat(whole) if isinstance(part, Polygon) for ring in part.interiors]
    large = [one for one in holes if square_meters(one) > 10 * _HOME]
    if large:
        yield f"{len(large)} {'spot' if len(large) == 1 else 'spots'} between the wards {'belongs' if len(large) == 1 else 'belong'} to none of them."  # fmt: skip


def square_meters(area: Any) -> float:
    """About how large an area in degrees is: true within a hundredth for anything of a town's size.

    >>> round(square_meters(Polygon([(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)])) / 1e6, 2)
    1.24
    """
    if area.is_empty:
        return 0.0
    north = (area.bounds[1] + area.bounds[3]) / 2
    return float(area.area) * _DEGREE**2 * math.cos(math.radians(north))


def kilometers(one: Spot, other: Spot) -> float:
    """How far two spots lie apart, over the ground.

    >>> round(kilometers((-93.26384, 44.97997), (-93.09327, 44.94441)))
    14
    """
    east = math.radians(other[0] - one[0])
    south, north = math.radians(one[1]), math.radians(other[1])
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(east / 2) ** 2
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


# --- drawing ----------------------------------------------------------------------------------------------------------


def paths(wards: Sequence[Ward], width: float, height: float) -> tuple[tuple[str, Spot], ...]:
    """For each ward the path of an SVG within that frame, y growing downward, and where its name stands; true to angles."""
    left, bottom, right, top = Drawing(tuple(wards)).box
    squeeze = math.cos(math.radians((bottom + top) / 2))
    scale = min(width / max(1e-9, (right - left) * squeeze), height / max(1e-9, top - bottom))
    over_x, over_y = (width - (right - left) * squeeze * scale) / 2, (height - (top - bottom) * scale) / 2

    def on_paper(longitude: float, latitude: float) -> Spot:
        return round(over_x + (longitude - left) * squeeze * scale, 1), round(over_y + (top - latitude) * scale, 1)

    found = []
    for one in wards:
        # What is finer than half a unit of the drawing nobody sees.
        plain = shapely.simplify(one.area, 0.5 / scale, preserve_topology=True)
        rings = [ring for part in _flat(plain) for ring in (part.exterior, *part.interiors)]
        path = "".join(_ring(on_paper(x, y) for x, y, *_ in ring.coords) for ring in rings)
        at = max(_flat(one.area), key=lambda part: part.area).representative_point()
        found.append((path, on_paper(at.x, at.y)))
    return tuple(found)


def _ring(points: Iterable[Spot]) -> str:
    return "M" + " ".join(f"{x:g},{y:g}" for x, y in dict.fromkeys(points)) + "Z"
