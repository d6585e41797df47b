"""The example records of Mill Falls: made anew they are the same, they say they are fiction, and their key is true."""

from __future__ import annotations

import email
import email.policy
import html
import io
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pypdfium2
import pytest

TOWN = Path(__file__).parents[1] / "postme" / "examples" / "mill-falls"
RECORDS = TOWN / "records"
EMPTY, LOCKED, TORN = (
    "2025-12-09-council-agenda.txt",
    "2025-11-18-executive-session.pdf",
    "2025-06-10-council-minutes.pdf",
)
SCANNED = ("2025-12-02-corvane-agreement.pdf", 5)
PASSWORD = "kept in the clerk's safe"
NAMES = sorted(path.name for path in RECORDS.iterdir())


# -- Made anew --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("reportlab", reason="reportlab is not installed, so the example records cannot be made anew")
    folder = tmp_path_factory.mktemp("records")
    subprocess.run([sys.executable, "-B", str(TOWN / "make_records.py"), str(folder)], check=True)
    return folder


def test_the_script_makes_the_records_that_are_here_and_no_others(made_anew: Path) -> None:
    assert sorted(path.name for path in made_anew.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_record_made_anew_has_the_same_bytes(name: str, made_anew: Path) -> None:
    made_with = re.search(r'MADE_WITH = "(.+)"', (TOWN / "make_records.py").read_text())
    here = metadata.version("reportlab")
    if name.endswith(".pdf") and made_with and here != made_with[1]:
        pytest.skip(
            f"reportlab here is {here}, but the PDFs were made with {made_with[1]}; each sets lines its own way"
        )
    assert (made_anew / name).read_bytes() == (RECORDS / name).read_bytes()


def test_all_records_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in RECORDS.iterdir()) < 600_000


# -- Read as plainly as possible, on purpose not with the package's own readers ---------------------------------------


def pages(name: str, data: bytes) -> list[tuple[str, str]]:
    """(place, text) of every page of a record and of what lies inside it; the place is ``name`` or ``name, page``."""
    if name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(data, password=PASSWORD if LOCKED in name else None)
        texts = [document[number].get_textpage().get_text_range() for number in range(len(document))]
        return [(f"{name}, {n}", re.sub("[\ufffe\x02]\\s*", "", text)) for n, text in enumerate(texts, 1)]
    if name.endswith((".docx", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            xml = " ".join(parts.read(part).decode() for part in parts.namelist() if part.endswith(".xml"))
        return [(f"{name}, 1", html.unescape(re.sub("<[^>]+>", " ", xml)))]
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return [page for part in parts.namelist() for page in pages(f"{name}/{part}", parts.read(part))]
    if name.endswith(".eml"):
        message = email.message_from_bytes(data, policy=email.policy.default)
        body = message.get_body()
        assert body is not None
        inside = [
            page
            for part in message.iter_attachments()
            for page in pages(f"{name}/{part.get_filename()}", part.get_payload(decode=True))
        ]
        return [(f"{name}, 1", body.get_content()), *inside]
    text = data.decode("cp1252" if "lamplighter" in name else "utf-8")
    if name.endswith((".srt", ".vtt")):
        text = re.sub(r"(?m)^(\d+|.* --> .*)$", "", text)
    if name.endswith(".html"):
        text = html.unescape(re.sub("<[^>]+>", "", text))
    return [(f"{name}, 1", text)]


def plain(text: str) -> str:
    return " ".join(re.sub(r"[*>|]", " ", text).split())


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    readable = [name for name in NAMES if name not in (EMPTY, TORN)]
    found = {place: plain(text) for name in readable for place, text in pages(name, (RECORDS / name).read_bytes())}
    found["{}, {}".format(*SCANNED)] = plain((TOWN / "texts" / "exhibit-b.txt").read_text())
    return found


def test_every_page_of_every_record_says_that_it_is_fiction(texts: dict[str, str]) -> None:
    assert [place for place, text in texts.items() if "mill falls is a fictional town" not in text.lower()] == []
    assert b"Mill Falls is a fictional town" in (RECORDS / TORN).read_bytes()
    assert (RECORDS / EMPTY).read_bytes() == b""


def test_the_scanned_page_holds_a_picture_and_no_text() -> None:
    document = pypdfium2.PdfDocument(RECORDS / SCANNED[0])
    page = document[SCANNED[1] - 1]
    assert page.get_textpage().get_text_range().strip() == ""
    assert len(list(page.get_objects())) == 1


def test_the_torn_and_the_locked_file_do_not_open() -> None:
    for name in (TORN, LOCKED):
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(RECORDS / name)
    assert len(pypdfium2.PdfDocument(RECORDS / LOCKED, password=PASSWORD)) == 1


# -- The key ----------------------------------------------------------------------------------------------------------


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of EXPECTED.md."""
    section = (TOWN / "EXPECTED.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.mark.parametrize("heading", ["What is there", "What must stay silent"])
def test_the_words_of_the_key_stand_on_their_pages(heading: str, texts: dict[str, str]) -> None:
    wrong = []
    for record, page, words, *_ in rows(heading):
        place = f"{record}, {1 if ':' in page else page}"
        if plain(words) not in texts.get(place, ""):
            wrong.append(f"{place}: {words}")
    assert wrong == []


def test_every_record_is_in_the_key() -> None:
    headings = ("What is there", "What must stay silent", "What cannot be read, and why")
    named = {row[0] for heading in headings for row in rows(heading)}
    assert [name for name in NAMES if not any(place.startswith(name) for place in named)] == []


def test_the_product_hidden_in_the_consent_agenda_stands_on_page_seven_only(texts: dict[str, str]) -> None:
    minutes = "2025-10-14-council-minutes.pdf"
    places = [place for place, text in texts.items() if place.startswith(minutes) and "Hedgerow Connect" in text]
    assert places == [f"{minutes}, 7"]
