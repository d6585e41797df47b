"""Many proposals from one table: what each row becomes, what is wrong with it, and how it comes back to be mended."""

from __future__ import annotations

import csv
import io

import pytest

from postme.errors import WrongUse
from postme.office import batches

HEAD = "title,body,kind,technologies,acts\n"
GOOD = "Plate readers,Police Department,police,Automated license plate readers,obtain;use\n"


def read(text: str | bytes, name: str = "a.csv") -> batches.Batch:
    return batches.read(text if isinstance(text, bytes) else text.encode(), name, "Mill Falls")


def test_a_row_names_words_by_what_people_read_or_by_their_ids() -> None:
    [one] = read(HEAD + GOOD).good
    assert one.told["technologies"] == ["alpr"]
    assert one.told["acts"] == ["obtain", "use"]
    assert one.slug == "mill-falls-plate-readers"
    [other] = read(HEAD + GOOD.replace("Automated license plate readers", "alpr")).good
    assert other.told["technologies"] == one.told["technologies"]


def test_a_table_with_a_byte_order_mark_and_semicolons_reads_like_any_other() -> None:
    text = 'title;body;kind;technologies;acts\nPlate readers;Police Department;police;"alpr;drone";"obtain;use"\n'
    [one] = read(b"\xef\xbb\xbf" + text.encode()).good
    assert one.told["technologies"] == ["alpr", "drone"]


def test_a_bad_row_says_everything_that_is_wrong_and_the_others_stay_good() -> None:
    batch = read(HEAD + GOOD + ",Police Department,polis,warp drive,obtain\n")
    assert len(batch.good) == 1
    [bad] = batch.bad
    assert bad.line == 3
    said = " | ".join(bad.faults)
    for word in ("title: nothing", "polis", "police", "warp drive"):
        assert word in said


def test_rows_to_mend_come_back_as_a_table_that_is_taken_once_they_are_mended() -> None:
    batch = read(HEAD + GOOD + "Drones,Police Department,polis,drone,use\n")
    back = batches.mended(batch.bad).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(back))
    assert "polis" in row[batches.WRONG]
    again = read(back.replace("polis,drone", "police,drone"))
    assert [one.told["title"] for one in again.good] == ["Drones"]
    assert not again.ignored


def test_the_same_title_twice_or_taken_already_is_told() -> None:
    batch = read(HEAD + GOOD + GOOD)
    assert len(batch.good) == 1
    assert "another title" in batch.bad[0].faults[0]
    taken = batches.read((HEAD + GOOD).encode(), "a.csv", "Mill Falls", {"mill-falls-plate-readers"})
    assert not taken.good


def test_five_hundred_rows_are_read_and_more_than_a_thousand_are_refused_in_words() -> None:
    rows = "".join(GOOD.replace("Plate readers", f"Plate readers {number}") for number in range(500))
    assert len(read(HEAD + rows).good) == 500
    with pytest.raises(WrongUse, match="1001 rows"):
        read(HEAD + "".join(GOOD.replace("Plate", f"Plate {number}") for number in range(1001)))


@pytest.mark.parametrize(("data", "says"), [
    (b"PK\x03\x04 a workbook", "no CSV"), (b"%PDF-1.7", "no CSV"), (b"\0\1\2\3" * 99, "no CSV"), (b"", "no row"), (b"just words\nwithout columns\n", "no column"), (b"title,title\n", "same name"),
])  # fmt: skip
def test_what_is_no_table_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(WrongUse) as told:
        read(data)
    assert says in str(told.value)


def test_a_cell_that_a_spreadsheet_would_run_goes_out_as_text() -> None:
    batch = read(HEAD + "=cmd(),Police,nothing,alpr,use\n")
    assert "'=cmd()" in batches.mended(batch.bad).decode()


def test_the_empty_table_has_every_column_and_is_itself_read() -> None:
    batch = batches.read(batches.template(), "blank.csv", "Mill Falls")
    assert batch.rows == ()
    assert not batch.ignored


def test_products_and_days_that_are_none_are_told() -> None:
    head = "title,body,kind,technologies,acts,products,drafted\n"
    [bad] = read(head + "A,B,police,alpr,use,Camera|Maker|many,soon\n").bad
    assert any("no number" in one for one in bad.faults)
    assert any("no day" in one for one in bad.faults)
    [good] = read(head + "A,B,police,alpr,use,Camera|Maker|3,2026-01-05\n").good
    assert good.told["products"] == [{"technology": "alpr", "name": "Camera", "maker": "Maker", "quantity": 3}]
