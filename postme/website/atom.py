"""Feeds in Atom (RFC 4287): one function from items to the bytes that are served."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

_SPACE = "http://www.w3.org/2005/Atom"
# Source: XML 1.0, 2.2: what no document may hold, such as the form feeds of scanned text.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: an ``id`` that never changes, where it leads, and when it last changed (RFC 3339)."""

    id: str
    address: str
    title: str
    summary: str
    updated: str
    terms: tuple[str, ...] = ()


def feed(address: str, page: str, title: str, items: Iterable[Item], newest: datetime.datetime | None) -> bytes:
    """A feed at an address, of what a page shows; ``newest`` is when anything here changed last.

    An id that comes twice is served once.
    """
    own = sorted(
        {item.id: item for item in reversed(list(items))}.values(),
        key=lambda item: (item.updated, item.id),
        reverse=True,
    )
    ElementTree.register_namespace("", _SPACE)
    root = ElementTree.Element(f"{{{_SPACE}}}feed")
    _add(root, "id", _plain(address))
    _add(root, "title", title)
    _add(root, "updated", own[0].updated if own else _stamp(newest))
    _add(root, "link", rel="self", href=_plain(address), type="application/atom+xml")
    _add(root, "link", rel="alternate", href=_plain(page), type="text/html")
    author = _add(root, "author")
    _add(author, "name", urlsplit(address).hostname or "postme")
    for item in own:
        entry = _add(root, "entry")
        _add(entry, "id", _plain(item.id))
        _add(entry, "title", item.title)
        _add(entry, "updated", item.updated)
        _add(entry, "link", rel="alternate", href=_plain(item.address), type="text/html")
        _add(entry, "summary", item.summary)
        for term in item.terms:
            _add(entry, "category", term=term)
    document: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + document


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(
        parent, f"{{{_SPACE}}}{name}", {key: _FORBIDDEN.sub(" ", value) for key, value in attributes.items()}
    )
    child.text = None if text is None else _FORBIDDEN.sub(" ", text)
    return child


def _plain(address: str) -> str:
    """An address of plain letters: a reader compares ids letter by letter."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%-._~")


def _stamp(moment: datetime.datetime | None) -> str:
    return (
        (moment or datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
        .astimezone(datetime.UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
    )
