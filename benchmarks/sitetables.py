"""What was measured of the site, as tables and targets."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from report import Report, Table, Target, pairwise, spread

_HELLO = "hello"
_HOLDINGS = "store_entry WHERE kind = 'holding'"


def said(file: Path) -> str:
    """What the store holds, in words."""
    with contextlib.closing(sqlite3.connect(file)) as store:

        def count(what: str) -> str:
            return f"{store.execute(f'SELECT count(*) FROM {what}').fetchone()[0]:,}"

        return (
            f"{count('store_place')} places (real ones, their bodies and everything said of them generated), {count('store_agency')} agencies, "
            f"{count(_HOLDINGS)} holdings with {count('store_claim')} claims and {count('store_evidence')} quotes, "
            f"{count('store_publicrecord')} records with {count('store_publicpage')} pages, {count('store_findable')} rows in the search index; "
            f"the SQLite file has {file.stat().st_size / 2**30:.1f} GiB. Addresses are drawn at random from the whole table."
        )


def told(report: Report, asked: Sequence[Any], latencies: Mapping[str, Mapping[str, Mapping[str, Any]]], pairs: Sequence[Any], loads: Mapping[str, Mapping[str, Any]], sql: Mapping[str, float], memory: Mapping[str, int], bounds: tuple[float, float, float], share: float) -> None:  # fmt: skip
    """Put tables and targets into the report."""
    reading, searching, twice = bounds
    stores = list(next(iter(latencies.values())))
    report.tables.append(_latencies(asked, latencies, stores, share))
    for store in stores:
        for kind, bound, rate in ((True, reading, 50 * share), (False, searching, 20 * share)):
            some = [
                (float(latencies[one.name][store]["p95"]), one.name)
                for one in asked
                if one.reading is kind and not one.name.startswith("limit")
            ]
            worst, name = max(some)
            missed = sum(found >= bound for found, _ in some)
            report.targets.append(
                Target(
                    f"{'every page that is read' if kind else 'every search'}, {store}: 95 of 100 answers, {rate:g} a second", f"under {bound:g} ms",
                    f"{worst:.0f} ms ({name})" + (f"; {missed} of {len(some)} kinds miss it" if missed else ""), not missed,
                )
            )  # fmt: skip
    rows = []
    for pair in pairs:
        found = loads[pair.name]
        ours = found["postme"]
        for name, load in found.items():
            if name == "postme":
                ratio = "1.00"
            else:
                ratio = f"{spread(pairwise(ours.rate, load.rate))}; {spread(pairwise(load.processor, ours.processor))}"
            label = {"postme": "**postme**", _HELLO: "limit: a server that says hello"}.get(name, name)
            rows.append((pair.name, label, spread(load.rate, 0), ratio, spread(load.processor), f"{load.failed:,}" if load.failed else ""))  # fmt: skip
        if sql[pair.name]:
            rows.append((pair.name, "limit: bare SQL, one process", f"{sql[pair.name]:,.0f}", "", f"{1000 / sql[pair.name]:.2f}", ""))  # fmt: skip
        if pair.promised:
            best = max((load for name, load in found.items() if name.startswith("datasette")), key=lambda load: sum(load.rate))  # fmt: skip
            ratios, cpu = pairwise(ours.rate, best.rate), pairwise(best.processor, ours.processor)
            middle = sorted(ratios)[len(ratios) // 2]
            report.targets.append(Target(f"of Datasette’s requests a second: {pair.name}", f"at least {twice:g}", f"{spread(ratios)}; by processor time {sorted(cpu)[len(cpu) // 2]:.2f}", middle >= twice))  # fmt: skip
    report.tables.append(
        Table(
            "The same rows by others, with two processes each", ("what", "by", "requests/s", "postme’s speed over it; by processor time", "processor ms a request", "failed"), tuple(rows),
            (
                "Eight connections that never rest (wrk), on the same machine as the servers. A ratio over 1 says that postme is faster; it is of one round’s two figures. Processor time is of the server’s processes alone, "
                "which other work on the machine disturbs less.",
                "Datasette has the same SQLite file opened as one that never changes and its tables counted beforehand, which is its fastest. *no facets*: without its suggestions of facets. It shows columns as they are; "
                "postme’s pages of a place and of a holding ask the law for each holding besides, and its search ranks, counts by kind and marks the words.",
            ),
        )
    )  # fmt: skip
    report.tables.append(
        Table(
            "Memory after all that",
            ("server", "main process and two workers, MiB"),
            tuple((name, f"{size / 2**20:.0f}") for name, size in memory.items()),
            ("Shared memory is counted once (Linux: Pss).",),
        )
    )


def _latencies(asked: Sequence[Any], latencies: Mapping[str, Mapping[str, Mapping[str, Any]]], stores: Sequence[str], share: float) -> Table:  # fmt: skip
    rows = []
    for one in asked:
        cells = [one.name, f"{(50 if one.reading else 20) * share:g}"]
        for store in stores:
            found = latencies[one.name][store]
            cells += [f"{float(found[key]):.0f}" for key in ("p50", "p95", "p99")] + [
                f"{float(found['processor']):.1f}"
            ]
            wrong = sum(n for status, n in found["told"].items() if status != "200")
            cells[0] += f" ({store}: {wrong} failed)" if wrong else ""
        rows.append(tuple(cells))
    columns = ["page", "requests/s"] + [f"{store} {what}" for store in stores for what in ("p50", "p95", "p99", "processor")]  # fmt: skip
    return Table(
        "How long a page takes, in ms, asked for at a constant rate", tuple(columns), tuple(rows),
        ("From the moment a request was due to its last byte; a request does not wait for the one before. *processor* is the server’s processor time a request, all its processes together.",),
    )  # fmt: skip
