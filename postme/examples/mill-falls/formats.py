"""The other formats a clerk's folder holds, each written as plainly as its readers allow."""

from __future__ import annotations

import base64
import io
import re
import textwrap
import zipfile
from collections.abc import Iterator
from html import escape

from source import FICTION, blocks, cells

# Chosen: a date inside every ZIP, DOCX and XLSX, so that their bytes do not depend on the day.
PACKED_ON = (2026, 4, 1, 9, 0, 0)
HEADER = "City of Mill Falls (fiction)"


def bold(words: str) -> str:
    """``**words**`` as bold HTML."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(words, quote=False))


def packed(parts: dict[str, bytes]) -> bytes:
    """A ZIP of these parts, in this order, not compressed."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            part = zipfile.ZipInfo(name, PACKED_ON)
            part.create_system, part.external_attr = 3, 0o644 << 16
            archive.writestr(part, data)
    return kept.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def relations(*links: tuple[str, str]) -> bytes:
    body = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(links, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'.encode()


def content_types(main: str, **parts: str) -> bytes:
    body = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
        for name, kind in {
            main: parts.pop("kind"),
            **{k.replace("__", "/") + ".xml": v for k, v in parts.items()},
        }.items()
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{body}</Types>'
    ).encode()


def runs(words: str) -> str:
    made = ""
    for n, part in enumerate(words.split("**")):
        weight = "<w:rPr><w:b/></w:rPr>" if n % 2 else ""
        made += f'<w:r>{weight}<w:t xml:space="preserve">{escape(part, quote=False)}</w:t></w:r>' if part else ""
    return made


def word_paragraph(words: str, style: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}{runs(words)}</w:p>"


def word_table(lines: list[str]) -> str:
    rows = [cells(line) for line in lines]
    grid = "".join("<w:gridCol/>" for _ in rows[0])
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="888888"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    body = "".join(
        "<w:tr>" + "".join(f"<w:tc>{word_paragraph(cell if n else f'**{cell}**')}</w:tc>" for cell in row) + "</w:tr>"
        for n, row in enumerate(rows)
    )
    return f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"


def docx(source: str, title: str, on: str) -> bytes:
    """A Word file: FICTION in the first line, the header and the footer; tables as tables."""
    names = {"title": "Title", "under": "Subtitle", "head": "Heading1"}
    body = word_paragraph(f"**FICTION.** {FICTION}")
    for kind, lines in blocks(source):
        body += word_table(lines) if kind == "table" else word_paragraph(lines[0], names.get(kind, ""))
    sizes = {"Title": ("center", 32, 1), "Subtitle": ("center", 22, 0), "Heading1": ("left", 26, 1)}
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/><w:pPr><w:spacing w:before="120" '
        f'w:after="80"/><w:jc w:val="{side}"/></w:pPr><w:rPr>{"<w:b/>" * heavy}<w:sz w:val="{size}"/></w:rPr></w:style>'
        for name, (side, size, heavy) in sizes.items()
    )
    namespaces = f'xmlns:w="{WORD}" xmlns:r="{OFFICE}"'
    core = (
        f'{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>City of Mill Falls (fiction)</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{on}T09:00:00Z</dcterms:created></cp:coreProperties>'
    )
    root = relations(("officeDocument", "word/document.xml")).replace(
        b"</Relationships>",
        f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" '
        f'Target="docProps/core.xml"/></Relationships>'.encode(),
    )
    kinds = content_types(
        "word/document.xml",
        kind="wordprocessingml.document.main",
        word__styles="wordprocessingml.styles",
        word__header1="wordprocessingml.header",
        word__footer1="wordprocessingml.footer",
    ).replace(
        b"</Types>",
        b'<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.'
        b'core-properties+xml"/></Types>',
    )
    return packed(
        {
            "[Content_Types].xml": kinds,
            "_rels/.rels": root,
            "docProps/core.xml": core.encode(),
            "word/document.xml": (
                f"{XML}<w:document {namespaces}><w:body>{body}<w:sectPr>"
                f'<w:headerReference w:type="default" r:id="rId2"/>'
                f'<w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="12240" w:h="15840"/>'
                f'<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="720" w:footer="720" '
                f'w:gutter="0"/></w:sectPr></w:body></w:document>'
            ).encode(),
            "word/_rels/document.xml.rels": relations(
                ("styles", "styles.xml"), ("header", "header1.xml"), ("footer", "footer1.xml")
            ),
            "word/styles.xml": f"{XML}<w:styles {namespaces}>{styles}</w:styles>".encode(),
            "word/header1.xml": f"{XML}<w:hdr {namespaces}>{word_paragraph(HEADER)}</w:hdr>".encode(),
            "word/footer1.xml": f"{XML}<w:ftr {namespaces}>{word_paragraph(FICTION)}</w:ftr>".encode(),
        }
    )


def xlsx(rows: list[list[str]]) -> bytes:
    """A workbook of one sheet, text in every cell."""
    body = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{"ABCDEFG"[i]}{n}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for i, cell in enumerate(row)
        )
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    return packed(
        {
            "[Content_Types].xml": content_types(
                "xl/workbook.xml", kind="spreadsheetml.sheet.main", xl__worksheets__sheet1="spreadsheetml.worksheet"
            ),
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": (
                f'{XML}<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
                f'<sheet name="Payments" sheetId="1" r:id="rId1"/></sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": (
                f'{XML}<worksheet xmlns="{SHEET}"><sheetData>{body}</sheetData></worksheet>'
            ).encode(),
        }
    )


def html(source: str, title: str) -> bytes:
    tags = {"title": "h1", "under": "p", "head": "h2"}
    body = ""
    for kind, lines in blocks(source):
        if kind == "table":
            for n, line in enumerate(lines):
                tag = "td" if n else "th"
                row = "".join(f"<{tag}>{bold(cell)}</{tag}>" for cell in cells(line))
                body += f"<tr>{row}</tr>\n" if n else f"<table>\n<tr>{row}</tr>\n"
            body += "</table>\n"
        else:
            tag = tags.get(kind, "p")
            body += f"<{tag}>{bold(lines[0])}</{tag}>\n"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        "<style>body{max-width:44rem;margin:2rem auto;font:1rem/1.5 Georgia,serif}"
        "table{border-collapse:collapse}th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left}"
        ".fiction{border:2px solid #000;padding:.4rem .8rem}</style>\n"
        "<script>/* the menu of the town's site */ var drones = 0;</script>\n</head>\n<body>\n"
        f'<p class="fiction"><b>FICTION.</b> {FICTION}</p>\n'
        '<nav>City of Mill Falls: <a href="#">Home</a> | <a href="#">Departments</a> | <a href="#">Records</a></nav>\n'
        f"{body}<footer><p>{FICTION}</p></footer>\n</body>\n</html>\n"
    ).encode()


def plain(source: str) -> str:
    return f"FICTION. {FICTION}\n\n{source.rstrip()}\n\n{FICTION}\n"


def cues(source: str, last: int = 4) -> Iterator[tuple[float, float, list[str]]]:
    """(start, end, lines) as a caption machine cuts them: two lines of about 34 characters, wherever they end."""
    said = [re.fullmatch(r"(\d+):(\d\d) (.+)", line) for line in source.splitlines()]
    starts = [(int(m[1]) * 60 + int(m[2]), m[3]) for m in said if m]
    ends = [start for start, _ in starts[1:]] + [starts[-1][0] + last]
    for (start, words), end in zip(starts, ends, strict=True):
        lines = textwrap.wrap(words, 34)
        pairs = [lines[i : i + 2] for i in range(0, len(lines), 2)]
        step = (end - start) / len(pairs)
        for n, pair in enumerate(pairs):
            yield start + n * step, start + (n + 1) * step, pair


def clock(seconds: float, mark: str) -> str:
    thousandths = round(seconds * 1000)
    return (
        f"{thousandths // 3600000:02}:{thousandths // 60000 % 60:02}:{thousandths // 1000 % 60:02}"
        f"{mark}{thousandths % 1000:03}"
    )


def srt(source: str) -> str:
    made = [
        f"{n}\n{clock(start, ',')} --> {clock(end, ',')}\n" + "\n".join(lines) + "\n"
        for n, (start, end, lines) in enumerate(cues(source), 1)
    ]
    return "\n".join(made)


def vtt(source: str) -> str:
    made = [
        f"{clock(start, '.')} --> {clock(end, '.')} align:start\n" + "\n".join(lines) + "\n"
        for start, end, lines in cues(source)
    ]
    return f"WEBVTT\n\nNOTE FICTION. {FICTION}\n\n" + "\n".join(made)


def eml(words: str, attachment: bytes, name: str) -> bytes:
    """A message of two parts: what was written, and the file that hung on it."""
    edge = "----=_mill-falls-example"
    hung = "\r\n".join(textwrap.wrap(base64.b64encode(attachment).decode(), 76))
    head = (
        "From: Lt. Agnes Thorne <athorne@millfalls.example>\n"
        "To: Miriam Oakes <clerk@millfalls.example>\n"
        "Date: Thu, 22 Jan 2026 16:12:00 -0500\n"
        "Subject: Re: Member Sorley's request: =?utf-8?q?inventory_of_equipment_=28fiction=29?=\n"
        "Message-ID: <20260122.1@millfalls.example>\n"
        f"X-Fiction: {FICTION}\n"
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{edge}"\n'
        f"\n--{edge}\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n\n"
        f"{words}\n"
        f"--{edge}\n"
        "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document; "
        f'name="{name}"\n'
        "Content-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="{name}"\n\n'
    )
    return head.replace("\n", "\r\n").encode() + hung.encode() + f"\r\n--{edge}--\r\n".encode()


def torn(whole: bytes) -> bytes:
    """What is left of a PDF whose download stopped: its beginning, without pages, catalog or cross-reference."""
    first, rest = whole.split(b"\n", 1)
    return (first + b"\n% FICTION. " + FICTION.encode() + b"\n" + rest)[:1400]
