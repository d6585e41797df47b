"""The country's map: it shows what its table shows, hides nothing, lets a strict content policy through, and says which days change it."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import atlas
from postme.errors import WrongUse
from postme.keeping import laws, places
from postme.lawshape import SUBJECTS
from postme.office import drawing, mapping, phrases
from postme.office.mapping import Country, country
from postme.regime import Kind

SVG = "{http://www.w3.org/2000/svg}"
BOOK = laws.book()
FIRST, LAST = date(2013, 1, 1), date(2026, 11, 23)
# Three of the days that pages were looked at on, and others spread over the years.
SAMPLED = [date(2019, 6, 1), date(2021, 6, 1), LAST, *(FIRST + timedelta(days=187 * i) for i in range(27))]
days = st.dates(FIRST, date(2030, 1, 1))


@pytest.fixture(scope="module", autouse=True)
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Towns' spots take seconds to gather; they are gathered once."""
    places.where("us/mn/minneapolis")
    yield


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def drawings(found: Country) -> list[str]:
    return [found.svg, *(one.svg for one in found.insets)]


def linked(found: Country) -> list[tuple[str, str]]:
    """Every place that is drawn, with its title."""
    return [
        (str(link.get("href")), str(link.findtext(f"{SVG}title")))
        for svg in drawings(found) for link in parsed(svg).iter(f"{SVG}a") if not str(link.get("href")).startswith("#")
    ]  # fmt: skip


# --- the same on the map and in the table ----------------------------------------------------------------------------


@pytest.mark.parametrize("on", SAMPLED, ids=str)
def test_the_map_shows_each_place_of_its_table_once_and_no_other(on: date) -> None:
    found = country(on)
    drawn = sorted(href for href, _ in linked(found))
    assert drawn == sorted(row.href for row in found.rows if row.shown != "beside")
    assert len(found.rows) == len(drawn) + len(found.beside)


@pytest.mark.parametrize("on", SAMPLED[::4], ids=str)
def test_a_symbols_title_says_what_its_row_says(on: date) -> None:
    found = country(on)
    rows = {row.href: row for row in found.rows if not row.body}
    for href, title in linked(found):
        row = rows[href]
        assert title == (f"{row.name}, {row.state}: {row.says}" if row.state else f"{row.name}: {row.says}")


@pytest.mark.parametrize("on", SAMPLED, ids=str)
def test_an_inset_holds_the_places_that_the_table_sends_there(on: date) -> None:
    found = country(on)
    for one in found.insets:
        assert {row.place for row in found.rows if row.shown == one.letter} == set(one.places)
        assert f'href="#map-{one.letter.lower()}"' in found.svg
        assert parsed(one.svg).get("id") == f"map-{one.letter.lower()}"
    assert found.svg.count('href="#') == len(found.insets)


def test_every_law_is_on_the_map_or_in_the_list_on_some_day() -> None:
    seen = {id_ for change in mapping.changes() for row in country(change.on).rows for id_, _ in row.laws}
    assert seen == set(BOOK.laws)


@settings(max_examples=25, deadline=None)
@given(days, st.sampled_from((None, *SUBJECTS)))
def test_on_any_day_and_for_any_subject_map_and_table_agree(on: date, subject: str | None) -> None:
    found = country(on, subject)
    assert sorted(href for href, _ in linked(found)) == sorted(row.href for row in found.rows if row.shown != "beside")
    assert all(subject in (None, BOOK.laws[id_].subject) for row in found.rows for id_, _ in row.laws)


def test_the_table_is_in_order_of_state_and_name() -> None:
    found = [(row.state or row.name, row.state != "", row.name) for row in country(LAST).rows[1:]]
    assert found == sorted(found) and country(LAST).rows[0].place == "us"


# --- nothing hides anything ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on", SAMPLED, ids=str)
def test_no_two_symbols_overlap(on: date) -> None:
    for svg in drawings(country(on)):
        centers = [center for link in parsed(svg).iter(f"{SVG}a") if (center := middle(link))]
        for (x, y, r), (other_x, other_y, other_r) in itertools.combinations(centers, 2):
            assert math.hypot(x - other_x, y - other_y) > r + other_r - 0.2


def middle(link: ElementTree.Element) -> tuple[float, float, float] | None:
    """The middle and the reach of a symbol; none for a state, which is an outline."""
    for circle in link.iter(f"{SVG}circle"):
        return float(circle.get("cx", "")), float(circle.get("cy", "")), 9.0
    for square in link.iter(f"{SVG}rect"):
        side = float(square.get("width", ""))
        return float(square.get("x", "")) + side / 2, float(square.get("y", "")) + side / 2, side / 2
    for path in link.iter(f"{SVG}path"):
        if not str(path.get("class")).startswith("st"):
            numbers = [float(one) for one in re.findall(r"-?[\d.]+", path.get("d", ""))]
            xs, ys = numbers[::2], numbers[1::2]
            return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, (max(xs) - min(xs)) / 2
    return None


def test_the_test_for_overlap_finds_one() -> None:
    mark = drawing.Mark("us/mn/a", "A", Kind.BAN, False, False, "A", "/a/", 300.0, 300.0)
    link = parsed(
        f"<svg>{drawing._linked(mark, drawing.symbol(Kind.GATE, 300, 300, 10))}</svg>".replace("<svg>", "<svg >")
    )
    assert middle(next(link.iter(f"{SVG}a"))) == pytest.approx((300, 300, 9.5), abs=0.6)


@pytest.mark.parametrize("on", SAMPLED, ids=str)
def test_the_drawings_are_small(on: date) -> None:
    assert sum(len(one.encode()) for one in drawings(country(on))) < 70_000


# --- safe ------------------------------------------------------------------------------------------------------------


def wrong(svg: str) -> list[str]:
    """What a strict content policy would stop, and what would run."""
    found = []
    for one in parsed(svg).iter():
        if one.tag.removeprefix(SVG) not in {"svg", "title", "desc", "a", "path", "circle", "rect", "text", "g"}:
            found.append(one.tag)
        found += [name for name in one.attrib if name == "style" or name.lower().startswith("on") or ":" in name]
    return found


@pytest.mark.parametrize("on", SAMPLED[:6], ids=str)
def test_the_drawings_hold_neither_style_nor_script(on: date) -> None:
    found = country(on)
    keys = [part for swatches, _ in found.key for part in re.findall(r"<svg.*?</svg>", swatches)]
    for svg in (*drawings(found), *keys, mapping.small("us/mn/minneapolis"), mapping.small("us/vt")):
        assert wrong(svg) == []
        assert "style=" not in svg and "<script" not in svg


def test_the_test_for_safety_finds_what_is_not_safe() -> None:
    assert wrong('<svg ><path style="x"/><script/><a onclick="x"/></svg>') == ["style", f"{SVG}script", "onclick"]


HOSTILE = "\"><script>alert(1)</script><a x='&"


def test_a_hostile_name_or_translation_or_address_is_written_as_text() -> None:
    found = country(date(2021, 6, 1), link=lambda short: f"/{HOSTILE}/{short}", say=lambda text: f"{HOSTILE}{text}")
    for svg in drawings(found):
        assert wrong(svg) == []
        assert "<script" not in svg
    assert any(title and HOSTILE in title for _, title in linked(found))
    mark = drawing.Mark("us/mn/x", HOSTILE, Kind.BAN, False, False, HOSTILE, f"/{HOSTILE}", 300.0, 300.0)
    crowd = [
        drawing.Mark(f"us/mn/{i}", HOSTILE, Kind.GATE, False, False, HOSTILE, "/", 500.0 + i / 9, 300.0)
        for i in range(5)
    ]
    svg, insets = drawing.country([mark, *crowd], HOSTILE, HOSTILE, "map", "{count} {where}")
    assert len(insets) == 1
    for one in (svg, insets[0].svg, drawing.small("us/mn", 1.0, 1.0, HOSTILE)):
        assert wrong(one) == [] and "<script" not in one


def test_a_drawing_names_itself_and_its_ids_are_its_own() -> None:
    for prefix in ("map", "other"):
        found = country(LAST, prefix=prefix)
        ids = [one.get("id") for svg in drawings(found) for one in parsed(svg).iter() if one.get("id")]
        assert len(ids) == len(set(ids)) and all(str(one).startswith(f"{prefix}-") for one in ids)
        for svg in drawings(found):
            root = parsed(svg)
            assert set(str(root.get("aria-labelledby")).split()) <= set(ids)
            # An image would hide its links from a screen reader.
            assert root.get("role") == "group"


# --- the words -------------------------------------------------------------------------------------------------------


def row_of(place: str, on: date, subject: str | None = None) -> mapping.Row | None:
    return next((row for row in country(on, subject).rows if row.place == place and not row.body), None)


def test_minneapolis_is_banned_from_the_day_its_law_counts() -> None:
    first = BOOK.laws["us-mn-minneapolis-fr"].starts.exact
    assert first is not None
    before, after = row_of("us/mn/minneapolis", date(2021, 2, 11)), row_of("us/mn/minneapolis", first)
    assert before is None or before.kind is not Kind.BAN
    assert after is not None and after.kind is Kind.BAN and after.shown == "map"
    assert f"since {phrases.written(first, str)}" in after.says
    [title] = [title for href, title in linked(country(first)) if href.endswith("/minneapolis/")]
    assert title == f"Minneapolis, Minnesota: face recognition banned since {phrases.written(first, str)}"


@pytest.mark.parametrize(
    ("place", "on", "words"),
    [
        ("us/md/baltimore", date(2024, 1, 1), "from 8 September 2021 until"),
        ("us/va", date(2021, 6, 1), "face recognition banned from 1 July 2021 on"),
        ("us/ca/davis", date(2018, 6, 1), "not known whether this had begun"),
        ("us/ca/davis", date(2019, 6, 1), "since a day in 2018"),
        ("us/la/new_orleans", date(2023, 6, 1), "weakened on 4 August 2022"),
        ("us/ma/northampton", date(2024, 1, 1), "not known whether this stands: face recognition banned"),
        ("us/va", date(2026, 11, 1), "is not known"),
        ("us/ak/borough:matanuska-susitna", LAST, "license plate readers banned"),
        ("us/ny", LAST, "for "),
    ],
)
def test_a_row_says_what_stands_and_how_well_its_day_is_known(place: str, on: date, words: str) -> None:
    row = row_of(place, on)
    assert row is not None and words in row.says


def test_a_day_of_adoption_that_counts_is_said_in_how_sure_it_is() -> None:
    row = row_of("us/mn/minneapolis", LAST)
    assert row and "seen in reporting" in row.sure and "adoption" in row.sure
    other = row_of("us/or/portland", LAST)
    assert other and other.laws[0][0] == "us-or-portland-fr"


def test_an_agencys_own_law_stands_beside_the_map_under_the_agencys_name() -> None:
    [bart] = [row for row in country(LAST).rows if row.body == "bart"]
    assert bart.shown == "beside" and "Bay Area Rapid Transit" in bart.name and bart.state == "California"


def test_every_sentence_of_the_map_can_be_translated() -> None:
    asked: set[str] = set()

    def say(text: str) -> str:
        asked.add(text)
        return text

    for on in SAMPLED:
        country(on, say=say)
    for subject in SUBJECTS:
        country(LAST, subject, say=say)
    own = set(mapping.MESSAGES)
    left = (
        asked
        - own
        - {"seen in the text", "seen in reporting", "from memory", "needs a lawyer"}
        - set(laws.words().bodies.values())
    )
    assert left == set()
    assert {text for text in own if "banned since" in text} == set()


def test_a_translated_sentence_is_what_the_page_shows() -> None:
    spanish = {"face recognition banned": "reconocimiento facial prohibido", "{what} since {day}": "{what} desde el {day}", "February": "febrero", "{day} {month} {year}": "{day} de {month} de {year}"}  # fmt: skip
    found = country(date(2021, 6, 1), say=lambda text: spanish.get(text, text))
    [row] = [row for row in found.rows if row.place == "us/mn/minneapolis"]
    assert row.says == "reconocimiento facial prohibido desde el 12 de febrero de 2021"


def test_a_subject_that_no_law_has_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="no subject"):
        country(LAST, "faces")
    assert set(phrases.SUBJECTS) == set(SUBJECTS) == set(phrases.BANNED) == set(phrases.GATED) == set(phrases.LIMITED)


# --- the date moves --------------------------------------------------------------------------------------------------


def seen(on: date) -> list[tuple[str, str]]:
    return [(row.place, row.says) for row in country(on).rows]


def test_between_two_days_of_change_nothing_changes_and_on_each_something_does() -> None:
    every = [one.on for one in mapping.changes()]
    assert every == sorted(set(every)) and len(every) > 80
    for first, second in itertools.pairwise(every[::3]):
        following = next(one for one in every if one > first)
        assert seen(first) == seen(following - timedelta(days=1))
        assert second >= following


@pytest.mark.parametrize("change", mapping.changes()[::9], ids=lambda one: str(one.on))
def test_a_change_names_the_places_where_the_day_before_was_otherwise(change: mapping.Change) -> None:
    before, after = dict(seen(change.on - timedelta(days=1))), dict(seen(change.on))
    assert change.places
    assert {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)} <= set(
        change.places
    )


def test_the_page_can_step_to_the_change_before_and_after() -> None:
    found = country(date(2021, 2, 12), today=LAST)
    assert found.previous is not None and found.next is not None
    assert found.previous < date(2021, 2, 12) < found.next
    assert country(LAST, today=LAST).next is None
    assert country(date(1990, 1, 1)).previous is None
    assert [year for year, _ in found.years] == sorted({one.on.year for one in found.changes}, reverse=True)
    assert all(one.on <= LAST for one in found.changes)


@pytest.mark.parametrize("on", [date.min, date(1800, 1, 1), date.max, date(2500, 1, 1)])
def test_a_day_out_of_all_bounds_has_a_map_too(on: date) -> None:
    assert parsed(country(on).svg).tag == f"{SVG}svg"


# --- the small map ---------------------------------------------------------------------------------------------------


def test_a_small_map_has_the_states_outline_and_the_place() -> None:
    root = parsed(mapping.small("us/mn/minneapolis"))
    left, top, wide, high = map(float, str(root.get("viewBox")).split())
    [dot] = list(root.iter(f"{SVG}circle"))
    assert left < float(dot.get("cx", "")) < left + wide and top < float(dot.get("cy", "")) < top + high
    assert root.get("aria-label") == "Minneapolis, Minnesota"
    assert list(parsed(mapping.small("us/vt")).iter(f"{SVG}circle")) == []
    assert len(list(parsed(mapping.small("us/wa/county:king")).iter(f"{SVG}circle"))) == 1


def test_a_county_whose_middle_is_not_known_gets_no_dot_and_a_fictional_state_no_map() -> None:
    assert list(parsed(mapping.small("us/mn/county:hennepin")).iter(f"{SVG}circle")) == []
    assert mapping.small("us/zz/mill_falls") == "" and mapping.small("us") == ""


def test_every_town_that_a_law_is_of_lies_inside_the_box_of_its_state() -> None:
    for own in BOOK.laws.values():
        spot = mapping._spot(own.place.short) if own.place.kind == "place" else None
        if own.place.kind == "place":
            assert spot is not None, own.id
            left, top, right, bottom = drawing.outlines()["states"][f"us/{own.place.state}"]["box"]
            assert left - 1 <= spot[0] <= right + 1 and top - 1 <= spot[1] <= bottom + 1, own.id


def test_the_spot_of_a_town_is_kept_and_rubbish_in_the_cache_is_put_right(tmp_path: pytest.TempPathFactory) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    places._spots.cache_clear()
    assert places.where("us/mn/minneapolis", folder) == (-93.26384, 44.97997)
    [kept] = [one for one in folder.iterdir() if one.name.startswith("spots-")]
    for rubbish in (b"", b"[]", b"{}", b'{"us/mn/minneapolis": 7}', b'{"us/mn/x": [1, 2]}', b"\xff"):
        kept.write_bytes(rubbish)
        places._spots.cache_clear()
        assert places.where("us/mn/minneapolis", folder) == (-93.26384, 44.97997)
    assert atlas.project(*(places.where("us/ny/new_york", folder) or (0, 0))) is not None
    assert places.where("us/mn/county:hennepin", folder) is None and places.where("us/zz/mill_falls", folder) is None
