"""Files with places in them, as a clerk brings them: one table of formats, each with its reader, or why it is not read.

>>> layer = read({"w.csv": b"ward,wkt\\n1,\\"POLYGON((0 0,1 0,1 1,0 0))\\"\\n"})
>>> [(one.kind, one.properties["ward"]) for one in layer.features]
[('Polygon', '1')]
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from postme.errors import Damaged, Refused, TooLarge
from postme.reading import cells, geojson, projecting, shapefiles
from postme.reading.geojson import Row
from postme.ward import Feature, Layer

# Chosen: the addresses of a city of a million, as text, are some 150 MB.
LARGEST = 300 * 1024 * 1024
# Each format by its endings: what it is called, and why it is not read where it is not.
FORMATS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("GeoJSON", (".geojson", ".json"), ""),
    ("shapefile", (".zip", ".shp"), ""),
    ("CSV table", (".csv", ".tsv", ".txt"), ""),
    ("part of a shapefile", (".dbf", ".prj", ".shx", ".cpg"), "It is only a part. Bring it together with its .shp."),
    ("Google Earth file", (".kml", ".kmz"), "KML is not read. Ask for GeoJSON or a shapefile."),
    ("geopackage", (".gpkg",), "Geopackages are not read. Ask for GeoJSON or a shapefile."),
    ("geodatabase", (".gdb", ".mdb"), "Geodatabases are not read. Ask for GeoJSON or a shapefile."),
    ("Excel workbook", (".xlsx", ".xls"), "A workbook is not read. Save the sheet as CSV."),
    ("PDF", (".pdf",), "A picture of a map has no borders that can be computed with. Ask for GeoJSON or a shapefile."),
)


def read(files: Mapping[str, bytes], crs: str = "") -> Layer:
    """The features of one file, or of the parts of one shapefile, in degrees of WGS 84.

    ``crs`` names the projection where the file does not, as ``EPSG:26915``. Raises Refused, Damaged or TooLarge.
    """
    name = next((one for one in files if one.lower().endswith(".shp")), next(iter(files), ""))
    if not files or not any(files.values()):
        raise Damaged("The file is empty.", where=name, why="No border can be read from it.", do="Download it again.")
    if sum(map(len, files.values())) > LARGEST:
        raise TooLarge(
            f"The file is larger than {LARGEST // 1024 // 1024} MB.", where=name, why="No town's wards or addresses need that.", do="Leave out columns and layers that are not needed.",
        )  # fmt: skip
    rows, told = _rows(files, name)
    if not rows:
        raise Damaged("There is not one shape in this file.", where=name, why="Nothing can be taken from it.", do="Ask for the file again.")  # fmt: skip
    coordinates, called = projecting.degrees([row[1] for row in rows], crs or told, name)
    features = tuple(Feature(kind, drawn, said) for (kind, _, said), drawn in zip(rows, coordinates, strict=True))
    columns = tuple(dict.fromkeys(key for one in features[:1000] for key in one.properties))
    sentences = (f"Turned from {called} into longitude and latitude.",) if called else ()
    return Layer(name.rpartition("/")[2], _digest(files, name), features, columns, sentences)


def _rows(files: Mapping[str, bytes], name: str) -> tuple[list[Row], str]:
    end = "." + name.lower().rpartition(".")[2] if "." in name else ""
    called, _, refused = next((one for one in FORMATS if end in one[1]), ("", (), ""))
    if refused:
        raise Refused(f"This is a {called}.", where=name, why=refused.partition(". ")[0] + ".", do=refused.partition(". ")[2])  # fmt: skip
    data = files[name]
    if end == ".shp":
        return shapefiles.read(files, name)
    if data.startswith(b"PK\x03\x04"):
        return _packed(data, name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return geojson.read(data, name)
    if called == "GeoJSON":
        raise Damaged("This is no GeoJSON: its text does not hold together.", where=name, why="No border in it can be read.", do="Download it again, whole.")  # fmt: skip
    if called == "CSV table":
        return cells.read(data, name)
    if called == "shapefile":
        raise Damaged("This is no ZIP archive.", where=name, why="The parts of a shapefile are looked for in it.", do="Download it again.")  # fmt: skip
    raise Refused(
        "What kind of file this is cannot be told.", where=name, why="Borders and addresses are read from GeoJSON, from shapefiles (.zip) and from CSV.",
        do="Ask for one of these.",
    )  # fmt: skip


def _packed(data: bytes, name: str) -> tuple[list[Row], str]:
    inside = shapefiles.unpacked(data, name)
    if any(one.lower().endswith(".shp") for one in inside):
        return shapefiles.read(inside, name)
    single = [one for one in inside if one.lower().endswith((".geojson", ".json", ".csv"))]
    if len(single) == 1:
        return _rows({single[0]: inside[single[0]]}, single[0])
    raise Refused(
        "There is no shapefile in this archive.", where=name, why="A .shp with its .dbf and .prj is looked for.", do="Bring the archive as the city gives it out.",
    )  # fmt: skip


def _digest(files: Mapping[str, bytes], name: str) -> str:
    if len(files) == 1:
        return hashlib.sha256(files[name]).hexdigest()
    told = hashlib.sha256()
    for one in sorted(files):
        told.update(f"{one.rpartition('/')[2]}\0{hashlib.sha256(files[one]).hexdigest()}\n".encode())
    return told.hexdigest()
