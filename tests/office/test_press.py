"""The press: two people, one transaction, one leaf, and nothing public that nobody let out."""

from __future__ import annotations

import datetime
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from postme import merkle
from postme.errors import KeepingError, WrongUse
from postme.keeping.store.register import Register
from postme.office import verifying
from postme.office.press import Body, Press
from postme.office.search import Search
from postme.office.sweep import Sweep
from postme.publication import What
from postme.redaction import Reason, Redaction

PLACE = "us/zz/mill_falls"
POLICE = Body(PLACE, "Police Department", "police", fiction=True)
EDITOR: dict[str, Any] = {"roles_": ["editor"]}
MINUTES = (
    "Minutes of March 4, 2025.\nThe police department bought license plate readers for $86,400. "
    "Carol Nobody of 12 Made Up Lane spoke against the license plate readers.\n"
)


@pytest.fixture
def press(tmp_path: Path) -> Press:
    records = tmp_path / "records"
    records.mkdir()
    (records / "minutes.txt").write_text(MINUTES)
    (records / "notice.txt").write_text("The police flew drones over the fair.\n")
    search = Search(Sweep((records,), tmp_path / "data", jobs=1, ocr=False), place=PLACE)
    list(search.run())
    search.note()
    return Press(tmp_path / "data", "example.org/log")


def ruled(press: Press, answer: str = "yes") -> None:
    register = Register(press.folder)
    for one in register.mentions():
        register.rule(one.id, answer, why="", who="Ada", at=datetime.datetime.now(datetime.UTC))


def published(press: Press, technology: str = "alpr") -> str:
    draft = press.draft(press.holding(POLICE, technology), who="Ada", **EDITOR)
    press.submit(draft, who="Ada", **EDITOR)
    press.approve(draft, who="Ben", **EDITOR)
    return press.ledger.draft_of(draft).address


def changed(press: Press, address: str, what: What, **facts: Any) -> list[Any]:
    now = press.ledger.facts_at(address)
    assert now is not None
    draft = press.draft({**now, **facts}, what, who="Ada", reason="A reader wrote to us.", **EDITOR)
    press.submit(draft, who="Ada", **EDITOR)
    return press.approve(draft, who="Ben", **EDITOR)


def test_what_nobody_ruled_true_cannot_be_drafted(press: Press) -> None:
    with pytest.raises(WrongUse, match="ruled true"):
        press.holding(POLICE, "alpr")
    ruled(press, "no")
    with pytest.raises(WrongUse, match="ruled true"):
        press.holding(POLICE, "alpr")


def test_a_page_its_rows_and_its_leaf_come_together_and_the_proof_holds(press: Press) -> None:
    ruled(press)
    address = published(press)
    assert address == "/agencies/us/zz/mill_falls/police-department/alpr/"
    leaves = press.ledger.leaves()
    assert [merkle.leaf_hash(twin or b"") for _, _, twin in leaves] == [hash_ for _, hash_, _ in leaves]
    log = press._log
    index, _, twin = leaves[-1]
    proven = verifying.check(twin or b"", log.proof(index).encode(), log.verifier)
    assert (proven.index, proven.size, proven.origin) == (1, 2, "example.org/log")
    facts = press.ledger.facts_at(address)
    assert facts is not None
    assert [quote["quote"] for quote in facts["evidence"]] == ["license plate readers", "license plate readers"]
    assert press.ledger.facts_at(f"/records/{facts['evidence'][0]['sha256']}/") is not None


def test_nobody_approves_their_own_draft_and_a_reader_approves_none(press: Press) -> None:
    ruled(press)
    draft = press.draft(press.holding(POLICE, "alpr"), who="Ada", **EDITOR)
    press.submit(draft, who="Ada", **EDITOR)
    with pytest.raises(WrongUse, match="own draft"):
        press.approve(draft, who="Ada", **EDITOR)
    with pytest.raises(WrongUse, match="may not"):
        press.approve(draft, who="Ben", roles_=["reader", "moderator", "administrator"])
    assert press.ledger.leaves() == []


def test_if_the_log_cannot_be_sealed_nothing_was_published(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled(press)

    def broken(*_: Any, **__: Any) -> None:
        raise KeepingError("The disk is full.")

    monkeypatch.setattr(press._log._tiles, "hold", broken)
    with pytest.raises(KeepingError, match="disk is full"):
        published(press)
    assert press.ledger.leaves() == []
    assert press.ledger.drafts("submitted"), "the draft still waits"
    monkeypatch.undo()
    [waiting] = press.ledger.drafts("submitted")
    press.approve(waiting.id, who="Ben", **EDITOR)
    assert len(press.ledger.leaves()) == 2


def test_what_was_sealed_when_the_machine_stopped_before_the_commit_is_published_again(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruled(press)
    seal = press._log._seal

    def stopped(leaves: Any) -> None:
        seal(leaves)
        raise KeyboardInterrupt

    monkeypatch.setattr(press._log, "_seal", stopped)
    with pytest.raises(KeyboardInterrupt):
        published(press)
    monkeypatch.undo()
    assert press.ledger.leaves() == []
    assert press._log.size == 2
    again = Press(press.folder, "example.org/log")
    assert len(again.ledger.leaves()) == 2, "whoever opens the press next publishes it"
    assert again._log.agrees() == ""
    assert again.ledger.drafts("approved"), "the draft that was approved is so again"
    assert again.ledger.facts_at("/agencies/us/zz/mill_falls/police-department/alpr/") is not None
    assert published(again, "drone")
    assert len(again.ledger.leaves()) == 4


def test_a_correction_says_old_new_and_why_and_the_old_version_stays(press: Press) -> None:
    ruled(press)
    address = published(press)
    [leaf] = changed(press, address, What.CORRECTED, note="Since March.")
    told = json.loads(leaf.twin)
    assert told["history"][-1]["changes"] == [{"at": "note", "old": "", "new": "Since March."}]
    assert told["history"][-1]["reason"] == "A reader wrote to us."
    assert press.ledger.leaves()[1][2] is not None


def test_a_correction_without_a_reason_is_not_taken(press: Press) -> None:
    ruled(press)
    address = published(press)
    with pytest.raises(WrongUse, match="reason"):
        press.draft(press.ledger.facts_at(address) or {}, What.CORRECTED, who="Ada", reason="  ", **EDITOR)


def test_a_withdrawal_leaves_its_mark_and_nothing_of_what_was_said(press: Press) -> None:
    ruled(press)
    address = published(press)
    [leaf] = changed(press, address, What.WITHDRAWN)
    assert json.loads(leaf.twin)["facts"] is None
    assert b"license plate" not in leaf.twin
    assert press.ledger.facts_at(address) is None
    assert [twin for _, _, twin in press.ledger.leaves()][1] is None, "the leaf stays, its words are gone"
    assert published(press) == address, "it may be published anew"


def test_a_record_that_is_quoted_cannot_be_withdrawn_from_under_its_quotes(press: Press) -> None:
    ruled(press)
    sha256 = (press.ledger.facts_at(published(press)) or {})["evidence"][0]["sha256"]
    with pytest.raises(KeepingError, match="still quote"):
        changed(press, f"/records/{sha256}/", What.WITHDRAWN)


def test_what_is_redacted_is_gone_from_every_twin_and_every_text(press: Press) -> None:
    ruled(press)
    address = published(press)
    sha256 = (press.ledger.facts_at(address) or {})["evidence"][0]["sha256"]
    at = MINUTES.index("12 Made Up Lane")
    wanted = Redaction(1, at, at + len("12 Made Up Lane"), Reason.HOME_ADDRESS)
    number = press.ask_redaction(sha256, wanted, who="Ada", **EDITOR)
    with pytest.raises(WrongUse, match="asked for"):
        press.redact(number, who="Ada", **EDITOR)
    leaves = press.redact(number, who="Ben", **EDITOR)
    assert len(leaves) == 2, "the record, and the holding whose quote stands beside it"
    from postme.keeping.store import models

    said = "".join(twin.decode() for _, _, twin in press.ledger.leaves() if twin)
    said += "".join(models.PublicPage.objects.values_list("text", flat=True))
    assert "Made Up Lane" not in said
    assert "home address" in said
    assert press._log.agrees() == ""


def _hidden(press: Press, sha256: str, words: str) -> list[Any]:
    at = MINUTES.index(words)
    wanted = Redaction(1, at, at + len(words), Reason.OTHER)
    return press.redact(press.ask_redaction(sha256, wanted, who="Ada", **EDITOR), who="Ben", **EDITOR)


def _confirmed(press: Press) -> tuple[str, str]:
    """A holding whose amount was confirmed, with a stated day: its address, and its record's SHA-256."""
    ruled(press)
    bare = press.holding(POLICE, "alpr")
    fact = {
        "value": True,
        "on": "2025-03-04",
        "says": "Bought on March 4, 2025.",
        "evidence": bare["evidence"][0]["id"],
    }
    facts = press.holding(
        POLICE, "alpr", amounts=[86400.0], note="It cost 86,400 dollars.", law_facts={"council_approved": fact}
    )
    draft = press.draft(facts, who="Ada", **EDITOR)
    press.submit(draft, who="Ada", **EDITOR)
    press.approve(draft, who="Ben", **EDITOR)
    return press.ledger.draft_of(draft).address, facts["evidence"][0]["sha256"]


def _parts(facts: Any) -> dict[str, Any]:
    return {one["part"]: one for one in facts["claims"]}


@pytest.mark.parametrize("words", ["$86,400", "for $86", "400. Carol Nobody", "MINUTES"])
def test_an_amount_that_was_read_in_hidden_words_is_unknown(press: Press, words: str) -> None:
    from postme.keeping.store import models

    address, sha256 = _confirmed(press)
    before = press.ledger.facts_at(address) or {}
    assert _parts(before)["amount"]["value"] == "86400.0"
    assert any(act["amount"] == 86400.0 for act in before["acts"])
    if words == "MINUTES":  # the twin: hiding other words takes nothing away
        _hidden(press, sha256, "12 Made Up Lane")
        assert _parts(press.ledger.facts_at(address))["amount"]["value"] == "86400.0"
        return
    _hidden(press, sha256, words)
    now = press.ledger.facts_at(address) or {}
    assert _parts(now)["amount"] == {"part": "amount", "value": None, "evidence": [], "how": "stated"}
    assert all(act["amount"] is None for act in now["acts"])
    assert not models.Claim.objects.filter(part="amount", value="86400.0").exists()
    twins = "".join(twin.decode() for _, _, twin in press.ledger.leaves() if twin)
    assert "86400" not in twins
    again = press.holding(POLICE, "alpr", amounts=[86400.0])
    assert _parts(again)["amount"]["value"] is None, "drawn anew it is back"
    assert now["acts"][0]["date"] == "2025-03-04"


def test_a_day_that_was_read_in_hidden_words_is_unknown_in_the_holding_and_the_record(press: Press) -> None:
    from postme.keeping.store import models

    address, sha256 = _confirmed(press)
    before = press.ledger.facts_at(address) or {}
    assert _parts(before)["earliest date"]["value"] == "2025-03-04"
    _hidden(press, sha256, "March 4")
    now = press.ledger.facts_at(address) or {}
    assert _parts(now)["earliest date"]["value"] is None
    assert all(act["date"] is None for act in now["acts"])
    assert all(quote["date"] is None for quote in now["evidence"])
    assert "on" not in now["law_facts"]["council_approved"]
    assert (press.ledger.facts_at(f"/records/{sha256}/") or {})["date"] is None
    assert not models.Evidence.objects.filter(date="2025-03-04").exists()
    assert "2025-03-04" not in json.dumps(now)
    assert _parts(now)["amount"]["value"] == "86400.0", "what was not hidden stays"


def test_what_people_wrote_of_a_hidden_amount_is_told_to_the_desk_before(press: Press) -> None:
    address, sha256 = _confirmed(press)
    at = MINUTES.index("$86,400")
    number = press.ask_redaction(sha256, Redaction(1, at, at + 7, Reason.OTHER), who="Ada", **EDITOR)
    asked = press.redactions.waiting(number, "Ben")
    assert press.told_once_hidden(asked) == [(address, ["note: 86,400 dollars"])]
    at = MINUTES.index("12 Made Up Lane")
    other = press.ask_redaction(sha256, Redaction(1, at, at + 15, Reason.HOME_ADDRESS), who="Ada", **EDITOR)
    assert press.told_once_hidden(press.redactions.waiting(other, "Ben")) == []


def test_a_draft_of_what_has_changed_since_is_not_let_out(press: Press) -> None:
    ruled(press)
    address = published(press)
    facts = press.ledger.facts_at(address) or {}
    old = press.draft({**facts, "note": "old"}, What.CORRECTED, who="Ada", reason="one", **EDITOR)
    press.submit(old, who="Ada", **EDITOR)
    changed(press, address, What.CORRECTED, note="newer")
    with pytest.raises(WrongUse, match="has changed since"):
        press.approve(old, who="Ben", **EDITOR)
    assert (press.ledger.facts_at(address) or {})["note"] == "newer"


def test_two_approvals_at_once_make_one_page_and_one_leaf(press: Press) -> None:
    ruled(press)
    draft = press.draft(press.holding(POLICE, "alpr"), who="Ada", **EDITOR)
    press.submit(draft, who="Ada", **EDITOR)
    refused: list[Exception] = []

    def approve(who: str) -> None:
        from django.db import connection

        try:
            Press(press.folder, "example.org/log").approve(draft, who=who, **EDITOR)
        except WrongUse as error:
            refused.append(error)
        finally:
            connection.close()

    hands = [threading.Thread(target=approve, args=(who,)) for who in ("Ben", "Cleo", "Dan")]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(refused) == 2
    assert len(press.ledger.leaves()) == 2
    assert press._log.agrees() == ""
