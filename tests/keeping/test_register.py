"""The register: searches, mentions and rulings in a real SQLite file; what a person ruled is kept for good."""

from __future__ import annotations

import datetime
import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import smalltown

from postme.errors import KeepingError
from postme.keeping.store.register import Register, note_again

NOON = datetime.datetime(2025, 3, 4, 12, 0, tzinfo=datetime.UTC)
SHA, OTHER = "a1" * 32, "b2" * 32


def later(minutes: int) -> datetime.datetime:
    return NOON + datetime.timedelta(minutes=minutes)


def record(sha256: str = SHA, **more: Any) -> dict[str, Any]:
    return {
        "sha256": sha256, "name": "minutes.txt", "media_type": "text/plain", "title": None, "date": "2025-03-04", "body": None,
        "pages": 3, "unreadable": [[2, "a picture"]], "reader": "text", "notes": [], "scanner": "v1 r1", **more,
    }  # fmt: skip


def mention(id_: str = "m1", sha256: str = SHA, **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "sha256": sha256, "path": "minutes.txt", "page": 1, "start": 4, "end": 10, "quote": "drones", "context": "The drones flew.",
        "technologies": ["drone"], "certainty": "sure", "act": "use", "amount": 5.5, "vendor": None, "date": None, **more,
    }  # fmt: skip


@pytest.fixture
def register(tmp_path: Path) -> Register:
    own = Register(tmp_path / "data")
    own.note_findings([record()], [mention()], "v1")
    return own


def rows(register: Register, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(register.file) as store:
        return store.execute(query).fetchall()


# --- mentions --------------------------------------------------------------------------------------------------------


def test_a_mention_comes_back_as_it_was_found(register: Register) -> None:
    [found] = register.mentions()
    assert (found.id, found.sha256, found.page, found.start, found.end) == ("m1", SHA, 1, 4, 10)
    assert (found.quote, found.technologies, found.certainty) == ("drones", ("drone",), "sure")
    assert found.facts["context"] == "The drones flew."
    assert (found.facts["amount"], found.facts["vendor"]) == (5.5, None)
    assert (found.ruling, found.why) == (None, "")


def test_a_mention_found_again_stays_as_it_was_first_found(register: Register) -> None:
    register.note_findings([record()], [mention(context="other words", certainty="likely")], "v2")
    [found] = register.mentions()
    assert (found.facts["context"], found.certainty) == ("The drones flew.", "sure")


def test_a_record_read_anew_is_renewed_and_keeps_its_mentions_and_rulings(register: Register) -> None:
    register.rule("m1", "yes", why="", who="A", at=NOON)
    register.note_findings([record(title="Minutes", scanner="v2 r1")], [], "v2")
    assert rows(register, "SELECT title, scanner FROM store_storedrecord") == [("Minutes", "v2 r1")]
    assert [found.ruling for found in register.mentions()] == ["yes"]


def test_mentions_come_by_record_page_and_place_and_for_the_records_asked(register: Register) -> None:
    register.note_findings(
        [record(OTHER, name="agenda.txt")],
        [mention("m4", page=2, start=1), mention("m3", start=9), mention("m2", OTHER, page=7)], "v1",
    )  # fmt: skip
    assert [found.id for found in register.mentions()] == ["m2", "m1", "m3", "m4"]
    assert [found.id for found in register.mentions([OTHER])] == ["m2"]
    assert register.mentions([]) == []


def test_a_mention_of_a_record_that_is_not_there_is_not_kept(register: Register) -> None:
    with pytest.raises(KeepingError, match="Nothing of this step was kept"):
        register.note_findings([record("cc" * 32)], [mention("m9", OTHER)], "v1")
    assert [found.id for found in register.mentions()] == ["m1"]
    assert rows(register, "SELECT COUNT(*) FROM store_storedrecord") == [(1,)], "the record of the same step neither"


def test_more_mentions_than_one_statement_holds_are_kept(register: Register) -> None:
    many = [mention(f"n{i:05}", start=i) for i in range(2500)]
    register.note_findings([], many, "v1")
    assert len(register.mentions()) == 2501


def test_names_and_quotes_that_are_no_utf_8_are_kept_as_near_as_can_be(register: Register) -> None:
    register.note_findings([record(OTHER, name="caf\udce9.txt")], [mention("m2", OTHER, quote="dr\ud800nes")], "v1")
    [found] = register.mentions([OTHER])
    assert (found.quote, found.name) == ("dr?nes", "caf?.txt")


def test_which_records_are_noted_by_which_scanner_is_known(register: Register) -> None:
    assert register.noted([SHA, OTHER], "v1 r1") == {SHA}
    assert register.noted([SHA], "v2 r1") == set()
    assert register.noted([], "v1 r1") == set()


# --- rulings ---------------------------------------------------------------------------------------------------------


def test_a_ruling_stands_with_its_reason(register: Register) -> None:
    register.rule("m1", "no", why="a song", who="A. Person", at=NOON)
    assert register.rulings() == {"m1": ("no", "a song")}
    [found] = register.mentions()
    assert (found.ruling, found.why) == ("no", "a song")


def test_the_newest_ruling_counts_and_the_older_stays_beneath(register: Register) -> None:
    for minutes, answer in ((0, "yes"), (5, "unsure"), (9, "no")):
        register.rule("m1", answer, why=answer, who="A", at=later(minutes))
    assert register.rulings() == {"m1": ("no", "no")}
    assert rows(register, "SELECT answer, undone_at FROM store_ruling ORDER BY id") == [
        ("yes", None), ("unsure", None), ("no", None),
    ]  # fmt: skip


def test_of_two_rulings_of_one_moment_the_one_made_last_counts(register: Register) -> None:
    register.rule("m1", "yes", why="", who="A", at=NOON)
    register.rule("m1", "no", why="", who="B", at=NOON)
    assert register.rulings()["m1"][0] == "no"


def test_an_undone_ruling_no_longer_counts_and_keeps_its_row(register: Register) -> None:
    first = register.rule("m1", "yes", why="one", who="A", at=NOON)
    second = register.rule("m1", "no", why="two", who="A", at=later(1))
    register.undo(second, at=later(2))
    assert register.rulings() == {"m1": ("yes", "one")}
    register.undo(first, at=later(3))
    assert register.rulings() == {}
    kept = rows(register, "SELECT answer, who, undone_at IS NOT NULL FROM store_ruling ORDER BY id")
    assert kept == [("yes", "A", 1), ("no", "A", 1)]


def test_a_ruling_is_undone_once_and_keeps_the_moment(register: Register) -> None:
    number = register.rule("m1", "yes", why="", who="A", at=NOON)
    register.undo(number, at=later(1))
    register.undo(number, at=later(99))
    [(moment,)] = rows(register, "SELECT undone_at FROM store_ruling")
    assert moment.startswith("2025-03-04 12:01")


def test_what_was_undone_can_be_ruled_again(register: Register) -> None:
    register.undo(register.rule("m1", "yes", why="", who="A", at=NOON), at=later(1))
    register.rule("m1", "unsure", why="hm", who="B", at=later(2))
    assert register.rulings() == {"m1": ("unsure", "hm")}
    assert rows(register, "SELECT COUNT(*) FROM store_ruling") == [(2,)]


def test_a_ruling_on_what_was_never_found_is_refused_in_words(register: Register) -> None:
    with pytest.raises(KeepingError, match="There is no mention m9"):
        register.rule("m9", "yes", why="", who="A", at=NOON)
    assert register.rulings() == {}


def test_an_answer_that_is_none_of_the_three_is_refused(register: Register) -> None:
    with pytest.raises(ValueError, match="perhaps"):
        register.rule("m1", "perhaps", why="", who="A", at=NOON)
    assert register.rulings() == {}


def test_what_was_ruled_on_cannot_be_deleted_from_under_its_ruling(register: Register) -> None:
    register.rule("m1", "yes", why="", who="A", at=NOON)
    with sqlite3.connect(register.file) as store:
        store.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError):
            store.execute("DELETE FROM store_storedmention")
            store.commit()
        store.rollback()
    assert register.rulings() == {"m1": ("yes", "")}


def test_rulings_are_there_for_the_next_who_opens_the_register(register: Register) -> None:
    register.rule("m1", "yes", why="seen", who="A", at=NOON)
    assert Register(register.file.parent).rulings() == {"m1": ("yes", "seen")}


def test_two_registers_in_one_process_each_keep_to_their_own_file(tmp_path: Path) -> None:
    one, two = Register(tmp_path / "one"), Register(tmp_path / "two")
    one.note_findings([record()], [mention()], "v1")
    two.note_findings([record(OTHER)], [mention("m2", OTHER)], "v1")
    one.rule("m1", "yes", why="", who="A", at=NOON)
    assert ([m.id for m in one.mentions()], one.rulings()) == (["m1"], {"m1": ("yes", "")})
    assert ([m.id for m in two.mentions()], two.rulings()) == (["m2"], {})
    assert rows(one, "SELECT COUNT(*) FROM store_ruling") == [(1,)]


# --- searches --------------------------------------------------------------------------------------------------------

LISTING = [["a.txt", SHA, 3, 1, None], ["b.pdf", None, 0, 0, "b.pdf: It is locked."]]
COUNTS = {"files": 2, "refused": 1, "pages": 3, "unreadable": 1, "mentions": 1}


def searched(**more: Any) -> dict[str, Any]:
    return {
        "started": NOON, "ended": later(1), "place": "us/mn/minneapolis", "paths": ["records"], "catalogue": "v1", "reader": "r1",
        "listing": LISTING, "counts": COUNTS, **more,
    }  # fmt: skip


def test_a_search_comes_back_with_every_file_and_what_became_of_it(register: Register) -> None:
    number = register.note_search(**searched())
    [search] = register.searches()
    assert (search["number"], search["started"], search["ended"], search["place"]) == (
        number,
        NOON,
        later(1),
        "us/mn/minneapolis",
    )
    assert search["listing"] == LISTING
    assert {key: search[key] for key in COUNTS} == COUNTS
    assert (search["paths"], search["catalogue"], search["reader"]) == (["records"], "v1", "r1")


def test_searches_come_newest_first_and_none_takes_anothers_place(register: Register) -> None:
    numbers = [register.note_search(**searched(listing=[*LISTING, [str(i), None, 0, 0, None]])) for i in range(3)]
    assert [search["number"] for search in register.searches()] == numbers[::-1]


def test_a_listing_that_is_the_same_is_kept_once(register: Register) -> None:
    for place in (None, "us/mn"):
        register.note_search(**searched(place=place))
    assert rows(register, "SELECT COUNT(*) FROM store_listing") == [(1,)]
    assert [(search["place"], search["listing"]) for search in register.searches()] == [
        ("us/mn", LISTING),
        (None, LISTING),
    ]


AGAIN = """
import datetime, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_register import searched
from postme.keeping.store.register import note_again
print(note_again(Path(sys.argv[1]), **searched()), note_again(Path(sys.argv[1]), **searched(catalogue="v2")))
"""


def test_a_search_that_found_just_the_same_is_noted_without_django_as_it_would_be_with_it(register: Register) -> None:
    register.note_search(**searched())
    command = [sys.executable, "-c", AGAIN, register.file.parent, Path(__file__).parent, Path(__file__).parents[1]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "2 None\n", done.stderr
    again, first = register.searches()
    assert {**again, "number": 1} == first


def test_a_search_is_not_noted_as_the_same_where_there_was_none(tmp_path: Path) -> None:
    assert note_again(tmp_path, **searched()) is None
    assert list(tmp_path.iterdir()) == []


# --- what disks and others do ----------------------------------------------------------------------------------------


def test_a_new_register_can_be_made_by_many_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(6)
    makers = [context.Process(target=made, args=(tmp_path / "data", start, f"m{i}")) for i in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0] * 6
    assert sorted(m.id for m in Register(tmp_path / "data").mentions()) == [f"m{i}" for i in range(6)]


def made(folder: Path, start: Barrier, id_: str) -> None:
    start.wait()
    Register(folder).note_findings([record()], [mention(id_)], "v1")


def test_a_damaged_store_is_an_error_in_words_and_is_left_as_it_is(tmp_path: Path) -> None:
    damaged = b"no database, and long enough to be looked at as one" * 40
    (tmp_path / "postme.sqlite3").write_bytes(damaged)
    with pytest.raises(
        KeepingError, match=r"postme\.sqlite3: The store of rulings is damaged .*Restore that file from a copy"
    ):
        Register(tmp_path)
    assert (tmp_path / "postme.sqlite3").read_bytes() == damaged


def test_a_data_folder_that_is_a_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(KeepingError, match=r"data: The data folder could not be used .*--data DIR"):
        Register(tmp_path / "data")


def test_a_full_disk_is_an_error_in_words_and_rulings_are_untouched(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)], capture_output=True, check=False
    )  # fmt: skip
    if not mounted or mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        own = Register(place)
        own.note_findings([record()], [mention()], "v1")
        own.rule("m1", "yes", why="", who="A", at=NOON)
        with pytest.raises(KeepingError, match="The disk is full") as raised:
            own.note_findings([], [mention(f"n{i}", context="x" * 5000) for i in range(2000)], "v1")
        assert "what was kept before is untouched" in raised.value.why
        assert own.rulings() == {"m1": ("yes", "")}
        assert [m.id for m in own.mentions()] == ["m1"]
    finally:
        Register(tmp_path / "elsewhere")  # lets go of the file on the small disk
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_folder_that_may_not_be_written_is_an_error_in_words() -> None:
    def attempt() -> str:
        try:
            Register(closed / "data")
        except KeepingError as error:
            return str(error)
        return "it could be written"

    with smalltown.open_folder() as folder:
        closed = folder / "closed"
        closed.mkdir(mode=0o555)
        said = smalltown.without_rights(attempt)
        closed.chmod(0o777)
        assert smalltown.without_rights(attempt) == "it could be written"
    assert "The data folder cannot be written (Permission denied)." in said
