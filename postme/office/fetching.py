"""Fetches what a site published, from the web or from a copy in a folder: within limits, and from that site alone."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote, unquote, urlsplit

from postme import __version__
from postme.errors import ProofError, WrongUse

# Chosen: a site on a slow line answers within this; one that trickles is given up on.
_SECONDS, _SECONDS_IN_ALL = 20.0, 60.0
_CHUNK = 1 << 16
_AGENT = f"postme/{__version__} (verify; checks a page against the site's own log)"


class Source(Protocol):
    """Where published files come from."""

    @property
    def name(self) -> str:
        """How it is called in messages and remembered."""

    def get(self, path: str, most: int) -> bytes | None:
        """The bytes at a path that begins with a slash; None where there are none. Raises ProofError for more than ``most``."""


@dataclass(frozen=True, slots=True)
class Web:
    """A site, by its scheme, host and port: ``https://example.org``."""

    name: str

    def get(self, path: str, most: int) -> bytes | None:
        """The body of what is served there. Raises ProofError for a site that cannot be reached, or sends elsewhere or too much."""
        address = self.name + quote(path, safe="/:@!$&'()*+,;=~-._")
        request = urllib.request.Request(address, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"})  # noqa: S310
        until = time.monotonic() + _SECONDS_IN_ALL
        try:
            with _opener().open(request, timeout=_SECONDS) as answer:
                return _body(answer, address, most, until)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                return None
            raise _unfetched(address, f"the site answers with status {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise _unfetched(address, str(reason) or type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Folder:
    """A copy of a site in a folder, with the same names."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    def get(self, path: str, most: int) -> bytes | None:
        """The file of that name."""
        place = self.folder / path.lstrip("/")
        if not place.resolve().is_relative_to(self.folder.resolve()):
            raise _unfetched(str(place), "it lies outside the folder")
        try:
            with place.open("rb") as file:
                data = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unfetched(str(place), error.strerror or str(error)) from error
        if len(data) > most:
            raise _too_much(str(place), most)
        return data


def page(address: str) -> tuple[Web, str]:
    """The site and the path of a page's address, without the ending of its files: what ``.json`` and ``.proof`` are added to.

    Raises WrongUse for what is no address of a page on the web.

    >>> page("https://example.org/places/us/mn/mill-falls/?on=2026-01-01#cameras")
    (Web(name='https://example.org'), '/places/us/mn/mill-falls')
    """
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise _no_address(address) from error
    host = parts.hostname or ""
    plain = not any(one.isspace() or one < " " for one in address)
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not plain:
        raise _no_address(address)
    path = unquote(parts.path)
    for ending in (".json", ".proof"):
        path = path.removesuffix(ending)
    path = path.rstrip("/")
    if not path:
        raise WrongUse(
            "This is a whole site, not a page of it.", where=address, why="Single pages are entered in the log.",
            do="Give the address of the page that you want to check, as your browser shows it.",
        )  # fmt: skip
    name = f"[{host}]" if ":" in host else host
    return Web(f"{parts.scheme}://{name}{port}"), path


class _SameSite(urllib.request.HTTPRedirectHandler):
    """Follows a redirect within the site, or from it to the same host encrypted; nowhere else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        safer = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
        if (old.scheme, old.netloc) != (new.scheme, new.netloc) and not safer:
            raise ProofError(
                f"The site sends us to another one: {new.scheme}://{new.netloc}.", where=req.full_url,
                why="What another site says proves nothing about this one.", do="Check the page under the address where it really is.",
            )  # fmt: skip
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    # Not build_opener: that would also open files of this machine and FTP.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), _SameSite(),
        urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler(), urllib.request.UnknownHandler(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def _body(answer: IO[bytes], address: str, most: int, until: float) -> bytes:
    parts, size = [], 0
    while part := answer.read1(_CHUNK) if hasattr(answer, "read1") else answer.read(_CHUNK):
        size += len(part)
        if size > most:
            raise _too_much(address, most)
        if time.monotonic() > until:
            raise _unfetched(address, f"it did not arrive within {_SECONDS_IN_ALL:.0f} seconds")
        parts.append(part)
    said = answer.headers.get("Content-Length", "") if hasattr(answer, "headers") else ""
    if said.isdecimal() and int(said) != size:
        raise _unfetched(address, "it was cut off on its way")
    return b"".join(parts)


def _unfetched(address: str, reason: str) -> ProofError:
    return ProofError(
        f"This could not be fetched ({reason}).", where=address, why="Nothing was proved, and nothing was shown to be wrong.",
        do="Check the address and your connection, and try again later.",
    )  # fmt: skip


def _too_much(address: str, most: int) -> ProofError:
    return ProofError(
        f"This is larger than {most:,} bytes.", where=address, why="No such file of a site that follows the format is.",
        do="Nothing was proved. Ask the site what it serves there.",
    )  # fmt: skip


def _no_address(address: str) -> WrongUse:
    return WrongUse(
        "This is no address of a page on the web.", where=address[:200], why="There is nothing to fetch.",
        do="Give an address as your browser shows it, beginning with https:// or http://.",
    )  # fmt: skip
