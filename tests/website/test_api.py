"""The API: as its own description says, paged without loss, cheap to ask again, and never an error of ours whatever is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import stores
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from postme.website.kept import KEPT

load_all_checks()
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance, unsupported_method]  # fmt: skip


@pytest.fixture(scope="module")
def application(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from django.db import connections

    data = tmp_path_factory.mktemp("api") / "data"
    connections.close_all()
    shutil.copytree(filled, data)
    with (
        stores.turned_to(data, template="postme"),
        override_settings(DATA=data, ALLOWED_HOSTS=["*"], RATE=0.0),
    ):
        yield get_wsgi_application()


@pytest.fixture(scope="module")
def described(application: Any) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


def _operations() -> list[str]:
    from postme.website.openapi import described

    return sorted(described("http://localhost:8000")["paths"])


@pytest.mark.parametrize("path", _operations())
def test_whatever_is_asked_is_answered_as_the_description_says(path: str, described: Any) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=described[path]["GET"].as_strategy())
    def asked(case: Any) -> None:
        # The WSGI client asks for gzip and does not unpack it.
        case.call_and_validate(checks=_CHECKS, headers={"Accept-Encoding": "identity"})

    asked()


def _json(site: Any, address: str, **headers: str) -> Any:
    response = site.get(address, **headers)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


@pytest.fixture
def free(site: Any) -> Iterator[Any]:
    """A visitor without a limit."""
    with override_settings(RATE=0.0):
        from django.test import Client

        client = Client()
        client.data = site.data  # type: ignore[attr-defined]
        yield client


def _every(site: Any, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while address:
        told = _json(site, address)
        found += told["items"]
        address = told["next"].partition("localhost:8000")[2] if told["next"] else ""
    return found


def test_an_address_of_the_api_with_a_line_break_is_answered_as_any_other_that_nothing_has(free: Any) -> None:
    response = free.get("/api/agencies/%0A%C2%9C")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


TABLES = ["places", "agencies", "holdings", "claims", "evidence", "records", "pages", "searches", "laws", "log"]


@pytest.mark.parametrize("name", TABLES)
def test_pages_of_any_size_have_every_row_once_in_one_order(free: Any, name: str) -> None:
    whole = _every(free, f"/api/{name}?limit=1000")
    assert whole
    step = max(1, len(whole) // 7)
    assert _every(free, f"/api/{name}?limit={step}") == whole


def test_what_is_published_while_somebody_pages_is_neither_lost_nor_told_twice(free: Any) -> None:
    from postme.office import example_town
    from postme.office.press import Body, Press

    before = _every(free, "/api/holdings?limit=1000")
    first = _json(free, "/api/holdings?limit=2")
    press = Press(free.data, catalogues=[example_town.CATALOGUE])
    facts = press.holding(Body("us/zz/mill_falls", "Another Department", "police", fiction=True), "alpr")
    number = press.draft(facts, who="Ada", roles_=("editor",))
    press.submit(number, who="Ada", roles_=("editor",))
    press.approve(number, who="Ben", roles_=("editor",))
    rest = _every(free, first["next"].partition("localhost:8000")[2])
    addresses = [row["address"] for row in [*first["items"], *rest]]
    assert addresses == [*(row["address"] for row in before), "/agencies/us/zz/mill_falls/another-department/alpr/"]


def test_filters_give_those_rows_and_no_others(free: Any) -> None:
    every = _every(free, "/api/holdings?limit=1000")
    technology = every[0]["technology"]
    some = _every(free, f"/api/holdings?technology={technology}")
    assert some == [row for row in every if row["technology"] == technology]
    assert 0 < len(some) < len(every)
    assert _every(free, "/api/holdings?fiction=false") == []
    assert _every(free, "/api/holdings?state=us/mn") == []
    assert _every(free, "/api/holdings?changed_since=2100-01-01T00:00:00Z") == []
    assert _every(free, "/api/holdings?changed_since=2000-01-01T00:00:00Z") == every
    laws = {row["id"] for row in _every(free, "/api/laws?place=us/mn/minneapolis&stands_on=2021-02-11")}
    assert "us-mn-minneapolis-fr" not in laws
    assert "us-mn-minneapolis-fr" in {
        row["id"] for row in _every(free, "/api/laws?place=us/mn/minneapolis&stands_on=2021-03-01")
    }


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("/api/holdings?technolgy=alpr", "Nothing here is called 'technolgy'."),
        ("/api/holdings?limit=0", "limit:"),
        ("/api/holdings?limit=many", "limit:"),
        ("/api/holdings?changed_since=yesterday", "changed_since:"),
        ("/api/holdings?changed_since=2026-11-01T00:00:00", "names no time zone"),
        ("/api/log?cursor=nonsense", "This cursor is none of this list."),
        ("/api/log?cursor=WyJwbGFjZXMiLCAidXMiXQ", "This cursor is none of this list."),
        ("/api/laws?stands_on=2021-02-30", "stands_on:"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_understood_is_told_why(free: Any, question: str, says: str) -> None:
    response = free.get(question)
    told = json.loads(response.content)
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert says in told["title"]
    assert told["do"]


@pytest.mark.parametrize("address", ["/api/nothing", "/api/records/" + "0" * 64, "/api/holdings/us/zz/mill_falls/nobody/alpr", "/api/laws/none", "/api/log/999999", "/api/log/99999999999999999999"])  # fmt: skip
def test_what_is_not_there_is_told_in_words(free: Any, address: str) -> None:
    response = free.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_nothing_can_be_written(free: Any) -> None:
    for method in ("post", "put", "patch", "delete"):
        response = getattr(free, method)("/api/holdings")
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert json.loads(response.content)["do"] == "Send a GET."


def test_an_answer_is_not_sent_twice_until_something_is_published(free: Any) -> None:
    from postme.office import example_town
    from postme.office.press import Press
    from postme.publication import What

    first = free.get("/api/holdings")
    tag = first.headers["ETag"]
    again = free.get("/api/holdings", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert free.get("/api/holdings", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    press = Press(free.data, catalogues=[example_town.CATALOGUE])
    address = json.loads(first.content)["items"][0]["address"]
    number = press.draft(
        press.ledger.facts_at(address) or {}, What.WITHDRAWN, who="Ada", roles_=("editor",), reason="Test."
    )
    press.submit(number, who="Ada", roles_=("editor",))
    press.approve(number, who="Ben", roles_=("editor",))
    new = free.get("/api/holdings", headers={"If-None-Match": tag})
    assert new.status_code == 200
    assert new.headers["ETag"] != tag
    assert address not in new.content.decode()


def test_an_unchanged_answer_costs_one_query(free: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    tag = free.get("/api/evidence").headers["ETag"]
    with CaptureQueriesContext(connection) as asked:
        assert free.get("/api/evidence", headers={"If-None-Match": tag}).status_code == 304
    assert len(asked) == 1


@pytest.mark.parametrize("name", TABLES)
def test_a_list_costs_few_queries_however_many_rows_it_gives(free: Any, name: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    free.get(f"/api/{name}?limit=1")
    costs = []
    for limit in (1, 50):
        KEPT.clear()
        with CaptureQueriesContext(connection) as asked:
            assert free.get(f"/api/{name}?limit={limit}").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 3


def test_pages_of_other_sites_may_ask(free: Any) -> None:
    for address in ("/api/holdings", "/data/holdings.csv", "/places.json", "/feed.atom", "/api/nothing"):
        assert free.get(address).headers["Access-Control-Allow-Origin"] == "*", address
    asked = free.options(
        "/api/holdings",
        headers={"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"},
    )
    assert asked.status_code == 204
    assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]
    for address in ("/places/", "/desk/"):
        assert "Access-Control-Allow-Origin" not in free.get(address).headers, address


def test_no_cookie_is_set_for_readers(free: Any) -> None:
    for address in ("/", "/api/holdings", "/data/", "/health/", "/about/", "/feed.atom"):
        assert not free.get(address).cookies, address


# -- the pace


def test_whoever_asks_too_fast_is_told_when_to_come_back(site: Any) -> None:
    from django.test import Client

    with override_settings(RATE=0.001, BURST=3.0):
        client = Client()
        assert [client.get("/api/log?limit=1").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/api/log?limit=1")
        told = json.loads(refused.content)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert 900 < int(refused.headers["Retry-After"]) <= 1000
        assert refused.headers["Retry-After"] in told["do"]
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        # Another visitor is not kept waiting, and pages are not counted.
        assert client.get("/api/log?limit=1", REMOTE_ADDR="203.0.113.7").status_code == 200
        assert client.get("/about/").status_code == 200


def test_only_a_trusted_proxy_may_say_who_asks(site: Any) -> None:
    from django.test import Client

    for trusted, wanted in ((False, 429), (True, 200)):
        with override_settings(RATE=0.001, BURST=1.0, TRUST_PROXY=trusted):
            client = Client()
            assert client.get("/api/log?limit=1", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
            second = client.get("/api/log?limit=1", headers={"X-Forwarded-For": "198.51.100.1, 198.51.100.2"})
            assert second.status_code == wanted


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("abc"), st.floats(0.5, 12)), max_size=60))
def test_nobody_gets_more_than_the_burst_and_what_has_flowed_in(steps: list[tuple[float, str, float]]) -> None:
    from postme.website.pace import Buckets

    now = 0.0
    buckets = Buckets(rate=2.0, burst=10.0, clock=lambda: now)
    taken: dict[str, float] = {}
    for wait, who, cost in steps:
        now += wait
        left = buckets.take(who, cost)
        if left:
            # Coming back then is enough, where nobody else takes from the bucket.
            assert buckets.take(who, cost) > 0
            now += left + 1e-6
            assert buckets.take(who, cost) == 0
        taken[who] = taken.get(who, 0) + min(cost, 10.0)
        assert taken[who] <= 10.0 + 2.0 * now + 1e-3


def test_addresses_are_not_kept_and_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.website import pace

    monkeypatch.setattr(pace, "_MOST", 100)
    buckets = pace.Buckets(1.0, 1.0, clock=lambda: 0.0)
    for number in range(1_000):
        buckets.take(f"203.0.113.{number}")
    assert len(buckets._full) == 100
    assert "203.0.113" not in repr(vars(buckets))
    assert b"203.0.113" not in b"".join(buckets._full)
