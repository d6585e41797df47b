"""Web pages: the words a reader sees, a line for each block, nothing of scripts and styles."""

from __future__ import annotations

import codecs
import re
from importlib.metadata import version

from selectolax.lexbor import LexborHTMLParser

from postme.reading import heading
from postme.reading.content import Content
from postme.record import Page, PageState

_READER = f"selectolax {version('selectolax')}"

# Source: the HTML Standard, "Rendering", 15.3: elements that open a line of their own.
_BLOCKS = (
    "address|article|aside|blockquote|br|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hgroup|hr|legend|li|main|menu|nav|ol|optgroup|option|p|pre|search|section|summary|"
    "table|tbody|tfoot|thead|tr|ul"
)
_UNSEEN = ["script", "style", "template", "noscript", "head", "iframe", "noembed", "noframes", "object", "svg", "xmp"]
_HIDDEN = "[hidden],[style*='display:none'],[style*='display: none']"
# Source: the HTML Standard, 13.3 "Serializing": attribute values stand between double quotes and hold none, and text
# holds no angle bracket, so that these find tags and nothing else in what the parser writes.
_REST = r"(?:\s+[^\s=>]+(?:=\"[^\"]*\")?)*\s*/?>"
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_REST}")
_CELL = re.compile(rf"<t[dh]{_REST}")
_OTHER = re.compile(rf"<!--.*?-->|</?[a-zA-Z][^\s/>]*{_REST}|<[!?][^>]*>", re.S)
_PRE = re.compile(rf"<pre{_REST}[^<]*(?:<(?!/pre>)[^<]*)*</pre>")
_LINE, _TAB = "\ue0f0", "\ue0f1"  # stand for a line's and a cell's end until white space is folded
_SPACES = re.compile(r"[ \t\r\n\f]+")
_LINES = re.compile(rf"[{_LINE}{_TAB}]*{_LINE}[{_LINE}{_TAB}]*")
_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.I)
_DATED = (
    "meta[property='article:published_time'],meta[name='date'],meta[name='dc.date'],meta[name='DC.date'],"
    "meta[name='DC.Date'],meta[itemprop='datePublished']"
)


def read(data: bytes, name: str, ocr: bool) -> Content:  # noqa: ARG001 - every reader is asked the same way
    """The page's visible text as one page, with its title and the date it states."""
    markup, notes = decoded(data)
    tree = LexborHTMLParser(markup)
    title = tree.css_first("title")
    named = heading.title(title.text() if title else None)
    date = _stated(tree)
    text = visible(tree)
    told = heading.told(name, text[: heading.HEAD])
    return Content(
        (Page(1, text, PageState.TEXT if text else PageState.BLANK),),
        reader=_READER,
        title=named,
        date=told.date or date,
        body=told.body,
        notes=notes,
    )


def visible(tree: LexborHTMLParser) -> str:
    """The words a reader sees: blocks in lines, cells between tabs, white space folded as a browser does.

    >>> visible(LexborHTMLParser("<p>License  plate<br>readers<script>no()</script><table><tr><td>1<td>2"))
    'License plate\\nreaders\\n1\\t2'
    """
    tree.strip_tags(_UNSEEN)
    for node in tree.css(_HIDDEN):
        node.decompose()
    # The parser repairs the page and writes it anew; to take tags out of that is 100 times quicker than to walk nodes.
    markup = (tree.body.html if tree.body else tree.html) or ""
    if "<pre" in markup:
        markup = _PRE.sub(lambda kept: kept[0].replace("\n", _LINE), markup)
    words = _OTHER.sub("", _CELL.sub(_TAB, _BLOCK.sub(_LINE, markup)))
    for escaped, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", "\xa0"), ("&amp;", "&")):
        words = words.replace(escaped, letter)
    folded = _SPACES.sub(" ", words)
    for mark in (_LINE, _TAB):
        folded = folded.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return _LINES.sub("\n", folded).replace(_TAB, "\t").strip(" \t\n")


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The markup by its mark, its own statement, UTF-8, then Windows-1252, as browsers do.

    >>> decoded(b"<meta charset=iso-8859-1><p>\\x93body\\x94")[0][-6:]
    '“body”'
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), ()
    said = _XML.match(data[:1024]) or _CHARSET.search(data[:4096])
    if said:
        stated = said[1].decode("ascii").lower()
        # Source: the WHATWG Encoding Standard, 4.2: what says Latin-1 or ASCII is Windows-1252; a page whose bytes
        # could be searched for "charset" is not in UTF-16, whatever it says.
        codec = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}.get(
            stated, stated
        )
        codec = "utf-8" if codec.startswith(("utf-16", "utf16", "ucs-2")) else codec
        try:
            return data.decode(codec), ()
        except (UnicodeDecodeError, LookupError):
            pass  # the page says wrong of itself: go on as if it had said nothing
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        note = (
            "The page is not in the encoding it states; it was read as Windows-1252."
            if said
            else ("The page does not name its encoding; it was read as Windows-1252.")
        )
        return data.decode("cp1252", "replace"), (note,)


def _stated(tree: LexborHTMLParser) -> str | None:
    for node in tree.css(_DATED):
        found = re.match(r"((?:19|20)\d\d)-(\d\d)-(\d\d)", node.attributes.get("content") or "")
        if found:
            return heading.iso(*found.groups())
    return None
