"""The search on SQLite and on PostgreSQL: the same hits as a plain reading, and nothing that is not public any more."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postgres as servers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from postgres import postgres  # noqa: F401  (a fixture)

from postme import query
from postme.keeping.store.register import Register

NOW = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC)
WORDS = ["camera", "cameras", "drone", "plate", "plates", "reader", "license", "police", "body", "worn", "the", "1033", "policy", "café"]  # fmt: skip
TEXTS = st.lists(st.sampled_from([*WORDS, "\n", ".", "-", "“", "or"]), max_size=14).map(" ".join)
TERM = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.sampled_from(["cam*", "pol*", '"license pl*', '"license pl"*', "body-worn", "re*"]),
)
SAID = st.lists(st.one_of(TERM, TERM.map("-{}".format), st.just("or")), min_size=1, max_size=6).map(" ".join)
WILD = st.text(alphabet=st.sampled_from("ab*\"'^:()-+&|!<>\\%_;\0 NEARORnot\ud800é"), max_size=30)
CASE = tuple[str, str, str, str, str]
KINDS = ["page", "evidence", "law", "technology", "decision", "paper", "letter"]
DOCUMENT = st.tuples(st.sampled_from(KINDS), st.sampled_from(["us/mn/a", "us/zz/cañon", ""]), st.sampled_from(["2021-03-01", "2024-12-31", "2024", ""]), TEXTS, TEXTS)  # fmt: skip


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    Register(folder)
    return folder


@pytest.fixture(scope="module")
def both(sqlite: Path, postgres: str) -> Iterator[tuple[Path, Any]]:  # noqa: F811
    with servers.instead(postgres) as other:
        assert other.vendor == "postgresql"
    yield sqlite, other


def on_sqlite(folder: Path, documents: list[CASE], said: str, **filters: str) -> set[str]:
    from postme.keeping.store.register import whole

    with whole(folder / "postme.sqlite3"):
        return asked(documents, said, **filters)


def on_postgres(other: Any, documents: list[CASE], said: str, **filters: str) -> set[str]:
    from django.db import connections

    usual = connections["default"]
    connections["default"] = other
    try:
        return asked(documents, said, **filters)
    finally:
        connections["default"] = usual


def asked(documents: list[CASE], said: str, **filters: str) -> set[str]:
    from postme.keeping.store import finding, seeking
    from postme.keeping.store.models import Findable

    finding.removed(Findable.objects.all())
    rows = [
        one
        for i, (kind, place, date, title, text) in enumerate(documents)
        for one in finding.row(kind, f"/{i}/", title or "untitled", text=text, place=place, date=date or None)
    ]
    finding.written(rows)
    found = seeking.sought(said, limit=200, **filters)
    assert found.total == len(found.rows)
    return {hit.address for hit in found.rows} | ({"begun"} if found.begun else set()) | {f"meant {found.did_you_mean}"}


def read_plainly(documents: list[CASE], said: str, **filters: str) -> set[str]:
    """What a person would find who reads every document, with strings alone."""

    def stands(part: query.Part, text: str) -> bool:
        return f" {' '.join(part.words)}{'' if part.begun else ' '}" in f" {text} "

    def found(of: query.Query) -> set[str]:
        hits = set()
        for i, (kind, place, date, title, text) in enumerate(documents):
            whole = query.folded(title or "untitled", text)
            right = (
                filters.get("kind", kind) == kind
                and filters.get("place", place) == place
                and filters.get("year", date[:4]) == date[:4]
                and (not filters.get("since") or (date and date >= filters["since"]))
                and (not filters.get("until") or (date and date <= filters["until"] + "~"))
            )
            if right and any(all(stands(part, whole) for part in group) for group in of.any) and not any(stands(part, whole) for part in of.without):  # fmt: skip
                hits.add(f"/{i}/")
        return hits

    of = query.parsed(said)
    exactly = found(of)
    wide = found(query.begun(of)) if not exactly and not of.empty else set()
    return exactly or (wide | {"begun"} if wide else set())


FILTERS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"kind": st.sampled_from(KINDS)}),
    st.fixed_dictionaries({"place": st.sampled_from(["us/mn/a", "us/zz/cañon"])}),
    st.fixed_dictionaries({"year": st.just("2024")}),
    st.fixed_dictionaries({"since": st.sampled_from(["2024", "2021-03-01"]), "until": st.just("2024")}),
)


@given(st.lists(DOCUMENT, max_size=6), st.one_of(SAID, WILD), FILTERS)
@example([("page", "", "", "", "the body worn")], 'body-worn -"worn body"', {})
@example([("page", "", "", "body", "worn")], '"body worn"', {})
@settings(max_examples=80)
def test_both_databases_find_what_a_plain_reading_finds(
    both: tuple[Path, Any], documents: list[CASE], said: str, filters: dict[str, str]
) -> None:
    plain = read_plainly(documents, said, **filters)
    one, other = on_sqlite(both[0], documents, said, **filters), on_postgres(both[1], documents, said, **filters)
    assert one == other
    assert {hit for hit in one if not hit.startswith("meant")} == plain


@given(st.lists(DOCUMENT, max_size=6), st.one_of(SAID, WILD), FILTERS)
def test_sqlite_alone_finds_what_a_plain_reading_finds(sqlite: Path, documents: list[CASE], said: str, filters: dict[str, str]) -> None:  # fmt: skip
    found = on_sqlite(sqlite, documents, said, **filters)
    assert {hit for hit in found if not hit.startswith("meant")} == read_plainly(documents, said, **filters)


def test_a_page_longer_than_either_database_keeps_positions_of_finds_its_last_phrase(both: tuple[Path, Any]) -> None:
    # PostgreSQL's own phrases know 256 places of a word and none past the 16,383rd word.
    long = "plate reader " * 300 + "word " * 20_000 + "license plate cameras"
    for said, there in (('"license plate camera"', True), ('"license plate reader"', False), ('"reader word"', True)):
        for found in (on_sqlite(both[0], [("page", "", "", "", long)], said), on_postgres(both[1], [("page", "", "", "", long)], said)):  # fmt: skip
            assert ("/0/" in found) is there


def test_a_text_larger_than_one_row_is_cut_where_no_phrase_is_lost(both: tuple[Path, Any]) -> None:
    large = " ".join(f"w{i:x}" for i in range(160_000))
    middle = large[:500_000].rsplit(" ", 1)[-1]
    said = f'"{middle} w{int(middle[1:], 16) + 1:x}"'
    assert "/0/" in on_sqlite(both[0], [("page", "", "", "", large)], said)
    assert "/0/" in on_postgres(both[1], [("page", "", "", "", large)], said)


def test_a_common_word_is_looked_at_no_further_than_the_cap_and_says_so(both: tuple[Path, Any]) -> None:
    from postme.keeping.store import seeking

    many: list[CASE] = [("page", "", "2024-01-01", "", "police")] * (seeking.CAP + 5)

    def told(found: Any) -> tuple[int, bool]:
        return found.total, found.more

    def count() -> tuple[Any, Any]:
        from postme.keeping.store import finding
        from postme.keeping.store.models import Findable

        finding.removed(Findable.objects.all())
        finding.written(one for i, (kind, _, date, title, text) in enumerate(many) for one in finding.row(kind, f"/{i}/", title or "x", text=text, date=date))  # fmt: skip
        found = seeking.sought("police", limit=5)
        fewer = seeking.sought("police", kind="law")
        return told(found), told(fewer)

    from django.db import connections

    from postme.keeping.store.register import whole

    with whole(both[0] / "postme.sqlite3"):
        here = count()
    usual, connections["default"] = connections["default"], both[1]
    try:
        there = count()
    finally:
        connections["default"] = usual
    assert here == there == ((seeking.CAP, True), (0, False))


def test_a_word_that_is_gone_is_not_offered_any_more(sqlite: Path) -> None:
    assert "meant surveillance" in on_sqlite(sqlite, [("page", "", "", "", "surveillance")], "survelance")
    assert "meant " in on_sqlite(sqlite, [("page", "", "", "", "something")], "survelance")


def test_a_snippet_shows_the_words_and_marks_stand_on_them() -> None:
    from postme.keeping.store.seeking import snipped

    text = "nothing here. " * 100 + "A drone was seen. " + "nothing more. " * 100
    where = query.marks(query.parsed("drone"), text)
    piece, marks = snipped(text, where)
    assert [piece[a:b] for a, b in marks] == ["drone"]
    assert len(piece) < 300
    assert piece.startswith("…") and piece.endswith("…")


@given(st.text(alphabet="ab \n", max_size=900), st.integers(0, 899), st.integers(1, 300))
def test_marks_in_a_snippet_are_the_same_words(text: str, start: int, size: int) -> None:
    from postme.keeping.store.seeking import snipped

    end = min(len(text), start + size)
    spans = [(start, end)] if start < end and text[start:end].strip() == text[start:end] else []
    piece, marks = snipped(text, spans)
    for (a, b), (x, y) in zip(spans, marks, strict=True):
        assert text[a:b].startswith(piece[x:y]) and piece[x:y]


def test_the_examples_of_the_search_run(sqlite: Path) -> None:
    import doctest

    from postme.keeping.store import finding, seeking

    for module in (finding, seeking):
        ran = doctest.testmod(module)
        assert ran.attempted and not ran.failed
