"""``/api/openapi.json``: the API described for programs, with its terms, its errors and examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Schema
from pydantic import ConfigDict, Field

from postme.keeping.store import tables
from postme.website import api_search  # noqa: F401  (it adds its address to the API)
from postme.website.answers import fresh, told
from postme.website.api import api


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(description="Always about:blank; the title says it.")
    title: str = Field(description="What is wrong.")
    status: int
    detail: str = Field(description="Why it matters.")
    do: str = Field(description="What to do.")


@lru_cache(maxsize=1)
def described(site: str) -> dict[str, Any]:
    """The API in OpenAPI 3.1, with terms, errors and examples; ``site`` is the address that readers use."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))
    found["info"] = {
        "title": "postme: published data", "version": "1",
        "description": "Surveillance technology and military equipment in public hands, found in public records, and the laws on them. "
        "No key is needed. Everything here went through two people and into a public log. Unknown is null and never *no*.\n\n" + "\n\n".join(tables.TERMS.values()),
        "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    }  # fmt: skip
    found["servers"] = [{"url": site}]
    found["tags"] = [
        *({"name": table.name, "description": table.what} for table in tables.TABLES),
        {"name": "search", "description": "The search box for programs."},
    ]
    schemas = found["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for operation in _operations(found):
        answers = operation["responses"]
        answers["200"]["headers"] = {
            "ETag": {"description": "Send it back as If-None-Match: while nothing was published, the answer is 304.", "schema": {"type": "string"}},
            "Postme-As-Of": {"description": "The newest entry of the public log.", "schema": {"type": "string"}},
        }  # fmt: skip
        answers["304"] = {"description": "Nothing was published since."}
        for status, what in _WRONG.items():
            answers[status] = {
                "description": what,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        answers["429"]["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
    return found


_WRONG = {
    "400": "The address holds what no address here has, such as a NUL character.",
    "404": "There is no such thing, or it was withdrawn.",
    "422": "The question cannot be understood.",
    "429": "Too many questions at once.",
    "503": "The database does not answer.",
}


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in found["paths"].values():
        yield from methods.values()


def openapi(request: HttpRequest) -> HttpResponseBase:
    """``/api/openapi.json``."""
    return fresh(request, lambda _: told(described(settings.SITE)))
