"""What a second scan of unchanged records costs, beside the first and beside the least that any scan could do.

    python benchmarks/again.py

First and second scans and the floor take turns, each a command of its own.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path

import corpus
import report

from postme.keeping import library

JOBS = 2
_AGAIN = 2
_FLOORS = {
    "floor: Python starts and ends": "pass",
    "floor: Python, and every file looked at": "import os,sys\nfor r in sys.argv[1:]:\n for d,_,fs in os.walk(r):\n  for f in fs: os.stat(os.path.join(d,f))",
    "floor: Python, and every file read and hashed": (
        "import os,sys,hashlib\nfor r in sys.argv[1:]:\n for d,_,fs in os.walk(r):\n  for f in fs:\n"
        "   with open(os.path.join(d,f),'rb') as o: hashlib.sha256(o.read()).digest()"
    ),
}


def measured(root: Path, folder: Path, cache: Path, rounds: int) -> dict[str, list[report.Ran]]:
    """Rounds of: a first scan into a fresh folder, scans again, and the floors."""
    found: dict[str, list[report.Ran]] = {}
    for _ in range(rounds):
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        command = report.scan_command([root], data, JOBS)
        found.setdefault("first scan", []).append(report.ran(command, cache=cache))
        for _ in range(_AGAIN):
            found.setdefault("second scan", []).append(report.ran(command, cache=cache))
        for name, code in _FLOORS.items():
            found.setdefault(name, []).append(report.ran([sys.executable, "-c", code, root]))
    return found


def main() -> None:
    """Measure, print, keep."""
    given = report.options(__doc__, rounds=3).parse_args()
    catalogue = library.load()
    with report.scratch() as folder:
        cache = report.warmed(folder)
        texts = corpus.texts(catalogue, part=given.part, synthetic=given.synthetic)
        records = corpus.pdfs(catalogue, folder / "printed", part=given.part, synthetic=given.synthetic)
        corpus.as_files(texts.texts, folder / "texts")
        (folder / "pdfs").mkdir()
        for path in records.paths:
            shutil.copy2(path, folder / "pdfs")
        told = report.Report(
            "again", "what does it cost to scan records that have not changed?", f"{records.said} {texts.said} As text files, one each.",
            given.rounds, machine=report.machine("postme", "pypdfium2", "hyperscan"), synthetic=texts.synthetic, whole=given.part >= 1,
        )  # fmt: skip
        for name, place in (
            (f"{len(records.paths):,} PDFs", folder / "pdfs"),
            (f"{len(texts.texts):,} text files", folder / "texts"),
        ):
            found = measured(place, folder, cache, given.rounds)
            told.tables.append(_table(name, found))
            told.figures[name] = {what: [[done.wall, done.cpu] for done in runs] for what, runs in found.items()}
    told.close(given.json)


def _table(name: str, found: dict[str, list[report.Ran]]) -> report.Table:
    wall = {what: statistics.median(done.wall for done in runs) for what, runs in found.items()}
    cpu = {what: statistics.median(done.cpu for done in runs) for what, runs in found.items()}
    rows = [
        (what, f"{wall[what]:.2f}", f"{100 * wall[what] / wall['first scan']:.1f} %", f"{cpu[what]:.2f}", f"{100 * cpu[what] / cpu['first scan']:.1f} %",
         str(len(found[what])))
        for what in found
    ]  # fmt: skip
    return report.Table(
        f"Again: {name}, {JOBS} processes", ("what", "wall s", "of the first", "processor s", "of the first", "runs"), tuple(rows),
        ("Every scan writes every mention out, also of records it knew. Medians; the file cache is warm throughout.",
         f"{max(done.complaints for done in found['first scan'])} files could not be read."),
    )  # fmt: skip


if __name__ == "__main__":
    main()
