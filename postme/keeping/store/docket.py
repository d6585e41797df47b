"""The docket: towns, proposals and what happened to them, as rows read and written by whoever runs the process."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.store.register import whole
from postme.proposal import Deed, Proposal

# Chosen: what one page of a list carries.
PAGE = 100
_COLUMNS = (
    "agency",
    "agency_name",
    "kind",
    "title",
    "summary",
    "technologies",
    "products",
    "acts",
    "purpose",
    "holdings",
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A deed with its row: its number, who recorded it and when, and what it replaces or is replaced by, and why."""

    number: int
    position: int
    deed: Deed
    motion: str
    votes: tuple[Mapping[str, Any], ...]
    note: str
    who: str
    at: datetime.datetime
    replaces: int | None = None
    replaced: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TownRow:
    """How a place runs its process."""

    id: str
    name: str
    fiction: bool
    tries: str = ""
    tries_since: datetime.date | None = None
    holidays: Mapping[datetime.date, str] = field(default_factory=dict)
    figures: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Docketed:
    """A proposal as it lies on the docket; ``turn`` counts its changes."""

    slug: str
    town: TownRow
    agency: str
    agency_name: str
    kind: str
    title: str
    summary: str
    technologies: tuple[str, ...]
    products: tuple[Mapping[str, Any], ...]
    acts: tuple[str, ...]
    purpose: str
    holdings: tuple[str, ...]
    drafted: datetime.date
    author: str
    public: bool
    turn: int
    changed: datetime.datetime
    recorded: tuple[Recorded, ...] = ()

    @property
    def proposal(self) -> Proposal:
        """What the laws are asked of: its deeds as they stand, the replaced ones left out."""
        deeds = tuple(one.deed for one in self.recorded if not one.replaced)
        return Proposal(
            self.town.id, self.kind, self.technologies, self.acts, self.drafted, self.purpose or None, deeds
        )


class Docket:
    """The docket of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    # -- towns

    def town(self, id_: str) -> TownRow:
        """How a place runs its process. Raises WrongUse where it does not run one here."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Town.objects.filter(pk=id_).first()
        if row is None:
            raise WrongUse(f"{id_} runs no process here.", where="town", why="There would be no law and no calendar to hold it against.", do="Let an administrator open it for the town first.")  # fmt: skip
        return _town(row)

    def towns(self) -> list[TownRow]:
        """Every place that runs its process here."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [_town(row) for row in models.Town.objects.order_by("name")]

    def open_town(self, town: TownRow) -> None:
        """Open the process for a place, or change how it runs."""
        from postme.keeping.store import models

        told = {key: value for key, value in asdict(town).items() if key not in ("id", "holidays")}
        del told["figures"]  # they are loaded by themselves
        told["holidays"] = {day.isoformat(): name for day, name in town.holidays.items()}
        with whole(self.file):
            models.Town.objects.update_or_create(pk=town.id, defaults=told)

    def seated(
        self, town: str, seats: Iterable[Mapping[str, Any]], *, verified: datetime.date, body: str = "city council"
    ) -> list[int]:
        """The numbers of seats of a body, in the order they are told; those that are not there yet are made."""
        from postme.keeping.store import models

        with whole(self.file):
            return [
                int(
                    models.Seat.objects.get_or_create(
                        town_id=town, body=body, holder=one["holder"], ward=one.get("ward", ""),
                        defaults={"verified": verified, "source": one.get("source", "made up for the example town")},
                    )[0].pk
                )
                for one in seats
            ]  # fmt: skip

    # -- proposals

    def draft(
        self, slug: str, town: str, told: Mapping[str, Any], *, drafted: datetime.date, who: str, at: datetime.datetime
    ) -> None:
        """Lay a proposal on the docket, seen by those who work here only. Raises WrongUse where its address is taken."""
        from postme.keeping.store import models

        with whole(self.file):
            if models.Proposal.objects.filter(slug=slug).exists():
                raise WrongUse(f"There is a proposal at /decisions/{slug}/ already.", where="address", why="Two would share one page.", do="Choose another title, or add the year.")  # fmt: skip
            columns = {key: told[key] for key in _COLUMNS if key in told}
            models.Proposal.objects.create(slug=slug, town_id=town, drafted=drafted, author=who, changed=at, **columns)
            written_down(who, at, "proposal drafted", slug)

    def rewrite(self, slug: str, told: Mapping[str, Any], turn: int, *, who: str, at: datetime.datetime) -> None:
        """Change a proposal that is not public yet. Raises WrongUse where somebody changed it since ``turn``."""
        with whole(self.file):
            row = _held(slug, turn)
            if row.public:
                raise WrongUse("It is public, so it is no longer rewritten.", where=slug, why="What people read and answered would be another text.", do="Record a step, or publish a new version of its papers.")  # fmt: skip
            for key in _COLUMNS:
                if key in told:
                    setattr(row, key, told[key])
            row.turn, row.changed = turn + 1, at
            row.save()
            written_down(who, at, "proposal changed", slug)

    def one(self, slug: str) -> Docketed:
        """A proposal with everything that happened to it. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Proposal.objects.select_related("town").filter(slug=slug).first()
            if row is None:
                raise WrongUse(f"There is no proposal {slug}.", where="proposal", why="Nothing can be done to it.", do="Choose one from the list.")  # fmt: skip
            return _docketed([row])[0]

    def several(
        self, town: str | None = None, *, public: bool | None = True, page: int = 1
    ) -> tuple[list[Docketed], int]:
        """A page of proposals, the last changed first, and how many there are."""
        from postme.keeping.store import models

        rows = models.Proposal.objects.select_related("town").order_by("-changed", "slug")
        rows = rows if town is None else rows.filter(town_id=town)
        rows = rows if public is None else rows.filter(public=public)
        with whole(self.file, atomic=False):
            return _docketed(rows[(page - 1) * PAGE : page * PAGE]), rows.count()

    def chosen(self, slugs: Iterable[str]) -> list[Docketed]:
        """Some proposals by the last part of their address, in that order; those that are not there are left out."""
        from postme.keeping.store import models

        wanted = list(dict.fromkeys(slugs))
        with whole(self.file, atomic=False):
            found = {
                one.slug: one
                for one in _docketed(models.Proposal.objects.select_related("town").filter(slug__in=wanted))
            }
        return [found[one] for one in wanted if one in found]

    def laid(self, town: str | None = None, **asked: Any) -> list[dict[str, Any]]:
        """Every proposal of a town in a line, the last changed first, without what happened to it: for lists to choose from."""
        from postme.keeping.store import models

        rows = models.Proposal.objects.filter(**asked, **({"town_id": town} if town else {})).order_by("-changed", "slug")  # fmt: skip
        with whole(self.file, atomic=False):
            found = list(
                rows.values(
                    "slug", "title", "agency_name", "kind", "town_id", "technologies", "acts", "summary", "author", "public", "turn", "drafted", "products"
                )[:2000]
            )  # fmt: skip
            kinds: dict[str, set[str]] = {}
            for own, kind in models.Deed.objects.filter(proposal__in=rows, replaced_by=None).values_list("proposal__slug", "kind"):  # fmt: skip
                kinds.setdefault(own, set()).add(kind)
        return [{**one, "done": frozenset(kinds.get(one["slug"], ()))} for one in found]

    def record(
        self, slug: str, deed: Deed, turn: int, *, who: str, at: datetime.datetime, note: str = "", motion: str = "", votes: Iterable[Mapping[str, Any]] = (),
        replaces: int | None = None, reason: str = "", public: bool | None = None,
    ) -> int:  # fmt: skip
        """Write a deed down: its number. ``replaces`` is the number of the one that it corrects. Raises WrongUse where the proposal changed since ``turn``."""
        from postme.keeping.store import models

        told = {key: value for key, value in _told(deed).items() if value not in ("", (), [], {}, None)}
        with whole(self.file):
            row = _held(slug, turn)
            last = (
                models.Deed.objects.filter(proposal=row)
                .order_by("-position")
                .values_list("position", flat=True)
                .first()
            )
            made = models.Deed.objects.create(
                proposal=row, position=0 if last is None else last + 1, kind=deed.kind, on=deed.on, told={**told, "motion": motion} if motion else told,
                note=note, who=who, at=at, replaces_id=replaces, reason=reason,
            )  # fmt: skip
            models.Voice.objects.bulk_create(
                models.Voice(deed=made, seat_id=one["seat"], vote=one["vote"], said=one.get("said", ""))
                for one in votes
            )
            row.turn, row.changed = turn + 1, at
            row.public = row.public if public is None else public
            row.save(update_fields=["turn", "changed", "public"])
            written_down(who, at, f"step: {deed.kind}", slug, reason or note)
        return int(made.pk)

    def made_public(self, slug: str, turn: int, *, who: str, at: datetime.datetime) -> None:
        """Mark a proposal as public. Raises WrongUse where it changed since ``turn``."""
        with whole(self.file):
            row = _held(slug, turn)
            row.public, row.turn, row.changed = True, turn + 1, at
            row.save(update_fields=["public", "turn", "changed"])
            written_down(who, at, "proposal accepted", slug)

    def restored(
        self, slug: str, deeds: Sequence[tuple[int, Deed, Mapping[str, Any]]], *, at: datetime.datetime
    ) -> int:
        """Write down steps that a published entry tells of and that the tables lost, since the machine stopped between the two: how many."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Proposal.objects.select_for_update().get(slug=slug)
            known = {*row.deeds.values_list("pk", flat=True)}
            lost = [one for one in deeds if one[0] not in known]
            start = max(row.deeds.values_list("position", flat=True), default=-1) + 1
            for place, (number, deed, told) in enumerate(lost, start):
                own = {key: value for key, value in _told(deed).items() if value not in ("", (), [], {}, None)}
                models.Deed.objects.create(
                    pk=number, proposal=row, position=place, kind=deed.kind, on=deed.on, told={**own, "motion": told["motion"]} if told["motion"] else own,
                    note=told["note"], who="recovered from the log", at=at, replaces_id=told["replaces"], reason=told["reason"],
                )  # fmt: skip
                models.Voice.objects.bulk_create(
                    models.Voice(deed_id=number, seat_id=one["seat"], vote=one["vote"], said=one["said"])
                    for one in told["votes"]
                )
            if lost or not row.public:
                row.public, row.turn, row.changed = True, row.turn + 1, at
                row.save(update_fields=["public", "turn", "changed"])
        return len(lost)

    def touched(self, slug: str, *, at: datetime.datetime) -> None:
        """Count a change that lies beside it: a meeting, a paper."""
        from django.db.models import F

        from postme.keeping.store import models

        with whole(self.file):
            models.Proposal.objects.filter(slug=slug).update(turn=F("turn") + 1, changed=at)


def _held(slug: str, turn: int) -> Any:
    """A proposal's row, held while it is changed. Raises WrongUse where it is another than was seen."""
    from postme.keeping.store import models

    row = models.Proposal.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise WrongUse(f"There is no proposal {slug}.", where="proposal", why="Nothing can be done to it.", do="Choose one from the list.")  # fmt: skip
    if row.turn != turn:
        raise WrongUse(
            "Somebody changed this proposal since you opened it.", where=slug, why="Your step would rest on what you have not seen.",
            do="Open it again: what you typed is still in the form.",
        )  # fmt: skip
    return row


def written_down(who: str, at: datetime.datetime, what: str, slug: str, why: str = "") -> None:
    """Write an act on a proposal down, inside the transaction that does it."""
    from postme.keeping.store import models

    models.DeskAct.objects.create(who=who, at=at, what=what[:60], target=f"/decisions/{slug}/"[:400], why=why)


def _town(row: Any) -> TownRow:
    days = {datetime.date.fromisoformat(day): name for day, name in row.holidays.items()}
    return TownRow(row.pk, row.name, row.fiction, row.tries, row.tries_since, days, tuple(row.figures))


def _docketed(rows: Iterable[Any]) -> list[Docketed]:
    from postme.keeping.store import models

    rows = list(rows)
    deeds: dict[int, list[Any]] = {}
    for deed in models.Deed.objects.filter(proposal__in=rows).order_by("position").prefetch_related("voices__seat"):
        deeds.setdefault(deed.proposal_id, []).append(deed)
    return [
        Docketed(
            row.slug, _town(row.town), row.agency, row.agency_name, row.kind, row.title, row.summary, tuple(row.technologies), tuple(row.products), tuple(row.acts),
            row.purpose, tuple(row.holdings), row.drafted, row.author, row.public, row.turn, row.changed, _in_order(deeds.get(row.pk, [])),
        )
        for row in rows
    ]  # fmt: skip


def _in_order(rows: Sequence[Any]) -> tuple[Recorded, ...]:
    """Deeds in the order in which they count: a correction stands where what it corrects stood."""
    replaced = {row.replaces_id for row in rows if row.replaces_id}
    places = {row.pk: row.position for row in rows}
    stands: dict[int, int] = {}
    for row in rows:
        stands[row.pk] = stands[row.replaces_id] if row.replaces_id in stands else places[row.pk]
    return tuple(
        Recorded(
            row.pk, row.position, _deed(row), row.told.get("motion", ""),
            tuple({"seat": one.seat_id, "holder": one.seat.holder, "ward": one.seat.ward, "vote": one.vote, "said": one.said} for one in row.voices.all()),
            row.note, row.who, row.at, row.replaces_id, row.pk in replaced, row.reason,
        )
        for row in sorted(rows, key=lambda row: (stands[row.pk], row.position))
    )  # fmt: skip


def _told(deed: Deed) -> dict[str, Any]:
    told = asdict(deed)
    del told["kind"], told["on"]
    if deed.kind != "record":
        del told["fact"], told["value"]
    told["until"] = deed.until.isoformat() if deed.until else None
    return {key: list(value) if isinstance(value, tuple) else value for key, value in told.items()}


def _deed(row: Any) -> Deed:
    told = dict(row.told)
    told.pop("motion", None)
    if told.get("until"):
        told["until"] = datetime.date.fromisoformat(told["until"])
    for name in ("also", "conditions"):
        told[name] = tuple(told.get(name, ()))
    return Deed(row.kind, row.on, **told)
