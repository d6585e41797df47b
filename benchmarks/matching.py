"""How fast the catalogue is matched: beside a bare scan, beside other tools, and beside what the machine can do at all.

    python benchmarks/matching.py

Contenders take turns, slice by slice, in every round, so that whatever else the machine does disturbs all of them; ratios are
of one round's figures.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import numpy as np
import report
from peers import PEERS

from postme import fold, matching, scan
from postme.keeping import library
from postme.record import Page

TARGET = 0.7
_SLICES = 12
_NO_HASH = "0" * 64
_UNTOUCHED = b"\x01"


@dataclass(frozen=True, slots=True)
class Slice:
    """A twelfth of the documents, and the same made ready for the limits."""

    texts: tuple[str, ...]
    folded: tuple[bytes, ...]
    joined: bytes


@dataclass(slots=True)
class Set:
    """Documents of one kind: their slices, and each contender's seconds, one figure a round."""

    name: str
    slices: tuple[Slice, ...]
    characters: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)


Run = Callable[[Slice], int]


def bare_scan(forms: Sequence[bytes]) -> Callable[[bytes], list[tuple[int, int]]]:
    """What one would write who wanted every form's place and no more: the same matcher, with every form as it is."""
    if matching.hyperscan is None:
        import ahocorasick_rs

        automaton = ahocorasick_rs.BytesAhoCorasick(forms)
        return lambda data: [(form, end) for form, _, end in automaton.find_matches_as_indexes(data, overlapping=True)]
    database = matching.hyperscan.Database(mode=matching.hyperscan.HS_MODE_BLOCK)
    count = len(forms)
    database.compile(expressions=list(forms), ids=list(range(count)), elements=count, flags=[0] * count, literal=True)

    def places(data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def note(form: int, _from: int, to: int, _flags: int, _context: object) -> None:
            found.append((form, to))

        database.scan(data, match_event_handler=note)
        return found

    return places


def contenders(scanner: scan.Scanner) -> dict[str, tuple[Run, str]]:
    """What is run over every slice, each giving how much it found, with what it is in words."""
    engine, portable = scanner.engine, matching.Portable(scanner.catalogue)
    assert isinstance(engine, (matching.Swift, matching.Portable))
    swiftly, occurrences, hits, others = fold.swiftly, engine.occurrences, engine.hits, portable.hits
    page = scan.on_page
    every = bare_scan(tuple(scanner.catalogue.by_form))
    found: dict[str, tuple[Run, str]] = {
        "bare": (lambda s: sum([len(every(swiftly(text).data)) for text in s.texts]), "**bare**: fold and scan for every form, no rule"),
        "bases": (lambda s: sum([len(occurrences(swiftly(text).data)) for text in s.texts]), "bare, seeking only what postme's index seeks"),
        "hits": (lambda s: sum([len(hits(text)) for text in s.texts]), "**postme, hits**: context, capitals, line breaks, overlaps"),
        "mentions": (lambda s: sum([len(list(page(Page(1, text), _NO_HASH, scanner))) for text in s.texts]),
                     "**postme, mentions**: with act, maker, amount, date, body"),
        "portable": (lambda s: sum([len(others(text)) for text in s.texts]), "postme, hits by ahocorasick_rs (Portable)"),
        "fold": (lambda s: sum([len(swiftly(text).data) for text in s.texts]), "limit: fold alone"),
        "scan": (lambda s: sum([len(every(data)) for data in s.folded]), "limit: scan alone for every form, text already folded"),
        "memchr": (lambda s: s.joined.count(_UNTOUCHED), "limit: memchr (bytes.count of a byte that is not there)"),
        "memory": (lambda s: int(np.frombuffer(s.joined, np.uint64, len(s.joined) // 8).sum()) * 0, "limit: memory (numpy sum)"),
    }  # fmt: skip
    return found


def sliced(name: str, texts: Sequence[str]) -> Set:
    """Documents dealt out into slices of like content."""
    slices = []
    for number in range(min(_SLICES, len(texts))):
        some = tuple(texts[number::_SLICES])
        raw = "".join(some).encode("utf-8", "replace")
        slices.append(Slice(some, tuple(fold.swiftly(text).data for text in some), raw))
    return Set(name, tuple(slices), sum(map(len, texts)))


def measured(sets: Sequence[Set], runs: dict[str, tuple[Run, str]], rounds: int) -> None:
    """Every contender over every slice, in turn, in each round."""
    names = list(runs)
    for number in range(rounds + 1):
        for documents in sets:
            seconds, cpu, found = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0), dict.fromkeys(names, 0)
            for at, one in enumerate(documents.slices):
                for name in report.in_turn(names, number + at):
                    run = runs[name][0]
                    began, worked = time.perf_counter(), time.thread_time()
                    found[name] += run(one)
                    seconds[name] += time.perf_counter() - began
                    cpu[name] += time.thread_time() - worked
            documents.found = found
            if number:  # the first round only warms
                for name in names:
                    documents.seconds.setdefault(name, []).append(seconds[name])
                    documents.cpu.setdefault(name, []).append(cpu[name])


def together(sets: Sequence[Set]) -> Set:
    """All documents, round by round."""
    names = list(sets[0].seconds)
    return Set(
        "all", (), sum(one.characters for one in sets),
        {name: [sum(parts) for parts in zip(*(one.seconds[name] for one in sets), strict=True)] for name in names},
        {name: [sum(parts) for parts in zip(*(one.cpu[name] for one in sets), strict=True)] for name in names},
        {name: sum(one.found[name] for one in sets) for name in names},
    )  # fmt: skip


# --- peers ---------------------------------------------------------------------------------------------------------

# Chosen: characters that keep a peer busy for some seconds, no more; the catalogue has tens of thousands of forms.
_SHARES = {
    "ripgrep": 150_000,
    "grep": 300_000,
    "spacy": 2_000_000,
    "flashtext": 4_000_000,
    "expression": 40_000,
    "plain": 150_000,
}
_CANNOT = {
    "ripgrep": "context; overlaps; names broken over lines; accents; fold of spaces and hyphens",
    "grep": "context; overlaps; names broken over lines; letters beyond ASCII",
    "spacy": "context; hyphens and line ends inside a name (its tokens must be the same)",
    "flashtext": "context; overlaps; names broken over lines; offsets after letters that change length",
    "expression": "context; overlaps; names broken over lines; more than a toy's speed",
    "plain": "nothing: it is the specification",
}
_NAMES = {
    "ripgrep": "ripgrep -F -i -w -o", "grep": "grep -F -i -w -o (bytes)", "spacy": "spaCy PhraseMatcher, LOWER",
    "flashtext": "flashtext", "expression": "Python re, one alternation", "plain": "postme, hits by Plain (specification)",
}  # fmt: skip


@dataclass(slots=True)
class Peer:
    """A peer's share of the text, what it said, and the bare scan's seconds over the same."""

    name: str
    characters: int
    documents: int
    ours: int
    seconds: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    hits: int = 0
    version: str = ""


class Fellow:
    """A peer's process; ``go`` has it search once."""

    def __init__(self, name: str, given: Path, interpreter: Path) -> None:
        self._process = subprocess.Popen(
            [interpreter, Path(__file__).with_name("peers.py"), name, given],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.version = str(self._said()["version"])

    def _said(self) -> dict[str, float | str | None]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError
        said: dict[str, float | str | None] = json.loads(line)
        return said

    def go(self) -> dict[str, float | str | None]:
        """One search: seconds, hits, and seconds to make ready."""
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._said()

    def close(self) -> None:
        """Send it home."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def beside(texts: Sequence[str], scanner: scan.Scanner, rounds: int, part: float) -> tuple[list[Peer], list[str]]:
    """Every peer that is here, each over its own share with the bare scan before and after; and those missing."""
    engine = scanner.engine
    assert isinstance(engine, (matching.Swift, matching.Portable))
    plain = matching.Plain(scanner.catalogue)
    every = bare_scan(tuple(scanner.catalogue.by_form))
    forms = sorted({form.lower() for term in scanner.catalogue.terms for form in term.forms})
    own, bench = Path(sys.executable), report.ROOT / ".venv-bench" / "bin" / "python"
    found, missing = [], []
    for name in ("plain", *PEERS):
        share = corpus.within(texts, max(20_000, round(_SHARES[name] * min(1.0, part * 4))))
        peer = Peer(name, sum(map(len, share)), len(share),
                    sum(len(engine.hits(text)) for text in share))  # fmt: skip

        def bare(share: Sequence[str] = share) -> float:
            began = time.perf_counter()
            for text in share:
                every(fold.swiftly(text).data)
            return time.perf_counter() - began

        try:
            with _fellow(name, share, forms, bench if name in ("spacy", "flashtext") else own) as fellow:
                peer.version = fellow.version if fellow else "postme"
                for _ in range(rounds):
                    before = bare()
                    if fellow:
                        said = fellow.go()
                    else:
                        began = time.perf_counter()
                        hits = sum(len(plain.hits(text)) for text in share)
                        said = {"seconds": time.perf_counter() - began, "ready": 0.0, "hits": hits}
                    after = bare()
                    peer.hits = int(said["hits"] or 0)
                    peer.ready.append(float(said["ready"] or 0))
                    if said["seconds"] is not None:
                        peer.seconds.append(float(said["seconds"]))
                        peer.bare.append((before + after) / 2)
        except (OSError, ChildProcessError):
            missing.append(_NAMES[name])
            continue
        if peer.seconds:
            found.append(peer)
        else:
            missing.append(f"{_NAMES[name]} (its start-up drowned the search)")
    return found, missing


@contextlib.contextmanager
def _fellow(name: str, share: Sequence[str], forms: Sequence[str], interpreter: Path) -> Iterator[Fellow | None]:
    if name == "plain":
        yield None
        return
    program = {"ripgrep": "rg", "grep": "grep"}.get(name)
    if program and not shutil.which(program):
        raise FileNotFoundError(program)
    with report.scratch() as folder:
        given = folder / "given.json"
        given.write_text(json.dumps({"texts": share, "forms": forms}), encoding="utf-8")
        fellow = Fellow(name, given, interpreter)
        try:
            yield fellow
        finally:
            fellow.close()


# --- the report ----------------------------------------------------------------------------------------------------


def main() -> None:
    """Measure, print, keep."""
    parser = report.options(__doc__, rounds=5)
    parser.add_argument("--no-peers", action="store_true", help="only ours and the limits")
    given = parser.parse_args()
    scanner = library.scanner()
    texts = corpus.texts(scanner.catalogue, part=given.part, synthetic=given.synthetic)
    ascii_only = [text for text in texts.texts if text.isascii()]
    others = [text for text in texts.texts if not text.isascii()]
    sets = [sliced(name, some) for name, some in (("ASCII", ascii_only), ("others", others)) if some]
    runs = contenders(scanner)
    measured(sets, runs, given.rounds)
    whole = together(sets)
    if whole.found["portable"] != whole.found["hits"]:
        raise SystemExit(f"The engines differ: {whole.found['hits']} hits, and {whole.found['portable']} by Portable.")
    found, missing = beside(texts.texts, scanner, min(3, given.rounds), given.part) if not given.no_peers else ([], [])

    catalogue = scanner.catalogue
    told = report.Report(
        "matching", "what do folding, context rules, line breaks and overlaps cost on top of a bare scan, and how do others fare?",
        f"{texts.said} {len(ascii_only):,} are pure ASCII. {len(catalogue.terms):,} terms in {len(catalogue.by_form):,} forms.", given.rounds,
        machine=report.machine("postme", "hyperscan", "ahocorasick_rs", "numpy"), synthetic=texts.synthetic, whole=given.part >= 1,
    )  # fmt: skip
    told.machine["catalogue"] = catalogue.version
    for documents in (whole, *sets):
        ratios = report.pairwise(documents.seconds["bare"], documents.seconds["hits"])
        told.targets.append(report.Target(
            f"hits, of the bare scan's speed ({documents.name})", f"at least {TARGET}",
            report.beside(ratios, report.pairwise(documents.cpu["bare"], documents.cpu["hits"])), statistics.median(ratios) >= TARGET,
        ))  # fmt: skip
        told.figures[f"hits / bare, {documents.name}"] = ratios
    rows = [
        _row(runs[name][1], documents, name)
        for name in runs
        for documents in ((whole,) if name in ("memchr", "memory") else (whole, *sets))
    ]
    rows += [_peer_row(peer, whole.characters) for peer in found]
    notes = [
        "*of bare*: speed over the bare scan's on the same text in the same round; median (least–most). ≈: measured on a share of ordinary "
        "documents, evenly spaced; *all of it* is then extrapolated.",
        "*found*: bare and the peers count every form as a word, an index only the shortest; postme's hits and mentions are what is left "
        "when the words around it were asked. *postme there*: its hits on the same share.",
        "Beside a bare scan that borrows postme's own index (of two forms, one inside the other, only the shorter is sought), its hits reach "
        f"{report.spread(report.pairwise(whole.seconds['bases'], whole.seconds['hits']))} of the speed: that is what the rules alone cost.",
        "A program's time to make its patterns ready was measured by a run over an empty file in each round and taken off.",
    ]
    if missing:
        notes.append(f"Not here: {', '.join(missing)}.")
    columns = ("what", "text", "M char/s", "of bare", "all of it", "found", "postme there", "ready in", "cannot")
    told.tables.append(report.Table("Matching", columns, tuple(rows), tuple(notes)))
    told.figures["seconds"] = {one.name: one.seconds for one in (whole, *sets)}
    told.figures["processor seconds"] = {one.name: one.cpu for one in (whole, *sets)}
    told.figures["peers"] = {
        peer.name: {"seconds": peer.seconds, "bare": peer.bare, "characters": peer.characters} for peer in found
    }
    for peer in found:
        if peer.name in ("spacy", "flashtext", "ripgrep", "grep"):
            name, _, number = peer.version.partition(" ")
            told.machine[name] = number
    told.close(given.json)


def _row(what: str, documents: Set, name: str) -> tuple[str, ...]:
    seconds = statistics.median(documents.seconds[name])
    ratios = report.pairwise(documents.seconds["bare"], documents.seconds[name])
    found = f"{documents.found[name]:,}" if name in ("bare", "bases", "hits", "mentions", "portable", "scan") else "–"
    return (what, documents.name, _rate(documents.characters, seconds), report.spread(ratios),
            _long(seconds), found, "–", "–", "")  # fmt: skip


def _peer_row(peer: Peer, characters: int) -> tuple[str, ...]:
    seconds = statistics.median(peer.seconds)
    ratios = report.pairwise(peer.bare, peer.seconds)
    return (_NAMES[peer.name], f"{peer.characters / 1000:,.0f} k in {peer.documents:,}", "≈ " + _rate(peer.characters, seconds),
            report.spread(ratios, 4), "≈ " + _long(seconds * characters / peer.characters),
            f"{peer.hits:,}", f"{peer.ours:,}", f"{statistics.median(peer.ready):.1f} s", _CANNOT[peer.name])  # fmt: skip


def _rate(count: int, seconds: float) -> str:
    rate = count / seconds / 1e6
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 1 else f"{rate:.3f}"


def _long(seconds: float) -> str:
    for length, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {name}"
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
