"""The command that measures accuracy, and the published floor it must not fall through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SENTENCES = Path(__file__).parent / "accuracy/sentences.jsonl"
# Chosen: a little under what docs/accuracy.md publishes, so that a change of knowledge that loses much is seen.
FLOOR_ANY, FLOOR_MICRO = 0.85, 0.84


def evaluate(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "postme", "evaluate", str(path), *options], capture_output=True, text=True, check=False
    )


def test_json_has_the_figures_by_any_micro_and_technology() -> None:
    result = json.loads(evaluate(SENTENCES, "--format", "json").stdout)
    for figure in (result["any"], result["micro"], result["by_technology"]["alpr"]):
        assert {"precision", "recall", "f1", "tp", "fp", "fn"} <= set(figure)
    assert result["any"]["tp"] + result["any"]["fn"] == 191


def test_our_own_sentences_are_judged_no_worse_than_published() -> None:
    result = json.loads(evaluate(SENTENCES, "--format", "json").stdout)
    assert result["any"]["f1"] >= FLOOR_ANY
    assert result["micro"]["f1"] >= FLOOR_MICRO


@pytest.mark.skipif(not os.environ.get("POSTME_TEST_DATA"), reason="the real labels are not here (POSTME_TEST_DATA)")
def test_the_real_labels_are_judged_no_worse_than_the_target() -> None:
    result = json.loads(evaluate(Path(os.environ["POSTME_TEST_DATA"]) / "labels/dev.jsonl", "--format", "json").stdout)
    assert result["any"]["f1"] >= 0.95
    assert result["micro"]["f1"] >= 0.90


def test_disputed_labels_count_neither_way(tmp_path: Path) -> None:
    rows = [
        {"text": "The police flew drones over the park.", "technologies": [], "disputed": ["drone"]},
        {"text": "The police flew drones over the park.", "technologies": [], "disputed": []},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    result = json.loads(evaluate(path, "--format", "json").stdout)
    assert (result["any"]["tp"], result["any"]["fp"], result["any"]["fn"]) == (0, 1, 0)


def test_a_line_that_is_no_label_is_named_and_nothing_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"text": "a", "technologies": []}\n{"text": 3\n')
    result = evaluate(path)
    assert result.returncode == 2
    assert f"{path}:2" in result.stderr
    assert '{"text": "...", "technologies": ["alpr"]}' in result.stderr
    assert result.stdout == ""


def test_misses_and_false_alarms_are_listed_with_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    rows = [
        {"id": "lost", "text": "Nothing of the kind.", "technologies": ["alpr"]},
        {"id": "wrong", "text": "The police flew drones over the park.", "technologies": []},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    said = evaluate(path).stdout
    assert "lost: alpr" in said
    assert "wrong: drone" in said
