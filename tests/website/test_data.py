"""The files at /data/: the same rows in every form, described without a gap, in flat memory, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from postme.office import exporting

BULK = ["places", "agencies", "holdings", "claims", "evidence", "records", "searches", "laws", "log"]


@pytest.fixture
def free(site: Any) -> Iterator[Any]:
    """A visitor without a limit."""
    with override_settings(RATE=0.0, SITE="http://localhost:8000"):
        client = Client()
        client.data = site.data  # type: ignore[attr-defined]
        yield client


def _bytes(client: Any, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content) if response.streaming else response.content


def _columns(name: str) -> dict[str, str]:
    from postme.keeping.store.tables import NAMED

    return {column.name: column.kind for column in NAMED[name].columns}


def _lines(client: Any, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _bytes(client, f"/data/{name}.jsonl").splitlines()]


def _cells(client: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a CSV file as a reader of its description would read them."""
    kinds = _columns(name)

    def value(text: str, kind: str) -> Any:
        if text == "":
            return None
        if kind == "integer":
            return int(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "array":
            return json.loads(text)
        return text.removeprefix("'")

    rows = csv.DictReader(io.StringIO(_bytes(client, f"/data/{name}.csv").decode(), newline=""))
    assert rows.fieldnames == list(kinds)
    return [{key: value(cell, kinds[key]) for key, cell in row.items()} for row in rows]


def _frames(client: Any, name: str) -> list[dict[str, Any]]:
    def value(one: Any) -> Any:
        return one.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(one, datetime.datetime) else one

    frame = polars.read_parquet(io.BytesIO(_bytes(client, f"/data/{name}.parquet")))
    return [{key: value(one) for key, one in row.items()} for row in frame.to_dicts()]


def _without_blanks(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: None if value == "" else value for key, value in row.items()} for row in rows]


@pytest.mark.parametrize("name", BULK)
def test_every_form_and_the_api_give_the_same_rows(free: Any, name: str) -> None:
    lines = _lines(free, name)
    assert lines
    assert all(list(row) == list(_columns(name)) for row in lines)
    assert _frames(free, name) == lines
    assert _cells(free, name) == _without_blanks(lines)
    items: list[dict[str, Any]] = []
    address = f"/api/{name}?limit=1000"
    while address:
        told = json.loads(_bytes(free, address))
        items += told["items"]
        address = (told["next"] or "").removeprefix("http://localhost:8000")
    assert [{key: row[key] for key in _columns(name)} for row in items] == lines


@pytest.mark.parametrize("name", BULK)
def test_a_file_says_how_new_it_is_and_is_not_sent_twice(free: Any, name: str) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        first = free.get(f"/data/{name}.{kind}")
        newest = max(row["leaf"] for row in _lines(free, "log"))
        assert first.headers["Postme-As-Of"] == str(newest)
        assert first.headers["Content-Disposition"] == f'attachment; filename="{name}-{newest}.{kind}"'
        assert free.get(f"/data/{name}.{kind}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_package_describes_every_file_and_its_keys_hold(free: Any) -> None:
    package = json.loads(_bytes(free, "/data/datapackage.json"))
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert package["licenses"] == [
        {
            "name": "CC-BY-4.0",
            "title": "Creative Commons Attribution 4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ]
    assert package["asOf"]["leaf"] == max(row["leaf"] for row in _lines(free, "log"))
    resources = {one["name"]: one for one in package["resources"]}
    assert list(resources) == BULK
    kinds = {"string", "integer", "boolean", "datetime", "array"}
    for name, one in resources.items():
        rows = _lines(free, name)
        assert one["rowCount"] == len(rows)
        assert one["path"] == f"{name}.csv"
        assert one["terms"]
        fields = {field["name"]: field for field in one["schema"]["fields"]}
        assert list(fields) == list(_columns(name))
        assert all(field["type"] in kinds and field["description"] for field in fields.values())
        for key, field in fields.items():
            if field.get("constraints", {}).get("required"):
                assert all(row[key] not in (None, "") for row in rows), (name, key)
        own = one["schema"]["primaryKey"]
        own = [own] if isinstance(own, str) else own
        keys = [tuple(row[key] for key in own) for row in rows]
        assert len(set(keys)) == len(keys), name
        for foreign in one["schema"].get("foreignKeys", ()):
            other, key = foreign["reference"]["resource"], foreign["reference"]["fields"]
            known = {row[key] for row in _lines(free, other)}
            assert {row[foreign["fields"]] for row in rows} <= known, (name, foreign)


def test_a_day_is_written_as_iso_8601_says_or_not_at_all(free: Any) -> None:
    day, moment = re.compile(r"\d{4}(-\d\d){0,2}"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    seen = 0
    for name in BULK:
        kinds = _columns(name)
        for row in _lines(free, name):
            for key, value in row.items():
                if value is not None and kinds[key] in ("date", "datetime"):
                    assert (day if kinds[key] == "date" else moment).fullmatch(value), (name, key, value)
                    seen += 1
    assert seen > 100


def test_no_page_text_is_a_file_and_unknown_files_are_not_found(free: Any) -> None:
    for name in ("pages.csv", "holdings.xls", "nothing.csv", "drafts.csv"):
        assert free.get(f"/data/{name}").status_code == 404, name


_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
_ROW = st.fixed_dictionaries(
    {"text": st.one_of(st.none(), _WORDS, st.sampled_from(["=1+1", "+x", "-x", "@x", "\tx", "\rx", "'=1", "''", "a,b", 'a"b', "a\r\nb"])),
     "number": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), "list": st.lists(_WORDS, max_size=3), "flag": st.booleans()}
)  # fmt: skip
_SHAPE = [("text", "string"), ("number", "integer"), ("list", "array"), ("flag", "boolean")]


@given(st.lists(_ROW, max_size=30))
@settings(deadline=None, max_examples=50)
def test_what_is_written_can_be_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    text = b"".join(exporting.comma_separated(_SHAPE, rows)).decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["text", "number", "list", "flag"]
    assert not [cell for row in read[1:] for cell in row[:1] if cell[:1] in tuple("=+-@\t\r")]
    assert [[row[0].removeprefix("'"), row[1], json.loads(row[2]), row[3]] for row in read[1:]] == [
        [row["text"] or "", "" if row["number"] is None else str(row["number"]), row["list"], "true" if row["flag"] else "false"] for row in rows
    ]  # fmt: skip
    assert [json.loads(line) for line in b"".join(exporting.json_lines(_SHAPE, rows)).decode().split("\n")[:-1]] == rows
    folder = tmp_path_factory.mktemp("parquet")
    assert polars.read_parquet(exporting.parquet(folder, "t", "1", _SHAPE, rows)).to_dicts() == rows


def test_memory_does_not_grow_with_a_table(tmp_path: Path) -> None:
    def most(count: int) -> int:
        tracemalloc.start()
        rows = (
            {"text": f"{number} " + "x" * 200, "number": number, "list": ["a"], "flag": True} for number in range(count)
        )
        for _ in exporting.comma_separated(_SHAPE, rows):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(40_000) < 1.5 * most(8_000)


def test_a_parquet_file_is_made_once_for_a_state_and_the_older_one_goes(tmp_path: Path) -> None:
    rows = [{"text": "a", "number": 1, "list": [], "flag": True}]
    first = exporting.parquet(tmp_path, "t", "1", _SHAPE, rows)
    made = first.stat().st_mtime_ns
    assert exporting.parquet(tmp_path, "t", "1", _SHAPE, []) == first
    assert first.stat().st_mtime_ns == made
    second = exporting.parquet(tmp_path, "t", "2", _SHAPE, rows)
    assert [path.name for path in tmp_path.iterdir()] == [second.name]


def test_a_reading_that_fails_leaves_no_parquet_file(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"text": "a", "number": 1, "list": [], "flag": True}
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        exporting.parquet(tmp_path, "t", "1", _SHAPE, rows())
    assert list(tmp_path.iterdir()) == []


# -- feeds, the sitemap, health


def test_feeds_are_well_formed_and_say_what_was_withdrawn_without_its_name(free: Any) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    log = _lines(free, "log")
    for address in ("/feed.atom", "/places/us/zz/mill_falls.atom"):
        feed = etree.fromstring(_bytes(free, address))
        entries = feed.findall(f"{atom}entry")
        assert [one.findtext(f"{atom}id") for one in entries] == [
            f"http://localhost:8000/log/{row['leaf']}/" for row in reversed(log)
        ][:100]
        assert all(one.findtext(f"{atom}updated") and one.find(f"{atom}link") is not None for one in entries)
        assert feed.findtext(f"{atom}updated") == max(one.findtext(f"{atom}updated") for one in entries)
        withdrawn = [
            one.findtext(f"{atom}title") for one in entries if "Withdrawn" in (one.findtext(f"{atom}title") or "")
        ]
        assert withdrawn == ["Withdrawn: a holding (fiction)"] * sum(row["what"] == "withdrawn" for row in log)
    assert etree.fromstring(_bytes(free, "/places/us/mn/minneapolis.atom")).findall(f"{atom}entry") == []
    assert free.get("/places/us/mn/nowhere_at_all.atom").status_code == 404


def test_the_sitemap_has_what_is_published_and_every_address_of_it_answers(free: Any) -> None:
    loc = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    parts = [one.text or "" for one in etree.fromstring(_bytes(free, "/sitemap.xml")).iter(loc)]
    found = [
        one.text or ""
        for part in parts
        for one in etree.fromstring(_bytes(free, part.removeprefix("http://localhost:8000"))).iter(loc)
    ]
    assert len(found) == len(set(found))
    published = {row["address"] for name in ("holdings", "records", "searches") for row in _lines(free, name)}
    assert published <= {one.removeprefix("http://localhost:8000") for one in found}
    for address in found:
        assert free.get(address.removeprefix("http://localhost:8000")).status_code == 200, address
    assert "Sitemap: http://localhost:8000/sitemap.xml" in _bytes(free, "/robots.txt").decode()


def test_a_part_of_the_sitemap_holds_only_so_many(free: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.website.pages import feeds

    monkeypatch.setattr(feeds, "_A_PART", 5)
    monkeypatch.setitem(feeds._PARTS, "entries", (feeds._PARTS["entries"][0], feeds._PARTS["entries"][1]))
    from postme.keeping.store.models import Entry

    count = Entry.objects.visible().count()
    parts = [
        one for one in re.findall(r"<loc>([^<]+)</loc>", _bytes(free, "/sitemap.xml").decode()) if "-entries-" in one
    ]
    assert len(parts) == -(-count // 5)
    assert free.get(f"/sitemap-entries-{len(parts)}.xml").status_code == 404


def test_security_txt_is_there_where_somebody_can_be_written_to(free: Any) -> None:
    assert free.get("/.well-known/security.txt").status_code == 404
    with override_settings(CONTACT="mailto:hole@example.org"):
        said = _bytes(free, "/.well-known/security.txt").decode()
    assert said.startswith("Contact: mailto:hole@example.org\nExpires: ")
    until = datetime.datetime.fromisoformat(re.findall(r"Expires: (\S+)", said)[0])
    assert datetime.timedelta(days=30) < until - datetime.datetime.now(datetime.UTC) < datetime.timedelta(days=365)


def test_health_tells_machines_what_is_wrong(free: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(_bytes(free, "/health/live")) == {"live": True}
    told = json.loads(_bytes(free, "/health/ready"))
    assert told["ready"], told
    from postme.keeping.store.models import Version

    last = Version.objects.order_by("-leaf").first()
    assert last
    Version.objects.filter(pk=last.pk).update(hash="00" * 32)
    response = free.get("/health/ready")
    assert response.status_code == 503
    [wrong] = [one for one in json.loads(response.content)["checks"] if not one["well"]]
    assert (wrong["name"], wrong["said"]) == ("log", "The log and the table say different things of an entry.")
    Version.objects.filter(pk=last.pk).update(hash=last.hash)
    with override_settings(DATA=free.data / "nowhere"):
        bad = {one["name"] for one in json.loads(free.get("/health/ready").content)["checks"] if not one["well"]}
    assert "disk" in bad
    assert str(free.data) not in response.content.decode()


def test_live_asks_nothing_of_the_database(free: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert free.get("/health/live").status_code == 200
    assert len(asked) == 0


def test_the_pages_say_what_their_data_says(free: Any) -> None:
    health = json.loads(_bytes(free, "/health.json"))
    page = _bytes(free, "/health/").decode()
    assert health["log"]["size"] == len(_lines(free, "log"))
    assert str(health["log"]["size"]) in page
    assert health["knowledge"]["catalogue"] in page
    assert [one["number"] for one in health["searches"]] == [row["number"] for row in _lines(free, "searches")]
    assert "has not said who they are" in _bytes(free, "/about/").decode()
    with override_settings(OPERATOR="The Example League", CONTACT="mailto:us@example.org"):
        about = _bytes(free, "/about/").decode()
    assert "The Example League" in about
    assert "mailto:us@example.org" in about
    data = json.loads(_bytes(free, "/data.json"))
    assert {one["name"]: one["rows"] for one in data["tables"] if one["files"]} == {
        name: len(_lines(free, name)) for name in BULK
    }
