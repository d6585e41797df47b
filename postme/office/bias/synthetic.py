"""A synthetic system for the fictional town: scores drawn by a seed from a rule whose error rates are known exactly.

Nobody's face is in it. The score of two different people is a constant of their group, something of each of the two,
and chance; so a person who looks like many looks like many in every comparison, and the rate of each group has a
closed form. An audit that works finds these rates without being told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np

from postme.bias import BiasAudit
from postme.office import auditfile
from postme.office.bias import stating

SLUG = "synthetic-system-of-mill-falls"
THRESHOLD = 4.0
_PEOPLE, _PICTURES, _ACROSS = 400, 2, 120_000
# The share of a score that is the two people's own; what is left is chance, so that every score varies by 1.
_OWN = 0.12
# What the groups' false match rates are at the threshold, by sex and by an invented origin.
TRUE: Mapping[tuple[str, str], float] = {
    ("women", "hill people"): 8e-3,
    ("men", "hill people"): 2.5e-3,
    ("women", "valley people"): 2e-3,
    ("men", "valley people"): 1e-3,
}
_ABOUT = stating.About(
    "A synthetic system, audited", system="made by a program", test_set="Nobody. Scores were drawn by a program with a fixed seed.",
    labels_from="Invented; hill people and valley people do not exist.", threshold_from="Chosen so that the rates are known.", synthetic=True,
    command="none: the scores are made by postme.office.bias.synthetic",
)  # fmt: skip


def scores(seed: int = 1) -> BiasAudit:
    """The comparisons of the synthetic system: all within each group, some across, and pairs of one person's pictures."""
    chance = np.random.default_rng(seed)
    groups = list(TRUE)
    number = _PEOPLE * len(groups)
    group = np.repeat(np.arange(len(groups)), _PEOPLE)
    own = chance.normal(size=number) * math.sqrt(_OWN / 2)
    # So far a score lies below the threshold that the group's rate is what TRUE says.
    middle = np.array([THRESHOLD - NormalDist().inv_cdf(1 - TRUE[one]) for one in groups])
    i, j = np.triu_indices(_PEOPLE, 1)
    first = np.concatenate([i + at * _PEOPLE for at in range(len(groups))])
    second = np.concatenate([j + at * _PEOPLE for at in range(len(groups))])
    a, b = chance.integers(0, number, (2, _ACROSS))
    other = group[a] != group[b]
    first, second = np.concatenate([first, a[other]]), np.concatenate([second, b[other]])
    shared = np.where(group[first] == group[second], middle[group[first]], middle.min() - 0.5)
    score = shared + own[first] + own[second] + chance.normal(size=len(first)) * math.sqrt(1 - _OWN)
    mates = np.repeat(np.arange(number), _PICTURES)
    same = THRESHOLD + 2.2 + 0.6 * own[mates] + chance.normal(size=len(mates))
    labels = {"sex": [groups[at][0] for at in group], "origin": [groups[at][1] for at in group]}
    return BiasAudit.from_scores(
        np.concatenate([score, same]), np.concatenate([first, mates]), np.concatenate([second, mates]), labels, seed=seed
    )  # fmt: skip


def facts(place: Mapping[str, str], seed: int = 1) -> dict[str, Any]:
    """The entry of the audit in a place (id, name), with the rates that the system was made with."""
    audit = scores(seed)
    groupings = ((["sex", "origin"], "men, valley people"), (["sex"], "men"))
    results = [
        (by, audit.run(thresholds=[THRESHOLD], by=by, replicates=300, reference=reference)[0])
        for by, reference in groupings
    ]
    told = stating.facts(results, replace(_ABOUT, seed=seed))
    true = {", ".join(group): rate for group, rate in TRUE.items()}
    return auditfile.entry(told, slug=SLUG, technology=("face_recognition", "Face recognition"), place=place, true=true)
