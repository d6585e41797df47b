"""Shapefiles: .shp, .dbf and .prj beside each other or in one ZIP archive."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

import shapefile

from postme.errors import Damaged, ReadingError, Refused
from postme.reading import archive
from postme.reading.content import FLAWS
from postme.reading.geojson import Row
from postme.reading.unpacking import Budget

# Chosen: the addresses of a city of a million are some 200 MB as a shapefile.
LARGEST = 400 * 1024 * 1024
_PARTS = (".shp", ".dbf", ".prj", ".shx", ".cpg")


def unpacked(data: bytes, name: str) -> dict[str, bytes]:
    """What of a ZIP archive belongs to a map's file, by its name. Raises for a bomb and for what is damaged."""
    budget = Budget()
    budget.left = LARGEST
    found: dict[str, bytes] = {}
    for label, inside in archive.members(data, name, budget):
        if isinstance(inside, ReadingError):
            raise inside
        if label.lower().endswith((*_PARTS, ".geojson", ".json", ".csv")) and not label.lower().endswith(".shp.xml"):
            found[label] = inside
    return found


def read(files: Mapping[str, bytes], name: str) -> tuple[list[Row], str]:
    """The features of the one shapefile among some files, and the text of its .prj."""
    by_end: dict[str, list[str]] = {end: [one for one in files if one.lower().endswith(end)] for end in _PARTS}
    if len(by_end[".shp"]) != 1:
        raise Refused(
            f"There are {len(by_end['.shp'])} shapefiles in it: {', '.join(one.rpartition('/')[2] for one in by_end['.shp'])[:300]}.", where=name, why="Which of them is meant cannot be guessed.",
            do="Bring one .shp with its .dbf and .prj.",
        )  # fmt: skip
    [main] = by_end[".shp"]
    stem = main[:-4].lower()
    own = {end: next((files[one] for one in several if one[: -len(end)].lower() == stem), None) for end, several in by_end.items()}  # fmt: skip
    if own[".dbf"] is None:
        raise Refused(
            "The .dbf file is missing beside the .shp.", where=name, why="The names stand in it.", do="Bring .shp, .dbf and .prj together, best as one ZIP archive.",
        )  # fmt: skip
    projection = _text(own[".prj"] or b"")
    encoding = _encoding(own[".cpg"])
    try:
        return _rows(files[main], own[".dbf"], encoding), projection
    except (shapefile.ShapefileException, *FLAWS) as flaw:
        if encoding != "latin-1" and _undecodable(flaw):  # an old program's table, which tells no encoding
            return _again(files[main], own[".dbf"], name), projection
        raise _damaged(name) from flaw


def _undecodable(flaw: BaseException | None) -> bool:
    while flaw is not None:
        if isinstance(flaw, UnicodeDecodeError) or "decode" in str(flaw):
            return True
        flaw = flaw.__cause__ or flaw.__context__
    return False


def _again(main: bytes, table: bytes, name: str) -> list[Row]:
    try:
        return _rows(main, table, "latin-1")
    except (shapefile.ShapefileException, *FLAWS) as flaw:
        raise _damaged(name) from flaw


def _damaged(name: str) -> Damaged:
    return Damaged(
        "The shapefile is cut off or damaged.", where=name, why="No border in it can be trusted.", do="Download it again, with all of its parts.",
    )  # fmt: skip


def _rows(main: bytes, table: bytes, encoding: str) -> list[Row]:
    # Without .shx the shapes are read one after the other, which is all that is needed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with shapefile.Reader(shp=io.BytesIO(main), dbf=io.BytesIO(table), encoding=encoding) as reader:
            columns = [field[0] for field in reader.fields if field[0] != "DeletionFlag"]
            found: list[Row] = []
            for one in reader.iterShapeRecords():
                if one.shape.shapeType == shapefile.NULL:
                    continue
                drawn = one.shape.__geo_interface__
                said = {column: _said(value) for column, value in zip(columns, one.record, strict=False)}
                found.append((str(drawn["type"]), drawn["coordinates"], said))
            return found


def _said(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return "" if value is None else str(value).strip()


def _encoding(told: bytes | None) -> str:
    said = _text(told or b"").strip().lower()
    try:
        "".encode(said or "utf-8")
    except LookupError:
        return "utf-8"
    return said or "utf-8"


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace").replace("\0", "")[:20_000]
