"""Drawings of a town as SVG: its wards with their names, and figures over the years. Each has a table beside it that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from postme import ward
from postme.ward import Ward

# Chosen: what a phone shows whole.
WIDTH, HEIGHT = 320, 240
# Chosen: room for the names of wards at the border.
_PAD = 8
_CHART = (420, 200)
_LEFT, _TOP, _BOTTOM = 8, 26, 24


def wards(every: Sequence[Ward], here: str = "", title: str = "") -> str:
    """The wards in outline with their names; the one that is ``here`` is filled."""
    drawn = ward.paths(every, WIDTH - 2 * _PAD, HEIGHT - 2 * _PAD)
    named = escape(title or ", ".join(one.name for one in every))
    parts = [
        f'<path class="st{" own" if one.name == here else ""}" d="{path}"/>'
        for one, (path, _) in zip(every, drawn, strict=True)
    ]
    parts += [
        f'<text class="name{" own" if one.name == here else ""}" x="{x:g}" y="{y:g}" text-anchor="middle" dominant-baseline="middle">{escape(one.name[:24])}</text>'
        for one, (_, (x, y)) in zip(every, drawn, strict=True)
    ]
    return (
        f'<svg class="map wards" viewBox="{-_PAD} {-_PAD} {WIDTH} {HEIGHT}" role="img" aria-label="{named}"><title>{named}</title>{"".join(parts)}</svg>'
    )  # fmt: skip


def years(values: Mapping[int, float], first: int, last: int, title: str) -> str:
    """Bars over the years, one a year; a year without a figure has a dashed mark and no bar, since unknown is not zero."""
    width, height = _CHART
    step = (width - 2 * _LEFT) / max(1, last - first + 1)
    top = max([*values.values(), 0]) or 1
    parts = []
    for year in range(first, last + 1):
        x, own = _LEFT + (year - first) * step, values.get(year)
        wide = step * 0.62
        middle = x + step / 2
        if own is None:
            parts.append(f'<path class="lapsed" d="M{middle - wide / 2:.1f},{height - _BOTTOM:g}h{wide:.1f}v-14h-{wide:.1f}z"/>')  # fmt: skip
            parts.append(f'<text class="name" x="{middle:.1f}" y="{height - _BOTTOM - 19:g}" text-anchor="middle">?</text>')  # fmt: skip
        else:
            tall = (height - _TOP - _BOTTOM) * max(0.0, own) / top
            parts.append(f'<rect class="bar" x="{middle - wide / 2:.1f}" y="{height - _BOTTOM - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>')  # fmt: skip
            parts.append(f'<text class="name" x="{middle:.1f}" y="{height - _BOTTOM - tall - 5:.1f}" text-anchor="middle">{escape(short(own))}</text>')  # fmt: skip
        parts.append(f'<text class="name" x="{middle:.1f}" y="{height - 6:g}" text-anchor="middle">{year}</text>')
    named = escape(title)
    return f'<svg class="map chart" viewBox="0 0 {width} {height}" role="img" aria-label="{named}"><title>{named}</title>{"".join(parts)}</svg>'  # fmt: skip


def counts(rows: Sequence[tuple[str, int]], title: str) -> str:
    """Bars over days or hours in a row, with the first and the last of them named, and the number of the highest."""
    width, height = _CHART
    step = (width - 2 * _LEFT) / max(1, len(rows))
    top = max((n for _, n in rows), default=0) or 1
    parts = []
    for place, (_, n) in enumerate(rows):
        tall = (height - _TOP - _BOTTOM) * n / top
        parts.append(f'<rect class="bar" x="{_LEFT + place * step:.1f}" y="{height - _BOTTOM - tall:.1f}" width="{max(step * 0.8, 0.5):.1f}" height="{tall:.1f}"/>')  # fmt: skip
    if rows:
        parts.append(f'<text class="name" x="{_LEFT}" y="{height - 6}">{escape(rows[0][0])}</text>')
        parts.append(f'<text class="name end" x="{width - _LEFT}" y="{height - 6}" text-anchor="end">{escape(rows[-1][0])}</text>')  # fmt: skip
        highest = max(range(len(rows)), key=lambda place: rows[place][1])
        x = min(max(_LEFT + (highest + 0.4) * step, 20), width - 20)
        parts.append(f'<text class="name" x="{x:.1f}" y="{_TOP - 6}" text-anchor="middle">{escape(short(rows[highest][1]))}</text>')  # fmt: skip
    named = escape(title)
    return f'<svg class="map chart" viewBox="0 0 {width} {height}" role="img" aria-label="{named}"><title>{named}</title>{"".join(parts)}</svg>'  # fmt: skip


def short(value: float) -> str:
    """A figure as it fits over a bar.

    >>> short(1_240_000), short(86_400), short(41)
    ('1.24M', '86k', '41')
    """
    if abs(value) >= 999_500:
        return f"{value / 1e6:.3g}M"
    if abs(value) >= 9_995:
        return f"{value / 1e3:.0f}k"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
