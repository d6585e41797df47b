"""An audit as facts: the one structure that the page, the JSON, the CSV and the site all tell the same from.

Groups of fewer than ten people are named and not counted: nothing else about them is written anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postme import __version__
from postme.bias import searching
from postme.bias.rates import FEWEST_PEOPLE, Rate
from postme.bias.ratios import CLEAR, NO_LARGER, SIGN, Ratio
from postme.bias.result import Result

FORMAT = "postme-audit-1"
# Sizes of a watchlist that are shown where nobody names one.
LISTS = (100, 1_000, 10_000, 100_000)


@dataclass(frozen=True)
class About:
    """What the numbers are of, as whoever made the audit says; nothing of it is guessed.

    ``synthetic``: nobody's face; said on every page. ``subject``: "face" or what else was recognised.
    """

    title: str
    system: str = ""
    maker: str = ""
    version: str = ""
    test_set: str = ""
    labels_from: str = ""
    threshold_from: str = ""
    subject: str = "face"
    synthetic: bool = False
    made: str = ""
    notes: tuple[str, ...] = ()
    inputs: tuple[Mapping[str, Any], ...] = ()
    command: str = ""
    seed: int = 0
    scans: float = 100_000
    lists: Sequence[int] = field(default=LISTS)


def facts(results: Iterable[tuple[Sequence[str], Result]], about: About) -> dict[str, Any]:
    """The whole audit: ``results`` with the labels each is grouped by, the most important first."""
    levels = [level(by, one, about) for by, one in results]
    return {
        "format": FORMAT,
        "title": about.title,
        "system": {"name": about.system, "maker": about.maker, "version": about.version, "recognises": about.subject},
        "test_set": about.test_set,
        "labels_from": about.labels_from,
        "threshold_from": about.threshold_from,
        "synthetic": about.synthetic,
        "made": about.made,
        "levels": levels,
        "verdict": any(one["bears_a_verdict"] for one in levels),
        "notes": list(about.notes),
        "inputs": [dict(one) for one in about.inputs],
        "command": about.command,
        "seed": about.seed,
        "postme": __version__,
    }


def level(by: Sequence[str], result: Result, about: About) -> dict[str, Any]:
    """One threshold and one way of grouping."""
    names, shown = result.names, set(result.shown)
    evidence = result.evidence
    people = result.people
    return {
        "by": list(by),
        "threshold": result.threshold,
        "asked": result.asked,
        "overall": result.overall,
        "near": evidence.near(result.threshold),
        "comparisons": sum(evidence.totals.values()),
        "genuine": len(evidence.genuine),
        "people": sum(people),
        "reference": names[result.reference],
        "groups": [
            {
                "name": name,
                "people": people[g],
                "shown": True,
                "false_match": rate(result.false_match[g]),
                "false_non_match": rate(result.false_non_match[g]) if result.false_non_match[g].shown else None,
                "not_acquired": rate(result.not_acquired[g]),
            }
            if g in shown
            else {"name": name, "people": None, "shown": False, "why": _why_not(people[g])}
            for g, name in enumerate(names)
        ],
        "pairs": [
            {"a": names[a], "b": names[b], **rate(one)}
            for (a, b), one in result.pairs.items()
            if a in shown and b in shown and one.comparisons
        ],
        "ratios": [ratio(one) for one in result.ratios],
        "miss_ratios": [ratio(one) for one in result.miss_ratios if math.isfinite(one.high) or one.ratio is not None],
        "headline": headline(result),
        "bears_a_verdict": result.bears_a_verdict,
        "detectable": _finite(result.detectable),
        "measures": [
            {"id": one.id, "of": one.of, "value": one.value, "low": one.low, "high": one.high, "null": one.null}
            for one in result.measures
        ],
        "det": {
            names[g]: [[p.threshold, p.false_match, p.false_non_match] for p in points]
            for g, points in result.det.items()
        },
        "street": street(result, about.scans, about.lists),
        "scans": about.scans,
        "searches": _measured(result),
    }


def rate(one: Rate) -> dict[str, Any]:
    """A rate with what it rests on; ``high`` is a bound where there was no error."""
    return {
        "errors": one.errors, "comparisons": one.comparisons, "people": one.people, "rate": one.value, "low": one.low, "high": one.high,
        "deff": one.deff, "enough": one.enough, "safest": one.safest,
    }  # fmt: skip


def ratio(one: Ratio) -> dict[str, Any]:
    """A ratio with its fixed words; what is infinite or cannot be had is None."""
    return {
        "group": one.group, "ratio": one.ratio, "low": one.low, "high": _finite(one.high), "p": one.p, "holm": one.holm,
        "detectable": _finite(one.detectable), "errors": list(one.errors), "word": one.word, "words": one.words,
    }  # fmt: skip


def headline(result: Result) -> dict[str, Any] | None:
    """The comparison of the first sentence, turned so that the group wronged more often comes first."""
    found = result.headline
    if found is None:
        return None
    own, other = result.names.index(found.group), result.reference
    times, low, high = found.ratio, found.low, found.high
    if times is not None and times < 1:
        own, other = other, own
        times, low, high = (1 / times if times else None), (1 / high if high else math.inf), (1 / low if low else math.inf)  # fmt: skip
    worse, better = result.false_match[own], result.false_match[other]
    return {
        "worse": result.names[own], "better": result.names[other], "ratio": times, "low": low, "high": _finite(high), "word": found.word, "words": found.words,
        "errors": [worse.errors, better.errors], "comparisons": [worse.comparisons, better.comparisons], "detectable": _finite(found.detectable),
        "sentence": sentence(found, result.names[own], result.names[other], times, low, high, worse, better, result.asked),
    }  # fmt: skip


def sentence(
    found: Ratio, worse: str, better: str, times: float | None, low: float, high: float, own: Rate, other: Rate, asked: float | None
) -> str:  # fmt: skip
    """What a council member reads first. It never says that a system treats people alike."""
    at = (
        f"At the setting that matches {one_in(asked)} pairs of different people"
        if asked
        else "At the setting that was audited"
    )
    counts = (
        f"{own.errors:,} wrong matches among {own.comparisons:,} comparisons against {other.errors:,} among {other.comparisons:,}"
    )  # fmt: skip
    if found.word in (CLEAR, SIGN):
        lead = "" if found.word == CLEAR else "there is a sign, and no proof, that "
        if times is None:
            said = f"at least {number(low)} times as often"
            span = counts
        else:
            said = f"{number(times)} times as often"
            span = f"95 % interval {number(low)} to {number(high)}; {counts}"
        return f"{at}, {lead}the system wrongly matched people of the group “{worse}” {said} as people of the group “{better}” ({span})."
    if found.word == NO_LARGER:
        most = max(found.high, 1 / found.low)
        return f"{at}, this test found no difference larger than {number(most)} times between the groups “{worse}” and “{better}” ({counts})."
    if math.isfinite(found.detectable):
        return f"{at}, this test cannot tell whether people of the group “{worse}” are wrongly matched more often than people of the group “{better}”: it could have detected only {number(found.detectable)} times or more ({counts})."
    return f"{at}, this test cannot tell whether people of the group “{worse}” are wrongly matched more often than people of the group “{better}” ({counts})."


def street(result: Result, scans: float, lists: Sequence[int]) -> list[dict[str, Any]]:
    """Innocent people who would raise an alert, by group and length of the list, if the list were all of their group."""
    made = []
    for g in result.shown:
        own = result.false_match[g]
        for entries in lists:
            middle, low, high = (searching.fpir(value or 0.0, entries) for value in (own.value, own.low, own.high))
            made.append({
                "group": result.names[g], "entries": entries, "search": middle, "low": low, "high": high,
                "month": searching.street(middle, scans).month, "month_low": searching.street(low, scans).month,
                "month_high": searching.street(high, scans).month, "errors": own.errors,
            })  # fmt: skip
    return made


def _measured(result: Result) -> list[dict[str, Any]]:
    """Searches counted from the test's own people, where templates were given: a tenth of each group on the list."""
    evidence = result.evidence
    if not len(evidence.row_person):
        return []
    listed = {g: max(1, result.people[g] // 10) for g in result.shown}
    found = searching.measured(evidence, result.threshold, listed, seed=result.seed)
    total = sum(listed.values())
    made = []
    for g in result.shown:
        rates = [result.pairs[min(g, h), max(g, h)].value or 0.0 for h in listed]
        one = found[g]
        made.append({
            "group": result.names[g], "entries": total, "formula": searching.fpir_of(rates, list(listed.values())), "fpir": one.fpir, "alarms": one.alarms,
            "strangers": one.strangers, "fnir": one.fnir, "missed": one.missed, "mated": one.mated,
        })  # fmt: skip
    return made


def one_in(share: float) -> str:
    """A share in words that need no decimals.

    >>> one_in(0.0001), one_in(0.25)
    ('1 in 10,000', '1 in 4')
    """
    return f"1 in {round(1 / share):,}" if share > 0 else "none of the"


def number(value: float) -> str:
    """A ratio as people say it: 1.7, 6.2, 34.

    >>> number(1.7008), number(34.2), number(1.04)
    ('1.7', '34', '1.04')
    """
    if not math.isfinite(value):
        return "any number of"
    if value < 1.095:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 20 else f"{value:,.0f}"


def hashed(path: Path) -> dict[str, Any]:
    """A file by its name, hash and size; never by where it lies."""
    import hashlib

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "sha256": digest, "bytes": path.stat().st_size}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _why_not(people: int) -> str:
    return f"fewer than {FEWEST_PEOPLE} people" if people < FEWEST_PEOPLE else "no comparisons within the group"
