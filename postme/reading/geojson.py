"""GeoJSON (RFC 7946, and the older one that tells its projection): the features in its bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from postme.errors import Damaged, Refused
from postme.reading.content import FLAWS

Row = tuple[str, Any, dict[str, str]]
"""The kind of a shape, its coordinates, what its row says."""
_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def read(data: bytes, name: str) -> tuple[list[Row], str]:
    """The features, and what the file says of its projection (empty where it says nothing)."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except FLAWS as flaw:
        raise Damaged(
            "This is no GeoJSON: its text does not hold together.", where=name, why="No border in it can be read.", do="Download it again, whole.",
        ) from flaw  # fmt: skip
    if not isinstance(told, dict):
        raise _no_geojson(name)
    if told.get("type") == "Topology":
        raise Refused(
            "This is TopoJSON, which is not read.", where=name, why="Its shapes are written as arcs of a common net.", do="Ask for it as GeoJSON or as a shapefile.",
        )  # fmt: skip
    return list(_features(told, name)), _system(told, name)


def _system(told: dict[str, Any], name: str) -> str:
    own = told.get("crs")
    if own is None:
        return ""
    said = own.get("properties", {}).get("name") if isinstance(own, dict) and isinstance(own.get("properties"), dict) else own  # fmt: skip
    if not isinstance(said, str):
        raise Refused(
            "The file tells of its projection in a way that is not understood.", where=name, why="A guess would put homes in other wards.",
            do="Ask for it in longitude and latitude (WGS 84), or name its projection with --crs.",
        )  # fmt: skip
    return said


def _features(told: dict[str, Any], name: str) -> Iterator[Row]:
    kind = told.get("type")
    if kind == "FeatureCollection" and isinstance(told.get("features"), list):
        for one in told["features"]:
            if not isinstance(one, dict):
                raise _no_geojson(name)
            yield from _one(one, name)
    elif kind in ("Feature", "GeometryCollection", *_KINDS):
        yield from _one(told, name)
    else:
        raise _no_geojson(name)


def _one(told: dict[str, Any], name: str) -> Iterator[Row]:
    feature = told.get("type") == "Feature"
    own = told.get("properties") if feature else {}
    said = {str(key): _text(value) for key, value in own.items()} if isinstance(own, dict) else {}
    if feature and "id" in told:
        said.setdefault("id", _text(told["id"]))
    yield from _shapes(told.get("geometry") if feature else told, said, name)


def _shapes(drawn: Any, said: dict[str, str], name: str, depth: int = 0) -> Iterator[Row]:
    if drawn is None:
        return
    if not isinstance(drawn, dict) or depth > 4:
        raise _no_geojson(name)
    if drawn.get("type") == "GeometryCollection" and isinstance(drawn.get("geometries"), list):
        for one in drawn["geometries"]:
            yield from _shapes(one, said, name, depth + 1)
        return
    if drawn.get("type") not in _KINDS or not isinstance(drawn.get("coordinates"), list):
        raise _no_geojson(name)
    if drawn["coordinates"]:
        yield str(drawn["type"]), drawn["coordinates"], said


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _no_geojson(name: str) -> Damaged:
    return Damaged(
        "This is JSON, but no GeoJSON.", where=name, why="It has no list of features with shapes.", do="Choose GeoJSON where the file is downloaded.",
    )  # fmt: skip
