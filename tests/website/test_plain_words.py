"""What is made up says so, once; and no reader meets a name that only programs use."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

# What a reader takes for words of the site: not code, not a hash, not a source's own words, not a drawing.
_ASIDE = re.compile(r"<(script|style|svg|head|code|pre|blockquote|mark|option)\b.*?</\1>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
_ADDRESS = re.compile(r"(?:https?://|/)\S+|[\w.-]+\.(?:pdf|txt|vtt|md|eml|html?|docx?|zip)\b")
_IDS = re.compile(r"(?<![\w-])[a-z]+_[a-z_]+\b|\b(?:us|es)-[a-z]{2}-[a-z-]+#[a-z-]+")
_DOUBLED = re.compile(r"\((?:fiction|ficción)\)[\s,·:]*\((?:fiction|ficción)\)")
# Records are others' words from end to end; the rest of these are files and forms.
_NOT_OURS = re.compile(r"(?:/es)?/(?:records|log|data|api|static|desk|wrong|cards|translate)\b")
# Columns of another's file, named as the file names them in what was not seen of the 1033 program's rules.
_THEIRS = frozenset({"demil_code_lookup", "demil_ic_lookup"})
_MADE_UP = ("Mill Falls", "Corvane Roadway Systems", "Surveillance Oversight Act of Zz")


def words(page: str) -> str:
    """The words of a page, its tags gone and its white space as single spaces."""
    return " ".join(html.unescape(_TAGS.sub("", _ASIDE.sub(" ", page))).split())


@pytest.fixture
def shown(site: Any) -> Iterator[Any]:
    """The site with the town's own names and laws, as the demo shows it."""
    from django.test import override_settings

    from postme.keeping.store import knowing
    from postme.office import counsel, example_town, glossary

    counsel.also_from([example_town.LAWS])
    glossary.use([example_town.CATALOGUE])
    try:
        with override_settings(CATALOGUES=(example_town.CATALOGUE,), RATE=0.0):
            knowing.refreshed([example_town.CATALOGUE])
            yield site
    finally:
        glossary.use([])
        counsel.also_from([])


def pages(site: Any, language: str) -> Iterator[tuple[str, str]]:
    """Every page that links lead to, some of each kind of law and technology, with what the search says of the town."""
    asked = ("mill+falls", "corvane", "surveillance+oversight", "hedgerow")
    waiting = deque([f"{language}/", *(f"{language}/search/?q={one}" for one in asked)])
    waiting.append(f"{language}/laws/ask/?place=us/zz/mill_falls&body=police&act=use&technology=drone&on=2026-03-01")
    waiting.append(f"{language}/laws/compare/?first=us-zz-surveillance-oversight&second=us-mn-alpr")
    met = set(waiting)
    while waiting:
        address = waiting.popleft()
        answer = site.get(address)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        yield address, page
        for link in re.findall(r'<a\b[^>]*?href="([^"]+)"', page):
            to = urljoin(address, html.unescape(link)).partition("#")[0]
            inside = to.startswith("/") and "?" not in to and to.endswith("/") and not _NOT_OURS.match(to)
            if inside and to not in met and to.startswith("/es/") is bool(language):
                met.add(to)
                waiting.append(to)


@pytest.mark.parametrize("language", ["", "/es"])
def test_no_id_stands_where_a_reader_reads_and_fiction_is_said_once(shown: Any, language: str) -> None:
    ids: dict[str, list[str]] = {}
    doubled, unmarked, count = [], [], 0
    for address, page in pages(shown, language):
        count += 1
        said = words(page)
        for one in _IDS.findall(_ADDRESS.sub(" ", said)):
            ids.setdefault(one, []).append(address)
        doubled += [(address, one) for one in _DOUBLED.findall(said)]
        marked = 'class="fiction"' in page or re.search(r"\((?:fiction|ficción)\)", said)
        if any(name in said for name in _MADE_UP) and not marked:
            unmarked.append(address)
    assert count > 100
    assert (doubled, unmarked) == ([], [])
    assert {one: where[:3] for one, where in ids.items() if one not in _THEIRS} == {}


def test_an_id_and_a_doubled_mark_would_be_found() -> None:
    assert _IDS.findall(words("<p>use_policy_in_force and us-mn-alpr#audit</p>")) == [
        "use_policy_in_force",
        "us-mn-alpr#audit",
    ]
    assert _IDS.findall(words("<p>Read <code>law_facts</code> and <mark>use_of_force</mark>.</p>")) == []
    assert _DOUBLED.search(words("<b>Zz (fiction)</b> <i>(fiction)</i>")) and not _DOUBLED.search(words("Zz (fiction)"))
