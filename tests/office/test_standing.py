"""How the law stands to a published holding: remembered for places that the laws treat alike, and still each place's own answer."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from postme.because import Question
from postme.keeping import laws, places
from postme.office import counsel, standing
from postme.verdict import permission

_DAY = date(2026, 6, 1)


def _holding(place: str, kind: str, technology: str, law_facts: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"technology": {"id": technology}, "place": {"id": place}, "agency": {"kind": kind}, "law_facts": law_facts or {}}  # fmt: skip


def test_a_remembered_answer_is_the_one_that_the_place_itself_gets() -> None:
    chance = random.Random(7)
    book = laws.book()
    technologies = sorted(book.vocabulary.technologies)
    where = chance.sample(sorted(places.table()), 120) + [law.place.short for law in book.laws.values()]
    chance.shuffle(where)
    for place in where:
        for kind in ("police", "sheriff", "school", "county"):
            technology = chance.choice(technologies[:12])
            asked = [Question(place, kind, act, technology, _DAY) for act in ("obtain", "use")]
            said = standing.of_holding(_holding(place, kind, technology), _DAY)
            assert said["permissions"] == [permission(one, book).printed(one) for one in asked], (
                place,
                kind,
                technology,
            )
            assert said["duties"] == [one.printed() for one in counsel.due(asked[1])], (place, kind, technology)


def test_facts_known_of_one_holding_answer_no_other() -> None:
    shown = {"council_approved": {"value": True, "on": "2021-05-01", "says": "It was approved.", "evidence": "e"}}
    first = standing.of_holding(_holding("us/ca/oakland", "police", "alpr", shown), _DAY)
    other = standing.of_holding(_holding("us/ca/oakland", "police", "alpr"), _DAY)
    assert first["permissions"][1]["question"]["facts"]
    assert not other["permissions"][1]["question"]["facts"]
    assert first["permissions"] != other["permissions"]
