"""Audits from files: resumed after a kill, counted in parts, on a cluster that loses a worker, by a program; written down."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from postme.errors import KeepingError, WrongUse
from postme.keeping import writing
from postme.office import auditreport
from postme.office.bias import auditing, counting, matcher, stating
from postme.office.bias import writing as audits

MATCHER = (sys.executable, str(Path(__file__).parents[2] / "examples" / "matcher.py"))
ABOUT = stating.About("A test", synthetic=True)


def source(folder: Path, people: int = 2300, images: int = 2, d: int = 16, seed: int = 1) -> tuple[Path, Path]:
    """Synthetic templates of people in two groups, with their table of labels; more than one tile of them."""
    chance = np.random.default_rng(seed)
    sex = np.array(["f", "m"])[np.arange(people) % 2]
    centres = chance.normal(size=(people, d)) + np.where(sex == "f", 0.9, 0.3)[:, None] * chance.normal(size=d)
    rows = np.repeat(centres, images, axis=0) + 0.5 * chance.normal(size=(people * images, d))
    templates, labels = folder / "t.npy", folder / "labels.csv"
    np.save(templates, rows.astype(np.float32))
    labels.write_text(
        "subject,sex\n" + "".join(f"person-{at},{sex[at]}\n" for at in range(people) for _ in range(images))
    )
    return templates, labels


ASKED = auditing.Asked(targets=(1e-3,), replicates=20)


def same(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    assert one and other
    return one["levels"] == other["levels"]


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates, labels = source(tmp_path)
    whole = auditing.of_templates(templates, labels, ASKED, ABOUT)
    monkeypatch.setattr(counting, "_SECONDS", 0.0)
    work, seen = tmp_path / "work", []

    def dies(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        auditing.of_templates(templates, labels, ASKED, ABOUT, work=work, tick=dies)
    assert seen[0] == (0, 5) and list(work.glob("tiles-*.npz"))
    (work / "tiles-000000-1.npz").write_bytes(b"cut off")
    seen.clear()
    again = auditing.of_templates(templates, labels, ASKED, ABOUT, work=work, tick=lambda *one: seen.append(one))
    assert 0 < seen[0][0] < 5 and seen[-1] == (5, 5)
    assert same(again, whole)


def test_parts_counted_apart_are_put_together_without_the_templates(tmp_path: Path) -> None:
    templates, labels = source(tmp_path)
    whole = auditing.of_templates(templates, labels, ASKED, ABOUT)
    folders = [tmp_path / "one", tmp_path / "two"]
    assert auditing.of_templates(templates, labels, ASKED, ABOUT, work=folders[0], shard=(1, 2)) is None
    folders[1].mkdir()
    (folders[1] / "plan.json").write_bytes((folders[0] / "plan.json").read_bytes())
    with pytest.raises(WrongUse, match="tiles are missing"):
        auditing.of_parts(folders[:1], auditing.Asked(replicates=20), ABOUT)
    assert auditing.of_templates(templates, labels, ASKED, ABOUT, work=folders[1], shard=(2, 2)) is None
    templates.unlink()
    merged = auditing.of_parts(folders, auditing.Asked(replicates=20), ABOUT)
    for one, other in zip(merged["levels"], (whole or {})["levels"], strict=True):
        assert one["groups"] == other["groups"] and one["ratios"] == other["ratios"]


def test_what_is_kept_holds_no_template_no_name_and_no_picture(tmp_path: Path) -> None:
    templates, labels = source(tmp_path, people=300)
    work = tmp_path / "work"
    facts = auditing.of_templates(templates, labels, ASKED, ABOUT, work=work)
    written = [*audits.write(tmp_path / "out", facts or {}), *work.iterdir()]
    row = np.load(templates)[7]
    needles = [b"person-", row.tobytes(), row[:4].tobytes(), (row / np.linalg.norm(row)).astype(np.float32)[:3].tobytes()]  # fmt: skip
    for path in written:
        assert not [needle for needle in needles if needle in path.read_bytes()], path.name
    for path in work.glob("*.npz"):
        with np.load(path) as kept:
            assert all(kept[name].ndim == 1 for name in kept.files), "a table of templates has two dimensions"


def test_a_work_folder_of_other_inputs_is_refused(tmp_path: Path) -> None:
    templates, labels = source(tmp_path, people=200)
    auditing.of_templates(templates, labels, ASKED, ABOUT, work=tmp_path / "work")
    labels.write_text(labels.read_text().replace("person-1,", "person-0,").replace("person-0,m", "person-0,f"))
    with pytest.raises(WrongUse, match="other templates or labels"):
        auditing.of_templates(templates, labels, ASKED, ABOUT, work=tmp_path / "work")
    (tmp_path / "work" / "plan.json").write_text("{}")
    with pytest.raises(WrongUse, match="another kind"):
        auditing.of_templates(templates, labels, ASKED, ABOUT, work=tmp_path / "work")


def test_a_full_disk_says_what_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates, labels = source(tmp_path, people=200)
    kept = writing.written

    def full(place: Path, data: bytes, **given: Any) -> None:
        if place.name.startswith("tiles"):
            raise OSError(28, "No space left on device")
        kept(place, data, **given)

    monkeypatch.setattr(writing, "written", full)
    with pytest.raises(KeepingError, match=r"No space left on device\. Nothing counted before is lost"):
        auditing.of_templates(templates, labels, ASKED, ABOUT, work=tmp_path / "work")


def test_other_thresholds_are_counted_from_the_same_folder(tmp_path: Path) -> None:
    templates, labels = source(tmp_path, people=400)
    auditing.of_templates(templates, labels, ASKED, ABOUT, work=tmp_path / "work")
    lower = auditing.Asked(targets=(0.05,), replicates=20)
    again = auditing.of_templates(templates, labels, lower, ABOUT, work=tmp_path / "work")
    assert same(again, auditing.of_templates(templates, labels, lower, ABOUT))


def test_a_cluster_that_loses_a_worker_counts_what_one_machine_counts(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    templates, labels = source(tmp_path, people=5200, images=2)
    whole = auditing.of_templates(templates, labels, ASKED, ABOUT)
    killed = []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as workers:

        def kills(done: int, total: int) -> None:
            if done == 2 and not killed:
                pid = next(iter(workers.workers.values())).pid
                os.kill(pid, 9)
                killed.append(pid)

        there = auditing.of_templates(templates, labels, ASKED, ABOUT, cluster=workers.scheduler_address, tick=kills)
    assert killed and same(there, whole)


# --- a matcher that is a program -------------------------------------------------------------------------------------


def pictures(folder: Path, people: int = 24, images: int = 3) -> Path:
    """Files that stand for pictures: of one person much alike; one of them empty."""
    chance = np.random.default_rng(4)
    lines = ["path,subject,sex"]
    for person in range(people):
        own = chance.integers(0, 256, 400)
        for image in range(images):
            data = np.where(chance.random(400) < 0.1, chance.integers(0, 256, 400), own).astype(np.uint8)
            (folder / f"{person}-{image}.img").write_bytes(b"" if (person, image) == (3, 1) else data.tobytes())
            lines.append(f"{person}-{image}.img,s{person},{'fm'[person % 2]}")
    table = folder / "pictures.csv"
    table.write_text("\n".join(lines) + "\n")
    return table


def test_a_program_brings_templates_and_its_failures_are_counted(tmp_path: Path) -> None:
    facts = auditing.of_images(MATCHER, pictures(tmp_path), auditing.Asked(targets=(0.05,), replicates=10), ABOUT)
    assert facts
    assert sum(one["not_acquired"]["errors"] for one in facts["levels"][0]["groups"]) == 1
    assert facts["levels"][0]["genuine"] == 24 * 3 - 2


def test_a_program_s_scores_are_kept_and_only_the_rest_is_asked_for_again(tmp_path: Path) -> None:
    table, work = pictures(tmp_path), tmp_path / "work"
    asked = auditing.Asked(targets=(0.05,), replicates=10)
    first = auditing.of_images(MATCHER, table, asked, ABOUT, pairs=60, work=work)
    kept = (work / "scores.txt").read_text()
    assert ".img" not in kept and "s3" not in kept
    lines = kept.splitlines(keepends=True)
    (work / "scores.txt").write_text("".join(lines[: len(lines) // 2]) + "cut o")
    told: list[tuple[int, int]] = []
    again = auditing.of_images(MATCHER, table, asked, ABOUT, pairs=60, work=work, tick=lambda *one: told.append(one))
    assert told[0] == (len(lines) // 2, len(lines))
    assert same(first, again)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("print('hello')", "no line of the protocol"),
        ("import sys; sys.exit('license expired')", "license expired"),
        ("import json\nfor x in range(999): print(json.dumps({'score': 1}))", "more lines than it was asked"),
        ("import json,sys\nfor x in sys.stdin: print(json.dumps({'score': 'high'}))", "as a score"),
        ("import json,sys\nfor x in sys.stdin: print(json.dumps({'failure': 'no'}))", "200 times in a row|201 times"),
    ],
)
def test_a_program_that_breaks_the_protocol_is_told_so(tmp_path: Path, code: str, says: str) -> None:
    table = pictures(tmp_path)
    with pytest.raises(WrongUse, match=says):
        auditing.of_images((sys.executable, "-c", code), table, auditing.Asked(targets=(0.05,)), ABOUT, pairs=200)
    with pytest.raises(WrongUse, match="could not be started"):
        matcher.templates(("no-such-program-anywhere",), ["a"], counting.nothing)


def test_a_picture_that_is_not_there_is_no_failure_of_the_matcher(tmp_path: Path) -> None:
    table = pictures(tmp_path)
    (tmp_path / "5-0.img").unlink()
    with pytest.raises(WrongUse, match="1 of 72 pictures are not there"):
        auditing.of_images(MATCHER, table, ASKED, ABOUT)


# --- what is written -------------------------------------------------------------------------------------------------


def facts_of(folder: Path, **about: Any) -> dict[str, Any]:
    templates, labels = source(folder, people=300)
    made = auditing.of_templates(
        templates, labels, ASKED, stating.About(**{"title": "A test", "synthetic": True, **about})
    )
    assert made
    return made


def test_the_report_says_that_synthetic_people_are_synthetic_and_never_that_a_system_is_fair(tmp_path: Path) -> None:
    page = auditreport.page(facts_of(tmp_path))
    assert page.count("Synthetic") >= 2
    words = page.casefold().replace("fairness discrepancy rate", "")
    assert "fair" not in words and "unbiased" not in words
    assert "<script" not in page and "http" not in page.replace("http-equiv", "").replace('xmlns="http', "")


def test_words_from_outside_are_text_in_the_report_and_no_formula_in_the_table(tmp_path: Path) -> None:
    templates, labels = source(tmp_path, people=300)
    labels.write_text(labels.read_text().replace(",f\n", ",<script>alert(1)</script>\n").replace(",m\n", ",=1+1\n"))
    facts = auditing.of_templates(templates, labels, ASKED, stating.About('"><img src=x>'))
    files = {path.name: path.read_text() for path in audits.write(tmp_path / "out", facts or {})}
    assert "<script>" not in files["report.html"] and "<img" not in files["report.html"]
    assert ",'=1+1," in files["audit.csv"] and ",=1+1" not in files["audit.csv"]
    assert json.loads(files["audit.json"]) == facts
    assert audits.read(tmp_path / "out" / "audit.json") == facts


def test_a_group_of_fewer_than_ten_is_named_and_nothing_else_of_it_is_written(tmp_path: Path) -> None:
    templates, labels = source(tmp_path, people=300)
    lines = labels.read_text().splitlines()
    lines = [line.replace(",f", ",other") if line.split(",")[0] in {f"person-{at}" for at in range(18)} else line for line in lines]  # fmt: skip
    labels.write_text("\n".join(lines) + "\n")
    facts = auditing.of_templates(templates, labels, ASKED, ABOUT) or {}
    hidden = next(one for one in facts["levels"][0]["groups"] if one["name"] == "other")
    assert hidden == {"name": "other", "people": None, "shown": False, "why": "fewer than 10 people"}
    assert not [one for one in facts["levels"][0]["pairs"] if "other" in (one["a"], one["b"])]
    assert "other" not in facts["levels"][0]["det"]
    assert "not shown: fewer than 10 people" in auditreport.page(facts)


def test_the_street_follows_from_the_audit(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    rows = auditing.expected(facts, 1000, {"f": 50, "m": 50}, 0.01)
    pairs = {frozenset((one["a"], one["b"])): one["rate"] for one in facts["levels"][0]["pairs"]}
    women = next(one for one in rows if one["group"] == "f")
    assert women["search"] == pytest.approx(1 - (1 - pairs[frozenset("f")]) ** 50 * (1 - pairs[frozenset("fm")]) ** 50)
    assert women["day"] == pytest.approx(1000 * women["search"]) and 0 < women["precision"] < 1
    with pytest.raises(WrongUse, match="no group called x"):
        auditing.expected(facts, 1000, {"x": 5}, None)
