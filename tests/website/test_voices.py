"""Taking part without an account: comments from the form to the log, receipts, the advisory vote, the sheet of speakers."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from speaking import TOWN, letters, link, proposal, published, town, typed, write
from staffed import at_the_desk

from postme import roles


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("voices")) as client:
        yield client


@pytest.fixture
def slug(site: Any) -> str:
    return proposal()


def comments(site: Any, slug: str) -> list[dict[str, Any]]:
    return list(site.get(f"/decisions/{slug}/comments.json").json()["comments"])


def receipt(site: Any, number: str) -> dict[str, Any]:
    answer = site.get(f"/receipts/{number}.json")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


# --- from the form to the page


def test_a_comment_is_seen_before_it_is_sent_and_public_only_once_confirmed(site: Any, slug: str) -> None:
    look = site.post(f"/decisions/{slug}/comment/", typed(step="look"))
    assert look.status_code == 200
    text = look.content.decode()
    assert "What becomes public" in text
    assert "A. D." in text
    assert letters("ann@example.org") == []
    number = write(site, slug)
    assert receipt(site, number)["state"] == "waiting"
    assert comments(site, slug) == []
    own = link(letters("ann@example.org")[-1])
    assert "Make it public" in site.get(own).content.decode()
    assert comments(site, slug) == [], "opening the link published it"
    done = site.post(own, {"step": "confirm"})
    assert "public now" in done.content.decode()
    [row] = comments(site, slug)
    assert (row["number"], row["name"], row["text"], row["position"]) == (number, "A. D.", "Too many cameras.", "against")  # fmt: skip
    assert "Too many cameras." in site.get(f"/decisions/{slug}/comments/").content.decode()
    assert receipt(site, number)["state"] == "published"


def test_nobody_gets_a_cookie_and_secret_pages_are_told_to_nobody(site: Any, slug: str) -> None:
    _, own = published(site, slug)
    for address in (
        f"/decisions/{slug}/comment/",
        f"/decisions/{slug}/comments/",
        "/receipts/",
        own,
        f"{own}?do=withdraw",
    ):
        answer = site.get(address)
        assert answer.status_code == 200, address
        assert not answer.cookies, address
    page = site.get(own)
    assert (page["Referrer-Policy"], page["X-Robots-Tag"], page["Cache-Control"]) == ("no-referrer", "noindex", "no-store")  # fmt: skip


def test_what_somebody_just_did_is_asked_anew_and_not_shown_as_it_was_a_minute_ago(site: Any, slug: str) -> None:
    number, _ = published(site, slug)
    for address in (f"/receipts/{number}/", f"/es/receipts/{number}/", f"/decisions/{slug}/comments/"):
        assert site.get(address)["Cache-Control"] == "public, no-cache", address
    assert site.get(f"/decisions/{slug}/speak/")["Cache-Control"] == "public, max-age=60"


def test_the_letter_says_what_it_is_and_its_words_lie_closed_in_the_database(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Comment, Outgoing

    number = write(site, slug, mail="closed@example.org")
    letter = letters("closed@example.org")[-1]
    assert number in letter.body
    assert "Was it you?" in letter.body
    key = link(letter).strip("/").split("/")[-1]
    for row in (*Outgoing.objects.values_list(), *Comment.objects.values_list()):
        told = b" ".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row)
        assert b"closed@example.org" not in told
        assert key.encode() not in told


def test_a_spanish_reader_gets_a_spanish_letter(site: Any, slug: str) -> None:
    answer = site.post(f"/es/decisions/{slug}/comment/", typed(mail="es@example.org"))
    assert answer["Location"].startswith("/es/receipts/")
    assert link(letters("es@example.org")[-1]).startswith("/es/said/")


@pytest.mark.parametrize("shown", ["full", "short", "none"])
def test_the_name_is_shown_as_its_bearer_chose(site: Any, slug: str, shown: str) -> None:
    published(site, slug, shown=shown, mail=f"{shown}@example.org")
    [row] = comments(site, slug)
    assert row["name"] == {"full": "Ann Marie Doe", "short": "A. D.", "none": ""}[shown]


def test_the_same_form_sent_twice_is_one_comment(site: Any, slug: str) -> None:
    first = write(site, slug, form="ab" * 16, mail="twice@example.org")
    assert write(site, slug, form="ab" * 16, mail="twice@example.org") == first
    assert len(letters("twice@example.org")) == 1
    assert write(site, slug, form="cd" * 16, mail="twice@example.org") != first


def test_a_second_comment_of_an_address_takes_the_place_of_the_first_after_saying_so(site: Any, slug: str) -> None:
    first, _ = published(site, slug)
    second = write(site, slug, text="I thought again.", position="for", mail="ANN@Example.org")
    own = link(letters("ANN@example.org")[-1])
    assert f"You commented on this before ({first})" in site.get(own).content.decode()
    assert [row["number"] for row in comments(site, slug)] == [first]
    site.post(own, {"step": "confirm"})
    [row] = comments(site, slug)
    assert (row["number"], row["version"]) == (second, 2)
    assert [old["text"] for old in row["history"]] == ["Too many cameras."]
    assert receipt(site, first)["stands"] == second
    assert site.get(f"/decisions/{slug}/comments.json").json()["tally"]["mail"] == {"for": 1, "against": 0, "neither": 0}  # fmt: skip


def test_a_comment_is_changed_after_a_look_and_what_it_said_stays_readable(site: Any, slug: str) -> None:
    number, own = published(site, slug)
    change = {**typed(text="Fewer would do.", position="neither", shown="none"), "version": "1"}
    assert "Fewer would do." in site.post(own, {**change, "step": "look"}).content.decode()
    assert comments(site, slug)[0]["text"] == "Too many cameras."
    assert site.post(own, {**change, "step": "change"}).status_code == 200
    [row] = comments(site, slug)
    assert (row["number"], row["text"], row["name"], row["version"]) == (number, "Fewer would do.", "", 2)
    assert site.post(own, {**change, "step": "change"}).status_code == 409, "a change of what nobody sees any more"


def test_taking_back_is_asked_first_and_deletes_words_name_and_address(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Comment, CommentVersion

    number, own = published(site, slug)
    assert "cannot be undone" in site.get(f"{own}?do=withdraw").content.decode()
    assert comments(site, slug), "asking took it back"
    site.post(own, {"step": "withdraw"})
    assert comments(site, slug) == []
    assert receipt(site, number)["state"] == "withdrawn"
    row = Comment.objects.get(number=number)
    assert (row.text, row.name, row.salt, bytes(row.mail), row.mark, row.domain) == ("", "", "", b"", "", "")
    assert not CommentVersion.objects.filter(comment=row).exists()
    assert "took it back" in site.get(own).content.decode()


def test_a_comment_that_is_not_confirmed_in_time_is_deleted(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Comment
    from postme.website import mailing

    number = write(site, slug, mail="late@example.org")
    own = link(letters("late@example.org")[-1])
    Comment.objects.filter(number=number).update(expires=datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1))  # fmt: skip
    answer = site.post(own, {"step": "confirm"})
    assert answer.status_code == 404
    assert "run out" in answer.content.decode()
    assert mailing.voices().tidied()["expired"] == 1
    assert site.get(f"/receipts/{number}/").status_code == 404
    assert site.get(own).status_code == 404


def test_a_confirmation_used_again_changes_nothing(site: Any, slug: str) -> None:
    number, own = published(site, slug)
    before = comments(site, slug)
    assert site.post(own, {"step": "confirm"}).status_code == 200
    assert comments(site, slug) == before
    assert receipt(site, number)["state"] == "published"


@pytest.mark.parametrize("key", ["x", "A" * 32, "a-b_c" * 6, "0" * 5000])
def test_a_forged_link_opens_nothing_and_says_so(site: Any, key: str) -> None:
    for kind in ("said", "voted", "followed"):
        for answer in (site.get(f"/{kind}/{key}/"), site.post(f"/{kind}/{key}/", {"step": "confirm"})):
            assert answer.status_code == 404
            assert "nothing at this link" in answer.content.decode()


def test_a_stated_address_is_a_level_of_its_own_and_the_street_is_dropped(
    site: Any, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postme.keeping.store.models import Comment
    from postme.office import wards

    def ward_of(_folder: Path, _town: str, said: str) -> Any:
        return wards.Found("Ward 3", None, ()) if said == "12 Zqstreet Lane" else None

    monkeypatch.setattr(wards, "ward_of", ward_of)
    wrong = site.post(f"/decisions/{slug}/comment/", typed(street="99 Nowhere"))
    assert wrong.status_code == 400
    assert "no such address" in wrong.content.decode()
    look = site.post(f"/decisions/{slug}/comment/", typed(street="12 Zqstreet Lane", step="look")).content.decode()
    assert "your ward, Ward 3" in look
    write(site, slug, street="12 Zqstreet Lane", mail="early@example.org")
    asked = site.get(link(letters("early@example.org")[-1])).content.decode()
    assert "that you stated an address in the town" in asked
    assert "your ward, Ward 3" in asked
    assert "The person also stated an address in the town. Nobody checked it." in asked
    plain = write(site, slug, mail="plain@example.org")
    assert plain
    without = site.get(link(letters("plain@example.org")[-1])).content.decode()
    assert "stated an address" not in without
    assert "It shows that somebody reads that mail, and nothing more." in without
    number, _ = published(site, slug, street="12 Zqstreet Lane", mail="lane@example.org")
    facts = site.get(f"/decisions/{slug}/comments.json").json()
    assert facts["tally"]["address"]["against"] == 1
    assert facts["tally"]["mail"]["against"] == 0
    assert "Ward 3" not in str(facts["comments"])
    row = Comment.objects.filter(number=number).values().get()
    assert row["ward"] == "Ward 3"
    assert "Zqstreet" not in str(row)


# --- when


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"opened": None}, "No day for it is known yet."), ({"opened": -5}, "Comments open on"), ({"opened": 40}, "That time is over."),
        ({"opened": 3, "decided": "approve"}, "That time is over."),
    ],
)  # fmt: skip
def test_outside_the_time_it_says_when_and_what_can_be_done(site: Any, state: dict[str, Any], says: str) -> None:
    slug = proposal(**state)
    page = site.get(f"/decisions/{slug}/comment/").content.decode()
    assert says in page
    assert (f"/decisions/{slug}/speak/" in page) is ("decided" not in state)
    assert ("write to your council member" in page) is ("decided" in state)
    assert site.post(f"/decisions/{slug}/comment/", typed()).status_code == 409
    assert comments(site, slug) == []


def test_a_proposal_that_is_not_public_takes_none_and_is_not_there(site: Any) -> None:
    slug = proposal(public=False)
    for page in ("comment/", "comments/", "comments.csv", "vote/", "speak/"):
        assert site.get(f"/decisions/{slug}/{page}").status_code == 404, page
    assert site.post(f"/decisions/{slug}/comment/", typed()).status_code == 404


def test_what_was_written_in_time_can_be_confirmed_and_taken_back_after_it(site: Any) -> None:
    from speaking import deed

    slug = proposal(opened=3)
    write(site, slug, mail="intime@example.org")
    own = link(letters("intime@example.org")[-1])
    deed(slug, "close_comments", datetime.datetime.now(datetime.UTC).date())
    assert site.post(own, {"step": "confirm"}).status_code == 200
    assert len(comments(site, slug)) == 1
    assert site.post(own, {**typed(), "version": "1", "step": "change"}).status_code == 409
    site.post(own, {"step": "withdraw"})
    assert comments(site, slug) == []


# --- what is wrong


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"position": ""}, "Choose one of the three."), ({"text": " "}, "Write what you want to say."), ({"text": "x" * 4001}, "4,001"),
        ({"name": ""}, "Write the name"), ({"mail": "nowhere"}, "Write a mail address"), ({"shown": ""}, "Choose how"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(
    site: Any, slug: str, wrong: dict[str, str], says: str
) -> None:
    answer = site.post(f"/decisions/{slug}/comment/", typed(**{"text": "Kept words.", **wrong}))
    assert answer.status_code == 400
    assert says in answer.content.decode()
    if "text" not in wrong:
        assert "Kept words." in answer.content.decode()


def test_a_megabyte_is_refused_with_its_length_and_nothing_happens(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Comment, Outgoing

    before = Comment.objects.count(), Outgoing.objects.count()
    answer = site.post(f"/decisions/{slug}/comment/", typed(text="x" * 1_048_576))
    assert answer.status_code == 413
    assert re.search("1,04[0-9],[0-9]{3} bytes", answer.content.decode())
    almost = site.post(f"/decisions/{slug}/comment/", typed(text="x" * 900_000))
    assert almost.status_code == 400
    assert "900,000" in almost.content.decode()
    assert "x" * 900_000 in almost.content.decode(), "what was typed is lost"
    assert (Comment.objects.count(), Outgoing.objects.count()) == before


@pytest.mark.parametrize("text", ["لا نريد كاميرات في شارعنا.", "不要摄像头。", "हमें कैमरे नहीं चाहिए", "Ω≈ç√∫ 👩‍👩‍👧"])
def test_any_script_comes_out_as_it_went_in(site: Any, slug: str, text: str) -> None:
    published(site, slug, text=text, name="زينب", shown="full")
    [row] = comments(site, slug)
    assert (row["text"], row["name"]) == (text, "زينب")
    page = site.get(f"/decisions/{slug}/comments/").content.decode()
    assert text in page
    assert 'dir="auto"' in page


def test_html_is_shown_as_text_everywhere(site: Any, slug: str) -> None:
    bad = "<script>alert(1)</script><b>no</b>"
    number, own = published(site, slug, text=bad, name="<i>Ann</i>", shown="full")
    for address in (f"/decisions/{slug}/comments/", own, f"/receipts/{number}/"):
        page = site.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<i>Ann" not in page


def test_a_machine_that_fills_in_everything_is_not_heard(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Comment

    before = Comment.objects.count()
    assert site.post(f"/decisions/{slug}/comment/", typed(website="https://spam.example")).status_code == 302
    assert Comment.objects.count() == before


def test_nobodys_mailbox_is_filled_from_here(site: Any) -> None:
    for _ in range(5):
        write(site, proposal(), mail="victim@example.org")
    answer = site.post(f"/decisions/{proposal()}/comment/", typed(mail="Victim@example.org"))
    assert answer.status_code == 409
    assert "Several mails wait" in answer.content.decode()
    assert len(letters("victim@example.org")) == 5


def test_who_sends_too_often_is_asked_to_wait_and_loses_nothing(site: Any, slug: str) -> None:
    from django.test import override_settings

    from postme.website import sending

    sending._buckets.cache_clear()
    with override_settings(RATE=10.0):
        answers = [site.post(f"/decisions/{slug}/comment/", typed(mail=f"a{i}@example.org", text=f"Words {i}.")) for i in range(22)]  # fmt: skip
    sending._buckets.cache_clear()
    assert [one.status_code for one in answers] == [302] * 20 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Words 21." in answers[-1].content.decode()


def test_without_a_mail_server_nobody_is_asked_to_wait_for_mail(site: Any, slug: str) -> None:
    from django.test import override_settings

    with override_settings(MAIL_FILES=False):
        assert "cannot send mail yet" in site.get(f"/decisions/{slug}/comment/").content.decode()
        assert site.post(f"/decisions/{slug}/comment/", typed()).status_code == 409


# --- receipts and the log


@pytest.mark.parametrize(
    ("number", "says"),
    [("12345-67895", "does not fit"), ("nonsense", "no receipt number"), ("12345-67894", "never given out")],
)
def test_a_forged_receipt_is_told(site: Any, number: str, says: str) -> None:
    answer = site.get(f"/receipts/{number}/")
    assert answer.status_code == 404
    assert says in answer.content.decode()
    assert site.get("/receipts/", {"number": number}).status_code in (400, 404)


def test_a_receipt_is_found_however_it_is_typed_and_tells_nothing_of_its_writer(site: Any, slug: str) -> None:
    number, _ = published(site, slug)
    page = site.get("/receipts/", {"number": number.lower().replace("-", " ")}).content.decode()
    assert number in page
    for secret in ("ann@example.org", "Doe", "A. D.", "Too many cameras"):
        assert secret not in page


def test_what_people_said_goes_into_the_log_as_salted_hashes_and_can_be_checked(site: Any, slug: str) -> None:
    from postme.website import mailing

    number, own = published(site, slug)
    assert "within 1 minute" in site.get(f"/receipts/{number}/").content.decode()
    [leaf] = mailing.voices().seal(slug)
    assert mailing.voices().seal(slug) == [], "the same is sealed once"
    data = site.get(f"/receipts/{number}/bytes").content
    digest = hashlib.sha256(data).hexdigest()
    batch = site.get(f"/decisions/{slug}/voices/1.json").content
    assert digest in json.loads(batch)["facts"]["sealed"]
    assert leaf.twin == batch
    for word in ("Too many", "Ann", "A. D.", "example.org", "against"):
        assert word not in batch.decode()
    assert receipt(site, number)["entry"] == leaf.index
    assert site.get(f"/decisions/{slug}/voices/1/").status_code == 200
    assert site.get(f"/decisions/{slug}/voices/1.proof").status_code == 200
    site.post(own, {"step": "withdraw"})
    assert site.get(f"/receipts/{number}/bytes").status_code == 404
    assert digest in site.get(f"/decisions/{slug}/voices/1.json").content.decode(), "the log was changed"


def test_the_table_and_the_twin_say_what_the_page_says(site: Any, slug: str) -> None:
    published(site, slug, text="=1+1", mail="one@example.org")
    number, own = published(site, slug, text="Gone.", mail="two@example.org")
    site.post(own, {"step": "withdraw"})
    text = b"".join(site.get(f"/decisions/{slug}/comments.csv").streaming_content).decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert row["text"] == "'=1+1", "a spreadsheet would run it"
    assert "example.org" not in text
    assert number not in text


def test_comments_are_listed_by_pages_positions_and_levels(site: Any, slug: str) -> None:
    from postme.website import mailing

    about = mailing.voices().about(slug)
    for i in range(52):
        mailing.voices().enter(about, {"position": "for" if i % 2 else "against", "text": f"Number {i}.", "name": "", "shown": "none", "channel": "paper"}, who="cle")  # fmt: skip
    published(site, slug)
    facts = site.get(f"/decisions/{slug}/comments.json").json()
    assert (len(facts["comments"]), facts["numbers"], facts["count"]) == (50, 2, 53)
    assert len(site.get(f"/decisions/{slug}/comments.json?page=2").json()["comments"]) == 3
    assert site.get(f"/decisions/{slug}/comments.json?position=for").json()["count"] == 26
    assert site.get(f"/decisions/{slug}/comments.json?level=mail").json()["count"] == 1
    assert facts["tally"]["clerk"] == {"for": 26, "against": 26, "neither": 0}
    assert facts["tally"]["mail"] == {"for": 0, "against": 1, "neither": 0}
    assert facts["days"][-1]["count"] == 53


# --- the advisory vote


def ask(slug: str, *, opens: int = 0, closes: int = 5) -> dict[str, Any]:
    from postme.keeping.store import heard
    from postme.website import mailing

    today = datetime.datetime.now(datetime.UTC).date()
    own = mailing.voices()
    own.ask(own.about(slug), "Should the town buy them?", today + datetime.timedelta(days=opens), today + datetime.timedelta(days=closes), who="cle")  # fmt: skip
    vote = heard.vote(slug)
    assert vote is not None
    return vote


def cast(
    site: Any, slug: str, vote: dict[str, Any], choice: str = "for", mail: str = "ann@example.org", **more: str
) -> Any:
    return site.post(f"/decisions/{slug}/vote/cast/", {"choice": choice, "mail": mail, "sha256": vote["sha256"], "step": "send", **more})  # fmt: skip


def test_a_ballot_counts_once_it_is_confirmed_one_for_each_address(site: Any, slug: str) -> None:
    vote = ask(slug)
    assert vote["sha256"] == hashlib.sha256(b"Should the town buy them?").hexdigest()
    assert vote["sha256"] in site.get(f"/decisions/{slug}/vote/").content.decode()
    for choice in ("for", "against"):
        assert cast(site, slug, vote, choice).status_code == 302
        own = link(letters("ann@example.org")[-1])
        before = site.get(f"/decisions/{slug}/vote.json").json()["results"]
        assert vote["sha256"] in site.get(own).content.decode()
        assert site.get(f"/decisions/{slug}/vote.json").json()["results"] == before, "opening the link counted it"
        site.post(own, {"step": "confirm"})
    assert site.get(f"/decisions/{slug}/vote.json").json()["results"]["mail"] == {"for": 0, "against": 1, "neither": 0}
    assert "advisory" in site.get(f"/decisions/{slug}/vote/").content.decode()
    site.post(own, {"step": "withdraw"})
    assert site.get(f"/decisions/{slug}/vote.json").json()["results"]["mail"]["against"] == 0


def test_a_ballot_answers_the_question_that_was_seen_and_in_its_time(site: Any, slug: str) -> None:
    vote = ask(slug)
    assert cast(site, slug, {**vote, "sha256": "0" * 64}).status_code == 409
    assert cast(site, slug, vote, "maybe").status_code == 400
    assert cast(site, slug, vote, mail="none").status_code == 400
    later = proposal()
    assert cast(site, later, ask(later, opens=3)).status_code == 409


def test_an_answer_with_a_stated_address_and_one_on_paper_are_levels_of_their_own(
    site: Any, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postme.keeping.store.models import Ballot
    from postme.office import wards

    monkeypatch.setattr(wards, "ward_of", lambda _f, _t, said: wards.Found("Ward 3", None, ()) if said == "12 Zqstreet Lane" else None)  # fmt: skip
    vote = ask(slug)
    assert cast(site, slug, vote, street="99 Nowhere").status_code == 400
    look = cast(site, slug, vote, street="12 Zqstreet Lane", step="look").content.decode()
    assert "your ward, Ward 3" in look
    assert cast(site, slug, vote, "against", mail="lane2@example.org", street="12 Zqstreet Lane").status_code == 302
    own = link(letters("lane2@example.org")[-1])
    assert "The person also stated an address in the town." in site.get(own).content.decode()
    site.post(own, {"step": "confirm"})
    clem = at_the_desk("clem-ballot", "clerk")
    assert clem.post(f"/desk/voices/{slug}/", {"step": "ballot", "choice": "for"}).status_code == 302
    assert at_the_desk("lia-ballot", "liaison").post(f"/desk/voices/{slug}/", {"step": "ballot", "choice": "for"}).status_code == 403  # fmt: skip
    results = site.get(f"/decisions/{slug}/vote.json").json()["results"]
    assert (results["address"]["against"], results["clerk"]["for"], sum(results["mail"].values())) == (1, 1, 0)
    assert not [row for row in Ballot.objects.filter(vote=vote["id"]).values_list() if "Zqstreet" in str(row)]


# --- the question, at the desk


def _days(first: int, last: int) -> dict[str, str]:
    today = datetime.datetime.now(datetime.UTC).date()
    return {"opens": (today + datetime.timedelta(first)).isoformat(), "closes": (today + datetime.timedelta(last)).isoformat()}  # fmt: skip


def test_a_clerk_sees_the_exact_question_and_its_hash_before_it_is_put(site: Any, slug: str) -> None:
    from postme.keeping.store import heard

    clem, desk = at_the_desk("clem-asks", "clerk"), f"/desk/voices/{slug}/"
    typed_ = {"question": "Should the town \n buy them?", **_days(0, 9)}
    looked = clem.post(desk, {**typed_, "step": "look"})
    text, sha256 = looked.content.decode(), hashlib.sha256(b"Should the town buy them?").hexdigest()
    assert looked.status_code == 200
    assert "“Should the town buy them?”" in text
    assert sha256 in text
    assert heard.vote(slug) is None, "looking put it"
    assert clem.post(desk, {**typed_, "step": "ask", "sha256": "0" * 64}).status_code == 409
    assert heard.vote(slug) is None, "another question than the one that was looked at was put"
    assert clem.post(desk, {**typed_, "step": "ask", "sha256": sha256}).status_code == 302
    assert heard.vote(slug)["sha256"] == sha256  # type: ignore[index]
    assert "Should the town buy them?" in site.get(f"/decisions/{slug}/vote/").content.decode()


@pytest.mark.parametrize(
    ("days", "says"), [((-3, 5), "The first day is past."), ((3, 1), "This question cannot be put.")]
)
def test_a_question_that_nobody_could_answer_is_refused_beside_the_form_with_what_was_typed(
    site: Any, slug: str, days: tuple[int, int], says: str
) -> None:
    answer = at_the_desk("clem-days", "clerk").post(f"/desk/voices/{slug}/", {"question": "Buy them, please?", **_days(*days), "step": "look"})  # fmt: skip
    assert answer.status_code == 409
    assert says in answer.content.decode()
    assert 'value="Buy them, please?"' in answer.content.decode()


@pytest.mark.parametrize("kind", ["approve", "reject", "withdraw"])
def test_no_question_is_put_after_the_vote_that_it_is_about(site: Any, kind: str) -> None:
    from postme.keeping.store import heard

    slug = proposal(decided=kind)
    clem = at_the_desk("clem-late", "clerk")
    assert 'value="look"' not in clem.get(f"/desk/voices/{slug}/").content.decode()
    sha256 = hashlib.sha256(b"Buy them?").hexdigest()
    for step in ("look", "ask"):
        answer = clem.post(f"/desk/voices/{slug}/", {"question": "Buy them?", "sha256": sha256, **_days(0, 5), "step": step})  # fmt: skip
        assert answer.status_code == 409
        assert ("was withdrawn" if kind == "withdraw" else "The council has decided.") in answer.content.decode()
    assert heard.vote(slug) is None


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_clerk_alone_puts_a_question(site: Any, slug: str, role: str) -> None:
    from postme.keeping.store import heard

    sha256 = hashlib.sha256(b"Buy them?").hexdigest()
    answer = at_the_desk(f"asks-{role}", role).post(f"/desk/voices/{slug}/", {"question": "Buy them?", "sha256": sha256, **_days(0, 5), "step": "ask"})  # fmt: skip
    assert (answer.status_code == 302) is (role == "clerk"), answer.status_code
    assert (heard.vote(slug) is not None) is (role == "clerk")


def test_a_question_is_not_exchanged_while_it_is_open(site: Any, slug: str) -> None:
    from postme.errors import WrongUse

    ask(slug)
    with pytest.raises(WrongUse, match="Another question"):
        ask(slug)


# --- the sheet of speakers


def test_who_wants_to_speak_stands_on_the_clerks_sheet_alone_and_can_leave_it(site: Any, slug: str) -> None:
    from postme.keeping.store import models
    from postme.website import mailing

    assert "No hearing on this is set yet" in site.get(f"/decisions/{slug}/speak/").content.decode()
    now = datetime.datetime.now(datetime.UTC)
    meeting = models.Meeting.objects.create(town_id=TOWN, body="city council", on=now.date() + datetime.timedelta(days=9), begins="18:30", where="Town Hall", who="cle", at=now)  # fmt: skip
    models.Item.objects.create(meeting=meeting, proposal=models.Proposal.objects.get(slug=slug), kind="hear")
    sheet = {"meeting": str(meeting.pk), "name": "Zeynep Q.", "position": "against", "needs": "Arabic interpreter"}
    assert "Arabic interpreter" in site.post(f"/decisions/{slug}/speak/", {**sheet, "step": "look"}).content.decode()
    assert mailing.voices().speakers(meeting.pk) == []
    answer = site.post(f"/decisions/{slug}/speak/", {**sheet, "step": "send"})
    assert [one["name"] for one in mailing.voices().speakers(meeting.pk)] == ["Zeynep Q."]
    for page in (f"/decisions/{slug}/speak/", f"/decisions/{slug}/comments/"):
        assert "Zeynep" not in site.get(page).content.decode()
    assert site.get(answer["Location"]).status_code == 200
    site.post(answer["Location"], {"step": "withdraw"})
    assert mailing.voices().speakers(meeting.pk) == []
    assert site.post(f"/decisions/{slug}/speak/", {**sheet, "meeting": "999999"}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "days", "off", "says"),
    [
        ("approve", 9, False, "This meeting does not hear people on this proposal."), ("hear", 9, True, "This meeting is called off."), ("hear", -2, False, "This meeting is over, or has begun."),
        ("", 9, False, "This meeting does not hear people on this proposal."),
    ],
)  # fmt: skip
def test_nobody_is_put_on_the_sheet_of_a_meeting_that_takes_none(
    site: Any, slug: str, kind: str, days: int, off: bool, says: str
) -> None:
    from postme.errors import WrongUse
    from postme.keeping.store import models
    from postme.voices import Position
    from postme.website import mailing

    now = datetime.datetime.now(datetime.UTC)
    meeting = models.Meeting.objects.create(town_id=TOWN, body="town council", on=now.date() + datetime.timedelta(days), called_off=off, who="cle", at=now)  # fmt: skip
    if kind:
        models.Item.objects.create(meeting=meeting, proposal=models.Proposal.objects.get(slug=slug), kind=kind)
    form = site.get(f"/decisions/{slug}/speak/").content.decode()
    assert "No hearing on this is set yet" in form
    assert "Town council" not in form
    sheet = {"meeting": str(meeting.pk), "name": "Zeynep Q.", "position": "against", "needs": ""}
    for step in ("look", "send"):
        answer = site.post(f"/decisions/{slug}/speak/", {**sheet, "step": step})
        assert answer.status_code == 409
        assert says in answer.content.decode()
    own = mailing.voices()
    about = own.about(slug)
    assert about
    with pytest.raises(WrongUse, match=says):
        own.speak(meeting.pk, about, name="Z", position=Position.FOR, needs="", language="en")
    assert own.speakers(meeting.pk) == []


def test_a_meeting_that_has_begun_takes_no_more_names_where_its_hour_is_known(site: Any, slug: str) -> None:
    from postme.keeping.store import models

    now = datetime.datetime.now(datetime.UTC)
    row = models.Proposal.objects.get(slug=slug)
    begun, later = now - datetime.timedelta(minutes=5), now + datetime.timedelta(minutes=20)
    for body, at in (("town council", begun), ("school council", later)):
        meeting = models.Meeting.objects.create(town_id=TOWN, body=body, on=at.date(), begins=f"{at:%H:%M}", zone="UTC", who="cle", at=now)  # fmt: skip
        models.Item.objects.create(meeting=meeting, proposal=row, kind="hear")
    page = site.get(f"/decisions/{slug}/speak/").content.decode()
    assert "School council" in page
    assert "Town council" not in page


@pytest.mark.parametrize("role", roles.ROLES)
def test_the_sheet_is_shown_at_the_desk_to_a_clerk_alone(site: Any, slug: str, role: str) -> None:
    from postme.keeping.store import models

    now = datetime.datetime.now(datetime.UTC)
    meeting = models.Meeting.objects.create(town_id=TOWN, body="city council", on=now.date() + datetime.timedelta(days=9), who="cle", at=now)  # fmt: skip
    models.Item.objects.create(meeting=meeting, proposal=models.Proposal.objects.get(slug=slug), kind="hear")
    told = {"meeting": str(meeting.pk), "name": "Zeynep Q.", "position": "against", "needs": "Arabic interpreter"}
    assert site.post(f"/decisions/{slug}/speak/", {**told, "step": "send"}).status_code == 302
    page = at_the_desk(f"who-{role}", role).get(f"/desk/voices/{slug}/").content.decode()
    shown = roles.may([role], "enter comments")
    assert [words in page for words in ("Zeynep Q.", "Arabic interpreter")] == [shown, shown]
