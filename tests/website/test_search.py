"""The search page, its twin and its feed: names people use, nonsense, marks, and nothing that is not public."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

MARKER = "Quibblesnort"


@pytest.fixture(scope="session", autouse=True)
def known(filled: Path) -> None:
    """What the package knows can be found in the filled site, as after ``migrate``."""
    from django.conf import settings
    from django.db import connection

    from postme.keeping.store import knowing

    knowing.refreshed(settings.CATALOGUES)
    connection.close()


def asked(site: Any, said: str, **filters: str) -> Any:
    rest = "".join(f"&{key}={quote(value)}" for key, value in filters.items())
    answer = site.get(f"/search.json?q={quote(said)}{rest}")
    assert answer.status_code == 200
    return answer.json()


def hits(facts: Any) -> list[dict[str, Any]]:
    return [row for group in facts["groups"] for row in group["rows"]]


@pytest.mark.parametrize(
    ("said", "kind", "title"),
    [
        ("ALPR", "technology", "Automated license plate readers"),
        ("license plate readers", "technology", "Automated license plate readers"),
        ("Flock", "vendor", "Flock Safety"),
        ("ShotSpotter", "vendor", "SoundThinking"),
        ("SoundThinking", "vendor", "SoundThinking"),
        ("St. Paul, MN", "place", "Saint Paul, Minnesota"),
        ("Saint Paul Minnesota", "place", "Saint Paul, Minnesota"),
        ("mill falls", "place", "Mill Falls"),
    ],
)
def test_a_name_that_people_use_leads_to_the_thing_first(site: Any, said: str, kind: str, title: str) -> None:
    first = hits(asked(site, said))[0]
    assert (first["kind"], first["title"]) == (kind, title)


def test_an_exact_name_is_offered_before_everything(site: Any) -> None:
    assert [one["title"] for one in asked(site, "shotspotter")["exact"]] == ["SoundThinking"]
    page = site.get("/search/?q=Mill+Falls").content.decode()
    assert page.index('class="list exact"') < page.index('class="cols found"')
    assert asked(site, "Mill Falls drone")["exact"] == []


def test_yellow_marks_a_source_s_own_words_and_nothing_else(site: Any) -> None:
    named = etree.HTML(site.get("/search/?q=license+plate").content)
    assert named.xpath("//p[@class='says']/b") and not named.xpath("//mark[not(parent::blockquote)]")
    quoted = etree.HTML(site.get("/search/?q=license+plate&kind=page").content)
    assert quoted.xpath("//blockquote/mark") and not quoted.xpath("//mark[not(parent::blockquote)]")
    for row in [*hits(asked(site, "license plate")), *hits(asked(site, "license plate", kind="page"))]:
        assert row["own_words"] == (row["kind"] in ("evidence", "page"))
        for start, end in row["marks"]:
            assert re.fullmatch(r"(?i)licen[sc]es?|plates?|licen[sc]e[\s-]+plates?", row["snippet"][start:end])


def test_every_hit_leads_to_a_page(site: Any) -> None:
    for said in ("drone", "plate", "mill falls"):
        for row in hits(asked(site, said)):
            if row["kind"] in ("evidence", "page", "place", "agency", "technology", "law", "decision", "paper"):
                assert site.get(row["address"].partition("#")[0]).status_code == 200, row["address"]


def test_counts_are_those_that_one_finds_behind_them(site: Any) -> None:
    facts = asked(site, "camera")
    for facet in facts["facets"]:
        for value in facet["values"]:
            assert asked(site, "camera", **{facet["key"]: value["value"]})["total"] == value["count"], value


def test_pages_together_hold_every_hit_once(site: Any) -> None:
    facts = asked(site, "camera")
    seen = [row["address"] + row["about"] for n in range(1, facts["numbers"] + 1) for row in hits(asked(site, "camera", page=str(n)))]  # fmt: skip
    assert len(seen) == facts["total"] > 20
    assert asked(site, "camera", page="99999")["number"] == facts["numbers"]


def test_what_finds_nothing_says_what_was_searched_and_that_unknown_is_not_no(site: Any) -> None:
    page = site.get("/search/?q=survelance").content.decode()
    assert "Unknown is not no." in page and "published records with" in page
    assert ">surveillance</b>" in page
    facts = asked(site, "survelance")
    assert facts["looked_through"]["records"] > 5 and facts["did_you_mean"] == "surveillance"


NONSENSE = [
    "", "%22", "%27", "%27+OR+1%3D1+--", "drone%22+OR+%22", "NEAR(a+b)", "title%3Adrone", "*", "%5E", "a%2A%2A", "-", "-drone", "%F0%9F%9A%81",
    "%ED%A0%80", "%FF%FE", "%3Cscript%3Ealert(1)%3C/script%3E", "x" * 10_000, "a+" * 5_000, "%22" * 999, "or+or+or", "AND", "%7B%7D%25s%25(x)s", "\\",
]  # fmt: skip


@pytest.mark.parametrize("way", ["/search/", "/es/search/", "/search.json", "/search.atom"])
def test_nothing_that_is_typed_is_an_error(site: Any, way: str) -> None:
    for said in NONSENSE:
        answer = site.get(f"{way}?q={said}")
        assert answer.status_code == 200, said
        # The twin is no page: its type and nosniff keep a browser from running what it says.
        assert b"<script>alert" not in answer.content or answer["Content-Type"] == "application/json"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert len(answer.content) < 200_000


LIMITS = [
    "kind=x", "kind=page'", "state=us/../", "technology=*", "year=99999", "since=9999-99", "until=abc", "page=-1", "page=" + "9" * 99,
    "page=%D9%A3",
]  # fmt: skip


def test_a_limit_that_means_nothing_is_left_out_and_said_so(site: Any) -> None:
    for rest in LIMITS:
        answer = site.get(f"/search/?q=drone&{rest}")
        assert answer.status_code == 200, rest
        if not rest.startswith(("page", "since")):
            assert "Left out, because it has no meaning here" in answer.content.decode(), rest


def test_a_search_asks_the_database_few_times(site: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    site.get("/search/?q=warm")
    for said in ("camera", "survelance", "camer", "mill falls"):
        with CaptureQueriesContext(connection) as queries:
            site.get(f"/search/?q={quote(said)}")
        assert len(queries) <= 12, [one["sql"][:90] for one in queries]


# -- the feed

_ATOM = Path(__file__).with_name("atom.rng")


def valid(document: bytes) -> Any:
    root = etree.fromstring(document)
    schema = etree.RelaxNG(etree.parse(_ATOM))
    schema.assertValid(root)
    return root


ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_a_search_is_a_feed_that_says_why_each_entry_is_in_it(site: Any) -> None:
    answer = site.get("/search.atom?q=license+plate")
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = valid(answer.content)
    entries = root.findall("a:entry", ATOM)
    assert entries
    for entry in entries:
        assert "It matched: " in entry.findtext("a:summary", namespaces=ATOM)
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert ids == [one.findtext("a:id", namespaces=ATOM) for one in valid(site.get("/search.atom?q=license+plate").content).findall("a:entry", ATOM)]  # fmt: skip
    moments = [entry.findtext("a:updated", namespaces=ATOM) for entry in entries]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("said", ["", "nothingholdsthis", "%0C%08&%3C%3E", "ca%C3%B1on"])
def test_an_empty_feed_and_one_of_odd_letters_are_valid(site: Any, said: str) -> None:
    valid(site.get(f"/search.atom?q={said}").content)


def test_a_feed_is_valid_whatever_a_record_holds() -> None:
    from postme.website import atom

    odd = "page\x0c\x00 of\ud800 <b>&amp; \ufffe]]>"
    item = atom.Item("http://x/ñ one#1", "http://x/ñ one", odd, odd, "2026-11-23T10:00:00Z", (odd,))
    root = valid(atom.feed("http://x/search.atom?q=a", "http://x/search/", odd, [item, item], None))
    assert len(root.findall("a:entry", ATOM)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("<updated>", "<updated>x", 1),
        lambda text: re.sub("<author>.*?</author>", "", text),
        lambda text: re.sub("<id>.*?</id>", "", text, count=1),
    ],
)
def test_the_schema_refuses_what_is_no_feed(site: Any, broken: Callable[[str], str]) -> None:
    text = site.get("/search.atom?q=plate").content.decode()
    valid(text.encode())
    with pytest.raises(etree.DocumentInvalid):
        valid(broken(text).encode())


# -- what is not public


def everywhere(site: Any, word: str) -> str:
    """Everything that a search for a word, and for its beginning and a misspelling of it, gives away, the question itself left out."""
    found = ""
    for said in (word, f"{word[:6]}*", f"{word[:4]}x{word[5:]}"):
        for way in ("/search.json", "/search/", "/search.atom"):
            found += site.get(f"{way}?q={said}").content.decode().lower().replace(said.lower(), "").replace(quote(said).lower(), "")  # fmt: skip
    return found


def test_a_draft_is_not_found_and_a_publication_is_until_it_is_withdrawn(site: Any) -> None:
    from django.conf import settings

    from postme.keeping.store.models import Draft, Entry
    from postme.office.press import Press
    from postme.publication import What

    press = Press(site.data, settings.LOG_ORIGIN)
    entry = Entry.objects.filter(kind="holding", state="published").first()
    facts = json.loads(entry.twin)["facts"]
    told = {**facts, "title": f"{facts['title']} {MARKER}"}
    draft = press.draft(told, What.CORRECTED, who="Ada", roles_=["editor"], reason=f"{MARKER} was missing.")
    press.submit(draft, who="Ada", roles_=["editor"])
    assert Draft.objects.filter(pk=draft).exists()
    assert asked(site, MARKER)["total"] == 0
    assert MARKER.lower() not in everywhere(site, MARKER)

    press.approve(draft, who="Ben", roles_=["editor"])
    assert asked(site, MARKER)["total"] > 0
    assert asked(site, "Quibblesnrot")["did_you_mean"] == MARKER.lower()

    gone = press.draft(told, What.WITHDRAWN, who="Ada", roles_=["editor"], reason="A test.")
    press.submit(gone, who="Ada", roles_=["editor"])
    press.approve(gone, who="Ben", roles_=["editor"])
    assert asked(site, MARKER)["total"] == 0
    assert MARKER.lower() not in everywhere(site, MARKER)


def test_what_is_redacted_is_in_no_hit_snippet_count_or_suggestion(site: Any) -> None:
    from django.conf import settings

    from postme import query, redaction
    from postme.keeping.store.models import Findable, PublicPage, Vocable
    from postme.office.press import Press

    # A word that stands on one page of one record only.
    rows = list(Findable.objects.filter(kind="page").select_related("page"))
    alone = next(
        (row.page, word)
        for row in rows
        if row.page is not None
        for word in sorted(set(row.folded.split(" ")), key=len, reverse=True)
        if 7 < len(word) < 20 and word.isalpha() and sum(word in one.folded for one in Findable.objects.all() if word in one.folded) == 1
    )  # fmt: skip
    page, word = alone
    assert asked(site, word)["total"] == 1 and Vocable.objects.filter(word=word).exists()
    for start, end in query.marks(query.parsed(word), page.text):
        press = Press(site.data, settings.LOG_ORIGIN)
        wanted = redaction.Redaction(page.number, start, end, next(iter(redaction.Reason)))
        number = press.ask_redaction(page.record_id, wanted, who="Ada", roles_=["editor"])
        press.redact(number, who="Ben", roles_=["editor"])
    assert word not in " ".join(PublicPage.objects.values_list("text", flat=True)).lower()
    assert asked(site, word)["total"] == 0
    assert not Vocable.objects.filter(word=word).exists()
    assert not Findable.objects.filter(folded__contains=word).exists()
    assert word not in everywhere(site, word)


def test_a_withdrawn_place_s_last_agency_is_not_found(site: Any) -> None:
    from postme.keeping.store import finding
    from postme.keeping.store.models import Entry, Findable

    assert Findable.objects.filter(kind="agency").exists()
    assert Findable.objects.filter(kind="place", place="us/zz/mill_falls", known=False).exists()
    for entry in Entry.objects.all():
        entry.state = "withdrawn"
        entry.save()
    for entry in Entry.objects.all():
        finding.forgotten(entry)
        finding.kept(entry, None)
    assert not Findable.objects.filter(known=False).exists()
    assert asked(site, "Mill Falls police department", state="us/zz")["total"] == 0


def test_every_published_page_and_quote_is_in_the_index(site: Any) -> None:
    from postme.keeping.store.models import Evidence, Findable, PublicPage

    assert Findable.objects.filter(kind="page").values("page").distinct().count() == PublicPage.objects.count() > 10
    assert Findable.objects.filter(kind="evidence").count() == Evidence.objects.count() > 50


def test_the_box_is_on_every_page(site: Any) -> None:
    for address in ("/places/", "/laws/", "/records/", "/es/places/"):
        assert b'role="search"' in site.get(address).content
    assert site.get("/search/").content.count(b'role="search"') == 1


def test_the_example_of_marked_pieces_runs() -> None:
    import doctest

    from postme.website.templatetags import found

    ran = doctest.testmod(found)
    assert ran.attempted and not ran.failed


# --- names in other languages, and what is made up


@pytest.mark.parametrize(
    ("typed", "technology"),
    [
        ("reconocimiento facial", "face-recognition"),
        ("lectores de placas", "alpr"),
        ("cámaras corporales", "body-worn-camera"),
        ("drones", "drone"),
    ],
)
def test_a_technology_is_found_by_its_name_in_spanish(site: Any, typed: str, technology: str) -> None:
    for language in ("", "/es"):
        found = site.get(f"{language}/search/", {"q": typed}).content.decode()
        assert f'href="{language}/technologies/{technology}/"' in found, (language, typed)
    assert asked(site, "reconocimiento de nubes")["total"] == 0


def test_a_translator_s_new_word_is_found_anew(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from postme.keeping.store import knowing

    knowing.refreshed(settings.CATALOGUES)
    assert knowing.refreshed(settings.CATALOGUES) is False
    monkeypatch.setattr(knowing, "_languages", lambda: "another")
    monkeypatch.setattr(knowing, "_translated", lambda name: [f"xyzzy {name}"])
    assert knowing.refreshed(settings.CATALOGUES) is True
    assert site.get("/search.json", {"q": "xyzzy drones"}).json()["total"] > 0


def test_a_made_up_maker_says_so_and_a_real_one_does_not(site: Any) -> None:
    from django.test import override_settings

    from postme.office import example_town, glossary

    glossary.use([example_town.CATALOGUE])
    try:
        with override_settings(CATALOGUES=(example_town.CATALOGUE,)):
            [made_up] = hits(asked(site, "corvane", kind="vendor"))
            [real] = hits(asked(site, "soundthinking", kind="vendor"))
            assert (made_up["fiction"], real["fiction"]) == (True, False)
            for said, wanted in (("corvane", True), ("soundthinking", False)):
                assert ("(fiction)" in site.get("/search/", {"q": said, "kind": "vendor"}).content.decode()) is wanted
            makers = site.get("/technologies/alpr.json").json()["makers"]
            assert [one["name"] for one in makers if one["fiction"]] == ["Corvane Roadway Systems"]
            shown = site.get("/technologies/alpr/").content.decode()
            assert shown.count("(fiction)") == 2  # the maker, and the town whose police have its readers
            assert re.search(r"Corvane Roadway Systems <span class=.small.>\(fiction\)", shown)
    finally:
        glossary.use([])


# --- another spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("licence plate reeders", "license plate reader"), ("body wron camera", "body worn camera"), ("gunshoot detecton", "gunshot detection"),
        ("stingrey", "stingray"), ("survelance", "surveillance"), ("minneapolos", "minneapolis"), ("oaklnd", "oakland"), ("Bostn", "boston"),
        ("flok", "flock"), ("axxon", "axon"), ("palantr", "palantir"), ("soundthinkng", "soundthinking"), ("facial recognitoin", "facial recognition"),
    ],
)  # fmt: skip
def test_a_misspelled_name_is_offered_as_it_is_spelled_and_the_offer_finds_something(
    site: Any, typed: str, meant: str
) -> None:
    offered = asked(site, typed)["did_you_mean"]
    assert offered == meant
    assert asked(site, offered)["total"] > 0


@pytest.mark.parametrize("typed", ["zzqxyv", "minneapolos zzqxyv", "qwrtzplk camera"])
def test_what_would_find_nothing_is_not_offered(site: Any, typed: str) -> None:
    assert asked(site, typed)["did_you_mean"] is None


def test_what_finds_nothing_within_the_limits_is_not_offered(site: Any) -> None:
    assert asked(site, "minneapolos", state="us/ca")["did_you_mean"] is None
    assert asked(site, "minneapolos", state="us/mn")["did_you_mean"] == "minneapolis"


def test_what_lies_far_back_in_the_table_is_found_with_what_is_new_and_phrases_only_side_by_side(site: Any) -> None:
    from postme.keeping.store import finding, seeking

    texts = {3_000_000: "a brass zanzibarine lamp", 3_009_000: "zanzibarine, then a lamp", 3_400_000: "The zanzibarine lamp was lit."}  # fmt: skip
    for number, text in texts.items():
        [one] = finding.row("evidence", f"/records/{number}/", f"Lamp {number}", text=text)
        one.pk = number
        finding.written([one])
    found = seeking.sought("zanzibarine")
    assert {one.id for one in found.rows} == set(texts)
    assert {one.id for one in seeking.sought('"zanzibarine lamp"').rows} == {3_000_000, 3_400_000}
    assert {one.id for one in seeking.sought('"zanzibarine lamp was"').rows} == {3_400_000}
    assert {one.id for one in seeking.sought('zanzibarine -"zanzibarine lamp"').rows} == {3_009_000}
    assert [one.id for one in seeking.sought("zanzibarine", newest=True).rows] == sorted(texts, reverse=True)


# --- what is before a council


@pytest.fixture
def said(site: Any) -> Any:
    """The town's letters beside its proposals and papers; a letter's PDF is not what is looked for here."""
    from postme.errors import Refused
    from postme.office import counsel, example_letters, example_town, lettersheet

    def none(*_a: Any, **_more: Any) -> bytes:
        raise Refused("None is drawn.")

    counsel.also_from([example_town.LAWS])
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lettersheet, "pdf", none)
            example_letters.fill(site.data)
        yield site
    finally:
        counsel.also_from([])


def test_who_searches_license_plate_reader_finds_the_proposal_its_papers_and_the_letter(said: Any) -> None:
    facts = asked(said, "license plate reader")
    first = {row["address"]: row for row in hits(facts)}
    for kind, address in (
        ("decision", "/decisions/twelve-more-plate-readers/"), ("paper", "/decisions/twelve-more-plate-readers/impact-report/"),
        ("letter", "/letters/mill-falls-do-not-approve-twelve-more-plate-readers/"),
    ):  # fmt: skip
        row = first[address]
        assert (row["kind"], row["own_words"], row["fiction"], row["place"]["id"]) == (kind, False, True, "us/zz/mill_falls")  # fmt: skip
        assert "alpr" in row["technologies"]
        assert row["date"]
        assert said.get(address).status_code == 200
        only = asked(said, "license plate reader", kind=kind)
        assert {one["kind"] for one in hits(only)} == {kind}
        assert {value["value"]: value["count"] for facet in facts["facets"] if facet["key"] == "kind" for value in facet["values"]}[kind] == only["total"]  # fmt: skip
    page = said.get("/search/?q=license+plate+reader").content.decode()
    assert page.index(">Proposals</h2>") < page.index(">Papers</h2>") < page.index(">Open letters</h2>") < page.index(">Evidence</h2>")  # fmt: skip
    feed = said.get("/search.atom?q=license+plate+reader").content.decode()
    assert "/letters/mill-falls-do-not-approve-twelve-more-plate-readers/" in feed
    assert "/impact-report/" in feed
    kinds = {one["kind"] for one in said.get("/api/search?q=license+plate+reader&limit=100").json()["items"]}
    assert {"decision", "paper", "letter"} <= kinds
    assert said.get("/es/search/?q=license+plate+reader").status_code == 200


def test_every_public_proposal_paper_letter_and_audit_is_in_the_index_and_what_found_nothing_says_how_many(said: Any) -> None:  # fmt: skip
    from postme.keeping.store.models import Entry, Findable

    for kind in ("decision", "paper", "letter", "audit"):
        there = set(Entry.objects.visible().filter(kind=kind).values_list("address", flat=True))
        assert set(Findable.objects.filter(kind=kind).values_list("address", flat=True)) == there
        assert len(there) >= (1 if kind == "audit" else 2)
        assert asked(said, "survelance")["looked_through"][f"{kind}s"] == len(there)


def test_the_words_of_a_paper_that_count_as_no_answer_are_found_nowhere(site: Any) -> None:
    from postme.keeping.store import finding
    from postme.keeping.store.models import Entry, Findable

    entry = Entry.objects.visible().filter(kind="paper").first()
    facts = json.loads(entry.twin)["facts"]
    field = next(id_ for id_, one in facts["answers"].items() if one.get("state") == "answered")
    for state, counts in (("empty", 0), ("answered", 1)):
        facts["answers"][field] = {"state": state, "text": MARKER}
        finding.forgotten(entry)
        finding.kept(entry, facts)
        assert Findable.objects.filter(entry=entry, folded__contains=MARKER.lower()).count() == counts


def test_a_draft_is_found_nowhere_and_a_letter_only_while_its_coalition_stands_by_it(said: Any) -> None:
    from dataclasses import replace

    from postme.office import example_letters
    from postme.office.letters import Correspondence

    office, one = Correspondence(said.data), example_letters.letters(said.data)["readers"]
    who = "Ada Open (fiction)"
    office.draft(one.coalition.slug, replace(one.draft, title=f"{MARKER} title", body=f"{MARKER} body", claims=()), who=who)  # fmt: skip
    office.rewrite(one.slug, replace(one.draft, ask=f"{MARKER} ask."), one.turn, who=who)
    office.remark(one.slug, f"{MARKER} remark", who=who)
    assert asked(said, MARKER)["total"] == 0
    assert MARKER.lower() not in everywhere(said, MARKER)
    before = asked(said, "vote no", kind="letter")["total"]
    office.withdraw(one.slug, f"{MARKER} was the reason.", who=who)
    assert asked(said, "vote no", kind="letter")["total"] == before - 1
    assert asked(said, "twelve more plate readers", kind="letter")["total"] == 0
    assert MARKER.lower() not in everywhere(said, MARKER)


def test_a_signer_is_found_by_nobody_s_search(said: Any) -> None:
    for name in ("Noor Vale", "Mabel Stone", "Lena Frost", "hello@open-doors.example", "ada@tenants.example"):
        assert hits(asked(said, name, kind="letter")) == [], name


def test_a_store_from_before_finds_what_is_before_the_council_at_its_first_search(said: Any) -> None:
    from django.conf import settings

    from postme.keeping.store import finding, knowing
    from postme.keeping.store.models import Findable, Known

    def rows() -> list[Any]:
        return sorted(Findable.objects.values_list("kind", "address", "title", "names", "marks", "folded", "date"))

    knowing.refreshed(settings.CATALOGUES)
    before = rows()
    finding.removed(Findable.objects.filter(kind__in=finding.SAID))
    Known.objects.filter(name="said").delete()
    assert knowing.refreshed(settings.CATALOGUES) is True
    assert rows() == before
    assert knowing.refreshed(settings.CATALOGUES) is False
