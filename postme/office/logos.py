"""The logos of a coalition's organizations: brought by its organizers, drawn anew, kept by their hash, and gone when the organization leaves."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from postme.errors import WrongUse
from postme.keeping.store.register import whole
from postme.keeping.store.written import Member
from postme.keeping.writing import kept
from postme.letter import State
from postme.office.letters import Correspondence
from postme.reading import logo

_HASH = re.compile(r"[0-9a-f]{64}")
LARGEST = logo.LARGEST


def put(office: Correspondence, coalition: str, organization: int, data: bytes, *, who: str) -> str:
    """Keep a picture as the logo of an organization: the SHA-256 of what is kept. Raises ReadingError for what is no picture, or too large."""
    office.organizes(coalition, who)
    png = logo.redrawn(data)
    sha256 = hashlib.sha256(png).hexdigest()
    kept(_place(office.folder, sha256), png)
    office.logo(coalition, organization, sha256, who=who)
    # Somebody may have tidied between the two.
    kept(_place(office.folder, sha256), png)
    pruned(office.folder)
    return sha256


def drop(office: Correspondence, coalition: str, organization: int, *, who: str) -> None:
    """Take an organization's logo off its letters."""
    office.organizes(coalition, who)
    office.logo(coalition, organization, "", who=who)
    pruned(office.folder)


def given(folder: Path, slug: str, sha256: str) -> Path | None:
    """The file of a logo that a public letter shows now; None for any other."""
    from postme.keeping.store import models

    with whole(folder / "postme.sqlite3", atomic=False):
        shown = models.OpenLetter.objects.filter(slug=slug, coalition__organizations__logo=sha256, coalition__organizations__left=None).exclude(state=State.DRAFT.value).exists()  # fmt: skip
    path = _place(folder, sha256)
    return path if shown and path.is_file() else None


def drawn(folder: Path, members: Iterable[Member]) -> list[tuple[str, str]]:
    """The logos of organizations for a page that fetches nothing: name, and the picture in the address itself."""
    found = []
    for one in members:
        path = _place(folder, one.logo) if one.logo and not one.left else None
        if path and path.is_file():
            found.append((one.name, "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()))
    return found


def pruned(folder: Path) -> int:
    """Delete files that are no organization's logo any more: how many."""
    from postme.keeping.store import models

    with whole(folder / "postme.sqlite3", atomic=False):
        used = set(models.Organization.objects.filter(left=None).exclude(logo="").values_list("logo", flat=True))
    over = [path for path in (folder / "logos").glob("*.png") if path.stem not in used]
    for path in over:
        path.unlink(missing_ok=True)
    return len(over)


def _place(folder: Path, sha256: str) -> Path:
    if not _HASH.fullmatch(sha256):
        raise WrongUse("This is no hash of a file.", where="logo", why="Files are kept by their SHA-256.", do="Use the one that the letter’s page names.")  # fmt: skip
    return folder / "logos" / f"{sha256}.png"
