"""Permissions: held to a second evaluator on random laws, and to what must be true of any answer."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from postme.because import Answer, Question
from postme.condition import Fact
from postme.keeping import laws as kept
from postme.law import built
from postme.verdict import Lawbook, permission

from . import oracle, strategies

WORDS = kept.words()
OFTEN = settings(max_examples=2 * settings().max_examples, deadline=None)


def book(documents: list[dict[str, Any]]) -> Lawbook:
    return Lawbook([built(document) for document in documents], WORDS)


def put(question: dict[str, Any]) -> Question:
    return Question(**{**question, "facts": {key: Fact(value) for key, value in question["facts"].items()}})


@OFTEN
@given(strategies.worlds, strategies.questions)
def test_the_answer_is_that_of_an_independent_evaluator(
    documents: list[dict[str, Any]], question: dict[str, Any]
) -> None:
    assert permission(put(question), book(documents)).answer.value == oracle.answer(documents, question)


@OFTEN
@given(strategies.worlds, strategies.questions, st.randoms())
def test_the_order_of_laws_clauses_and_facts_does_not_matter(
    documents: list[dict[str, Any]], question: dict[str, Any], chance: Any
) -> None:
    before = permission(put(question), book(documents))
    mixed = [
        {**document, "provisions": chance.sample(document["provisions"], len(document["provisions"]))}
        for document in documents
    ]
    chance.shuffle(mixed)
    items = list(question["facts"].items())
    chance.shuffle(items)
    after = permission(put({**question, "facts": dict(items)}), book(mixed))
    assert (before.answer, before.sure, set(before.unknown_facts)) == (
        after.answer,
        after.sure,
        set(after.unknown_facts),
    )


@OFTEN
# An approval counts until it is shown that it was taken back, or that one of its steps is missing: these may take a permission away.
@given(
    strategies.worlds,
    strategies.questions,
    st.sampled_from([fact for fact in strategies.FACTS if fact not in ("hearing_held", "disapproved")]),
)
def test_without_a_fact_nothing_becomes_allowed_that_was_not(
    documents: list[dict[str, Any]], question: dict[str, Any], gone: str
) -> None:
    known = permission(put(question), book(documents)).answer
    less = {**question, "facts": {key: value for key, value in question["facts"].items() if key != gone}}
    if known not in (Answer.ALLOWED, Answer.NO_LAW_FOUND, Answer.ALLOWED_IF):
        assert permission(put(less), book(documents)).answer is not Answer.ALLOWED


@OFTEN
@given(strategies.worlds, strategies.questions)
def test_a_law_that_is_not_in_force_decides_nothing(documents: list[dict[str, Any]], question: dict[str, Any]) -> None:
    standing = [document for document in documents if built(document).stands(question["on"]) is not False]
    assert permission(put(question), book(documents)).answer is permission(put(question), book(standing)).answer


@OFTEN
@given(strategies.worlds, strategies.questions)
def test_an_answer_gives_reasons_and_says_what_is_missing(
    documents: list[dict[str, Any]], question: dict[str, Any]
) -> None:
    found = permission(put(question), book(documents))
    if found.answer is Answer.NO_LAW_FOUND:
        assert found.sure is None
        return
    assert found.because[0].outcome == found.answer.value
    assert found.sure is not None
    if found.answer in (Answer.UNKNOWN, Answer.ALLOWED_IF):
        assert found.unknown_facts
    for node in found.because[0].parts:
        assert node.address.startswith(f"{found.because[0].address}#")


@OFTEN
@given(strategies.worlds, strategies.questions)
def test_a_question_of_many_is_answered_as_one_alone(documents: list[dict[str, Any]], question: dict[str, Any]) -> None:
    own = book(documents)
    [row] = own.answers(
        [(question["place"], question["body"])], [question["technology"]], question["act"], question["on"]
    )
    alone = {**question, "facts": {}, "purpose": None}
    assert row == [permission(put(alone), own).answer]
