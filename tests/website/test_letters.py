"""Open letters as the public meets them: read, signed by mail, counted level by level, taken back; nothing of a draft is anywhere."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lettering import TOWN, Coalition, claim, link, signed, typed, write
from speaking import letters, town

from postme.letter import Change, Kind, Outcome


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("letters")) as client:
        yield client


@pytest.fixture(scope="module")
def group(site: Any) -> Coalition:
    return Coalition()


@pytest.fixture
def slug(group: Coalition) -> str:
    return group.opened()


def counts(site: Any, slug: str) -> dict[str, Any]:
    return dict(site.get(f"/letters/{slug}/signatures.json").json()["counts"])


def people(site: Any, slug: str) -> list[dict[str, Any]]:
    return list(site.get(f"/letters/{slug}/signatures.json").json()["people"])


def page(site: Any, address: str, status: int = 200) -> str:
    """A page as whoever comes some seconds later sees it."""
    from postme.website.kept import KEPT

    KEPT.clear()
    answer = site.get(address)
    assert answer.status_code == status, (address, answer.status_code, answer.content[:500])
    return str(answer.content.decode())


# --- reading


def test_a_letter_says_to_whom_what_it_asks_its_exact_words_hash_and_that_it_is_made_up(site: Any, slug: str, group: Coalition) -> None:  # fmt: skip
    said = page(site, f"/letters/{slug}/")
    one = group.office.rows.one(slug)
    assert one.now
    for words in (
        "Stop the cameras",
        "The Village Council",
        "Vote no on item 7.",
        "two cameras",
        one.now.sha256,
        "made up",
        "Tenants Union (fiction)",
        "Sign the letter",
        f"/log/{one.now.leaf}/",
    ):
        assert words in said, words
    twin = site.get(f"/letters/{slug}.json").json()
    assert twin["facts"]["sha256"] == one.now.sha256
    assert site.get(f"/letters/{slug}.proof").status_code == 200
    assert page(site, f"/es/letters/{slug}/")
    assert "Stop the cameras" in page(site, "/letters/")
    assert page(site, "/es/letters/")


def test_each_claim_leads_to_what_it_rests_on_and_says_when_that_is_not_known_here(site: Any, group: Coalition) -> None:
    own = group.opened(claims=(claim("two cameras", "/laws/us-mn-alpr/"), claim("stop", "/searches/999/", 3)))
    said = page(site, f"/letters/{own}/")
    assert 'href="#rests-1"' in said and 'id="rests-1"' in said
    assert 'href="/laws/us-mn-alpr/"' in said
    assert "Not known here: nothing is published at the address" in said and "/searches/999/" in said
    assert "was withdrawn since" not in said, "only what was withdrawn is withdrawn"


def test_a_letter_that_was_taken_back_says_so_and_why_and_nobody_signs_it(site: Any, group: Coalition) -> None:
    own = group.opened()
    group.office.withdraw(own, "The council listened before we were heard.", who="ann")
    said = page(site, f"/letters/{own}/")
    assert "took this letter back" in said and "The council listened" in said
    assert f"/letters/{own}/sign/" not in said
    assert site.post(f"/letters/{own}/sign/", typed()).status_code == 409
    assert "taken back" in page(site, f"/letters/{own}/badge/")


def test_days_of_silence_are_counted_until_somebody_answers(site: Any, group: Coalition) -> None:
    own = group.opened()
    day = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=9)
    told = {"now": {"domain": 0, "coalition": 0, "mail": 3, "paper": 0}, "earlier": {}}
    group.office.deliver(own, [("Member A", None), ("Member B", None)], "by hand", day, told, "ab" * 32, who="ann")
    first, _ = group.office.rows.one(own).deliveries
    assert page(site, f"/letters/{own}/").count("9 days of silence so far") == 2
    group.office.answered(own, first.id, Outcome.ANSWERED, day + datetime.timedelta(days=4), answer="I read it.", link="https://council.example/a", who="ann")  # fmt: skip
    said = page(site, f"/letters/{own}/")
    assert said.count("9 days of silence so far") == 1
    assert "after 4 days" in said and "I read it." in said
    assert "9 days of silence" in page(site, "/letters/")


def test_the_day_on_which_signers_are_erased_stands_on_the_page_and_then_nobody_is_named(site: Any, group: Coalition) -> None:  # fmt: skip
    from postme.keeping.store.models import OpenLetter
    from postme.website import mailing

    own = group.opened()
    number, secret = signed(site, own, name="Zqerased Person", mail="zq@example.org", comment="zqwords")
    assert "180 days after the letter is closed" in page(site, f"/letters/{own}/")
    group.office.close(own, who="ann")
    OpenLetter.objects.filter(slug=own).update(closed=datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=200))  # fmt: skip
    mailing.signers().tidied()
    page(site, "/letters/")
    for address in (f"/letters/{own}/", f"/letters/{own}/signatures/", f"/letters/{own}/signatures.json", f"/letters/{own}/signatures.csv", f"/receipts/{number}/", f"/receipts/{number}.json", secret):  # fmt: skip
        answer = site.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200 and b"Zqerased" not in body and b"zqwords" not in body, address
    assert counts(site, own)["now"]["mail"] == 1
    assert "were erased on" in page(site, f"/letters/{own}/")


def test_two_organizations_of_one_name_are_told_apart_by_their_domains(site: Any, slug: str) -> None:
    for domain in ("one.example", "two.example"):
        signed(site, slug, **{"as": "organization", "name": "Food Bank (fiction)", "by": "Ann", "domain": domain, "mail": f"ann@{domain}"})  # fmt: skip
    said = page(site, f"/letters/{slug}/")
    assert "(one.example)" in said and "(two.example)" in said


# --- signing


def test_a_signature_is_seen_before_it_is_sent_and_public_only_once_confirmed(site: Any, slug: str) -> None:
    look = site.post(f"/letters/{slug}/sign/", typed(step="look", shown="short", comment="Too many."))
    said = look.content.decode()
    assert look.status_code == 200 and "What becomes public" in said and "A. D." in said
    number = write(site, slug, shown="short", comment="Too many.")
    assert "waits for its signer" in page(site, f"/receipts/{number}/")
    assert people(site, slug) == []
    own = link(letters("ann@example.org")[-1])
    for scanned in (site.get(own), site.head(own), site.get(f"{own}?do=withdraw"), site.get(f"{own}?step=confirm")):
        assert scanned.status_code == 200
    assert people(site, slug) == [], "opening the link signed it"
    assert "it counts" in site.post(own, {"step": "confirm"}).content.decode()
    [row] = people(site, slug)
    assert (row["number"], row["name"], row["comment"], row["level"]) == (number, "A. D.", "Too many.", "mail")
    for address in (f"/letters/{slug}/", f"/letters/{slug}/signatures/"):
        assert "A. D." in page(site, address) and "ann@example.org" not in page(site, address)
    assert "Ann Marie" not in page(site, f"/letters/{slug}/signatures/")


def test_the_mail_says_what_to_do_if_it_was_somebody_else_and_nobody_gets_a_cookie(site: Any, slug: str) -> None:
    number = write(site, slug, mail="mail@example.org")
    letter = letters("mail@example.org")[-1]
    for words in (number, "Was it you?", "It was not you? Do nothing.", "take your name off", "Stop the cameras"):
        assert words in letter.body, words
    own = link(letter)
    for address in (own, f"/letters/{slug}/", f"/letters/{slug}/sign/", f"/letters/{slug}/sign/?as=organization", f"/letters/{slug}/badge/", f"/letters/{slug}/embed/"):  # fmt: skip
        answer = site.get(address)
        assert answer.status_code == 200 and not answer.cookies, address
    private = site.get(own)
    assert (private["Referrer-Policy"], private["X-Robots-Tag"], private["Cache-Control"]) == ("no-referrer", "noindex", "no-store")  # fmt: skip


def test_a_spanish_reader_signs_in_spanish(site: Any, slug: str) -> None:
    answer = site.post(f"/es/letters/{slug}/sign/", typed(mail="es@example.org"))
    assert answer["Location"].startswith("/es/receipts/")
    own = link(letters("es@example.org")[-1])
    assert own.startswith("/es/signed/")
    assert site.get(own).status_code == 200


def test_taking_the_name_off_is_asked_first_and_all_that_said_who_signed_is_deleted(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Signed

    number, own = signed(site, slug)
    for do in ("withdraw", "not-me"):
        assert "cannot be undone" in page(site, f"{own}?do={do}")
    assert people(site, slug), "asking took it off"
    assert "is off the letter" in site.post(own, {"step": "withdraw"}).content.decode()
    assert people(site, slug) == [] and counts(site, slug)["now"]["mail"] == 0
    row = Signed.objects.get(number=number)
    assert (row.name, row.salt, row.mark, bytes(row.mail), bytes(row.parcel)) == ("", "", "", b"", b"")
    assert site.get(f"/receipts/{number}.json").json()["state"] == "withdrawn"
    assert "was taken off" in page(site, own)


def test_whoever_never_signed_deletes_what_waits_with_one_press(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Signed

    number = write(site, slug, mail="other@example.org")
    own = link(letters("other@example.org")[-1])
    assert "This was not me" in page(site, own)
    assert site.post(own, {"step": "withdraw"}).status_code == 200
    assert not Signed.objects.filter(number=number).exists()


def test_a_link_that_ran_out_was_used_again_or_was_forged_signs_nothing(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Signed
    from postme.website import mailing

    number, own = signed(site, slug)
    before = [number]
    assert site.post(own, {"step": "confirm"}).status_code == 200
    number = write(site, slug, mail="late@example.org")
    late = link(letters("late@example.org")[-1])
    Signed.objects.filter(number=number).update(expires=datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1))  # fmt: skip
    answer = site.post(late, {"step": "confirm"})
    assert answer.status_code == 404 and "run out" in answer.content.decode()
    assert mailing.signers().tidied()["expired"] >= 1
    assert site.get(f"/receipts/{number}/").status_code == 404
    for key in ("x", "A" * 32, "a-b_c" * 6, "0" * 5000):
        for forged in (site.get(f"/signed/{key}/"), site.post(f"/signed/{key}/", {"step": "confirm"})):
            assert forged.status_code == 404 and "nothing at this link" in forged.content.decode()
    assert [row["number"] for row in people(site, slug)] == before


def test_the_same_form_sent_twice_and_the_same_mailbox_twice_are_one_signature(site: Any, slug: str) -> None:
    first = write(site, slug, form="ab" * 16, mail="twice@example.org")
    assert write(site, slug, form="ab" * 16, mail="twice@example.org") == first
    assert len(letters("twice@example.org")) == 1
    signed(site, slug, mail="again@example.org", name="Ann One")
    signed(site, slug, mail="AGAIN@example.org", name="Ann Two")
    assert [row["name"] for row in people(site, slug)] == ["Ann Two"]
    assert counts(site, slug)["now"]["mail"] == 1


def test_who_saw_other_words_is_told_and_shown_the_newest_before_anything_is_sent(site: Any, group: Coalition) -> None:
    own = group.opened()
    group.changed(own, Change.SUBSTANCE, "The item got another number.", ask="Vote no on item 8.")
    answer = site.post(f"/letters/{own}/sign/", typed(mail="stale@example.org", comment="Kept words."))
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "changed while you were reading" in said and "The item got another number." in said
    assert "Vote no on item 8." in said and 'name="version" value="2"' in said
    assert "Kept words." in said, "what was typed is gone"
    assert letters("stale@example.org") == []
    for version in ("", "0", "x"):
        assert site.post(f"/letters/{own}/sign/", typed(version=version)).status_code == 409


def test_who_signed_before_a_change_of_substance_is_counted_apart_told_so_and_may_sign_again(site: Any, group: Coalition) -> None:  # fmt: skip
    own = group.opened()
    _, secret = signed(site, own, mail="early@example.org")
    waits = write(site, own, mail="slow@example.org")
    group.changed(own, Change.SUBSTANCE, "Another item.", ask="Vote no on item 8.")
    assert (counts(site, own)["now"]["mail"], counts(site, own)["earlier"]["mail"]) == (0, 1)
    said = page(site, secret)
    assert "now says something else" in said and f"/letters/{own}/sign/" in said
    slow = link(letters("slow@example.org")[-1])
    assert "counted apart" in page(site, slow)
    site.post(slow, {"step": "confirm"})
    assert counts(site, own)["earlier"]["mail"] == 2
    assert site.get(f"/receipts/{waits}.json").json()["version"] == 1
    signed(site, own, mail="early@example.org", version="2")
    assert (counts(site, own)["now"]["mail"], counts(site, own)["earlier"]["mail"]) == (1, 1)
    said = page(site, f"/letters/{own}/")
    assert "An earlier text" in said and "<del>" in said and "Another item." in said


def test_a_typo_keeps_every_signature(site: Any, group: Coalition) -> None:
    own = group.opened(body="We aks you to stop.")
    signed(site, own)
    group.changed(own, Change.TYPO, "A slip.", body="We ask you to stop.")
    assert counts(site, own)["now"]["mail"] == 1
    assert "slip of the pen" in page(site, f"/letters/{own}/")


@pytest.mark.parametrize("mail", ["union@gmail.com", "ann@other.example"])
def test_an_organization_cannot_sign_with_a_mail_address_that_is_not_its_own(site: Any, slug: str, mail: str) -> None:
    form = typed(**{"as": "organization", "name": "Tenants Union (fiction)", "by": "Ann", "domain": "tenants.example", "mail": mail})  # fmt: skip
    answer = site.post(f"/letters/{slug}/sign/", form)
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "not at the organization’s own domain" in said and 'id="mail-fault"' in said and f'value="{mail}"' in said
    provider = site.post(f"/letters/{slug}/sign/", {**form, "domain": "gmail.com"})
    assert provider.status_code == 400 and 'id="domain-fault"' in provider.content.decode()


def test_an_organization_that_shows_nobody_keeps_nobody(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Signed

    number, _ = signed(site, slug, **{"as": "organization", "name": "Quiet Group (fiction)", "by": "Zqhidden Name", "role": "Chair", "shown": "none", "domain": "quiet.example", "mail": "a@quiet.example"})  # fmt: skip
    row = Signed.objects.get(number=number)
    assert (row.by, row.role, row.domain) == ("", "", "quiet.example")
    assert "Zqhidden" not in page(site, f"/letters/{slug}/")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> A",
        "Ann \u202egnirts\u202c Doe",
        "=HYPERLINK(1) A",
        "A" * 3000,
        "X",
        "🙂 Ann 👩‍👩‍👧",
        "李",
        "مريم الحسن",
        "\u2067אבי\u2069 Doe\u202e",
        "Ann\u200b\u200d\ufeff Doe",
        "Z\u0351\u036b\u0343\u036a" * 20,
        "",
        "7",
        "\u0000\u0007",
    ],
)
def test_no_name_breaks_a_page_or_a_table(site: Any, slug: str, name: str) -> None:
    answer = site.post(f"/letters/{slug}/sign/", typed(name=name, mail="hostile@example.org"))
    if answer.status_code == 400:
        said = answer.content.decode()
        assert 'id="name-fault"' in said and "<script>alert" not in said
        assert "ann" not in said or "hostile@example.org" in said, "what was typed is gone"
        return
    site.post(link(letters("hostile@example.org")[-1]), {"step": "confirm"})
    for address in (f"/letters/{slug}/", f"/letters/{slug}/signatures/"):
        said = page(site, address)
        assert "<script>alert" not in said and not {"\u202e", "\u2067"} & set(said)
    table = b"".join(site.get(f"/letters/{slug}/signatures.csv").streaming_content).decode()
    [row] = list(csv.DictReader(io.StringIO(table)))
    assert not row["name"].startswith("=")


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(site: Any, slug: str) -> None:
    answer = site.post(f"/letters/{slug}/sign/", typed(name="7", mail="nobody", comment="x" * 1200, area="y" * 50))
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "at least one letter" in said and "1,200" in said and "ann@example.org." in said and "x" * 1200 in said


def test_what_goes_to_the_coalition_goes_there_closed_and_only_where_its_signer_agreed(site: Any) -> None:
    from postme.keeping import strongbox
    from postme.keeping.store.models import Signed

    public, private = strongbox.made()
    group = Coalition(key=public)
    own = group.opened()
    assert "closed with its key" in page(site, f"/letters/{own}/sign/")
    signed(site, own, mail="no@example.org")
    signed(site, own, mail="yes@example.org", agreed="on")
    closed = [bytes(row.parcel) for row in Signed.objects.filter(letter__slug=own).order_by("pk")]
    assert closed[0] == b"" and b"yes@example.org" not in closed[1]
    [(_, told)] = strongbox.opened(strongbox.lines([closed[1]]), private)
    assert told and told["mail"] == "yes@example.org"
    # Once confirmed, nothing is left to write to.
    assert not any(bytes(row.mail) for row in Signed.objects.filter(letter__slug=own))


def test_counts_of_different_levels_are_nowhere_added(site: Any, group: Coalition) -> None:
    from postme.website import mailing

    own = group.opened()
    for number in range(3):
        signed(site, own, mail=f"p{number}@example.org")
    for number in range(4):
        mailing.signers().enter(own, {"name": f"On Paper {chr(65 + number)}", "shown": "full"}, Kind.PERSON, who="ann")
    signed(site, own, **{"as": "organization", "name": "Pantry (fiction)", "by": "Ann", "domain": "pantry.example", "mail": "a@pantry.example"})  # fmt: skip
    told = site.get(f"/letters/{own}/count.json").json()
    assert told["counts"]["now"] == {"domain": 1, "coalition": 0, "mail": 3, "paper": 4}
    for address in (f"/letters/{own}/", f"/letters/{own}/badge/"):
        said = page(site, address)
        assert all(f">{total}<" not in said for total in (7, 8)), address
    assert not {7, 8} & {value for value in told.values() if isinstance(value, int)}


# --- receipts and the log


def test_a_receipt_leads_to_the_batch_of_the_log_and_to_bytes_with_that_hash(site: Any, slug: str) -> None:
    from postme.website import mailing

    number, _ = signed(site, slug)
    assert "It will be in the log" in page(site, f"/receipts/{number}/")
    assert mailing.signers().seal_all() >= 1
    told = site.get(f"/receipts/{number}.json").json()
    assert hashlib.sha256(site.get(f"/receipts/{number}/bytes").content).hexdigest() == told["hash"]
    said = page(site, f"/letters/{slug}/signatures/1/")
    assert told["hash"] in said and page(site, f"/es/letters/{slug}/signatures/1/")
    assert told["hash"] in site.get(f"/letters/{slug}/signatures/1.json").json()["facts"]["sealed"]
    assert site.get(f"/letters/{slug}/signatures/99/").status_code == 404
    assert page(site, f"/receipts/?number={number}") and page(site, f"/es/receipts/{number}/")


def test_what_was_set_aside_is_public_with_its_rule_and_reason_and_without_names(site: Any, slug: str) -> None:
    from postme.website import mailing

    hidden, own = signed(site, slug, name="Zqaside Name", mail="aside@example.org")
    signed(site, slug, mail="stays@example.org")
    mailing.signers().set_aside(slug, [hidden], "hidden", rule="machine", why="Forty came in a minute.", who="mod", roles_=["moderator"])  # fmt: skip
    said = page(site, f"/letters/{slug}/signatures/")
    assert "1 signature was set aside." in said and "Forty came in a minute." in said and "Zqaside" not in said
    assert counts(site, slug)["now"]["mail"] == 1
    assert "Forty came in a minute." in page(site, f"/receipts/{hidden}/")
    assert "Zqaside" in page(site, own), "its signer still sees it"


# --- ways out


def test_nothing_of_a_draft_is_on_any_way_out(site: Any, group: Coalition, slug: str) -> None:
    secret = "zqdraftzq"
    own = group.draft(title=f"{secret} title", ask=f"{secret} ask", body=f"{secret} body")
    group.office.remark(own, f"{secret} remark", who="ben")
    ways = [f"/letters/{own}{end}" for end in ("/", ".json", ".atom", ".proof", "/signatures/", "/signatures.json", "/signatures.csv", "/signatures/1/", "/sign/", "/count.json", "/badge/", "/embed/", "/letter.pdf", "/sheet.pdf", "/qr.png")]  # fmt: skip
    for address in [*ways, f"/es/letters/{own}/", f"/cards/letters/{own}.png", f"/follow/?about=/letters/{own}/"]:
        assert site.get(address).status_code == 404, address
    assert site.post(f"/letters/{own}/sign/", typed()).status_code == 404
    lists = ["/letters/", "/letters.json", "/feed.atom", f"/places/{TOWN}.atom", f"/places/{TOWN}/", f"/places/{TOWN}.json", "/sitemap-entries-0.xml", "/log/", "/moderation/", "/calendar/", "/data/"]  # fmt: skip
    for address in [*lists, f"/search/?q={secret}", f"/search.json?q={secret}", f"/api/search?q={secret}", "/es/letters/"]:  # fmt: skip
        answer = site.get(address)
        assert answer.status_code == 200, address
        said = answer.content.decode()
        assert not [part for part in ("title", "ask", "body", "remark") if f"{secret} {part}" in said], address
        assert address not in ("/letters/", "/feed.atom") or slug in said, "the same eyes see what is public"


def test_the_newest_words_of_an_open_letter_s_draft_are_not_public_before_they_are_signed_for(site: Any, group: Coalition) -> None:  # fmt: skip
    from dataclasses import replace

    own = group.opened()
    one = group.office.rows.one(own)
    group.office.rewrite(own, replace(one.draft, body="zqlater words"), one.turn, who="ben")
    for address in (f"/letters/{own}/", f"/letters/{own}.json", "/letters.json", f"/letters/{own}/count.json", f"/letters/{own}/sign/"):  # fmt: skip
        assert "zqlater" not in page(site, address), address


def test_every_fact_of_the_pages_has_its_twin(site: Any, slug: str) -> None:
    signed(site, slug)
    for address in ("/letters", f"/letters/{slug}", f"/letters/{slug}/signatures"):
        page_, twin = page(site, f"{address}/"), site.get(f"{address}.json")
        assert twin.status_code == 200 and f'href="{address}.json"' in page_
        json.loads(twin.content)
    [row] = site.get("/letters.json").json()["letters"][:1]
    assert {"counts", "state", "days_left", "fiction", "title"} <= set(row)


def test_the_count_is_answered_without_a_question_to_the_database_for_some_seconds(site: Any, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr("postme.website.kept.time.time", lambda: 1_000_000.0)
    first = site.get(f"/letters/{slug}/count.json")
    assert first["Cache-Control"] == "public, max-age=10"
    signed(site, slug)
    with CaptureQueriesContext(connection) as asked:
        again = site.get(f"/letters/{slug}/count.json")
        assert site.get(f"/letters/{slug}/badge/").status_code == 200
    assert again.content == first.content and len(asked) == 0
    monkeypatch.setattr("postme.website.kept.time.time", lambda: 1_000_011.0)
    assert site.get(f"/letters/{slug}/count.json").json()["counts"]["now"]["mail"] == 1


def test_only_the_badge_may_stand_in_a_frame_and_it_runs_nothing(site: Any, slug: str) -> None:
    badge = site.get(f"/letters/{slug}/badge/")
    policy = badge["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "script-src" not in policy and "default-src 'none'" in policy
    assert "X-Frame-Options" not in badge
    said = badge.content.decode()
    assert "<script" not in said and 'target="_top"' in said and "Stop the cameras" in said and "made up" in said
    for address in (f"/letters/{slug}/", f"/letters/{slug}/sign/", f"/letters/{slug}/embed/", "/letters/"):
        assert "frame-ancestors 'none'" in site.get(address)["Content-Security-Policy"], address
    snippet = page(site, f"/letters/{slug}/embed/")
    assert 'sandbox="allow-top-navigation-by-user-activation allow-popups"' in snippet and "<svg" in snippet
    assert site.get(f"/letters/{slug}/qr.png").content[1:4] == b"PNG"


def test_the_letter_and_the_sheet_are_pdfs_or_say_plainly_why_not(site: Any, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from postme.errors import Refused
    from postme.office import printed

    drawn: list[str] = []
    monkeypatch.setattr(printed, "pdf", lambda html: drawn.append(html) or b"%PDF-made")
    for _ in range(3):
        assert site.get(f"/letters/{slug}/letter.pdf").content == b"%PDF-made"
    assert len(drawn) == 1 and "Stop the cameras" in drawn[0]
    assert site.get(f"/es/letters/{slug}/sheet.pdf").content == b"%PDF-made"

    def missing(_html: str) -> bytes:
        raise Refused("Pango is missing.")

    monkeypatch.setattr(printed, "pdf", missing)
    answer = site.get(f"/letters/{slug}/sheet.pdf")
    assert answer.status_code == 503 and "Pango" in answer.content.decode()


def test_the_sheet_for_a_table_is_one_page_and_its_code_can_be_scaled(site: Any, slug: str) -> None:
    import pypdfium2

    from postme.office import lettersheet

    for language in ("", "/es"):
        answer = site.get(f"{language}/letters/{slug}/sheet.pdf")
        if answer.status_code == 503:
            pytest.skip("the libraries that draw letters are not installed")
        document = pypdfium2.PdfDocument(answer.content)
        assert len(document) == 1
        words = document[0].get_textpage().get_text_range()
        assert "letters/" in words
    assert 'viewBox="0 0' in lettersheet.qr(f"http://localhost/letters/{slug}/")


def test_what_happens_with_a_letter_is_in_feeds_in_the_sitemap_and_in_the_news(site: Any, group: Coalition) -> None:
    from postme.keeping.store.following import Follower
    from postme.website import noticing

    before = datetime.datetime.now(datetime.UTC)
    own = group.opened(title="Feed the people")
    signed(site, own, mail="feed@example.org")
    for address in ("/feed.atom", f"/places/{TOWN}.atom", f"/letters/{own}.atom", "/sitemap-entries-0.xml"):
        assert f"/letters/{own}/" in page(site, address), address
    assert "batch" not in page(site, "/feed.atom")
    assert site.get(f"/follow/?about=/letters/{own}/").status_code == 200
    for about in (f"/letters/{own}/", f"/places/{TOWN}/"):
        one = Follower.__new__(Follower)
        object.__setattr__(one, "about", about)
        object.__setattr__(one, "since", before)
        told = [words for _, words in noticing.news(one, datetime.datetime.now(datetime.UTC))]
        assert any("Feed the people" in words and "open for signing" in words for words in told), about


def test_a_place_and_a_decision_list_the_letters_about_them(site: Any, group: Coalition) -> None:
    from postme.keeping.store import lettered

    own = group.opened(title="About the readers", about="/decisions/readers-x/")
    assert own in [one["slug"] for one in lettered.listed(town=TOWN, about="/decisions/readers-x/")]
    assert own in [one["slug"] for one in lettered.listed(town=TOWN)]
    assert lettered.listed(town="us/zz/elsewhere") == []
    group.changed(own, Change.SUBSTANCE, "It is about another.", about="/decisions/readers-y/")
    assert lettered.listed(town=TOWN, about="/decisions/readers-x/") == []
    assert "About the readers" in page(site, f"/places/{TOWN}/")


def test_the_clock_puts_signatures_into_the_log_and_closes_letters_whose_last_day_is_over(site: Any, group: Coalition) -> None:  # fmt: skip
    from django.core.management import call_command

    from postme.keeping.store.models import OpenLetter

    own = group.opened(last_day=datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=3))
    assert "3 days left" in page(site, f"/letters/{own}/") or "4 days left" in page(site, f"/letters/{own}/")
    number, _ = signed(site, own, mail="clock@example.org")
    OpenLetter.objects.filter(slug=own).update(last_day=datetime.date(2026, 1, 1))
    assert "not open for signing" in page(site, f"/letters/{own}/sign/")
    call_command("post", once=True, verbosity=0)
    assert site.get(f"/receipts/{number}.json").json()["entry"] is not None
    assert site.get(f"/letters/{own}.json").json()["facts"]["state"] == "closed"


def test_the_mails_of_a_change_and_of_thanks_name_the_letter_and_lead_to_it() -> None:
    from postme.website import letters as words

    for subject, body in (words.asked_again("T", "a-letter", "Why so", "12345-67894", "en"), words.thanks("T", "a-letter", "They listened.", "12345-67894", "xx")):  # fmt: skip
        assert "T" in subject and "/letters/a-letter/" in body and "12345-67894" in body


def test_a_letter_s_picture_names_each_count_by_itself(site: Any, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signed(site, slug)
    monkeypatch.setattr("postme.office.cards.picture", lambda _folder, told, *_: repr(told()).encode())
    said = site.get(f"/cards/letters/{slug}.png").content.decode()
    assert "Stop the cameras" in said and "People, by mail: 1" in said and "Fiction" in said


def test_a_page_that_thousands_read_is_drawn_once_in_some_seconds_and_never_for_longer(site: Any, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr("postme.website.kept.time.time", lambda: 2_000_000.0)
    first = site.get(f"/letters/{slug}/")
    signed(site, slug, name="Zqnewest Name")
    with CaptureQueriesContext(connection) as asked:
        assert site.get(f"/letters/{slug}/").content == first.content
    assert len(asked) == 0
    monkeypatch.setattr("postme.website.kept.time.time", lambda: 2_000_004.0)
    assert "Zqnewest Name" in site.get(f"/letters/{slug}/").content.decode()


# --- mail that does not arrive, members who left, keys that do not fit


def test_a_mail_that_came_back_is_no_signature_and_is_gone_after_three_days(site: Any, slug: str) -> None:
    from postme.keeping.store.models import Outgoing, Signed
    from postme.website import mailing

    number = write(site, slug, mail="nobody@example.org")
    now, outbox = datetime.datetime.now(datetime.UTC), mailing.voices().outbox
    while some := outbox.take(now, 100):
        for taken in some:
            outbox.failed(taken, now, "SMTPRecipientsRefused 550", final=True)
    row = Outgoing.objects.get(once=f"confirm signature {number}")
    assert (row.state, bytes(row.mail)) == ("given up", b"")
    assert site.get(f"/receipts/{number}.json").json()["state"] == "waiting"
    assert counts(site, slug)["now"]["mail"] == 0
    Signed.objects.filter(number=number).update(expires=now - datetime.timedelta(seconds=1))
    assert mailing.signers().tidied()["expired"] == 1
    assert site.get(f"/receipts/{number}/").status_code == 404


def test_who_was_sent_a_mail_that_came_back_was_handed_nothing_and_is_not_silent(site: Any, group: Coalition) -> None:
    from postme.keeping.store import models

    own = group.opened()
    day = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=9)
    told = {"now": {"domain": 0, "coalition": 0, "mail": 3, "paper": 0}, "earlier": {}}
    group.office.deliver(own, [("Member A", None), ("Member B", None)], "mail", day, told, "", who="ann", outgoing={"Member A": "deliver a", "Member B": "deliver b"})  # fmt: skip
    for once, state in (("deliver a", "given up"), ("deliver b", "sent")):
        models.Outgoing.objects.create(once=once, state=state, queued=datetime.datetime.now(datetime.UTC), due=datetime.datetime.now(datetime.UTC))  # fmt: skip
    said = page(site, f"/letters/{own}/")
    assert said.count("9 days of silence so far") == 1
    assert said.count("The mail with it came back") == 1
    [row] = [one for one in site.get("/letters.json").json()["letters"] if one["slug"] == own]
    assert row["handed"] == 1
    models.Outgoing.objects.filter(once__startswith="deliver ").delete()


def test_a_scanner_that_opens_every_link_of_the_mail_in_every_way_changes_nothing(site: Any, slug: str) -> None:
    from postme.keeping.store.models import DeskAct, Signed

    number, own = signed(site, slug, mail="scanned@example.org", thanked="on")
    waits = write(site, slug, mail="waits@example.org")
    other = link(letters("waits@example.org")[-1])
    before = (list(Signed.objects.order_by("pk").values_list("number", "state", "changed")), DeskAct.objects.count())
    for address in (own, other, f"/es{own}", f"/es{other}"):
        for query in ("", "?do=withdraw", "?do=not-me", "?step=confirm", "?step=withdraw"):
            for ask in (site.get, site.head, site.options):
                assert ask(f"{address}{query}").status_code in (200, 405), (address, query)
    assert (list(Signed.objects.order_by("pk").values_list("number", "state", "changed")), DeskAct.objects.count()) == before  # fmt: skip
    assert {row["number"] for row in people(site, slug)} == {number}
    assert site.get(f"/receipts/{waits}.json").json()["state"] == "waiting"


def test_a_sheet_is_entered_under_the_words_that_stood_on_it_and_under_no_others(site: Any, group: Coalition) -> None:
    from postme.errors import WrongUse
    from postme.website import mailing

    own = group.opened()
    group.changed(own, Change.SUBSTANCE, "Another item.", ask="Vote no on item 8.")
    work = mailing.signers()
    number = work.enter(own, {"name": "Dee Roe", "shown": "full"}, Kind.PERSON, version=1, who="ann")
    assert site.get(f"/receipts/{number}.json").json()["version"] == 1
    assert (counts(site, own)["now"]["paper"], counts(site, own)["earlier"]["paper"]) == (0, 1)
    with pytest.raises(WrongUse, match="no version 3"):
        work.enter(own, {"name": "Dee Roe", "shown": "full"}, Kind.PERSON, version=3, who="ann")


def test_whoever_was_set_aside_is_not_entered_again_beside_it(site: Any, slug: str) -> None:
    from postme.errors import WrongUse
    from postme.website import mailing

    work = mailing.signers()
    number, _ = signed(site, slug, mail="aside@example.org")
    work.set_aside(slug, [number], "hidden", rule="machine", why="They look alike.", who="mod", roles_=["moderator"])
    with pytest.raises(WrongUse, match="signed already"):
        work.enter(slug, {"name": "Ann Doe", "shown": "full", "mail": "aside@example.org"}, Kind.PERSON, who="ann")
    assert work.set_aside(slug, [number], "restored", rule="machine", why="They wrote to us.", who="mod", roles_=["moderator"]) == 1  # fmt: skip
    assert counts(site, slug)["now"]["mail"] == 1


@pytest.mark.parametrize("key", ["age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA", "-----BEGIN PGP PUBLIC KEY BLOCK-----", "🔑", "a" * 10_000])  # fmt: skip
def test_a_key_that_does_not_fit_is_not_kept_and_the_form_asks_for_nothing(site: Any, group: Coalition, slug: str, key: str) -> None:  # fmt: skip
    from postme.errors import WrongUse

    with pytest.raises(WrongUse, match="no public key"):
        group.office.keyed(group.slug, key, who="ann")
    assert group.office.rows.coalition(group.slug).key == ""
    assert 'name="agreed"' not in page(site, f"/letters/{slug}/sign/")


def test_no_line_that_the_site_writes_and_no_file_but_the_database_holds_what_a_signer_typed(site: Any, slug: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    from pathlib import Path

    from django.conf import settings
    from django.db import connection

    caplog.set_level("DEBUG")
    _number, own = signed(site, slug, name="Zxqname Doe", mail="zxqmail@example.org", comment="zxqwords", area="zxqarea", role="zxqrole")  # fmt: skip
    for address in (
        f"/letters/{slug}/",
        f"/letters/{slug}/signatures/",
        f"/letters/{slug}/signatures.csv",
        f"/letters/{slug}/signatures.json",
    ):
        answer = site.get(address)
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    site.post(f"/letters/{slug}/sign/", typed(mail="zxqnone"))
    site.post(own, {"step": "withdraw"})
    said = capfd.readouterr()
    lines = caplog.text + said.out + said.err
    assert "letters/<slug:slug>/sign/" in lines, "or nothing was written, and this shows nothing"
    # What the database was asked is written by nobody but a test that listens to everything.
    told = [one for one in caplog.records if not one.name.startswith("django.db")]
    assert not [one.getMessage() for one in told if "zxq" in one.getMessage().casefold()]
    assert "zxq" not in (said.out + said.err).casefold()
    stores = {
        "postme.sqlite3",
        "postme.sqlite3-wal",
        "postme.sqlite3-shm",
        Path(str(connection.settings_dict["NAME"])).name,
    }
    others = [path for path in Path(settings.DATA).rglob("*") if path.is_file() and path.name not in stores]
    assert others
    # Whole words: three letters alone turn up by chance in a file of digests.
    marks = (b"zxqname", b"zxqmail", b"zxqwords", b"zxqarea", b"zxqrole", b"zxqnone")
    assert not [path.name for path in others if any(mark in path.read_bytes().lower() for mark in marks)]
