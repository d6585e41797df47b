"""A coalition with an open letter in a made-up town, and people who sign it as the web does."""

from __future__ import annotations

import datetime
import itertools
import re
from typing import Any

import speaking

from postme.letter import Change, Claim, Text

TOWN = speaking.TOWN
_NUMBERS = itertools.count(1)
ROOT = {"who": "root", "roles_": ["administrator"]}


class Coalition:
    """Two organizations, an organizer of one, and a letter that both agreed to."""

    def __init__(self, *, key: str = "") -> None:
        from django.conf import settings

        from postme.keeping.store import models
        from postme.office.letters import Correspondence

        models.Town.objects.get_or_create(id=TOWN, defaults={"name": "Mill Falls", "fiction": True})
        self.office = Correspondence(settings.DATA)
        self.slug = self.office.found(
            TOWN, f"Neighbors {next(_NUMBERS)} (fiction)", contact="https://neighbors.example/", **ROOT
        )
        self.first = self.office.join(self.slug, "Tenants Union (fiction)", site="https://tenants.example", **ROOT)
        self.second = self.office.join(self.slug, "Library Friends (fiction)", **ROOT)
        self.office.give(self.slug, self.first, "ann", organizer=True, **ROOT)
        self.office.give(self.slug, self.second, "ben", who="ann")
        if key:
            self.office.keyed(self.slug, key, who="ann")

    def draft(self, **more: Any) -> str:
        """Begin a letter: the last part of its address."""
        text = {"title": "Stop the cameras", "to": "The Village Council", "ask": "Vote no on item 7.", "body": "The police have two cameras. We ask you to stop.", **more}  # fmt: skip
        return self.office.draft(self.slug, Text(**text), who="ben")

    def opened(self, last_day: datetime.date | None = None, **more: Any) -> str:
        """A letter that is open for signing."""
        own = self.draft(**more)
        self._agreed(own)
        self.office.open(own, self.office.rows.one(own).turn, last_day=last_day, who="ann")
        return own

    def changed(self, own: str, change: Change, why: str, **more: Any) -> None:
        """Change an open letter."""
        from dataclasses import replace

        one = self.office.rows.one(own)
        self.office.rewrite(own, replace(one.draft, **more), one.turn, who="ben")
        self._agreed(own)
        self.office.change(own, self.office.rows.one(own).turn, change, why, who="ann")

    def _agreed(self, own: str) -> None:
        one = self.office.rows.one(own)
        for organization, who in ((self.first, "ann"), (self.second, "ben")):
            self.office.agree(own, organization, one.drafted, who=who)


def claim(passage: str, address: str, leaf: int | None = None) -> Claim:
    """A claim as a letter has it."""
    return Claim(passage, address, leaf)


def typed(**more: str) -> dict[str, str]:
    """A signature as a form sends it."""
    return {"name": "Ann Marie Doe", "shown": "full", "mail": "ann@example.org", "step": "send", "version": "1", "as": "person", **more}  # fmt: skip


def write(site: Any, slug: str, **more: str) -> str:
    """Sign: the receipt's number."""
    answer = site.post(f"/letters/{slug}/sign/", typed(**more))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).strip("/").split("/")[-1]


def link(letter: Any) -> str:
    """The link in a letter, as an address of this site."""
    [found] = set(re.findall(r"http://localhost:8000(/(?:es/)?signed/[\w-]+/)", letter.body))
    return str(found)


def signed(site: Any, slug: str, **more: str) -> tuple[str, str]:
    """Sign and confirm: the number and the link."""
    number = write(site, slug, **more)
    own = link(speaking.letters(more.get("mail", "ann@example.org"))[-1])
    assert site.post(own, {"step": "confirm"}).status_code == 200
    return number, own
