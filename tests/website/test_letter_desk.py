"""The desk of open letters: organizations write together, agree word for word, and only an organizer opens, closes and hands over."""

from __future__ import annotations

import datetime
import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from PIL import Image
from speaking import letters as mails
from staffed import at_the_desk, person

from postme import letter, roles
from postme.keeping import strongbox
from postme.keeping.store.models import DeskAct, OpenLetter, Organization, Signed
from postme.letter import Kind
from postme.office import counsel, example_town, handing, lettersheet, logos
from postme.office.letters import Correspondence
from postme.office.signing import Signers
from postme.website.kept import KEPT

TOWN, HOLDING = "us/zz/mill_falls", "/agencies/us/zz/mill_falls/police-department/alpr/"
TODAY = datetime.datetime.now(datetime.UTC).date()
COALITIONS, LETTERS = "/desk/coalitions/", "/desk/open-letters/"
WORDS: dict[str, Any] = {
    "title": "Stop the cameras", "to": "The Village Council", "ask": "Vote no on item 7.", "deadline": "", "about": "/decisions/twelve-more-plate-readers/",
    "body": "The police have twenty-four cameras.\r\n\r\nWe aks you to stop.", "passage": ["twenty-four cameras", ""], "address": [f"http://localhost:8000{HOLDING}", ""],
}  # fmt: skip


@pytest.fixture(autouse=True)
def story() -> Iterator[None]:
    counsel.also_from([example_town.LAWS])
    setup_test_environment()  # so that what a page was given can be looked at
    yield
    teardown_test_environment()
    counsel.also_from([])


class Coalition:
    """A coalition with an organizer (ann) and a second organization's director (ben)."""

    def __init__(self) -> None:
        self.root = at_the_desk("root", "administrator")
        done = self.root.post(f"{COALITIONS}found/", {"town": TOWN, "name": "Neighbors together (fiction)", "contact": "hello@neighbors.example"})  # fmt: skip
        assert done.status_code == 302, done.content.decode()
        self.page = done["Location"]
        self.slug = self.page.strip("/").split("/")[-1]
        self.ann, self.ben = at_the_desk("ann", "coalition"), at_the_desk("ben", "coalition")
        self.said(self.root, step="join", name="Tenants Union (fiction)", site="https://tenants.example")
        self.said(self.root, step="join", name="Library Friends (fiction)")
        self.first, self.second = (one.pk for one in Organization.objects.order_by("pk"))
        self.said(self.root, step="give", organization=self.first, person="ann", title="Director", organizer="yes")
        self.said(self.ann, step="give", organization=self.second, person="ben")

    def said(self, who: Any, status: int = 302, **typed: Any) -> Any:
        answer = who.post(self.page, typed)
        assert answer.status_code == status, answer.content.decode()
        return answer

    def drafted(self, **more: Any) -> str:
        done = self.ben.post(f"{self.page}draft/", {**WORDS, **more})
        assert done.status_code == 302, done.content.decode()
        return str(done["Location"])

    def opened(self, **more: Any) -> str:
        own = self.drafted(**more)
        for who, organization in ((self.ann, self.first), (self.ben, self.second)):
            assert step(who, own, "agree", organization=organization).status_code == 302
        done = step(self.ann, own, "open")
        assert done.status_code == 302, done.content.decode()
        return own


def step(who: Any, own: str, name: str, **typed: Any) -> Any:
    """A step of a letter's page, with what that page showed."""
    seen = who.get(own).context
    return who.post(own, {"step": name, "sha256": seen["sha256"], "turn": seen["one"].turn, **typed})


@pytest.fixture
def play(site: Any) -> Coalition:
    return Coalition()


def row() -> OpenLetter:
    return OpenLetter.objects.order_by("-pk")[0]


# --- who sees what


def test_who_acts_for_a_coalition_alone_sees_its_letters_and_nothing_else_of_the_desk(play: Coalition) -> None:
    assert play.ben.get("/desk/")["Location"] == LETTERS
    page = play.ben.get(LETTERS).content.decode()
    assert "Mentions" not in page
    assert "Neighbors together" in page
    for address in ("mentions/", "drafts/", "papers/", "searches/", "redactions/", "reports/", "acts/", "acts.csv", "people/", "town/", "voices/", "process/", "process/due/", "process/offices/", "letters/"):  # fmt: skip
        assert play.ben.get(f"/desk/{address}").status_code == 403, address


def test_a_stranger_and_every_other_role_is_told_that_there_is_no_such_draft(play: Coalition) -> None:
    own = play.drafted()
    stranger = at_the_desk("eve", "coalition")
    for who in (stranger, at_the_desk("nora", "editor", "moderator", "clerk", "liaison"), play.root):
        for address in (own, f"{own}write/", f"{own}signers/", f"{own}handed/", f"{own}moderate/"):
            assert who.get(address).status_code in (403, 404), address
    assert stranger.get(play.page).status_code == 404
    assert "act for no organization" in stranger.get(LETTERS).content.decode()


def test_somebody_who_left_sees_and_does_nothing_any_more(play: Coalition) -> None:
    own = play.drafted()
    play.said(play.ann, step="take", organization=play.second, person="ben")
    assert play.ben.get(own).status_code == 404
    assert play.ben.post(own, {"step": "agree", "organization": play.second}).status_code == 404
    assert play.ben.get(play.page).status_code == 404


def test_the_pages_of_organizers_are_theirs_alone(play: Coalition) -> None:
    own = play.opened()
    for part in ("signers/", "handed/"):
        assert play.ben.get(own + part).status_code == 404
        assert play.ann.get(own + part).status_code == 200
    page = play.ben.get(own).content.decode()
    assert 'value="close"' not in page
    assert step(play.ben, own, "close").status_code == 409
    assert row().state == "open"


# --- the coalition


def test_only_an_administrator_founds_and_only_who_organizes_changes(play: Coalition) -> None:
    again = {"town": TOWN, "name": "Neighbors together (fiction)", "about": "The same once more."}
    assert "The same once more." in play.root.post(f"{COALITIONS}found/", again).content.decode()
    assert play.root.post(f"{COALITIONS}found/", {**again, "town": "us/zz/nowhere"}).status_code == 409
    assert play.ann.post(f"{COALITIONS}found/", {"town": TOWN, "name": "Another"}).status_code == 403
    play.said(play.ben, 403, step="join", name="Mine (fiction)")
    play.said(play.ben, 409, step="say", about="", contact="", kept_days="30")
    play.said(play.ben, 403, step="give", organization=play.second, person="nobody")
    assert Organization.objects.count() == 2


def test_who_cannot_write_letters_is_not_added_and_what_was_typed_stays(play: Coalition) -> None:
    person("ned", "reader")
    page = play.said(play.ann, 409, step="give", organization=play.second, person="ned", title="Chair").content.decode()
    assert "No account “ned” may write letters." in page
    assert 'value="Chair"' in page


def test_the_last_organizer_cannot_lock_the_coalition_out(play: Coalition) -> None:
    assert "last organizer" in play.said(play.ann, 409, step="take", organization=play.first, person="ann").content.decode()  # fmt: skip


def test_nor_by_taking_their_organization_out_and_a_director_takes_out_their_own(play: Coalition) -> None:
    assert "last organizer" in play.said(play.ann, 409, step="leave", organization=play.first).content.decode()
    play.said(play.ben, 409, step="leave", organization=play.first)
    play.said(play.ben, step="leave", organization=play.second)
    assert Organization.objects.get(pk=play.second).left
    assert play.ben.get(play.page).status_code == 404


def test_a_key_is_set_after_it_is_said_that_losing_it_loses_all_and_a_private_one_is_not_shown_again(play: Coalition) -> None:  # fmt: skip
    public, private = strongbox.made()
    assert "safe place" in play.said(play.ann, 409, step="key", key=public).content.decode()
    for more in ({}, {"understood": "yes"}):
        page = play.said(play.ann, 409, step="key", key=private, **more).content.decode()
        assert private not in page
    play.said(play.ann, step="key", key=public, understood="yes")
    page = play.ann.get(play.page).content.decode()
    assert public in page
    assert "If you lose the private key" in page
    assert "postme letter key" in page


def test_signers_are_not_kept_longer_than_they_were_told(play: Coalition) -> None:
    play.said(play.ann, step="say", about="", contact="", kept_days="30")
    play.opened()
    assert "earlier day" in play.said(play.ann, 409, step="say", about="", contact="", kept_days="60").content.decode()
    assert "number of days" in play.said(play.ann, 409, step="say", about="", contact="", kept_days="soon").content.decode()  # fmt: skip


# --- the draft


def test_a_claim_that_rests_on_nothing_is_said_beside_its_field_and_nothing_typed_is_lost(play: Coalition) -> None:
    typed = {**WORDS, "passage": ["twenty-four cameras", "thirty dogs", "stop"], "address": [HOLDING, HOLDING, "/agencies/us/zz/nowhere/"]}  # fmt: skip
    answer = play.ben.post(f"{play.page}draft/", typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The letter does not say “thirty dogs”." in page
    assert "Nothing is published at /agencies/us/zz/nowhere/" in page
    assert "We aks you to stop." in page
    assert OpenLetter.objects.count() == 0


def test_a_draft_may_be_unfinished_and_its_page_says_what_is_missing(play: Coalition) -> None:
    own = play.drafted(ask="", body="", passage="", address="")
    page = play.ben.get(own).content.decode()
    assert "Before it can be signed" in page
    assert "agrees to these words" not in page


def test_two_who_write_at_once_see_each_other_and_the_second_press_decides(play: Coalition) -> None:
    own = play.drafted()
    turn = play.ben.get(f"{own}write/").context["typed"]["turn"]
    assert play.ann.post(f"{own}write/", {**WORDS, "ask": "Ann’s ask.", "turn": turn}).status_code == 302
    late = play.ben.post(f"{own}write/", {**WORDS, "ask": "Ben’s ask.", "turn": turn})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Ann’s ask." in page
    assert "Ben’s ask." in page
    assert play.ben.post(f"{own}write/", {**WORDS, "ask": "Ben’s ask.", "turn": late.context["typed"]["turn"]}).status_code == 302  # fmt: skip
    assert row().draft["ask"] == "Ben’s ask."


def test_remarks_are_among_the_coalition_and_can_be_dealt_with(play: Coalition) -> None:
    own = play.drafted()
    assert step(play.ben, own, "remark", text="Too short.").status_code == 302
    [one] = play.ann.get(own).context["remarks"]
    assert (one["text"], one["from"]) == ("Too short.", "Library Friends (fiction)")
    step(play.ann, own, "settle", remark=one["id"])
    assert play.ann.get(own).context["remarks"][0]["done"]
    assert step(play.ann, own, "remark", text="").status_code == 409


def test_it_opens_when_each_agreed_to_exactly_what_is_on_the_page(play: Coalition) -> None:
    own = play.drafted()
    assert "Library Friends (fiction)" in play.ann.get(own).content.decode()
    assert step(play.ann, own, "open").status_code == 409
    assert step(play.ben, own, "agree", organization=play.first).status_code == 409
    step(play.ann, own, "agree", organization=play.first)
    step(play.ben, own, "agree", organization=play.second)
    assert step(play.ann, own, "open", sha256="0" * 64).status_code == 409
    assert step(play.ann, own, "open", last_day=(TODAY - datetime.timedelta(5)).isoformat()).status_code == 409
    assert step(play.ann, own, "open", last_day=(TODAY + datetime.timedelta(5)).isoformat()).status_code == 302
    one = row()
    assert (one.state, one.versions.count()) == ("open", 1)
    assert one.versions.get().sha256 in play.ann.get(own).content.decode()


# --- in public


def test_a_typo_is_offered_only_for_what_is_one_with_the_reasons_beside_it(play: Coalition) -> None:
    own = play.opened()
    turn = row().turn
    play.ben.post(f"{own}write/", {**WORDS, "body": WORDS["body"].replace("aks", "ask"), "turn": turn})
    page = play.ann.get(own)
    assert page.context["against"] == ()
    assert step(play.ann, own, "change", change="typo", why="").status_code == 409
    assert step(play.ann, own, "change", change="typo", why="A slip.").status_code == 302
    assert row().versions.count() == 2
    play.ben.post(f"{own}write/", {**WORDS, "ask": "Vote no on item 8.", "turn": row().turn})
    page = play.ann.get(own).content.decode()
    assert "It changes a number." in page
    assert step(play.ann, own, "change", change="typo", why="A slip.").status_code == 409
    assert step(play.ann, own, "change", change="substance", why="Another item.").status_code == 409
    step(play.ann, own, "agree", organization=play.first)
    step(play.ben, own, "agree", organization=play.second)
    assert step(play.ann, own, "change", change="substance", why="Another item.").status_code == 302


def test_it_is_closed_opened_again_and_withdrawn_with_a_reason(play: Coalition) -> None:
    own = play.opened()
    assert step(play.ann, own, "close").status_code == 302
    assert step(play.ann, own, "reopen", last_day=(TODAY + datetime.timedelta(3)).isoformat()).status_code == 302
    assert step(play.ann, own, "withdraw", why="").status_code == 409
    assert step(play.ann, own, "withdraw", why="We were wrong.").status_code == 302
    assert row().state == "withdrawn"
    assert play.ann.get(f"{own}write/").status_code == 409


# --- signatures


def enter(play: Coalition, own: str, **typed: Any) -> Any:
    return play.ann.post(f"{own}signers/", typed)


def test_a_sheet_is_entered_whole_or_not_at_all(play: Coalition) -> None:
    own = play.opened()
    lines = "Ann Doe; 55401\n7; 55401\nBo Roe"
    answer = enter(play, own, step="sheet", people=lines, shown="full")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Line 2: Write a name with at least one letter." in page
    assert "Ann Doe; 55401" in page
    assert Signed.objects.count() == 0
    assert enter(play, own, step="sheet", people="Ann Doe; 55401\n\nBo Roe", shown="full").status_code == 302
    assert [(one.name, one.area, one.level) for one in Signed.objects.order_by("pk")] == [("Ann Doe", "55401", "paper"), ("Bo Roe", "", "paper")]  # fmt: skip
    again = enter(play, own, step="sheet", people="ann doe; 55401", shown="full")
    assert again.status_code == 409
    assert "is there already" in again.content.decode()
    assert enter(play, own, step="sheet", people="ann doe; 55401", shown="full", again="yes").status_code == 302
    assert enter(play, own, step="sheet", people="Cy Doe").status_code == 409


def test_an_organization_stands_once_under_the_coalitions_word(play: Coalition) -> None:
    own = play.opened()
    told = {"step": "organization", "name": "Riders (fiction)", "by": "Cleo"}
    assert enter(play, own, **told).status_code == 302
    assert enter(play, own, **told).status_code == 409
    assert enter(play, own, **{**told, "name": "Walkers (fiction)", "by": ""}).status_code == 409
    assert [(one.name, one.level) for one in Signed.objects.all()] == [("Riders (fiction)", "coalition")]


def signed(own: str, secret: list[str] | None = None, **more: str) -> str:
    """Sign a letter and confirm it: the receipt's number; the link's key goes into ``secret``."""
    signers, slug = Signers(settings.DATA), own.strip("/").split("/")[-1]
    keys: dict[str, str] = {}
    said, wrong = letter.typed({"name": "Cy Doe", "shown": "full", "mail": "cy@example.org", **more}, Kind.PERSON)
    assert said, wrong

    def written(key: str, number: str) -> tuple[str, str]:
        keys[number] = key
        return "Confirm", key

    number = signers.sign(slug, said, 1, written)
    if secret is not None:
        secret.append(keys[number])
    return signers.confirm(keys[number])


def test_what_signers_gave_comes_locked_and_that_it_was_fetched_is_written_down(play: Coalition) -> None:
    public, private = strongbox.made()
    play.said(play.ann, step="key", key=public, understood="yes")
    own = play.opened()
    signed(own, agreed="on", area="55401")
    answer = enter(play, own, step="fetch")
    text = b"".join(answer.streaming_content).decode()
    assert "cy@example.org" not in text
    [(_, told)] = strongbox.opened(text.splitlines(), private)
    assert told
    assert (told["mail"], told["area"]) == ("cy@example.org", "55401")
    assert DeskAct.objects.filter(what="signers fetched", who="ann").count() == 1
    assert play.ann.get(f"{own}signers/").content.decode().count("postme letter open") == 1


def test_thanks_are_looked_at_first_and_sent_once_to_those_who_asked(play: Coalition) -> None:
    own = play.opened()
    signed(own, thanked="on")
    signed(own, name="Dee Roe", mail="dee@example.org")
    with override_settings(MAIL_FILES=True):
        assert enter(play, own, step="send", words="Thank you.").status_code == 409
        look = enter(play, own, step="look", words="Thank you.")
        seen = look.context["look"]
        assert "Thank you." in seen["body"]
        assert not [one for one in mails("cy@example.org") if "Thank you." in one.body]
        told = {"step": "send", "words": "Thank you.", "seen": seen["seen"]}
        assert enter(play, own, **told).status_code == 302
        assert enter(play, own, **told).status_code == 409
    assert len([one for one in mails("cy@example.org") if "Thank you." in one.body]) == 1
    assert not [one for one in mails("dee@example.org") if "Thank you." in one.body]


# --- handed over


def test_it_goes_to_the_members_by_mail_with_the_files_hash_and_an_answer_is_recorded(site: Any, play: Coalition, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(lettersheet, "pdf", lambda *_arguments, **_more: b"%PDF (fiction)")
    own = play.opened()
    keys: list[str] = []
    signed(own, keys)
    with override_settings(MAIL_FILES=True):
        seats = [str(each["one"].seat) for each in play.ann.get(f"{own}handed/").context["members"]][:2]
        lost = play.ann.post(f"{own}handed/", {"step": "deliver", "to": seats, "how": "mail", "clerk": "The Clerk"})
        assert lost.status_code == 409
        assert "No mail can be sent to: The Clerk." in lost.content.decode()
        assert 'value="The Clerk"' in lost.content.decode()
        done = play.ann.post(f"{own}handed/", {"step": "deliver", "to": seats, "how": "mail", "clerk": "The Clerk", "clerk_mail": "clerk@mill-falls.example"})  # fmt: skip
        assert done.status_code == 302, done.content.decode()
    deliveries = list(row().deliveries.order_by("pk"))
    assert [one.how for one in deliveries] == ["mail"] * 3
    [sha256] = {one.pdf for one in deliveries}
    assert handing.place(settings.DATA, sha256).read_bytes() == b"%PDF (fiction)"
    [mail] = mails("clerk@mill-falls.example")
    assert sha256 in mail.body
    assert handing.address(row().slug, sha256) in mail.body
    assert "Vote no on item 7." in mail.body
    answer = {"step": "answer", "delivery": deliveries[0].pk, "outcome": "answered", "on": TODAY.isoformat(), "answer": "I will vote no."}  # fmt: skip
    assert play.ann.post(f"{own}handed/", {**answer, "link": "javascript:alert(1)"}).status_code == 409
    assert play.ann.post(f"{own}handed/", {**answer, "outcome": ""}).status_code == 409
    assert play.ann.post(f"{own}handed/", {**answer, "link": "https://council.example/a"}).status_code == 302
    assert row().deliveries.get(pk=deliveries[0].pk).outcome == "answered"
    file = handing.address(row().slug, sha256)
    assert b"".join(site.get(file).streaming_content) == b"%PDF (fiction)"
    assert site.get(handing.address(row().slug, "0" * 64)).status_code == 404
    assert handing.pruned(settings.DATA) == 0
    Signers(settings.DATA).withdraw(keys[0])
    # Who takes their name off is gone from what this site gives out, and soon from its disk.
    assert site.get(file)["Location"] == f"/letters/{row().slug}/letter.pdf"
    assert handing.pruned(settings.DATA) == 1
    assert not handing.place(settings.DATA, sha256).exists()


def test_nothing_is_handed_over_to_nobody_or_on_a_day_to_come(play: Coalition) -> None:
    own = play.opened()
    to_come = (TODAY + datetime.timedelta(3)).isoformat()
    for typed in ({"how": "by hand", "on": TODAY.isoformat()}, {"how": "by hand", "on": to_come, "clerk": "The Clerk"}, {"how": "", "on": TODAY.isoformat(), "clerk": "The Clerk"}):  # fmt: skip
        assert play.ann.post(f"{own}handed/", {"step": "deliver", **typed}).status_code == 409
    assert not row().deliveries.exists()


# --- moderators


def test_a_moderator_sees_a_batch_before_anything_is_done_and_sets_it_aside_and_back(play: Coalition) -> None:
    own = play.opened()
    for number in range(30):
        signed(own, name=f"P{number} Doe", mail=f"p{number}@bulk.example")
    mo = at_the_desk("mo", "moderator")
    page = mo.get(f"{own}moderate/")
    [batch] = page.context["batches"]
    assert batch["count"] == 30
    assert Signed.objects.filter(state="hidden").count() == 0
    assert play.ann.get(f"{own}moderate/").status_code == 403
    told = {"step": "batch", "flood": batch["flood"].key, "count": "30", "rule": "machine"}
    assert mo.post(f"{own}moderate/", {**told, "why": ""}).status_code == 409
    assert mo.post(f"{own}moderate/", {**told, "count": "12", "why": "x"}).status_code == 409
    assert mo.post(f"{own}moderate/", {**told, "why": "All within a second."}).status_code == 302
    assert Signed.objects.filter(state="hidden").count() == 30
    [act] = mo.get(f"{own}moderate/").context["acts"]
    assert mo.post(f"{own}moderate/", {"step": "restore", "act": act.pk, "why": "They wrote to us."}).status_code == 302
    assert Signed.objects.filter(state="hidden").count() == 0
    receipt = Signed.objects.order_by("pk")[0].number
    assert mo.post(f"{own}moderate/", {"step": "hide", "numbers": receipt, "rule": "not them", "why": "He says so."}).status_code == 302  # fmt: skip
    assert Signed.objects.get(number=receipt).state == "hidden"


def test_looking_at_any_of_these_pages_changes_nothing(play: Coalition) -> None:
    own = play.opened()
    before = (DeskAct.objects.count(), Signed.objects.count(), row().turn)
    for address in (COALITIONS, play.page, f"{play.page}draft/", LETTERS, own, f"{own}write/", f"{own}signers/", f"{own}handed/"):  # fmt: skip
        assert play.ann.get(f"{address}?step=withdraw&why=x").status_code == 200, address
    assert (DeskAct.objects.count(), Signed.objects.count(), row().turn) == before


def test_the_roles_of_letters_are_kept_apart() -> None:
    assert not roles.may(["coalition"], "see desk")
    assert not roles.may(["moderator"], "write letters")
    assert not roles.may(["administrator"], "write letters")


def test_what_the_demos_letters_rest_on_stands_in_the_town(site: Any) -> None:
    from postme.office import example_letters

    example_letters.fill(site.data)
    every = example_letters.letters(site.data)
    office = Correspondence(site.data)
    for one in every.values():
        assert {each["state"] for each in office.claims(one.draft)} == {"stands"}


def test_a_change_of_substance_writes_once_to_who_signed_and_asked_to_hear_of_it(play: Coalition) -> None:
    own = play.opened()
    signed(own, thanked="on")
    signed(own, name="Dee Roe", mail="dee@example.org")
    play.ben.post(f"{own}write/", {**WORDS, "ask": "Vote no on item 8.", "turn": row().turn})
    step(play.ann, own, "agree", organization=play.first)
    step(play.ben, own, "agree", organization=play.second)
    with override_settings(MAIL_FILES=True):
        assert step(play.ann, own, "change", change="substance", why="Another item.").status_code == 302
    [mail] = [one for one in mails("cy@example.org") if "Another item." in one.body]
    assert f"/letters/{row().slug}/" in mail.body
    assert not [one for one in mails("dee@example.org") if "Another item." in one.body]


def test_a_member_who_resigned_is_handed_nothing_and_what_was_handed_before_stays_with_their_name(site: Any, play: Coalition, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from postme.keeping.store.models import Seat

    monkeypatch.setattr(lettersheet, "pdf", lambda *_arguments, **_more: b"%PDF (fiction)")
    own = play.opened()
    first, second = [each["one"] for each in play.ann.get(f"{own}handed/").context["members"]][:2]
    told = {"step": "deliver", "how": "by hand", "on": TODAY.isoformat()}
    assert play.ann.post(f"{own}handed/", {**told, "to": [str(first.seat)]}).status_code == 302
    Seat.objects.filter(pk__in=[first.seat, second.seat]).update(until=TODAY - datetime.timedelta(days=1))
    names = [each["one"].name for each in play.ann.get(f"{own}handed/").context["members"]]
    assert first.name not in names
    assert second.name not in names
    answer = play.ann.post(f"{own}handed/", {**told, "to": [str(second.seat)]})
    assert answer.status_code == 409
    assert [one.to for one in row().deliveries.all()] == [first.name]
    page = site.get(f"/letters/{row().slug}/")
    assert page.status_code == 200
    assert first.name in page.content.decode()
    assert site.get(f"/places/{TOWN}/council/{first.seat}/").status_code == 200


def test_two_organizations_of_one_name_are_two_by_their_domains_and_one_without(play: Coalition) -> None:
    for site_ in ("https://one.example", "https://two.example", "https://one.example"):
        play.said(play.ann, step="join", name="Food Bank (fiction)", site=site_)
    rows = Organization.objects.filter(name="Food Bank (fiction)", left=None)
    assert sorted(rows.values_list("domain", flat=True)) == ["one.example", "two.example"]
    for _ in range(2):
        play.said(play.ann, step="join", name="FOOD  bank. (Fiction)")
    assert Organization.objects.filter(alike=letter.alike("Food Bank (fiction)"), left=None).count() == 3
    own = play.drafted()
    missing = play.ann.get(own).context["missing"]
    assert sorted(one.domain for one in missing if letter.alike(one.name) == letter.alike("Food Bank (fiction)")) == ["", "one.example", "two.example"]  # fmt: skip


def test_on_the_desk_a_sheet_names_the_words_that_stood_on_it_once_there_are_several(play: Coalition) -> None:
    own = play.opened()
    play.ben.post(f"{own}write/", {**WORDS, "ask": "Vote no on item 8.", "turn": row().turn})
    step(play.ann, own, "agree", organization=play.first)
    step(play.ben, own, "agree", organization=play.second)
    step(play.ann, own, "change", change="substance", why="Another item.")
    told = {"step": "sheet", "people": "Ann Doe; 55401", "shown": "full"}
    refused = enter(play, own, **told)
    assert refused.status_code == 409
    assert "Choose the words that stood on the sheet." in refused.content.decode()
    assert enter(play, own, **told, version="9").status_code == 409
    assert enter(play, own, **told, version="1").status_code == 302
    assert [one.version.number for one in Signed.objects.all()] == [1]


# --- by mistake


def test_what_was_typed_by_mistake_is_taken_back_with_a_reason_that_everybody_reads(site: Any, play: Coalition) -> None:
    own = play.opened()
    assert enter(play, own, step="sheet", people="Ann Zqdoe; 55401\nBo Zqroe", shown="full").status_code == 302
    number = Signed.objects.get(name="Bo Zqroe").number
    page = play.ann.get(f"{own}signers/").content.decode()
    assert number in page and "Bo Zqroe" in page
    named = enter(play, own, step="back", number=number, why="bo zqroe is not on the sheet")
    assert named.status_code == 409 and "The reason names who signed" in named.content.decode()
    assert enter(play, own, step="back", number="", why="It was not on the sheet.").status_code == 409
    assert enter(play, own, step="back", number=number, why="It was not on the sheet.").status_code == 302
    assert not Signed.objects.filter(name="Bo Zqroe").exists()
    KEPT.clear()
    letter_page = own.replace("/desk/open-letters/", "/letters/")
    said = site.get(f"{letter_page}signatures/").content.decode()
    assert "The coalition took back 1 signature that it had entered by mistake." in said and "It was not on the sheet." in said  # fmt: skip
    assert "Bo Zqroe" not in said and "Ann Zqdoe" in said
    assert site.get(f"{letter_page}signatures.json").json()["counts"]["now"]["paper"] == 1
    assert DeskAct.objects.filter(what="signature taken back", who="ann").exists()


def test_an_older_one_is_taken_back_by_its_receipts_number_and_nobody_but_an_organizer_does_it(play: Coalition) -> None:
    own = play.opened()
    enter(play, own, step="sheet", people="Ann Zqdoe", shown="none")
    number = Signed.objects.filter(level="paper").order_by("-pk")[0].number
    assert play.ben.post(f"{own}signers/", {"step": "back", "number": number, "why": "No."}).status_code == 404
    assert enter(play, own, step="back", number="", other=number.lower().replace("-", " "), why="Twice.").status_code == 302  # fmt: skip


# --- logos


def brought(kind: str = "PNG", color: str = "#0a0") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), color).save(out, kind)
    return SimpleUploadedFile("logo.bin", out.getvalue())


def test_a_logo_stands_on_the_letter_with_the_organizations_name_and_goes_when_it_leaves(site: Any, play: Coalition) -> None:  # fmt: skip
    own = play.opened()
    page = own.replace("/desk/open-letters/", "/letters/")
    play.said(play.ann, step="logo", organization=play.second, logo=brought("WEBP"))
    KEPT.clear()
    said = site.get(page).content.decode()
    [address] = re.findall(r'<img class="logo" src="([^"]+)" alt="Library Friends \(fiction\)"', said)
    answer = site.get(address)
    data = b"".join(answer.streaming_content)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
    sha256 = hashlib.sha256(data).hexdigest()
    assert address == f"{page}logos/{sha256}.png"
    kept = settings.DATA / "logos" / f"{sha256}.png"
    assert kept.read_bytes() == data
    # On paper, too: the picture lies in the page itself, with the name in words.
    one = Correspondence(settings.DATA).rows.one(row().slug)
    drawn = logos.drawn(settings.DATA, one.coalition.members)
    assert [name for name, _picture in drawn] == ["Library Friends (fiction)"]
    counts = Signers(settings.DATA).counted(one.slug)
    assert f'<img src="{drawn[0][1]}" alt="Library Friends (fiction)">' in lettersheet.html(one, counts, [], [], site="", claims=[], on=TODAY, logos=drawn)  # fmt: skip
    play.said(play.ann, step="leave", organization=play.second)
    KEPT.clear()
    assert 'class="logo"' not in site.get(page).content.decode()
    assert site.get(address).status_code == 404
    assert not kept.exists()


def test_two_organizations_may_have_one_logo_and_it_goes_with_the_last(site: Any, play: Coalition) -> None:
    play.opened()
    for organization in (play.first, play.second):
        play.said(play.ann, step="logo", organization=organization, logo=brought())
    [kept] = list((settings.DATA / "logos").glob("*.png"))
    play.said(play.ann, step="unlogo", organization=play.first)
    assert kept.exists()
    play.said(play.ann, step="unlogo", organization=play.second)
    assert not kept.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "no PNG, JPEG or WebP"), (b"\x89PNG\r\n\x1a\n cut", "no PNG, JPEG or WebP"), (b"\0" * 1_000_001, "too large"), (None, "No file was chosen")],
)  # fmt: skip
def test_what_is_no_logo_is_refused_with_what_to_do_and_the_old_one_stays(play: Coalition, data: bytes | None, says: str) -> None:  # fmt: skip
    play.opened()
    play.said(play.ann, step="logo", organization=play.first, logo=brought())
    before = Organization.objects.get(pk=play.first).logo
    files = {} if data is None else {"logo": SimpleUploadedFile("logo.svg", data)}
    answer = play.said(play.ann, 409, step="logo", organization=play.first, **files)
    assert says in answer.content.decode()
    assert Organization.objects.get(pk=play.first).logo == before != ""


def test_a_director_who_organizes_nothing_sets_no_logo_and_no_draft_gives_one_out(site: Any, play: Coalition) -> None:
    own = play.drafted()
    play.said(play.ben, 409, step="logo", organization=play.second, logo=brought())
    play.said(play.ann, step="logo", organization=play.second, logo=brought())
    sha256 = Organization.objects.get(pk=play.second).logo
    assert site.get(f"{own.replace('/desk/open-letters/', '/letters/')}logos/{sha256}.png").status_code == 404
