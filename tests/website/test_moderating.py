"""Comments at the desk: hidden and restored by published rules, floods, what came on paper, answers by two people."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from speaking import letters, proposal, published, town
from staffed import at_the_desk

from postme import roles


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("moderating")) as client:
        yield client


@pytest.fixture
def slug(site: Any) -> str:
    return proposal()


def shown(site: Any, slug: str) -> list[str]:
    return [row["number"] for row in site.get(f"/decisions/{slug}/comments.json").json()["comments"]]


def flooded(slug: str, count: int, *, text: str = "", domain: str = "", seconds: float = 600) -> None:
    """Comments that came at once, as rows: what is tested is how they are found."""
    from postme import flood, voices
    from postme.keeping.store import models

    row, start = (
        models.Proposal.objects.get(slug=slug),
        datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1),
    )
    base = models.Comment.objects.count() + 1
    for i in range(count):
        own = [(base + i) // 31**place % 31 for place in range(9)]
        at = start + datetime.timedelta(seconds=seconds * i)
        models.Comment.objects.create(
            number=voices.receipt(own), secret=f"{slug}{base + i}", proposal=row, position="for", text=text or f"Own words {i}.", shown="none", level="mail", state="published",
            received=at, confirmed=at, changed=at, salt="ab", folded=flood.folded(text or f"own {i}"), domain=domain or f"d{i}", mark=f"{slug}{base + i}",
        )  # fmt: skip


def test_a_comment_is_hidden_by_a_rule_with_a_reason_that_its_writer_and_everyone_reads(site: Any, slug: str) -> None:
    number, own = published(site, slug, text="You are all thieves, zqwords.", mail="rude@example.org")
    desk = at_the_desk("mod", "moderator")
    page = f"/desk/voices/{slug}/"
    assert "zqwords" in desk.get(page).content.decode()
    assert desk.post(page, {"step": "hidden", "number": number, "rule": "insult", "why": " "}).status_code == 409
    assert desk.post(page, {"step": "hidden", "number": number, "rule": "opinion", "why": "No."}).status_code == 409
    assert shown(site, slug) == [number]
    assert desk.post(page, {"step": "hidden", "number": number, "rule": "insult", "why": "It calls people thieves."}).status_code == 302  # fmt: skip
    assert shown(site, slug) == []
    letter = letters("rude@example.org")[-1]
    assert "It calls people thieves." in letter.body
    assert "insults or threatens" in letter.body
    public = site.get("/moderation/").content.decode()
    assert "It calls people thieves." in public
    assert number in public
    assert "zqwords" not in public
    receipt = site.get(f"/receipts/{number}.json").json()
    assert (receipt["state"], receipt["rule"], receipt["hash"]) == ("hidden", "insult", None)
    assert "It is not shown" in site.get(own).content.decode()
    assert desk.post(page, {"step": "restored", "number": number, "rule": "insult", "why": "It was about a film."}).status_code == 302  # fmt: skip
    assert shown(site, slug) == [number]
    assert "shown again" in letters("rude@example.org")[-1].body


def test_who_may_not_moderate_does_not(site: Any, slug: str) -> None:
    number, _ = published(site, slug)
    for name, role in (("lia", "liaison"), ("rea", "reader"), ("adm", "administrator")):
        answer = at_the_desk(name, role).post(f"/desk/voices/{slug}/", {"step": "hidden", "number": number, "rule": "insult", "why": "No."})  # fmt: skip
        assert answer.status_code == 403, role
    assert shown(site, slug) == [number]


def test_a_hidden_comment_does_not_come_back_over_a_newer_one_of_its_writer(site: Any, slug: str) -> None:
    first, _ = published(site, slug, mail="again@example.org")
    desk = at_the_desk("mod", "moderator")
    desk.post(f"/desk/voices/{slug}/", {"step": "hidden", "number": first, "rule": "insult", "why": "Rude."})
    second, _ = published(site, slug, text="Politely: no.", mail="again@example.org")
    desk.post(f"/desk/voices/{slug}/", {"step": "restored", "number": first, "rule": "insult", "why": "Not rude."})
    assert shown(site, slug) == [second]


def test_a_hundred_from_one_domain_are_shown_with_the_criterion_before_anything_is_done(site: Any, slug: str) -> None:
    flooded(slug, 100, domain="one", seconds=30)
    flooded(slug, 3)
    desk = at_the_desk("mod", "moderator")
    page = desk.get(f"/desk/voices/{slug}/").content.decode()
    assert "Thirty or more comments from one mail domain within an hour." in page
    assert "large mail providers" in page
    assert site.get(f"/decisions/{slug}/comments.json").json()["count"] == 103, "a machine decided"
    from postme.keeping.store import heard

    [found] = heard.floods(slug)
    assert found["count"] == 100
    told = {"flood": found["key"], "rule": "flood", "why": "One machine sent them."}
    desk.post(f"/desk/voices/{slug}/", {**told, "step": "hide all"})
    assert site.get(f"/decisions/{slug}/comments.json").json()["count"] == 3
    assert "with others of a flood" in site.get("/moderation/").content.decode()
    desk.post(f"/desk/voices/{slug}/", {**told, "step": "restore all", "why": "They were people."})
    assert site.get(f"/decisions/{slug}/comments.json").json()["count"] == 103


def test_a_flood_that_changed_since_it_was_looked_at_is_looked_at_again(site: Any, slug: str) -> None:
    flooded(slug, 6, text="No cameras!")
    answer = at_the_desk("mod", "moderator").post(f"/desk/voices/{slug}/", {"flood": "0" * 16, "rule": "flood", "why": "x", "step": "hide all"})  # fmt: skip
    assert answer.status_code == 409
    assert len(shown(site, slug)) == 6


@pytest.mark.parametrize("channel", ["paper", "phone", "hearing"])
def test_what_came_otherwise_stands_under_its_own_level_and_channel(site: Any, slug: str, channel: str) -> None:
    clerk = at_the_desk("cle", "clerk")
    typed = {
        "step": "enter",
        "channel": channel,
        "position": "against",
        "text": "Not on my street.",
        "name": "O. Q.",
        "shown": "full",
    }
    assert clerk.post(f"/desk/voices/{slug}/", typed).status_code == 302
    facts = site.get(f"/decisions/{slug}/comments.json").json()
    assert (facts["comments"][0]["level"], facts["comments"][0]["channel"]) == ("clerk", channel)
    assert facts["tally"]["clerk"]["against"] == 1
    assert facts["tally"]["mail"]["against"] == 0
    assert clerk.post(f"/desk/voices/{slug}/", {**typed, "channel": "web"}).status_code == 409
    assert at_the_desk("mod", "moderator").post(f"/desk/voices/{slug}/", typed).status_code == 403


def test_an_answer_needs_two_people_and_then_its_comments_are_answered(site: Any, slug: str) -> None:
    number, _ = published(site, slug)
    page, typed = f"/desk/voices/{slug}/", {"step": "answer", "point": "Too many.", "text": "Twelve, one for each entrance.", "numbers": number}  # fmt: skip
    assert at_the_desk("lia", "liaison").post(page, typed).status_code == 302
    assert "Twelve, one for each" not in site.get(f"/decisions/{slug}/comments/").content.decode()
    from postme.keeping.store.models import Answer

    publish = {"step": "publish", "answer": str(Answer.objects.latest("pk").pk)}
    assert at_the_desk("lia", "liaison").post(page, publish).status_code == 403
    assert at_the_desk("lia", "liaison", "clerk").post(page, publish).status_code == 409
    assert at_the_desk("cle", "clerk").post(page, publish).status_code == 302
    facts = site.get(f"/decisions/{slug}/comments.json").json()
    assert facts["answers"][0]["comments"] == [number]
    assert facts["comments"][0]["stage"] == "answered"
    assert site.get(f"/receipts/{number}.json").json()["stage"] == "answered"


def test_comments_come_into_the_packet_and_no_further_back(site: Any, slug: str) -> None:
    number, _ = published(site, slug)
    at_the_desk("cle", "clerk").post(f"/desk/voices/{slug}/", {"step": "packet"})
    assert site.get(f"/receipts/{number}.json").json()["stage"] == "in packet"


def test_the_desk_tells_how_the_mail_goes_and_shows_the_letters_of_a_site_without_a_server(
    site: Any, slug: str
) -> None:
    from postme.website import mailing

    published(site, slug, mail="paper@example.org")
    mailing.sent_round(mailing.voices().outbox)
    other = at_the_desk("mod", *(role for role in roles.ROLES if role not in ("administrator", "coalition")))
    assert other.get("/desk/letters/").status_code == 403
    assert "/desk/letters/" not in other.get("/desk/voices/").content.decode()
    desk = at_the_desk("adm", "administrator")
    assert str(mailing.folder()) in desk.get("/desk/voices/").content.decode()
    page = desk.get("/desk/letters/").content.decode()
    assert "paper@example.org" in page
    assert "secret links" in page
    from django.test import override_settings

    with override_settings(MAIL_FILES=False):
        assert desk.get("/desk/letters/").status_code == 404
