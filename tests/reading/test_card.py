"""A page as a picture: what is said is drawn, what is long or hostile is cut, and nothing is drawn that was not said."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from postme.reading.card import _COLORS, SIZE, Card, Fonts, Sign, drawn

LOOK = Path(__file__).parents[2] / "postme/website/static/look/fonts"
FONTS = Fonts(
    LOOK / "public-sans-latin-400-normal.woff2",
    LOOK / "public-sans-latin-800-normal.woff2",
    LOOK / "source-serif-4-latin-400-normal.woff2",
)
PLAIN = Card("Drones", "Police Department, Mill Falls", ("present",), foot="example.org/x/")
QUOTED = Card("Drones", quote=("The council bought ", "two drones", " for the police."), record="e3" * 32)
YELLOW, INK = (255, 225, 77), (18, 22, 31)


def shown(card: Card, fonts: Fonts | None = FONTS) -> Image.Image:
    image = Image.open(io.BytesIO(drawn(card, fonts)))
    assert image.format == "PNG"
    return image.convert("RGB")


def near(image: Image.Image, color: tuple[int, int, int], box: tuple[int, int, int, int] | None = None) -> int:
    """How many pixels of a part are of a color, within what 64 colors round away."""
    part = image.crop(box) if box else image
    pixels = zip(*[iter(part.tobytes())] * 3, strict=True)
    return sum(all(abs(a - b) < 12 for a, b in zip(one, color, strict=True)) for one in pixels)


def test_it_is_of_the_size_that_sites_ask_for_and_light() -> None:
    for fonts in (FONTS, None):
        assert shown(PLAIN, fonts).size == SIZE == (1200, 630)
    assert len(drawn(QUOTED, FONTS)) < 100_000


def test_the_same_words_give_the_same_picture_and_any_other_words_another() -> None:
    others = [
        Card("Drone", "Police Department, Mill Falls", ("present",), foot="example.org/x/"),
        Card("Drones", "Police Department", ("present",), foot="example.org/x/"),
        Card("Drones", "Police Department, Mill Falls", ("refused",), foot="example.org/x/"),
        Card("Drones", "Police Department, Mill Falls", ("present",), foot="example.org/y/"),
        Card("Drones", "Police Department, Mill Falls", ("present",), foot="example.org/x/", ribbon="Fiction"),
        Card("Drones", "Police Department, Mill Falls", ("present",), foot="example.org/x/", signs=(Sign("met", "met"),)),
        Card("Drones", "Police Department, Mill Falls", ("present",), ("a ", "b", " c"), foot="example.org/x/"),
    ]  # fmt: skip
    pictures = [drawn(one, FONTS) for one in (PLAIN, *others)]
    assert drawn(PLAIN, FONTS) == pictures[0]
    assert len(set(pictures)) == len(pictures)


def test_yellow_marks_the_quoted_words_and_the_name_alone() -> None:
    name = (60, 40, 300, 120)
    below = (0, 120, 1200, 630)
    assert near(shown(PLAIN), YELLOW, name) > 500
    assert near(shown(PLAIN), YELLOW, below) == 0
    assert near(shown(QUOTED), YELLOW, below) > 2000


def test_fiction_stands_across_the_whole_top() -> None:
    top = (0, 0, 1200, 40)
    made_up = Card("Mill Falls", ribbon="Fiction: no real body is meant")
    assert near(shown(made_up), INK, (0, 0, 300, 40)) > 10_000
    assert near(shown(made_up), INK, (900, 0, 1200, 40)) > 10_000
    assert near(shown(PLAIN), INK, top) == 0


@pytest.mark.parametrize("shape", ["met", "broken", "unknown", "due", "stands", "none"])
def test_each_verdict_has_a_shape_of_its_own_whatever_its_color(shape: str) -> None:
    def mask(one: str) -> bytes:
        picture = shown(Card("", signs=(Sign("", one),))).convert("L")
        return picture.crop((70, 440, 110, 545)).point(lambda value: 0 if value < 200 else 255).tobytes()

    assert set(mask(shape)) == {0, 255}
    # A law that stands and a duty that is met are the same disc, as on the pages.
    others = {"met", "broken", "unknown", "due", "stands", "none"} - {shape}
    if shape in ("met", "stands"):
        others -= {"met", "stands"}
    assert all(mask(one) != mask(shape) for one in others)


def test_a_verdict_of_the_breach_is_red_and_says_its_word() -> None:
    red = tuple(int(_COLORS["broken"][at : at + 2], 16) for at in (1, 3, 5))
    bare, told = (shown(Card("Drones", signs=(Sign(word, "broken"),))) for word in ("", "2 broken"))
    assert near(bare, red) > 500  # type: ignore[arg-type]
    assert near(told, red) > near(bare, red) + 300  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 5000, "a " * 5000, "\u202e" + "gnp.tsop", "\x00\x1b[31m", "<script>alert(1)</script>", "🚨👮" * 50, "\ud800", "a" + "\u0301" * 3000,
        "\u2028\u2029\n\r\t", "ﷺ" * 40, "मिनियापोलिस", "", " ", "%s{}%n", "\ufeff\u200b\u200d",
    ],
)  # fmt: skip
def test_a_hostile_name_gives_a_picture_that_stays_within_its_margins(hostile: str) -> None:
    card = Card(hostile, hostile, (hostile,) * 9, (hostile, hostile, hostile), (Sign(hostile, "met"),) * 9, hostile, hostile)  # fmt: skip
    for fonts in (FONTS, None):
        image = shown(card, fonts)
        assert image.size == SIZE
        # Right of the margin there is paper, the foot's ground and its line: no letter.
        edge = image.crop((1146, 41, 1200, 546))
        assert near(edge, (255, 254, 250)) == edge.width * edge.height


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.text(max_size=200), st.sampled_from([FONTS, None]))
def test_no_text_at_all_upsets_it(title: str, words: str, fonts: Fonts | None) -> None:
    assert shown(Card(title, words, (words,), (words, title, words), (Sign(title, words),), words, title), fonts)


def test_signs_that_turn_letters_around_draw_nothing() -> None:
    assert drawn(Card("Dro\u202e\u2066nes\u200b\x07"), FONTS) == drawn(Card("Drones"), FONTS)


def test_spanish_letters_are_drawn_and_others_lose_their_accent() -> None:
    assert drawn(Card("matrículas"), FONTS) != drawn(Card("matriculas"), FONTS)
    assert drawn(Card("Dvořák"), FONTS) == drawn(Card("Dvorák"), FONTS)


def test_the_quoted_words_are_kept_when_what_stands_around_them_has_no_room() -> None:
    long = Card("T" * 30 + " " + "T" * 30, quote=("before " * 200, "two drones", " after" * 200), signs=(Sign("a", "met"),))  # fmt: skip
    assert near(shown(long), YELLOW, (0, 120, 1200, 540)) > 2000


def test_what_is_blacked_out_in_a_quote_is_not_drawn_not_even_how_long_it_is() -> None:
    one, other = (drawn(Card("a", quote=("of ", hidden, " Main St")), FONTS) for hidden in ("████", "██████████ ███"))
    assert one == other == drawn(Card("a", quote=("of ", "…", " Main St")), FONTS)


def test_without_a_font_that_opens_the_one_that_is_always_there_stands_in(tmp_path: Path) -> None:
    broken = tmp_path / "broken.woff2"
    broken.write_bytes(b"wOF2 and then nothing")
    assert drawn(PLAIN, Fonts(broken, broken, broken)) == drawn(PLAIN, None)
