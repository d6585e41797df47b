"""The proceedings of a town that tries a process out: two people, each step a version and a leaf, no step without its gate."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from postme.errors import WrongUse
from postme.keeping.store.docket import TownRow
from postme.obligation import Verdict
from postme.office import counsel, example_town, sealing
from postme.office.proceedings import Proceedings
from postme.process import GateShut
from postme.proposal import Deed, Step

TOWN = "us/zz/mill_falls"
LIAISON: dict[str, Any] = {"who": "Lia", "roles_": ["liaison"]}
CLERK: dict[str, Any] = {"who": "Clem", "roles_": ["clerk"]}
START = date(2026, 1, 12)
HERE = "https://town.example/clerk/papers"
FOUND = {"benefits_outweigh_costs": True, "civil_liberties_safeguarded": True, "burden_falls_on_no_group_more": True}


@pytest.fixture(autouse=True)
def story() -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    yield
    counsel.also_from([])


@pytest.fixture
def work(tmp_path: Path) -> Proceedings:
    found = Proceedings(tmp_path / "data", "example.org/log")
    found.docket.open_town(
        TownRow(TOWN, "Mill Falls", fiction=True, tries="model-mill-falls-pilot", tries_since=date(2025, 5, 1))
    )
    return found


def drafted(work: Proceedings, title: str = "Twelve license plate readers", *technologies: str) -> str:
    return work.draft(
        TOWN, title=title, agency="Police Department", kind="police", technologies=technologies or ("alpr",),
        acts=("obtain", "use"), today=START, **LIAISON,
    )  # fmt: skip


def turn(work: Proceedings, own: str) -> int:
    return work.one(own).turn


def done(work: Proceedings, own: str, kind: str, day: date, **more: Any) -> None:
    deed = {
        key: more.pop(key) for key in ("findings", "conditions", "until", "fact", "also", "evidence") if key in more
    }
    if kind.startswith("publish_"):
        deed.setdefault("evidence", HERE)
    work.record(own, Deed(kind, day, **deed), turn(work, own), **{**CLERK, **more})


def heard(work: Proceedings) -> str:
    """A proposal that has come as far as its hearing."""
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, turn(work, own), **CLERK)
    for kind, day in (
        ("publish_report", 1),
        ("publish_policy", 1),
        ("advise", 20),
        ("give_notice", 22),
        ("open_comments", 22),
        ("close_comments", 45),
        ("hear", 50),
    ):
        more = {"until": START + timedelta(45)} if kind == "open_comments" else {}
        done(work, own, kind, START + timedelta(day), **more)
    return own


def test_what_is_drafted_is_nobody_elses_until_a_second_person_makes_it_public(work: Proceedings) -> None:
    own = drafted(work)
    assert work.ledger.facts_at(f"/decisions/{own}/") is None
    with pytest.raises(WrongUse, match="not handed in"):
        work.accept(own, 0, **CLERK)
    work.hand_in(own, 0, on=START, **LIAISON)
    with pytest.raises(WrongUse, match="Nobody makes public what they drafted"):
        work.accept(own, 1, who="Lia", roles_=["liaison", "clerk"])
    work.accept(own, 1, **CLERK)
    facts = work.ledger.facts_at(f"/decisions/{own}/")
    assert facts
    assert facts["fiction"] is True
    assert [deed["kind"] for deed in facts["deeds"]] == ["submit"]
    assert "Lia" not in json.dumps(facts)


def test_a_proposal_goes_from_draft_to_a_late_report_and_each_step_is_a_leaf(work: Proceedings) -> None:
    own = heard(work)
    before = work.ledger.size()
    votes = [{"seat": seat, "vote": "yes" if seat < 5 else "no"} for seat in _seats(work)]
    done(
        work,
        own,
        "approve_with_conditions",
        START + timedelta(51),
        findings=FOUND,
        conditions=("no use at protests",),
        votes=votes,
        also=("use_policy_in_force",),
    )
    done(work, own, "put_into_use", START + timedelta(60))
    assert work.ledger.size() == before + 2
    one = work.one(own)
    assert work.standing(one, START + timedelta(61)).step is Step.IN_USE
    late = START + timedelta(51 + 366)
    standing = work.standing(one, late)
    assert standing.step is Step.REPORT_DUE
    assert "yearly-report" in {duty.provision for _, duty in work.obligations(TOWN, late)}
    [vote] = [each for each in one.recorded if each.deed.kind == "approve_with_conditions"]
    assert sum(each["vote"] == "yes" for each in vote.votes) == 4
    assert sealing.log(work.folder, "example.org/log").agrees() == ""


def _seats(work: Proceedings) -> list[int]:
    from postme.keeping.store import models

    return [
        models.Seat.objects.create(
            town_id=TOWN, body="city council", ward=str(n), holder=f"Member {n}", verified=START, source="fiction"
        ).pk
        for n in range(1, 8)
    ]


def test_a_vote_before_the_hearing_is_refused_with_every_gate_and_its_clause(work: Proceedings) -> None:
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    with pytest.raises(GateShut) as shut:
        done(work, own, "approve", START + timedelta(3), findings=FOUND)
    assert {"hearing_held", "advisory_reviewed", "public_comment_taken"} <= {
        found.needs.strip() for found in shut.value.gates
    }
    assert all(found.clause for found in shut.value.gates if found.kind != "order")
    assert [each.deed.kind for each in work.one(own).recorded] == ["submit"]


def test_a_vote_that_the_council_took_all_the_same_is_told_and_is_no_approval(work: Proceedings) -> None:
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    done(work, own, "approve", START + timedelta(3), insist=True)
    assert work.standing(work.one(own), START + timedelta(4)).step is Step.GATE_MISSING


def test_a_hearing_that_is_called_too_early_is_refused_with_the_first_day(work: Proceedings) -> None:
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    told = {
        "body": "city council",
        "on": START + timedelta(10),
        "begins": "18:00",
        "zone": "America/Chicago",
        "where": "Town Hall",
    }
    with pytest.raises(GateShut) as shut:
        work.call(TOWN, told, [(own, "hear")], today=START, **CLERK)
    assert "section 3.04" in str(shut.value) or "twenty-five" in str(shut.value)
    assert "Choose 6 February 2026 or a later day." in str(shut.value)
    number = work.call(TOWN, {**told, "on": START + timedelta(26)}, [(own, "hear")], today=START, **CLERK)
    assert work.meetings.one(number).items == ((own, "hear"),)
    facts = work.ledger.facts_at(f"/decisions/{own}/")
    assert facts
    assert facts["meetings"][0]["on"] == (START + timedelta(26)).isoformat()


def test_two_people_at_once_do_not_overwrite_each_other(work: Proceedings) -> None:
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    work.record(own, Deed("publish_report", START, evidence=HERE), 2, **CLERK)
    with pytest.raises(WrongUse, match="changed this proposal since"):
        work.record(own, Deed("publish_policy", START, evidence=HERE), 2, **CLERK)
    with pytest.raises(WrongUse, match="recorded already"):
        work.record(own, Deed("publish_report", START, evidence=HERE), 3, **CLERK)


def test_a_vote_is_entered_once_and_adds_up(work: Proceedings) -> None:
    own = heard(work)
    seats = _seats(work)
    twice = [{"seat": seats[0], "vote": "yes"}, {"seat": seats[0], "vote": "yes"}]
    lost = [{"seat": seat, "vote": "no"} for seat in seats]
    for votes, said in ((twice, "twice"), (lost, "do not carry"), ([{"seat": seats[0], "vote": "maybe"}], "no vote")):
        with pytest.raises(WrongUse, match=said):
            done(work, own, "approve", START + timedelta(51), findings=FOUND, votes=votes)
    done(work, own, "approve", START + timedelta(51), findings=FOUND)
    with pytest.raises(WrongUse, match="recorded already"):
        done(work, own, "approve", START + timedelta(51), findings=FOUND)


def test_a_correction_keeps_both_and_the_standing_follows(work: Proceedings) -> None:
    own = heard(work)
    [hearing] = [each for each in work.one(own).recorded if each.deed.kind == "hear"]
    early = Deed("hear", START + timedelta(40))
    with pytest.raises(WrongUse, match="reason"):
        work.correct(own, hearing.number, early, turn(work, own), reason=" ", **CLERK)
    done(work, own, "approve", START + timedelta(51), findings=FOUND)
    assert work.standing(work.one(own), START + timedelta(52)).step is Step.APPROVED
    work.correct(own, hearing.number, early, turn(work, own), reason="The minutes say so.", **CLERK)
    standing = work.standing(work.one(own), START + timedelta(52))
    assert standing.step is Step.GATE_MISSING  # notice came 18 days before it
    told = [(deed["kind"], deed["replaced"]) for deed in (work.ledger.facts_at(f"/decisions/{own}/") or {})["deeds"]]
    assert told.count(("hear", True)) == told.count(("hear", False)) == 1


def test_an_emergency_use_has_its_own_clocks(work: Proceedings) -> None:
    own = drafted(work, "A drone over the flood", "drone")
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    with pytest.raises(GateShut):  # the law of the state asks for a policy first, also in an emergency
        done(work, own, "exigent_use", START + timedelta(2))
    done(work, own, "publish_policy", START)
    done(work, own, "record", START, fact="use_policy_in_force")
    done(work, own, "exigent_use", START + timedelta(2))
    on = START + timedelta(12)
    due = {duty.provision: duty for duty in work.duties(work.one(own), on)}
    assert due["emergency-stops"].due == START + timedelta(9)
    assert due["emergency-report"].verdict is Verdict.NOT_YET_DUE
    assert work.standing(work.one(own), on).step is Step.EXIGENT


def test_what_is_wrong_with_a_draft_is_said(work: Proceedings) -> None:
    with pytest.raises(WrongUse, match="Did you mean"):
        drafted(work, "Readers", "alrp")
    drafted(work)
    with pytest.raises(WrongUse, match="already"):
        drafted(work)
    with pytest.raises(WrongUse, match="may not"):
        work.draft(
            TOWN,
            title="x",
            agency="Police",
            kind="police",
            technologies=["alpr"],
            acts=["use"],
            who="Clem",
            roles_=["clerk"],
        )


def test_where_the_machine_stops_in_a_step_it_is_there_whole_or_not_at_all(
    work: Proceedings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = drafted(work)
    work.hand_in(own, 0, on=START, **LIAISON)
    work.accept(own, 1, **CLERK)
    size = work.ledger.size()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("postme.keeping.tiles.Tiles.sealed", full)
    with pytest.raises(Exception, match="space"):
        done(work, own, "publish_report", START)
    monkeypatch.undo()
    counsel.also_from([example_town.LAWS])
    assert work.ledger.size() == size
    assert [each.deed.kind for each in work.one(own).recorded] == ["submit"]
    done(work, own, "publish_report", START + timedelta(1))
    assert datetime.date.fromisoformat(
        (work.ledger.facts_at(f"/decisions/{own}/") or {})["deeds"][-1]["on"]
    ) == START + timedelta(1)


def test_a_step_that_is_in_the_log_and_was_lost_by_the_tables_comes_back_with_its_votes(
    work: Proceedings, tmp_path: Path
) -> None:
    """The machine stopped after the log was sealed and before the database had it: the newest state of the tables is gone."""
    import sqlite3

    own = heard(work)
    seats = _seats(work)
    file, copy = work.ledger.file, tmp_path / "before.sqlite3"
    with sqlite3.connect(file) as now, sqlite3.connect(copy) as before:
        now.backup(before)
    votes = [{"seat": seat, "vote": "yes" if number < 4 else "no", "said": ""} for number, seat in enumerate(seats)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("postme.keeping.tiles.Tiles.settled", lambda *_: None)
        done(work, own, "approve", START + timedelta(51), findings=FOUND, votes=votes)
    from django.db import connections

    connections.close_all()
    with sqlite3.connect(copy) as before, sqlite3.connect(file) as now:
        before.backup(now)
    again = Proceedings(work.folder, "example.org/log")
    [vote] = [each for each in again.one(own).recorded if each.deed.kind == "approve"]
    assert sum(each["vote"] == "yes" for each in vote.votes) == 4
    assert again.standing(again.one(own), START + timedelta(52)).step is Step.APPROVED
    assert sealing.log(work.folder, "example.org/log").agrees() == ""
