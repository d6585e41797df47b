"""The proceedings: proposals go from draft to renewal, each step held against the town's law, public in the same transaction.

A liaison drafts and hands in, a clerk makes it public: two people. From then on each step that the clerk records is a new
version of its page and a leaf of the log, or nothing.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from postme import ahead, gate, process, publication, roles
from postme.ahead import Ahead, Stage
from postme.errors import WrongUse
from postme.gate import Gate
from postme.keeping import laws, library
from postme.keeping.store.docket import PAGE, Docket, Docketed, Recorded, TownRow
from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.keeping.store.meetings import MeetingRow, Meetings
from postme.keeping.store.offices import Offices
from postme.obligation import Judged, Verdict
from postme.office import placed, sealing
from postme.office.council import VOTES
from postme.office.press import Body, slug
from postme.office.progress import deed_of, town
from postme.process import Standing
from postme.proposal import DEEDS, FOR, Deed
from postme.publication import What


class Proceedings:
    """The proceedings of a data folder. ``origin`` is the log's name, as the press has it."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN) -> None:
        self.folder, self.ledger = folder, Ledger(folder)
        self.docket, self.meetings = Docket(self.ledger.file), Meetings(self.ledger.file)
        self._offices = Offices(self.ledger.file)
        self._log = sealing.Log(folder, origin, self.ledger)
        if self.ledger.size() != self._log.size:  # the machine stopped in the middle of a step
            self._log.recover()
            self._restored()

    def _restored(self) -> None:
        """What the log has is published again; the steps that its entries tell of are written down again too."""
        for one in list(self._every(None, public=None)):  # what is restored moves to the first page
            facts = self.ledger.facts_at(f"/decisions/{one.slug}/")
            if facts is not None:
                told = [(each["number"], deed_of(each), each) for each in facts["deeds"]]
                self.docket.restored(one.slug, told, at=_now())

    # -- asked by pages

    def one(self, slug: str) -> Docketed:
        """A proposal. Raises WrongUse where there is none."""
        return self.docket.one(slug)

    def standing(self, one: Docketed, on: datetime.date) -> Standing:
        """Where it stands on a day, what is due, and which gates of its vote were shut."""
        return process.standing(one.proposal, on, town(one.town), self.plans(on, one.slug).get(one.slug, {}))

    def plans(self, on: datetime.date, slug: str | None = None) -> dict[str, dict[str, datetime.date]]:
        """The next day that each step is planned for, of each proposal on the agenda of a meeting from a day on."""
        found: dict[str, dict[str, datetime.date]] = {}
        for meeting in self.meetings.several(since=on, slug=slug):
            if not meeting.called_off:
                for own, kind in meeting.items:
                    found.setdefault(own, {}).setdefault(kind, meeting.on)
        return found

    def way(self, one: Docketed, on: datetime.date) -> tuple[Stage, ...]:
        """The stages on its way, with the clauses that ask for each."""
        return ahead.way(one.proposal, on, town(one.town))

    def gates(self, one: Docketed, deed: Deed) -> tuple[Gate, ...]:
        """Every gate before a step on its day."""
        return gate.gates(one.proposal, deed, town(one.town))

    def next(self, one: Docketed, on: datetime.date) -> dict[str, tuple[Gate, ...]]:
        """The steps that could come next, each with its gates on that day."""
        return process.next_deeds(one.proposal, on, town(one.town))

    def planned(self, one: Docketed, kind: str, day: datetime.date, today: datetime.date) -> tuple[Ahead, ...]:
        """What must be done by when for a step that is planned for a day."""
        return ahead.planned(one.proposal, kind, day, town(one.town), today)

    def duties(
        self, one: Docketed, on: datetime.date, plans: Mapping[str, datetime.date] | None = None
    ) -> tuple[Judged, ...]:
        """What the laws ask for it on a day; ``plans`` (as ``plans`` tells them) are looked up where they are not given."""
        known = self.plans(on, one.slug).get(one.slug, {}) if plans is None else plans
        return tuple(process.duties(one.proposal, on, town(one.town), known))

    def obligations(self, town_id: str | None, on: datetime.date) -> Iterator[tuple[Docketed, Judged]]:
        """Every duty of every public proposal that is due or overdue on a day, the longest overdue first."""
        found, plans = [], self.plans(on)
        for one in self._every(town_id):
            for duty in self.duties(one, on, plans.get(one.slug, {})):
                day = duty.due or duty.next_due
                if day and duty.verdict is not Verdict.MET and duty.verdict is not Verdict.DOES_NOT_APPLY:
                    found.append((day, one.slug, duty.provision, one, duty))
        found.sort(key=lambda each: each[:3])
        yield from ((one, duty) for *_, one, duty in found)

    def _every(self, town_id: str | None, *, public: bool | None = True) -> Iterator[Docketed]:
        page = 1
        while True:
            rows, count = self.docket.several(town_id, public=public, page=page)
            yield from rows
            if not rows or page * PAGE >= count:
                return
            page += 1

    # -- before it is public

    def draft(
        self, town_id: str, *, title: str, agency: str, kind: str, technologies: Sequence[str], acts: Sequence[str], who: str, roles_: Collection[str],
        summary: str = "", products: Sequence[Mapping[str, Any]] = (), purpose: str = "", holdings: Sequence[str] = (), address: str = "", today: datetime.date | None = None,
    ) -> str:  # fmt: skip
        """Draft a proposal: the last part of its address. Raises WrongUse for words that laws or the catalogue do not know."""
        roles.asked(roles_, "propose")
        where = self.docket.town(town_id)
        told = _checked(
            where, title=title, agency=agency, kind=kind, technologies=technologies, acts=acts, summary=summary, products=products, purpose=purpose, holdings=holdings
        )  # fmt: skip
        self._offices.asked(town_id, who, told["agency_name"])
        own = slug(address or f"{where.name} {title}")[:110]
        self.docket.draft(own, town_id, told, drafted=today or _today(), who=who, at=_now())
        return own

    def rewrite(self, own: str, turn: int, *, who: str, roles_: Collection[str], **told: Any) -> None:
        """Change a draft. Raises WrongUse where somebody changed it meanwhile, or it is public."""
        roles.asked(roles_, "propose")
        one = self.docket.one(own)
        now = {
            key: getattr(one, key)
            for key in ("title", "kind", "technologies", "acts", "summary", "products", "purpose", "holdings")
        }
        now["agency"] = one.agency_name
        for agency in {one.agency_name, str(told.get("agency", one.agency_name)).strip()}:
            self._offices.asked(one.town.id, who, agency)
        self.docket.rewrite(own, _checked(one.town, **{**now, **told}), turn, who=who, at=_now())

    def hand_in(
        self, own: str, turn: int, *, who: str, roles_: Collection[str], on: datetime.date | None = None
    ) -> None:
        """Submit a draft to the clerk, who makes it public. Raises GateShut where the law asks for something first."""
        roles.asked(roles_, "propose")
        one, deed = self.docket.one(own), Deed("submit", on or _today(), by=who)
        self._offices.asked(one.town.id, who, one.agency_name)
        process.moved(one.proposal, deed, town(one.town), _today())
        self.docket.record(own, deed, turn, who=who, at=_now())

    def accept(self, own: str, turn: int, *, who: str, roles_: Collection[str]) -> list[Leaf]:
        """Make public what a liaison handed in. Raises WrongUse for one's own, or what was not handed in."""
        roles.asked(roles_, "accept proposal")
        one = self.docket.one(own)
        handed = one.proposal.done("submit")
        if handed is None or one.public:
            raise WrongUse("It was not handed in." if handed is None else "It is public already.", where=own, why="Only what a liaison submitted becomes public here.", do="Open the list of what was handed in.")  # fmt: skip
        if who in (one.author, handed.by):
            raise WrongUse("Nobody makes public what they drafted.", where=own, why="What is published must have been seen by two people.", do="Ask a colleague who is a clerk.")  # fmt: skip
        return self._published(
            own, lambda: self.docket.made_public(own, turn, who=who, at=_now()), who, "it was submitted"
        )

    # -- steps

    def record(
        self, own: str, deed: Deed, turn: int, *, who: str, roles_: Collection[str], note: str = "", motion: str = "", votes: Iterable[Mapping[str, Any]] = (),
        insist: bool = False, today: datetime.date | None = None,
    ) -> list[Leaf]:  # fmt: skip
        """Record that a step was taken; the page says so at once. Raises GateShut with every gate that is shut.

        That a paper was published is recorded with where it stands: here, or at the address that ``deed.evidence`` names.
        With ``insist`` a vote for it is recorded although a gate is shut: what the council did is told, and that it is no
        approval under the law, and why.
        """
        roles.asked(roles_, "advise" if deed.kind in ("advise", "review") else "record step")
        one, votes = self.docket.one(own), [dict(vote) for vote in votes]
        if not one.public and deed.kind not in ("publish_report", "publish_policy", "record", "declare_existing"):
            raise WrongUse(
                "It is not public yet.",
                where=own,
                why="A step of it could not be followed by anybody.",
                do="Make it public first.",
            )
        _counted(deed, votes)
        _once_only(one, deed)
        deed = placed.backed(deed, own, self.ledger)
        move = process.witnessed if insist else process.moved
        move(one.proposal, deed, town(one.town), today or _today())

        def written() -> None:
            self.docket.record(own, deed, turn, who=who, at=_now(), note=note, motion=motion, votes=votes)

        return self._published(own, written, who, DEEDS[deed.kind].says) if one.public else _nothing(written)

    def correct(self, own: str, number: int, deed: Deed, turn: int, *, reason: str, who: str, roles_: Collection[str], votes: Iterable[Mapping[str, Any]] = ()) -> list[Leaf]:  # fmt: skip
        """Correct a step that was recorded wrongly: both stay on the record, with the reason. Gates are asked anew by whoever reads where it stands."""
        roles.asked(roles_, "record step")
        if not reason.strip():
            raise WrongUse("A reason is missing.", where="reason", why="What changes in public must say why.", do="Write one sentence that a reader will see.")  # fmt: skip
        one, votes = self.docket.one(own), [dict(vote) for vote in votes]
        if not any(each.number == number and not each.replaced for each in one.recorded):
            raise WrongUse(f"There is no step {number} to correct.", where=own, why="It may have been corrected meanwhile.", do="Open the proposal again.")  # fmt: skip
        if deed.on > _today():
            raise WrongUse(f"{deed.on} has not come yet.", where="day", why="Only what happened is recorded as having happened.", do="Write the day on which it happened.")  # fmt: skip
        _counted(deed, votes)
        deed = placed.backed(deed, own, self.ledger)

        def written() -> None:
            self.docket.record(own, deed, turn, who=who, at=_now(), votes=votes, replaces=number, reason=reason)

        return self._published(own, written, who, reason, What.CORRECTED) if one.public else _nothing(written)

    # -- meetings

    def call(
        self, town_id: str, told: Mapping[str, Any], agenda: Sequence[tuple[str, str]], *, who: str, roles_: Collection[str], number: int | None = None,
        today: datetime.date | None = None,
    ) -> int:  # fmt: skip
        """Call a meeting with its agenda, or move one: its number. Raises GateShut where the law's notice can no longer be kept for an item."""
        roles.asked(roles_, "record step")
        now = today or _today()
        day = told["on"]
        for own, kind in agenda:
            _in_time(self.docket.one(own), kind, day, now)
        number = self.meetings.call({**told, "town_id": town_id}, who=who, at=_now(), number=number)
        for kind in dict.fromkeys(kind for _, kind in agenda):
            self.meetings.put_on(number, [own for own, each in agenda if each == kind], kind)
        public = [one for one in dict.fromkeys(own for own, _ in agenda) if self.docket.one(one).public]
        if public:
            self._log.publish(
                lambda seal: self.ledger.publish(lambda _: [self._entry(own, "a meeting was set") for own in public], who=who, at=_now(), salt=_salt, seal=seal)
            )  # fmt: skip
        return number

    # -- how it becomes public

    def _published(self, own: str, written: Any, who: str, reason: str, what: What = What.CONTINUED) -> list[Leaf]:
        def made(_: Drafted | None) -> list[Publishing]:
            written()
            return [self._entry(own, reason, what)]

        return self._log.publish(lambda seal: self.ledger.publish(made, who=who, at=_now(), salt=_salt, seal=seal))

    def refresh(self, own: str, reason: str, *, who: str) -> list[Leaf]:
        """Publish a proposal's page again, since something beside its steps changed: a paper was published, a meeting was moved."""
        return self._published(own, lambda: self.docket.touched(own, at=_now()), who, reason)

    def _entry(self, own: str, reason: str, what: What = What.CONTINUED) -> Publishing:
        facts = self.facts(self.docket.one(own))
        address = f"/decisions/{own}/"
        new = not publication.visible(self.ledger.state_of(address))
        return Publishing(address, "decision", What.PUBLISHED if new else what, facts, reason)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return library.names(library.sources(cache=self.folder / "cache"))

    def facts(self, one: Docketed) -> dict[str, Any]:
        """What its entry says: what is asked for, and everything that happened. Where it stands follows from that, the law and the day."""
        names = self._names
        place = {"id": one.town.id, "name": one.town.name}
        return {
            "title": one.title, "fiction": one.town.fiction, "place": place, "slug": one.slug, "summary": one.summary,
            "agency": {"id": one.agency, "name": one.agency_name, "kind": one.kind, "names": []},
            "technology": {"id": one.technologies[0], "name": names.get(one.technologies[0], one.technologies[0])},
            "technologies": [{"id": each, "name": names.get(each, each)} for each in one.technologies],
            "products": [dict(each) for each in one.products], "acts": list(one.acts), "purpose": one.purpose or None, "holdings": list(one.holdings),
            "drafted": one.drafted.isoformat(), "tries": one.town.tries or None, "deeds": [_said(each) for each in one.recorded],
            "meetings": [_called(each, one.slug) for each in self.meetings.several(slug=one.slug)],
        }  # fmt: skip


def _checked(where: TownRow, **told: Any) -> dict[str, Any]:
    words = laws.words()
    if not str(told["title"]).strip() or len(told["title"]) > 200:
        raise WrongUse("The title is missing, or longer than 200 characters.", where="title", why="People find it by that.", do="Write what is asked for, in a few words.")  # fmt: skip
    if not told["technologies"]:
        raise WrongUse(
            "No technology is named.", where="technologies", why="No law could be asked.", do="Choose at least one."
        )
    for each in told["technologies"]:
        words.checked("technology", each, words.technologies)
    for each in told["acts"]:
        words.checked("act", each, words.acts)
    if not told["acts"]:
        raise WrongUse("No act is named.", where="acts", why="No law could be asked.", do="Choose what is asked for: to obtain it, to use it, to share its data …")  # fmt: skip
    words.checked("body", told["kind"], words.bodies)
    if told["purpose"]:
        words.checked("purpose", told["purpose"], words.purposes)
    body = Body(where.id, str(told["agency"]).strip(), told["kind"])
    if not body.name:
        raise WrongUse(
            "The body is missing.",
            where="agency",
            why="Nobody would know who asks.",
            do="Write its name as it is known.",
        )
    return {
        "title": told["title"].strip(), "agency": body.id, "agency_name": body.name, "kind": body.kind, "technologies": list(told["technologies"]),
        "acts": list(told["acts"]), "summary": told["summary"].strip(), "products": [dict(each) for each in told["products"]], "purpose": told["purpose"],
        "holdings": list(told["holdings"]),
    }  # fmt: skip


def _in_time(one: Docketed, kind: str, day: datetime.date, today: datetime.date) -> None:
    late = [each for each in ahead.planned(one.proposal, kind, day, town(one.town), today) if each.too_late]
    if not late:
        return
    earliest = max((each.earliest for each in late if each.earliest), default=None)
    raise process.GateShut(
        f"{gate.written(day)} is too early for “{one.title}”. {late[0].says}",
        where=f"{late[0].law}#{late[0].provision}", why=f"It was due by {gate.written(late[0].by)}, and it is {gate.written(today)}." if not late[0].done and late[0].by else "What was done came too late for that day.",
        do=f"Choose {gate.written(earliest)} or a later day." if earliest else "Choose a later day.",
        gates=tuple(Gate("duty", each.says, False, f"{each.law}#{each.provision}", needs=each.fact, missing=each.says, earliest=each.earliest, working=each.working) for each in late),
    )  # fmt: skip


def _counted(deed: Deed, votes: Sequence[Mapping[str, Any]]) -> None:
    seats = [vote["seat"] for vote in votes]
    if len(set(seats)) != len(seats):
        raise WrongUse(
            "A member is there twice.",
            where="roll call",
            why="Their vote would count twice.",
            do="Give each member one row.",
        )
    if wrong := [vote["vote"] for vote in votes if vote["vote"] not in VOTES]:
        raise WrongUse(
            f"'{wrong[0]}' is no vote.",
            where="roll call",
            why="Nobody could count it.",
            do=f"Use one of: {', '.join(VOTES)}.",
        )
    yes, no = (sum(vote["vote"] == said for vote in votes) for said in ("yes", "no"))
    if votes and deed.kind in FOR and yes <= no:
        raise WrongUse(f"{yes} yes and {no} no do not carry.", where="roll call", why="The page would say that it was approved.", do="Check the votes, or record that it was rejected.")  # fmt: skip
    if votes and deed.kind == "reject" and yes > no:
        raise WrongUse(f"{yes} yes and {no} no carry.", where="roll call", why="The page would say that it was rejected.", do="Check the votes, or record that it was approved.")  # fmt: skip


def _once_only(one: Docketed, deed: Deed) -> None:
    """The same step of the same day, sent twice: a form that was sent again, or two people at once."""
    if any(
        each.deed.kind == deed.kind and each.deed.on == deed.on and each.deed.shows == deed.shows and not each.replaced
        for each in one.recorded
    ):
        raise WrongUse(
            f"'{DEEDS[deed.kind].says}' on {deed.on} is recorded already.", where=one.slug, why="It would stand on the page twice.",
            do="Correct the one that stands, if it is wrong.",
        )  # fmt: skip


def _said(each: Recorded) -> dict[str, Any]:
    """A step as its entry says it. Who works here and recorded it stands on the desk's record of acts, not in public."""
    deed = each.deed
    return {
        "number": each.number, "kind": deed.kind, "says": DEEDS[deed.kind].says, "on": deed.on.isoformat(), "by": deed.by if deed.kind != "submit" else "", "fact": deed.shows or None,
        "value": deed.value, "also": list(deed.also), "findings": dict(deed.findings), "conditions": list(deed.conditions), "instrument": deed.instrument,
        "until": deed.until.isoformat() if deed.until else None, "evidence": deed.evidence, "taken_as_met": dict(deed.affirmed), "motion": each.motion,
        "votes": [dict(vote) for vote in each.votes], "note": each.note, "replaced": each.replaced, "replaces": each.replaces, "reason": each.reason,
    }  # fmt: skip


def _called(meeting: MeetingRow, own: str) -> dict[str, Any]:
    return {
        "number": meeting.number, "body": meeting.body, "on": meeting.on.isoformat(), "begins": meeting.begins, "zone": meeting.zone, "where": meeting.where,
        "how_to_speak": meeting.how_to_speak, "called_off": meeting.called_off, "for": [kind for each, kind in meeting.items if each == own],
    }  # fmt: skip


def _nothing(written: Any) -> list[Leaf]:
    written()
    return []


_salt = partial(secrets.token_hex, 16)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _today() -> datetime.date:
    return _now().date()
