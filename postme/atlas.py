"""Where a spot of the country lies on the map, and how spots that crowd are drawn so that none hides another.

The map is 975 by 610 units, y growing downward: an Albers projection of the 48 states, with Alaska (at 35 % of its
size) and Hawaii set in below California. The outlines of ``knowledge/places`` are in the same units.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 975, 610
# Source: d3-geo's documentation of geoAlbersUsa; 1300 is the scale that fits it to 975 by 610.
_SCALE = 1300.0
_CENTER = (487.5, 305.0)
# Chosen: units between the edges of two symbols, so that they are told apart on a telephone.
GAP = 2.0
# Chosen: no crowd is drawn more than so many times larger; nearer spots are moved apart.
_LARGEST = 16.0
# Source: measured on Public Sans at 600: the mean width of a letter of these names, in parts of the type's size.
_LETTER = 0.58


@dataclass(frozen=True, slots=True)
class _Cone:
    """An equal-area cone. Source: J. P. Snyder, Map Projections: A Working Manual, USGS 1987, chapter 14."""

    meridian: float
    """Degrees east that stand upright."""
    center: tuple[float, float]
    """Degrees from that meridian, and degrees north, which come to lie on ``at``."""
    parallels: tuple[float, float]
    scale: float
    at: tuple[float, float]
    frame: tuple[float, float, float, float]
    """Least and greatest x and y of the map that this part fills."""

    def raw(self, lon: float, lat: float) -> tuple[float, float]:
        south, north = (math.sin(math.radians(one)) for one in self.parallels)
        n = (south + north) / 2
        c = 1 + south * (2 * n - south)
        rho, rho0 = math.sqrt(max(0.0, c - 2 * n * math.sin(math.radians(lat)))) / n, math.sqrt(c) / n
        theta = n * math.radians(lon)
        return rho * math.sin(theta), rho0 - rho * math.cos(theta)

    def project(self, lon: float, lat: float) -> tuple[float, float] | None:
        turned = (lon - self.meridian + 180) % 360 - 180
        x, y = self.raw(turned, lat)
        middle = self.raw(*self.center)
        found = self.at[0] + self.scale * (x - middle[0]), self.at[1] - self.scale * (y - middle[1])
        left, top, right, bottom = self.frame
        return found if left <= found[0] <= right and top <= found[1] <= bottom else None


def _part(
    meridian: float, center: tuple[float, float], parallels: tuple[float, float], size: float, at: tuple[float, float], frame: Sequence[float]
) -> _Cone:  # fmt: skip
    x, y = _CENTER
    left, top, right, bottom = (one * _SCALE for one in frame)
    shifted = (x + at[0] * _SCALE, y + at[1] * _SCALE)
    return _Cone(meridian, center, parallels, _SCALE * size, shifted, (x + left, y + top, x + right, y + bottom))


# Source: the standard parallels are the USGS's (EPSG:3338 for Alaska, ESRI:102007 for Hawaii); where the parts are set in
# is geoAlbersUsa's, in parts of the scale, so that points fall upon us-atlas's outlines.
_PARTS = (
    _part(-96, (-0.6, 38.7), (29.5, 45.5), 1.0, (0, 0), (-0.455, -0.238, 0.455, 0.238)),
    _part(-154, (-2, 58.5), (55, 65), 0.35, (-0.307, 0.201), (-0.425, 0.120, -0.214, 0.234)),
    _part(-157, (-3, 19.9), (8, 18), 1.0, (-0.205, 0.212), (-0.214, 0.166, -0.115, 0.234)),
)


def project(lon: float, lat: float) -> tuple[float, float] | None:
    """A spot on the map, in its units, of degrees east and north; none where the map does not reach (Guam, London).

    >>> [round(one, 1) for one in project(-93.26384, 44.97997)]
    [541.9, 161.0]
    """
    if not (math.isfinite(lon) and -90 <= lat <= 90):
        return None
    return next((found for part in _PARTS if (found := part.project(lon, lat))), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """Something at a place of the map."""

    id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Group:
    """Spots drawn as one: alone, or a crowd whose place on the map a letter takes."""

    spots: tuple[Spot, ...]
    x: float
    y: float
    radius: float

    @property
    def crowd(self) -> bool:
        """Whether there is more than one."""
        return len(self.spots) > 1


def grouped(spots: Iterable[Spot], radius: float, crowd: float) -> tuple[Group, ...]:
    """The spots in groups that do not overlap: a symbol has one ``radius``, the letter of a crowd another.

    >>> [len(one.spots) for one in grouped([Spot("a", 0, 0), Spot("b", 9, 0), Spot("c", 90, 0)], 9, 14)]
    [2, 1]
    """
    found = [Group((spot,), spot.x, spot.y, radius) for spot in sorted(spots, key=lambda one: one.id)]
    while True:
        near = min(
            (
                (away, i, j)
                for i, one in enumerate(found)
                for j, other in enumerate(found[:i])
                if (away := math.dist((one.x, one.y), (other.x, other.y)) - one.radius - other.radius) < GAP
            ),
            default=None,
        )
        if near is None:
            return tuple(sorted(found, key=lambda one: (one.y, one.x)))
        _, i, j = near
        both = tuple(sorted((*found[i].spots, *found[j].spots), key=lambda one: one.id))
        x, y = sum(one.x for one in both) / len(both), sum(one.y for one in both) / len(both)
        found = [one for k, one in enumerate(found) if k not in (i, j)] + [Group(both, x, y, crowd)]


@dataclass(frozen=True, slots=True)
class Label:
    """A spot of an inset with its name: where each is drawn, how the name is anchored, and whether the spot was moved."""

    id: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Inset:
    """A part of the map drawn larger: map units times ``scale`` plus ``dx``, ``dy`` are the inset's."""

    scale: float
    dx: float
    dy: float
    labels: tuple[Label, ...]

    def seen(self, width: float, height: float) -> tuple[float, float, float, float]:
        """The part of the map that an inset of that size shows: left, top, right, bottom."""
        return -self.dx / self.scale, -self.dy / self.scale, (width - self.dx) / self.scale, (height - self.dy) / self.scale  # fmt: skip


def inset(
    spots: Sequence[Spot], names: Mapping[str, str], width: float, height: float, radius: float, size: float
) -> Inset:
    """The crowd drawn larger, each name beside its symbol; symbols and names overlap nothing, and lie inside the frame.

    ``size`` is the type's. Spots that are too near even so are moved apart by as little as lets every name be read. Where
    a frame cannot hold them so, they stand in a column.
    """
    xs, ys = [one.x for one in spots], [one.y for one in spots]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    # A name needs room beside the outermost symbols, a line of type above and below.
    room = width * 0.5, height - 2 * (radius + size)
    scale = min(room[0] / max(wide, 0.01), room[1] / max(high, 0.01), _LARGEST)
    dx, dy = width / 2 - scale * (max(xs) + min(xs)) / 2, height / 2 - scale * (max(ys) + min(ys)) / 2
    true = [(one.x * scale + dx, one.y * scale + dy) for one in spots]
    for apart in range(math.ceil(2 * radius + GAP), math.ceil(2 * radius + GAP) + 40, 3):
        placed = _apart(true, apart, (radius + 2, radius + 2, width - radius - 2, height - radius - 2))
        found = _named(spots, placed, names, (width, height), radius, size) if placed else None
        if found:
            labels = [
                Label(one.id, spot[0], spot[1], text[0], text[1], text[2], math.dist(spot, real) > 1.5)
                for one, spot, text, real in zip(spots, placed, found, true, strict=True)
            ]
            return Inset(scale, dx, dy, tuple(labels))
    step = height / (len(spots) + 1)
    order = sorted(range(len(spots)), key=lambda i: (spots[i].y, spots[i].x))
    column = [
        Label(spots[i].id, radius + 6, step * (k + 1), 2 * radius + 12, step * (k + 1) + size * 0.35, "start", moved=True)
        for k, i in enumerate(order)
    ]  # fmt: skip
    return Inset(scale, dx, dy, tuple(column))


_Pair = tuple[float, float]
_Box = tuple[float, float, float, float]


def _apart(true: Sequence[_Pair], least: float, frame: _Box) -> list[_Pair]:
    """The spots moved until each two are so far apart and all inside the frame; empty where that did not come about."""
    left, top, right, bottom = frame
    spots = [list(one) for one in true]
    for _ in range(400):
        settled = True
        for i, one in enumerate(spots):
            for j, other in enumerate(spots[:i]):
                ax, ay = one[0] - other[0], one[1] - other[1]
                away = math.hypot(ax, ay)
                if away < least - 0.01:
                    settled = False
                    # Two on one spot part in a direction of their own, the same every time.
                    ux, uy = (ax / away, ay / away) if away > 0.001 else (math.cos(i + j), math.sin(i + j))
                    push = (least - away) / 2 + 0.05
                    one[0], one[1] = one[0] + ux * push, one[1] + uy * push
                    other[0], other[1] = other[0] - ux * push, other[1] - uy * push
        for spot in spots:
            spot[0], spot[1] = min(max(spot[0], left), right), min(max(spot[1], top), bottom)
        if settled:
            return [(one[0], one[1]) for one in spots]
    return []


def _named(
    spots: Sequence[Spot], placed: Sequence[_Pair], names: Mapping[str, str], frame: _Pair, radius: float, size: float
) -> list[tuple[float, float, str]] | None:
    """Where each name stands: text x, baseline, anchor. None where one finds no room."""
    taken: list[_Box] = [(x - radius, y - radius, x + radius, y + radius) for x, y in placed]
    found: dict[int, tuple[float, float, str]] = {}
    # Those with the most neighbors choose first.
    order = sorted(range(len(spots)), key=lambda i: sorted(math.dist(placed[i], one) for one in placed)[1:3])
    for i in order:
        (x, y), long = placed[i], len(names[spots[i].id]) * size * _LETTER
        for text_x, base, anchor, box in _choices(x, y, long, radius, size):
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= frame[0] - 2 and box[3] <= frame[1] - 2
            if inside and not any(_touch(box, other) for other in taken):
                found[i] = (text_x, base, anchor)
                taken.append(box)
                break
        else:
            return None
    return [found[i] for i in range(len(spots))]


def _choices(x: float, y: float, long: float, radius: float, size: float) -> Iterable[tuple[float, float, str, _Box]]:
    """Where a name may stand around its symbol, the best first."""
    beside = radius + 4
    rise, drop = size * 0.8, size * 0.25

    def at(text_x: float, base: float, anchor: str) -> tuple[float, float, str, _Box]:
        left = {"start": text_x, "end": text_x - long, "middle": text_x - long / 2}[anchor]
        return text_x, base, anchor, (left, base - rise, left + long, base + drop)

    level = y + size * 0.33
    yield at(x + beside, level, "start")
    yield at(x - beside, level, "end")
    for up in (-size * 0.6, size * 0.6):
        yield at(x + beside, level + up, "start")
        yield at(x - beside, level + up, "end")
    yield at(x, y - radius - 4, "middle")
    yield at(x, y + radius + size * 0.8 + 3, "middle")


def _touch(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
