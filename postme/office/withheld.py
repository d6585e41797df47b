"""Amounts and days that were read in words that are hidden now: what is published of a holding must not tell them.

A value stays only where the words that say it can still be read by everybody. Which words a program once took it from is
not kept, and another version may take others, so what counts is what stands in its reach today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from postme import signs
from postme.reading import heading
from postme.redaction import Redaction

# Source: how far ``scan`` and ``signs.amount_near`` look for an amount and a day beside a mention.
_REACH = 300
# Chosen: longer than any amount or day, so that one that is hidden in part is found whole.
_EDGE = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page: its text before anything was hidden, as the public sees it, and what hides the difference."""

    text: str
    public: str
    hidden: tuple[Redaction, ...]


Pages = Callable[[str, int], Leaf]
"""The page of a record, by its SHA-256 and number."""


def without(facts: Mapping[str, Any], pages: Pages) -> dict[str, Any]:
    """A holding's facts without amounts and days of which only hidden words told.

    An amount or a day rests on quotes: it stays for those near which everybody can still read it, and is unknown where
    none is left. A day that an editor stated for the law goes where its quote's page no longer says it and hidden words
    did.
    """
    quotes = {quote["id"]: quote for quote in facts["evidence"]}

    def lost(mention: str, value: Any, kind: str) -> bool:
        quote = quotes.get(mention)
        if quote is None or value is None:
            return False
        if kind == "day" and own_day_lost(pages(quote["sha256"], 1), value):
            return True
        return _lost(pages(quote["sha256"], quote["page"]), quote, value, kind)

    told = {
        **facts,
        "acts": [_act(act, lost) for act in facts["acts"]],
        "evidence": [
            {**one, "date": None} if lost(one["id"], one["date"], "day") else one for one in facts["evidence"]
        ],
        "law_facts": {key: _law_fact(one, quotes, pages) for key, one in facts["law_facts"].items()},
    }
    told["claims"] = [_claim(one, told, lost) for one in facts["claims"]]
    return told


Lost = Callable[[str, Any, str], bool]


def own_day_lost(first: Leaf, day: str) -> bool:
    """Whether a record's own day was read at the head of its first page, in words that are hidden now."""
    if not first.hidden:
        return False
    head, public = (heading.told("", text[: heading.HEAD]).date for text in (first.text, first.public))
    return head == day and public != day


def _act(act: Mapping[str, Any], lost: Lost) -> dict[str, Any]:
    kept = dict(act)
    if lost(act["evidence"], act.get("amount"), "amount"):
        kept["amount"] = None
    if lost(act["evidence"], act["date"], "day"):
        kept |= {"date": None, "dated_by": "unknown"}
    return kept


def _claim(claim: Mapping[str, Any], told: Mapping[str, Any], lost: Lost) -> dict[str, Any]:
    if claim["value"] is None:
        return dict(claim)
    if claim["part"] == "amount":
        rests = [one for one in claim["evidence"] if not lost(one, claim["value"], "amount")]
        gone = bool(claim["evidence"]) and not rests
        return {**claim, "evidence": rests, **({"value": None, "how": "stated"} if gone else {})}
    if claim["part"] == "earliest date" and any(lost(one, claim["value"], "day") for one in claim["evidence"]):
        # The earliest that can still be read: what was earlier is not told, not even as a gap.
        days = sorted((act["date"], act["evidence"]) for act in told["acts"] if act["date"])
        return {**claim, "value": days[0][0] if days else None, "evidence": [days[0][1]] if days else []}
    return dict(claim)


def _law_fact(fact: Mapping[str, Any], quotes: Mapping[str, Mapping[str, Any]], pages: Pages) -> dict[str, Any]:
    quote = quotes.get(fact.get("evidence", ""))
    if quote is None or not fact.get("on"):
        return dict(fact)
    page = pages(quote["sha256"], quote["page"])
    # An editor may have read the day anywhere on the page.
    if fact["on"] in _hidden(page, "day", 0, len(page.text)) and fact["on"] not in _read(page.public, "day"):
        return {key: value for key, value in fact.items() if key != "on"}
    return dict(fact)


def _lost(page: Leaf, quote: Mapping[str, Any], value: Any, kind: str) -> bool:
    if not page.hidden:
        return False
    low, high = _reached(page.text, quote["start"], quote["end"])
    wanted = float(value) if kind == "amount" else str(value)
    return wanted in _hidden(page, kind, low, high) and wanted not in _read(page.public[low:high], kind)


def _reached(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where a value may have been read: so many letters around the quote, and its whole line, which may be a table's row."""
    line, close = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    low, high = min(line, start - _REACH), max(len(text) if close < 0 else close, end + _REACH)
    return max(0, low), min(len(text), high)


def _hidden(page: Leaf, kind: str, low: int, high: int) -> Collection[Any]:
    """The values that words say of which any letter is hidden."""
    pattern, value = _KINDS[kind]
    found = pattern.finditer(page.text, max(0, low - _EDGE), min(len(page.text), high + _EDGE))
    return {value(one[0]) for one in found if any(over.touches(one.start(), one.end()) for over in page.hidden)}


def _read(text: str, kind: str) -> Collection[Any]:
    pattern, value = _KINDS[kind]
    return {value(one[0]) for one in pattern.finditer(text)}


_KINDS: Mapping[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "amount": (signs.MONEY, signs.dollars),
    "day": (signs.DATE, signs.iso_date),
}


def spoken(text: str, hidden: Iterable[Redaction]) -> tuple[set[float], set[str]]:
    """The amounts and the days that hidden words of a page say.

    >>> from postme.redaction import Reason
    >>> spoken("Paid $900 on March 4, 2025.", [Redaction(1, 5, 9, Reason.OTHER)])
    ({900.0}, set())
    """
    page = Leaf(text, "", tuple(hidden))
    return {one for one in _hidden(page, "amount", 0, len(text)) if one is not None}, {
        one for one in _hidden(page, "day", 0, len(text)) if one is not None
    }


def still_told(facts: Mapping[str, Any], amounts: Collection[float], days: Collection[str]) -> list[str]:
    """Where a holding's facts still tell one of those amounts or days, as a person looks it up.

    >>> still_told({"note": "It cost $900.", "claims": [], "acts": [], "law_facts": {}}, {900.0}, set())
    ['note: $900']
    """
    found = []
    words = [
        ("note", facts["note"]),
        *((f"law facts: {key}", one.get("says", "")) for key, one in facts["law_facts"].items()),
    ]
    for where, said in words:
        found += [f"{where}: {one[0]}" for one in signs.MONEY.finditer(said) if signs.dollars(one[0]) in amounts]
        found += [f"{where}: {one[0]}" for one in signs.DATE.finditer(said) if signs.iso_date(one[0]) in days]
    for claim in facts["claims"]:
        if (claim["part"] == "amount" and claim["value"] and float(claim["value"]) in amounts) or claim[
            "value"
        ] in days:
            found.append(f"{claim['part']}: {claim['value']}")
    for act in facts["acts"]:
        if act["amount"] in amounts or act["date"] in days:
            found.append(f"{act['act']}: {act['date'] or ''} {'' if act['amount'] is None else act['amount']}".strip())
    found += [f"law facts: {key}: {one['on']}" for key, one in facts["law_facts"].items() if one.get("on") in days]
    return list(dict.fromkeys(found))
