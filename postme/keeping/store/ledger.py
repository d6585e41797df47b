"""The ledger: drafts on their way, and the one place where public rows are written, each with its leaf of the log.

Everything of a publication happens in one transaction, and sealing the log is its last step: all of it stands, or none.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import merkle, publication
from postme.errors import WrongUse
from postme.keeping.store import publicrows
from postme.keeping.store.register import Register, whole
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
    reading: str = ""
    """For a record: the digest of the text that its pages were made from."""


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

    @property
    def seen(self) -> str:
        """What somebody who opened it has seen: another one, once its facts or its reason are others."""
        return hashlib.sha256(publication.canonical([self.what, self.facts, self.reason])).hexdigest()[:32]


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
            rows = models.Draft.objects.filter(
                pk=draft, state__in=[State.DRAFT.value, State.RETURNED.value], author=who
            )
            # Drawn anew, it is drawn from what is public now.
            address = rows.values_list("address", flat=True).first()
            base = models.Entry.objects.filter(address=address).values_list("version", flat=True).first() or 0
            changed = rows.update(facts=dict(facts), reason=reason, changed=at, base=base)
        if not changed:
            raise WrongUse(
                "This draft cannot be changed.", where=f"draft {draft}", why="Only its author may, and only while nobody is deciding on it.",
                do="Take it back first, or draft a correction.",
            )  # fmt: skip

    def draft_of(self, draft: int) -> Drafted:
        """A draft by its number. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Draft.objects.filter(pk=draft).first()
        if row is None:
            raise WrongUse(f"There is no draft {draft}.", where="draft", why="Nothing can be decided on it.", do="Choose one from the list of drafts.")  # fmt: skip
        return _drafted(row)

    def drafts(self, *states: str) -> list[Drafted]:
        """Drafts in those states (all, where none is given), the oldest first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
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
        self, made: Callable[[Drafted | None], Sequence[Publishing]], *, who: str, at: datetime.datetime, salt: Callable[[], str],
        seal: Callable[[Sequence[Leaf]], None], draft: int | None = None, remark: str = "", seen: str = "", redaction: int | None = None,
        again: bool = False,
    ) -> list[Leaf]:  # fmt: skip
        """Publish, correct, withdraw or redact some entries, all or none, with their leaves.

        ``made`` is asked inside the transaction, given the draft as it is then, and ``seal`` is called last in it: if
        either raises, nothing was published. ``draft`` is the draft that is approved by this, as it was ``seen`` (where
        that is given); ``redaction`` the one that comes into force. ``again``: it is in the log already, so that nobody
        is asked whether it may be.
        """
        with whole(self.file):
            _one_at_a_time()
            now = None if draft is None else self._approved(draft, who, at, remark, seen, again=again)
            if redaction is not None:
                self._in_force(redaction, who, at, again=again)
            index = self._next()
            leaves = [self._done(_tellable(one), index + i, at, salt(), who) for i, one in enumerate(made(now))]
            beside = {"draft": draft, "remark": remark, "redaction": redaction}
            leaves[-1:] = [replace(last, row={**last.row, **beside}) for last in leaves[-1:]]
            seal(leaves)
        return leaves

    def _approved(self, draft: int, who: str, at: datetime.datetime, remark: str, seen: str, *, again: bool) -> Drafted:
        from postme.keeping.store import models

        if again:
            models.Draft.objects.filter(pk=draft).update(
                state=State.APPROVED.value, changed=at, decided_by=who, decided=at
            )
            return self.draft_of(draft)
        now = self._moved(draft, State.APPROVED, who, at, remark)
        if seen and seen != now.seen:
            raise WrongUse(
                "This draft was changed since you opened it.", where=now.address, why="You would publish what you have not seen.",
                do="Open it again, and read what has changed.",
            )  # fmt: skip
        self._still_fits(now)
        return now

    def _in_force(self, redaction: int, who: str, at: datetime.datetime, *, again: bool) -> None:
        from postme.keeping.store import models

        rows = models.Redaction.objects.filter(pk=redaction, **({} if again else {"state": "asked"}))
        if not rows.update(state="in force", decided_by=who, decided=at):
            raise WrongUse(f"Redaction {redaction} is not waiting.", where="redaction", why="Somebody decided on it meanwhile.", do="Open the list of redactions again.")  # fmt: skip
        self._note(who, at, "redaction in force", f"redaction {redaction}", "", {})

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
        publicrows.write(saved, one)
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
            row.place = publicrows.place(one.facts["place"], fiction=row.fiction) if one.facts.get("place") else None
            row.agency = publicrows.agency(one.facts["agency"], row.place_id) if one.facts.get("agency") else None
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
        with whole(self.file, atomic=False):
            return self._next()

    def leaves(self, start: int = 0) -> list[tuple[int, bytes, bytes | None]]:
        """Every leaf from an index on: index, hash, and the twin's bytes unless they were taken down."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Version.objects.filter(leaf__gte=start).order_by("leaf").values_list("leaf", "hash", "twin")
            return [(leaf, bytes.fromhex(hash_), None if twin is None else twin.encode()) for leaf, hash_, twin in rows]

    def facts_at(self, address: str) -> dict[str, Any] | None:
        """The facts that are public at an address now; ``None`` where nothing is."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            entry = models.Entry.objects.filter(address=address).only("twin", "state").first()
        if entry is None or not publication.visible(entry.state):
            return None
        facts: dict[str, Any] | None = json.loads(entry.twin)["facts"]
        return facts

    def naming(self, sha256: str) -> list[str]:
        """The addresses of published holdings that quote a record, or did in an earlier version whose words are still there."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            versions = models.Version.objects.filter(
                twin__contains=sha256, entry__kind="holding", entry__state="published"
            )
            return sorted(set(versions.values_list("entry__address", flat=True)))

    def state_of(self, address: str) -> str:
        """``published``, ``withdrawn``, or empty where nothing ever was."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return models.Entry.objects.filter(address=address).values_list("state", flat=True).first() or ""

    def reading_of(self, sha256: str) -> str:
        """The digest of the text of a public record before anything was hidden; empty where it is not public."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return models.PublicRecord.objects.filter(pk=sha256).values_list("reading", flat=True).first() or ""

    def not_true(self, mentions: Sequence[str]) -> list[str]:
        """Those of some mentions on which no ruling *yes* stands."""
        from postme.keeping.store import models

        standing: dict[str, str] = {}
        with whole(self.file, atomic=False):
            rows = models.Ruling.objects.filter(mention_id__in=mentions, undone_at=None).order_by("at", "pk")
            standing.update(rows.values_list("mention_id", "answer"))
        return [one for one in mentions if standing.get(one) != "yes"]

    def record_of(self, sha256: str) -> dict[str, Any]:
        """What is kept of a record that was read, its text aside. Raises WrongUse where it never was."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
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
