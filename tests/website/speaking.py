"""A small town in which people can speak: an empty site of its own, a proposal for each test, and what lies in the mail."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import stores

TOWN = "us/zz/mill_falls"
_NUMBERS = itertools.count(1)


@contextlib.contextmanager
def town(folder: Path, **settings: Any) -> Iterator[Any]:
    """A site with nothing but its tables; a browser without a browser, its folder as ``data``."""
    from django.db import connections
    from django.test import Client, override_settings

    data = folder / "data"
    data.mkdir(mode=0o700)
    connections.close_all()
    chosen = {
        "DATA": data,
        "ALLOWED_HOSTS": ["*"],
        "RATE": 0.0,
        "MAIL_FILES": True,
        "MAIL": None,
        "SITE": "http://localhost:8000",
        **settings,
    }
    with override_settings(**chosen), stores.turned_to(data):
        stores.with_tables(data)
        client = Client()
        client.data = data  # type: ignore[attr-defined]
        yield client


def proposal(
    *,
    opened: int | None = 0,
    days: int = 20,
    public: bool = True,
    title: str = "Twelve license plate readers",
    decided: str = "",
) -> str:
    """A proposal whose comments were opened so many days ago (``None``: not at all), for so many days: its slug."""
    from postme.keeping.store import models

    now = datetime.datetime.now(datetime.UTC)
    town, _ = models.Town.objects.get_or_create(id=TOWN, defaults={"name": "Mill Falls", "fiction": True})
    row = models.Proposal.objects.create(
        slug=f"readers-{next(_NUMBERS)}", town=town, agency=f"{TOWN}/police-department", agency_name="Police Department", kind="police", title=title, technologies=["alpr"],
        acts=["obtain"], drafted=now.date(), author="lia", public=public, changed=now,
    )  # fmt: skip
    if opened is not None:
        on = now.date() - datetime.timedelta(days=opened)
        deed(row.slug, "open_comments", on, until=(on + datetime.timedelta(days=days)).isoformat())
    if decided:
        deed(row.slug, decided, now.date())
    return str(row.slug)


def deed(slug: str, kind: str, on: datetime.date, **told: Any) -> None:
    """Something that happened to a proposal."""
    from postme.keeping.store import models

    row = models.Proposal.objects.get(slug=slug)
    models.Deed.objects.create(
        proposal=row, position=row.deeds.count(), kind=kind, on=on, told=told, who="cle", at=datetime.datetime.now(datetime.UTC)
    )  # fmt: skip


def typed(**more: str) -> dict[str, str]:
    """A comment as a form sends it."""
    return {"position": "against", "text": "Too many cameras.", "name": "Ann Marie Doe", "shown": "short", "mail": "ann@example.org", "step": "send", **more}  # fmt: skip


def write(site: Any, slug: str, **more: str) -> str:
    """Write a comment: its receipt's number."""
    answer = site.post(f"/decisions/{slug}/comment/", typed(**more))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).strip("/").split("/")[-1]


def letters(to: str = "") -> list[Any]:
    """The letters that wait, opened, the oldest first."""
    from postme.keeping.store.models import Outgoing
    from postme.keeping.store.outbox import Letter
    from postme.website import mailing

    envelope = mailing.voices()._envelope
    rows = Outgoing.objects.filter(state="waiting").order_by("pk")
    found = [Letter(**json.loads(envelope.opened(bytes(row.mail), f"letter {row.once}"))) for row in rows]
    return [one for one in found if not to or one.to == to]


def link(letter: Any) -> str:
    """The link in a letter, as an address of this site."""
    [found] = set(re.findall(r"http://localhost:8000(/(?:es/)?(?:said|voted|followed)/[\w-]+/)", letter.body))
    return str(found)


def published(site: Any, slug: str, **more: str) -> tuple[str, str]:
    """Write a comment and confirm it: its number and its link."""
    number = write(site, slug, **more)
    own = link(letters(more.get("mail", "ann@example.org"))[-1])
    assert site.post(own, {"step": "confirm"}).status_code == 200
    return number, own
