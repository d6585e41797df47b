"""The one rule of visibility as questions to the database: ``Entry.objects.visible()`` and its like.

Every page, file, feed and search that tells something of a published thing begins with one of these, so that
``publication.visible`` alone decides what is shown.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from postme import publication

_M = TypeVar("_M", bound=models.Model)
SHOWN = tuple(state for state in ("published", "withdrawn") if publication.visible(state))
"""The states of an entry in which its facts are shown."""


class _Rows(models.QuerySet[_M]):
    _states: ClassVar[tuple[str, ...]] = ()

    def visible(self) -> Self:
        """Those that the public may see now."""
        return self.filter(**{f"{path}__in": SHOWN for path in self._states})


class EntryRows(_Rows[Any]):
    """Entries."""

    _states = ("state",)


class CommentRows(_Rows[Any]):
    """Comments and ballots."""

    _states = ("state",)


class PartRows(_Rows[Any]):
    """What is a part of an entry: claims, records."""

    _states = ("entry__state",)


class TextRows(_Rows[Any]):
    """What is a part of a record: the text of its pages."""

    _states = ("record__entry__state",)


class QuoteRows(_Rows[Any]):
    """Quotes: the holding that rests on one and the record that it stands in must both be visible."""

    _states = ("entry__state", "record__entry__state")


class NamedRows(_Rows[Any]):
    """Places and agencies: visible while anything that is published is of them."""

    def visible(self) -> Self:
        """Those that something is published of now."""
        from postme.keeping.store.published import Entry

        own = Entry.objects.visible().filter(**{self.model._meta.model_name or "": models.OuterRef("pk")})
        return self.filter(models.Exists(own))
