"""Error rates by group as dots with whiskers, on a log axis of wrong matches per million comparisons.

Classes and attributes only, so that a strict content policy lets it through. A filled dot is a measured rate, a hollow
triangle an upper bound where no error was found; told apart without colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

# Chosen: legible at 320 pixels and on paper; room for names at the left and axis numbers below.
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP, _BOTTOM = 520, 170, 34, 31, 26, 42
# Letters of a name that fit at the left, on each of two lines; the whole name is in the title of its row and in the table.
_NAME, _LINE = 16, 14
# Below one in a hundred million nothing is told apart.
_LEAST = 0.01


def dots(groups: Sequence[Mapping[str, Any]], overall: float, title: str) -> str:
    """One row a group, worst first: its rate, its 95 % interval, and a line at the ``overall`` rate (a share).

    ``groups`` as in an audit's facts; those that are not shown have a row that says why. "" without any to draw.

    >>> rate = {"rate": 1e-4, "low": 5e-5, "high": 2e-4, "errors": 40, "enough": True}
    >>> dots([{"name": "a", "shown": True, "false_match": rate}], 1e-4, "Rates").count("<circle")
    1
    """
    shown = [one for one in groups if one["shown"]]
    hidden = [one for one in groups if not one["shown"]]
    if not shown:
        return ""
    shown.sort(key=lambda one: (-(one["false_match"]["rate"] or 0), -one["false_match"]["high"]))
    ends = [one["false_match"][end] * 1e6 for one in shown for end in ("low", "high")]
    ends = [max(_LEAST, value) for value in [*ends, overall * 1e6] if value > 0]
    low, high = math.floor(math.log10(min(ends))), math.ceil(math.log10(max(ends)))
    high = max(high, low + 1)
    height = _TOP + _ROW * (len(shown) + len(hidden)) + _BOTTOM

    def x(value: float) -> float:
        at = (math.log10(max(value, 10.0**low)) - low) / (high - low)
        return _LEFT + at * (_WIDTH - _LEFT - _RIGHT)

    parts = [
        f'<svg class="dots" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    ]
    bottom = height - _BOTTOM
    step = max(1, math.ceil((high - low) / 5))
    for decade in range(low, high + 1, step):
        at = x(10.0**decade)
        label = f"{10**decade:,}" if decade >= 0 else f"{10.0**decade:g}"
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{height - 6}" text-anchor="middle">wrong matches per million comparisons</text>')  # fmt: skip
    if overall > 0:
        at = x(overall * 1e6)
        parts.append(f'<line class="overall" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 6}" y2="{bottom}"/>')
        anchor = "end" if at > _WIDTH * 0.75 else "middle"
        parts.append(f'<text x="{at:.1f}" y="{_TOP - 10}" text-anchor="{anchor}">all comparisons</text>')
    for row, one in enumerate(shown):
        parts += _row(one, _TOP + _ROW * (row + 0.5), x)
    for row, one in enumerate(hidden, len(shown)):
        y = _TOP + _ROW * (row + 0.5)
        parts.append(_name(one["name"], y))
        parts.append(f'<text class="why" x="{_LEFT + 6}" y="{y + 4:.1f}">not shown: {escape(str(one["why"]))}</text>')
    return "".join([*parts, "</svg>"])


def _row(one: Mapping[str, Any], y: float, x: Any) -> list[str]:
    rate = one["false_match"]
    left, right = x(rate["low"] * 1e6), x(rate["high"] * 1e6)
    parts = [_name(one["name"], y)]
    if not rate["errors"]:
        # No error: a hollow triangle that points down from the bound, and nothing where a rate would be.
        parts.append(f'<line class="whisker none" x1="{_LEFT}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<path class="bound" d="M{right + 5:.1f},{y - 5:.1f} L{right + 5:.1f},{y + 5:.1f} L{right - 4:.1f},{y:.1f} Z"><title>at most {rate["high"] * 1e6:,.3g} per million</title></path>')  # fmt: skip
        return parts
    kind = "" if rate["enough"] else " few"
    said = f"{rate['rate'] * 1e6:,.3g} per million, 95 % {rate['low'] * 1e6:,.3g} to {rate['high'] * 1e6:,.3g}"
    parts.append(f'<line class="whisker" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
    parts += [f'<line class="whisker" x1="{end:.1f}" x2="{end:.1f}" y1="{y - 5:.1f}" y2="{y + 5:.1f}"/>' for end in (left, right)]  # fmt: skip
    parts.append(f'<circle class="dot{kind}" cx="{x(rate["rate"] * 1e6):.1f}" cy="{y:.1f}" r="5"><title>{escape(said)}</title></circle>')  # fmt: skip
    return parts


def _name(name: str, y: float) -> str:
    lines = _lines(name)
    first = y + 4 - _LINE / 2 * (len(lines) - 1)
    return "".join(
        f'<text class="group" x="{_LEFT - 10}" y="{first + at * _LINE:.1f}" text-anchor="end">{escape(line)}<title>{escape(name)}</title></text>'
        for at, line in enumerate(lines)
    )


def _lines(name: str) -> list[str]:
    """A name on one line or on two, cut where two do not hold it.

    >>> _lines("men"), _lines("women, valley people"), _lines("a" * 40)[1][-1]
    (['men'], ['women, valley', 'people'], '…')
    """
    if len(name) <= _NAME:
        return [name]
    cut = name.rfind(" ", 0, _NAME + 1)
    first, rest = (name[:cut], name[cut + 1 :]) if cut > 0 else (name[:_NAME], name[_NAME:])
    return [first, rest if len(rest) <= _NAME else rest[: _NAME - 1] + "…"]
