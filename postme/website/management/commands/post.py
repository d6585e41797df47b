"""``python -m postme.website post``: sends letters, seals what people said and signed into the log, and clears away what ran out; for as long as it runs."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from postme.errors import PostmeError
from postme.office import forgetting, handing, logos
from postme.office.voices import SEALED_EVERY
from postme.website import mailing
from postme.website.noticing import told_all

_LOG = logging.getLogger(__name__)
# Chosen: whoever sent a form looks into their mail within seconds.
_LETTERS_EVERY = 2.0
# Chosen: what ran out an hour ago does no harm.
_TIDIED_EVERY = 3600.0
# Chosen: signers are told that no byte of their name is left within a day.
_SCRUBBED_EVERY = 20 * 3600.0
# Chosen: the first digest of a day goes out within ten minutes of its hour.
_NOTICES_EVERY = 600.0


class Command(BaseCommand):
    """Several may run at once: each letter is taken by one of them."""

    help = "Send mail, seal what people said and signed into the public log, and clear away what was not confirmed. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--once``: everything one time."""
        parser.add_argument("--once", action="store_true", help="Do everything once, and end.")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:  # noqa: ARG002
        """Do each part when it is its time; a part that fails is tried again the next time."""
        parts: list[tuple[str, float, Callable[[], object]]] = [
            ("sealed", SEALED_EVERY.total_seconds(), lambda: mailing.voices().seal_all()),
            ("signatures sealed", SEALED_EVERY.total_seconds(), lambda: mailing.signers().seal_all()),
            ("tidied", _TIDIED_EVERY, lambda: mailing.voices().tidied()),
            ("signatures tidied", _TIDIED_EVERY, lambda: mailing.signers().tidied()),
            ("files of letters pruned", _TIDIED_EVERY, lambda: handing.pruned(settings.DATA)),
            ("logos pruned", _TIDIED_EVERY, lambda: logos.pruned(settings.DATA)),
            ("bytes of the erased scrubbed", _SCRUBBED_EVERY, lambda: forgetting.scrubbed(settings.DATA)),
            ("notices", _NOTICES_EVERY, told_all),
            ("letters", _LETTERS_EVERY, lambda: mailing.sent_round(mailing.voices().outbox)),
        ]
        if once:
            for name, _, part in parts:
                self.stdout.write(f"{name}: {part()}")
            return
        stopped = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: stopped.set())
        due = dict.fromkeys((name for name, _, _ in parts), 0.0)
        while not stopped.is_set():
            for name, every, part in parts:
                if time.monotonic() >= due[name] and not stopped.is_set():
                    due[name] = time.monotonic() + every
                    _tried(name, part)
            stopped.wait(min(_LETTERS_EVERY, 1.0))


def _tried(name: str, part: Callable[[], object]) -> None:
    try:
        close_old_connections()
        part()
    except (PostmeError, DatabaseError, OSError) as error:
        _LOG.error("job", extra={"job": name, "result": type(error).__name__})
