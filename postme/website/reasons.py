"""What laws and answers say, sentence by sentence: ours in the page's language, a law's own words in English and marked so.

An answer's reasons come as whole English sentences, since a program and a terminal read them too. Those that are ours
are known by their pattern, are translated as a whole, and have what was put into them put in again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

# The sentences that verdict.py and compare.py make. The first that fits counts, so a longer one stands before what it holds.
PATTERNS: tuple[str, ...] = (
    _("not yet in force on {day} (it counts from {start} until {end})"), _("not yet in force on {day} (it counts from {start})"),
    _("no longer in force on {day} (it counts from {start} until {end})"), _("no longer in force on {day} (it counts from {start})"),
    _("it does not bind {body}"), _("it binds {bodies}, not {body}"), _("it says nothing of this act with this technology by {body} that day"),
    _("such a case lies outside it"),
    _("A county's laws are asked with the county as the place; here only those of {place} and above were looked through."),
    _("What {laws} would say is unknown; it may be stricter."), _("A rule that this rests on needs a lawyer."),
    _("The text of {law} was not read; what it says is written down from memory."), _("The text of {law} was not read; what it says is known from reporting."),
    _("approval by the {council}, by {instrument}"), _("approval by the {council}"), _("first: review by the {board}"), _("finding: {finding}"), _("not so: {fact}"),
    _("it was disapproved"), _("without condition"), _("whether an approval without these steps stands"), _("whether {law} was in force on {day}"),
    _("whether {law} leaves it standing"), _("kind of {technology}"), _("text not seen: {what}"),
    _("what {law} says of it was not seen"), _("{law} says nothing of it"), _("neither was seen"),
    _("{why} (as far as seen: the text of {laws} was not read in full)"), _("the same things are named"), _("both have a clause"),
    _("it also names {things}"), _("it does not name {things}"), _("it names {things}, and not {others}"), _("{one} days instead of {other} days"),
)  # fmt: skip
# What is put in: one of our words, or several of them; a day is written out by the page, and names stay as they are.
_SLOT = re.compile(r"\{([a-z]+)\}")
_WORDS = frozenset(
    {"body", "bodies", "council", "board", "instrument", "finding", "fact", "technology", "things", "others", "why"}
)
_ONCE = frozenset({"bodies", "things", "others"})


def said(text: str) -> tuple[str, bool]:
    """A text in the page's language, and whether it is; a text that nobody translated comes back as it is, in English.

    >>> from django.utils.translation import override
    >>> with override("en"):
    ...     said("it does not bind the police"), said("No officer shall use it.")
    (('it does not bind the police', True), ('No officer shall use it.', True))
    """
    return _said(text, get_language() or "en")


# Chosen: the sentences of some hundred answers; each is asked for again on every page that gives the answer.
@lru_cache(maxsize=8192)
def _said(text: str, language: str) -> tuple[str, bool]:
    if language == "en" or not text.strip():
        return text, True
    whole = gettext(text)
    if whole != text:
        return whole, True
    for pattern, fits in _compiled():
        if found := fits.fullmatch(text):
            return gettext(pattern).format(
                **{slot: _put_in(slot, value) for slot, value in found.groupdict().items()}
            ), True
    return text, False


def _put_in(slot: str, value: str) -> str:
    if slot not in _WORDS:
        return value
    parts: Sequence[str] = value.split(", ") if slot in _ONCE else (value,)
    return ", ".join(said(one)[0] for one in parts)


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((pattern, re.compile(_expression(pattern))) for pattern in PATTERNS)


def _expression(pattern: str) -> str:
    fixed = _SLOT.split(pattern)  # words and the names of slots in turn
    return "".join(f"(?P<{one}>.+?)" if number % 2 else re.escape(one) for number, one in enumerate(fixed))


def ours(text: str) -> str | None:
    """The pattern of ours that a sentence has; ``None`` of a law's own words.

    >>> ours("it binds police, sheriff, not a school"), ours("No officer shall use it.")
    ('it binds {bodies}, not {body}', None)
    """
    return next((pattern for pattern, fits in _compiled() if fits.fullmatch(text)), None)
