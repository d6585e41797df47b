"""A letter is handed over: its PDF drawn once and kept by its hash, mails queued with what is recorded, the town's people to choose from."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from postme import letter
from postme.errors import WrongUse
from postme.keeping.envelope import Envelope
from postme.keeping.store.ledger import Leaf, Ledger
from postme.keeping.store.outbox import Letter, Outbox
from postme.keeping.store.register import whole
from postme.keeping.writing import kept, written
from postme.letter import Kind, Signature, State
from postme.office import council, lettersheet, logos, sealing
from postme.office.letters import Correspondence
from postme.office.signing import Signers
from postme.voices import addressed

# Chosen: longer than a letter with thousands of names is drawn; where nobody wrote down when its names were read.
_DRAWN_IN = datetime.timedelta(minutes=10)
# Chosen: longer than a signature that goes is on its way into the tables.
_ON_ITS_WAY = datetime.timedelta(seconds=5)
_HASH = re.compile(r"[0-9a-f]{64}")
Worded = Callable[["Addressee"], tuple[str, str]]
"""From somebody who is written to, to a mail's subject and words."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to whom a letter can be handed: their name, their seat where they hold one, and a mail address where one is known."""

    name: str
    seat: int | None = None
    ward: str = ""
    mail: str = ""


def members(folder: Path, town: str, on: datetime.date) -> tuple[Addressee, ...]:
    """Who sits in a town's bodies on a day; a contact that is no mail address is left to hands and post."""
    return tuple(Addressee(one.holder, one.number, one.ward, one.contact if "@" in one.contact else "") for one in council.members(folder, town, on))  # fmt: skip


def place(folder: Path, sha256: str) -> Path:
    """Where the PDF of a delivery lies. Raises WrongUse for what is no hash."""
    if not _HASH.fullmatch(sha256):
        raise WrongUse("This is no hash of a file.", where="pdf", why="Files are kept by their SHA-256.", do="Use the one that the delivery names.")  # fmt: skip
    return folder / "letters" / f"{sha256}.pdf"


def address(slug: str, sha256: str) -> str:
    """The address at which everybody gets the PDF that was handed over."""
    return f"/letters/{slug}/{sha256}.pdf"


def given(folder: Path, slug: str, sha256: str) -> Path | None:
    """The file that was handed over, while everybody in it still stands by it.

    None once somebody took their name off, was set aside or was erased, since the file names them; and where there is none.
    """
    from postme.keeping.store import models

    with whole(Ledger(folder).file, atomic=False):
        first = models.Delivery.objects.filter(letter__slug=slug, pdf=sha256).exclude(letter__state=State.DRAFT.value).order_by("at").first()  # fmt: skip
        if first is None:
            return None
        since = _read_at(folder, sha256) or first.at - _DRAWN_IN
        gone = models.Signed.objects.filter(letter__slug=slug, confirmed__lt=first.at).exclude(state=Signature.PUBLISHED.value)  # fmt: skip
        over = bool(first.letter.erased) or gone.filter(changed__gte=since).exists()
    path = place(folder, sha256)
    return path if not over and path.is_file() else None


def _read_at(folder: Path, sha256: str) -> datetime.datetime | None:
    """Since when a signature that went may still be named in a file: from just before its names were read."""
    try:
        return datetime.datetime.fromisoformat(_reading(folder, sha256).read_text()) - _ON_ITS_WAY
    except (OSError, ValueError):
        return None


def _reading(folder: Path, sha256: str) -> Path:
    """The file beside a PDF that says when its names were read."""
    return place(folder, sha256).with_suffix(".read")


def pruned(folder: Path) -> int:
    """Delete files that were handed over and name somebody who is gone from the letter since: how many. Their hashes stay on the record."""
    from postme.keeping.store import models

    with whole(Ledger(folder).file, atomic=False):
        rows = list(models.Delivery.objects.exclude(pdf="").order_by().values_list("letter__slug", "pdf").distinct())
    done = 0
    for slug, sha256 in rows:
        path = place(folder, sha256)
        if path.is_file() and given(folder, slug, sha256) is None:
            path.unlink(missing_ok=True)
            _reading(folder, sha256).unlink(missing_ok=True)
            done += 1
    return done


class Carrier:
    """Hands the letters of a data folder over. ``site`` is its address, as the PDF and the mails name it."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN, mail_key: str = "", site: str = "") -> None:
        self.folder, self.site, self._mail_key = folder, site, mail_key
        self.office, self.signers = Correspondence(folder, origin), Signers(folder, origin, mail_key)

    @cached_property
    def _outbox(self) -> Outbox:
        return Outbox(self.office.ledger.file, Envelope(self.folder, self._mail_key))

    def drawn(self, slug: str, on: datetime.date) -> tuple[str, dict[str, Any]]:
        """Draw the letter as it stands, with who signed: the PDF's SHA-256 and the counts in it. Raises Refused where no PDF can be made."""
        reads = datetime.datetime.now(datetime.UTC)
        one, counts = self.office.rows.one(slug), self.signers.counted(slug)
        text = one.now.text if one.now else one.draft
        own = self.signers.listed(slug, Kind.ORGANIZATION, most=lettersheet.MOST_NAMES)
        people = self.signers.listed(slug, Kind.PERSON, most=lettersheet.MOST_NAMES)
        data = lettersheet.pdf(
            one,
            counts,
            own,
            people,
            site=self.site,
            claims=self.office.claims(text),
            on=on,
            logos=logos.drawn(self.folder, one.coalition.members),
        )
        sha256 = hashlib.sha256(data).hexdigest()
        kept(place(self.folder, sha256), data)
        written(_reading(self.folder, sha256), reads.isoformat().encode())
        return sha256, counts

    def deliver(self, slug: str, to: Sequence[Addressee], how: str, on: datetime.date, *, who: str, worded: Callable[[str], Worded] | None = None) -> list[Leaf]:  # fmt: skip
        """Hand a letter over: one PDF for all, recorded with its hash; by mail, the mails are queued in the same transaction.

        ``worded`` is given the PDF's hash. Raises WrongUse, by name, for who has no mail address that can be written to.
        """
        if how == "mail":
            _reachable(to)
        # Asked before anything is drawn: a drawing takes seconds.
        self.office.delivering(slug, [(one.name, one.seat) for one in to], how, on, who=who)
        pdf, counts = self.drawn(slug, on)
        mails: dict[str, tuple[str, Letter]] = {}
        if how == "mail" and worded is not None:
            words = worded(pdf)
            for one in to:
                subject, body = words(one)
                mails[one.name] = (f"deliver {slug} {pdf[:16]} {one.name}"[:200], Letter(one.mail, subject, body))
        return self.office.deliver(
            slug, [(one.name, one.seat) for one in to], how, on, counts, pdf, who=who, outgoing={name: once for name, (once, _mail) in mails.items()},
            queue=lambda: self._outbox.queue(list(mails.values()), at=datetime.datetime.now(datetime.UTC)),
        )  # fmt: skip


def _reachable(to: Sequence[Addressee]) -> None:
    lost = [one.name for one in to if not one.mail or addressed(one.mail)[1]]
    if lost:
        raise WrongUse(
            f"No mail can be sent to: {', '.join(lost)}.", where="to", why="No mail address is known that could be written to.",
            do="Take it to them by hand or by post, and record that; or ask the clerk to enter their address.",
        )  # fmt: skip


def named(said: Mapping[str, str]) -> Addressee | None:
    """The clerk or somebody else who holds no seat, as a form names them; None where it names nobody."""
    name = " ".join(said.get("clerk", "").split())[: letter.LONGEST_NAME]
    return Addressee(name, mail=said.get("clerk_mail", "").strip()[:254]) if name else None
