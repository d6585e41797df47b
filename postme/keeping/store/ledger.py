"""The ledger: drafts on their way, and the one place where public rows are written, each with its leaf of the log.

Everything of a publication happens in one transaction, and sealing the log is its last step: all of it stands, or none.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import merkle, publication
from postme.errors import KeepingError, WrongUse
from postme.keeping.store.register import Register, whole
from postme.place import placed
from postme.publication import State, What

if TYPE_CHECKING:
    from postme.keeping.store.published import Entry

# Chosen: any number will do, as long as every process that publishes takes the same lock.
_LOCK = 0x706F7374


@dataclass(frozen=True, slots=True)
class Publishing:
    """One thing to be done to one address. ``facts`` are what its twin says; ``texts`` the pages of a record: number, text, state, note."""

    address: str
    kind: str
    what: What
    facts: Mapping[str, Any] | None
    reason: str = ""
    texts: Sequence[tuple[int, str, str, str]] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """What was put into the log: its index, the twin's bytes and their leaf hash, and what would be needed to publish it again."""

    index: int
    hash: bytes
    twin: bytes
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft as it lies on the desk."""

    id: int
    address: str
    kind: str
    what: str
    facts: dict[str, Any]
    reason: str
    state: str
    base: int
    author: str
    changed: datetime.datetime
    decided_by: str = ""
    remark: str = ""
    title: str = field(default="")


class Ledger:
    """The ledger of a data folder (or of the database that the environment names)."""

    def __init__(self, folder: Path) -> None:
        self.file = Register(folder).file

    # -- drafts

    def draft(self, address: str, kind: str, what: What, facts: Mapping[str, Any], *, reason: str, who: str, at: datetime.datetime) -> int:  # fmt: skip
        """Lay a draft on the desk: its number."""
        from postme.keeping.store import models

        with whole(self.file):
            entry = models.Entry.objects.filter(address=address).only("version", "state").first()
            publication.follows(what, entry.version if entry else 0, entry.state if entry else "")
            row = models.Draft.objects.create(
                address=address, kind=kind, what=what.value, facts=dict(facts), reason=reason, state=State.DRAFT.value,
                base=entry.version if entry else 0, author=who, created=at, changed=at,
            )  # fmt: skip
            self._note(who, at, f"drafted: {what}", address, reason, {"draft": row.pk})
        return int(row.pk)

    def rewrite(self, draft: int, facts: Mapping[str, Any], *, reason: str, who: str, at: datetime.datetime) -> None:
        """Change a draft that has not been submitted, or was returned. Raises WrongUse for any other."""
        from postme.keeping.store import models

        with whole(self.file):
            changed = models.Draft.objects.filter(
                pk=draft, state__in=[State.DRAFT.value, State.RETURNED.value], author=who
            ).update(facts=dict(facts), reason=reason, changed=at)
        if not changed:
            raise WrongUse(
                "This draft cannot be changed.", where=f"draft {draft}", why="Only its author may, and only while nobody is deciding on it.",
                do="Take it back first, or draft a correction.",
            )  # fmt: skip

    def draft_of(self, draft: int) -> Drafted:
        """A draft by its number. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Draft.objects.filter(pk=draft).first()
        if row is None:
            raise WrongUse(f"There is no draft {draft}.", where="draft", why="Nothing can be decided on it.", do="Choose one from the list of drafts.")  # fmt: skip
        return _drafted(row)

    def drafts(self, *states: str) -> list[Drafted]:
        """Drafts in those states (all, where none is given), the oldest first."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Draft.objects.order_by("changed", "pk")
            return [_drafted(row) for row in (rows.filter(state__in=states) if states else rows)]

    def move(self, draft: int, to: State, *, who: str, at: datetime.datetime, remark: str = "") -> None:
        """Move a draft to another state, as its life allows. Raises WrongUse. Approval goes through ``publish``."""
        with whole(self.file):
            self._moved(draft, to, who, at, remark)

    def _moved(self, draft: int, to: State, who: str, at: datetime.datetime, remark: str) -> Drafted:
        from postme.keeping.store import models

        row = models.Draft.objects.select_for_update().filter(pk=draft).first()
        if row is None:
            raise WrongUse(f"There is no draft {draft}.", where="draft", why="Nothing can be decided on it.", do="Choose one from the list of drafts.")  # fmt: skip
        publication.moved(row.state, to, author=row.author, who=who)
        row.state, row.changed, row.remark = to.value, at, remark
        if to in (State.APPROVED, State.RETURNED):
            row.decided_by, row.decided = who, at
        row.save()
        self._note(who, at, f"draft {to}", row.address, remark, {"draft": row.pk})
        return _drafted(row)

    # -- what is out

    def publish(
        self, made: Callable[[], Sequence[Publishing]], *, who: str, at: datetime.datetime, salt: Callable[[], str],
        seal: Callable[[Sequence[Leaf]], None], draft: int | None = None, remark: str = "",
    ) -> list[Leaf]:  # fmt: skip
        """Publish, correct, withdraw or redact some entries, all or none, with their leaves.

        ``made`` is asked inside the transaction, and ``seal`` is called last in it: if either raises, nothing was
        published. ``draft`` is the draft that is approved by this.
        """
        with whole(self.file):
            _one_at_a_time()
            if draft is not None:
                now = self._moved(draft, State.APPROVED, who, at, remark)
                self._still_fits(now)
            index = self._next()
            leaves = [self._done(_tellable(one), index + i, at, salt(), who) for i, one in enumerate(made())]
            if draft is not None:
                leaves[-1:] = [
                    replace(last, row={**last.row, "draft": draft, "remark": remark}) for last in leaves[-1:]
                ]
            seal(leaves)
        return leaves

    def _still_fits(self, draft: Drafted) -> None:
        from postme.keeping.store import models

        entry = models.Entry.objects.filter(address=draft.address).only("version").first()
        if (entry.version if entry else 0) != draft.base:
            raise WrongUse(
                "What is published has changed since this was drafted.", where=draft.address, why="Approving it would undo what came between without a word.",
                do="Return it to its author, to be drawn again from what is published now.",
            )  # fmt: skip

    def _next(self) -> int:
        from postme.keeping.store import models

        last = models.Version.objects.order_by("-leaf").values_list("leaf", flat=True).first()
        return 0 if last is None else int(last) + 1

    def _done(self, one: Publishing, index: int, at: datetime.datetime, salt: str, who: str) -> Leaf:
        from postme.keeping.store import finding, models

        entry = models.Entry.objects.filter(address=one.address).first()
        publication.follows(one.what, entry.version if entry else 0, entry.state if entry else "")
        number = (entry.version if entry else 0) + 1
        history = json.loads(entry.twin)["history"] if entry else []
        before = json.loads(entry.twin)["facts"] if entry else None
        stamp = at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if one.what in (What.WITHDRAWN, What.REDACTED):
            # What was taken down must not stand in the history of what replaced it.
            history = [{**past, "changes": []} for past in history]
        differs = list(publication.changes(before, one.facts)) if one.what is What.CORRECTED else []
        history = [
            *history,
            {"version": number, "what": one.what.value, "at": stamp, "reason": one.reason, "changes": differs},
        ]
        twin = publication.twin(
            address=one.address, kind=one.kind, number=number, what=one.what, at=stamp, reason=one.reason, salt=salt,
            facts=one.facts, history=history,
        )  # fmt: skip
        again = {"publishing": {**asdict(one), "what": one.what.value}, "at": at.isoformat(), "salt": salt, "who": who}
        leaf = Leaf(index, merkle.leaf_hash(twin), twin, again)
        saved = self._entry(entry, one, number, leaf, at)
        models.Version.objects.create(
            leaf=index, hash=leaf.hash.hex(), entry=saved, number=number, what=one.what.value, at=at, reason=one.reason, twin=twin.decode()
        )  # fmt: skip
        if one.what in (What.WITHDRAWN, What.REDACTED):
            saved.versions.exclude(leaf=index).update(twin=None)
        finding.forgotten(saved)
        _rows(saved, one)
        finding.kept(saved, one.facts)
        self._note(who, at, one.what.value, one.address, one.reason, {"leaf": index})
        return leaf

    def _entry(self, entry: Entry | None, one: Publishing, number: int, leaf: Leaf, at: datetime.datetime) -> Entry:
        from postme.keeping.store import models

        row = entry or models.Entry(address=one.address, kind=one.kind, first=at)
        row.version, row.leaf, row.twin, row.changed = number, leaf.index, leaf.twin.decode(), at
        row.state = "withdrawn" if one.what is What.WITHDRAWN else "published"
        if one.facts is None:
            # Its name may be what it was withdrawn for; lists of what happened show this one from now on.
            row.title = f"Withdrawn {one.kind}"
        else:
            row.title = str(one.facts["title"])
            row.fiction = bool(one.facts.get("fiction"))
            row.place = _place(one.facts["place"], fiction=row.fiction) if one.facts.get("place") else None
            row.agency = _agency(one.facts["agency"], row.place_id) if one.facts.get("agency") else None
            row.technology = str((one.facts.get("technology") or {}).get("id", ""))
        row.save()
        return row

    def _note(
        self, who: str, at: datetime.datetime, what: str, target: str, why: str, detail: Mapping[str, Any]
    ) -> None:
        from postme.keeping.store import models

        models.DeskAct.objects.create(who=who, at=at, what=what, target=target[:400], why=why, detail=dict(detail))

    def note(self, who: str, at: datetime.datetime, what: str, target: str, why: str = "", **detail: Any) -> None:
        """Write an act on the desk down: who, when, what, on what, and why."""
        with whole(self.file):
            self._note(who, at, what, target, why, detail)

    # -- reading it again

    def size(self) -> int:
        """How many entries the log has, as the table counts them."""
        with whole(self.file):
            return self._next()

    def leaves(self, start: int = 0) -> list[tuple[int, bytes, bytes | None]]:
        """Every leaf from an index on: index, hash, and the twin's bytes unless they were taken down."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Version.objects.filter(leaf__gte=start).order_by("leaf").values_list("leaf", "hash", "twin")
            return [(leaf, bytes.fromhex(hash_), None if twin is None else twin.encode()) for leaf, hash_, twin in rows]

    def facts_at(self, address: str) -> dict[str, Any] | None:
        """The facts that are public at an address now; ``None`` where nothing is."""
        from postme.keeping.store import models

        with whole(self.file):
            entry = models.Entry.objects.filter(address=address).only("twin", "state").first()
        if entry is None or not publication.visible(entry.state):
            return None
        facts: dict[str, Any] | None = json.loads(entry.twin)["facts"]
        return facts

    def resting_on(self, sha256: str) -> list[str]:
        """The addresses of published holdings that quote a record."""
        from postme.keeping.store import models

        with whole(self.file):
            found = models.Evidence.objects.filter(record_id=sha256).values_list("entry__address", flat=True)
            return sorted(set(found))

    def record_of(self, sha256: str) -> dict[str, Any]:
        """What is kept of a record that was read, its text aside. Raises WrongUse where it never was."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.StoredRecord.objects.filter(pk=sha256).values().first()
        if row is None:
            raise WrongUse(f"No record {sha256[:12]}… was read here.", where="record", why="Nobody could open what is published of it.", do="Scan it first.")  # fmt: skip
        return dict(row)


def _drafted(row: Any) -> Drafted:
    return Drafted(
        row.pk, row.address, row.kind, row.what, row.facts, row.reason, row.state, row.base, row.author, row.changed, row.decided_by,
        row.remark, str((row.facts or {}).get("title", row.address)),
    )  # fmt: skip


def _tellable(one: Publishing) -> Publishing:
    texts = [
        (number, publication.tellable(text), state, publication.tellable(note))
        for number, text, state, note in one.texts
    ]
    return replace(one, facts=publication.tellable(one.facts), reason=publication.tellable(one.reason), texts=texts)


def _one_at_a_time() -> None:
    """Two publications at once would take the same index; SQLite has one writer anyway."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _place(told: Mapping[str, Any], *, fiction: bool) -> Any:
    from postme.keeping.store import models

    where = placed(str(told["id"]))
    place, _ = models.Place.objects.update_or_create(
        id=where.short, defaults={"name": told["name"], "level": where.level.value, "state": f"us/{where.state}" if where.state else "", "fiction": fiction}
    )  # fmt: skip
    return place


def _agency(told: Mapping[str, Any], place: str | None) -> Any:
    from postme.keeping.store import models

    agency, _ = models.Agency.objects.update_or_create(
        id=told["id"], defaults={"place_id": place or "", "name": told["name"], "kind": told["kind"], "names": told.get("names", [])}
    )  # fmt: skip
    return agency


def _rows(entry: Entry, one: Publishing) -> None:
    """The rows that lists, searches and files read, made anew from what the twin says."""
    from postme.keeping.store import models

    facts = one.facts
    if entry.kind == "record":
        models.PublicPage.objects.filter(record__entry=entry).delete()
        if facts is None:
            if models.Evidence.objects.filter(record__entry=entry).exists():
                raise KeepingError(
                    "Published holdings still quote this record.", where=entry.address, why="Their evidence could no longer be opened.",
                    do="Withdraw or correct those holdings first; the record's page lists them.",
                )  # fmt: skip
            models.PublicRecord.objects.filter(entry=entry).delete()
            return
        columns = {key: facts.get(key) for key in ("name", "date", "body", "media_type")}
        record, _ = models.PublicRecord.objects.update_or_create(
            sha256=facts["sha256"],
            defaults={**columns, "entry": entry, "place_id": entry.place_id, "title": facts.get("own_title"), "pages": facts["pages"], "unreadable": len(facts["unreadable"])},
        )  # fmt: skip
        models.PublicPage.objects.bulk_create(
            [models.PublicPage(record=record, number=number, text=text, state=state, note=note) for number, text, state, note in one.texts],
            batch_size=200,
        )  # fmt: skip
        return
    entry.claims.all().delete()
    entry.evidence.all().delete()
    if entry.kind != "holding" or facts is None:
        return
    models.Claim.objects.bulk_create(
        models.Claim(entry=entry, position=i, part=claim["part"], value=claim["value"], how=claim["how"], evidence=claim["evidence"])
        for i, claim in enumerate(facts["claims"])
    )  # fmt: skip
    models.Evidence.objects.bulk_create(
        models.Evidence(
            entry=entry, record_id=quote["sha256"], mention=quote["id"], page=quote["page"], start=quote["start"], end=quote["end"],
            quote=quote["quote"], act=quote["act"], date=quote["date"],
        )
        for quote in facts["evidence"]
    )  # fmt: skip
