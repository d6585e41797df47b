"""Laws side by side: what holds one way holds the other way around, and nothing unread is said to lack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import compare
from postme.because import Answer, Question
from postme.compare import Standing, compared, what_if
from postme.condition import Fact
from postme.keeping import laws as kept
from postme.law import Law, built
from postme.office import counsel
from postme.verdict import Lawbook, permission

from . import strategies

WORDS = kept.words()
EVERY = [*kept.book().laws.values(), *counsel.models()]
TURNED = {
    Standing.STRONGER: Standing.WEAKER, Standing.WEAKER: Standing.STRONGER, Standing.LACKS: Standing.ADDS, Standing.ADDS: Standing.LACKS,
    Standing.SAME: Standing.SAME, Standing.DIFFERENT: Standing.DIFFERENT, Standing.NOT_KNOWN: Standing.NOT_KNOWN,
}  # fmt: skip


def law(*provisions: dict[str, Any], seen: bool = True, **more: Any) -> Law:
    entries = [
        {"id": f"p{i}", "says": f"Clause {i}.", "source": ["text"], **one}
        for i, one in enumerate(provisions or ({"topic": "purpose"},))
    ]
    return built({
        "id": "us-xx-anytown", "name": "Anytown's law", "place": "us/xx/anytown", "subject": "drone", "instrument": "ordinance",
        "what": "A law.", "text_seen": seen, "sure": "text", "read": {"who": "nobody", "on": date(2026, 1, 1), "lawyer": None},
        "adopted": {"on": date(2019, 12, 31), "source": ["text"]}, "binds": ["city"], "technologies": ["face_recognition"],
        "provisions": entries, "sources": {"text": {"at": "the text", "text": True}}, "cases": [], **more,
    })  # fmt: skip


def ban(*acts: str, topic: str = "prohibited_acts", **more: Any) -> dict[str, Any]:
    return {"topic": topic, "prohibit": {"acts": list(acts), **more}}


def excepted(*purposes: str) -> dict[str, Any]:
    return {"topic": "exceptions", "except": {"of": ["p0"], "if": {"purpose": list(purposes)}}}


def notice(topic: str = "notice", **clock: Any) -> dict[str, Any]:
    rule = {"what": "tell the public", "met_by": "notice_given", "clock": {"before": "hearing_held", **clock}}
    return {"topic": topic, "duty": rule}


HIDDEN = {"topic": "prohibited_acts", "hidden": {"what": "the list of acts"}}


def standing(first: Law, second: Law, topic: str = "prohibited_acts") -> Standing:
    [row] = [row for row in compared(first, second) if row.topic == topic]
    return row.standing


# --- one topic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "topic", "expected"),
    [
        (law(ban("use")), law(ban("use")), "prohibited_acts", Standing.SAME),
        (law(ban("use")), law(ban("use", "obtain")), "prohibited_acts", Standing.STRONGER),
        (law(ban("use")), law(ban("obtain")), "prohibited_acts", Standing.DIFFERENT),
        (law(ban("use")), law(), "prohibited_acts", Standing.LACKS),
        (law(ban("use")), law(seen=False), "prohibited_acts", Standing.NOT_KNOWN),
        (law(ban("use")), law(HIDDEN), "prohibited_acts", Standing.NOT_KNOWN),
        (law(HIDDEN), law(HIDDEN), "prohibited_acts", Standing.NOT_KNOWN),
        # More exceptions leave more room.
        (law(ban("use"), excepted("parking")), law(ban("use"), excepted("parking", "training")), "exceptions", Standing.WEAKER),
        (law(ban("use"), excepted("parking")), law(ban("use")), "exceptions", Standing.LACKS),
        # More notice is stronger; more time to report is weaker.
        (law(notice(days=30)), law(notice(days=45)), "notice", Standing.STRONGER),
        (law(notice("annual_report", days=30)), law(notice("annual_report", days=45)), "annual_report", Standing.WEAKER),
        (law(notice(days=30)), law(notice(months=1)), "notice", Standing.SAME),
        (law(notice(years=1)), law(notice(months=12)), "notice", Standing.SAME),
        # Whom a law binds stands in the law itself, whether or not a clause says so.
        (law({"topic": "who_is_bound"}), law(), "who_is_bound", Standing.SAME),
        (law({"topic": "who_is_bound"}), law(binds=["city", "county"]), "who_is_bound", Standing.STRONGER),
    ],
)  # fmt: skip
def test_a_law_stands_to_another_in_a_topic_and_the_other_to_it_the_other_way_around(
    first: Law, second: Law, topic: str, expected: Standing
) -> None:
    assert standing(first, second, topic) is expected
    assert standing(second, first, topic) is TURNED[expected]


def test_a_topic_that_neither_law_has_is_left_out_and_one_that_either_has_is_not() -> None:
    assert [row.topic for row in compared(law(ban("use")), law(notice(days=3)))] == ["prohibited_acts", "notice"]


def test_what_did_not_stand_on_the_day_is_left_out() -> None:
    later = law(ban("use"), {**ban("obtain"), "from": date(2022, 1, 1)})
    [row] = compared(law(ban("use")), later, date(2021, 12, 31))
    assert row.standing is Standing.SAME
    [row] = compared(law(ban("use")), later, date(2022, 1, 1))
    assert row.standing is Standing.STRONGER


def test_a_comparison_with_an_unread_law_says_so_and_one_of_read_laws_does_not() -> None:
    [row] = compared(law(ban("use")), law(ban("use", "obtain"), seen=False))
    assert "as far as seen: the text of Anytown's law was not read" in row.why
    [row] = compared(law(ban("use")), law(ban("use", "obtain")))
    assert "as far as seen" not in row.why


# --- all laws --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", EVERY, ids=lambda one: one.id)
def test_stronger_one_way_is_weaker_the_other(first: Law) -> None:
    for second in EVERY:
        one = [(row.topic, row.standing) for row in compared(first, second)]
        other = [(row.topic, TURNED[row.standing]) for row in compared(second, first)]
        assert one == other, second.id


@pytest.mark.parametrize("unread", [one for one in EVERY if not one.text_seen], ids=lambda one: one.id)
def test_no_law_whose_text_was_not_read_is_said_to_lack_anything(unread: Law) -> None:
    for other in EVERY:
        assert Standing.LACKS not in {row.standing for row in compared(other, unread)}
        assert Standing.ADDS not in {row.standing for row in compared(unread, other)}


def test_a_law_whose_text_was_read_in_full_can_lack_something() -> None:
    read = [replace(one, text_seen=True, unseen=()) for one in EVERY]
    found = {row.standing for one in read for other in EVERY for row in compared(other, one)}
    assert Standing.LACKS in found


@pytest.mark.parametrize("partly", [one for one in EVERY if one.unseen], ids=lambda one: one.id)
def test_a_law_of_which_a_part_was_not_read_lacks_nothing_either(partly: Law) -> None:
    for other in EVERY:
        assert Standing.LACKS not in {row.standing for row in compared(other, partly)}


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_a_law_has_everything_that_it_has_itself(one: Law) -> None:
    assert {row.standing for row in compared(one, one)} <= {Standing.SAME, Standing.NOT_KNOWN}


@given(strategies.laws(), strategies.laws())
def test_random_laws_stand_to_each_other_both_ways(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = built(one), built({**other, "text_seen": False})
    there, back = compared(first, second), compared(second, first)
    assert [TURNED[row.standing] for row in there] == [row.standing for row in back]
    assert Standing.LACKS not in {row.standing for row in there}


# --- what if ---------------------------------------------------------------------------------------------------------

TECHNOLOGIES = [*strategies.TECHNOLOGIES, "alpr"]


def all_questions(on: date, facts: dict[str, Fact]) -> list[Question]:
    return [
        Question("us/xx/anytown", body, act, technology, on, purpose, facts)
        for body in WORDS.bodies
        for act in WORDS.acts
        for technology in TECHNOLOGIES
        for purpose in (None, *strategies.PURPOSES)
    ]


def books(before: Law, after: Law, *others: Law) -> tuple[Lawbook, Lawbook]:
    return Lawbook([before, *others], WORDS), Lawbook([after, *others], WORDS)


def key(question: Question) -> tuple[str, str, str, str | None]:
    return question.body, question.act, question.technology, question.purpose


def changed_by_hand(one: Lawbook, two: Lawbook, on: date, facts: dict[str, Fact]) -> dict[Any, tuple[Answer, Answer]]:
    answers = {
        key(asked): (permission(asked, one).answer, permission(asked, two).answer) for asked in all_questions(on, facts)
    }
    return {asked: pair for asked, pair in answers.items() if pair[0] is not pair[1]}


def within(changes: tuple[compare.Change, ...], named: set[str | None]) -> dict[Any, tuple[Answer, Answer]]:
    return {
        key(one.question): (one.before, one.after)
        for one in changes
        if one.question.technology in TECHNOLOGIES and one.question.purpose in named
    }


BAN = law(ban("use"), excepted("emergency"))


@pytest.mark.parametrize(
    ("after", "others"),
    [
        (BAN, ()),
        (law(ban("use", "obtain"), excepted("emergency")), ()),
        (law(ban("use"), excepted("emergency", "device_unlock")), ()),
        (law(ban("use"), excepted("emergency"), ends=date(2020, 1, 1)), ()),
        (law(ban("use", technologies=["face_recognition/one_to_many_search"])), ()),  # at large it becomes unknown
        (law(ban("use", bodies=["sheriff", "city"])), ()),  # a body that neither law binds
        (law({"topic": "approval", "approve": {"acts": ["use"], "by": "council", "proof": {"purpose": ["device_unlock"]}}}), ()),
        # Another law here hides the change but for one purpose.
        (law(ban("obtain")), (law(ban("use"), excepted("device_unlock"), id="us-xx", place="us/xx"),)),
    ],
)  # fmt: skip
def test_what_if_finds_exactly_the_questions_whose_answer_differs(after: Law, others: tuple[Law, ...]) -> None:
    on = date(2021, 3, 1)
    one, two = books(BAN, after, *others)
    by_hand = changed_by_hand(one, two, on, {})
    changes = what_if(one, two, BAN.id, on)
    asked_about = {change.question.purpose for change in changes}
    # A purpose that no law here names is answered as no purpose at all, and so is not asked apart.
    assert within(changes, asked_about) == {asked: pair for asked, pair in by_hand.items() if asked[3] in asked_about}
    left = {asked for asked in by_hand if asked[3] not in asked_about}
    assert all((*asked[:3], None) in by_hand for asked in left)
    assert bool(changes) is (after is not BAN)


@settings(max_examples=12)  # each example asks some thousands of questions
@given(strategies.laws(), strategies.laws(), st.sampled_from(strategies.DAYS), strategies.facts)
def test_what_if_of_random_laws_tells_every_change_truly(
    one: dict[str, Any], other: dict[str, Any], on: date, known: dict[str, bool]
) -> None:
    facts = {name: Fact(value) for name, value in known.items()}
    first, second = ({**document, "id": "own", "place": "us/xx/anytown"} for document in (one, other))
    before, after = books(built(first), built(second))
    changes = what_if(before, after, "own", on, facts)
    told = {key(change.question) for change in changes}
    assert len(told) == len(changes)
    for change in changes:
        assert permission(change.question, before).answer is change.before is not change.after
        assert permission(change.question, after).answer is change.after
    for body in ("police", "city", "sheriff", "contractor"):
        for act in strategies.ACTS:
            for technology in strategies.TECHNOLOGIES:
                asked = Question("us/xx/anytown", body, act, technology, on, None, facts)
                same = permission(asked, before).answer is permission(asked, after).answer
                assert same is (key(asked) not in told)


def test_a_law_that_is_new_is_asked_about_as_well() -> None:
    changes = what_if(Lawbook([], WORDS), Lawbook([BAN], WORDS), BAN.id, date(2021, 3, 1))
    assert {(change.before, change.after) for change in changes} == {
        (Answer.NO_LAW_FOUND, Answer.PROHIBITED),
        (Answer.NO_LAW_FOUND, Answer.ALLOWED),
    }
