"""A site with a log, in a folder that any web server can serve; and a server for it that can lie."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from postme import merkle
from postme.keeping.notary import Notary
from postme.keeping.tiles import Entry, Tiles
from postme.office import verifying


def twin(address: str, version: int = 1) -> bytes:
    """The canonical bytes of a page's facts."""
    said = {
        "address": f"{address}/",
        "version": version,
        "at": "2026-11-20",
        "title": "Façade cameras",
        "salt": f"{version:032x}",
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class LogSite:
    """A data folder in ``folder/data`` and what it serves in ``folder/www``."""

    def __init__(self, folder: Path, origin: str = "town.example/log", key: str = "") -> None:
        self.www = folder / "www"
        self.notary = Notary.from_text(key) if key else Notary(folder / "data", origin)
        self.tiles = Tiles(folder / "data")
        self.pages: list[str] = []

    def publish(self, *addresses: str, version: int = 1) -> None:
        """Enter pages in the log, and serve them and the log."""
        entries = [Entry(twin(address, version)) for address in addresses]
        self.tiles.sealed([entry.leaf for entry in entries], self.notary)
        for entry, address in zip(entries, addresses, strict=True):
            self.put(f"{address}.json", entry.twin)
            self.pages.append(address)
        note = self.note
        self.put("/log/checkpoint", note.encode())
        self.put("/log/key", self.notary.verifier.encode() + b"\n")
        for path, data in merkle.tiles(self.tiles.tree()):
            self.put(f"/log/{path}", data)
        for address in {*addresses, *self.pages[:3]}:
            self.put(f"{address}.proof", self.proof(self.index(address)).encode())

    @property
    def note(self) -> str:
        """The newest checkpoint."""
        note = self.tiles.checkpoint()
        assert note is not None
        return note

    def index(self, address: str) -> int:
        """The newest entry of a page."""
        return len(self.pages) - 1 - self.pages[::-1].index(address)

    def proof(self, index: int) -> str:
        """The proof of an entry."""
        return verifying.proof(self.tiles.tree(), self.note, index)

    def put(self, path: str, data: bytes) -> None:
        """Serve something at a path."""
        place = self.www / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def change(self, path: str, how: Callable[[bytes], bytes]) -> None:
        """Serve something else than was published."""
        before = (self.www / path.lstrip("/")).read_bytes()
        after = how(before)
        assert after != before
        self.put(path, after)


@contextlib.contextmanager
def served(folder: Path, handler: type[http.server.BaseHTTPRequestHandler] | None = None) -> Iterator[str]:
    """The folder at an address of this machine, by Python's own web server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *said: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler or partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
