"""Whatever happens to a letter in whatever order: counts as a plain model has them, each signature under the words its signer saw, and nothing private in any way out."""

from __future__ import annotations

import csv
import datetime
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import Phase
from hypothesis import settings as tries
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from lettering import TOWN, Coalition, link, typed
from speaking import letters, town

from postme import voices
from postme.errors import WrongUse
from postme.letter import Change, Kind

BODIES = ("The police have two cameras. We ask you to stop.", "The police have two cameras. We ask you to stop!")
_NUMBERS = iter(range(10**9))
# Chosen: a story is told by a site, so making a failing one shorter takes minutes; it is printed as it came.
_PHASES = tuple(phase for phase in Phase if phase not in (Phase.shrink, Phase.explain))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with town(tmp_path_factory.mktemp("model")) as client:
        yield client


@dataclass
class Signer:
    """What the model knows of a signature; ``private`` are the words that must be nowhere."""

    number: str
    state: str
    version: int
    level: str
    mail: str
    link: str
    name: str
    comment: str
    private: tuple[str, ...]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no way out may hold as things are now."""
        return self.private if self.state == "published" else (*self.private, self.comment, self.name)


def drawn(site: Any, address: str) -> bytes:
    """What an address gives; of a table, all of it."""
    from postme.website.kept import KEPT

    KEPT.clear()
    answer = site.get(address)
    return bytes(b"".join(answer.streaming_content) if answer.streaming else answer.content)


# Which of those that there are, counted around: what is drawn does not depend on what was answered.
_WHICH = st.integers(0, 99)


def _picked(some: list[Signer], which: int) -> Signer:
    return some[which % len(some)]


class Letter(RuleBasedStateMachine):
    """One letter, from the day it is opened until those who signed it are erased."""

    site: ClassVar[Any]
    group: ClassVar[Coalition]

    def __init__(self) -> None:
        super().__init__()
        self.office = self.group.office
        self.slug = self.group.opened(body=BODIES[0])
        self.story = next(_NUMBERS)
        self.changes: list[Change] = [Change.FIRST]
        self.page = 1
        self.signers: list[Signer] = []
        self.state, self.erased = "open", False

    # -- what people do

    @rule()
    def somebody_opens_the_page(self) -> None:
        self.page = len(self.changes)

    @precondition(lambda self: not self.erased)
    @rule(who=st.integers(0, 3), shown=st.sampled_from(["full", "short", "none"]), thanked=st.booleans())
    def somebody_signs_what_their_page_says(self, who: int, shown: str, thanked: bool) -> None:
        one = next(_NUMBERS)
        mail = self._mail(who)
        name, comment = f"Zqgiven{one}x Zqfamily{one}x", f"Zqwords{one}x"
        form = typed(name=name, shown=shown, mail=mail, comment=comment, version=str(self.page), **({"thanked": "on"} if thanked else {}))  # fmt: skip
        answer = self.site.post(f"/letters/{self.slug}/sign/", form)
        if self.state != "open" or self.page != len(self.changes) or self._waiting(mail) >= voices.MOST_WAITING:
            assert answer.status_code == 409, answer.status_code
            return
        assert answer.status_code == 302
        number = answer["Location"].strip("/").split("/")[-1]
        own = link(letters(mail)[-1])
        _sent()
        private = ("zqmail", "zqdomain", *(() if shown == "full" else (f"Zqfamily{one}x",)))
        self.signers.append(Signer(number, "waiting", self.page, "mail", mail, own, f"Zqgiven{one}x", comment, private))

    @precondition(lambda self: self._of("waiting"))
    @rule(which=_WHICH)
    def somebody_confirms(self, which: int) -> None:
        one = _picked(self._of("waiting"), which)
        for _ in range(2):  # a mail program opens links; that signs nothing
            assert self.site.get(one.link).status_code == self.site.head(one.link).status_code == 200
        answer = self.site.post(one.link, {"step": "confirm"})
        others = [each for each in self.signers if each.mail == one.mail and each.state in ("published", "hidden")]
        if self.state != "open" or any(each.state == "hidden" for each in others):
            assert answer.status_code != 200
            return
        assert answer.status_code == 200
        for each in others:
            each.state = "withdrawn"
        one.state = "published"

    @precondition(lambda self: self._of("waiting", "published", "hidden", by_mail=True))
    @rule(which=_WHICH)
    def somebody_takes_the_name_off(self, which: int) -> None:
        one = _picked(self._of("waiting", "published", "hidden", by_mail=True), which)
        assert self.site.get(f"{one.link}?do=withdraw").status_code == 200
        assert self.site.post(one.link, {"step": "withdraw"}).status_code == 200
        one.state = "deleted" if one.state == "waiting" else "withdrawn"

    # -- what the coalition and the desk do

    @precondition(lambda self: not self.erased)
    @rule(back=st.integers(0, 2), who=st.integers(0, 3) | st.none())
    def the_coalition_enters_a_sheet(self, back: int, who: int | None) -> None:
        version = max(1, len(self.changes) - back)
        one = next(_NUMBERS)
        mail = "" if who is None else self._mail(who)
        name = f"Zqgiven{one}x Zqfamily{one}x"
        there = any(each.mail == mail and each.state in ("published", "hidden") for each in self.signers) if mail else False  # fmt: skip
        try:
            number = _work().enter(self.slug, {"name": name, "shown": "short", "mail": mail}, Kind.PERSON, version=version, who="ann")  # fmt: skip
        except WrongUse:
            assert self.state != "open" or there
            return
        assert self.state == "open"
        assert not there, "one mailbox is two signatures"
        self.signers.append(Signer(number, "published", version, "paper", mail, "", f"Zqgiven{one}x", f"Zqgiven{one}x", ("zqmail", f"Zqfamily{one}x")))  # fmt: skip

    @precondition(lambda self: self._of("published", "hidden"))
    @rule(which=st.lists(_WHICH, min_size=1, max_size=3), what=st.sampled_from(["hidden", "restored"]))
    def the_desk_sets_aside_or_restores(self, which: list[int], what: str) -> None:
        known = self._of("published", "hidden")
        some = list({one.number: one for one in (_picked(known, each) for each in which)}.values())
        before, after = ("published", "hidden") if what == "hidden" else ("hidden", "published")
        done = _work().set_aside(self.slug, [one.number for one in some], what, rule="machine", why="They look alike.", who="mo", roles_=["moderator"])  # fmt: skip
        moved = [one for one in some if one.state == before]
        assert done == len(moved)
        for one in moved:
            one.state = after

    @precondition(lambda self: self.state == "open")
    @rule()
    def a_typo_is_mended(self) -> None:
        now = self.office.rows.one(self.slug).draft.body
        self.group.changed(self.slug, Change.TYPO, "A slip.", body=BODIES[now == BODIES[0]])
        self.changes.append(Change.TYPO)

    @precondition(lambda self: self.state == "open")
    @rule()
    def the_text_is_changed_in_substance(self) -> None:
        self.group.changed(self.slug, Change.SUBSTANCE, "Another item.", ask=f"Vote no on item {len(self.changes) + 7}.")  # fmt: skip
        self.changes.append(Change.SUBSTANCE)

    @precondition(lambda self: not self.erased)
    @rule()
    def it_is_closed_or_opened_again(self) -> None:
        if self.state == "open":
            self.office.close(self.slug, who="ann")
            self.state = "closed"
        else:
            self.office.reopen(self.slug, None, who="ann")
            self.state = "open"

    @rule()
    def the_clock_puts_signatures_into_the_log(self) -> None:
        _work().seal(self.slug)

    @precondition(lambda self: self.state == "closed" and not self.erased)
    @rule()
    def their_time_is_over(self) -> None:
        from postme.keeping.store.models import OpenLetter

        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=200)
        OpenLetter.objects.filter(slug=self.slug).update(closed=past)
        _work().tidied()
        self.erased = True
        for one in self._of("published"):
            one.state = "erased"
        for one in self._of("hidden"):
            one.state = "withdrawn"
        for one in self._of("waiting"):  # it could not be confirmed any more
            one.state = "deleted"

    # -- what must hold

    def _of(self, *states: str, by_mail: bool = False) -> list[Signer]:
        return [one for one in self.signers if one.state in states and (one.link or not by_mail)]

    def _mail(self, who: int) -> str:
        # What waits for an address is counted over all letters, so each story has its own people.
        return f"zqmail{who}@zqdomain{self.story}x{who}.example"

    def _waiting(self, mail: str) -> int:
        return sum(one.mail == mail for one in self._of("waiting"))

    @invariant()
    def the_count_is_the_models(self) -> None:
        newest = max(number for number, change in enumerate(self.changes, 1) if change is not Change.TYPO)
        counted = self._of("published", "erased")
        told = json.loads(drawn(self.site, f"/letters/{self.slug}/count.json"))["counts"]
        for level in ("mail", "paper"):
            for when, stands in (("now", True), ("earlier", False)):
                assert told[when][level] == sum(one.level == level and (one.version >= newest) is stands for one in counted), (level, when)  # fmt: skip
        assert told["now"]["domain"] == told["now"]["coalition"] == 0

    @invariant()
    def each_signature_names_the_version_that_its_signer_saw(self) -> None:
        from postme.keeping.store.models import Signed

        shas = {one.number: one.sha256 for one in self.office.rows.one(self.slug).versions}
        rows = {row.number: row for row in Signed.objects.filter(letter__slug=self.slug).select_related("version", "letter")}  # fmt: skip
        assert set(rows) == {one.number for one in self.signers if one.state != "deleted"}
        for one in self.signers:
            if one.state != "deleted":
                row = rows[one.number]
                assert (row.state, row.version.number) == (one.state, one.version)
                if one.state == "published":
                    assert json.loads(row.bytes)["text"] == shas[one.version]

    def teardown(self) -> None:
        """Every way out, at the end of the story."""
        if self.signers:
            _everywhere(self.site, self.slug, self.signers)
        self.office.withdraw(self.slug, "The story is told.", who="ann")


def _work() -> Any:
    from postme.website import mailing

    return mailing.signers()


def _sent() -> None:
    from postme.keeping.store.models import Outgoing

    Outgoing.objects.all().delete()


def _everywhere(site: Any, slug: str, signers: list[Signer]) -> None:
    own = f"/letters/{slug}"
    ways = [f"{own}{end}" for end in ("/", ".json", ".atom", ".proof", "/signatures/", "/signatures.json", "/signatures.csv", "/signatures/1/", "/signatures/1.json", "/count.json", "/badge/", "/embed/", "/letter.pdf", "/sheet.pdf")]  # fmt: skip
    ways += ["/letters/", "/letters.json", "/feed.atom", f"/places/{TOWN}/", f"/places/{TOWN}.json", f"/places/{TOWN}.atom", "/log/", "/moderation/", "/data/", "/sitemap-entries-0.xml"]  # fmt: skip
    ways += [f"/es{own}/", f"/es{own}/signatures/"]
    for one in signers:
        ways += [f"/receipts/{one.number}/", f"/receipts/{one.number}.json", f"/receipts/{one.number}/bytes"]
    said = {address: drawn(site, address).decode("utf-8", "replace") for address in ways}
    said |= {str(path): _plain(path.read_bytes()) for path in (site.data / "log").rglob("*") if path.is_file()}
    for one in signers:
        for word in one.secrets:
            there = [where for where, words in said.items() if word.lower() in words.lower()]
            assert there == [], f"{word} of a signature that is {one.state} stands at {there}"
            found = site.get("/search.json", {"q": word}).json()
            assert found["total"] == 0 and found["did_you_mean"] != word.lower(), (
                f"{word} of a signature that is {one.state} is found"
            )
            assert site.get("/api/search", {"q": word}).json()["items"] == []
    shown = [one for one in signers if one.state == "published"]
    table = list(csv.DictReader(io.StringIO(said[f"{own}/signatures.csv"])))
    assert sorted(row["number"] for row in table) == sorted(one.number for one in shown)
    for one in shown:
        if "Zqfamily" not in "".join(one.private):
            assert one.name in said[f"{own}/signatures/"], "the same eyes see what is public"
        told = json.loads(said[f"/receipts/{one.number}.json"])
        assert hashlib.sha256(said[f"/receipts/{one.number}/bytes"].encode()).hexdigest() == told["hash"]


def _plain(data: bytes) -> str:
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8", "replace")


def test_in_any_order_the_count_is_true_the_words_are_those_that_were_seen_and_nothing_private_gets_out(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Drawing takes a second each time; what is drawn is looked at here.
    monkeypatch.setattr("postme.office.printed.pdf", str.encode)
    monkeypatch.setattr(Letter, "site", site, raising=False)
    monkeypatch.setattr(Letter, "group", Coalition(), raising=False)
    run_state_machine_as_test(
        Letter,
        settings=tries(
            tries.default, max_examples=max(8, tries.default.max_examples // 20), stateful_step_count=16, phases=_PHASES
        ),
    )
    assert (site.data / "log").is_dir()
