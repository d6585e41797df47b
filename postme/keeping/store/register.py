"""The register: searches, mentions and rulings as rows of the one store.

Django is set up on first use, with the SQLite file of a data folder, unless a program (the website) has set it up already.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme.errors import KeepingError
from postme.keeping.shelf import kept_safe, made_private, packed, unpacked
from postme.keeping.store import blank

if TYPE_CHECKING:
    from postme.keeping.store.models import Ruling

_LATEST = "0012_logos"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mention with the ruling that stands on it, if any."""

    id: str
    sha256: str
    page: int
    start: int
    end: int
    quote: str
    name: str
    technologies: tuple[str, ...]
    certainty: str
    facts: Mapping[str, Any]
    ruling: str | None = None
    why: str = ""


class Register:
    """The store of a data folder, opened.

    ``file`` is ``postme.sqlite3`` in it. Raises KeepingError where it cannot be opened or written.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "postme.sqlite3"
        with kept_safe(folder):
            made_private(folder)
            _set_up(self.file)
            if not _ready(self.file):
                with _alone(folder):
                    _made_ready(self.file)

    def note_search(
        self, *, started: datetime.datetime, ended: datetime.datetime, place: str | None, paths: Sequence[str], catalogue: str, reader: str,
        listing: Sequence[Sequence[Any]], counts: Mapping[str, int],
    ) -> int:  # fmt: skip
        """Record a search: its number. ``listing`` has a row a file, ``counts`` files, refused, pages, unreadable, mentions."""
        from postme.keeping.store import models

        data = packed(listing)
        sha256 = hashlib.sha256(data).hexdigest()
        with whole(self.file):
            models.Listing.objects.get_or_create(sha256=sha256, defaults={"files": data})
            search = models.Search.objects.create(
                started=started,
                ended=ended,
                place=place,
                paths=list(paths),
                catalogue=catalogue,
                reader=reader,
                listing_id=sha256,
                **counts,
            )
        return int(search.pk)

    def note_findings(
        self, records: Iterable[Mapping[str, Any]], mentions: Iterable[Mapping[str, Any]], catalogue: str
    ) -> None:
        """Keep records (columns of StoredRecord) and mentions (as printed); a mention that is there already stays as it is."""
        from postme.keeping.store import models

        rows = [models.StoredRecord(**{key: _tellable(value) for key, value in record.items()}) for record in records]
        found = [
            models.StoredMention(
                id=mention["id"], record_id=mention["sha256"], page=mention["page"], start=mention["start"], end=mention["end"],
                quote=_tellable(mention["quote"]), technologies=mention["technologies"], certainty=mention["certainty"],
                facts={key: value for key, value in mention.items() if key not in _COLUMNS}, catalogue=catalogue,
            )
            for mention in mentions
        ]  # fmt: skip
        renewed = [field.name for field in models.StoredRecord._meta.fields if field.name != "sha256"]
        with whole(self.file):
            models.StoredRecord.objects.bulk_create(
                rows, batch_size=200, update_conflicts=True, unique_fields=["sha256"], update_fields=renewed
            )
            models.StoredMention.objects.bulk_create(found, batch_size=200, ignore_conflicts=True)

    def noted(self, hashes: Iterable[str], scanner: str) -> set[str]:
        """Which of those records have their mentions, as found by that scanner, in the store."""
        from postme.keeping.store import models

        wanted = list(hashes)
        with whole(self.file, atomic=False):
            return {
                sha
                for i in range(0, len(wanted), 500)
                for sha in models.StoredRecord.objects.filter(
                    sha256__in=wanted[i : i + 500], scanner=scanner
                ).values_list("sha256", flat=True)
            }

    def mentions(self, hashes: Iterable[str] | None = None) -> list[Waiting]:
        """Mentions of those records (all, when ``None``) with the ruling that stands on each, by record's name, page, place."""
        from postme.keeping.store import models

        query = models.StoredMention.objects.select_related("record").order_by("record__name", "page", "start", "id")
        standing = self.rulings()
        wanted = None if hashes is None else set(hashes)
        with whole(self.file, atomic=False):
            return [
                Waiting(
                    row.id, row.record_id, row.page, row.start, row.end, row.quote, row.record.name, tuple(row.technologies), row.certainty, row.facts,
                    *standing.get(row.id, (None, "")),
                )
                for row in query.iterator(2000)
                if wanted is None or row.record_id in wanted
            ]  # fmt: skip

    def rulings(self) -> dict[str, tuple[str, str]]:
        """The ruling that stands on each ruled mention, by the mention's id: the answer and why."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = (
                models.Ruling.objects.filter(undone_at=None)
                .order_by("at", "pk")
                .values_list("mention_id", "answer", "why")
            )
            return {mention: (answer, why) for mention, answer, why in rows}

    def rule(self, mention: str, answer: str, *, why: str, who: str, at: datetime.datetime) -> int:
        """Rule on a mention: the ruling's number. An earlier ruling stays in the store beneath the new one."""
        from postme.keeping.store import models

        with whole(self.file):
            if not models.StoredMention.objects.filter(pk=mention).exists():
                raise KeepingError(
                    f"There is no mention {mention}.", where=str(self.file), why="A ruling must be on something that was found.",
                    do="Take its id from the output of 'postme scan'.",
                )  # fmt: skip
            ruling: Ruling = models.Ruling.objects.create(
                mention_id=mention, answer=models.Ruling.Answer(answer), why=why, who=who, at=at
            )
        return int(ruling.pk)

    def undo(self, ruling: int, *, at: datetime.datetime) -> None:
        """Take a ruling back; its row stays, marked."""
        from postme.keeping.store import models

        with whole(self.file):
            models.Ruling.objects.filter(pk=ruling, undone_at=None).update(undone_at=at)

    def searches(self) -> list[dict[str, Any]]:
        """Every search, newest first, with its listing unpacked."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [
                {
                    "number": row.pk, "started": row.started, "ended": row.ended, "place": row.place, "paths": row.paths,
                    "catalogue": row.catalogue, "reader": row.reader, "files": row.files, "refused": row.refused, "pages": row.pages,
                    "unreadable": row.unreadable, "mentions": row.mentions, "listing": unpacked(bytes(row.listing.files)),
                }
                for row in models.Search.objects.select_related("listing").order_by("-pk")
            ]  # fmt: skip


def note_again(
    folder: Path, *, started: datetime.datetime, ended: datetime.datetime, place: str | None, paths: Sequence[str], catalogue: str,
    reader: str, listing: Sequence[Sequence[Any]], counts: Mapping[str, int],
) -> int | None:  # fmt: skip
    """Record a search that found just what an earlier one of the same versions did: its number; ``None`` if there is none.

    Setting Django up takes longer than looking a thousand unchanged records up, and this adds one row whose every value
    is known to fit: so it is said in plain SQL, to SQLite only.
    """
    file = folder / "postme.sqlite3"
    # A program that has set Django up, or an address in the environment, may keep the store elsewhere.
    if "django" in sys.modules or os.environ.get("DATABASE_URL") or not file.is_file():
        return None
    sha256 = hashlib.sha256(packed(listing)).hexdigest()
    with kept_safe(folder), contextlib.closing(sqlite3.connect(file, timeout=60)) as store:
        try:
            same = store.execute(
                "SELECT 1 FROM store_search WHERE listing_id = ? AND catalogue = ? AND reader = ? LIMIT 1",
                (sha256, catalogue, reader),
            ).fetchone()
        except sqlite3.OperationalError:  # no tables yet: the register will make them
            return None
        except sqlite3.DatabaseError as error:
            raise _said(error, file) from error
        if not same:
            return None
        days = [moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f") for moment in (started, ended)]
        columns = ["started", "ended", "place", "paths", "catalogue", "reader", "listing_id", *counts]
        with store:
            row = store.execute(
                f"INSERT INTO store_search ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
                (*days, place, json.dumps(list(paths)), catalogue, reader, sha256, *counts.values()),
            )
        return row.lastrowid


def _tellable(value: Any) -> Any:
    """Words as a database can hold them: what in a file's name is no UTF-8 becomes a question mark."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


_COLUMNS = {"id", "sha256", "page", "start", "end", "quote", "technologies", "certainty", "path"}


def _set_up(file: Path) -> None:
    from django.apps import apps
    from django.conf import settings

    if not settings.configured:
        from postme.keeping.store import settings as own

        databases = {"default": own.database(os.environ.get("DATABASE_URL", ""), str(file))}
        settings.configure(
            **{name: getattr(own, name) for name in dir(own) if name.isupper()} | {"DATABASES": databases}
        )
        apps.populate(own.INSTALLED_APPS)  # django.setup without its addresses, which take long to load


def holds(folder: Path, table: str) -> bool:
    """Whether the store of a data folder has a table; it makes none."""
    from django.db import connection

    file = folder / "postme.sqlite3"
    _set_up(file)
    if connection.vendor == "sqlite":
        # A connection of its own that only reads: Django's would change the file.
        if not file.is_file():
            return False
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as store:
            return store.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None
    with whole(file, atomic=False):
        return table in connection.introspection.table_names()


def _turned_to(file: Path) -> None:
    """Django knows one store at a time; two registers in one process take turns."""
    from django.db import connection

    if connection.settings_dict["NAME"] != str(file) and connection.vendor == "sqlite":
        connection.close()
        connection.settings_dict["NAME"] = str(file)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: two that make the tables of a new store at once would each find the other's in the way."""
    with (folder / ".postme.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_ready(file: Path) -> None:
    """Give a store its tables: a new one at once, an older one by the migrations it lacks."""
    from django.db import connection

    with whole(file, atomic=False):
        if connection.vendor == "sqlite" and blank.filled(file):
            return
    if not _ready(file):
        migrated(file)


# Servers that were seen to have the newest tables; nobody takes them away while a program runs.
_seen: set[tuple[str, ...]] = set()


def _ready(file: Path) -> bool:
    """Whether a store has the newest tables. It only reads, outside any transaction: who reads a page waits for no writer.

    A file is asked each time, since it may have been put back from a copy; a server once in the life of the process.
    """
    from django.db import connection

    newest = "SELECT 1 FROM django_migrations WHERE app = 'store' AND name = "
    with whole(file, atomic=False):
        if connection.vendor == "sqlite":
            return file.is_file() and _answered(file, newest)
        key = tuple(str(connection.settings_dict[one]) for one in ("HOST", "PORT", "NAME"))
        if key not in _seen:
            with connection.cursor() as cursor:
                if "django_migrations" not in connection.introspection.table_names(cursor):
                    return False
                cursor.execute(newest + "%s", [_LATEST])
                if not cursor.fetchone():
                    return False
            _seen.add(key)
        return True


def _answered(file: Path, newest: str) -> bool:
    # A connection of its own: Django's would set a new file up while another process does.
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=60)) as store:
        try:
            return store.execute(newest + "?", [_LATEST]).fetchone() is not None
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return False
            raise


def migrated(file: Path) -> None:
    """Bring the store of a file up to the newest migration."""
    from django.core.management import call_command

    _set_up(file)
    with whole(file, atomic=False):
        call_command("migrate", verbosity=0, interactive=False)


class whole:  # noqa: N801  (reads as a sentence where it stands)
    """One transaction or nothing, with the database's complaints in words.

    On SQLite a transaction takes the lock of writers when it begins. Who only reads says ``atomic=False``: it waits for
    no writer and holds none up.
    """

    def __init__(self, file: Path, *, atomic: bool = True) -> None:
        from django.db import transaction

        self._file, self._atomic = file, transaction.atomic() if atomic else None

    def __enter__(self) -> None:
        from django.db import utils

        try:
            _turned_to(self._file)
            if self._atomic:
                self._atomic.__enter__()
        except utils.DatabaseError as error:
            raise _said(error, self._file) from error

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from django.db import utils

        try:
            if self._atomic:
                self._atomic.__exit__(kind, error, trace)
        except utils.DatabaseError as late:
            raise _said(late, self._file) from late
        if isinstance(error, utils.DatabaseError | sqlite3.DatabaseError):
            raise _said(error, self._file) from error


def _said(error: Exception, file: Path) -> KeepingError:
    said = str(error)
    if "not a database" in said or "malformed" in said:
        return KeepingError(
            f"The store of rulings is damaged ({said}).", where=str(file), why="Searches and rulings in it cannot be read; the records themselves are untouched.",
            do="Restore that file from a copy. Without one, move it away and scan again: mentions come back, rulings do not.",
        )  # fmt: skip
    full = "full" in said or "disk I/O" in said
    return KeepingError(
        "The disk is full." if full else f"The store could not be used ({error}).", where=str(file),
        why="Nothing of this step was kept, and what was kept before is untouched.",
        do="Free some space and run the same command again." if full else "Close other programs that use it, or restore it from a copy.",
    )  # fmt: skip
