"""How the published tables are read: what a table is, and the rows of each, as JSON values. ``tables`` lists them.

Rows come in an order that lasts: a reader who asks again after the last row's mark misses nothing, whatever was published
meanwhile. What is not visible by ``publication.visible`` is in none of them.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from postme.day import Day
from postme.keeping import laws
from postme.law import Law
from postme.place import placed
from postme.verdict import Lawbook

Row = dict[str, Any]
Kind = Literal["string", "integer", "boolean", "date", "datetime", "array"]
"""What a column holds; a ``date`` may be known only as far as its year or month and is text then; an ``array`` is of text."""
Mark = int | str
"""Where a row stands in its table's order."""
FICTION = "zz"
"""No state has this code: what lies in it is made up."""
Reader = Callable[[Mapping[str, Any], Mark | None, int | None], Iterator[tuple[Mark, Row]]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``empty`` says what it means where there is no value; without it there always is one."""

    name: str
    kind: Kind
    what: str
    empty: str = ""
    example: Any = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to ask for some rows: its name, what it does, the kind of its value, an example."""

    name: str
    what: str
    example: Any
    kind: Kind = "string"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``read`` gives its rows with their marks: those that some filters let through, after a mark, so many.

    ``foreign`` names columns that hold the key of another table. ``terms`` is a key of ``TERMS``. ``bulk`` says whether it
    is also a file of its own.
    """

    name: str
    title: str
    what: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    read: Reader
    filters: tuple[Filter, ...] = ()
    foreign: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    terms: tuple[str, ...] = ("own",)
    marked: Literal["integer", "string"] = "integer"
    bulk: bool = True

    def rows(self, **wanted: Any) -> Iterator[Row]:
        """Every row, in the table's order, as it is read: memory does not grow with the table."""
        return (row for _, row in self.read(wanted, None, None))

    def page(self, wanted: Mapping[str, Any], after: Mark | None, limit: int) -> tuple[list[Row], Mark | None]:
        """At most ``limit`` rows after a mark, and the mark to go on from; ``None`` where there are no more."""
        found = list(self.read(wanted, after, limit + 1))
        more = found[limit - 1][0] if len(found) > limit else None
        return [row for _, row in found[:limit]], more

    def count(self) -> int:
        """How many rows it has."""
        return self.read.count() if isinstance(self.read, Kept) else sum(1 for _ in self.rows())

    def one(self, **wanted: Any) -> Row | None:
        """The row of a key; ``None`` where nothing visible has it."""
        return next((row for _, row in self.read(wanted, None, 1)), None)


@dataclass(frozen=True, slots=True)
class AsOf:
    """How new what is told is: the newest leaf of the log, when it was put there, and which laws are known."""

    leaf: int | None
    at: datetime.datetime | None
    laws: str

    @property
    def mark(self) -> str:
        """The same for as long as no table can have changed; a database that was restored and went another way has another."""
        if self.leaf is None or self.at is None:
            return f"none-{self.laws}"
        return f"{self.leaf}-{int(self.at.timestamp() * 1_000_000):x}-{self.laws}"


def as_of() -> AsOf:
    """The state that the tables are in now; one query, of one row."""
    from postme.keeping.store import models

    newest = models.Version.objects.order_by("-leaf").values_list("leaf", "at").first()
    leaf, at = newest or (None, None)
    return AsOf(leaf, at, _digest(laws.book()))


@lru_cache(maxsize=2)
def _digest(book: Lawbook) -> str:
    told = json.dumps([_law(one) for one in book.laws.values()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


# -- reading


@dataclass(frozen=True, slots=True)
class Kept:
    """The reader of a model's visible rows. ``paths`` name the columns, ``lookups`` the filters, as the database's own."""

    model: str
    paths: Mapping[str, str]
    lookups: Mapping[str, str]
    made: Callable[[Row], Row] | None = None
    always: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, wanted: Mapping[str, Any], after: Mark | None, limit: int | None) -> Iterator[tuple[Mark, Row]]:
        """The rows that some filters let through, after a mark, so many."""
        query = self._visible()
        query = query.filter(**{self.lookups[key]: value for key, value in wanted.items() if value is not None})
        query = query.order_by("pk") if after is None else query.filter(pk__gt=after).order_by("pk")
        own = tuple(dict.fromkeys(("pk", *self.paths.values())))
        for values in (query if limit is None else query[:limit]).values(*own).iterator(chunk_size=1000):
            row = {name: _plain(values[path]) for name, path in self.paths.items()}
            yield values["pk"], self.made(row) if self.made else row

    def count(self) -> int:
        """How many there are."""
        return int(self._visible().count())

    def _visible(self) -> Any:
        from django.apps import apps

        rows = apps.get_model("store", self.model)._default_manager.filter(**self.always)
        # The log alone has no such rule: that something was withdrawn is told there for good.
        return rows.visible() if self.model != "Version" else rows


def _plain(value: Any) -> Any:
    return stamp(value) if isinstance(value, datetime.datetime) else value


def stamp(moment: datetime.datetime) -> str:
    """A moment as the tables write it.

    >>> stamp(datetime.datetime(2026, 11, 23, 9, 5, tzinfo=datetime.UTC))
    '2026-11-23T09:05:00Z'
    """
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def places(wanted: Mapping[str, Any], after: Mark | None, limit: int | None) -> Iterator[tuple[Mark, Row]]:
    """Places that something was published of, and those that a known law is of, in one order."""
    from django.db import connection
    from django.db.models.functions import Collate

    from postme.keeping import places as table
    from postme.keeping.store import models

    # A collation of a language sorts otherwise than Python; the two parts must be in one order.
    plain = Collate("id", "C" if connection.vendor == "postgresql" else "BINARY")
    own = {key: value for key, value in wanted.items() if value is not None}
    query = models.Place.objects.visible().annotate(plain=plain).filter(**own).order_by("plain")
    query = query if after is None else query.filter(plain__gt=after)
    rows: dict[str, Row] = {}
    for where in {law.place for law in laws.book().laws.values()}:
        row = {
            "id": where.short, "name": "", "level": where.level.value, "state": f"us/{where.state}" if where.state else "",
            "fiction": where.state == FICTION, "published": False,
        }  # fmt: skip
        if (after is None or where.short > str(after)) and all(row[key] == value for key, value in own.items()):
            rows[where.short] = row
    # What is among the first of both is among the first of each.
    for values in (query if limit is None else query[:limit]).values("id", "name", "level", "state", "fiction"):
        rows[values["id"]] = {**values, "published": True}
    for key, row in sorted(rows.items())[:limit]:
        yield key, {**row, "name": row["name"] or table.name_of(key), "division": placed(key).division}


def laws_known(wanted: Mapping[str, Any], after: Mark | None, limit: int | None) -> Iterator[tuple[Mark, Row]]:
    """Laws, those that come with postme and a town's own."""
    day = wanted.get("stands_on")
    own = {key: value for key, value in wanted.items() if value is not None and key != "stands_on"}
    fits = (
        (law.id, row)
        for law in sorted(laws.book().laws.values(), key=lambda one: one.id)
        if (after is None or law.id > str(after)) and (day is None or law.stands(day) is not False)
        for row in [_law(law)]
        if all(value in row["technologies"] if key == "technology" else row[key] == value for key, value in own.items())
    )
    yield from islice(fits, limit)


def _law(law: Law) -> Row:
    return {
        "id": law.id, "name": law.name, "place": law.place.short, "state": f"us/{law.place.state}" if law.place.state else "",
        "subject": law.subject, "instrument": law.instrument, "citation": law.citation, "what": law.what, "status": law.status,
        **_days("adopted", law.adopted.on), "vote": law.adopted.vote, **_days("starts", law.starts), **_days("ends", law.ends),
        "binds": list(law.binds), "not_bound": list(law.not_bound), "technologies": list(law.technologies), "text_seen": law.text_seen,
        "lawyer": law.read.lawyer is not None, "read_on": law.read.on.isoformat(),
        "sources": sorted({one.address for one in law.sources.values()}), "fiction": law.place.state == FICTION,
    }  # fmt: skip


def _days(name: str, day: Day | None) -> Row:
    """A day that is known only as lying between two is no day, and the two say so."""
    first, last = (day.first, day.last) if day else (None, None)
    exact = day.exact if day else None
    return {name: _iso(exact), f"{name}_earliest": _iso(first), f"{name}_latest": _iso(last)}


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def holding(row: Row) -> Row:
    """What the table of holdings says besides the entry's own columns: read from its twin."""
    facts = json.loads(row.pop("twin"))["facts"]
    earliest = next((one["value"] for one in facts["claims"] if one["part"] == "earliest date"), None)
    return {
        **row, "technology_name": facts["technology"]["name"], "status": facts["status"], "note": facts["note"],
        "earliest_date": earliest, "makers": sorted(facts["makers"].values()), "quotes": len(facts["evidence"]), "cannot_show": facts["cannot_show"],
    }  # fmt: skip


def search(row: Row) -> Row:
    """What the table of searches says besides the entry's own columns: read from its twin."""
    facts = json.loads(row.pop("twin"))["facts"]
    kept = ("number", "started", "ended", "catalogue", "reader", "files", "refused", "pages", "unreadable", "mentions")
    return {**row, **{key: facts[key] for key in kept}}


def agency(row: Row) -> Row:
    """Names over time are [name, from, until]; the table has the names."""
    return {**row, "names": [str(one[0]) for one in row["names"]]}
