"""What answers say of themselves is in the page's language; a law's own words stay in English and are marked so."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from postme import compare, lawshape
from postme.because import Permission, Question
from postme.office import counsel
from postme.website import reasons, spoken

DAYS = (datetime.date(2015, 1, 1), datetime.date(2026, 11, 23))
PLACES = ("us/mn/minneapolis", "us/ca/oakland", "us/ma/boston", "us/me", "us/wa/seattle", "us/md/baltimore")


def answers() -> Iterator[tuple[Question, Permission]]:
    for day in DAYS:
        for place in PLACES:
            for body in ("police", "school", "sheriff"):
                question = counsel.question(place, body, "use", "face_recognition", day, any_place=True)
                yield question, counsel.ask(question, day).permission


def test_every_reason_why_a_law_is_silent_is_one_of_ours() -> None:
    names = {law.id: law.name for law in counsel.every()}
    silent = [one for _, found in answers() for one in found.because if one.outcome == "silent"]
    assert len(silent) > 50
    assert {
        one.says for one in silent if reasons.ours(one.says.removeprefix(f"{names[one.address]}: ")) is None
    } == set()
    used = {reasons.ours(one.says.removeprefix(f"{names[one.address]}: ")) for one in silent}
    assert len(used) > 2


def test_every_note_but_a_law_s_own_is_one_of_ours() -> None:
    notes = {note for _, found in answers() for note in found.notes}
    own = {f"{law.name}: {law.start_note}." for law in counsel.every()}
    assert notes
    assert {note for note in notes - own if reasons.ours(note) is None} == set()


def test_every_word_of_a_comparison_is_one_of_ours() -> None:
    every = [counsel.law(one) for one in ("us-mn-minneapolis-fr", "us-ma-boston-fr", "us-ca-oakland-ccops")]
    whys = {row.why for one in every for other in every if one is not other for row in counsel.held_against(one, other, None)}  # fmt: skip
    assert len(whys) > 5
    assert {why for why in whys if reasons.ours(why) is None} == set()


def test_no_law_s_own_words_are_taken_for_ours() -> None:
    own = {text for law in counsel.every() for text in (law.what, *(one.says for one in law.provisions))}
    assert len(own) > 400
    assert {text for text in own if reasons.ours(text) is not None} == set()


def test_what_is_said_of_laws_is_listed_for_translators() -> None:
    listed = set(spoken.words())
    wanted = {*lawshape.TOPICS.values(), *compare.Standing, "lifted if", "preempted", *counsel.vocabulary()["technologies"].values()}  # fmt: skip
    wanted |= {one.replace("_", " ") for one in (*lawshape.INSTRUMENTS, *lawshape.REMEDIES)}
    assert {str(one) for one in wanted} - listed == set()


def test_a_sentence_is_put_together_in_the_page_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils.translation import override

    from postme.website.templatetags.lawtalk import ours

    spanish = {"it binds {bodies}, not {body}": "obliga a {bodies}, no a {body}", "police": "la policía", "a school": "una escuela"}  # fmt: skip
    monkeypatch.setattr(reasons, "gettext", lambda text: spanish.get(text, text))
    reasons._said.cache_clear()
    try:
        with override("es"):
            assert reasons.said("it binds police, sheriff, not a school") == (
                "obliga a la policía, sheriff, no a una escuela",
                True,
            )
            assert ours(": it binds police, not a school") == ": obliga a la policía, no a una escuela"
            assert ours("no officer shall use it", "first") == '<span lang="en">No officer shall use it</span>'
            assert ours("<b>", "first") == '<span lang="en">&lt;b&gt;</span>'
        with override("en"):
            assert ours("no officer shall use it") == "no officer shall use it"
    finally:
        reasons._said.cache_clear()


def test_a_quote_of_a_recording_is_cited_by_its_time_wherever_it_stands(site: Any) -> None:
    """The town's captions are quoted on a holding's page, in lists and on the record's own page."""
    import json

    from postme.keeping.store.models import Entry, Evidence

    timed = {}
    for entry in Entry.objects.visible().filter(kind="holding"):
        for quote in json.loads(entry.twin)["facts"]["evidence"]:
            if quote["seconds"] is not None:
                timed[quote["id"]] = (entry, quote)
    assert timed, "the town has a recording"
    for entry, quote in timed.values():
        whole = int(quote["seconds"])
        said = f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02} into the recording"
        page = site.get(entry.address).content.decode()
        assert f"{quote['record']}, {said}" in page
        assert f"{quote['record']}, page {quote['page']}" not in page
        record = Evidence.objects.filter(mention=quote["id"]).values_list("record_id", "page").first()
        assert record and said in site.get(f"/records/{record[0]}/{record[1]}/").content.decode()
