"""Tables as CSV: rows by the names of their columns; and those with places in them, as WKT or as two numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from postme import ward
from postme.errors import Damaged, Refused
from postme.reading.geojson import Row

# What programs call the column of a shape in words.
_SHAPES = ("wkt", "the_geom", "geom", "geometry", "shape", "multipolygon", "polygon", "geom_wkt")
# What programs call degrees east and north, or the two numbers of a projection.
EAST = ("longitude", "lon", "long", "lng", "x", "point_x", "x_coord", "xcoord", "easting", "east")
NORTH = ("latitude", "lat", "y", "point_y", "y_coord", "ycoord", "northing", "north")
# Chosen: the longest border of a ward, with all its islands, is some hundred thousand letters.
csv.field_size_limit(20_000_000)


def table(data: bytes, name: str) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The rows of a CSV file by the names of its columns. Lines before the first row that begin with ``#`` are remarks.

    >>> table(b"# fiction\\nward,people\\n1,900\\n", "a.csv")
    ([{'ward': '1', 'people': '900'}], ('ward', 'people'))
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    lines = text.replace("\0", "").splitlines(keepends=True)
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith("#")):
        lines.pop(0)
    if not lines:
        raise Damaged("There is no row in this table.", where=name, why="Nothing can be taken from it.", do="Save the sheet as CSV again.")  # fmt: skip
    first = lines[0]
    mark = max(",;\t|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO("".join(lines)), delimiter=mark))
    except csv.Error as flaw:
        raise Damaged("This table does not hold together.", where=name, why="Its cells cannot be told apart.", do="Save the sheet as CSV again.") from flaw  # fmt: skip
    columns = tuple(" ".join(one.split()) for one in rows[0])
    if len({one.casefold() for one in columns}) != len(columns):
        raise Damaged(
            "Two columns of this table have the same name.", where=name, why="Which of them is meant cannot be guessed.", do="Give each column a name of its own.",
        )  # fmt: skip
    empty = [""] * len(columns)
    found = [
        {column: cell.strip() for column, cell in zip(columns, [*row, *empty], strict=False)}
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
    return found, columns


def column(columns: Sequence[str], wanted: Sequence[str]) -> str:
    """The first column that bears one of some names; empty where none does.

    >>> column(("Ward", "LON"), ("longitude", "lon"))
    'LON'
    """
    known = {one.casefold().replace(" ", "_"): one for one in columns}
    return next((known[one] for one in wanted if one in known), "")


def read(data: bytes, name: str) -> tuple[list[Row], str]:
    """The places in a CSV file: from a column of WKT, or from two columns of numbers."""
    rows, columns = table(data, name)
    drawn = column(columns, _SHAPES)
    if drawn:
        return [(*_shape(row[drawn], number, name), {k: v for k, v in row.items() if k != drawn}) for number, row in enumerate(rows, 2) if row[drawn]], ""  # fmt: skip
    east, north = column(columns, EAST), column(columns, NORTH)
    if not east or not north:
        raise Refused(
            "No column of this table says where anything is.", where=name, why="Neither borders (a column 'wkt') nor spots (columns 'longitude' and 'latitude', or 'x' and 'y') are in it.",
            do=f"It has: {', '.join(columns)[:300]}. Rename the right ones.",
        )  # fmt: skip
    found: list[Row] = []
    for number, row in enumerate(rows, 2):
        if row[east] or row[north]:
            found.append(("Point", [_number(row[east], east, number, name), _number(row[north], north, number, name)], row))  # fmt: skip
    return found, ""


def _shape(said: str, number: int, name: str) -> tuple[str, object]:
    try:
        return ward.worded(said)
    except ValueError as error:
        raise Damaged(
            f"Row {number} has no shape that can be read: '{said[:40]}'.", where=name, why="A ward would be missing.", do="Write it as WKT, such as POLYGON((-93.2 44.9, …)).",
        ) from error  # fmt: skip


def _number(said: str, called: str, number: int, name: str) -> float:
    try:
        return float(said.replace(",", "") if said.count(",") and "." in said else said)
    except ValueError as error:
        raise Damaged(
            f"Row {number} has no number in the column '{called}': '{said[:40]}'.", where=name, why="Where it is cannot be said.", do="Correct or remove that row.",
        ) from error  # fmt: skip
