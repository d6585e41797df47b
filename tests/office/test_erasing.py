"""Of whoever is erased no byte is left: in the database's files, in letters, files and logs, in a backup that is too old, or in what is restored from one."""

from __future__ import annotations

import datetime
import io
import logging
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from test_letters import Play

from postme import letter
from postme.keeping import gone
from postme.keeping.store import erasing
from postme.keeping.store.outbox import file_of
from postme.keeping.store.register import whole
from postme.letter import Kind
from postme.office import forgetting, handing, safekeeping, signing

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME, WORDS, ROLE, AREA, MAIL = "Zyxw Vutsrq", "qponm lkjihg words", "zzrole baker", "Zz99887", "zyxw@zzmail.example"
MARKS = tuple(one.encode() for one in (NAME, "Vutsrq", "lkjihg", ROLE, AREA, "zzmail"))


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    yield Play(tmp_path / "data").opened()


def found(*places: Path) -> list[str]:
    """Where any of the signer's words stand, byte for byte."""
    files = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()]
    return [f"{path.name}: {one.decode()}" for path in files for one in MARKS if one in path.read_bytes()]


def signs(play: Play) -> str:
    """Sign as the one who will be erased, among many, so that the database's pages are split around them."""
    for number in range(15):
        play.signed(f"Early{number} Doe", comment="word " * 60)
    own = play.signed(NAME, mail=MAIL, comment=WORDS, role=ROLE, area=AREA)
    for number in range(44):
        play.signed(f"Late{number} Doe", comment="word " * 60)
    return own


def months_later(play: Play, monkeypatch: pytest.MonkeyPatch, days: int = 181) -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    monkeypatch.setattr(signing, "_now", lambda: later)
    monkeypatch.setattr(forgetting, "_now", lambda: later)
    assert play.signers.tidied()["erased"] or days < 180


def test_while_it_counts_a_signature_is_where_it_should_be_so_that_this_search_can_fail(play: Play) -> None:
    signs(play)
    assert found(play.folder)


def test_after_its_day_no_byte_of_a_signer_is_left_anywhere_in_the_data_folder(play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    own = signs(play)
    play.signers.seal_all()
    # A file that was handed over and names them, and a mail that became a file.
    pdf = handing.place(play.folder, "ab" * 32)
    pdf.parent.mkdir(exist_ok=True)
    pdf.write_bytes(b"%PDF " + NAME.encode())
    told = {"now": dict.fromkeys(("domain", "coalition", "mail", "paper"), 0), "earlier": {}}
    play.office.close(play.slug, who="ann")
    play.office.deliver(play.slug, [("Member A", None)], "by hand", datetime.datetime.now(datetime.UTC).date(), told, "ab" * 32, who="ann")  # fmt: skip
    from postme.keeping.store import models

    with whole(play.signers.ledger.file, atomic=False):
        mail = file_of(play.folder, models.Outgoing.objects.get(once=f"confirm signature {own}").pk)
    mail.parent.mkdir(exist_ok=True)
    mail.write_text(f"To: {MAIL}\n\n{NAME}\n")
    assert len({one.partition(":")[0] for one in found(play.folder)}) >= 3
    months_later(play, monkeypatch)
    handing.pruned(play.folder)
    assert forgetting.scrubbed(play.folder)
    assert found(play.folder) == []
    assert not any(one.decode() in record.getMessage() for record in caplog.records for one in MARKS)
    # What stays: that so many signed, and the hash.
    assert play.counts()["now"]["mail"] == 60
    assert (play.signers.receipt(own) or {})["state"] == "erased"
    rows = list(play.signers.every(play.slug))
    assert not any(str(value) in (NAME, WORDS, ROLE, AREA) for row in rows for value in row.values())


def test_who_takes_their_name_off_is_gone_to_the_last_byte_after_the_next_night(play: Play) -> None:
    own = signs(play)
    play.signers.withdraw(play.keys[own])
    assert forgetting.scrubbed(play.folder)
    assert found(play.folder) == []
    assert not forgetting.scrubbed(play.folder), "nothing was erased since"


def test_secure_delete_is_on_for_whoever_writes(play: Play) -> None:
    from django.db import connection

    with whole(play.signers.ledger.file, atomic=False), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)


# --- backups


def backup(play: Play, to: Path) -> Path:
    safekeeping.backup(play.folder, to, url="")
    return to


def unpacked(file: Path) -> bytes:
    with file.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
        return stream.read()


def test_a_backup_holds_what_was_handed_over_and_who_left(play: Play, tmp_path: Path) -> None:
    pdf = handing.place(play.folder, "cd" * 32)
    pdf.parent.mkdir(exist_ok=True)
    pdf.write_bytes(b"%PDF handed over")
    own = play.signed("Cy Doe")
    play.signers.withdraw(play.keys[own])
    with tarfile.open(fileobj=io.BytesIO(unpacked(backup(play, tmp_path / "b.tar.zst")))) as tar:
        names = tar.getnames()
    assert f"letters/{'cd' * 32}.pdf" in names and gone.FILE in names
    assert gone.known(tmp_path / gone.FILE) == {own}


def test_an_older_backup_brings_back_nobody_who_took_their_name_off_since(play: Play, tmp_path: Path) -> None:
    own = signs(play)
    older = backup(play, tmp_path / "older.tar.zst")
    assert any(one in unpacked(older) for one in MARKS), "or this shows nothing"
    play.signers.withdraw(play.keys[own])
    backup(play, tmp_path / "newer.tar.zst")
    kept = safekeeping.restore(older, tmp_path / "again", url="")
    assert any("erased again" in one for one in kept.warnings)
    assert found(tmp_path / "again") == []
    assert (signing.Signers(tmp_path / "again").receipt(own) or {})["state"] == "withdrawn"
    # Nobody else is missing.
    assert signing.Signers(tmp_path / "again").counted(play.slug)["now"]["mail"] == 59


def test_who_left_after_the_newest_backup_is_named_by_the_list_that_was_saved(play: Play, tmp_path: Path) -> None:
    own = play.signed(NAME, mail=MAIL, comment=WORDS)
    (tmp_path / "backups").mkdir()
    older = backup(play, tmp_path / "backups" / "b.tar.zst")
    play.signers.withdraw(play.keys[own])
    assert found(safekeeping.restore(older, tmp_path / "without", url="").file)
    assert found(safekeeping.restore(older, tmp_path / "with", url="", left=play.folder / gone.FILE).file) == []


def test_an_older_backup_brings_back_nobody_whose_day_has_come_since(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    signs(play)
    play.office.close(play.slug, who="ann")
    older = backup(play, tmp_path / "older.tar.zst")
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=181)
    monkeypatch.setattr(forgetting, "_now", lambda: later)
    safekeeping.restore(older, tmp_path / "again", url="")
    assert found(tmp_path / "again") == []
    assert signing.Signers(tmp_path / "again").counted(play.slug)["now"]["mail"] == 60


def test_backups_are_deleted_after_as_many_days_as_readers_are_told(tmp_path: Path) -> None:
    [line] = re.findall(
        r"^ExecStartPost=.*-mtime \+(\d+) -delete$", (DEPLOY / "postme-backup.service").read_text(), re.M
    )
    # find counts whole days and asks for more than so many.
    assert int(line) + 1 == safekeeping.KEPT_FOR.days
    old, new = tmp_path / "postme-old.tar.zst", tmp_path / "postme-new.tar.zst"
    for path, days in ((old, safekeeping.KEPT_FOR.days), (new, safekeeping.KEPT_FOR.days - 1)):
        path.touch()
        past = datetime.datetime.now().timestamp() - days * 86_400 - 60
        os.utime(path, (past, past))
    assert os.system(f"find {tmp_path} -name 'postme-*.tar.zst' -mtime +{line} -delete") == 0
    assert not old.exists() and new.exists()


# --- by mistake


def test_what_an_organizer_typed_by_mistake_they_take_back_and_it_is_public_that_they_did(play: Play) -> None:
    number = play.signers.enter(play.slug, {"name": NAME, "shown": "full", "area": AREA}, Kind.PERSON, who="ann")
    assert play.counts()["now"]["paper"] == 1
    play.signers.take_back(play.slug, number, "The same line was typed in twice.", who="ann")
    assert play.counts()["now"]["paper"] == 0
    assert (play.signers.receipt(number) or {})["state"] == "withdrawn"
    [act] = play.signers.set_aside_so_far(play.slug)
    assert (act["what"], act["why"], act["count"]) == (erasing.TAKEN_BACK, "The same line was typed in twice.", 1)
    assert NAME not in str(act)
    assert number in gone.known(play.folder / gone.FILE)
    forgetting.scrubbed(play.folder)
    assert found(play.folder) == []


@pytest.mark.parametrize(("who", "why", "says"), [("ben", "Twice.", "no organizer"), ("ann", " ", "reason is missing"), ("ann", f"{NAME} did not sign", "names who signed")])  # fmt: skip
def test_nobody_else_takes_it_back_nor_without_a_reason_nor_with_a_name_in_it(play: Play, who: str, why: str, says: str) -> None:  # fmt: skip
    number = play.signers.enter(play.slug, {"name": NAME, "shown": "full"}, Kind.PERSON, who="ann")
    with pytest.raises(letter.WrongUse, match=says):
        play.signers.take_back(play.slug, number, why, who=who)
    assert play.counts()["now"]["paper"] == 1


def test_an_organizer_takes_back_no_signature_that_came_by_mail_and_none_of_a_colleague_who_can_do_it(play: Play) -> None:  # fmt: skip
    mailed = play.signed("Cy Doe")
    with pytest.raises(letter.WrongUse, match="no such signature"):
        play.signers.take_back(play.slug, mailed, "I do not like it.", who="ann")
    number = play.signers.enter(play.slug, {"name": NAME, "shown": "full"}, Kind.PERSON, who="ann")
    play.office.give(play.coalition, play.second, "dee", organizer=True, who="ann")
    with pytest.raises(letter.WrongUse, match="ann entered this one"):
        play.signers.take_back(play.slug, number, "Twice.", who="dee")
    play.office.take(play.coalition, play.first, "ann", who="dee")
    play.signers.take_back(play.slug, number, "Twice.", who="dee")
    assert play.counts()["now"]["paper"] == 0 and play.counts()["now"]["mail"] == 1


# --- what was handed over


def test_who_left_before_the_names_were_read_does_not_close_the_file_and_who_left_after_does(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from postme.office import lettersheet

    named: list[str] = []

    def drawn(_one: object, _counts: object, _own: object, people: list[dict[str, str]], **_more: object) -> bytes:
        named[:] = [one["name"] for one in people]
        return b"%PDF " + "\n".join(named).encode()

    monkeypatch.setattr(lettersheet, "pdf", drawn)
    early, late = play.signed("Early Doe"), play.signed("Late Doe")
    play.signers.withdraw(play.keys[early])
    # The signature was on its way out of the tables for so long; a minute is what a person needs to press the button.
    monkeypatch.setattr(handing, "_ON_ITS_WAY", datetime.timedelta(0))
    today = datetime.datetime.now(datetime.UTC).date()
    handing.Carrier(play.folder, site="http://localhost").deliver(play.slug, [handing.Addressee("Member A")], "by hand", today, who="ann")  # fmt: skip
    assert named == ["Late Doe"]
    sha256 = play.office.rows.one(play.slug).deliveries[0].pdf
    kept = handing.given(play.folder, play.slug, sha256)
    assert kept is not None and b"Late Doe" in kept.read_bytes()
    play.signers.withdraw(play.keys[late])
    assert handing.given(play.folder, play.slug, sha256) is None
    handing.pruned(play.folder)
    assert not list(kept.parent.glob(f"{sha256}*")), "and nothing of it is left"
