"""A cut-off PDF put together again: its pages still lie in the file when the list of them is gone."""

from __future__ import annotations

import re

# Source: ISO 32000-1, 7.3.10 (indirect objects), 7.7.2 (catalog), 7.7.3 (page tree).
_OBJECT = re.compile(rb"(?:^|[\r\n])\s{0,8}(\d{1,10})\s+(\d{1,5})\s+obj\b")
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
# Chosen: a page's dictionary stands within this many bytes of its number; what follows belongs to other objects.
_REACH = 4096


def rebuilt(data: bytes) -> bytes | None:
    """The file with a new end: its own catalog where it still has one, else a catalog of the pages that are there.

    ``None`` where no page lies in the open (newer files pack them). The result serves to read, never to be kept.

    >>> rebuilt(b"%PDF-1.4") is None
    True
    """
    pages, catalog, highest = [], b"", 0
    found = list(_OBJECT.finditer(data))
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(data)
        body = data[match.end() : min(end, match.end() + _REACH)].partition(b"stream")[0]
        highest = max(highest, int(match[1]))
        if _CATALOG.search(body):
            catalog = b"%s %s R" % (match[1], match[2])
        elif _PAGE.search(body):
            pages.append(b"%s %s R" % (match[1], match[2]))
    if catalog:
        return b"%s\nendobj\ntrailer<</Root %s/Size %d>>\nstartxref\n0\n%%%%EOF\n" % (data, catalog, highest + 1)
    if not pages:
        return None
    tree, root = highest + 1, highest + 2
    return (
        b"%s\nendobj\n%d 0 obj\n<</Type/Pages/MediaBox[0 0 612 792]/Count %d/Kids[%s]>>\nendobj\n"
        b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\ntrailer<</Root %d 0 R/Size %d>>\nstartxref\n0\n%%%%EOF\n"
    ) % (data, tree, len(pages), b" ".join(pages), root, tree, root, root + 1)
