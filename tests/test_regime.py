"""What laws make of a place on a day: told from what clauses do and when, on laws made for each case and on the package's own."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from postme import regime
from postme.because import Answer, Question
from postme.keeping import laws
from postme.law import Law, built
from postme.regime import Kind, Part
from postme.verdict import Lawbook, permission

WORDS = laws.words()
BOOK = laws.book()
BAN = {"id": "ban", "topic": "prohibited_acts", "says": "x", "prohibit": {"acts": ["obtain", "use"]}}
GATE = {"id": "gate", "topic": "approval", "says": "x", "approve": {"by": "council", "acts": ["obtain", "use"]}}
ON_TERMS = {"id": "terms", "topic": "x", "says": "x", "allow": {"acts": ["use"], "if": {"fact": "warrant"}}}
UNREAD = {"id": "unread", "topic": "x", "says": "x", "hidden": {"acts": ["any"], "what": "all of it"}}


def law(*provisions: dict[str, Any], **more: Any) -> Law:
    """A law of one town from 2020 on, as a file would state it."""
    document: dict[str, Any] = {
        "id": "us-mn-anytown", "name": "Anytown", "place": "us/mn/anytown", "subject": "face_recognition", "instrument": "ordinance", "what": "x",
        "text_seen": True, "read": {"who": "a test", "on": date(2026, 1, 1)}, "adopted": {"on": date(2019, 12, 1), "effective": date(2020, 1, 1)},
        "binds": ["city"], "technologies": ["face_recognition"], "provisions": list(provisions), "sources": {}, "cases": [],
    }  # fmt: skip
    return built({**document, **more})


def part(of: Law, on: date = date(2024, 1, 1), subject: str | None = None) -> Part:
    found = regime.of_law(of, on, subject, WORDS)
    assert found is not None
    return found


# --- what a law does -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provision", "kind"), [(BAN, Kind.BAN), (GATE, Kind.GATE), (ON_TERMS, Kind.CONDITIONS), (UNREAD, Kind.UNKNOWN)]
)
def test_a_clause_makes_its_kind(provision: dict[str, Any], kind: Kind) -> None:
    assert part(law(provision)).shown is kind


@pytest.mark.parametrize(
    "change",
    [
        {"prohibit": {"acts": ["share"]}},
        {"prohibit": {"acts": ["use"], "if": {"fact": "warrant", "is": False}}},
        {"prohibit": {"acts": ["use"], "technologies": ["predictive_policing"]}},
        {"prohibit": {"acts": ["use"], "technologies": ["face_recognition/on_body_camera"]}},
        {"prohibit": {"acts": ["use"], "bodies": ["place_of_public_accommodation"]}},
    ],
    ids=["another act", "on a condition", "another technology", "one kind of it", "shops alone"],
)
def test_what_is_no_whole_ban_of_face_recognition_by_the_city_is_none(change: dict[str, Any]) -> None:
    assert part(law(BAN)).kind is Kind.BAN
    assert part(law({**BAN, **change})).kind is Kind.CONDITIONS


def test_a_ban_of_plate_readers_is_a_ban_only_on_the_map_of_plate_readers() -> None:
    readers = law(BAN, subject="alpr", technologies=["alpr"])
    assert part(readers).kind is Kind.CONDITIONS and part(readers).banned
    assert part(readers, subject="alpr").kind is Kind.BAN
    assert regime.of_law(readers, date(2024, 1, 1), None, WORDS) is not None
    assert regime.regimes([readers], date(2024, 1, 1), "drone", WORDS) == ()


def test_a_ban_that_only_the_sheriff_might_be_outside_of_is_a_ban() -> None:
    asks = {"any": [{"not": {"body": ["sheriff"]}}, {"unseen": "how far"}]}
    assert part(law({**BAN, "prohibit": {"acts": ["use"], "if": asks}})).kind is Kind.BAN


def test_a_states_law_that_has_councils_approve_is_a_condition_of_the_state() -> None:
    assert part(law(GATE, place="us/mn", binds=["law_enforcement"])).kind is Kind.CONDITIONS
    assert part(law(BAN, place="us/mn", binds=["law_enforcement"])).kind is Kind.BAN


def test_a_law_of_a_named_agency_is_no_law_of_its_place() -> None:
    own = law(GATE, place="us/ca", binds=["bart"])
    assert [(one.place, one.body, one.kind) for one in regime.regimes([own], date(2024, 1, 1), None, WORDS)] == [("us/ca", "bart", Kind.GATE)]  # fmt: skip


# --- from when to when -----------------------------------------------------------------------------------------------


def test_a_law_is_nothing_then_coming_then_stands_then_has_lapsed() -> None:
    own = law(BAN, ends=date(2022, 6, 1))
    assert regime.of_law(own, date(2019, 11, 30), None, WORDS) is None
    shown = [
        part(own, day).shown
        for day in (date(2019, 12, 1), date(2019, 12, 31), date(2020, 1, 1), date(2022, 5, 31), date(2022, 6, 1))
    ]
    assert shown == [Kind.COMING, Kind.COMING, Kind.BAN, Kind.BAN, Kind.LAPSED]
    assert part(own, date(2025, 1, 1)).kind is Kind.BAN


def test_a_law_that_began_on_a_day_not_seen_is_not_known_until_that_day_must_have_come() -> None:
    own = law(BAN, adopted={"on": "2020"})
    assert part(own, date(2020, 6, 1)).shown is Kind.UNKNOWN
    assert part(own, date(2020, 12, 31)).shown is Kind.BAN
    assert regime.of_law(own, date(2019, 12, 31), None, WORDS) is None


def test_a_law_that_ended_on_a_day_not_seen_is_not_known_from_then_on() -> None:
    own = law(BAN, ends={"after": date(2022, 1, 1)})
    assert part(own, date(2021, 12, 31)).shown is Kind.BAN
    assert part(own, date(2026, 1, 1)).shown is Kind.UNKNOWN and part(own, date(2026, 1, 1)).kind is Kind.BAN


def test_an_adoption_whose_effective_date_was_not_seen_says_so() -> None:
    assert part(law(BAN, adopted={"on": date(2020, 1, 1)})).by_adoption
    assert not part(law(BAN)).by_adoption


# --- weakened --------------------------------------------------------------------------------------------------------

CUT = date(2022, 7, 1)


def test_a_ban_replaced_by_conditions_is_weakened_and_says_what_it_was() -> None:
    own = law({**BAN, "until": CUT}, {**ON_TERMS, "from": CUT})
    assert part(own, CUT - timedelta(days=1)).shown is Kind.BAN
    after = part(own, CUT)
    assert (after.shown, after.was) == (Kind.CONDITIONS, Kind.BAN)
    assert after.weakened and after.weakened.exact == CUT and after.since.exact == CUT
    assert part(own, CUT - timedelta(days=1)).weakened is None


def test_an_exception_opened_to_the_police_later_weakens_and_one_for_telephones_does_not() -> None:
    def opened(purpose: str, since: date | None) -> Part:
        other = {
            "id": "but",
            "topic": "exceptions",
            "says": "x",
            "except": {"of": ["ban"], "if": {"purpose": [purpose]}},
        }
        return part(law(BAN, {**other, **({"from": since} if since else {})}))

    weak = opened("criminal_investigation", CUT)
    assert weak.kind is Kind.BAN and weak.weakened and weak.weakened.exact == CUT and weak.opened
    assert opened("device_unlock", CUT).weakened is None
    first = opened("criminal_investigation", None)
    assert first.weakened is None and first.opened


def test_an_exception_for_the_police_by_name_weakens_and_one_for_the_libraries_does_not() -> None:
    def opened(body: str) -> Part:
        other = {
            "id": "but",
            "topic": "exceptions",
            "says": "x",
            "from": CUT,
            "except": {"of": ["ban"], "bodies": [body]},
        }
        return part(law(BAN, other))

    weak = opened("police").weakened
    assert weak and weak.exact == CUT
    assert opened("city_department").weakened is None


def test_a_gate_renewed_with_less_under_it_is_weakened_and_one_renewed_as_it_was_is_not() -> None:
    def renewed(**more: Any) -> Part:
        new = {**GATE, "id": "new", "from": CUT, "approve": {**GATE["approve"], **more}}  # type: ignore[dict-item]
        return part(law({**GATE, "until": CUT}, new))

    assert renewed().weakened is None and renewed().since.exact == date(2020, 1, 1)
    less = renewed(outside=["drone"]).weakened
    assert less and less.exact == CUT
    assert renewed(acts=["obtain"]).weakened


def test_a_law_whose_every_clause_has_ended_has_lapsed() -> None:
    own = part(law({**BAN, "until": CUT}))
    assert own.shown is Kind.LAPSED and own.kind is Kind.BAN and own.until and own.until.exact == CUT


# --- several laws of one place ---------------------------------------------------------------------------------------


def test_a_ban_and_a_gate_stand_side_by_side_and_the_ban_comes_first() -> None:
    [found] = regime.regimes([law(GATE, id="a"), law(BAN, id="b")], date(2024, 1, 1), None, WORDS)
    assert found.kind is Kind.BAN and found.both and [one.law for one in found.parts] == ["b", "a"]


def test_a_ban_that_a_stronger_law_replaced_did_not_weaken_the_place() -> None:
    old, new = law(BAN, id="old", ends=CUT), law(BAN, id="new", adopted={"on": CUT})
    [found] = regime.regimes([old, new], date(2024, 1, 1), None, WORDS)
    assert found.kind is Kind.BAN and found.weakened is None
    [less] = regime.regimes([old, law(ON_TERMS, id="new")], date(2024, 1, 1), None, WORDS)
    assert less.kind is Kind.CONDITIONS and less.weakened and less.weakened.exact == CUT


def test_whether_a_ban_still_stands_comes_before_a_lesser_law_that_does() -> None:
    doubtful = law(BAN, id="a", ends={"after": CUT})
    [found] = regime.regimes([doubtful, law(ON_TERMS, id="b")], date(2024, 1, 1), None, WORDS)
    assert found.kind is Kind.UNKNOWN
    [sure] = regime.regimes([doubtful, law(GATE, id="b")], date(2024, 1, 1), None, WORDS)
    assert sure.kind is Kind.GATE


def test_a_wider_law_that_may_void_it_is_named() -> None:
    state = law(
        {"id": "void", "topic": "preemption", "says": "x", "preempt": {"effect": "doubt", "technologies": ["face_recognition"]}},
        id="us-mn-state", place="us/mn", binds=["city"],
    )  # fmt: skip
    found = {one.place: one for one in regime.regimes([law(BAN), state], date(2024, 1, 1), None, WORDS)}
    assert found["us/mn/anytown"].parts[0].doubts == ("us-mn-state",)
    alone = regime.regimes([law(BAN)], date(2024, 1, 1), None, WORDS)
    assert alone[0].parts[0].doubts == ()


# --- the package's laws ----------------------------------------------------------------------------------------------

SAMPLED = [date(2016, 1, 1) + timedelta(days=173 * i) for i in range(24)]


@pytest.mark.parametrize("on", SAMPLED, ids=str)
def test_bans_and_gates_are_those_that_the_verdict_finds(on: date) -> None:
    """The verdict asks one question with every exception; where it says prohibited, the map says ban, and the other way round."""
    probes = {
        "city": ("police", "city"),
        "county": ("sheriff", "county"),
        "state": ("state_police", "police", "sheriff"),
    }
    for own in BOOK.laws.values():
        found = regime.of_law(own, on, None, WORDS)
        bodies = probes.get(own.place.level.value, ())
        if any(one in WORDS.agencies for one in own.binds):
            continue
        alone = Lawbook([own], WORDS)
        answers = {
            permission(Question(own.place.short, body, act, "face_recognition", on), alone).answer
            for body in bodies for act in ("obtain", "use")
        }  # fmt: skip
        assert (Answer.PROHIBITED in answers) == (found is not None and found.shown is Kind.BAN), own.id
        if found and found.shown is Kind.GATE and own.subject == "face_recognition":
            assert Answer.NEEDS_APPROVAL in answers, own.id


def test_minneapolis_is_banned_from_the_day_its_law_counts_and_not_before() -> None:
    own = BOOK.laws["us-mn-minneapolis-fr"]
    first = own.starts.exact
    assert first is not None and first > date(2021, 2, 11)
    before = regime.of_law(own, date(2021, 2, 11), None, WORDS)
    assert before is None or before.shown is not Kind.BAN
    assert part(own, first).shown is Kind.BAN


@pytest.mark.parametrize(
    ("id_", "on", "kind"),
    [
        ("us-md-baltimore-fr", date(2022, 6, 1), Kind.BAN), ("us-md-baltimore-fr", date(2023, 1, 1), Kind.LAPSED),
        ("us-va-fr", date(2021, 6, 1), Kind.COMING), ("us-va-fr", date(2021, 12, 1), Kind.BAN), ("us-va-fr", date(2023, 1, 1), Kind.CONDITIONS),
        ("us-va-fr", date(2026, 11, 1), Kind.UNKNOWN), ("us-ma-northampton-fr", date(2024, 1, 1), Kind.UNKNOWN), ("us-wa-seattle-ccops", date(2018, 1, 1), Kind.GATE),
    ],
)  # fmt: skip
def test_a_known_law_is_what_its_file_says_on_that_day(id_: str, on: date, kind: Kind) -> None:
    assert part(BOOK.laws[id_], on).shown is kind


def test_new_orleans_is_weakened_since_its_amendment_and_not_before() -> None:
    own = BOOK.laws["us-la-new-orleans-fr"]
    assert part(own, date(2022, 7, 20)).weakened is None
    assert part(own, date(2022, 7, 21)).weakened is not None


def test_nothing_changes_between_the_days_on_which_something_may_change() -> None:
    every = tuple(BOOK.laws.values())
    days = regime.days(every)

    def seen(on: date) -> object:
        return [
            (one.place, one.body, one.kind, one.weakened, one.parts) for one in regime.regimes(every, on, None, WORDS)
        ]

    for first, second in itertools.pairwise(days):
        last = second - timedelta(days=1)
        if last > first:
            assert seen(first) == seen(last), (first, last)
