"""What the desk shows beside a decision: the page of a mention, the words of a page by number, what a draft would change."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postme import publication, redaction
from postme.errors import WrongUse
from postme.office import counsel, lookup, standing, viewing
from postme.query import folded
from postme.record import Quote
from postme.redaction import Redaction

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page: its number (from 1) and where it stands."""

    number: int
    start: int
    end: int
    text: str


def view(
    folder: Path, sha256: str, page: int, hidden: Iterable[Redaction] = (), quotes: Mapping[str, Quote] | None = None
) -> viewing.PageView:
    """A page as those who work here see it, with a picture where one can be made."""
    return viewing.page_view(folder, sha256, page, hidden, quotes)


def text_of(folder: Path, sha256: str, page: int) -> str:
    """A page's whole text, before anything was hidden. Raises WrongUse where there is no such page."""
    for one in lookup.pages(folder, sha256):
        if one.number == page:
            return one.text
    raise WrongUse(
        f"The record has no page {page}.",
        where=sha256[:12],
        why="There is nothing to show.",
        do="Choose a page that it has.",
    )


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, numbered.

    >>> [(one.number, one.text) for one in words("Call Ann.")]
    [(1, 'Call'), (2, 'Ann.')]
    """
    return tuple(Word(i, found.start(), found.end(), found[0]) for i, found in enumerate(_WORD.finditer(text), 1))


def span(text: str, first: int, last: int) -> tuple[int, int]:
    """From the first to the last word of those numbers, both whole. Raises WrongUse for numbers that are none.

    >>> span("Call Ann Doe now.", 2, 3)
    (5, 12)
    """
    every = words(text)
    if not 1 <= first <= last <= len(every):
        raise WrongUse(
            f"There are no words {first} to {last} on this page.", where="words", why=f"It has {len(every)} words.", do="Give the number of the first and of the last word, in that order.",
        )  # fmt: skip
    return every[first - 1].start, every[last - 1].end


def suggestions(text: str, page: int, known: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    """Places that look like private data and that nobody has marked yet, for a person to take or leave."""
    marked = list(known)
    return [
        {"start": one.start, "end": one.end, "reason": one.reason.value, "said": one.reason.said, "text": text[one.start : one.end]}
        for one in redaction.suggested(text, page)
        if not any(one.touches(start, end) for start, end in marked)
    ]  # fmt: skip


def bodies() -> list[tuple[str, str]]:
    """The kinds of body that laws know, with what people read for each."""
    return sorted(counsel.vocabulary()["bodies"].items(), key=lambda pair: pair[1])


def settling(facts: Mapping[str, Any], on: datetime.date) -> list[tuple[str, str]]:
    """The facts that would settle what the law says of a holding, with their words; those already told stay on the list."""
    told = standing.of_holding(facts, on)
    says = counsel.vocabulary()["facts"]
    keys = list(facts.get("law_facts", {}))
    for one in (*told["permissions"], *told["duties"]):
        keys += one.get("unknown_facts", ())
    return [(key, says.get(key, key.replace("_", " "))) for key in dict.fromkeys(keys)]


def law_facts(
    given: Mapping[str, str], evidence: Mapping[str, str], on: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Facts as a form tells them (yes, no, a number) as a draft keeps them. Raises WrongUse for one that no law asks about."""
    known = counsel.vocabulary()["facts"]
    found: dict[str, dict[str, Any]] = {}
    for key, said in given.items():
        if not said.strip():
            continue
        if key not in known:
            raise WrongUse(
                f"No law asks about '{key[:60]}'.",
                where="law facts",
                why="It would change no answer.",
                do="Leave it out.",
            )
        stated = counsel.stated(said.strip())
        one: dict[str, Any] = {"value": stated.value}
        day = on.get(key, "").strip() or (stated.on.isoformat() if stated.on else "")
        if day:
            try:
                one["on"] = datetime.date.fromisoformat(day).isoformat()
            except ValueError as error:
                raise WrongUse(
                    f"'{day[:20]}' is no day.",
                    where=known[key],
                    why="A clock may start with it.",
                    do="Write it as 2021-02-12.",
                ) from error
        if not evidence.get(key):
            raise WrongUse(
                "A fact needs its evidence.",
                where=known[key],
                why="A verdict that rests on it must be open to a check.",
                do="Choose the quote that says so.",
            )
        one["evidence"] = evidence[key]
        found[key] = one
    return found


def rests(told: Mapping[str, Mapping[str, Any]], quotes: Iterable[str]) -> None:
    """Raises WrongUse where a fact's evidence is none of those quotes (their ids): a reader could not open it.

    >>> rests({"council_approved": {"value": True, "evidence": "a1"}}, ["a1", "b2"])
    """
    known = set(quotes)
    for key, one in told.items():
        if one.get("evidence") not in known:
            raise WrongUse(
                "That is no quote of this draft.",
                where=counsel.vocabulary()["facts"].get(key, key),
                why="A verdict that rests on it must be open to a check.",
                do="Choose one of the quotes that this draft shows.",
            )


def confirmed(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The amounts and outcomes that the author of a draft confirmed, each with the quotes that it was read beside.

    >>> quote = {"id": "m1", "quote": "cameras"}
    >>> act = {"act": "acquire", "outcome": "carried 4-3", "amount": None, "evidence": "m1"}
    >>> [(one["act"], one["outcome"]) for one in confirmed({"evidence": [quote], "claims": [], "acts": [act]})]
    [('acquire', 'carried 4-3')]
    """
    quotes = {quote["id"]: quote for quote in facts["evidence"]}
    found: list[dict[str, Any]] = [
        {"amount": claim["value"], "quotes": [quotes[one] for one in claim["evidence"] if one in quotes]}
        for claim in facts["claims"]
        if claim["part"] == "amount" and claim["value"] is not None
    ]
    return found + [
        {"act": act["act"], "outcome": act["outcome"], "quotes": [quotes[act["evidence"]]]}
        for act in facts["acts"]
        if act.get("outcome") and act["evidence"] in quotes
    ]


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What a draft would change, in lines that a person reads: where, old, new."""
    lines = []
    for one in publication.changes(old or {}, new or {}):
        where, before, after = one["at"], one["old"], one["new"]
        if isinstance(before, list) or isinstance(after, list):
            gone, come = (
                [x for x in before or [] if x not in (after or [])],
                [x for x in after or [] if x not in (before or [])],
            )
            lines.append({"at": _said(where), "old": [_told(x) for x in gone], "new": [_told(x) for x in come]})
        else:
            lines.append(
                {
                    "at": _said(where),
                    "old": [] if before is None else [_told(before)],
                    "new": [] if after is None else [_told(after)],
                }
            )
    return lines


def unhidden(text: str, redacted: Sequence[Redaction], public: Iterable[str]) -> list[str]:
    r"""Which hidden words (spans of four letters or more) still stand in something public: as they are, as a twin in JSON writes them, or as search folds them.

    >>> one = Redaction(1, 5, 11, redaction.Reason.OTHER)
    >>> unhidden('Call "A\nB" now', [one], ['{"text": "by \\"A\\nB\\" then"}'])
    ['"A\nB" ']
    """
    secret = {
        words: (words, words.strip(), json.dumps(words.strip())[1:-1], json.dumps(words.strip(), ensure_ascii=False)[1:-1])
        for words in (text[one.start : one.end] for one in redacted)
        if len(words.strip()) > 3
    }  # fmt: skip
    found: set[str] = set()
    for one in public:
        found.update(
            words
            for words, ways in secret.items()
            if any(way in one for way in ways) or (folded(words) and f" {folded(words)} " in f" {one} ")
        )
    return [words for words in secret if words in found]


def picture(folder: Path, sha256: str, page: int, hidden: Iterable[Redaction] = ()) -> bytes:
    """A page's picture for those who work here."""
    return viewing.page_picture(folder, sha256, page, hidden)


def _said(where: str) -> str:
    return where.replace("_", " ").replace(".", ": ") or "everything"


def _told(value: Any) -> str:
    if isinstance(value, str | int | float | bool):
        return str(value)
    if isinstance(value, Mapping):
        if "quote" in value:
            return f"“{value['quote']}” ({value.get('record', '')}, page {value.get('page', '')})"
        if "part" in value:
            return f"{value['part']}: {'unknown' if value.get('value') is None else value['value']} ({value.get('how', '')}; {len(value.get('evidence', ()))} quotes)"
        if "act" in value:
            amount = f", ${value['amount']:,.2f}" if value.get("amount") else ""
            return f"{value['act']}: {value.get('outcome') or 'outcome unknown'}, on {value.get('date') or 'an unknown day'}{amount}"
    return json.dumps(value, ensure_ascii=False)


__all__ = [
    "Word",
    "bodies",
    "changes",
    "confirmed",
    "law_facts",
    "picture",
    "rests",
    "settling",
    "span",
    "suggestions",
    "text_of",
    "unhidden",
    "view",
    "words",
]
