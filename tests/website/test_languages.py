"""Every sentence in Spanish, the language kept in every address, a way in for other languages, and pages that turn around."""

from __future__ import annotations

import gettext
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from postme.website import sentences

SITE = Path(__file__).parents[2] / "postme/website"
LOCALE = SITE / "locale"
SPANISH = LOCALE / "es/LC_MESSAGES"
OFFICE = "/agencies/us/zz/mill_falls/police-department/"
# What a number, a name or a day is put into, and the tags of a sentence with a link in it.
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%|\{[a-z_]*\}|%[sd]|</?[a-z][^>]*>|&[a-z]+;")


@pytest.fixture(scope="module")
def spanish() -> tuple[sentences.Sentence, ...]:
    return sentences.of(LOCALE)["es"]


def faults(one: sentences.Sentence) -> list[str]:
    """What is wrong with a translation: nothing there, another placeholder, another number of forms, a space gone at an end."""
    found = [] if all(said.strip() for said in one.said) else ["not translated"]
    if len(one.said) != (2 if one.plural else 1):
        found.append("forms")
    for english, said in zip([one.english, one.plural or one.english], one.said, strict=False):
        if not said:
            continue
        # Of one thing a sentence may say "one" for its number.
        wanted, given = (sorted(PLACEHOLDER.findall(text)) for text in (english, said))
        if wanted != given:
            found.append(f"placeholders {wanted} and {given}")
        if (english[:1].isspace(), english[-1:].isspace()) != (said[:1].isspace(), said[-1:].isspace()):
            found.append("spaces at the ends")
    return found


def test_every_sentence_is_there_in_spanish_with_all_that_is_put_into_it(spanish: Any) -> None:
    assert len(spanish) > 1000
    wrong = {one.english: found for one in spanish if (found := faults(one))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("english", "plural", "said", "fault"),
    [
        ("Go", "", ("",), "not translated"), ("Go", "", (" ",), "not translated"), ("{n} day", "{n} days", ("{n} día",), "forms"),
        ("on %(day)s", "", ("el %(dia)s",), "placeholders"), ("%(n)s %%", "", ("%(n)s",), "placeholders"), ('<a href="/log/">log</a>', "", ("registro",), "placeholders"),
        ("Go ", "", ("Ir",), "spaces"),
    ],
)  # fmt: skip
def test_a_translation_that_is_wrong_is_found(english: str, plural: str, said: tuple[str, ...], fault: str) -> None:
    assert any(fault in one for one in faults(sentences.Sentence(english, plural, said)))
    assert faults(sentences.Sentence("on %(day)s", said=("el %(day)s",))) == []


def test_the_compiled_file_is_what_the_translators_file_says(spanish: Any) -> None:
    """Read by Python's own gettext, which is not what wrote it."""
    with (SPANISH / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for one in spanish:
        if one.plural:
            said = tuple(compiled.npgettext(one.context, one.english, one.plural, n) if one.context else compiled.ngettext(one.english, one.plural, n) for n in (1, 5))  # fmt: skip
        else:
            said = (compiled.pgettext(one.context, one.english) if one.context else compiled.gettext(one.english),)
        assert said == one.said


def test_the_files_are_up_to_date_with_templates_and_pages() -> None:
    done = subprocess.run([sys.executable, SITE / "look/messages.py", "--check"], capture_output=True, text=True, cwd=SITE.parents[1])  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


# --- the address keeps the language -----------------------------------------------------------------------------------


class Links(HTMLParser):
    """Every address that a page leads to, with the language that the link says it leads to, and every text with its language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        for key in ("href", "action", "formaction"):
            if key in given:
                self.links.append((given[key], given.get("hreflang", "")))
        if tag not in ("meta", "link", "input", "br", "img", "hr", "wbr", "source", "col", "path", "circle", "rect", "line", "use", "ellipse", "polygon"):  # fmt: skip
            self._open.append((tag, given.get("lang", self._open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and tag in {one for one, _ in self._open}:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        self.texts.append((" ".join(data.split()), self._open[-1][1]))


def pages() -> list[str]:
    from postme.keeping.store.models import Entry

    record = Entry.objects.filter(kind="record", state="published").order_by("leaf").first()
    quoted = Entry.objects.filter(kind="holding", state="published").first()
    withdrawn = Entry.objects.filter(kind="holding", state="withdrawn").first()
    assert record and quoted and withdrawn
    return [
        "/", "/places/", "/places/us/zz/mill_falls/", "/places/us/mn/minneapolis/", OFFICE, quoted.address, withdrawn.address, "/laws/", "/laws/us-mn-minneapolis-fr/",
        "/laws/ask/?place=us/mn/minneapolis&body=police&act=use&technology=face_recognition&on=2026-01-01", "/laws/compare/", "/laws/words/", "/records/", record.address, f"{record.address}1/", "/search/?q=cameras",
        "/searches/", "/searches/1/", "/moderation/", "/log/", "/log/0/", "/verify/", "/data/", "/health/", "/about/", "/technologies/", "/technologies/drone/", "/translate/",
        "/wrong/?about=/places/us/zz/mill_falls/",
    ]  # fmt: skip


def leaves_spanish(address: str, text: str) -> list[str]:
    """Links of a Spanish page that lead to one of our pages in English without saying so."""
    from django.conf import settings
    from django.urls import Resolver404, resolve
    from django.utils import translation

    from postme.website import urls

    found = []
    for link, hreflang in Links(text).links:
        whole = urlsplit(urljoin(f"{settings.SITE}{address}", link))
        if whole.netloc != urlsplit(settings.SITE).netloc or whole.path.startswith(("/es/", "/static/")) or hreflang == "en":  # fmt: skip
            continue
        try:
            with translation.override("en"):
                match = resolve(whole.path)
        except Resolver404:
            found.append(f"{link} leads nowhere")
            continue
        if match.url_name in urls.SHOWN or match.url_name in ("wrong", "wrong-receipt") or match.route.startswith("desk/"):  # fmt: skip
            found.append(link)
    return found


def test_every_link_of_a_spanish_page_leads_to_a_spanish_page_or_to_a_file(site: Any) -> None:
    wrong = {}
    for address in pages():
        response = site.get(f"/es{address}")
        assert response.status_code in (200, 410), address
        text = response.content.decode()
        assert '<html lang="es" dir="ltr">' in text, address
        if found := leaves_spanish(f"/es{address}", text):
            wrong[address] = sorted(set(found))
    assert wrong == {}


def test_a_link_out_of_spanish_is_found(filled: Path) -> None:
    links = '<a href="/laws/">x</a><a href="/es/laws/">x</a><a href="/laws.json">x</a><a href="/" hreflang="en">x</a><a href="?q=1">x</a><form action="/search/">'  # fmt: skip
    assert leaves_spanish("/es/about/", links) == ["/laws/", "/search/"]


def test_each_page_leads_to_itself_in_the_other_language(site: Any) -> None:
    for address in ("/places/us/mn/minneapolis/?on=2021-02-12", "/search/?q=cameras", "/"):
        assert (f"/es{address}", "es") in Links(site.get(address).content.decode()).links
        assert (address, "en") in Links(site.get(f"/es{address}").content.decode()).links


def test_the_twin_of_a_page_has_one_language_whoever_asks(site: Any) -> None:
    plain = site.get("/places.json").content
    assert site.get("/places.json", headers={"Accept-Language": "es"}).content == plain
    assert "Places" in plain.decode()


# --- what is not translated says so -----------------------------------------------------------------------------------


def test_what_a_law_says_is_marked_as_english_and_a_sentence_says_so(site: Any) -> None:
    facts = site.get("/laws/us-mn-minneapolis-fr.json").json()
    found = Links(site.get("/es/laws/us-mn-minneapolis-fr/").content.decode())
    languages = dict(found.texts)
    for clause in facts["law"]["provisions"]:
        beginning = " ".join(clause["says"].split())[:40]
        assert {language for text, language in found.texts if text.startswith(beginning)} == {"en"}, beginning
    said = "Lo que dicen las leyes se cuenta aquí en inglés. Esas frases todavía no se han traducido."
    assert languages[said] == "es"
    assert said not in site.get("/laws/us-mn-minneapolis-fr/").content.decode()
    for address in ("/places/us/mn/minneapolis/", f"{OFFICE}alpr/"):
        assert said in site.get(f"/es{address}").content.decode(), address


def test_labels_of_a_clause_are_in_the_pages_language(site: Any) -> None:
    texts = Links(site.get("/es/laws/us-mn-minneapolis-fr/").content.decode()).texts
    labels = {text: language for text, language in texts if text in ("Actos:", "Organismos:", "Tecnologías:")}
    assert labels and set(labels.values()) == {"es"}


# --- from right to left -----------------------------------------------------------------------------------------------


def test_a_language_from_right_to_left_turns_every_page_around(site: Any) -> None:
    from django.conf import settings
    from django.test import override_settings
    from django.urls import clear_url_caches

    with override_settings(LANGUAGES=[*settings.LANGUAGES, ("ar", "Arabic")]):
        clear_url_caches()
        for address in ("/", "/places/us/zz/mill_falls/", OFFICE, "/laws/", "/translate/"):
            text = site.get(f"/ar{address}").content.decode()
            assert '<html lang="ar" dir="rtl">' in text, address
            assert ("/ar/laws/", "") in Links(text).links
    clear_url_caches()
    assert 'dir="ltr"' in site.get("/").content.decode()


def test_the_style_sheet_knows_no_left_and_no_right() -> None:
    css = (SITE / "static/look/look.css").read_text("utf-8")
    sided = re.compile(r"(?<![-\w])(?:margin|padding|border)-(?:left|right)\b|(?<![-\w])(?:left|right)\s*:|text-align\s*:\s*(?:left|right)|float\s*:\s*(?:left|right)")  # fmt: skip
    assert sided.findall(css) == []
    assert sided.findall(".a{margin-left:1em}.b{text-align:right}.c{left:0}") == ["margin-left", "text-align:right", "left:"]  # fmt: skip
    # Four values in a row go around by the clock, and so name left and right too.
    four = re.findall(r"(?:margin|padding)\s*:\s*([^;}\s]+) ([^;}\s]+) ([^;}\s]+) ([^;}\s]+)(?=[;}])", css)
    assert [one for one in four if one[1] != one[3]] == []


# --- the way in -------------------------------------------------------------------------------------------------------


def test_the_page_for_translators_counts_what_there_is(site: Any, spanish: Any) -> None:
    facts = site.get("/translate.json").json()
    assert facts["sentences"] == len(spanish)
    [one] = facts["languages"]
    assert (one["code"], one["name"], one["translated"], one["missing"]) == ("es", "español", len(spanish), [])
    assert "Nothing. Every sentence is translated." in site.get("/translate/").content.decode()


def test_a_language_that_was_begun_shows_what_is_missing(site: Any, tmp_path: Path, spanish: Any) -> None:
    from django.test import override_settings

    for code, text in (("es", (SPANISH / "django.po").read_text("utf-8")), ("so", site.get("/translate/new.po").content.decode())):  # fmt: skip
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / code / "LC_MESSAGES" / "django.po").write_text(
            text.replace('msgid "About"\nmsgstr ""', 'msgid "About"\nmsgstr "Ku saabsan"'), "utf-8"
        )
    with override_settings(LOCALE_PATHS=[tmp_path]):
        facts = site.get("/translate.json").json()
        page = site.get("/translate/").content.decode()
    [_, somali] = facts["languages"]
    assert (somali["code"], somali["public"], somali["translated"]) == ("so", False, 1)
    assert somali["missing_count"] == len(spanish) - 1
    assert len(somali["missing"]) == 100 and all(one["where"] for one in somali["missing"])
    assert "begun, not shown yet" in page and somali["missing"][0]["english"] in page


def test_the_files_that_are_given_out_are_what_translators_programs_read(site: Any, spanish: Any) -> None:
    """Held to Babel, which reads .po files for a living."""
    import io

    from babel.messages.pofile import read_po

    new, own = (site.get(f"/translate/{name}.po") for name in ("new", "es"))
    assert own.content == (SPANISH / "django.po").read_bytes()
    for response, translated in ((new, False), (own, True)):
        assert response.headers["Content-Disposition"].startswith("attachment")
        read = [one for one in read_po(io.BytesIO(response.content), locale="es") if one.id]
        assert len(read) == len(spanish)
        assert {one.id if isinstance(one.id, str) else one.id[0] for one in read} == {one.english for one in spanish}
        assert all(bool(one.string if isinstance(one.string, str) else all(one.string)) is translated for one in read)
    for name in ("de", "xx", "settings"):
        assert site.get(f"/translate/{name}.po").status_code == 404


@pytest.mark.parametrize("broken", ["nonsense", 'msgid "a" b', 'msgid "\\x"', 'msgid ""a""'])
def test_a_broken_file_is_refused_with_its_line(broken: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(sentences.read(f"# a comment\n{broken}\n"))


def test_the_document_for_translators_names_what_there_is() -> None:
    text = (SITE.parents[1] / "docs/translate.md").read_text("utf-8")
    assert "make messages" in text and "postme/website/look/messages.py --check" in text
    assert re.search(r"^messages:", (SITE.parents[1] / "Makefile").read_text("utf-8"), re.MULTILINE)
