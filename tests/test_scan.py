"""From a record to mentions: each with its quote, its signs, and why it matched."""

from __future__ import annotations

import time

import pytest
import smalltown
from hypothesis import given
from hypothesis import strategies as st
from smalltown import technology

from postme import scan
from postme.catalogue import Certainty
from postme.keeping import library
from postme.record import Page, PageState, Quote, Record
from postme.scan import Mention
from postme.signs import Act

SCANNER = smalltown.scanner()
SHA = "e3" * 32


def mentions(*texts: str | Page) -> tuple[Mention, ...]:
    pages = [text if isinstance(text, Page) else Page(number, text) for number, text in enumerate(texts, 1)]
    return scan.mentions(Record(SHA, "text/plain", tuple(pages)), SCANNER)


def test_a_mention_says_what_stands_around_it() -> None:
    [found] = mentions(
        "On March 4, 2025 the Mill Falls Police Department bought license plate readers for $40,000 (Res. No. 25-117)."
    )
    assert found.quote == Quote(SHA, 1, 57, 78, "license plate readers")
    assert found.technologies == ("alpr",)
    assert found.certainty is Certainty.SURE
    assert (found.act, found.amount, found.amount_text, found.date) == (Act.ACQUIRE, 40000.0, "$40,000", "2025-03-04")
    assert found.body == "Mill Falls Police Department"
    assert (found.vendor, found.product, found.step) == (None, None, None)


def test_where_nothing_stands_around_it_a_mention_says_unknown() -> None:
    [found] = mentions("license plate readers")
    assert (found.amount, found.amount_text, found.date, found.file_number, found.body) == (None,) * 5
    assert (found.vendor, found.product, found.step, found.act) == (None, None, None, Act.MENTION)
    assert found.quote.seconds is None


def test_mentions_come_by_page_and_place_and_never_cross_a_page() -> None:
    found = mentions("drones, then CCTV", "a body", "camera and drones")
    assert [(m.quote.page, m.quote.text) for m in found] == [
        (1, "drones"), (1, "CCTV"), (3, "camera"), (3, "drones"),
    ]  # fmt: skip


texts = st.lists(
    st.sampled_from(
        (
            "drones",
            "CCTV",
            "body-\nworn cameras",
            "Corvane",
            "😀",
            "é",
            "\n\n",
            "$5",
            "police",
            "LPR",
            "Hedgerow",
            "the",
            "\ud800",
        )
    ),
    max_size=30,
).map(" ".join)


@given(texts)
def test_every_quote_is_the_pages_own_words_and_lies_within_its_context(text: str) -> None:
    for found in mentions(text):
        quote = found.quote
        assert quote.text == text[quote.start : quote.end] != ""
        assert quote.holds(text)
        assert found.context == text[max(0, quote.start - scan.CONTEXT) : quote.end + scan.CONTEXT]
        assert found.technologies == tuple(sorted(set(found.technologies))) != ()
        assert found.why


def test_what_is_unsure_is_found_as_unsure() -> None:
    text = "a video platform"
    [found] = mentions(text)
    assert found.certainty is Certainty.UNSURE
    assert found.technologies == ("analytics",)


def test_a_context_is_cut_at_the_pages_ends_and_at_its_width() -> None:
    [found] = mentions("x" * 500 + " drone " + "y" * 500)
    assert found.context == "x" * (scan.CONTEXT - 1) + " drone " + "y" * (scan.CONTEXT - 1)
    [found] = mentions("a drone.")
    assert found.context == "a drone."


# --- ids -------------------------------------------------------------------------------------------------------------


def test_ids_are_what_they_have_always_been() -> None:
    # Rulings are kept by id for good: when this changes, everything that was ruled is lost.
    quote = Quote("ab" * 32, 3, 14, 21, "drones!")
    assert Mention(quote, "", ("alpr", "drone"), Certainty.SURE, "").id == "c42306d0553e64c4"


def test_an_id_hangs_on_the_words_place_and_meaning_and_on_nothing_else() -> None:
    def id_of(
        sha: str = SHA, page: int = 1, start: int = 0, technologies: tuple[str, ...] = ("drone",), **more: object
    ) -> str:
        return Mention(Quote(sha, page, start, 9, "drone"), "", technologies, Certainty.SURE, "", **more).id  # type: ignore[arg-type]

    same = id_of()
    assert same == id_of(amount=5.0, vendor="corvane", date="2024-01-01", act=Act.USE)
    others = [id_of(sha="ab" * 32), id_of(page=2), id_of(start=1), id_of(technologies=("alpr",))]
    assert len({same, *others}) == 5


def test_the_same_record_gives_the_same_mentions_every_time() -> None:
    text = "The sheriff bought drones and CCTV from Corvane for $5."
    assert mentions(text) == mentions(text)
    assert len({found.id for found in mentions(text)}) == len(mentions(text)) == 3


# --- makers ----------------------------------------------------------------------------------------------------------


def maker(text: str, words: str) -> tuple[str | None, str | None]:
    [found] = [found for found in mentions(text) if found.quote.text == words]
    return found.vendor, found.product


def test_a_makers_name_beside_what_it_makes_names_the_maker() -> None:
    assert maker("Corvane license plate readers", "license plate readers") == ("corvane", None)
    assert maker("license plate readers by Corvane", "license plate readers") == ("corvane", None)


def test_a_makers_name_beside_what_it_does_not_make_names_nobody() -> None:
    assert maker("Corvane sold us drones", "drones") == (None, None)


def test_a_maker_of_too_many_things_to_say_is_the_maker_of_what_stands_beside_it() -> None:
    assert maker("drones by Ridgeline Systems", "drones") == ("ridgeline", None)
    assert [found.quote.text for found in mentions("Ridgeline Systems sells software.")] == []


def test_a_product_names_itself_and_lends_its_makers_name_but_not_its_own() -> None:
    assert maker("the Hedgerow on Main Street", "Hedgerow") == ("corvane", "Hedgerow")
    assert maker("Hedgerow street cameras", "street cameras") == ("corvane", None)


def test_the_nearer_of_two_makers_is_taken() -> None:
    text = "Ridgeline Systems, and then Corvane license plate readers"
    assert maker(text, "license plate readers") == ("corvane", None)
    text = "Corvane, and then Ridgeline Systems license plate readers"
    assert maker(text, "license plate readers") == ("ridgeline", None)


@pytest.mark.parametrize(("gap", "vendor"), [(scan.VENDOR_WITHIN, "ridgeline"), (scan.VENDOR_WITHIN + 1, None)])
def test_a_maker_is_attached_at_exactly_its_distance_and_not_one_further(gap: int, vendor: str | None) -> None:
    assert maker("drones" + "." * gap + "Ridgeline Systems", "drones") == (vendor, None)
    assert maker("Ridgeline Systems" + "." * gap + "drones", "drones") == (vendor, None)


def test_a_maker_that_was_told_by_its_distance_is_said_in_why() -> None:
    [found] = mentions("drones by Ridgeline Systems")
    assert "maker “Ridgeline Systems” 4 characters off" in found.why


# --- several meanings ------------------------------------------------------------------------------------------------


def test_one_product_that_is_several_technologies_is_one_mention_of_them_all() -> None:
    [found] = mentions("the Hedgerow on Main Street")
    assert found.technologies == ("alpr", "fixed_camera")


def test_two_terms_of_the_same_words_are_one_mention_with_the_surer_certainty() -> None:
    scanner = smalltown.scanner(
        technology("one", [{"text": "kiosk", "certainty": "unsure"}]), technology("two", ["kiosk"])
    )
    [found] = scan.mentions(Record(SHA, "text/plain", (Page(1, "a kiosk"),)), scanner)
    assert (found.technologies, found.certainty) == (("one", "two"), Certainty.SURE)


def test_why_names_the_term_its_meaning_and_what_was_asked_of_its_company() -> None:
    [found] = mentions("police LPR")
    assert "“LPR” means alpr, with one of police, polices, sheriff, sheriffs … within 150 characters" in found.why
    assert "its capitals" in found.why
    [found] = mentions("a drone")
    assert "“drone” means drone, with none of bee, bees, strike, strikes …" in found.why
    assert "act mention, as nothing near says more" in found.why


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "found"),
    [(PageState.TEXT, 1), (PageState.OCR, 1), (PageState.UNREADABLE, 0), (PageState.BLANK, 0)],
)
def test_only_pages_that_were_read_give_mentions(state: PageState, found: int) -> None:
    assert len(mentions(Page(1, "drones", state))) == found


def test_an_unreadable_page_does_not_silence_the_others() -> None:
    found = mentions(Page(1, "drones"), Page(2, "", PageState.UNREADABLE), Page(3, "drones"))
    assert [m.quote.page for m in found] == [1, 3]


def test_a_quote_in_captions_knows_its_second() -> None:
    text = "drones now. drones then. drones later"
    moments = ((4, 1.5), (12, 60.0), (30, 75.25))
    found = mentions(Page(1, text, moments=moments))
    assert [(m.quote.start, m.quote.seconds) for m in found] == [(0, None), (12, 60.0), (25, 60.0)]


def test_a_long_ledger_on_one_page_is_scanned_in_reasonable_time() -> None:
    rows = "".join(f"12/05/2024\tRidgeline Systems\tdrones\t${i}.00\n" for i in range(3000))
    start = time.perf_counter()
    found = mentions(rows)
    assert [m.amount for m in found] == [float(i) for i in range(3000)]
    assert time.perf_counter() - start < 8


# --- acts ------------------------------------------------------------------------------------------------------------


def test_acts_of_one_page_are_told_apart() -> None:
    text = (
        "The sheriff bought drones for the county. " + "The weather was fair and the meeting was long. " * 8
        + "Nobody shall not fly drones over parks."
    )  # fmt: skip
    assert [m.act for m in mentions(text)] == [Act.ACQUIRE, Act.REGULATE]


def test_a_proposal_is_not_told_as_a_purchase() -> None:
    [found] = mentions("The chief proposed to fly drones.")
    assert (found.act, found.step) == (Act.PROPOSE, None)


def test_the_packages_own_catalogue_reads_the_sentence_of_the_readme() -> None:
    from postme.keeping import library

    record = Record(SHA, "text/plain", (Page(1, "The city bought 12 license plate readers for $40,000."),))
    [found] = scan.mentions(record, library.scanner())
    assert (found.technologies, found.act, found.amount) == (("alpr",), Act.ACQUIRE, 40000.0)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The town does not use drones.", Act.MENTION),
        ("No drone is used by the town.", Act.MENTION),
        ("The town uses drones.", Act.USE),
    ],
)
def test_a_denial_in_the_sentence_is_no_act(text: str, act: Act) -> None:
    [mention] = scan.on_page(Page(1, text), "0" * 64, library.scanner())
    assert mention.act is act


def test_a_neighbors_product_and_another_sentences_maker_and_money_are_not_lent() -> None:
    text = "The MRAP was returned last year. The BearCat from Lenco cost $290,000."
    first, *others = scan.on_page(Page(1, text), "0" * 64, library.scanner())
    assert (first.vendor, first.product, first.amount) == (None, None, None)
    assert {(mention.vendor, mention.amount) for mention in others} == {("lenco", 290000.0)}
