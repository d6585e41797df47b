"""``/data/``: every published table as files, the package that describes them, and the API explained."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from postme.keeping.store import readers, tables
from postme.keeping.store.readers import AsOf, Column, Table, stamp
from postme.office import exporting
from postme.website import pace
from postme.website.answers import fresh, told
from postme.website.pages import Facts, Page

FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_BY_ATTRIBUTION = {"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}  # fmt: skip
_CSV_NOTE = "A text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a return) has an apostrophe in front, and so has one that begins with an apostrophe: take the first one off. A list is JSON. An empty cell is null."


def _facts(request: HttpRequest) -> Facts:
    now = readers.as_of()
    counts = tables.counts(now)
    return {
        "title": gettext("Data"), "description": gettext("Every published table as CSV, JSON lines and Parquet, and an API that needs no key."), "address": "/data/",
        "as_of": {"leaf": now.leaf, "at": stamp(now.at) if now.at else None}, "site": settings.SITE, "rate": settings.RATE, "burst": settings.BURST,
        "whole_tables": {"in_one_go": pace.in_one_go(), "then_seconds": pace.seconds_a_table()} if settings.RATE else None,
        "csv_note": _CSV_NOTE, "terms": dict(tables.TERMS), "tables": [{**_told(table), "rows": counts[table.name]} for table in tables.TABLES],
    }  # fmt: skip


def _told(table: Table) -> dict[str, Any]:
    return {
        "name": table.name, "title": table.title, "what": table.what, "api": f"/api/{table.name}", "key": list(table.key),
        "files": {kind: f"/data/{table.name}.{kind}" for kind in FORMATS} if table.bulk else {},
        "filters": [{"name": one.name, "what": one.what, "example": one.example} for one in table.filters],
        "columns": [{"name": one.name, "kind": one.kind, "what": one.what, "empty": one.empty} for one in table.columns],
        "terms": list(table.terms),
    }  # fmt: skip


PAGE = Page("data.html", _facts)


def file(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    """``/data/<table>.<kind>``: a whole table. It is streamed; a Parquet file is made once after each publication, and kept."""
    found = next((one for one in tables.BULK if one.name == table), None)
    if found is None or kind not in FORMATS:
        raise Http404("There is no such file. /data/ lists them.")
    return fresh(request, lambda now: _sent(found, kind, now), kind)


def _sent(table: Table, kind: str, now: AsOf) -> HttpResponseBase:
    columns = [(column.name, column.kind) for column in table.columns]
    name = f"{table.name}-{now.leaf if now.leaf is not None else 'none'}.{kind}"
    response: HttpResponseBase
    if kind == "parquet":
        kept = exporting.parquet(settings.DATA / "cache" / "tables", table.name, now.mark, columns, table.rows())
        response = FileResponse(kept.open("rb"), content_type=FORMATS[kind])
    else:
        write: Callable[..., Any] = exporting.comma_separated if kind == "csv" else exporting.json_lines
        response = StreamingHttpResponse(write(columns, table.rows()), content_type=FORMATS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def package(request: HttpRequest) -> HttpResponseBase:
    """``/data/datapackage.json``: the tables described as a Frictionless data package."""
    return fresh(request, lambda now: _package(now), datetime.datetime.now(datetime.UTC).date().isoformat())


def _package(now: AsOf) -> HttpResponse:
    counts = tables.counts(now)
    return told(
        {
            "profile": "tabular-data-package",
            "name": "postme",
            "title": "Surveillance technology and military equipment in public hands, and the laws on them",
            "description": "What public records say, with the page and the words, let out by two people and entered into a public log. "
            f"Unknown is a value, and never *no*. Each file has everything up to the entry of the log that is named here as `asOf`, at least. {_CSV_NOTE}",
            "homepage": f"{settings.SITE}/data/",
            **({"created": stamp(now.at)} if now.at else {}),
            "licenses": [_BY_ATTRIBUTION],
            "sources": [
                {"title": "Public records, each under its SHA-256", "path": f"{settings.SITE}/records/"},
                {"title": "GeoNames (CC BY 4.0)", "path": "https://www.geonames.org/"},
            ],
            "contributors": [{"title": settings.OPERATOR or settings.SITE, "role": "publisher"}],
            "asOf": {"leaf": now.leaf, "at": stamp(now.at) if now.at else None},
            "terms": dict(tables.TERMS),
            "resources": [_resource(table, counts[table.name]) for table in tables.BULK],
        }
    )


def _resource(table: Table, count: int) -> dict[str, Any]:
    foreign = [
        {"fields": column, "reference": {"resource": other, "fields": key}} for column, (other, key) in table.foreign.items()
    ]  # fmt: skip
    one = len(table.key) == 1
    return {
        "name": table.name, "title": table.title, "description": table.what, "profile": "tabular-data-resource", "path": f"{table.name}.csv",
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "alternatives": [f"{settings.SITE}/data/{table.name}.{kind}" for kind in ("jsonl", "parquet")], "terms": " ".join(tables.TERMS[term] for term in table.terms),
        "rowCount": count,
        "licenses": [_BY_ATTRIBUTION],
        "schema": {
            "fields": [_field(column, key=column.name in table.key) for column in table.columns],
            "primaryKey": table.key[0] if one else list(table.key), "missingValues": [""], **({"foreignKeys": foreign} if foreign else {}),
        },
    }  # fmt: skip


def _field(column: Column, *, key: bool) -> dict[str, Any]:
    # A day may be known only as a year or a month, which Frictionless has no one type for.
    kind = "string" if column.kind == "date" else column.kind
    what = f"{column.what} Empty: {column.empty}." if column.empty else column.what
    if column.kind == "date":
        what += " ISO 8601, as far as it is known: 2021, 2021-02 or 2021-02-12."
    required = key or (not column.empty and column.kind in ("integer", "boolean", "datetime"))
    return {
        "name": column.name, "type": kind, "description": what,
        **({"trueValues": ["true"], "falseValues": ["false"]} if kind == "boolean" else {}),
        **({"constraints": {"required": True}} if required else {}),
        **({"example": column.example} if column.example is not None and not isinstance(column.example, list) else {}),
    }  # fmt: skip
