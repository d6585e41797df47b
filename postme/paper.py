"""A paper's answers: each question *answered*, *empty* or *does not apply because*; what is missing, what changed, and the one-page reading.

What was typed is kept as typed; a version that is fixed has its canonical answers and their SHA-256.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from postme import publication
from postme.errors import WrongUse
from postme.form import SLOTS, Field, Form

# Chosen: thirty printed pages; a longer one is a record of its own, to be attached.
LONGEST_ANSWER = 100_000
# Chosen: what an answer can rest on before nobody opens it any more.
MOST_EVIDENCE = 50
LONGEST_ADDRESS = 400
# Chosen: what a council member reads in half a minute.
SHORT = 420
# Chosen: beyond so many words on a side, a comparison goes paragraph by paragraph.
_BY_WORD = 4_000


class State(StrEnum):
    """How a question stands."""

    ANSWERED = "answered"
    EMPTY = "empty"
    NOT = "does not apply"


# Source: XML 1.0, production 2 (Char): what no document can hold; line and page feeds become line breaks.
_NO_CHARACTER = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


def clean(text: str) -> str:
    """Words as every file, form and database can hold them: one kind of line break, no control characters, no space around.

    >>> clean("  one\\r\\ntwo\\x00 ")
    'one\\ntwo'
    """
    plain = re.sub("\r\n?|[\x0b\x0c]", "\n", _NO_CHARACTER.sub("", text))
    return str(publication.tellable(plain)).strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed to a question: the state that was chosen, the words, why it does not apply, and what it rests on (addresses)."""

    state: State = State.EMPTY
    text: str = ""
    because: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def counts(self) -> State:
        """How it counts: words make an answer, a reason makes *does not apply*; without them it is empty, whatever was chosen.

        >>> Answer(State.ANSWERED).counts.value, Answer(State.NOT, because="It keeps no data.").counts.value
        ('empty', 'does not apply')
        """
        if self.state is State.ANSWERED and self.text:
            return State.ANSWERED
        return State.NOT if self.state is State.NOT and self.because else State.EMPTY

    @property
    def blank(self) -> bool:
        """Whether nothing at all was typed."""
        return self == Answer()

    def typed(self) -> dict[str, Any]:
        """As it is kept while it is being typed."""
        return {"state": self.state.value, "text": self.text, "because": self.because, "evidence": list(self.evidence)}

    def fixed(self) -> dict[str, Any]:
        """As a fixed version has it: only what counts. What was typed beside it stays in the draft."""
        counts = self.counts
        told: dict[str, Any] = {"state": counts.value}
        if counts is State.ANSWERED:
            told["text"] = self.text
        if counts is State.NOT:
            told["because"] = self.because
        if counts is not State.EMPTY and self.evidence:
            told["evidence"] = list(self.evidence)
        return told


Answers = Mapping[str, Answer]


def answer(
    state: str, text: str = "", because: str = "", evidence: Iterable[str] = (), *, where: str = "answer"
) -> Answer:
    """An answer as it was typed, cleaned. Without a state, one follows from what stands there. Raises WrongUse for what is too long."""
    words, reason = clean(text), clean(because)
    for said in (words, reason):
        if len(said) > LONGEST_ANSWER:
            raise WrongUse(
                f"This answer has {len(said):,} characters; {LONGEST_ANSWER:,} fit.", where=where, why="Nobody could find in it what they look for.",
                do="Answer in short, and attach the long text as a file.",
            )  # fmt: skip
    lines = (one.strip() for said in evidence for one in clean(said).split("\n"))
    rests = tuple(dict.fromkeys(one for one in lines if one))
    if len(rests) > MOST_EVIDENCE or any(len(one) > LONGEST_ADDRESS for one in rests):
        raise WrongUse(
            f"More than {MOST_EVIDENCE} addresses, or one of more than {LONGEST_ADDRESS} characters.", where=where, why="Evidence that nobody opens proves nothing.",
            do="Name the few that say it, one address a line.",
        )  # fmt: skip
    if state not in tuple(State):
        state = (State.ANSWERED if words else State.NOT if reason else State.EMPTY).value
    return Answer(State(state), words, reason, rests)


def kept(told: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers as they were kept, whether typed or fixed."""
    return {
        id_: Answer(State(one.get("state", "empty")), one.get("text", ""), one.get("because", ""), tuple(one.get("evidence", ())))
        for id_, one in told.items()
    }  # fmt: skip


# --- two people at once -----------------------------------------------------------------------------------------------


def digest(answer: Answer) -> str:
    """What somebody who opened an answer saw of it, in twelve letters.

    >>> digest(Answer()) == digest(Answer(State.EMPTY)) != digest(Answer(text="x"))
    True
    """
    return hashlib.sha256(publication.canonical(answer.typed())).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Merged:
    """Answers of two people put together: those that only one of them changed, and the questions that both did."""

    answers: Mapping[str, Answer]
    theirs: tuple[str, ...]
    """Questions that somebody else changed meanwhile, and that were left as they are now."""
    clash: tuple[str, ...]
    """Questions that both changed, each in their own way: nobody but a person can put them together."""


def merged(seen: Mapping[str, str], mine: Answers, theirs: Answers) -> Merged:
    """What I typed over what stands now. ``seen`` holds the ``digest`` of each answer as I opened it."""
    answers, others, clash = dict(theirs), [], []
    for id_, one in mine.items():
        now = theirs.get(id_, Answer())
        was = seen.get(id_, digest(Answer()))
        if one == now:
            continue
        if digest(now) == was:
            answers[id_] = one
        elif digest(one) == was:
            others.append(id_)
        else:
            clash.append(id_)
    return Merged(answers, tuple(others), tuple(clash))


# --- a version --------------------------------------------------------------------------------------------------------


def fixed(form: Form, answers: Answers) -> dict[str, Any]:
    """A version's answers: one for each question of the form, and those to earlier questions that still say something."""
    told = {one.id: answers.get(one.id, Answer()).fixed() for one in form.fields}
    told.update({id_: one.fixed() for id_, one in answers.items() if id_ not in told and one.counts is not State.EMPTY})
    return told


def sha256(answers: Mapping[str, Any]) -> str:
    """The SHA-256 of a version's answers: of their canonical bytes, so that the order in which they were typed says nothing.

    >>> sha256({"a": {"state": "empty"}, "b": {"state": "empty"}}) == sha256({"b": {"state": "empty"}, "a": {"state": "empty"}})
    True
    """
    return hashlib.sha256(publication.canonical(answers)).hexdigest()


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a paper is: of what the place's laws ask for, and of the other questions; the ids of those without an answer."""

    needed: int
    needed_empty: tuple[str, ...]
    others: int
    others_empty: tuple[str, ...]

    @property
    def done(self) -> int:
        """How many of those that a law asks for are answered or do not apply."""
        return self.needed - len(self.needed_empty)

    @property
    def others_done(self) -> int:
        """How many of the others."""
        return self.others - len(self.others_empty)

    @property
    def whole(self) -> bool:
        """Whether everything that a law asks for stands there; where no law lists anything, every question."""
        return not (self.needed_empty if self.needed else self.others_empty)

    def printed(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "asked_for": self.needed, "answered": self.done, "empty": list(self.needed_empty), "others": self.others, "others_answered": self.others_done,
            "others_empty": list(self.others_empty), "whole": self.whole,
        }  # fmt: skip


def completeness(form: Form, answers: Answers) -> Completeness:
    """How far a paper is."""
    empty = {one.id for one in form.fields if answers.get(one.id, Answer()).counts is State.EMPTY}
    needed = [one.id for one in form.fields if one.needed]
    others = [one.id for one in form.fields if not one.needed]
    return Completeness(
        len(needed),
        tuple(one for one in needed if one in empty),
        len(others),
        tuple(one for one in others if one in empty),
    )


_NUMBER = re.compile(r"\d")
_NONE = re.compile(r"\b(no|none|not|nothing|zero|never|unknown|free)\b", re.IGNORECASE)


def remarks(field: Field, answer: Answer) -> tuple[str, ...]:
    """What a reader of the draft would ask of one answer; it never keeps anybody from saving.

    >>> remarks(Field("cost", "money", "What does it cost?", kind="amount"), Answer(State.ANSWERED, "A lot."))
    ('An amount in dollars is asked for, and no number stands here.',)
    """
    found = []
    if answer.state is State.ANSWERED and not answer.text:
        found.append("It is marked as answered, and nothing stands here. It counts as empty.")
    if answer.state is State.NOT and not answer.because:
        found.append("Say why it does not apply. Without a reason it counts as empty.")
    if answer.state is State.EMPTY and (answer.text or answer.because):
        found.append("It is marked as empty. What stands here is kept, but no version will carry it.")
    if answer.state is State.NOT and answer.text:
        found.append("It is marked as not applying. The answer that stands here is kept, but no version will carry it.")
    if (
        answer.counts is State.ANSWERED
        and field.kind in _WANTS
        and not _NUMBER.search(answer.text)
        and not _NONE.search(answer.text)
    ):
        found.append(_WANTS[field.kind])
    return tuple(found)


_WANTS: Mapping[str, str] = {
    "amount": "An amount in dollars is asked for, and no number stands here.",
    "days": "A number of days is asked for, and no number stands here.",
    "number": "A number is asked for, and none stands here.",
}
REMARKS: tuple[str, ...] = (
    "It is marked as answered, and nothing stands here. It counts as empty.", "Say why it does not apply. Without a reason it counts as empty.",
    "It is marked as empty. What stands here is kept, but no version will carry it.",
    "It is marked as not applying. The answer that stands here is kept, but no version will carry it.", *_WANTS.values(),
)  # fmt: skip
"""Every remark that there is, for translators."""


# --- two versions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer differs between two versions; ``pieces`` are its words, each *same*, *gone* or *new*."""

    field: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    pieces: tuple[tuple[str, str], ...]


def changes(old: Mapping[str, Any], new: Mapping[str, Any], order: Iterable[str] = ()) -> tuple[Change, ...]:
    """Every question whose answer differs, in the order of the form."""
    places = {id_: i for i, id_ in enumerate(order)}
    ids = sorted({*old, *new}, key=lambda id_: (places.get(id_, len(places)), id_))
    empty: dict[str, Any] = {"state": State.EMPTY.value}
    return tuple(
        Change(id_, old.get(id_, empty), new.get(id_, empty), tuple(pieces(_words(old.get(id_, {})), _words(new.get(id_, {})))))
        for id_ in ids
        if old.get(id_, empty) != new.get(id_, empty)
    )  # fmt: skip


def _words(told: Mapping[str, Any]) -> str:
    return str(told.get("text") or told.get("because") or "")


def pieces(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Two texts as one row of pieces: *same*, *gone* (only in the old one), *new* (only in the new one).

    >>> list(pieces("kept 30 days", "kept 90 days"))
    [('same', 'kept '), ('gone', '30'), ('new', '90'), ('same', ' days')]
    """
    split = re.compile(r"(\s+)") if max(old.count(" "), new.count(" ")) < _BY_WORD else re.compile(r"(\n+)")
    was, now = ([one for one in split.split(text) if one] for text in (old, new))
    for tag, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(was[a:b])
            continue
        if a < b:
            yield "gone", "".join(was[a:b])
        if c < d:
            yield "new", "".join(now[c:d])


# --- what is read first -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the one-page reading: a heading, and for each question under it the beginning of its answer and whether it goes on."""

    slot: str
    heading: str
    parts: tuple[Mapping[str, Any], ...]

    def printed(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"slot": self.slot, "heading": self.heading, "parts": [dict(one) for one in self.parts]}


def reading(form: Form, answers: Answers) -> tuple[Line, ...]:
    """The one-page reading: the questions that somebody with a few minutes asks first, each with how it is answered."""
    lines = []
    for slot, heading in SLOTS.items():
        parts = tuple(_part(one, answers.get(one.id, Answer())) for one in form.fields if one.first == slot)
        if parts:
            lines.append(Line(slot, heading, parts))
    return tuple(lines)


def _part(field: Field, answer: Answer) -> dict[str, Any]:
    counts = answer.counts
    words = answer.text if counts is State.ANSWERED else answer.because if counts is State.NOT else ""
    short, cut = shortened(words)
    return {"field": field.id, "question": field.question, "state": counts.value, "words": short, "cut": cut, "evidence": len(answer.evidence) if counts is not State.EMPTY else 0}  # fmt: skip


def shortened(text: str, most: int = SHORT) -> tuple[str, bool]:
    """The beginning of a text, to the end of a sentence where one ends in reach, and whether it goes on.

    >>> shortened("One. Two is longer.", 10)
    ('One.', True)
    """
    if len(text) <= most:
        return text, False
    head = text[:most]
    ends = [match.end() for match in re.finditer(r"[.!?。؟](?=\s)", text[: most + 1])]
    if ends:
        return head[: ends[-1]], True
    return (head.rsplit(None, 1)[0] if re.search(r"\s", head) else head), True


# --- promised and told ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """What the policy promised to one question and what a report tells to the question that answers it; nobody has judged it yet."""

    promise: str
    asked: str
    promised: Answer
    field: str
    question: str
    told: Answer


def pairs(policy: Form, promised: Answers, report: Form, told: Answers) -> tuple[Pair, ...]:
    """What was promised beside what is told, in the order of the report; only where the policy promised something."""
    found = []
    for one in report.fields:
        before = policy.of.get(one.promise) if one.promise else None
        if before is None:
            continue
        said = promised.get(before.id, Answer())
        if said.counts is not State.EMPTY:
            found.append(Pair(before.id, before.question, said, one.id, one.question, told.get(one.id, Answer())))
    return tuple(found)
