"""Wards and address points as rows: a whole set replaces the one before, so that no two maps are ever in force."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from postme.keeping.store.register import Register, whole

# Chosen: rows that one statement writes.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """What is loaded of a town: its wards' names and when, from where; and how many addresses."""

    wards: tuple[str, ...]
    source: str
    loaded: datetime.date | None
    addresses: int
    mark: tuple[int, int, int]
    """Changes with the set of wards."""


class WardBook:
    """The wards and addresses of a data folder's towns."""

    def __init__(self, folder: Path) -> None:
        self.file = Register(folder).file

    def replace_wards(
        self, town: str, named: str, wards: Iterable[tuple[str, str]], source: str, on: datetime.date, *, fiction: bool
    ) -> None:
        """Put a set of wards (name and GeoJSON) in place of the one that is there."""
        from postme.keeping.store import models

        with whole(self.file):
            _town(town, named, fiction=fiction)
            models.Ward.objects.filter(town_id=town).delete()
            models.Ward.objects.bulk_create(
                [models.Ward(town_id=town, name=name, shape=shape, source=source, loaded=on) for name, shape in wards]
            )
            _turned(town)

    def replace_addresses(
        self, town: str, named: str, points: Iterable[tuple[str, float, float]], *, fiction: bool
    ) -> int:
        """Put a set of addresses (folded, degrees east and north) in place of the one that is there: how many."""
        from postme.keeping.store import models

        count, waiting = 0, iter(points)
        with whole(self.file):
            _town(town, named, fiction=fiction)
            models.AddressPoint.objects.filter(town_id=town).delete()
            while some := list(islice(waiting, _BATCH)):
                models.AddressPoint.objects.bulk_create(
                    [models.AddressPoint(town_id=town, folded=one, longitude=x, latitude=y) for one, x, y in some]
                )
                count += len(some)
            _turned(town)
        return count

    def kept(self, town: str) -> Kept:
        """What is loaded of a town."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = list(models.Ward.objects.filter(town_id=town).order_by("pk").values_list("pk", "name", "source", "loaded"))  # fmt: skip
            addresses = models.AddressPoint.objects.filter(town_id=town).count()
        first, last = (rows[0][0], rows[-1][0]) if rows else (0, 0)
        return Kept(
            tuple(row[1] for row in rows), rows[0][2] if rows else "", rows[0][3] if rows else None, addresses, (first, last, len(rows)),
        )  # fmt: skip

    def mark(self, town: str) -> tuple[int, int, int]:
        """What changes with the set of wards; three zeros where there is none."""
        from django.db.models import Count, Max, Min

        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            found = models.Ward.objects.filter(town_id=town).aggregate(Min("pk"), Max("pk"), Count("pk"))
        return found["pk__min"] or 0, found["pk__max"] or 0, found["pk__count"]

    def shapes(self, town: str) -> list[tuple[str, str]]:
        """The wards of a town with their shapes as GeoJSON."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return list(models.Ward.objects.filter(town_id=town).values_list("name", "shape"))

    def spots(self, town: str, folded: str) -> list[tuple[float, float]]:
        """Where a folded address stands; several where one number has several doors."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return list(
                models.AddressPoint.objects.filter(town_id=town, folded=folded).values_list("longitude", "latitude")[
                    :50
                ]
            )

    def near(self, town: str, number: str, word: str) -> Iterator[str]:
        """Addresses that could be meant: those with the same number, and those with the same word in the street."""
        from postme.keeping.store import models

        rows = models.AddressPoint.objects.filter(town_id=town).values_list("folded", flat=True)
        with whole(self.file, atomic=False):
            if number:
                yield from rows.filter(folded__startswith=f"{number} ")[:3000]
            if word:
                yield from rows.filter(folded__contains=f" {word}")[:3000]


def _town(town: str, named: str, *, fiction: bool) -> Any:
    from postme.keeping.store import models

    return models.Town.objects.get_or_create(id=town, defaults={"name": named, "fiction": fiction})[0]


def _turned(town: str) -> None:
    from django.db.models import F

    from postme.keeping.store import models

    models.Town.objects.filter(pk=town).update(turn=F("turn") + 1)
