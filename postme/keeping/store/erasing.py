"""What leaves the store so that nobody can read it any more: signers whose time is over or who left, their letters on the way, and the bytes that a database keeps of what it deleted.

A row that is deleted or overwritten stays legible in the file of a database until its place is needed. ``secure_delete``
(settings) overwrites what is deleted; copies of it that were left where a page was split go when the file is written anew.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from postme import letter
from postme.errors import KeepingError, WrongUse
from postme.keeping.store.outbox import file_of
from postme.keeping.store.register import whole
from postme.letter import Kind, Level, Signature, State

if TYPE_CHECKING:
    from postme.keeping.store.lettering import OpenLetter, Signed

TAKEN_BACK = "taken back"
"""What is said of a signature that the coalition entered by mistake, beside those that the desk set aside."""
# Chosen: readers of a page are done within seconds; whoever is not is met again in the next night.
_TRIES, _PAUSE = 20, 0.5
# Of PostgreSQL: the tables in which signers stand. VACUUM FULL holds up whoever signs, for seconds.
_TABLES = ("store_signed", "store_outgoing")


def emptied(row: Signed, state: Signature, at: datetime.datetime | None) -> None:
    """Erase all that says who signed and what they said."""
    row.state, row.changed = state.value, at
    row.name = row.alike = row.by = row.role = row.domain = row.area = row.comment = row.salt = row.mark = (
        row.mail_domain
    ) = ""
    row.mail, row.parcel, row.thanked = b"", b"", False


def took_back(file: Path, slug: str, number: str, why: str, *, organizes: Callable[[str], bool], who: str, at: datetime.datetime) -> None:  # fmt: skip
    """Erase a signature that the coalition entered by mistake; that it did, and why, is public. ``organizes`` says whether an account is its organizer.

    Raises WrongUse for one that came by mail, and for one that another organizer entered, who can do it themselves.
    """
    from postme.keeping.store import models

    with whole(file):
        row = models.Signed.objects.select_for_update(of=("self",)).select_related("letter").filter(letter__slug=slug, number=number, level__in=[Level.PAPER.value, Level.COALITION.value], state=Signature.PUBLISHED.value).first()  # fmt: skip
        if row is None:
            raise WrongUse("There is no such signature that your coalition entered.", where="number", why="What people signed by mail is theirs. What a moderator set aside stays so.", do="Choose one from the list.")  # fmt: skip
        if row.who != who and organizes(row.who):
            raise WrongUse(f"{row.who} entered this one.", where="number", why="Whoever has the sheet knows what stands on it.", do="Ask them to take it back.")  # fmt: skip
        said = letter.alike(why)
        if any(name and letter.alike(name) in said for name in (row.name, row.by)):
            raise WrongUse("The reason names who signed.", where="why", why="The reason stays public, and the name is erased.", do="Say what went wrong, without the name.")  # fmt: skip
        emptied(row, letter.signature_moved(row.state, Signature.WITHDRAWN), at)
        row.save()
        row.letter.set_aside.create(what=TAKEN_BACK, rule="", why=why, numbers=[row.number], who=who, at=at)
        models.DeskAct.objects.create(who=who, at=at, what="signature taken back", target=f"/receipts/{row.number}/", why=why, detail={})  # fmt: skip
        forgotten(file, [row.number], slug)
    note(file)


def over(file: Path, now: datetime.datetime) -> int:
    """Erase the people who signed letters whose time is over: how many. Counts, numbers and hashes stay; organizations stay."""
    from postme.keeping.store import models

    with whole(file, atomic=False):
        rows = models.OpenLetter.objects.filter(erased=None, closed__isnull=False).exclude(state=State.OPEN.value).select_related("coalition")  # fmt: skip
        due = [row for row in rows if row.closed and letter.erased_on(row.closed.date(), datetime.timedelta(days=row.coalition.kept_days)) <= now.date()]  # fmt: skip
    return sum(_erased(file, about, now) for about in due)


def _erased(file: Path, about: OpenLetter, now: datetime.datetime) -> int:
    from postme.keeping.store import models

    done = 0
    with whole(file):
        rows = models.Signed.objects.select_for_update(of=("self",)).select_related("letter", "version").filter(letter=about, kind=Kind.PERSON.value, state__in=letter.CONFIRMED)  # fmt: skip
        for row in rows:
            # What was set aside does not count by being erased.
            state = Signature.WITHDRAWN if row.state == Signature.HIDDEN else Signature.ERASED
            sealed = row.hash
            emptied(row, state, row.changed)
            row.sealed = sealed
            row.save()
            done += 1
        # An organization stays; the address of whoever signed for it does not. Nor does what waited for a confirmation that can come no more.
        models.Signed.objects.filter(letter=about, state=Signature.WAITING.value).delete()
        models.Signed.objects.filter(letter=about).update(mail=b"", mark="", mail_domain="", parcel=b"")
        numbers = list(models.Signed.objects.filter(letter=about).values_list("number", flat=True))
        forgotten(file, numbers, about.slug, everybody=True)
        about.erased = now
        about.save(update_fields=["erased"])
    return done


def forgotten(file: Path, numbers: Iterable[str], slug: str = "", *, everybody: bool = False) -> None:
    """Stop the letters to those who signed with these numbers, and delete those that became files. Within a transaction.

    ``slug`` is the letter that they signed, where those could have been written to about it; ``everybody`` who ever was.
    """
    from postme.keeping.store import models

    some = list(numbers)
    asked = [models.Outgoing.objects.filter(once__in=[f"confirm signature {one}" for one in some[start : start + 500]]) for start in range(0, len(some), 500)]  # fmt: skip
    if slug:
        thanked = models.Outgoing.objects.filter(once__startswith=f"thanks {slug} ")
        asked += [thanked] if everybody else [thanked.filter(once__endswith=f" {one}") for one in some]
    for rows in asked:
        for own in rows.values_list("pk", flat=True):
            file_of(file.parent, own).unlink(missing_ok=True)
        rows.exclude(mail=b"").update(mail=b"", state="given up", trouble="Whom it was for is erased.")


def left(file: Path, numbers: Iterable[str], at: datetime.datetime) -> int:
    """Erase those who took their names off, by their receipts' numbers, where they stand in a store that was put back from a copy: how many."""
    from postme.keeping.store import models

    done, some = 0, sorted(set(numbers))
    for start in range(0, len(some), 500):
        with whole(file):
            rows = models.Signed.objects.select_for_update(of=("self",)).select_related("letter", "version").filter(number__in=some[start : start + 500]).exclude(state__in=[Signature.WITHDRAWN.value, Signature.ERASED.value])  # fmt: skip
            for row in rows:
                emptied(row, Signature.WITHDRAWN, at)
                row.save()
                forgotten(file, [row.number], row.letter.slug)
                done += 1
    return done


# --- the bytes that are left -----------------------------------------------------------------------------------------


def _due(folder: Path) -> Path:
    return folder / ".scrub"


def note(file: Path) -> None:
    """Say that something was erased, so that the next night leaves no byte of it."""
    _due(file.parent).touch(mode=0o600)


def scrubbed(file: Path, *, always: bool = False) -> bool:
    """Write the database anew, so that no byte is left of what it deleted: whether that was needed. Raises KeepingError where others held it too long.

    On SQLite the file is written anew and its log of writes emptied; on PostgreSQL the tables in which signers stand.
    """
    from django.db import connection

    due = _due(file.parent)
    if not (always or due.exists()):
        return False
    with whole(file, atomic=False), connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            for table in _TABLES:
                cursor.execute(f"VACUUM (FULL) {table}")
        else:
            cursor.execute("VACUUM")
            for _ in range(_TRIES):
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if not (cursor.fetchone() or (1,))[0]:
                    break
                time.sleep(_PAUSE)
            else:
                raise KeepingError("The database’s log of writes is in use.", where=str(file), why="What was erased may still stand in it.", do="Nothing: it is tried again by itself. If this is said each day, restart the site.")  # fmt: skip
    due.unlink(missing_ok=True)
    return True
