"""Signatures as rows: received, confirmed, withdrawn, set aside and restored, erased when their time is over; each step one transaction."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import letter, voices
from postme.errors import WrongUse
from postme.flood import Came
from postme.keeping.store import erasing, rush
from postme.keeping.store.comments import Fresh, Marks, alone, gone, too_many
from postme.keeping.store.outbox import Letter, Outbox
from postme.keeping.store.register import whole
from postme.letter import Kind, Level, Signature, Signing, State

if TYPE_CHECKING:
    from postme.keeping.envelope import Envelope
    from postme.keeping.store.lettering import Signed

Parcel = Callable[[str], bytes]
"""From a signature's number to what the coalition gets of it, closed to its key."""


@dataclass(frozen=True, slots=True)
class Put:
    """A signature as its signer sees it, by the link in their mail. ``stands`` whether the text they signed is the one that is open now."""

    number: str
    slug: str
    title: str
    coalition: str
    fiction: bool
    kind: str
    level: str
    name: str
    shown: str
    by: str
    role: str
    area: str
    comment: str
    state: str
    version: int
    sha256: str
    newest: int
    stands: bool
    open: bool
    received: datetime.datetime
    expires: datetime.datetime | None
    agreed: bool
    thanked: bool
    leaf: int | None
    rule: str = ""
    why: str = ""


class Signatures(Marks):
    """The signatures of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path, envelope: Envelope) -> None:
        super().__init__(envelope)
        self.file, self.outbox = file, Outbox(file, envelope)

    # -- by the web

    def receive(
        self, slug: str, said: Signing, version: int, level: Level, fresh: Fresh, mail: Letter, *, at: datetime.datetime, parcel: Parcel | None = None, slowly: bool = False,
    ) -> None:  # fmt: skip
        """Keep a signature until its signer confirms it. ``version`` is the one that they saw; ``slowly`` whether its mail goes by the slow way (``turnstile``).

        Raises WrongUse where the letter is not open, where another text is open by now, where too many letters wait for that address, and where the number is that of another signature.
        """
        from django.db.models import Q

        from postme.keeping.store import models

        mark, domain = self.marks(said.mail)
        with whole(self.file):
            about = _open(slug, version)
            wait = set(models.Signed.objects.filter(Q(number=fresh.number) | Q(mark=mark, state=Signature.WAITING.value)).values_list("number", flat=True)[: voices.MOST_WAITING + 1])  # fmt: skip
            if fresh.number in wait:
                _same(fresh.number, said, mark)
                return
            if len(wait) >= voices.MOST_WAITING:
                raise too_many()
            due = rush.turn(about.letter_id, about.last_day, at) if slowly else at
            models.Signed.objects.create(
                **self._columns(about, said, level, fresh), mark=mark, mail_domain=domain, state=Signature.WAITING.value, received=at, expires=due + voices.WAITS,
                parcel=parcel(fresh.number) if parcel else b"",
            )  # fmt: skip
            self.outbox.queue([(f"confirm signature {fresh.number}", mail)], at=due)

    def enter(self, slug: str, said: Signing, level: Level, fresh: Fresh, *, version: int = 0, who: str, at: datetime.datetime) -> None:  # fmt: skip
        """Publish a signature that the coalition vouches for: an organization, or a person who signed on paper, under the version that they saw (0: the newest)."""
        from postme.keeping.store import models

        with whole(self.file):
            about = _seen(_open(slug, 0), version)
            mark, domain = self.marks(said.mail)
            # One that was set aside may be restored, and would then count beside this one.
            if mark and models.Signed.objects.filter(letter=about.letter_id, mark=mark, kind=said.kind.value, state__in=letter.CONFIRMED).exists():  # fmt: skip
                raise WrongUse("This mail address has signed already.", where="mail", why="One mailbox is one signature.", do="Leave it out: it counts already.")  # fmt: skip
            columns = self._columns(about, said, level, fresh)
            if not said.thanked:
                columns["mail"] = b""
            models.Signed.objects.create(**columns, mark=mark, mail_domain=domain, state=Signature.PUBLISHED.value, received=at, confirmed=at, changed=at, who=who)  # fmt: skip
            models.DeskAct.objects.create(who=who, at=at, what="signature entered", target=f"/receipts/{fresh.number}/", why=level.value, detail={})  # fmt: skip

    def _columns(self, about: _Open, said: Signing, level: Level, fresh: Fresh) -> dict[str, Any]:
        organization = said.kind is Kind.ORGANIZATION
        return {
            "number": fresh.number, "secret": fresh.secret, "salt": fresh.salt, "letter_id": about.letter_id, "version_id": about.version_id, "kind": said.kind.value, "level": level.value,
            "name": said.name if organization or said.shown != "none" else "", "alike": letter.alike(said.name)[:200] if organization else "", "shown": said.shown.value,
            "by": said.by if said.shown == "full" else "", "role": said.role if said.shown != "none" else "", "domain": said.domain, "area": said.area, "comment": said.comment,
            "language": said.language, "thanked": said.thanked, "mail": self.closed(said.mail, fresh.number),
        }  # fmt: skip

    def held(self, secret: str, now: datetime.datetime) -> Put:
        """The signature that a link opens. Raises WrongUse where there is none, or it has run out."""
        with whole(self.file, atomic=False):
            return _put(_of(secret, now))

    def confirm(self, secret: str, *, at: datetime.datetime) -> str:
        """Count a signature that waited: its number. One that the same address had under this letter is replaced. A second time changes nothing."""
        from postme.keeping.store import models

        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state in letter.CONFIRMED:
                return str(row.number)
            letter.signature_moved(row.state, Signature.PUBLISHED)
            if row.letter.state != State.OPEN:
                raise WrongUse("This letter is closed for signing.", where="letter", why="It was handed over, or its last day is over.", do="Write to the coalition; its page says how.")  # fmt: skip
            alone(row.mark)
            earlier = models.Signed.objects.select_for_update().filter(letter=row.letter_id, mark=row.mark, kind=row.kind, state__in=letter.CONFIRMED)  # fmt: skip
            for one in earlier:
                if one.state == Signature.HIDDEN:
                    raise WrongUse("A signature from this address was set aside.", where="letter", why="It would come back without anybody’s decision.", do="Write to the desk if you think that this is wrong.")  # fmt: skip
                erasing.emptied(one, Signature.WITHDRAWN, at)
                one.save()
            row.state, row.confirmed, row.changed, row.expires = Signature.PUBLISHED.value, at, at, None
            if not row.thanked:
                row.mail = b""  # nothing is to be sent to it any more
            row.save()
        return str(row.number)

    def withdraw(self, secret: str, *, at: datetime.datetime) -> str:
        """Take a signature back, at any time: all that says who signed is erased, so that the log's hash stands for nothing anybody can find."""
        with whole(self.file):
            row = _of(secret, at, lock=True)
            if row.state in (Signature.WITHDRAWN, Signature.ERASED):
                return str(row.number)
            if row.state == Signature.WAITING:  # nobody has seen it
                row.delete()
            else:
                letter.signature_moved(row.state, Signature.WITHDRAWN)
                erasing.emptied(row, Signature.WITHDRAWN, at)
                row.save()
            erasing.forgotten(self.file, [row.number], row.letter.slug)
        erasing.note(self.file)
        return str(row.number)

    # -- what is counted, and what looks suspicious

    def counts(self, slug: str) -> list[tuple[str, int, int]]:
        """How many signatures count: level, number of the version, how many. Those that time erased count on."""
        from django.db.models import Count

        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.filter(letter__slug=slug, state__in=letter.COUNTED).order_by()
            return list(rows.values_list("level", "version__number").annotate(n=Count("pk")))

    def listed(self, slug: str, kind: Kind, *, start: int = 0, most: int = 100) -> list[dict[str, Any]]:
        """Those that the public may see, organizations by name, people by the day: as each wants to be shown."""
        from postme.keeping.store import models

        order = ("name", "pk") if kind is Kind.ORGANIZATION else ("-confirmed", "-pk")
        with whole(self.file, atomic=False):
            rows = models.Signed.objects.visible().filter(letter__slug=slug, kind=kind.value).select_related("version").order_by(*order)  # fmt: skip
            return [_told(row) for row in rows[start : start + most]]

    def every(self, slug: str) -> Iterator[dict[str, Any]]:
        """All that the public may see as rows of a table, the oldest first."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.visible().filter(letter__slug=slug).select_related("version").order_by("pk")
            yield from (_told(row) for row in rows.iterator(500))

    def entered(self, slug: str, most: int) -> list[dict[str, Any]]:
        """What the coalition entered and still counts, the newest first, with who did."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.visible().filter(letter__slug=slug, level__in=[Level.PAPER.value, Level.COALITION.value]).select_related("version").order_by("-pk")  # fmt: skip
            return [{**_told(row), "who": row.who} for row in rows[:most]]

    def mark(self, slug: str) -> str:
        """What is another one after every signature that came, went, or was set aside: what is made of all of them is made anew then."""
        from django.db.models import Count, Max, Q

        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.filter(letter__slug=slug).exclude(state=Signature.WAITING.value)
            told = rows.aggregate(newest=Max("changed"), last=Max("pk"), shown=Count("pk", filter=Q(state=Signature.PUBLISHED.value)))  # fmt: skip
            return "{newest} {last} {shown}".format(**told)

    def hours(self, slug: str) -> list[datetime.datetime]:
        """When each signature that counts was confirmed, for the time series."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return list(models.Signed.objects.filter(letter__slug=slug, state__in=letter.COUNTED).exclude(confirmed=None).order_by("confirmed").values_list("confirmed", flat=True))  # fmt: skip

    def public_acts(self, slug: str) -> list[dict[str, Any]]:
        """What was set aside and restored, the newest first: rule, reason, how many, when."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.SetAside.objects.filter(letter__slug=slug).order_by("-pk")
            return [{"what": row.what, "rule": row.rule, "why": row.why, "criterion": row.flood, "count": len(row.numbers), "at": row.at.isoformat()} for row in rows[:500]]  # fmt: skip

    def receipt(self, number: str) -> dict[str, Any] | None:
        """How a signature stands, by its number; what it says only where the public may see it."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = (
                models.Signed.objects.select_related("letter__coalition__town", "version").filter(number=number).first()
            )
            if row is None:
                return None
            newest = row.letter.versions.order_by("-number").values_list("text", flat=True).first() or {}
            rule, why = _set_aside(row)
            told = {
                "number": number, "letter": row.letter.address, "title": newest.get("title", ""), "fiction": row.letter.coalition.town.fiction, "kind": row.kind, "level": row.level, "state": row.state,
                "version": row.version.number, "sha256": row.version.sha256, "leaf": row.leaf, "on": row.confirmed.date().isoformat() if row.confirmed else None, "rule": rule, "why": why,
                "mail_by": (row.expires - voices.WAITS).isoformat() if row.state == Signature.WAITING and row.expires and row.expires - voices.WAITS > row.received else None,
            }  # fmt: skip
            if row.state == Signature.PUBLISHED:
                told |= {
                    "name": letter.named(row.name, row.shown, row.kind),
                    "by": row.by,
                    "role": row.role,
                    "hash": row.hash,
                }
            return told

    def bytes_of(self, number: str) -> bytes | None:
        """The bytes of a signature that the public may see, whose SHA-256 the log holds."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            row = models.Signed.objects.visible().select_related("letter", "version").filter(number=number).first()
            return row.bytes if row else None

    def came(self, slug: str) -> list[Came]:
        """The published signatures of people, as far as the criteria of batches look at them."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.visible().filter(
                letter__slug=slug, kind=Kind.PERSON.value, level=Level.MAIL.value
            )
            return [Came(number, "", domain, at) for number, domain, at in rows.values_list("number", "mail_domain", "confirmed").iterator()]  # fmt: skip

    def set_aside(self, slug: str, numbers: Iterable[str], what: str, *, rule: str, why: str, flood: str, who: str, at: datetime.datetime) -> int:  # fmt: skip
        """Set signatures aside by a published criterion, or restore them: how many. It is public, without names."""
        from postme.keeping.store import models

        before, after = (Signature.PUBLISHED, Signature.HIDDEN) if what == "hidden" else (Signature.HIDDEN, Signature.PUBLISHED)  # fmt: skip
        with whole(self.file):
            rows = list(models.Signed.objects.select_for_update().filter(letter__slug=slug, number__in=list(numbers), state=before.value).order_by("pk"))  # fmt: skip
            for row in rows:
                row.state, row.changed = letter.signature_moved(row.state, after).value, at
                row.save(update_fields=["state", "changed"])
            if rows:
                about = models.OpenLetter.objects.get(slug=slug)
                about.set_aside.create(what=what, rule=rule, flood=flood, why=why, numbers=[row.number for row in rows], who=who, at=at)  # fmt: skip
                models.DeskAct.objects.create(who=who, at=at, what=f"signatures {what}", target=about.address, why=why, detail={"rule": rule, "count": len(rows)})  # fmt: skip
        return len(rows)

    def parcels(self, slug: str) -> list[bytes]:
        """What the coalition gets of the signatures that count, each closed to its key."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return [bytes(one) for one in models.Signed.objects.visible().filter(letter__slug=slug).exclude(parcel=b"").order_by("pk").values_list("parcel", flat=True)]  # fmt: skip

    def to_thank(self, slug: str) -> list[tuple[str, str, str]]:
        """Those who want to hear what came of it: number, address, language."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Signed.objects.visible().filter(letter__slug=slug, thanked=True).exclude(mail=b"").order_by("pk")  # fmt: skip
            return [(row.number, self.opened(row.mail, row.number), row.language) for row in rows.iterator()]

    # -- by the clock

    def expired(self, now: datetime.datetime) -> int:
        """Delete what was not confirmed in time: how many."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Signed.objects.filter(state=Signature.WAITING.value, expires__lt=now)
            numbers = list(rows.values_list("number", flat=True))
            done = int(rows.delete()[0])
            erasing.forgotten(self.file, numbers)
        if done:
            erasing.note(self.file)
        return done

    def ended(self, today: datetime.date) -> list[str]:
        """Letters whose last day for signing is over by that day and that are still open."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return list(models.OpenLetter.objects.filter(state=State.OPEN.value, last_day__lt=today).values_list("slug", flat=True))  # fmt: skip

    def erased(self, now: datetime.datetime) -> int:
        """Erase the people who signed letters whose time is over: how many."""
        if done := erasing.over(self.file, now):
            erasing.note(self.file)
        return done


def not_open() -> WrongUse:
    """What is said to whoever signs a letter that is not open."""
    return WrongUse("This letter is not open for signing.", where="letter", why="Nothing that is signed now would be handed over.", do="Read its page: it says what became of it.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Open:
    letter_id: int
    version_id: int
    last_day: datetime.date | None


def _same(number: str, said: Signing, mark: str) -> None:
    """Raises WrongUse where another signature has this number: what proved that one signs proves it once."""
    from postme.keeping.store import models

    row = models.Signed.objects.get(number=number)
    if (row.mark, row.kind, row.comment) != (mark, said.kind.value, said.comment) or (
        row.name and row.name != said.name
    ):
        raise WrongUse("Something was changed in a form that was sent before.", where="form", why="Each form is for one signature, and the first one was kept.", do="Look at it once more, then send it again.")  # fmt: skip


def _open(slug: str, version: int) -> _Open:
    """The letter that is open for signing and its newest version, which must be the one that was seen (0: whoever asks has no page open)."""
    from postme.keeping.store import models

    row = models.OpenLetter.objects.filter(slug=slug).values_list("pk", "state", "last_day").first()
    if row is None or row[1] != State.OPEN:
        raise not_open()
    newest = models.LetterVersion.objects.filter(letter=row[0]).order_by("-number").values_list("pk", "number").first()
    if newest is None or (version and newest[1] != version):
        raise WrongUse("The letter was changed while you were reading.", where="letter", why="You would sign words that you have not seen.", do="Read the letter again, then sign.")  # fmt: skip
    return _Open(row[0], newest[0], row[2])


def _seen(about: _Open, version: int) -> _Open:
    """The same with the version that stood on a sheet of paper. Raises WrongUse where the letter never had it."""
    from postme.keeping.store import models

    if not version:
        return about
    row = models.LetterVersion.objects.filter(letter=about.letter_id, number=version).values_list("pk", flat=True).first()  # fmt: skip
    if row is None:
        raise WrongUse(f"This letter has no version {version}.", where="version", why="A name stands under the words that its signer saw.", do="Choose the version that stood on the sheet.")  # fmt: skip
    return replace(about, version_id=row)


def _of(secret: str, now: datetime.datetime, *, lock: bool = False) -> Signed:
    from postme.keeping.store import models

    rows = models.Signed.objects.select_related("letter__coalition__town", "version")
    row: Signed | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(secret=secret).first()
    if row is None:
        raise gone()
    if row.state == Signature.WAITING and row.expires and row.expires < now:
        raise gone("This link has run out.")
    return row


def _put(row: Signed) -> Put:
    about = row.letter
    texts = list(about.versions.order_by("number"))
    versions = [letter.Version(one.number, one.sha256, letter.Change(one.change)) for one in texts]
    return Put(
        row.number, about.slug, texts[-1].text.get("title", ""), about.coalition.name, about.coalition.town.fiction, row.kind, row.level, row.name, row.shown, row.by, row.role, row.area, row.comment,
        row.state, row.version.number, row.version.sha256, versions[-1].number, letter.stands(row.version.number, versions), about.state == State.OPEN, row.received, row.expires,
        bool(row.parcel), row.thanked, row.leaf, *_set_aside(row),
    )  # fmt: skip


def _told(row: Signed) -> dict[str, Any]:
    """A signature as everybody may have it: as its signer wants to be shown. The hour stays here: it would help somebody who watches to tell who is who."""
    return {
        "number": row.number, "kind": row.kind, "name": letter.named(row.name, row.shown, row.kind), "by": row.by, "role": row.role, "domain": row.domain, "area": row.area, "comment": row.comment,
        "language": row.language, "level": row.level, "version": row.version.number, "on": row.confirmed.date().isoformat() if row.confirmed else "", "leaf": row.leaf,
    }  # fmt: skip


def _set_aside(row: Signed) -> tuple[str, str]:
    """By which rule a signature is set aside, and why; empty where it is not."""
    if row.state != Signature.HIDDEN:
        return "", ""
    acts = row.letter.set_aside.filter(what="hidden").order_by("-pk")
    return next(((one.rule, one.why) for one in acts if row.number in one.numbers), ("", ""))
