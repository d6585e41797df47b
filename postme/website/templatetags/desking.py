"""Words on the desk's pages of the process."""

from __future__ import annotations

from django import template

from postme.office import counsel

register = template.Library()


@register.filter
def technology_name(value: object) -> str:
    """A technology by the name a reader knows."""
    return str(counsel.vocabulary()["technologies"].get(str(value), value))
