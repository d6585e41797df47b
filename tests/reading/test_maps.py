"""Maps that clerks bring: GeoJSON, shapefiles and CSV give the same wards; what cannot be right is refused with what was seen and what to do."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from typing import Any

import pytest
import shapefile
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from postme import ward
from postme.errors import Damaged, Locked, PostmeError, ReadingError, Refused, TooLarge
from postme.reading import cells, maps

# Three squares of a hundredth of a degree, side by side, in Minneapolis.
WEST, SOUTH = -93.30, 44.95
UTM = "EPSG:26915"


def squares(count: int = 3) -> list[tuple[str, list[list[float]]]]:
    found = []
    for i in range(count):
        x, y = WEST + 0.01 * i, SOUTH
        found.append((str(i + 1), [[x, y], [x, y + 0.01], [x + 0.01, y + 0.01], [x + 0.01, y], [x, y]]))
    return found


def in_meters(ring: list[list[float]]) -> list[list[float]]:
    turn = Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    return [list(turn.transform(x, y)) for x, y in ring]


def geojson(rings: Any = None, **more: Any) -> bytes:
    features = [
        {"type": "Feature", "properties": {"WARD": name, "pop": 9}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in (squares() if rings is None else rings)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def parts(rings: Any = None, prj: str | None = "EPSG:4269", name: str = "Wards", names: str = "Ward {}") -> dict[str, bytes]:  # fmt: skip
    shp, dbf, shx = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shp, dbf=dbf, shx=shx, encoding="utf-8") as writer:
        writer.field("WARD", "C", 20)
        for own, ring in squares() if rings is None else rings:
            writer.poly([ring])
            writer.record(names.format(own))
    found = {f"{name}.shp": shp.getvalue(), f"{name}.dbf": dbf.getvalue(), f"{name}.shx": shx.getvalue()}
    if prj:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[f"{name}.prj"] = CRS.from_user_input(prj).to_wkt("WKT1_ESRI").encode()
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def wkt(rings: Any = None) -> bytes:
    rows = [f'{name},"POLYGON(({", ".join(f"{x} {y}" for x, y in ring)}))"' for name, ring in (squares() if rings is None else rings)]  # fmt: skip
    return "\n".join(["ward,the_geom", *rows]).encode()


METERS = [(name, in_meters(ring)) for name, ring in squares()]
CRS_MEMBER = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26915"}}}
GOOD: dict[str, dict[str, bytes]] = {
    "GeoJSON": {"w.geojson": geojson()},
    "GeoJSON under .json with a mark at its start": {"w.json": b"\xef\xbb\xbf" + geojson()},
    "older GeoJSON in meters that tells its projection": {"w.geojson": geojson(METERS, **CRS_MEMBER)},
    "a shapefile in a ZIP": {"w.zip": zipped(parts())},
    "a shapefile in a folder of a ZIP, beside a note": {"w.zip": zipped({f"out/{k}": v for k, v in parts().items()} | {"out/readme.txt": b"hello", "__MACOSX/._Wards.shp": b"x"})},
    "a shapefile in meters with its .prj": {"w.zip": zipped(parts(METERS, UTM))},
    "the parts of a shapefile side by side": parts(),
    "a shapefile without .shx": {k: v for k, v in parts().items() if not k.endswith(".shx")},
    "CSV with WKT": {"w.csv": wkt()},
    "CSV with a remark and semicolons": {"w.csv": b"# from the clerk\n" + wkt().replace(b",the_geom", b";the_geom").replace(b',"', b';"')},
    "GeoJSON alone in a ZIP": {"w.zip": zipped({"w.geojson": geojson()})},
}  # fmt: skip


@pytest.mark.parametrize("what", GOOD)
def test_the_same_wards_come_out_of(what: str) -> None:
    layer = maps.read(GOOD[what])
    made = ward.drawn(layer)
    assert [one.name for one in made.wards] == ["1", "2", "3"]
    for i in range(3):
        assert ward.of(made.wards, WEST + 0.01 * i + 0.005, SOUTH + 0.005).name == str(i + 1)  # type: ignore[union-attr]
    assert len(layer.sha256) == 64
    assert any("into longitude and latitude" in one for one in layer.told) == ("meters" in what)


def test_a_projection_that_is_named_by_hand_is_taken() -> None:
    made = ward.drawn(maps.read({"w.geojson": geojson(METERS)}, crs=UTM))
    assert ward.of(made.wards, WEST + 0.005, SOUTH + 0.005).name == "1"  # type: ignore[union-attr]


def test_a_member_of_a_table_in_another_encoding_is_read() -> None:
    files = parts(names="Peña {}")
    files["Wards.dbf"] = files["Wards.dbf"].replace("Peña".encode(), "Peña".encode("latin-1") + b" ")
    assert "Peña" in maps.read(files).features[0].properties["WARD"]


def _bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.shp", bytes(100_000_000))
    return made.getvalue()


def _locked() -> bytes:
    data = bytearray(zipped({"w.shp": b"x" * 50}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


TURNED = [(name, [[y, x] for x, y in ring]) for name, ring in squares()]
WITHOUT_NUMBER = geojson([("1", [[WEST, SOUTH], [float("nan"), SOUTH], [WEST, SOUTH + 1], [WEST, SOUTH]])])
# The museum: each with how it ends, and the words that its message must say.
BROKEN: dict[str, tuple[dict[str, bytes], type[ReadingError], str]] = {
    "meters without a projection": ({"w.geojson": geojson(METERS)}, Refused, "Its coordinates are no longitude and latitude: the first number runs from 476,"),
    "a shapefile in meters without .prj": ({"w.zip": zipped(parts(METERS, None))}, Refused, "Bring the .prj file with it"),
    "feet that are told as degrees": ({"w.zip": zipped(parts([("1", [[520000.0, 160000.0], [521000.0, 160000.0], [521000.0, 161000.0], [520000.0, 160000.0]])], "EPSG:4326"))}, Refused, "no longitude and latitude"),
    "longitude and latitude turned around": ({"w.geojson": geojson(TURNED)}, Refused, "stand in each other's place"),
    "a projection that nobody knows": ({"w.geojson": geojson(METERS, crs={"type": "name", "properties": {"name": "EPSG:999999"}})}, Damaged, "a projection that nobody here knows"),
    "a projection told by a link": ({"w.geojson": geojson(METERS, crs={"type": "link", "properties": {"href": "http://x"}})}, Refused, "in a way that is not understood"),
    "a .prj of nonsense": ({**parts(METERS), "Wards.prj": b"PROJCS[oh no"}, Damaged, "a projection that nobody here knows"),
    "the wrong .prj": ({"w.zip": zipped(parts([("1", [[9e7, 9e7], [9.1e7, 9e7], [9.1e7, 9.1e7], [9e7, 9e7]])], UTM))}, Refused, "lie nowhere on the earth"),
    "nothing": ({"w.geojson": b""}, Damaged, "The file is empty"),
    "no file": ({}, Damaged, "The file is empty"),
    "no features": ({"w.geojson": b'{"type":"FeatureCollection","features":[]}'}, Damaged, "not one shape"),
    "features without a shape": ({"w.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}'}, Damaged, "not one shape"),
    "JSON that is no GeoJSON": ({"w.json": b'{"wards": [1, 2]}'}, Damaged, "no GeoJSON"),
    "a list": ({"w.json": b"[1, 2]"}, Damaged, "no GeoJSON"),
    "half a GeoJSON": ({"w.geojson": geojson()[:300]}, Damaged, "does not hold together"),
    "TopoJSON": ({"w.json": b'{"type":"Topology","objects":{}}'}, Refused, "TopoJSON"),
    "a ring that is words": ({"w.geojson": b'{"type":"Polygon","coordinates":[["a","b"]]}'}, Damaged, "no pair of numbers"),
    "a coordinate that is true": ({"w.geojson": b'{"type":"Point","coordinates":[true,1]}'}, Damaged, "no pair of numbers"),
    "a coordinate without end": ({"w.geojson": b'{"type":"Point","coordinates":[1e999,1]}'}, Damaged, "no pair of numbers"),
    "a coordinate of a thousand digits": ({"w.geojson": b'{"type":"Point","coordinates":[1' + b"0" * 1000 + b",1]}"}, Damaged, "no pair of numbers"),
    "a coordinate that is no number": ({"w.geojson": WITHOUT_NUMBER}, Damaged, "no pair of numbers"),
    "coordinates nested without end": ({"w.geojson": b'{"type":"Polygon","coordinates":' + b"[" * 60 + b"1,2" + b"]" * 60 + b"}"}, Damaged, "no pair of numbers"),
    "brackets without end": ({"w.geojson": b"[" * 200_000}, Damaged, "does not hold together"),
    "a ZIP bomb": ({"w.zip": _bomb()}, TooLarge, "times its packed size"),
    "a ZIP that asks for a password": ({"w.zip": _locked()}, Locked, "password"),
    "half a ZIP": ({"w.zip": zipped(parts())[:400]}, Damaged, "cut off or damaged"),
    "a ZIP that is none": ({"w.zip": b"hello"}, Damaged, "no ZIP archive"),
    "a ZIP without a map": ({"w.zip": zipped({"readme.txt": b"hello"})}, Refused, "no shapefile in this archive"),
    "two shapefiles in a ZIP": ({"w.zip": zipped({**parts(name="old"), **parts(name="new")})}, Refused, "There are 2 shapefiles"),
    "a .shp alone": ({"w.shp": parts()["Wards.shp"]}, Refused, "The .dbf file is missing"),
    "a .shp cut off": ({**parts(), "Wards.shp": parts()["Wards.shp"][:150]}, Damaged, "cut off or damaged"),
    "a .shp of nonsense": ({**parts(), "Wards.shp": b"nonsense" * 40}, Damaged, "cut off or damaged"),
    "a .dbf of nonsense": ({**parts(), "Wards.dbf": b"nonsense" * 3}, Damaged, "cut off or damaged"),
    "a .prj alone": ({"w.prj": b"GEOGCS"}, Refused, "part of a shapefile"),
    "KML": ({"w.kml": b"<kml/>"}, Refused, "KML is not read"),
    "an Excel workbook": ({"w.xlsx": zipped({"a": b"b"})}, Refused, "workbook is not read"),
    "a PDF": ({"w.pdf": b"%PDF-1.7"}, Refused, "no borders that can be computed"),
    "a program": ({"w.exe": b"MZ"}, Refused, "What kind of file this is cannot be told"),
    "CSV without places": ({"w.csv": b"ward,people\n1,900\n"}, Refused, "No column of this table says where anything is"),
    "CSV with a word for a number": ({"w.csv": b"address,lon,lat\n1 Main St,-93.2,north\n"}, Damaged, "Row 2 has no number in the column 'lat': 'north'"),
    "CSV with broken WKT": ({"w.csv": b"ward,wkt\n1,POLYGON((0 0\n"}, Damaged, "Row 2 has no shape"),
    "CSV with an empty shape": ({"w.csv": b"ward,wkt\n1,POLYGON EMPTY\n"}, Damaged, "Row 2 has no shape"),
    "CSV with nothing but a remark": ({"w.csv": b"# nothing\n"}, Damaged, "no row in this table"),
    "CSV with a column twice": ({"w.csv": b"x,y,X\n1,2,3\n"}, Damaged, "Two columns of this table have the same name"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_refused_with_what_was_seen_and_what_to_do(what: str) -> None:
    files, kind, words = BROKEN[what]
    with pytest.raises(kind) as refused:
        maps.read(files)
    assert words in str(refused.value)
    assert refused.value.do and refused.value.why


@given(st.sampled_from(sorted(GOOD)), st.integers(0, 4000), st.integers(1, 40), st.binary(max_size=6))
def test_good_maps_with_bytes_changed_give_wards_or_a_reason(what: str, at: int, gone: int, put: bytes) -> None:
    files = dict(GOOD[what])
    name = max(files, key=lambda one: len(files[one]))
    files[name] = files[name][:at] + put + files[name][at + gone :]
    try:
        ward.drawn(maps.read(files))
    except PostmeError as error:
        assert error.what


def test_a_remark_in_the_middle_of_a_table_is_a_row() -> None:
    rows, _ = cells.table(b"# one\n# two\nward,people\n1,9\n# three,8\n", "a.csv")
    assert [row["ward"] for row in rows] == ["1", "# three"]


def test_a_short_row_has_empty_cells_and_a_long_one_loses_what_has_no_column() -> None:
    rows, _ = cells.table(b"a,b\n1\n1,2,3\n", "a.csv")
    assert rows == [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]
