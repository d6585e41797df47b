"""Mentions and rulings -> holdings and dated acts, each part of a claim with its own evidence.

A holding here is what the records say of one technology in one body's hands, not a finding that the body has it: *that*
it is spoken of, whose product, who operates it, for how much and since when are separate claims, and each names the
mentions it rests on. Nothing is concluded from a mention that a person has ruled out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from postme.signs import Act


class Answer(StrEnum):
    """What a person ruled of a mention; ``WAITING`` is no ruling yet."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    WAITING = "waiting"


class Part(StrEnum):
    """The parts of a claim, each with its own evidence."""

    SPOKEN_OF = "spoken of"
    MAKER = "maker"
    PRODUCT = "product"
    OPERATOR = "operator"
    AMOUNT = "amount"
    EARLIEST = "earliest date"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mention as evidence: ``id`` of the mention, where it stands, its words, and what was ruled of it."""

    id: str
    path: str
    sha256: str
    page: int
    start: int
    end: int
    quote: str
    context: str
    certainty: str
    answer: Answer
    why: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One part of what is said: its value (``None`` is *unknown*) and the evidence for just that."""

    part: Part
    value: str | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class DatedAct:
    """An act that the records tell of. ``date`` is ISO 8601 or ``None``; ``dated_by`` says where the date came from.

    A date that stands near the words (``near the words``) is weaker than it looks; a record's own date (``the record``)
    is the day it was spoken of, not the day it was done.
    """

    act: Act
    step: str | None
    date: str | None
    dated_by: str
    amount: float | None
    file_number: str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Holding:
    """What the records say of one technology in one body's hands (``None``: whose, no record says near its mention)."""

    technology: str
    body: str | None
    claims: tuple[Claim, ...]
    acts: tuple[DatedAct, ...]
    answers: Mapping[Answer, int]

    @property
    def says(self) -> str:
        """What its passages are about, counted, and nothing concluded from it.

        An ask, an approval, a contract, a delivery and a use are different acts; a count of one proves none of the others.
        """
        counted = Counter(act.act for act in self.acts)
        return " · ".join(f"{_ABOUT[act]} {count}" for act, count in counted.most_common())


_ABOUT = {
    Act.ACQUIRE: "buying or funding",
    Act.PROPOSE: "plans or requests",
    Act.REGULATE: "rules",
    Act.REPORT: "reports and figures",
    Act.USE: "use",
    Act.MENTION: "named only",
}


def facts(
    mentions: Iterable[Mapping[str, Any]],
    rulings: Mapping[str, tuple[str, str]],
    record_dates: Mapping[str, str | None],
) -> tuple[Holding, ...]:
    """The holdings that mentions (as printed), rulings (by the mention's id: answer, why) and records' own dates make.

    Mentions ruled *no* are left out; those the scanner is unsure of count only when ruled *yes*. Sorted by technology,
    then by weight of evidence.

    >>> mention = {"id": "m1", "path": "a.txt", "sha256": "e3", "page": 1, "start": 0, "end": 6, "quote": "drones",
    ...     "context": "drones", "technologies": ["drone"], "certainty": "sure", "act": "use", "step": None, "date": None,
    ...     "amount": None, "file_number": None, "body": None, "vendor": None, "product": None, "seconds": None}
    >>> [holding] = facts([mention], {"m1": ("yes", "")}, {"e3": "2025-03-04"})
    >>> holding.says, holding.acts[0].date, holding.acts[0].dated_by
    ('use 1', '2025-03-04', 'the record')
    """
    groups: dict[tuple[str, str | None], list[tuple[Mapping[str, Any], Evidence]]] = {}
    shown: dict[tuple[str, str], str] = {}
    for mention in mentions:
        answer, why = rulings.get(mention["id"], (Answer.WAITING, ""))
        if answer == Answer.NO or (mention["certainty"] == "unsure" and answer != Answer.YES):
            continue
        evidence = Evidence(
            mention["id"], mention["path"], mention["sha256"], mention["page"], mention["start"], mention["end"], mention["quote"],
            mention["context"], mention["certainty"], Answer(answer), why, mention["seconds"],
        )  # fmt: skip
        for technology in mention["technologies"]:
            body = None
            if mention["body"]:
                key = _same_name(mention["body"])
                body = shown.setdefault((technology, key), mention["body"])
            groups.setdefault((technology, body), []).append((mention, evidence))
    holdings = [_holding(technology, body, found, record_dates) for (technology, body), found in groups.items()]
    return tuple(sorted(holdings, key=lambda holding: (holding.technology, -len(holding.acts), holding.body or "~")))


_STANDING: tuple[Answer, ...] = (Answer.YES, Answer.UNSURE, Answer.WAITING)


def _holding(
    technology: str,
    body: str | None,
    found: list[tuple[Mapping[str, Any], Evidence]],
    record_dates: Mapping[str, str | None],
) -> Holding:
    acts = sorted(
        (_act(mention, evidence, record_dates.get(mention["sha256"])) for mention, evidence in found),
        key=lambda act: (act.date or "9999", act.evidence.path, act.evidence.page, act.evidence.start),
    )
    answers = {answer: sum(evidence.answer is answer for _, evidence in found) for answer in _STANDING}
    dated = [act for act in acts if act.date]
    claims = [
        Claim(Part.SPOKEN_OF, technology, tuple(evidence for _, evidence in found)),
        *_valued(Part.OPERATOR, "body", found),
        *_valued(Part.MAKER, "vendor", found),
        *_valued(Part.PRODUCT, "product", found),
        *_valued(Part.AMOUNT, "amount", found),
        Claim(Part.EARLIEST, dated[0].date if dated else None, (dated[0].evidence,) if dated else ()),
    ]
    return Holding(technology, body, tuple(claims), tuple(acts), answers)


def _valued(part: Part, key: str, found: list[tuple[Mapping[str, Any], Evidence]]) -> list[Claim]:
    """A claim for each value that is said, since sources that disagree are both kept; or one that it is unknown."""
    by_value: dict[str, list[Evidence]] = {}
    for mention, evidence in found:
        if mention[key] is not None:
            by_value.setdefault(str(mention[key]), []).append(evidence)
    if not by_value:
        return [Claim(part, None, ())]
    return [
        Claim(part, value, tuple(rests)) for value, rests in sorted(by_value.items(), key=lambda pair: -len(pair[1]))
    ]


def _act(mention: Mapping[str, Any], evidence: Evidence, record_date: str | None) -> DatedAct:
    near = mention["date"]
    date, by = (record_date, "the record") if record_date else (near, "near the words") if near else (None, "unknown")
    return DatedAct(Act(mention["act"]), mention["step"], date, by, mention["amount"], mention["file_number"], evidence)


def _same_name(body: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", body.lower()).removeprefix("the ").strip()
