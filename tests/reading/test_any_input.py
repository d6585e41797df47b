"""Whatever the bytes and whatever the name, reading gives a record or says what is wrong: nothing else, ever."""

from __future__ import annotations

import subprocess
import sys

import pytest
from broken.make import EXHIBITS, docx, message, paragraph, pdf, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postme import reading
from postme.errors import ReadingError
from postme.record import Record

ENDINGS = sorted({end for form in reading.FORMATS for end in form.endings} | {"", ".xyz"})
GOOD = (
    pdf(),
    docx(paragraph("Drones.")),
    message(),
    zipped({"a.txt": b"Drones."}),
    b"WEBVTT\n\n00:01.000 --> 00:02.000\nDrones",
    b"<html><body><p>Drones<table><tr><td>1",
    "The council’s cameras".encode("utf-16"),
)
STARTS = (
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"WEBVTT\n\n",
    b"<html>",
    b"From: a\nMIME-Version: 1.0\n",
    b"PAR1",
    b"II*\0",
)


def read_or_say_why(data: bytes, name: str) -> None:
    try:
        record = reading.read(data, name, ocr=False)
    except ReadingError as failure:
        assert all((failure.what, failure.where, failure.why, failure.do))
    else:
        assert isinstance(record, Record)
        assert record.pages
        for number, page in enumerate(record.pages, 1):
            assert page.number == number
            assert "\0" not in page.text
            page.text.encode("utf-8")
            assert [offset for offset, _ in page.moments] == sorted(offset for offset, _ in page.moments)
    for label, item in reading.members(data, name):
        assert label
        if not isinstance(item, bytes):
            assert all((item.what, item.where, item.why, item.do))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=400), end=st.sampled_from(ENDINGS))
def test_random_bytes_under_any_ending(start: bytes, rest: bytes, end: str) -> None:
    read_or_say_why(start + rest, f"file{end}")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=st.sampled_from(STARTS), rest=st.text(max_size=400), end=st.sampled_from(ENDINGS))
def test_random_text_under_any_ending(start: bytes, rest: str, end: str) -> None:
    read_or_say_why(start + rest.encode("utf-8", "surrogatepass"), f"file{end}")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    good=st.sampled_from(GOOD),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=5),
    data=st.data(),
)
def test_good_files_with_bytes_changed_and_ends_cut_off(
    good: bytes, cuts: list[tuple[float, bytes]], data: st.DataObject
) -> None:
    for place, new in cuts:
        at = int(place * len(good))
        good = good[:at] + new + good[at + len(new) :]
    read_or_say_why(good[: data.draw(st.integers(0, len(good)))], f"file{data.draw(st.sampled_from(ENDINGS))}")


@pytest.mark.parametrize("name", EXHIBITS)
def test_reading_the_same_bytes_twice_gives_the_same(name: str) -> None:
    data = EXHIBITS[name]()

    def outcome() -> object:
        try:
            return reading.read(data, name, ocr=False)
        except ReadingError as failure:
            return str(failure)

    assert outcome() == outcome()


def test_every_line_of_the_table_is_read_opened_or_refused_with_reason_and_remedy() -> None:
    assert len({end for form in reading.FORMATS for end in form.endings}) == sum(
        len(f.endings) for f in reading.FORMATS
    )
    for form in reading.FORMATS:
        assert (form.reader is None) == bool(form.refused)
        if form.refused:
            why, _, do = form.refused.partition(". ")
            assert why
            assert do.endswith(".")


def test_importing_loads_no_reader_of_a_format() -> None:
    code = (
        "import sys, postme.reading; late = {'pypdfium2', 'lxml', 'selectolax', 'polars', 'PIL', 'email'}; "
        "sys.exit(bool(late & {module.split('.')[0] for module in sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_readers_version_names_its_libraries() -> None:
    assert "pypdfium2-" in reading.READER_VERSION
