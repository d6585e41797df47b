"""Taking in what people say: comments and ballots, from the form to the public log. The clock, chance and the keys are read here."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from postme import advisory, voices
from postme.errors import WrongUse
from postme.keeping.envelope import Envelope, secret_of, token
from postme.keeping.store import ballots, comments
from postme.keeping.store.answers import Answers
from postme.keeping.store.ballots import Ballots, Cast
from postme.keeping.store.comments import About, Comments, Held
from postme.keeping.store.following import Followers
from postme.keeping.store.ledger import Leaf, Ledger
from postme.keeping.store.outbox import Letter, Outbox
from postme.keeping.store.register import whole
from postme.office import receipts, sealing
from postme.office.receipts import still
from postme.office.salted import A_BATCH, Batch, Salted
from postme.proposal import Deed
from postme.voices import Channel, Position, Said, Stage, Window

# Chosen: how often what people say goes into the log; whoever has a receipt waits no longer.
SEALED_EVERY = datetime.timedelta(minutes=1)

Written = Callable[[str, str], tuple[str, str]]
"""From a token and a receipt's number to a letter's subject and words."""


class Voices:
    """What is said in a data folder. ``origin`` is the log's name, ``mail_key`` the key for mail where the environment has one."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN, mail_key: str = "") -> None:
        self.folder, self._origin, self._mail_key = folder, origin, mail_key
        self.ledger = Ledger(folder)

    @cached_property
    def _envelope(self) -> Envelope:
        return Envelope(self.folder, self._mail_key)

    @cached_property
    def _comments(self) -> Comments:
        return Comments(self.ledger.file, self._envelope)

    @cached_property
    def _ballots(self) -> Ballots:
        return Ballots(self.ledger.file, self._envelope)

    @cached_property
    def followers(self) -> Followers:
        """Who wants to be told."""
        return Followers(self.ledger.file, self._envelope)

    @cached_property
    def outbox(self) -> Outbox:
        """The letters that wait."""
        return Outbox(self.ledger.file, self._envelope)

    # -- when

    def about(self, slug: str) -> About | None:
        """A public proposal, as far as those who speak on it need it."""
        with whole(self.ledger.file, atomic=False):
            return comments.about(slug)

    def window(self, about: About) -> Window:
        """Whether comments are taken now, and until when."""
        return self.window_of(about.deeds)

    def window_of(self, deeds: Iterable[Deed]) -> Window:
        """The same, of a proposal to which that happened."""
        return voices.window(deeds, today=_now().date(), still=still())

    # -- comments

    def receive(self, about: About, said: Said, written: Written, form: str = "") -> str:
        """Keep a comment until its writer confirms it by the letter that is queued with it: its receipt's number.

        ``form`` is the sign of the form that it came by: the same form with the same words, sent twice, is one comment. Raises WrongUse outside the time for comments, and where too many letters wait for that address.
        """
        self._timely(about)
        key = token()
        fresh = receipts.of_form(receipts.fresh(said.text, secret_of(key)), self._envelope, form, said.text, about.slug, said.position, said.name, said.shown, said.mail)  # fmt: skip
        subject, body = written(key, fresh.number)
        self._comments.receive(about, said, fresh, Letter(said.mail, subject, body), at=_now())
        return fresh.number

    def _timely(self, about: About) -> None:
        window = self.window(about)
        if not window.open:
            raise WrongUse(
                {"never": "Comments are not open on this proposal.", "not yet": f"Comments open on {window.since}.", "over": f"Comments closed on {window.until}."}[window.state],
                where="comment", why="Each proposal has its own time for comments.", do="The page of the decision says how you can still take part.",
            )  # fmt: skip

    def held(self, key: str) -> Held:
        """The comment that a link's token opens. Raises WrongUse where it opens none."""
        return self._comments.held(secret_of(key), _now())

    def confirm(self, key: str) -> str:
        """Publish the comment that a token opens: its number. It counts by when it was written, so the time for comments may have passed."""
        return self._comments.confirm(secret_of(key), at=_now())

    def change(self, key: str, said: Said, version: int) -> None:
        """Change a published comment while comments are open; what it said before stays readable."""
        about = self.about(self.held(key).slug)
        if about is None:
            raise comments.gone()
        self._timely(about)
        self._comments.change(secret_of(key), said, receipts.fresh(said.text), version=version, at=_now())

    def withdraw(self, key: str) -> str:
        """Take a comment back, at any time: its words, name, address and salt are erased."""
        return self._comments.withdraw(secret_of(key), at=_now())

    # -- at the desk

    def enter(self, about: About, typed: Mapping[str, str], *, who: str) -> str:
        """Publish a comment that came on paper, by phone or at the hearing, under its own channel and level: its number. Raises WrongUse."""
        said, wrong = voices.checked(typed, mail=False)
        channel = typed.get("channel", "")
        if channel not in set(Channel) or channel == Channel.WEB:
            wrong = {**wrong, "channel": "Choose how it came."}
        if said is None or wrong:
            raise WrongUse("This comment cannot be entered.", where="comment", why=" ".join(wrong.values()), do="Mend it, and send it again.")  # fmt: skip
        fresh = receipts.fresh(said.text, secret_of(token()))
        entered = Said(said.position, said.text, said.name, said.shown, "", said.part, said.language, voices.Level.CLERK, "", Channel(channel))  # fmt: skip
        self._comments.enter(about, entered, fresh, who=who, at=_now())
        return fresh.number

    def moderate(
        self, numbers: Iterable[str], what: str, *, rule: str, why: str, who: str, letter: Callable[[str, str, str], tuple[str, str]], flood: str = "",
    ) -> int:  # fmt: skip
        """Hide comments by a published rule, or restore them: how many. Raises WrongUse without a rule or a reason."""
        if what not in ("hidden", "restored") or rule not in voices.RULES:
            raise WrongUse("There is no such rule.", where="rule", why="Comments are hidden by published rules alone.", do=f"Choose one of: {', '.join(voices.RULES)}.")  # fmt: skip
        if not why.strip():
            raise WrongUse("A reason is missing.", where="why", why="Its writer, and everyone else, reads why.", do="Write one or two sentences.")  # fmt: skip
        return self._comments.moderate(numbers, what, rule=rule, why=why.strip()[:1000], who=who, at=_now(), letter=letter, flood=flood)  # fmt: skip

    def answer(self, slug: str, point: str, text: str, numbers: Sequence[str], *, who: str) -> int:
        """Draft an answer to a point that comments made: its number."""
        return Answers(self.ledger.file).draft(slug, point, text, [voices.received(one) for one in numbers], who=who, at=_now())  # fmt: skip

    def publish_answer(self, number: int, *, who: str) -> None:
        """Let an answer out that another person drafted."""
        Answers(self.ledger.file).publish(number, who=who, at=_now())

    def staged(self, slug: str, stage: Stage, *, only: Collection[str] | None = None) -> int:
        """Say that a proposal's comments are in the packet, or answered: how many that is now true of."""
        return self._comments.staged(slug, stage, only=None if only is None else list(only))

    # -- the advisory vote, and the sheet of speakers

    def question(self, about: About, question: str, opens: datetime.date, closes: datetime.date, *, at: datetime.datetime | None = None) -> str:  # fmt: skip
        """A question as it would be put to the people, word for word. Raises WrongUse where it cannot be."""
        return advisory.question(question, about.deeds, opens, closes, today=still(at or _now()))

    def ask(
        self, about: About, question: str, opens: datetime.date, closes: datetime.date, *, who: str, at: datetime.datetime | None = None
    ) -> int:  # fmt: skip
        """Put a question to the people: its number. Raises WrongUse after the vote, and where another is open."""
        words = self.question(about, question, opens, closes, at=at)
        return self._ballots.ask(about, words, opens, closes, who=who, at=at or _now())

    def cast(
        self, about: About, vote: int, choice: Position, mail: str, sha256: str, written: Written, form: str = "", *, ward: str = "", at: datetime.datetime | None = None
    ) -> str:  # fmt: skip
        """Keep a ballot until its voter confirms it: its receipt's number. ``ward`` is that of the address that they stated."""
        key, now = token(), at or _now()
        fresh = receipts.of_form(receipts.fresh(secret=secret_of(key)), self._envelope, form, "", about.slug, str(vote), choice, mail)  # fmt: skip
        subject, body = written(key, fresh.number)
        self._ballots.receive(
            about, vote, choice, mail, sha256, fresh, Letter(mail, subject, body), still=still(now), today=now.date(), at=now, ward=ward, sent=_now()
        )  # fmt: skip
        return fresh.number

    def enter_ballot(self, about: About, vote: int, choice: Position, *, who: str, at: datetime.datetime | None = None) -> str:  # fmt: skip
        """Count an answer that came on paper or by phone, under its own level: its receipt's number."""
        now, fresh = at or _now(), receipts.fresh(secret=secret_of(token()))
        self._ballots.enter(about, vote, choice, fresh, who=who, still=still(now), today=now.date(), at=now)
        return fresh.number

    def ballot(self, key: str) -> Cast:
        """The ballot that a link's token opens."""
        return self._ballots.held(secret_of(key), still=still(), now=_now())

    def count(self, key: str, *, at: datetime.datetime | None = None) -> str:
        """Count the ballot that a token opens: its number."""
        now = at or _now()
        return self._ballots.confirm(secret_of(key), still=still(now), at=now)

    def uncount(self, key: str) -> str:
        """Take a ballot back: its number."""
        return self._ballots.withdraw(secret_of(key), at=_now())

    def hearings(self, about: About) -> list[dict[str, Any]]:
        """Meetings still to come that hear the people on a proposal."""
        with whole(self.ledger.file, atomic=False):
            return ballots.hearings(about, _now())

    def no_speaking(self, about: About, meeting: int) -> str:
        """Why nobody can sign up to speak on a proposal at a meeting; empty where they can."""
        with whole(self.ledger.file, atomic=False):
            return ballots.refused(about, meeting, _now())

    def decided(self, about: About) -> Deed | None:
        """The vote or the withdrawal that ended the people's say on a proposal; ``None`` where it is still to be decided."""
        return self.decided_of(about.deeds)

    def decided_of(self, deeds: Iterable[Deed]) -> Deed | None:
        """The same, of a proposal to which that happened."""
        return advisory.decided(deeds, _now().date())

    def speak(self, meeting: int, about: About, *, name: str, position: Position, needs: str, language: str) -> str:
        """Put somebody on the sheet of a hearing: the token by which they take themselves off."""
        key = token()
        self._ballots.speak(meeting, about, name=name, position=position, needs=needs, language=language, secret=secret_of(key), at=_now())  # fmt: skip
        return key

    def unspeak(self, key: str) -> bool:
        """Take somebody off the sheet; whether they were on it."""
        return self._ballots.unspeak(secret_of(key))

    def speakers(self, meeting: int) -> list[dict[str, Any]]:
        """The sheet of a meeting, for the clerk."""
        return self._ballots.speakers(meeting)

    # -- into the log

    def seal(self, slug: str) -> list[Leaf]:
        """Put the salted hashes of what was published on a proposal since the last time into the log; nothing where there is none."""
        about = self.about(slug)
        if about is None:
            return []
        base = f"/decisions/{slug}/"

        def facts(number: int) -> dict[str, Any]:
            return {"title": f"What people said on “{about.title}”, batch {number}", "fiction": about.fiction, "place": {"id": about.town, "name": about.town_name}, "proposal": base}  # fmt: skip

        batch = Batch(f"{base}voices/", "voices", facts, "Comments and ballots came in.")
        return Salted(self.folder, self._origin, self.ledger).seal(batch, partial(self._unsealed, slug))

    def seal_all(self) -> int:
        """The same for every proposal: how many entries that made."""
        from postme.keeping.store import models

        with whole(self.ledger.file, atomic=False):
            said = models.Comment.objects.visible().filter(leaf=None).order_by().values_list("proposal__slug", flat=True).distinct()  # fmt: skip
            cast = models.Ballot.objects.visible().filter(leaf=None).order_by().values_list("vote__proposal__slug", flat=True).distinct()  # fmt: skip
            slugs = sorted({*said, *cast})
        return sum(len(self.seal(slug)) for slug in slugs)

    def _unsealed(self, slug: str) -> list[Any]:
        from postme.keeping.store import models

        with whole(self.ledger.file, atomic=False):
            said = models.Comment.objects.visible().select_related("proposal").filter(proposal__slug=slug, leaf=None).order_by("pk")[:A_BATCH]  # fmt: skip
            cast = models.Ballot.objects.visible().select_related("vote__proposal").filter(vote__proposal__slug=slug, leaf=None).order_by("pk")[: A_BATCH - len(said)]  # fmt: skip
            return [*said, *cast]

    # -- by the clock

    def tidied(self) -> dict[str, int]:
        """Delete what was not confirmed in time, and erase addresses that nothing must be sent to any more: how many of each."""
        now = _now()
        return {"expired": self._comments.expired(now), "forgotten": self._comments.forgotten(now)}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
