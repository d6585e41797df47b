"""``postme wards``: what it says, what it loads, and how it ends where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import postme
from postme.commands import main
from postme.office import wards

FILES = Path(postme.__file__).parent / "examples/mill-falls/town"
PLACE = "us/zz/mill_falls"


def run(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["wards", *map(str, words), "--data", str(folder)])


def test_wards_and_then_addresses_are_loaded(tmp_path: Path) -> None:
    done = run(tmp_path, FILES / "wards.geojson", "--town", PLACE, "--source", "The clerk")
    assert (done.exit_code, "5 wards loaded: 1, 2, 3, 4, 5." in done.output) == (0, True)
    done = run(tmp_path, FILES / "addresses.csv", "--addresses", "--town", PLACE)
    assert (done.exit_code, "66 addresses loaded." in done.output) == (0, True)
    assert wards.kept(tmp_path, PLACE).source.startswith("The clerk · wards.geojson")
    assert isinstance(wards.ward_of(tmp_path, PLACE, "12 Weir St"), wards.Found)


def test_a_look_loads_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, FILES / "wards.geojson", "--town", PLACE, "--look")
    assert "5 wards would be loaded" in done.output
    assert wards.kept(tmp_path, PLACE).wards == ()


@pytest.mark.parametrize(
    ("file", "more", "status", "words"),
    [
        ("wards.geojson", ("--town", "us/mn/minneapolis"), 2, "km from Minneapolis"),
        ("wards.geojson", ("--town", "us/mn/minneapolisss"), 2, "No place 'us/mn/minneapolisss' is known"),
        ("wards.geojson", ("--town", PLACE, "--name", "precinct"), 2, "no column 'precinct'. The wards would have no names. It has: ward."),
        ("wards.geojson", ("--town", PLACE, "--addresses"), 2, "There is no spot in this file"),
        ("addresses.csv", ("--town", PLACE), 2, "There is no area in this file; it holds Point"),
        ("people.csv", ("--town", PLACE), 1, "No column of this table says where anything is"),
        ("nothing.zip", ("--town", PLACE), 2, "There is no such file"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_and_nothing_is_loaded(
    tmp_path: Path, file: str, more: tuple[str, ...], status: int, words: str
) -> None:
    done = run(tmp_path, FILES / file, *more)
    assert done.exit_code == status
    assert words in done.output
    assert wards.kept(tmp_path, PLACE).wards == ()


def test_the_parts_beside_a_shapefile_are_found(tmp_path: Path) -> None:
    import shapefile

    with shapefile.Writer(str(tmp_path / "w")) as writer:
        writer.field("WARD", "C", 10)
        writer.poly([[[0, 0], [0, 0.01], [0.01, 0.01], [0.01, 0], [0, 0]]])
        writer.record("9")
    assert "1 ward loaded: 9." in run(tmp_path / "data", tmp_path / "w.shp", "--town", PLACE).output
