"""From mentions and rulings to holdings and dated acts: every part of a claim with its own evidence, and no more said."""

from __future__ import annotations

from typing import Any

import pytest
import smalltown
from hypothesis import given
from hypothesis import strategies as st

from postme import scan
from postme.inventory import Answer, Holding, Part, facts
from postme.office import workbench
from postme.record import Page, Record
from postme.signs import Act

BLANK: dict[str, Any] = {
    "id": "m1", "path": "a.txt", "sha256": "e3", "page": 1, "start": 0, "end": 6, "quote": "drones", "context": "drones",
    "technologies": ["drone"], "certainty": "sure", "act": "mention", "step": None, "date": None, "amount": None,
    "file_number": None, "body": None, "vendor": None, "product": None, "seconds": None,
}  # fmt: skip


def mention(id_: str = "m1", **more: Any) -> dict[str, Any]:
    return {**BLANK, "id": id_, **more}


def one(*mentions: dict[str, Any], rulings: dict[str, tuple[str, str]] | None = None, **dates: str | None) -> Holding:
    [holding] = facts(mentions, rulings or {}, dates)
    return holding


def claims(holding: Holding, part: Part) -> dict[str | None, list[str]]:
    """Each value that is claimed, with the ids of its evidence."""
    return {claim.value: [evidence.id for evidence in claim.evidence] for claim in holding.claims if claim.part is part}


def test_nothing_mentioned_is_nothing_held() -> None:
    assert facts([], {}, {}) == ()


# --- what each claim rests on ----------------------------------------------------------------------------------------


def test_each_part_of_what_is_said_names_the_mentions_it_rests_on() -> None:
    holding = one(
        mention("m1", body="Police Department", vendor="corvane"),
        mention("m2", body="Police Department", product="Hedgerow", vendor="corvane"),
        mention("m3", body="Police Department", amount=5.0),
    )
    assert claims(holding, Part.SPOKEN_OF) == {"drone": ["m1", "m2", "m3"]}
    assert claims(holding, Part.OPERATOR) == {"Police Department": ["m1", "m2", "m3"]}
    assert claims(holding, Part.MAKER) == {"corvane": ["m1", "m2"]}
    assert claims(holding, Part.PRODUCT) == {"Hedgerow": ["m2"]}
    assert claims(holding, Part.AMOUNT) == {"5.0": ["m3"]}


def test_what_nobody_says_is_unknown_and_rests_on_nothing() -> None:
    holding = one(mention())
    for part in (Part.OPERATOR, Part.MAKER, Part.PRODUCT, Part.AMOUNT, Part.EARLIEST):
        assert claims(holding, part) == {None: []}
    assert claims(holding, Part.SPOKEN_OF) == {"drone": ["m1"]}


def test_sources_that_disagree_are_both_kept_with_the_better_founded_first() -> None:
    holding = one(mention("m1", amount=5.0), mention("m2", amount=7.0), mention("m3", amount=7.0))
    assert list(claims(holding, Part.AMOUNT).items()) == [("7.0", ["m2", "m3"]), ("5.0", ["m1"])]


def test_an_amount_of_nothing_is_an_amount_and_not_unknown() -> None:
    assert claims(one(mention(amount=0.0)), Part.AMOUNT) == {"0.0": ["m1"]}


def test_evidence_carries_its_place_its_words_and_its_ruling() -> None:
    holding = one(mention("m1", page=3, start=7, end=13, path="b.pdf"), rulings={"m1": ("unsure", "which drones?")})
    [evidence] = holding.claims[0].evidence
    assert (evidence.path, evidence.sha256, evidence.page, evidence.start, evidence.end) == ("b.pdf", "e3", 3, 7, 13)
    assert (evidence.quote, evidence.answer, evidence.why) == ("drones", Answer.UNSURE, "which drones?")


# --- who holds what --------------------------------------------------------------------------------------------------


def test_a_technology_in_two_bodies_hands_is_two_holdings() -> None:
    holdings = facts([mention("m1", body="Police Department"), mention("m2", body="Fire Department")], {}, {})
    assert [(h.technology, h.body) for h in holdings] == [("drone", "Fire Department"), ("drone", "Police Department")]


def test_a_body_spelt_three_ways_is_one_and_keeps_its_first_spelling() -> None:
    holding = one(
        mention("m1", body="the Police Department"),
        mention("m2", body="POLICE DEPARTMENT"),
        mention("m3", body="Police-Department"),
    )
    assert holding.body == "the Police Department"
    assert claims(holding, Part.SPOKEN_OF) == {"drone": ["m1", "m2", "m3"]}


def test_a_mention_that_names_no_body_is_not_laid_at_anybodys_door() -> None:
    holdings = facts([mention("m1", body="Police Department"), mention("m2")], {}, {})
    assert [(h.body, len(h.acts)) for h in holdings] == [("Police Department", 1), (None, 1)]


def test_a_mention_of_two_technologies_is_evidence_of_both() -> None:
    holdings = facts([mention("m1", technologies=["alpr", "drone"])], {}, {})
    assert [(h.technology, claims(h, Part.SPOKEN_OF)) for h in holdings] == [
        ("alpr", {"alpr": ["m1"]}),
        ("drone", {"drone": ["m1"]}),
    ]


def test_holdings_come_by_technology_then_by_weight_of_evidence() -> None:
    found = facts(
        [mention("m1", body="B"), mention("m2", body="A"), mention("m3", body="B"), mention("m4", technologies=["alpr"])],
        {}, {},
    )  # fmt: skip
    assert [(h.technology, h.body) for h in found] == [("alpr", None), ("drone", "B"), ("drone", "A")]


# --- rulings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("certainty", "answer", "stays"),
    [
        ("sure", None, True),
        ("sure", "yes", True),
        ("sure", "unsure", True),
        ("sure", "no", False),
        ("likely", None, True),
        ("likely", "no", False),
        ("unsure", None, False),
        ("unsure", "unsure", False),
        ("unsure", "no", False),
        ("unsure", "yes", True),
    ],
)
def test_a_mention_counts_by_what_the_machine_was_sure_of_and_what_a_person_ruled(
    certainty: str, answer: str | None, stays: bool
) -> None:
    rulings = {"m1": (answer, "because")} if answer else {}
    found = facts([mention(certainty=certainty)], rulings, {})
    assert bool(found) is stays


def test_a_mention_ruled_out_takes_its_claims_with_it_and_leaves_the_others() -> None:
    mentions = [mention("m1", vendor="corvane", date="2020-01-01"), mention("m2", date="2024-01-01")]
    assert claims(one(*mentions), Part.MAKER) == {"corvane": ["m1"]}
    ruled = one(*mentions, rulings={"m1": ("no", "a song")})
    assert claims(ruled, Part.MAKER) == {None: []}
    assert claims(ruled, Part.EARLIEST) == {"2024-01-01": ["m2"]}
    assert claims(ruled, Part.SPOKEN_OF) == {"drone": ["m2"]}


def test_a_ruling_on_another_mention_changes_nothing() -> None:
    assert facts([mention("m1")], {"m9": ("no", "")}, {}) == facts([mention("m1")], {}, {})


def test_a_holding_counts_the_rulings_on_what_stands() -> None:
    holding = one(
        mention("m1"), mention("m2"), mention("m3"), mention("m4"), rulings={"m1": ("yes", ""), "m2": ("unsure", ""), "m4": ("no", "")}
    )  # fmt: skip
    assert holding.answers == {Answer.YES: 1, Answer.UNSURE: 1, Answer.WAITING: 1}


# --- acts and what they say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "says"),
    [
        (["mention"], "named only 1"),
        (["propose"], "plans or requests 1"),
        (["regulate", "mention", "regulate"], "rules 2 · named only 1"),
        (["propose", "acquire", "acquire"], "buying or funding 2 · plans or requests 1"),
        (["report", "use"], "reports and figures 1 · use 1"),
    ],
)
def test_a_holding_says_what_its_passages_are_about_counted(acts: list[str], says: str) -> None:
    assert one(*(mention(f"m{i}", act=act, start=i) for i, act in enumerate(acts))).says == says


@pytest.mark.parametrize("act", Act)
def test_every_act_has_words_of_its_own(act: Act) -> None:
    others = {one(mention(act=other.value)).says for other in Act if other is not act}
    assert one(mention(act=act.value)).says not in others


def test_a_proposal_never_becomes_an_approval_by_being_repeated_dated_or_ruled_true() -> None:
    mentions = [mention(f"m{i}", act="propose", date=f"20{i:02}-01-01", amount=5.0) for i in range(10, 25)]
    holding = one(*mentions, rulings={m["id"]: ("yes", "") for m in mentions}, e3="2025-01-01")
    assert holding.says == "plans or requests 15"
    assert {act.act for act in holding.acts} == {Act.PROPOSE}
    assert {act.step for act in holding.acts} == {None}


def test_an_approval_is_told_by_a_mention_that_says_so_and_stays_with_it() -> None:
    holding = one(mention("m1", act="propose"), mention("m2", act="acquire", step="approved", start=9))
    assert [(act.act, act.step, act.evidence.id) for act in holding.acts] == [
        (Act.PROPOSE, None, "m1"),
        (Act.ACQUIRE, "approved", "m2"),
    ]


def test_a_purchase_does_not_say_that_anything_is_in_use() -> None:
    holding = one(mention("m1", act="acquire", step="contracted", amount=9e6))
    assert "use" not in holding.says


@pytest.mark.parametrize(
    ("near", "record", "day", "by"),
    [
        ("2020-01-01", "2024-05-06", "2024-05-06", "the record"),
        ("2020-01-01", None, "2020-01-01", "near the words"),
        (None, "2024-05-06", "2024-05-06", "the record"),
        (None, None, None, "unknown"),
    ],
)
def test_an_act_is_dated_by_the_record_else_by_what_stands_near_and_says_which(
    near: str | None, record: str | None, day: str | None, by: str
) -> None:
    [act] = one(mention(date=near), e3=record).acts
    assert (act.date, act.dated_by) == (day, by)


def test_a_record_whose_date_nobody_gave_is_undated() -> None:
    [act] = one(mention(), other="2024-05-06").acts
    assert (act.date, act.dated_by) == (None, "unknown")


def test_acts_come_by_day_with_the_undated_last() -> None:
    holding = one(
        mention("m1"), mention("m2", date="2024-01-01"), mention("m3", date="2021-01-01"), mention("m4", path="0.txt")
    )
    assert [act.evidence.id for act in holding.acts] == ["m3", "m2", "m4", "m1"]
    assert claims(holding, Part.EARLIEST) == {"2021-01-01": ["m3"]}


# --- properties ------------------------------------------------------------------------------------------------------

some_mentions = st.lists(
    st.builds(
        mention, st.sampled_from(["m1", "m2", "m3", "m4", "m5"]), body=st.sampled_from([None, "Police", "the police", "Fire"]),
        vendor=st.sampled_from([None, "corvane"]), date=st.sampled_from([None, "2020-01-01", "2024-01-01"]),
        technologies=st.sampled_from([["drone"], ["alpr", "drone"]]), act=st.sampled_from([act.value for act in Act]),
        certainty=st.sampled_from(["sure", "likely", "unsure"]), amount=st.sampled_from([None, 0.0, 5.0]),
    ),
    max_size=8, unique_by=lambda m: m["id"],
)  # fmt: skip
some_rulings = st.dictionaries(
    st.sampled_from(["m1", "m2", "m3", "m4", "m5"]), st.tuples(st.sampled_from(["yes", "no", "unsure"]), st.just("why"))
)


@given(some_mentions, some_rulings)
def test_every_mention_that_stands_is_evidence_once_for_each_of_its_technologies_and_no_other(
    mentions: list[dict[str, Any]], rulings: dict[str, tuple[str, str]]
) -> None:
    told = sorted(
        (evidence.id, holding.technology)
        for holding in facts(mentions, rulings, {})
        for evidence in holding.claims[0].evidence
    )
    stands = {
        m["id"]: m["technologies"]
        for m in mentions
        if rulings.get(m["id"], ("",))[0] != "no"
        and (m["certainty"] != "unsure" or rulings.get(m["id"], ("",))[0] == "yes")
    }
    assert told == sorted((id_, technology) for id_, technologies in stands.items() for technology in technologies)


@given(some_mentions, some_rulings)
def test_every_value_that_is_claimed_is_said_by_each_mention_it_rests_on(
    mentions: list[dict[str, Any]], rulings: dict[str, tuple[str, str]]
) -> None:
    by_id = {m["id"]: m for m in mentions}
    keys = {Part.MAKER: "vendor", Part.PRODUCT: "product", Part.AMOUNT: "amount", Part.OPERATOR: "body"}
    for holding in facts(mentions, rulings, {}):
        for claim in holding.claims:
            assert bool(claim.evidence) is (claim.value is not None)
            if claim.part in keys:
                assert all(str(by_id[evidence.id][keys[claim.part]]) == claim.value for evidence in claim.evidence)


def test_mentions_as_a_scan_prints_them_are_what_facts_takes() -> None:
    text = "On March 4, 2025 the Mill Falls Police Department bought drones from Ridgeline Systems for $40,000."
    found = scan.mentions(Record("e3", "text/plain", (Page(1, text),)), smalltown.scanner())
    holding = one(*({"path": "a.txt", **workbench.printed(m)} for m in found))
    assert (holding.technology, holding.body) == ("drone", "Mill Falls Police Department")
    assert holding.says == "buying or funding 1"
    assert claims(holding, Part.MAKER) == {"ridgeline": [found[0].id]}
    assert claims(holding, Part.EARLIEST) == {"2025-03-04": [found[0].id]}
