"""Papers as rows: what is being typed, the versions that were fixed, files that belong to a proposal, and what became of promises."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postme import holding, publication
from postme.errors import WrongUse
from postme.keeping.store.docket import written_down
from postme.keeping.store.register import whole
from postme.paper import Answers


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as it lies on the desk; ``turn`` counts how often it was saved. ``number`` 0: nobody has typed anything yet."""

    number: int
    slug: str
    kind: str
    year: int
    typed: Mapping[str, Any] = field(default_factory=dict)
    typed_by: str = ""
    typed_at: datetime.datetime | None = None
    turn: int = 0
    editions: int = 0
    published: int = 0
    """The number of the newest version that is public; 0 where none is."""


@dataclass(frozen=True, slots=True)
class EditionRow:
    """A version that was fixed."""

    id: int
    number: int
    answers: Mapping[str, Any]
    sha256: str
    who: str
    at: datetime.datetime
    published: datetime.datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to a proposal; ``state`` is that of its record: *published*, *withdrawn*, or empty where it never was."""

    sha256: str
    name: str
    what: str
    who: str
    at: datetime.datetime
    state: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person made of a promise: kept, not kept, or not known; what was found, and where."""

    promise: str
    kept: bool | None
    found: str
    found_in: str
    edition: int


class Changed(WrongUse):
    """Somebody saved the paper meanwhile; ``theirs`` is what stands now, with its ``turn``; ``clash`` the questions that both changed."""

    def __init__(
        self, what: str, *, where: str = "", why: str = "", do: str = "", theirs: Mapping[str, Any] | None = None, turn: int = 0, clash: tuple[str, ...] = ()
    ) -> None:  # fmt: skip
        super().__init__(what, where=where, why=why, do=do)
        self.theirs, self.turn, self.clash = theirs or {}, turn, clash


class PaperStore:
    """The papers of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    # -- what is being typed

    def of(self, slug: str) -> list[PaperRow]:
        """The papers of a proposal that somebody has begun."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = (
                models.Paper.objects.filter(proposal__slug=slug).select_related("proposal").prefetch_related("editions")
            )
            return sorted(map(_row, rows), key=lambda one: (one.kind, one.year))

    def one(self, slug: str, kind: str, year: int = 0) -> PaperRow:
        """A paper; one that nobody has begun is empty. Raises WrongUse where there is no such proposal."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = (
                models.Paper.objects.filter(proposal__slug=slug, kind=kind, year=year)
                .select_related("proposal")
                .first()
            )
            if row is None:
                _proposal(slug)
        return PaperRow(0, slug, kind, year) if row is None else _row(row)

    def type(
        self, slug: str, kind: str, year: int, answers: Answers, turn: int, *, who: str, at: datetime.datetime
    ) -> int:
        """Keep answers as they were typed: the paper's new turn. Raises Changed where somebody saved it since ``turn``."""
        from postme.keeping.store import models

        typed = {id_: one.typed() for id_, one in answers.items() if not one.blank}
        with whole(self.file):
            made, _ = models.Paper.objects.get_or_create(proposal=_proposal(slug), kind=kind, year=year)
            row = models.Paper.objects.select_for_update().get(pk=made.pk)
            if row.turn != turn:
                raise _changed(row)
            if row.typed == typed:
                return int(row.turn)
            row.typed, row.typed_by, row.typed_at, row.turn = typed, who, at, turn + 1
            row.save()
            written_down(who, at, "paper typed", slug, f"{kind} {year or ''}".strip())
        return turn + 1

    # -- versions

    def fix(
        self, slug: str, kind: str, year: int, answers: Mapping[str, Any], sha256: str, turn: int, *, reason: str, who: str, at: datetime.datetime
    ) -> int:  # fmt: skip
        """Fix a version: its number. Raises Changed where somebody saved since ``turn``, WrongUse where nothing differs from the last version."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Paper.objects.select_for_update().filter(proposal__slug=slug, kind=kind, year=year).first()
            if row is None:
                raise WrongUse("Nothing was saved yet.", where="paper", why="A version would be empty.", do="Type the first answers and save them.")  # fmt: skip
            if row.turn != turn:
                raise _changed(row)
            last = row.editions.order_by("-number").first()
            if last is not None and last.sha256 == sha256:
                raise WrongUse(f"Nothing has changed since version {last.number}.", where="paper", why="Two versions of the same words would tell readers that something changed.", do="Change an answer first.")  # fmt: skip
            number = (last.number if last else 0) + 1
            models.Edition.objects.create(
                paper=row, number=number, answers=dict(answers), sha256=sha256, who=who, at=at, reason=reason
            )
            written_down(who, at, "paper fixed", slug, f"{kind} {year or ''}, version {number}. {reason}".strip())
        return number

    def editions(self, slug: str, kind: str, year: int = 0) -> list[EditionRow]:
        """The versions of a paper, the newest first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Edition.objects.filter(paper__proposal__slug=slug, paper__kind=kind, paper__year=year)
            return [_edition(row) for row in rows.order_by("-number")]

    def edition(self, slug: str, kind: str, year: int, number: int) -> EditionRow:
        """A version by its number. Raises WrongUse where there is none."""
        found = next((one for one in self.editions(slug, kind, year) if one.number == number), None)
        if found is None:
            raise WrongUse(f"There is no version {number}.", where="paper", why="There is nothing to show or to publish.", do="Choose one from the list of versions, or fix the first.")  # fmt: skip
        return found

    def made_public(self, edition: int, *, at: datetime.datetime) -> None:
        """Note that a version is public: asked inside the publication's transaction."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Edition.objects.filter(pk=edition).update(published=at)

    # -- files

    def attach(self, slug: str, sha256: str, name: str, what: str, *, who: str, at: datetime.datetime) -> None:
        """Note that a file belongs to a proposal; the same file twice is one."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Attachment.objects.get_or_create(
                proposal=_proposal(slug),
                sha256=sha256,
                defaults={"name": name[:300], "what": what[:300], "who": who, "at": at},
            )
            written_down(who, at, "file attached", slug, name)

    def files(self, slug: str) -> list[File]:
        """The files of a proposal, the oldest first, each with the state of its record."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = list(models.Attachment.objects.filter(proposal__slug=slug).order_by("at", "pk"))
            addresses = [f"/records/{row.sha256}/" for row in rows]
            states = dict(models.Entry.objects.filter(address__in=addresses).values_list("address", "state"))
        return [
            File(row.sha256, row.name, row.what, row.who, row.at, states.get(f"/records/{row.sha256}/", ""))
            for row in rows
        ]

    # -- promises

    def judge(self, slug: str, promise: str, report: int, *, promised: str, kept: bool | None, found: str, found_in: str, who: str, at: datetime.datetime) -> None:  # fmt: skip
        """Keep what a person made of a promise. ``report`` is the id of the report's version that was read."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Promise.objects.update_or_create(
                proposal=_proposal(slug), field=promise, edition_id=report,
                defaults={"promised": promised, "found": found, "found_in": found_in[:400], "kept": kept},
            )  # fmt: skip
            written_down(who, at, "promise judged", slug, f"{promise}: {found}")

    def judged(self, slug: str) -> list[Judged]:
        """What was made of the promises of a proposal, for each version of a report that was read."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Promise.objects.filter(proposal__slug=slug).order_by("pk")
            return [Judged(row.field, row.kept, row.found, row.found_in, row.edition_id) for row in rows]

    # -- what answers rest on

    def evidence(self, addresses: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What is public at the addresses that answers rest on: its title, and the words where one quote is meant.

        An address that is nobody's here is not in it; one of another site is nobody's here.
        """
        from postme.keeping.store import models

        wanted = {one: one.partition("#")[0] for one in addresses if one.startswith("/")}
        owners = {one: _entry_of(path) for one, path in wanted.items()}
        quotes = {one: one.partition("#q-")[2] for one in wanted if "#q-" in one}
        with whole(self.file, atomic=False):
            rows = (
                models.Entry.objects.visible()
                .filter(address__in=set(owners.values()))
                .values_list("address", "title", "kind")
            )
            shown = {address: (title, kind) for address, title, kind in rows}
            words = {
                (f"/records/{row.record_id}/", row.mention): (
                    row.quote,
                    row.page,
                    holding.seconds(json.loads(row.entry.twin)["facts"], row.mention),
                )
                for row in models.Evidence.objects.visible().filter(mention__in=quotes.values()).select_related("entry")
            }
        found: dict[str, dict[str, Any]] = {}
        for one, owner in owners.items():
            if owner not in shown:
                continue
            quote, page, seconds = words.get((owner, quotes.get(one, "")), ("", None, None))
            found[one] = {
                "title": shown[owner][0],
                "kind": shown[owner][1],
                "quote": quote,
                "page": page or _page(wanted[one]),
                "seconds": seconds,
            }
        return found

    # -- what is public

    def public(self, slug: str) -> list[tuple[str, dict[str, Any]]]:
        """The papers of a proposal that the public may read: address, and what the entry says."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Entry.objects.visible().filter(kind="paper", address__startswith=f"/decisions/{slug}/")
            return [(row.address, json.loads(row.twin)["facts"]) for row in rows.order_by("address")]

    def versions(self, address: str) -> list[tuple[int, int, str, str, dict[str, Any]]]:
        """Every version of a public paper whose words may be read: its number in the log's order, leaf, when, why, facts; the newest first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            entry = models.Entry.objects.filter(address=address, kind="paper").first()
            if entry is None or not publication.visible(entry.state):
                return []
            rows = entry.versions.exclude(twin=None).order_by("-number")
            told = [
                (row.number, row.leaf, row.at.strftime("%Y-%m-%dT%H:%M:%SZ"), row.reason, json.loads(row.twin)["facts"])
                for row in rows
            ]
        return [one for one in told if one[4] is not None]


def _entry_of(path: str) -> str:
    """The address of the entry that a page is a part of: a record's, for each of its pages."""
    parts = path.strip("/").split("/")
    return f"/records/{parts[1]}/" if parts[0] == "records" and len(parts) > 1 else f"/{'/'.join(parts)}/"


def _page(path: str) -> int | None:
    parts = path.strip("/").split("/")
    return (
        int(parts[2])
        if parts[0] == "records" and len(parts) > 2 and parts[2].isdecimal() and len(parts[2]) < 9
        else None
    )


def _proposal(slug: str) -> Any:
    from postme.keeping.store import models

    row = models.Proposal.objects.filter(slug=slug).first()
    if row is None:
        raise WrongUse(
            f"There is no proposal {slug}.",
            where="proposal",
            why="A paper belongs to one.",
            do="Choose one from the list.",
        )
    return row


def _row(row: Any) -> PaperRow:
    editions = list(row.editions.all())
    return PaperRow(
        row.pk, row.proposal.slug, row.kind, row.year, dict(row.typed), row.typed_by, row.typed_at, row.turn, len(editions),
        max((one.number for one in editions if one.published), default=0),
    )  # fmt: skip


def _edition(row: Any) -> EditionRow:
    return EditionRow(row.pk, row.number, row.answers, row.sha256, row.who, row.at, row.published, row.reason)


def _changed(row: Any) -> Changed:
    return Changed(
        f"{row.typed_by or 'Somebody'} saved this paper while you were writing.", where="paper", why="One of the two texts would be lost without a word.",
        do="Look at both, put together what belongs together, and save again. What you typed is still here.", theirs=row.typed, turn=row.turn,
    )  # fmt: skip
