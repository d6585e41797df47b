"""What the site says in English can be read by somebody with eight years of school."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from postme.website import sentences

LOCALE = Path(__file__).parents[2] / "postme/website/locale"
# Chosen (the design): the eighth grade for all of it; a single sentence may be harder, but not beyond a college reader's second year.
WHOLE, HARDEST = 8.0, 14.0
# Chosen: what is shorter is a label.
LEAST = 5
# Behind these only staff goes.
STAFF = re.compile(r"(?:templates|pages)/(?:desk|account|mfa|allauth)/|accounts\.py")
# The endings that are written as a syllable and not spoken as one.
SILENT = re.compile(r"(?<=[^aeiouy])(?:e|es|ed)$")
SPOKEN = re.compile(r"(?:[^aeiouy]l(?:e|es)|[td]ed|(?:s|x|z|ch|sh|[cg])es)$")


def syllables(word: str) -> int:
    """The syllables of an English word, about: groups of vowels, without the endings that are not spoken."""
    word = word.lower().replace("’s", "s").strip("’'")
    if not SPOKEN.search(word):
        word = SILENT.sub("", word)
    groups = re.findall(r"[aeiouy]+", word)
    # Vowels that stand together and are spoken apart.
    apart = re.findall(r"i[aou]|eo|ua(?!r)|[aeo]ing$|ying$|uou|eate|oe[mt]|dea|^scie|quie", re.sub(r"[tscg]i(?=[aou])|[qg]u(?!ie)|teo|peo", "x", word))  # fmt: skip
    return max(1, len(groups) + len(apart))


def units(texts: Iterable[str]) -> list[list[str]]:
    """Sentences as lists of words: each ends with a full stop, a question or exclamation mark, or where its entry ends; colons and semicolons end none, which is the stricter way to count."""
    found = []
    for text in texts:
        plain = re.sub(r"<(?!code)(?!/code)[^>]+>", "", text)
        plain = re.sub(r"<code>[^<]*</code>|%\([a-z_]+\)[sd]|\{[a-z_]*\}|\S*[/\\@]\S*", " ten ", plain).replace(
            "%%", " "
        )
        parts = re.split(r"[.?!](?=\s|$|[”’)])", plain)
        found += [re.findall(r"[A-Za-z0-9][A-Za-z0-9’']*", part.replace("-", " ")) for part in parts]
    return [words for words in found if words]


def grade(texts: Iterable[str]) -> float:
    """Source: Kincaid, Fishburne, Rogers and Chissom, Derivation of New Readability Formulas (1975): the grade of school that a text asks for."""
    every = units(texts)
    words = [word for one in every for word in one]
    return 0.39 * len(words) / len(every) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def public() -> list[str]:
    """Every sentence of a public page, of five words or more; one in several forms by its plural."""
    every = sentences.of(LOCALE)["es"]
    texts = [
        one.plural or one.english
        for one in every
        if any(place.startswith(("templates/", "pages/")) and not STAFF.search(place) for place in one.where)
    ]
    return [text for text in texts if len([word for unit in units([text]) for word in unit]) >= LEAST]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("law", 1), ("made", 1), ("searched", 1), ("needed", 2), ("table", 2), ("pages", 2), ("police", 2), ("camera", 3), ("record", 2), ("evidence", 3), ("agency", 3),
        ("unknown", 2), ("being", 2), ("purchase", 2), ("technology", 4), ("surveillance", 3), ("military", 4), ("equipment", 3), ("publication", 4), ("decision", 3), ("people", 2),
        ("question", 2), ("quote", 1), ("idea", 3), ("science", 2), ("created", 3), ("languages", 3), ("body’s", 2), ("7", 1), ("ordinance", 3), ("reading", 2), ("various", 3),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_a_dictionary_divides(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_formula_gives_what_its_authors_arithmetic_gives() -> None:
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 - 15.59.
    assert grade(["The cat sat on the mat."]) == pytest.approx(-1.45)
    # 2 sentences, 9 words, 11 syllables.
    assert grade(["The law is old. The city council made it."]) == pytest.approx(0.39 * 4.5 + 11.8 * 11 / 9 - 15.59)


def test_the_declaration_of_independence_is_harder_than_a_nursery_rhyme() -> None:
    hard = "When in the Course of human events, it becomes necessary for one people to dissolve the political bands which have connected them with another, and to assume among the powers of the earth, the separate and equal station."
    assert grade([hard]) > HARDEST > grade(["Jack and Jill went up the hill to fetch a pail of water."])


def hardest(texts: Iterable[str], most: int = 15) -> list[str]:
    """The hardest sentences first, each with its grade."""
    parts = [" ".join(words) for words in units(texts) if len(words) >= LEAST]
    return [f"{grade([one]):.1f}  {one}" for one in sorted(parts, key=lambda one: -grade([one]))[:most]]


def test_the_whole_site_can_be_read_in_the_eighth_grade() -> None:
    texts = public()
    assert len(texts) > 200
    found = grade(texts)
    assert found <= WHOLE, f"grade {found:.2f}; the hardest:\n" + "\n".join(hardest(texts))


def test_no_entry_of_a_public_page_is_beyond_a_college_reader() -> None:
    too_hard = {text: round(found, 1) for text in public() if (found := grade([text])) > HARDEST}
    assert too_hard == {}
