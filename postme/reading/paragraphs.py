"""WordprocessingML read as it streams by: paragraphs, tables and page marks, deleted words left out."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

# Source: ECMA-376 part 1, 17 (transitional) and ISO/IEC 29500 strict: the same names under two namespaces.
_SPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CODES = {f"{space}{name}": name for space in _SPACES for name in (
    "p", "t", "tab", "br", "cr", "noBreakHyphen", "del", "moveFrom", "tbl", "tr", "tc", "lastRenderedPageBreak",
    "pageBreakBefore", "sectPr", "pPr", "type", "rPr", "sectPrChange", "pPrChange", "separator",
)}  # fmt: skip
_CODES[_FALLBACK] = "Fallback"
# The elements whose opening and closing matter: the parser leaves all others unsaid, which makes it four times quicker.
TAGS = tuple(_CODES)
# Struck-out words, the place a moved passage came from, an older drawing of the same text box, older settings.
_SKIPPED = frozenset(("del", "moveFrom", "Fallback", "sectPrChange", "pPrChange"))

_OPENING = _SKIPPED | {"p", "tbl", "tc"}


class Pages:
    """Texts of pages as they grow; ``marked`` once any mark of a page's end was met.

    >>> pages = Pages(); pages.say("one"); pages.turn(); pages.say("two"); pages.texts
    ['one', 'two']
    """

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self.marked = False

    @property
    def texts(self) -> list[str]:
        """Each page's lines, one string a page."""
        return ["\n".join(lines) for lines in self._lines]

    @property
    def fresh(self) -> bool:
        """Whether no words were said yet on this page."""
        return not any(line.strip() for line in self._lines[-1])

    def say(self, line: str) -> None:
        """One more line on the page."""
        self._lines[-1].append(line)

    def turn(self) -> None:
        """A new page begins."""
        self.marked = True
        self._lines.append([])


class Walk:
    """One pass over a part's elements into ``pages``; with ``paged``, page marks turn the page."""

    def __init__(self, pages: Pages, *, paged: bool) -> None:
        self._pages, self._paged = pages, paged
        self._skipping = 0
        self._paragraphs: list[list[str]] = []
        self._tables: list[list[list[str]]] = []  # for each open table: cells of the open row, each a list of lines
        self._turns = 0  # page marks met inside a table's row: a row is kept whole

    def through(self, events: Iterable[tuple[str, etree._Element]]) -> None:
        """Read the elements to their end."""
        for happens, element in events:
            code = _CODES[element.tag]
            if happens == "start":
                if code in _OPENING and not self._is_mark(element):
                    self._open(code)
            elif code == "t":
                # Nine elements in ten are this one: no call is made for it.
                if self._paragraphs and not self._skipping:
                    self._paragraphs[-1].append(element.text or "")
            elif code in _SKIPPED:
                if not self._is_mark(element):
                    self._skipping -= 1
                    _forget(element)
            else:
                if not self._skipping:
                    self._close(code, element)
                if code in ("p", "tr", "tbl"):
                    _forget(element)
        while self._paragraphs:
            self._end_paragraph()

    @staticmethod
    def _is_mark(element: etree._Element) -> bool:
        # Inside properties, "del" says that a paragraph's end or a row was struck out; it holds no words to skip.
        parent = element.getparent()
        return parent is not None and _CODES.get(str(parent.tag)) == "rPr"

    def _open(self, code: str) -> None:
        if code in _SKIPPED:
            self._skipping += 1
        elif self._skipping:
            return
        elif code == "p":
            self._paragraphs.append([])
        elif code == "tbl":
            self._tables.append([])
        elif code == "tc" and self._tables:
            self._tables[-1].append([])

    def _close(self, code: str, element: etree._Element) -> None:
        if code == "tab" and not self._in_properties(element):
            self._add("\t")
        elif code == "cr":
            self._add("\n")
        elif code == "br":
            self._turn(always=True) if _value(element, "type") == "page" else self._add("\n")
        elif code == "noBreakHyphen":
            self._add("-")
        elif code == "lastRenderedPageBreak" or (code == "pageBreakBefore" and not _off(element)):
            self._turn(always=False)
        elif code == "p":
            self._end_paragraph()
            if self._paged and _new_section(element):
                self._turn(always=True)
        elif code == "tr" and self._tables:
            self._end_row()
        elif code == "tbl" and self._tables:
            self._tables.pop()

    @staticmethod
    def _in_properties(element: etree._Element) -> bool:
        # A tab *stop* in w:pPr/w:tabs bears the same name as a tab character in a run.
        parent = element.getparent()
        return parent is not None and str(parent.tag).endswith("}tabs")

    def _add(self, text: str) -> None:
        if self._paragraphs:
            self._paragraphs[-1].append(text)

    def _end_paragraph(self) -> None:
        if self._paragraphs:
            self._say("".join(self._paragraphs.pop()))

    def _say(self, line: str) -> None:
        if self._tables and self._tables[-1]:
            self._tables[-1][-1].append(line)
        else:
            self._pages.say(line)

    def _end_row(self) -> None:
        cells = [" ".join(line for line in cell if line) for cell in self._tables[-1]]
        self._tables[-1].clear()
        line = "\t".join(cells)
        if len(self._tables) > 1 and self._tables[-2]:
            self._tables[-2][-1].append(line.replace("\t", " "))  # a table inside a cell
        else:
            self._pages.say(line)
            turns, self._turns = self._turns, 0
            for _ in range(turns):
                self._pages.turn()

    def _turn(self, *, always: bool) -> None:
        """A page's end. Word's own mark after a break that was just counted is the same end of page."""
        if not self._paged:
            return
        if self._tables:
            self._turns = 1
            return
        spoken = any(self._paragraphs[-1]) if self._paragraphs else False
        if spoken and len(self._paragraphs) == 1:
            self._pages.say("".join(self._paragraphs[0]))
            self._paragraphs[0].clear()
        elif not always and self._pages.fresh:
            self._pages.marked = True
            return
        self._pages.turn()


def _value(element: etree._Element, name: str) -> str:
    for space in _SPACES:
        if value := element.get(f"{space}{name}"):
            return str(value)
    return ""


def _off(element: etree._Element) -> bool:
    return _value(element, "val") in ("0", "false", "off")


def _new_section(paragraph: etree._Element) -> bool:
    """Whether the paragraph ends a section whose successor begins a page of its own."""
    for space in _SPACES:
        section = paragraph.find(f"{space}pPr/{space}sectPr")
        if section is not None:
            sort = section.find(f"{space}type")
            return sort is None or _value(sort, "val") not in ("continuous", "nextColumn")
    return False


def _forget(element: etree._Element) -> None:
    """Let go of what was read, and of what stands before it, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    if parent is not None and element.getprevious() is not None and str(element.tag).endswith(("}p", "}tbl")):
        del parent[0]
