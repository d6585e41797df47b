"""A paper as rows that somebody fills in elsewhere and hands back: what was given out comes back field by field.

Every row carries a code. What a filled form holds beyond its own rows is never dropped: it is shown before anything is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from postme import paper
from postme.errors import WrongUse
from postme.form import Field, Form
from postme.paper import Answer, Answers, State

COLUMNS = ("code", "question", "hint", "asked for by", "answer", "does not apply, because", "evidence")
"""The head of a form as a table."""
PARTS: Mapping[str, str] = {
    "answer": "Your answer",
    "because": "It does not apply, because",
    "evidence": "Evidence: one address a line",
}
"""The parts of an answer, as the rows of a form in a document are labelled."""
_FORM = re.compile(r"\bform:([a-z_]+):(\d{1,4}):([0-9a-f]{8})\b")
_CODE = re.compile(r"\[([a-z][a-z0-9_]*)/(answer|because|evidence)\]")
_ID = re.compile(r"[a-z][a-z0-9_]*")
# A cell that begins so is worked out by a program for tables, not shown.
_FORMULA = re.compile(r"'*[=+\-@\t]")
# Chosen: what is shown of a passage that belongs to no question.
_SHOWN = 2_000


def mark(form: Form, year: int = 0) -> str:
    """What a form that is given out carries, so that it is known again."""
    return f"form:{form.kind}:{year}:{form.mark}"


def code(field: str, part: str) -> str:
    """What a row of a form in a document carries.

    >>> code("purpose", "answer")
    '[purpose/answer]'
    """
    return f"[{field}/{part}]"


def asked_by(field: Field) -> str:
    """The laws that ask for it, in a line."""
    return "; ".join(f"{one.name} {one.clause}".strip() for one in field.asked)


def table(form: Form, answers: Answers, year: int = 0) -> Iterator[tuple[str, ...]]:
    """A form as the rows of a table, filled as far as it is."""
    yield COLUMNS
    yield (mark(form, year), form.name, "Leave this column as it is. Write one answer a row.", "", "", "", "")
    for one in form.fields:
        said = answers.get(one.id, Answer())
        yield (
            one.id, one.question, one.hint, asked_by(one),
            *(_shielded(value) for value in (said.text, said.because, "\n".join(said.evidence))),
        )  # fmt: skip


def _shielded(text: str) -> str:
    """A cell that no program takes for a formula; ``_bare`` undoes it.

    >>> _shielded("=1+1"), _bare(_shielded("'=1"))
    ("'=1+1", "'=1")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


# --- what came back ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a filled form was read as: whose form it is, its answers by question and part, and words that belong to none."""

    kind: str
    year: int
    mark: str
    parts: Mapping[tuple[str, str], str]
    twice: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def from_table(rows: Iterable[Sequence[str]], where: str) -> Found:
    """A form that was given out as a table. Raises WrongUse where it is none of ours."""
    coming = iter(rows)
    head = {name.strip().lower(): i for i, name in reversed(list(enumerate(next(coming, ()))))}
    if "code" not in head or "answer" not in head:
        raise _not_ours(where, "Its first row has no columns 'code' and 'answer'.")
    whose: re.Match[str] | None = None
    parts: dict[tuple[str, str], str] = {}
    twice: list[str] = []
    outside: list[str] = []
    columns = (("answer", "answer"), ("because", COLUMNS[5]), ("evidence", "evidence"))
    for row in coming:
        cells = {name: row[i] if i < len(row) else "" for name, i in head.items()}
        id_ = cells["code"].strip()
        if found := _FORM.search(id_):
            whose = whose or found
            continue
        beyond = [cell for cell in row[len(head) :] if cell.strip()]
        outside += beyond
        if not _ID.fullmatch(id_):
            outside += (
                [" | ".join(cell for cell in row[: len(head)] if cell.strip())]
                if any(cell.strip() for cell in row)
                else []
            )
            continue
        for part, name in columns:
            _put(parts, twice, id_, part, _bare(cells.get(name, "")))
    return _found(whose, parts, twice, outside, where)


def from_cells(rows: Iterable[Sequence[str]], lines: Iterable[str], form: Form, where: str) -> Found:
    """A form that was given out as a document: rows of its tables and the lines between them. Raises WrongUse where it is none of ours."""
    whose: re.Match[str] | None = None
    parts: dict[tuple[str, str], str] = {}
    twice: list[str] = []
    outside: list[str] = []
    for row in rows:
        label = row[0] if row else ""
        if known := _CODE.search(label):
            _put(parts, twice, known[1], known[2], "\n".join(cell for cell in row[1:] if cell))
            beside = _CODE.sub("", label).strip()
            if beside and beside != PARTS[known[2]]:
                outside.append(beside)
        elif found := _FORM.search(" ".join(row)):
            whose = whose or found
        elif any(cell.strip() for cell in row):
            outside.append(" | ".join(cell for cell in row if cell.strip()))
    printed = {" ".join(line.split()) for line in printed_lines(form)}
    outside += [line for line in lines if line.strip() and " ".join(line.split()) not in printed]
    return _found(whose, parts, twice, outside, where)


def printed_lines(form: Form) -> Iterator[str]:
    """Every line that a form in a document carries between its tables."""
    yield from (form.name, form.what, HOW, NO_ANSWER)
    yield from form.sections.values()
    yield OWN_SECTION
    for one in form.fields:
        yield from (one.question, one.hint, f"{ASKED}: {asked_by(one)}")


HOW = "Write into the boxes on the right. Leave the codes in brackets as they are: by them each answer finds its place."
NO_ANSWER = (
    "A question that does not apply: say why, in the second box. A box that stays empty counts as empty, not as no."
)
OWN_SECTION = "In the law’s own words"
ASKED = "Asked for by"


def _put(parts: dict[tuple[str, str], str], twice: list[str], field: str, part: str, text: str) -> None:
    words = paper.clean(text)
    before = parts.get((field, part))
    if before is not None:
        twice.append(field)
    # Both are kept: nobody but the writer knows which of the two was meant.
    parts[field, part] = "\n\n".join(dict.fromkeys(one for one in (before, words) if one))


def _found(whose: re.Match[str] | None, parts: Mapping[tuple[str, str], str], twice: Iterable[str], outside: Iterable[str], where: str) -> Found:  # fmt: skip
    if whose is None:
        raise _not_ours(where, "No form's code stands in it.")
    shown = tuple(text[:_SHOWN] for text in outside)
    return Found(whose[1], int(whose[2]), whose[3], parts, tuple(dict.fromkeys(twice)), shown)


def _not_ours(where: str, what: str) -> WrongUse:
    return WrongUse(
        f"This is not one of our forms. {what}", where=where, why="Nobody could tell which answer belongs to which question.",
        do="Take the blank form from this page, fill that one in, and upload it again.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What a filled form would change: the answers as they would be, and everything in it that has no place.

    ``unknown`` are rows of questions that this paper does not ask, with their words; ``missing`` questions that the form
    lacks, which stay as they are; ``both`` those with an answer and a reason why it does not apply.
    """

    answers: Mapping[str, Answer]
    changed: tuple[str, ...]
    unknown: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    """Questions that had an answer and come back without one: they stay as they are."""
    older: bool = False

    @property
    def clean(self) -> bool:
        """Whether everything in it has its place."""
        return not (
            self.unknown or self.missing or self.both or self.twice or self.outside or self.older or self.emptied
        )


def taken(form: Form, found: Found, now: Answers, year: int = 0, where: str = "form") -> Taken:
    """What a filled form would change. Raises WrongUse for the form of another paper. Nothing that stands is emptied by a blank."""
    if found.kind != form.kind or (form.yearly and found.year != year):
        other = found.kind.replace("_", " ") + (f" of {found.year}" if found.year else "")
        raise WrongUse(
            f"This is the form of another paper: {other}.", where=where, why="Its answers would stand under questions that they do not answer.",
            do="Open that paper and upload it there.",
        )  # fmt: skip
    answers = dict(now)
    changed, both, emptied = [], [], []
    for one in form.fields:
        told = {part: found.parts[one.id, part] for part in PARTS if (one.id, part) in found.parts}
        if not told:
            continue
        before = now.get(one.id, Answer())
        text, because = told.get("answer", ""), told.get("because", "")
        if not text and not because:
            if before.text or before.because:
                emptied.append(one.id)
            if told.get("evidence"):
                answers[one.id] = _with_evidence(before, told["evidence"])
        else:
            state = (
                ""
                if not (text and because)
                else before.state.value
                if before.counts is not State.EMPTY
                else State.ANSWERED.value
            )
            made = paper.answer(state, text, because, [told.get("evidence", "")], where=one.question)
            both += [one.id] if text and because and (before.text, before.because) != (text, because) else []
            answers[one.id] = made if made.evidence else replace(made, evidence=before.evidence)
        if answers.get(one.id, Answer()) != before:
            changed.append(one.id)
    known = {one.id for one in form.fields}
    seen = {field for field, _ in found.parts}
    unknown = tuple((field, words) for (field, _), words in found.parts.items() if field not in known and words)
    missing = tuple(one.id for one in form.fields if one.id not in seen)
    return Taken(
        answers, tuple(changed), unknown, missing, tuple(both), tuple(one for one in found.twice if one in known), found.outside, tuple(emptied),
        found.mark != form.mark,
    )  # fmt: skip


def _with_evidence(before: Answer, told: str) -> Answer:
    made = paper.answer(before.state.value, before.text, before.because, [told])
    return replace(before, evidence=made.evidence)
