"""A reader who opens everything: every address of the site map, of every answer, in every form it is given out.

Nothing here knows a page by name, so what is added later is opened too.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

_LINK = re.compile(r"""\b(href|src|action|content|data-[a-z-]+)\s*=\s*["']([^"']+)["']""")
_LOC = re.compile(r"<loc>([^<]+)</loc>")
# Chosen: one kind of page is asked questions (a day, a filter, a page of a list) in so many ways, or there would be no end of them.
_WAYS = 12


@dataclass(frozen=True)
class Opened:
    """What an address gave."""

    address: str
    status: int
    picture: bool
    said: str
    """Everything that left the server: address, headers and body, as text, with a table's cells where the body is one."""


def fixed_addresses() -> Iterator[str]:
    """Every address of the site map that takes nothing."""
    from django.urls import URLResolver, get_resolver

    def walk(patterns: Iterable[Any], before: str) -> Iterator[str]:
        for one in patterns:
            route = before + str(getattr(one.pattern, "_route", ""))
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, route)
            elif "<" not in route and hasattr(one.pattern, "_route"):
                yield f"/{route}"

    yield from walk(get_resolver().url_patterns, "")


_FORMS = (
    "{stem}.json",
    "{stem}.proof",
    "{stem}.atom",
    "{stem}.png",
    "{stem}.svg",
    "{stem}.csv",
    "{page}og.png",
    "/es{page}",
)


class _Bounds:
    """What keeps a crawl finite: how often each kind of page is asked in another way, and which forms it has at all."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._given: set[tuple[str, str]] = set()
        self._pictures: Counter[str] = Counter()

    def one_more_way(self, address: str) -> bool:
        """Whether an address with a question in it is still to be opened."""
        kind = _route(address)
        self._asked[kind] += 1
        return self._asked[kind] <= _WAYS

    def forms(self, path: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """The other forms of a page, each with what it is to be noted under."""
        for form in _FORMS if path.endswith("/") and not path.startswith("/es/") else ():
            yield form.format(stem=path.rstrip("/"), page=path), (_route(path), form)

    def enough_pictures(self, address: str) -> bool:
        """Whether so many pictures of a kind were opened: they take long to draw, and words cannot be looked for in them."""
        return self._pictures[_route(address)] >= _WAYS

    def note_picture(self, address: str) -> None:
        """Keep that an address gave a picture."""
        self._pictures[_route(address)] += 1

    def has_none(self, key: tuple[str, str]) -> bool:
        """Whether a kind of page seems to have no such form."""
        return key not in self._given and self._refused[key] >= _WAYS

    def note(self, key: tuple[str, str] | None, status: int) -> None:
        """Keep what a form of a page gave."""
        if key and status < 300:
            self._given.add(key)
        elif key:
            self._refused[key] += 1


def _route(address: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return str(resolve(address.partition("?")[0]).route)
    except Resolver404:
        return "nowhere"


def crawl(client: Any, more: Iterable[str] = ()) -> list[Opened]:
    """Open everything that can be reached from the site map, and ``more`` whatever it is."""
    bounds, met, found = _Bounds(), set(), []
    asked = dict.fromkeys(more)
    waiting: deque[tuple[str, tuple[str, str] | None]] = deque((one, None) for one in [*asked, *fixed_addresses()])
    while waiting:
        address, form = waiting.popleft()
        if (form and bounds.has_none(form)) or (address not in asked and bounds.enough_pictures(address)):
            continue
        if address in met or ("?" in address and address not in asked and not bounds.one_more_way(address)):
            continue
        met.add(address)
        opened, links = _open(client, address)
        bounds.note(form, opened.status)
        if opened.picture:
            bounds.note_picture(address)
        found.append(opened)
        # A page that says that nothing is there leads nowhere but to more of its kind; it was read all the same.
        if opened.status < 300:
            waiting.extend(bounds.forms(address.partition("?")[0]))
        if opened.status < 400:
            waiting.extend((link, None) for link in links if link != f"{address}/")
    return found


def _open(client: Any, address: str) -> tuple[Opened, list[str]]:
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    text = _text(body, kind)
    links = [response.headers[key] for key in ("Location", "Content-Location") if key in response.headers]
    # A text is not a page: what stands in a record or a style sheet is no way further.
    if kind.startswith(("text/html", "application/atom")):
        links += [
            html.unescape(one)
            for name, one in _LINK.findall(text)
            if name != "content" or one.startswith(("/", "http"))
        ]
    elif "json" in kind:
        links += _addresses(text)
    links += [html.unescape(one) for one in _LOC.findall(text)]
    headers = "\n".join(f"{key}: {unquote(str(value))}" for key, value in response.headers.items())
    said = f"{unquote(address)}\n{headers}\n{text}"
    return Opened(address, response.status_code, body.startswith((b"\x89PNG", b"RIFF", b"\xff\xd8")), said), [
        one for one in (_inside(address, link) for link in links) if one
    ]


def _text(body: bytes, kind: str) -> str:
    said = body.decode("utf-8", "replace")
    if "parquet" in kind:
        import polars

        return said + json.dumps(polars.read_parquet(io.BytesIO(body)).to_dicts(), default=str, ensure_ascii=False)
    return said + ("\n" + html.unescape(said) if "&" in said else "")


def _addresses(text: str) -> list[str]:
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif (
            isinstance(value, str)
            and value.startswith(("/", "http"))
            and "{" not in value
            and not re.search(r"\s", value)
        ):
            found.append(value)

    for line in [text] if text.lstrip().startswith(("{", "[")) and "\n{" not in text else text.splitlines():
        try:
            walk(json.loads(line))
        except ValueError:
            continue
    return found


def _inside(address: str, link: str) -> str | None:
    whole = urljoin(f"http://localhost:8000{address}", link.strip())
    try:
        parts = urlsplit(whole)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.netloc not in ("localhost:8000", "testserver"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
