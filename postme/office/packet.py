"""The packet of a meeting: for each proposal on its agenda what is public of it, with every file's SHA-256; as ZIP, and as PDF to print.

Only what is public goes in. The same facts make the same bytes, so its hash can be read out in the meeting.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from postme.errors import Refused, WrongUse
from postme.keeping import shelf
from postme.keeping.store.docket import Docketed
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.meetings import MeetingRow
from postme.keeping.store.papers import PaperStore
from postme.office import onepage, printed, progress
from postme.office.proceedings import Proceedings
from postme.proposal import DEEDS, PLANNED

# A ZIP file has a day for each entry; always the same one, so that the same facts make the same bytes.
_STAMP = (1980, 1, 1, 0, 0, 0)
# Chosen: what a printed packet shows of each proposal's comments; the ZIP has all of them.
_COMMENTS = 40
# Chosen: a packet that somebody can still send on by mail holds no more than this of attachments.
_ATTACHED = 60_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a packet: its path in the ZIP, what it is, its bytes' SHA-256 and size."""

    path: str
    what: str
    proposal: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as it was made: its ZIP, its PDF where one could be made, what is in it, and why there is no PDF."""

    meeting: int
    on: datetime.date
    zip: Path
    sha256: str
    pdf: Path | None
    pdf_sha256: str
    parts: tuple[Part, ...]
    note: str = ""


def open_to_all(work: Proceedings, meeting: MeetingRow) -> bool:
    """Whether the notice of a meeting was given: from then on its packet is public."""
    some = [work.one(own) for own in dict.fromkeys(own for own, _kind in meeting.items)]
    return any(one.public and one.proposal.done("give_notice") for one in some)


def made(work: Proceedings, number: int, site: str, today: datetime.date) -> Packet:
    """The packet of a meeting as things stand on a day; made once for the same facts, then taken from the cache. Raises WrongUse where nothing public is on the agenda."""
    meeting = work.meetings.one(number)
    facts = _facts(work, meeting, site, today)
    if not facts["proposals"]:
        raise WrongUse("Nothing public is on the agenda of this meeting.", where=f"meeting {number}", why="A packet holds what is public.", do="Make the proposals public first.")  # fmt: skip
    files, attachments = _files(work.folder, facts)
    key = _key(facts, files, attachments)
    place = work.folder / "cache" / "packets"
    done = place / f"{number}-{key}.json"
    if done.is_file():
        return _kept(place, json.loads(done.read_text("utf-8")))
    place.mkdir(parents=True, exist_ok=True)
    return _written(place, done, facts, files, attachments)


def renewed(folder: Path, origin: str, site: str) -> int:
    """Make the packets of meetings ahead whose notice was given: how many. A meeting that has nothing public is passed over."""
    work, today = Proceedings(folder, origin), datetime.datetime.now(datetime.UTC).date()
    count = 0
    for meeting in work.meetings.several(since=today):
        if not meeting.called_off and open_to_all(work, meeting):
            made(work, meeting.number, site, today)
            count += 1
    return count


def latest(folder: Path, number: int) -> Packet | None:
    """The packet of a meeting as it was made last, whatever was added since; ``None`` where none was.

    One that holds what is public no more, as a comment that was hidden, changed or withdrawn, is erased here and now.
    """
    place = folder / "cache" / "packets"
    found = sorted(place.glob(f"{number}-*.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        return None
    told = json.loads(found[-1].read_text("utf-8"))
    if _all_public(folder, told):
        return _kept(place, told)
    for path in place.glob(f"{number}-*"):
        path.unlink(missing_ok=True)
    return None


def _all_public(folder: Path, told: Mapping[str, Any]) -> bool:
    """Whether everything that went into a packet may be seen by the public now, word for word; one that does not say what went in is taken for one that may not."""
    from postme.keeping.store import heard

    if "holds" not in told:
        return False
    holds = told["holds"]
    for own, comments in holds["comments"].items():
        now = {row["number"]: row["version"] for row in heard.every(own)} if comments else {}
        if any(now.get(number) != version for number, version in comments.items()):
            return False
    ledger = Ledger(folder)
    return all(ledger.facts_at(f"/decisions/{own}/") is not None for own in holds["comments"]) and all(_on_shelf(folder, sha256) for sha256 in holds["records"])  # fmt: skip


# --- what is in it ---------------------------------------------------------------------------------------------------


def _facts(work: Proceedings, meeting: MeetingRow, site: str, today: datetime.date) -> dict[str, Any]:
    items: dict[str, list[str]] = {}
    for own, kind in meeting.items:
        items.setdefault(own, []).append(kind)
    one_by_one = [work.one(own) for own in items]
    shown = [_proposal(work, one, items[one.slug], meeting, today) for one in one_by_one if one.public]
    town = work.docket.town(meeting.town)
    return {
        "meeting": {"number": meeting.number, "body": meeting.body, "on": meeting.on.isoformat(), "begins": meeting.begins, "zone": meeting.zone, "where": meeting.where, "how_to_speak": meeting.how_to_speak, "called_off": meeting.called_off},
        "town": {"id": town.id, "name": town.name}, "fiction": town.fiction, "as_of": today.isoformat(), "site": site, "proposals": shown,
    }  # fmt: skip


def _proposal(work: Proceedings, one: Docketed, kinds: list[str], meeting: MeetingRow, today: datetime.date) -> dict[str, Any]:  # fmt: skip
    facts = work.ledger.facts_at(f"/decisions/{one.slug}/") or work.facts(one)
    now = progress.seen(facts, one.town, today)
    planned = [
        {"kind": kind, "says": PLANNED.get(kind, DEEDS[kind].says), "ahead": [{"says": each.says, "by": each.by.isoformat() if each.by else None, "done": each.done, "too_late": each.too_late, "law": each.law, "provision": each.provision, "working": list(each.working)} for each in work.planned(one, kind, meeting.on, today)]}
        for kind in kinds
    ]  # fmt: skip
    tally, comments = _said(one.slug)
    return {
        "slug": one.slug, "title": one.title, "facts": facts, "now": now, "for": [PLANNED.get(kind, DEEDS[kind].says) for kind in kinds], "planned": planned, "papers": onepage.one_page(work.folder, one.slug), "papers_in_full": dict(PaperStore(work.ledger.file).public(one.slug)),
        "advice": [{"on": each.deed.on.isoformat(), "note": each.note} for each in one.recorded if each.deed.kind == "advise" and not each.replaced], "tally": tally, "comments": comments,
        "attachments": [{"name": each.name, "what": each.what, "sha256": each.sha256, "public": each.state == "published"} for each in PaperStore(work.ledger.file).files(one.slug)],
    }  # fmt: skip


def _said(slug: str) -> tuple[dict[str, dict[str, int]], list[dict[str, Any]]]:
    from postme.keeping.store import heard

    return heard.tally(slug), list(heard.every(slug))


def _files(folder: Path, facts: Mapping[str, Any]) -> tuple[dict[str, tuple[str, str, bytes]], dict[str, tuple[str, str, Path]]]:  # fmt: skip
    """Files that are made, and files that lie on the shelf: path to what it is, which proposal's, and its bytes or its place."""
    found: dict[str, tuple[str, str, bytes]] = {}
    lying: dict[str, tuple[str, str, Path]] = {}
    room = _ATTACHED
    for number, one in enumerate(facts["proposals"], 1):
        base, own = f"{number:02d}-{one['slug'][:60]}", one["slug"]
        found[f"{base}/proposal.json"] = ("the proposal as it is public, with every step", own, _json(one["facts"]))
        found[f"{base}/standing.json"] = ("where it stands, its gates and its deadlines with their working", own, _json({"now": one["now"], "planned": one["planned"], "advice": one["advice"]}))  # fmt: skip
        for each in one["papers"]:
            year = f"-{each['year']}" if each["year"] else ""
            found[f"{base}/{each['kind'].replace('_', '-')}{year}-edition-{each['edition']}.json"] = (f"{each['name']}, edition {each['edition']}, SHA-256 of its answers {each['sha256']}", own, _json(one["papers_in_full"][each["address"]]))  # fmt: skip
        found[f"{base}/comments.csv"] = ("comments received so far; counts stand level by level in the index", own, _table(one["comments"]))  # fmt: skip
        for each in one["attachments"]:
            if each["public"] and (path := _on_shelf(folder, each["sha256"])) and path.stat().st_size <= room:
                room -= path.stat().st_size
                lying[f"{base}/attachments/{each['sha256'][:8]}-{_plain(each['name'])}"] = (each["what"] or "attachment", own, path)  # fmt: skip
    return found, lying


def _on_shelf(folder: Path, sha256: str) -> Path | None:
    """A published record's own file; ``None`` where something in it is blacked out, or it is not there."""
    record = Ledger(folder).facts_at(f"/records/{sha256}/")
    if record is None or record.get("redacted"):
        return None
    path = shelf.path_of(folder, sha256)
    return path if path.is_file() else None


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode() + b"\n"


def _table(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    columns = [key for key in (rows[0] if rows else {"number": "", "position": "", "level": "", "text": ""}) if key != "salt"]  # fmt: skip
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell for key, cell in row.items()})  # fmt: skip
    return out.getvalue().encode()


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in name).strip(".-")[:80] or "file"


# --- how it is written -----------------------------------------------------------------------------------------------


def _key(facts: Mapping[str, Any], files: Mapping[str, tuple[str, str, bytes]], attachments: Mapping[str, tuple[str, str, Path]]) -> str:  # fmt: skip
    digest = hashlib.sha256(_json(facts["meeting"]) + _json([facts["as_of"], facts["site"], _TEMPLATE]))
    for path, (_what, _own, data) in sorted(files.items()):
        digest.update(path.encode() + hashlib.sha256(data).digest())
    digest.update("\n".join(sorted(attachments)).encode())
    return digest.hexdigest()[:24]


def _written(
    place: Path, done: Path, facts: Mapping[str, Any], files: Mapping[str, tuple[str, str, bytes]], attachments: Mapping[str, tuple[str, str, Path]]
) -> Packet:  # fmt: skip
    parts = sorted(
        [Part(path, what, own, hashlib.sha256(data).hexdigest(), len(data)) for path, (what, own, data) in files.items()]
        + [Part(path, what, own, _hash_of(at), at.stat().st_size) for path, (what, own, at) in attachments.items()],
        key=lambda part: part.path,
    )  # fmt: skip
    note, drawn = "", b""
    try:
        drawn = printed.pdf(html(facts, parts, for_print=True))
    except Refused as error:
        note = f"{error.what} {error.do}"
    if drawn:
        parts.append(Part("packet.pdf", "everything to read, on paper", "", hashlib.sha256(drawn).hexdigest(), len(drawn)))  # fmt: skip
    whole = {path: data for path, (_w, _o, data) in files.items()} | ({"packet.pdf": drawn} if drawn else {})
    whole["index.html"] = html(facts, parts, note=note).encode()
    whole["index.csv"] = _index(parts)
    own = {path: hashlib.sha256(data).hexdigest() for path, data in whole.items()} | {part.path: part.sha256 for part in parts}  # fmt: skip
    whole["SHA256SUMS"] = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(own.items())).encode()
    name = done.stem
    archive = place / f"{name}.zip"
    draft = place / f".{name}-{os.getpid()}.zip"
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
        for path in sorted({*whole, *attachments}):
            entry = zipfile.ZipInfo(path, _STAMP)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            out.writestr(entry, whole[path] if path in whole else attachments[path][2].read_bytes())
    draft.replace(archive)
    if drawn:
        (place / f"{name}.pdf").write_bytes(drawn)
    told = {
        "meeting": facts["meeting"]["number"], "on": facts["meeting"]["on"], "name": name, "sha256": _hash_of(archive), "pdf": bool(drawn), "pdf_sha256": hashlib.sha256(drawn).hexdigest() if drawn else "",
        "parts": [[part.path, part.what, part.proposal, part.sha256, part.size] for part in parts], "note": note, "holds": _holds(facts, attachments),
    }  # fmt: skip
    for old in place.glob(f"{facts['meeting']['number']}-*"):
        if not old.name.startswith(name):
            old.unlink(missing_ok=True)
    done.write_text(json.dumps(told), "utf-8")
    return _kept(place, told)


def _holds(facts: Mapping[str, Any], attachments: Mapping[str, tuple[str, str, Path]]) -> dict[str, Any]:
    """What could stop being public one day: each proposal's comments by number and version, and the records that lie in it."""
    comments = {one["slug"]: {each["number"]: each["version"] for each in one["comments"]} for one in facts["proposals"]}  # fmt: skip
    lying = {each["sha256"] for one in facts["proposals"] for each in one["attachments"] if each["public"]}
    return {"comments": comments, "records": sorted(sha256 for sha256 in lying if any(sha256[:8] in path for path in attachments))}  # fmt: skip


def _kept(place: Path, told: Mapping[str, Any]) -> Packet:
    name = told["name"]
    return Packet(
        told["meeting"], datetime.date.fromisoformat(told["on"]), place / f"{name}.zip", told["sha256"], place / f"{name}.pdf" if told["pdf"] else None, told["pdf_sha256"],
        tuple(Part(*one) for one in told["parts"]), told["note"],
    )  # fmt: skip


def _index(parts: list[Part]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["path", "what", "proposal", "sha256", "bytes"])
    writer.writerows([part.path, part.what, part.proposal, part.sha256, part.size] for part in parts)
    return out.getvalue().encode()


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def html(facts: Mapping[str, Any], parts: list[Part], *, for_print: bool = False, note: str = "") -> str:
    """The index of a packet as one page of HTML, whole in itself."""
    return _made().render(**facts, parts=parts, for_print=for_print, note=note, most=_COMMENTS)


def _made() -> jinja2.Template:
    known = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    known.filters["spoken"] = lambda value: str(value).replace("_", " ")
    known.filters["written"] = _day
    return known.from_string(_TEMPLATE)


def _day(value: object) -> str:
    try:
        day = datetime.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{day:%B} {day.day}, {day.year}"


def opened(packet: Packet) -> Iterator[tuple[str, str]]:
    """Every file of a packet's ZIP with the SHA-256 of what is in it, as somebody checks it."""
    with zipfile.ZipFile(packet.zip) as archive:
        for name in archive.namelist():
            yield name, hashlib.sha256(archive.read(name)).hexdigest()


_TEMPLATE = Path(__file__).with_name("packet.html").read_text("utf-8")
