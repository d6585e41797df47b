"""``postme bias`` as it is typed: what it prints, writes, refuses, and the status it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from postme.commands import main


def run(*words: Any) -> Result:
    return CliRunner().invoke(main, ["bias", *map(str, words)])


def scores(folder: Path, name: str = "scores.csv", people: int = 120, rows: int = 20_000, gap: float = 0.8, **more: Any) -> Path:  # fmt: skip
    """Synthetic scores; those of women stand nearer to each other by ``gap``."""
    chance = np.random.default_rng(2)
    first, second = chance.integers(0, people, rows), chance.integers(0, people, rows)
    sex = np.array(["Female", "Male"])
    score = chance.normal(size=rows) + 5.0 * (first == second) + gap * ((first % 2 == 0) & (second % 2 == 0))
    frame = pl.DataFrame({"score": score, "id1": first, "id2": second, "sex1": sex[first % 2], "sex2": sex[second % 2], **more})  # fmt: skip
    path = folder / name
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    return path


def test_scores_give_a_sentence_a_table_three_files_and_status_0(tmp_path: Path) -> None:
    done = run("scores", scores(tmp_path), "--fmr", "0.01", "--out", tmp_path / "out", "--replicates", 50)
    assert done.exit_code == 0, done.output
    assert "“Female”" in done.output and "In fixed words: clear difference." in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "audit.json", "audit.csv"}
    facts = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert str(tmp_path) not in json.dumps(facts), "where files lie is nobody's business"
    assert facts["inputs"][0]["name"] == "scores.csv"


def test_csv_and_parquet_of_the_same_scores_give_the_same_numbers(tmp_path: Path) -> None:
    found = []
    for name in ("scores.csv", "scores.parquet"):
        done = run("scores", scores(tmp_path, name), "--fmr", "0.01", "--format", "json", "--replicates", 20)
        found.append(json.loads(done.stdout)["levels"])
    assert found[0] == found[1]


def test_data_that_bear_no_verdict_end_with_status_3(tmp_path: Path) -> None:
    done = run("scores", scores(tmp_path, rows=600, gap=0.3), "--fmr", "0.005", "--replicates", 20)
    assert done.exit_code == 3, done.output
    assert "cannot tell" in done.output


def edited(path: Path, change: Any) -> Path:
    change(pl.read_csv(path)).write_csv(path)
    return path


REFUSED: dict[str, tuple[Any, str]] = {
    "distances by name": (lambda f: f.rename({"score": "distance"}), "holds distances by its name"),
    "distances by value": (lambda f: f.with_columns(-pl.col("score")), "score lower than pictures of different people"),
    "a person of two sexes": (lambda f: f.with_columns(sex1=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("Other")).otherwise("sex1")), "two values of sex"),
    "half without a label": (lambda f: f.with_columns(sex1=pl.when(pl.col("id1") > 50).then(pl.lit("")).otherwise("sex1"), sex2=pl.when(pl.col("id2") > 50).then(pl.lit("")).otherwise("sex2")), "people have no sex"),
    "three spellings": (lambda f: f.with_columns(sex1=pl.when(pl.col("id1") == 0).then(pl.lit("f")).otherwise("sex1"), sex2=pl.when(pl.col("id2") == 0).then(pl.lit("f")).otherwise("sex2")), "spelt 2 ways"),
    "words as scores": (lambda f: f.with_columns(score=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("high")).otherwise(pl.col("score").cast(pl.String))), "'high' in the column score is no number"),
    "many missing": (lambda f: f.with_columns(score=pl.when(pl.int_range(pl.len()) < 3000).then(None).otherwise("score")), "scores are missing"),
    "an infinite score": (lambda f: f.with_columns(score=pl.when(pl.int_range(pl.len()) == 3).then(float("inf")).otherwise("score")), "infinite"),
    "all equal": (lambda f: f.with_columns(score=pl.lit(1.0)), "All scores are equal"),
    "labels that contradict": (lambda f: f.with_columns(label=pl.lit(1)), "the opposite of what their subjects say"),
    "one person": (lambda f: f.with_columns(id1=pl.lit(1), id2=pl.lit(1), sex1=pl.lit("Male"), sex2=pl.lit("Male")), "no comparisons of different people|one group only"),
    "one group": (lambda f: f.with_columns(sex1=pl.lit("Male"), sex2=pl.lit("Male")), "one group only"),
    "nobody named": (lambda f: f.drop("id1"), "not clear which columns name the two people"),
    "a row without a person": (lambda f: f.with_columns(id1=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise("id1")), "does not say who is compared"),
    "no score column": (lambda f: f.drop("score"), "which column holds the scores"),
    "no labels": (lambda f: f.drop("sex1"), "No labels were found"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_would_mislead_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    import re

    change, says = REFUSED[name]
    done = run("scores", edited(scores(tmp_path), change), "--fmr", "0.01", "--replicates", 10)
    assert done.exit_code == 2, done.output
    assert re.search(says, done.output), done.output
    assert "Traceback" not in done.output


def test_what_was_refused_can_be_answered_for_and_the_report_says_so(tmp_path: Path) -> None:
    path = edited(scores(tmp_path), REFUSED["three spellings"][0])
    done = run("scores", path, "--fmr", "0.01", "--same", "f=Female", "--replicates", 10)
    assert done.exit_code == 0 and "f counted as Female, as was asked" in done.output
    path = edited(scores(tmp_path), REFUSED["many missing"][0])
    done = run("scores", path, "--fmr", "0.01", "--accept", "missing", "--replicates", 10)
    assert done.exit_code == 0 and "Accepted although it would be refused: missing" in done.output
    path = edited(scores(tmp_path), REFUSED["distances by name"][0])
    done = run("scores", edited(path, lambda f: f.with_columns(-pl.col("distance"))), "--score", "distance", "--distance", "--fmr", "0.01", "--replicates", 10)  # fmt: skip
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("s.parquet", b"score,id1,id2\n1,2,3\n", "not what its name says"),
        ("s.csv", b"PAR1....", "not what its name says"),
        ("s.csv", b"PK\3\4\0\0rows", "not text"),
        ("s.csv", b"", "empty"),
        ("s.xlsx", b"PK\3\4", "not read as a table"),
        ("s.csv", b"score,id1,id2,sex1,sex2\n1,2,3,f,m,9\n2,3\n", "could not be read"),
        ("s.parquet", b"PAR1" + bytes(400), "could not be read"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    done = run("scores", tmp_path / name)
    assert done.exit_code == 2 and says in done.output, done.output
    assert run("scores", tmp_path / "nowhere.csv").exit_code == 2


def test_a_label_that_is_a_name_is_no_group(tmp_path: Path) -> None:
    def named(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(name1=pl.col("id1").cast(pl.String), name2=pl.col("id2").cast(pl.String))

    path = edited(scores(tmp_path, people=300), named)
    done = run("scores", path, "--group", "name", "--fmr", "0.01")
    assert done.exit_code == 2 and "300 groups" in done.output
    done = run("scores", path, "--fmr", "0.01", "--replicates", 10, "--format", "json")
    assert [one["by"] for one in json.loads(done.stdout)["levels"]] == [["sex"]], "unasked, it is passed over"


def test_the_bfw_table_s_layout_is_understood(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    first, second = chance.integers(0, 80, 9000), chance.integers(0, 80, 9000)
    kinds = np.array(["asian_females", "white_males"])
    frame = pl.DataFrame({
        "fold": 1, "p1": [f"a/{one}.jpg" for one in first], "p2": [f"b/{one}.jpg" for one in second], "label": (first == second).astype(int), "id1": first, "id2": second,
        "att1": kinds[first % 2], "att2": kinds[second % 2], "vgg16": chance.normal(size=9000), "resnet50": chance.normal(size=9000) + 4.0 * (first == second),
        "a1": kinds[first % 2], "a2": kinds[second % 2], "g1": np.array(["F", "M"])[first % 2], "g2": np.array(["F", "M"])[second % 2],
    })  # fmt: skip
    path = tmp_path / "bfw.csv"
    frame.write_csv(path)
    done = run("scores", path, "--score", "resnet50", "--group", "att", "--group", "g", "--fmr", "0.01", "--replicates", 10, "--format", "json")  # fmt: skip
    assert done.exit_code in (0, 3), done.output
    assert [one["by"] for one in json.loads(done.stdout)["levels"]] == [["att"], ["g"]]


def test_templates_are_audited_and_refused_when_they_are_none(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    np.save(tmp_path / "t.npy", chance.normal(size=(200, 16)).astype("f4"))
    labels = tmp_path / "labels.csv"
    labels.write_text("row,subject_id,sex\n" + "".join(f"{at},s{at},{'fm'[at % 2]}\n" for at in range(200)))
    done = run("audit", tmp_path / "t.npy", labels, "--fmr", "0.02", "--replicates", 20, "--out", tmp_path / "out")
    assert done.exit_code in (0, 3) and (tmp_path / "out" / "report.html").exists(), done.output
    done = run("expect", tmp_path / "out" / "audit.json", "--watchlist", "f=10", "--watchlist", "m=30", "--scans", 500)
    assert done.exit_code == 0 and "innocent people a day" in done.output
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object))
    np.save(tmp_path / "i.npy", np.arange(12).reshape(3, 4))
    (tmp_path / "x.npy").write_text("no array")
    labels.write_text("row,subject_id,sex\n" + "".join(f"{at},s{at},f\n" for at in range(199)))
    for file, says in (("o.npy", "no array of numbers"), ("i.npy", "rows of floating-point numbers"), ("x.npy", "no array of numbers"), ("t.npy", "199 labels and 200 templates")):  # fmt: skip
        done = run("audit", tmp_path / file, labels)
        assert done.exit_code == 2 and says in done.output, done.output
    assert "needs a folder" in run("audit", tmp_path / "t.npy", labels, "--shard", "1/2").output
    assert "is no part" in run("audit", tmp_path / "t.npy", labels, "--shard", "3/2", "--work", tmp_path / "w").output


def test_published_rates_give_measures_and_intervals_only_where_there_are_counts(tmp_path: Path) -> None:
    # Rank-1 errors of BFW's eight groups, J. Robinson and others (2020), as counts of 2,500 faces.
    table = tmp_path / "bfw.csv"
    counts = {"AF": 207, "AM": 190, "BF": 108, "BM": 134, "IF": 128, "IM": 155, "WF": 78, "WM": 48}
    table.write_text("group,errors,n\n" + "".join(f"{name},{value},2500\n" for name, value in counts.items()))
    facts = json.loads(run("rates", table, "--format", "json").stdout)
    assert facts["measures"]["max_min"] == pytest.approx(4.3125)
    assert facts["measures"]["max_geomean"] == pytest.approx(1.7286382)
    assert facts["measures"]["gini"] == pytest.approx(0.21708015)
    assert facts["groups"][0]["name"] == "AF" and facts["groups"][0]["low"] < 207 / 2500 < facts["groups"][0]["high"]
    # Gender Shades' figures for one system, in percent: J. Buolamwini and T. Gebru (2018).
    table.write_text("group,rate\ndarker women,34.7\ndarker men,12.0\nlighter women,7.1\nlighter men,0.3\n")
    assert run("rates", table).exit_code == 2
    said = run("rates", table, "--percent").output
    assert "no counts, so no interval" in said
    table.write_text("group,rate,errors,n\na,0.5,3,100\nb,0.1,10,100\n")
    assert "is not a rate of 0.5" in run("rates", table).output


def test_a_search_log_is_read_for_what_it_says_and_what_it_does_not(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [f"{'Black' if at % 5 else 'White'},{'yes' if at % 2 else 'no'},{'misidentified' if at % 10 == 1 else 'confirmed' if at % 2 else ''},theft" for at in range(400)]  # fmt: skip
    log.write_text("race,hit,outcome,offense\n" + "\n".join(rows) + "\n,yes,,\n")
    done = run("searches", log, "--format", "json")
    facts = json.loads(done.stdout)
    black = next(one for one in facts["groups"] if one["name"] == "Black")
    assert (black["searches"], facts["searches"], facts["missing"]["group"]) == (320, 401, 1)
    assert black["ruled"] <= black["hits"] and facts["missing"]["outcome"] > 0
    said = run("searches", log).output
    assert "This log cannot tell" in said and "searches do not say" in said
    log.write_text("a,b\n1,2\n")
    assert "not clear what the columns tell" in run("searches", log).output


def test_a_plan_says_what_a_test_would_need(tmp_path: Path) -> None:
    said = run("plan", "--fmr", "1e-5", "--ratio", "2", "--deff", "1", "--people", "100").output
    assert "33 wrong matches in each group" in said and "With 100 people" in said
    assert run("plan", "--ratio", "1").exit_code == 2


def test_an_audit_that_is_none_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    for file in ("a.json", "none.json"):
        assert run("expect", tmp_path / file, "--watchlist", "f=10").exit_code == 2
