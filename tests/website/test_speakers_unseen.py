"""Nothing that identifies who speaks, beyond what they agreed to, leaves by any way out: whatever they wrote, chose and did with it.

Words that stand nowhere else are put into everything that must not be seen, and every way out is then opened.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from speaking import letters, link, proposal, town, typed, write
from staffed import at_the_desk

FATES = ("waiting", "published", "changed to no name", "withdrawn", "hidden", "replaced", "expired")
_NUMBERS = iter(range(1, 10**6))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("unseen"), OPERATOR="Town of Mill Falls") as client:
        yield client


def ways_out(site: Any, slug: str, numbers: list[str]) -> Iterator[tuple[str, str]]:
    """Every public address that can tell something of what is said on a proposal, and all that it tells: head and body."""
    base = f"/decisions/{slug}"
    addresses = [
        f"{base}/", f"{base}.json", f"{base}.atom", f"{base}/comments/", f"{base}/comments.json", f"{base}/comments.json?page=2", f"{base}/comments.csv", f"{base}/comment/", f"{base}/vote/",
        f"{base}/vote.json", f"{base}/speak/", f"{base}/comments/?level=mail&position=for", "/moderation/", "/moderation.json", "/feed.atom", "/log/", "/log.json", "/health/", "/health.json",
        f"{base}/voices/1/", f"{base}/voices/1.json", f"{base}/voices/1.proof", "/search/?q=zq", "/search.json?q=zq", "/sitemap.xml", "/places/us/zz/mill_falls/", "/data/", "/api/",
        *(f"/receipts/{number}{end}" for number in numbers for end in ("/", ".json", "/bytes")), *(f"/log/{i}/" for i in range(6)),
    ]  # fmt: skip
    for address in addresses:
        for prefix in ("", "/es") if address.endswith("/") else ("",):
            answer = site.get(f"{prefix}{address}")
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            yield f"{prefix}{address}", f"{answer.headers} {answer.cookies} {body.decode('utf-8', 'replace')}"


def taken_to(site: Any, slug: str, fate: str, shown: str) -> tuple[str, set[str], set[str]]:
    """A comment taken to its fate: its number, what nobody may see of it, and what everybody may."""
    n = next(_NUMBERS)
    mail, first, last, words = f"zqmail{n}@zqdomain{n}.example", f"Zqfirst{n}", f"Zqlast{n}", f"zqwords{n} on it"
    number = write(site, slug, mail=mail, name=f"{first} {last}", shown=shown, text=words)
    own = link(letters(mail)[-1])
    key = own.strip("/").split("/")[-1]
    unseen, seen = {f"zqmail{n}", f"zqdomain{n}", key}, set()
    if fate not in ("waiting", "expired"):
        site.post(own, {"step": "confirm"})
    if fate == "changed to no name":
        change = {**typed(text=f"zqlater{n}", shown="none", name=f"{first} {last}"), "version": "1", "step": "change"}
        assert site.post(own, change).status_code == 200
        seen |= {words, f"zqlater{n}"}
    elif fate == "withdrawn":
        site.post(own, {"step": "withdraw"})
    elif fate == "hidden":
        told = {"step": "hidden", "number": number, "rule": "off-subject", "why": "It is about parking."}
        assert at_the_desk("mod", "moderator").post(f"/desk/voices/{slug}/", told).status_code == 302
    elif fate == "replaced":
        write(site, slug, mail=mail, name="", shown="none", text=f"zqnewer{n}")
        site.post(link(letters(mail)[-1]), {"step": "confirm"})
        seen |= {words, f"zqnewer{n}"}
    elif fate == "expired":
        from postme.keeping.store.models import Comment

        Comment.objects.filter(number=number).update(
            expires=datetime.datetime.now(datetime.UTC) - datetime.timedelta(1)
        )
    elif fate == "published":
        seen.add(words)
    named = fate == "published" and shown == "full"
    (seen if named else unseen).update({first, last})
    if not seen:
        unseen.add(words)
    return number, unseen, seen


@settings(max_examples=12, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(FATES), st.sampled_from(["full", "short", "none"])), min_size=1, max_size=5),
    st.booleans(),
)
def test_nothing_leaves_that_its_writer_did_not_agree_to(
    site: Any, chosen: list[tuple[str, str]], sealed_between: bool
) -> None:
    from postme.website import mailing

    slug = proposal()
    made = []
    for fate, shown in chosen:
        made.append(taken_to(site, slug, fate, shown))
        if sealed_between:
            mailing.voices().seal(slug)
    mailing.voices().tidied()
    mailing.voices().seal(slug)
    told = dict(ways_out(site, slug, [number for number, _, _ in made]))
    for number, unseen, _ in made:
        for word in unseen:
            found = [address for address, said in told.items() if word.lower() in said.lower()]
            assert found == [], (number, word)
    page = told[f"/decisions/{slug}/comments.json"]
    for _, _, seen in made:
        for word in seen:
            assert word in page, "the positive twin: what was agreed to is there"


@pytest.mark.parametrize("fate", FATES)
def test_each_fate_alone_shows_no_more_than_was_agreed(site: Any, fate: str) -> None:
    test_nothing_leaves_that_its_writer_did_not_agree_to.hypothesis.inner_test(site, [(fate, "full")], False)  # type: ignore[attr-defined]


def test_lines_of_the_sites_work_hold_no_link_and_no_address(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    slug = proposal()
    with caplog.at_level("INFO"):
        taken_to(site, slug, "withdrawn", "full")
    said = " ".join(f"{one.__dict__}" for one in caplog.records if one.name.startswith("postme"))
    assert said
    for word in ("zqmail", "zqdomain", "Zqlast"):
        assert word not in said


def test_what_lies_in_the_database_names_no_address(site: Any) -> None:
    from django.apps import apps

    slug = proposal()
    number, _, _ = taken_to(site, slug, "published", "none")
    own = f"zqmail{next(_NUMBERS) - 1}"
    for model in apps.get_app_config("store").get_models():
        for row in model.objects.values_list():
            said = b" ".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row)
            assert own.encode() not in said, model
    assert number
