"""What one worker does with one file: bytes -> readings and findings, wherever the worker is."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import reading
from postme.errors import Damaged, Locked, PostmeError, ReadingError
from postme.keeping import library, shelf
from postme.keeping.shelf import Shelf, Stamp

if TYPE_CHECKING:
    from postme.record import Record
    from postme.scan import Mention, Scanner


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read: by its path on this machine, or by its bytes, with their stamp, where the worker is on another."""

    path: str
    data: bytes | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What every task of a sweep shares: plain values that travel.

    ``shelf`` is the data folder where the worker can reach it; ``None`` on another machine. ``reader`` and ``scanner``
    are the versions under which readings and findings are kept.
    """

    sources: library.Sources
    reader: str
    scanner: str
    ocr: bool
    shelf: Path | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, read and scanned: what is put on the shelf.

    ``pages`` is ``None`` where the shelf has them already; ``known`` where it has the findings too and nothing was done.
    """

    label: str
    sha256: str
    facts: Mapping[str, Any]
    pages: bytes | None
    findings: bytes | None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A task's result: the file's own entry first, then its members'; or the error that kept it from being opened."""

    path: str
    stamp: Stamp | None
    sha256: str | None
    entries: tuple[Entry, ...]
    error: tuple[str, ...] | None = None


_READY: dict[str, Scanner] = {}
_SHELVES: dict[tuple[int, Path], Shelf] = {}


def make_ready(sources: library.Sources, cache: Path | None = None) -> Scanner:
    """The scanner of this process for those files, compiled once."""
    if sources.version not in _READY:
        _READY.clear()
        # A hundred thousand objects that stay: not worth looking through for litter, neither now nor later.
        gc.disable()
        try:
            _READY[sources.version] = library.made_ready(sources, cache=cache)
        finally:
            gc.freeze()
            gc.enable()
    return _READY[sources.version]


def leave_with(parent: int) -> None:
    """Have this process end when its parent does: a scan that is killed leaves nobody working in the dark."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def told(plan: Plan) -> bytes:
    """A plan as it travels with every task: left in the workers' memory, it would die with them."""
    return zlib.compress(pickle.dumps(plan), 1)


@lru_cache(maxsize=2)
def _heard(packed: bytes) -> Plan:
    plan: Plan = pickle.loads(zlib.decompress(packed))  # noqa: S301  (a cluster's tasks are pickled anyway)
    return plan


def work(tasks: Sequence[Task], plan: Plan | bytes) -> list[Done]:
    """Read and scan some files. Never raises for a file's own fault; KeepingError when the shelf cannot be written."""
    if isinstance(plan, bytes):
        plan = _heard(plan)
    scanner = make_ready(plan.sources)
    return [_one(task, plan, scanner) for task in tasks]


def _one(task: Task, plan: Plan, scanner: Scanner) -> Done:
    try:
        data, stamp = (task.data, task.stamp) if task.data is not None else opened(Path(task.path))
    except ReadingError as error:
        return Done(task.path, None, None, (), said(error))
    sha256 = hashlib.sha256(data).hexdigest()
    entries: list[Entry] = []
    form = reading.kind(data, task.path) if data else None
    facts: dict[str, Any] = {}
    if form is None or form.reader or not form.opener:
        entries.append(_entry(task.path, sha256, data, plan, scanner))
    else:
        facts = {"media_type": form.media_type, "pages": 0, "unreadable": [], "reader": form.name, "notes": []}
    if plan.shelf:
        shelf.put(plan.shelf, sha256, data)
    if form and form.opener:
        inside: list[tuple[str, str | None, tuple[str, ...] | None]] = []
        for label, member in reading.members(data, task.path):
            if isinstance(member, ReadingError):
                inside.append((label, None, said(member)))
                continue
            entry = _entry(label, hashlib.sha256(member).hexdigest(), member, plan, scanner)
            if plan.shelf:
                shelf.put(plan.shelf, entry.sha256, member)
            entries.append(entry)
            inside.append((label, entry.sha256, None))
        if facts and not inside:
            empty = Damaged(
                "The archive holds no file.", where=task.path, why="There is nothing in it to read.",
                do="Pack it again, or ask whoever sent it for the records themselves.",
            )  # fmt: skip
            return Done(task.path, None, sha256, (), said(empty))
        # Labels begin with the archive's path, which may be another the next time the same bytes are met.
        members = [[label.removeprefix(task.path), sha, error] for label, sha, error in inside]
        if facts:
            entries.insert(0, Entry(task.path, sha256, {**facts, "members": members, "container": True}, None, None))
        else:
            own = entries[0]
            entries[0] = replace(own, facts={**own.facts, "members": members})
    return Done(task.path, stamp, sha256, tuple(entries))


def opened(path: Path) -> tuple[bytes, Stamp]:
    """A file's bytes, and its stamp from before they were read."""
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            return file.read(), Stamp(before.st_size, before.st_mtime_ns, before.st_ino)
    except PermissionError as error:
        raise Locked(
            "This computer does not let you open the file.", where=str(path), why="None of its words could be read.",
            do="Give yourself permission to read it, or ask whoever owns it.",
        ) from error  # fmt: skip
    except OSError as error:
        raise Damaged(
            f"The file could not be opened ({error.strerror}).", where=str(path), why="None of its words could be read.",
            do="See whether it is still there, and whether its disk is well.",
        ) from error  # fmt: skip


def _entry(label: str, sha256: str, data: bytes, plan: Plan, scanner: Scanner) -> Entry:
    from postme import scan
    from postme.record import Record

    own = _shelf(plan)
    facts = own.facts([sha256], plan.reader).get(sha256) if own else None
    if own and facts and not facts.get("container") and read_as_named(facts, label):
        found = own.findings([sha256], plan.scanner).get(sha256)
        if found is not None:
            return Entry(label, sha256, facts, None, found, known=True)
        if facts.get("error"):  # the same bytes would fail the same way
            return Entry(label, sha256, facts, None, shelf.packed([]))
        pages = own.pages(sha256, plan.reader)
        if pages:  # read before, by another catalogue: only the scan is new
            record = Record(sha256, facts["media_type"], shelf.pages_unpacked(pages))
            return Entry(label, sha256, facts, None, _packed(scan.mentions(record, scanner)))
    by_name = reading.kind_by_name(label)
    try:
        # The same bytes may be met again under another name, so what is kept is what they say without one.
        record = reading.read(data, label, ocr=plan.ocr, unnamed=True)
    except Exception as flaw:  # a reader's own fault costs this record, never the others
        if isinstance(flaw, PostmeError) and not isinstance(flaw, ReadingError):
            raise
        error = flaw if isinstance(flaw, ReadingError) else Damaged(
            f"The reader broke down on this file ({type(flaw).__name__}).", where=label, why="None of its words could be read.",
            do="Open it in the program that made it and save it anew; or report it, if you may share it.",
        )  # fmt: skip
        lost = {"pages": 0, "unreadable": [], "notes": [], "error": said(error), "by_name": by_name}
        return Entry(label, sha256, lost, None, shelf.packed([]))
    facts = {**facts_of(record), "by_name": by_name}
    return Entry(label, sha256, facts, shelf.pages_packed(record), _packed(scan.mentions(record, scanner)))


def read_as_named(facts: Mapping[str, Any], name: str) -> bool:
    """Whether a record was read as the kind of file that its name says it is; anything where the archive listed it."""
    return bool(facts.get("container")) or facts.get("by_name") == reading.kind_by_name(name)


def _shelf(plan: Plan) -> Shelf | None:
    if plan.shelf is None:
        return None
    key = (os.getpid(), plan.shelf)  # a connection must not cross into a forked process
    if key not in _SHELVES:
        _SHELVES[key] = Shelf(plan.shelf)
    return _SHELVES[key]


def facts_of(record: Record) -> dict[str, Any]:
    """Everything a record says of itself but its text; null is *unknown*."""
    return {
        "media_type": record.media_type, "title": record.title, "date": record.date, "body": record.body, "reader": record.reader,
        "notes": list(record.notes), "pages": len(record.pages), "unreadable": [[page.number, page.note] for page in record.unreadable],
    }  # fmt: skip


def said(error: PostmeError) -> tuple[str, ...]:
    """An error as plain values; ``where`` is left out, since the same bytes may lie elsewhere next time."""
    return (type(error).__name__, error.what, error.why, error.do)


def _packed(mentions: Sequence[Mention]) -> bytes:
    return shelf.packed([printed(mention) for mention in mentions])


def printed(mention: Mention) -> dict[str, Any]:
    """A mention as it is printed, but for the path; the same whoever scans, whenever."""
    quote = mention.quote
    return {
        "sha256": quote.sha256, "page": quote.page, "start": quote.start, "end": quote.end, "quote": quote.text,
        "context": mention.context, "technologies": list(mention.technologies), "vendor": mention.vendor, "act": mention.act.value,
        "amount": mention.amount, "certainty": mention.certainty.value, "why": mention.why, "product": mention.product,
        "step": mention.step, "amount_text": mention.amount_text, "date": mention.date, "file_number": mention.file_number,
        "body": mention.body, "seconds": quote.seconds, "id": mention.id,
    }  # fmt: skip


def printable(findings: bytes, path: str) -> Iterator[dict[str, Any]]:
    """Kept mentions with the path under which their record was met this time."""
    # A name that is not UTF-8 cannot be written as text; its bytes are spelled out.
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    for mention in shelf.unpacked(findings):
        yield {"path": shown, **mention}
