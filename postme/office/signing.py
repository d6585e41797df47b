"""Signing a letter: by mail, by the coalition's word, on paper; counts, batches that look suspicious, the log, and what is erased when."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from postme import flood, letter, roles, turnstile, voices
from postme.domains import at_domain
from postme.errors import WrongUse
from postme.flood import Criterion, Flood
from postme.keeping import gone, strongbox
from postme.keeping.envelope import Envelope, secret_of, token
from postme.keeping.store import erasing, rush
from postme.keeping.store import letters as rows
from postme.keeping.store.ledger import Leaf, Ledger
from postme.keeping.store.letters import Letters
from postme.keeping.store.outbox import Letter
from postme.keeping.store.register import whole
from postme.keeping.store.signing import Put, Signatures, not_open
from postme.keeping.store.written import Written
from postme.letter import Kind, Level, Signing, State
from postme.office import receipts, sealing
from postme.office.letters import Correspondence
from postme.office.receipts import still
from postme.office.salted import A_BATCH, Batch, Salted

# What a batch of signatures is: a call on the radio looks the same, so these only ask somebody to look.
CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "one mail domain", "Thirty or more signatures from one mail domain within an hour.", 30, datetime.timedelta(hours=1),
        "The large mail providers reach this on a busy day without anybody’s doing.",
    ),
    Criterion(
        "burst", "Forty or more signatures within a minute.", 40, datetime.timedelta(minutes=1),
        "A call on the radio, or a letter to many members, looks the same.",
    ),
)  # fmt: skip
Worded = Callable[[str, str], tuple[str, str]]
"""From a token and a receipt's number to a mail's subject and words."""


class Signers:
    """Who signs the letters of a data folder. ``origin`` is the log's name, ``mail_key`` the key for mail where the environment has one."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN, mail_key: str = "") -> None:
        self.folder, self._origin, self._mail_key = folder, origin, mail_key
        self.ledger = Ledger(folder)
        self.letters = Letters(self.ledger.file)

    @cached_property
    def _envelope(self) -> Envelope:
        return Envelope(self.folder, self._mail_key)

    @cached_property
    def _rows(self) -> Signatures:
        return Signatures(self.ledger.file, self._envelope)

    # -- by the web

    def sign(
        self, slug: str, said: Signing, version: int, written: Worded, form: str = "", one: Written | None = None, *, proof: str = "", slowly: bool = False,
    ) -> str:  # fmt: skip
        """Keep a signature under the version that was seen until its signer confirms it by the mail that is queued with it: its receipt's number.

        ``one`` is the letter, where it is known already; whether it is still open is asked again as it is kept. ``proof`` is the sign of the puzzle that was solved
        for it: it is good for one signature. ``slowly`` says that a puzzle was asked for and none was solved. Raises WrongUse where the letter is not open or says something else by now, and for an organization whose domain the address is not at.
        """
        one = one or self._open(slug)
        level = Level.MAIL
        if said.kind is Kind.ORGANIZATION:
            said = self.proven(one, said)
            level = Level.DOMAIN
        key = token()
        # With a proof the number follows from it alone, so that a second signature by the same proof has the same number.
        typed = () if proof else (said.kind, said.name, said.mail, said.comment)
        fresh = receipts.of_form(receipts.fresh(secret=secret_of(key)), self._envelope, f"proof {proof}" if proof else form, slug, *typed)  # fmt: skip
        subject, body = written(key, fresh.number)
        # A person's own data goes to the coalition alone, and only where they agreed and it has a key.
        parcel = partial(_parcel, one, said) if said.agreed and one.coalition.key else None
        self._rows.receive(slug, said, version, level, fresh, Letter(said.mail, subject, body), at=_now(), parcel=parcel, slowly=slowly)  # fmt: skip
        return fresh.number

    def recent(self, slug: str) -> int:
        """How many signed by mail within the time by which ``turnstile`` asks."""
        return rush.recent(self.ledger.file, slug, _now() - turnstile.WITHIN)

    def _open(self, slug: str) -> Written:
        with whole(self.ledger.file, atomic=False):
            one = rows.shown(slug)
        if one is None or one.state is not State.OPEN or (one.last_day and one.last_day < still()):
            raise not_open()
        return one

    def proven(self, one: Written, said: Signing) -> Signing:
        """An organization with its own domain, at which its mail address must be: that of the coalition's list where it is on it, else the one that was typed."""
        listed = [each for each in one.coalition.members if not each.left and letter.alike(each.name) == letter.alike(said.name)]  # fmt: skip
        domains = {each.domain for each in listed if each.domain} or {said.domain}
        domain = next((each for each in domains if at_domain(said.mail, each)), "")
        if not domain:
            raise WrongUse(
                "This mail address is not at the organization’s own domain.", where="mail", why="That is how a reader can tell that it signed.",
                do="Use an address at its domain. If it has none, ask the coalition to enter it: it then stands under the coalition’s word.",
            )  # fmt: skip
        return replace(said, domain=domain)

    def held(self, key: str) -> Put:
        """The signature that a link's token opens. Raises WrongUse where it opens none."""
        return self._rows.held(secret_of(key), _now())

    def confirm(self, key: str) -> str:
        """Count the signature that a token opens: its number."""
        return self._rows.confirm(secret_of(key), at=_now())

    def withdraw(self, key: str) -> str:
        """Take a signature back, or say that one never signed: all that says who signed is erased."""
        number = self._rows.withdraw(secret_of(key), at=_now())
        gone.noted(self.folder, [number])
        return number

    # -- by the coalition's word

    def enter(self, slug: str, typed: Mapping[str, str], kind: Kind, *, version: int = 0, who: str) -> str:
        """Publish a signature that came on paper, or an organization that the coalition vouches for: its number. ``version`` is the one that its signer saw (0: the newest)."""
        self._organized(slug, who, "What it vouches for, its organizers enter.")
        given = dict(typed)
        bare = not given.get("mail", "").strip()
        said, wrong = letter.typed({**given, "mail": "nobody@example.org"} if bare else given, kind)
        if said is None or wrong:
            raise WrongUse("This signature cannot be entered.", where=next(iter(wrong)), why=" ".join(wrong.values()), do="Mend it, and send it again.")  # fmt: skip
        said = replace(said, mail="" if bare else said.mail, agreed=False, thanked=said.thanked and not bare)
        level = Level.COALITION if kind is Kind.ORGANIZATION else Level.PAPER
        fresh = receipts.fresh(secret=secret_of(token()))
        self._rows.enter(slug, said, level, fresh, version=version, who=who, at=_now())
        return fresh.number

    def take_back(self, slug: str, typed: str, why: str, *, who: str) -> None:
        """Erase a signature that an organizer entered by mistake, by its receipt's number. It counts no more, and the reason is public."""
        self._organized(slug, who, "What it vouches for, its organizers take back.")
        if not why.strip():
            raise WrongUse("A reason is missing.", where="why", why="The count changes, and everybody reads why.", do="Write one sentence, without the name.")  # fmt: skip
        number = voices.received(typed)
        erasing.took_back(self.ledger.file, slug, number, why.strip()[:1000], organizes=self.letters.one(slug).coalition.organizer, who=who, at=_now())  # fmt: skip
        gone.noted(self.folder, [number])

    def entered(self, slug: str, most: int = 50) -> list[dict[str, Any]]:
        """What the coalition entered and still counts, the newest first: for its organizers."""
        return self._rows.entered(slug, most)

    def parcels(self, slug: str, *, who: str) -> Iterable[str]:
        """For the coalition's organizers: a file of lines, each closed to its key."""
        self._organized(slug, who, "What signers gave is for it alone.")
        self.ledger.note(who, _now(), "signers fetched", f"/letters/{slug}/")
        return strongbox.lines(self._rows.parcels(slug))

    def _organized(self, slug: str, who: str, why: str) -> None:
        if not self.letters.one(slug).coalition.organizer(who):
            raise WrongUse("You are no organizer of this coalition.", where=slug, why=why, do="Ask one of them.")

    # -- what is counted

    def counted(self, slug: str, one: Written | None = None) -> dict[str, Any]:
        """Signatures level by level, under the text that stands and under earlier ones; ``one`` is the letter, where it is known already."""
        one = one or self.letters.one(slug)
        return letter.tally(self._rows.counts(slug), [each.version for each in one.versions])

    def listed(self, slug: str, kind: Kind, *, page: int = 1, most: int = 100) -> list[dict[str, Any]]:
        """A page of those who signed, each as they want to be shown."""
        return self._rows.listed(slug, kind, start=(page - 1) * most, most=most)

    def every(self, slug: str) -> Iterator[dict[str, Any]]:
        """All that the public may see, the oldest first."""
        return self._rows.every(slug)

    def mark(self, slug: str) -> str:
        """What is another one after every signature that came, went, or was set aside."""
        return self._rows.mark(slug)

    def series(self, slug: str, *, by: str = "hour") -> list[dict[str, Any]]:
        """How many signatures that count were confirmed in each hour or day."""
        return voices.series(self._rows.hours(slug), by=by)

    def set_aside_so_far(self, slug: str) -> list[dict[str, Any]]:
        """What was set aside and restored: rule, reason, how many, when; no names."""
        return self._rows.public_acts(slug)

    def receipt(self, typed: str) -> dict[str, Any] | None:
        """How a signature stands, by its receipt's number; ``None`` where nobody has that number. Raises WrongUse for what is no number."""
        return self._rows.receipt(voices.received(typed))

    def sealed_bytes(self, typed: str) -> bytes | None:
        """The bytes of a signature that the public may see, whose SHA-256 the log holds."""
        return self._rows.bytes_of(voices.received(typed))

    # -- what looks suspicious

    def floods(self, slug: str) -> tuple[Flood, ...]:
        """What the criteria find; nothing is done about it."""
        return flood.floods(self._rows.came(slug), CRITERIA)

    def set_aside(self, slug: str, numbers: Iterable[str], what: str, *, rule: str, why: str, who: str, roles_: Collection[str], flood: str = "") -> int:  # fmt: skip
        """Set signatures aside by a published rule, or restore them: how many. Public, with the reason and without names."""
        roles.asked(roles_, "set aside")
        if what not in ("hidden", "restored") or rule not in letter.RULES or not why.strip():
            raise WrongUse("A rule or a reason is missing.", where="rule", why="Signatures are set aside by published rules alone, and everyone reads why.", do=f"Choose one of: {', '.join(letter.RULES)}; and write why.")  # fmt: skip
        return self._rows.set_aside(slug, [voices.received(one) for one in numbers], what, rule=rule, why=why.strip()[:1000], flood=flood, who=who, at=_now())  # fmt: skip

    # -- into the log

    def seal(self, slug: str) -> list[Leaf]:
        """Put the salted hashes of new signatures into the log; nothing where there is none."""
        one = self.letters.one(slug)
        if one.now is None:
            return []
        title = one.now.text.title

        def facts(number: int) -> dict[str, Any]:
            return {"title": f"Signatures under “{title}”, batch {number}", "fiction": one.coalition.fiction, "place": {"id": one.coalition.town, "name": one.coalition.town_name}, "letter": one.address}  # fmt: skip

        batch = Batch(f"{one.address}signatures/", "signatures", facts, "Signatures came in.")
        return Salted(self.folder, self._origin, self.ledger).seal(batch, partial(self._unsealed, slug))

    def _unsealed(self, slug: str) -> list[Any]:
        from postme.keeping.store import models

        with whole(self.ledger.file, atomic=False):
            return list(models.Signed.objects.visible().select_related("letter", "version").filter(letter__slug=slug, leaf=None).order_by("pk")[:A_BATCH])  # fmt: skip

    def seal_all(self) -> int:
        """The same for every letter: how many entries that made."""
        from postme.keeping.store import models

        with whole(self.ledger.file, atomic=False):
            slugs = sorted(models.Signed.objects.visible().filter(leaf=None).order_by().values_list("letter__slug", flat=True).distinct())  # fmt: skip
        return sum(len(self.seal(slug)) for slug in slugs)

    # -- by the clock

    def tidied(self) -> dict[str, int]:
        """Delete what was not confirmed in time, close letters whose last day is over, erase signers whose time is over: how many of each."""
        now, closed = _now(), 0
        for slug in self._rows.ended(still()):
            Correspondence(self.folder, self._origin).ended(slug)
            closed += 1
        # What waits for its place in the log is put there before its salt is erased.
        self.seal_all()
        return {"expired": self._rows.expired(now), "closed": closed, "erased": self._rows.erased(now)}

    def thank(self, slug: str, written: Callable[[str, str], tuple[str, str]], *, about: str, who: str) -> int:
        """Queue a mail to those who want to hear what came of it, once for each ``about``: how many. ``written`` is given number and language."""
        self._organized(slug, who, "Its signers hear from it alone.")
        mails = []
        for number, address, language in self._rows.to_thank(slug):
            subject, body = written(number, language)
            mails.append((f"thanks {slug} {about} {number}"[:200], Letter(address, subject, body)))
        self._rows.outbox.queue(mails, at=_now())
        self.ledger.note(who, _now(), "signers written to", f"/letters/{slug}/", about, count=len(mails))
        return len(mails)


def _parcel(one: Written, said: Signing, number: str) -> bytes:
    """What the coalition gets of a signer who agreed, closed to its key."""
    return strongbox.closed(
        {
            "letter": one.slug, "number": number, "kind": said.kind.value, "name": said.name, "mail": said.mail, "by": said.by, "role": said.role, "area": said.area,
            "comment": said.comment, "language": said.language, "shown": said.shown.value, "at": _now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "agreed": "The coalition may write to this person about this letter.",
        },
        one.coalition.key,
    )  # fmt: skip


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
