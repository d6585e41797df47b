"""The look: one small style sheet, fonts that are what their packages hold, and yellow for evidence alone."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SITE = Path(__file__).parents[2] / "postme/website"
STATIC = SITE / "static"
SHEET = STATIC / "look/look.css"
FONTS = STATIC / "look/fonts"
# Chosen: a page, its fonts and its style sheet must come to under 100 KB; compressed, this is a fifth of it.
MOST_BYTES = 30_000
# What is drawn as the sheet of paper that was read, which is white in the dark too.
PAPER = re.compile(r"\.(page|picture|hit|hidden)\b")
# What marks evidence, and the two letters of the name.
MARKED = {"mark", ".name span", ".hit", ".page mark"}
COLOR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(", re.IGNORECASE)
# Source: CSS Color 4, names that a hurried hand would write.
NAMED = re.compile(
    r":[^;{}]*(?<![-\w])(?:black|white|red|green|blue|yellow|gold|orange|gr[ae]y|silver|purple|brown)(?![-\w])"
)


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Each rule's selector and declarations; rules inside @media are told as any other.

    >>> list(rules("/* a */@media print{b{c:d}}e,f{g:h}"))
    [('b', 'c:d'), ('e,f', 'g:h')]
    """
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for selector, inside in re.findall(r"([^{}]+)\{([^{}]*)\}", plain):
        yield " ".join(selector.split()), inside


def colors_out_of_place(css: str) -> list[str]:
    """Selectors of rules that write a color where a custom property should stand."""
    found = []
    for selector, inside in rules(css):
        if selector == ":root" and all(
            COLOR.sub("", one) == one or one.strip().startswith("--") for one in inside.split(";")
        ):
            continue  # fmt: skip
        paper = all(PAPER.match(one.strip()) for one in selector.split(","))
        if not paper and (COLOR.search(inside) or NAMED.search(inside)):
            found.append(selector)
    return found


def yellow_out_of_place(css: str) -> list[str]:
    """Selectors of rules that use the color of evidence for anything else."""
    yellow = {"var(--mark)", *re.findall(r"--mark:\s*(#[0-9a-f]+)", css)}
    return [
        selector
        for selector, inside in rules(css)
        if selector != ":root"
        and any(one in inside for one in yellow)
        and not {one.strip() for one in selector.split(",")} <= MARKED
    ]


def fonts_named(css: str) -> set[str]:
    return set(re.findall(r"url\(fonts/([^)]+)\)", css))


@pytest.fixture(scope="module")
def css() -> str:
    return SHEET.read_text("utf-8")


@pytest.fixture(scope="module")
def fonts() -> Any:
    spec = importlib.util.spec_from_file_location("fetch_fonts", SITE / "look/fetch_fonts.py")
    assert spec and spec.loader
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["fetch_fonts"] = module  # dataclasses ask for it
    spec.loader.exec_module(module)
    return module


def test_every_font_is_the_file_that_its_package_holds(fonts: Any) -> None:
    assert fonts.faults(FONTS) == []


def test_a_font_that_was_changed_put_in_or_taken_away_is_told_of(fonts: Any, tmp_path: Path) -> None:
    for path in FONTS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert fonts.faults(tmp_path) == []
    (tmp_path / "Public-Sans-LICENSE").unlink()
    (tmp_path / "comic.woff2").write_bytes(b"wOF2")
    bold = tmp_path / "public-sans-latin-800-normal.woff2"
    bold.write_bytes(bold.read_bytes()[:-1] + b"!")
    missing, strange, changed = fonts.faults(tmp_path)
    assert missing == "Public-Sans-LICENSE is missing."
    assert strange.startswith("comic.woff2 is not named")
    assert changed.startswith("public-sans-latin-800-normal.woff2 has the SHA-256")


def test_a_package_that_is_another_than_it_was_gives_no_file(fonts: Any) -> None:
    with pytest.raises(SystemExit, match="nothing was written"):
        fonts.opened(fonts.PACKAGES[0], b"another archive")


def test_the_style_sheet_names_every_font_that_lies_there_and_no_other(css: str) -> None:
    assert fonts_named(css) == {path.name for path in FONTS.glob("*") if "LICENSE" not in path.name}


def test_each_family_has_its_license_and_is_in_the_notice(fonts: Any) -> None:
    notice = (SITE.parents[1] / "NOTICE").read_text("utf-8")
    for package in fonts.PACKAGES:
        ours, _ = package.takes["LICENSE"]
        assert "SIL Open Font License, Version 1.1" in " ".join((FONTS / ours).read_text("utf-8").split())
        assert ours.removesuffix("-LICENSE").replace("-", " ") in notice


def test_fonts_weigh_little() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) < 90_000


def test_there_is_one_style_sheet_and_every_page_of_ours_asks_for_it_alone() -> None:
    assert list(STATIC.rglob("*.css")) == [SHEET]
    for path in SITE.rglob("templates/**/*.html"):
        text = path.read_text("utf-8")
        sheets = re.findall(r"<link[^>]*stylesheet[^>]*>", text)
        assert all("look/look.css" in one for one in sheets), path.name
        assert "<style" not in text and not re.search(r"\sstyle=", text), path.name


def test_the_style_sheet_is_small(css: str) -> None:
    assert len(css.encode()) < MOST_BYTES


def test_the_style_sheet_is_whole_and_asks_nobody_else(css: str) -> None:
    assert css.count("{") == css.count("}")
    assert "@import" not in css
    assert all(one.startswith("fonts/") for one in re.findall(r"url\(([^)]+)\)", css))


def test_colors_stand_at_the_root_and_on_the_sheet_of_paper_alone(css: str) -> None:
    assert colors_out_of_place(css) == []


def test_yellow_marks_evidence_and_nothing_else(css: str) -> None:
    assert yellow_out_of_place(css) == []


def test_every_color_of_the_light_scheme_that_says_something_has_its_dark_twin(css: str) -> None:
    light = dict(re.findall(r"(--[a-z]+):(#[0-9a-f]+)", next(inside for one, inside in rules(css) if one == ":root")))
    dark_part = "".join(re.findall(r"prefers-color-scheme:dark\)\{(:root\{[^}]*\})", css))
    dark = dict(re.findall(r"(--[a-z]+):(#[0-9a-f]+)", dark_part))
    assert set(light) - set(dark) == {"--white"}


def luminance(color: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    whole = color[1:] if len(color) == 7 else "".join(2 * one for one in color[1:])
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_the_guideline_counts_it() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the gray that just misses


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read_on_paper_and_on_its_mark(css: str, scheme: str) -> None:
    roots = [inside for one, inside in rules(css) if one == ":root" and "--paper" in inside]
    color = dict(re.findall(r"(--[a-z]+):(#[0-9a-f]+)", roots[scheme == "dark"]))
    for ink in ("--ink", "--soft", "--link", "--bad", "--good", "--wait"):
        for ground in ("--paper", "--sheet"):
            assert contrast(color[ink], color[ground]) >= 4.5, (ink, ground)
    assert contrast(color["--ink"], color["--mark"]) >= 4.5


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (colors_out_of_place, ".box{color:#123456}"),
        (colors_out_of_place, ".page,.box{color:#fff}"),
        (colors_out_of_place, "@media print{.box{border:1px solid black}}"),
        (colors_out_of_place, ".box{background:rgb(1 2 3)}"),
        (colors_out_of_place, ":root{color:#123456}"),
        (yellow_out_of_place, ".told{background:var(--mark)}"),
        (yellow_out_of_place, ":root{--mark:#ffe14d}.told{border-color:#ffe14d}"),
        (yellow_out_of_place, "mark,.told{background:var(--mark)}"),
    ],
)
def test_a_rule_complains_of_a_sheet_with_one_wrong_line(rule: Any, wrong: str) -> None:
    assert len(rule(wrong)) == 1


@pytest.mark.parametrize(
    ("rule", "right"),
    [
        (colors_out_of_place, ":root{--ink:#000;--paper:#fff}.box{color:var(--ink)}.page{background:#fff}"),
        (colors_out_of_place, ".white-box{margin:0;white-space:normal}"),
        (yellow_out_of_place, ":root{--mark:#ffe14d}mark{background:var(--mark)}.hit{fill:#ffe14d}"),
    ],
)
def test_a_rule_does_not_complain_of_a_sheet_that_is_right(rule: Any, right: str) -> None:
    assert rule(right) == []


def test_there_is_an_icon_in_ink_with_one_yellow_mark_and_browsers_that_guess_are_led_to_it(site: Any) -> None:
    drawn = (STATIC / "look/icon.svg").read_text("utf-8")
    assert drawn.count("#ffe14d") == 1 and set(re.findall(COLOR, drawn)) == {"#fffefa", "#12161f", "#ffe14d"}
    [address] = re.findall(r'<link rel="icon" type="image/svg\+xml" href="([^"]+)">', site.get("/").content.decode())
    led = site.get("/favicon.ico")
    assert (led.status_code, led.headers["Location"]) == (302, address)
    icon = site.get(address)
    assert icon.status_code == 200 and icon.headers["Content-Type"].startswith("image/svg+xml")
