"""Conditions: yes, no and unknown, held to the tables of three-valued logic; what is not known never becomes a yes or a no."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme.condition import Fact, FactIs, Names, Truth, both, either, opposite
from postme.keeping import laws as kept
from postme.rule import conditioned

from . import strategies

WORDS = kept.words()
DAY = date(2021, 3, 1)
TRUTHS = (True, False, None)
facts = st.dictionaries(st.sampled_from(strategies.FACTS), st.booleans())


@dataclass(frozen=True)
class Asked:
    act: str = "use"
    body: str = "police"
    technology: str = "face_recognition"
    purpose: str | None = None
    on: date = DAY
    facts: dict[str, Fact] = field(default_factory=dict)


def put(known: dict[str, bool], **more: Any) -> Asked:
    return Asked(facts={key: Fact(value) for key, value in known.items()}, **more)


# --- the tables ------------------------------------------------------------------------------------------------------

# Source: Kleene, Introduction to Metamathematics (1952), §64: the strong tables.
AND = {(True, True): True, (True, None): None, (None, True): None, (None, None): None}
OR = {(False, False): False, (False, None): None, (None, False): None, (None, None): None}


@pytest.mark.parametrize("pair", list(itertools.product(TRUTHS, TRUTHS)), ids=str)
def test_and_and_or_are_kleene_s(pair: tuple[Truth, Truth]) -> None:
    assert both(pair) is AND.get(pair, False)
    assert either(pair) is OR.get(pair, True)


@given(st.lists(st.sampled_from(TRUTHS)))
def test_all_and_one_of_many_are_each_other_s_opposite(truths: list[Truth]) -> None:
    assert both(truths) is opposite(either(map(opposite, truths)))


@given(strategies.conditions, facts, st.sampled_from(strategies.FACTS), st.booleans())
def test_learning_a_fact_never_turns_a_yes_or_no_around(
    entry: dict[str, Any], known: dict[str, bool], more: str, value: bool
) -> None:
    before = conditioned(entry).ask(put({key: known[key] for key in known if key != more}), WORDS).truth
    after = conditioned(entry).ask(put({**known, more: value}), WORDS).truth
    assert before is None or before is after


@given(strategies.conditions, facts)
def test_an_unknown_answer_names_what_would_settle_it_and_a_known_one_names_nothing(
    entry: dict[str, Any], known: dict[str, bool]
) -> None:
    found = conditioned(entry).ask(put(known), WORDS)
    assert bool(list(found.open_facts())) is (found.truth is None)
    assert not set(found.open_facts()) & set(known)


@given(strategies.conditions, facts)
def test_not_turns_the_answer_around_and_twice_back(entry: dict[str, Any], known: dict[str, bool]) -> None:
    plain, turned, twice = (
        conditioned(one).ask(put(known), WORDS).truth for one in (entry, {"not": entry}, {"not": {"not": entry}})
    )
    assert turned is opposite(plain) and twice is plain


# --- facts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "value", "truth"),
    [
        ({"fact": "warrant"}, True, True),
        ({"fact": "warrant"}, False, False),
        ({"fact": "warrant", "is": False}, False, True),
        ({"fact": "warrant", "is": False}, True, False),
        ({"fact": "warrant"}, "unknown", None),
        ({"fact": "warrant", "is": False}, "perhaps", None),
        ({"fact": "warrant"}, 1.0, None),
        ({"fact": "warrant", "is": False}, 0.0, None),
        ({"fact": "rate", "is": 3}, 3.0, True),
        ({"fact": "rate", "is": 3}, 4.0, False),
        ({"fact": "rate", "is": 1}, True, None),
        ({"fact": "vote", "is": "ordinance"}, "ordinance", True),
        ({"fact": "vote", "is": "ordinance"}, "resolution", False),
        ({"fact": "vote", "is": "ordinance"}, True, None),
        ({"fact": "rate", "at_least": 0.98}, 0.98, True),
        ({"fact": "rate", "at_least": 0.98}, 0.97, False),
        ({"fact": "rate", "at_most": 2}, 2.0, True),
        ({"fact": "rate", "at_most": 2}, 3.0, False),
        ({"fact": "rate", "at_least": 1, "at_most": 2}, 1.5, True),
        ({"fact": "rate", "at_least": 1, "at_most": 2}, 0.5, False),
        ({"fact": "rate", "at_least": 1}, True, None),
        ({"fact": "rate", "at_least": 1}, "high", None),
        ({"fact": "rate", "at_least": 1}, float("nan"), None),
    ],
)
def test_a_fact_answers_what_is_asked_of_it_and_another_kind_of_value_answers_nothing(
    entry: dict[str, Any], value: Any, truth: Truth
) -> None:
    assert conditioned(entry).ask(Asked(facts={entry["fact"]: Fact(value)}), WORDS).truth is truth
    assert conditioned(entry).ask(Asked(), WORDS).truth is None


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("later", [1, 400])
def test_a_fact_of_a_later_day_shows_nothing_of_this_one(value: bool, later: int) -> None:
    after = {"warrant": Fact(value, DAY + timedelta(later))}
    same = {"warrant": Fact(value, DAY)}
    assert FactIs("warrant").ask(Asked(facts=after), WORDS).truth is None
    assert FactIs("warrant").ask(Asked(facts=same), WORDS).truth is value


def test_the_evidence_of_a_fact_comes_with_its_answer() -> None:
    found = FactIs("warrant").ask(Asked(facts={"warrant": Fact(value=True, evidence="minutes, page 3")}), WORDS)
    assert (found.evidence, [leaf.fact for leaf in found.leaves()]) == ("minutes, page 3", ["warrant"])


# --- the question itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "asked", "truth"),
    [
        ({"purpose": ["emergency"]}, Asked(purpose="emergency"), True),
        ({"purpose": ["emergency"]}, Asked(purpose="parking"), False),
        ({"purpose": ["emergency"]}, Asked(), False),
        ({"act": ["use", "obtain"]}, Asked(), True),
        ({"act": ["obtain"]}, Asked(), False),
        ({"body": ["city"]}, Asked(), True),
        ({"body": ["law_enforcement"]}, Asked(), True),
        ({"body": ["sheriff"]}, Asked(), False),
        ({"body": ["police"]}, Asked(body="city"), False),
        ({"body": ["police"]}, Asked(body="minneapolis_police_department"), True),
        ({"body": ["minneapolis_police_department"]}, Asked(), False),
        ({"technology": ["face_recognition"]}, Asked(technology="face_recognition/real_time"), True),
        ({"technology": ["face_recognition/real_time"]}, Asked(), None),
        ({"technology": ["face_recognition/real_time"]}, Asked(technology="face_recognition/forensic"), False),
        ({"technology": ["drone"]}, Asked(), False),
        ({"technology": ["surveillance"]}, Asked(), True),
        ({"technology": ["military"]}, Asked(), False),
        ({"unseen": "the second sentence"}, Asked(), None),
    ],
)
def test_the_question_answers_for_itself(entry: dict[str, Any], asked: Asked, truth: Truth) -> None:
    assert conditioned(entry).ask(asked, WORDS).truth is truth


def test_what_was_not_read_is_named_as_what_would_settle_it() -> None:
    found = conditioned({"all": [{"unseen": "the second sentence"}, {"fact": "warrant"}]}).ask(Asked(), WORDS)
    assert list(found.open_facts()) == ["text not seen: the second sentence", "warrant"]


def test_every_name_in_a_condition_is_found_however_deep() -> None:
    deep = {"any": [{"not": {"all": [{"fact": "warrant"}, {"purpose": ["parking"]}]}}, {"act": ["use"]}, {"body": ["city"]}, {"technology": ["drone"]}]}  # fmt: skip
    found = Names.of(conditioned(deep))
    assert (found.facts, found.purposes, found.acts, found.bodies, found.technologies) == ({"warrant"}, {"parking"}, {"use"}, {"city"}, {"drone"})  # fmt: skip
    assert Names.of(conditioned({"unseen": "words"})) == Names()
