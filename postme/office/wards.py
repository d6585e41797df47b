"""A town's wards and addresses: looked at before they are taken, and asked for the ward of an address that nobody keeps."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from postme import address, atlas, ward
from postme.errors import WrongUse
from postme.keeping import places, shelf
from postme.keeping.store.council import Council, SeatRow
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.wards import Kept, WardBook
from postme.office import drawing, plotting
from postme.place import placed
from postme.reading import cells, maps
from postme.ward import Drawing, Layer, Ward

# No state has this code: what lies in it is made up, and may lie anywhere.
_FICTION = "zz"
# Chosen: the widest city of the lower 48 reaches some 70 km from its middle.
_FARTHEST = 80.0
# Chosen: in units of the country's map, a unit being about 5 km: outlines are coarse.
_BESIDE = 8.0
# What towns call the column of an address written whole, and the two of one in parts.
_WHOLE = (
    "address", "full_address", "fulladdress", "fulladdr", "full_addr", "street_address", "streetaddress", "site_address", "siteaddr", "add_full", "addr_full", "direccion",
)  # fmt: skip
_NUMBER = (
    "house_number",
    "number",
    "addr_num",
    "addnum",
    "add_number",
    "st_number",
    "stnumber",
    "house_no",
    "hse_nbr",
    "addrno",
    "addr:housenumber",
)
_STREET = ("street", "street_name", "streetname", "st_name", "stname", "fullname", "road", "addr:street")
# Chosen: parts of a shapefile that lie beside the one that is named.
_BESIDE_SHP = (".dbf", ".prj", ".cpg")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file of wards as it would be taken: their names, a drawing of them, and what was mended or is odd."""

    town: str
    file: str
    sha256: str
    drawing: Drawing
    svg: str

    @property
    def names(self) -> tuple[str, ...]:
        """The wards' names, in order."""
        return tuple(one.name for one in self.drawing.wards)


@dataclass(frozen=True, slots=True)
class Points:
    """A file of addresses as it would be taken."""

    town: str
    file: str
    sha256: str
    rows: tuple[tuple[str, float, float], ...]
    left_out: int
    outside: int
    """How many lie in no ward of the town; all, where no wards are loaded yet, count as inside."""
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The ward of an address or a pin, with the seat of the council that speaks for it; ``None`` where nobody is known to."""

    ward: str
    seat: SeatRow | None
    at_large: tuple[SeatRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """Nothing is known of exactly that address; these are spelled nearly so."""

    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No ward can be named, and why: ``no wards``, ``no addresses``, ``unknown``, ``outside`` or ``two wards``."""

    why: str


Answer = Found | Candidates | Nothing


# --- files -----------------------------------------------------------------------------------------------------------


def gathered(path: Path) -> dict[str, bytes]:
    """A file's bytes by its name, with the parts that lie beside a .shp. Raises WrongUse where there is none."""
    if not path.is_file():
        raise WrongUse("There is no such file.", where=str(path), why="Nothing was loaded.", do="Check the path's spelling.")  # fmt: skip
    found = {path.name: path.read_bytes()}
    if path.suffix.lower() == ".shp":
        for beside in sorted(path.parent.iterdir()):
            if beside.stem == path.stem and beside.suffix.lower() in _BESIDE_SHP and beside.is_file():
                found[beside.name] = beside.read_bytes()
    return found


def laid_by(folder: Path, files: Mapping[str, bytes]) -> tuple[str, str]:
    """Lay files that were brought on the shelf until they are taken: one name and the hash under which they lie."""
    import hashlib

    if len(files) == 1:
        [(name, data)] = files.items()
    else:
        name, data = f"{next(iter(files), 'files').rpartition('.')[0]}.zip", _packed(files)
    sha256 = hashlib.sha256(data).hexdigest()
    shelf.put(folder, sha256, data)
    return name, sha256


def taken_up(folder: Path, name: str, sha256: str) -> dict[str, bytes]:
    """The files that were laid by. Raises WrongUse where nothing lies there."""
    place = shelf.path_of(folder, sha256)
    if len(sha256) != 64 or not sha256.isalnum() or not place.is_file():
        raise WrongUse("That file is not here any more.", where=name[:100], why="Nothing was loaded.", do="Bring it again.")  # fmt: skip
    return {name: place.read_bytes()}


def _packed(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data)
    return made.getvalue()


# --- wards -----------------------------------------------------------------------------------------------------------


def looked(town: str, files: Mapping[str, bytes], column: str = "", crs: str = "") -> Looked:
    """What a file of wards would come to. Raises PostmeError for one that cannot be taken, with the reason."""
    layer = maps.read(files, crs)
    made = ward.drawn(layer, column)
    _plausible(town, made.middle, layer.name)
    return Looked(town, layer.name, layer.sha256, made, plotting.wards(made.wards))


def take(
    folder: Path, one: Looked, *, source: str, who: str, on: datetime.date | None = None, at: datetime.datetime | None = None
) -> int:  # fmt: skip
    """Put those wards in place of whatever the town had: how many. ``source`` says in words who drew them and when."""
    now = at or datetime.datetime.now(datetime.UTC)
    named = " ".join(source.split())[:250]
    parts = (named, one.file[:60] if named != one.file else "", f"SHA-256 {one.sha256}")
    whole = " · ".join(part for part in parts if part)[:400]
    rows = [(each.name, each.geojson) for each in one.drawing.wards]
    WardBook(folder).replace_wards(one.town, places.name_of(one.town), rows, whole, on or now.date(), fiction=fiction(one.town))  # fmt: skip
    Ledger(folder).note(who, now, "wards loaded", f"/places/{one.town}/", f"{len(rows)}: {', '.join(one.names)}"[:1000], sha256=one.sha256)  # fmt: skip
    return len(rows)


def kept(folder: Path, town: str) -> Kept:
    """What is loaded of a town's wards and addresses."""
    return WardBook(folder).kept(town)


def of_town(folder: Path, town: str) -> tuple[Ward, ...]:
    """The wards of a town, in order; none where none are loaded."""
    return _shapes(folder, town, WardBook(folder).mark(town))


@lru_cache(maxsize=32)
def _shapes(folder: Path, town: str, mark: tuple[int, int, int]) -> tuple[Ward, ...]:
    return ward.again(WardBook(folder).shapes(town)) if mark[2] else ()


def fiction(town: str) -> bool:
    """Whether a place is made up: no state has its code."""
    return placed(town).state == _FICTION


def _plausible(town: str, middle: ward.Spot, name: str) -> None:
    """Raises WrongUse for wards that lie far from the town; of a town that is made up nothing is known."""
    if fiction(town):
        return
    where = places.where(town)
    if where is not None:
        away = ward.kilometers(where, middle)
        if away <= _FARTHEST:
            return
        turned = -90 <= middle[0] <= 90 and ward.kilometers(where, (middle[1], middle[0])) <= _FARTHEST
        raise WrongUse(
            f"These wards lie {away:,.0f} km from {places.name_of(town)}, around {middle[1]:.3f} north, {middle[0]:.3f} east.", where=name,
            why="They belong to another place, or the numbers are no longitude and latitude.",
            do="Longitude and latitude stand in each other's place: have them turned around." if turned else "Check the place after --town and the file's projection; --crs names one.",
        )  # fmt: skip
    state = f"us/{placed(town).state}"
    outline = drawing.outlines()["states"].get(state)
    spot = atlas.project(*middle)
    if outline is None:
        return
    left, top, right, bottom = outline["box"]
    if spot is None or not (left - _BESIDE <= spot[0] <= right + _BESIDE and top - _BESIDE <= spot[1] <= bottom + _BESIDE):  # fmt: skip
        raise WrongUse(
            f"These wards lie outside {places.name_of(state)}, around {middle[1]:.3f} north, {middle[0]:.3f} east.", where=name,
            why="They belong to another place, or the numbers are no longitude and latitude.", do="Check the place after --town and the file's projection; --crs names one.",
        )  # fmt: skip


# --- addresses -------------------------------------------------------------------------------------------------------


def looked_at_addresses(folder: Path, town: str, files: Mapping[str, bytes], column: str = "", crs: str = "") -> Points:
    """What a file of addresses would come to. Raises PostmeError for one that cannot be taken."""
    layer = maps.read(files, crs)
    rows, left_out = _rows(layer, column)
    if not rows:
        raise WrongUse("There is no address in this file.", where=layer.name, why="Nobody's ward could be found.", do="Each needs a number, a street and a spot.")  # fmt: skip
    middle = (sum(x for _, x, _ in rows) / len(rows), sum(y for *_, y in rows) / len(rows))
    _plausible(town, middle, layer.name)
    wards = of_town(folder, town)
    outside = sum(ward.of(wards, x, y) is None for _, x, y in rows) if wards else 0
    if outside == len(rows) and wards:
        raise WrongUse(
            "Not one of these addresses lies in a ward of the town.", where=layer.name, why="They belong to another place, or to another map.",
            do="Check the file's projection; --crs names one.",
        )  # fmt: skip
    return Points(town, layer.name, layer.sha256, tuple(rows), left_out, outside, layer.told)


def _rows(layer: Layer, column: str) -> tuple[list[tuple[str, float, float]], int]:
    points = [one for one in layer.features if one.kind == "Point"]
    if not points:
        raise WrongUse(
            "There is no spot in this file.", where=layer.name, why="An address is a spot on the map; borders are loaded without --addresses.", do="Ask for the file of address points.",
        )  # fmt: skip
    whole = cells.column(layer.columns, (column.casefold(),) if column else _WHOLE)
    number, street = cells.column(layer.columns, _NUMBER), cells.column(layer.columns, _STREET)
    if not whole and (column or not (number and street)):
        raise WrongUse(
            f"This file has no column '{column[:60]}'." if column else "No column of this file is known to hold addresses.", where=layer.name, why="Nobody's ward could be found.",
            do=f"Choose one with --name. It has: {', '.join(layer.columns)}.",
        )  # fmt: skip
    found: dict[tuple[str, float, float], None] = {}
    left_out = 0
    for one in points:
        said = one.properties.get(whole, "") if whole else f"{one.properties.get(number, '')} {one.properties.get(street, '')}"  # fmt: skip
        plain = address.folded(said)
        if not address.parts(plain)[0]:
            left_out += 1
            continue
        found[plain, round(one.coordinates[0], 6), round(one.coordinates[1], 6)] = None
    return list(found), left_out


def take_addresses(folder: Path, one: Points, *, who: str, at: datetime.datetime | None = None) -> int:
    """Put those addresses in place of whatever the town had: how many."""
    now = at or datetime.datetime.now(datetime.UTC)
    count = WardBook(folder).replace_addresses(one.town, places.name_of(one.town), one.rows, fiction=fiction(one.town))
    Ledger(folder).note(who, now, "addresses loaded", f"/places/{one.town}/", f"{count} from {one.file}"[:1000], sha256=one.sha256)  # fmt: skip
    return count


# --- asked by residents ------------------------------------------------------------------------------------------------


def ward_of(folder: Path, town: str, said: str, on: datetime.date | None = None) -> Answer:
    """The ward of a street address and who speaks for it; else addresses that could be meant; else why nothing is known.

    The address is used here and kept nowhere.
    """
    book = WardBook(folder)
    state = book.kept(town)
    if not state.wards:
        return Nothing("no wards")
    if not state.addresses:
        return Nothing("no addresses")
    plain = address.folded(said)
    spots = book.spots(town, plain)
    if not spots:
        number, street = address.parts(plain)
        words = [word for word in street.split() if len(word) > 2]
        near = address.nearest(plain, _likely(book, town, number, words))
        # What is written behind the street without a comma belongs to the town's name.
        if near and plain.startswith(f"{near[0]} "):
            spots = book.spots(town, near[0])
        else:
            return Candidates(tuple(address.readable(one) for one in near)) if near else Nothing("unknown")
    wards = _shapes(folder, town, state.mark)
    met = {one.name for x, y in spots if (one := ward.of(wards, x, y))}
    if len(met) > 1:
        return Nothing("two wards")
    return _found(folder, town, met.pop(), on) if met else Nothing("outside")


def _likely(book: WardBook, town: str, number: str, words: list[str]) -> Iterator[str]:
    yield from book.near(town, number, "")
    for word in words[:3]:
        # A word with a slip in it still begins as it should, most often.
        yield from book.near(town, "", word[:4])


def ward_at(folder: Path, town: str, longitude: float, latitude: float, on: datetime.date | None = None) -> Answer:
    """The ward that a pin on the map lies in, and who speaks for it."""
    wards = of_town(folder, town)
    if not wards:
        return Nothing("no wards")
    met = ward.of(wards, longitude, latitude)
    return _found(folder, town, met.name, on) if met else Nothing("outside")


def _found(folder: Path, town: str, name: str, on: datetime.date | None) -> Found:
    held = Council(folder).sitting(town, on or datetime.datetime.now(datetime.UTC).date())
    own = next((one for one in held if one.ward and ward.called(one.ward) == ward.called(name)), None)
    large = tuple(one for one in held if not ward.called(one.ward) and (own is None or one.body == own.body))
    return Found(name, own, large)
