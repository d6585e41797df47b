"""Figures of a town on pages: counts with their thousands apart, shares as parts of a hundred."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def figure(value: object) -> str:
    """A number as people read it.

    >>> figure(21400), figure(13.5), figure("x")
    ('21,400', '13.5', 'x')
    """
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


@register.filter
def percent(value: object) -> str:
    """A share of one.

    >>> percent(0.4885)
    '49 %'
    """
    return f"{value:.0%}".replace("%", " %") if isinstance(value, int | float) else str(value)
