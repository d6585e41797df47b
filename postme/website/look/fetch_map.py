"""Makes ``knowledge/places/states.json``, the outlines of the states, from the npm package us-atlas; run by hand by those who keep this project.

``python postme/website/look/fetch_map.py`` needs npm. The package's shapes are the Census Bureau's, already projected to
975 x 610 as ``postme.atlas`` projects points. Borders shared by two states are simplified once, so that no gap opens.
"""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from postme.keeping import laws, places
from postme.place import Level

NAME = "us-atlas"
VERSION = "3.0.1"
# Source: the package's dist.integrity, as npm tells it.
INTEGRITY = "sha512-wEIZCq0ImPvGblTd8gZMqNNCPkQshugMUG/8nkSWXb02+XqNFREg9atHOKP9w6prLZTpqcLhSvdBW81MkV3/0Q=="
HERE = Path(__file__).resolve().parents[2] / "knowledge" / "places"
# Chosen: in units of the map; 0.4 of a unit is about 2 km, and a tenth of a pixel on a telephone; less makes the first page heavy.
NEAR = 0.4
# Chosen: in square units; smaller islands are a speck on paper too.
SPECK = 0.35
# Source: ANSI INCITS 38, the states' numbers, as the package has them.
STATES = {
    "01": "al", "02": "ak", "04": "az", "05": "ar", "06": "ca", "08": "co", "09": "ct", "10": "de", "11": "dc", "12": "fl", "13": "ga", "15": "hi",
    "16": "id", "17": "il", "18": "in", "19": "ia", "20": "ks", "21": "ky", "22": "la", "23": "me", "24": "md", "25": "ma", "26": "mi", "27": "mn",
    "28": "ms", "29": "mo", "30": "mt", "31": "ne", "32": "nv", "33": "nh", "34": "nj", "35": "nm", "36": "ny", "37": "nc", "38": "nd", "39": "oh",
    "40": "ok", "41": "or", "42": "pa", "44": "ri", "45": "sc", "46": "sd", "47": "tn", "48": "tx", "49": "ut", "50": "vt", "51": "va", "53": "wa",
    "54": "wv", "55": "wi", "56": "wy",
}  # fmt: skip
Point = tuple[float, float]


def fetched() -> Mapping[str, bytes]:
    """The package's files by name. Ends the program where its hash is another than the one above."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{NAME}@{VERSION}"], cwd=folder, check=True, capture_output=True)
        [path] = Path(folder).glob("*.tgz")
        data = path.read_bytes()
    found = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
    if found != INTEGRITY:
        sys.exit(f"{NAME} {VERSION} has the hash {found}, not {INTEGRITY}: nothing was written.")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {one.name.removeprefix("package/"): file.read() for one in tar if (file := tar.extractfile(one))}


def arcs(topology: Mapping[str, Any]) -> list[list[Point]]:
    """The lines of a topology, in units of the map.

    Source: the TopoJSON format specification, 2.1.2 (a quantized position is a delta of the one before it).
    """
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            line.append((x * kx + dx, y * ky + dy))
        found.append(line)
    return found


def simplified(line: Sequence[Point], near: float) -> list[Point]:
    """The line without the points that lie nearer than that to it. Source: Douglas and Peucker, 1973."""
    if len(line) < 3:
        return list(line)
    (ax, ay), (bx, by) = line[0], line[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5

    def away(x: float, y: float) -> float:
        if not length:  # an island begins where it ends
            return float(((x - ax) ** 2 + (y - ay) ** 2) ** 0.5)
        return float(abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length)

    most, at = max((away(*line[i]), i) for i in range(1, len(line) - 1))
    if most < near:
        return [line[0], line[-1]]
    return simplified(line[: at + 1], near)[:-1] + simplified(line[at:], near)


def rings(geometry: Mapping[str, Any], lines: Sequence[Sequence[Point]]) -> list[list[Point]]:
    """The closed lines of a geometry; an arc with a negative number runs backward."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    found = []
    for ring in (ring for polygon in polygons for ring in polygon):
        points: list[Point] = []
        for number in ring:
            line = lines[number] if number >= 0 else list(reversed(lines[~number]))
            points += line[bool(points) :]
        found.append(points)
    return found


def area(ring: Sequence[Point]) -> float:
    """Twice the signed area."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def middle(every: Sequence[Sequence[Point]]) -> Point:
    """The center of mass of all rings."""
    whole = sx = sy = 0.0
    for ring in every:
        for a, b in itertools.pairwise(ring):
            part = a[0] * b[1] - b[0] * a[1]
            whole, sx, sy = whole + part, sx + (a[0] + b[0]) * part, sy + (a[1] + b[1]) * part
    return round(sx / (3 * whole), 1), round(sy / (3 * whole), 1)


def path(every: Sequence[Sequence[Point]]) -> str:
    """An SVG path to a tenth of a unit, by relative steps; each is told from where the last one came to, so none adds up an error."""

    def said(value: int) -> str:
        return f"{value / 10:g}".replace("0.", ".", 1) if abs(value) < 10 else f"{value / 10:g}"

    found = ""
    for ring in every:
        x, y = round(ring[0][0] * 10), round(ring[0][1] * 10)
        found += f"M{said(x)},{said(y)}l"
        steps = []
        for point in ring[1:-1]:
            dx, dy = round(point[0] * 10) - x, round(point[1] * 10) - y
            if dx or dy:
                steps.append(f"{said(dx)},{said(dy)}")
                x, y = x + dx, y + dy
        found += " ".join(steps).replace(",-", "-").replace(" -", "-") + "Z"
    # SVG reads 1.5.5 as 1.5 and .5.
    return re.sub(r"(\.\d)[, ](?=\.)", r"\1", found)


def states(topology: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each state's name, outline and box."""
    lines = [simplified(line, NEAR) for line in arcs(topology)]
    found = {}
    for geometry in topology["objects"]["states"]["geometries"]:
        every = sorted(rings(geometry, lines), key=lambda ring: -abs(area(ring)))
        kept = every[:1] + [ring for ring in every[1:] if abs(area(ring)) / 2 >= SPECK and len(ring) > 3]
        xs, ys = [x for ring in kept for x, _ in ring], [y for ring in kept for _, y in ring]
        box = [round(min(xs), 1), round(min(ys), 1), round(max(xs), 1), round(max(ys), 1)]
        found[f"us/{STATES[geometry['id']]}"] = {"name": geometry["properties"]["name"], "box": box, "d": path(kept)}
    return dict(sorted(found.items()))


def counties(topology: Mapping[str, Any]) -> dict[str, list[float]]:
    """The middle of each county that a law of this package is of; a county has no one spot that a table of towns could tell."""
    wanted = {law.place.short: law.place for law in laws.book().laws.values() if law.place.level is Level.COUNTY}
    lines = arcs(topology)
    found = {}
    for geometry in topology["objects"]["counties"]["geometries"]:
        state, name = STATES.get(geometry["id"][:2]), places.slug(geometry["properties"]["name"])
        for short, place in wanted.items():
            if (place.state, place.name) == (state, name):
                found[short] = list(middle(rings(geometry, lines)))
    missing = sorted(set(wanted) - set(found))
    if missing:
        sys.stderr.write(f"No shape was found for {', '.join(missing)}: the map lists them beside itself.\n")
    return dict(sorted(found.items()))


def lined(made: Mapping[str, Any]) -> str:
    """JSON with one line to a state and to a county, so that a change of one shows as one."""
    rows = []
    for key, value in made.items():
        if isinstance(value, Mapping):
            inside = ",\n".join(
                f"  {json.dumps(id_)}: {json.dumps(one, ensure_ascii=False)}" for id_, one in value.items()
            )
            rows.append(f" {json.dumps(key)}: {{\n{inside}\n }}")
        else:
            rows.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(rows) + "\n}"


def main() -> None:
    """Fetch, check, simplify, write."""
    files = fetched()
    made = {
        "viewBox": [975, 610], "source": f"{NAME} {VERSION}, states-albers-10m.json and counties-albers-10m.json; shapes of the U.S. Census Bureau, edition 2017",
        "license": "ISC", "states": states(json.loads(files["states-albers-10m.json"])), "counties": counties(json.loads(files["counties-albers-10m.json"])),
    }  # fmt: skip
    HERE.mkdir(exist_ok=True)
    text = lined(made) + "\n"
    (HERE / "states.json").write_text(text, encoding="utf-8")
    (HERE / f"LICENSE-{NAME}").write_bytes(files["LICENSE"])
    sys.stdout.write(
        f"states.json: {len(text.encode()):,} bytes, {len(made['states'])} states, {len(made['counties'])} counties\n"
    )


if __name__ == "__main__":
    main()
