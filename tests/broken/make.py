"""The museum of bad input, made on the fly: ``python tests/broken/make.py FOLDER`` writes every exhibit there.

``words.yaml`` beside this file holds what each one's message must say.
"""

from __future__ import annotations

import io
import stat
import sys
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

SENTENCE = "The council discussed automated license plate readers and gunshot detection."
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(pages: int = 1, lines: tuple[str, ...] = (SENTENCE,), password: str | None = None) -> bytes:
    """A good PDF of letter size; each page begins with its number, 72 points from the left and from the top."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, pagesize=(612, 792), encrypt=password)
    for number in range(1, pages + 1):
        drawing.setFont("Helvetica", 12)
        for at, line in enumerate((f"Page {number}", *lines)):
            drawing.drawString(72, 792 - 72 - 20 * at, line)
        drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def picture(text: str = SENTENCE) -> Image.Image:
    """A page of letter size at 150 dots an inch with the words drawn on it."""
    image = Image.new("L", (1275, 1650), 255)
    ImageDraw.Draw(image).text((100, 150), text.replace(" and ", "\nand "), fill=0, font=ImageFont.load_default(36))
    return image


def scanned_pdf(stamp: str = "") -> bytes:
    """A page that is one picture, with or without a printed stamp over it."""
    buffer = io.BytesIO()
    drawing = canvas.Canvas(buffer, pagesize=(612, 792))
    drawing.drawImage(ImageReader(picture()), 0, 0, 612, 792)
    if stamp:
        drawing.setFont("Helvetica", 6)
        drawing.drawString(20, 780, stamp)
    drawing.showPage()
    drawing.save()
    return buffer.getvalue()


def objects(*bodies: bytes) -> bytes:
    """A PDF put together from its objects, the first of them the catalog."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)


def stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def drawn_pdf(content: bytes, to_unicode: bytes = b"", page: bytes = b"") -> bytes:
    """One page with a drawing program of its own and, where given, a map of letters to Unicode."""
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding%s>>"
    return objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]%s/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>" % page,
        stream(content),
        font % (b"/ToUnicode 6 0 R" if to_unicode else b""),
        stream(to_unicode),
    )


def garbage_font() -> bytes:
    """Words anybody can read on paper, whose font says that every letter is one of the private use area."""
    lines = b"".join(b"BT /F1 14 Tf 72 %d Td (%s) Tj ET\n" % (700 - 20 * n, SENTENCE.encode()) for n in range(4))
    letters = b"\n".join(b"<%02X> <%04X>" % (code, 0xE000 + code) for code in range(33, 123))
    return drawn_pdf(
        lines,
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <00> <FF> endcodespacerange\n90 beginbfchar\n" + letters + b"\nendbfchar endcmap end end",
    )


def outlines() -> bytes:
    """A page of path art, as lettering turned into outlines leaves it."""
    return drawn_pdf(b"".join(b"%d %d m %d %d l %d %d l h f\n" % (n, n, n + 9, n, n, n + 9) for n in range(72, 500, 4)))


def one_bad_page() -> bytes:
    """Three pages, the second of which is no page at all."""
    font = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 6 0 R/Resources%s>>" % font
    said = b"BT /F1 14 Tf 72 700 Td (%s) Tj ET" % SENTENCE.encode()
    pages = b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>"
    return objects(b"<</Type/Catalog/Pages 2 0 R>>", pages, page, b"(no page)", page, stream(said))


def docx(body: str, *, extra: dict[str, str] | None = None, kind: str = "") -> bytes:
    """A Word document of the given body (and further parts), with the least a package needs."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'<?xml version="1.0"?>{kind}<w:document xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats'
        f'.org/markup-compatibility/2006"><w:body>{body}</w:body></w:document>',
        **(extra or {}),
    }
    return zipped({name: part.encode() for name, part in parts.items()})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx_bomb() -> bytes:
    """A body of 300 MB that packs to 300 KB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f'<w:document xmlns:w="{_W}"><w:body>'.encode())
            filler = paragraph("a" * 100_000).encode() * 10
            for _ in range(300):
                part.write(filler)
    return buffer.getvalue()


def laughs() -> bytes:
    """A body whose words are entities of entities."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return docx(paragraph("&a9;"), kind=f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>')


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    return zipped({"good.txt": SENTENCE.encode(), "bomb.txt": bytes(1) * 100_000_000, "after.txt": SENTENCE.encode()})


def zip_link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return buffer.getvalue()


def zip_locked() -> bytes:
    """An archive whose first member says it is encrypted (bit 0 of the flags, in both its headers)."""
    data = bytearray(zipped({"secret.txt": SENTENCE.encode(), "open.txt": SENTENCE.encode()}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def zip_nested(depth: int) -> bytes:
    data, name = SENTENCE.encode(), "minutes.txt"
    for level in range(depth):
        data, name = zipped({name: data}), f"level-{level}.zip"
    return data


def zip_torn() -> bytes:
    """An archive one of whose members has lost bytes in the middle."""
    whole = zipped({"torn.txt": bytes(range(256)) * 40, "whole.txt": SENTENCE.encode()})
    return whole[:60] + bytes(20) + whole[80:]


def message() -> bytes:
    """A message with an attached PDF, an attached web page and a message inside."""
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Inner", "chief@example.org"
    inner.set_content("Drones were flown.")
    mail = EmailMessage()
    mail["Subject"] = "Agenda item 7: license plate readers"
    mail["From"], mail["To"] = "Clerk <clerk@example.org>", "council@example.org"
    mail["Date"], mail["Message-ID"] = "Fri, 12 Feb 2021 10:00:00 -0600", "<1@example.org>"
    mail.set_content(SENTENCE)
    mail.add_alternative("<p>Never read", subtype="html")
    mail.add_attachment(pdf(), maintype="application", subtype="pdf", filename="quote.pdf")
    mail.add_attachment(zipped({"deep.txt": b"Deep."}), maintype="application", subtype="zip", filename="more.zip")
    mail.add_attachment(inner)
    return mail.as_bytes()


def long_line(megabytes: int) -> bytes:
    return (SENTENCE + " ").encode() * (megabytes * 1_000_000 // (len(SENTENCE) + 1))


EXHIBITS: dict[str, Callable[[], bytes]] = {
    "empty.pdf": lambda: b"",
    "cut-off.pdf": lambda: pdf(40)[: len(pdf(40)) * 3 // 4],
    "end-missing.pdf": lambda: one_bad_page().partition(b"xref")[0],
    "wrong-table.pdf": lambda: pdf(3).replace(b"startxref\n", b"startxref\n9"),
    "first-bytes-only.pdf": lambda: pdf()[:200],
    "locked.pdf": lambda: pdf(password="secret"),
    "no-pages.pdf": lambda: objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"),
    "web-page.pdf": lambda: b"<!DOCTYPE html><title>Login</title><p>Sign in to see the agenda.",
    "really-a-pdf.docx": pdf,
    "noise.pdf": lambda: bytes(range(256)) * 40,
    "noise.bin": lambda: bytes(range(256)) * 40,
    "garbage-font.pdf": garbage_font,
    "outlines.pdf": outlines,
    "scan.pdf": scanned_pdf,
    "stamped-scan.pdf": lambda: scanned_pdf("Envelope 12AB34CD filed with the clerk"),
    "one-bad-page.pdf": one_bad_page,
    "bomb.docx": docx_bomb,
    "laughs.docx": laughs,
    "cut-off.docx": lambda: docx(paragraph(SENTENCE) * 900)[:500],
    "textless.docx": lambda: zipped({"[Content_Types].xml": b"<Types/>", "word/styles.xml": b"<x/>"}),
    "torn.docx": lambda: docx("<w:p><w:r><w:t>unclosed"),
    "locked.docx": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
    "sheet.xlsx": lambda: zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}),
    "slides.pptx": lambda: zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<x/>"}),
    "letter.odt": lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
    "letter.rtf": lambda: b"{\\rtf1\\ansi Drones.}",
    "letter.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le"),
    "meeting.mp4": lambda: b"\0\0\0\x20ftypisom" + bytes(100),
    "packet.7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "windows-1252.txt": lambda: "The council’s “pilot” – café".encode("cp1252"),
    "unmarked-utf-16.txt": lambda: (SENTENCE * 3).encode("utf-16-le"),
    "damaged-utf-8.txt": lambda: ("Señor Núñez habló. " * 90).encode() + b"\xff" + "Adiós".encode(),
    "no-cue.vtt": lambda: b"WEBVTT\n\nNOTE nothing was said\n",
    "bad-cue.srt": lambda: b"1\n00:00:01,000 --> 00:00:02,000\nGood\n\n2\n00:00:xx --> 00:00:04,000\nLost\n",
    "cut-off.png": lambda: _png()[:300],
    "cut-off.parquet": lambda: b"PAR1" + bytes(100),
    "cut-off.zip": lambda: zip_nested(2)[:60],
    "bomb.zip": zip_bomb,
    "paths.zip": lambda: zipped({"../../outside.txt": SENTENCE.encode(), "/absolute.txt": SENTENCE.encode()}),
    "link.zip": zip_link,
    "locked.zip": zip_locked,
    "nested.zip": lambda: zip_nested(5),
    "torn.zip": zip_torn,
}


def _png() -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, exhibit in {**EXHIBITS, "long-line.txt": lambda: long_line(200), "many-pages.pdf": lambda: pdf(5000)}.items():
        (folder / name).write_bytes(exhibit())
