"""The published tables, one by one: what the API, the files at ``/data/`` and the data package are all made of.

A new column is a line here; a new table is an entry here. Nothing else decides what leaves the site as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from postme.keeping.store import readers
from postme.keeping.store.readers import AsOf, Column, Filter, Table

_STATE = Filter("state", "Only what is of places in this state.", "us/mn")
_PLACE = Filter("place", "Only what is of this place.", "us/mn/minneapolis")
_AGENCY = Filter("agency", "Only what is of this agency.", "us/mn/minneapolis/police-department")
_TECHNOLOGY = Filter("technology", "Only what is about this technology.", "alpr")
_CHANGED = Filter(
    "changed_since",
    "Only what was published, corrected or redacted at this moment or later.",
    "2026-11-01T00:00:00Z",
    "datetime",
)
_FICTION = Filter(
    "fiction", "`false` leaves the made-up town out; `true` leaves everything else out.", False, "boolean"
)

_ADDRESS = Column(
    "address",
    "string",
    "Its page on this site. With `.json` in place of the last slash it is the exact text that the log proves.",
    example="/agencies/us/mn/minneapolis/police-department/alpr/",
)
_IN_PLACE = Column("place", "string", "The place's id.", example="us/mn/minneapolis")
_MADE_UP = Column(
    "fiction",
    "boolean",
    "Whether it is of the made-up town that shows how this site works. No real body is meant.",
    example=False,
)
_VERSION = Column("version", "integer", "Which version of it this is; the first is 1.", example=1)
_LEAF = Column("leaf", "integer", "The entry of the public log that stands for this version.", example=17)
_SINCE = Column("changed", "datetime", "When this version was published.", example="2026-11-23T09:05:00Z")
_OF_ENTRY = {"place": "place_id", "version": "version", "leaf": "leaf", "changed": "changed", "fiction": "fiction"}
_BY_ENTRY = {
    "place": "place_id",
    "state": "place__state",
    "changed_since": "changed__gte",
    "fiction": "fiction",
    "address": "address",
}
_BY_PART = {
    "place": "entry__place_id", "state": "entry__place__state", "agency": "entry__agency_id", "technology": "entry__technology",
    "changed_since": "entry__changed__gte", "fiction": "entry__fiction", "holding": "entry__address", "address": "entry__address",
}  # fmt: skip


def _law_days(name: str, what: str) -> tuple[Column, ...]:
    between = "no such end is known"
    return (
        Column(name, "date", f"{what}, where the day itself is known.", f"not known to the day, or not at all; see `{name}_earliest` and `{name}_latest`", "2021-02-12"),
        Column(f"{name}_earliest", "date", f"{what}: not before this day.", between, "2021-02-12"),
        Column(f"{name}_latest", "date", f"{what}: not after this day.", between, "2021-02-12"),
    )  # fmt: skip


PLACES = Table(
    "places", "Places", "Towns, counties and states that something was published of, or that a law known here is of.",
    (
        Column("id", "string", "The place's short Open Civic Data id.", example="us/mn/minneapolis"),
        Column("name", "string", "Its name.", example="Minneapolis"),
        Column("level", "string", "Which layer of government: city, county, state, country or district.", example="city"),
        Column("state", "string", "The id of its state, or its own.", "it lies in no state", "us/mn"),
        Column("division", "string", "Its whole Open Civic Data id.", example="ocd-division/country:us/state:mn/place:minneapolis"),
        Column("published", "boolean", "Whether holdings, records or searches of it are published. `false` is no finding: nobody has published a search there.", example=True),
        _MADE_UP,
    ),
    ("id",), readers.places, (_STATE, Filter("level", "Only this layer of government.", "city"), _FICTION), terms=("own", "geonames"), marked="string",
)  # fmt: skip

AGENCIES = Table(
    "agencies", "Agencies", "Public bodies whose holdings are published.",
    (
        Column("id", "string", "The place's id, a slash, and the name as an address writes it.", example="us/mn/minneapolis/police-department"),
        _IN_PLACE,
        Column("name", "string", "Its name.", example="Police Department"),
        Column("kind", "string", "The kind of body that laws know.", example="police"),
        Column("names", "array", "Earlier and other names.", example=[]),
        _MADE_UP,
    ),
    ("id",),
    readers.Kept(
        "Agency", {"id": "id", "place": "place_id", "name": "name", "kind": "kind", "names": "names", "fiction": "place__fiction"},
        {"id": "id", "place": "place_id", "state": "place__state", "kind": "kind", "fiction": "place__fiction"}, readers.agency,
    ),
    (_PLACE, _STATE, Filter("kind", "Only bodies of this kind.", "police"), _FICTION), {"place": ("places", "id")}, marked="string",
)  # fmt: skip

HOLDINGS = Table(
    "holdings", "Holdings", "A technology in one body's hands, or spoken of, as public records tell it. A purchase is not a device switched on: `cannot_show` says what a finding leaves open.",
    (
        _ADDRESS,
        _IN_PLACE,
        Column("agency", "string", "The body's id.", example="us/mn/minneapolis/police-department"),
        Column("technology", "string", "The technology's id.", example="alpr"),
        Column("technology_name", "string", "The technology as a reader calls it.", example="License plate readers"),
        Column("status", "string", "present, asked for, refused, postponed, ended, or spoken of (whether the body has it is then unknown).", example="present"),
        Column("note", "string", "What the people who published it say of it.", "nothing was said"),
        Column("earliest_date", "date", "The earliest date in the records quoted. The thing may be older.", "unknown", "2021-02-12"),
        Column("makers", "array", "Makers that the records name; none means unknown.", example=[]),
        Column("quotes", "integer", "How many quotes it rests on.", example=4),
        Column("cannot_show", "string", "What finding it in records cannot show."),
        _VERSION, _LEAF, _SINCE, _MADE_UP,
    ),
    ("address",),
    readers.Kept(
        "Entry", {"address": "address", "agency": "agency_id", "technology": "technology", "twin": "twin", **_OF_ENTRY},
        {**_BY_ENTRY, "agency": "agency_id", "technology": "technology"}, readers.holding, {"kind": "holding"},
    ),
    (_PLACE, _STATE, _AGENCY, _TECHNOLOGY, _CHANGED, _FICTION), {"place": ("places", "id"), "agency": ("agencies", "id")},
)  # fmt: skip

CLAIMS = Table(
    "claims", "Claims", "What is said of a holding, part by part, each with its own evidence. Two rows of one part are two sources that differ; both stand.",
    (
        Column("holding", "string", "The holding's address.", example="/agencies/us/mn/minneapolis/police-department/alpr/"),
        Column("position", "integer", "Its place among the claims of the holding, from 0.", example=0),
        Column("part", "string", "Which part: present or spoken of, maker, product, amount, earliest date and the like.", example="maker"),
        Column("value", "string", "What the records say.", "unknown: the part is named and no record tells it", "corvane-roadway-systems"),
        Column("how", "string", "`stated`: somebody said so. `observed`: a log or an inspection shows it.", example="stated"),
        Column("evidence", "array", "Ids of the quotes that it rests on: `mention` in the table of evidence.", example=["c3a738a2c1b833c2"]),
        _MADE_UP,
    ),
    ("holding", "position"),
    readers.Kept(
        "Claim", {"holding": "entry__address", "position": "position", "part": "part", "value": "value", "how": "how", "evidence": "evidence", "fiction": "entry__fiction"},
        {**_BY_PART, "part": "part"},
    ),
    (_PLACE, _STATE, _AGENCY, _TECHNOLOGY, Filter("holding", "Only claims of the holding at this address.", "/agencies/us/mn/minneapolis/police-department/alpr/"),
     Filter("part", "Only claims of this part.", "maker"), _CHANGED, _FICTION),
    {"holding": ("holdings", "address")},
)  # fmt: skip

EVIDENCE = Table(
    "evidence", "Evidence", "Quotes that published holdings rest on: a record's own words, with its page and the place in it. What was redacted is a row of full blocks (█).",
    (
        Column("holding", "string", "The holding's address.", example="/agencies/us/mn/minneapolis/police-department/alpr/"),
        Column("mention", "string", "The quote's id: the same words at the same place have the same.", example="c3a738a2c1b833c2"),
        Column("record", "string", "The SHA-256 of the record that it stands in.", example="e3" * 32),
        Column("page", "integer", "The page, from 1.", example=4),
        Column("start", "integer", "Where it begins in the page's text, in characters from 0.", example=120),
        Column("end", "integer", "Where it ends; not itself part of it.", example=141),
        Column("quote", "string", "The words, from `start` to `end`.", example="license plate readers"),
        Column("act", "string", "What the words do: use, acquire, ask for, regulate, report, or only mention.", example="use"),
        Column("date", "date", "The record's date, or one near the words; as far as it is known.", "unknown", "2021-02-12"),
        _MADE_UP,
    ),
    ("holding", "mention"),
    readers.Kept(
        "Evidence",
        {"holding": "entry__address", "mention": "mention", "record": "record_id", "page": "page", "start": "start", "end": "end", "quote": "quote",
         "act": "act", "date": "date", "fiction": "entry__fiction"},
        {**_BY_PART, "record": "record_id"},
    ),
    (_PLACE, _STATE, _AGENCY, _TECHNOLOGY, Filter("holding", "Only quotes of the holding at this address.", "/agencies/us/mn/minneapolis/police-department/alpr/"),
     Filter("record", "Only quotes of this record, by its SHA-256.", "e3" * 32), _CHANGED, _FICTION),
    {"holding": ("holdings", "address"), "record": ("records", "sha256")}, terms=("own", "records"),
)  # fmt: skip

RECORDS = Table(
    "records", "Records", "Public records that may be opened here, by the SHA-256 of the file as the public body gave it out.",
    (
        Column("sha256", "string", "The SHA-256 of the file.", example="e3" * 32),
        _ADDRESS,
        _IN_PLACE,
        Column("name", "string", "The file's name, with that of the archive that held it.", example="2025-10-14-council-minutes.pdf"),
        Column("title", "string", "The title that the record bears.", "none was found"),
        Column("date", "date", "The date that the record bears, as far as it is known.", "unknown", "2025-10-14"),
        Column("body", "string", "The body whose record it is, as the record says.", "unknown", "City Council"),
        Column("media_type", "string", "What kind of file it is.", example="application/pdf"),
        Column("pages", "integer", "How many pages it has.", example=9),
        Column("unreadable", "integer", "How many of them nobody could read: what stands there is unknown.", example=0),
        _VERSION, _LEAF, _SINCE, _MADE_UP,
    ),
    ("sha256",),
    readers.Kept(
        "PublicRecord",
        {**{name: name for name in ("sha256", "name", "title", "date", "body", "media_type", "pages", "unreadable")}, "address": "entry__address",
         "place": "place_id", "version": "entry__version", "leaf": "entry__leaf", "changed": "entry__changed", "fiction": "entry__fiction"},
        {"sha256": "sha256", "place": "place_id", "state": "place__state", "changed_since": "entry__changed__gte", "fiction": "entry__fiction"},
    ),
    (_PLACE, _STATE, _CHANGED, _FICTION), {"place": ("places", "id")}, terms=("own", "records"), marked="string",
)  # fmt: skip

PAGES = Table(
    "pages", "Pages of records", "The text of each page of a published record, as it was read, with what was redacted as full blocks (█).",
    (
        Column("record", "string", "The record's SHA-256.", example="e3" * 32),
        Column("number", "integer", "The page, from 1.", example=4),
        Column("state", "string", "How it was read: text, recognized from a picture, empty, or unreadable.", example="text"),
        Column("note", "string", "What a reader must know of it.", "nothing"),
        Column("text", "string", "Its text. Quotes count their characters.", "nothing could be read"),
        _MADE_UP,
    ),
    ("record", "number"),
    readers.Kept(
        "PublicPage", {"record": "record_id", "number": "number", "state": "state", "note": "note", "text": "text", "fiction": "record__entry__fiction"},
        {"record": "record_id", "number": "number", "place": "record__place_id", "fiction": "record__entry__fiction"},
    ),
    (Filter("record", "Only pages of this record, by its SHA-256.", "e3" * 32), _PLACE, _FICTION), {"record": ("records", "sha256")}, terms=("records",), bulk=False,
)  # fmt: skip

SEARCHES = Table(
    "searches", "Searches", "What was looked through, when, with which version of the catalogue, and how much could not be read. “Nothing found” means nothing without one.",
    (
        Column("number", "integer", "The search's number.", example=1),
        _ADDRESS,
        _IN_PLACE,
        Column("started", "datetime", "When it began.", example="2026-11-23T09:00:00Z"),
        Column("ended", "datetime", "When it ended.", example="2026-11-23T09:05:00Z"),
        Column("catalogue", "string", "The version of the names that were looked for.", example="2ddba2e7b85ae87e"),
        Column("reader", "string", "The programs that read the files, with their versions."),
        Column("files", "integer", "How many files were given.", example=16),
        Column("refused", "integer", "How many of them could not be read at all: what they say is unknown.", example=3),
        Column("pages", "integer", "How many pages the others have.", example=33),
        Column("unreadable", "integer", "How many of those pages could not be read: what they say is unknown.", example=3),
        Column("mentions", "integer", "How many mentions a machine found. A mention is no finding until people have ruled on it.", example=146),
        _VERSION, _LEAF, _SINCE, _MADE_UP,
    ),
    ("number",),
    readers.Kept("Entry", {"address": "address", "twin": "twin", **_OF_ENTRY}, _BY_ENTRY, readers.search, {"kind": "search"}),
    (_PLACE, _STATE, _CHANGED, _FICTION), {"place": ("places", "id")},
)  # fmt: skip

LAWS = Table(
    "laws", "Laws", "Laws on surveillance technology and military equipment, in our own words. This is no legal advice; each law's page has its provisions and how sure we are.",
    (
        Column("id", "string", "The law's id here.", example="us-mn-minneapolis-fr"),
        Column("name", "string", "What it is called."),
        _IN_PLACE,
        Column("state", "string", "The id of the place's state.", "it is a law of the whole country", "us/mn"),
        Column("subject", "string", "What it is about.", example="face_recognition"),
        Column("instrument", "string", "What kind of law it is.", example="ordinance"),
        Column("citation", "string", "Where it stands, as lawyers cite it."),
        Column("what", "string", "What it does, in our words."),
        Column("status", "string", "Whether it is in force, as far as we saw."),
        *_law_days("adopted", "The day of its adoption"),
        Column("vote", "string", "The vote, as sources tell it.", "unknown", "13-0"),
        *_law_days("starts", "The day from which it counts; where none was seen, the day of its adoption"),
        *_law_days("ends", "The day on which it ended"),
        Column("binds", "array", "The bodies that it binds.", example=["police"]),
        Column("not_bound", "array", "Bodies that it expressly does not bind.", example=[]),
        Column("technologies", "array", "The technologies that it reaches.", example=["face_recognition"]),
        Column("text_seen", "boolean", "Whether we read the law's own text, not only what others wrote of it.", example=True),
        Column("lawyer", "boolean", "Whether a lawyer has signed our reading off.", example=False),
        Column("read_on", "date", "The day on which it was read last.", example="2026-11-23"),
        Column("sources", "array", "Where it was read.", example=["https://example.org/ordinance"]),
        _MADE_UP,
    ),
    ("id",), readers.laws_known,
    (_PLACE, _STATE, _TECHNOLOGY, Filter("subject", "Only laws about this subject.", "face_recognition"),
     Filter("stands_on", "Only laws that stood on this day, or may have: where sources do not tell, the law is in.", "2021-02-12", "date"), _FICTION),
    {"place": ("places", "id")}, terms=("own", "laws"), marked="string",
)  # fmt: skip

LOG = Table(
    "log", "The public log", "Every publication, correction, withdrawal and redaction, in order. The hash is the leaf of the transparency log; what it stands for is at the address.",
    (
        Column("leaf", "integer", "The entry's index in the log, from 0.", example=17),
        Column("hash", "string", "The leaf's hash (RFC 6962), in hex.", example="5b" * 32),
        Column("address", "string", "The page that it is about.", example="/agencies/us/mn/minneapolis/police-department/alpr/"),
        Column("version", "integer", "Which version of that page it is.", example=1),
        Column("what", "string", "published, corrected, withdrawn or redacted.", example="published"),
        Column("at", "datetime", "When.", example="2026-11-23T09:05:00Z"),
        Column("reason", "string", "Why, in the words of those who did it.", "none was needed"),
        _MADE_UP,
    ),
    ("leaf",),
    readers.Kept(
        "Version", {"leaf": "leaf", "hash": "hash", "address": "entry__address", "version": "number", "what": "what", "at": "at", "reason": "reason", "fiction": "entry__fiction"},
        {"leaf": "leaf", "address": "entry__address", "what": "what", "place": "entry__place_id", "changed_since": "at__gte", "fiction": "entry__fiction"},
    ),
    (Filter("address", "Only entries about this page.", "/agencies/us/mn/minneapolis/police-department/alpr/"), Filter("what", "Only entries of this kind.", "corrected"), _PLACE, _CHANGED, _FICTION),
)  # fmt: skip

TABLES: tuple[Table, ...] = (PLACES, AGENCIES, HOLDINGS, CLAIMS, EVIDENCE, RECORDS, PAGES, SEARCHES, LAWS, LOG)
NAMED: Mapping[str, Table] = {table.name: table for table in TABLES}
BULK: tuple[Table, ...] = tuple(table for table in TABLES if table.bulk)

TERMS: Mapping[str, str] = {
    "own": "What people of this site wrote and put together is under the Creative Commons Attribution 4.0 International License (CC BY 4.0): name this site, its address and the log entry.",
    "records": "Words of a record are the public body's own. We claim no right in them and can give none away; quotes and pages are shown as public records.",
    "laws": "What a law says is told in our own words. The text of a law is at its sources, which have their own terms.",
    "geonames": "Names of places are from GeoNames (CC BY 4.0, geonames.org); ids follow the Open Civic Data project.",
}
"""What may be done with it, and whose it is. Why these terms: docs/decisions."""


@lru_cache(maxsize=1)
def counts(now: AsOf) -> Mapping[str, int]:  # noqa: ARG001  (what is counted is what was published by then)
    """How many rows each table has; counted once after each publication."""
    return {table.name: table.count() for table in TABLES}
