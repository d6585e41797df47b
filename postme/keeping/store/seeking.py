"""The search box's answer: what finds a question, counted, ranked and cut to a page, the same on SQLite and PostgreSQL.

The full-text index only says which rows hold the words; whatever is ranked, counted or shown is worked out here, once
for both. Of a common word, the newest rows of each group are looked at, so that no question costs more than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from django.db.models import Q

from postme import query
from postme.keeping.store.finding import KINDS, NAMED, OWN_WORDS, Findable, Vocable, mark
from postme.keeping.store.wordrows import CAP, GROUPS, Candidate, candidates
from postme.query import Query

# Chosen: two lines of text around the first words found.
_SNIPPET = 260
# Chosen: as many near words as can be compared in a few milliseconds.
_NEAR = 2_000
# Chosen: so many other spellings of a question are tried at most, each a few milliseconds.
_TRIED = 8
_EXACT = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. ``snippet`` is a piece of its text and ``marks`` where the words stand in it: starts and ends.

    ``own_words``: the text is a source’s own, which only then is marked as evidence.
    """

    id: int
    kind: str
    address: str
    about: str
    title: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    title_marks: tuple[tuple[int, int], ...]
    own_words: bool
    place: str
    technologies: tuple[str, ...]
    date: str | None
    fiction: bool
    changed: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found. ``total`` counts no further than ``CAP``; ``more``: there is more than that.

    ``facets`` hold for kind, state, technology and year how many of what was looked at have each value. ``exact`` are
    places, technologies, makers and agencies of exactly that name. ``begun``: nothing held the last word, so words that
    begin with it were taken. ``did_you_mean`` is another question, where a word of this one stands nowhere.
    """

    rows: tuple[Hit, ...]
    total: int
    more: bool
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    exact: tuple[Hit, ...] = ()
    begun: bool = False
    did_you_mean: str = ""
    query: Query = Query(())  # noqa: RUF009  (frozen)


NOTHING = Found((), 0, False, {"kind": (), "state": (), "technology": (), "year": ()})


def sought(
    said: str, *, kind: str = "", place: str = "", state: str = "", technology: str = "", vendor: str = "", year: str = "", since: str = "",
    until: str = "", limit: int = 20, offset: int = 0, newest: bool = False,
) -> Found:  # fmt: skip
    """What finds a question as it was typed, in at most five queries to the database, and a few more for another spelling where it finds nothing. Nothing that is typed is an error.

    ``since`` and ``until`` are days (or years, or months) of the record's own date; what has no date is left out by them.
    ``newest`` puts what became public last first, instead of the best.
    """
    asked = query.parsed(said)
    if asked.empty:
        return NOTHING
    filters = [mark(key, value) for key, value in (("kind", kind), ("place", place), ("state", state), ("technology", technology), ("vendor", vendor), ("year", year)) if value]  # fmt: skip
    groups = [group for group in GROUPS if not kind or kind in group]
    found = candidates(asked, filters, groups, since, until)
    open_ = False
    if not found:
        wide = query.begun(asked)
        if wide != asked and (found := candidates(wide, filters, groups, since, until)):
            asked, open_ = wide, True
    if not found:
        return Found(
            (),
            0,
            False,
            NOTHING.facets,
            did_you_mean=_meant(asked, lambda other: len(candidates(other, filters, groups, since, until))),
            query=asked,
        )
    exact = _exact(asked, found) if not filters else []
    ranked = sorted(found, key=_latest if newest else _ranking(asked))
    wanted = [one.id for one in ranked[offset : offset + limit]]
    hits = _hits(asked, [*wanted, *(one.id for one in exact)])
    return Found(
        tuple(hits[id_] for id_ in wanted if id_ in hits), min(len(found), CAP), len(found) > CAP or _capped(found), _facets(found),
        tuple(hits[one.id] for one in exact if one.id in hits), open_, query=asked,
    )  # fmt: skip


def _capped(found: Sequence[Candidate]) -> bool:
    counts = Counter(next(i for i, group in enumerate(GROUPS) if one.kind in group) for one in found)
    return max(counts.values()) > CAP


# -- ranking, counting, showing


def _ranking(asked: Query) -> Callable[[Candidate], tuple[Any, ...]]:
    words, name = set(asked.words), _name(asked)

    def rank(one: Candidate) -> tuple[Any, ...]:
        named = len(words.intersection(one.names.split(" ")))
        own = one.kind in NAMED
        called = 3
        if own and named == len(words):
            called = (
                0
                if _called(one, name)
                else 1
                if name and f" {query.BARRIER} {one.names}".find(f" {query.BARRIER} {name} ") >= 0
                else 2
            )
        return (called, KINDS.index(one.kind), -named if own else 0, *_newest(one))

    return rank


def _latest(one: Candidate) -> tuple[Any, ...]:
    # Rows are written when they are published; what is known without that comes after.
    return (one.known, -one.id)


def _newest(one: Candidate) -> tuple[Any, ...]:
    # What is known without a date of its own comes in the order of its name.
    return (_backwards(one.date or ""), "" if one.date else one.title, -one.id)


def _backwards(date: str) -> tuple[int, ...]:
    return tuple(-int(part) if part.isdigit() else 0 for part in date.split("-")) if date else (1,)


def _name(asked: Query) -> str:
    """The name that a question is, where it may be one."""
    whole = len(asked.any) == 1 and not asked.without
    return " ".join(word for part in asked.any[0] for word in part.words) if whole else ""


def _called(one: Candidate, name: str) -> bool:
    return bool(name) and name in one.names.split(f" {query.BARRIER} ")


def _exact(asked: Query, found: Sequence[Candidate]) -> list[Candidate]:
    name = _name(asked)
    own = [one for one in found if one.kind in NAMED and one.kind != "law" and _called(one, name)]
    return sorted(own, key=lambda one: (KINDS.index(one.kind), one.known, *_newest(one)))[:_EXACT]


def _facets(found: Sequence[Candidate]) -> dict[str, tuple[tuple[str, int], ...]]:
    counted: dict[str, Counter[str]] = {key: Counter() for key in NOTHING.facets}
    for one in found:
        counted["kind"][one.kind] += 1
        counted["technology"].update(one.technologies.split())
        if one.state:
            counted["state"][one.state] += 1
        if one.date:
            counted["year"][one.date[:4]] += 1
    kinds = tuple((kind, counted["kind"][kind]) for kind in KINDS if counted["kind"][kind])
    years = tuple(sorted(counted["year"].items(), reverse=True))
    rest = {
        key: tuple(sorted(counted[key].items(), key=lambda one: (-one[1], one[0]))) for key in ("state", "technology")
    }
    return {"kind": kinds, **rest, "year": years}


def _hits(asked: Query, ids: Iterable[int]) -> dict[int, Hit]:
    """The rows that are shown, with their words marked: one query."""
    rows = Findable.objects.filter(pk__in=set(ids)).defer("folded", "names", "marks").select_related("page")
    return {row.pk: _hit(asked, row) for row in rows}


def _hit(asked: Query, row: Findable) -> Hit:
    text = row.text if row.page is None else row.page.text
    snippet, marks = snipped(text, query.marks(asked, text))
    return Hit(
        row.pk, row.kind, row.address, row.about, row.title, snippet, marks, tuple(query.marks(asked, row.title)), row.kind in OWN_WORDS, row.place,
        tuple(row.technologies.split()), row.date, row.fiction, row.changed.isoformat().replace("+00:00", "Z") if row.changed else None,
    )  # fmt: skip


def snipped(
    text: str, marks: Sequence[tuple[int, int]], size: int = _SNIPPET
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A piece of a text where most of the marks stand, cut between words, and the marks in it.

    >>> snipped("one two three four five six seven", [(8, 13)], size=18)
    ('…two three four…', ((5, 10),))
    """
    if len(text) <= size:
        return text, tuple(marks)
    # Where the piece begins: before the mark after which most others follow closely.
    first = max(
        marks,
        key=lambda one: (sum(one[0] <= other[0] and other[1] <= one[0] + size * 3 // 4 for other in marks), -one[0]),
        default=(0, 0),
    )
    start = max(0, min(first[0] - size // 4, len(text) - size))
    end = min(len(text), max(start + size, min(first[1], start + 2 * size)))
    while 0 < start < first[0] and not text[start - 1].isspace():
        start += 1
    while first[1] < end < len(text) and not text[end].isspace():
        end -= 1
    before, after = "…" if start else "", "…" if end < len(text) else ""
    moved = tuple((a - start + len(before), min(b, end) - start + len(before)) for a, b in marks if start <= a < end)
    piece = text[start:end].rstrip()
    moved = tuple((a, min(b, len(before) + len(piece))) for a, b in moved if a < len(before) + len(piece))
    return f"{before}{piece}{after}", moved


# -- another spelling


def _meant(asked: Query, finds: Callable[[Query], int]) -> str:
    """The same question with words that stand somewhere, for those that stand nowhere; empty where none near finds anything.

    ``finds`` says how much a question finds. Of several words the neighbors tell which is meant: *body wron camera* is
    *body worn camera*, though *wrong* is nearer. One query, and one for each question that is tried.
    """
    words = [word for word in asked.words if len(word) > 3 and word.isalpha()]
    if not words:
        return ""
    near = Q()
    for word in words:
        # Two letters in the wrong order change how a short word begins and how it ends.
        swapped = [f"{word[:i]}{word[i + 1]}{word[i]}{word[i + 2 :]}" for i in range(len(word) - 1)]
        near |= Q(word__in=[word, *swapped]) | Q(head=word[:2]) | Q(tail=word[-3:])
    rows = Vocable.objects.filter(near).order_by("-rows", "word").values_list("word", "rows")
    known = dict(rows[: _NEAR * len(words)])
    meant = {
        word: query.near(word, {one: n for one, n in known.items() if abs(len(one) - len(word)) < 3})
        for word in words
        if word not in known
    }
    options = {word: others for word, others in meant.items() if others}
    best, most = None, 0
    for chosen in islice(product(*options.values()), _TRIED) if options else ():
        other = query.respelled(asked, dict(zip(options, chosen, strict=True)))
        found = finds(other)
        if found > most:
            best, most = other, found
            if len(asked.words) == 1:  # nothing beside it says more than its letters
                break
    return query.written(best) if best else ""
