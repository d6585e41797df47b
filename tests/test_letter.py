"""An open letter: what is signed, what a typo may change, which signatures stand, how names are compared and counted."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import letter, typo
from postme.domains import at_domain, own_domain
from postme.errors import WrongUse
from postme.letter import Change, Claim, Handed, Kind, Level, Outcome, Signature, State, Text, Version

TEXT = Text(
    "No face recognition", "The City Council of Mill Falls", "Vote for item 7 on 4 December.", "The police have two cameras.\n\nThey cost $21,500. We ask you to stop.",
    datetime.date(2026, 12, 4), "/decisions/mill-falls-cameras/", (Claim("two cameras", "/agencies/us/zz/mill_falls/police-department/alpr/", 3),),
)  # fmt: skip


def test_what_is_signed_are_all_the_words_whom_they_are_for_and_what_they_rest_on() -> None:
    told = json.loads(TEXT.bytes("/letters/a/"))
    assert told == {
        "what": "letter", "letter": "/letters/a/", "title": TEXT.title, "to": TEXT.to, "ask": TEXT.ask, "about": TEXT.about, "deadline": "2026-12-04", "body": TEXT.body,
        "claims": [{"passage": "two cameras", "address": "/agencies/us/zz/mill_falls/police-department/alpr/", "leaf": 3}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        replace(TEXT, title="No"), replace(TEXT, to="The Mayor"), replace(TEXT, ask="Vote."), replace(TEXT, body=TEXT.body + " "), replace(TEXT, deadline=None),
        replace(TEXT, about=""), replace(TEXT, claims=()), replace(TEXT, claims=(replace(TEXT.claims[0], leaf=4),)),
    ],
)  # fmt: skip
def test_no_two_texts_that_differ_in_anything_have_one_hash(other: Text) -> None:
    assert other.sha256("/letters/a/") != TEXT.sha256("/letters/a/")


def test_the_same_text_under_another_address_is_another_letter() -> None:
    assert TEXT.sha256("/letters/a/") != TEXT.sha256("/letters/b/")


def test_the_text_cut_at_its_claims_is_the_text() -> None:
    assert letter.passages(TEXT) == (
        (("The police have ", None), ("two cameras", 0), (".", None)),
        (("They cost $21,500. We ask you to stop.", None),),
    )


@given(st.text(alphabet="ab \n", max_size=60), st.lists(st.tuples(st.integers(0, 59), st.integers(1, 8)), max_size=4))
def test_whatever_carries_evidence_the_words_are_all_there_in_order(body: str, cuts: list[tuple[int, int]]) -> None:
    claims = tuple(Claim(body[start : start + length], "/laws/a/") for start, length in cuts if body[start : start + length].strip())  # fmt: skip
    text = replace(TEXT, body=body, claims=claims)
    if "claims" not in letter.checked(text):
        shown = "".join(words for paragraph in letter.passages(text) for words, _ in paragraph)
        assert shown.replace("\n", "").replace(" ", "") == body.replace("\n", "").replace(" ", "")


def test_a_passage_that_stands_twice_or_nowhere_or_in_another_is_refused() -> None:
    for passage, says in (("the", "The letter does not say “the cats”."), ("e", "times")):
        words = "the cats" if passage == "the" else "e"
        assert says in letter.checked(replace(TEXT, claims=(Claim(words, "/laws/a/"),)))["claims"]
    both = (Claim("two cameras", "/laws/a/"), Claim("cameras.", "/laws/b/"))
    assert "overlap" in letter.checked(replace(TEXT, claims=both))["claims"]


# --- what a typo is


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("cameras", "camera’s"),
        ("They cost", "They costs"),
        ("We ask you", "We  ask you"),
        ("stop.", "stop!"),
        ("cameras", "cámaras"),
    ],
)
def test_a_slip_of_the_pen_is_a_typo(was: str, now: str) -> None:
    new = replace(TEXT, body=TEXT.body.replace(was, now), claims=())
    assert typo.against(replace(TEXT, claims=()), new) == ()


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (replace(TEXT, body=TEXT.body.replace("21,500", "21,600")), "number"), (replace(TEXT, body=TEXT.body.replace("two cameras", "no cameras"), claims=()), "turn"),
        (replace(TEXT, to="The Mayor of Mill Falls"), "to whom"), (replace(TEXT, deadline=datetime.date(2026, 12, 5)), "day"), (replace(TEXT, about="/decisions/x/"), "about"),
        (replace(TEXT, claims=()), "rests on"), (replace(TEXT, body=TEXT.body.replace("stop", "stop, and to end every contract with their maker")), "words"),
        (replace(TEXT, ask="Vote for item 8 on 4 December."), "number"), (replace(TEXT, body=TEXT.body.replace("We ask you to stop.", "")), "words"),
    ],
)  # fmt: skip
def test_what_may_change_the_meaning_is_no_typo(new: Text, says: str) -> None:
    assert any(says in one for one in typo.against(TEXT, new)), typo.against(TEXT, new)


@given(st.lists(st.sampled_from([Change.TYPO, Change.SUBSTANCE]), max_size=8))
def test_a_signature_stands_exactly_until_the_next_change_of_substance(changes: list[Change]) -> None:
    every = [
        Version(1, "0", Change.FIRST),
        *(Version(number, str(number), change) for number, change in enumerate(changes, 2)),
    ]
    for one in every:
        assert letter.stands(one.number, every) == (
            Change.SUBSTANCE not in [each.change for each in every[one.number :]]
        )


@given(st.lists(st.tuples(st.sampled_from(list(Level)), st.integers(1, 3), st.integers(0, 9))))
def test_no_count_is_lost_and_levels_are_never_added(rows: list[tuple[Level, int, int]]) -> None:
    versions = [Version(1, "a", Change.FIRST), Version(2, "b", Change.SUBSTANCE), Version(3, "c", Change.TYPO)]
    told = letter.tally(rows, versions)
    for level in Level:
        assert told["now"][level] == sum(n for at, version, n in rows if at is level and version > 1)
        assert told["earlier"][level] == sum(n for at, version, n in rows if at is level and version == 1)


# --- who signs


def _person(**more: str) -> dict[str, str]:
    return {"name": "Ann Doe", "shown": "full", "mail": "ann@example.org", **more}


@pytest.mark.parametrize("name", ["Ø", "李", "Ann 🙂 Doe", "<b>Ann</b>", "O’Neil-Śmith", "X"])
def test_any_name_with_a_letter_is_taken_as_it_is(name: str) -> None:
    said, wrong = letter.typed(_person(name=name), Kind.PERSON)
    assert wrong == {}
    assert said
    assert said.name == name


@pytest.mark.parametrize("name", ["", "   ", "🙂", "7", "…", "a" * 3_000, "\u202e"])
def test_what_is_no_name_is_refused_with_what_to_do(name: str) -> None:
    said, wrong = letter.typed(_person(name=name), Kind.PERSON)
    assert said is None
    assert list(wrong) == ["name"]


@pytest.mark.parametrize("anybodys", ["riseup.net", "pm.me", "yahoo.co.uk", "co.uk", "com.au", "uk", "mailinator.com", "some.github.io", "facebook.com", "me.com", "mail.yahoo.com", "x.com", "gmail.com", "sites.google.com", "yopmail.fr", "localhost", "mn.us", "k12.mn.us", "eu.org", "uk.com", "163.com", "us.com", "live.fr", "some.neocities.org", "mozmail.com", "id.au", "go.jp", "drive.google.com"])  # fmt: skip
def test_a_domain_where_anybody_gets_an_address_is_no_organization_s_own(anybodys: str) -> None:
    assert own_domain(anybodys) == ""
    assert own_domain(f"https://www.{anybodys}/us") == ""


@pytest.mark.parametrize("own", ["example.org", "aclu-mn.org", "unidos.us", "x.org.uk", "change-makers.org", "orange.org.nz", "co.hennepin.mn.us", "web-coalition.org"])  # fmt: skip
def test_an_organization_with_a_short_or_like_name_keeps_its_own_domain(own: str) -> None:
    assert own_domain(own) == own


def test_an_organization_says_who_signs_for_it_and_its_own_domain() -> None:
    form = {"name": "Tenants of Mill Falls (fiction)", "mail": "ann@tenants.example", "domain": "https://www.tenants.example/about", "by": "Ann Doe", "role": "Director"}  # fmt: skip
    said, wrong = letter.typed(form, Kind.ORGANIZATION)
    assert wrong == {}
    assert said
    assert (said.domain, said.shown, said.area) == ("tenants.example", "full", "")
    assert set(letter.typed({**form, "domain": "gmail.com", "by": ""}, Kind.ORGANIZATION)[1]) == {"domain", "by"}


def test_a_domain_that_only_ends_alike_is_another() -> None:
    assert at_domain("a@tenants.example", "tenants.example")
    assert at_domain("a@mail.tenants.example", "tenants.example")
    for other in ("a@eviltenants.example", "a@tenants.example.evil.org", "tenants.example", ""):
        assert not at_domain(other, "tenants.example") or other == "tenants.example"
    assert not at_domain("a@tenants.example", "")


def test_names_that_read_alike_are_alike() -> None:
    one = letter.alike("Stop A.L.P.R.  Now!")
    for other in ("stop alpr now", "STOP ALPR NOW", "Stop ÁLPR now", "Stop\u00a0ALPR\u2014now"):
        assert letter.alike(other) == one
    assert letter.alike("Stop ALPR later") != one


def test_only_what_is_public_is_in_the_bytes_of_a_signature() -> None:
    told = json.loads(
        letter.signature_bytes(
            number="1", letter="/letters/a/", text="f" * 64, kind="person", level="mail", name=letter.named("Ann Doe", "short", "person"), by="", role="", area="", comment="", salt="0",
        )
    )  # fmt: skip
    assert told["name"] == "A. D."
    assert "mail" not in told


# --- steps and days


def test_only_the_steps_of_the_table_exist() -> None:
    for state in State:
        for to in State:
            if (state, to) in letter.LIFE:
                assert letter.moved(state, to) is to
            else:
                with pytest.raises(WrongUse):
                    letter.moved(state, to)
    for was in Signature:
        for now in Signature:
            if (was, now) not in letter.SIGNED:
                with pytest.raises(WrongUse):
                    letter.signature_moved(was, now)


def test_days_of_silence_are_counted_until_an_answer() -> None:
    handed = Handed("A. Teller", datetime.date(2026, 1, 5))
    assert handed.silent
    assert handed.days(datetime.date(2026, 2, 4)) == 30
    came = replace(handed, outcome=Outcome.RECEIVED, answered=datetime.date(2026, 1, 6))
    assert came.silent
    done = replace(handed, outcome=Outcome.ANSWERED, answered=datetime.date(2026, 1, 8))
    assert not done.silent
    assert done.days(datetime.date(2026, 2, 4)) == 3


def test_nobody_is_kept_longer_than_a_year() -> None:
    assert letter.erased_on(datetime.date(2026, 1, 1), datetime.timedelta(days=5000)) == datetime.date(2027, 1, 1)
