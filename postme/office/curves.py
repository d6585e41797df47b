"""The curves of an audit as SVG: false non-matches against false matches, group by group, on one pair of log axes.

Classes and attributes only, so that a strict content policy lets it through; lines differ by dashes and by letters at
their ends, so that they can be told apart in black and white.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

# Chosen: what prints on half a page; room for the numbers at the axes and the letters at the lines' ends.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 520, 360, 104, 46, 14, 30
_DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 4", "12 4")
Points = Sequence[Sequence[float | None]]


def letter(at: int) -> str:
    """The sign of the at-th line: A, B … Z, AA …"""
    return (letter(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def det(curves: Mapping[str, Points], threshold: float, title: str) -> str:
    """DET curves: ``curves`` of each group [threshold, false match rate, false non-match rate]; "" with nothing to draw.

    A ring marks each group at the ``threshold``; a line joins the rings, so that who is worse off is seen at once.
    """
    drawn = {name: [(f, m, t) for t, f, m in points if t is not None and f and m] for name, points in curves.items()}
    drawn = {name: points for name, points in drawn.items() if points}
    if not drawn:
        return ""
    every = [point for points in drawn.values() for point in points]
    low_x, high_x = _decades([f for f, _, _ in every])
    low_y, high_y = _decades([m for _, m, _ in every])

    def x(value: float) -> float:
        return _LEFT + (math.log10(value) - low_x) / (high_x - low_x) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (high_y - math.log10(value)) / (high_y - low_y) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<svg class="det" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>']  # fmt: skip
    for decade in range(low_x, high_x + 1, max(1, math.ceil((high_x - low_x) / 4))):
        at = x(10.0**decade)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_share(decade)}</text>')
    for decade in range(low_y, high_y + 1):
        at = y(10.0**decade)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_share(decade)}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{_HEIGHT - 8}" text-anchor="middle">different people matched (share of comparisons)</text>')  # fmt: skip
    parts.append(f'<text x="14" y="{(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}" text-anchor="middle" transform="rotate(-90 14 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f})">same person missed (share)</text>')  # fmt: skip
    rings = []
    for at, (name, points) in enumerate(drawn.items()):
        dash = _DASHES[at % len(_DASHES)]
        path = "M" + " L".join(f"{x(f):.1f},{y(m):.1f}" for f, m, _ in points)
        parts.append(f'<path class="line" d="{path}"{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""}><title>{escape(name)}</title></path>')  # fmt: skip
        end = points[-1]  # where matches are rarest, the lines lie furthest apart
        parts.append(
            f'<text class="mark" x="{x(end[0]) - 5:.1f}" y="{y(end[1]) - 5:.1f}" text-anchor="end">{letter(at)}</text>'
        )
        rings += [(x(f), y(m)) for f, m, t in points if t == threshold]
    if len(rings) > 1:
        tie = "M" + " L".join(f"{a:.1f},{b:.1f}" for a, b in rings)
        parts.append(f'<path class="tie" d="{tie}"/>')
    parts += [f'<circle class="ring" cx="{a:.1f}" cy="{b:.1f}" r="4"/>' for a, b in rings]
    return "".join([*parts, "</svg>"])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return (low, high) if high > low else (low, low + 1)


def _share(decade: int) -> str:
    return "1" if decade == 0 else f"1 in {10**-decade:,}"
