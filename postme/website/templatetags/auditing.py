"""Numbers of an audit on pages, as its stand-alone report writes them."""

from __future__ import annotations

from django import template

from postme.office import auditreport

register = template.Library()
register.filter("a_million", auditreport.million)
register.filter("in_percent", auditreport.share)
register.filter("as_people", auditreport.people)
register.filter("digits", auditreport.figure)
register.filter("ended", auditreport.ended)
register.filter("shade", auditreport.shade)


@register.filter
def whole(value: object) -> str:
    """A count with its thousands apart.

    >>> whole(1190)
    '1,190'
    """
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
