"""A department's log of face recognition searches: who was searched, why, and what came of it, where it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from postme.errors import WrongUse
from postme.reading.bias import tables

UNKNOWN = "unknown"
# What each column may be called, and what it tells.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "race", "sex", "race_sex", "demographic", "probe_race", "subject_race"),
    "candidates": ("candidates", "candidates_returned", "results", "matches_returned"),
    "hit": ("hit", "match", "possible_match", "lead", "investigative_lead"),
    "outcome": ("outcome", "disposition", "result", "confirmed"),
    "reason": ("reason", "offense", "offence", "crime", "purpose", "charge"),
    "date": ("date", "search_date", "request_date", "day"),
}
_YES = ("yes", "y", "true", "1", "hit", "match", "lead", "possible match")
_NO = ("no", "n", "false", "0", "no hit", "no match", "none returned", "no lead")
_WRONG = ("wrong", "misidentified", "misidentification", "false match", "not confirmed", "cleared", "unfounded")


@dataclass(frozen=True)
class Search:
    """One search. A field that the log does not tell is None; ``group`` is then "unknown"."""

    group: str
    candidates: int | None
    hit: bool | None
    wrong: bool | None
    reason: str | None


@dataclass(frozen=True)
class Log:
    """The searches, which columns told what, and how often each field is missing."""

    searches: tuple[Search, ...]
    columns: Mapping[str, str]
    missing: Mapping[str, int]
    notes: tuple[str, ...]


def read(path: Path, named: Mapping[str, str] | None = None, same: Mapping[str, str] | None = None) -> Log:
    """Read a log, one row a search. ``named``: field to column, where the usual names do not serve.

    Errors: ``WrongUse`` when no row is there or neither group nor outcome can be told.
    """
    table = tables.opened(path)
    there = tables.columns(path, table)
    found: dict[str, str] = {}
    for name, usual in FIELDS.items():
        given = (named or {}).get(name)
        if given:
            found[name] = tables.wanted(path, there, given)
        else:
            hit = next((one for one in there if one.lower().strip().replace(" ", "_") in usual), None)
            if hit:
                found[name] = hit
    if "group" not in found and "hit" not in found and "outcome" not in found:
        raise WrongUse(
            "It is not clear what the columns tell.",
            where=str(path),
            why=f"Columns: {', '.join(there)}.",
            do="Name at least one with --column group=NAME, --column hit=NAME or --column outcome=NAME.",
        )
    frame = tables.collected(path, table)
    if not frame.height:
        raise WrongUse("The log is empty.", where=str(path), why="Nothing can be counted.", do="Ask for it again.")
    notes: tuple[str, ...] = ()
    words = {name: tables.word(frame[column]).to_list() for name, column in found.items() if name != "group"}
    groups: list[str | None] = [None] * frame.height
    if "group" in found:
        values, notes = tables.one_spelling(path, "group", frame[found["group"]], same or {})
        groups = values.to_list()
    blank: list[str | None] = [None] * frame.height
    made = []
    for at in range(frame.height):
        hit, outcome = words.get("hit", blank)[at], words.get("outcome", blank)[at]
        candidates = words.get("candidates", blank)[at]
        number = int(float(candidates)) if candidates and candidates.replace(".", "", 1).isdigit() else None
        made.append(Search(
            groups[at] or UNKNOWN, number, _said(hit) if hit is not None else (number > 0 if number is not None else None),
            None if outcome is None else outcome.casefold() in _WRONG, words.get("reason", blank)[at],
        ))  # fmt: skip
    missing = {
        "group": sum(one.group == UNKNOWN for one in made),
        "candidates": sum(one.candidates is None for one in made),
        "hit": sum(one.hit is None for one in made),
        "outcome": sum(one.wrong is None for one in made),
        "reason": sum(one.reason is None for one in made),
    }
    return Log(tuple(made), found, missing, notes)


def _said(text: str) -> bool | None:
    low = text.casefold()
    return True if low in _YES else False if low in _NO else None
