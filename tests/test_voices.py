"""Positions, levels, receipts, hashes and floods, as values."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import flood, voices
from postme.errors import WrongUse
from postme.proposal import Deed

GOOD = {"position": "for", "text": "Yes.", "name": "Ann Doe", "shown": "short", "mail": "ann@example.org"}
NINE = st.lists(st.integers(0, 30), min_size=9, max_size=9)


# --- receipts


@given(NINE)
def test_a_receipt_is_read_back_however_it_is_typed(drawn: list[int]) -> None:
    number = voices.receipt(drawn)
    assert voices.received(number.lower().replace("-", " ")) == number
    assert voices.received(number.replace("1", "l")) == number


@given(NINE, st.integers(0, 9), st.integers(1, 30))
def test_one_wrong_sign_is_told(drawn: list[int], place: int, other: int) -> None:
    signs = list(voices.receipt(drawn).replace("-", ""))
    signs[place] = voices.SIGNS[(voices.SIGNS.index(signs[place]) + other) % 31]
    with pytest.raises(WrongUse, match="does not fit"):
        voices.received("".join(signs))


@given(NINE, st.integers(0, 8))
def test_two_signs_that_changed_places_are_told(drawn: list[int], place: int) -> None:
    signs = list(voices.receipt(drawn).replace("-", ""))
    if signs[place] == signs[place + 1]:
        return
    signs[place], signs[place + 1] = signs[place + 1], signs[place]
    with pytest.raises(WrongUse, match="does not fit"):
        voices.received("".join(signs))


@pytest.mark.parametrize("typed", ["", "x", "12345", "12345-6789O", "12345-678944", "'; DROP TABLE", "١٢٣٤٥٦٧٨٩٠"])
def test_what_is_no_receipt_is_told(typed: str) -> None:
    with pytest.raises(WrongUse, match="no receipt number"):
        voices.received(typed)


# --- what is sent


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"position": "maybe"}, "position"), ({"text": " \n"}, "text"), ({"text": "x" * 4001}, "text"), ({"text": "x" * 1_000_000}, "text"), ({"name": ""}, "name"),
        ({"shown": "bold"}, "shown"), ({"mail": ""}, "mail"), ({"mail": "ann@localhost"}, "mail"), ({"part": "nowhere"}, "part"), ({"name": "x" * 121}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_field(typed: dict[str, str], field: str) -> None:
    said, wrong = voices.checked({**GOOD, **typed})
    assert said is None
    assert set(wrong) == {field}
    assert voices.checked(GOOD)[0] is not None


def test_a_comment_that_is_too_long_is_told_its_length() -> None:
    assert "1,000,000" in voices.checked({**GOOD, "text": "x" * 1_000_000})[1]["text"]


@pytest.mark.parametrize(
    "text",
    ["لا نريد كاميرات في شارعنا", "不要摄像头", "हमें कैमरे नहीं चाहिए", "👩‍👩‍👧 for it", "<b>no</b>", "line\r\nbreak"],
)
def test_any_script_is_taken_as_it_is(text: str) -> None:
    said, _ = voices.checked({**GOOD, "text": text})
    assert said is not None
    assert said.text == text.replace("\r\n", "\n")


@given(st.text())
def test_plain_text_can_be_kept_and_hashed_whatever_was_sent(text: str) -> None:
    made = voices.plain(text)
    assert "\0" not in made
    made.encode()
    assert voices.plain(made) == made


def test_signs_that_turn_a_page_around_are_left_out() -> None:
    assert voices.plain("a\u202eb") == "ab"
    assert voices.plain("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Ann@EXAMPLE.org", "Ann@example.org"), ("ann+post@example.org", "ann+post@example.org"), ("ann@müller.example", "ann@xn--mller-kva.example"),
        ("o'hara@example.org", "o'hara@example.org"), ("ann@sub.example.co.uk.", "ann@sub.example.co.uk"),
    ],
)  # fmt: skip
def test_an_address_is_made_plain(typed: str, address: str) -> None:
    assert voices.addressed(typed) == (address, "")


@pytest.mark.parametrize(
    "typed",
    [
        "ann", "@example.org", "ann@", "ann@@example.org", "ann@example", "a b@example.org", "ann@exa mple.org", "ann@example.org\nBcc: x@y.org", ".ann@example.org",
        "ann..b@example.org", "ann@-example.org", "ann@127.0.0.1", "ann@[127.0.0.1]", "<ann@example.org>", "ann@example..org", "x" * 65 + "@example.org", "ann,bob@example.org", "änn@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told(typed: str) -> None:
    assert voices.addressed(typed)[1]


def test_one_mailbox_is_one_voice_and_a_plus_is_another() -> None:
    assert voices.counted_as("Ann@example.org") == voices.counted_as("ann@example.org")
    assert voices.counted_as("ann+1@example.org") != voices.counted_as("ann@example.org")


# --- what is hashed


def test_the_hash_is_that_of_the_bytes_and_turns_on_every_part() -> None:
    told = {"number": "12345-67894", "proposal": "/decisions/x/", "version": 1, "position": "for", "part": "", "text": "Yes.", "name": "A. D.", "level": "mail", "channel": "web", "language": "en", "salt": "ab"}  # fmt: skip
    data = voices.comment_bytes(**told)
    assert voices.digest(data) == hashlib.sha256(data).hexdigest()
    assert {key: value for key, value in json.loads(data).items() if key != "what"} == told
    others = {voices.digest(voices.comment_bytes(**{**told, key: 2 if key == "version" else "other"})) for key in told}
    assert len(others | {voices.digest(data)}) == len(told) + 1


# --- levels and states


def test_levels_stand_apart_and_no_sum_is_there() -> None:
    table = voices.tally([("mail", "for", 3), ("clerk", "for", 1), ("mail", "for", 1)])
    assert table["mail"]["for"] == 4
    assert set(table) == set(voices.LEVELS)


def test_nothing_comes_back_from_withdrawn() -> None:
    for to in voices.State:
        for before in ("withdrawn", "replaced"):
            with pytest.raises(WrongUse):
                voices.moved(before, to)
    assert voices.moved("hidden", voices.State.PUBLISHED) == "published"


# --- when

OPENED = Deed("open_comments", date(2026, 11, 6), until=date(2026, 12, 2))


@pytest.mark.parametrize(
    ("deeds", "day", "state"),
    [
        ((), date(2026, 11, 10), "never"), ((OPENED,), date(2026, 11, 5), "not yet"), ((OPENED,), date(2026, 11, 6), "open"), ((OPENED,), date(2026, 12, 2), "open"),
        ((OPENED,), date(2026, 12, 3), "over"), ((OPENED, Deed("close_comments", date(2026, 11, 20))), date(2026, 11, 21), "over"),
        ((OPENED, Deed("approve", date(2026, 11, 20))), date(2026, 11, 21), "over"),
        ((OPENED, Deed("close_comments", date(2026, 11, 20)), Deed("open_comments", date(2026, 11, 25), until=date(2026, 12, 9))), date(2026, 12, 9), "open"),
    ],
)  # fmt: skip
def test_comments_are_taken_in_their_time(deeds: tuple[Deed, ...], day: date, state: str) -> None:
    assert voices.window(deeds, today=day, still=day).state == state


def test_it_is_the_last_day_while_it_is_that_anywhere_in_the_country() -> None:
    assert voices.window([OPENED], today=date(2026, 12, 3), still=date(2026, 12, 2)).open
    assert not voices.window([OPENED], today=date(2026, 12, 3), still=date(2026, 12, 3)).open


# --- floods

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def came(count: int, *, text: str = "", domain: str = "", every: float = 600) -> list[flood.Came]:
    return [
        flood.Came(f"{text}{domain}{i:04d}", flood.folded(text or f"own words {i}"), domain or f"d{i}", NOON + timedelta(seconds=every * i)) for i in range(count)
    ]  # fmt: skip


def test_the_same_words_are_told_from_five_on() -> None:
    assert flood.floods(came(4, text="No!")) == ()
    [found] = flood.floods(came(5, text="No!"))
    assert (found.criterion, len(found.numbers)) == ("same text", 5)


def test_capitals_and_punctuation_do_not_make_other_words_and_other_words_do() -> None:
    assert flood.folded("No  CAMERAS, please") == flood.folded("no cameras please!")
    assert flood.folded("no camera please") != flood.folded("no cameras please")
    assert flood.folded("कि") != flood.folded("की")


def test_a_hundred_from_one_domain_within_an_hour_are_told_and_over_a_week_are_not() -> None:
    [found] = flood.floods(came(100, domain="one", every=30))
    assert (found.criterion, len(found.numbers)) == ("one mail domain", 100)
    assert flood.floods(came(100, domain="one", every=6000)) == ()


def test_a_burst_is_told() -> None:
    assert [one.criterion for one in flood.floods(came(20, every=2))] == ["burst"]
    assert flood.floods(came(20, every=4)) == ()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 5000)), max_size=60))
def test_each_finding_holds_what_its_criterion_says(drawn: list[tuple[int, int, int]]) -> None:
    every = [
        flood.Came(str(i), f"t{text}", f"d{domain}", NOON + timedelta(seconds=at))
        for i, (text, domain, at) in enumerate(drawn)
    ]
    by = {one.number: one for one in every}
    criteria = {one.id: one for one in flood.CRITERIA}
    for found in flood.floods(every):
        assert len(found.numbers) >= criteria[found.criterion].least
        kinds = {by[number].folded if found.criterion == "same text" else by[number].domain for number in found.numbers}
        assert found.criterion == "burst" or len(kinds) == 1


# --- time


def test_hours_without_a_comment_are_shown_as_none() -> None:
    rows = voices.series([NOON, NOON + timedelta(hours=2, minutes=5)], by="hour")
    assert [row["count"] for row in rows] == [1, 0, 1]
    assert rows[0]["at"] == "2026-11-20T12:00Z"
    assert voices.series([]) == []
