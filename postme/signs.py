"""Signs near a mention: money, dates, file numbers, bodies, and what is being done.

Each reader takes text and a place in it and gives what stands nearest, with the words it was read from. None of them
ever decides whether something is a mention.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from postme.catalogue import expanded


class Act(StrEnum):
    """What is being done with a technology, as the labelling guide divides it."""

    ACQUIRE = "acquire"
    PROPOSE = "propose"
    REGULATE = "regulate"
    REPORT = "report"
    USE = "use"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something read near a mention: its value, and ``text[start:end]``, the words that say it."""

    value: str
    start: int
    end: int


# Initials and "No. 5" end no sentence; two letters, digits or a closing mark before the stop do.
SENTENCE_END = re.compile(r"(?<=[a-z0-9)\"”’]{2})[.;?!]\s|\n\s*\n")

# --- money ---------------------------------------------------------------------------------------------------------

MONEY = re.compile(
    r"(?:US)?\$\s?(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d+)?)(?:\s?(thousand|million|billion|[KMB]\b))?"
    r"|\b(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d+)?)\s(?:(thousand|million|billion)\s)?dollars\b",
    re.IGNORECASE,
)
_TIMES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "b": 1e9}


def dollars(words: str) -> float | None:
    """The US dollars that an amount as written stands for.

    >>> dollars("$1.5 million"), dollars("$12,400.50"), dollars("many")
    (1500000.0, 12400.5, None)
    """
    match = MONEY.search(words)
    if not match:
        return None
    number = float((match[1] or match[3]).replace(",", ""))
    return round(number * _TIMES.get((match[2] or match[4] or "").lower(), 1), 2)


# --- dates ---------------------------------------------------------------------------------------------------------

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"\b(?:({_MONTHS})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})|(\d{{1,2}})[/-](\d{{1,2}})[/-](\d{{4}}|\d{{2}})|(\d{{4}})-(\d{{2}})-(\d{{2}}))\b",
    re.IGNORECASE,
)


def iso_date(words: str) -> str | None:
    """The day that words name, as ISO 8601; ``None`` when they name none that exists. Month before day, as in the US.

    >>> iso_date("February 12, 2021"), iso_date("7/15/21"), iso_date("13/45/2021")
    ('2021-02-12', '2021-07-15', None)
    """
    match = DATE.search(words)
    if not match:
        return None
    name, day_named, year_named, month, day, year, *iso = match.groups()
    if name:
        month_number = _MONTHS.lower().split("|").index(name.lower()) + 1
        parts = (int(year_named), month_number, int(day_named))
    elif month:
        parts = (int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    else:
        parts = (int(iso[0]), int(iso[1]), int(iso[2]))
    try:
        return datetime.date(*parts).isoformat()
    except ValueError:
        return None


# --- file numbers and bodies ---------------------------------------------------------------------------------------

FILE_NUMBER = re.compile(
    r"\b(?:CAL(?:ENDAR)?\.? NO\.? ?\d[\d,]*\d|(?:Int(?:roduction)?|Res(?:olution)?|Prop(?:osed)?|Ord(?:inance)?|Bill|File|Item|Docket|Motion|Matter|Legistar)"
    r"\.? ?(?:No\.?|Number|#|ID)?:? ?(?=[A-Z-]{0,5}\d)[A-Z]{0,4}-?\d[\d,]*\d(?:-[A-Z0-9]+)*|[A-Z]{1,3}-\d{2}-\d{2,5})\b"
)
# A name may be broken over lines, so each space in it stands for up to three of any kind.
BODY = re.compile(
    (
        r"\b(?:(?!The )(?:(?:(?!The )[A-Z][\w’'-]+|[A-Z][a-z]{0,2}\.) ){0,3}(?:Police (?:Department|Dept\.?|Bureau)|Sheriff[’']?s? (?:Office|Department|Dept\.?)|Fire Department"
        r"|School (?:District|Board)|Housing Authority|Transit (?:Authority|Agency)|Port Authority)"
        r"|(?:[A-Z][\w.’'-]+ )?(?:Department|Office|Bureau|Division|Board|Commission) (?:of|for) (?:the )?[A-Z][\w’'-]+(?:,? (?:and |of |& )?[A-Z][\w’'-]+){0,4}"
        r"|(?:New York City |New Orleans |City |County |Town |Village )?Police Department|NYPD|NOPD|LAPD|SFPD|MPD|State Police|Homeland Security)"
    ).replace(" ", r"\s{1,3}")
)
_SPOKEN_BODY = re.compile(
    r"\b(?:the )?(police department|sheriff[’']?s? (?:office|department)|fire department|school district|police)\b",
    re.IGNORECASE,
)


# Chosen: longer than any amount, day or file number, so that none is cut in two.
_EDGE = 40


def nearest(
    pattern: re.Pattern[str], text: str, start: int, end: int, *, before: int, after: int, within_sentence: bool = False
) -> Sign | None:
    """The match of ``pattern`` closest to ``text[start:end]`` within so many characters before and after it.

    >>> nearest(MONEY, "pay $5,000 for drones", 15, 21, before=100, after=100)
    Sign(value='$5,000', start=4, end=10)
    """
    low, high = max(0, start - before), min(len(text), end + after)
    best: tuple[int, Sign] | None = None
    # Looked for a little further out: cut off at the edge, $1,250,000 would be read as $1.
    for match in pattern.finditer(text, max(0, low - _EDGE), min(len(text), high + _EDGE)):
        if match.start() < low or match.end() > high:
            continue
        if within_sentence and SENTENCE_END.search(text, min(match.end(), end) - 1, max(match.start(), start) + 1):
            continue
        distance = start - match.end() if match.end() <= start else max(0, match.start() - end)
        if best is None or distance < best[0]:
            best = (distance, Sign(match[0], match.start(), match.end()))
    return best[1] if best else None


def amount_near(text: str, start: int, end: int) -> Sign | None:
    """The amount of money closest to a place; in a table's row, the one of that row or none.

    >>> amount_near("drones\\t$900\\nradios\\t$5,000", 12, 18).value
    '$5,000'
    """
    low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    row = text[low : high if high >= 0 else len(text)]
    if "\t" in row:
        found = nearest(MONEY, row, start - low, end - low, before=len(row), after=len(row))
        return Sign(found.value, found.start + low, found.end + low) if found else None
    # A sum in another sentence is of another thing more often than not.
    return nearest(MONEY, text, start, end, before=200, after=250, within_sentence=True)


def body_near(text: str, start: int, end: int) -> Sign | None:
    """The public body that is named closest to a place in a text.

    >>> body_near("the Mill Falls Police Department flies drones", 39, 45).value
    'Mill Falls Police Department'
    """
    return nearest(BODY, text, start, end, before=250, after=200) or nearest(
        _SPOKEN_BODY, text, start, end, before=120, after=120
    )


# --- acts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """The words that tell acts and steps, compiled."""

    pattern: re.Pattern[str]
    meaning: Mapping[str, tuple[tuple[str, float], ...]]


def cues(document: Mapping[str, Any]) -> Cues:
    """Compile ``knowledge/acts.yaml`` (as parsed): ``{acts: {act: {weight: [phrase]}}, steps: {step: [phrase]}}``."""
    meaning: dict[str, list[tuple[str, float]]] = {}
    for act, by_weight in document["acts"].items():
        for weight, phrases in by_weight.items():
            for form in _forms(phrases):
                meaning.setdefault(form, []).append((act, float(weight)))
    for step, phrases in document["steps"].items():
        for form in _forms(phrases):
            meaning.setdefault(form, []).append((f"step {step}", 1.0))
    # Longest first, so that a phrase is read before the word it begins with; by first letter, so that most places in a
    # text are passed over after one look.
    by_letter: dict[str, list[str]] = {}
    for form in sorted(meaning, key=lambda form: (-len(form), form)):
        by_letter.setdefault(form[0], []).append(re.escape(form[1:]).replace(r"\ ", r"\s+"))
    every = "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())
    pattern = re.compile(rf"\b(?:{every})\b", re.IGNORECASE)
    return Cues(pattern, {form: tuple(means) for form, means in meaning.items()})


def _forms(phrases: Iterable[str]) -> set[str]:
    return {form.lower() for phrase in phrases for form in expanded(str(phrase)) if form}


# A sentence with one of these before its cue says that something is not done; nothing is concluded from it.
_DENIAL = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|\w+n[’']t\b", re.IGNORECASE)
_DENIABLE = frozenset((Act.USE, Act.ACQUIRE, Act.REPORT))
# A purchase that was voted down, put off or taken back is still an ask.
_UNDONE_STEPS = frozenset(("failed", "withdrawn", "postponed"))

# Chosen: cues further off than this many characters say something of another sentence.
REACH = 260
# Chosen: on the development labels; a lone "has" a sentence away says nothing.
_FAINT = 0.2


# Chosen: a denial farther before than this is of another clause.
_DENIED_WITHIN = 90


def _denied(text: str, first: int, last: int) -> bool:
    """Whether a denial stands before ``last`` in the sentence that ``text[first:last]`` is part of."""
    low = max(0, first - _DENIED_WITHIN)
    ends = [match.end() for match in SENTENCE_END.finditer(text, low, first)]
    return _DENIAL.search(text, ends[-1] if ends else low, last) is not None


def act_near(text: str, start: int, end: int, known: Cues) -> tuple[Act, str | None, str]:
    """What is being done, the finer step (or ``None``), and the words that told it.

    >>> from postme.signs import cues
    >>> act_near("approve the purchase of drones", 24, 30, cues({"acts": {"acquire": {3: ["purchase"]}}, "steps": {}}))
    (<Act.ACQUIRE: 'acquire'>, None, 'purchase')
    >>> act_near("the department does not use drones", 28, 34, cues({"acts": {"use": {1: ["use"]}}, "steps": {}}))[0]
    <Act.MENTION: 'mention'>
    """
    low, high = max(0, start - REACH), min(len(text), end + REACH)
    while high < len(text) and text[high].isalnum():  # to the end of a word, whose beginning might be a cue
        high += 1
    scores: dict[str, float] = {}
    told: dict[str, tuple[float, str]] = {}
    for match in known.pattern.finditer(text, low, high):
        before = match.end() <= start
        distance = start - match.end() if before else match.start() - end
        if distance < 0:
            continue
        between = text[match.end() : start] if before else text[end : match.start()]
        near = 1 / (1 + distance / 45)
        if SENTENCE_END.search(between):
            near *= 0.45
        meanings = known.meaning[" ".join(match[0].lower().split())]
        deniable = any(
            meant in _DENIABLE for meant, _ in meanings
        )  # most cues are not, and to listen for a denial is dear
        denied = deniable and _denied(text, min(match.start(), start), max(match.start(), start))
        for meant, weight in meanings:
            if denied and meant in _DENIABLE:
                continue
            # What stands before a noun usually governs it.
            worth = weight * near * (1.0 if before else 0.8)
            scores[meant] = (
                scores.get(meant, 0.0) * 0.5 + worth if scores.get(meant, 0.0) < worth else scores[meant] + worth * 0.5
            )
            if meant not in told or told[meant][0] < worth:
                told[meant] = (worth, " ".join(match[0].split()))
    steps = {name[5:]: score for name, score in scores.items() if name.startswith("step ")}
    step = max(steps, key=lambda name: steps[name]) if steps else None
    acts = {name: score for name, score in scores.items() if not name.startswith("step ")}
    if not acts:
        return Act.MENTION, step, ""
    act = max(acts, key=lambda name: acts[name])
    if acts[act] < _FAINT:
        return Act.MENTION, step, ""
    words = told[act][1]
    if act == Act.ACQUIRE and step in _UNDONE_STEPS:
        act = Act.PROPOSE.value
    return Act(act), step, words
