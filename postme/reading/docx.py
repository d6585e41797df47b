"""Word documents (DOCX): body, tables, text boxes, headers, footers and notes, by the parts of the ZIP themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath

from lxml import etree

from postme.errors import Damaged, Locked, TooLarge
from postme.reading import heading, unpacking
from postme.reading.content import Content
from postme.reading.paragraphs import TAGS, Pages, Walk
from postme.record import Page, PageState

# Chosen: the XML of a 3,000-page document is about 100 MB; a part that unpacks to more is a bomb or a mistake.
LARGEST_PART = 200 * 1024 * 1024
# Chosen: all parts that are read together.
LARGEST_TOTAL = 400 * 1024 * 1024

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"


def read(data: bytes, name: str, ocr: bool) -> Content:  # noqa: ARG001 - every reader is asked the same way
    """The document's pages, where Word left marks of them; else its whole text as one page."""
    with opened(data, name) as archive:
        parts = Parts(archive, name)
        main = parts.main()
        pages = Pages()
        heads = parts.related(main, "header")
        tails = [*parts.related(main, "footnotes"), *parts.related(main, "endnotes"), *parts.related(main, "footer")]
        for text in _different(parts, heads):
            pages.say(text)
        Walk(pages, paged=True).through(parts.events(main, TAGS))
        for text in _different(parts, tails):
            pages.say(text)
        title = heading.title(parts.title())
    told = heading.told(name, pages.texts[0][: heading.HEAD])
    return Content(
        tuple(
            Page(number, text, PageState.TEXT if text.strip() else PageState.BLANK)
            for number, text in enumerate(pages.texts, 1)
        ),
        reader="lxml " + ".".join(str(part) for part in etree.LXML_VERSION[:3]),
        title=title,
        date=told.date,
        body=told.body,
        notes=(
            ("Page numbers are those Word left in the document when it was last saved.",)
            if pages.marked
            else ("The Word document does not say where its pages end; its whole text counts as page 1.",)
        ),
    )


def opened(data: bytes, name: str) -> zipfile.ZipFile:
    """The document's ZIP. Raises ``Locked`` where it is encrypted, ``Damaged`` where it is none."""
    if not data.startswith(b"PK"):
        raise Locked(
            "The Word document is encrypted and asks for a password.",
            where=name,
            why="None of its words could be read.",
            do="Ask the clerk for a copy without a password: a public record must open.",
        )
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as flaw:
        raise Damaged(
            "The Word document is cut off or damaged: its list of parts is gone.",
            where=name,
            why="None of its words could be read.",
            do="Download it again, or open it in Word, which can often repair it, and save it anew.",
        ) from flaw


def _different(parts: Parts, names: list[str]) -> Iterator[str]:
    """The text of each part once: most sections repeat the same header."""
    said = set()
    for name in names:
        inside = Pages()
        Walk(inside, paged=False).through(parts.events(name, TAGS))
        text = "\n".join(inside.texts)
        if text.strip() and text not in said:
            said.add(text)
            yield text


class Parts:
    """The XML parts of the document, unpacked piece by piece under the limits."""

    def __init__(self, archive: zipfile.ZipFile, name: str, largest: int = LARGEST_PART) -> None:
        self._archive, self._name, self._largest = archive, name, largest
        self._known = set(archive.namelist())
        self._left = LARGEST_TOTAL

    def main(self) -> str:
        """The part that holds the body: by the package's relationships, since it need not be word/document.xml."""
        for sort, target in self._relations("_rels/.rels", ""):
            if sort == "officeDocument" and target in self._known:
                return target
        if "word/document.xml" in self._known:
            return "word/document.xml"
        raise Damaged(
            "The Word document has lost the part that holds its text.",
            where=self._name,
            why="None of its words could be read.",
            do="Download it again, or open it in Word, which can often repair it, and save it anew.",
        )

    def related(self, main: str, sort: str) -> list[str]:
        """The parts of one sort that the body refers to, in the order of their names."""
        folder, _, own = main.rpartition("/")
        found = self._relations(join(folder, "_rels", f"{own}.rels"), folder)
        return sorted({target for kind, target in found if kind == sort and target in self._known})

    def title(self) -> str | None:
        """The title the document states. Its dates are the file's or the template's, not the meeting's: left alone."""
        for sort, target in self._relations("_rels/.rels", ""):
            if sort in ("core-properties", "metadata/core-properties") and target in self._known:
                for _, element in self.events(target):
                    if element.tag == f"{_DC}title" and element.text:
                        return str(element.text)
        return None

    def events(self, part: str, tags: tuple[str, ...] | None = None) -> Iterator[tuple[str, etree._Element]]:
        """The part's elements as they open and close; entities, other files and the network stay untouched."""
        with self._archive.open(part) as packed:
            stream = unpacking.Counted(packed, self._archive.getinfo(part).compress_size, self._largest, self._left)
            try:
                found = etree.iterparse(
                    stream, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False,
                    huge_tree=False, remove_comments=True, remove_pis=True,
                )  # fmt: skip
                for first in found:
                    # Source: ECMA-376 part 2, 8.1.4: a part declares no document type, and with it no entities.
                    if first[1].getroottree().docinfo.doctype:
                        raise Damaged(
                            f"The part {part} declares entities, which no Word document does.",
                            where=self._name,
                            why="Its words could hide behind them, or fill a computer.",
                            do="Ask the clerk for the record as PDF.",
                        )
                    yield first
                    break
                yield from found
            except unpacking.PastLimit as bomb:
                raise TooLarge(
                    f"The part {part} unpacks to more than {bomb.limit}.",
                    where=self._name,
                    why="No record is that long: the file was built to fill a computer, or is damaged.",
                    do="Do not open it. Ask the clerk for the record as PDF.",
                ) from bomb
            finally:
                self._left -= stream.count

    def _relations(self, part: str, folder: str) -> list[tuple[str, str]]:
        if part not in self._known:
            return []
        found = []
        for happens, element in self.events(part):
            if happens == "end" and element.get("Target") and element.get("TargetMode") != "External":
                sort = (element.get("Type") or "").removeprefix(_TYPE).removeprefix(_STRICT)
                target = element.get("Target") or ""
                whole = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
                found.append((sort.rpartition("relationships/")[2], whole))
        return found
