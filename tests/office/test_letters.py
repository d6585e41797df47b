"""A letter from first draft to answer: drafted among organizations, opened when all agree, signed, changed, closed, handed over; and who signed is erased."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from postme import letter
from postme.errors import WrongUse
from postme.keeping import strongbox
from postme.keeping.store.ledger import Ledger, Publishing
from postme.keeping.store.register import Register, whole
from postme.letter import Change, Claim, Kind, Outcome, State, Text
from postme.office import signing
from postme.office.letters import Correspondence, differences
from postme.office.signing import Signers
from postme.publication import What

TOWN = "us/zz/mill_falls"
TEXT = Text(
    "Stop the cameras", "The Village Council", "Vote no on item 7.", "The police have two cameras. We ask you to stop."
)


class Play:
    """A coalition of two organizations with a letter, and the mails that were written."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.office, self.signers = folder, Correspondence(folder), Signers(folder)
        Register(folder)
        from postme.keeping.store import models

        with whole(self.office.ledger.file):
            models.Town.objects.get_or_create(id=TOWN, defaults={"name": "Mill Falls", "fiction": True})
        self.coalition = self.office.found(TOWN, "Neighbors together (fiction)", who="root", roles_=["administrator"])
        self.first = self.office.join(self.coalition, "Tenants Union (fiction)", site="https://tenants.example", who="root", roles_=["administrator"])  # fmt: skip
        self.second = self.office.join(self.coalition, "Library Friends (fiction)", who="root", roles_=["administrator"])  # fmt: skip
        self.office.give(self.coalition, self.first, "ann", title="Director", organizer=True, who="root", roles_=["administrator"])  # fmt: skip
        self.office.give(self.coalition, self.second, "ben", who="ann")
        self.slug = self.office.draft(self.coalition, TEXT, who="ben")
        self.keys: dict[str, str] = {}

    def opened(self, last_day: datetime.date | None = None) -> Play:
        one = self.office.rows.one(self.slug)
        for organization, who in ((self.first, "ann"), (self.second, "ben")):
            self.office.agree(self.slug, organization, one.drafted, who=who)
        self.office.open(self.slug, one.turn, last_day=last_day, who="ann")
        return self

    def signed(self, name: str, *, confirm: bool = True, kind: Kind = Kind.PERSON, **more: Any) -> str:
        one = self.office.rows.one(self.slug)
        assert one.now
        said, wrong = letter.typed({"name": name, "shown": "full", "mail": f"{name.split()[0].lower()}@example.org", **more}, kind)  # fmt: skip
        assert said, wrong
        number = self.signers.sign(self.slug, said, one.now.number, self._kept)
        if confirm:
            self.signers.confirm(self.keys[number])
        return number

    def _kept(self, key: str, number: str) -> tuple[str, str]:
        self.keys[number] = key
        return "Confirm", key

    def counts(self) -> dict[str, Any]:
        return self.signers.counted(self.slug)

    def rows(self) -> list[Any]:
        from postme.keeping.store import models

        with whole(self.office.ledger.file, atomic=False):
            return list(models.Signed.objects.order_by("pk"))


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    yield Play(tmp_path / "data")


# --- among the organizations


def test_a_letter_is_open_only_when_each_organization_agreed_to_exactly_these_words(play: Play) -> None:
    one = play.office.rows.one(play.slug)
    play.office.agree(play.slug, play.first, one.drafted, who="ann")
    with pytest.raises(WrongUse, match="Library Friends"):
        play.office.open(play.slug, one.turn, last_day=None, who="ann")
    play.office.agree(play.slug, play.second, one.drafted, who="ben")
    play.office.rewrite(play.slug, replace(TEXT, ask="Vote no on item 8."), one.turn, who="ben")
    one = play.office.rows.one(play.slug)
    assert [each.name for each in one.missing()] == ["Library Friends (fiction)", "Tenants Union (fiction)"]
    with pytest.raises(WrongUse, match="have not agreed"):
        play.office.open(play.slug, one.turn, last_day=None, who="ann")


def test_nobody_agrees_for_an_organization_that_they_do_not_act_for_or_to_words_they_have_not_seen(play: Play) -> None:
    with pytest.raises(WrongUse, match="do not act"):
        play.office.agree(play.slug, play.first, play.office.rows.one(play.slug).drafted, who="ben")
    with pytest.raises(WrongUse, match="changed since"):
        play.office.agree(play.slug, play.second, "0" * 64, who="ben")


def test_a_director_who_left_can_do_nothing_any_more(play: Play) -> None:
    play.office.take(play.coalition, play.second, "ben", who="ann")
    for act in (
        lambda: play.office.rewrite(play.slug, TEXT, 0, who="ben"), lambda: play.office.remark(play.slug, "No.", who="ben"),
        lambda: play.office.agree(play.slug, play.second, play.office.rows.one(play.slug).drafted, who="ben"), lambda: play.office.draft(play.coalition, TEXT, who="ben"),
    ):  # fmt: skip
        with pytest.raises(WrongUse):
            act()


def test_two_people_who_write_at_once_do_not_undo_each_other(play: Play) -> None:
    turn = play.office.rows.one(play.slug).turn
    play.office.rewrite(play.slug, replace(TEXT, ask="One."), turn, who="ann")
    with pytest.raises(WrongUse, match="meanwhile"):
        play.office.rewrite(play.slug, replace(TEXT, ask="Two."), turn, who="ben")
    assert play.office.rows.one(play.slug).draft.ask == "One."


def test_two_letters_of_one_title_have_two_addresses(play: Play) -> None:
    assert play.office.draft(play.coalition, TEXT, who="ann") == f"{play.slug}-2"
    assert play.office.draft(play.coalition, TEXT, who="ann") == f"{play.slug}-3"


def test_an_open_letter_is_an_entry_of_the_log_with_its_hash(play: Play) -> None:
    play.opened()
    told = Ledger(play.folder).facts_at(f"/letters/{play.slug}/")
    one = play.office.rows.one(play.slug)
    assert told
    assert one.now
    assert told["sha256"] == one.now.sha256 == TEXT.sha256(one.address)
    assert told["fiction"] is True
    assert one.now.leaf is not None


# --- signing


def test_a_signature_counts_when_its_signer_confirmed_it_and_names_the_text_they_saw(play: Play) -> None:
    play.opened()
    number = play.signed("Cy Doe", confirm=False)
    assert play.counts()["now"]["mail"] == 0
    assert play.signers.confirm(play.keys[number]) == number
    assert play.signers.confirm(play.keys[number]) == number
    assert play.counts()["now"]["mail"] == 1
    told = json.loads(play.rows()[0].bytes)
    assert told["text"] == play.office.rows.one(play.slug).now.sha256  # type: ignore[union-attr]


def test_one_mailbox_is_one_signature_and_the_newer_counts(play: Play) -> None:
    play.opened()
    first, second = play.signed("Cy Doe"), play.signed("Cy Doe", comment="Again.")
    assert play.counts()["now"]["mail"] == 1
    assert [(row.number, row.state) for row in play.rows()] == [(first, "withdrawn"), (second, "published")]


def test_a_change_of_substance_asks_earlier_signers_again_and_a_typo_does_not(play: Play) -> None:
    play.opened()
    play.signed("Cy Doe")
    turn = play.office.rows.one(play.slug).turn
    play.office.rewrite(play.slug, replace(TEXT, body=TEXT.body.replace("cameras", "camera’s")), turn, who="ann")
    play.office.change(play.slug, turn + 1, Change.TYPO, "A slip.", who="ann")
    assert play.counts()["now"]["mail"] == 1
    one = play.office.rows.one(play.slug)
    play.office.rewrite(play.slug, replace(one.draft, ask="Vote no on item 9."), one.turn, who="ann")
    one = play.office.rows.one(play.slug)
    with pytest.raises(WrongUse, match="no mere typo"):
        play.office.change(play.slug, one.turn, Change.TYPO, "A slip.", who="ann")
    with pytest.raises(WrongUse, match="have not agreed"):
        play.office.change(play.slug, one.turn, Change.SUBSTANCE, "The item has another number.", who="ann")
    for organization, who in ((play.first, "ann"), (play.second, "ben")):
        play.office.agree(play.slug, organization, one.drafted, who=who)
    play.office.change(play.slug, one.turn, Change.SUBSTANCE, "The item has another number.", who="ann")
    assert (play.counts()["now"]["mail"], play.counts()["earlier"]["mail"]) == (0, 1)
    assert [row["change"] for row in differences(play.office.rows.one(play.slug).versions)] == ["substance", "typo"]
    play.signed("Cy Doe")
    assert (play.counts()["now"]["mail"], play.counts()["earlier"]["mail"]) == (1, 0)


def test_whoever_reads_an_old_page_signs_nothing_that_they_have_not_seen(play: Play) -> None:
    play.opened()
    one = play.office.rows.one(play.slug)
    play.office.rewrite(play.slug, replace(TEXT, body=TEXT.body.replace("cameras", "camera’s")), one.turn, who="ann")
    play.office.change(play.slug, one.turn + 1, Change.TYPO, "A slip.", who="ann")
    said, _ = letter.typed({"name": "Cy", "shown": "full", "mail": "cy@example.org"}, Kind.PERSON)
    assert said
    with pytest.raises(WrongUse, match="changed while you were reading"):
        play.signers.sign(play.slug, said, 1, play._kept)


def test_an_organization_signs_by_mail_at_its_own_domain_or_by_the_coalitions_word(play: Play) -> None:
    play.opened()
    form = {"by": "Ann Doe", "role": "Director", "domain": "tenants.example"}
    with pytest.raises(WrongUse, match="own domain"):
        play.signed("Tenants Union (fiction)", kind=Kind.ORGANIZATION, mail="ann@gmail.com", **form)
    play.signed("Tenants Union (fiction)", kind=Kind.ORGANIZATION, mail="ann@mail.tenants.example", **form)
    with pytest.raises(WrongUse, match="no organizer"):
        play.signers.enter(play.slug, {"name": "Library Friends (fiction)", "by": "Ben"}, Kind.ORGANIZATION, who="ben")
    play.signers.enter(play.slug, {"name": "Library Friends (fiction)", "by": "Ben"}, Kind.ORGANIZATION, who="ann")
    assert {key: n for key, n in play.counts()["now"].items() if n} == {"domain": 1, "coalition": 1}


def test_nobody_takes_the_name_of_a_listed_organization_with_a_domain_of_their_own(play: Play) -> None:
    play.opened()
    with pytest.raises(WrongUse, match="own domain"):
        play.signed("TENANTS union (Fiction)", kind=Kind.ORGANIZATION, mail="eve@evil.example", by="Eve", domain="evil.example")  # fmt: skip


def test_a_signature_on_paper_stands_under_its_own_level_and_nothing_is_sent_to_it(play: Play) -> None:
    play.opened()
    play.signers.enter(play.slug, {"name": "Dee Roe", "shown": "short"}, Kind.PERSON, who="ann")
    row = play.rows()[0]
    assert (row.level, row.state, bytes(row.mail), row.mark) == ("paper", "published", b"", "")


@pytest.mark.parametrize("shown", ["full", "short", "none"])
def test_of_a_name_only_what_was_agreed_to_is_kept_to_be_shown(play: Play, shown: str) -> None:
    play.opened()
    play.signed("Cy Doe", shown=shown)
    told = json.loads(play.rows()[0].bytes)["name"]
    assert told == {"full": "Cy Doe", "short": "C. D.", "none": ""}[shown]
    assert (play.rows()[0].name == "") == (shown == "none")


# --- what the coalition gets


def test_what_signers_give_is_closed_to_the_coalitions_key_and_only_of_those_who_agreed(play: Play) -> None:
    public, private = strongbox.made()
    play.office.keyed(play.coalition, public, who="ann")
    play.opened()
    play.signed("Cy Doe", agreed="on", area="55401")
    play.signed("Dee Roe")
    gone = play.signed("Eve Poe", agreed="on")
    play.signers.withdraw(play.keys[gone])
    lines = list(play.signers.parcels(play.slug, who="ann"))
    told = [row for _, row in strongbox.opened(lines, private)]
    assert [(row["name"], row["mail"], row["area"]) for row in told if row] == [("Cy Doe", "cy@example.org", "55401")]
    assert [row for _, row in strongbox.opened(lines, strongbox.made()[1])] == [None]
    assert not any("cy@example.org" in line for line in lines)
    with pytest.raises(WrongUse):
        play.signers.parcels(play.slug, who="ben")


def test_a_private_key_is_refused_and_not_kept(play: Play) -> None:
    with pytest.raises(WrongUse, match="private key"):
        play.office.keyed(play.coalition, strongbox.made()[1], who="ann")
    with pytest.raises(WrongUse, match="no public key"):
        play.office.keyed(play.coalition, "age1abc", who="ann")
    assert play.office.rows.coalition(play.coalition).key == ""


def test_the_address_of_a_signer_is_gone_once_nothing_is_to_be_sent_to_it(play: Play) -> None:
    play.opened()
    play.signed("Cy Doe")
    play.signed("Dee Roe", thanked="on")
    assert [bool(row.mail) for row in play.rows()] == [False, True]


# --- withdrawing, closing, erasing


def test_withdrawing_leaves_nothing_of_the_person_and_the_count_is_true(play: Play) -> None:
    play.opened()
    kept, gone = play.signed("Cy Doe"), play.signed("Dee Roe", comment="For my street.", area="55401", thanked="on")
    play.signers.seal(play.slug)
    play.signers.withdraw(play.keys[gone])
    play.signers.withdraw(play.keys[gone])
    row = next(one for one in play.rows() if one.number == gone)
    assert (row.name, row.comment, row.area, row.salt, row.mark, bytes(row.mail)) == ("", "", "", "", "", b"")
    assert play.counts()["now"]["mail"] == 1
    assert play.signers.held(play.keys[kept]).state == "published"


def test_the_log_holds_each_signature_once_though_sealing_is_repeated(play: Play) -> None:
    play.opened()
    for name in ("Cy Doe", "Dee Roe"):
        play.signed(name)
    assert len(play.signers.seal(play.slug)) == 1
    assert play.signers.seal(play.slug) == []
    play.signed("Eve Poe")
    play.signers.seal_all()
    first, second = (Ledger(play.folder).facts_at(f"/letters/{play.slug}/signatures/{number}/") for number in (1, 2))
    assert first
    assert second
    assert sorted([*first["sealed"], *second["sealed"]]) == sorted(row.hash for row in play.rows())


def test_a_letter_whose_last_day_is_over_closes_and_nobody_can_sign_it(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    play.opened(today)
    late = play.signed("Cy Doe", confirm=False)
    monkeypatch.setattr(signing, "still", lambda: today + datetime.timedelta(days=1))
    assert play.signers.tidied()["closed"] == 1
    assert play.office.rows.one(play.slug).state is State.CLOSED
    with pytest.raises(WrongUse, match="closed"):
        play.signers.confirm(play.keys[late])
    with pytest.raises(WrongUse, match="not open"):
        play.signed("Dee Roe")


def test_people_are_erased_when_their_time_is_over_and_counts_and_hashes_stay(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.opened()
    number = play.signed("Cy Doe", comment="For my street.", agreed="on", thanked="on")
    play.signed("Tenants Union (fiction)", kind=Kind.ORGANIZATION, mail="ann@tenants.example", by="Ann Doe", domain="tenants.example")  # fmt: skip
    play.office.close(play.slug, who="ann")
    play.signers.seal(play.slug)
    before, hashes = play.counts(), [row.hash for row in play.rows()]
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=letter.KEPT.days + 1)
    assert play.signers.tidied()["erased"] == 0
    monkeypatch.setattr(signing, "_now", lambda: later)
    assert play.signers.tidied()["erased"] == 1
    row = next(one for one in play.rows() if one.number == number)
    assert (row.state, row.name, row.comment, row.mark, row.salt) == ("erased", "", "", "", "")
    assert play.counts()["now"] == before["now"]
    assert [one.hash for one in play.rows()] == hashes
    assert next(one for one in play.rows() if one.kind == "organization").name == "Tenants Union (fiction)"
    assert all(not bytes(one.mail) and not bytes(one.parcel) for one in play.rows())


# --- batches


def test_what_looks_like_a_batch_is_shown_and_only_a_person_sets_it_aside_and_back(play: Play) -> None:
    play.opened()
    numbers = [play.signed(f"P{n} Doe", mail=f"p{n}@bulk.example") for n in range(30)]
    found = play.signers.floods(play.slug)
    assert [(one.criterion, len(one.numbers)) for one in found] == [("one mail domain", 30)]
    assert play.counts()["now"]["mail"] == 30
    with pytest.raises(WrongUse):
        play.signers.set_aside(play.slug, numbers, "hidden", rule="machine", why="Look alike.", who="ann", roles_=["coalition"])  # fmt: skip
    play.signers.set_aside(play.slug, found[0].numbers, "hidden", rule="machine", why="Made within a minute.", who="mo", roles_=["moderator"])  # fmt: skip
    assert play.counts()["now"]["mail"] == 0
    play.signers.set_aside(play.slug, numbers, "restored", rule="machine", why="They wrote to us.", who="mo", roles_=["moderator"])  # fmt: skip
    assert play.counts()["now"]["mail"] == 30


# --- handed over


def test_delivery_silence_and_an_answer_are_public_and_in_the_log(play: Play) -> None:
    play.opened()
    today = datetime.datetime.now(datetime.UTC).date()
    play.office.deliver(
        play.slug, [("A. Teller (fiction)", 3), ("The Clerk", None)], "mail", today, play.counts(), "0" * 64, who="ann"
    )
    one = play.office.rows.one(play.slug)
    assert [(each.to, each.outcome) for each in one.deliveries] == [("A. Teller (fiction)", ""), ("The Clerk", "")]
    play.office.answered(play.slug, one.deliveries[0].id, Outcome.ANSWERED, today, answer="I will vote no.", link="https://council.example/a", who="ann")  # fmt: skip
    told = Ledger(play.folder).facts_at(f"/letters/{play.slug}/")
    assert told
    assert told["deliveries"][0]["outcome"] == "answered"
    with pytest.raises(WrongUse):
        play.office.answered(play.slug, one.deliveries[1].id, Outcome.ANSWERED, today - datetime.timedelta(days=1), who="ann")  # fmt: skip


def test_a_claim_can_rest_only_on_what_is_published_here_and_tells_when_that_is_gone(play: Play) -> None:
    with pytest.raises(WrongUse, match="Nothing is published"):
        play.office.claim("two cameras", "/agencies/us/zz/nowhere/")
    law = play.office.claim("two cameras", "https://postme.example/es/laws/us-mn-minneapolis-fr/#x")
    assert (law.address, law.leaf) == ("/laws/us-mn-minneapolis-fr/#x", None)
    assert play.office.claims(replace(TEXT, claims=(law,)))[0]["state"] == "stands"


# --- what claims rest on


def _published(play: Play, address: str, *whats: What) -> int:
    """Something else that is public at an address, and what became of it: the leaf of its first version."""
    first = -1
    for what in whats:
        leaves = play.office._published(play.slug, lambda _, what=what: [Publishing(address, "search", what, {"title": "A search (fiction)", "fiction": True}, "Words.")], "ann")  # type: ignore[misc]  # fmt: skip
        first = leaves[-1].index if first < 0 else first
    return first


def test_a_claim_says_whether_what_it_rests_on_stands_was_corrected_or_withdrawn_or_is_not_known_here(play: Play) -> None:  # fmt: skip
    stands = _published(play, "/searches/901/", What.PUBLISHED)
    corrected = _published(play, "/searches/902/", What.PUBLISHED, What.CORRECTED)
    withdrawn = _published(play, "/searches/903/", What.PUBLISHED, What.WITHDRAWN)
    claims = (
        Claim("police", "/searches/901/", stands), Claim("have", "/searches/902/", corrected), Claim("two", "/searches/903/", withdrawn), Claim("cameras", "/searches/999/", 3),
        Claim("We", "/laws/us-mn-minneapolis-fr/"), Claim("ask", "/laws/us-no-such-law/"), Claim("you", f"/records/{'0' * 64}/3/", 4), Claim("to", "/agencies/us/zz/mill_falls/police/alpr/"),
    )  # fmt: skip
    told = {one["address"]: one["state"] for one in play.office.claims(replace(TEXT, claims=claims))}
    assert told == {
        "/searches/901/": "stands", "/searches/902/": "corrected", "/searches/903/": "withdrawn", "/searches/999/": "unknown", "/laws/us-mn-minneapolis-fr/": "stands",
        "/laws/us-no-such-law/": "unknown", f"/records/{'0' * 64}/3/": "unknown", "/agencies/us/zz/mill_falls/police/alpr/": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize("address", ["/laws/us-no-such-law/", "/searches/999/"])
def test_no_claim_is_made_on_what_is_not_known_here(play: Play, address: str) -> None:
    with pytest.raises(WrongUse, match="Nothing is published"):
        play.office.claim("two cameras", address)
