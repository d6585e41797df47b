"""The rows that hold a question's words, the newest of each group, out of the full-text index of the database at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from postme.keeping.store.finding import KINDS, NAMED, SAID, mark
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
GROUPS: tuple[frozenset[str], ...] = (NAMED, SAID, frozenset({"evidence"}), frozenset({"page"}))
"""Each is looked at apart, so that pages do not crowd out what has a name."""


class Candidate(NamedTuple):
    """A row that holds the words, as far as it is ranked and counted by."""

    id: int
    kind: str
    title: str
    names: str
    state: str
    technologies: str
    date: str | None
    known: bool


def candidates(
    asked: Query, filters: Sequence[str], groups: Sequence[frozenset[str]], since: str, until: str
) -> list[Candidate]:
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
        return [Candidate(*row) for row in cursor.fetchall()]


_COLUMNS = ", ".join(f"f.{name}" for name in Candidate._fields)
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
