"""The map: spots fall where d3-geo puts them, and symbols and names never lie on one another."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postme import atlas
from postme.atlas import Spot

KNOWLEDGE = Path(atlas.__file__).parent / "knowledge" / "places" / "states.json"
STATES = json.loads(KNOWLEDGE.read_text(encoding="utf-8"))

# Source: d3-geo 3.1.1 under Node, geoAlbersUsa().scale(1300).translate([487.5, 305]), run once for this table.
GOLDEN = {
    "Minneapolis": ((-93.26384, 44.97997), (541.8692849894582, 160.95216886913454)),
    "New York": ((-74.00597, 40.71427), (869.7115476405585, 215.70766144572508)),
    "San Francisco": ((-122.41942, 37.77493), (34.840940311537224, 261.43478181564774)),
    "Seattle": ((-122.33207, 47.60621), (97.62547302443892, 46.31856885085904)),
    "Miami": ((-80.19366, 25.77427), (822.6537104482843, 572.2686099762194)),
    "Anchorage": ((-149.90028, 61.21806), (112.27752328171613, 544.2782297412753)),
    "Juneau": ((-134.41972, 58.30194), (176.93685054904194, 556.0835054195004)),
    "Honolulu": ((-157.85833, 21.30694), (266.95931121015326, 549.1894695333958)),
    "Hilo": ((-155.08167, 19.72991), (326.3307077171384, 584.6688684635385)),
    "Caribou": ((-68.01197, 46.8606), (927.7721171522295, 55.230136246307666)),
    "Attu, over the date line": ((173.18, 52.93), (-54.596502444113455, 572.5282152051352)),
}
NOWHERE = {"San Juan": (-66.10572, 18.46633), "Guam": (144.79, 13.47), "London": (-0.12, 51.5)}


# --- the projection --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_a_spot_falls_where_another_implementation_puts_it(name: str) -> None:
    degrees, expected = GOLDEN[name]
    found = atlas.project(*degrees)
    assert found is not None
    assert math.dist(found, expected) < 1e-6


@pytest.mark.parametrize("name", NOWHERE)
def test_a_spot_that_the_map_does_not_reach_is_none(name: str) -> None:
    assert atlas.project(*NOWHERE[name]) is None


@pytest.mark.parametrize("wrong", [(math.nan, 40.0), (-90.0, math.nan), (math.inf, 40.0), (-90.0, 91.0), (-90.0, -1e9)])
def test_what_is_no_spot_is_none(wrong: tuple[float, float]) -> None:
    assert atlas.project(*wrong) is None


@given(st.floats(-1e4, 1e4), st.floats(-90, 90))
def test_every_spot_on_the_map_lies_on_the_map(lon: float, lat: float) -> None:
    found = atlas.project(lon, lat)
    # Alaska's part begins to the left of the sheet, as d3's does.
    assert found is None or (-66 <= found[0] <= 1080 and -5 <= found[1] <= 615)


@pytest.mark.parametrize(
    ("name", "state"), [("Minneapolis", "us/mn"), ("Anchorage", "us/ak"), ("Honolulu", "us/hi"), ("Caribou", "us/me")]
)
def test_a_town_falls_inside_its_own_state_and_outside_another(name: str, state: str) -> None:
    x, y = GOLDEN[name][1]
    assert inside(x, y, state)
    assert not inside(x, y, "us/ks")


def inside(x: float, y: float, state: str) -> bool:
    """By the even-odd rule, over all rings."""
    odd = False
    for ring in atlas.rings(STATES["states"][state]["d"]):
        for (ax, ay), (bx, by) in itertools.pairwise((*ring, ring[0])):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                odd = not odd
    return odd


# --- the outlines ----------------------------------------------------------------------------------------------------


def test_the_outlines_are_those_of_fifty_states_and_the_district_and_small() -> None:
    assert len(STATES["states"]) == 51 and {"us/dc", "us/ak", "us/hi"} <= set(STATES["states"])
    assert KNOWLEDGE.stat().st_size < 60_000
    assert STATES["license"] == "ISC" and (KNOWLEDGE.parent / "LICENSE-us-atlas").read_text().startswith("Copyright")


@pytest.mark.parametrize("state", STATES["states"])
def test_an_outline_is_closed_has_only_steps_and_fills_its_box(state: str) -> None:
    entry = STATES["states"][state]
    assert re.fullmatch(r"(?:M[-\d.]+,?[-\d.]+l[-\d., ]+Z)+", entry["d"])
    rings = atlas.rings(entry["d"])
    xs, ys = [x for ring in rings for x, _ in ring], [y for ring in rings for _, y in ring]
    assert [min(xs), min(ys), max(xs), max(ys)] == pytest.approx(entry["box"], abs=0.11)


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=12))
def test_what_is_cut_lies_inside_the_frame(ring: list[tuple[float, float]]) -> None:
    found = atlas.cut(ring, (-10, -10, 10, 10))
    assert all(-10.000001 <= x <= 10.000001 and -10.000001 <= y <= 10.000001 for x, y in found)


def test_a_line_wholly_inside_is_left_as_it_is_and_one_outside_is_gone() -> None:
    ring = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]
    assert sorted(atlas.cut(ring, (0, 0, 5, 5))) == sorted(ring)
    assert atlas.cut(ring, (3, 3, 5, 5)) == []


# --- crowds ----------------------------------------------------------------------------------------------------------

RADIUS, LETTER = 10.0, 21.0
spots_of = st.lists(
    st.tuples(st.floats(40, 900), st.floats(40, 560)), min_size=0, max_size=14
).map(lambda every: [Spot(f"s{i:02}", x, y) for i, (x, y) in enumerate(every)])  # fmt: skip
crowded_spots = st.lists(
    st.tuples(st.floats(400, 470), st.floats(200, 260)), min_size=1, max_size=14
).map(lambda every: [Spot(f"s{i:02}", x, y) for i, (x, y) in enumerate(every)])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.one_of(spots_of, crowded_spots))
def test_no_two_symbols_overlap_and_each_spot_is_drawn_once(spots: list[Spot]) -> None:
    groups = atlas.grouped(spots, RADIUS, LETTER)
    assert sorted(one.id for group in groups for one in group.spots) == sorted(one.id for one in spots)
    for one, other in itertools.combinations(groups, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) >= one.radius + other.radius + atlas.GAP - 0.06


@settings(max_examples=60, deadline=None)
@given(st.one_of(spots_of, crowded_spots))
def test_a_symbol_that_steps_aside_still_covers_its_spot(spots: list[Spot]) -> None:
    for group in atlas.grouped(spots, RADIUS, LETTER):
        if not group.crowd:
            assert math.dist((group.x, group.y), (group.spots[0].x, group.spots[0].y)) <= RADIUS + 1e-6


def test_spots_that_are_far_apart_stay_where_they_are() -> None:
    spots = [Spot("a", 100, 100), Spot("b", 200, 100)]
    assert [(one.x, one.y) for one in atlas.grouped(spots, RADIUS, LETTER)] == [(100, 100), (200, 100)]


def test_spots_on_one_spot_are_a_crowd_however_many() -> None:
    [group] = atlas.grouped([Spot(f"s{i}", 300, 300) for i in range(9)], RADIUS, LETTER)
    assert group.crowd and group.radius == LETTER


@settings(max_examples=40, deadline=None)
@given(crowded_spots, st.lists(st.text("abcdefgh ", min_size=3, max_size=22), min_size=14, max_size=14))
def test_in_an_inset_no_symbol_and_no_name_lies_on_another_and_all_lie_inside(
    spots: list[Spot], texts: list[str]
) -> None:
    names = {one.id: text for one, text in zip(spots, texts, strict=False)}
    size, radius, width, height = 14.0, 9.0, 320.0, 400.0
    found = atlas.inset(spots, names, width, height, radius, size)
    assert sorted(one.id for one in found.labels) == sorted(one.id for one in spots)
    boxes = []
    for one in found.labels:
        long = len(names[one.id]) * size * 0.58
        left = {"start": one.text_x, "end": one.text_x - long, "middle": one.text_x - long / 2}[one.anchor]
        boxes.append((left, one.text_y - size * 0.7, left + long, one.text_y + size * 0.2))
    for one, other in itertools.combinations(found.labels, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) >= 2 * radius
    for box, other_box in itertools.combinations(boxes, 2):
        assert box[0] >= other_box[2] or other_box[0] >= box[2] or box[1] >= other_box[3] or other_box[1] >= box[3]
    for box, one in itertools.product(boxes, found.labels):
        away = max(box[0] - one.x, 0, one.x - box[2]), max(box[1] - one.y, 0, one.y - box[3])
        assert math.hypot(*away) >= radius - 0.1
    for box, own in zip(boxes, found.labels, strict=True):  # a name is read as that of the symbol nearest to it
        away = {
            one.id: math.hypot(max(box[0] - one.x, 0, one.x - box[2]), max(box[1] - one.y, 0, one.y - box[3]))
            for one in found.labels
        }
        assert min(away, key=away.__getitem__) == own.id
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height for box in boxes)
    assert all(radius <= one.x <= width - radius and radius <= one.y <= height - radius for one in found.labels)
