"""Law files: a museum of what must be refused, each with its line and the words that help; and whatever else a file may hold."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from postme import lawfile
from postme.errors import KnowledgeError, WrongUse
from postme.keeping import laws as kept
from postme.keeping import librarian
from postme.law import built
from postme.office import counsel
from postme.verdict import Lawbook

MUSEUM = Path(__file__).parents[1] / "broken" / "laws"
WORDS = yaml.safe_load((MUSEUM / "words.yaml").read_text())
GOOD = (MUSEUM / "good.yaml").read_bytes()
DOCUMENT = librarian.loaded(GOOD)
# Well formed, and still wrong: only its worked cases show it.
ONLY_CASES = {"answer-comes-out-otherwise.yaml"}


def said(error: KnowledgeError) -> str:
    assert error.what and error.where and error.why and error.do, error
    return str(error)


# --- the museum ------------------------------------------------------------------------------------------------------


def test_every_exhibit_has_its_words_and_every_word_its_exhibit() -> None:
    assert {path.name for path in MUSEUM.glob("*.yaml")} == {*WORDS, *ONLY_CASES, "good.yaml", "words.yaml"}


def test_the_good_file_is_good() -> None:
    found = counsel.check(MUSEUM / "good.yaml")
    assert (found.errors, found.wrong) == ((), ())
    assert found.law is not None and found.law.id == "us-xx-anytown"


@pytest.mark.parametrize("name", WORDS)
def test_an_exhibit_is_refused_with_its_line_what_why_and_what_to_do(name: str) -> None:
    errors, document = kept.checked(MUSEUM / name, shown=name)
    assert document is None
    assert [error.where for error in errors] == [f"{name}:{one['line']}" for one in WORDS[name]]
    for error, one in zip(errors, WORDS[name], strict=True):
        for words in one["says"]:
            assert words in said(error)


@pytest.mark.parametrize("name", WORDS)
def test_a_message_is_short_enough_to_read(name: str) -> None:
    for error in kept.checked(MUSEUM / name, shown=name)[0]:
        assert len(said(error)) < 900


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("unknown-act", "Write obtain"), ("unknown-body", "Write city"), ("unknown-technology", "Write face_recognition"),
        ("unknown-purpose", "Write device_unlock"), ("unknown-fact", "Write warrant"), ("unknown-duty-in-a-case", "Write report"),
        ("unknown-event-of-a-clock", "Write council_approved"), ("misspelt-key-in-a-question", "Write purpose"),
    ],
)  # fmt: skip
def test_what_was_meant_is_suggested_first(name: str, near: str) -> None:
    [error] = kept.checked(MUSEUM / f"{name}.yaml")[0]
    assert error.do.startswith(near)


def test_where_nothing_is_near_nothing_is_suggested() -> None:
    [error] = kept.checked(MUSEUM / "nothing-like-it.yaml")[0]
    assert error.do == "See postme law words."


def test_a_case_that_comes_out_otherwise_is_told_with_both_answers() -> None:
    found = counsel.check(MUSEUM / "answer-comes-out-otherwise.yaml")
    assert found.errors == ()
    assert found.wrong == ("The police may not use it. The file says allowed, the rules say prohibited.",)


# --- what would be too large to exhibit --------------------------------------------------------------------------------


def test_a_line_of_five_megabytes_is_refused_before_it_is_read_and_one_within_bounds_is_not(tmp_path: Path) -> None:
    long, short = tmp_path / "long.yaml", tmp_path / "short.yaml"
    long.write_bytes(GOOD.replace(b"The town's agencies", b"x" * 5_000_000))
    short.write_bytes(GOOD.replace(b"The town's agencies", b"x" * 500_000))
    [error] = kept.checked(long)[0]
    assert said(error).startswith(f"{long}:1: The file is larger than 1,000,000 bytes.")
    assert kept.checked(short)[0] == []


@pytest.mark.parametrize("nest", [b"[", b"{a: ", b"- ", b"? "])
def test_a_file_nested_without_end_is_refused_and_does_not_stop_the_program(nest: bytes, tmp_path: Path) -> None:
    deep, shallow = tmp_path / "deep.yaml", tmp_path / "shallow.yaml"
    deep.write_bytes(nest * 200_000)
    shallow.write_bytes(GOOD + b"conflicts: " + b"[" * 20 + b"]" * 20 + b"\n")
    [error] = kept.checked(deep)[0]
    assert "nested more than 60 deep" in said(error)
    [error] = kept.checked(shallow)[0]
    assert "'conflicts' must be a list of words" in said(error)


def test_a_file_that_is_not_there_is_told_and_a_folder_as_well(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(KnowledgeError, match="could not be opened") as caught:
            kept.checked(path)
        assert str(path) in said(caught.value)


def test_two_files_that_state_one_law_are_refused_and_two_laws_are_not(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_bytes(GOOD)
    (tmp_path / "two.yaml").write_bytes(GOOD.replace(b"id: us-xx-anytown", b"id: us-xx-othertown"))
    assert [law.id for law in kept.loaded((tmp_path,))] == ["us-xx-anytown", "us-xx-othertown"]
    (tmp_path / "two.yaml").write_bytes(GOOD)
    with pytest.raises(KnowledgeError, match="Another file states the law 'us-xx-anytown' already") as caught:
        kept.loaded((tmp_path,))
    assert "two.yaml:1" in said(caught.value)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"))
    errors, document = kept.checked(path)
    assert errors == [] and document == DOCUMENT


# --- whatever stands in a file ---------------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, its keys and its list entries."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


PLACES = list(places(DOCUMENT))
GONE = object()
junk = st.sampled_from((
    GONE, None, True, 0, -1, 1.5, 10**30, float("nan"), "", " ", "xyzzy", "unknown", "2021-02-12", "ban", "report", [], {}, [None], [[]], ["police"], [{}], {"a": 1}, {1: 2},
    {"fact": "warrant"}, {"any": []}, {"all": [{"fact": "warrant", "at_least": True}]}, {"not": 1}, {"after": 2020}, date(1, 1, 1), date(9999, 12, 31), datetime(2021, 1, 1, 8),
))  # fmt: skip


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document: Any = copy.deepcopy(DOCUMENT)
    at = document
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return document  # type: ignore[no-any-return]


@given(st.sampled_from(PLACES), junk)
def test_whatever_stands_anywhere_in_a_file_is_either_refused_in_words_or_can_be_asked(
    path: tuple[Any, ...], value: Any
) -> None:
    document = changed(path, value)
    found = lawfile.faults(document, kept.words())
    for fault in found:
        assert fault.what and fault.why and fault.do
        assert librarian.located(fault, "a.yaml", GOOD).where.startswith("a.yaml:")
    if not found:
        law = built(document)
        counsel.printed(law)
        counsel.printed(law, date(2021, 3, 1))
        book = Lawbook([law], kept.words())
        for case in law.cases:
            with contextlib.suppress(WrongUse):  # a fact of the year 1
                counsel.worked(case, law, book)


@given(st.binary(max_size=400))
def test_rubbish_is_refused_and_never_stops_the_program(data: bytes) -> None:
    document, errors = librarian.one(data, "a.yaml", shared=False)
    for error in errors:
        assert said(error).startswith("a.yaml:")
    assert errors or lawfile.faults(document, kept.words())


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 40), st.binary(max_size=8))
def test_a_torn_file_is_refused_or_read_and_never_stops_the_program(at: int, length: int, instead: bytes) -> None:
    data = GOOD[:at] + instead + GOOD[at + length :]
    document, errors = librarian.one(data, "a.yaml", shared=False)
    if not errors:
        for fault in lawfile.faults(document, kept.words()):
            said(librarian.located(fault, "a.yaml", data))
