"""``/api/``: the published tables by question, without a key. Made from ``store.tables``, so it shows what they show and no more.

Every list is paged by a mark that stays good while things are published; every answer says how new it is.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import utils
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Query, Schema
from ninja.errors import ValidationError
from pydantic import ConfigDict, Field, create_model

from postme.errors import PostmeError, WrongUse
from postme.keeping.store import tables
from postme.keeping.store.readers import AsOf, Column, Filter, Mark, Row, Table, stamp
from postme.office import counsel, sealing
from postme.website.answers import fresh, problem, problem_of, told

_SAID = logging.getLogger(__name__)
# Chosen: the most that one answer carries; the files at /data/ carry everything.
_MOST, _USUAL = 1_000, 100
_TYPES: dict[str, Any] = {
    "string": str, "integer": int, "boolean": bool, "date": str, "datetime": datetime.datetime, "array": list[str],
}  # fmt: skip

api = NinjaAPI(title="postme", version="1", docs_url=None, openapi_url=None, urls_namespace="api")


class NewAs(Schema):
    """How new an answer is: everything up to this entry of the public log is in it."""

    leaf: int | None = Field(description="The newest entry of the public log; null while nothing is published.")
    at: datetime.datetime | None = Field(description="When it was put there.")
    laws: str = Field(description="A mark of the laws that are known; it changes when one of them does.")


def _column(column: Column) -> tuple[Any, Any]:
    kind = _TYPES[column.kind]
    what = f"{column.what} Null: {column.empty}." if column.empty else column.what
    more: dict[str, Any] = {"examples": [column.example]} if column.example is not None else {}
    return (kind | None if column.empty else kind, Field(description=what, **more))


def row_of(table: Table) -> type[Schema]:
    """The shape of a table's rows, for the description of the API."""
    columns: Any = {column.name: _column(column) for column in table.columns}
    return create_model(_named(table, "Row"), __base__=Schema, __doc__=table.what, **columns)


def _named(table: Table, what: str) -> str:
    return f"{table.name.capitalize()}{what}"


def asked_of(table: Table) -> type[Schema]:
    """What may be asked of a table: its filters, how many rows, and after which."""
    fields: Any = {one.name: _filter(one) for one in table.filters}
    fields["limit"] = (int, Field(_USUAL, ge=1, le=_MOST, description="How many rows at most."))
    fields["cursor"] = (
        str | None,
        Field(
            None,
            max_length=400,
            description="Where to go on: take `next` of the last answer as it is, rather than this.",
        ),
    )
    return create_model(_named(table, "Asked"), __base__=Schema, **fields)


def _filter(one: Filter) -> tuple[Any, Any]:
    more: dict[str, Any] = {"description": one.what, "examples": [one.example]}
    if one.kind == "string":
        return str | None, Field(None, max_length=400, pattern=r"^[^\x00]*$", **more)
    return {"datetime": datetime.datetime, "date": datetime.date, "boolean": bool}[one.kind] | None, Field(None, **more)


# -- cursors


def _cursor(table: Table, mark: Mark) -> str:
    return base64.urlsafe_b64encode(json.dumps([table.name, mark]).encode()).decode().rstrip("=")


def _marked(table: Table, cursor: str) -> Mark:
    try:
        name, mark = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, TypeError):
        name, mark = "", None
    kind = int if table.marked == "integer" else str
    if (
        name != table.name
        or type(mark) is not kind
        or (isinstance(mark, int) and not -(2**63) <= mark < 2**63)
        or "\x00" in str(mark)
    ):
        raise WrongUse("This cursor is none of this list.", why="The rows that follow cannot be told.", do="Take `next` of an answer as it is, or begin without a cursor.")  # fmt: skip
    return mark


# -- lists


def _asked_by_query(shape: Any) -> Any:
    # A type that is made while running is none that can be written down.
    return Query[shape]  # type: ignore[misc]


def _list(table: Table) -> Callable[..., HttpResponseBase]:
    asked = asked_of(table)

    def listed(request: HttpRequest, wanted: Any) -> HttpResponseBase:
        given = wanted.dict(exclude_none=True)
        if foreign := sorted(set(request.GET) - set(asked.model_fields)):
            raise WrongUse(f"Nothing here is called '{foreign[0][:40]}'.", why="A filter that is passed over would give rows that nobody asked for.", do=f"Use {', '.join(asked.model_fields)}.")  # fmt: skip
        limit, cursor = given.pop("limit"), given.pop("cursor", None)
        after = None if cursor is None else _marked(table, cursor)
        for moment in (one for one in given.values() if isinstance(one, datetime.datetime)):
            _told_exactly(moment)

        def answered(now: AsOf) -> HttpResponseBase:
            rows, mark = table.page(given, after, limit)
            address = None
            if mark is not None:
                query = {
                    **{key: _written(value) for key, value in given.items()},
                    "limit": limit,
                    "cursor": _cursor(table, mark),
                }
                address = f"{settings.SITE}/api/{table.name}?{urlencode(query)}"
            response = told({"as_of": _as_of(now), "items": rows, "next": address})
            if address:
                response.headers["Link"] = f'<{address}>; rel="next"'
            return response

        return fresh(request, answered)

    listed.__annotations__["wanted"] = _asked_by_query(asked)
    listed.__name__ = f"list_{table.name}"
    listed.__doc__ = table.what
    return listed


def _told_exactly(moment: datetime.datetime) -> None:
    if moment.tzinfo is None:
        raise WrongUse(f"{moment.isoformat()} names no time zone.", why="Nobody knows which moment it is.", do="Write it as 2026-11-01T00:00:00Z.")  # fmt: skip
    try:
        moment.astimezone(datetime.UTC)
    except OverflowError as error:
        raise WrongUse(f"{moment.isoformat()} is outside the years 1 to 9999.", why="No calendar here has that moment.", do="Write it as 2026-11-01T00:00:00Z.") from error  # fmt: skip


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _as_of(now: AsOf) -> Row:
    return {"leaf": now.leaf, "at": stamp(now.at) if now.at else None, "laws": now.laws}


ROWS: dict[str, Any] = {table.name: row_of(table) for table in tables.TABLES}


def _rows_of(name: str) -> Any:
    row = ROWS[name]
    return list[row]  # type: ignore[valid-type]


for _table in tables.TABLES:
    _answer: Any = create_model(
        _named(_table, "List"), __base__=Schema, as_of=(NewAs, ...), items=(_rows_of(_table.name), ...),
        next=(str | None, Field(description="The address of the rows that follow; null where there are none yet.")),
    )  # fmt: skip
    api.get(f"/{_table.name}", response=_answer, summary=_table.title, tags=[_table.name])(_list(_table))


# -- one thing


def _single(request: HttpRequest, found: Callable[[], Any], what: str) -> HttpResponseBase:
    def answered(now: AsOf) -> HttpResponseBase:
        row = found()
        if row is None:
            return problem(
                404,
                f"No {what} of that name is published.",
                "It may never have been, or it was withdrawn.",
                "Look through the list; withdrawn pages say so at their own address.",
            )
        return told({**row, "as_of": _as_of(now)})

    return fresh(request, answered)


def _one(name: str, **more: Any) -> Any:
    return create_model(f"One{name.capitalize()}", __base__=ROWS[name], as_of=(NewAs, ...), **more)


@api.get("/places/{path:place}", response=_one("places"), summary="One place", tags=["places"])
def one_place(request: HttpRequest, place: str) -> HttpResponseBase:
    """A place by its id."""
    return _single(request, lambda: tables.PLACES.one(id=_clean(place)), "place")


@api.get("/agencies/{path:agency}", response=_one("agencies"), summary="One agency", tags=["agencies"])
def one_agency(request: HttpRequest, agency: str) -> HttpResponseBase:
    """An agency by its id."""
    return _single(request, lambda: tables.AGENCIES.one(id=_clean(agency)), "agency")


_WHOLE = {
    "claims": (_rows_of("claims"), Field(description="What is said of it, part by part.")),
    "evidence": (_rows_of("evidence"), Field(description="The quotes that it rests on, a thousand at most.")),
}


@api.get("/holdings/{path:address}", response=_one("holdings", **_WHOLE), summary="One holding", tags=["holdings"])
def one_holding(request: HttpRequest, address: str) -> HttpResponseBase:
    """A holding by the part of its address after ``/agencies/``, with its claims and its quotes."""

    def found() -> Row | None:
        where = f"/agencies/{_clean(address).strip('/')}/"
        row = tables.HOLDINGS.one(address=where)
        return row and {
            **row, "claims": tables.CLAIMS.page({"holding": where}, None, _MOST)[0], "evidence": tables.EVIDENCE.page({"holding": where}, None, _MOST)[0],
        }  # fmt: skip

    return _single(request, found, "holding")


@api.get("/records/{sha256}", response=_one("records"), summary="One record", tags=["records"])
def one_record(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """A record by the SHA-256 of its file."""
    return _single(request, lambda: tables.RECORDS.one(sha256=_clean(sha256)), "record")


@api.get("/records/{sha256}/pages/{int:number}", response=_one("pages"), summary="One page of a record", tags=["pages"])
def one_page(request: HttpRequest, sha256: str, number: int) -> HttpResponseBase:
    """The text of one page of a record, as it was read, with what was redacted as full blocks."""
    return _single(request, lambda: tables.PAGES.one(record=_clean(sha256), number=_whole(number)), "page")


@api.get("/searches/{int:number}", response=_one("searches"), summary="One search", tags=["searches"])
def one_search(request: HttpRequest, number: int) -> HttpResponseBase:
    """A search by its number."""
    return _single(request, lambda: tables.SEARCHES.one(address=f"/searches/{_whole(number)}/"), "search")


class OneLaw(Schema):
    """A law with its provisions, events, sources and worked cases."""

    model_config = ConfigDict(extra="allow")
    id: str
    name: str
    place: str
    provisions: list[dict[str, Any]] = Field(
        description="What it says, clause by clause, in our words, with sources and how sure we are."
    )
    as_of: NewAs


@api.get("/laws/{law}", response=OneLaw, summary="One law", tags=["laws"])
def one_law(request: HttpRequest, law: str) -> HttpResponseBase:
    """A law by its id, whole: its provisions, votes, sources and how sure we are."""

    def found() -> Row | None:
        return next((counsel.printed(one) for one in counsel.every() if one.id == law), None)

    return _single(request, found, "law")


class CheckpointAnswer(Schema):
    """The signed state of the public log."""

    origin: str = Field(description="The log's name.")
    size: int = Field(description="How many entries it has.")
    key: str = Field(description="The public key (C2SP signed-note verifier key).")
    checkpoint: str = Field(description="The signed note (C2SP tlog-checkpoint).")


@api.get("/log/checkpoint", response=CheckpointAnswer, summary="The log's newest checkpoint", tags=["log"])
def checkpoint(request: HttpRequest) -> HttpResponseBase:
    """The newest checkpoint of the public log, with what is needed to check it."""
    log = sealing.log(settings.DATA, settings.LOG_ORIGIN)
    return fresh(
        request,
        lambda _: told({"origin": log.origin, "size": log.size, "key": log.verifier, "checkpoint": log.checkpoint()}),
    )


@api.get("/log/{int:leaf}", response=_one("log"), summary="One entry of the log", tags=["log"])
def one_leaf(request: HttpRequest, leaf: int) -> HttpResponseBase:
    """An entry of the public log by its index. What it stands for is at its address with ``.json``."""
    return _single(request, lambda: tables.LOG.one(leaf=_whole(leaf)), "entry")


def _clean(words: str) -> str:
    # PostgreSQL knows no NUL, and nothing of ours has one.
    return words.replace("\x00", "")


def _whole(number: int) -> int:
    return number if number < 2**63 else -1


# -- what goes wrong


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"field": str(one["loc"][-1]), "what": one["msg"]} for one in error.errors]
    named = "; ".join(f"{one['field']}: {one['what']}" for one in faults[:5])
    return problem(
        422,
        f"The question cannot be understood. {named}.",
        "Rows that nobody asked for would be an answer to something else.",
        "See /data/ for what may be asked.",
        faults=faults,
    )


@api.exception_handler(PostmeError)
def _wrong(request: HttpRequest, error: PostmeError) -> HttpResponse:
    return problem_of(error, 422 if isinstance(error, WrongUse) else 503)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing at this address.", "", "See /api/openapi.json for every address of the API.")


@api.exception_handler(utils.DatabaseError)
def _down(request: HttpRequest, error: utils.DatabaseError) -> HttpResponse:
    _SAID.error("the database did not answer: %s", type(error).__name__)
    return problem(
        503, "The database does not answer.", "Nothing can be told now; nothing is lost.", "Try again in a minute."
    )


def nowhere(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any other address under ``/api/``."""
    return problem(404, "There is nothing at this address.", "", "See /api/openapi.json for every address of the API.")
