"""Files that belong to a proposal: put on the shelf by their hash, read, and laid before an editor to be made public."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from postme import paper, reading, roles
from postme.errors import TooLarge, WrongUse
from postme.keeping import shelf
from postme.keeping.store.docket import Docket, Docketed
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.papers import PaperStore
from postme.keeping.store.register import Register
from postme.office import sealing, workbench
from postme.office.press import Press
from postme.publication import State, What

# Chosen: a report of some hundred scanned pages; a larger one is not read by anybody before a vote.
LARGEST = 25_000_000


def attach(
    folder: Path, slug: str, data: bytes, name: str, what: str, *, who: str, roles_: Collection[str], origin: str = sealing.ORIGIN, catalogues: Sequence[Path] = ()
) -> str:  # fmt: skip
    """Put a file on the shelf, read it, and lay its publication before an editor: its SHA-256.

    It is kept as bytes and never run. Raises TooLarge, Refused (a format that is no record) or Damaged.
    """
    roles.asked(roles_, "write papers")
    ledger = Ledger(folder)
    one = Docket(ledger.file).one(slug)
    own = Path(paper.clean(name).replace("\\", "/").replace("\n", " ")).name or "file"
    if len(data) > LARGEST:
        raise TooLarge(
            f"The file has {len(data) / 1e6:,.0f} MB; {LARGEST / 1e6:.0f} fit.", where=own, why="Nobody would wait for it, and few could open it.",
            do="Split it, or save its pictures smaller.",
        )  # fmt: skip
    # Pictures of pages are recognized by the next scan, not while somebody waits.
    record = reading.read(data, own, ocr=False)
    shelf.put(folder, record.sha256, data)
    facts = workbench.facts_of(record)
    kept = shelf.Shelf(folder)
    try:
        by_name = {**facts, "by_name": reading.kind_by_name(own)}
        kept.keep(
            readings=[(record.sha256, f"{reading.READER_VERSION} no text recognition", by_name, shelf.pages_packed(record))]
        )  # fmt: skip
    finally:
        kept.close()
    try:
        ledger.record_of(record.sha256)
    except WrongUse:  # never read here before
        Register(folder).note_findings([{**facts, "sha256": record.sha256, "name": own, "scanner": ""}], [], "")
    now = datetime.datetime.now(datetime.UTC)
    PaperStore(ledger.file).attach(slug, record.sha256, own, paper.clean(what), who=who, at=now)
    press = Press(folder, origin, catalogues)
    _lay_before_an_editor(press, ledger, record.sha256, one, who, now)
    return record.sha256


def _lay_before_an_editor(
    press: Press, ledger: Ledger, sha256: str, one: Docketed, who: str, at: datetime.datetime
) -> None:
    where = f"/records/{sha256}/"
    waiting: Any = ledger.drafts("draft", "submitted", "returned")
    if ledger.state_of(where) or any(draft.address == where for draft in waiting):
        return
    facts = press.record(sha256, one.town.id, fiction=one.town.fiction)
    draft = ledger.draft(
        where, "record", What.PUBLISHED, facts, reason=f"It belongs to the proposal “{one.title}”.", who=who, at=at
    )
    ledger.move(draft, State.SUBMITTED, who=who, at=at)
