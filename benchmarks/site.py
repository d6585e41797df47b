"""How fast the site answers over a country's worth of holdings, on SQLite and on PostgreSQL, and beside Datasette on the same file.

    python benchmarks/site.py                     # fills build/bench/country first, once (about twenty minutes)
    python benchmarks/site.py --seconds 3         # a first look

Served as docs/run.md says: gunicorn with two workers. Latency is asked for by ``knocking`` at a constant rate; throughput by wrk.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import country
import elsewhere
import report
import sitetables
from serving import BENCH, PEERS, PYTHON, Server, datasette, drained, hello, postme

_READING, _SEARCHING, _TWICE = 50.0, 300.0, 2.0
"""Milliseconds within which 95 of 100 answers come, for reading and for searching; times Datasette's requests a second."""
_RATES = {True: 50, False: 20}
# Chosen: enough that no answer is asked for twice within seconds.
_DRAWN = 4_000
_WRK = """
local addresses = {}
for line in io.lines(os.getenv("BENCH_ADDRESSES")) do addresses[#addresses + 1] = line end
local at = 0
request = function() at = at % #addresses + 1; return wrk.format("GET", addresses[at]) end
"""


# --- what is asked for -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of page: addresses drawn from the whole table; whether it is read or searched."""

    name: str
    addresses: Sequence[str]
    reading: bool = True


def drawn(file: Path) -> tuple[list[Asked], list[Pair]]:
    """Every kind of page with its addresses, and the questions that Datasette can be asked as well."""
    chance = random.Random(country.SEED)
    with contextlib.closing(sqlite3.connect(file)) as store:

        def some(query: str) -> list[tuple[object, ...]]:
            return [chance.choice(rows) for _ in range(_DRAWN)] if (rows := store.execute(query).fetchall()) else []

        holdings = some("SELECT address, id FROM store_entry WHERE kind = 'holding' AND state = 'published'")
        places = [str(row[0]) for row in some("SELECT DISTINCT place_id FROM store_entry WHERE kind = 'holding'")]
        agencies = [str(row[0]) for row in some("SELECT id FROM store_agency")]
        pages = some("SELECT record_id, number FROM store_publicpage")
        searches = [str(row[0]) for row in some("SELECT address FROM store_entry WHERE kind = 'search'")]
        rare = [str(row[0]) for row in some('SELECT word FROM store_vocable WHERE "rows" BETWEEN 2 AND 20')]
        common = [str(row[0]) for row in some('SELECT word FROM store_vocable ORDER BY "rows" DESC LIMIT 40')]
        texts = some("SELECT text FROM store_publicpage WHERE id % 97 = 0")
    phrases = [_phrase(chance, str(row[0])) for row in texts]
    laws = _laws()
    pictured = [f"/records/{record}/{number}/" for record, number in pages]
    words = {"a rare word": rare, "a common word": common, "a phrase": [f'"{one}"' for one in phrases]}
    asked = [
        Asked("the front page", ["/"]), Asked("a place", [f"/places/{one}/" for one in places]), Asked("a place, of twenty that are read most", [f"/places/{places[number % 20]}/" for number in range(_DRAWN)]), Asked("an agency", [f"/agencies/{one}/" for one in agencies]),
        Asked("a holding", [str(row[0]) for row in holdings]), Asked("a law", [f"/laws/{chance.choice(laws)}/" for _ in range(_DRAWN)]),
        Asked("the viewer: a page of a record", pictured), Asked("a record", [f"/records/{record}/" for record, _ in pages]), Asked("a search that was done", searches),
        Asked("all laws", ["/laws/"]), Asked("all records, paged", [f"/records/?page={chance.randint(1, 400)}" for _ in range(_DRAWN)]),
        Asked("all places", ["/places/"]), Asked("all searches", ["/searches/"]), Asked("all technologies", ["/technologies/"]), Asked("a technology, paged", [f"/technologies/{one}/?page={chance.randint(1, 100)}" for one in ("alpr", "drone") * (_DRAWN // 2)]),
        Asked("the log, paged", [f"/log/?page={chance.randint(1, 600)}" for _ in range(_DRAWN)]),
        Asked("JSON: a holding’s twin", [f"{str(row[0])[:-1]}.json" for row in holdings]), Asked("JSON: a place’s twin", [f"/places/{one}.json" for one in places]),
        Asked("API: holdings of a place", [f"/api/holdings?{urlencode({'place': one})}" for one in places]),
        Asked("API: one holding", [f"/api/holdings/{str(row[0])[10:-1]}" for row in holdings]),
        *(Asked(f"search: {name}", [f"/search/?{urlencode({'q': one})}" for one in some_words], reading=False) for name, some_words in words.items()),
    ]  # fmt: skip
    base, hidden = f"/{file.stem}", "_nocol=twin"
    of_place = [
        f"{base}/store_entry.json?_shape=array&{hidden}&kind=holding&place_id={quote(one, safe='')}" for one in places
    ]
    shown = [f"{base}/store_entry?{hidden}&kind=holding&place_id={quote(one, safe='')}" for one in places]
    found = {name: [f"{base}/store_findable.json?_shape=array&_size=20&_nocol=folded&_nocol=marks&_nocount=1&{urlencode({'_search': one})}" for one in some_words] for name, some_words in words.items()}  # fmt: skip
    entry = "SELECT * FROM store_entry WHERE"
    match = "SELECT f.* FROM store_findable_index i CROSS JOIN store_findable f ON f.id = i.rowid WHERE store_findable_index MATCH ? ORDER BY f.id DESC LIMIT 20"
    pairs = [
        Pair("JSON: the 40 holdings of a place", [f"/api/holdings?{urlencode({'place': one})}" for one in places], of_place, f"{entry} kind = 'holding' AND place_id = ? ORDER BY id LIMIT 100", [(one,) for one in places]),
        Pair("JSON: a holding by its key", [f"{str(row[0])[:-1]}.json" for row in holdings], [f"{base}/store_entry/{row[1]}.json?_shape=array" for row in holdings], f"{entry} id = ?", [(row[1],) for row in holdings]),
        Pair("page: the 40 holdings of a place", [f"/places/{one}/" for one in places], shown, "", [], promised=False),
        Pair("page: a holding", [str(row[0]) for row in holdings], [f"{base}/store_entry/{row[1]}" for row in holdings], "", [], promised=False),
        *(
            Pair(f"JSON: search, {name}", [f"/search.json?{urlencode({'q': one})}" for one in words[name]], found[name], match, [(f'"{one.strip(chr(34))}"',) for one in words[name]])
            for name in words
        ),
    ]  # fmt: skip
    return asked, pairs


def _phrase(chance: random.Random, text: str) -> str:
    words = re.findall(r"[a-z]+", text.lower())
    at = chance.randrange(len(words) - 3)
    return " ".join(words[at : at + chance.randint(2, 3)])


def _laws() -> list[str]:
    from postme.keeping import laws

    return sorted(laws.book().laws)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question that the site, Datasette and bare SQL can all be asked: the same rows of the same file."""

    name: str
    ours: Sequence[str]
    theirs: Sequence[str]
    query: str
    values: Sequence[tuple[object, ...]]
    promised: bool = True


_LEAST = Asked("limit: a server that says hello", ["/"])


# --- measuring -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Load:
    """What a server did under a load: requests a second, processor milliseconds a request, answers that were no answer."""

    rate: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    failed: int = 0


def _file(name: str, addresses: Sequence[str]) -> Path:
    kept = BENCH / "addresses" / re.sub(r"\W+", "-", name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("\n".join(quote(one, safe="/?=&%:~.,+'") for one in addresses) + "\n", encoding="utf-8")
    return kept


def latency(server: Server, one: Asked, seconds: float, share: float) -> dict[str, object]:
    """Milliseconds at the quantiles, at the rate that is promised; and processor milliseconds a request."""
    file, rate = _file(one.name, one.addresses), _RATES[one.reading] * share
    for _warm, span in ((True, min(2.0, seconds)), (False, seconds)):
        began = server.processor()
        ran = subprocess.run([PYTHON, Path(__file__).with_name("knocking.py"), str(server.port), str(rate), str(span), file], capture_output=True, check=True, text=True)  # fmt: skip
    told: dict[str, object] = json.loads(ran.stdout)
    drained(server)
    # What nobody waited for any more was worked on all the same.
    told["processor"] = round((server.processor() - began) * 1000 / int(str(told["requests"])), 2)
    return told


def throughput(server: Server, name: str, addresses: Sequence[str], seconds: float, load: Load) -> None:
    """Requests a second with eight connections that never rest."""
    script = BENCH / "wrk.lua"
    script.write_text(_WRK)
    file = _file(name, addresses)
    began = server.processor()
    ran = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", script, f"http://localhost:{server.port}"],
        capture_output=True, check=True, text=True, env={**os.environ, "BENCH_ADDRESSES": str(file)},
    ).stdout  # fmt: skip
    count = int(re.search(r"(\d+) requests in", ran)[1])  # type: ignore[index]
    load.rate.append(float(re.search(r"Requests/sec:\s+([\d.]+)", ran)[1]))  # type: ignore[index]
    load.processor.append((server.processor() - began) * 1000 / max(1, count))
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", ran)
    load.failed += int(wrong[1]) if wrong else 0


def bare(file: Path, pair: Pair, seconds: float) -> float:
    """The same question as nothing but SQL, a second, in one process."""
    if not pair.query:
        return 0.0
    with contextlib.closing(sqlite3.connect(file)) as store:
        began, count = time.thread_time(), 0
        while time.thread_time() - began < seconds:
            store.execute(pair.query, pair.values[count % len(pair.values)]).fetchall()
            count += 1
        return count / (time.thread_time() - began)


# --- the report ------------------------------------------------------------------------------------------------------------


def main() -> None:
    """Fill, serve, ask, print, keep."""
    # Told to stop, it stops its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    parser = report.options(__doc__, rounds=3)
    parser.add_argument("--data", type=Path, default=BENCH / "country", help="the folder of the country")
    parser.add_argument("--seconds", type=float, default=15, help="how long each kind of page is asked for [15]")
    parser.add_argument(
        "--rate",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="ask only that share of what is promised, where others need the machine too [1]",
    )
    parser.add_argument("--without-postgresql", action="store_true")
    given = parser.parse_args()
    places = max(1, round(country.PLACES * given.part))
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not here: apt-get install wrk")
    subprocess.run([PYTHON, Path(__file__).with_name("country.py"), given.data, "--places", str(places)], check=True)
    given.data = given.data.resolve()
    file = given.data / "postme.sqlite3"
    told = report.Report(
        "site", "how fast does the site answer, what does it cost, and how does Datasette fare on the same file?", sitetables.said(file), given.rounds,
        machine=report.machine("postme", "django", "gunicorn"), whole=places >= country.PLACES and given.seconds >= 10 and given.rate >= 1,
    )  # fmt: skip
    asked, pairs = drawn(file)
    latencies: dict[str, dict[str, dict[str, object]]] = {}
    memory = {}
    loads: dict[str, dict[str, Load]] = {}
    _answered("SQLite", given, "", asked, latencies, memory)
    with postme(given.data) as ours, datasette(file, facets=True) as usual, datasette(file, facets=False) as plain, hello() as least:  # fmt: skip
        versions = subprocess.run([PEERS, "-m", "datasette", "--version"], capture_output=True, text=True, check=True).stdout  # fmt: skip
        told.machine["datasette"] = versions.split()[-1]
        contenders = {"postme": ours, "datasette": usual, "datasette, no facets": plain, "hello": least}
        for number in range(given.rounds):
            for pair in pairs:
                for name in report.in_turn(list(contenders), number):
                    of = {"postme": pair.ours, "hello": ["/"]}.get(name, pair.theirs)
                    if (
                        name in ("postme", "datasette")
                        or (name == "hello" and pair is pairs[0])
                        or (name.endswith("facets") and pair.name.startswith("page"))
                    ):
                        load = loads.setdefault(pair.name, {}).setdefault(name, Load())
                        throughput(contenders[name], f"{pair.name}-{name}", of, max(2.0, given.seconds / 3), load)
                print(f"round {number + 1}: {pair.name}: { {name: load.rate[-1] for name, load in loads[pair.name].items()} }", file=sys.stderr, flush=True)  # fmt: skip
        memory["Datasette"] = usual.memory()
    if not given.without_postgresql:
        with elsewhere.copied(file) as url:
            _answered("PostgreSQL", given, url, asked, latencies, memory)
    sql = {pair.name: bare(file, pair, 2.0) for pair in pairs}
    sitetables.told(
        told, [*asked, _LEAST], latencies, pairs, loads, sql, memory, (_READING, _SEARCHING, _TWICE), given.rate
    )
    told.machine["load when it ended"] = f"{os.getloadavg()[0]:.1f}"
    told.figures = {
        "latencies": latencies, "sql": sql, "memory": memory,
        "loads": {pair: {name: {"rate": load.rate, "processor": load.processor, "failed": load.failed} for name, load in found.items()} for pair, found in loads.items()},
    }  # fmt: skip
    told.close(given.json)


def _answered(
    name: str, given: argparse.Namespace, url: str, asked: Sequence[Asked], latencies: dict[str, dict[str, dict[str, object]]], memory: dict[str, int]
) -> None:  # fmt: skip
    """Ask for every kind of page on one database."""
    with postme(given.data, url) as server:
        for one in asked:
            latencies.setdefault(one.name, {})[name] = latency(server, one, given.seconds, given.rate)
            print(f"{name}: {one.name}: {latencies[one.name][name]}", file=sys.stderr, flush=True)
        memory[name] = server.memory()
    with hello() as least:
        latencies.setdefault(_LEAST.name, {})[name] = latency(least, _LEAST, given.seconds, given.rate)


if __name__ == "__main__":
    main()
