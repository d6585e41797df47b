"""Letters on their way to a real mail server on this machine, and to one that refuses, or dies in the middle."""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from postbox import Server, standing
from speaking import deed, proposal, town, write

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[Server, int]]:
    with standing() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, door: tuple[Server, int]) -> Iterator[Any]:
    from postme.website.environment import Mail

    with town(
        tmp_path_factory.mktemp("mailing"), MAIL=Mail("127.0.0.1", door[1], "", "", ""), MAIL_FILES=False, EMAIL_HOST="127.0.0.1", EMAIL_PORT=door[1],
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_USE_TLS=False, EMAIL_USE_SSL=False, DEFAULT_FROM_EMAIL="town@example.org", EMAIL_TIMEOUT=3,
    ) as client:  # fmt: skip
        yield client


@pytest.fixture
def server(site: Any, door: tuple[Server, int]) -> Server:
    from postme.keeping.store.models import Comment, Outgoing

    door[0].got.clear()
    door[0].answer, door[0].refused = "250 OK", ""
    Outgoing.objects.all().delete()
    Comment.objects.filter(state="waiting").delete()
    return door[0]


def posted(at: datetime.datetime | None = None) -> int:
    from postme.website import mailing

    return mailing.sent_round(mailing.voices().outbox, None if at is None else lambda: at)


def row(once: str = "") -> Any:
    from postme.keeping.store.models import Outgoing

    return Outgoing.objects.filter(once__contains=once).latest("pk")


def link(mail: EmailMessage) -> str:
    [found] = set(re.findall(r"http://localhost:8000(/(?:said|voted|followed)/[\w-]+/)", mail.get_content()))
    return str(found)


def test_the_whole_way_over_a_real_mail_server(site: Any, server: Server) -> None:
    slug = proposal()
    number = write(site, slug, mail="Ann+town@example.org")
    assert posted() == 1
    [mail] = server.got
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == ("Ann+town@example.org", "town@example.org", "auto-generated")  # fmt: skip
    assert mail.get_content_type() == "text/plain"
    assert number in mail.get_content()
    assert site.post(link(mail), {"step": "confirm"}).status_code == 200
    assert site.get(f"/receipts/{number}.json").json()["state"] == "published"
    assert posted() == 0, "it was sent twice"


def test_once_it_is_sent_address_and_words_are_erased(site: Any, server: Server) -> None:
    write(site, proposal())
    posted()
    sent = row()
    assert (sent.state, bytes(sent.mail), sent.trouble) == ("sent", b"", "")


def test_a_title_with_a_line_break_makes_no_header(site: Any, server: Server) -> None:
    write(site, proposal(title="Readers\nBcc: everyone@example.org"))
    assert posted() == 1
    assert server.got[0]["Bcc"] is None
    assert server.got[0]["To"] == "ann@example.org"


def test_a_server_that_says_later_is_asked_again_less_and_less_often_and_then_given_up(
    site: Any, server: Server
) -> None:
    server.answer = "451 come back later"
    number = write(site, proposal())
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    for minutes in (1, 5, 30, 120, 480):
        assert posted(at) == 0
        waits = row(number)
        assert (waits.state, waits.trouble) == ("waiting", "SMTPDataError 451")
        assert waits.due == at + datetime.timedelta(minutes=minutes)
        assert posted(at + datetime.timedelta(seconds=59)) == 0
        at = waits.due
    posted(at)
    given = row(number)
    assert (given.state, bytes(given.mail)) == ("given up", b"")
    facts = site.get("/health.json").json()["mail"]
    assert facts["given_up"] == 1
    assert "ann@example.org" not in given.trouble


def test_a_server_that_is_not_there_loses_nothing(site: Any, server: Server) -> None:
    from django.test import override_settings

    number = write(site, proposal())
    with override_settings(EMAIL_PORT=1):
        assert posted() == 0
    assert row(number).state == "waiting"
    assert "refused" in row(number).trouble
    assert posted(row(number).due) == 1
    assert len(server.got) == 1


def test_a_mailbox_that_is_none_is_given_up_at_once_and_the_others_go_out(site: Any, server: Server) -> None:
    server.refused = "nobody@example.org"
    slug = proposal()
    bad, good = write(site, slug, mail="nobody@example.org"), write(site, slug, mail="somebody@example.org")
    assert posted() == 1
    assert (row(bad).state, row(bad).trouble) == ("given up", "SMTPRecipientsRefused 550")
    assert row(good).state == "sent"
    assert "nobody@" not in row(bad).trouble


def test_two_senders_at_once_send_each_letter_once(site: Any, server: Server) -> None:
    import threading

    from django.db import connections

    slug = proposal()
    for i in range(15):
        write(site, slug, mail=f"p{i}@example.org")

    def send() -> None:
        posted()
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(mail["To"] for mail in server.got) == sorted(f"p{i}@example.org" for i in range(15))


def test_a_sender_that_dies_with_a_letter_in_hand_leaves_it_to_the_next(site: Any, server: Server) -> None:
    from postme.website import mailing

    number = write(site, proposal())
    outbox = mailing.voices().outbox
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    [taken] = outbox.take(at)
    assert posted(at + datetime.timedelta(minutes=1)) == 0, "two have it at once"
    assert posted(at + datetime.timedelta(minutes=6)) == 1
    assert row(number).state == "sent"
    outbox.failed(taken, at, "late")
    assert row(number).state == "sent", "who comes back from the dead changed what the other did"


def test_a_letter_sent_again_after_a_crash_has_the_same_name(site: Any, server: Server) -> None:
    from postme.keeping.store.models import Outgoing

    number = write(site, proposal())
    kept = bytes(row(number).mail)
    posted()
    Outgoing.objects.filter(pk=row(number).pk).update(state="waiting", mail=kept, due=NOW)
    posted()
    assert len({mail["Message-ID"] for mail in server.got}) == 1
    assert len(server.got) == 2


def test_a_letter_that_another_key_closed_is_given_up_and_said_so(site: Any, server: Server) -> None:
    from django.test import override_settings

    number = write(site, proposal())
    with override_settings(MAIL_KEY="ab" * 32):
        posted()
    assert row(number).state == "given up"
    assert "cannot be opened" in row(number).trouble


def test_a_comment_whose_letter_cannot_be_queued_is_not_kept(
    site: Any, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postme.keeping.store.models import Comment
    from postme.keeping.store.outbox import Outbox

    slug, before = proposal(), Comment.objects.count()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stopped here")

    monkeypatch.setattr(Outbox, "queue", broken)
    with pytest.raises(RuntimeError):
        write(site, slug)
    assert Comment.objects.count() == before


def test_the_command_sends_until_it_is_stopped_and_ends_in_order(
    site: Any, server: Server, door: tuple[Server, int]
) -> None:
    from django.db import connection

    number = write(site, proposal())
    environment = {
        **os.environ, "POSTME_DATA": str(site.data), "POSTME_MAIL_URL": f"smtp://127.0.0.1:{door[1]}", "POSTME_MAIL_FROM": "town@example.org", "POSTME_SITE": "http://localhost:8000",
    }  # fmt: skip
    if connection.vendor == "postgresql":
        environment["DATABASE_URL"] = os.environ["DATABASE_URL"].replace(
            "/postme?", f"/{connection.settings_dict['NAME']}?"
        )
    child = subprocess.Popen([sys.executable, "-m", "postme.website", "post"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and row(number).state != "sent":
            time.sleep(0.2)
        assert row(number).state == "sent"
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
    finally:
        child.kill()


# --- news


def followed(site: Any, server: Server, about: str, mail: str = "fan@example.org") -> str:
    assert site.post("/follow/", {"about": about, "mail": mail}).status_code == 200
    posted()
    own = link(server.got[-1])
    assert site.get(own).status_code == 200
    assert "It has begun" in site.post(own, {"step": "confirm"}).content.decode()
    server.got.clear()
    return own


def news(days: int = 0) -> int:
    from postme.website import noticing

    queued = noticing.told_all(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days))
    posted(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days, minutes=1))
    return queued


def test_a_follower_is_told_once_and_ends_it_with_one_click(site: Any, server: Server) -> None:
    from django.test import Client

    slug = proposal(opened=None)
    own = followed(site, server, f"/decisions/{slug}/")
    assert news() == 0
    deed(slug, "open_comments", NOW.date(), until=(NOW.date() + datetime.timedelta(days=20)).isoformat())
    assert news() == 1
    [mail] = server.got
    assert "You can comment until" in mail.get_content()
    assert "You get this because" in mail.get_content()
    assert news() == 0
    assert news(1) == 0, "it was told twice"
    address = mail["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost:8000")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "End it" in site.get(address).content.decode(), "a mail program that opens the link ended it"
    assert Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    deed(slug, "reject", NOW.date())
    assert news(2) == 0
    assert "ended" in site.get(own).content.decode()
    from postme.keeping.store.models import Subscription

    assert bytes(Subscription.objects.get(about=f"/decisions/{slug}/").mail) == b""


def test_what_comes_after_the_days_letter_is_in_the_next_days(site: Any, server: Server) -> None:
    slug = proposal(opened=None)
    followed(site, server, f"/decisions/{slug}/", "daily@example.org")
    deed(slug, "give_notice", NOW.date())
    assert news() == 1
    deed(slug, "reject", NOW.date())
    assert news() == 0
    assert news(1) == 1
    assert [("announced" in mail.get_content(), "voted against" in mail.get_content()) for mail in server.got] == [(True, False), (False, True)]  # fmt: skip


def test_a_hearing_is_told_a_week_ahead_and_one_address_is_told_of_it_once(site: Any, server: Server) -> None:
    from postme.keeping.store import models

    slug = proposal()
    for about in (f"/decisions/{slug}/", "/technologies/alpr/"):
        followed(site, server, about, "both@example.org")
    row_ = models.Proposal.objects.get(slug=slug)
    meeting = models.Meeting.objects.create(town=row_.town, body="city council", on=NOW.date() + datetime.timedelta(days=9), who="cle", at=NOW)  # fmt: skip
    models.Item.objects.create(meeting=meeting, proposal=row_, kind="hear")
    news()
    assert not any("takes this up" in mail.get_content() for mail in server.got)
    news(3)
    assert sum("takes this up" in mail.get_content() for mail in server.got) == 1


def test_the_form_does_not_tell_whether_an_address_follows_already(site: Any, server: Server) -> None:
    slug = proposal()
    first = site.post("/follow/", {"about": f"/decisions/{slug}/", "mail": "known@example.org"}).content
    assert site.post("/follow/", {"about": f"/decisions/{slug}/", "mail": "known@example.org"}).content == first
    assert posted() == 1


@pytest.mark.parametrize(
    "about",
    ["", "/", "/desk/", "//evil.example/", "/decisions/none/", "/search/?q=", "/places/us/zz/nowhere/", "x" * 5000],
)
def test_what_cannot_be_followed_is_not_found(site: Any, about: str) -> None:
    assert site.get("/follow/", {"about": about}).status_code == 404
    assert site.post("/follow/", {"about": about, "mail": "a@example.org"}).status_code == 404


def test_a_comment_survives_all_of_it(site: Any, server: Server) -> None:
    """The positive twin: what was confirmed before any of this is there after it."""
    slug = proposal()
    server.answer = "250 OK"
    write(site, slug, mail="last@example.org")
    posted()
    site.post(link(server.got[-1]), {"step": "confirm"})
    assert site.get(f"/decisions/{slug}/comments.json").json()["count"] == 1
