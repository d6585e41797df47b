"""The rows that lists, searches, files and the API read: made anew from what a twin says, in the transaction that publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from postme.errors import KeepingError
from postme.place import placed

if TYPE_CHECKING:
    from postme.keeping.store.ledger import Publishing
    from postme.keeping.store.published import Entry


def place(told: Mapping[str, Any], *, fiction: bool) -> Any:
    """The row of a place, made or brought up to date."""
    from postme.keeping.store import models

    where = placed(str(told["id"]))
    row, _ = models.Place.objects.update_or_create(
        id=where.short, defaults={"name": told["name"], "level": where.level.value, "state": f"us/{where.state}" if where.state else "", "fiction": fiction}
    )  # fmt: skip
    return row


def agency(told: Mapping[str, Any], place: str | None) -> Any:
    """The row of a body of a place, made or brought up to date."""
    from postme.keeping.store import models

    row, _ = models.Agency.objects.update_or_create(
        id=told["id"], defaults={"place_id": place or "", "name": told["name"], "kind": told["kind"], "names": told.get("names", [])}
    )  # fmt: skip
    return row


def write(entry: Entry, one: Publishing) -> None:
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
            defaults={**columns, "entry": entry, "place_id": entry.place_id, "title": facts.get("own_title"), "pages": facts["pages"], "unreadable": len(facts["unreadable"]), "reading": one.reading},
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
