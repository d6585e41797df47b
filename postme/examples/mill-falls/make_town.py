"""Writes what the clerk of Mill Falls, a town that does not exist, would load: wards, addresses, seats, figures, devices, people.

    python make_town.py [FOLDER]     # default: the folder town/ beside this file

Nobody lives where it lies: in the sea off Africa, around the spot where both degrees are zero. Every file says that it is
fiction. Every run writes the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

FICTION = "Fiction. Mill Falls does not exist; its spot is open sea, and every name and number is invented."
_MARK = f"# {FICTION}\n"
# Corners that two or three wards share are written once, so that the wards meet without a gap.
_N, _E, _S, _W = (0.031, 0.040), (0.060, 0.019), (0.028, 0.0), (0.0, 0.021)
_P = ((0.018, 0.013), (0.030, 0.010), (0.043, 0.014), (0.042, 0.027), (0.029, 0.031), (0.017, 0.026))
WARDS = {
    "1": [(0.0, 0.040), _W, _P[5], _P[4], _N],
    "2": [_N, _P[4], _P[3], _P[2], _E, (0.060, 0.040)],
    "3": list(_P),
    "4": [(0.0, 0.0), _S, _P[1], _P[0], _P[5], _W],
    "5": [_S, (0.060, 0.0), _E, _P[2], _P[1]],
}
# Name, first number, step, how many, from where to where.
STREETS = (
    ("N Main St", 100, 12, 8, (0.0302, 0.0222), (0.0308, 0.0385)),
    ("S Main St", 101, 12, 8, (0.0300, 0.0195), (0.0286, 0.0020)),
    ("Weir St", 2, 10, 8, (0.0200, 0.0205), (0.0410, 0.0203)),
    ("Falcon St", 5, 8, 8, (0.0210, 0.0250), (0.0400, 0.0246)),
    ("Cooper St", 20, 14, 6, (0.0440, 0.0300), (0.0570, 0.0290)),
    ("Tannery Ln", 1, 6, 7, (0.0030, 0.0120), (0.0160, 0.0110)),
    ("Harrow Rd", 40, 20, 6, (0.0030, 0.0320), (0.0150, 0.0290)),
    ("River Rd", 300, 25, 7, (0.0340, 0.0080), (0.0560, 0.0060)),
    ("Mill Row", 3, 4, 4, (0.0240, 0.0165), (0.0360, 0.0160)),
    ("2nd St", 210, 10, 4, (0.0460, 0.0350), (0.0560, 0.0360)),
)
MEMBERS = (
    ("1", "Amos Teller", "2020-01-06"), ("2", "Ingrid Sorley", "2024-01-02"), ("3", "Beatriz Calloway", "2022-01-03"), ("4", "Walter Pruitt", "2016-01-04"),
    ("5", "Hana Okafor", "2024-01-02"), ("", "Desmond Lyle", "2018-01-02"), ("", "Delphine Marsh", "2018-01-02"),
)  # fmt: skip
_BUDGET = "Budget of Mill Falls, {year}, police department (fiction)"
STAFF = {2019: 46, 2020: 45, 2021: 43, 2022: 41, 2024: 39, 2025: 40, 2026: 40}
SPENDING = {2019: 21400, 2020: 21400, 2022: 93800, 2023: 128780, 2024: 128780, 2025: 131880, 2026: 255180}
_AGREEMENT = "Agreement with Corvane Roadway Systems, December 2, 2025, exhibit A (fiction)"
# Kind, how many (empty: unknown), where, what, source.
DEVICES = (
    ("license plate readers", "4", (0.0585, 0.0062), "River Road at the town line", _AGREEMENT),
    ("license plate readers", "4", (0.0303, 0.0248), "Main Street at the Falcon Street bridge", _AGREEMENT),
    ("license plate readers", "4", (0.0505, 0.0295), "Cooper Street at the rail crossing", _AGREEMENT),
    ("license plate readers", "4", (0.0090, 0.0115), "Harrow Road at Tannery Lane", _AGREEMENT),
    ("license plate readers", "4", (0.0150, 0.0380), "State Route 19 north", _AGREEMENT),
    ("license plate readers", "4", (0.0120, 0.0020), "State Route 19 south", _AGREEMENT),
    ("cameras on poles", "12", (0.0290, 0.0206), "Downtown", "Budget requests for 2026, August 26, 2025, item PD-5 (fiction)"),
    ("gunshot detection sensors", "", (0.0120, 0.0300), "Ward 1; the maker does not say where", "Budget requests for 2026, August 26, 2025, item PD-3 (fiction)"),
    ("gunshot detection sensors", "", (0.0270, 0.0190), "Ward 3; the maker does not say where", "Budget requests for 2026, August 26, 2025, item PD-3 (fiction)"),
)  # fmt: skip
GROUPS = ("White", "Black or African American", "Hispanic or Latino", "another group, or several")
PEOPLE = {
    "1": (1490, 720, 610, 230),
    "2": (2380, 140, 260, 160),
    "3": (1310, 690, 880, 230),
    "4": (1620, 410, 650, 210),
    "5": (2310, 150, 320, 180),
}
_CENSUS = "Planning department of Mill Falls, people by ward, 2025 (fiction)"


def files() -> dict[str, str]:
    """Each file's name and text."""
    features = [
        {"type": "Feature", "properties": {"ward": name}, "geometry": {"type": "Polygon", "coordinates": [[*map(list, ring), list(ring[0])]]}}
        for name, ring in WARDS.items()
    ]  # fmt: skip
    wards = {"type": "FeatureCollection", "note": FICTION, "features": features}
    return {
        "wards.geojson": json.dumps(wards, indent=1) + "\n",
        "addresses.csv": _table(("address", "longitude", "latitude"), _addresses()),
        "seats.csv": _table(
            ("body", "ward", "holder", "since", "until", "verified", "source", "contact"),
            [("city council", ward, name, since, "", "2026-11-02", "Roster of the City Clerk, November 2, 2026 (fiction)", f"{name.split()[-1].lower()}@mill-falls.example") for ward, name, since in MEMBERS],
        ),
        "figures.csv": _table(
            ("series", "year", "value", "unit", "source"),
            [("police staffing", y, n, "sworn officers", _BUDGET.format(year=y)) for y, n in STAFF.items()]
            + [("surveillance spending", y, n, "dollars", _BUDGET.format(year=y)) for y, n in SPENDING.items()],
        ),
        "devices.csv": _table(("kind", "count", "longitude", "latitude", "where", "source"), [(kind, n, *spot, where, source) for kind, n, spot, where, source in DEVICES]),
        "people.csv": _table(
            ("ward", "group", "people", "source"),
            [row for ward, counts in PEOPLE.items() for row in [(ward, "all", sum(counts), _CENSUS), *((ward, group, n, _CENSUS) for group, n in zip(GROUPS, counts, strict=True))]],
        ),
    }  # fmt: skip


def _addresses() -> list[tuple[str, str, str]]:
    found = []
    for name, first, step, count, start, end in STREETS:
        for i in range(count):
            part = i / (count - 1)
            x, y = (a + (b - a) * part for a, b in zip(start, end, strict=True))
            found.append((f"{first + i * step} {name}", f"{x:.6f}", f"{y:.6f}"))
    return found


def _table(columns: tuple[str, ...], rows: object) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)  # type: ignore[arg-type]
    return _MARK + made.getvalue()


def main() -> None:
    """Write them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "town"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
