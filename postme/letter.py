"""An open letter: the versions that are signed, what its claims rest on, who signed which text, how it was delivered and answered.

A signature names the hash of the text that its signer saw. A change of substance asks earlier signers again; a typo does
not; which of the two a change was is public, and the criteria that a typo must meet are written here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from postme.domains import own_domain
from postme.errors import WrongUse
from postme.publication import canonical
from postme.voices import Shown, addressed, plain, signed


class State(StrEnum):
    """Where a letter stands. What was delivered and answered are facts beside it: a letter may be handed over more than once."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


# From where to where, and who does it.
LIFE: Mapping[tuple[State, State], str] = {
    (State.DRAFT, State.OPEN): "the coalition, once each of its organizations has agreed to the exact text",
    (State.OPEN, State.CLOSED): "the coalition, or the last day for signing",
    (State.CLOSED, State.OPEN): "the coalition, with a later last day",
    (State.OPEN, State.WITHDRAWN): "the coalition",
    (State.CLOSED, State.WITHDRAWN): "the coalition",
}


class Kind(StrEnum):
    """Who signs."""

    ORGANIZATION = "organization"
    PERSON = "person"


class Level(StrEnum):
    """What is known of a signature. They are counted apart and never added together."""

    DOMAIN = "domain"
    COALITION = "coalition"
    MAIL = "mail"
    PAPER = "paper"


LEVELS: Mapping[Level, str] = {
    Level.DOMAIN: "Confirmed by mail at the organization’s own domain.",
    Level.COALITION: "The coalition says that this organization signed. No mail from its own domain was seen.",
    Level.MAIL: "A mail address was confirmed. It shows that somebody reads that mail: not who they are, and not where they live.",
    Level.PAPER: "Signed on paper. The coalition typed it in and keeps the sheet; nothing was confirmed by mail.",
}
OF_KIND: Mapping[Kind, tuple[Level, ...]] = {
    Kind.ORGANIZATION: (Level.DOMAIN, Level.COALITION),
    Kind.PERSON: (Level.MAIL, Level.PAPER),
}


class Signature(StrEnum):
    """Where a signature stands. ``erased``: its time is over; it is counted and hashed, and nobody is named."""

    WAITING = "waiting"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


# Those that time erased count on; those that the desk set aside were confirmed all the same.
COUNTED, CONFIRMED = (Signature.PUBLISHED.value, Signature.ERASED.value), (Signature.PUBLISHED.value, Signature.HIDDEN.value)  # fmt: skip
SIGNED: Mapping[tuple[Signature, Signature], str] = {
    (Signature.WAITING, Signature.PUBLISHED): "its signer, by the link in the mail",
    (Signature.PUBLISHED, Signature.WITHDRAWN): "its signer, who has that address, or the coalition that entered it",
    (Signature.HIDDEN, Signature.WITHDRAWN): "its signer",
    (Signature.PUBLISHED, Signature.HIDDEN): "the desk, by a published criterion",
    (Signature.HIDDEN, Signature.PUBLISHED): "the desk, who took that back",
    (Signature.PUBLISHED, Signature.ERASED): "time",
    (Signature.HIDDEN, Signature.ERASED): "time",
}
# The reasons for which signatures are set aside. There is none about opinions.
RULES: Mapping[str, str] = {
    "machine": "It came in a batch that a machine seems to have made.",
    "not them": "The person or organization named says that they did not sign.",
    "insult": "Its name or its words insult or threaten a person.",
    "advertising": "It advertises something.",
    "private": "It tells private data of somebody else.",
}


class Change(StrEnum):
    """What a new version is. A typo changes no meaning, so who signed before has signed it too."""

    FIRST = "first"
    TYPO = "typo"
    SUBSTANCE = "substance"


class Outcome(StrEnum):
    """What somebody who was written to did."""

    RECEIVED = "said that it came"
    ANSWERED = "answered"
    DONE = "did what was asked"
    REFUSED = "refused"


# Chosen: eight printed pages; a council member with nine minutes reads two.
LONGEST = 20_000
LONGEST_TITLE, LONGEST_ASK, LONGEST_NAME, LONGEST_COMMENT, LONGEST_ROLE, LONGEST_AREA = 160, 600, 120, 1_000, 120, 40
MOST_CLAIMS = 60
# Chosen: half a year of thanks and what comes next, unless the coalition says less; the page says the day.
KEPT = timedelta(days=180)
LONGEST_KEPT = timedelta(days=365)


def moved(state: str, to: State) -> State:
    """The state after a step. Raises WrongUse for a step that there is not.

    >>> moved("draft", State.OPEN)
    <State.OPEN: 'open'>
    """
    if (State(state), to) not in LIFE:
        raise WrongUse(
            f"A letter that is {state} cannot become {to}.", where="letter", why="Each step has its place, so that nobody signs what is not open, and nothing that was signed vanishes.",
            do="Open it again: somebody may have moved it meanwhile.",
        )  # fmt: skip
    return to


def signature_moved(state: str, to: Signature) -> Signature:
    """The state of a signature after a step. Raises WrongUse for a step that there is not."""
    if (Signature(state), to) not in SIGNED:
        raise WrongUse(
            f"A signature that is {state} cannot become {to}.", where="signature", why="Each step has its place, so that nobody counts twice or comes back by accident.",
            do="Open it again: it may have changed meanwhile.",
        )  # fmt: skip
    return to


# --- the text and what it rests on ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage of the text, and what on this site it rests on: ``address`` of a record's quote, holding, decision, audit or law.

    ``leaf`` is the entry of the log that stood there when the claim was made; None for a law, which is no entry.
    """

    passage: str
    address: str
    leaf: int | None = None

    def printed(self) -> dict[str, Any]:
        """As JSON has it, and as it is signed."""
        return {"passage": self.passage, "address": self.address, "leaf": self.leaf}


@dataclass(frozen=True, slots=True)
class Text:
    """What is signed: title, to whom, what is asked for, by which day, the words, and what they rest on."""

    title: str
    to: str
    ask: str
    body: str
    deadline: date | None = None
    about: str = ""
    claims: tuple[Claim, ...] = ()

    def bytes(self, address: str) -> bytes:
        """The exact bytes that are signed; ``address`` is the letter's own."""
        return canonical(
            {
                "what": "letter", "letter": address, "title": self.title, "to": self.to, "ask": self.ask, "about": self.about,
                "deadline": self.deadline.isoformat() if self.deadline else None, "body": self.body, "claims": [one.printed() for one in self.claims],
            }
        )  # fmt: skip

    def sha256(self, address: str) -> str:
        """The hash that stands on every signature."""
        return hashlib.sha256(self.bytes(address)).hexdigest()


def checked(text: Text) -> Mapping[str, str]:
    """What is wrong with a text, by field; empty where it can be signed.

    >>> checked(Text("Vote no", "The City Council", "Vote no on item 4.", "We ask you to vote no.", claims=(Claim("vote yes", "/laws/x/"),)))
    {'claims': 'The letter does not say “vote yes”. Copy the words out of it, as they stand.'}
    """
    wrong: dict[str, str] = {}
    for field, words, most in (("title", text.title, LONGEST_TITLE), ("to", text.to, LONGEST_TITLE), ("ask", text.ask, LONGEST_ASK), ("body", text.body, LONGEST)):  # fmt: skip
        if not words.strip():
            wrong[field] = "Write something here."
        elif len(words) > most:
            wrong[field] = f"Write at most {most:,} characters; these are {len(words):,}."
    if len(text.claims) > MOST_CLAIMS:
        wrong["claims"] = f"At most {MOST_CLAIMS} passages can carry evidence."
    for one in text.claims:
        count = text.body.count(one.passage) if one.passage.strip() else 0
        if count != 1:
            wrong.setdefault("claims", f"The letter does not say “{one.passage}”. Copy the words out of it, as they stand." if count == 0 else f"The letter says “{one.passage}” {count} times. Copy more words, so that it is clear which are meant.")  # fmt: skip
    spans = sorted((text.body.find(one.passage), len(one.passage)) for one in text.claims if one.passage)
    if "claims" not in wrong and any(start + length > after for (start, length), (after, _) in pairwise(spans)):  # fmt: skip
        wrong["claims"] = "Two passages that carry evidence overlap. Make one of them shorter."
    return wrong


def passages(text: Text) -> tuple[tuple[tuple[str, int | None], ...], ...]:
    """The text by paragraphs, each a row of words and the number of the claim that they carry; put together they are the text.

    >>> passages(Text("", "", "", "They have two. Why?\\n\\nStop.", claims=(Claim("have two", "/a/"),)))
    ((('They ', None), ('have two', 0), ('. Why?', None)), (('Stop.', None),))
    """
    spans = sorted((text.body.find(one.passage), number) for number, one in enumerate(text.claims) if one.passage in text.body)  # fmt: skip
    rows: list[tuple[str, int | None]] = []
    at = 0
    for start, number in spans:
        if start < at:
            continue
        rows += [(text.body[at:start], None), (text.claims[number].passage, number)]
        at = start + len(text.claims[number].passage)
    rows.append((text.body[at:], None))
    paragraphs: list[list[tuple[str, int | None]]] = [[]]
    for words, claim in rows:
        for place, part in enumerate(re.split(r"\n{2,}", words)):
            if place:
                paragraphs.append([])
            if part:
                paragraphs[-1].append((part, claim))
    return tuple(tuple(row) for row in paragraphs if any(words.strip() for words, _ in row))


# --- versions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """A text with its number, its hash, and what it changed."""

    number: int
    sha256: str
    change: Change


def stands(signed_number: int, versions: Iterable[Version]) -> bool:
    """Whether a signature under that version is one under the newest: whatever changed since was a typo.

    >>> every = [Version(1, "a", Change.FIRST), Version(2, "b", Change.TYPO), Version(3, "c", Change.SUBSTANCE), Version(4, "d", Change.TYPO)]
    >>> stands(1, every[:2]), stands(2, every), stands(3, every)
    (True, False, True)
    """
    return all(one.change is not Change.SUBSTANCE for one in versions if one.number > signed_number)


# --- signing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signing:
    """A signature as it was checked. ``name`` is the person's or the organization's; ``by`` and ``role`` are who signs for an organization.

    ``area`` is a ZIP code or a ward, as they typed it; ``agreed`` whether the coalition may write to them.
    """

    kind: Kind
    name: str
    shown: Shown
    mail: str
    by: str = ""
    role: str = ""
    domain: str = ""
    area: str = ""
    comment: str = ""
    agreed: bool = False
    thanked: bool = False
    language: str = "en"


def typed(form: Mapping[str, str], kind: Kind) -> tuple[Signing | None, Mapping[str, str]]:
    """A signature from a form, or what is wrong with it, by field.

    >>> typed({"name": "7", "shown": "full", "mail": "ann@example.org"}, Kind.PERSON)
    (None, {'name': 'Write a name with at least one letter.'})
    """
    wrong: dict[str, str] = {}
    name, by, role, area = (" ".join(plain(form.get(key, "")).split()) for key in ("name", "by", "role", "area"))
    comment = plain(form.get("comment", "")).strip()
    shown = form.get("shown", "full")
    if shown not in (set(Shown) if kind is Kind.PERSON else {Shown.FULL, Shown.NONE}):
        wrong["shown"] = "Choose how your name is shown."
    if kind is Kind.ORGANIZATION and shown == Shown.NONE:
        by = role = ""  # what is not shown of whoever signs for one is not kept
    if not any(unicodedata.category(one)[0] == "L" for one in name):
        wrong["name"] = "Write a name with at least one letter."
    for field, words, most in (("name", name, LONGEST_NAME), ("by", by, LONGEST_NAME), ("role", role, LONGEST_ROLE), ("area", area, LONGEST_AREA), ("comment", comment, LONGEST_COMMENT)):  # fmt: skip
        if len(words) > most:
            wrong[field] = f"Write at most {most:,} characters; these are {len(words):,}."
    address, fault = addressed(form.get("mail", ""))
    if fault:
        wrong["mail"] = fault
    domain = ""
    if kind is Kind.ORGANIZATION:
        if not by and shown != Shown.NONE:
            wrong["by"] = "Write who signs for the organization, or choose to show nobody."
        domain = own_domain(form.get("domain", ""))
        if form.get("domain", "").strip() and not domain:
            wrong["domain"] = (
                "Write the organization’s own domain, such as example.org. A mail provider’s is nobody’s own."
            )
    if wrong:
        return None, wrong
    yes = ("on", "yes", "1", "true")
    return Signing(
        kind, name, Shown(shown), address, by, role, domain, area if kind is Kind.PERSON else "", comment, form.get("agreed") in yes, form.get("thanked") in yes, form.get("language", "en")[:12],
    ), {}  # fmt: skip


def alike(name: str) -> str:
    """What a name is the same as, whatever its capitals, spaces, points and look-alike signs: two organizations with one name are told apart by their domains.

    >>> alike("Stop  A.L.P.R. Now!") == alike("stop alpr now")
    True
    """
    folded = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join("" if one in ".’'" else one if unicodedata.category(one)[0] in "LN" else " " for one in folded if unicodedata.category(one)[0] != "M")  # fmt: skip
    return " ".join(kept.split())


def signature_bytes(
    *, number: str, letter: str, text: str, kind: str, level: str, name: str, by: str, role: str, area: str, comment: str, salt: str,
) -> bytes:  # fmt: skip
    """A signature as bytes, just as it is public, with its salt; ``text`` is the SHA-256 of the version that its signer saw."""
    return canonical(
        {
            "what": "signature", "number": number, "letter": letter, "text": text, "kind": kind, "level": level, "name": name, "by": by, "role": role,
            "area": area, "comment": comment, "salt": salt,
        }
    )  # fmt: skip


def named(name: str, shown: str, kind: str) -> str:
    """The name as everybody sees it: an organization's always, a person's as they chose.

    >>> named("Ann Doe", "short", "person"), named("Tenants Union", "none", "organization")
    ('A. D.', 'Tenants Union')
    """
    return name if kind == Kind.ORGANIZATION else signed(name, shown)


# --- counting ---------------------------------------------------------------------------------------------------------


def tally(rows: Iterable[tuple[str, int, int]], versions: Sequence[Version]) -> dict[str, Any]:
    """Counts by level: under the text that stands, and under an earlier text that it changed in substance; rows are level, version, number.

    >>> tally([("mail", 1, 5), ("domain", 2, 1)], [Version(1, "a", Change.FIRST), Version(2, "b", Change.SUBSTANCE)])
    {'now': {'domain': 1, 'coalition': 0, 'mail': 0, 'paper': 0}, 'earlier': {'domain': 0, 'coalition': 0, 'mail': 5, 'paper': 0}}
    """
    told = {when: {level.value: 0 for level in Level} for when in ("now", "earlier")}
    for level, version, number in rows:
        told["now" if stands(version, versions) else "earlier"][level] += number
    return told


# --- delivery and answer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Handed:
    """That the letter was handed to somebody: to whom, on which day, how, with how many signatures; and what they did, on which day."""

    to: str
    on: date
    outcome: Outcome | None = None
    answered: date | None = None

    def days(self, today: date) -> int:
        """Days until the answer, or of silence so far.

        >>> Handed("Member A", date(2026, 1, 5)).days(date(2026, 1, 15))
        10
        """
        return max(0, ((self.answered or today) - self.on).days)

    @property
    def silent(self) -> bool:
        """Whether nothing came back but that it came."""
        return self.outcome in (None, Outcome.RECEIVED)


def erased_on(closed: date, kept: timedelta = KEPT) -> date:
    """The day on which the people who signed are erased; numbers, counts and hashes stay.

    >>> erased_on(date(2026, 1, 1), timedelta(days=30)).isoformat()
    '2026-01-31'
    """
    return closed + min(kept, LONGEST_KEPT)


def missing(members: Collection[str], agreed: Mapping[str, str], sha256: str) -> tuple[str, ...]:
    """The organizations whose agreement to exactly this text is missing; ``agreed`` has the hash that each last agreed to.

    >>> missing(["a", "b"], {"a": "1", "b": "0"}, "1")
    ('b',)
    """
    return tuple(sorted(one for one in members if agreed.get(one) != sha256))
