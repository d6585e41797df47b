"""Where a spot of the country lies on the map, and how spots that crowd are drawn so that none hides another.

The map is 975 by 610 units, y growing downward: an Albers projection of the 48 states, with Alaska (at 35 % of its
size) and Hawaii set in below California. The outlines of ``knowledge/places`` are in the same units.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 975, 610
# Source: d3-geo's documentation of geoAlbersUsa; 1300 is the scale that fits it to 975 by 610.
_SCALE = 1300.0
_CENTER = (487.5, 305.0)
# Chosen: units between the edges of two symbols, so that they are told apart on a telephone.
GAP = 2.0
# Chosen: so many symbols may step aside on the map itself; more are a crowd with an inset of its own.
_FEW = 3
# Chosen: in radii; spots nearer than that to one of a crowd belong to it.
_NEAR = 1.2
# Chosen: no crowd is drawn more than so many times larger; nearer spots are moved apart.
_LARGEST = 24.0
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
    """The spots in groups whose symbols do not overlap: a symbol has one ``radius``, the letter of a crowd another.

    What is near steps aside, by no more than its own radius, so that it still covers its spot. What does not come clear so
    is a crowd, and a letter stands for it.

    >>> [len(one.spots) for one in grouped([Spot("a", 10, 10), Spot("b", 19, 10), Spot("c", 90, 10)], 9, 14)]
    [1, 1, 1]
    >>> [len(one.spots) for one in grouped([Spot(name, 50, 50 + i) for i, name in enumerate("abcd")], 9, 14)]
    [4]
    """
    crowds: list[_Crowd] = [(one,) for one in sorted(spots, key=lambda one: one.id)]
    while pair := _nearest(crowds, _NEAR * radius):
        crowds = _joined(crowds, *pair)
    tight: set[_Crowd] = set()
    while True:
        found = _loosened([_group(one, radius, crowd) for one in crowds], radius, tight)
        found = _aside(found)
        near = _overlapping(found)
        if near is None:
            return tuple(sorted(found, key=lambda one: (one.y, one.x)))
        first, second = (next(i for i, one in enumerate(crowds) if group.spots[0] in one) for group in near)
        if first == second:  # taken apart, and it did not come clear of the rest
            tight.add(crowds[first])
        else:
            crowds = _joined(crowds, first, second)


_Crowd = tuple[Spot, ...]


def _nearest(crowds: Sequence[_Crowd], least: float) -> tuple[int, int] | None:
    """Two crowds of which a spot of one is nearer than that to a spot of the other."""
    every = (
        (math.dist((a.x, a.y), (b.x, b.y)), i, j)
        for i, one in enumerate(crowds)
        for j in range(i)
        for a in one
        for b in crowds[j]
    )
    away, i, j = min(every, default=(least, 0, 0))
    return (i, j) if away < least else None


def _joined(crowds: Sequence[_Crowd], i: int, j: int) -> list[_Crowd]:
    both = tuple(sorted((*crowds[i], *crowds[j]), key=lambda one: one.id))
    return [one for k, one in enumerate(crowds) if k not in (i, j)] + [both]


def _group(crowd: _Crowd, radius: float, square: float) -> Group:
    x, y = sum(one.x for one in crowd) / len(crowd), sum(one.y for one in crowd) / len(crowd)
    return Group(crowd, x, y, square if len(crowd) > 1 else radius)


def _overlapping(groups: Sequence[Group]) -> tuple[Group, Group] | None:
    every = (
        (math.dist((one.x, one.y), (other.x, other.y)) - one.radius - other.radius, i, j)
        for i, one in enumerate(groups)
        for j, other in enumerate(groups[:i])
    )
    away, i, j = min(every, default=(GAP, 0, 0))
    return (groups[i], groups[j]) if away < GAP - 0.05 else None


def _aside(groups: Sequence[Group]) -> list[Group]:
    """Everything moved clear of all else, each by no more than its radius, as far as that goes."""
    found = list(groups)
    true = [one if one.crowd else replace(one, x=one.spots[0].x, y=one.spots[0].y) for one in groups]
    near = [
        (i, j)
        for i, one in enumerate(groups)
        for j, other in enumerate(groups[:i])
        if math.dist((one.x, one.y), (other.x, other.y)) < 2 * (one.radius + other.radius) + GAP
    ]
    for _ in range(200):
        clear = True
        for i, j in near:
            one, other = found[i], found[j]
            away = math.dist((one.x, one.y), (other.x, other.y))
            short = one.radius + other.radius + GAP - away
            if short < 0.04:
                continue
            clear = False
            ux, uy = ((one.x - other.x) / away, (one.y - other.y) / away) if away > 0.001 else (0.0, 1.0)
            found[i] = _moved(one, true[i], ux * short / 2, uy * short / 2)
            found[j] = _moved(other, true[j], -ux * short / 2, -uy * short / 2)
        if clear:
            break
    return found


def _moved(group: Group, true: Group, dx: float, dy: float) -> Group:
    """A group moved, but no farther from where it belongs than its radius."""
    x, y = group.x + dx - true.x, group.y + dy - true.y
    far = math.hypot(x, y)
    part = min(1.0, true.radius / far) if far else 1.0
    return replace(group, x=true.x + x * part, y=true.y + y * part)


def _loosened(groups: Sequence[Group], radius: float, tight: Collection[_Crowd]) -> list[Group]:
    """Small crowds taken apart where a small step of each is enough."""
    found = list(groups)
    for group in groups:
        if not 1 < len(group.spots) <= _FEW or group.spots in tight:
            continue
        true = [(one.x, one.y) for one in group.spots]
        moved = _apart(true, 2 * radius + GAP, (0, 0, WIDTH, HEIGHT))
        near = all(math.dist(spot, real) <= radius for spot, real in zip(moved, true, strict=False))
        if moved and near:
            found = [one for one in found if one is not group]
            found += [Group((one,), x, y, radius) for one, (x, y) in zip(group.spots, moved, strict=True)]
    return found


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
            inside = box[0] >= 3 and box[1] >= 3 and box[2] <= frame[0] - 3 and box[3] <= frame[1] - 3
            # A name is read as that of the symbol it stands nearest to.
            own = _from(box, (x, y))
            plain = all(_from(box, other) > max(own + 4, radius + 4) for j, other in enumerate(placed) if j != i)
            if inside and plain and not any(_touch(box, other) for other in taken):
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


def _from(box: _Box, spot: _Pair) -> float:
    """How far a spot lies from a box."""
    return math.hypot(max(box[0] - spot[0], 0, spot[0] - box[2]), max(box[1] - spot[1], 0, spot[1] - box[3]))


def _touch(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


_STEP = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


def rings(path: str) -> tuple[tuple[_Pair, ...], ...]:
    """The closed lines of an outline as ``knowledge/places`` writes it: each begins at a spot and goes on by steps.

    >>> rings("M10,10l5,0 0,5Z")
    (((10.0, 10.0), (15.0, 10.0), (15.0, 15.0)),)
    """
    found = []
    for ring in path.split("Z")[:-1]:
        numbers = [float(one) for one in _STEP.findall(ring)]
        x, y = numbers[:2]
        points = [(x, y)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = round(x + dx, 1), round(y + dy, 1)
            points.append((x, y))
        found.append(tuple(points))
    return tuple(found)


def cut(ring: Sequence[_Pair], box: _Box) -> list[_Pair]:
    """The part of a closed line inside a box; empty where none is.

    Source: Sutherland and Hodgman, Reentrant Polygon Clipping, 1974.

    >>> cut([(0, 0), (10, 0), (10, 10), (0, 10)], (5, 5, 20, 20))
    [(5.0, 5), (10.0, 5), (10, 10), (5, 10.0)]
    """
    found = list(ring)
    for axis, limit, sign in ((0, box[0], 1), (0, box[2], -1), (1, box[1], 1), (1, box[3], -1)):
        before, found = found, []
        for i, here in enumerate(before):
            last = before[i - 1]
            inside, was = sign * (here[axis] - limit) >= 0, sign * (last[axis] - limit) >= 0
            if inside != was:
                part = (limit - last[axis]) / (here[axis] - last[axis])
                other = last[1 - axis] + part * (here[1 - axis] - last[1 - axis])
                found.append((limit, other) if axis == 0 else (other, limit))
            if inside:
                found.append(here)
    return found
