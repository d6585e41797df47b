"""Floods of comments: by which criteria one is told, what was found, and nothing done about it.

A finding is shown to people before anything happens. What they do is reversible and public.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Criterion:
    """When comments count as a flood: ``least`` of one kind within ``span`` (``None``: whenever), and in words what it cannot show."""

    id: str
    says: str
    least: int
    span: timedelta | None
    cannot_show: str


# Chosen: letters to a council that an organization drafted are lawful and common, so these only ask somebody to look.
CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "same text", "Five or more comments on one proposal with the same words, whatever their capitals, spaces and punctuation.", 5, None,
        "Many people may sign one text on purpose. That is allowed; each still counts once.",
    ),
    Criterion(
        "one mail domain", "Thirty or more comments from one mail domain within an hour.", 30, timedelta(hours=1),
        "The large mail providers reach this on a busy day without anybody’s doing.",
    ),
    Criterion(
        "burst", "Twenty or more comments on one proposal within a minute.", 20, timedelta(minutes=1),
        "A call on the radio looks the same.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Came:
    """A comment, as far as floods go: its number, the mark of its folded text, that of its mail domain, when it was confirmed."""

    number: str
    folded: str
    domain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Flood:
    """What a criterion found: which comments, from when to when. ``key`` is the same as long as it is the same flood."""

    criterion: str
    key: str
    numbers: tuple[str, ...]
    first: datetime
    last: datetime


def folded(text: str) -> str:
    """The mark of a text that is the same for all texts with the same words: SHA-256 of its letters and digits, made small.

    >>> folded("No cameras!") == folded("  no CAMERAS ")
    True
    """
    letters = "".join(
        one if one.isalnum() or unicodedata.category(one).startswith("M") else " " for one in unicodedata.normalize("NFKC", text).casefold()
    )  # fmt: skip
    return hashlib.sha256(" ".join(letters.split()).encode("utf-8", "replace")).hexdigest()


def floods(came: Iterable[Came], criteria: Iterable[Criterion] = CRITERIA) -> tuple[Flood, ...]:
    """What the criteria find among the comments of one proposal, the largest first."""
    every = sorted(came, key=lambda one: (one.at, one.number))
    found = []
    for criterion in criteria:
        for key, group in _groups(criterion.id, every).items():
            found += _within(criterion, key, group)
    return tuple(sorted(found, key=lambda one: (-len(one.numbers), one.criterion, one.key)))


def _groups(criterion: str, every: list[Came]) -> Mapping[str, list[Came]]:
    groups: dict[str, list[Came]] = defaultdict(list)
    for one in every:
        key = {"same text": one.folded, "one mail domain": one.domain}.get(criterion, "all")
        if key:
            groups[key].append(one)
    return groups


def _within(criterion: Criterion, key: str, group: list[Came]) -> list[Flood]:
    """The stretches of a group in which so many came within the span; stretches that touch are one."""
    if criterion.span is None:
        return [_flood(criterion, key, group)] if len(group) >= criterion.least else []
    found: list[tuple[int, int]] = []
    start = 0
    for end in range(len(group)):
        while group[end].at - group[start].at >= criterion.span:
            start += 1
        if end - start + 1 >= criterion.least:
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return [_flood(criterion, key, group[first : last + 1]) for first, last in found]


def _flood(criterion: Criterion, key: str, group: list[Came]) -> Flood:
    own = hashlib.sha256(f"{criterion.id}\0{key}\0{group[0].number}".encode()).hexdigest()[:16]
    return Flood(criterion.id, own, tuple(one.number for one in group), group[0].at, group[-1].at)
