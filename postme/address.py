"""A street address in one form, so that two ways of writing it meet; and the known ones that come nearest to one that is unknown.

Nothing here knows a town. Abbreviations are those of the Postal Service.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

# Source: USPS Publication 28, appendix B: the directions.
_DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
    "NORTE": "N", "SUR": "S", "ESTE": "E", "OESTE": "W",
}  # fmt: skip
# Source: USPS Publication 28, appendix C1: the kinds of street that are most used, with the ways people write them.
_STREETS: Mapping[str, tuple[str, ...]] = {
    "ALY": ("ALLEY", "ALLEE", "ALLY"), "AVE": ("AVENUE", "AV", "AVEN", "AVENU", "AVN", "AVNUE"), "BLVD": ("BOULEVARD", "BOUL", "BOULV"), "BRG": ("BRIDGE",),
    "BYP": ("BYPASS",), "CIR": ("CIRCLE", "CIRC", "CRCL"), "COR": ("CORNER",), "CT": ("COURT", "CRT"), "CTR": ("CENTER", "CENTRE", "CNTR"), "CV": ("COVE",),
    "CRES": ("CRESCENT",), "DR": ("DRIVE", "DRV", "DRIV"), "EXPY": ("EXPRESSWAY", "EXPWY"), "EXT": ("EXTENSION",), "FWY": ("FREEWAY",), "GRV": ("GROVE",),
    "HTS": ("HEIGHTS",), "HWY": ("HIGHWAY", "HIWAY", "HWAY"), "HL": ("HILL",), "JCT": ("JUNCTION",), "LN": ("LANE",), "LNDG": ("LANDING",), "LOOP": ("LOOPS",), "MNR": ("MANOR",),
    "MDWS": ("MEADOWS",), "PARK": ("PRK",), "PKWY": ("PARKWAY", "PKY", "PARKWY"), "PL": ("PLACE",), "PLZ": ("PLAZA",), "PT": ("POINT",), "RDG": ("RIDGE",),
    "RD": ("ROAD",), "RTE": ("ROUTE",), "RUN": ("RUNS",), "SQ": ("SQUARE",), "STA": ("STATION",), "ST": ("STREET", "STR", "STRT", "SAINT"), "TER": ("TERRACE", "TERR"),
    "TRL": ("TRAIL",), "TPKE": ("TURNPIKE",), "VW": ("VIEW",), "VLG": ("VILLAGE",), "WAY": ("WY",), "XING": ("CROSSING",),
}  # fmt: skip
_NUMBERS = {
    "FIRST": "1ST", "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH", "SIXTH": "6TH", "SEVENTH": "7TH", "EIGHTH": "8TH", "NINTH": "9TH",
    "TENTH": "10TH", "ELEVENTH": "11TH", "TWELFTH": "12TH",
}  # fmt: skip
_SHORT = {**_DIRECTIONS, **_NUMBERS, **{word: short for short, words in _STREETS.items() for word in words}}
# Source: USPS Publication 28, appendix C2: what a part of a building is called.
_UNITS = {
    "APT", "APARTMENT", "UNIT", "STE", "SUITE", "RM", "ROOM", "FL", "FLOOR", "FLR", "BLDG", "BUILDING", "LOT", "TRLR", "TRAILER", "SPC", "SPACE", "OFC",
    "OFFICE", "PH", "PENTHOUSE", "DEPT", "BSMT", "BASEMENT", "FRNT", "REAR", "UPPR", "LOWR", "NO",
}  # fmt: skip
_ALONE = {"BSMT", "BASEMENT", "FRNT", "REAR", "UPPR", "LOWR", "PH", "PENTHOUSE"}
_OF_UNIT = re.compile(r"[A-Z]?-?\d+[A-Z]?|[A-Z]")
# Chosen: what a store's column holds; no street address in the country is near it.
LONGEST = 200
# Chosen: below this two names of streets are two streets to anybody who reads them.
_LIKE = 0.72


def folded(text: str) -> str:
    """A street address in the form in which addresses are compared; the same once more gives the same.

    The part of a building is left out, and so is what stands after a comma: a ward is found for a building.

    >>> folded("123 N. Main Street, Apt 4, Mill Falls")
    '123 N MAIN ST'
    >>> folded("123 north main st #4") == folded("123 N Main Str.")
    True
    """
    found = _once(text)
    # What one pass takes away can bring together what a second one knows.
    for _ in range(8):
        again = _once(found)
        if again == found:
            break
        found = again
    return found


def _once(text: str) -> str:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).upper()
    parts = [part for part in re.split(r"[,;\r\n]", plain) if part.strip()]
    if parts and re.match(r"\s*\d\S*\s+\S", parts[0]):
        parts = parts[:1]
    words = re.sub(r"['’ʼ`.](?=\w)(?<=\w.)", "", " ".join(parts)).replace("#", " UNIT ")
    words = re.sub(r"[^\w/-]|_", " ", words)
    words = re.sub(r"(?<!\d)[-/]|[-/](?!\d)", " ", words)
    said = [_SHORT.get(word, word) for word in words.split()]
    for at in range(2, len(said)):
        after = said[at + 1] if at + 1 < len(said) else ""
        if said[at] in _UNITS and (_OF_UNIT.fullmatch(after) or after in _UNITS or (said[at] in _ALONE and not after)):
            said = said[:at]
            break
    return " ".join(said)[:LONGEST].strip()


def parts(address: str) -> tuple[str, str]:
    """The number and the street of a folded address; the number is empty where none stands first.

    >>> parts("123 1/2 N MAIN ST"), parts("MAIN ST")
    (('123 1/2', 'N MAIN ST'), ('', 'MAIN ST'))
    """
    found = re.fullmatch(r"(\d\S*(?: \d/\d)?) (.+)", address)
    return (found[1], found[2]) if found else ("", address)


def readable(address: str) -> str:
    """A folded address as people write it.

    >>> readable("123 NE MAIN ST"), readable("9 O 1ST AVE")
    ('123 NE Main St', '9 O 1st Ave')
    """
    return " ".join(
        word if word in ("NE", "NW", "SE", "SW") else word.lower() if word[:1].isdigit() else word.capitalize()
        for word in address.split()
    )


def nearest(address: str, known: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Of some known folded addresses those that come nearest to a folded one, the nearest first.

    One with the same number in a street that is called nearly so comes before one in the same street with another number.

    >>> nearest("12 MILE ST", ["12 MILL ST", "14 MILL ST", "12 TANNERY LN"])
    ('12 MILL ST', '14 MILL ST')
    """
    number, street = parts(address)
    found = []
    for one in set(known):
        own, name = parts(one)
        alike = 1.0 if name == street else difflib.SequenceMatcher(None, _core(street), _core(name)).ratio()
        if street.startswith(f"{name} "):  # somebody wrote the town behind it, without a comma
            alike = 1.0
        if alike >= _LIKE:
            found.append((own != number, -alike if own == number else 0.0, _apart(own, number), -alike, one))
    return tuple(one[-1] for one in sorted(found)[:most])


def _core(street: str) -> str:
    """A street's name without its direction and kind, which people leave out; the whole where nothing else is left."""
    words = [word for word in street.split() if word not in _DIRECTIONS.values() and word not in _STREETS]
    return " ".join(words) or street


def _apart(one: str, other: str) -> int:
    numbers = [re.match(r"\d{1,9}", each) for each in (one, other)]
    return abs(int(numbers[0][0]) - int(numbers[1][0])) if numbers[0] and numbers[1] else 1_000_000
