"""The outbox: letters that wait for the mail server, each closed in an envelope, sent once, tried again, and told when given up.

A letter is queued in the transaction that it tells of: where that does not stand, no letter goes out. Whoever sends
takes a letter for a while (a lease); if that process dies, the letter is free again when the lease ends.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme.errors import KeepingError
from postme.keeping.store.register import whole

if TYPE_CHECKING:
    from postme.keeping.envelope import Envelope

# Chosen: a server that is being started anew is there after a minute, one that was broken over night after eight hours.
BACK_OFF = tuple(datetime.timedelta(minutes=one) for one in (1, 5, 30, 120, 480))
# Chosen: longer than a mail server may take over one letter (settings.EMAIL_TIMEOUT for each of its answers).
LEASE = datetime.timedelta(minutes=5)
# Chosen: what is waiting longer than this is told on /health/.
LATE = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: to one address, plain words. ``headers`` are those beyond the usual."""

    to: str
    subject: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that somebody is about to send; ``id`` and ``tries`` say which and for the how manieth time."""

    id: int
    once: str
    tries: int
    letter: Letter


class Outbox:
    """The outbox of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path, envelope: Envelope) -> None:
        self.file, self._envelope = file, envelope

    def queue(self, letters: Iterable[tuple[str, Letter]], *, at: datetime.datetime) -> None:
        """Have letters sent, each under what it is for; one that was queued for the same before is left out."""
        from postme.keeping.store import models

        rows = [
            models.Outgoing(
                once=once, mail=self._envelope.closed(json.dumps(asdict(letter)), f"letter {once}"), subject=letter.subject[:300], state="waiting", due=at, queued=at
            )
            for once, letter in letters
        ]  # fmt: skip
        with whole(self.file):
            models.Outgoing.objects.bulk_create(rows, ignore_conflicts=True)

    def take(self, now: datetime.datetime, most: int = 20) -> list[Taken]:
        """Letters that are due, for this process alone until the lease ends.

        A letter that cannot be opened is given up, and said so.
        """
        from django.db import connection

        from postme.keeping.store import models

        found = []
        with whole(self.file, atomic=False):  # to look, nobody need wait
            if not models.Outgoing.objects.filter(state="waiting", due__lte=now).exists():
                return []
        with whole(self.file):
            rows = models.Outgoing.objects.filter(state="waiting", due__lte=now).order_by("due", "pk")
            if connection.vendor == "postgresql":
                rows = rows.select_for_update(skip_locked=True)
            for row in rows[:most]:
                row.tries, row.due = row.tries + 1, now + LEASE
                try:
                    opened: dict[str, Any] = json.loads(self._envelope.opened(bytes(row.mail), f"letter {row.once}"))
                except KeepingError as error:
                    row.state, row.mail, row.trouble = "given up", b"", error.what
                else:
                    found.append(Taken(row.pk, row.once, row.tries, Letter(**opened)))
                row.save(update_fields=["tries", "due", "state", "mail", "trouble"])
        return found

    def sent(self, taken: Taken, now: datetime.datetime) -> None:
        """It is with the mail server: address and words are erased."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Outgoing.objects.filter(pk=taken.id).update(state="sent", sent=now, mail=b"", trouble="")

    def failed(self, taken: Taken, now: datetime.datetime, trouble: str, *, final: bool = False) -> bool:
        """It was not taken: it is tried again later, or given up where ``final`` or it was the last time. Whether it still waits."""
        from postme.keeping.store import models

        again = not final and taken.tries <= len(BACK_OFF)
        told: dict[str, Any] = {"due": now + BACK_OFF[taken.tries - 1]} if again else {"state": "given up", "mail": b""}
        with whole(self.file):
            # Only while it waits: another process may have sent it after this one's lease had ended.
            models.Outgoing.objects.filter(pk=taken.id, state="waiting").update(trouble=trouble[:500], **told)
        return again

    def counts(self, now: datetime.datetime) -> dict[str, int]:
        """How many letters wait, wait for long, and were given up within thirty days."""
        return counts(self.file, now)

    def given_up(self) -> list[dict[str, Any]]:
        """The letters that were given up, the newest first: what they were about and why; whom they were for is erased."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [dict(row) for row in models.Outgoing.objects.filter(state="given up").order_by("-queued").values("subject", "queued", "tries", "trouble")[:100]]  # fmt: skip


def file_of(folder: Path, own: int) -> Path:
    """Where a letter lies that became a file (``POSTME_MAIL_FILES``), by its number."""
    return folder / "outbox" / f"{own:06d}.txt"


def counts(file: Path, now: datetime.datetime) -> dict[str, int]:
    """How many letters wait, wait for long, and were given up within thirty days; no key is needed to know it."""
    from django.db.models import Count, Q

    from postme.keeping.store import models

    recent = now - datetime.timedelta(days=30)
    with whole(file, atomic=False):
        return models.Outgoing.objects.aggregate(
            waiting=Count("pk", filter=Q(state="waiting")), late=Count("pk", filter=Q(state="waiting", queued__lt=now - LATE)),
            given_up=Count("pk", filter=Q(state="given up", queued__gte=recent)),
        )  # fmt: skip
