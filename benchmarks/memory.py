"""How much memory a scan takes at its most, and whether that grows with the folder.

    python benchmarks/memory.py

Linux keeps each process's own highest resident size (VmHWM); it is asked of the command and of all its children until they end.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import report

from postme.keeping import library

MOST = 600
JOBS = 2
_GROWTH = 1.25
"""Chosen: from a quarter to the whole (four times as much) it may grow by a quarter, and be called flat."""
_LOOK = 0.02
_SHARES = ((0.25, "a quarter"), (0.5, "half"), (1.0, "all"))


@dataclass(slots=True)
class Peak:
    """The highest resident sizes, in kB, by process id; ``together`` is the highest sum of proportional sizes."""

    main: int = 0
    workers: dict[int, int] = field(default_factory=dict)
    together: int = 0


def watched(command: list[str | Path], cache: Path) -> Peak:
    """Run a command and look at it and its children all the while."""
    peak = Peak()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=report.environment(cache),
        cwd=tempfile.gettempdir(),
    )
    looks = 0
    done = threading.Event()

    def end() -> None:
        process.wait()
        done.set()

    threading.Thread(target=end, daemon=True).start()
    while not done.wait(_LOOK):
        alive = [process.pid, *_children(process.pid)]
        for pid in alive:
            high = _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:")
            if pid == process.pid:
                peak.main = max(peak.main, high)
            elif high:
                peak.workers[pid] = max(peak.workers.get(pid, 0), high)
        if looks % 10 == 0:  # it costs the kernel a walk over all pages
            peak.together = max(
                peak.together, sum(_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in alive)
            )
        looks += 1
    return peak


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        own = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [*own, *(grandchild for child in own for grandchild in _children(child))]


def _kilobytes(place: Path, name: str) -> int:
    try:
        lines = place.read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def main() -> None:
    """Measure, print, keep."""
    given = report.options(__doc__, rounds=1).parse_args()
    if not Path("/proc/self/status").exists():
        raise SystemExit("This needs Linux: other systems do not keep each process's highest resident size in /proc.")
    catalogue = library.load()
    rows: list[tuple[str, ...]] = []
    figures: dict[str, dict[str, float]] = {}
    with report.scratch() as folder:
        cache = report.warmed(folder)
        texts = corpus.texts(catalogue, part=given.part, synthetic=given.synthetic)
        records = corpus.pdfs(catalogue, folder / "printed", part=given.part, synthetic=given.synthetic)
        pdf_sets = [(name, corpus.spaced(records.paths, share)) for share, name in _SHARES]
        for share_name, paths in pdf_sets:
            found = _measured(list(paths), folder, cache, given.rounds)
            _told(rows, figures, "PDFs", share_name, len(paths), found)
        # The longest document is in every share: memory follows the largest record, and the question is the number of them.
        longest = max(texts.texts, key=len)
        for share, share_name in _SHARES:
            some = corpus.spaced([text for text in texts.texts if text is not longest], share)
            place = folder / "texts"
            corpus.as_files((*some, longest), place)
            found = _measured([place], folder, cache, given.rounds)
            _told(rows, figures, "text files", share_name, len(some) + 1, found)
            shutil.rmtree(place)

    told = report.Report(
        "memory", "how much memory does a scan take at its most, and does it grow with the folder?", f"{records.said} {texts.said} As text files, one each.",
        given.rounds, machine=report.machine("postme", "pypdfium2", "hyperscan"), synthetic=texts.synthetic, whole=given.part >= 1,
    )  # fmt: skip
    for kind in ("PDFs", "text files"):
        worst = max(figures[f"{kind}, {name}"]["sum of peaks"] for _, name in _SHARES)
        told.targets.append(
            report.Target(
                f"main and workers, peaks added ({kind})", f"under {MOST} MB", f"{worst:.0f} MB", worst < MOST
            )
        )
        growth = figures[f"{kind}, all"]["sum of peaks"] / figures[f"{kind}, a quarter"]["sum of peaks"]
        told.targets.append(
            report.Target(
                f"all over a quarter of them ({kind})", f"at most {_GROWTH}", f"{growth:.2f}", growth <= _GROWTH
            )
        )
    told.tables.append(report.Table(
        f"Memory, {JOBS} processes", ("records", "share", "number", "main, MB", "largest worker, MB", "peaks added, MB", "at once, MB", "took, s"),
        tuple(rows),
        ("Peaks of the resident size; *peaks added* counts what processes share once for each, so it is more than was ever taken. "
         "*At once*: the highest sum of proportional sizes, looked at every fifth of a second. MB are 10⁶ bytes.",),
    ))  # fmt: skip
    told.figures = dict(figures)
    told.close(given.json)


def _measured(paths: list[Path], folder: Path, cache: Path, rounds: int) -> list[tuple[Peak, float]]:
    found = []
    for _ in range(rounds):
        data = folder / "data"
        began = time.perf_counter()
        found.append((watched(report.scan_command(paths, data, JOBS), cache), time.perf_counter() - began))
        shutil.rmtree(data, ignore_errors=True)
    return found


def _told(
    rows: list[tuple[str, ...]],
    figures: dict[str, dict[str, float]],
    kind: str,
    share: str,
    number: int,
    found: list[tuple[Peak, float]],
) -> None:
    def most(values: list[int]) -> float:
        return max(values) * 1024 / 1e6

    mine = most([peak.main for peak, _ in found])
    worker = most([max(peak.workers.values(), default=0) for peak, _ in found])
    added = most([peak.main + sum(peak.workers.values()) for peak, _ in found])
    together = most([peak.together for peak, _ in found])
    took = min(seconds for _, seconds in found)
    figures[f"{kind}, {share}"] = {"main": mine, "worker": worker, "sum of peaks": added, "together": together}
    rows.append(
        (kind, share, f"{number:,}", f"{mine:.0f}", f"{worker:.0f}", f"{added:.0f}", f"{together:.0f}", f"{took:.1f}")
    )


if __name__ == "__main__":
    main()
