"""The letters of a coalition: drafted among its organizations, opened once each has agreed to the exact text, changed in public, handed over, answered."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from postme import letter, publication, roles, typo
from postme.domains import own_domain
from postme.errors import WrongUse
from postme.keeping import strongbox
from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.keeping.store.letters import Letters, printed
from postme.keeping.store.written import Allied, Member, Versioned, Written
from postme.letter import Change, Claim, Outcome, State, Text
from postme.office import grounds, sealing
from postme.office.press import slug
from postme.publication import What

HOW = ("mail", "by hand", "post")
_salt = partial(secrets.token_hex, 16)


class Correspondence:
    """The letters of a data folder. ``origin`` is the log's name, as the press has it."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN) -> None:
        self.folder, self.ledger = folder, Ledger(folder)
        self.rows = Letters(self.ledger.file)
        self._log = sealing.Log(folder, origin, self.ledger)

    # -- the coalition

    def found(
        self, town: str, name: str, *, about: str = "", contact: str = "", who: str, roles_: Collection[str]
    ) -> str:
        """Found a coalition in a town: the last part of its address. Who acts for it is given next."""
        roles.asked(roles_, "found coalition")
        named = " ".join(name.split())
        if not named or len(named) > letter.LONGEST_TITLE:
            raise WrongUse("A name is missing, or is too long.", where="name", why="People know a coalition by it.", do=f"Write at most {letter.LONGEST_TITLE} characters.")  # fmt: skip
        own = slug(named)[:80]
        self.rows.found(
            own, town, {"name": named, "about": about.strip(), "contact": contact.strip()}, who=who, at=_now()
        )
        return own

    def join(self, coalition: str, name: str, *, site: str = "", who: str, roles_: Collection[str] = ()) -> int:
        """Add an organization, with its own domain where its site tells one: its number."""
        self.organizes(coalition, who, roles_)
        named = " ".join(name.split())
        if not any(one.isalpha() for one in named) or len(named) > letter.LONGEST_TITLE:
            raise WrongUse("A name is missing, or is too long.", where="name", why="Readers know an organization by it.", do=f"Write at most {letter.LONGEST_TITLE} characters.")  # fmt: skip
        domain = own_domain(site)
        if site.strip() and not domain:
            raise WrongUse("This is no address of an organization’s own.", where="site", why="Its people prove themselves by mail at its domain, and anybody has one at a mail provider.", do="Write its own site, such as example.org, or leave it empty.")  # fmt: skip
        return self.rows.add(coalition, named, domain, site.strip(), who=who, at=_now())

    def leave(self, coalition: str, organization: int, *, who: str, roles_: Collection[str] = ()) -> None:
        """Take an organization out: by its own people, or by an organizer. What it signed stays on the record."""
        own = self.rows.coalition(coalition)
        if organization not in {one.id for one in own.speaks_for(who)}:
            self.organizes(coalition, who, roles_)
        self.rows.leave(coalition, organization, who=who, at=_now())

    def logo(self, coalition: str, organization: int, sha256: str, *, who: str) -> None:
        """Say which kept file is an organization's logo (``logos.put``); empty: none."""
        self.organizes(coalition, who)
        self.rows.logo(coalition, organization, sha256, who=who, at=_now())

    def give(self, coalition: str, organization: int, person: str, *, title: str = "", organizer: bool = False, who: str, roles_: Collection[str] = ()) -> None:  # fmt: skip
        """Say that an account acts for an organization."""
        self.organizes(coalition, who, roles_)
        self.rows.give(coalition, organization, person, " ".join(title.split())[: letter.LONGEST_ROLE], organizer=organizer, who=who, at=_now())  # fmt: skip

    def take(self, coalition: str, organization: int, person: str, *, who: str, roles_: Collection[str] = ()) -> None:
        """Say that somebody acts for an organization no more."""
        own = self.rows.coalition(coalition)
        if organization not in {one.id for one in own.speaks_for(who)}:
            self.organizes(coalition, who, roles_)
        self.rows.take(coalition, organization, person, who=who, at=_now())

    def keyed(self, coalition: str, key: str, *, who: str) -> None:
        """Set the public key to which signers' data is closed for the coalition; empty: nothing is kept for it. What was closed to an earlier key stays so."""
        self.organizes(coalition, who)
        self.rows.change_coalition(
            coalition, {"key": strongbox.checked(key) if key.strip() else ""}, who=who, at=_now()
        )

    def said(self, coalition: str, *, about: str, contact: str, kept_days: int, who: str) -> None:
        """Change what a coalition says of itself, and for how long it needs to reach signers after a letter is closed."""
        self.organizes(coalition, who)
        if not 1 <= kept_days <= letter.LONGEST_KEPT.days:
            raise WrongUse(f"{kept_days} days are not possible.", where="kept_days", why="Signers are told the day on which they are erased.", do=f"Choose 1 to {letter.LONGEST_KEPT.days} days.")  # fmt: skip
        if kept_days > self.rows.coalition(coalition).kept_days and self.rows.several(coalition=coalition, states=(State.OPEN, State.CLOSED)):  # fmt: skip
            raise WrongUse("This cannot be made longer now.", where="kept_days", why="People signed and were told an earlier day.", do="Leave it, or make it shorter.")  # fmt: skip
        self.rows.change_coalition(coalition, {"about": about.strip(), "contact": contact.strip(), "kept_days": kept_days}, who=who, at=_now())  # fmt: skip

    def organizes(self, coalition: str, who: str, roles_: Collection[str] = ()) -> Allied:
        """The coalition. Raises WrongUse for who does not organize it."""
        own = self.rows.coalition(coalition)
        if own.organizer(who):
            return own
        if not roles_:
            raise WrongUse("You are no organizer of this coalition.", where=coalition, why="What is done in its name, its organizers do.", do="Ask one of them; the coalition’s page says who they are.")  # fmt: skip
        # Before anybody acts for it, whoever may found one says who does.
        roles.asked(roles_, "found coalition")
        return own

    def _speaks(self, coalition: str, who: str) -> Allied:
        own = self.rows.coalition(coalition)
        if not own.speaks_for(who):
            raise WrongUse("You act for no organization of this coalition.", where=coalition, why="Its letters are its organizations’ own.", do="Ask an organizer of the coalition.")  # fmt: skip
        return own

    # -- the draft

    def draft(self, coalition: str, text: Text, *, who: str) -> str:
        """Begin a letter: the last part of its address."""
        own = self._speaks(coalition, who)
        address = slug(f"{own.town_name} {text.title or 'letter'}")[:100]
        taken, stem, number = self.rows.slugs(address), address, 1
        while address in taken:
            number += 1
            address = f"{stem}-{number}"
        self.rows.draft(address, coalition, text, who=who, at=_now())
        return address

    def rewrite(self, own: str, text: Text, turn: int, *, who: str) -> None:
        """Keep what was written; whoever had agreed to the words before agrees anew."""
        self._speaks(self.rows.one(own).coalition.slug, who)
        self.rows.rewrite(own, text, turn, who=who, at=_now())

    def remark(self, own: str, words: str, *, who: str) -> None:
        """Say something about the draft, among the coalition alone."""
        speaks = self._speaks(self.rows.one(own).coalition.slug, who).speaks_for(who)
        if not words.strip() or len(words) > letter.LONGEST_COMMENT * 4:
            raise WrongUse("Write what you want to say, at some length.", where="text", why="The others read it.", do=f"Write at most {letter.LONGEST_COMMENT * 4:,} characters.")  # fmt: skip
        self.rows.remark(own, speaks[0].id, words.strip(), who=who, at=_now())

    def settle(self, own: str, remark: int, *, who: str) -> None:
        """Say that a remark on the draft is dealt with."""
        self._speaks(self.rows.one(own).coalition.slug, who)
        self.rows.settle(own, remark)

    def agree(self, own: str, organization: int, sha256: str, *, who: str) -> None:
        """Agree to exactly this text, for an organization that one acts for."""
        if organization not in {one.id for one in self._speaks(self.rows.one(own).coalition.slug, who).speaks_for(who)}:
            raise WrongUse("You do not act for this organization.", where="organization", why="It agrees by its own people alone.", do="Ask one of them.")  # fmt: skip
        self.rows.agree(own, organization, sha256, who=who, at=_now())

    def claim(self, passage: str, address: str) -> Claim:
        """A claim on what stands at an address of this site now. Raises WrongUse where nothing stands there that a letter can rest on."""
        return grounds.claim(self.ledger.file, passage, address)

    # -- in public

    def open(self, own: str, turn: int, *, last_day: datetime.date | None, who: str) -> list[Leaf]:
        """Open a letter for signing, once each organization has agreed to exactly this text and it can be signed."""
        one = self.rows.one(own)
        self.organizes(one.coalition.slug, who)
        self._ready(one)
        if one.now and not letter.stands(one.now.number, [each.version for each in one.versions]):
            raise WrongUse("This letter was open before.", where=own, why="Its versions follow one another.", do="Change it instead.")  # fmt: skip
        _still(last_day)
        if one.draft.deadline and one.draft.deadline < _now().date():
            raise WrongUse("The day by which the letter asks for an answer is past.", where="deadline", why="Whoever signs would ask for what can no longer be done.", do="Write a later day into the letter, or none.")  # fmt: skip

        def made(_: Drafted | None) -> list[Publishing]:
            self.rows.version(own, one.draft, Change.FIRST, "", turn, who=who, at=_now())
            self.rows.move(own, State.OPEN, who=who, at=_now(), last_day=last_day)
            return [self._entry(own, "The letter is open for signing.")]

        return self._published(own, made, who)

    def change(self, own: str, turn: int, change: Change, why: str, *, who: str) -> list[Leaf]:
        """Make the draft the text that is signed. A typo keeps every signature; anything else asks those who signed before again.

        Raises WrongUse for a typo that is none by the criteria, and for a change of substance that not every organization agreed to.
        """
        one = self.rows.one(own)
        self.organizes(one.coalition.slug, who)
        if one.state is not State.OPEN or one.now is None:
            raise WrongUse("Only a letter that is open can be changed.", where=own, why="What was handed over was signed as it was.", do="Write another letter.")  # fmt: skip
        if one.drafted == one.now.sha256:
            raise WrongUse("The draft says what the letter says.", where=own, why="There is nothing to change.", do="Write the change first.")  # fmt: skip
        if not why.strip():
            raise WrongUse("A reason is missing.", where="why", why="Whoever signed before reads why.", do="Write one sentence.")  # fmt: skip
        if change is Change.TYPO:
            if against := typo.against(one.now.text, one.draft):
                raise WrongUse("This is no mere typo. " + " ".join(against), where="change", why="Nobody’s name stands under words that they have not seen.", do="Make it a change of substance: whoever signed before is asked again.")  # fmt: skip
            _signable(one.draft)
        else:
            self._ready(one)

        def made(_: Drafted | None) -> list[Publishing]:
            self.rows.version(own, one.draft, change, why.strip(), turn, who=who, at=_now())
            what = What.CORRECTED if change is Change.TYPO else What.CONTINUED
            return [self._entry(own, why.strip(), what)]

        return self._published(own, made, who)

    def close(self, own: str, *, who: str, why: str = "") -> list[Leaf]:
        """Close a letter for signing."""
        self.organizes(self.rows.one(own).coalition.slug, who)
        return self._moved(own, State.CLOSED, why or "It is closed for signing.", who)

    def ended(self, own: str) -> list[Leaf]:
        """Close a letter whose last day is over."""
        return self._moved(own, State.CLOSED, "Its last day for signing is over.", "the site")

    def reopen(self, own: str, last_day: datetime.date | None, *, who: str) -> list[Leaf]:
        """Open a closed letter again, with a later last day."""
        self.organizes(self.rows.one(own).coalition.slug, who)
        if self.rows.one(own).erased:
            raise WrongUse("Its signers were erased.", where=own, why="Their time was over, and they were told so.", do="Write another letter.")  # fmt: skip
        _still(last_day)
        return self._moved(own, State.OPEN, "It is open for signing again.", who, last_day)

    def withdraw(self, own: str, why: str, *, who: str) -> list[Leaf]:
        """Take a letter back; its page stays, and says so and why."""
        self.organizes(self.rows.one(own).coalition.slug, who)
        if not why.strip():
            raise WrongUse("A reason is missing.", where="why", why="Whoever signed reads why.", do="Write one sentence.")  # fmt: skip
        return self._moved(own, State.WITHDRAWN, why.strip(), who)

    def _moved(self, own: str, to: State, why: str, who: str, last_day: datetime.date | None = None) -> list[Leaf]:
        def made(_: Drafted | None) -> list[Publishing]:
            self.rows.move(own, to, who=who, at=_now(), last_day=last_day)
            return [self._entry(own, why, What.CONTINUED)]

        return self._published(own, made, who)

    # -- handed over and answered

    def deliver(
        self, own: str, to: Sequence[tuple[str, int | None]], how: str, on: datetime.date, counts: Mapping[str, Any], pdf: str, *, who: str, outgoing: Mapping[str, str] | None = None,
        queue: Callable[[], None] = lambda: None,
    ) -> list[Leaf]:  # fmt: skip
        """Record that the letter was handed to people, each with their seat where they hold one: with which counts, as which file.

        ``queue`` has the mails sent that carry it, in the same transaction: no mail goes out for what was not recorded.
        """
        self.delivering(own, to, how, on, who=who)

        def made(_: Drafted | None) -> list[Publishing]:
            queue()
            for name, seat in to:
                self.rows.deliver(own, {"to": name, "seat": seat, "how": how, "on": on, "counts": dict(counts), "pdf": pdf, "outgoing": (outgoing or {}).get(name, "")}, who=who, at=_now())  # fmt: skip
            return [self._entry(own, "It was handed over.", What.CONTINUED)]

        return self._published(own, made, who)

    def delivering(self, own: str, to: Sequence[tuple[str, int | None]], how: str, on: datetime.date, *, who: str) -> None:  # fmt: skip
        """Raises WrongUse where this delivery could not be recorded."""
        one = self.rows.one(own)
        self.organizes(one.coalition.slug, who)
        if one.now is None or one.state is State.WITHDRAWN:
            raise WrongUse("This letter cannot be handed over.", where="delivery", why="It was never open for signing, or it was withdrawn.", do="Look at how it stands.")  # fmt: skip
        if how not in HOW or on > _now().date() or not to:
            raise WrongUse("This delivery cannot be recorded.", where="delivery", why="Days of silence are counted from it.", do="Choose at least one person, how it was handed over, and a day that has come.")  # fmt: skip

    def answered(self, own: str, delivery: int, outcome: Outcome, on: datetime.date, *, answer: str = "", link: str = "", who: str) -> list[Leaf]:  # fmt: skip
        """Record what somebody did who was handed the letter."""
        one = self.rows.one(own)
        self.organizes(one.coalition.slug, who)
        handed = next((each for each in one.deliveries if each.id == delivery), None)
        if handed is None or not handed.on <= on <= _now().date():
            raise WrongUse("This answer cannot be recorded.", where="answer", why="Its day lies before the delivery, or has not come.", do="Choose one of the deliveries, and the day of the answer.")  # fmt: skip
        if link and not link.startswith(("https://", "http://", "/")):
            raise WrongUse("This is no address.", where="link", why="Readers open it.", do="Write an address that begins with https://, or one of this site.")  # fmt: skip

        def made(_: Drafted | None) -> list[Publishing]:
            self.rows.answered(own, delivery, {"outcome": outcome.value, "answered": on, "answer": answer.strip()[:4000], "link": link.strip()[:400]}, who=who, at=_now())  # fmt: skip
            return [self._entry(own, "An answer came.", What.CONTINUED)]

        return self._published(own, made, who)

    # -- how it becomes public

    def _ready(self, one: Written) -> None:
        _signable(one.draft)
        if missing := one.missing():
            names = ", ".join(each.name for each in missing[:5])
            raise WrongUse(f"These organizations have not agreed to this text: {names}.", where=one.slug, why="A coalition’s letter is each of theirs.", do="Ask them to read it and agree, or take them out of the coalition if they do not want to.")  # fmt: skip

    def _published(self, own: str, made: Callable[[Drafted | None], list[Publishing]], who: str) -> list[Leaf]:
        def publish(seal: Callable[[Sequence[Leaf]], None]) -> list[Leaf]:
            def sealed(leaves: Sequence[Leaf]) -> None:
                one = self.rows.one(own)
                if one.now and one.now.leaf is None:
                    self.rows.sealed(own, one.now.number, leaves[-1].index)
                seal(leaves)

            return self.ledger.publish(made, who=who, at=_now(), salt=_salt, seal=sealed)

        return self._log.publish(publish)

    def _entry(self, own: str, reason: str, what: What = What.CONTINUED) -> Publishing:
        one = self.rows.one(own)
        new = not publication.visible(self.ledger.state_of(one.address))
        return Publishing(one.address, "letter", What.PUBLISHED if new else what, facts(one), reason)

    def claims(self, text: Text) -> list[dict[str, Any]]:
        """What the claims of a text rest on, each as it is now (``grounds.told``)."""
        return grounds.told(self.ledger.file, text)


def facts(one: Written) -> dict[str, Any]:
    """What a letter's entry says. Who signed stands in batches of their own, as salted hashes."""
    if one.now is None:
        raise WrongUse("This letter was never open for signing.", where=one.slug, why="Nothing of it is public.", do="Open it first.")  # fmt: skip
    text, own = one.now.text, one.coalition
    return {
        "title": text.title, "fiction": own.fiction, "place": {"id": own.town, "name": own.town_name}, "slug": one.slug, **printed(text),
        "coalition": {"slug": own.slug, "name": own.name, "contact": own.contact, "organizations": [_organization(each) for each in own.members if not each.left]},
        "state": one.state.value, "version": one.now.number, "sha256": one.now.sha256, "versions": [_version(each) for each in one.versions],
        "last_day": one.last_day.isoformat() if one.last_day else None, "kept_days": own.kept_days,
        "deliveries": [
            {
                "number": each.id, "to": each.to, "how": each.how, "on": each.on.isoformat(), "version": each.version, "counts": dict(each.counts), "pdf": each.pdf, "outcome": each.outcome,
                "answered": each.answered.isoformat() if each.answered else None, "answer": each.answer, "link": each.link,
            }
            for each in one.deliveries
        ],
    }  # fmt: skip


def _organization(one: Member) -> dict[str, Any]:
    return {"name": one.name, "domain": one.domain, "site": one.site}


def _version(one: Versioned) -> dict[str, Any]:
    return {"number": one.number, "sha256": one.sha256, "change": one.change.value, "why": one.why, "at": one.at.strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip


def _signable(text: Text) -> None:
    if wrong := letter.checked(text):
        raise WrongUse("This letter cannot be signed yet. " + " ".join(wrong.values()), where=next(iter(wrong)), why="Who signs must know to whom, for what and on which words.", do="Mend it first.")  # fmt: skip


def _still(last_day: datetime.date | None) -> None:
    if last_day and last_day < _now().date():
        raise WrongUse(f"{last_day} is over.", where="last_day", why="Nobody could sign.", do="Choose a day that is still to come, or none.")  # fmt: skip


def differences(versions: Iterable[Versioned]) -> list[dict[str, Any]]:
    """What each version changed, as pieces *same*, *gone* and *new*, the newest first."""
    from postme.paper import pieces

    every = list(versions)
    return [
        {"number": new.number, "change": new.change.value, "why": new.why, "at": new.at, "sha256": new.sha256, "leaf": new.leaf, "pieces": list(pieces(_whole(old.text), _whole(new.text)))}
        for old, new in pairwise(every)
    ][::-1]  # fmt: skip


def _whole(text: Text) -> str:
    return f"{text.title}\n\n{text.to}\n\n{text.ask}\n\n{text.body}"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
