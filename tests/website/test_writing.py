"""Writing to one's member: the address finds them, the words are one's own, one's own mail program sends them, and nothing is kept."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lettering import TOWN, Coalition, claim
from speaking import town

WRITE = f"/places/{TOWN}/write/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from postme.keeping.store.council import Council, SeatRow

    with town(tmp_path_factory.mktemp("writing")) as client:
        day = datetime.date(2026, 1, 5)
        contacts = {"A. Teller": "ward1@mill-falls.example, 555-0100", "B. Cooper": "Room 12"}
        rows = [SeatRow(0, "city council", str(n), holder, day, None, day, "made up", contact) for n, (holder, contact) in enumerate(contacts.items(), 1)]  # fmt: skip
        Council(client.data).add(TOWN, "Mill Falls", rows, fiction=True)
        yield client


def seat(site: Any, holder: str) -> int:
    return next(int(one["number"]) for one in site.get(f"{WRITE[:-1]}.json").json()["seats"] if one["holder"] == holder)


def test_a_message_becomes_a_mail_of_one_s_own_with_the_words_and_what_was_ticked(site: Any) -> None:
    Coalition().opened(claims=(claim("two cameras", "/laws/us-mn-alpr/"),))
    to = seat(site, "A. Teller")
    assert "two cameras" in site.get(f"{WRITE}?to={to}").content.decode()
    answer = site.post(f"{WRITE}?to={to}", {"step": "make", "subject": "Item 7 & you", "text": "I live here.\r\nVote no.", "point": ["/laws/us-mn-alpr/", "/desk/"]})  # fmt: skip
    said = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    link = said.partition('href="mailto:')[2].partition('"')[0].replace("&amp;", "&")
    told = parse_qs(urlsplit(f"mailto:{link}").query)
    assert link.startswith("ward1@mill-falls.example?")
    assert told["subject"] == ["Item 7 & you"]
    assert told["body"][0].replace("\r\n", "\n") == "I live here.\nVote no.\n\ntwo cameras\nhttp://localhost:8000/laws/us-mn-alpr/"  # fmt: skip
    assert not answer.cookies


def test_of_a_member_without_a_mail_address_it_says_so_and_the_words_can_be_copied(site: Any) -> None:
    to = seat(site, "B. Cooper")
    assert "No mail address of this member is known here" in site.get(f"{WRITE}?to={to}").content.decode()
    answer = site.post(f"{WRITE}?to={to}", {"step": "make", "subject": "Item 7", "text": "Vote no."})
    said = answer.content.decode()
    assert "mailto:" not in said and "Vote no." in said and "Room 12" in said


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(site: Any) -> None:
    to = seat(site, "A. Teller")
    answer = site.post(f"{WRITE}?to={to}", {"step": "make", "subject": "", "text": "<b>" + "x" * 5000})
    said = answer.content.decode()
    assert answer.status_code == 400 and 'id="subject-fault"' in said and "5,003" in said
    assert "&lt;b&gt;xxx" in said and "<b>xxx" not in said


def test_an_address_that_is_not_known_is_answered_and_nothing_is_kept(site: Any) -> None:
    answer = site.post(WRITE, {"street": "12 Zqstreet Lane"})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "Your ward is unknown" in answer.content.decode()
    assert b"Zqstreet" not in b"".join(path.read_bytes() for path in site.data.rglob("*") if path.is_file())


def test_a_seat_that_there_is_not_is_not_found_and_every_language_is_answered(site: Any) -> None:
    assert site.get(f"{WRITE}?to=99999").status_code == 404
    for address in (f"/es{WRITE}", f"{WRITE[:-1]}.json", f"/es{WRITE}?to={seat(site, 'A. Teller')}"):
        assert site.get(address).status_code == 200, address
