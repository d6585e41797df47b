"""A holding as it was published: read in every shape that its facts ever had, and which of its quotes stands first.

What is published stays as it was sealed, so a page meets facts of all versions. What an older version did not ask an
editor is *unknown* here, never the machine's guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postme.redaction import BLOCK

# What a holding may lack that was published before there was a word for it.
_LATER: Mapping[str, Any] = {
    "note": "", "status": "spoken of", "makers": {}, "claims": [], "acts": [], "evidence": [], "law_facts": {}, "attributed": 0, "cannot_show": "",
}  # fmt: skip
_OF_AN_ACT: Mapping[str, Any] = {
    "act": "mention", "outcome": None, "date": None, "dated_by": "unknown", "amount": None, "evidence": "",
}  # fmt: skip
_OF_A_CLAIM: Mapping[str, Any] = {"value": None, "evidence": [], "how": "stated"}
_OF_A_QUOTE: Mapping[str, Any] = {
    "act": "mention",
    "date": None,
    "seconds": None,
    "before": "",
    "after": "",
    "ruled": "",
}


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a published holding in today's shape. What is not among them is left unknown.

    Acts once held the ``step`` that a program read near the words. Nobody confirmed it, so it is no outcome; an act told
    in one word is that act, and nothing more.

    >>> told({"acts": [{"act": "acquire", "step": "approved", "date": "2025-03-04", "evidence": "m1"}]})["acts"][0]["outcome"]
    >>> told({"acts": ["use"]})["acts"][0]["act"], told({})["status"]
    ('use', 'spoken of')
    """
    whole = {**_LATER, **{key: value for key, value in facts.items() if value is not None}}
    return {
        **whole,
        "acts": [_filled(_OF_AN_ACT, one if isinstance(one, Mapping) else {"act": str(one)}) for one in whole["acts"]],
        "claims": [_filled(_OF_A_CLAIM, one) for one in whole["claims"]],
        "evidence": [_filled(_OF_A_QUOTE, one) for one in whole["evidence"]],
    }


def _filled(usual: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    return {**usual, **one}


def seconds(facts: Mapping[str, Any], quote: str) -> float | None:
    """How far into its recording a quote of a holding stands, by the quote's id; ``None`` in what is no recording.

    >>> seconds({"evidence": [{"id": "m1", "seconds": 61.5}]}, "m1"), seconds({"evidence": [{"id": "m1"}]}, "m1")
    (61.5, None)
    """
    return next((one.get("seconds") for one in facts.get("evidence", ()) if one["id"] == quote), None)


# Chosen: what each act shows of a thing in a body's hands. Paying for it shows more than flying it once was said to; figures
# may be another body's; a rule or a plan shows what was thought of; a naming shows nothing.
_SHOWS = ("acquire", "use", "report", "regulate", "propose", "mention")
# Where a body does not have it, the ask comes before what was said besides.
_ASKED = ("propose", "acquire", "regulate", "report", "use", "mention")
_STRENGTH: Mapping[str, tuple[str, ...]] = {"asked for": _ASKED, "refused": _ASKED, "postponed": _ASKED}
# The outcomes that bear out what a holding says: a vote that put it off does not show that a body has it.
_BEARS_OUT: Mapping[str, tuple[str, ...]] = {
    "present": ("contracted", "renewed", "approved", "carried", "adopted", "amended"),
    "asked for": ("introduced", "heard", "referred"),
    "refused": ("rejected", "failed", "withdrawn"),
    "postponed": ("postponed", "tabled", "referred"),
    "ended": ("ended",),
}
# Chosen: as much of a passage as a page shows around its quote.
_AROUND = 60
# Chosen: in running text nine signs of ten are letters; a row of figures or a table of contents has fewer than seven.
_LETTERS = 0.7


def lead(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The quote that stands first: of all that was published of a holding the one that says most; ``None`` where there is none.

    In this order: one whose outcome an editor confirmed, and that bears out what the holding says; one beside which an
    editor confirmed something else, as an amount or a fact of law; then by what it is about, a purchase or a use before a
    plan, and a naming last; then a clear passage before one that is blacked out or no sentence; then the newest.

    >>> quotes = [{"id": "m1", "act": "mention", "quote": "readers"}, {"id": "m2", "act": "acquire", "quote": "bought readers"}]
    >>> lead({"status": "present", "evidence": quotes})["id"]
    'm2'
    >>> lead({"status": "present", "evidence": quotes, "acts": [{"act": "mention", "outcome": "approved 5-2", "evidence": "m1"}]})["id"]
    'm1'
    """
    whole = told(facts)
    confirmed = _confirmed(whole)
    rank = {act: place for place, act in enumerate(_STRENGTH.get(whole["status"], _SHOWS))}

    def says(quote: Mapping[str, Any]) -> tuple[int, int]:
        return confirmed.get(quote["id"], _NOBODY), rank.get(quote["act"], len(rank))

    most = min(map(says, whole["evidence"]), default=None)
    # Hundreds of passages may say something of a thing; only those that say most of it are looked at letter by letter.
    alike = [quote for quote in whole["evidence"] if says(quote) == most]
    return max(alike, key=lambda quote: (_clear(quote), str(quote["date"] or "")), default=None)


_BORNE_OUT, _BESIDE, _NOBODY = range(3)


def _confirmed(whole: Mapping[str, Any]) -> dict[str, int]:
    """By quote what an editor confirmed of it: an outcome that bears the holding out, or something else beside it."""
    found: dict[str, int] = {fact["evidence"]: _BESIDE for fact in whole["law_facts"].values() if fact.get("evidence")}
    for act in whole["acts"]:
        # An amount beside an act of the older shape was read by a program, and confirmed by nobody.
        if act["outcome"] or (act["amount"] is not None and "step" not in act):
            found.setdefault(act["evidence"], _BESIDE)
        if act["outcome"] and act["outcome"].partition(" ")[0] in _BEARS_OUT.get(whole["status"], ()):
            found[act["evidence"]] = _BORNE_OUT
    return found


def _clear(quote: Mapping[str, Any]) -> bool:
    """Whether what a page shows of a passage is running text, nothing of it blacked out."""
    shown = quote["before"][-_AROUND:] + quote["quote"] + quote["after"][:_AROUND]
    signs = [sign for sign in shown if not sign.isspace()]
    return BLOCK not in shown and sum(sign.isalpha() for sign in signs) >= _LETTERS * len(signs)
