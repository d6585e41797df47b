"""One table of cases for every engine, and properties that hold the fast engines equal to the plain one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache

import pytest
import smalltown
from hypothesis import given, settings
from hypothesis import strategies as st
from smalltown import technology, vendor

from postme import matching
from postme.catalogue import Catalogue, Term, folded_words
from postme.fold import plainly
from postme.keeping import library
from postme.matching import ENGINES, Engine, Hit, settled

Maker = Callable[[Catalogue], Engine]
every_engine = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


def quotes(engine: Maker, known: Catalogue, text: str) -> list[tuple[str, str]]:
    """(the words, the technologies and makers that they mean), by place."""
    found = []
    for hit in engine(known).hits(text):
        term = known.terms[hit.term]
        found.append((text[hit.start : hit.end], ",".join(term.technologies) or f"maker {term.vendor}"))
    return found


TOWN = smalltown.catalogue()
CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "nothing is found in nothing": ("", []),
    "nothing is found where nothing stands": ("The park reopens in May.", []),
    "a phrase alone": ("drone", [("drone", "drone")]),
    "a plural": ("two drones", [("drones", "drone")]),
    "a possessive keeps its s out of the quote": ("the drone's flight", [("drone", "drone")]),
    "a plural possessive": ("the drones’ flight", [("drones", "drone")]),
    "case is not seen": ("DRONE", [("DRONE", "drone")]),
    "punctuation around is not quoted": ("(“drone”)", [("drone", "drone")]),
    "whole words only": ("dronelike androne", []),
    "digits hold a word together": ("drone2 2drone", []),
    "punctuation inside a phrase": ("Body-Worn / Camera", [("Body-Worn / Camera", "body_camera")]),
    "a line's end inside a phrase": ("acoustic\n   sensor", [("acoustic\n   sensor", "gunshot")]),
    "a page's end inside a phrase": ("acoustic\fsensor", [("acoustic\fsensor", "gunshot")]),
    "a word broken over two lines": ("acous-\ntic sen-\r\nsors", [("acous-\ntic sen-\r\nsors", "gunshot")]),
    "a word broken with a space after the hyphen": ("acous- \ntic sensor", [("acous- \ntic sensor", "gunshot")]),
    "a word broken before blank and return": ("acous- \r\ntic sensor", [("acous- \r\ntic sensor", "gunshot")]),
    "a hyphen with more after it is no broken word": ("acous-  \ntic sensor", []),
    "a word broken by a soft hyphen": ("acous\u00ad\ntic sensor", [("acous\u00ad\ntic sensor", "gunshot")]),
    "a hyphenated word at a line's end": ("body-\nworn camera", [("body-\nworn camera", "body_camera")]),
    "accents are not seen": ("dróne", [("dróne", "drone")]),
    "ligatures are letters": ("Ridgeline Systems ﬂew", [("Ridgeline Systems", "maker ridgeline")]),
    "a letter of another alphabet keeps words apart": ("дрон drone", [("drone", "drone")]),
    "a letter of another alphabet in a word spoils it": ("dr\u043ene", []),
    "other alphabets around": ("無人機drone。drone", [("drone", "drone")]),
    "astral characters do not shift the quote": ("😀😀 drone 😀", [("drone", "drone")]),
    "lone surrogates do not stop anything": ("\ud800 drone \udfff", [("drone", "drone")]),
    "the longer hit silences the shorter": ("a body camera", [("body camera", "body_camera")]),
    "the shorter stands on its own elsewhere": (
        "a body camera and a camera",
        [("body camera", "body_camera"), ("camera", "fixed_camera")],
    ),
    "hits side by side both stand": ("drone camera", [("drone", "drone"), ("camera", "fixed_camera")]),
    "capitals are asked": ("ALPR alpr Alpr", [("ALPR", "alpr")]),
    "a plural's s may be small": ("the ALPRs", [("ALPRs", "alpr")]),
    "a plural's s may be a capital": ("THE ALPRS", [("ALPRS", "alpr")]),
    "a capital first letter is enough where one is written": ("Hedgerow HEDGEROW", [
        ("Hedgerow", "alpr,fixed_camera"), ("HEDGEROW", "alpr,fixed_camera"),
    ]),
    "a small first letter is not": ("a hedgerow along the road", []),
    "an abbreviation with dots": ("C.C.T.V. footage", [("C.C.T.V", "fixed_camera")]),
    "an abbreviation with dots and small letters": ("c.c.t.v. footage", []),
    "an abbreviation with dots and spaces": ("C. C. T. V.", [("C. C. T. V", "fixed_camera")]),
    "needs, before": ("police LPR", [("LPR", "alpr")]),
    "needs, after": ("LPR for the Sheriffs", [("LPR", "alpr")]),
    "needs of several words": ("LPR, law-enforcement", [("LPR", "alpr")]),
    "needs, missing": ("LPR", []),
    "needs is a whole word too": ("LPR policeman", []),
    "the hit itself is not its own company": ("LPR LPR", []),
    "needs and and_needs": ("The sheriff's Skylark flight", [("Skylark", "drone")]),
    "needs without and_needs": ("a Skylark flight", []),
    "and_needs without needs": ("The sheriff sang of a Skylark", []),
    "unless": ("the drone bee", []),
    "unless, further off than it looks": ("bee" + " x" * 40 + " drone", [("drone", "drone")]),
    "unless_before": ("a drone strike", []),
    "unless_before only directly": ("a drone did strike", [("drone", "drone")]),
    "unless_before only before": ("a strike drone", [("drone", "drone")]),
    "unless_after": ("a model drone", []),
    "unless_after only directly": ("a model of drone", [("drone", "drone")]),
    "unless_after only after": ("a drone model", [("drone", "drone")]),
    "unless over a line's end": ("a model-\ndrone", []),
    "a maker without technologies is a hit without technologies": (
        "Ridgeline Systems", [("Ridgeline Systems", "maker ridgeline")],
    ),
}  # fmt: skip


@every_engine
@pytest.mark.parametrize("case", CASES)
def test_every_engine_finds_just_what_the_table_says(engine: Maker, case: str) -> None:
    text, expected = CASES[case]
    assert quotes(engine, TOWN, text) == expected


@every_engine
@pytest.mark.parametrize("text", ["", "drone", "x", "\u044f", "\u044f \u044f\u044f", "\x7f", " ", "-\n", "😀"])
def test_an_empty_catalogue_finds_nothing_in_anything(engine: Maker, text: str) -> None:
    known = matching.best(TOWN).hits("drone")
    assert known, "the same engine, with a catalogue, does find"
    empty = Catalogue({}, {}, (), "none")
    assert engine(empty).hits(text) == []


@every_engine
def test_a_phrase_in_another_alphabet_does_not_match_every_word_of_its_length(engine: Maker) -> None:
    known = smalltown.catalogue(technology("drone", ["дрон", "drone"]))
    assert quotes(engine, known, "слон drone") == [("drone", "drone")]


@every_engine
def test_hits_of_the_same_length_at_the_same_place_stand_together(engine: Maker) -> None:
    known = smalltown.catalogue(technology("one", ["watch tower"]), technology("two", ["watch tower", "tower"]))
    assert quotes(engine, known, "the watch tower") == [("watch tower", "one"), ("watch tower", "two")]


@every_engine
def test_hits_of_the_same_length_that_overlap_stand_together(engine: Maker) -> None:
    known = smalltown.catalogue(technology("one", ["aaaa bbbb"]), technology("two", ["bbbb cccc"]))
    assert quotes(engine, known, "aaaa bbbb cccc") == [("aaaa bbbb", "one"), ("bbbb cccc", "two")]


@every_engine
def test_a_term_whose_rule_fails_silences_nobody(engine: Maker) -> None:
    known = smalltown.catalogue(
        technology("long", [{"text": "body camera", "needs": ["police"]}]), technology("short", ["camera"])
    )
    assert quotes(engine, known, "a body camera") == [("camera", "short")]
    assert quotes(engine, known, "a police body camera") == [("body camera", "long")]


@every_engine
def test_a_term_found_whole_and_across_a_broken_line_is_one_hit(engine: Maker) -> None:
    found = engine(TOWN).hits("a drone and sur-\nvey drone")
    assert len(found) == len(set(found)) == 2


@pytest.mark.parametrize("key", ["needs", "and_needs"])
@pytest.mark.parametrize("side", ["before", "after"])
@every_engine
def test_needs_holds_at_exactly_its_distance_and_not_one_further(engine: Maker, side: str, key: str) -> None:
    # Within counts folded characters from the hit's own margin: the gap, then the word with its two margins.
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", key: ["police"], "within": 40}]))
    words = len(" police ")
    for gap, found in ((40 - words, True), (40 - words + 1, False)):
        far = "x" * gap
        text = f"police {far} kiosk" if side == "before" else f"kiosk {far} police"
        assert bool(quotes(engine, known, text)) is found, (gap, text)
        # Runs of spaces and punctuation count as one.
        assert bool(quotes(engine, known, text.replace(" ", " …  -- "))) is found


@pytest.mark.parametrize("side", ["before", "after"])
@every_engine
def test_unless_silences_at_exactly_its_distance_and_not_one_further(engine: Maker, side: str) -> None:
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", "unless": ["news"], "unless_within": 20}]))
    words = len(" news ")
    for gap, found in ((20 - words, False), (20 - words + 1, True)):
        far = "x" * gap
        text = f"news {far} kiosk" if side == "before" else f"kiosk {far} news"
        assert bool(quotes(engine, known, text)) is found, (gap, text)


@every_engine
def test_needs_may_stand_right_beside_the_hit_and_not_across_it(engine: Maker) -> None:
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", "needs": ["police box"]}]))
    assert quotes(engine, known, "police box kiosk") == [("kiosk", "it")]
    assert quotes(engine, known, "kiosk police box") == [("kiosk", "it")]
    assert quotes(engine, known, "police kiosk box") == []


@every_engine
def test_distances_are_counted_in_the_mended_text_for_a_word_that_was_broken(engine: Maker) -> None:
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", "needs": ["police"], "within": 20}]))
    assert quotes(engine, known, "ki-\nosk for the po-\nlice") == [("ki-\nosk", "it")]


@every_engine
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an Oﬃcer Link", True),
        ("an oﬃcer Link", False),
        ("an Officer² Link", True),
        ("an Officer Link", True),
        ("an Ofﬁcer link", False),
    ],
)
def test_capitals_are_compared_letter_by_letter_under_ligatures_and_raised_figures(
    engine: Maker, text: str, found: bool
) -> None:
    known = smalltown.catalogue(technology("it", [{"text": "Officer Link", "capitals": True}]))
    assert bool(quotes(engine, known, text)) is found


def test_settling_keeps_the_longer_of_two_that_overlap() -> None:
    assert settled([Hit(0, 11, 1), Hit(5, 11, 2)]) == [Hit(0, 11, 1)]
    assert settled([Hit(0, 11, 1), Hit(11, 20, 2)]) == [Hit(0, 11, 1), Hit(11, 20, 2)]


def test_settling_lets_a_hit_stand_whose_silencer_was_itself_silenced() -> None:
    # 0-10 silences 8-16, which therefore does not silence 15-20.
    assert settled([Hit(0, 10, 1), Hit(8, 16, 2), Hit(15, 20, 3)]) == [Hit(0, 10, 1), Hit(15, 20, 3)]


def test_settling_says_a_hit_once_and_in_order() -> None:
    hits = [Hit(9, 12, 1), Hit(0, 3, 2), Hit(0, 3, 1), Hit(9, 12, 1)]
    assert settled(hits) == [Hit(0, 3, 1), Hit(0, 3, 2), Hit(9, 12, 1)]


spans = st.tuples(st.integers(0, 60), st.integers(1, 12), st.integers(0, 3)).map(lambda t: Hit(t[0], t[0] + t[1], t[2]))


@settings(max_examples=200)
@given(st.lists(spans, max_size=25))
def test_settling_equals_its_definition_said_in_the_slowest_way(hits: list[Hit]) -> None:
    kept: set[Hit] = set()
    for length in range(12, 0, -1):
        longer = set(kept)
        for hit in hits:
            if hit.end - hit.start == length and not any(k.start < hit.end and hit.start < k.end for k in longer):
                kept.add(hit)
    assert settled(hits) == sorted(kept)


def test_a_page_with_very_many_hits_is_settled_in_reasonable_time() -> None:
    # A long ledger is one page. Held pair by pair these would take minutes.
    hits = [Hit(i * 10, i * 10 + 6, 0) for i in range(40_000)]
    start = time.perf_counter()
    assert settled(hits) == hits
    assert time.perf_counter() - start < 5


def test_the_best_engine_is_the_last_of_the_table_and_the_specification_is_the_first() -> None:
    assert type(matching.best(TOWN)) is list(ENGINES.values())[-1]
    assert next(iter(ENGINES)) == "plain"


# --- properties, over texts made of a catalogue's own words ----------------------------------------------------------

FILLERS = (
    "the", "council", "of", "a", "and", "12", "approved", "on", "Main", "café", "Müller", "²", "дом", "😀", "—", "…",
    ",", "\n", "\f", "\u00a0", "\u00ad", "x", "-", "s", "’s", "e\u0301", "ﬁne", "$40,000",
)  # fmt: skip
JOINTS = (
    " ",
    " ",
    " ",
    "\n",
    "  ",
    "-",
    " - ",
    "\u00a0",
    "/",
    "-\n",
    "- \n",
    "-\t\r\n",
    "\u00ad\n",
    "\u200b ",
    "’s ",
    "",
)


def some_of(known: Catalogue, count: int, seed: int) -> Catalogue:
    """A small catalogue of ``count`` of its terms: the plain engine is too slow for all."""
    return Catalogue({}, {}, tuple(random.Random(seed).sample(known.terms, min(count, len(known.terms)))), str(seed))


@st.composite
def mangled(draw: st.DrawFn, phrase: str) -> str:
    """A phrase as records spell it: any case, any joint, broken over lines."""
    words = phrase.split()
    out = ""
    for word in words:
        case = draw(st.sampled_from((str, str, str.upper, str.lower, str.title)))
        shown = case(word)
        if len(shown) > 3 and draw(st.integers(0, 5)) == 0:
            cut = draw(st.integers(1, len(shown) - 1))
            shown = (
                shown[:cut]
                + draw(st.sampled_from(("-\n", "-  \n", "-\t\n", "\u00ad\n", "\u00ad", "-\r\n ")))
                + shown[cut:]
            )
        out += (draw(st.sampled_from(JOINTS)) if out else "") + shown
    return out + draw(st.sampled_from(("", "", "", "s", "'s", "’s", ".", ",", "²")))


def filler(length: int) -> str:
    """Words of no catalogue, ``length`` folded characters long."""
    return ("zq " * length)[: max(0, length - 1)] + "q" * (length > 0)


@st.composite
def texts_of(draw: st.DrawFn, terms: tuple[Term, ...]) -> str:
    """A text of a catalogue's own forms and company, at distances around the limits."""
    out = []
    for _ in range(draw(st.integers(1, 5))):
        term = draw(st.sampled_from(terms))
        shown = draw(mangled(draw(st.sampled_from(term.forms))))
        rule = term.rule
        for side in ("before", "after"):
            if rule is None or draw(st.booleans()):
                continue
            company, limit = draw(st.sampled_from([
                (rule.needs, rule.within), (rule.and_needs, rule.within), (rule.unless, rule.unless_within),
                (rule.unless_before, 0), (rule.unless_after, 0),
            ]))  # fmt: skip
            if not company:
                continue
            word = draw(st.sampled_from(company))
            far = draw(st.integers(-3, 3)) + limit - len(folded_words(word)) - 1 if limit else 0
            gap = f" {filler(far)} " if far > 0 and draw(st.booleans()) else " "
            word = draw(mangled(word))
            shown = word + gap + shown if side == "before" else shown + gap + word
        out.append(shown)
        out += draw(st.lists(st.sampled_from(FILLERS), max_size=4))
    return draw(st.sampled_from((" ", " ", "\n", "")) if len(out) > 1 else st.just(" ")).join(out)


def agree(known: Catalogue, engines: tuple[Engine, ...], text: str) -> list[Hit]:
    found = [engine.hits(text) for engine in engines]
    for other in found[1:]:
        assert other == found[0], [(text[h.start : h.end], known.terms[h.term].phrase) for h in {*other} ^ {*found[0]}]
    for hit in found[0]:
        assert 0 <= hit.start < hit.end <= len(text)
        words = [plainly(text[hit.start : hit.end], joined=joined).data for joined in (False, True)]
        assert {folded_words(form) for form in known.terms[hit.term].forms} & set(words)
    return found[0]


@cache
def town_and_engines() -> tuple[Catalogue, tuple[Engine, ...]]:
    return TOWN, tuple(engine(TOWN) for engine in ENGINES.values())


package = cache(library.load)


@cache
def package_and_engines(seed: int) -> tuple[Catalogue, tuple[Engine, ...]]:
    known = some_of(package(), 60, seed)
    return known, tuple(engine(known) for engine in ENGINES.values())


@settings(max_examples=150)
@given(st.data())
def test_all_engines_agree_over_texts_of_the_towns_words(data: st.DataObject) -> None:
    known, engines = town_and_engines()
    agree(known, engines, data.draw(texts_of(known.terms)))


@settings(max_examples=150)
@given(st.integers(0, 30), st.data())
def test_all_engines_agree_over_texts_of_the_packages_words(seed: int, data: st.DataObject) -> None:
    known, engines = package_and_engines(seed)
    agree(known, engines, data.draw(texts_of(known.terms)))


@pytest.mark.soak
@settings(max_examples=3000)
@given(st.integers(0, 400), st.data())
def test_all_engines_agree_over_texts_of_the_packages_words_over_a_long_run(seed: int, data: st.DataObject) -> None:
    known, engines = package_and_engines(seed)
    agree(known, engines, data.draw(texts_of(known.terms)))


@given(st.text(max_size=80))
def test_all_engines_agree_over_any_text_at_all(text: str) -> None:
    known, engines = town_and_engines()
    agree(known, engines, text)


def test_the_texts_of_the_properties_hold_rules_that_are_kept_and_rules_that_are_broken() -> None:
    # Else the properties above would hold of engines that find nothing, or that never ask a rule.
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", "needs": ["police"], "unless": ["news"]}]))
    engine = matching.best(known)
    found = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(texts_of(known.terms))
    def count(text: str) -> None:
        found.append(len(engine.hits(text)))

    count()
    assert sum(hits > 0 for hits in found) > 10
    assert sum(hits == 0 for hits in found) > 10


def test_swift_and_portable_agree_over_the_whole_catalogue_of_the_package() -> None:
    known = package()
    chance = random.Random(7)
    swift, portable = matching.best(known), matching.Portable(known)
    found = 0
    for _ in range(40):
        words: list[str] = []
        for _ in range(60):
            term = chance.choice(known.terms)
            words += [chance.choice(term.forms), chance.choice(FILLERS)]
            if term.rule and term.rule.needs:
                words.append(chance.choice(term.rule.needs))
        text = " ".join(words)
        hits = swift.hits(text)
        assert hits == portable.hits(text)
        found += len(hits)
    assert found > 1000


def test_a_term_of_a_vendor_is_found_by_the_makers_name() -> None:
    known = smalltown.catalogue(vendor("corvane", ["alpr"], ["Corvane (Inc|)"]))
    assert quotes(matching.best, known, "Corvane, Inc.") == [("Corvane, Inc", "alpr")]


@pytest.mark.parametrize("words", [
    "hit in the face. Recognition awards followed", "He has a tear. Gas station", "Body\tcamera", "the shot; spotter aircraft",
])  # fmt: skip
def test_words_of_two_sentences_or_cells_are_no_phrase(words: str) -> None:
    for engine in ENGINES.values():
        assert engine(library.load()).hits(words) == []


def test_words_of_one_sentence_are_a_phrase_over_a_lines_end_too() -> None:
    for words in ("the face recognition software", "body\ncamera program", "license plate\r\nreaders"):
        assert matching.best(library.load()).hits(words)
