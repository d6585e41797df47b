"""What was found, with its words marked: a text cut at its marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django import template

register = template.Library()


@register.filter
def pieces(text: str, marks: Sequence[Sequence[int]]) -> Iterator[tuple[str, bool]]:
    """The pieces of a text and whether each is marked; put together they are the text.

    >>> list(pieces("two plate readers", [[4, 9]]))
    [('two ', False), ('plate', True), (' readers', False)]
    """
    end = 0
    for start, stop in marks:
        if start > end:
            yield text[end:start], False
        yield text[start:stop], True
        end = stop
    if end < len(text):
        yield text[end:], False
