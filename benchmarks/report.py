"""What every benchmark shares: rounds with the contenders in turn, medians, and figures that are printed, never typed."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parent.parent
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be shown: what it is, its columns and its rows, each cell as it will be read; ``notes`` stand under it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """The table as Markdown; all columns but the first and those of words stand to the right."""
        right = [bool(i) and all(_is_figure(row[i]) for row in self.rows) for i in range(len(self.columns))]
        lines = [f"**{self.title}**", "", _line(self.columns), _line(["---:" if it else "---" for it in right])]
        lines += [_line(row) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _is_figure(cell: str) -> bool:
    bare = cell.strip("*≈ ")
    return not bare or bare[0] in "0123456789–-"


@dataclass(frozen=True, slots=True)
class Target:
    """Something promised: what, its bound, what was measured, and whether it is kept."""

    what: str
    bound: str
    measured: str
    met: bool


@dataclass(slots=True)
class Report:
    """One benchmark's results: ``figures`` for machines, tables and targets for people."""

    benchmark: str
    question: str
    corpus: str
    rounds: int
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    synthetic: bool = False
    whole: bool = True
    """Whether everything was measured, or only a part of it for a first look."""

    def markdown(self) -> str:
        """Everything, to be read."""
        return markdown(asdict(self))

    def close(self, file: Path | None) -> None:
        """Print what was measured, and keep it in ``file`` for ``publish.py``."""
        print(self.markdown())
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def markdown(kept: dict[str, Any]) -> str:
    """A report as it was kept, in Markdown."""
    said = [f"Question: {kept['question']}", "", f"Measured on: {kept['corpus']} Rounds: {kept['rounds']}."]
    if kept["synthetic"]:
        said += [
            "",
            "**Synthetic text**: generated from the catalogue's own forms and filler words. It says little about real records.",
        ]
    if not kept["whole"]:
        said += ["", "**A first look at a part of it**, not a result to be quoted."]
    parts = ["\n".join(said)]
    if kept["targets"]:
        rows = tuple((t["what"], t["bound"], t["measured"], "yes" if t["met"] else "**no**") for t in kept["targets"])
        parts.append(Table("Targets", ("target", "bound", "measured", "kept"), rows).markdown())
    parts += [
        Table(
            table["title"], tuple(table["columns"]), tuple(map(tuple, table["rows"])), tuple(table["notes"])
        ).markdown()
        for table in kept["tables"]
    ]
    machine = "; ".join(f"{name}: {value}" for name, value in kept["machine"].items())
    parts.append(f"Machine: {machine}.")
    return "\n\n".join(parts)


def machine(*packages: str) -> dict[str, str]:
    """What was measured on: processor, memory, system, interpreter and the libraries that matter."""
    found = {
        "processor": _processor(), "cores": str(os.cpu_count()), "memory": f"{_memory() / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}", "Python": platform.python_version(),
    }  # fmt: skip
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    found["load when it began"] = f"{os.getloadavg()[0]:.1f}"
    found["day"] = datetime.datetime.now(datetime.UTC).date().isoformat()
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def options(about: str | None, rounds: int) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there, for publish.py")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"how often everything is measured [{rounds}]")
    parser.add_argument(
        "--part", type=float, default=1.0, metavar="SHARE", help="measure only that share, for a first look"
    )
    parser.add_argument("--synthetic", action="store_true", help="take the synthetic text even where real records are")
    return parser


def in_turn(contenders: Sequence[T], number: int) -> list[T]:
    """The contenders, each round beginning with another, so that no one always follows the same neighbor."""
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the least and the most where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) < 2 else f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def beside(ratios: Sequence[float], cpu: Sequence[float]) -> str:
    """A ratio by the clock, which is what is promised, and by processor time, which a busy machine disturbs less."""
    return f"{spread(ratios)}; by processor time {statistics.median(cpu):.2f}"


def pairwise(some: Sequence[float], others: Sequence[float]) -> list[float]:
    """One by the other, round by round: what disturbs a round disturbs both."""
    return [one / other for one, other in zip(some, others, strict=True)]


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ran: seconds by the clock, seconds of processor time (its children's too), exit status, complaints."""

    wall: float
    cpu: float
    status: int
    complaints: int


def ran(command: Sequence[str | Path], *, cache: Path | None = None) -> Ran:
    """Run a command to its end. What it prints is thrown away; what it complains of is counted, and shown if it failed."""
    with tempfile.TemporaryFile() as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=environment(cache),
            cwd=tempfile.gettempdir(),
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace")
    if process.returncode not in (0, 1):  # 1: some records could not be read, which a real folder may well hold
        raise SystemExit(f"{' '.join(map(str, command[:5]))} … ended with status {process.returncode}:\n{said[-2000:]}")
    return Ran(wall, used.ru_utime + used.ru_stime, process.returncode, said.count("postme: "))


def environment(cache: Path | None) -> dict[str, str]:
    """The environment of a run, with a cache folder of its own: nobody's real one is touched."""
    return {**os.environ, "XDG_CACHE_HOME": str(cache)} if cache else dict(os.environ)


def scan_command(paths: Sequence[Path], data: Path, jobs: int) -> list[str | Path]:
    """``postme scan`` as anyone would run it into a file."""
    return [sys.executable, "-m", "postme", "scan", *paths, "--data", data, "--jobs", str(jobs), "--format", "jsonl",
            "--output", data.with_suffix(".jsonl"), "--quiet"]  # fmt: skip


def warmed(folder: Path) -> Path:
    """A cache folder in which the catalogue is compiled, as it is after anybody's first scan."""
    cache, record = folder / "cache", folder / "warm" / "record.txt"
    record.parent.mkdir()
    record.write_text("The city bought license plate readers.\n")
    ran(scan_command([record.parent], folder / "warm-data", 1), cache=cache)
    return cache


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postme-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
