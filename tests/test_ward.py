"""Wards: each spot lies in one at the most, borders are mended and said, and a map that cannot be right is refused in words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import ward
from postme.errors import WrongUse
from postme.ward import Feature, Layer

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def ring(x: float, y: float, wide: float = 0.01, high: float = 0.01) -> list[list[float]]:
    return [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high], [x, y]]


def layer(*features: tuple[dict[str, str], str, Any], columns: tuple[str, ...] = ("ward",)) -> Layer:
    return Layer("wards.geojson", "0" * 64, tuple(Feature(kind, drawn, said) for said, kind, drawn in features), columns)  # fmt: skip


def squares(*names: str, column: str = "ward") -> Layer:
    """Squares side by side, each with its name."""
    return layer(*(({column: name}, "Polygon", [ring(0.01 * i, 0)]) for i, name in enumerate(names)), columns=(column,))


# A grid whose corners are moved about: every spot of it lies in one cell, by construction.
@st.composite
def towns(draw: Any) -> tuple[Layer, int, int]:
    across, up = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    moved = st.floats(-0.3, 0.3)
    corner = {
        (i, j): ((i + (draw(moved) if 0 < i < across else 0)) / 100, (j + (draw(moved) if 0 < j < up else 0)) / 100)
        for i in range(across + 1)
        for j in range(up + 1)
    }
    cells = []
    for i in range(across):
        for j in range(up):
            points = [corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1], corner[i, j]]
            cells.append(({"ward": str(len(cells) + 1)}, "Polygon", [[list(point) for point in points]]))
    return layer(*cells), across, up


@given(towns(), st.floats(0, 1), st.floats(0, 1))
def test_a_spot_in_the_town_lies_in_exactly_one_ward(town: tuple[Layer, int, int], x: float, y: float) -> None:
    made, across, up = ward.drawn(town[0]), town[1], town[2]
    spot = x * across / 100, y * up / 100
    found = ward.of(made.wards, *spot)
    assert found is not None
    # Whoever lies inside another too, and not on a border, would be in two.
    inside = [one.name for one in made.wards if ray(one, spot)]
    assert len(inside) <= 1
    assert not inside or inside == [found.name]


def ray(one: ward.Ward, spot: tuple[float, float], least: float = 1e-9) -> bool:
    """Whether a spot lies within a ward and off its border: an old way to find out, by counting the borders to the east."""
    x, y = spot
    points = list(one.area.exterior.coords)
    odd = False
    for (x1, y1), (x2, y2) in pairwise(points):
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        if length and abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length < least:
            return False
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def test_what_was_kept_of_wards_gives_the_same_wards_again() -> None:
    made = ward.drawn(squares("1", "2", "10"))
    again = ward.again([(one.name, one.geojson) for one in made.wards])
    assert [one.name for one in again] == ["1", "2", "10"]
    assert [one.area.equals(other.area) for one, other in zip(made.wards, again, strict=True)] == [True] * 3


def test_wards_stand_in_the_order_in_which_people_count() -> None:
    assert [one.name for one in ward.drawn(squares("Ward 10", "Ward 2", "Ward 1")).wards] == ["1", "2", "10"]


def test_a_border_that_crosses_itself_is_mended_and_said() -> None:
    bow = [[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]
    made = ward.drawn(layer(({"ward": "1"}, "Polygon", [bow]), ({"ward": "2"}, "Polygon", [ring(0.02, 0)])))
    assert any("ward 1 was mended (self-intersection" in one for one in made.told)
    assert all(one.area.is_valid for one in made.wards)


def test_a_straight_border_needs_no_mending_and_none_is_said() -> None:
    assert ward.drawn(squares("1", "2")).told == ()


def test_a_ward_in_two_parts_is_joined_and_said() -> None:
    made = ward.drawn(layer(({"ward": "1"}, "Polygon", [ring(0, 0)]), ({"ward": "1"}, "Polygon", [ring(0.05, 0)])))
    assert [one.name for one in made.wards] == ["1"]
    assert "Ward 1 comes in 2 parts; they were joined." in made.told
    assert ward.of(made.wards, 0.055, 0.005) is not None
    assert ward.of(made.wards, 0.03, 0.005) is None


def test_heights_in_a_file_are_left_out() -> None:
    high = [[x, y, 300.0] for x, y in ring(0, 0)]
    assert "300" not in ward.drawn(layer(({"ward": "1"}, "Polygon", [high]))).wards[0].geojson


def test_a_hole_between_wards_is_said() -> None:
    frame = ({"ward": "1"}, "Polygon", [ring(0, 0, 0.05, 0.05), ring(0.02, 0.02)])
    assert any("belongs to none" in one for one in ward.drawn(layer(frame)).told)


REFUSED = {
    "overlap": (layer(({"ward": "1"}, "Polygon", [ring(0, 0)]), ({"ward": "2"}, "Polygon", [ring(0.005, 0)])), "", "Wards 1 and 2 overlap"),
    "no area": (layer(({"ward": "1"}, "LineString", ring(0, 0))), "", "There is no area in this file; it holds LineString"),
    "only points": (layer(({"ward": "1"}, "Point", [0, 0])), "", "it holds Point"),
    "no names": (layer(({"shape_area": "12"}, "Polygon", [ring(0, 0)]), columns=("shape_area",)), "", "No column of this file is known to hold the names of wards"),
    "a column that is not there": (squares("1"), "precinct", "no column 'precinct'"),
    "a name that is empty": (squares("1", ""), "ward", "1 of 2 areas have nothing in the column 'ward'"),
    "no area at all": (layer(({"ward": "1"}, "Polygon", [[[0, 0], [1, 1], [2, 2], [0, 0]]])), "", "Ward 1 has no area"),
    "a ring of two": (layer(({"ward": "1"}, "Polygon", [[[0, 0], [1, 1]]])), "", "The border of ward 1 cannot be drawn"),
    "precincts": (squares(*(str(i) for i in range(ward.MOST + 1))), "", "no council has more than"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_map_is_refused_that_has(what: str) -> None:
    drawn, column, words = REFUSED[what]
    with pytest.raises(WrongUse) as refused:
        ward.drawn(drawn, column)
    assert words in str(refused.value)
    assert refused.value.why and refused.value.do


def test_the_same_map_with_its_column_named_is_taken() -> None:
    drawn = layer(({"precinct": "9"}, "Polygon", [ring(0, 0)]), columns=("precinct",))
    assert [one.name for one in ward.drawn(drawn, "PRECINCT").wards] == ["9"]


def test_a_sliver_along_a_border_is_said_and_taken() -> None:
    made = ward.drawn(layer(({"ward": "1"}, "Polygon", [ring(0, 0)]), ({"ward": "2"}, "Polygon", [ring(0.00999, 0)])))
    assert any("overlap by a sliver" in one for one in made.told)
    assert ward.of(made.wards, 0.009995, 0.005).name == "1"  # type: ignore[union-attr]


def test_a_spot_without_number_lies_nowhere() -> None:
    made = ward.drawn(squares("1"))
    assert ward.of(made.wards, float("nan"), 0.0) is None
    assert ward.of(made.wards, float("inf"), 0.0) is None


def test_an_area_is_that_of_a_sphere_within_a_hundredth() -> None:
    # Source: a cell of 0.1 by 0.1 degrees at 45 degrees north is 87.6 square kilometers on the WGS 84 ellipsoid.
    [one] = ward.drawn(layer(({"ward": "1"}, "Polygon", [ring(-93, 44.95, 0.1, 0.1)]))).wards
    assert ward.square_meters(one.area) / 1e6 == pytest.approx(87.6, rel=0.01)


def test_the_drawing_lies_within_its_frame_and_each_name_within_its_ward() -> None:
    made = ward.drawn(squares("1", "2", "3"))
    for path, (x, y) in ward.paths(made.wards, 300, 200):
        points = [tuple(map(float, pair.split(","))) for pair in path.strip("MZ").split()]
        assert all(-0.1 <= a <= 300.1 and -0.1 <= b <= 200.1 for a, b in points)
        assert min(a for a, _ in points) < x < max(a for a, _ in points)
        assert min(b for _, b in points) < y < max(b for _, b in points)
