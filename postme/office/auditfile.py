"""An audit that somebody brings to be published: its file is read as strictly as anything from outside, and made an entry.

Nothing in it is believed but what has the shape of an audit: known keys, finite numbers, words of a bounded length.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from postme.bias.ratios import WORDS
from postme.errors import WrongUse
from postme.office.bias.stating import FORMAT

# Chosen: twenty times the largest audit here, and words that fit a page.
LARGEST, _WORDS, _ROWS = 4_000_000, 4_000, 5_000
_TOP = {"format", "title", "system", "test_set", "labels_from", "threshold_from", "synthetic", "made", "levels", "verdict", "notes", "inputs", "command", "seed", "postme"}  # fmt: skip
_LEVEL = {
    "by", "threshold", "asked", "overall", "near", "comparisons", "genuine", "people", "reference", "groups", "pairs", "ratios", "miss_ratios", "headline", "bears_a_verdict",
    "detectable", "measures", "det", "street", "scans", "searches",
}  # fmt: skip
_RATE = {"errors", "comparisons", "people", "rate", "low", "high", "deff", "enough", "safest"}
_SHAPES: Mapping[str, set[str]] = {
    "pairs": {"a", "b", *_RATE},
    "ratios": {"group", "ratio", "low", "high", "p", "holm", "detectable", "errors", "word", "words"},
    "measures": {"id", "of", "value", "low", "high", "null"},
    "street": {"group", "entries", "search", "low", "high", "month", "month_low", "month_high", "errors"},
    "searches": {"group", "entries", "formula", "fpir", "alarms", "strangers", "fnir", "missed", "mated"},
}


def checked(data: bytes) -> dict[str, Any]:
    """The audit in a file. Errors: ``WrongUse`` that says where it is not one."""
    if len(data) > LARGEST:
        raise _no(f"It has {len(data) / 1e6:.0f} MB; {LARGEST / 1e6:.0f} fit.")
    try:
        audit = json.loads(data, parse_constant=_endless)
    except (ValueError, RecursionError) as error:
        raise _no(f"It is not JSON: {type(error).__name__}.") from error
    _keys(audit, _TOP, "the file")
    if audit["format"] != FORMAT:
        raise _no(f"Its format is not {FORMAT}.")
    _bounded(audit, "the file")
    if not isinstance(audit["levels"], list) or not 1 <= len(audit["levels"]) <= 50:
        raise _no("It has no levels.")
    _keys(audit["system"], {"name", "maker", "version", "recognises"}, "system")
    for at, level in enumerate(audit["levels"], 1):
        _level(level, f"level {at}")
    for at, one in enumerate(_list(audit["inputs"], "inputs"), 1):
        _keys(one, {"name", "sha256", "bytes"}, f"input {at}")
    return dict(audit)


def _level(level: Any, where: str) -> None:
    _keys(level, _LEVEL, where)
    names = []
    for at, group in enumerate(_list(level["groups"], where), 1):
        own = f"{where}, group {at}"
        if not isinstance(group, dict) or not isinstance(group.get("shown"), bool):
            raise _no(f"It does not say whether it is shown: {own}.")
        if not group["shown"]:
            _keys(group, {"name", "people", "shown", "why"}, own)
            continue
        _keys(group, {"name", "people", "shown", "false_match", "false_non_match", "not_acquired"}, own)
        names.append(str(group["name"]))
        for kind in ("false_match", "false_non_match", "not_acquired"):
            if group[kind] is not None or kind == "false_match":
                _rate(group[kind], f"{own}, {kind}")
    if len(set(names)) != len(names) or not isinstance(level["reference"], str):
        raise _no(f"A group stands in it twice, or there is no reference: {where}.")
    for name, shape in {**_SHAPES, "miss_ratios": _SHAPES["ratios"]}.items():
        for at, one in enumerate(_list(level[name], where), 1):
            _keys(one, shape, f"{where}, {name} {at}")
            if name == "pairs":
                _rate({key: one[key] for key in _RATE}, f"{where}, pair {at}")
            if "word" in shape and one["word"] not in WORDS:
                raise _no(f"{str(one['word'])[:40]!r} is none of the four verdicts: {where}.")
    head = level["headline"]
    if head is not None:
        _keys(head, {"worse", "better", "ratio", "low", "high", "word", "words", "errors", "comparisons", "detectable", "sentence"}, f"{where}, headline")  # fmt: skip
        if head["word"] not in WORDS:
            raise _no(f"{str(head['word'])[:40]!r} is none of the four verdicts: {where}.")
    if not isinstance(level["det"], dict) or not all(isinstance(points, list) for points in level["det"].values()):
        raise _no(f"Its curves are none: {where}.")


def _rate(one: Any, where: str) -> None:
    _keys(one, _RATE, where)
    errors, comparisons = one["errors"], one["comparisons"]
    if not (isinstance(errors, int) and isinstance(comparisons, int) and 0 <= errors <= comparisons):
        raise _no(f"{errors} errors of {comparisons} comparisons cannot be: {where}.")
    if comparisons and (one["rate"] is None or not math.isclose(one["rate"], errors / comparisons, rel_tol=1e-9)):
        raise _no(f"Its rate is not its errors over its comparisons: {where}.")
    if not 0 <= one["low"] <= one["high"] <= 1:
        raise _no(f"Its interval is none: {where}.")


def _bounded(value: Any, where: str, depth: int = 0) -> None:
    """Words of a bounded length, lists of a bounded size, numbers that are numbers, nothing deep."""
    if depth > 8:
        raise _no(f"It is nested too deep: {where}.")
    if isinstance(value, str) and len(value) > _WORDS:
        raise _no(f"A text has {len(value)} letters: {where}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise _no(f"A number is not finite: {where}.")
    if isinstance(value, list | dict):
        if len(value) > _ROWS:
            raise _no(f"It has {len(value)} rows: {where}.")
        for one in value.values() if isinstance(value, dict) else value:
            _bounded(one, where, depth + 1)


def _keys(value: Any, wanted: set[str], where: str) -> None:
    if not isinstance(value, dict):
        raise _no(f"There are no keys: {where}.")
    missing, more = sorted(wanted - set(value)), sorted(set(value) - wanted)
    if missing or more:
        raise _no(f"{', '.join(missing or more)[:80]} {'is missing' if missing else 'is not known here'}: {where}.")


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _no(f"A list is missing: {where}.")
    return value


def _endless(name: str) -> Any:
    raise ValueError(name)


def _no(why: str) -> WrongUse:
    return WrongUse(
        "The file is no audit that can be published.",
        where="file",
        why=why,
        do="Give audit.json as postme bias wrote it, unchanged.",
    )


def entry(
    audit: Mapping[str, Any], *, slug: str, technology: tuple[str, str], maker: tuple[str, str] | None = None, proposal: str = "", condition: str = "", place: Mapping[str, str] | None = None,
    true: Mapping[str, float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The facts of an audit's entry: at ``/audits/slug/``, about a technology (id, name), perhaps a maker, a proposal, a place (id, name).

    ``condition``: the words of the condition of its vote that the audit answers; without, it is a finding laid before the
    council. ``true``: of a synthetic system the rates it was made with, by group, so that the audit can be seen to find them.
    """
    return {
        "slug": slug, "title": audit["title"], "fiction": bool(audit["synthetic"]), "technology": {"id": technology[0], "name": technology[1]},
        "makers": {maker[0]: maker[1]} if maker else {}, "proposal": proposal, "condition": condition, "place": dict(place) if place else None, "true": dict(true or {}), "audit": dict(audit),
    }  # fmt: skip
