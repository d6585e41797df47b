"""*Something wrong here?* and the right of reply: what may be sent, by when it is answered, and how an answer may read.

The policy stands here and nowhere else; the page at ``/moderation/`` prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postme.clock import Calendar, Deadline, counted
from postme.errors import WrongUse
from postme.rule import Clock

# Chosen: two working weeks: long enough to open the record and ask a second person, short enough to be waited for.
DAYS = 10
# Chosen: some two pages of a letter; a longer case is made by pointing at a document.
LONGEST = 5_000
LONGEST_NAME, LONGEST_CONTACT, LONGEST_ABOUT = 200, 254, 400
_CLOCK = Clock("received", DAYS, "business_days")


class Kind(StrEnum):
    """What somebody sends: an error that they report, or the reply of the body that is named."""

    ERROR = "error"
    REPLY = "reply"


class Outcome(StrEnum):
    """Where a report stands; all but ``OPEN`` are answers, and public."""

    OPEN = "open"
    CORRECTED = "corrected"
    KEPT = "kept"
    PUBLISHED = "published"
    REFUSED = "refused"


# Which answers there are to which kind.
ANSWERS: Mapping[Kind, tuple[Outcome, ...]] = {
    Kind.ERROR: (Outcome.CORRECTED, Outcome.KEPT, Outcome.REFUSED),
    Kind.REPLY: (Outcome.PUBLISHED, Outcome.REFUSED),
}
SAYS: Mapping[Outcome, str] = {
    Outcome.OPEN: "Waiting for an answer.",
    Outcome.CORRECTED: "It was wrong, and was corrected.",
    Outcome.KEPT: "It was looked at, and stands as it was.",
    Outcome.PUBLISHED: "The reply is shown on the page that it answers.",
    Outcome.REFUSED: "It was refused.",
}
# What of a report is hidden from the public, by which rule.
RULES: Mapping[str, str] = {
    "not shown": "What a person writes in a report of an error is shown only if the desk shows it. That it came, what it is about, and its outcome are always public.",
    "two people": "The words of a report or a reply are shown only after a second person at the desk agreed. They are no entry of the log: that a reply was shown, changed or taken away does not stand there.",
    "refused": "Insults, threats, advertising, private data of residents, and what is about no page of this site are refused, and not shown.",
    "contact": "A mail address is never shown. It is erased when the report is answered.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends, as it was checked."""

    about: str
    kind: Kind
    text: str
    name: str = ""
    contact: str = ""


def due(received: date, state: str | None = None) -> Deadline:
    """The day by which a report is answered, with its working; ``state`` is two letters, for its holidays.

    >>> due(date(2026, 11, 20)).day.isoformat()
    '2026-12-07'
    """
    return counted(received, _CLOCK, Calendar(state), "the report")


def checked(*, about: str, kind: str, text: str, name: str, contact: str) -> tuple[Sent | None, Mapping[str, str]]:
    """What was sent, or what is wrong with it, by field.

    >>> checked(about="/places/us/mn/", kind="error", text="", name="", contact="")
    (None, {'text': 'Write what is wrong.'})
    """
    wrong: dict[str, str] = {}
    text, name, contact = (_plain(part).strip() for part in (text, name, contact))
    if kind not in set(Kind):
        wrong["kind"] = "Choose one of the two."
    if not text:
        wrong["text"] = "Write what is wrong." if kind != Kind.REPLY else "Write the reply."
    elif len(text) > LONGEST:
        wrong["text"] = f"Write at most {LONGEST:,} characters; these are {len(text):,}."
    if len(name) > LONGEST_NAME:
        wrong["name"] = f"Write at most {LONGEST_NAME} characters."
    if kind == Kind.REPLY and not name:
        wrong["name"] = "Write for which body you reply, and your name or office."
    if contact and (
        len(contact) > LONGEST_CONTACT
        or contact.count("@") != 1
        or contact.startswith("@")
        or contact.endswith("@")
        or any(one.isspace() for one in contact)
    ):
        wrong["contact"] = "Write a mail address such as ann@example.org, or leave it empty."
    if kind == Kind.REPLY and not contact:
        wrong["contact"] = "Write the body’s mail address: the desk asks there whether the reply is the body’s own."
    if wrong:
        return None, wrong
    return Sent(about, Kind(kind), text, name, contact), {}


def answered(kind: str, outcome: str, why: str) -> Outcome:
    """The answer, where it is one that this kind can have and gives its reason. Raises WrongUse.

    >>> answered("error", "kept", "The record says so.")
    <Outcome.KEPT: 'kept'>
    """
    if outcome not in ANSWERS[Kind(kind)]:
        raise WrongUse("That is no answer to this.", where="outcome", why="Each kind of report has its own answers.", do=f"Choose one of: {', '.join(ANSWERS[Kind(kind)])}.")  # fmt: skip
    if not why.strip():
        raise WrongUse("A reason is missing.", where="why", why="Whoever reported it, and everyone else, reads why.", do="Write one or two sentences.")  # fmt: skip
    return Outcome(outcome)


def _plain(text: str) -> str:
    """Without the control characters that no keyboard types; line ends as one sign."""
    return "".join(
        one for one in text.replace("\r\n", "\n").replace("\r", "\n") if one == "\n" or one == "\t" or one.isprintable()
    )
