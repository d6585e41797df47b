"""A letter on paper: with who signed, what it rests on and how to check it, as a tagged PDF; and the sheet for a table at an event."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import segno
from markupsafe import Markup

from postme import letter
from postme.keeping.store.written import Written
from postme.letter import LEVELS, Level
from postme.office import printed

# Chosen: some forty pages of names; the page has the rest, and the counts are whole.
MOST_NAMES = 4_000
# Chosen: as many lines as one sheet has room for below a long ask.
LINES = 12
_Said = Callable[[str], str]


def html(
    one: Written, counts: Mapping[str, Any], organizations: Sequence[Mapping[str, Any]], people: Sequence[Mapping[str, Any]], *, site: str, claims: Sequence[Mapping[str, Any]], on: datetime.date,
    logos: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """The letter as one page of HTML, whole in itself: ``site`` is the address of the site, ``claims`` as ``Correspondence.claims`` has them, ``logos`` as ``logos.drawn``."""
    now = one.now
    return _made("lettersheet.html").render(
        letter=now.text if now else one.draft, version=now, one=one, counts=counts, organizations=organizations, people=[row for row in people if row["name"]][:MOST_NAMES],
        nameless=sum(not row["name"] for row in people), more=max(0, sum(counts["now"][level] for level in ("mail", "paper")) - len(people)), paragraphs=letter.passages(now.text if now else one.draft),
        claims=claims, logos=logos, site=site, address=f"{site}{one.address}", qr=qr(f"{site}{one.address}"), on=on, levels={level.value: says for level, says in LEVELS.items()}, Level=Level,
    )  # fmt: skip


def pdf(*args: Any, **more: Any) -> bytes:
    """The same as a PDF that a screen reader can follow. Raises Refused where the libraries that draw letters are not installed."""
    return printed.pdf(html(*args, **more))


def table_sheet(one: Written, *, site: str, said: _Said = str, language: str = "en") -> str:
    """A sheet to sign at a table: the ask, what becomes public, lines to write on, and the way to the page; ``said`` puts it into a language."""
    return _made("signsheet.html").render(
        letter=one.now.text if one.now else one.draft, version=one.now, one=one, address=f"{site}{one.address}", qr=qr(f"{site}{one.address}"), lines=range(LINES), _=said, language=language,
    )  # fmt: skip


def qr(address: str) -> Markup:
    """An address as a QR code, drawn as SVG.

    >>> "<svg" in qr("https://example.org/letters/a/")
    True
    """
    # Medium correction: it is read from a creased sheet, too.
    code = segno.make(address, error="m", micro=False)
    # With a box of its own it is scaled whole, and not cut off, wherever a style gives it another size.
    drawn = code.svg_inline(scale=3, border=4, dark="#000", light="#fff", omitsize=True)
    wide, high = code.symbol_size(scale=3, border=4)
    return Markup(drawn.replace("<svg", f'<svg width="{wide}" height="{high}"', 1))  # noqa: S704  (drawn here)


def qr_png(address: str) -> bytes:
    """The same as a PNG, large enough for a flyer.

    >>> qr_png("https://example.org/letters/a/")[1:4]
    b'PNG'
    """
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


@cache
def _made(name: str) -> jinja2.Template:
    known = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    known.filters["written"] = _written
    return known.from_string(Path(__file__).with_name(name).read_text("utf-8"))


def _written(day: datetime.date | datetime.datetime | None) -> str:
    return f"{day:%B} {day.day}, {day.year}" if day else "no day"
