"""The advisory question: word for word, before the vote that it is about; and what ended the say of the people on a proposal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from postme import voices
from postme.errors import WrongUse
from postme.proposal import Deed
from postme.voices import DECIDES


def decided(deeds: Iterable[Deed], by: date) -> Deed | None:
    """What ended the say of the people by a day: the council's vote, or that it was withdrawn; ``None`` while it is still before the council.

    >>> vote = Deed("reject", date(2026, 3, 4))
    >>> decided([vote], date(2026, 3, 3)), decided([vote], date(2026, 3, 4)) == vote, decided([vote, Deed("open_comments", date(2026, 4, 1))], date(2026, 4, 2))
    (None, True, None)
    """
    found: Deed | None = None
    for deed in sorted((one for one in deeds if one.on <= by), key=lambda one: one.on):
        if deed.kind in DECIDES:
            found = deed
        elif deed.kind in ("submit", "open_comments"):
            found = None
    return found


# Chosen: a question that needs more is several.
LONGEST_QUESTION = 500


def question(typed: str, deeds: Iterable[Deed], opens: date, closes: date, *, today: date) -> str:
    """An advisory question as it will be put, word for word. Raises WrongUse for one that cannot be put, or comes after the vote that it is about.

    >>> question(" Should the town   buy it? ", [], date(2026, 3, 1), date(2026, 3, 9), today=date(2026, 3, 1))
    'Should the town buy it?'
    """
    words = " ".join(voices.plain(typed).split())
    if not words or len(words) > LONGEST_QUESTION or closes < opens:
        raise WrongUse("This question cannot be put.", where="question", why=f"It needs words, {LONGEST_QUESTION} characters at most, and a last day that is not before the first.", do="Mend it, and send it again.")  # fmt: skip
    vote = decided(deeds, closes)
    if vote:
        raise WrongUse(
            "The council has decided." if vote.kind != "withdraw" else "The proposal was withdrawn.", where="question",
            why="An advisory question is put before the vote, so that the members can hear the answers.", do="Put it on a proposal that is still to be decided.",
        )  # fmt: skip
    if opens < today:
        raise WrongUse("The first day is past.", where="question", why="Nobody could have answered on that day.", do="Choose today or a later day.")  # fmt: skip
    return words
