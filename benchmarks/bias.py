"""The bias audit beside the machine's own limit and beside what a user would take instead, in ratios from one run.

    python benchmarks/bias.py                  # N = 20,000 and 50,000, some two minutes
    python benchmarks/bias.py --people 5000    # a first look

The limit is sgemm: 2 d operations for each pair, in float32, by the same BLAS on the same cores, measured just before and
just after. Peers get what they can hold, and are said to hold no more. Templates are drawn by lot; nobody's face is in them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_DIMENSIONS, _GROUPS, _RATE = 512, 8, 1e-3
# What peers are given: as many templates, or scores, as they take in a few seconds.
_PEER_ROWS, _PEER_SCORES = 5_000, 400_000


def templates(folder: Path, number: int) -> tuple[Path, list[str], dict[str, list[str]]]:
    """Synthetic templates, two pictures a person, eight groups."""
    chance = np.random.default_rng(number)
    path = folder / f"{number}.npy"
    np.save(path, chance.standard_normal((number, _DIMENSIONS), dtype=np.float32))
    who = [str(at // 2) for at in range(number)]
    return path, who, {"group": [f"g{(at // 2) % _GROUPS}" for at in range(number)]}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    since = time.perf_counter()
    made = work()
    return time.perf_counter() - since, made


def sgemm() -> float:
    """Pairs a second that the machine's BLAS makes when it does nothing else, with all cores; the best of five."""
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((4096, _DIMENSIONS), dtype=np.float32)
    room = np.empty((4096, 4096), np.float32)
    return max(4096 * 4096 / timed(lambda: np.matmul(rows, rows[::-1].T, out=room))[0] for _ in range(6))


def counted(number: int) -> dict[str, Any]:
    """One audit end to end: from the file to exact tails, then rates, bootstrap and measures."""
    from postme.office.bias import counting

    with tempfile.TemporaryDirectory() as folder:
        path, who, labels = templates(Path(folder), number)
        limit = [sgemm()]
        rounds = []
        for _ in range(3):
            source = counting.Source(path, np.load(path, mmap_mode="r"), who, labels)
            seconds, audit = timed(
                lambda source=source: counting.counted(source, targets=[_RATE], thresholds=[], seed=0)
            )
            rounds.append(seconds)
        limit.append(sgemm())
        result = audit.run(fmr_targets=[_RATE])[0]  # type: ignore[union-attr]
        rates = timed(lambda: (result.ratios, result.pairs))[0]
        bootstrap = timed(lambda: result.resampled)[0]
        pairs = number * (number - 1) // 2
        seconds = statistics.median(rounds)
        return {
            "rows": number, "pairs": pairs, "seconds": seconds, "rounds": rounds, "pairs_a_second": pairs / seconds, "sgemm": statistics.mean(limit),
            "of_the_limit": pairs / seconds / statistics.mean(limit), "rates_seconds": rates, "bootstrap_seconds": bootstrap,
            "memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, "tail": len(audit.tail.score),  # type: ignore[union-attr]
        }  # fmt: skip


def peers() -> dict[str, float]:
    """Pairs, or scores, a second of what one would take instead; those that are not installed are left out."""
    found: dict[str, float] = {}
    chance = np.random.default_rng(1)
    try:
        from sklearn.metrics import roc_curve
        from sklearn.metrics.pairwise import cosine_similarity

        rows = chance.standard_normal((_PEER_ROWS, _DIMENSIONS), dtype=np.float32)
        upper = np.triu_indices(_PEER_ROWS, 1)

        def whole() -> None:
            scores = cosine_similarity(rows)[upper]
            roc_curve(upper[0] // 2 == upper[1] // 2, scores)

        found["scikit-learn (cosine_similarity, roc_curve)"] = len(upper[0]) / timed(whole)[0]
    except ImportError:
        pass
    score, truth = chance.standard_normal(_PEER_SCORES), chance.random(_PEER_SCORES) < 0.1
    group = chance.integers(0, _GROUPS, _PEER_SCORES)
    try:
        from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate

        both = {"fmr": false_positive_rate, "fnmr": false_negative_rate}
        seconds, _ = timed(
            lambda: MetricFrame(metrics=both, y_true=truth, y_pred=score > 2, sensitive_features=group).by_group
        )
        found["fairlearn (MetricFrame, two rates, no interval)"] = _PEER_SCORES / seconds
    except ImportError:
        pass
    try:
        from pyeer.eer_info import get_eer_stats

        seconds, _ = timed(lambda: get_eer_stats(score[truth].tolist(), score[~truth].tolist()))
        found["pyeer (get_eer_stats, no groups)"] = _PEER_SCORES / seconds
    except ImportError:
        pass
    return found


def main() -> None:
    """Each size in a process of its own, so that memory is that size's alone."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, nargs="*", default=[20_000, 50_000], help="rows of templates")
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    made: dict[str, Any] = {"sizes": []}
    for number in given.people:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            one = pool.apply(counted, (number,))
        made["sizes"].append(one)
        print(f"N = {number:,}, d = {_DIMENSIONS}: {one['pairs_a_second'] / 1e6:.0f} M pairs/s, {one['of_the_limit']:.2f} of sgemm ({one['sgemm'] / 1e6:.0f} M/s); "
              f"1,000 replicates of {_GROUPS} groups {one['bootstrap_seconds']:.2f} s; {one['memory_gb']:.2f} GB", flush=True)  # fmt: skip
    ours = made["sizes"][0]["pairs_a_second"]
    made["peers"] = peers()
    for name, speed in made["peers"].items():
        print(f"{name}: {speed / 1e6:.2f} M a second, so {ours / speed:,.0f} times slower")
    if given.json:
        given.json.write_text(json.dumps(made, indent=1))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
