"""Who wants to be told of what, as rows: confirmed by mail, told of each thing once, ended by one click."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import voices
from postme.errors import WrongUse
from postme.keeping.envelope import secret_of
from postme.keeping.store.comments import gone, too_many
from postme.keeping.store.outbox import Letter, Outbox
from postme.keeping.store.register import whole

if TYPE_CHECKING:
    from postme.keeping.envelope import Envelope

# Chosen: more than anybody reads.
MOST = 50


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription; ``key`` is the token of its link, which follows from the site's key and so need not be kept."""

    id: int
    about: str
    language: str
    state: str
    since: datetime.datetime
    key: str


class Followers:
    """The subscriptions of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path, envelope: Envelope) -> None:
        self.file, self._envelope, self._outbox = file, envelope, Outbox(file, envelope)

    def ask(
        self, about: str, mail: str, language: str, letter: Callable[[str], tuple[str, str]], *, at: datetime.datetime
    ) -> None:
        """Send the letter that begins a subscription. Nobody is told whether there is one already. Raises WrongUse where too many wait."""
        from postme.keeping.store import models

        mark = self._envelope.mark(voices.counted_as(mail), "address")
        key = self._key(about, mark)
        with whole(self.file):
            mine = models.Subscription.objects.filter(mark=mark)
            if mine.filter(state="waiting").exclude(about=about).count() >= voices.MOST_WAITING or mine.filter(state="on").count() >= MOST:  # fmt: skip
                raise too_many()
            row, fresh = models.Subscription.objects.get_or_create(
                about=about, mark=mark, defaults={"secret": secret_of(key), "mail": self._closed(mail, about, mark), "language": language, "state": "waiting", "since": at, "expires": at + voices.WAITS},
            )  # fmt: skip
            if not fresh and row.state == "ended":
                row.state, row.mail, row.language, row.expires = "waiting", self._closed(mail, about, mark), language, at + voices.WAITS  # fmt: skip
                row.save()
            subject, body = letter(key)
            # Once an hour at most, however often the form is sent.
            self._outbox.queue([(f"confirm following {row.pk} {at:%Y-%m-%dT%H}", Letter(mail, subject, body))], at=at)

    def of(self, key: str) -> Follower:
        """The subscription that a link opens. Raises WrongUse where there is none."""
        with whole(self.file, atomic=False):
            return _follower(_row(key), key)

    def begin(self, key: str, *, at: datetime.datetime) -> None:
        """Begin to tell: of what happens from now on."""
        with whole(self.file):
            row = _row(key)
            if row.state == "waiting":
                if row.expires and row.expires < at:
                    raise gone("This link has run out.")
                row.state, row.since, row.expires = "on", at, None
                row.save()
            elif row.state == "ended":
                raise WrongUse("You ended these mails.", where="following", why="Nothing is sent to you any more.", do="Ask for them again on the page that they were about.")  # fmt: skip

    def end(self, key: str) -> None:
        """End it: the address is erased."""
        with whole(self.file):
            row = _row(key)
            row.state, row.mail, row.expires = "ended", b"", None
            row.save()

    def every(self, on: datetime.date) -> list[Follower]:
        """Those who are told, without those who had their letter of a day."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            had = set(models.Outgoing.objects.filter(once__startswith="news ", once__endswith=f" {on}").values_list("once", flat=True))  # fmt: skip
            rows = models.Subscription.objects.filter(state="on").order_by("pk").iterator(500)
            return [_follower(row, self._key(row.about, row.mark)) for row in rows if f"news {row.pk} {on}" not in had]

    def tell(
        self, follower: Follower, events: Iterable[tuple[str, str]], letter: Callable[[list[str]], tuple[str, str, dict[str, str]]], *, at: datetime.datetime
    ) -> int:  # fmt: skip
        """Queue one letter with all that this address was not told of yet: how many things are in it. ``events`` are each its id and a line.

        At most one letter a day; what comes after it is in the next day's. What the same address was told of by another of
        its subscriptions is left out.
        """
        from postme.keeping.store import models

        coming = dict(events)
        with whole(self.file):
            row = models.Subscription.objects.select_for_update().filter(pk=follower.id, state="on").first()
            once = f"news {follower.id} {at:%Y-%m-%d}"
            if row is None or not coming or models.Outgoing.objects.filter(once=once).exists():
                return 0
            told = set(models.Told.objects.filter(subscription__mark=row.mark, event__in=list(coming)).values_list("event", flat=True))  # fmt: skip
            fresh = {event: line for event, line in coming.items() if event not in told}
            if not fresh:
                return 0
            models.Told.objects.bulk_create([models.Told(subscription=row, event=event, at=at) for event in fresh])
            subject, body, headers = letter(list(fresh.values()))
            address = self._envelope.opened(bytes(row.mail), f"follower {row.about} {row.mark}")
            self._outbox.queue([(once, Letter(address, subject, body, headers))], at=at)
        return len(fresh)

    def _closed(self, mail: str, about: str, mark: str) -> bytes:
        return self._envelope.closed(mail, f"follower {about} {mark}")

    def _key(self, about: str, mark: str) -> str:
        return self._envelope.mark(f"{about}\0{mark}", "following")[:48]


def _row(key: str) -> Any:
    from postme.keeping.store import models

    row = models.Subscription.objects.filter(secret=secret_of(key)).first()
    if row is None:
        raise gone()
    return row


def _follower(row: Any, key: str) -> Follower:
    return Follower(row.pk, row.about, row.language, row.state, row.since, key)
