"""How many comments a second are taken in before the site is full, on SQLite and on PostgreSQL, and whether one that was acknowledged is ever lost.

    python benchmarks/commenting.py                    # some five minutes
    python benchmarks/commenting.py --seconds 3        # a first look

Comments come at a constant rate that is raised step by step, as from people who do not wait for one another, while readers
go on reading. What the site acknowledged is looked for in its tables: each must be there, once. Then a worker is killed
in the middle. The load comes from the same machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import elsewhere
import knocking
import report
import serving

_SLUG, _READERS = "twelve-more-plate-readers", 10
"""The proposal that is commented on; pages a second that are read meanwhile."""
# Chosen: a comment as people write them.
_TEXT = "I cross this bridge every day to take my children to school. I ask the council to say who may search what these cameras keep, and for how long. Number {}."


@dataclass(frozen=True, slots=True)
class Play:
    """What is sent: what it is called, where to, what a form says from its number, what is read meanwhile, how often, what is aimed at, and where it is kept."""

    name: str
    address: str
    form: Callable[[int, str], dict[str, str]]
    read: tuple[str, ...]
    rates: tuple[int, ...]
    aims: tuple[int, ...]
    table: str
    own: str
    """The column that is another in each."""


def _comment(number: int, mark: str) -> dict[str, str]:
    return {
        "position": ("for", "against", "neither")[number % 3],
        "text": _TEXT.format(mark),
        "name": f"Writer {mark}",
        "shown": "short",
        "mail": f"writer-{mark}@example.org",
    }


COMMENTS = Play(
    "comments", f"/decisions/{_SLUG}/comment/", _comment, (f"/decisions/{_SLUG}/", f"/decisions/{_SLUG}/comments/", "/"), (10, 25, 50, 75, 100, 150, 200), (50,),
    "store_comment", "text",
)  # fmt: skip


class Writer(knocking.Visitor):
    """Sends forms, each its own; ``taken`` are the receipts that it was given."""

    def __init__(self, port: int, play: Play) -> None:
        super().__init__(port)
        self.taken: list[str] = []
        self._play = play
        self._next = 0

    async def _asked(self, address: str) -> str:
        self._next += 1
        number = f"{address.rpartition('#')[2]}-{self._next}"
        form = {**self._play.form(self._next, number), "step": "send", "form": f"{abs(hash(number)):032x}"[:32]}
        body = urlencode(form)
        # A comment that was sent is never sent again by itself: each has a connection of its own.
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        with contextlib.closing(writer):
            writer.write(
                f"POST {address.partition('#')[0]} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            await reader.read()
        status = head.split(" ")[1]
        for line in head.split("\r\n"):
            if status == "302" and line.lower().startswith("location:"):
                self.taken.append(line.rstrip("/").rpartition("/")[2])
        return status


@dataclass(slots=True)
class Told:
    """What came of a rate: what was acknowledged, what was lost or doubled, how long it took, and how long readers waited."""

    offered: float
    taken: int = 0
    rate: float = 0.0
    times: dict[str, float] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0


async def offered(
    play: Play, port: int, rate: float, seconds: float, mark: str, meanwhile: Callable[[], None] = lambda: None
) -> tuple[Writer, Told]:
    """Send forms at a rate, read at another, and tell what came of it; ``meanwhile`` is done in the middle."""
    writer, clock = Writer(port, play), asyncio.get_running_loop().time
    reading = asyncio.create_task(knocking.knocked(port, _READERS, seconds, list(play.read)))
    began, waiting, done = clock() + 0.1, set(), False
    for i in range(int(rate * seconds)):
        due = began + i / rate
        if (pause := due - clock()) > 0:
            await asyncio.sleep(pause)
        if not done and i >= rate * seconds / 2:
            done = True
            meanwhile()
        task = asyncio.create_task(writer.ask(f"{play.address}#{mark}", due))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    ended = clock()
    times = sorted(writer.late)
    told = Told(rate, len(writer.taken), round(len(writer.taken) / (ended - began), 1))
    told.times = {
        f"p{q}": round(1000 * times[min(len(times) - 1, math.ceil(len(times) * q / 100) - 1)]) for q in (50, 95, 99)
    }
    told.statuses, told.reading = dict(writer.told), await reading
    return writer, told


def held(play: Play, query: Callable[[str], list[tuple[Any, ...]]], writer: Writer, told: Told) -> None:
    """Hold what was acknowledged against the table: each must be there, and no text twice."""
    there = {str(number) for (number,) in query(f"SELECT number FROM {play.table} WHERE number <> ''")}
    told.lost = len({*writer.taken} - there)
    told.doubled = query(f"SELECT count(*) - count(DISTINCT {play.own}) FROM {play.table} WHERE state = 'waiting'")[0][
        0
    ]


@contextlib.contextmanager
def town() -> Iterator[Path]:
    """A data folder with the fictional town, its proposals before the council."""
    folder = Path(tempfile.mkdtemp(prefix="postme-comments-"))
    script = (
        "import sys; from pathlib import Path; from postme.office import counsel, example_letters, example_process, example_town\n"
        "counsel.also_from([example_town.LAWS]); folder = Path(sys.argv[1]); example_town.fill(folder); example_process.fill(folder); example_letters.fill(folder)"
    )
    try:
        subprocess.run([serving.PYTHON, "-c", script, folder], check=True, env={**os.environ, "POSTME_DATA": ""})
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _workers(server: serving.Server) -> list[int]:
    return serving.family(server.process.pid)[1:]


def measured(
    play: Play, name: str, data: Path, url: str, seconds: float, query: Callable[[str], list[tuple[Any, ...]]]
) -> list[Told]:
    """Every rate on one database, and then one with a worker killed in the middle."""
    found = []
    with serving.postme(data, url) as server:
        for rate in (*play.rates, -play.aims[0]):
            mark = f"{name}-{rate}".lower()

            def kill() -> None:
                os.kill(_workers(server)[0], signal.SIGKILL)

            writer, told = asyncio.run(
                offered(play, server.port, abs(rate), seconds, mark, kill if rate < 0 else lambda: None)
            )
            held(play, query, writer, told)
            told.offered = rate
            found.append(told)
            print(f"{name}: {told}", file=sys.stderr, flush=True)
            serving.drained(server)
    return found


def rows(found: list[Told]) -> Iterator[tuple[str, ...]]:
    """The lines of a table."""
    for one in found:
        offered_ = f"{one.offered:g}" if one.offered > 0 else f"{-one.offered:g}, a worker killed in the middle"
        refused = (
            ", ".join(f"{count} × {status}" for status, count in sorted(one.statuses.items()) if status != "302") or "0"
        )
        yield (
            offered_, f"{one.rate:g}", f"{one.times['p50']:g}", f"{one.times['p95']:g}", f"{one.times['p99']:g}", refused, str(one.lost), str(one.doubled),
            f"{one.reading['p50']:.0f} / {one.reading['p95']:.0f}",
        )  # fmt: skip


def main() -> None:
    """Fill, send, count, kill, count again."""
    told_of(
        lambda _: COMMENTS, "comments", "commenting", __doc__ or "", "the fictional town, one proposal open for comment"
    )


def told_of(played: Callable[[Path], Play], what: str, bench: str, doc: str, measured_on: str) -> None:
    """The same for any form that is sent without an account; ``played`` is asked once the town is filled."""
    parser = report.options(doc, rounds=1)
    parser.add_argument("--seconds", type=float, default=10, help="how long each rate is kept [10]")
    parser.add_argument("--without-postgresql", action="store_true")
    given = parser.parse_args()
    os.environ.update({"POSTME_MAIL_FILES": "1"})
    told = report.Report(
        bench, f"how many {what} a second are taken in, and is one that was acknowledged ever lost?", f"{measured_on}; two workers; the load comes from the same machine.",
        given.rounds, machine=report.machine("django", "gunicorn"), whole=given.seconds >= 10,
    )  # fmt: skip
    kept: dict[str, list[Told]] = {}
    with town() as data:
        file, play = data / "postme.sqlite3", played(data)

        def sqlite(query: str) -> list[tuple[Any, ...]]:
            with contextlib.closing(sqlite3.connect(file)) as store:
                return store.execute(query).fetchall()

        if not given.without_postgresql:
            import psycopg

            with elsewhere.copied(file) as url:

                def postgresql(query: str) -> list[tuple[Any, ...]]:
                    with psycopg.connect(url) as store:
                        return store.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]

                kept["PostgreSQL"] = measured(play, "PostgreSQL", data, url, given.seconds, postgresql)
        kept["SQLite"] = measured(play, "SQLite", data, "", given.seconds, sqlite)
    for name, found in kept.items():
        told.tables.append(
            report.Table(
                f"{play.name.capitalize()} on {name}", ("offered a second", "acknowledged a second", "ms p50", "p95", "p99", "not taken", "lost", "doubled", "readers meanwhile, ms p50 / p95"), tuple(rows(found)),
                ("Offered at a constant rate, by a program on the same two cores. Acknowledged: answered with a receipt. Lost: acknowledged and not in the table.",),
            )
        )  # fmt: skip
        steady = max((one.offered for one in found if one.offered > 0 and one.rate >= 0.97 * one.offered and one.times["p95"] < 1000), default=0)  # fmt: skip
        for aim in play.aims:
            told.targets.append(report.Target(f"{name}: {play.name} a second taken in, with 95 of 100 answered within a second", f"at least {aim}", f"{steady:g}", steady >= aim))  # fmt: skip
        wrong = sum(one.lost + one.doubled for one in found)
        told.targets.append(report.Target(f"{name}: acknowledged {play.name} lost or doubled, a killed worker included", "0", str(wrong), wrong == 0))  # fmt: skip
    told.machine["load when it ended"] = f"{os.getloadavg()[0]:.1f}"
    told.figures = {name: [{"offered": one.offered, "taken": one.taken, "rate": one.rate, "times": one.times, "statuses": one.statuses, "reading": one.reading} for one in found] for name, found in kept.items()}  # fmt: skip
    told.close(given.json)


if __name__ == "__main__":
    main()
