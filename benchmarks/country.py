"""A country's worth of published holdings, generated: a thousand real places, each body in them made up and named so.

    python benchmarks/country.py build/bench/country            # a thousand places; goes on where it was stopped
    python benchmarks/country.py build/bench/country --places 20

Everything comes from a seed and the number of the place. ``publishings`` says what is published; ``filled`` writes it
many rows at a time. ``tests/website/test_country.py`` holds what it writes to what the ledger writes one by one.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme import merkle, publication
from postme.keeping import places
from postme.place import Level, placed
from postme.publication import What

ROOT = Path(__file__).parent.parent
SEED = 20_261_123
PLACES, BODIES, HOLDINGS, RECORDS, PAGES, QUOTES = 1_000, 20, 2, 20, 25, 3
"""So many places; bodies of a place; holdings of a body; records of a place; pages of a record; quotes of a holding."""
AT = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
_KINDS = ("police", "sheriff", "school", "transit", "fire", "public_works", "library", "parks", "health", "court")
_TECHNOLOGIES = {
    "alpr": ("Automated license plate reader", "automated license plate readers"),
    "body_worn_camera": ("Body-worn camera", "body-worn cameras"),
    "drone": ("Drone", "unmanned aircraft systems"),
    "gunshot_detection": ("Gunshot detection", "gunshot detection sensors"),
    "face_recognition": ("Face recognition", "facial recognition software"),
    "cell_site_simulator": ("Cell-site simulator", "cell-site simulators"),
}
_ACTS = ("acquire", "use", "report", "regulate", "propose")
_COMMON = """
the of and to in a for that is on be by with as was or from at this an are it not which shall city council motion public will all any has
have been project department services agreement board section number contract report committee resolution state district such may under
meeting approval program street fund other amount ordinance year police city's no item county its staff members following plan member
development community property date their carried water time area second said construction budget per use vote development's present
request new per approved general safety fire school road works made information park mayor day total
"""
_SYLLABLES = "an ber cal dor el fen gar hol is jun kel lor mar nor ost pel quin ros sel tor ul ven wil yor zan"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; the whole country where nothing is said."""

    places: int = PLACES
    bodies: int = BODIES
    holdings: int = HOLDINGS
    records: int = RECORDS
    pages: int = PAGES


# --- words ---------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _lexicon() -> tuple[list[str], list[float]]:
    """Thirty thousand words, the common ones first, and how often each stands: by Zipf's law, as in any language."""
    chance = random.Random(SEED)
    words = list(dict.fromkeys(_COMMON.split()))
    known, syllables = set(words), _SYLLABLES.split()
    while len(words) < 30_000:
        made = "".join(chance.choices(syllables, k=chance.choice((2, 2, 3, 3, 4))))
        if made not in known:
            known.add(made)
            words.append(made)
    return words, list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(words))))


def page_of(chance: random.Random, planted: Sequence[str] = ()) -> str:
    """About 1.5 kB of sentences in lines of a page's width, the planted sentences among them, each on a line of its own."""
    words, weights = _lexicon()
    drawn = chance.choices(words, cum_weights=weights, k=190)
    lines, line, sentence = [], "", 0
    for word in drawn:
        told = word.capitalize() if sentence == 0 else word
        sentence = chance.randint(7, 24) if sentence == 0 else sentence - 1
        told += "." if sentence == 0 else ""
        if len(line) + len(told) > 84:
            lines.append(line)
            line = ""
        line = f"{line} {told}" if line else told
    lines.append(line)
    for i, one in enumerate(planted):
        lines.insert((i + 1) * len(lines) // (len(planted) + 1), one)
    return "\n".join(lines)


# --- what is published -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def towns(count: int = PLACES) -> tuple[tuple[str, str], ...]:
    """Real places by id and name, evenly over the table, towns and counties alike."""
    every = sorted(
        (id_, name) for id_, name in places.table().items() if placed(id_).level in (Level.CITY, Level.COUNTY)
    )
    return tuple(every[i * len(every) // count] for i in range(count))


def publishings(number: int, size: Size = Size()) -> list[Any]:
    """Everything that is published of one place: its records, its holdings with evidence in them, one search."""
    from postme.keeping.store.ledger import Publishing

    id_, name = towns()[number]
    place = {"id": id_, "name": name}
    chance = random.Random(f"{SEED}-{number}")
    bodies = [
        {"id": f"{id_}/generated-body-{i}", "name": f"Generated Body {i} of {name}", "kind": _KINDS[i % len(_KINDS)], "names": []}
        for i in range(1, size.bodies + 1)
    ]  # fmt: skip
    names = [hashlib.sha256(f"{SEED}-{number}-{i}".encode()).hexdigest() for i in range(size.records)]
    dates = [f"{chance.randint(2016, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in names]
    titles = [f"Generated minutes {i + 1} of {name}" for i in range(size.records)]
    # Where each quote stands: its sentence goes into the page before the page is written.
    wanted: dict[tuple[int, int], list[tuple[int, str]]] = {}
    held = []
    for body in bodies:
        for technology in sorted(chance.sample(sorted(_TECHNOLOGIES), size.holdings)):
            spots = [divmod(one, size.pages) for one in sorted(chance.sample(range(size.records * size.pages), QUOTES))]
            for spot in spots:
                phrase = _TECHNOLOGIES[technology][1]
                said = (
                    f"{body['name']} was authorized to purchase {phrase} from Generated Vendor {chance.randint(1, 40)}."
                )
                wanted.setdefault(spot, []).append((len(held), said))
            held.append((body, technology, spots))
    made, pages = [], {}
    for i, sha256 in enumerate(names):
        texts = []
        for page in range(size.pages):
            text = page_of(chance, [said for _, said in wanted.get((i, page), ())])
            pages[i, page] = text
            texts.append((page + 1, text, "text", ""))
        facts = {
            "title": titles[i], "own_title": titles[i], "fiction": True, "place": place, "sha256": sha256, "name": f"generated-{i + 1}.pdf",
            "origin": "", "media_type": "application/pdf", "date": dates[i], "body": f"Generated Council of {name}", "pages": size.pages,
            "unreadable": [], "reader": "generated", "notes": [], "text_sha256": hashlib.sha256("\f".join(t[1] for t in texts).encode()).hexdigest(),
            "redacted": [],
        }  # fmt: skip
        made.append(
            Publishing(f"/records/{sha256}/", "record", What.PUBLISHED, facts, "It is quoted as evidence.", texts)
        )
    for which, (body, technology, spots) in enumerate(held):
        quotes = [
            _quote(number, which, names[i], titles[i], dates[i], page, pages[i, page], said, technology)
            for i, page in spots
            for held_by, said in wanted[i, page]
            if held_by == which
        ]  # fmt: skip
        made.append(
            Publishing(
                f"/agencies/{body['id']}/{technology.replace('_', '-')}/",
                "holding",
                What.PUBLISHED,
                _holding(place, body, technology, quotes),
            )
        )
    listing = [{"name": f"generated-{i + 1}.pdf", "sha256": sha256, "pages": size.pages, "unreadable": [], "error": None} for i, sha256 in enumerate(names)]  # fmt: skip
    search = {
        "title": f"Search {number + 1_000}: {name}", "fiction": True, "place": place, "number": number + 1_000, "started": "2026-01-01T09:00:00Z",
        "ended": "2026-01-01T10:00:00Z", "catalogue": "generated", "reader": "generated", "files": len(names), "refused": 0,
        "pages": len(names) * size.pages, "unreadable": 0, "mentions": len(held) * QUOTES, "records": listing,
    }  # fmt: skip
    made.append(Publishing(f"/searches/{number + 1_000}/", "search", What.PUBLISHED, search))
    return made


def _quote(number: int, which: int, sha256: str, title: str, date: str, page: int, text: str, said: str, technology: str) -> dict[str, Any]:  # fmt: skip
    words = _TECHNOLOGIES[technology][1]
    start = text.index(said) + said.index(words)
    end = start + len(words)
    id_ = hashlib.sha256(f"{number}-{which}-{sha256}-{page}-{start}".encode()).hexdigest()[:16]
    return {
        "id": id_, "sha256": sha256, "record": title, "page": page + 1, "start": start, "end": end, "act": _ACTS[which % len(_ACTS)], "date": date,
        "seconds": None, "why": "generated", "ruled": "generated", "before": text[max(0, start - 160) : start], "quote": words,
        "after": text[end : end + 160],
    }  # fmt: skip


def _holding(
    place: dict[str, str], body: dict[str, Any], technology: str, quotes: list[dict[str, Any]]
) -> dict[str, Any]:
    name = _TECHNOLOGIES[technology][0]
    vendor = f"generated_vendor_{len(body['name']) % 40}"
    first, every = quotes[0]["id"], [one["id"] for one in quotes]
    parts = (("present", body["name"], [first]), ("spoken of", technology, every), ("maker", vendor, [first]), ("amount", "12500.00", [first]), ("earliest date", min(one["date"] for one in quotes), every))  # fmt: skip
    return {
        "title": f"{body['name']}: {name}", "fiction": True, "place": place, "status": "present", "note": "", "agency": body,
        "technology": {"id": technology, "name": name}, "makers": {vendor: vendor.replace("_", " ").title()},
        "claims": [{"part": part, "value": value, "evidence": evidence, "how": "stated"} for part, value, evidence in parts],
        "acts": [
            {"act": one["act"], "outcome": None, "date": one["date"], "dated_by": "the record", "amount": None, "evidence": one["id"]}
            for one in quotes
        ],
        "evidence": quotes, "attributed": 0, "law_facts": {}, "cannot_show": "This body and its records were generated to measure the site.",
    }  # fmt: skip


def salts(number: int) -> Callable[[], str]:
    """The salts of a place's twins, always the same ones."""
    chance = random.Random(f"{SEED}-salt-{number}")
    return lambda: f"{chance.getrandbits(128):032x}"


# --- writing it ------------------------------------------------------------------------------------------------------------


def written(
    some: Sequence[Any], salt: Callable[[], str], *, who: str = "Generated", at: datetime.datetime = AT
) -> list[bytes]:
    """Write what was never published before, many rows at a time, as the ledger would: the hashes of its leaves.

    All publishings of a place together, its records before the holdings that quote them. To be called in a transaction.
    """
    from postme.keeping.store import finding, ledger, models, publicrows

    index = ledger.Ledger._next(None)  # type: ignore[arg-type]
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    entries, versions, notes, hashes, known = [], [], [], [], {}
    for i, one in enumerate(some):
        facts = one.facts
        told = (facts["place"]["id"], (facts.get("agency") or {}).get("id"))
        if told not in known:
            place = publicrows.place(facts["place"], fiction=facts["fiction"])
            known[told] = (place, publicrows.agency(facts["agency"], place.pk) if told[1] else None)
            if known[told][1]:
                known[told][1].place = place
        history = [{"version": 1, "what": one.what.value, "at": stamp, "reason": one.reason, "changes": []}]
        twin = publication.twin(address=one.address, kind=one.kind, number=1, what=one.what, at=stamp, reason=one.reason, salt=salt(), facts=facts, history=history)  # fmt: skip
        hashes.append(merkle.leaf_hash(twin))
        place, agency = known[told]
        entries.append(
            models.Entry(
                address=one.address, kind=one.kind, place=place, agency=agency, technology=(facts.get("technology") or {}).get("id", ""),
                title=facts["title"], fiction=facts["fiction"], state="published", version=1, leaf=index + i, twin=twin.decode(), first=at, changed=at,
            )
        )  # fmt: skip
        notes.append(models.DeskAct(who=who, at=at, what=one.what.value, target=one.address, why=one.reason, detail={"leaf": index + i}))  # fmt: skip
    models.Entry.objects.bulk_create(entries, batch_size=500)
    for entry, one, hash_ in zip(entries, some, hashes, strict=True):
        versions.append(models.Version(leaf=entry.leaf, hash=hash_.hex(), entry=entry, number=1, what=one.what.value, at=at, reason=one.reason, twin=entry.twin))  # fmt: skip
    models.Version.objects.bulk_create(versions, batch_size=500)
    models.DeskAct.objects.bulk_create(notes, batch_size=1000)
    _parts(models, list(zip(entries, some, strict=True)))
    finding.written(
        row
        for entry, one in zip(entries, some, strict=True)
        for row in (*finding._quotes(entry, one.facts), *finding._pages(entry, one.facts))
    )
    for place, agency in known.values():
        named = finding._agency(agency) if agency else finding._place(place)
        finding._named("agency" if agency else "place", named[0].address if named else "", named)
    return hashes


def _parts(models: Any, some: Sequence[tuple[Any, Any]]) -> None:
    """The rows that lists and pages read, as ``publicrows.write`` makes them."""
    records = [
        models.PublicRecord(
            sha256=one.facts["sha256"], entry=entry, place_id=entry.place_id, name=one.facts["name"], title=one.facts["own_title"], date=one.facts["date"],
            body=one.facts["body"], media_type=one.facts["media_type"], pages=one.facts["pages"], unreadable=len(one.facts["unreadable"]),
        )
        for entry, one in some
        if one.kind == "record"
    ]  # fmt: skip
    models.PublicRecord.objects.bulk_create(records, batch_size=500)
    models.PublicPage.objects.bulk_create(
        [
            models.PublicPage(record_id=one.facts["sha256"], number=number, text=text, state=state, note=note)
            for _, one in some
            if one.kind == "record"
            for number, text, state, note in one.texts
        ],
        batch_size=200,
    )
    holdings = [(entry, one.facts) for entry, one in some if one.kind == "holding"]
    models.Claim.objects.bulk_create(
        [
            models.Claim(entry=entry, position=i, part=claim["part"], value=claim["value"], how=claim["how"], evidence=claim["evidence"])
            for entry, facts in holdings
            for i, claim in enumerate(facts["claims"])
        ],
        batch_size=1000,
    )  # fmt: skip
    models.Evidence.objects.bulk_create(
        [
            models.Evidence(
                entry=entry, record_id=quote["sha256"], mention=quote["id"], page=quote["page"], start=quote["start"], end=quote["end"], quote=quote["quote"],
                act=quote["act"], date=quote["date"],
            )
            for entry, facts in holdings
            for quote in facts["evidence"]
        ],
        batch_size=1000,
    )  # fmt: skip


def on_shelf(folder: Path, some: Sequence[Any]) -> None:
    """Lay the readings of those records on the shelf, which the viewer reads; their files are not kept."""
    from postme.keeping import shelf
    from postme.record import Page, PageState, Record

    own = shelf.Shelf(folder)
    readings = []
    for one in some:
        if one.kind == "record":
            told = one.facts
            pages = tuple(Page(number, text, PageState.TEXT, "", ()) for number, text, _, _ in one.texts)
            record = Record(
                told["sha256"], told["media_type"], pages, told["title"], told["date"], told["body"], "generated"
            )
            readings.append((told["sha256"], "generated", {"title": told["title"]}, shelf.pages_packed(record)))
    own.keep(readings=readings)
    own.close()


def filled(folder: Path, size: Size = Size(), tick: Callable[[str], None] = lambda _: None) -> None:
    """Fill the store of a folder, a place in one transaction; what is there already is left, so that a stopped run goes on."""
    from django.db import connection, transaction

    from postme.keeping.notary import Notary
    from postme.keeping.store import knowing, models
    from postme.keeping.tiles import Tiles

    knowing.refreshed()
    done = set(models.Place.objects.values_list("pk", flat=True))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-400000")
    began, made = time.monotonic(), 0
    for number, (id_, name) in itertools.islice(enumerate(towns()), size.places):
        if id_ in done:
            continue
        some = publishings(number, size)
        on_shelf(folder, some)
        with transaction.atomic():
            written(some, salts(number))
        made += 1
        if made % 10 == 0:
            each = (time.monotonic() - began) / made
            tick(
                f"{number + 1:,} of {size.places:,} places ({name}); about {each * (size.places - number - 1) / 60:.0f} minutes more"
            )
    hashes = [bytes.fromhex(one) for one in models.Version.objects.order_by("leaf").values_list("hash", flat=True)]
    tiles = Tiles(folder)
    tiles.sealed(hashes[tiles.size() :], Notary(folder, "localhost/log"))


def main() -> None:
    """Fill a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--places", type=int, default=PLACES)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    os.environ["POSTME_DATA"] = str(given.folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "postme.website.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    filled(given.folder, Size(places=given.places), lambda said: print(said, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main()
