"""Mentions as the desk takes them up: filtered, in order, with those that say the same words; and every act, to be looked through."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from postme.errors import WrongUse
from postme.keeping.shelf import unpacked
from postme.keeping.store.register import Register, whole

# Chosen: how far "next" goes before the list is drawn anew; more than a person rules in a day.
REACH = 1_000
# Chosen: what one press may rule; the page names the number beside the button.
AT_ONCE = 300
_ORDER = {"sure": 0, "likely": 1, "unsure": 2}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mentions: each filter is off where it is empty. ``ruled`` is waiting, ruled, all, yes, no or unsure."""

    place: str = ""
    technology: str = ""
    vendor: str = ""
    certainty: str = ""
    record: str = ""
    ruled: str = "waiting"

    def said(self) -> dict[str, str]:
        """As an address says it, without what is as usual."""
        return {key: value for key, value in asdict(self).items() if value and (key, value) != ("ruled", "waiting")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A mention with what the desk shows of it."""

    id: str
    sha256: str
    name: str
    title: str
    page: int
    pages: int
    start: int
    end: int
    quote: str
    technologies: tuple[str, ...]
    certainty: str
    facts: Mapping[str, Any]
    rulings: tuple[Mapping[str, Any], ...]


class Queue:
    """The mentions of a data folder, for the desk."""

    def __init__(self, folder: Path) -> None:
        self._register = Register(folder)
        self.file = self._register.file

    def places(self) -> tuple[str, ...]:
        """Every place that a search was made of."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Search.objects.exclude(place=None).order_by().values_list("place", flat=True).distinct()
            return tuple(sorted(str(one) for one in rows))

    def waiting_by_place(self) -> list[tuple[str, int]]:
        """How many mentions wait for a ruling, by place; an empty one where nobody said of which place the record is."""
        from django.db.models import Count

        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = dict(
                _ruled(models.StoredMention.objects.all(), "waiting")
                .order_by()
                .values_list("record_id")
                .annotate(Count("pk"))
            )
        left, found = set(rows), []
        for place in self.places():
            here = self.records_of(place) & set(rows)
            found.append((place, sum(rows[one] for one in here)))
            left -= here
        if left:
            found.append(("", sum(rows[one] for one in left)))
        return [one for one in found if one[1]]

    def records_of(self, place: str) -> frozenset[str]:
        """The hashes of the records that searches of a place read."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            listings = models.Search.objects.filter(place=place).order_by("-pk").values_list("listing_id", flat=True)
            seen = tuple(dict.fromkeys(listings))
        return frozenset(sha for one in seen for sha in _listed(one))

    def matching(self, wanted: Wanted, limit: int = REACH) -> tuple[list[str], int]:
        """The ids of what is wanted, the surest first, then by record and place in it; and how many there are in all."""
        from django.db.models import Case, IntegerField, TextField, Value, When
        from django.db.models.functions import Cast

        from postme.keeping.store import models

        rows = models.StoredMention.objects.all()
        if wanted.place:
            rows = rows.filter(record_id__in=_among(sorted(self.records_of(wanted.place))))
        if wanted.technology:
            rows = rows.annotate(told=Cast("technologies", TextField())).filter(
                told__contains=json.dumps(wanted.technology)
            )
        if wanted.vendor:
            rows = rows.filter(facts__vendor=wanted.vendor)
        if wanted.certainty:
            rows = rows.filter(certainty=wanted.certainty)
        if wanted.record:
            own = models.StoredRecord.objects.filter(name__icontains=wanted.record)
            by_hash = models.StoredRecord.objects.filter(sha256__startswith=wanted.record.lower())
            rows = rows.filter(record_id__in=(own | by_hash).values("pk"))
        rows = _ruled(rows, wanted.ruled)
        weight = Case(
            *(When(certainty=key, then=Value(value)) for key, value in _ORDER.items()),
            default=Value(9),
            output_field=IntegerField(),
        )
        with whole(self.file, atomic=False):
            ids = list(
                rows.order_by(weight, "record__name", "page", "start", "id").values_list("id", flat=True)[: limit + 1]
            )
            total = len(ids) if len(ids) <= limit else rows.count()
        return ids[:limit], total

    def mention(self, id_: str) -> Shown:
        """A mention with every ruling on it, the newest first. Raises WrongUse where there is none."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.StoredMention.objects.select_related("record").filter(pk=id_).first()
            if row is None:
                raise WrongUse(
                    f"There is no mention {id_[:20]}.",
                    where="mention",
                    why="Nothing can be ruled.",
                    do="Go back to the list.",
                )
            rulings = tuple(row.rulings.order_by("-at", "-pk").values("answer", "why", "who", "at", "undone_at"))
        return Shown(
            row.id, row.record_id, row.record.name, row.record.title or "", row.page, row.record.pages, row.start, row.end, row.quote,
            tuple(row.technologies), row.certainty, row.facts, rulings,
        )  # fmt: skip

    def same(self, one: Shown) -> list[str]:
        """Other mentions that wait, in the same words for the same technologies."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = _ruled(
                models.StoredMention.objects.filter(quote__iexact=one.quote, technologies=list(one.technologies)),
                "waiting",
            )
            return list(rows.exclude(pk=one.id).order_by("id").values_list("id", flat=True)[: AT_ONCE - 1])

    def rule(self, ids: Sequence[str], answer: str, *, why: str, who: str, at: datetime.datetime) -> int:
        """Rule on some mentions, all or none: how many. Raises WrongUse for an answer that is none."""
        if answer not in ("yes", "no", "unsure") or not ids or len(ids) > AT_ONCE:
            raise WrongUse("That is no ruling.", where="answer", why="Only yes, no and unsure mean something later.", do=f"Choose one of the three, for at most {AT_ONCE} mentions at once.")  # fmt: skip
        with whole(self.file):
            for one in ids:
                self._register.rule(one, answer, why=why, who=who, at=at)
        return len(ids)

    def undo_last(self, who: str, at: datetime.datetime) -> list[str]:
        """Take back what somebody ruled last, all that one press ruled: the mentions' ids, none where nothing stands."""
        from postme.keeping.store import models

        with whole(self.file):
            own = models.Ruling.objects.filter(who=who, undone_at=None)
            last = own.order_by("-at", "-pk").first()
            if last is None:
                return []
            rows = list(own.filter(at=last.at).values_list("pk", "mention_id"))
            for number, _ in rows:
                self._register.undo(number, at=at)
            models.DeskAct.objects.create(
                who=who, at=at, what="ruling taken back", target=rows[0][1], detail={"mentions": len(rows)}
            )
        return [mention for _, mention in rows]

    def searches(self) -> list[dict[str, Any]]:
        """Every search in numbers, the newest first; their listings stay packed."""
        from postme.keeping.store import models

        columns = ("place", "started", "ended", "files", "refused", "pages", "unreadable", "mentions")
        with whole(self.file, atomic=False):
            return [
                {"number": row.pop("pk"), **row}
                for row in models.Search.objects.order_by("-pk").values("pk", *columns)[:200]
            ]

    def vendors(self) -> list[str]:
        """The makers that mentions name."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.StoredMention.objects.order_by().values_list("facts__vendor", flat=True).distinct()
            return sorted({one for one in rows if one})

    def acts(
        self, *, who: str = "", what: str = "", target: str = "", start: int = 0, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Every act, the newest first, the rulings of desk and terminal among them: ``at``, ``who``, ``what``, ``target``, ``why``."""
        from django.db.models import F, Value
        from django.db.models.functions import Concat

        from postme.keeping.store import models

        own: Any = models.DeskAct.objects.order_by()
        rulings: Any = models.Ruling.objects.order_by()
        own = own.values_list("at", "who", "what", "target", "why")
        rulings = rulings.annotate(what=Concat(Value("ruled: "), F("answer")), target=F("mention_id")).values_list(
            "at", "who", "what", "target", "why"
        )
        for key, value in (("who", who), ("what__startswith", what), ("target__contains", target)):
            if value:
                own, rulings = own.filter(**{key: value}), rulings.filter(**{key: value})
        with whole(self.file, atomic=False):
            rows = own.union(rulings, all=True).order_by("-at")[start : start + limit]
            return [dict(zip(("at", "who", "what", "target", "why"), row, strict=True)) for row in rows]


@lru_cache(maxsize=64)
def _listed(listing: str) -> frozenset[str]:
    """The hashes in a listing; a listing never changes, its name is its hash."""
    from postme.keeping.store import models

    data = models.Listing.objects.values_list("files", flat=True).get(pk=listing)
    return frozenset(sha for _, sha, *_ in unpacked(bytes(data)) if sha)


def _ruled(rows: Any, ruled: str) -> Any:
    from django.db.models import Exists, OuterRef, Subquery

    from postme.keeping.store import models

    standing = models.Ruling.objects.filter(mention=OuterRef("pk"), undone_at=None)
    if ruled == "waiting":
        return rows.filter(~Exists(standing))
    if ruled == "ruled":
        return rows.filter(Exists(standing))
    if ruled in ("yes", "no", "unsure"):
        return rows.annotate(stands=Subquery(standing.order_by("-at", "-pk").values("answer")[:1])).filter(stands=ruled)
    return rows


def _among(hashes: Iterable[str]) -> Any:
    """Hashes as something to look in: as one parameter, since a database takes only so many."""
    from django.db import connection
    from django.db.models.expressions import RawSQL

    values = list(hashes)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [values])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(values)])
