"""When very many sign at once: a small sum is asked of devices, and whoever's does none signs all the same."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lettering import Coalition, link, typed
from speaking import letters, town

from postme import letter, turnstile
from postme.letter import Kind
from postme.website.kept import KEPT

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("turnstile")) as client:
        yield client


@pytest.fixture
def slug(site: Any) -> str:
    """A letter that is open and that few have signed."""
    KEPT.clear()
    return Coalition().opened()


@pytest.fixture
def rushed(slug: str) -> str:
    """The same, signed by as many as make a rush."""
    from postme.website import mailing

    for number in range(turnstile.STEPS[0][0]):
        said, wrong = letter.typed(
            {"name": f"Zq {number} Rush", "shown": "full", "mail": f"rush{next(_NUMBERS)}@example.org"}, Kind.PERSON
        )
        assert said, wrong
        mailing.signers().sign(slug, said, 1, lambda *_: ("Confirm", "words"))
    KEPT.clear()
    return slug


def puzzle(site: Any, slug: str) -> str:
    found = re.search(r'name="puzzle" value="([^"]+)"', site.get(f"/letters/{slug}/sign/").content.decode())
    return found[1] if found else ""


def solved(given: str) -> str:
    bits = int(given.split(".")[1])
    return next(str(one) for one in itertools.count() if turnstile.zeros(given, str(one)) >= bits)


def rows(slug: str) -> list[Any]:
    from postme.keeping.store.models import Signed

    return list(Signed.objects.filter(letter__slug=slug).order_by("-pk"))


def due(number: str) -> datetime.datetime:
    from postme.keeping.store.models import Outgoing

    return Outgoing.objects.get(once=f"confirm signature {number}").due


def sent(site: Any, slug: str, **more: str) -> Any:
    answer = site.post(f"/letters/{slug}/sign/", typed(**more))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return next(one for one in rows(slug) if one.number == answer.headers["Location"].strip("/").split("/")[-1])


def test_below_the_published_number_nothing_is_asked_and_the_mail_leaves_at_once(site: Any, slug: str) -> None:
    said = site.get(f"/letters/{slug}/sign/").content.decode()
    assert 'name="puzzle"' not in said and "<script" not in said
    one = sent(site, slug)
    assert due(one.number) == one.received


def test_in_a_rush_the_form_carries_a_puzzle_and_a_script_of_our_own_and_the_policy_stays_as_strict(site: Any, rushed: str) -> None:  # fmt: skip
    answer = site.get(f"/letters/{rushed}/sign/")
    said = answer.content.decode()
    assert puzzle(site, rushed).startswith("1.16.")
    [script] = re.findall(r'<script src="([^"]+)"', said)
    assert script.startswith("/static/") and "turnstile" in script
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"] and "script-src 'self'" in answer.headers["Content-Security-Policy"]  # fmt: skip
    assert "unsafe" not in answer.headers["Content-Security-Policy"] and "worker-src" not in answer.headers["Content-Security-Policy"]  # fmt: skip
    assert not answer.cookies
    assert "<noscript>" in said and "onsubmit" not in said


def test_the_threshold_and_what_it_means_stand_on_the_letter_s_page_and_on_the_form(site: Any, slug: str) -> None:
    said = site.get(f"/letters/{slug}/").content.decode()
    assert "Where 30 or more sign within 10 minutes" in said and "up to 6 hours later" in said
    assert "Where 30 or more sign within 10 minutes" in site.get(f"/letters/{slug}/sign/").content.decode()


def test_a_solved_sum_has_its_mail_leave_at_once_in_the_middle_of_a_rush(site: Any, rushed: str) -> None:
    given = puzzle(site, rushed)
    one = sent(site, rushed, puzzle=given, proof=solved(given))
    assert due(one.number) == one.received


def test_without_a_sum_the_signature_is_taken_all_the_same_its_mail_comes_later_and_the_link_in_it_counts(site: Any, rushed: str) -> None:  # fmt: skip
    first = sent(site, rushed, mail="zqone@example.org")
    second = sent(site, rushed, mail="zqtwo@example.org")
    assert turnstile.APART / 2 < due(second.number) - due(first.number) <= turnstile.APART
    assert second.received < due(second.number) <= second.received + turnstile.LONGEST
    assert second.expires == due(second.number) + datetime.timedelta(days=3)
    # It takes its time, and then it is a mail like any other.
    from postme.website import mailing

    outbox = mailing.voices().outbox
    name = f"confirm signature {second.number}"
    [mail] = letters("zqtwo@example.org")
    assert name not in {one.once for one in outbox.take(second.received, 1000)}
    assert name in {one.once for one in outbox.take(due(second.number), 1000)}
    assert site.post(link(mail), {"step": "confirm"}).status_code == 200
    assert next(one for one in rows(rushed) if one.number == second.number).state == "published"


def test_a_forged_an_expired_and_a_wrong_sum_are_as_good_as_none_and_no_worse(site: Any, rushed: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    given = puzzle(site, rushed)
    proof = solved(given)
    easy = given.replace("1.16.", "1.01.", 1)
    for number, (one, by) in enumerate(((easy, solved(easy)), (given, "1"), ("x", "1"), (given, ""))):
        assert due((row := sent(site, rushed, mail=f"zqf{number}@example.org", puzzle=one, proof=by)).number) > row.received, one  # fmt: skip
    monkeypatch.setattr(turnstile, "LASTS", datetime.timedelta(seconds=-1))
    KEPT.clear()
    old = puzzle(site, rushed)
    assert old
    assert due((row := sent(site, rushed, mail="zqold@example.org", puzzle=old, proof=solved(old))).number) > row.received  # fmt: skip
    # And its positive twin: the very proof, with the puzzle that it is of.
    assert due((row := sent(site, rushed, mail="zqgood@example.org", puzzle=given, proof=proof)).number) == row.received  # fmt: skip


def test_one_sum_is_one_signature(site: Any, rushed: str) -> None:
    given = puzzle(site, rushed)
    proof = solved(given)
    one = sent(site, rushed, mail="zqonce@example.org", puzzle=given, proof=proof)
    count = len(rows(rushed))
    assert (
        sent(site, rushed, mail="zqonce@example.org", puzzle=given, proof=proof).number == one.number
    )  # a button that was pressed twice
    again = site.post(f"/letters/{rushed}/sign/", typed(mail="zqtwice@example.org", name="Cy Doe", puzzle=given, proof=proof))  # fmt: skip
    assert again.status_code == 409
    assert len(rows(rushed)) == count
    said = again.content.decode()
    assert "zqtwice@example.org" in said and "Cy Doe" in said
    new = re.search(r'name="puzzle" value="([^"]+)"', said)
    assert new and new[1] != given


def test_the_puzzle_and_its_solution_go_through_the_preview(site: Any, rushed: str) -> None:
    given = puzzle(site, rushed)
    look = site.post(f"/letters/{rushed}/sign/", typed(step="look", puzzle=given, proof="")).content.decode()
    assert look.count(f'name="puzzle" value="{given}"') == 2
    proof = solved(given)
    look = site.post(f"/letters/{rushed}/sign/", typed(step="look", puzzle=given, proof=proof)).content.decode()
    assert look.count(f'name="proof" value="{proof}"') == 2


def test_the_receipt_says_when_the_mail_leaves(site: Any, rushed: str) -> None:
    for number in range(40):
        one = sent(site, rushed, mail=f"zqr{number}@example.org")
    told = site.get(f"/receipts/{one.number}.json").json()
    assert told["mail_minutes"] in (2, 3)
    assert "the mail leaves within" in site.get(f"/receipts/{one.number}/").content.decode()
