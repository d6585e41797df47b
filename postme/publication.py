"""From a draft to a public page and on: which step may follow which, and the bytes that are published.

A machine finds, one person rules and drafts, a second person lets it out. What is out is never erased silently: a
correction names old and new, a withdrawal leaves its mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from postme.errors import WrongUse


class What(StrEnum):
    """What is done to an entry; each is a leaf of the log. *Continued*: nothing in it was wrong, something was added, as a step of a proposal."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    CONTINUED = "continued"
    WITHDRAWN = "withdrawn"
    REDACTED = "redacted"


class State(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    DISCARDED = "discarded"


# From where to where, and whether another person than the author must do it.
LIFE: Mapping[tuple[State, State], bool] = {
    (State.DRAFT, State.SUBMITTED): False,
    (State.RETURNED, State.SUBMITTED): False,
    (State.DRAFT, State.DISCARDED): False,
    (State.RETURNED, State.DISCARDED): False,
    (State.SUBMITTED, State.DRAFT): False,
    (State.SUBMITTED, State.RETURNED): True,
    (State.SUBMITTED, State.APPROVED): True,
}


def moved(state: str, to: State, *, author: str, who: str) -> State:
    """The state that a draft is in after a step. Raises WrongUse for a step that does not exist or needs another person.

    >>> moved("submitted", State.APPROVED, author="Ada", who="Ben")
    <State.APPROVED: 'approved'>
    """
    second = LIFE.get((State(state), to))
    if second is None:
        raise WrongUse(
            f"A draft that is {state} cannot become {to}.", where="draft", why="Each step has its place, so that nothing is published by accident.",
            do="Open the draft again: somebody may have moved it meanwhile.",
        )  # fmt: skip
    if second and author == who:
        raise WrongUse(
            "Nobody decides on their own draft.", where="draft", why="What is published must have been seen by two people.",
            do="Ask a colleague who may approve.",
        )  # fmt: skip
    return to


def follows(what: What, version: int, state: str) -> None:
    """Whether that can be done to an entry of that version (0: none yet) and state. Raises WrongUse."""
    new = what is What.PUBLISHED
    if new != (version == 0 or state == What.WITHDRAWN):
        raise WrongUse(
            "It is published already." if new else "It is not published, so it cannot be " + what + ".", where="draft",
            why="Each change to what is public is one of four, and each needs something to begin with.",
            do="Draft a correction." if new else "Draft its publication first.",
        )  # fmt: skip


def visible(state: str) -> bool:
    """The one rule of visibility: an entry's facts are shown while it is published. Every way out asks it.

    >>> visible("published"), visible("withdrawn"), visible("")
    (True, False, False)
    """
    return state == "published"


def tellable(value: Any) -> Any:
    """A JSON value that every database and every reader can take: what is no character becomes one that says so, one for one.

    >>> len(tellable({"a": "b\\0c"})["a"])
    3
    """
    if isinstance(value, str):
        whole = (
            value
            if value.isascii()
            else "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in value)
        )
        return whole.replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {tellable(key): tellable(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [tellable(held) for held in value]
    return value


def canonical(value: Any) -> bytes:
    """A JSON value as bytes, always the same for the same value: keys sorted, no spaces, UTF-8.

    >>> canonical({"b": 1, "a": "é"})
    b'{"a":"\\xc3\\xa9","b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def twin(
    *, address: str, kind: str, number: int, what: What, at: str, reason: str, salt: str, facts: Mapping[str, Any] | None,
    history: Sequence[Mapping[str, Any]],
) -> bytes:  # fmt: skip
    """The bytes that an entry's ``.json`` address serves; ``facts`` is ``None`` for what was withdrawn.

    ``salt`` makes the leaf a salted hash: once twin and salt are erased, nobody can guess what the leaf stood for.
    """
    return canonical(
        {
            "address": address, "kind": kind, "version": number, "what": what.value, "at": at, "reason": reason, "salt": salt,
            "history": list(history), "facts": facts,
        }
    )  # fmt: skip


def changes(old: Any, new: Any, where: str = "") -> Iterator[dict[str, Any]]:
    """Every place where two JSON values differ: ``at``, ``old``, ``new``; lists are compared whole.

    >>> list(changes({"a": 1, "b": 2}, {"a": 1, "b": 3}))
    [{'at': 'b', 'old': 2, 'new': 3}]
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from changes(old.get(key), new.get(key), f"{where}.{key}" if where else key)
    elif old != new:
        yield {"at": where, "old": old, "new": new}
