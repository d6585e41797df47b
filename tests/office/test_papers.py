"""Papers at work: two people at one paper, versions and their publication by a second person, forms, files and promises."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

import postme
from postme import paper
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docket, TownRow
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.papers import Changed
from postme.office import attaching, blanks, onepage, questions
from postme.office.papers import Papers
from postme.paper import State

SLUG = "oakland-license-plate-readers"
ON = datetime.date(2026, 11, 23)
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
LIAISON: dict[str, Any] = {"who": "lena", "roles_": ["liaison"]}
CLERK: dict[str, Any] = {"who": "carl", "roles_": ["clerk"]}


def begun(
    folder: Path, *, town: str = "us/ca/oakland", name: str = "Oakland", technologies: tuple[str, ...] = ("alpr",)
) -> Papers:
    """A town with one proposal."""
    docket = Docket(Ledger(folder).file)
    docket.open_town(TownRow(town, name, fiction=False))
    told = {
        "agency": f"{town}/police-department", "agency_name": "Police Department", "kind": "police", "title": "License plate readers",
        "technologies": list(technologies), "acts": ["obtain", "use"],
    }  # fmt: skip
    docket.draft(SLUG, town, told, drafted=datetime.date(2026, 9, 1), who="lena", at=NOW)
    return Papers(folder)


def says(text: str) -> paper.Answer:
    return paper.answer("answered", text)


def saved(desk: Papers, kind: str = "use_policy", year: int = 0, **answers: str) -> int:
    row = desk.store.one(SLUG, kind, year)
    turn, _ = desk.save(SLUG, kind, year, {id_: says(text) for id_, text in answers.items()}, row.turn, {}, **LIAISON)
    return turn


def fixed(
    desk: Papers, kind: str = "use_policy", year: int = 0, reason: str = "The first version.", **answers: str
) -> int:
    return desk.fix(SLUG, kind, year, saved(desk, kind, year, **answers), reason, **LIAISON)


def test_the_papers_of_a_proposal_are_those_that_its_town_asks_for(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    _, opened, kinds = desk.several(SLUG, ON)
    assert [one.row.kind for one in opened] == ["impact_report", "use_policy"]
    assert [one.id for one in kinds] == ["impact_report", "use_policy", "yearly_report"]
    report = desk.opened(SLUG, "yearly_report", 2026, ON)
    assert report.complete.needed == 11
    assert any(one.law == "us-ca-oakland-ccops" and one.clause == "9.64.040" for one in report.form.of["groups"].asked)
    assert {one.law for one in report.form.of["requests"].elsewhere} >= {
        "us-ca-davis-ccops",
        "us-ca-san-francisco-ccops",
    }


def test_a_drone_in_california_asks_for_the_papers_of_both_laws(tmp_path: Path) -> None:
    desk = begun(tmp_path, technologies=("drone",))
    _, _, kinds = desk.several(SLUG, ON)
    assert {one.id for one in kinds} == {
        "impact_report",
        "use_policy",
        "equipment_policy",
        "yearly_report",
        "equipment_report",
    }
    assert desk.opened(SLUG, "equipment_policy", 0, ON).complete.needed == 12


def test_where_no_law_is_known_the_common_questions_are_asked_and_said_to_be_no_laws(tmp_path: Path) -> None:
    desk = begun(tmp_path, town="us/wy/casper", name="Casper")
    opened = desk.opened(SLUG, "use_policy", 0, ON)
    assert (opened.form.asked, opened.form.listed, opened.complete.needed) == ((), False, 0)
    assert opened.form.common


@pytest.mark.parametrize(
    ("kind", "year"), [("yearly_report", 0), ("use_policy", 2026), ("yearly_report", 12), ("song", 0)]
)
def test_a_paper_that_cannot_be_is_refused(tmp_path: Path, kind: str, year: int) -> None:
    with pytest.raises(WrongUse):
        begun(tmp_path).opened(SLUG, kind, year, ON)


def test_the_last_part_of_an_address_names_one_paper_and_back() -> None:
    for kind, year in (("impact_report", 0), ("equipment_report", 2031)):
        assert questions.named(questions.segment(kind, year)) == (kind, year)
    assert questions.named("use-policy-2026") is None
    assert questions.named("yearly-report-٢٠٢٦") is None


# --- typing


def test_what_is_typed_is_kept_as_typed_finished_or_not(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    typed = {"purpose": paper.answer("empty", "Half a th"), "retention": paper.answer("does not apply")}
    turn, _ = desk.save(SLUG, "use_policy", 0, typed, 0, {}, **LIAISON)
    again = desk.opened(SLUG, "use_policy", 0, ON)
    assert (turn, again.row.turn) == (1, 1)
    assert again.answers["purpose"].text == "Half a th"
    assert again.answers["retention"].state is State.NOT
    assert again.complete.others_done == 0


def test_two_people_who_change_different_answers_lose_nothing(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    turn = saved(desk, purpose="Cars.", cost="$1")
    seen = {id_: paper.digest(one) for id_, one in desk.opened(SLUG, "use_policy", 0, ON).answers.items()}
    desk.save(SLUG, "use_policy", 0, {"purpose": says("Stolen cars."), "cost": says("$1")}, turn, seen, **LIAISON)
    _, theirs = desk.save(
        SLUG,
        "use_policy",
        0,
        {"purpose": says("Cars."), "cost": says("$2")},
        turn,
        seen,
        who="otto",
        roles_=["liaison"],
    )
    now = desk.opened(SLUG, "use_policy", 0, ON).answers
    assert theirs == ("purpose",)
    assert (now["purpose"].text, now["cost"].text) == ("Stolen cars.", "$2")


def test_two_people_who_change_the_same_answer_are_both_shown_and_nothing_is_saved(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    turn = saved(desk, purpose="Cars.")
    seen = {"purpose": paper.digest(says("Cars."))}
    desk.save(SLUG, "use_policy", 0, {"purpose": says("Stolen cars.")}, turn, seen, **LIAISON)
    with pytest.raises(Changed, match="lena changed the same answers") as refused:
        desk.save(SLUG, "use_policy", 0, {"purpose": says("Wanted cars.")}, turn, seen, who="otto", roles_=["liaison"])
    assert refused.value.clash == ("purpose",)
    assert refused.value.theirs["purpose"]["text"] == "Stolen cars."
    seen = {"purpose": paper.digest(says("Stolen cars."))}
    desk.save(
        SLUG,
        "use_policy",
        0,
        {"purpose": says("Stolen and wanted cars.")},
        refused.value.turn,
        seen,
        who="otto",
        roles_=["liaison"],
    )
    assert desk.opened(SLUG, "use_policy", 0, ON).answers["purpose"].text == "Stolen and wanted cars."


def test_only_a_liaison_writes_and_only_a_clerk_publishes(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    with pytest.raises(WrongUse, match="may not"):
        desk.save(SLUG, "use_policy", 0, {"purpose": says("x")}, 0, {}, **CLERK)
    fixed(desk, purpose="Cars.")
    with pytest.raises(WrongUse, match="may not"):
        desk.publish(SLUG, "use_policy", who="otto", roles_=["liaison"])


# --- versions


def test_a_version_has_a_number_a_hash_and_a_reason_and_stays_when_typing_goes_on(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    assert fixed(desk, purpose="Cars.") == 1
    saved(desk, purpose="Trucks.")
    one = desk.store.edition(SLUG, "use_policy", 0, 1)
    assert one.answers["purpose"]["text"] == "Cars."
    assert one.sha256 == paper.sha256(one.answers)
    assert fixed(desk, purpose="Trucks.", reason="Trucks are meant.") == 2
    old, new, changes = desk.compared(SLUG, "use_policy", 0, 1, 2, ON)
    assert [change.field for change in changes] == ["purpose"]
    assert (old.number, new.reason) == (1, "Trucks are meant.")


def test_a_version_without_a_change_or_without_a_reason_is_refused(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    with pytest.raises(WrongUse, match="Nothing was saved"):
        desk.fix(SLUG, "use_policy", 0, 0, "Why not.", **LIAISON)
    fixed(desk, purpose="Cars.")
    turn = desk.store.one(SLUG, "use_policy").turn
    with pytest.raises(WrongUse, match="since version 1"):
        desk.fix(SLUG, "use_policy", 0, turn, "Again.", **LIAISON)
    with pytest.raises(WrongUse, match="reason is missing"):
        desk.fix(SLUG, "use_policy", 0, turn, " ", **LIAISON)
    with pytest.raises(Changed):
        desk.fix(SLUG, "use_policy", 0, turn - 1, "Late.", **LIAISON)


# --- publication


def entry(desk: Papers, kind: str = "use_policy", year: int = 0) -> dict[str, Any]:
    from postme.keeping.store import models

    return dict(json.loads(models.Entry.objects.get(address=questions.address(SLUG, kind, year)).twin))


def test_nothing_typed_or_fixed_is_public_before_a_second_person_publishes_it(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")
    assert onepage.one_page(tmp_path, SLUG) == []
    with pytest.raises(WrongUse, match="Nobody publishes what they fixed"):
        desk.publish(SLUG, "use_policy", who="lena", roles_=["clerk"])
    assert onepage.one_page(tmp_path, SLUG) == []
    [leaf] = desk.publish(SLUG, "use_policy", **CLERK)
    [shown] = onepage.one_page(tmp_path, SLUG)
    assert (leaf.index, shown["address"], shown["edition"]) == (0, f"/decisions/{SLUG}/use-policy/", 1)
    assert shown["reading"][0]["parts"][0]["words"] == "Cars."
    assert {one["id"] for one in shown["unanswered"]} >= {"retention", "sharing"}
    with pytest.raises(WrongUse, match="public already"):
        desk.publish(SLUG, "use_policy", **CLERK)


def test_the_hash_of_a_public_version_can_be_worked_out_from_its_twin(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")
    desk.publish(SLUG, "use_policy", **CLERK)
    facts = entry(desk)["facts"]
    assert paper.sha256(facts["answers"]) == facts["sha256"]


def test_a_second_version_names_old_and_new_question_by_question(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")
    desk.publish(SLUG, "use_policy", **CLERK)
    fixed(desk, purpose="Trucks.", reason="Trucks are meant.")
    desk.publish(SLUG, "use_policy", **CLERK)
    told = entry(desk)
    assert told["version"] == 2
    assert {"at": "answers.purpose.text", "old": "Cars.", "new": "Trucks."} in told["history"][-1]["changes"]
    assert [one[4]["edition"] for one in desk.store.versions(questions.address(SLUG, "use_policy"))] == [2, 1]


def test_where_nothing_can_be_sealed_nothing_is_public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.office import sealing

    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")

    def broken(*_: object) -> None:
        raise PostmeError("The disk is full.")

    monkeypatch.setattr(sealing.Log, "_seal", broken)
    with pytest.raises(PostmeError, match="full"):
        desk.publish(SLUG, "use_policy", **CLERK)
    assert desk.store.edition(SLUG, "use_policy", 0, 1).published is None
    assert onepage.one_page(tmp_path, SLUG) == []


# --- forms


@pytest.mark.parametrize("how", ["docx", "csv"])
def test_a_form_that_is_given_out_and_filled_in_is_shown_before_it_is_taken(tmp_path: Path, how: str) -> None:
    desk = begun(tmp_path)
    saved(desk, purpose="Cars.")
    opened = desk.opened(SLUG, "use_policy", 0, ON)
    make = {"docx": blanks.document, "csv": blanks.table}[how]
    filled = make(opened.form, {**opened.answers, "retention": says("٣٠ يوما\nthirty days")})
    again, taken, _ = desk.preview(SLUG, "use_policy", 0, filled, f"policy.{how}", ON)
    assert taken.changed == ("retention",)
    assert taken.clean
    assert "retention" not in desk.opened(SLUG, "use_policy", 0, ON).answers
    desk.save(SLUG, "use_policy", 0, taken.answers, again.row.turn, {}, **LIAISON)
    assert desk.opened(SLUG, "use_policy", 0, ON).answers["retention"].text == "٣٠ يوما\nthirty days"
    data, _, name = desk.blank(SLUG, "use_policy", 0, how, ON)
    assert name.endswith(f"use-policy.{how}")
    assert desk.preview(SLUG, "use_policy", 0, data, name, ON)[1].changed == ()


# --- files


def test_a_file_goes_onto_the_shelf_by_its_hash_and_waits_for_an_editor(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    data = (Path(postme.__file__).parent / "examples/mill-falls/records/2025-10-14-council-minutes.pdf").read_bytes()
    sha256 = attaching.attach(tmp_path, SLUG, data, "../../etc/quote.pdf", "What the vendor asks.", **LIAISON)
    assert attaching.attach(tmp_path, SLUG, data, "quote.pdf", "Again.", **LIAISON) == sha256
    [one] = desk.store.files(SLUG)
    assert (one.name, one.what, one.state) == ("quote.pdf", "What the vendor asks.", "")
    [draft] = desk.ledger.drafts("submitted")
    assert (draft.address, draft.kind, draft.author) == (f"/records/{sha256}/", "record", "lena")
    from postme.office.press import Press

    Press(tmp_path).approve(draft.id, who="eva", roles_=["editor"])
    assert desk.store.files(SLUG)[0].state == "published"


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"MZ\x90\x00" + bytes(300), "run.exe", "which is not read"),
        (b"", "a.pdf", "empty"),
        (bytes(26_000_000), "a.pdf", "26 MB"),
    ],
    ids=["a program", "nothing", "too large"],
)
def test_a_file_that_is_no_record_is_refused_and_leaves_nothing(
    tmp_path: Path, data: bytes, name: str, says: str
) -> None:
    desk = begun(tmp_path)
    with pytest.raises(PostmeError, match=says) as refused:
        attaching.attach(tmp_path, SLUG, data, name, "", **LIAISON)
    assert refused.value.do
    assert desk.store.files(SLUG) == []
    assert not list((tmp_path / "records").glob("*/*")) if (tmp_path / "records").exists() else True


def test_evidence_is_told_with_its_title_only_while_it_is_public(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")
    where = questions.address(SLUG, "use_policy")
    assert desk.store.evidence([where, "https://example.org/"]) == {}
    desk.publish(SLUG, "use_policy", **CLERK)
    found = desk.store.evidence([where, f"{where}#purpose", "/audits/none/"])
    assert found[where]["title"] == "Use policy: License plate readers"
    assert set(found) == {where, f"{where}#purpose"}


# --- promises


def test_what_was_promised_stands_beside_what_was_told_and_a_persons_judgment_comes_with_the_next_version(
    tmp_path: Path,
) -> None:
    desk = begun(tmp_path)
    fixed(desk, retention="30 days.", sharing="Nobody.")
    desk.publish(SLUG, "use_policy", **CLERK)
    fixed(desk, "yearly_report", 2026, retention="The oldest was 524 days old.")
    with pytest.raises(WrongUse, match="What was found is missing"):
        desk.judge(SLUG, 2026, "retention", False, " ", **CLERK)
    desk.judge(SLUG, 2026, "retention", False, "524 days is longer than 30.", **CLERK)
    desk.publish(SLUG, "yearly_report", 2026, **CLERK)
    by = {one["promise"]: one for one in onepage.promises(tmp_path, SLUG)}
    assert by["retention"]["promised"]["text"] == "30 days."
    assert by["retention"]["told"]["text"] == "The oldest was 524 days old."
    assert by["retention"]["judged"] == {"kept": False, "found": "524 days is longer than 30.", "found_in": ""}
    assert by["sharing"]["told"] == {"state": "empty"}
    assert by["sharing"]["judged"] is None


def test_only_what_is_public_is_held_against_a_promise(tmp_path: Path) -> None:
    desk = begun(tmp_path)
    fixed(desk, retention="30 days.")
    fixed(desk, "yearly_report", 2026, retention="524 days.")
    desk.publish(SLUG, "yearly_report", 2026, **CLERK)
    assert onepage.promises(tmp_path, SLUG) == []


def test_a_version_that_the_log_has_and_the_desk_forgot_is_known_as_public_again(tmp_path: Path) -> None:
    from postme.keeping.store import models

    desk = begun(tmp_path)
    fixed(desk, purpose="Cars.")
    desk.publish(SLUG, "use_policy", **CLERK)
    models.Edition.objects.update(published=None)
    with pytest.raises(WrongUse, match="public already"):
        desk.publish(SLUG, "use_policy", **CLERK)
    assert desk.editions(SLUG, "use_policy")[0].published is not None
