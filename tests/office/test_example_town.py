"""The fictional town, filled: once is enough, a kill loses nothing, and every kind of page has something to show."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from postme.errors import PostmeError
from postme.fold import plainly
from postme.keeping import librarian
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.redactions import Redactions
from postme.keeping.store.register import Register
from postme.keeping.store.reports import Reports
from postme.office import counsel, example_town
from postme.office.example_town import standing

POLICE = "/agencies/us/zz/mill_falls/police-department/"


# What is said of each step of the fill, as ``postme demo`` prints it.
SAID: list[str] = []


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    example_town.fill(folder, SAID.append)
    return folder


def test_each_step_is_said_once(town: Path) -> None:
    assert len(SAID) > 20
    assert [line for line, times in Counter(SAID).items() if times > 1] == []


def published(folder: Path) -> list[tuple[int, str]]:
    """What the log holds: each leaf's index, and whether its twin was taken down."""
    return [(index, "gone" if twin is None else "there") for index, _, twin in Ledger(folder).leaves()]


def standing_facts(folder: Path, address: str) -> dict[str, Any]:
    facts = Ledger(folder).facts_at(address)
    assert facts is not None
    return facts


def test_a_second_fill_adds_nothing(town: Path) -> None:
    before, told = published(town), []
    example_town.fill(town, told.append)
    assert (published(town), told) == (before, [])


def test_every_mention_has_a_ruling_and_a_reason(town: Path) -> None:
    mentions = Register(town).mentions()
    assert mentions
    assert [(one.name, one.page, one.quote) for one in mentions if one.ruling is None or not one.why] == []
    assert {one.ruling for one in mentions} == {"yes", "no", "unsure"}


def test_every_ruling_of_the_file_is_about_words_that_its_page_has(town: Path) -> None:
    rulings = librarian.loaded((example_town.TOWN / "rulings.yaml").read_bytes())
    scanned = ("2025-12-02-corvane-agreement.pdf", 5)  # read where there is text recognition
    unused = []
    for name, of_record in rulings.items():
        found = [one for one in Register(town).mentions() if example_town._name(one.name) == name]
        quotes = {(one.page, bytes(plainly(one.quote).data).strip()) for one in found}
        for ruling in of_record:
            words = plainly(ruling["words"], joined=True).data
            if (name, ruling["page"]) != scanned and not any(
                page == ruling["page"] and quote in words for page, quote in quotes
            ):
                unused.append((name, ruling["words"]))
    # What a careful reader finds and the scanner misses stays in the file, and is known to be missed.
    assert [words for _, words in unused] == ["the shot spotting", "old hand-held acoustic device"]


def _died(folder: Path, step: int) -> bool:
    """Whether a fill that is to die after so many steps of its own did: it may be done before."""
    steps = 0

    def dying(_: str) -> None:
        nonlocal steps
        steps += 1
        if steps > step:
            raise KeyboardInterrupt

    try:
        example_town.fill(folder, dying)
    except KeyboardInterrupt:
        return True
    return False


def test_a_fill_that_died_again_and_again_is_completed(town: Path, tmp_path: Path) -> None:
    """Before anything was read, after the reading, and then every few steps: each goes on where the last one stopped."""
    assert [_died(tmp_path, step) for step in (0, 4, 9)] == [True, True, True]
    assert len(published(tmp_path)) < len(published(town))
    while _died(tmp_path, 6):
        pass
    assert published(tmp_path) == published(town)


@pytest.mark.soak
@pytest.mark.parametrize("step", [1, 2, 5, 15, 17, 18, 22])
def test_a_fill_that_died_at_any_step_is_completed(step: int, town: Path, tmp_path: Path) -> None:
    assert _died(tmp_path, step)
    example_town.fill(tmp_path)
    assert published(tmp_path) == published(town)


def test_a_fill_whose_process_was_killed_between_submitting_and_approving_is_completed(
    town: Path, tmp_path: Path
) -> None:
    script = (
        "import os, sys; from pathlib import Path; from postme.office import example_town, press\n"
        "done = press.Press.approve; calls = []\n"
        "def dying(*a, **k):\n    calls.append(1)\n    return done(*a, **k) if len(calls) < 4 else os._exit(9)\n"
        "press.Press.approve = dying; example_town.fill(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "POSTME_DATA": ""}
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    assert killed.returncode == 9
    assert len(Ledger(tmp_path).drafts("submitted")) == 1
    example_town.fill(tmp_path)
    assert published(tmp_path) == published(town)


def test_nothing_was_approved_by_its_own_author(town: Path) -> None:
    approved = Ledger(town).drafts("approved")
    assert approved
    assert all(
        one.author != one.decided_by and "fiction" in one.author and "fiction" in one.decided_by for one in approved
    )


def test_each_published_thing_says_that_it_is_fiction(town: Path) -> None:
    addresses = {one.address for one in Ledger(town).drafts("approved")}
    shown = [facts for address in addresses if (facts := Ledger(town).facts_at(address))]
    assert len(shown) > 10
    assert all(facts["fiction"] for facts in shown)


def test_each_state_of_a_holding_that_the_records_have_is_there(town: Path) -> None:
    addresses = {one.address for one in Ledger(town).drafts("approved")}
    found = {facts.get("status") for address in addresses if (facts := Ledger(town).facts_at(address))}
    assert {"present", "asked for", "refused", "postponed", "spoken of"} <= found


def test_what_is_present_is_said_by_records_and_what_the_minutes_refused_is_not(town: Path) -> None:
    assert standing_facts(town, f"{POLICE}alpr/")["status"] == "present"
    assert standing_facts(town, f"{POLICE}drone/")["status"] == "refused"
    assert standing_facts(town, f"{POLICE}mil-armoured-vehicle/")["status"] == "postponed"


def test_a_county_s_vehicle_was_taken_for_the_town_s_and_the_correction_says_so(town: Path) -> None:
    [corrected] = [one for one in Ledger(town).drafts("approved") if one.what == "corrected"]
    assert corrected.address == f"{POLICE}mil-armoured-vehicle/"
    assert "county sheriff" in corrected.reason


def test_what_the_public_said_was_answered_and_no_address_of_theirs_is_kept(town: Path) -> None:
    every, count = Reports(Ledger(town).file).every()
    assert {(one.kind, one.state) for one in every} == {("error", "corrected"), ("reply", "published")}
    assert count == 2
    assert all(one.outcome and not one.contact and "fiction" in one.name for one in every)
    assert [one.about for one in Reports(Ledger(town).file).replies(f"{POLICE}alpr/")] == [f"{POLICE}alpr/"]


def test_what_was_withdrawn_has_no_facts_left(town: Path) -> None:
    assert Ledger(town).facts_at(f"{POLICE}surveillance-unspecified/") is None


def test_a_resident_s_address_is_blacked_out_of_what_is_public(town: Path) -> None:
    asked = Redactions(Ledger(town).file).of("", "in force")
    assert len(asked) == 12
    minutes = standing_facts(town, f"/records/{asked[0].sha256}/")
    assert minutes["redacted"]
    everything = "".join(twin.decode() for _, _, twin in Ledger(town).leaves() if twin)
    assert "Foundry Court" not in everything
    assert "Weir Street" not in "".join(
        quote["before"] + quote["after"] for quote in standing_facts(town, f"{POLICE}alpr/")["evidence"]
    )


@pytest.mark.parametrize(
    ("technology", "duty", "verdict"),
    [
        ("alpr", "vote-before-sharing", "broken"),
        ("alpr", "policy-published", "unknown"),
        ("alpr", "yearly-report", "met"),
        ("gunshot-detection", "yearly-report", "met"),
        ("fixed-camera", "yearly-report", "unknown"),
    ],
)
def test_the_made_up_law_judges_what_the_records_say(
    town: Path, technology: str, duty: str, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datetime

    from postme.office import standing as judged

    counsel.also_from([example_town.LAWS])
    try:
        told = judged.of_holding(standing_facts(town, f"{POLICE}{technology}/"), datetime.date(2026, 11, 23))
    finally:
        counsel.also_from([])
    assert {one["provision"]: one["verdict"] for one in told["duties"]}[duty] == verdict


def test_the_made_up_law_is_well_formed_and_its_cases_come_out_as_written() -> None:
    [path] = example_town.LAWS.rglob("surveillance-oversight-act.yaml")
    checked = counsel.check(path)
    assert ([str(error) for error in checked.errors], checked.wrong) == ([], ())
    assert checked.law is not None
    assert "(fiction)" in checked.law.name
    assert len(checked.law.cases) >= 10


def test_no_real_state_s_law_reaches_the_town() -> None:
    assert {law.place.short for law in counsel.every(example_town.PLACE, any_place=True)} <= {"us"}


def test_words_are_found_over_line_ends_and_through_hyphens() -> None:
    assert standing(plainly("a body-\nworn camera", joined=True), "bodyworn camera") == [(2, 19)]
    assert standing(plainly("disharrow"), "harrow") == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PostmeError):
        example_town.fill(tmp_path / "taken")
