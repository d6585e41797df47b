"""A record's text as the public may see it: of the one reading that was published, with what is redacted blacked out.

Offsets of quotes and redactions hold in one reading only. A record that was read again, by a better reader, has other
offsets: where the reading that they were marked on is gone, nothing is shown, rather than the wrong words.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from postme import publication, redaction
from postme.errors import KeepingError, WrongUse
from postme.keeping.shelf import Shelf
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.redactions import Asked, Redactions
from postme.office import withheld
from postme.record import Page
from postme.redaction import BLOCK, Reason, Redaction

Shown = tuple[int, str, str, str]
"""A page's number, its text as the public may see it, its state, and its note."""
# Chosen: what stands around a quote on a page; the whole page is one click away.
_AROUND = 160
# Chosen: shorter words stand in too many places to be anybody's.
_TELLING = 4
# What a person wrote or a record said, where a hidden word may stand again.
_VEILED = frozenset(
    {"title", "own_title", "name", "body", "notes", "note", "record", "why", "ruled", "file_number", "step", "value"}
)


class PublicText:
    """The public text of the records of a data folder."""

    def __init__(self, shelf: Shelf, ledger: Ledger, redactions: Redactions) -> None:
        self._shelf, self._ledger, self._redactions = shelf, ledger, redactions
        self._known: tuple[dict[str, tuple[Page, ...]], dict[str, list[Asked]]] | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Each record is read once within this: for one publication, in which nothing else can change."""
        before = self._known
        self._known = before or ({}, {})
        try:
            yield
        finally:
            self._known = before

    def read(self, sha256: str) -> tuple[Page, ...]:
        """The reading that stands: the published one, or one that every redaction was marked on, else the newest. Raises KeepingError."""
        if self._known is None:
            return self._read(sha256)
        if sha256 not in self._known[0]:
            self._known[0][sha256] = self._read(sha256)
        return self._known[0][sha256]

    def _hidden(self, sha256: str) -> list[Asked]:
        """The redactions of a record that are in force."""
        if self._known is None:
            return self._redactions.of(sha256, "in force")
        if sha256 not in self._known[1]:
            self._known[1][sha256] = self._redactions.of(sha256, "in force")
        return self._known[1][sha256]

    def _read(self, sha256: str) -> tuple[Page, ...]:
        pinned, hidden = self._ledger.reading_of(sha256), self._hidden(sha256)
        readings = self._shelf.readings(sha256)
        for pages in readings:
            of = {page.number: page for page in pages}
            if (not pinned or digest(pages) == pinned) and all(
                not one.text or (one.page in of and digest([of[one.page]]) == one.text) for one in hidden
            ):
                return pages
        if readings:
            raise KeepingError(
                "The reading of this record that was published, or marked, is gone.", where=sha256[:12],
                why="In another reading the same places hold other words: private ones could show.",
                do="Restore the data folder's newest backup. Nothing was changed.",
            )  # fmt: skip
        return ()

    def pages(self, sha256: str) -> list[Shown]:
        """Every page as the public may see it."""
        hidden = [_redaction(one) for one in self._hidden(sha256)]
        return [
            (page.number, redaction.hidden_text(page.text, redaction.of_page(hidden, page.number)), page.state.value, page.note)
            for page in self.read(sha256)
        ]  # fmt: skip

    def marked_on(self, sha256: str, page: int) -> str:
        """The digest of the page's text that a redaction is being marked on."""
        return digest([one for one in self.read(sha256) if one.number == page])

    def veiled(self, facts: Mapping[str, Any], hashes: Iterable[str]) -> dict[str, Any]:
        """Facts in which words that are hidden in those records do not stand again in a title, a name or a note."""
        words = [word for sha256 in hashes for word in self._hidden_words(sha256)]
        if not words:
            return dict(facts)
        sought = re.compile("|".join(r"\s+".join(map(re.escape, word.split())) for word in words), re.IGNORECASE)
        veiled: dict[str, Any] = _veiled(facts, sought, inside=False)
        return veiled

    def _hidden_words(self, sha256: str) -> Iterable[str]:
        hidden = self._hidden(sha256)
        if hidden:
            of = {page.number: page.text for page in self.read(sha256)}
            for one in hidden:
                word = of.get(one.page, "")[one.start : one.end]
                if len("".join(word.split())) >= _TELLING:
                    yield word

    def leaves(self, more: Asked | None = None) -> withheld.Pages:
        """The pages of records with what hides them; ``more`` is a redaction that only waits, as if it were in force."""
        known: dict[str, dict[int, withheld.Leaf]] = {}

        def leaf(sha256: str, number: int) -> withheld.Leaf:
            if sha256 not in known:
                asked = [*self._hidden(sha256), *([more] if more and more.sha256 == sha256 else [])]
                # Nobody reads a record again for a holding of which nothing is hidden.
                known[sha256] = {page.number: _leaf(page, asked) for page in self.read(sha256)} if asked else {}
            return known[sha256].get(number, withheld.Leaf("", "", ()))

        return leaf

    def cut(self, quotes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Quotes with their words, and those around them, as the public may see them now. Raises WrongUse where a quote's words are other ones."""
        texts: dict[str, dict[int, str]] = {}
        found = []
        for quote in quotes:
            sha256 = quote["sha256"]
            if sha256 not in texts:
                texts[sha256] = {number: publication.tellable(text) for number, text, _, _ in self.pages(sha256)}
            text, start, end = texts[sha256].get(quote["page"], ""), quote["start"], quote["end"]
            now = text[start:end]
            if not _same(publication.tellable(quote["quote"]), now):
                raise WrongUse(
                    "The words of a quote are no longer where they stood.", where=f"{quote['record']}, page {quote['page']}",
                    why="Other words would be published in its place.", do="Scan the record again, rule on what is found, and draft it anew.",
                )  # fmt: skip
            found.append(
                {
                    **quote,
                    "before": text[max(0, start - _AROUND) : start],
                    "quote": now,
                    "after": text[end : end + _AROUND],
                }
            )
        return found


def _leaf(page: Page, asked: Iterable[Asked]) -> withheld.Leaf:
    hidden = redaction.of_page(map(_redaction, asked), page.number)
    text = publication.tellable(page.text)
    return withheld.Leaf(text, redaction.hidden_text(text, hidden), hidden)


def digest(pages: Sequence[Page]) -> str:
    """A hash of what pages say before anything is hidden; it is kept, and never shown: who knows the page could guess what is hidden."""
    said = [[page.number, page.text] for page in pages]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def _redaction(one: Asked) -> Redaction:
    return Redaction(one.page, one.start, one.end, Reason(one.reason))


def _same(before: str, now: str) -> bool:
    return len(before) == len(now) and all(
        old == new or BLOCK in (old, new) for old, new in zip(before, now, strict=True)
    )


def _veiled(value: Any, sought: re.Pattern[str], *, inside: bool) -> Any:
    if isinstance(value, str):
        return sought.sub(lambda found: BLOCK * len(found[0]), value) if inside else value
    if isinstance(value, Mapping):
        return {key: _veiled(held, sought, inside=key in _VEILED) for key, held in value.items()}
    if isinstance(value, list):
        return [_veiled(held, sought, inside=inside) for held in value]
    return value
