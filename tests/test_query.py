"""Questions as people type them: folded like texts are, never an error, and found where a plain reading finds them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from postme import query
from postme.query import BARRIER, Part, finds, folded, marks, parsed, spelled, written

FOUND = [
    ("license plate readers", "Two license-plate readers were bought.", True),
    ('"license plate readers"', "A license plate reader", True),
    ('"license plate readers"', "readers of the plate on a license", False),
    ("license plate readers", "readers of the plate on a license", True),
    ("drones OR robots", "The robot came back.", True),
    ("drones OR robots", "A robotics fair.", False),
    ("drone -toy", "Toy drones are sold.", False),
    ("drone -toy", "Drones are flown.", True),
    ('camera -"body worn"', "Body-worn cameras", False),
    ('camera -"body worn"', "A camera that is worn on a body", True),
    ("surveil*", "Surveillance", True),
    ("surveil", "Surveillance", False),
    ("policies", "The policy", True),
    ("polici*", "The policy", True),
    ("churche*", "a church", True),
    ("buse*", "two buses", True),
    ("Saint Paul", "St. Paul, Minn.", True),
    ("sheriffs office", "The Sheriff’s Office", True),
    ("sheriff's office", "The Sheriffs Office", True),
    ("cafe", "Café", True),
    ("surveillance", "sur-\nveillance by drone", True),
    ("news", "a new car", False),
    ("a.l.p.r", "the A L P R policy", True),
    ("1033", "the 1033 program", True),
    ("103", "the 1033 program", False),
]


@pytest.mark.parametrize(("said", "text", "there"), FOUND)
def test_a_question_finds_a_text_or_not(said: str, text: str, there: bool) -> None:
    assert finds(parsed(said), folded(text)) is there
    assert bool(marks(parsed(said), text)) is there or "-" in said


NOTHING = [
    "",
    " ",
    '"',
    '""',
    "***",
    "-",
    "--",
    "-drone",
    "or",
    "OR or",
    "\0",
    "()",
    '-"a b"',
    "ﷺ",
    "警察",
    "':;|&!<->",
]


@pytest.mark.parametrize("said", NOTHING)
def test_there_is_nothing_to_look_for_in(said: str) -> None:
    assert parsed(said).empty


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('"drone', ("drone",)),
        ("NEAR(drone camera, 5)", ("near", "drone", "camera", "5")),
        ("title:drone^2", ("title", "drone", "2")),
        ("'; DROP TABLE store_findable; --", ("drop", "table", "store", "findable")),
        ("drone AND camera", ("drone", "and", "camera")),
        ("\0drone\ud800", ("drone",)),
        ("<b>drone</b>", ("b", "drone")),
    ],
)
def test_what_a_database_would_understand_is_only_words_here(said: str, words: tuple[str, ...]) -> None:
    assert parsed(said).words == words


def test_what_is_too_long_is_cut_and_said_so() -> None:
    assert parsed("camera " * 5_000).cut
    assert len(parsed(" ".join(f"word{i}" for i in range(300))).words) <= query.MOST_WORDS
    assert len(parsed("x" * 10_000).words[0]) == 64
    assert not parsed("license plate readers").cut


def test_no_phrase_runs_from_one_text_into_the_next() -> None:
    both = folded("body", "worn camera")
    assert not finds(parsed('"body worn"'), both)
    assert finds(parsed("body worn"), both)
    assert parsed(BARRIER).empty


def test_marks_stand_on_the_words_in_the_text() -> None:
    text = "The Sheriff’s drones, and a drone’s camera."
    assert [text[a:b] for a, b in marks(parsed("drone"), text)] == ["drones", "drone"]
    assert [text[a:b] for a, b in marks(parsed('"drones camera"'), text)] == ["drone’s camera"]
    broken = "more sur-\nveillance here"
    assert [broken[a:b] for a, b in marks(parsed("surveillance"), broken)] == ["sur-\nveillance"]


WILD = st.text(alphabet=st.sampled_from("aebsSixyzhc19 -\n'’\"*_.éßﬁŁд警\0\xad‐orOR"), max_size=60)


@given(st.text() | WILD)
@example("a\u0345b")
@example("İ")
@example("s's s’S")
@example("ab-\ncd's")
def test_a_text_folds_to_words_that_databases_split_alike(text: str) -> None:
    whole = folded(text)
    assert re.fullmatch(r"[a-z0-9_]*( [a-z0-9_]+)*", whole)
    assert whole == " ".join(one.word for one in spelled(text))
    assert all(len(word) <= 64 for word in whole.split(" "))


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=80))
def test_the_short_way_through_plain_text_folds_the_same(text: str) -> None:
    assert folded(text) == " ".join(one.word for one in spelled(text))


@given(st.text() | WILD)
def test_whatever_is_typed_is_a_question_that_can_be_typed_again(said: str) -> None:
    once = parsed(said)
    again = parsed(written(once))
    assert again.empty == once.empty
    query.begun(once)


@given(st.text(max_size=200) | WILD, WILD)
def test_every_word_of_a_text_finds_it(text: str, other: str) -> None:
    words = [unicodedata.normalize("NFC", word) for word in re.findall(r"[A-Za-z0-9]{2,}", text)]
    for word in words[:5]:
        asked = query.Query(((Part(tuple(one.word for one in spelled(word) if one.word != BARRIER)),),))
        whole = folded(f"{other} {word} {other}")
        assert finds(asked, whole)
