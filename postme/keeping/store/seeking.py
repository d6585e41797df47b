"""The search box's answer: what finds a question, counted, ranked and cut to a page, the same on SQLite and PostgreSQL.

The full-text index only says which rows hold the words; whatever is ranked, counted or shown is worked out here, once
for both. Of a common word, the newest rows of each group are looked at, so that no question costs more than that.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from postme import query
from postme.keeping.store.finding import KINDS, NAMED, OWN_WORDS, SAID, Findable, Vocable, mark
from postme.query import Part, Query

# Chosen: more than anybody pages through, and few enough to be ranked in a few milliseconds.
CAP = 1_000
"""So many rows are looked at in each of four groups (what has a name, what is before a council, evidence, pages), and so many are counted at most."""
# Source: migration 0011, which marks each row with its stretch of the table.
STRETCH = 8192
# Chosen: between one question for each stretch and one for all of them.
_OF_A_SIZE = 3
# Chosen: so many rows are read and sorted within some ten milliseconds; of those that hold a phrase's rarest word, few hold the phrase.
_FEW, _FEW_OF_PHRASE = 5_000, 20_000
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


class _Candidate(NamedTuple):
    id: int
    kind: str
    title: str
    names: str
    state: str
    technologies: str
    date: str | None
    known: bool


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
    groups = [group for group in _GROUPS if not kind or kind in group]
    found = _candidates(asked, filters, groups, since, until)
    open_ = False
    if not found:
        wide = query.begun(asked)
        if wide != asked and (found := _candidates(wide, filters, groups, since, until)):
            asked, open_ = wide, True
    if not found:
        return Found(
            (),
            0,
            False,
            NOTHING.facets,
            did_you_mean=_meant(asked, lambda other: len(_candidates(other, filters, groups, since, until))),
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


_GROUPS: tuple[frozenset[str], ...] = (NAMED, SAID, frozenset({"evidence"}), frozenset({"page"}))


def _capped(found: Sequence[_Candidate]) -> bool:
    counts = Counter(next(i for i, group in enumerate(_GROUPS) if one.kind in group) for one in found)
    return max(counts.values()) > CAP


# -- the index, in each database's own words


def _candidates(
    asked: Query, filters: Sequence[str], groups: Sequence[frozenset[str]], since: str, until: str
) -> list[_Candidate]:
    """The newest rows of each group that a question finds: one query."""
    parts: list[str] = []
    values: list[Any] = []
    with connection.cursor() as cursor:
        stretches = _stretches(cursor, asked) if connection.vendor == "postgresql" else []
        for group in groups:
            if connection.vendor == "postgresql":
                where, given = _in_postgresql(
                    asked, filters, _kinds(group), whole=group in (NAMED, SAID) or not stretches
                )
            else:
                where, given = _in_sqlite(asked, filters, [mark("kind", kind) for kind in KINDS if kind in group])
            for sign, day in ((">=", since), ("<=", f"{until}~" if until else "")):
                if day:
                    where += f" AND f.date {_BYTEWISE[connection.vendor]} {sign} %s"
                    given.append(day)
            newest = f"SELECT {_COLUMNS} FROM {where} ORDER BY {_NEWEST[connection.vendor]} DESC LIMIT {CAP + 1}"  # noqa: S608  (our own words; values apart)
            if "s.stretch" in where:
                # One stretch of the table after the other, from the newest on, until there is enough: LATERAL is asked row by row.
                newest = f"SELECT g.* FROM unnest(%s::text[]) WITH ORDINALITY AS s(stretch, at) CROSS JOIN LATERAL ({newest}) AS g LIMIT {CAP + 1}"  # noqa: S608
                given.insert(0, stretches)
            elif connection.vendor == "postgresql":
                # OFFSET 0: else all of the table may be walked from its newest row on, for a few rows that stand at its beginning.
                newest = (
                    f"SELECT f.* FROM (SELECT {_COLUMNS} FROM {where} OFFSET 0) AS f ORDER BY f.id DESC LIMIT {CAP + 1}"  # noqa: S608
                )
            parts.append(f"SELECT * FROM ({newest}) AS g")  # noqa: S608
            values += given
        cursor.execute(" UNION ALL ".join(parts), values)
        return [_Candidate(*row) for row in cursor.fetchall()]


_COLUMNS = ", ".join(f"f.{name}" for name in _Candidate._fields)
# SQLite walks its index backwards when it is asked for the index's own number.
_NEWEST = {"sqlite": "i.rowid", "postgresql": "f.id"}


def _kinds(group: frozenset[str]) -> list[str]:
    """The marks of a group on PostgreSQL, where what has a name has one of its own (migration 0011): one list is walked instead of five."""
    return ["_named"] if group == NAMED else [mark("kind", kind) for kind in KINDS if kind in group]


def _stretches(cursor: Any, asked: Query) -> list[str]:
    """The marks of the table's stretches (see migration 0011), the newest first; each time more of them together, since what is not among the newest is rare.

    None where a word of the question is known to be rare: then no more rows are met than are read at once.
    """
    whole = {part: part.words[:-1] if part.begun else part.words for group in asked.any for part in group}
    cursor.execute(
        "SELECT word, \"rows\" FROM store_vocable WHERE word = ANY(%s) UNION ALL SELECT '', max(id) FROM store_findable",
        [sorted({word for words in whole.values() for word in words})],
    )
    known: dict[str, int | None] = dict(cursor.fetchall())
    last = (known.pop("") or 0) // STRETCH

    def rare(part: Part) -> bool:
        most = _FEW_OF_PHRASE if len(part.words) > 1 else _FEW
        return any((known.get(word) or most + 1) <= most for word in whole[part])

    if all(any(rare(part) for part in group) for group in asked.any):
        return []
    found, size = [], 1
    while last >= 0:
        for _ in range(_OF_A_SIZE):
            if last >= 0:
                found.append(" | ".join(f"'_at_{one}'" for one in range(last, max(-1, last - size), -1)))
                last -= size
        size *= 2
    return found


# The same order of characters on both, whatever language the server was set up in.
_BYTEWISE = {"sqlite": "COLLATE BINARY", "postgresql": 'COLLATE "C"'}


def _in_sqlite(asked: Query, filters: Sequence[str], kinds: Sequence[str]) -> tuple[str, list[Any]]:
    def said(part: Part) -> str:
        return f'"{" ".join(part.words)}"' + (" *" if part.begun else "")

    words = " OR ".join(f"({' AND '.join(map(said, group))})" for group in asked.any)
    match = f"({words}) AND ({' OR '.join(kinds)})" + "".join(f" AND {one}" for one in filters)
    if asked.without:
        match = f"({match}) NOT ({' OR '.join(map(said, asked.without))})"
    # CROSS JOIN: the index is read first, from its newest row on, and left as soon as there is enough.
    return (
        "store_findable_index AS i CROSS JOIN store_findable AS f ON f.id = i.rowid WHERE i.store_findable_index MATCH %s",
        [match],
    )


def _in_postgresql(asked: Query, filters: Sequence[str], kinds: Sequence[str], *, whole: bool) -> tuple[str, list[Any]]:
    def said(part: Part) -> str:
        # A pair says that both of its words are there.
        pairs = [_pair(*pair) for pair in list(pairwise(part.words))[: -1 if part.begun else None]]
        alone = part.words[-1:] if part.begun or not pairs else ()
        first = part.words[:1] if not pairs and len(part.words) > 1 else ()
        return " & ".join(
            [*pairs, *(f"'{word}'" for word in first), *(f"'{word}'{':*' if part.begun else ''}" for word in alone)]
        )

    def beside(parts: Iterable[Part]) -> tuple[str, list[str]]:
        phrases = [part for part in parts if len(part.words) > 1]
        tests = ["strpos(' ' || f.folded || ' ', %s) > 0"] * len(phrases)
        return " AND ".join(tests), [f" {' '.join(part.words)}" + ("" if part.begun else " ") for part in phrases]

    words = " | ".join(f"({' & '.join(map(said, group))})" for group in asked.any)
    match = f"({words}) & ({' | '.join(kinds)})" + "".join(f" & {one}" for one in filters)
    for part in asked.without:
        if len(part.words) == 1:
            match += f" & !({said(part)})"
    # What has a name is little beside the rest: all of it is asked at once.
    of = "%s::tsquery" if whole else "(%s || ' & (' || s.stretch || ')')::tsquery"
    where = f"store_findable AS f WHERE f.words @@ {of}"
    values: list[Any] = [match]
    if any(len(part.words) > 1 for part in asked.wanted):
        # Words of which each two stand side by side somewhere are found by the index; that all of them do is seen in the text.
        tests = []
        for group in asked.any:
            test, given = beside(group)
            if len(asked.any) > 1:
                test, given = (
                    f"f.words @@ %s::tsquery{' AND ' if test else ''}{test}",
                    [" & ".join(map(said, group)), *given],
                )
            tests.append(f"({test})")
            values += given
        where += f" AND ({' OR '.join(tests)})"
    test, given = beside(asked.without)
    if test:
        where += f" AND NOT ({test.replace(' AND ', ' OR ')})"
        values += given
    return where, values


def _pair(first: str, second: str) -> str:
    # As migration 0011 has it: few enough marks that each is a short list of rows, and enough that few rows hold one by chance.
    return f"'_2{hashlib.md5(f'{first} {second}'.encode(), usedforsecurity=False).hexdigest()[:4]}'"


# -- ranking, counting, showing


def _ranking(asked: Query) -> Callable[[_Candidate], tuple[Any, ...]]:
    words, name = set(asked.words), _name(asked)

    def rank(one: _Candidate) -> tuple[Any, ...]:
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


def _latest(one: _Candidate) -> tuple[Any, ...]:
    # Rows are written when they are published; what is known without that comes after.
    return (one.known, -one.id)


def _newest(one: _Candidate) -> tuple[Any, ...]:
    # What is known without a date of its own comes in the order of its name.
    return (_backwards(one.date or ""), "" if one.date else one.title, -one.id)


def _backwards(date: str) -> tuple[int, ...]:
    return tuple(-int(part) if part.isdigit() else 0 for part in date.split("-")) if date else (1,)


def _name(asked: Query) -> str:
    """The name that a question is, where it may be one."""
    whole = len(asked.any) == 1 and not asked.without
    return " ".join(word for part in asked.any[0] for word in part.words) if whole else ""


def _called(one: _Candidate, name: str) -> bool:
    return bool(name) and name in one.names.split(f" {query.BARRIER} ")


def _exact(asked: Query, found: Sequence[_Candidate]) -> list[_Candidate]:
    name = _name(asked)
    own = [one for one in found if one.kind in NAMED and one.kind != "law" and _called(one, name)]
    return sorted(own, key=lambda one: (KINDS.index(one.kind), one.known, *_newest(one)))[:_EXACT]


def _facets(found: Sequence[_Candidate]) -> dict[str, tuple[tuple[str, int], ...]]:
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
