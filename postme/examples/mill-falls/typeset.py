"""PDFs that look like a town's: its head and seal, justified text broken at hyphens, tables, signatures, a scan."""

from __future__ import annotations

import io
import random
import re
from html import escape

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import letter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from source import FICTION, TEXTS, blocks, cells, text_of

# Where a typesetter may break the longer words; the rest is broken nowhere.
BREAKS = {word.replace("-", ""): word.split("-") for word in (TEXTS / "syllables.txt").read_text().split()}

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=12, leading=18.5, alignment=TA_JUSTIFY, spaceAfter=8,
                      embeddedHyphenation=1)  # fmt: skip
ITEM = ParagraphStyle("item", BODY, leftIndent=30, bulletIndent=0, bulletFontName="Times-Roman", bulletFontSize=12)
VOTE = ParagraphStyle("vote", BODY, fontSize=11, leading=15, leftIndent=30, spaceAfter=8)
TITLE = ParagraphStyle("title", BODY, fontName="Times-Bold", fontSize=15, leading=19, alignment=TA_CENTER, spaceAfter=4)
UNDER = ParagraphStyle("under", BODY, alignment=TA_CENTER, spaceAfter=1)
HEAD = ParagraphStyle("head", BODY, fontName="Times-Bold", fontSize=12.5, spaceBefore=8, spaceAfter=5, keepWithNext=1)
UNDER_ITEM = ParagraphStyle("under item", BODY, leftIndent=30)
CELL = ParagraphStyle("cell", BODY, fontSize=10.5, leading=13, alignment=0, spaceAfter=0)


def softened(words: str) -> str:
    """The same words with soft hyphens where texts/syllables.txt allows a break."""

    def soften(found: re.Match[str]) -> str:
        word = found.group()
        parts, start = [], 0
        for part in BREAKS.get(word.lower(), [word]):
            parts.append(word[start : start + len(part)])
            start += len(part)
        return "\u00ad".join(parts)

    return re.sub(r"[A-Za-z]{6,}", soften, words)


def marked(words: str) -> str:
    """Bold as the paragraph markup of reportlab has it, and the soft hyphens."""
    words = escape(softened(words), quote=False)
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", words)


class Signature(Flowable):
    """A line to sign on, the name under it, and a hand that looks like one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.width, self.height, self.spaceAfter = name, 3 * inch, 46, 10

    def draw(self) -> None:
        pen, chance = self.canv, random.Random(self.name)  # noqa: S311
        pen.setLineWidth(0.6)
        pen.line(0, 16, self.width, 16)
        pen.setFont("Times-Roman", 10.5)
        pen.drawString(0, 4, self.name)
        pen.setLineWidth(1)
        pen.setStrokeColor(colors.HexColor("#22306b"))
        hand, x = pen.beginPath(), 8.0
        hand.moveTo(x, 20)
        for _ in range(7):
            step = chance.uniform(9, 17)
            hand.curveTo(x + 3, 20 + chance.uniform(8, 26), x + step - 2, 20 - chance.uniform(0, 9), x + step, 22)
            x += step
        pen.drawPath(hand)
        pen.setStrokeColor(colors.black)


class Scan(Flowable):
    """A picture that fills the page: paper that somebody put on a scanner."""

    def __init__(self, picture: bytes) -> None:
        super().__init__()
        self.picture, self.width, self.height = picture, 1, 1

    def draw(self) -> None:
        pen = self.canv
        pen.saveState()
        pen.resetTransforms()
        pen.drawImage(ImageReader(io.BytesIO(self.picture)), 0, 0, *letter)
        pen.restoreState()


def seal(pen: Canvas, x: float, y: float, radius: float) -> None:
    """A mill wheel over two waves, the seal of a town that does not exist."""
    pen.saveState()
    pen.setLineWidth(0.9)
    pen.circle(x, y, radius)
    pen.circle(x, y, radius * 0.86)
    pen.circle(x, y + radius * 0.12, radius * 0.42)
    pen.circle(x, y + radius * 0.12, radius * 0.1)
    for _ in range(8):
        pen.translate(x, y + radius * 0.12)
        pen.rotate(45)
        pen.translate(-x, -y - radius * 0.12)
        pen.line(x, y + radius * 0.22, x, y + radius * 0.64)
    pen.restoreState()
    pen.saveState()
    for down in (0.5, 0.64):
        wave = pen.beginPath()
        wave.moveTo(x - radius * 0.5, y - radius * down)
        for step in range(4):
            left = x - radius * 0.5 + step * radius * 0.25
            wave.curveTo(left + radius * 0.08, y - radius * (down - 0.1), left + radius * 0.17,
                         y - radius * (down + 0.1), left + radius * 0.25, y - radius * down)  # fmt: skip
        pen.drawPath(wave)
    pen.restoreState()


def table_of(lines: list[str], width: float) -> Table:
    rows = [cells(line) for line in lines]
    shares = [max(len(row[i]) for row in rows) ** 0.75 for i in range(len(rows[0]))]
    table = Table(
        [[Paragraph(marked(cell if n else f"**{cell}**"), CELL) for cell in row] for n, row in enumerate(rows)],
        colWidths=[width * share / sum(shares) for share in shares],
        spaceBefore=6,
        spaceAfter=10,
        repeatRows=1,
    )
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#ececec")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def story_of(source: str, width: float) -> list[Flowable]:
    styles = {"title": TITLE, "under": UNDER, "head": HEAD, "vote": VOTE, "body": BODY}
    story: list[Flowable] = []
    before, numbered = "", False
    for kind, lines in blocks(source):
        numbered = kind == "item" or (numbered and kind in ("body", "vote"))
        if before == "under" and kind != "under":
            story.append(Spacer(1, 12))
        before = kind
        if kind == "break":
            story.append(PageBreak())
        elif kind == "table":
            story.append(table_of(lines, width))
        elif kind == "signature":
            story.append(Signature(lines[0]))
        elif kind == "item":
            number, words = lines[0].split(" ", 1)
            story.append(Paragraph(marked(words), ITEM, bulletText=number))
        else:
            style = UNDER_ITEM if numbered and kind == "body" else styles[kind]
            story.append(Paragraph(marked(lines[0]), style))
    return story


def pdf(source: str, running: str, *, body: str = "City Council", scan: bytes = b"", lock: str = "") -> bytes:
    """A letter-size document: the town's head on the first page, what it is and FICTION on every page."""
    rl_config.useA85 = 0
    margin = 1.15 * inch

    def setting(pages: int) -> tuple[bytes, int]:
        kept = io.BytesIO()
        count = 0

        def page(pen: Canvas, document: SimpleDocTemplate) -> None:
            nonlocal count
            count = document.page
            if scan and document.page == pages:
                return
            wide, high = letter
            pen.setFont("Times-Italic", 9)
            if document.page == 1:
                seal(pen, margin + 24, high - 66, 26)
                pen.setFont("Times-Bold", 19)
                pen.drawString(margin + 64, high - 63, "City of Mill Falls")
                pen.setFont("Times-Italic", 11)
                pen.drawString(margin + 64, high - 79, f"Kesset County  \u00b7  {body}")
                pen.setFont("Times-Italic", 9)
            else:
                pen.drawString(margin, high - 50, running)
            pen.line(margin, high - (98 if document.page == 1 else 55), wide - margin,
                     high - (98 if document.page == 1 else 55))  # fmt: skip
            pen.line(margin, 62, wide - margin, 62)
            pen.drawString(margin, 50, FICTION)
            pen.drawRightString(wide - margin, 38, f"Page {document.page} of {pages}")

        document = SimpleDocTemplate(
            kept, pagesize=letter, leftMargin=margin, rightMargin=margin, topMargin=74, bottomMargin=76,
            title=running, author="City of Mill Falls (fiction)", subject=FICTION, invariant=1, pageCompression=0,
            encrypt=StandardEncryption(lock, ownerPassword=lock[::-1], canPrint=1, strength=128) if lock else None,
        )  # fmt: skip
        story = [Spacer(1, 36), *story_of(source, letter[0] - 2 * margin)]
        document.build(story + ([PageBreak(), Scan(scan)] if scan else []), onFirstPage=page, onLaterPages=page)
        return kept.getvalue(), count

    _, pages = setting(0)
    return setting(pages)[0]


def draw_exhibit() -> bytes:
    """The price list as a scanner saw it: 200 dots an inch, gray, a little crooked, a little dirty."""
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    wide, high = 1700, 2200
    paper = Image.new("L", (wide, high), 246)
    pen = ImageDraw.Draw(paper)
    y = 240
    for line in text_of("exhibit-b.txt").splitlines():
        size = 46 if line in ("EXHIBIT B", "PRICE LIST") else 34
        font = ImageFont.load_default(size=size)
        words = re.fullmatch(r"(\s*)(.*?)(?:\s{2,}(\S.*))?", line)
        if words and words[2]:
            left = 190 + 16 * len(words[1])
            pen.text((left, y), words[2], font=font, fill=38)
            if words[3]:
                column = 1480 if not line.startswith("Initials") else 700
                pen.text((column - pen.textlength(words[3], font=font), y), words[3], font=font, fill=38)
        y += 58 if line.strip() else 44
        if line.startswith("Prepared"):
            pen.line((190, y + 14, 1500, y + 14), fill=60, width=3)
    paper = paper.rotate(-0.7, resample=Image.Resampling.BICUBIC, fillcolor=246)
    paper = paper.filter(ImageFilter.GaussianBlur(0.7))
    chance = random.Random(1887)  # noqa: S311
    grain = Image.frombytes("L", (wide // 2, high // 2), chance.randbytes(wide * high // 4))
    paper = Image.blend(paper, grain.resize((wide, high)), 0.04)
    pen = ImageDraw.Draw(paper)
    for _ in range(90):
        x, y, r = chance.randrange(wide), chance.randrange(high), chance.choice((1, 1, 1, 2, 3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=chance.randrange(90, 180))
    kept = io.BytesIO()
    paper.save(kept, "JPEG", quality=38, dpi=(200, 200), optimize=True)
    return kept.getvalue()
