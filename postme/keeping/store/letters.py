"""Coalitions and their letters as rows: drafts with their turn, remarks, agreement to exact texts, versions, deliveries."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postme import letter
from postme.errors import WrongUse
from postme.keeping.store.register import whole
from postme.keeping.store.written import Allied, Handing, Member, Versioned, Written
from postme.letter import Change, Claim, State, Text

if TYPE_CHECKING:
    from postme.keeping.store.lettering import Coalition, Delivery, LetterVersion, OpenLetter, Organization

# Chosen: a coalition of several hundred organizations, and its letters.
_MOST = 1_000


class Letters:
    """The coalitions and letters of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    # -- coalitions

    def found(self, slug: str, town: str, told: Mapping[str, Any], *, who: str, at: datetime.datetime) -> None:
        """Found a coalition. Raises WrongUse where one is called so."""
        from postme.keeping.store import models

        with whole(self.file):
            if models.Coalition.objects.filter(slug=slug).exists():
                raise WrongUse("There is a coalition with this address.", where="coalition", why="Two would be taken for one.", do="Choose another name.")  # fmt: skip
            models.Coalition.objects.create(slug=slug, town_id=town, who=who, at=at, **told)
            _note(who, at, "coalition founded", f"/desk/coalitions/{slug}/")

    def change_coalition(self, slug: str, told: Mapping[str, Any], *, who: str, at: datetime.datetime) -> None:
        """Change what a coalition says of itself, or its key."""
        from postme.keeping.store import models

        with whole(self.file):
            row = _coalition(slug, lock=True)
            for key, value in told.items():
                setattr(row, key, value)
            if "key" in told:
                row.key_since = at
            row.save()
            models.DeskAct.objects.create(who=who, at=at, what="coalition changed", target=f"/desk/coalitions/{slug}/", why=", ".join(sorted(told)), detail={})  # fmt: skip

    def add(self, slug: str, name: str, domain: str, site: str, *, who: str, at: datetime.datetime) -> int:
        """Add an organization to a coalition: its number. One that is there already stays as it is."""
        from postme.keeping.store import models

        with whole(self.file):
            row, _ = models.Organization.objects.get_or_create(
                coalition=_coalition(slug), alike=letter.alike(name)[:200], domain=domain, left=None, defaults={"name": name, "site": site, "since": at}
            )  # fmt: skip
            _note(who, at, "organization added", f"/desk/coalitions/{slug}/", name)
        return int(row.pk)

    def leave(self, slug: str, organization: int, *, who: str, at: datetime.datetime) -> None:
        """Take an organization out of a coalition; what it agreed to and signed stays on the record."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Organization.objects.filter(coalition__slug=slug, pk=organization, left=None)
            if not rows.update(left=at, logo=""):
                raise _no("organization")
            models.Member.objects.filter(organization=organization, until=None).update(until=at)
            _note(who, at, "organization left", f"/desk/coalitions/{slug}/", str(organization))

    def logo(self, slug: str, organization: int, sha256: str, *, who: str, at: datetime.datetime) -> None:
        """Say which file is an organization's logo; empty: none."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Organization.objects.filter(coalition__slug=slug, pk=organization, left=None)
            if not rows.update(logo=sha256):
                raise _no("organization")
            _note(who, at, "logo changed", f"/desk/coalitions/{slug}/", str(organization))

    def give(self, slug: str, organization: int, person: str, title: str, *, organizer: bool, who: str, at: datetime.datetime) -> None:  # fmt: skip
        """Say that an account acts for an organization, with a title; what they had there before ends."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Organization.objects.filter(coalition__slug=slug, pk=organization, left=None).first()
            if row is None:
                raise _no("organization")
            row.people.filter(person=person, until=None).update(until=at)
            row.people.create(person=person, title=title, organizer=organizer, since=at, given_by=who)
            _note(who, at, "acts for an organization", f"/desk/coalitions/{slug}/", f"{person}: {row.name}")

    def take(self, slug: str, organization: int, person: str, *, who: str, at: datetime.datetime) -> None:
        """Say that somebody acts for an organization no more: a director who left."""
        from postme.keeping.store import models

        with whole(self.file):
            rows = models.Member.objects.filter(organization__coalition__slug=slug, organization=organization, person=person, until=None)  # fmt: skip
            if not rows.update(until=at):
                raise _no("person")
            _note(who, at, "acts for an organization no more", f"/desk/coalitions/{slug}/", person)

    def coalition(self, slug: str) -> Allied:
        """A coalition by its address. Raises WrongUse where there is none."""
        with whole(self.file, atomic=False):
            return _allied(_coalition(slug))

    def coalitions(self, person: str | None = None) -> list[Allied]:
        """Every coalition, or those that an account acts in."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            rows = models.Coalition.objects.select_related("town").order_by("name")
            if person is not None:
                acts = models.Member.objects.filter(person=person, until=None, organization__left=None)
                rows = rows.filter(pk__in=acts.values("organization__coalition"))
            return [_allied(row) for row in rows[:_MOST]]

    # -- letters

    def draft(self, slug: str, coalition: str, text: Text, *, who: str, at: datetime.datetime) -> None:
        """Begin a letter. Raises WrongUse where one has this address."""
        from postme.keeping.store import models

        with whole(self.file):
            if models.OpenLetter.objects.filter(slug=slug).exists():
                raise WrongUse("There is a letter with this address.", where="letter", why="Two would be taken for one.", do="Give it another title.")  # fmt: skip
            models.OpenLetter.objects.create(slug=slug, coalition=_coalition(coalition), state=State.DRAFT.value, draft=printed(text), who=who, at=at)  # fmt: skip
            _note(who, at, "letter drafted", f"/letters/{slug}/")

    def slugs(self, start: str) -> set[str]:
        """The letters of any coalition whose address begins so."""
        from postme.keeping.store import models

        with whole(self.file, atomic=False):
            return set(models.OpenLetter.objects.filter(slug__startswith=start).values_list("slug", flat=True))

    def rewrite(self, slug: str, text: Text, turn: int, *, who: str, at: datetime.datetime) -> None:
        """Keep what was written on the draft. Raises WrongUse where somebody wrote meanwhile."""
        with whole(self.file):
            row = _letter(slug, lock=True)
            if row.turn != turn:
                raise WrongUse("Somebody changed this draft meanwhile.", where=slug, why="Yours would undo theirs without a word.", do="Open it again, and put your words where they belong now.")  # fmt: skip
            row.draft, row.turn = printed(text), row.turn + 1
            row.save(update_fields=["draft", "turn"])
            _note(who, at, "letter changed", row.address)

    def remark(self, slug: str, organization: int | None, words: str, *, who: str, at: datetime.datetime) -> None:
        """Say something about the draft, among the coalition alone."""
        with whole(self.file):
            row = _letter(slug)
            row.remarks.create(organization_id=organization, sha256=text_of(row.draft).sha256(row.address), text=words, who=who, at=at)  # fmt: skip

    def remarks(self, slug: str) -> list[dict[str, Any]]:
        """What was said about the draft, the newest first."""
        with whole(self.file, atomic=False):
            rows = _letter(slug).remarks.select_related("organization").order_by("-pk")[:200]
            return [{"id": row.pk, "from": row.organization.name if row.organization else "", "text": row.text, "who": row.who, "at": row.at, "sha256": row.sha256, "done": row.done} for row in rows]  # fmt: skip

    def settle(self, slug: str, remark: int) -> None:
        """Say that a remark is dealt with."""
        with whole(self.file):
            _letter(slug).remarks.filter(pk=remark).update(done=True)

    def agree(self, slug: str, organization: int, sha256: str, *, who: str, at: datetime.datetime) -> None:
        """Agree to the draft for an organization. Raises WrongUse where it is another text by now."""
        with whole(self.file):
            row = _letter(slug, lock=True)
            if text_of(row.draft).sha256(row.address) != sha256:
                raise WrongUse("The draft was changed since you read it.", where=slug, why="You would agree to words that you have not seen.", do="Open it again, and read what has changed.")  # fmt: skip
            row.agreed.get_or_create(organization_id=organization, sha256=sha256, defaults={"who": who, "at": at})
            _note(who, at, "agreed to a letter", row.address, str(organization))

    def version(self, slug: str, text: Text, change: Change, why: str, turn: int, *, who: str, at: datetime.datetime) -> int:  # fmt: skip
        """Make a text the one that is signed: its number. Within the ledger's transaction."""
        row = _letter(slug, lock=True)
        if row.turn != turn:
            raise WrongUse("Somebody changed this letter meanwhile.", where=slug, why="What you saw is not what would be opened.", do="Open it again.")  # fmt: skip
        number = row.versions.count() + 1
        row.versions.create(number=number, text=printed(text), sha256=text.sha256(row.address), change=change.value, why=why, who=who, at=at)  # fmt: skip
        row.draft, row.turn = printed(text), row.turn + 1
        row.save(update_fields=["draft", "turn"])
        return number

    def move(self, slug: str, to: State, *, who: str, at: datetime.datetime, last_day: datetime.date | None = None) -> None:  # fmt: skip
        """Open, close or withdraw a letter. Within the ledger's transaction."""
        row = _letter(slug, lock=True)
        row.state = letter.moved(row.state, to).value
        if to is State.OPEN:
            row.opened, row.closed = row.opened or at, None
        else:
            row.closed = row.closed or at
        row.last_day = last_day or row.last_day
        row.save()
        _note(who, at, f"letter {to.value}", row.address)

    def sealed(self, slug: str, number: int, leaf: int) -> None:
        """Say which entry of the log a version stands in."""
        from postme.keeping.store import models

        models.LetterVersion.objects.filter(letter__slug=slug, number=number).update(leaf=leaf)

    def one(self, slug: str) -> Written:
        """A letter. Raises WrongUse where there is none."""
        with whole(self.file, atomic=False):
            return _written(_letter(slug))

    def several(self, *, coalition: str = "", states: tuple[State, ...] = (), town: str = "") -> list[Written]:
        """Letters, the newest first."""
        from postme.keeping.store import models

        asked: dict[str, Any] = {"coalition__slug": coalition} if coalition else {}
        if town:
            asked["coalition__town_id"] = town
        if states:
            asked["state__in"] = [one.value for one in states]
        with whole(self.file, atomic=False):
            rows = models.OpenLetter.objects.filter(**asked).select_related("coalition__town").order_by("-opened", "-pk")  # fmt: skip
            return [_written(row) for row in rows[:_MOST]]

    # -- handed over

    def deliver(self, slug: str, told: Mapping[str, Any], *, who: str, at: datetime.datetime) -> int:
        """Record that a letter was handed to somebody: the delivery's number."""
        with whole(self.file):
            row = _letter(slug)
            newest = row.versions.order_by("-number").first()
            if newest is None:
                raise WrongUse("This letter was never open for signing.", where=slug, why="Nobody signed it.", do="Open it first.")  # fmt: skip
            made = row.deliveries.create(version=newest, who=who, at=at, **told)
            _note(who, at, "letter handed over", row.address, str(told.get("to", "")))
        return int(made.pk)

    def answered(self, slug: str, delivery: int, told: Mapping[str, Any], *, who: str, at: datetime.datetime) -> None:
        """Record what somebody did who was handed a letter."""
        with whole(self.file):
            row = _letter(slug)
            if not row.deliveries.filter(pk=delivery).update(**told):
                raise _no("delivery")
            _note(who, at, "letter answered", row.address, str(told.get("outcome", "")))


# --- rows and what they say -------------------------------------------------------------------------------------------


def printed(text: Text) -> dict[str, Any]:
    """A text as it is kept."""
    return {
        "title": text.title, "to": text.to, "ask": text.ask, "body": text.body, "about": text.about,
        "deadline": text.deadline.isoformat() if text.deadline else None, "claims": [one.printed() for one in text.claims],
    }  # fmt: skip


def text_of(kept: Mapping[str, Any]) -> Text:
    """A text from what is kept."""
    day = kept.get("deadline")
    claims = tuple(Claim(one["passage"], one["address"], one.get("leaf")) for one in kept.get("claims", ()))
    return Text(
        kept.get("title", ""), kept.get("to", ""), kept.get("ask", ""), kept.get("body", ""), datetime.date.fromisoformat(day) if day else None, kept.get("about", ""), claims
    )  # fmt: skip


def _coalition(slug: str, *, lock: bool = False) -> Coalition:
    from postme.keeping.store import models

    rows = models.Coalition.objects.select_related("town")
    row: Coalition | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(slug=slug).first()
    if row is None:
        raise _no("coalition")
    return row


def _letter(slug: str, *, lock: bool = False) -> OpenLetter:
    from postme.keeping.store import models

    rows = models.OpenLetter.objects.select_related("coalition__town")
    row: OpenLetter | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(slug=slug).first()
    if row is None:
        raise _no("letter")
    return row


def _no(what: str) -> WrongUse:
    return WrongUse(f"There is no such {what}.", where=what, why="Nothing was changed.", do="Choose one from the list.")


def _allied(row: Coalition) -> Allied:
    organizations = row.organizations.order_by("name", "pk").prefetch_related("people")
    return Allied(
        row.pk, row.slug, row.name, row.about, row.contact, row.town_id, row.town.name, row.town.fiction, row.key, row.kept_days, tuple(_member(one) for one in organizations),
    )  # fmt: skip


def _member(row: Organization) -> Member:
    people = sorted((one.person, one.title, one.organizer) for one in row.people.all() if one.until is None)
    return Member(row.pk, row.name, row.domain, row.site, tuple(people), row.left, row.logo)


def _written(row: OpenLetter) -> Written:
    agreed: dict[str, dict[int, datetime.datetime]] = {}
    for one in row.agreed.all():
        agreed.setdefault(one.sha256, {})[one.organization_id] = one.at
    versions = tuple(_versioned(one) for one in row.versions.order_by("number"))
    handed = list(row.deliveries.select_related("version").order_by("on", "pk"))
    lost = came_back(one.outgoing for one in handed)
    deliveries = tuple(_handing(one, lost=one.outgoing in lost) for one in handed)
    return Written(
        row.pk, row.slug, State(row.state), _allied(row.coalition), text_of(row.draft), row.turn, row.last_day, row.opened, row.closed, row.erased, versions, agreed, deliveries,
    )  # fmt: skip


def _versioned(row: LetterVersion) -> Versioned:
    return Versioned(row.pk, row.number, text_of(row.text), row.sha256, Change(row.change), row.why, row.at, row.leaf)


def came_back(outgoing: Iterable[str]) -> set[str]:
    """Those of some mails that carried a letter and that no mailbox took."""
    from postme.keeping.store import models

    some = {one for one in outgoing if one}
    return set(models.Outgoing.objects.filter(once__in=some, state="given up").values_list("once", flat=True)) if some else set()  # fmt: skip


def _handing(row: Delivery, *, lost: bool) -> Handing:
    return Handing(
        row.pk, row.to, row.seat, row.how, row.on, row.version.number, row.counts, row.pdf, row.outcome, row.answered, row.answer, row.link, row.outgoing, lost,
    )  # fmt: skip


def _note(who: str, at: datetime.datetime, what: str, target: str, why: str = "") -> None:
    from postme.keeping.store import models

    models.DeskAct.objects.create(who=who, at=at, what=what, target=target, why=why, detail={})


def shown(slug: str) -> Written | None:
    """The letter of an address where the public may see it: a draft is none."""
    from postme.keeping.store import models

    rows = models.OpenLetter.objects.select_related("coalition__town").filter(slug=slug)
    row = rows.exclude(state=State.DRAFT.value).first()
    return _written(row) if row else None
