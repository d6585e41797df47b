"""Advisory ballots and the sheet of those who want to speak, as rows."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import advisory, voices
from postme.errors import WrongUse
from postme.keeping.store.comments import About, Comments, Fresh, alone, gone, too_many
from postme.keeping.store.outbox import Letter
from postme.keeping.store.register import whole
from postme.voices import Level, Position, State

if TYPE_CHECKING:
    from postme.keeping.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot as its voter sees it, by the link in their mail."""

    number: str
    slug: str
    title: str
    fiction: bool
    question: str
    sha256: str
    choice: str
    state: str
    open: bool
    closes: datetime.date
    leaf: int | None
    earlier: str = ""
    level: str = Level.MAIL.value


class Ballots:
    """The ballots of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path, envelope: Envelope) -> None:
        self.file, self._comments = file, Comments(file, envelope)

    def ask(
        self,
        about: About,
        question: str,
        opens: datetime.date,
        closes: datetime.date,
        *,
        who: str,
        at: datetime.datetime,
    ) -> int:
        """Put a question that was checked (``voices.question``): its number. Raises WrongUse where another is open."""
        from postme.keeping.store import models

        with whole(self.file):
            if models.AdvisoryVote.objects.filter(proposal=about.id, closes__gte=opens).exists():
                raise WrongUse("Another question is open on this proposal.", where="question", why="A question that people answered is not exchanged for another.", do="Wait until it has closed.")  # fmt: skip
            row = models.AdvisoryVote.objects.create(
                proposal_id=about.id, question=question, sha256=voices.question_hash(question), opens=opens, closes=closes, who=who, at=at
            )  # fmt: skip
            models.DeskAct.objects.create(who=who, at=at, what="advisory vote", target=f"/decisions/{about.slug}/vote/", why=question, detail={})  # fmt: skip
        return int(row.pk)

    def receive(self, about: About, vote: int, choice: Position, mail: str, sha256: str, fresh: Fresh, letter: Letter, *, still: datetime.date, today: datetime.date, at: datetime.datetime, ward: str = "", sent: datetime.datetime | None = None) -> None:  # fmt: skip
        """Keep a ballot until its voter confirms it. ``sha256`` is the hash of the question that they saw; ``ward`` that of the address that they stated; ``sent`` the moment of the letter, where it is another. Raises WrongUse."""
        from postme.keeping.store import models

        mark, domain = self._comments.marks(mail)
        with whole(self.file):
            row = models.AdvisoryVote.objects.filter(pk=vote, proposal=about.id).first()
            if row is None or row.sha256 != sha256:
                raise WrongUse("The question is another one than you saw.", where="question", why="A ballot answers the exact words that its voter saw.", do="Open the page again.")  # fmt: skip
            if not row.opens <= today or row.closes < still:
                raise closed(row)
            if models.Ballot.objects.filter(number=fresh.number).exists():
                return
            if models.Ballot.objects.filter(mark=mark, state=State.WAITING.value).count() >= voices.MOST_WAITING:
                raise too_many()
            models.Ballot.objects.create(
                number=fresh.number, secret=fresh.secret, salt=fresh.salt, vote=row, choice=choice.value, level=(Level.ADDRESS if ward else Level.MAIL).value, ward=ward, mark=mark, domain=domain,
                mail=self._comments.closed(mail, fresh.number), state=State.WAITING.value, received=at, expires=at + voices.WAITS,
            )  # fmt: skip
            self._comments.outbox.queue([(f"confirm ballot {fresh.number}", letter)], at=sent or at)

    def enter(self, about: About, vote: int, choice: Position, fresh: Fresh, *, who: str, still: datetime.date, today: datetime.date, at: datetime.datetime) -> None:  # fmt: skip
        """Count a ballot that the clerk's desk took in, on paper or by phone, under a level of its own. Raises WrongUse outside its time."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.AdvisoryVote.objects.filter(pk=vote, proposal=about.id).first()
            if row is None or not row.opens <= today or row.closes < still:
                raise closed(row)
            models.Ballot.objects.create(
                number=fresh.number, secret=fresh.secret, salt=fresh.salt, vote=row, choice=choice.value, level=Level.CLERK.value, state=State.PUBLISHED.value,
                received=at, confirmed=at, who=who,
            )  # fmt: skip
            models.DeskAct.objects.create(who=who, at=at, what="ballot entered", target=f"/receipts/{fresh.number}/", why="advisory vote", detail={})  # fmt: skip

    def held(self, secret: str, *, still: datetime.date, now: datetime.datetime) -> Cast:
        """The ballot that a link opens. Raises WrongUse where there is none, or it has run out."""
        with whole(self.file, atomic=False):
            row = _of(secret, now)
            vote, about = row.vote, row.vote.proposal
            earlier = _earlier(row).first() if row.state == State.WAITING else None
            return Cast(
                row.number, about.slug, about.title, about.town.fiction, vote.question, vote.sha256, row.choice, row.state, vote.closes >= still, vote.closes,
                row.leaf, earlier.number if earlier else "", row.level,
            )  # fmt: skip

    def confirm(self, secret: str, *, still: datetime.date, at: datetime.datetime) -> str:
        """Count a ballot that waited: its number. It replaces the one that the same address cast before."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state == State.PUBLISHED:
                return str(row.number)
            voices.moved(row.state, State.PUBLISHED)
            if row.vote.closes < still:
                raise closed(row.vote)
            alone(row.mark)
            for earlier in _earlier(row):
                _emptied(earlier, State.REPLACED)
            row.state, row.confirmed, row.expires, row.mail = State.PUBLISHED.value, at, None, b""
            row.save()
        return str(row.number)

    def withdraw(self, secret: str, *, at: datetime.datetime) -> str:
        """Take a ballot back: choice, mark and salt are erased."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            number = str(row.number)
            if row.state == State.WAITING:
                row.delete()
            elif row.state == State.PUBLISHED:
                _emptied(row, voices.moved(row.state, State.WITHDRAWN))
        return number

    # -- who wants to speak

    def speak(
        self,
        meeting: int,
        about: About,
        *,
        name: str,
        position: Position,
        needs: str,
        language: str,
        secret: str,
        at: datetime.datetime,
    ) -> None:
        """Put somebody on the sheet of a meeting, for whom the clerk calls up. Raises WrongUse for a meeting that takes nobody on this proposal."""
        from postme.keeping.store import models

        with whole(self.file):
            if why := refused(about, meeting, at):
                raise WrongUse(why, where="meeting", why="The clerk would not call you up there.", do="Choose one of the meetings that are listed.")  # fmt: skip
            models.Speaker.objects.create(
                meeting_id=meeting, proposal_id=about.id, name=name, position=position.value, needs=needs, language=language, secret=secret, state="listed", received=at
            )  # fmt: skip

    def unspeak(self, secret: str) -> bool:
        """Take somebody off the sheet, by the link that they were given; whether they were on it."""
        from postme.keeping.store import models

        with whole(self.file):
            return models.Speaker.objects.filter(secret=secret).delete()[0] > 0

    def speakers(self, meeting: int) -> list[dict[str, Any]]:
        """The sheet of a meeting, for the clerk, in the order in which people came."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Speaker.objects.filter(meeting=meeting, state="listed").order_by("received", "pk")
            return [dict(row) for row in rows.values("name", "position", "needs", "language", "received", "proposal__title", "proposal__slug")]  # fmt: skip


def hearings(about: About, now: datetime.datetime) -> list[dict[str, Any]]:
    """Meetings still to come that hear the people on a public proposal, the next first; a meeting that only votes on it takes nobody."""
    from postme.keeping.store import models

    if advisory.decided(about.deeds, now.date()):
        return []
    rows = models.Meeting.objects.filter(items__proposal=about.id, items__kind=HEARS, on__gte=_earliest(now), called_off=False).distinct().order_by("on", "begins")  # fmt: skip
    return [
        {"id": row.pk, "body": row.body, "on": row.on.isoformat(), "begins": row.begins, "where": row.where, "how_to_speak": row.how_to_speak}
        for row in rows[:10] if not _begun(row, now)
    ]  # fmt: skip


# What a meeting has a proposal on its agenda for, where people speak on it.
HEARS = "hear"


def refused(about: About, meeting: int, now: datetime.datetime) -> str:
    """Why nobody can sign up to speak on a proposal at a meeting; empty where they can."""
    from postme.keeping.store import models

    row = models.Meeting.objects.filter(pk=meeting).first() if 0 < meeting < 2**31 else None
    if row is None:
        return "There is no such meeting."
    if row.called_off:
        return "This meeting is called off."
    if row.on < _earliest(now) or _begun(row, now):
        return "This meeting is over, or has begun."
    if not models.Item.objects.filter(meeting=row, proposal=about.id, kind=HEARS).exists():
        return "This meeting does not hear people on this proposal."
    return "The council has decided on this proposal." if advisory.decided(about.deeds, now.date()) else ""


def _earliest(now: datetime.datetime) -> datetime.date:
    # Where it is latest in the country it may still be the day before.
    return now.astimezone(_LAST).date()


def _begun(row: Any, now: datetime.datetime) -> bool:
    """Whether a meeting has begun, where its hour and its zone are known."""
    try:
        begins = datetime.datetime.combine(row.on, datetime.time.fromisoformat(row.begins), zoneinfo.ZoneInfo(row.zone))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return False
    return begins <= now


# Chosen: while it is still the day of the meeting in Hawaii, it is the day.
_LAST = datetime.timezone(-datetime.timedelta(hours=10))


def closed(row: Any) -> WrongUse:
    """The answer to a ballot that comes before or after its time."""
    runs = f"It runs from {row.opens} to {row.closes}." if row else "There is no such question on this proposal."
    return WrongUse("This vote is not open.", where="vote", why=runs, do="The page of the decision says how you can still take part.")  # fmt: skip


def _of(secret: str, now: datetime.datetime, *, lock: bool = False) -> Any:
    from postme.keeping.store import models

    rows = models.Ballot.objects.select_related("vote__proposal__town")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(secret=secret).first()
    if row is None:
        raise gone()
    if row.state == State.WAITING and row.expires and row.expires < now:
        raise gone("This link has run out.")
    return row


def _earlier(row: Any) -> Any:
    from postme.keeping.store import models

    return models.Ballot.objects.filter(vote=row.vote_id, mark=row.mark, state=State.PUBLISHED.value)


def _emptied(row: Any, state: State) -> None:
    row.choice = row.salt = row.mark = row.domain = row.ward = ""
    row.mail, row.state = b"", state.value
    row.save()
