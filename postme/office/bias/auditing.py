"""Audits from files: each function reads what a command was given, counts, and returns facts to be written or shown."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from postme.bias import BiasAudit, Result, intervals, measures, searching
from postme.bias.audit import MOST_GROUPS
from postme.bias.evidence import Shortfall
from postme.bias.rates import Rate
from postme.bias.ratios import CLEAR, compared
from postme.errors import WrongUse
from postme.office.bias import counting, matcher, stating
from postme.office.bias.counting import nothing
from postme.reading.bias import published, scores, searchlog, templates

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Asked:
    """What an audit is to count: groupings (each a list of labels), thresholds, false match rates, and how."""

    groups: Sequence[Sequence[str]] = ()
    thresholds: Sequence[float] = ()
    targets: Sequence[float] = ()
    scope: str = "all"
    reference: str | None = None
    replicates: int = 1000
    seed: int = 0
    same: Mapping[str, str] = field(default_factory=dict)
    accept: Sequence[str] = ()


def of_templates(
    path: Path, labels: Path, asked: Asked, about: stating.About, *, subject: str = "", work: Path | None = None,
    shard: tuple[int, int] = (1, 1), cluster: str | None = None, jobs: int = 0, tick: Tick = nothing,
) -> dict[str, Any] | None:  # fmt: skip
    """An audit of a file of templates and its table of labels; None after one of several shards."""
    rows = templates.read(path)
    told = templates.labels(labels, len(rows), subject=subject, wanted=_wanted(asked), same=asked.same, accept=asked.accept)  # fmt: skip
    source = counting.Source(path, rows, told.subjects, told.attributes)
    about = replace(about, notes=(*about.notes, *told.notes), inputs=(stating.hashed(path), stating.hashed(labels)))
    return _counted(source, asked, about, work, shard, cluster, jobs, tick)


def _counted(
    source: counting.Source, asked: Asked, about: stating.About, work: Path | None, shard: tuple[int, int],
    cluster: str | None, jobs: int, tick: Tick,
) -> dict[str, Any] | None:  # fmt: skip
    floor: float | None = None
    for _ in range(6):
        audit = counting.counted(
            source, targets=asked.targets, thresholds=asked.thresholds, seed=asked.seed, work=work, shard=shard, cluster=cluster, jobs=jobs, floor=floor, tick=tick,
        )  # fmt: skip
        if audit is None:
            return None
        if "duplicates" not in asked.accept:
            _no_twins(audit, source.path)
        try:
            return finished(replace(audit, rows=None), asked, about)
        except Shortfall:
            floor = audit.begins - max(0.05, (1 - audit.begins) / 4)
            about = replace(about, notes=(*about.notes, "The first guess of where the tail begins was too high; it was counted again from lower."))  # fmt: skip
    raise WrongUse(
        "The rate asked for could not be reached.",
        where=str(source.path),
        why="The scores are too much alike for a tail.",
        do="Give a threshold, or a smaller rate.",
    )


def _no_twins(audit: BiasAudit, path: Path) -> None:
    twins = audit.alike
    if twins:
        raise WrongUse(
            f"{len(twins)} pairs of people who are said to be different have all but the same template.",
            where=str(path),
            why="Most likely one person stands under two names, and every such pair would count as a wrong match.",
            do="Correct the labels; if they truly are different people, add --accept duplicates.",
        )


def of_images(
    program: Sequence[str], table: Path, asked: Asked, about: stating.About, *, subject: str = "", pairs: int = 0,
    work: Path | None = None, tick: Tick = nothing,
) -> dict[str, Any] | None:  # fmt: skip
    """An audit of a matcher that is a program, on the pictures a table names (column ``path``).

    ``pairs``: so many pairs of different people within each group of the first grouping, and every pair of one
    person, are scored by the program itself; 0 takes templates and compares all.
    """
    paths = templates.paths(table)
    told = templates.labels(table, len(paths), subject=subject, wanted=_wanted(asked), same=asked.same, accept=asked.accept)  # fmt: skip
    missing = [one for one in paths if not (table.parent / one).is_file()]
    if missing:
        raise WrongUse(
            f"{len(missing)} of {len(paths)} pictures are not there.",
            where=str(table.parent / missing[0]),
            why="A picture that is missing is no failure of the matcher.",
            do="Put them back, or take them out of the table.",
        )
    whole = [str((table.parent / one).resolve()) for one in paths]
    about = replace(about, notes=(*about.notes, *told.notes), inputs=(stating.hashed(table),))
    if not pairs:
        rows = matcher.templates(program, whole, tick)
        source = counting.Source(table, rows, told.subjects, told.attributes)
        return _counted(source, asked, about, None, (1, 1), None, 0, nothing)
    chosen = _drawn(told, asked, pairs)
    salt, kept = _kept_scores(work)
    score = matcher.scores(program, [(whole[a], whole[b]) for a, b in chosen], kept, salt, tick)
    number = {name: at for at, name in enumerate(dict.fromkeys(told.subjects))}
    people = [dict.fromkeys(told.attributes)] * len(number)
    for at, name in enumerate(told.subjects):
        people[number[name]] = {label: values[at] for label, values in told.attributes.items()}
    audit = BiasAudit.from_scores(
        score, np.array([number[told.subjects[a]] for a, _ in chosen]), np.array([number[told.subjects[b]] for _, b in chosen]),
        {label: [one[label] for one in people] for label in told.attributes}, seed=asked.seed,
    )  # fmt: skip
    return finished(audit, asked, about)


def _drawn(told: templates.Labels, asked: Asked, pairs: int) -> list[tuple[int, int]]:
    """Every pair of one person, and by lot so many of different people within each group."""
    chance = np.random.default_rng(asked.seed)
    by = list((asked.groups or [list(told.attributes)])[0])
    rows: dict[tuple[str | None, ...], list[int]] = {}
    own: dict[str, list[int]] = {}
    for at, name in enumerate(told.subjects):
        rows.setdefault(tuple(told.attributes[label][at] for label in by), []).append(at)
        own.setdefault(name, []).append(at)
    chosen = {pair for several in own.values() for pair in combinations(several, 2)}
    for members in rows.values():
        drawn: set[tuple[int, int]] = set()
        for _ in range(20):
            a, b = chance.choice(members, (2, 2 * pairs))
            drawn |= {(min(i, j), max(i, j)) for i, j in zip(a.tolist(), b.tolist(), strict=True) if told.subjects[i] != told.subjects[j]}  # fmt: skip
            if len(drawn) >= pairs:
                break
        chosen |= set(sorted(drawn, key=lambda _: chance.random())[:pairs])
    return sorted(chosen)


def _kept_scores(work: Path | None) -> tuple[bytes, Path | None]:
    if work is None:
        return b"", None
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    salt = work / "salt"
    if not salt.exists():
        salt.write_bytes(secrets.token_bytes(32))
    return salt.read_bytes(), work / "scores.txt"


def of_scores(
    path: Path, asked: Asked, about: stating.About, *, columns: scores.Layout | None = None, where: Mapping[str, str] | None = None
) -> dict[str, Any]:  # fmt: skip
    """An audit of a file of comparison scores."""
    told = scores.read(path, columns, where=where, same=asked.same, wanted=_wanted(asked), accept=asked.accept)
    audit = BiasAudit.from_scores(told.score, told.first, told.second, told.attributes, seed=asked.seed)
    return finished(audit, asked, replace(about, notes=(*about.notes, *told.notes), inputs=(stating.hashed(path),)))


columns = scores.Layout
"""Which column of a table of scores is what: score, subjects, labels, genuine, distance."""


def of_parts(folders: Sequence[Path], asked: Asked, about: stating.About) -> dict[str, Any]:
    """An audit put together from the work folders of its shards, without the templates."""
    audit, plan = counting.merged(folders)
    targets, thresholds = asked.targets or plan["targets"], asked.thresholds or plan["thresholds"]
    return finished(audit, replace(asked, targets=targets, thresholds=thresholds, seed=plan["seed"]), about)


def finished(audit: BiasAudit, asked: Asked, about: stating.About) -> dict[str, Any]:
    """The facts of an audit whose scores are counted: each grouping at each threshold."""
    groupings = [list(one) for one in asked.groups] or _groupings(audit)
    results: list[tuple[Sequence[str], Result]] = []
    for by in groupings:
        reference = asked.reference if by == groupings[0] else None
        found = audit.run(
            thresholds=asked.thresholds, fmr_targets=asked.targets, by=by, reference=reference, replicates=asked.replicates, scope=asked.scope,
        )  # fmt: skip
        results += [(by, one) for one in found]
    return stating.facts(results, replace(about, seed=asked.seed))


def _groupings(audit: BiasAudit) -> list[list[str]]:
    """Each label alone, and all together where that makes no more groups than a reader can take in."""
    labels = list(audit.attributes)
    single = [[one] for one in labels if len(set(audit.attributes[one])) <= MOST_GROUPS]
    together = {*zip(*(audit.attributes[one] for one in labels), strict=True)}
    return [*single, *([labels] if len(labels) > 1 and len(together) <= MOST_GROUPS else [])] or [[labels[0]]]


def _wanted(asked: Asked) -> list[str]:
    return list(dict.fromkeys(name for group in asked.groups for name in group))


# --- without images --------------------------------------------------------------------------------------------------


def of_rates(path: Path, *, percent: bool = False, group: str = "", rate: str = "", miss: str = "") -> dict[str, Any]:
    """A published table of rates: what measures and ratios it gives, with intervals only where it gives counts."""
    rows = published.read(path, group=group, rate=rate, miss=miss, percent=percent)
    x = [row.rate for row in rows]
    y = [row.miss for row in rows if row.miss is not None]
    both = len(y) == len(x)
    made: dict[str, float | None] = {
        "max_min": measures.max_min(x), "spread": measures.spread(x), "max_mean": measures.max_mean(x), "max_geomean": measures.max_geomean(x),
        "vary_geomean": measures.vary_geomean(x), "gini": measures.gini(x), "gini_corrected": measures.gini(x, corrected=True),
    }  # fmt: skip
    if both:
        made |= {"fdr": measures.fdr(x, y), "inequity_rate": measures.inequity_rate(x, y), "garbe": measures.garbe(x, y), "werm": measures.werm(x, y)}  # fmt: skip
    groups = []
    for row in rows:
        low, high = intervals.clopper_pearson(row.errors, row.trials) if row.errors is not None and row.trials else (None, None)  # fmt: skip
        groups.append({"name": row.group, "rate": row.rate, "miss": row.miss, "errors": row.errors, "trials": row.trials, "low": low, "high": high})  # fmt: skip
    return {"groups": sorted(groups, key=lambda one: -one["rate"]), "measures": made, "input": stating.hashed(path)}


def of_searches(path: Path, *, columns: Mapping[str, str] | None = None, same: Mapping[str, str] | None = None) -> dict[str, Any]:  # fmt: skip
    """A department's search log: who is searched, how often a hit comes back, how often it was wrong, and what is missing."""
    log = searchlog.read(path, columns, same)
    total = len(log.searches)
    names = sorted({one.group for one in log.searches})
    groups, known = [], {}
    for name in names:
        rows = [one for one in log.searches if one.group == name]
        hits = [one for one in rows if one.hit]
        told = [one for one in rows if one.hit is not None]
        ruled = [one for one in hits if one.wrong is not None]
        wrong = sum(one.wrong is True for one in ruled)
        groups.append({
            "name": name, "searches": len(rows), "share": len(rows) / total, "share_interval": intervals.wilson(len(rows), total),
            "hits": len(hits), "of": len(told), "hit_interval": intervals.wilson(len(hits), len(told)), "wrong": wrong, "ruled": len(ruled),
            "wrong_interval": intervals.wilson(wrong, len(ruled)), "candidates": sum(one.candidates or 0 for one in rows),
        })  # fmt: skip
        if name != searchlog.UNKNOWN and ruled:
            p = wrong / len(ruled)
            known[name] = Rate(wrong, len(ruled), len(ruled), p * (1 - p) / len(ruled), 1e9, 1.0)
    ratios = []
    if len(known) > 1:
        reference = max(known, key=lambda one: known[one].comparisons)
        ratios = [stating.ratio(one) | {"reference": reference} for one in compared({k: v for k, v in known.items() if k != reference}, known[reference])]  # fmt: skip
    reasons: dict[str, int] = {}
    for one in log.searches:
        reasons[one.reason or searchlog.UNKNOWN] = reasons.get(one.reason or searchlog.UNKNOWN, 0) + 1
    return {
        "searches": total, "groups": sorted(groups, key=lambda one: -one["searches"]), "missing": dict(log.missing), "columns": dict(log.columns),
        "reasons": dict(sorted(reasons.items(), key=lambda one: -one[1])), "ratios": ratios, "notes": list(log.notes), "input": stating.hashed(path),
        "verdict": any(one["word"] == CLEAR for one in ratios), "cannot_tell": _cannot_tell(log, total),
    }  # fmt: skip


def _cannot_tell(log: searchlog.Log, total: int) -> list[str]:
    """What a log never says, and what this one does not."""
    said = [
        "How often each group is recognised wrongly among all comparisons: a log counts searches, not comparisons.",
        "Whether a group is searched more often than its share in the population: that needs the population searched from.",
        "Wrong matches that nobody noticed: an outcome is only known where somebody looked.",
    ]
    return said + [
        f"{name.capitalize()}: {number} of {total} searches do not say." for name, number in log.missing.items() if number
    ]  # fmt: skip


def expected(facts: Mapping[str, Any], scans: float, watchlist: Mapping[str, int], prevalence: float | None, level: int = 0) -> list[dict[str, Any]]:  # fmt: skip
    """What an audit means for a watchlist of so many people of each group and so many scans a day, by the group scanned."""
    one = facts["levels"][level]
    names = [group["name"] for group in one["groups"] if group["shown"]]
    wrong = [name for name in watchlist if name not in names]
    if wrong:
        raise WrongUse(
            f"The audit has no group called {wrong[0]}.",
            why="Its rate is not known.",
            do=f"Its groups are: {'; '.join(names)}.",
        )
    cells = {frozenset((pair["a"], pair["b"])): pair for pair in one["pairs"]}
    misses = {group["name"]: (group["false_non_match"] or {}).get("rate") for group in one["groups"] if group["shown"]}
    made = []
    for name in names:
        listed = {other: count for other, count in watchlist.items() if count}
        unknown = [other for other in listed if frozenset((name, other)) not in cells]
        if unknown:
            made.append({"group": name, "unknown": unknown})
            continue
        spans = {}
        for end in ("rate", "low", "high"):
            found = searching.fpir_of([cells[frozenset((name, other))][end] or 0.0 for other in listed], list(listed.values()))  # fmt: skip
            spans[end] = searching.street(found, scans)
        right = None
        missed = misses[name]
        if prevalence is not None and missed is not None:
            right = searching.precision(prevalence, 1 - missed, spans["rate"].search)
        made.append({
            "group": name, "search": spans["rate"].search, "day": spans["rate"].day, "month": spans["rate"].month, "month_low": spans["low"].month,
            "month_high": spans["high"].month, "day_any": spans["rate"].day_any, "precision": right,
        })  # fmt: skip
    return made
