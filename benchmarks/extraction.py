"""What a whole scan of PDFs costs beside bare text extraction by the same library, with one process and with two.

    python benchmarks/extraction.py

Each runs as a command of its own, from the interpreter's start to its end, in turn.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import corpus
import report

from postme.keeping import library

AT_MOST = 1.15
TWO_AT_LEAST = 1.7
_JOBS = (1, 2)
_EVERYDAY, _LEAN = "--bare", "--lean"


def bare(path: str) -> int:
    """A PDF's characters, as pypdfium2's own documentation reads them; each text is made and let go."""
    from pypdfium2 import PdfDocument

    document, count = PdfDocument(path), 0
    for page in document:
        textpage = page.get_textpage()
        count += len(textpage.get_text_range())
        textpage.close()
        page.close()
    document.close()
    return count


def lean(path: str) -> int:
    """The same by PDFium's own functions, without pypdfium2's objects: the least that one could do."""
    import ctypes

    import pypdfium2.raw as pdfium
    from pypdfium2 import PdfDocument

    document, count = PdfDocument(path), 0
    for number in range(len(document)):
        page = pdfium.FPDF_LoadPage(document.raw, number)
        textpage = pdfium.FPDFText_LoadPage(page)
        length = pdfium.FPDFText_CountChars(textpage)
        if length > 0:
            buffer = (ctypes.c_ushort * (length + 1))()
            written = pdfium.FPDFText_GetText(textpage, 0, length, buffer)
            count += len(ctypes.string_at(buffer, 2 * max(0, written - 1)).decode("utf-16-le", "replace"))
        pdfium.FPDFText_ClosePage(textpage)
        pdfium.FPDF_ClosePage(page)
    document.close()
    return count


def extract(way: str, jobs: int, paths: Sequence[str]) -> None:
    """Be the bare extraction: what this file does when it calls itself."""
    read = {_EVERYDAY: bare, _LEAN: lean}[way]
    if jobs == 1:
        print(sum(map(read, paths)))
        return
    method = "fork" if sys.platform.startswith("linux") else "spawn"
    with ProcessPoolExecutor(jobs, mp_context=get_context(method)) as pool:
        print(sum(pool.map(read, paths)))


def main() -> None:
    """Measure, print, keep."""
    if len(sys.argv) > 1 and sys.argv[1] in (_EVERYDAY, _LEAN):
        extract(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
        return
    given = report.options(__doc__, rounds=5).parse_args()
    with report.scratch() as folder:
        records = corpus.pdfs(library.load(), folder / "pdfs", part=given.part, synthetic=given.synthetic)
        cache = report.warmed(folder)
        pages = corpus.pages(records.paths)
        seconds: dict[tuple[str, int], list[float]] = {}
        cpu: dict[tuple[str, int], list[float]] = {}
        complaints = 0
        names = [(way, jobs) for jobs in _JOBS for way in (_LEAN, "postme", _EVERYDAY)]
        for number in range(given.rounds + 1):
            for way, jobs in report.in_turn(names, number):
                data = folder / "data"
                command: list[str | Path] = [sys.executable, __file__, way, str(jobs), *records.paths]
                done = report.ran(
                    report.scan_command(records.paths, data, jobs) if way == "postme" else command, cache=cache
                )
                if way == "postme":
                    complaints = max(complaints, done.complaints)
                shutil.rmtree(data, ignore_errors=True)
                if number:  # the first round only warms
                    seconds.setdefault((way, jobs), []).append(done.wall)
                    cpu.setdefault((way, jobs), []).append(done.cpu)

    told = report.Report(
        "extraction", "what does a whole scan (hash, read, mend, match, tell acts, keep, write) cost on top of the text extraction it cannot do without?",
        records.said, given.rounds, machine=report.machine("postme", "pypdfium2", "hyperscan", "zstandard"),
        synthetic=records.synthetic, whole=given.part >= 1,
    )  # fmt: skip
    rows = []
    for jobs in _JOBS:
        ratios = report.pairwise(seconds["postme", jobs], seconds[_LEAN, jobs])
        told.targets.append(report.Target(
            f"scan, of bare extraction's time ({jobs} process{'es' * (jobs > 1)})", f"at most {AT_MOST}", report.beside(ratios, report.pairwise(cpu["postme", jobs], cpu[_LEAN, jobs])),
            statistics.median(ratios) <= AT_MOST,
        ))  # fmt: skip
        for way, what in ((_LEAN, "**bare**: PDFium's functions, no objects"), (_EVERYDAY, "bare, as pypdfium2 documents it"),
                          ("postme", "**postme scan**, fresh data folder")):  # fmt: skip
            times = seconds[way, jobs]
            middle = statistics.median(times)
            rows.append((what, str(jobs), f"{middle:.2f}", f"{pages / middle:.0f}", f"{statistics.median(cpu[way, jobs]):.2f}", report.spread(report.pairwise(times, seconds[_LEAN, jobs])),
                         report.spread(report.pairwise(seconds[way, 1], times))))  # fmt: skip
    gains = report.pairwise(seconds["postme", 1], seconds["postme", 2])
    told.targets.append(report.Target(
        "two processes, of one's speed", f"at least {TWO_AT_LEAST}", report.spread(gains), statistics.median(gains) >= TWO_AT_LEAST
    ))  # fmt: skip
    told.tables.append(report.Table(
        "Scanning PDFs", ("what", "processes", "seconds", "pages/s", "processor s", "of bare's time", "of one process's speed"), tuple(rows),
        ("From the command's start to its end, catalogue cache warm. *of bare's time*: round by round; median (least–most).", f"{complaints} files could not be read."),
    ))  # fmt: skip
    told.figures = {
        f"{way.strip('-')}, {jobs}": {"wall": times, "cpu": cpu[way, jobs]} for (way, jobs), times in seconds.items()
    }
    told.close(given.json)


if __name__ == "__main__":
    main()
