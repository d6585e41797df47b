"""A visitor who does not wait: asks for addresses at a constant rate, whatever the server does, and times each from the moment it was due.

    python benchmarks/knocking.py 8000 50 20 addresses.txt     # port, requests a second, seconds: JSON on standard output

A client that waits for an answer before it asks again asks less of a server that is slow, and so hides how slow it is
(coordinated omission). This one begins each request when its time has come; where it begins late, the delay counts too.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections import Counter
from pathlib import Path

# Chosen: who waits longer has gone away.
_PATIENCE = 30.0


class Visitor:
    """Asks one server; ``kept`` are connections that it left open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.kept: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.late: list[float] = []
        self.told: Counter[str] = Counter()
        self.bytes = 0

    async def ask(self, address: str, due: float) -> None:
        """Ask once, and note how long after ``due`` the last byte came."""
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(_PATIENCE):
                status = await self._asked(address)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            status = type(error).__name__
        self.told[status] += 1
        self.late.append(clock() - due)

    async def _asked(self, address: str) -> str:
        for again in (True, False):
            old = bool(self.kept)
            reader, writer = self.kept.pop() if old else await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)  # fmt: skip
            try:
                writer.write(f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".encode())
                return await self._read(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                writer.close()
                # A server may close a connection just as it is used again; a new one tells the truth.
                if not (old and again):
                    raise
        raise OSError

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(await reader.readline(), 16):
                self.bytes += len(await reader.readexactly(size + 2)) - 2
            await reader.readline()
        elif "content-length" in headers:
            self.bytes += len(await reader.readexactly(int(headers["content-length"])))
        else:
            self.bytes += len(await reader.read())
            headers["connection"] = "close"
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.kept.append((reader, writer))
        return first.split(" ")[1]


async def knocked(port: int, rate: float, seconds: float, addresses: list[str]) -> dict[str, object]:
    """Ask for the addresses in turn at that rate: milliseconds at some quantiles, statuses, requests, bytes."""
    visitor, clock = Visitor(port), asyncio.get_running_loop().time
    began, waiting = clock() + 0.1, set()
    for i in range(int(rate * seconds)):
        due = began + i / rate
        if (pause := due - clock()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(visitor.ask(addresses[i % len(addresses)], due))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    for _, writer in visitor.kept:
        writer.close()
    times = sorted(visitor.late)
    return {
        **{f"p{q:g}": round(1000 * times[min(len(times) - 1, math.ceil(len(times) * q / 100) - 1)], 2) for q in (50, 95, 99)},
        "most": round(1000 * times[-1], 2), "requests": len(times), "told": dict(visitor.told), "bytes": visitor.bytes,
    }  # fmt: skip


def main() -> None:
    """Ask as the command line says."""
    port, rate, seconds, file = sys.argv[1:]
    addresses = Path(file).read_text().splitlines()
    print(json.dumps(asyncio.run(knocked(int(port), float(rate), float(seconds), addresses))))


if __name__ == "__main__":
    main()
