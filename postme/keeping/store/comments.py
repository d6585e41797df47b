"""Comments as rows: received, confirmed, changed, withdrawn, hidden and restored; each step one transaction with the letter that tells of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import voices
from postme.errors import WrongUse
from postme.keeping.store.outbox import Letter, Outbox
from postme.keeping.store.register import whole
from postme.proposal import Deed
from postme.voices import Said, Stage, State

if TYPE_CHECKING:
    from postme.keeping.envelope import Envelope
    from postme.keeping.store.saying import Comment

# Chosen: long enough that somebody who looks into their mail monthly hears what became of their comment.
HELD_AFTER = datetime.timedelta(days=30)
_DECIDED = ("approve", "approve_with_conditions", "reject", "withdraw")


@dataclass(frozen=True, slots=True)
class About:
    """A public proposal, as far as those who speak on it need it; ``deeds`` are those that stand."""

    id: int
    slug: str
    title: str
    town: str
    town_name: str
    fiction: bool
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is drawn by chance for a new comment or ballot: number, the hash of its token, salt; ``folded`` marks its words."""

    number: str
    secret: str
    salt: str
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A comment as its writer sees it, by the link in their mail. ``earlier`` is the number of one that confirming replaces."""

    number: str
    slug: str
    title: str
    fiction: bool
    position: str
    part: str
    text: str
    name: str
    shown: str
    language: str
    state: str
    version: int
    received: datetime.datetime
    expires: datetime.datetime | None
    stands: str
    leaf: int | None
    earlier: str = ""
    rule: str = ""
    why: str = ""
    level: str = voices.Level.MAIL.value
    ward: str = ""


def gone(what: str = "There is nothing at this link.") -> WrongUse:
    """The answer to a link that opens nothing: forged, cut off, or run out and cleared away."""
    return WrongUse(
        what, where="link", why="It was not copied whole, or its three days had passed and what it was for was deleted.",
        do="Copy the whole link from the mail. If it has run out, write again.",
    )  # fmt: skip


class Marks:
    """Mail addresses of rows: closed, opened, and the marks by which one counts once."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope

    def marks(self, mail: str) -> tuple[str, str]:
        """The mark of an address and that of its domain; both empty without an address."""
        if not mail:
            return "", ""
        return self._envelope.mark(voices.counted_as(mail), "address"), self._envelope.mark(mail.rpartition("@")[2], "domain")  # fmt: skip

    def closed(self, mail: str, number: str) -> bytes:
        """An address, closed for one row."""
        return self._envelope.closed(mail, f"address {number}") if mail else b""

    def opened(self, mail: bytes, number: str) -> str:
        """The address of a row; empty where it is erased."""
        return self._envelope.opened(bytes(mail), f"address {number}") if mail else ""


class Comments(Marks):
    """The comments of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path, envelope: Envelope) -> None:
        super().__init__(envelope)
        self.file, self.outbox = file, Outbox(file, envelope)

    # -- by the web

    def receive(self, about: About, said: Said, fresh: Fresh, letter: Letter, *, at: datetime.datetime) -> None:
        """Keep a comment until its writer confirms it, and have the letter sent that lets them. Raises WrongUse where too many wait."""
        from django.db.models import Q

        from postme.keeping.store import models

        mark, domain = self.marks(said.mail)
        with whole(self.file):
            # One question for both: whether this form was sent before, and how many wait at this address.
            wait = set(models.Comment.objects.filter(Q(number=fresh.number) | Q(mark=mark, state=State.WAITING.value)).values_list("number", flat=True)[: voices.MOST_WAITING + 1])  # fmt: skip
            if fresh.number in wait:
                return
            if len(wait) >= voices.MOST_WAITING:
                raise too_many()
            models.Comment.objects.create(**self._columns(about, said, fresh), level=said.level.value, mark=mark, domain=domain, state=State.WAITING.value, received=at, expires=at + voices.WAITS)  # fmt: skip
            self.outbox.queue([(f"confirm comment {fresh.number}", letter)], at=at)

    def enter(self, about: About, said: Said, fresh: Fresh, *, who: str, at: datetime.datetime) -> None:
        """Publish a comment that the clerk's desk took in on paper, by phone or at the hearing."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Comment.objects.create(
                **self._columns(about, said, fresh), level=voices.Level.CLERK.value, state=State.PUBLISHED.value, received=at, confirmed=at, changed=at, who=who
            )  # fmt: skip
            models.DeskAct.objects.create(who=who, at=at, what="comment entered", target=f"/receipts/{fresh.number}/", why=said.channel.value, detail={})  # fmt: skip

    def _columns(self, about: About, said: Said, fresh: Fresh) -> dict[str, Any]:
        return {
            "number": fresh.number, "secret": fresh.secret, "salt": fresh.salt, "folded": fresh.folded, "proposal_id": about.id, "position": said.position.value,
            "part": said.part, "text": said.text, "language": said.language, "name": said.name if said.shown != "none" else "", "shown": said.shown.value,
            "channel": said.channel.value, "ward": said.ward, "mail": self.closed(said.mail, fresh.number),
        }  # fmt: skip

    def held(self, secret: str, now: datetime.datetime) -> Held:
        """The comment that a link opens. Raises WrongUse where there is none, or it has run out."""
        with whole(self.file, atomic=False):
            row = _of(secret, now)
            earlier = _earlier(row)
            act = row.moderated.order_by("-pk").first() if row.state == State.HIDDEN else None
            return Held(
                row.number, row.proposal.slug, row.proposal.title, row.proposal.town.fiction, row.position, row.part, row.text, row.name, row.shown, row.language,
                row.state, row.version, row.received, row.expires, row.stands, row.leaf, earlier.number if earlier else "", act.rule if act else "", act.why if act else "", row.level, row.ward,
            )  # fmt: skip

    def confirm(self, secret: str, *, at: datetime.datetime) -> str:
        """Publish a comment that waited: its number. It replaces the one that the same address had there. A second time changes nothing."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state in (State.PUBLISHED, State.HIDDEN):
                return str(row.number)
            voices.moved(row.state, State.PUBLISHED)
            alone(row.mark)
            earlier = _earlier(row, lock=True)
            if earlier:
                self._replaced(earlier, row, at)
            row.state, row.confirmed, row.changed, row.expires = State.PUBLISHED.value, at, at, None
            row.save()
        return str(row.number)

    def _replaced(self, earlier: Comment, row: Comment, at: datetime.datetime) -> None:
        _version(earlier, earlier.hash)
        earlier.versions.update(comment=row)
        row.version = earlier.version + 1
        _emptied(earlier)
        earlier.state, earlier.stands, earlier.changed = (
            voices.moved(earlier.state, State.REPLACED).value,
            row.number,
            at,
        )
        earlier.save()

    def change(self, secret: str, said: Said, fresh: Fresh, *, version: int, at: datetime.datetime) -> None:
        """Change a published comment; what it said before stays readable. Raises WrongUse where it was changed meanwhile."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state != State.PUBLISHED:
                raise WrongUse("Only a comment that is public can be changed.", where="comment", why=f"This one is {row.state}.", do="Write a new one.")  # fmt: skip
            if row.version != version:
                raise WrongUse("This comment was changed meanwhile.", where="comment", why="Your change would undo the other.", do="Open the link again, and look at what it says now.")  # fmt: skip
            _version(row, row.hash)
            row.position, row.text, row.part, row.shown, row.language = said.position.value, said.text, said.part, said.shown.value, said.language  # fmt: skip
            row.name = said.name if said.shown != "none" else ""
            row.salt, row.folded, row.version, row.changed, row.leaf = fresh.salt, fresh.folded, row.version + 1, at, None  # fmt: skip
            row.save()

    def withdraw(self, secret: str, *, at: datetime.datetime) -> str:
        """Take a comment back: words, name, address and salt are erased, so that the log's hash stands for nothing anybody can find."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state == State.WITHDRAWN:
                return str(row.number)
            if row.state == State.WAITING:  # nobody has seen it
                number = str(row.number)
                row.delete()
                return number
            row.state, row.changed = voices.moved(row.state, State.WITHDRAWN).value, at
            row.versions.all().delete()
            row.answers.clear()
            _emptied(row)
            row.save()
        return str(row.number)

    # -- at the desk

    def moderate(
        self, numbers: Iterable[str], what: str, *, rule: str, why: str, who: str, at: datetime.datetime, letter: Callable[[str, str, str], tuple[str, str]], flood: str = "",
    ) -> int:  # fmt: skip
        """Hide comments by a rule, or restore them: how many. ``letter`` gives subject and words for each writer whose address is still held.

        ``letter`` is given the comment's number, the proposal's title and the comment's language.
        """
        from postme.keeping.store import models

        before, after = (State.PUBLISHED, State.HIDDEN) if what == "hidden" else (State.HIDDEN, State.PUBLISHED)
        done = 0
        with whole(self.file):
            rows = models.Comment.objects.select_for_update(of=("self",)).select_related("proposal").filter(number__in=list(numbers), state=before.value).order_by("pk")  # fmt: skip
            for row in rows:
                if after is State.PUBLISHED and row.mark and models.Comment.objects.filter(proposal=row.proposal_id, mark=row.mark, state=State.PUBLISHED.value).exists():  # fmt: skip
                    continue  # its writer has written again meanwhile, and that one counts
                row.state = voices.moved(row.state, after).value
                row.save(update_fields=["state"])
                act = models.Moderated.objects.create(comment=row, what=what, rule=rule, why=why, who=who, at=at, flood=flood)  # fmt: skip
                if address := self.opened(row.mail, row.number):
                    subject, body = letter(row.number, row.proposal.title, row.language)
                    self.outbox.queue([(f"moderated {act.pk}", Letter(address, subject, body))], at=at)
                done += 1
            models.DeskAct.objects.create(who=who, at=at, what=f"comments {what}", target=f"{done} comments", why=why, detail={"rule": rule, "flood": flood})  # fmt: skip
        return done

    def staged(self, slug: str, stage: Stage, *, only: Sequence[str] | None = None) -> int:
        """Say how far the town has come with the published comments of a proposal: how many that is true of. Nothing goes back."""
        from postme.keeping.store import models

        earlier = [one.value for one in list(Stage)[: list(Stage).index(stage)]]
        with whole(self.file):
            rows = models.Comment.objects.visible().filter(proposal__slug=slug, stage__in=earlier)
            return int((rows if only is None else rows.filter(number__in=only)).update(stage=stage.value))

    # -- by the clock

    def expired(self, now: datetime.datetime) -> int:
        """Delete what was not confirmed in time: how many."""
        from postme.keeping.store import models

        done = 0
        with whole(self.file, atomic=False):
            for rows in (models.Comment, models.Ballot, models.Subscription):
                done += rows.objects.filter(state="waiting", expires__lt=now).delete()[0]
        return done

    def forgotten(self, now: datetime.datetime) -> int:
        """Erase the addresses of those who commented on what was decided some time ago: how many."""
        from postme.keeping.store import models

        over = models.Deed.objects.filter(kind__in=_DECIDED, on__lt=(now - HELD_AFTER).date(), replaced_by=None)
        with whole(self.file, atomic=False):
            held = (
                models.Comment.objects.exclude(mail=b"")
                .exclude(state="waiting")
                .filter(proposal__in=over.values("proposal"))
            )
            return int(held.update(mail=b""))


def too_many() -> WrongUse:
    """The answer to one more confirmation for an address that has not answered several."""
    return WrongUse(
        "Several mails wait for an answer at this address.", where="mail", why="Nobody’s mailbox is to be filled from here.",
        do="Open one of them first, or wait three days.",
    )  # fmt: skip


def about(slug: str) -> About | None:
    """A public proposal with what happened to it; ``None`` where there is none."""
    from postme.keeping.store import models

    row = models.Proposal.objects.select_related("town").filter(slug=slug, public=True).first()
    if row is None:
        return None
    kept = models.Deed.objects.filter(proposal=row, replaced_by=None).order_by("position").values_list("kind", "on", "told")  # fmt: skip
    deeds = tuple(Deed(kind, on, until=_day(told.get("until"))) for kind, on, told in kept)
    return About(row.pk, row.slug, row.title, row.town_id, row.town.name, row.town.fiction, deeds)


def _day(said: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(said) if said else None


def _of(secret: str, now: datetime.datetime, *, lock: bool = False) -> Comment:
    from postme.keeping.store import models

    rows = models.Comment.objects.select_related("proposal__town")
    row: Comment | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(secret=secret).first()
    if row is None:
        raise gone()
    if row.state == State.WAITING and row.expires and row.expires < now:
        raise gone("This link has run out.")
    return row


def _earlier(row: Comment, *, lock: bool = False) -> Comment | None:
    """The comment that the same address has published on the same proposal."""
    from postme.keeping.store import models

    if row.state != State.WAITING or not row.mark:
        return None
    rows = models.Comment.objects.filter(proposal=row.proposal_id, mark=row.mark, state=State.PUBLISHED.value)
    return (rows.select_for_update() if lock else rows).first()


def _version(row: Comment, digest: str) -> None:
    from postme.keeping.store import models

    models.CommentVersion.objects.create(
        comment=row, number=row.version, position=row.position, text=row.text, at=row.changed or row.received, hash=digest, leaf=row.leaf
    )  # fmt: skip


def _emptied(row: Comment) -> None:
    """Erase all that says what was said and by whom."""
    row.text = row.name = row.salt = row.mark = row.domain = row.folded = row.ward = row.part = row.position = ""
    row.mail = b""


def alone(mark: str) -> None:
    """Two confirmations of one address at once would each find no other; SQLite has one writer anyway."""
    from django.db import connection

    if connection.vendor == "postgresql" and mark:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(mark[:15], 16)])
