"""Servers that benchmarks ask, as docs/run.md has them served: the site, Datasette beside it, and the least that a server can do."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import report

BENCH = report.ROOT / "build" / "bench"
PYTHON, PEERS = report.ROOT / ".venv" / "bin" / "python", report.ROOT / ".venv-bench" / "bin" / "python"


@dataclass(slots=True)
class Server:
    """A server that runs: its port, the process that began it."""

    port: int
    process: subprocess.Popen[bytes]

    def processor(self) -> float:
        """Processor seconds that it and its children took so far."""
        return sum(_stat(pid) for pid in family(self.process.pid)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes that it and its children hold, each its share of what they share."""
        return sum(_shared_out(pid) for pid in family(self.process.pid))


def family(pid: int) -> list[int]:
    """A process and all that it began."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def _stat(pid: int) -> int:
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(told[11]) + int(told[12])


def _shared_out(pid: int) -> int:
    told = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(told[1]) * 1024 if told else 0


@contextlib.contextmanager
def served(
    name: str, command: Callable[[int], Sequence[str | Path]], env: Mapping[str, str], first: str = "/"
) -> Iterator[Server]:
    """A server for as long as it is needed; ready once it answers ``first``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = BENCH / f"served-{name}.log"
    with said.open("wb") as file:
        process = subprocess.Popen([str(one) for one in command(port)], stdout=file, stderr=file, env={**os.environ, **env}, cwd=Path(__file__).parent)  # fmt: skip
        try:
            _ready(port, first, process, said)
            yield Server(port, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _ready(port: int, first: str, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}{first}", timeout=60) as answer:
                answer.read()
            return
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{first} answers {error.code}; see {said}") from error
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The server did not start; see {said}") from None
            time.sleep(0.2)


def postme(data: Path, url: str = "") -> contextlib.AbstractContextManager[Server]:
    """The site, served as docs/run.md says."""
    env = {
        "POSTME_DATA": str(data), "POSTME_WORKERS": "2", "POSTME_RATE": "0", "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "postme.website.settings",
        "POSTME_SITE": "http://localhost:8000",
    }  # fmt: skip
    for command in ("migrate", "collectstatic"):
        subprocess.run([PYTHON, "-m", "postme.website", command, "--noinput", "-v0"], env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    return served(
        "postgresql" if url else "sqlite",
        lambda port: [PYTHON, "-m", "gunicorn", "--config", "python:postme.website.gunicorn", "--bind", f"127.0.0.1:{port}", "postme.website.wsgi"],
        env,
    )  # fmt: skip


def datasette(file: Path, *, facets: bool) -> contextlib.AbstractContextManager[Server]:
    """Datasette with two processes on the same file."""
    counted = BENCH / "datasette-counted.json"
    if not counted.exists() or counted.stat().st_mtime < file.stat().st_mtime:
        subprocess.run([PEERS, "-m", "datasette", "inspect", file, "--inspect-file", counted], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    env = {"BENCH_FILE": str(file), "BENCH_COUNTED": str(counted), "BENCH_FACETS": str(int(facets))}
    return served(
        f"datasette-{facets}",
        lambda port: [PEERS, "-m", "uvicorn", "--factory", "beside:datasette", "--workers", "2", "--port", str(port), "--log-level", "warning"],
        env,
    )  # fmt: skip


def hello() -> contextlib.AbstractContextManager[Server]:
    """The least that a Python server can do, served the same way."""
    return served(
        "hello", lambda port: [PYTHON, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{port}", "beside:hello"], {}
    )  # fmt: skip


def drained(server: Server) -> None:
    """Wait until nothing is worked on: what one kind of page left undone is not the next one's."""
    until, before = time.monotonic() + 60, -1.0
    while time.monotonic() < until and (now := server.processor()) - before > 0.02:
        before = now
        time.sleep(0.5)
