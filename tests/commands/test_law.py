"""The law command, as a person or a script meets it: every subcommand in words and in JSON, and what it says to bad input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postme.commands import main
from postme.keeping import laws as kept
from postme.office import counsel

MUSEUM = Path(__file__).parents[1] / "broken" / "laws"
BAN = "us-mn-minneapolis-fr"
ASK = ("ask", "--place", "us/mn/minneapolis", "--body", "police", "--act", "use", "--technology", "face_recognition")
DUE = ("due", "--place", "us/ca/berkeley", "--body", "police", "--technology", "drone")
DAY = ("--on", "2021-03-01")


def law(*words: object) -> Result:
    found = CliRunner().invoke(main, ["law", *map(str, words)])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def good(*words: object) -> str:
    found = law(*words)
    assert found.exit_code == 0, found.output
    return found.stdout


def refused(*words: object) -> str:
    """What is said of bad input: on standard error only, with status 2."""
    found = law(*words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Traceback" not in found.stderr
    return " ".join(found.stderr.split())


def printed(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(good(*words, "--json"))
    assert found["version"] == 1
    return found


# --- list and show ---------------------------------------------------------------------------------------------------


def test_list_has_every_law_and_says_whether_it_was_in_force() -> None:
    before, after = (printed("list", "--on", day)["laws"] for day in ("2021-02-11", "2021-02-12"))
    assert [row["id"] for row in after] == list(kept.book().laws)
    force = [{row["id"]: row["in_force"] for row in rows}[BAN] for rows in (before, after)]
    assert force == ["no", "yes"]
    assert {row["in_force"] for row in after} <= {"yes", "no", "unknown"}
    assert BAN in good("list", *DAY)


def test_list_of_a_place_has_the_laws_that_reach_it_and_no_other_town_s() -> None:
    rows = printed("list", "--place", "us/mn/minneapolis")["laws"]
    assert {row["place"] for row in rows} <= {"us", "us/mn", "us/mn/minneapolis"}
    assert BAN in {row["id"] for row in rows}
    county = {row["id"] for row in printed("list", "--place", "us/mn/hennepin")["laws"]}
    assert BAN not in county and "us-mn-alpr" in county


def test_list_of_a_subject_has_only_that_subject() -> None:
    rows = printed("list", "--subject", "military_equipment")["laws"]
    assert rows and {row["subject"] for row in rows} == {"military_equipment"}


def test_list_refuses_a_place_and_a_subject_that_it_does_not_know() -> None:
    assert "Did you mean us/mn/minneapolis" in refused("list", "--place", "us/mn/minneapoliss")
    assert "military_equipment" in refused("list", "--subject", "tanks")
    assert "No law is known here" in law("list", "--place", "us/mn/minneapolis", "--subject", "biometrics").stderr


@pytest.mark.parametrize("one", [*kept.book().laws.values(), *counsel.models()], ids=lambda one: one.id)
def test_every_law_and_model_can_be_shown(one: Any) -> None:
    text = good("show", one.id)
    assert one.name in text and one.what in text
    assert all(f"[{provision.id}]" in text for provision in one.provisions)
    assert ("no lawyer has signed it off" in text) is (one.read.lawyer is None)
    assert printed("show", one.id)["id"] == one.id


def test_show_of_a_day_leaves_out_what_did_not_stand() -> None:
    for law_ in kept.book().laws.values():
        for provision in law_.provisions:
            if provision.start and provision.start.first:
                before = provision.start.first - timedelta(1)
                ids = [[one["id"] for one in printed("show", law_.id, "--on", day)["provisions"]] for day in (before, provision.start.last)]  # fmt: skip
                assert provision.id not in ids[0]
                assert provision.id in ids[1] or (provision.end and provision.end.reached(provision.start.last))
                return
    pytest.fail("no law has a provision that began later")


def test_a_law_that_is_not_known_is_refused_and_the_nearest_suggested() -> None:
    said = refused("show", "us-mn-minneapoli-fr")
    assert f"Did you mean {BAN}" in said and "postme law list" in said
    assert f"Did you mean {BAN}" in refused("compare", "us-mn-minneapolis-f", "us-ma-boston-fr")
    assert "Did you mean" not in refused("show", "xqzxqzxqz")


# --- ask -------------------------------------------------------------------------------------------------------------


def test_ask_answers_with_its_reasons_and_says_that_it_is_no_legal_advice() -> None:
    found = law(*ASK, *DAY)
    assert found.stdout.startswith("PROHIBITED  police of us/mn/minneapolis · use · face recognition · 2021-03-01")
    assert "Because:" in found.stdout and f"{BAN}#no-obtaining-or-using" in found.stdout
    assert "no legal advice" in found.stderr


def test_ask_in_json_is_the_answer_that_the_issue_of_scripts_asks_for() -> None:
    found = printed(*ASK, *DAY)
    assert found["answer"] == "prohibited"
    assert {"conditions", "because", "unknown_facts", "unless", "sure", "looked_through", "notes"} <= set(found)
    assert found["because"][0]["address"] == BAN
    assert found["question"] == {
        "place": "us/mn/minneapolis", "body": "police", "act": "use", "technology": "face_recognition", "purpose": None, "on": "2021-03-01", "facts": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "answer", "says"),
    [
        (("--on", "2021-02-11"), "no_law_found", "No law found is not the same as allowed."),
        (("--on", "2021-02-12"), "prohibited", "What could still change it:"),
        ((*DAY, "--purpose", "device_unlock"), "allowed", "ALLOWED"),
        ((*DAY, "--fact", "exemption_granted=true"), "allowed", "ALLOWED"),
        ((*DAY, "--fact", "exemption_granted=false"), "prohibited", "PROHIBITED"),
        ((*DAY, "--fact", "exemption_granted=unknown"), "prohibited", "PROHIBITED"),
        ((*DAY, "--fact", "exemption_granted=2021-03-01"), "allowed", "ALLOWED"),
        ((*DAY, "--fact", "exemption_granted=2021-03-02"), "prohibited", "PROHIBITED"),
    ],
)  # fmt: skip
def test_ask_answers_by_the_day_the_purpose_and_the_facts(words: tuple[str, ...], answer: str, says: str) -> None:
    assert printed(*ASK, *words)["answer"] == answer
    assert says in good(*ASK, *words)


def test_an_unknown_answer_says_what_would_settle_it() -> None:
    words = ("ask", "--place", "us/mn/minneapolis", "--body", "police", "--act", "retain", "--technology", "face_recognition", *DAY)  # fmt: skip
    assert printed(*words)["unknown_facts"]
    assert "What would settle it:" in good(*words)


def test_a_future_day_is_answered_with_a_note_and_today_without_one() -> None:
    ahead = printed(*ASK, "--on", date.today() + timedelta(400))
    now = printed(*ASK)
    assert any("is in the future" in note for note in ahead["notes"])
    assert not any("is in the future" in note for note in now["notes"])
    assert "is in the future" in good(*ASK, "--on", "2999-01-01")


def test_a_day_before_any_law_is_answered_with_a_note_and_a_later_one_without() -> None:
    early = printed(*ASK, "--on", "1850-01-01")
    assert early["answer"] == "no_law_found"
    assert any("what counted on 1850-01-01 was not looked for" in note for note in early["notes"])
    assert not any("was not looked for" in note for note in printed(*ASK, *DAY)["notes"])


def test_a_bare_county_name_and_an_agency_without_a_place_are_understood() -> None:
    county = printed("ask", "--place", "us/mn/hennepin", "--body", "sheriff", "--act", "use", "--technology", "face_recognition", *DAY)  # fmt: skip
    assert (county["question"]["place"], county["answer"]) == ("us/mn/county:hennepin", "no_law_found")
    agency = printed("ask", "--body", "minneapolis_police_department", "--act", "use", "--technology", "face_recognition", *DAY)  # fmt: skip
    assert (agency["question"]["place"], agency["answer"]) == ("us/mn/minneapolis", "prohibited")


def test_two_towns_of_one_name_are_two_answers() -> None:
    kansas = printed(*ASK[:2], "us/ks/minneapolis", *ASK[3:], *DAY)
    assert (kansas["answer"], printed(*ASK, *DAY)["answer"]) == ("no_law_found", "prohibited")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--on", "2021-02-30"), "'2021-02-30' is no day"),
        (("--on", "yesterday"), "Write it as 2021-02-12"),
        (("--on", ""), "is no day"),
        (("--fact", "warrant"), "'warrant' is no fact"),
        (("--fact", "warrant="), "'warrant=' is no fact"),
        (("--fact", "=true"), "'=true' is no fact"),
        (("--fact", "warant=true"), "Did you mean warrant"),
        (("--place", "us/mn/minneapolsi"), "Did you mean us/mn/minneapolis"),
        (("--place", "Minneapolis"), "'Minneapolis' is not a place's id"),
        (("--place", ""), "No place was given"),
        (("--body", "polcie"), "Did you mean police"),
        (("--act", "uze"), "Did you mean use"),
        (("--technology", "face_recogniton"), "Did you mean face_recognition"),
        (("--purpose", "device_unlok"), "Did you mean device_unlock"),
        (("--body", "\x1b[31mpolice"), "is no body"),
    ],
)
def test_bad_words_are_refused_with_what_to_write_and_the_good_ones_beside_them_are_not(
    words: tuple[str, ...], says: str
) -> None:
    said = refused(*ASK, *words)
    assert says in said and said.startswith(f"postme: {words[0]}: ")
    good(*ASK, *DAY, "--fact", "warrant=true", "--purpose", "device_unlock")


def test_a_place_that_the_table_lacks_is_refused_and_answered_with_any_place() -> None:
    words = (*ASK[:2], "us/mn/xqzxqzxqz", *ASK[3:], *DAY)
    assert "--any-place" in refused(*words)
    assert printed(*words, "--any-place")["question"]["place"] == "us/mn/xqzxqzxqz"
    assert "is not a place's id" in refused(*ASK[:2], "Nowhere", *ASK[3:], "--any-place")


# --- due -------------------------------------------------------------------------------------------------------------


def duties(*words: object) -> Mapping[str, Mapping[str, Any]]:
    return {f"{one['law']}#{one['provision']}": one for one in printed(*DUE, *words)["duties"]}


def test_due_tells_each_duty_with_its_day_and_how_it_was_counted() -> None:
    told = ("--fact", "exigent_circumstances=2023-01-10", "--on", "2023-04-01")
    late = duties(*told, "--fact", "council_told=2023-02-10")["us-ca-berkeley-ccops#tell-the-council"]
    assert (late["verdict"], late["due"]) == ("broken", "2023-02-09")
    assert duties(*told, "--fact", "council_told=2023-02-09")["us-ca-berkeley-ccops#tell-the-council"]["verdict"] == "met"  # fmt: skip
    text = good(*DUE, *told, "--fact", "council_told=2023-02-10")
    assert "broken, due 2023-02-09" in text and "it starts with exigent circumstances on 2023-01-10 (Tuesday)" in text


def test_due_says_what_would_settle_an_unknown_and_that_nothing_found_is_not_nothing_due() -> None:
    told = ("--fact", "exigent_circumstances=2023-01-10", "--on", "2023-04-01")
    assert duties(*told)["us-ca-berkeley-ccops#tell-the-council"]["unknown_facts"] == ["council_told"]
    assert "would settle it: council_told" in good(*DUE, *told)
    nothing = good("due", "--place", "us/ks/minneapolis", "--body", "landlord", "--technology", "drone")
    assert "That is not the same as: there is none." in nothing


def test_a_holiday_of_the_city_is_understood_and_one_without_a_name_or_day_is_refused() -> None:
    good(*DUE, *DAY, "--holiday", "2024-12-24=Christmas Eve")
    assert "--holiday: '2024-12-24' is no holiday" in refused(*DUE, *DAY, "--holiday", "2024-12-24")
    assert "--holiday: 'soon' is no day" in refused(*DUE, *DAY, "--holiday", "soon=Christmas Eve")


def test_a_day_in_which_no_period_can_end_is_refused_by_due() -> None:
    approved = ("--fact", "council_approved=2023-01-10")
    assert "No law here knows that year" in refused(*DUE, *approved, "--on", "9999-12-31")
    good(*DUE, *approved, "--on", "2999-12-31")


# --- compare ---------------------------------------------------------------------------------------------------------


def test_compare_holds_two_laws_topic_by_topic() -> None:
    rows = printed("compare", BAN, "us-ma-boston-fr")["topics"]
    assert {row["topic"] for row in rows} >= {"prohibited_acts", "exceptions"}
    text = good("compare", BAN, "us-ma-boston-fr")
    assert all(row["topic"].replace("_", " ") in text and row["standing"] in text for row in rows)


def test_compare_takes_a_model_and_a_file() -> None:
    assert printed("compare", "model-aclu-ccops", "us-ca-oakland-ccops")["second"] == "us-ca-oakland-ccops"
    assert printed("compare", BAN, MUSEUM / "good.yaml")["second"] == "us-xx-anytown"
    assert "unknown-act.yaml:25" in refused("compare", BAN, MUSEUM / "unknown-act.yaml")
    assert "could not be opened" in refused("compare", BAN, MUSEUM / "missing.yaml")


def test_what_if_tells_what_would_change_and_the_same_law_changes_nothing() -> None:
    changes = printed("compare", BAN, MUSEUM / "good.yaml", "--what-if", "--on", "2026-01-01")["changes"]
    assert {"body": "police", "act": "receive_derived", "technology": "face_recognition", "purpose": None, "before": "prohibited", "after": "no_law_found"} in changes  # fmt: skip
    assert all(change["before"] != change["after"] for change in changes)
    text = good("compare", BAN, MUSEUM / "good.yaml", "--what-if", "--on", "2026-01-01")
    assert f"{len(changes):,} answers would change." in text
    assert good("compare", BAN, BAN, "--what-if", *DAY) == "No answer would change.\n"
    assert printed("compare", BAN, BAN, "--what-if", *DAY)["changes"] == []


def test_what_if_refuses_a_fact_that_it_does_not_know_and_takes_one_of_either_law() -> None:
    words = ("compare", BAN, MUSEUM / "good.yaml", "--what-if", *DAY, "--fact")
    assert "Did you mean warrant" in refused(*words, "warant=true")
    good(*words, "mayor_agreed=true")


# --- check and words -------------------------------------------------------------------------------------------------


def test_check_of_a_good_file_says_so() -> None:
    assert good("check", MUSEUM / "good.yaml") == "us-xx-anytown is well formed; its 4 worked cases come out as written.\n"  # fmt: skip
    assert printed("check", MUSEUM / "good.yaml") == {"version": 1, "errors": [], "wrong_cases": [], "clauses_without_rule": []}  # fmt: skip


def test_check_says_line_by_line_what_is_wrong_and_ends_with_one() -> None:
    for name, line in (("unknown-act", 25), ("unused-source", 49), ("binary", 1)):
        found = law("check", MUSEUM / f"{name}.yaml")
        assert found.exit_code == 1
        assert found.stdout.startswith(f"{MUSEUM / name}.yaml:{line}: ")
        assert "well formed" not in found.stdout
    both = law("check", MUSEUM / "circular-clocks.yaml", "--json")
    assert (both.exit_code, len(json.loads(both.stdout)["errors"])) == (1, 2)


def test_check_tells_a_case_that_comes_out_otherwise_and_a_clause_that_no_rule_uses(tmp_path: Path) -> None:
    found = law("check", MUSEUM / "answer-comes-out-otherwise.yaml")
    assert found.exit_code == 1
    assert "A worked case comes out otherwise. The police may not use it. The file says allowed, the rules say prohibited." in found.stdout  # fmt: skip
    plain = tmp_path / "plain.yaml"
    speaks = "  - {id: hope, topic: purpose, says: The town hopes for the best., source: [code]}\nsources:"
    plain.write_text((MUSEUM / "good.yaml").read_text().replace("sources:", speaks, 1))
    assert "Clauses that no rule uses (they only speak):\n  hope: The town hopes for the best." in good("check", plain)


def test_check_of_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert "could not be opened" in refused("check", tmp_path / "missing.yaml")
    assert "is a directory" in refused("check", tmp_path)


def test_words_prints_every_word_with_what_it_says() -> None:
    found = printed("words")
    assert set(found) == {"version", "bodies", "agencies", "acts", "purposes", "facts", "technologies"}
    assert found["bodies"] == dict(kept.words().bodies)
    text = good("words")
    assert all(word in text for kind in ("acts", "purposes", "facts") for word in found[kind])


def test_every_subcommand_has_help_with_an_example_or_a_sentence() -> None:
    for name in ("list", "show", "ask", "due", "compare", "check", "words"):
        assert "Usage:" in good(name, "--help") and "--json" in good(name, "--help")
    assert "Nothing here is legal advice" in good("--help")
