"""``postme serve``: the website over a data folder, on this machine."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from urllib.parse import urlsplit

import click

from postme.commands import DONE, catalogue_option, data_folder, folder_option, say
from postme.errors import KeepingError, WrongUse

# Chosen: a slow disk and a busy machine together; a site that is not up by then will not come up.
_PATIENCE = 120.0
# Chosen: the longest page takes a second; what lasts longer is cut off.
_FAREWELL = 10.0
_SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Source: prctl(2).
_PR_SET_PDEATHSIG = 1
_TAKEN = {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}


class Stopped(BaseException):
    """Somebody asked this program to end, by Ctrl-C or a signal."""


class Site:
    """The website as a child process on an address of this machine; a context, so that it never outlives who started it.

    ``port`` 0 takes any free one. ``laws`` and ``catalogues`` are folders of a town's own. What the environment says
    already (``POSTME_SITE``, ``POSTME_LOG_NAME`` and the other settings) counts. Raises WrongUse where the address is taken.
    """

    def __init__(
        self, folder: Path, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 2, laws: Sequence[Path] = (),
        catalogues: Sequence[Path] = (), more: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._folder, self._host = folder.resolve(), host
        self._door = _listening(host, port)
        self.port: int = self._door.getsockname()[1]
        here = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::", "") else host  # noqa: S104
        own = {
            "POSTME_LOG_LEVEL": "warning",
            "POSTME_SITE": f"http://{f'[{here}]' if ':' in here else here}:{self.port}",
            **(more or {}),
        }
        self._environment = {
            **own, **os.environ, "POSTME_DATA": str(self._folder), "POSTME_WORKERS": str(workers),
            **{name: os.pathsep.join(str(one.resolve()) for one in given) for name, given in (("POSTME_LAWS", laws), ("POSTME_CATALOGUES", catalogues)) if given},
        }  # fmt: skip
        self.address: str = self._environment["POSTME_SITE"].rstrip("/")
        self._child: subprocess.Popen[bytes] | None = None
        self._post: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Site:
        try:
            self._migrate()
            self._start()
        except BaseException:
            self._door.close()
            raise
        return self

    def _migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "postme.website", "migrate", "--verbosity", "0", "--no-input"],
            env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        if done.returncode:
            last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "")
            kind, _, said = last.partition(": ")
            own = kind == "postme"
            raise KeepingError(
                f"The site could not be made ready: {said if own else last}", where=str(self._folder), why="Nothing is served.",
                do="" if own else "See whether the folder may be written, and whether this version of postme made it.",
            )  # fmt: skip

    def _start(self) -> None:
        fd = self._door.fileno()
        self._child = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "--config", "python:postme.website.gunicorn", "--bind", f"fd://{fd}",
                "--graceful-timeout", str(int(_FAREWELL) - 2), "postme.website.wsgi",
            ],
            env=self._environment, pass_fds=(fd,), stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=_leave_with_parent if sys.platform == "linux" else None,
        )  # fmt: skip

    def _start_post(self) -> None:
        """Letters, and what people said into the log: once the site answers, so that it need not wait for this."""
        if self._post is None:
            self._post = subprocess.Popen(
                [sys.executable, "-m", "postme.website", "post"], env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_leave_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip

    def answering(self) -> None:
        """Wait until the first page answers. Raises KeepingError where it does not come up."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self._alive()
            if self._answers():
                return
            time.sleep(0.1)
        raise KeepingError(
            f"The first page did not answer within {_PATIENCE:.0f} seconds.", where=self.address, why="Nobody could read the site.",
            do="See what it wrote above, and whether this machine is out of memory.",
        )  # fmt: skip

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        asked = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            asked.request("GET", "/", headers={"Host": urlsplit(self.address).netloc})
            return asked.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def _alive(self) -> None:
        ended = self._child.poll() if self._child else None
        if ended is not None:
            raise KeepingError(
                f"The site's process ended by itself (status {ended}).", where=self.address, why="Nothing is served any more.",
                do="What it wrote above says why; start it again when that is mended.",
            )  # fmt: skip

    def stay(self) -> None:
        """Wait for as long as it runs. Raises KeepingError when it ends by itself, Stopped when somebody ends it."""
        self._start_post()
        while True:
            self._alive()
            time.sleep(0.3)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.close()
        for child in (self._post, self._child):
            if child is not None:
                _ended(child)


def _ended(child: subprocess.Popen[bytes]) -> None:
    for sign, patience in ((signal.SIGTERM, _FAREWELL), (signal.SIGKILL, _FAREWELL)):
        with contextlib.suppress(ProcessLookupError):
            # Killed outright, the first process would leave its own children behind.
            (os.killpg if sign == signal.SIGKILL else os.kill)(child.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            return


def _leave_with_parent() -> None:
    """Have the kernel end this process in order when the one that started it is killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _listening(host: str, port: int) -> socket.socket:
    """The site's door, opened before anything else is done: a visitor who comes early waits instead of being turned away."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        if isinstance(error, socket.gaierror) or error.errno not in _TAKEN:
            raise WrongUse(f"This machine has no address '{host}' ({error.strerror}).", where="--host", why="Nobody could come in there.", do="Leave --host out, or write 0.0.0.0 for every address.") from error  # fmt: skip
        said, do = {
            errno.EADDRINUSE: (f"Port {port} is in use by another program.", f"End that program, or choose another port: --port {port + 1 if port < 65535 else 8000}."),
            errno.EACCES: (f"Port {port} may not be used by you.", "Choose one above 1023, such as --port 8000."),
            errno.EADDRNOTAVAIL: (f"This machine has no address '{host}'.", "Leave --host out, or write 0.0.0.0 for every address."),
        }[error.errno]  # fmt: skip
        raise WrongUse(said, where=f"{host}:{port}", why="The site would not be reached there.", do=do) from error
    door.listen(128)
    return door


@contextlib.contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C, an end asked for by the system, and a terminal that closes all end what is inside in order."""

    def stop(_: int, __: FrameType | None) -> None:
        for one in _SIGNS:  # a second one, from an impatient hand, must not stop the stopping
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    before = {one: signal.signal(one, stop) for one in _SIGNS}
    try:
        yield
    except Stopped:
        say("Stopped.")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def serving(made: Callable[[], Site], meanwhile: Callable[[Site], None] = lambda _: None) -> None:
    """Start a site, do something while it comes up, say its address, and stay until somebody stops it."""
    with until_stopped(), made() as site:
        meanwhile(site)
        site.answering()
        say(f"The site is at {site.address}/  (Ctrl-C ends it)", bold=True)
        site.stay()


def serving_options(function: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that serves."""
    for option in (
        click.option("--workers", type=click.IntRange(1, 64), default=2, envvar="POSTME_WORKERS", show_default=True, help="Processes that answer."),
        click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 takes any that is free."),
        click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address of this machine to listen on; 0.0.0.0 for every one."),
    ):  # fmt: skip
        function = option(function)
    return function


@click.command("serve")
@folder_option
@serving_options
@click.option(
    "--laws", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True, metavar="DIR",
    help="A folder of a town's own law files (docs/laws.md). May be given several times.",
)  # fmt: skip
@catalogue_option
def command(
    folder: Path | None, host: str, port: int, workers: int, laws: tuple[Path, ...], extra: tuple[Path, ...]
) -> None:
    """Show what is published in a data folder as a website.

    The site makes its own tables, says its address when its first page answers, and runs until Ctrl-C. A scan into the
    same folder may go on meanwhile. Behind a web server set POSTME_SITE to the address that readers use.

    Exit status: 0 it was stopped, 1 it could not start or ended by itself, 2 wrong use.
    """
    serving(lambda: Site(data_folder(folder), host=host, port=port, workers=workers, laws=laws, catalogues=extra))
    click.get_current_context().exit(DONE)
