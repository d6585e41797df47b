"""Who comes to the desk, and how: made by an administrator, with a second factor, and nothing typed is lost on the way."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from staffed import PASSWORD, at_the_desk, person


@pytest.fixture(autouse=True)
def forgotten_tries() -> None:
    from django.core.cache import cache

    cache.clear()


def code(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_stranger_is_led_to_the_sign_in_page(site: Any) -> None:
    answer = site.get("/desk/drafts/")
    assert answer.status_code == 302
    assert answer["Location"] == "/desk/account/login/?next=%2Fdesk%2Fdrafts%2F"


def test_nobody_signs_up(site: Any) -> None:
    from django.contrib.auth.models import User

    before = User.objects.count()
    answer = site.post("/desk/account/signup/", {"username": "eve", "password1": PASSWORD})
    assert (answer.status_code, User.objects.count()) == (403, before)
    assert "administrator" in answer.content.decode()


def test_a_password_and_a_code_open_the_desk(site: Any) -> None:
    one = person("ada", "editor")
    answer = site.post("/desk/account/login/", {"login": "ada", "password": PASSWORD})
    assert answer["Location"].startswith("/desk/account/two-factor/authenticate/")
    assert site.get("/desk/")["Location"].startswith("/desk/account/login/"), "the password alone opened the desk"
    answer = site.post("/desk/account/two-factor/authenticate/", {"code": code(one.secret)})
    assert answer["Location"] == "/desk/"
    assert site.get("/desk/").status_code == 200


def test_a_wrong_code_opens_nothing(site: Any) -> None:
    person("ada", "editor")
    site.post("/desk/account/login/", {"login": "ada", "password": PASSWORD})
    answer = site.post("/desk/account/two-factor/authenticate/", {"code": "000000"})
    assert answer.status_code == 200
    assert site.get("/desk/").status_code == 302


def test_whoever_has_no_second_factor_sets_it_up_first(site: Any) -> None:
    client = at_the_desk("ada", "editor", factor=False)
    assert client.get("/desk/")["Location"] == "/desk/account/two-factor/totp/activate/"


def test_setting_a_second_factor_up_shows_its_key_and_then_opens_the_desk(site: Any) -> None:
    person("ada", "editor", factor=False)
    site.post("/desk/account/login/", {"login": "ada", "password": PASSWORD})
    once_more = site.get("/desk/account/two-factor/totp/activate/")["Location"]
    assert once_more.startswith("/desk/account/reauthenticate/")
    assert site.get(once_more).status_code == 200
    shown = site.post(once_more, {"password": PASSWORD}, follow=True)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "<svg" in text
    assert "style=" not in text, "the policy would drop an inline style"
    key = re.search(r'<code class="breaks">(\w+)</code>', text)
    assert key, "the key does not stand beside its picture in letters"
    secret = key[1]
    answer = site.post("/desk/account/two-factor/totp/activate/", {"code": code(secret)})
    assert answer["Location"].startswith("/desk/account/two-factor/recovery-codes/")
    assert site.get(answer["Location"]).status_code == 200
    assert site.get("/desk/").status_code == 200


def test_where_the_second_factor_is_switched_off_every_desk_page_says_so(site: Any) -> None:
    from django.test import override_settings

    client = at_the_desk("ada", "editor", factor=False)
    with override_settings(TWO_FACTOR=False):
        assert "second factor is switched off" in client.get("/desk/").content.decode()
    other = at_the_desk("ben", "editor")
    assert "switched off" not in other.get("/desk/").content.decode()


def test_an_account_without_a_role_sees_nothing_of_the_desk(site: Any) -> None:
    answer = at_the_desk("eve").get("/desk/mentions/")
    assert answer.status_code == 403
    assert "Whoever has a role may see the desk" in answer.content.decode()


def test_guessing_a_password_is_stopped(site: Any) -> None:
    person("ada", "editor")
    for _ in range(12):
        site.post("/desk/account/login/", {"login": "ada", "password": "wrong wrong wrong"})
    answer = site.post("/desk/account/login/", {"login": "ada", "password": PASSWORD})
    assert not answer.has_header("Location"), "the right password was taken after twelve wrong ones"


def staff(*words: str) -> str:
    from django.core.management import call_command

    out = io.StringIO()
    call_command("staff", *words, stdout=out)
    return out.getvalue()


def test_the_link_of_a_new_account_sets_a_password_once(site: Any) -> None:
    from django.contrib.auth.models import User

    told = staff("add", "cleo", "--role", "reader", "--email", "cleo@example.org")
    link = re.search(r"https?://[^/]+(/desk/account/first/\S+)", told)
    assert link, told
    answer = site.get(link[1])
    form = answer["Location"]
    weak = site.post(form, {"new_password1": "short", "new_password2": "short"})
    assert weak.status_code == 200
    assert "12 characters" in weak.content.decode()
    assert site.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    assert User.objects.get(username="cleo").check_password(PASSWORD)
    again = site.get(link[1], follow=True)
    assert "new_password1" not in again.content.decode()


def test_the_link_of_a_new_account_begins_with_the_address_that_is_set(site: Any) -> None:
    from django.test import override_settings

    with override_settings(SITE="https://oversight.example.org", SITE_IS_SET=True):
        told = staff("add", "cleo", "--role", "reader")
    assert "\nhttps://oversight.example.org/desk/account/first/" in told
    assert "No address" not in told
    with override_settings(SITE="http://localhost:8000", SITE_IS_SET=False):
        told = staff("add", "dora", "--role", "reader")
    assert "No address of the site is set, so this link begins with http://localhost:8000." in told
    assert "set POSTME_SITE" in told


@pytest.mark.parametrize(
    ("given", "is_set"), [({"POSTME_SITE": "https://a.example.org"}, True), ({"POSTME_SITE": " "}, False), ({}, False)]
)
def test_a_setting_knows_whether_somebody_set_it(given: dict[str, str], is_set: bool) -> None:
    from postme.website.environment import Environment

    assert Environment(given).given("POSTME_SITE") is is_set


def test_staff_are_listed_with_their_roles(site: Any) -> None:
    person("ada", "editor", "moderator")
    assert "ada: editor, moderator; second factor set up" in staff("list")


def test_a_removed_person_is_out_at_once_and_their_acts_stay(site: Any) -> None:
    from postme.keeping.store.models import DeskAct, Report

    client = at_the_desk("ada", "moderator")
    site.post(
        "/wrong/", {"about": "/places/us/zz/mill_falls/", "kind": "error", "text": "The year is wrong.", "step": "send"}
    )
    number = Report.objects.latest("pk").pk
    client.post(f"/desk/reports/{number}/", {"outcome": "kept", "why": "The record says so."})
    staff("remove", "ada")
    assert client.get("/desk/").status_code == 302
    assert DeskAct.objects.filter(who="ada", what="report kept").exists()
    assert "ada: closed" in staff("list")


def test_a_closed_name_is_not_opened_again(site: Any) -> None:
    from django.contrib.auth.models import User
    from django.core.management.base import CommandError

    person("ada", "editor")
    root, ben = at_the_desk("root", "administrator"), at_the_desk("ben", "administrator")
    root.post("/desk/people/", {"name": "ada", "step": "close"})
    for role in ("reader", "editor"):
        answer = ben.post("/desk/people/", {"name": "ada", "role": role, "step": "give"})
        assert answer.status_code == 409
        assert "was closed" in answer.content.decode()
        assert "/desk/account/first/" not in answer.content.decode()
    with pytest.raises(CommandError, match="was closed"):
        staff("add", "ada", "--role", "reader")
    assert not User.objects.get(username="ada").is_active


def test_a_link_that_sets_a_password_does_not_open_the_desk_past_a_second_factor(site: Any) -> None:
    from django.contrib.auth.models import User

    from postme.website import accounts

    person("ada", "editor")
    form = site.get(accounts.first_link(User.objects.get(username="ada")))["Location"]
    new = "eleven herons by the old mill"
    assert site.post(form, {"new_password1": new, "new_password2": new}).status_code == 302
    assert site.get("/desk/").status_code == 302
    answer = site.post("/desk/account/login/", {"login": "ada", "password": new})
    assert answer["Location"].startswith("/desk/account/two-factor/authenticate/")
    assert site.get("/desk/").status_code == 302


def test_a_role_that_is_none_is_refused() -> None:
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="invalid choice"):
        staff("add", "eve", "--role", "emperor")


def test_postme_staff_runs_the_websites_command(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "postme", "staff", "--data", str(tmp_path / "d"), "--help"]
    assert "--data" in subprocess.run(run, capture_output=True, text=True, check=True).stdout


# --- nothing typed is lost


def test_a_form_sent_after_the_session_ran_out_comes_back_after_signing_in(site: Any) -> None:
    one = person("ada", "editor")
    typed = {"step": "withdraw", "address": "/searches/1/", "reason": "Typed for <b>ten</b> minutes."}
    answer = site.post("/desk/change/", typed)
    assert answer["Location"] == "/desk/account/login/?next=%2Fdesk%2Fkept%2F"
    site.post("/desk/account/login/?next=/desk/kept/", {"login": "ada", "password": PASSWORD, "next": "/desk/kept/"})
    answer = site.post("/desk/account/two-factor/authenticate/", {"code": code(one.secret)})
    assert answer["Location"] == "/desk/kept/"
    shown = site.get("/desk/kept/").content.decode()
    assert "Typed for &lt;b&gt;ten&lt;/b&gt; minutes." in shown
    assert 'action="/desk/change/"' in shown
    assert 'name="step" hidden>withdraw<' in shown


def test_nothing_is_done_by_a_form_that_was_only_kept(site: Any) -> None:
    from postme.keeping.store.models import Draft

    before = Draft.objects.count()
    site.post("/desk/change/", {"step": "withdraw", "address": "/searches/1/", "reason": "Why."})
    client = at_the_desk("ada", "editor")
    client.get("/desk/kept/")
    assert Draft.objects.count() == before


def test_a_form_whose_token_ran_out_comes_back_as_it_was_typed(site: Any) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("ada", "editor"), "allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post(
        "/desk/change/", {"address": "/searches/1/", "reason": "Typed for long.", "csrfmiddlewaretoken": "stale"}
    )
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Typed for long." in text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token
    assert token[1] != "stale"


def test_what_another_site_sends_is_not_offered_to_be_sent_again(site: Any) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})
    strict.force_login(person("ada", "editor"), "allauth.account.auth_backends.AuthenticationBackend")
    answer = strict.post("/desk/change/", {"address": "/searches/1/", "reason": "Press me."})
    assert answer.status_code == 403
    assert "Press me." not in answer.content.decode()
    assert "another site" in answer.content.decode()


@pytest.mark.parametrize("more", [".evil.example", ":8000", "@evil.example", "0"])
def test_a_site_whose_address_begins_like_ours_is_another_site(site: Any, more: str) -> None:
    from django.conf import settings
    from django.test import Client

    one = person("ada", "editor")
    for origin, offered in ((settings.SITE + more, False), (settings.SITE, True)):
        strict = Client(enforce_csrf_checks=True, headers={"origin": origin})
        strict.force_login(one, "allauth.account.auth_backends.AuthenticationBackend")
        answer = strict.post("/desk/change/", {"address": "/searches/1/", "reason": "Press me."})
        assert answer.status_code == 403
        assert ("Press me." in answer.content.decode()) is offered, origin


def test_a_password_is_never_shown_again(site: Any) -> None:
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/desk/account/login/", {"login": "ada", "password": PASSWORD})
    assert answer.status_code == 403
    assert PASSWORD not in answer.content.decode()


def test_a_form_of_a_gigabyte_is_refused_before_it_is_read(site: Any) -> None:
    class Endless:
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    answer = site.generic("POST", "/wrong/", b"", CONTENT_LENGTH=str(2**30), **{"wsgi.input": Endless()})
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()
    assert site.generic("POST", "/wrong/", b"", CONTENT_LENGTH="20").status_code != 413
