"""No page asks the database more than a dozen times, and none asks more often because more was published."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import country

MOST = 12
_LITTLE = country.Size(bodies=2, holdings=2, records=2, pages=3)
_MUCH = country.Size(bodies=12, holdings=3, records=6, pages=6)
# Pages that ask nothing of what is published, or that a visitor must send a form to.
_APART = {"law-ask", "law-compare", "law-words"}
# Those of a town that decides are asked for in test_decisions, on the town that lives through it.
_DECIDING = {
    "audit",  # asked for in test_audits
    "decisions",
    "decision",
    "paper",
    "comments",
    "advisory-vote",
    "voices",
    "receipts",
    "receipt",
    "calendar",
    "meeting",
    "letters",
    "letter",
    "signatures",
    "signatures-batch",
}


def _published(number: int, size: country.Size, data: Path) -> Mapping[str, str]:
    """Publish a generated place of that size: an address of every kind of page, for what it is called in the site map."""
    from django.db import transaction

    from postme.keeping.notary import Notary
    from postme.keeping.tiles import Tiles
    from postme.office import sealing

    some = country.publishings(number, size)
    country.on_shelf(data, some)
    with transaction.atomic():
        leaves = country.written(some, country.salts(number))
        Tiles(data).sealed(leaves, Notary(data, sealing.ORIGIN))
    holding = next(one for one in some if one.kind == "holding")
    # The record and the page that most is quoted from: what is shown of them grows with the quotes.
    quoted = [
        (quote["sha256"], quote["page"]) for one in some if one.kind == "holding" for quote in one.facts["evidence"]
    ]
    sha256, page = max(quoted, key=quoted.count)
    return {
        "audits": "/audits/",
        "place-address": f"/places/{holding.facts['place']['id']}/address/", "place-write": f"/places/{holding.facts['place']['id']}/write/", "council": f"/places/{holding.facts['place']['id']}/council/",
        "member": f"/places/{holding.facts['place']['id']}/council/{_seated(data, holding.facts['place'])}/", "places": "/places/", "place": f"/places/{holding.facts['place']['id']}/", "agency": f"/agencies/{holding.facts['agency']['id']}/",
        "a holding": holding.address, "laws": "/laws/", "law": f"/laws/{_law()}/", "records": "/records/", "record": f"/records/{sha256}/",
        "record-page": f"/records/{sha256}/{page}/", "searches": "/searches/", "search-done": some[-1].address, "log": "/log/", "log-entry": "/log/3/",
        "verify": "/verify/", "data": "/data/", "health": "/health/", "about": "/about/", "moderation": "/moderation/", "translate": "/translate/", "technologies": "/technologies/", "technology": "/technologies/alpr/",
        "search": "/search/?q=council", "home": "/", "API: places": "/api/places", "API: agencies": "/api/agencies", "API: holdings": "/api/holdings",
        "API: claims": "/api/claims", "API: evidence": "/api/evidence", "API: records": "/api/records", "API: pages": "/api/pages", "API: searches": "/api/searches",
        "API: one holding": f"/api{holding.address.replace('/agencies/', '/holdings/')[:-1]}", "feed": "/feed.atom", "search feed": "/search.atom?q=council",
        "proof": f"{holding.address[:-1]}.proof", "twin": f"{holding.address[:-1]}.json",
    }  # fmt: skip


def _seated(data: Path, place: Mapping[str, str]) -> int:
    """The number of a seat of a place's council."""
    import datetime

    from postme.keeping.store.council import Council, SeatRow

    day, council = datetime.date(2026, 1, 5), Council(data)
    council.add(place["id"], place["name"], [SeatRow(0, "city council", "1", "A. Teller", day, None, day, "made up")], fiction=False)  # fmt: skip
    return council.seats(place["id"])[0].number


def _law() -> str:
    from postme.keeping import laws

    return min(laws.book().laws)


def _asked(site: Any, addresses: Mapping[str, str]) -> dict[str, list[str]]:
    """The queries that each page asks, once it has been asked for before."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postme.website.kept import KEPT

    found = {}
    for name, address in addresses.items():
        assert site.get(address).status_code == 200, address
        KEPT.clear()
        with CaptureQueriesContext(connection) as asked:
            site.get(address)
        found[name] = [query["sql"] for query in asked.captured_queries]
    return found


@pytest.fixture
def counted(site: Any) -> Any:
    """The queries of every kind of page, of a place with little and of one with much, published after it."""
    little = _asked(site, _published(0, _LITTLE, site.data))
    return little, _asked(site, _published(1, _MUCH, site.data))


def test_no_page_asks_more_than_a_dozen_times_or_more_often_for_more(counted: Any) -> None:
    from postme.website.urls import PAGES

    little, much = counted
    assert {name for _, name, _ in PAGES} - _APART - _DECIDING - set(little) == set(), (
        "a page that is not asked for here"
    )
    assert any(little["place"])
    assert any("store_evidence" in query for query in little["record-page"])
    too_many = {name: len(queries) for name, queries in much.items() if len(queries) > MOST}
    assert not too_many
    growing = {name: (len(little[name]), len(much[name])) for name in much if len(much[name]) > len(little[name])}
    assert not growing
