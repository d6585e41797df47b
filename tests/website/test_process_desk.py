"""The desk of the process: a liaison drafts and hands in, a clerk makes public and carries on, one or many; nothing typed is lost."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import setup_test_environment, teardown_test_environment
from staffed import at_the_desk, person

from postme.keeping.store.models import DeskAct, Outgoing, Proposal, Voice
from postme.office import counsel, example_town, packet
from postme.office.batches import Batches
from postme.website import reminding
from postme.website.pages.desk import obligations

TOWN, OPEN, LATE = "us/zz/mill_falls", "twelve-more-plate-readers", "cameras-at-the-bus-station"
TODAY = datetime.datetime.now(datetime.UTC).date()
DESK = "/desk/process/"
HERE = "https://town.example/clerk/papers"


@pytest.fixture(autouse=True)
def story() -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    setup_test_environment()  # so that what a page was given can be looked at
    yield
    teardown_test_environment()
    counsel.also_from([])


def day(offset: int) -> str:
    return (TODAY + datetime.timedelta(offset)).isoformat()


def table(count: int, drafted: int = -100) -> SimpleUploadedFile:
    rows = "".join(f"Thing {number},Police Department,police,alpr,obtain;use,{day(drafted)}\n" for number in range(count))  # fmt: skip
    return SimpleUploadedFile("t.csv", f"title,body,kind,technologies,acts,drafted\n{rows}".encode(), "text/csv")


def brought(lia: Any, count: int = 3) -> list[str]:
    """So many proposals, drafted from one table and handed in."""
    looked = lia.post(f"{DESK}table/", {"town": TOWN, "file": table(count), "step": "look"})
    assert len(looked.context["batch"].good) == count
    done = lia.post(f"{DESK}table/", {"town": TOWN, "text": looked.context["text"], "name": "t.csv", "step": "draft and hand in"})  # fmt: skip
    return [one.slug for one in done.context["outcomes"] if one.done]


def many(clem: Any, kinds: list[str], slugs: list[str], offset: int, **typed: str) -> Any:
    seen = json.dumps({one.slug: one.turn for one in Proposal.objects.filter(slug__in=slugs)})
    return clem.post(f"{DESK}many/", {"kind": kinds, "which": "all", "seen": seen, "on": day(offset), "step": "record", **typed})  # fmt: skip


def heard(site: Any, count: int = 3) -> tuple[Any, list[str]]:
    """A clerk, and so many proposals that were heard."""
    lia, clem = at_the_desk("lia", "liaison"), at_the_desk("clem", "clerk")
    slugs = brought(lia, count)
    for kinds, offset, typed in (
        (["accept", "publish_report", "publish_policy"], -99, {"evidence": HERE}), (["advise"], -90, {"note": "Fine."}), (["give_notice", "open_comments"], -80, {"until": day(-50)}),
        (["close_comments", "hear"], -50, {}),
    ):  # fmt: skip
        response = many(clem, kinds, slugs, offset, **typed)
        assert all(one.done for one in response.context["outcomes"]), response.context["outcomes"]
    return clem, slugs


def roll_call(clem: Any, slugs: list[str], **more: Any) -> dict[str, Any]:
    page = clem.get(f"{DESK}vote/?" + "&".join(f"proposal={one}" for one in slugs))
    findings = {f"finding-{one['name']}": "true" for one in page.context["findings"]}
    return {"seen": page.context["seen"], "which": "all", "kind": "approve", "on": day(-10), "motion": "Approve it.", "everyone": "yes", "step": "record", **findings, **more}  # fmt: skip


def test_many_go_from_one_table_to_one_vote_and_each_has_its_roll_call(site: Any) -> None:
    clem, slugs = heard(site)
    response = clem.post(f"{DESK}vote/", roll_call(clem, slugs))
    assert [one.done for one in response.context["outcomes"]] == [True] * 3
    assert Voice.objects.filter(deed__proposal__slug__in=slugs, vote="yes").count() == 21
    for slug in slugs:
        assert "7 yes" in site.get(f"/decisions/{slug}/").content.decode()


def test_a_vote_entered_twice_is_refused_and_counts_once(site: Any) -> None:
    clem, slugs = heard(site, 2)
    told = roll_call(clem, slugs)
    assert clem.post(f"{DESK}vote/", told).status_code == 200
    again = clem.post(f"{DESK}vote/", told)
    assert again.status_code == 409
    assert "recorded already" in again.content.decode()
    assert Voice.objects.filter(deed__proposal__slug__in=slugs).count() == 14


def test_a_member_without_a_vote_is_asked_for_and_what_was_typed_stays(site: Any) -> None:
    clem, slugs = heard(site, 1)
    response = clem.post(f"{DESK}vote/", roll_call(clem, slugs, everyone="", motion="These very words."))
    assert response.status_code == 409
    assert "No vote of" in response.content.decode()
    assert "These very words." in response.content.decode()
    assert not Voice.objects.filter(deed__proposal__slug__in=slugs).exists()


def test_votes_that_do_not_carry_are_no_approval(site: Any) -> None:
    clem, slugs = heard(site, 1)
    told = roll_call(clem, slugs)
    seats = clem.get(f"{DESK}vote/?proposal={slugs[0]}").context["seats"]
    told |= {f"vote-{one['number']}": "no" for one in seats[:4]}
    response = clem.post(f"{DESK}vote/", told)
    assert "do not carry" in response.content.decode()


def test_what_the_council_did_without_a_finding_is_recorded_only_on_a_clear_choice_and_says_so(site: Any) -> None:
    clem, slugs = heard(site, 1)
    told = roll_call(clem, slugs)
    told = {key: value for key, value in told.items() if not key.startswith("finding-")}
    refused = clem.post(f"{DESK}vote/", told)
    assert refused.status_code == 409
    assert "finding" in refused.content.decode()
    assert clem.post(f"{DESK}vote/", {**told, "insist": "yes"}).status_code == 302
    shown = site.get(f"/decisions/{slugs[0]}/").content.decode()
    assert "something that the law asks for was missing" in shown
    assert "Voted for, a gate missing<br>" in shown  # in the strip of steps
    assert "Approved<br>" not in shown
    seat = clem.get(f"{DESK}vote/?proposal={slugs[0]}").context["seats"][0]["number"]
    votes = json.loads(site.get(f"/places/{TOWN}/council/{seat}.json").content)["votes"]
    assert [one["outcome"] for one in votes if slugs[0] in one["address"]] == ["voted for, a gate missing"]


def test_of_many_those_whose_gate_is_shut_are_told_why_and_the_others_go(site: Any) -> None:
    lia, clem = at_the_desk("lia", "liaison"), at_the_desk("clem", "clerk")
    slugs = brought(lia)
    many(clem, ["accept", "publish_report", "publish_policy"], slugs, -99, evidence=HERE)
    many(clem, ["advise"], slugs[:2], -90)
    many(clem, ["give_notice"], slugs[:2], -80)
    response = many(clem, ["hear"], slugs, -50)
    outcomes = {one.slug: one for one in response.context["outcomes"]}
    assert not outcomes[slugs[2]].done
    assert "announce the hearing" in outcomes[slugs[2]].why
    # The others have their notice; the time for comments is a gate of the vote, not of the hearing, or it is told.
    assert outcomes[slugs[0]].done is outcomes[slugs[1]].done


def test_two_clerks_at_once_the_second_is_told_and_keeps_what_was_typed(site: Any) -> None:
    clem, slugs = heard(site, 1)
    other = at_the_desk("cora", "clerk")
    turn = Proposal.objects.get(slug=slugs[0]).turn
    form = {"turn": turn, "step": "record", "kind": "meet_community", "on": day(-40)}
    assert clem.post(f"{DESK}{slugs[0]}/", {**form, "note": "First."}).status_code == 302
    second = other.post(f"{DESK}{slugs[0]}/", {**form, "on": day(-39), "note": "Typed by the second."})
    assert second.status_code == 409
    assert "Typed by the second." in second.content.decode()
    assert "Somebody changed this proposal" in second.content.decode()


def test_one_that_changed_meanwhile_is_left_out_of_many_and_the_others_go(site: Any) -> None:
    clem, slugs = heard(site, 3)
    seen = {one.slug: one.turn for one in Proposal.objects.filter(slug__in=slugs)}
    seen[slugs[1]] -= 1
    response = clem.post(f"{DESK}many/", {"kind": ["meet_community"], "which": "all", "seen": json.dumps(seen), "on": day(-40), "step": "record"})  # fmt: skip
    assert {one.slug: one.done for one in response.context["outcomes"]} == {slugs[0]: True, slugs[1]: False, slugs[2]: True}  # fmt: skip


def test_nobody_makes_public_what_they_wrote_even_when_it_was_handed_over(site: Any) -> None:
    both = at_the_desk("both", "liaison", "clerk")
    person("max", "liaison")
    typed = {"town": TOWN, "title": "A kite", "agency": "Police Department", "kind": "police", "technologies": ["drone"], "acts": ["obtain"]}  # fmt: skip
    assert both.post(f"{DESK}draft/", typed).status_code == 302
    clem = at_the_desk("clem", "clerk")
    clem.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "both", "role": "liaison", "agency": "Police Department"})  # fmt: skip
    [row] = [one for one in clem.get(f"{DESK}offices/").context["now"] if one.role == "liaison"]
    clem.post(f"{DESK}offices/", {"step": "hand over", "number": row.number, "to": "max"})
    assert Proposal.objects.get(slug="mill-falls-a-kite").author == "max"
    assert DeskAct.objects.filter(what="proposal handed over", target="/decisions/mill-falls-a-kite/").exists()
    at_the_desk("max", "liaison").post(f"{DESK}mill-falls-a-kite/", {"step": "hand in", "turn": 0, "on": day(0)})
    refused = both.post(f"{DESK}mill-falls-a-kite/", {"step": "accept", "turn": 1})
    assert "Nobody makes public what they drafted" in refused.content.decode()
    assert clem.post(f"{DESK}mill-falls-a-kite/", {"step": "accept", "turn": 1}).status_code == 302


def test_a_role_goes_only_to_an_account_that_has_it(site: Any) -> None:
    clem = at_the_desk("clem", "clerk")
    told = clem.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "nobody", "role": "clerk"})
    assert "no account" in told.content.decode()
    person("max", "reader")
    told = clem.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "max", "role": "clerk"})
    assert "has not the role" in told.content.decode()
    reader = at_the_desk("rita", "reader")
    assert reader.post(f"{DESK}offices/", {"step": "end", "number": 1}).status_code == 403


def test_a_hearing_moved_earlier_than_the_notice_allows_is_refused_with_the_first_day_and_the_clause(site: Any) -> None:
    clem = at_the_desk("clem", "clerk")
    [number] = [one.number for one in Batches(site.data).meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
    page = clem.get(f"{DESK}meetings/{number}/")
    form = {"town": TOWN, "stamp": page.context["stamp"], "body": "city council", "on": day(2), "where": "A room I typed", "agenda": [f"{OPEN} hear"], "which": "some", "step": "call"}  # fmt: skip
    refused = clem.post(f"{DESK}meetings/{number}/", form)
    text = refused.content.decode()
    assert refused.status_code == 409
    for word in ("too early", "section 3.04", "or a later day", "A room I typed", "every day counts"):
        assert word in text
    later = clem.post(f"{DESK}meetings/{number}/", {**form, "on": day(40)})
    assert later.status_code == 302
    stale = clem.post(f"{DESK}meetings/{number}/", {**form, "on": day(41)})
    assert "Somebody changed this meeting" in stale.content.decode()


def test_a_table_with_bad_rows_shows_them_and_gives_them_back(site: Any) -> None:
    lia = at_the_desk("lia", "liaison")
    text = "title,body,kind,technologies,acts\nGood,Police,police,alpr,use\nBad,,polis,warp,use\n"
    looked = lia.post(f"{DESK}table/", {"town": TOWN, "file": SimpleUploadedFile("t.csv", text.encode()), "step": "look"})  # fmt: skip
    assert "1 row can be drafted" in looked.content.decode()
    back = lia.post(f"{DESK}table/", {"town": TOWN, "text": looked.context["text"], "name": "t.csv", "step": "mend"})
    assert back["Content-Type"].startswith("text/csv")
    assert b"warp" in back.content
    assert b"Good" not in back.content
    rubbish = lia.post(f"{DESK}table/", {"town": TOWN, "file": SimpleUploadedFile("t.xlsx", b"PK\x03\x04zzz"), "step": "look"})  # fmt: skip
    assert rubbish.status_code == 400
    assert "no CSV file" in rubbish.content.decode()
    assert at_the_desk("clem", "clerk").get(f"{DESK}table/").status_code == 403


def test_a_correction_keeps_the_old_day_and_needs_a_reason(site: Any) -> None:
    clem, slugs = heard(site, 1)
    page = clem.get(f"{DESK}{slugs[0]}/")
    [report] = [one for one in page.context["recorded"] if one["kind"] == "publish_report"]
    form = {"turn": page.context["one"].turn, "step": "correct", "kind": "publish_report", "number": report["number"], "on": day(-98)}  # fmt: skip
    assert "A reason is missing" in clem.post(f"{DESK}{slugs[0]}/", {**form, "reason": ""}).content.decode()
    assert clem.post(f"{DESK}{slugs[0]}/", {**form, "reason": "It was a day later."}).status_code == 302
    assert "It was a day later." in site.get(f"/decisions/{slugs[0]}/").content.decode()


def test_the_desk_shows_each_next_step_with_its_gates_and_their_clauses(site: Any) -> None:
    text = at_the_desk("clem", "clerk").get(f"{DESK}{OPEN}/?plan={day(60)}").content.decode()
    for word in ("section 3.04", "What can come next", "How the day was counted", "Enter the roll call"):
        assert word in text


def test_what_is_due_stands_on_one_page_and_as_a_table_and_is_judged_once(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    clem = at_the_desk("clem", "clerk")
    text = clem.get(f"{DESK}due/").content.decode()
    assert "Overdue (" in text
    assert "Cameras at the bus station" in text
    rows = clem.get(f"{DESK}due.csv?body=Department of Public Works").content.decode().splitlines()
    assert len(rows) > 1
    assert all("Public Works" in row for row in rows[1:])

    def never(*_: Any) -> Any:
        raise AssertionError("judged again")

    monkeypatch.setattr(obligations, "_of", never)
    assert clem.get(f"{DESK}due/").status_code == 200


def test_a_packet_is_public_with_the_notice_and_every_hash_in_it_is_right(site: Any) -> None:
    office = Batches(site.data)
    [number] = [one.number for one in office.meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
    page = site.get(f"/meetings/{number}/")
    assert page.status_code == 200
    told = json.loads(site.get(f"/meetings/{number}.json").content)
    data = b"".join(site.get(f"/meetings/{number}/packet.zip").streaming_content)
    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    archive = zipfile.ZipFile(io.BytesIO(data))
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert {*sums} | {"SHA256SUMS"} == {*archive.namelist()}
    for name, sha256 in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == sha256
    index = archive.read("index.html").decode()
    for part in told["parts"]:
        assert part["sha256"] in index
        assert sums[part["path"]] == part["sha256"]
    again = packet.made(office, number, "http://elsewhere", TODAY)
    assert {path: digest for path, digest in packet.opened(again) if path in sums} != {}


def test_a_packet_without_notice_is_not_public_and_the_desk_sees_it(site: Any) -> None:
    lia, clem = at_the_desk("lia", "liaison"), at_the_desk("clem", "clerk")
    slugs = brought(lia, 1)
    many(clem, ["accept"], slugs, -99)
    number = Batches(site.data).call(TOWN, {"body": "city council", "on": TODAY + datetime.timedelta(60), "begins": "", "zone": "", "where": "", "how_to_speak": ""}, [(slugs[0], "hear")], who="clem", roles_=["clerk"])  # fmt: skip
    assert site.get(f"/meetings/{number}/").status_code == 404
    assert site.get(f"/meetings/{number}/packet.zip").status_code == 404
    assert clem.get(f"{DESK}meetings/{number}/packet/").status_code == 200


def test_the_packet_on_paper_is_tagged_and_says_what_is_before_the_meeting(site: Any) -> None:
    [number] = [one.number for one in Batches(site.data).meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
    data = b"".join(site.get(f"/meetings/{number}/packet.pdf").streaming_content)
    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    for word in (
        "Twelve more license plate readers",
        "Comments received so far",
        "SHA-256",
        "Mill Falls",
        "the public hearing",
    ):
        assert word in text
    assert "the public hearing was held" not in " ".join(text.split())  # it lies ahead
    assert document.is_tagged()
    assert "packet" in document.get_metadata_value("Title")
    inside = b"".join(_unpacked(data))
    assert b"pdfuaid" in inside
    assert b"/Lang" in inside
    assert b"/StructTreeRoot" in inside


def _unpacked(pdf: bytes) -> Iterator[bytes]:
    """What is in a PDF, its packed streams opened."""
    yield pdf
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(packed)


def test_without_pango_the_zip_goes_alone_and_says_so(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.errors import Refused
    from postme.office import printed

    def missing(_: str) -> bytes:
        raise Refused("PDFs cannot be made on this machine: Pango is missing.", where="", why="", do="Install it.")

    monkeypatch.setattr(printed, "pdf", missing)
    [number] = [one.number for one in Batches(site.data).meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
    assert "Pango is missing" in site.get(f"/meetings/{number}/").content.decode()
    assert site.get(f"/meetings/{number}/packet.pdf").status_code == 404
    archive = zipfile.ZipFile(io.BytesIO(b"".join(site.get(f"/meetings/{number}/packet.zip").streaming_content)))
    assert "packet.pdf" not in archive.namelist()
    assert "Pango is missing" in archive.read("index.html").decode()


def test_once_a_clerk_has_named_who_acts_for_a_body_nobody_else_drafts_or_writes_for_it(site: Any) -> None:
    typed = {"town": TOWN, "title": "A kite", "agency": "Police Department", "kind": "police", "technologies": ["drone"], "acts": ["obtain"]}  # fmt: skip
    lia, other, clem = at_the_desk("lia", "liaison"), at_the_desk("other", "liaison"), at_the_desk("clem", "clerk")
    clem.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "lia", "role": "liaison", "agency": "Police Department"})  # fmt: skip
    refused = other.post(f"{DESK}draft/", typed)
    assert refused.status_code in (400, 409)
    assert "You are not named for Police Department" in refused.content.decode()
    assert "Leave it to lia" in refused.content.decode() and "A kite" in refused.content.decode()
    elsewhere = lia.post(f"{DESK}draft/", {**typed, "agency": "Department of Public Works"})
    assert "You are not named for Department of Public Works" in elsewhere.content.decode()
    drafted = lia.post(f"{DESK}draft/", typed)
    assert drafted.status_code == 302
    form = "/desk/papers/mill-falls-a-kite/use-policy/"
    said = {"text-purpose": "To look from above.", "state-purpose": "answered", "turn": "0"}
    assert "You are not named" in other.post(form, said).content.decode()
    assert lia.post(form, said).status_code == 302


def test_reminders_are_one_letter_a_person_a_day_and_never_twice(site: Any, settings_with_files: None) -> None:
    clem, lia = person("clem", "clerk"), person("lia", "liaison")
    for one in (clem, lia):
        one.email = f"{one.username}@town.example"
        one.save()
    desk = at_the_desk("clem", "clerk")
    desk.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "clem", "role": "clerk"})
    desk.post(f"{DESK}offices/", {"step": "give", "town": TOWN, "person": "lia", "role": "liaison", "agency": "Department of Public Works"})  # fmt: skip
    office = Batches(site.data)
    [late, *_] = [row for row in obligations.owed(office, TODAY) if row["days"] < 0]
    when = next(late["due"] + datetime.timedelta(offset) for offset in range(1, 900) if reminding.wanted(-offset) and late["due"] + datetime.timedelta(offset) >= TODAY)  # fmt: skip
    found = dict(reminding.letters(office, when))
    assert {one.to for one in found.values()} >= {"clem@town.example"}
    assert "overdue" in next(iter(found.values())).body
    assert "You get this as" in next(iter(found.values())).body
    count = reminding.queued(when)
    assert reminding.queued(when) == count
    assert Outgoing.objects.filter(once__startswith="reminder").count() == count


@pytest.fixture
def settings_with_files(site: Any) -> Iterator[None]:
    from django.test import override_settings

    with override_settings(MAIL_FILES=True):
        yield


def test_a_packet_that_holds_a_comment_that_is_public_no_more_is_given_out_no_more(site: Any) -> None:
    from postme.keeping.store.models import Comment

    [number] = [one.number for one in Batches(site.data).meetings.several(slug=OPEN) if (OPEN, "hear") in one.items]
    before = b"".join(site.get(f"/meetings/{number}/packet.zip").streaming_content)
    gone = Comment.objects.visible().filter(proposal__slug=OPEN).order_by("pk").first()
    assert gone
    assert gone.text[:30] in "".join(_said(before))
    for change in ({"state": "hidden"}, {"state": "published", "version": gone.version + 1, "text": "Something else."}):
        Comment.objects.filter(pk=gone.pk).update(**change)
        for kind in ("zip", "pdf"):
            assert site.get(f"/meetings/{number}/packet.{kind}").status_code == 200
        after = b"".join(site.get(f"/meetings/{number}/packet.zip").streaming_content)
        assert gone.text[:30] not in "".join(_said(after))
        assert json.loads(site.get(f"/meetings/{number}.json").content)["sha256"] == hashlib.sha256(after).hexdigest()


def _said(data: bytes) -> Iterator[str]:
    """What the tables and pages of a packet say."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    yield from (archive.read(name).decode() for name in archive.namelist() if name.endswith((".csv", ".json", ".html")))


def test_that_a_paper_was_published_is_not_recorded_on_a_mere_click(site: Any) -> None:
    lia, clem = at_the_desk("lia", "liaison"), at_the_desk("clem", "clerk")
    [slug] = brought(lia, 1)
    many(clem, ["accept"], [slug], -99)
    looked = many(clem, ["publish_report"], [slug], -99)
    assert [one.done for one in looked.context["outcomes"]] == [False]
    assert "is not published here, and nothing says where it can be read" in looked.content.decode()
    form = {"step": "record", "kind": "publish_report", "on": day(-99), "note": "Words that I typed."}
    for evidence, says in (("", "nothing says where it can be read"), ("on the website", "is no address where"), ("/records/nowhere/", "is no address where"), ("https://report", "is no address where")):  # fmt: skip
        page = clem.get(f"{DESK}{slug}/")
        answer = clem.post(f"{DESK}{slug}/", {**form, "turn": page.context["one"].turn, "evidence": evidence})
        assert answer.status_code == 409, evidence
        assert says in answer.content.decode(), evidence
        assert "Words that I typed." in answer.content.decode()
    turn = clem.get(f"{DESK}{slug}/").context["one"].turn
    assert clem.post(f"{DESK}{slug}/", {**form, "turn": turn, "evidence": HERE}).status_code == 302
    assert HERE in site.get(f"/decisions/{slug}/").content.decode()
    assert "does not count as published" not in site.get(f"/decisions/{slug}/").content.decode()


def test_a_click_of_an_earlier_day_opens_no_gate_and_the_page_says_so(site: Any) -> None:
    """A step that an older version of the program took without asking where the paper stands."""
    from postme.keeping.store.models import Deed as Row

    clem, [slug] = heard(site, 1)
    Row.objects.filter(proposal__slug=slug, kind="publish_report").update(told={})
    office = Batches(site.data)
    office.refresh(slug, "as it was kept before", who="clem")
    shown = site.get(f"/decisions/{slug}/").content.decode()
    assert "Nobody recorded where it can be read, so it does not count as published." in shown
    answer = clem.post(f"{DESK}vote/", roll_call(clem, [slug]))
    assert answer.status_code == 409
    assert "an impact report was published" in answer.content.decode()


def test_a_meeting_that_is_moved_moves_what_is_due_before_it(site: Any) -> None:
    clem = at_the_desk("clem", "clerk")
    office = Batches(site.data)
    notice = [row for row in obligations.owed(office, TODAY, OPEN) if row["provision"] == "twenty-five-days"]
    assert notice == [], "it was given in time"
    lia = at_the_desk("lia", "liaison")
    [slug] = brought(lia, 1)
    many(clem, ["accept", "publish_report", "publish_policy"], [slug], -99, evidence=HERE)
    many(clem, ["advise"], [slug], -90, note="Fine.")
    told = {"body": "city council", "on": TODAY + datetime.timedelta(40), "begins": "", "zone": "", "where": "", "how_to_speak": "", "called_off": False}  # fmt: skip
    number = office.call(TOWN, told, [(slug, "hear")], who="clem", roles_=["clerk"])

    def due() -> list[str]:
        return [row["due"].isoformat() for row in obligations.owed(office, TODAY, slug) if row["provision"] == "twenty-five-days"]  # fmt: skip

    assert due() == [day(15)]
    office.call(TOWN, {**told, "on": TODAY + datetime.timedelta(50)}, [(slug, "hear")], who="clem", roles_=["clerk"], number=number)  # fmt: skip
    assert due() == [day(25)]
