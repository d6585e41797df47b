"""Mill Falls, the fictional town, published: its records searched, each mention ruled on, its holdings let out by two people.

What is done is read off what is there, so a fill that was killed goes on where it stopped, and a second one does nothing.
"""

from __future__ import annotations

import datetime
import fcntl
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import postme
from postme.fold import Folded, plainly
from postme.keeping import librarian, places
from postme.keeping.shelf import Shelf
from postme.keeping.store.register import Register, Waiting
from postme.keeping.store.reports import Reported, Reports
from postme.moderation import Kind, Sent, due
from postme.office import sealing
from postme.office.bias import synthetic
from postme.office.press import Body, Press, address_of
from postme.office.search import Search
from postme.office.sweep import Sweep
from postme.publication import State, What
from postme.redaction import Reason, Redaction

TOWN = Path(postme.__file__).parent / "examples" / "mill-falls"
RECORDS, CATALOGUE, LAWS = TOWN / "records", TOWN / "catalogue", TOWN / "laws"
PLACE = "us/zz/mill_falls"
_EDITOR = ("editor",)


def fill(folder: Path, tick: Callable[[str], None] = lambda _: None, *, origin: str = sealing.ORIGIN) -> None:
    """Make what of the fictional town is not in a data folder yet; ``tick`` is told what is being done.

    Its place, ``us/zz/mill_falls``, lies in no state, so no real state's or city's law reaches it; LAWS holds a made-up
    one. ``origin`` is the log's name. The tables are the register's; a website's own are made by its ``migrate``.
    Raises KeepingError where the folder cannot be used.
    """
    register = Register(folder)
    with (folder / ".postme-example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _Filling(folder, register, Press(folder, origin, [CATALOGUE]), tick).run()


class _Filling:
    """One fill of a folder; every step first looks whether it was done."""

    def __init__(self, folder: Path, register: Register, press: Press, tick: Callable[[str], None]) -> None:
        self._folder, self._register, self._press, self._tick = folder, register, press, tick
        self._told: Mapping[str, Any] = librarian.loaded((TOWN / "holdings.yaml").read_bytes())
        self._author, self._editor = self._told["author"], self._told["editor"]
        self._texts: dict[tuple[str, int], Folded] = {}
        self._mentions: list[Waiting] = []
        self._reports = Reports(press.ledger.file)
        self._bodies = {
            key: Body(PLACE, told["name"], told["kind"], fiction=True) for key, told in self._told["bodies"].items()
        }

    def run(self) -> None:
        number = self._searched()
        self._ruled()
        drafts = {(one.address, one.what): one for one in self._press.ledger.drafts() if one.author == self._author}
        for told in self._told["holdings"]:
            self._let_out(drafts, What.PUBLISHED, told)
        self._publish(drafts, f"/searches/{number}/", What.PUBLISHED, lambda: self._press.search(number, fiction=True))
        self._publish(drafts, f"/audits/{synthetic.SLUG}/", What.PUBLISHED, lambda: synthetic.facts({"id": PLACE, "name": places.name_of(PLACE)}))  # fmt: skip
        received = [
            (
                self._received(
                    told, f"Taking in what the public says of it, {number} of {len(self._told['reported'])}"
                ),
                told,
            )
            for number, told in enumerate(self._told["reported"], 1)
        ]
        for told in self._told["corrected"]:
            self._let_out(drafts, What.CORRECTED, told)
        for told in self._told["withdrawn"]:
            self._let_out(drafts, What.WITHDRAWN, told)
        for report, told in received:
            self._answered(report, told)
        for number, told in enumerate(self._told["redacted"], 1):
            self._redact(told, f"Blacking out home addresses of residents, {number} of {len(self._told['redacted'])}")

    # -- finding and ruling

    def _searched(self) -> int:
        """The number of the search of the town's records; made where there is none."""
        for row in reversed(self._register.searches()):
            if row["place"] == PLACE:
                return int(row["number"])
        self._tick("Reading the records of Mill Falls, a fictional town")
        search = Search(Sweep((RECORDS,), self._folder, (CATALOGUE,), cache=self._folder / "cache"), PLACE)
        for _ in search.run():
            pass
        return search.note()

    def _ruled(self) -> None:
        rulings: Mapping[str, Sequence[Mapping[str, Any]]] = librarian.loaded((TOWN / "rulings.yaml").read_bytes())
        self._mentions = [one for one in self._register.mentions() if _name(one.name) in rulings]
        waiting = [one for one in self._mentions if one.ruling is None]
        if waiting:
            self._tick(f"Ruling on {len(waiting)} mentions, as a careful reader would")
        for one in waiting:
            ruling = self._ruling(one, rulings.get(_name(one.name), ()))
            if ruling:
                self._register.rule(one.id, ruling["answer"], why=ruling["why"], who=self._author, at=_now())
        if waiting:
            self._mentions = [one for one in self._register.mentions() if _name(one.name) in rulings]

    def _ruling(self, one: Waiting, rulings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The ruling with the longest words that hold a mention; ``None`` leaves it waiting on the desk."""
        fitting = [
            ruling
            for ruling in rulings
            if ruling["page"] == one.page
            and ruling.get("technology", one.technologies[0]) in one.technologies
            and self._lies_within(one, ruling["words"])
        ]
        return max(fitting, key=lambda ruling: len(ruling["words"]), default=None)

    def _lies_within(self, one: Waiting, words: str) -> bool:
        found = standing(self._text(one.sha256, one.page), words)
        return any(start <= one.start and one.end <= end for start, end in found)

    def _text(self, sha256: str, page: int) -> Folded:
        if (sha256, page) not in self._texts:
            shelf = Shelf(self._folder)
            try:
                for one in shelf.latest_pages(sha256) or ():
                    self._texts[sha256, one.number] = plainly(one.text, joined=True)
            finally:
                shelf.close()
        return self._texts[sha256, page]

    # -- drafting and letting out

    def _let_out(self, drafts: Mapping[tuple[str, str], Any], what: What, told: Mapping[str, Any]) -> None:
        body, technology = self._bodies[told["body"]], told["technology"]
        address, _ = address_of({"agency": {"id": body.id}, "technology": {"id": technology}})

        def facts() -> dict[str, Any]:
            if what is What.WITHDRAWN:
                return self._press.ledger.facts_at(address) or {}
            seen = [
                one.id
                for one in self._mentions
                if _name(one.name) in told.get("observed", ()) and technology in one.technologies
            ]
            return self._press.holding(
                body, technology, of=told.get("of"), status=told["status"], note=" ".join(told["note"].split()), observed=seen,
                law_facts={key: self._law_fact(fact) for key, fact in told.get("law_facts", {}).items()}, amounts=told.get("amounts", ()),
                outcomes={self._mention(one): one["outcome"] for one in told.get("outcomes", ())},
            )  # fmt: skip

        self._publish(drafts, address, what, facts, told.get("reason", ""))

    def _law_fact(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "value": told["value"],
            "on": told["on"],
            "says": told["says"],
            "evidence": self._mention(told["evidence"]),
        }

    def _mention(self, where: Mapping[str, Any]) -> str:
        return next(
            one.id
            for one in self._mentions
            if _name(one.name) == where["record"]
            and one.page == where["page"]
            and self._lies_within(one, where["words"])
        )

    def _publish(
        self, drafts: Mapping[tuple[str, str], Any], address: str, what: What, facts: Callable[[], dict[str, Any]], reason: str = ""
    ) -> None:  # fmt: skip
        """Draft, submit and approve, from whichever of the three steps was done last."""
        drafted = drafts.get((address, what.value))
        if drafted and drafted.state in (State.APPROVED, State.DISCARDED, State.RETURNED):
            return
        if drafted is None:
            made = facts()
            self._tick(f"{what.value.capitalize()}: {made['title']}")
            number = self._press.draft(made, what, who=self._author, roles_=_EDITOR, reason=reason)
        else:
            number = drafted.id
        if drafted is None or drafted.state == State.DRAFT:
            self._press.submit(number, who=self._author, roles_=_EDITOR)
        self._press.approve(number, who=self._editor, roles_=_EDITOR)

    # -- what the public says of it

    def _received(self, told: Mapping[str, Any], said: str) -> Reported:
        """A report or a reply, as it lies on the desk; sent where it never was."""
        text, page = " ".join(told["text"].split()), 1
        while found := self._reports.every(page)[0]:
            for one in found:
                if (one.about, one.kind, one.text) == (told["about"], told["kind"], text):
                    return one
            page += 1
        self._tick(said)
        at = _now()
        sent = Sent(told["about"], Kind(told["kind"]), text, told["name"])
        return self._reports.receive(sent, token=secrets.token_hex(16), at=at, due=due(at.date()).day)

    def _answered(self, report: Reported, told: Mapping[str, Any]) -> None:
        if report.state != "open":
            return
        if self._reports.proposed(report.number) is None:
            self._reports.close(report.number, told["outcome"], told["why"], shown=True, who=self._author, at=_now())
        if (waits := self._reports.proposed(report.number)) is not None:
            self._reports.show(report.number, waits.number, who=self._editor, at=_now())

    def _redact(self, told: Mapping[str, Any], said: str) -> None:
        sha256 = next(one.sha256 for one in self._mentions if _name(one.name) == told["record"])
        [(start, end)] = standing(self._text(sha256, told["page"]), told["words"])
        wanted = Redaction(told["page"], start, end, Reason(told["reason"]))
        same = [one for one in self._press.redactions.of(sha256, "asked", "in force", "refused") if (one.page, one.start, one.end) == (wanted.page, start, end)]  # fmt: skip
        if any(one.state != "asked" for one in same):
            return
        self._tick(said)
        number = same[0].number if same else self._press.ask_redaction(sha256, wanted, who=self._author, roles_=_EDITOR)
        self._press.redact(number, who=self._editor, roles_=_EDITOR)


def standing(folded: Folded, words: str) -> list[tuple[int, int]]:
    """Where words stand in a folded text, whatever its letters' case and its lines: start and end of each, in code points.

    >>> standing(plainly("Hedgerow\\r\\nConnect, and hedgerow  connect"), "Hedgerow Connect")
    [(0, 17), (23, 40)]
    """
    wanted = plainly(words).data
    found, at = [], folded.data.find(wanted)
    while at >= 0:
        found.append(folded.span(at, at + len(wanted)))
        at = folded.data.find(wanted, at + 1)
    return found


def _name(path: str) -> str:
    """A record's name in the data files: its file's, or ``archive!/member``."""
    outer, sign, inner = path.partition("!/")
    return f"{Path(outer).name}{sign}{inner}"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
