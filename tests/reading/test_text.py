"""Plain text, web pages, captions, mail, tables and pictures."""

from __future__ import annotations

import io
import os
from pathlib import Path

import polars
import pytest
from broken.make import SENTENCE, message, pdf, picture, zipped

from postme import reading
from postme.record import PageState

DATA = Path(os.environ.get("POSTME_TEST_DATA", ""))


def only(data: bytes, name: str) -> str:
    (page,) = reading.read(data, name).pages
    return page.text


def test_line_ends_are_the_files_own() -> None:
    assert only(b"one\r\ntwo\rthree\n", "a.txt") == "one\r\ntwo\rthree\n"


def test_a_form_feed_turns_the_page_and_an_empty_page_is_blank() -> None:
    pages = reading.read(b"one\f\ftwo", "a.txt").pages
    assert [(page.text, page.state.value) for page in pages] == [("one", "text"), ("", "blank"), ("two", "text")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-16-le", "utf-16-be"])
def test_legacy_encodings_give_the_same_words(encoding: str) -> None:
    words = "The café’s cameras – eleven of them – face the park.\n" * 3
    assert only(words.encode(encoding), "a.txt") == words


def test_a_memorandum_is_text_and_a_message_is_mail() -> None:
    memo = b"TO: Mayor\nFROM: City Manager\nDATE: June 1\nSUBJECT: Drones\n\nBuy them."
    assert reading.kind(memo, "memo").name == "plain text file"
    assert reading.kind(b"Message-ID: <1@x>\nFrom: a@b.c\n\nBuy them.", "memo").name == "email message"


def test_a_web_page_gives_its_visible_words_in_blocks() -> None:
    page = b"""<html><head><title>City Council</title><meta name="date" content="2021-02-12T10:00">
    </head><style>p{}</style>
    <body><script>var a = "<p>no</p>";</script><p title="a > b">License
    <b>plate</b> readers &amp; &lt;drones&gt;</p><ul><li>one<li>two</ul><pre>x  y
z</pre><table><tr><td>1</td><td>2</td></tr></table><p hidden>no</p><noscript>no</noscript><!-- no --></body></html>"""
    record = reading.read(page, "a.html")
    assert record.pages[0].text == "License plate readers & <drones>\none\ntwo\nx y\nz\n1\t2"
    assert (record.title, record.date) == ("City Council", "2021-02-12")


def test_a_web_page_in_an_old_encoding_is_read_as_it_says() -> None:
    assert only("<meta charset=koi8-r><p>Камера".encode("koi8-r"), "a.html") == "Камера"
    assert only("<html><p>“body”".encode("cp1252"), "a.html") == "“body”"


VTT = """WEBVTT

NOTE made by a machine

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v Clerk>We have <c.yellow>drones</c></v>

01:00:03.000 --> 01:00:04.000
<00:00:03.500>and license&nbsp;plate readers
"""


def test_captions_are_one_page_with_the_time_of_each_cue() -> None:
    (page,) = reading.read(VTT.encode(), "meeting.vtt").pages
    assert page.text == "We have drones\nand license plate readers"
    assert page.moments == ((0, 1.0), (15, 3603.0))


def test_rolling_captions_are_read_once() -> None:
    rolled = (
        "1\n00:00:01,000 --> 00:00:02,000\nthe police\n\n2\n00:00:02,000 --> 00:00:03,000\nthe police\nwant drones\n\n"
    )
    rolled += "3\n00:00:03,000 --> 00:00:04,000\nwant drones\nand more\n"
    (page,) = reading.read(rolled.encode(), "a.srt").pages
    assert page.text == "the police\nwant drones\nand more"
    assert [seconds for _, seconds in page.moments] == [1.0, 2.0, 3.0]


def test_words_said_twice_in_cues_apart_are_kept() -> None:
    said = "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{word}\n\n" for n, word in enumerate(("aye", "no", "aye"), 1)
    )
    assert only(said.encode(), "a.srt") == "aye\nno\naye"


def test_a_message_is_a_record_and_its_attachments_are_further_ones() -> None:
    data = message()
    record = reading.read(data, "item.eml")
    assert record.pages[0].text.startswith("From: Clerk <clerk@example.org>\nTo: council@example.org\n")
    assert SENTENCE in record.pages[0].text
    assert "Never read" not in record.pages[0].text
    assert (record.title, record.date) == ("Agenda item 7: license plate readers", "2021-02-12")
    found = dict(reading.members(data, "item.eml"))
    assert list(found) == ["item.eml!/quote.pdf", "item.eml!/more.zip!/deep.txt", "item.eml!/message-3.eml"]
    inner = found["item.eml!/message-3.eml"]
    assert isinstance(inner, bytes)
    assert "Drones were flown." in only(inner, "item.eml!/message-3.eml")


def test_an_archive_in_an_archive_gives_its_records_and_no_litter() -> None:
    inner = zipped({"b.pdf": pdf(), "__MACOSX/._b.pdf": b"x", "~$b.docx": b"x", ".DS_Store": b"x"})
    outer = zipped({"a.txt": SENTENCE.encode(), "more/inner.zip": inner, "more/": b"", "item.eml": message()})
    assert [label for label, _ in reading.members(outer, "packet.zip")] == [
        "packet.zip!/a.txt",
        "packet.zip!/more/inner.zip!/b.pdf",
        "packet.zip!/item.eml",
        "packet.zip!/item.eml!/quote.pdf",
        "packet.zip!/item.eml!/more.zip!/deep.txt",
        "packet.zip!/item.eml!/message-3.eml",
    ]


def parquet(**columns: list[object]) -> bytes:
    buffer = io.BytesIO()
    polars.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def test_a_table_of_documents_gives_a_record_a_row() -> None:
    data = parquet(id=[1, 2, 2, 4], title=["Int 1", "", "c", None], Text=["Drones.", "Readers.", "d", None])
    found = list(reading.members(data, "m.parquet"))
    assert found[:3] == [
        ("m.parquet!/1", b"Int 1\n\nDrones."),
        ("m.parquet!/2", b"Readers."),
        ("m.parquet!/2 (row 3)", b"c\n\nd"),
    ]
    assert found[3][0] == "m.parquet!/4"
    assert "holds no text" in str(found[3][1])


def test_a_table_without_documents_is_refused_with_the_reason() -> None:
    ((name, failure),) = reading.members(parquet(amount=[1], text=[2]), "m.parquet")
    assert name == "m.parquet"
    assert isinstance(failure, reading.Refused)
    assert "no column of documents' text" in str(failure)


@pytest.mark.skipif(not reading.ocr_engine(), reason="tesseract is not installed: pictures cannot be recognized")
def test_every_frame_of_a_picture_is_a_page() -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "TIFF", save_all=True, append_images=[picture("Second page of the fax")])
    record = reading.read(buffer.getvalue(), "fax.tif")
    assert [page.state for page in record.pages] == [PageState.OCR, PageState.OCR]
    assert "Second page" in record.pages[1].text
    assert record.media_type == "image/tiff"


@pytest.mark.skipif(not (DATA / "nyc" / "matters.parquet").is_file(), reason="POSTME_TEST_DATA holds no real records")
def test_the_real_matters_of_new_york_come_out_one_a_row() -> None:
    found = list(reading.members((DATA / "nyc" / "matters.parquet").read_bytes(), "matters.parquet"))
    assert len(found) == len({label for label, _ in found}) == 21_532
    assert "matters.parquet!/Int 1479-2019" in dict(found)
