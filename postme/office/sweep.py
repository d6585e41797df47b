"""Many records, on one machine or a cluster: found, read, scanned and kept, so that a kill loses nothing.

One road serves a laptop and a cluster: ``concurrent.futures.Executor``. What is on the shelf is not done again; what
is done is put on the shelf at once; what comes out comes in the order of the paths.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postme import reading
from postme.errors import ReadingError, WrongUse
from postme.keeping import library, shelf
from postme.keeping.shelf import Shelf
from postme.office import folders, workbench
from postme.office.workbench import Done, Entry, Plan, Task

# Chosen: a task of about this much work is worth its journey, and small enough to lose to a kill.
_CHUNK_BYTES = 3_000_000
_CHUNK_FILES = 64
_LEAST_BYTES = 300_000
# Chosen: so many files are looked up at once; memory does not grow with the folder.
_WINDOW = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: its facts and mentions, or the error that kept it from being read.

    ``path`` is the file's, or ``archive!/member``. ``facts`` has media_type, title, date, body (``None`` is *unknown*),
    reader, notes, pages and unreadable. ``again`` says that it was on the shelf and nothing was done.
    """

    path: str
    sha256: str | None
    facts: Mapping[str, Any]
    mentions: tuple[Mapping[str, Any], ...]
    error: tuple[str, ...] | None
    again: bool

    @property
    def failure(self) -> str:
        """The error in words, with its place."""
        return f"{self.path}: {' '.join(self.error[1:])}" if self.error else ""


@dataclass(slots=True)
class Counts:
    """How far a sweep is. ``total_*`` are of the files found; the rest of what is done."""

    total_files: int = 0
    total_bytes: int = 0
    files: int = 0
    bytes: int = 0
    pages: int = 0
    unreadable: int = 0
    refused: int = 0
    mentions: int = 0
    again: int = 0
    litter: int = 0
    working: bool = False
    """Whether hands are at work: not where everything was known."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A search about to be made: which paths, onto which shelf, with which catalogue, by how many hands.

    ``jobs`` is the number of local processes; ``cluster`` the address of a Dask scheduler, which then takes their place.
    ``again`` has every file hashed anew; ``cache`` is a folder for what takes long to compile; ``leave_out`` is what
    this program writes itself, which is no record, as the data folder is none.
    """

    paths: tuple[Path, ...]
    folder: Path
    extra: tuple[Path, ...] = ()
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    ocr: bool = True
    cluster: str | None = None
    again: bool = False
    cache: Path | None = None
    leave_out: tuple[Path, ...] = ()

    def versions(self) -> tuple[str, str]:
        """The versions under which readings and findings are kept: (reader, scanner)."""
        reader = reading.READER_VERSION + (
            f" {engine}" if self.ocr and (engine := reading.ocr_engine()) else " no text recognition"
        )
        return reader, f"{library.version(self.extra)} {reader}"

    def run(self, counts: Counts, tick: Callable[[], None] = lambda: None) -> Iterator[Outcome]:
        """Every record of the paths, in their order; ``counts`` moves on and ``tick`` is called as work gets done.

        Raises WrongUse for a path that is not there, KeepingError when the shelf cannot be used, KnowledgeError for a
        wrong catalogue file. What was done before stays done.
        """
        reader, scanner = self.versions()
        files = []
        for found in folders.found(self.paths, (self.folder, *self.leave_out)):
            path, _, error = found
            if reading.is_litter(path) and not error:
                counts.litter += 1
            else:
                files.append(found)
        counts.total_files, counts.total_bytes = len(files), sum(stamp.size for _, stamp, _ in files if stamp)
        shelf = Shelf(self.folder)
        crew = _Crew(self, reader, scanner, shelf)
        try:
            if self.again:
                shelf.forget_seen()
            for i in range(0, len(files), _WINDOW):
                yield from self._window(files[i : i + _WINDOW], crew, shelf, reader, scanner, counts, tick)
        finally:
            crew.close()
            shelf.close()

    def _window(
        self, files: Sequence[folders.Found], crew: _Crew, shelf: Shelf, reader: str, scanner: str,
        counts: Counts, tick: Callable[[], None],
    ) -> Iterator[Outcome]:  # fmt: skip
        stamps = {path: stamp for path, stamp, _ in files if stamp}
        known = shelf.known(stamps)
        kept = _Kept(shelf, known.values(), reader, scanner)
        crew.give([(path, stamps[path].size) for path in stamps if not kept.whole(path, known.get(path))])
        for path, stamp, error in files:
            if error:
                outcomes = [Outcome(path, None, {}, (), error, again=False)]
            elif kept.whole(path, known.get(path)):
                outcomes = list(kept.outcomes(path, known[path]))
            else:
                while path not in crew.done:
                    crew.proceed()
                    counts.working = True
                    tick()
                done = crew.done.pop(path)
                outcomes = list(_outcomes(done))
            for outcome in outcomes:
                counts.pages += outcome.facts.get("pages", 0)
                counts.unreadable += len(outcome.facts.get("unreadable", ()))
                counts.refused += bool(outcome.error)
                counts.mentions += len(outcome.mentions)
            counts.files += 1
            counts.again += bool(outcomes) and all(outcome.again for outcome in outcomes)
            counts.bytes += stamp.size if stamp else 0
            tick()
            yield from outcomes


class _Kept:
    """What the shelf knows of some records, looked up together."""

    def __init__(self, shelf: Shelf, hashes: Any, reader: str, scanner: str) -> None:
        hashes = set(hashes)
        self._facts = shelf.facts(hashes, reader)
        inside = {sha for facts in self._facts.values() for _, sha, _ in facts.get("members", ()) if sha}
        self._facts.update(shelf.facts(inside - hashes, reader))
        self._findings = shelf.findings(hashes | inside, scanner)

    def whole(self, path: str, sha256: str | None) -> bool:
        """Whether a record and all its members are read and scanned, as what their names say they are."""
        facts = self._facts.get(sha256) if sha256 else None
        if facts is None or not workbench.read_as_named(facts, path):
            return False
        own = facts.get("container") or sha256 in self._findings
        return bool(own) and all(
            sha in self._findings and sha in self._facts and workbench.read_as_named(self._facts[sha], label)
            for label, sha, _ in facts.get("members", ())
            if sha
        )

    def outcomes(self, path: str, sha256: str) -> Iterator[Outcome]:
        """A record and its members, as kept."""
        facts = self._facts[sha256]
        if not facts.get("container"):
            yield self._outcome(path, sha256, facts)
        for label, sha, error in facts.get("members", ()):
            if sha:
                yield self._outcome(path + label, sha, self._facts[sha])
            else:
                yield Outcome(path + label, None, {}, (), tuple(error), again=True)

    def _outcome(self, path: str, sha256: str, facts: Mapping[str, Any]) -> Outcome:
        error = facts.get("error")
        mentions = tuple(workbench.printable(self._findings[sha256], path))
        return Outcome(path, sha256, _told(facts, path), mentions, tuple(error) if error else None, again=True)


def _outcomes(done: Done) -> Iterator[Outcome]:
    if done.error:
        yield Outcome(done.path, None, {}, (), done.error, again=False)
    inside = iter(done.entries[1:])
    for entry in done.entries[:1]:
        if not entry.facts.get("container"):
            yield _outcome(entry)
        for label, sha, error in entry.facts.get("members", ()):  # what could not be had stands where it would have
            yield _outcome(next(inside)) if sha else Outcome(done.path + label, None, {}, (), tuple(error), again=False)


def _outcome(entry: Entry) -> Outcome:
    error = entry.facts.get("error")
    mentions = tuple(workbench.printable(entry.findings, entry.label)) if entry.findings else ()
    told = _told(entry.facts, entry.label)
    return Outcome(entry.label, entry.sha256, told, mentions, tuple(error) if error else None, again=entry.known)


def _told(facts: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What a record and its name say of it, without what the shelf notes beside it."""
    own = {key: value for key, value in facts.items() if key not in ("members", "container", "error", "by_name")}
    return reading.named(own, path) if "date" in own else own


class _Crew:
    """Those who do the work: processes here, or a cluster's workers. Started only when there is work."""

    def __init__(self, sweep: Sweep, reader: str, scanner: str, shelf: Shelf) -> None:
        self.done: dict[str, Done] = {}
        self._sweep, self._reader, self._scanner, self._shelf = sweep, reader, scanner, shelf
        self._waiting: list[list[str]] = []
        self._running: dict[Future[list[Done]], list[str]] = {}
        self._executor: Executor | None = None
        self._client: Any = None
        self._plan: Any = None
        self._hands = max(1, sweep.jobs)
        self._deaths: tuple[type[Exception], ...] = (BrokenProcessPool,)

    def give(self, files: Sequence[tuple[str, int]]) -> None:
        """Add files, with their sizes, to what is to be done, in chunks worth a journey."""
        chunk: list[str] = []
        size = 0
        left = sum(weight for _, weight in files)
        for path, weight in files:
            chunk.append(path)
            size += weight
            left -= weight
            # Smaller towards the end, so that no hand is still busy long after the others have gone.
            if size >= min(_CHUNK_BYTES, max(_LEAST_BYTES, left // (2 * self._hands))) or len(chunk) >= _CHUNK_FILES:
                self._waiting.append(chunk)
                chunk, size = [], 0
        if chunk:
            self._waiting.append(chunk)

    def proceed(self) -> None:
        """Keep the hands busy, wait until some of them are done, and put what they did on the shelf."""
        while self._waiting and len(self._running) < self._hands * 2 + 1:
            chunk = self._waiting.pop(0)
            try:
                self._running[self._submit(chunk)] = chunk
            except BrokenProcessPool:
                self._waiting.insert(0, chunk)
                if not self._running:  # it died while it had nothing to do: nobody is to be mourned, only replaced
                    self._dismiss()
                break
        finished, _ = wait(self._running, timeout=0.25, return_when=FIRST_COMPLETED)
        for future in finished:
            chunk = self._running.pop(future)
            try:
                self._keep(future.result())
            except self._deaths:
                # A cluster tells whose task killed its workers; of local hands, all go down with one.
                self._mourn([chunk] if self._client else [chunk, *self._running.values()])
                return

    def _submit(self, chunk: Sequence[str]) -> Future[list[Done]]:
        executor = self._started()
        if self._client is None:
            return executor.submit(workbench.work, [Task(path) for path in chunk], self._plan)
        tasks, lost = [], []
        for path in chunk:  # the cluster's machines need not see this one's disk
            try:
                data, stamp = workbench.opened(Path(path))
                shelf.put(self._sweep.folder, hashlib.sha256(data).hexdigest(), data)
                tasks.append(Task(path, data, stamp))
            except ReadingError as error:
                lost.append(Done(path, None, None, (), workbench.said(error)))
        self.done.update({done.path: done for done in lost})
        return executor.submit(workbench.work, tasks, self._plan)

    def _started(self) -> Executor:
        if self._executor is not None:
            return self._executor
        sources = library.sources(self._sweep.extra, cache=self._sweep.cache)
        plan = Plan(
            sources, self._reader, self._scanner, self._sweep.ocr, None if self._sweep.cluster else self._sweep.folder
        )
        if self._sweep.cluster:
            self._client, self._hands, death = cluster(self._sweep.cluster)
            self._deaths = (BrokenProcessPool, CancelledError, death)
            self._plan = workbench.told(plan)
            self._executor = self._client.get_executor(retries=3, pure=False)
            return self._executor
        workbench.make_ready(sources, self._sweep.cache)
        # Forked hands inherit the compiled catalogue. No thread runs yet, which is what would make forking unsafe;
        # where there is no fork each hand compiles for itself.
        method = "fork" if sys.platform.startswith("linux") else "spawn"
        self._executor = ProcessPoolExecutor(
            self._hands, multiprocessing.get_context(method), workbench.leave_with, (os.getpid(),)
        )
        self._plan = plan
        return self._executor

    def _keep(self, results: Sequence[Done]) -> None:
        self._shelf.keep(
            seen=[(done.path, done.stamp, done.sha256) for done in results if done.stamp and done.sha256],
            readings=[
                (entry.sha256, self._reader, entry.facts, entry.pages)
                for done in results
                for entry in done.entries
                if entry.pages is not None or entry.facts.get("error") or entry.facts.get("members") is not None
            ],
            findings=[
                (entry.sha256, self._scanner, entry.findings)
                for done in results
                for entry in done.entries
                if entry.findings is not None
            ],
        )
        self.done.update({done.path: done for done in results})

    def _mourn(self, chunks: Sequence[Sequence[str]]) -> None:
        """A process died. Its files are tried again one by one, each alone; the one that kills twice is unreadable."""
        if not self._client:
            self._running.clear()
        self._dismiss()
        for path in [path for chunk in chunks for path in chunk]:
            for attempt in (1, 2):
                try:
                    self._keep(self._submit([path]).result())
                    break
                except self._deaths:
                    self._dismiss()
                    if attempt == 2:
                        self.done[path] = Done(path, None, None, (), (
                            "Damaged", "The reader broke down on this file, twice.", "None of its words could be read.",
                            "Open it in the program that made it and save it anew; or report it, if you may share it.",
                        ))  # fmt: skip

    def _dismiss(self) -> None:
        if self._client:  # a cluster replaces its own dead
            return
        if self._executor:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = None

    def close(self) -> None:
        """Send everyone home."""
        if self._client:
            self._client.close()
        else:
            self._dismiss()


def cluster(address: str) -> tuple[Any, int, type[Exception]]:
    """A client of the cluster at ADDRESS, how many hands it has, and the error by which a worker dies of its task."""
    try:
        import distributed
    except ImportError as error:
        raise WrongUse(
            "The cluster engine is not installed.", where="--cluster", why="Without it only this machine can work.",
            do="Install it with: pip install 'postme[cluster]'",
        ) from error  # fmt: skip
    try:
        # An untyped library behind a typed door.
        client: Any = distributed.Client(address, timeout=15)  # type: ignore[no-untyped-call, unused-ignore]
    except (OSError, ValueError, TimeoutError) as error:
        raise WrongUse(
            f"No cluster answers there ({error}).", where=address, why="Nothing was scanned.",
            do="Start one with 'dask scheduler' and 'dask worker ADDRESS', and give the scheduler's address.",
        ) from error  # fmt: skip
    hands = max(1, sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()))
    return client, hands, distributed.KilledWorker
