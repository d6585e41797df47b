"""The museum: every exhibit ends as its line in words.yaml says, in words a resident can act on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from broken.make import EXHIBITS, SENTENCE, docx, long_line, paragraph, pdf

import postme.errors
from postme import reading

WORDS = yaml.safe_load((Path(__file__).parent.parent / "broken" / "words.yaml").read_text())


def test_every_exhibit_has_its_words_and_no_words_lack_an_exhibit() -> None:
    assert set(EXHIBITS) == set(WORDS)


@pytest.mark.parametrize("name", EXHIBITS)
def test_an_exhibit_ends_as_its_words_say(name: str) -> None:
    data, said = EXHIBITS[name](), WORDS[name]
    if said["ends"] == "record":
        record = reading.read(data, name, ocr=False)
        message = " ".join((*record.notes, *(page.note for page in record.pages)))
        assert "states" not in said or [page.state.value for page in record.pages] == said["states"]
    else:
        with pytest.raises(getattr(postme.errors, said["ends"])) as failure:
            reading.read(data, name, ocr=False)
        message = str(failure.value)
        error = failure.value
        assert isinstance(error, postme.errors.ReadingError)
        assert error.where == name
        assert all((error.what, error.why, error.do))
    for words in said["says"]:
        assert words in message


@pytest.mark.parametrize("name", [name for name in EXHIBITS if "members" in WORDS[name]])
def test_an_archives_members_come_out_or_say_why_not(name: str) -> None:
    found = dict(reading.members(EXHIBITS[name](), name))
    expected = {f"{name}!/{member}" if member else name: words for member, words in WORDS[name]["members"].items()}
    assert set(found) == set(expected)
    for label, item in found.items():
        if isinstance(item, bytes):
            assert expected[label] == ""
            assert reading.read(item, label).pages[0].text == SENTENCE
        else:
            assert item.where == label
            assert all((item.what, item.why, item.do))
            assert expected[label]
            assert expected[label] in str(item)


def test_names_that_point_outside_the_archive_are_noted_and_others_are_not() -> None:
    (outside, first), (absolute, second) = reading.members(EXHIBITS["paths.zip"](), "paths.zip")
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert "points outside the archive" in reading.read(first, outside).notes[0]
    assert "points outside the archive" in reading.read(second, absolute).notes[0]
    assert reading.read(first, "paths.zip!/2021/inside.txt").notes == ()


def test_a_good_twin_of_each_bomb_is_read() -> None:
    assert reading.read(docx(paragraph(SENTENCE) * 300), "twin.docx").pages[0].text.count(SENTENCE) == 300
    assert len(reading.read(pdf(300), "twin.pdf").pages) == 300
    assert len(reading.read(long_line(20), "twin.txt").pages[0].text) == len(long_line(20))


@pytest.mark.soak
def test_a_line_of_200_megabytes_is_read_within_fifteen_seconds() -> None:
    data = long_line(200)
    start = time.perf_counter()
    assert len(reading.read(data, "long-line.txt").pages[0].text) == len(data)
    assert time.perf_counter() - start < 15


@pytest.mark.soak
def test_five_thousand_pages_are_read_within_fifteen_seconds() -> None:
    data = pdf(5000)
    start = time.perf_counter()
    record = reading.read(data, "many-pages.pdf")
    assert record.pages[4999].text.startswith("Page 5000\r\n")
    assert time.perf_counter() - start < 15
