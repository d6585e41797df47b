"""Word documents: every word a reader of the document sees, in order, and nothing that was struck out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from broken.make import docx, paragraph, zipped

from postme import reading

DATA = Path(os.environ.get("POSTME_TEST_DATA", ""))
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def text(body: str) -> str:
    return "\f".join(page.text for page in reading.read(docx(body), "a.docx").pages)


def run(inside: str) -> str:
    return f"<w:p><w:r>{inside}</w:r></w:p>"


def test_paragraphs_come_in_lines() -> None:
    assert text(paragraph("One") + paragraph("Two")) == "One\nTwo"


def test_words_split_over_runs_are_whole() -> None:
    assert text("<w:p><w:r><w:t>sur</w:t></w:r><w:r><w:t>veillance</w:t></w:r></w:p>") == "surveillance"


def test_tabs_breaks_and_hyphens_are_kept_and_tab_stops_are_none() -> None:
    stops = "<w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr>"
    inside = "<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t>"
    assert text(f"<w:p>{stops}<w:r>{inside}</w:r></w:p>") == "a\tb\nc-d"


def test_a_tables_rows_are_lines_and_its_cells_stand_between_tabs() -> None:
    cell = "<w:tc>{}</w:tc>".format
    rows = (
        f"<w:tr>{cell(paragraph('1'))}{cell(paragraph('2') + paragraph('3'))}</w:tr><w:tr>{cell(paragraph('4'))}</w:tr>"
    )
    assert text(f"<w:tbl>{rows}</w:tbl>{paragraph('after')}") == "1\t2 3\n4\nafter"


def test_a_table_in_a_cell_stays_in_its_row() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('in')}</w:tc><w:tc>{paragraph('ner')}</w:tc></w:tr></w:tbl>"
    assert text(f"<w:tbl><w:tr><w:tc>{paragraph('out')}{inner}</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>") == (
        "out in ner\tb"
    )


def test_struck_out_and_moved_words_are_left_out_and_inserted_ones_kept() -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>old</w:delText><w:t>gone</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>"
        "<w:moveFrom><w:p><w:r><w:t>from</w:t></w:r></w:p></w:moveFrom><w:p><w:r><w:t>to</w:t></w:r></w:p>"
    )
    assert text(body) == "new\nto"


def test_a_struck_out_paragraph_mark_does_not_hide_what_follows() -> None:
    assert text("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>kept</w:t></w:r></w:p>") == "kept"


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('boxed')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    assert text(f"<w:p><w:r>{both}<w:t>around</w:t></w:r></w:p>").count("boxed") == 1


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        (paragraph("1") + run("<w:br w:type='page'/>") + paragraph("2"), ["1\n", "\n2"]),
        (paragraph("1") + run("<w:lastRenderedPageBreak/><w:t>2</w:t>"), ["1", "2"]),
        (run("<w:t>1</w:t><w:br w:type='page'/>") + run("<w:lastRenderedPageBreak/><w:t>2</w:t>"), ["1", "\n2"]),
        (run("<w:t>one </w:t><w:lastRenderedPageBreak/><w:t>two</w:t>"), ["one ", "two"]),
        (paragraph("1") + "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>2</w:t></w:r></w:p>", ["1", "2"]),
        (paragraph("1") + "<w:p><w:pPr><w:pageBreakBefore w:val='0'/></w:pPr><w:r><w:t>2</w:t></w:r></w:p>", ["1\n2"]),
        ("<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>1</w:t></w:r></w:p>" + paragraph("2"), ["1", "2"]),
    ],
)
def test_pages_end_where_word_says(body: str, pages: list[str]) -> None:
    found = [page.text.strip("\n") for page in reading.read(docx(body), "a.docx").pages]
    assert found == [page.strip("\n") for page in pages]


def test_whether_pages_are_known_is_said() -> None:
    assert "its whole text counts as page 1" in reading.read(docx(paragraph("1")), "a.docx").notes[0]
    marked = docx(paragraph("1") + run("<w:lastRenderedPageBreak/><w:t>2</w:t>"))
    assert "when it was last saved" in reading.read(marked, "a.docx").notes[0]


def test_headers_footers_and_notes_are_read_and_the_body_may_have_another_name() -> None:
    def part(name: str, words: str) -> bytes:
        return f"<w:{name} {_W}>{words}</w:{name}>".encode()

    def relations(*found: tuple[str, str]) -> bytes:
        lines = (f'<Relationship Id="{t}" Type="{_TYPE}/{sort}" Target="{t}"/>' for sort, t in found)
        return f"<Relationships>{''.join(lines)}</Relationships>".encode()

    core = '<c:p xmlns:c="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Use Policy</dc:title></c:p>'
    data = zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": relations(("officeDocument", "word/document2.xml")).replace(
                b"</Relationships>",
                b'<Relationship Id="c" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
                b'core-properties" Target="docProps/core.xml"/></Relationships>',
            ),
            "docProps/core.xml": core.encode(),
            "word/document2.xml": part("document", f"<w:body>{paragraph('Body')}</w:body>"),
            "word/_rels/document2.xml.rels": relations(
                ("header", "header1.xml"),
                ("header", "header2.xml"),
                ("footnotes", "footnotes.xml"),
                ("footer", "footer1.xml"),
            ),
            "word/header1.xml": part("hdr", paragraph("Head")),
            "word/header2.xml": part("hdr", paragraph("Head")),
            "word/footnotes.xml": part("footnotes", f"<w:footnote>{paragraph('Note')}</w:footnote>"),
            "word/footer1.xml": part("ftr", paragraph("Foot")),
        }
    )
    record = reading.read(data, "a.docx")
    assert record.pages[0].text == "Head\nBody\nNote\nFoot"
    assert record.title == "Use Policy"


@pytest.mark.skipif(not (DATA / "new-orleans" / "agendas").is_dir(), reason="POSTME_TEST_DATA holds no real records")
def test_the_real_agendas_are_read_but_for_the_lock_file() -> None:
    files = sorted((DATA / "new-orleans" / "agendas").glob("*.docx"))
    assert len(files) == 38
    assert [file.name for file in files if reading.is_litter(file.name)] == ["~$ll Council Minutes 4-6-2023.docx"]
    records = [reading.read(file.read_bytes(), file.name) for file in files if not reading.is_litter(file.name)]
    assert len(records) == 37
    assert all(record.date and record.date.startswith("2023-") for record in records)
    assert all(len(record.pages[0].text) > 300 for record in records)
