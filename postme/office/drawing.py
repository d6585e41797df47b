"""The map as SVG: outlines, symbols with their links, crowds drawn larger. Classes and attributes only, so that a strict content policy lets it through.

The drawing is a group and no image to a screen reader: an image hides its links, and every symbol here is one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from postme import atlas
from postme.keeping import library
from postme.regime import Kind

# Chosen: in units of the map; on a telephone 320 pixels wide a symbol is still 6 pixels.
RADIUS = 10.0
# Chosen: half of the lettered square that stands for a crowd; its letter is 10 pixels high on a telephone.
SQUARE = 17.0
# Chosen: in pixels where it is not made smaller; a telephone shows it whole.
INSET_WIDTH = 320.0
_INSET_RADIUS = 9.0
_INSET_TYPE = 14.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One place to be drawn: a state is filled, all others have a symbol at ``x``, ``y`` (map units)."""

    place: str
    name: str
    kind: Kind
    both: bool
    weakened: bool
    title: str
    href: str
    x: float | None
    y: float | None


@dataclass(frozen=True, slots=True)
class Inset:
    """A crowd drawn larger: its letter on the map, its title, the places in it, and the drawing."""

    letter: str
    title: str
    places: tuple[str, ...]
    moved: bool
    """Whether symbols were moved apart, so that distances do not hold."""
    svg: str


@lru_cache(maxsize=1)
def outlines() -> Mapping[str, Any]:
    """The states' names, boxes and paths, and the middles of counties, as ``look/fetch_map.py`` wrote them."""
    found: Mapping[str, Any] = json.loads((library.KNOWLEDGE / "places" / "states.json").read_bytes())
    return found


_SHADES = {
    Kind.BAN: "st ban", Kind.GATE: "st cond", Kind.CONDITIONS: "st cond", Kind.UNKNOWN: "st unk", Kind.COMING: "st coming", Kind.LAPSED: "st lapsed",
}  # fmt: skip


def shade(kind: Kind) -> str:
    """The classes that fill a state."""
    return _SHADES[kind]


def key(inside: str) -> str:
    """A drawing of 22 by 22 units for the key; the words beside it say what it is."""
    return f'<svg viewBox="0 0 22 22" aria-hidden="true" focusable="false">{inside}</svg>'


def _class(mark: Mark | None) -> str:
    if mark is None:
        return "st"
    return f"{shade(mark.kind)} lapsed" if mark.weakened else shade(mark.kind)


def _n(value: float) -> str:
    return f"{round(value, 1):g}"


def symbol(kind: Kind, x: float, y: float, radius: float, *, both: bool = False, weakened: bool = False) -> str:
    """A symbol around a spot, within ``radius``: each kind has a shape of its own, so that none is told by color alone."""
    ring = f'<circle class="lapsed" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius - 0.8)}"/>' if weakened else ""
    size = radius * (0.7 if weakened else 1.0)

    def disc(part: float, name: str) -> str:
        return f'<circle class="{name}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(size * part)}"/>'

    def lines(points: Iterable[tuple[float, float]], name: str) -> str:
        path = " ".join(f"{_n(x + dx * size)},{_n(y + dy * size)}" for dx, dy in points)
        return f'<path class="{name}" d="M{path}Z"/>'

    diamond = ((0, -0.95), (0.95, 0), (0, 0.95), (-0.95, 0))
    if both:
        return lines(diamond, "gate") + disc(0.46, "ban dot") + ring
    if kind is Kind.BAN:
        return disc(0.8, "ban") + ring
    if kind is Kind.GATE:
        return lines(diamond, "gate") + ring
    if kind is Kind.CONDITIONS:
        return lines(((-0.66, -0.66), (0.66, -0.66), (0.66, 0.66), (-0.66, 0.66)), "cond") + ring
    if kind is Kind.UNKNOWN:
        return lines(((0, -0.9), (0.85, 0.6), (-0.85, 0.6)), "unk") + ring
    if kind is Kind.COMING:
        half = f'<path class="ban half" d="M{_n(x)},{_n(y - size * 0.8)}a{_n(size * 0.8)},{_n(size * 0.8)} 0 0 1 0,{_n(size * 1.6)}Z"/>'
        return disc(0.8, "coming") + half
    return disc(0.8, "lapsed")


def _linked(mark: Mark, inside: str) -> str:
    title = escape(mark.title)
    return f'<a href="{escape(mark.href)}"><title>{title}</title>{inside}</a>'


def _states(marks: Mapping[str, Mark]) -> str:
    """The states' outlines; those without a law first, so that no neighbor's border lies upon a fill."""
    states = outlines()["states"]
    found = []
    for short in sorted(states, key=lambda one: (one in marks, one)):
        mark = marks.get(short)
        path = f'<path class="{_class(mark)}" d="{states[short]["d"]}"/>'
        found.append(_linked(mark, path) if mark else path)
    return "".join(found)


@lru_cache(maxsize=64)
def _rings(state: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    return atlas.rings(outlines()["states"][state]["d"])


def _land(larger: atlas.Inset, marks: Mapping[str, Mark], size: tuple[float, float]) -> str:
    """What an inset sees of the states, cut at a little more than its frame."""
    left, top, right, bottom = larger.seen(*size)
    box = (left - 1, top - 1, right + 1, bottom + 1)
    found = []
    for short in sorted(outlines()["states"], key=lambda one: (one in marks, one)):
        path = ""
        for ring in _rings(short):
            points = [
                (_n(x * larger.scale + larger.dx), _n(y * larger.scale + larger.dy)) for x, y in atlas.cut(ring, box)
            ]
            if points:
                path += "M" + " ".join(f"{x},{y}" for x, y in dict.fromkeys(points)) + "Z"
        if path:
            found.append(f'<path class="{_class(marks.get(short))}" d="{path}"/>')
    return "".join(found)


@lru_cache(maxsize=256)
def _groups(spots: tuple[atlas.Spot, ...]) -> tuple[atlas.Group, ...]:
    return atlas.grouped(spots, RADIUS, math.hypot(SQUARE, SQUARE) - 3)


def country(
    marks: Sequence[Mark], title: str, says: str, prefix: str, crowd_says: str
) -> tuple[str, tuple[Inset, ...]]:
    """The map and its insets. ``crowd_says`` has ``{count}`` and ``{where}``; ``prefix`` begins every id of the page's."""
    states = {mark.place: mark for mark in marks if mark.x is None}
    spots = {mark.place: mark for mark in marks if mark.x is not None}
    groups = _groups(tuple(atlas.Spot(one.place, one.x, one.y) for one in spots.values() if one.x is not None and one.y is not None))  # fmt: skip
    drawn: list[str] = []
    insets: list[Inset] = []
    for group in groups:
        if not group.crowd:
            mark = spots[group.spots[0].id]
            drawn.append(
                _linked(mark, symbol(mark.kind, group.x, group.y, RADIUS, both=mark.both, weakened=mark.weakened))
            )
            continue
        letter = _letter(len(insets))
        where = " · ".join(dict.fromkeys(_state(one.id) for one in group.spots))
        named = crowd_says.format(count=len(group.spots), where=where)
        insets.append(_inset(letter, where, group, spots, states, prefix))
        drawn.append(
            f'<a href="#{prefix}-{letter.lower()}"><title>{escape(named)}</title>'
            f'<rect class="crowd" x="{_n(group.x - SQUARE)}" y="{_n(group.y - SQUARE)}" width="{_n(2 * SQUARE)}" height="{_n(2 * SQUARE)}"/>'
            f'<text class="letter" x="{_n(group.x)}" y="{_n(group.y + 9.5)}">{letter}</text></a>'
        )
    svg = (
        f'<svg class="map" viewBox="0 0 {atlas.WIDTH} {atlas.HEIGHT}" role="group" aria-labelledby="{prefix}-title {prefix}-desc">'
        f'<title id="{prefix}-title">{escape(title)}</title><desc id="{prefix}-desc">{escape(says)}</desc>'
        f"{_states(states)}{''.join(drawn)}</svg>"
    )
    return svg, tuple(insets)


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"A{number - 25}"


def _state(short: str) -> str:
    state = "/".join(short.split("/")[:2])
    entry = outlines()["states"].get(state)
    return str(entry["name"]) if entry else state


def _inset(
    letter: str, where: str, group: atlas.Group, spots: Mapping[str, Mark], states: Mapping[str, Mark], prefix: str
) -> Inset:  # fmt: skip
    width, height = INSET_WIDTH, min(360.0, 170.0 + 17 * len(group.spots))
    names = {one.id: spots[one.id].name for one in group.spots}
    larger = atlas.inset(group.spots, names, width, height, _INSET_RADIUS, _INSET_TYPE)
    body = "".join(
        _linked(
            spots[one.id],
            symbol(spots[one.id].kind, one.x, one.y, _INSET_RADIUS, both=spots[one.id].both, weakened=spots[one.id].weakened)
            + f'<text class="name {one.anchor}" x="{_n(one.text_x)}" y="{_n(one.text_y)}">{escape(names[one.id])}</text>',
        )
        for one in larger.labels
    )  # fmt: skip
    svg = (
        f'<svg class="map inset" id="{prefix}-{letter.lower()}" viewBox="0 0 {_n(width)} {_n(height)}" role="group" aria-labelledby="{prefix}-{letter.lower()}-title">'
        f'<title id="{prefix}-{letter.lower()}-title">{letter}: {escape(where)}</title>'
        f'{_land(larger, states, (width, height))}{body}<rect class="frame" x="0.5" y="0.5" width="{_n(width - 1)}" height="{_n(height - 1)}"/></svg>'
    )
    return Inset(letter, where, tuple(one.id for one in larger.labels), any(one.moved for one in larger.labels), svg)


def small(state: str, x: float | None, y: float | None, name: str) -> str:
    """A state's outline with a dot, or the state itself where no spot is given; empty for a state that the map lacks."""
    entry = outlines()["states"].get(state)
    if entry is None:
        return ""
    left, top, right, bottom = entry["box"]
    size = max(right - left, bottom - top)
    pad = size * 0.06
    box = " ".join(_n(one) for one in (left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad))
    dot = (
        f'<circle class="ban" cx="{_n(x)}" cy="{_n(y)}" r="{_n(size * 0.045)}" vector-effect="non-scaling-stroke"/>'
        if x is not None and y is not None
        else ""
    )
    shape = "st" if dot else "st here"
    return (
        f'<svg class="map small" viewBox="{box}" role="img" aria-label="{escape(name)}"><title>{escape(name)}</title>'
        f'<path class="{shape}" vector-effect="non-scaling-stroke" d="{entry["d"]}"/>{dot}</svg>'
    )
