"""Many proposals at once: drafted from one table, handed in, made public, and carried a step on; what cannot go is told with its reason, the others go.

Each proposal is held against the law by itself, exactly as if it came alone; only the publishing is shared.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from postme import gate, process, roles
from postme.errors import PostmeError, ReadingError, WrongUse
from postme.gate import Gate
from postme.keeping import laws
from postme.keeping.store.docket import Docketed
from postme.keeping.store.ledger import Drafted, Leaf, Publishing
from postme.keeping.store.offices import Offices
from postme.keeping.store.register import whole
from postme.office import placed, proceedings
from postme.office.press import slug
from postme.office.proceedings import Proceedings
from postme.office.progress import town
from postme.proposal import DEEDS, Deed
from postme.reading import cells

COLUMNS: Mapping[str, str] = {
    "title": "What is asked for, in a few words. Needed.",
    "body": "Who asks, by name. Needed.",
    "kind": "The kind of body, such as police. Needed.",
    "technologies": "One or several, by name or id, with ; between. Needed.",
    "acts": "What is to be done, such as obtain;use. Needed.",
    "purpose": "One purpose that laws know, or empty.",
    "summary": "Two or three sentences for residents.",
    "products": "name|maker|quantity, with ; between several.",
    "holdings": "Addresses of published holdings, with ; between.",
    "drafted": "The day it was drafted, as 2026-01-05; empty for today.",
}
"""The columns of a table of proposals, and what each holds."""
_NEEDED = ("title", "body", "kind", "technologies", "acts")
_ALSO = {
    "title": ("proposal", "name"), "body": ("agency", "department"), "kind": ("kind_of_body", "body_kind"), "technologies": ("technology",), "acts": ("act",), "summary": ("description",),
}  # fmt: skip
# Chosen: the largest inventory that a city of the country published is some 300 technologies.
MOST = 1_000
# Chosen: so many are published in one transaction, so that nobody else waits longer than a few seconds.
_TOGETHER = 25
WRONG = "what is wrong"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its line, what was written, what it becomes (empty where something is wrong), and what is wrong."""

    line: int
    written: Mapping[str, str]
    told: Mapping[str, Any]
    faults: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The last part of the address that it gets."""
        return str(self.told.get("address", ""))


@dataclass(frozen=True, slots=True)
class Batch:
    """A table as it was read: rows in order, and columns that mean nothing here."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()

    @property
    def good(self) -> tuple[Row, ...]:
        """Rows that can be drafted."""
        return tuple(one for one in self.rows if not one.faults)

    @property
    def bad(self) -> tuple[Row, ...]:
        """Rows with something to mend."""
        return tuple(one for one in self.rows if one.faults)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one proposal of many: done, or why not, with the gates that are shut."""

    slug: str
    title: str
    done: bool
    why: str = ""
    gates: tuple[Gate, ...] = ()


# --- the table -------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """An empty table with its columns and what each holds, as CSV that spreadsheets open."""
    out = io.StringIO()
    for name, says in COLUMNS.items():
        out.write(f"# {name}: {says}\r\n")
    csv.writer(out).writerow(COLUMNS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def refused(data: bytes, name: str) -> None:
    """Raises WrongUse for what is a workbook, a PDF or no text at all."""
    if data[:4] in (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0") or b"\0" in data[:4000]:
        raise WrongUse(f"{name} is no CSV file.", where=name, why="Its cells cannot be told apart.", do="In the spreadsheet program choose “save as”, then CSV.")  # fmt: skip


def read(data: bytes, name: str, town_name: str, taken: Collection[str] = ()) -> Batch:
    """A table of proposals, each row checked by itself; ``taken`` are addresses that are used already.

    Raises WrongUse where the file is no such table at all.
    """
    refused(data, name)
    try:
        rows, columns = cells.table(data, name)
    except ReadingError as error:
        raise WrongUse(error.what, where=name, why=error.why, do=error.do) from error
    own = {one: cells.column(columns, (one, *_ALSO.get(one, ()))) for one in COLUMNS}
    if missing := [one for one in _NEEDED if not own[one]]:
        raise WrongUse(
            f"The table has no column {', '.join(missing)}.", where=name, why="Nothing could be drafted from it.", do="Download the empty table, and copy your rows into it.",
        )  # fmt: skip
    if len(rows) > MOST:
        raise WrongUse(f"{len(rows)} rows are more than the {MOST} that fit.", where=name, why="Nobody could look through them on one page.", do="Make two files of it.")  # fmt: skip
    known = {*taken}
    found = []
    for line, row in enumerate(rows, 2):
        one = _row(line, {key: row[column] if (column := own[key]) else "" for key in COLUMNS}, town_name, known)
        known.add(one.slug)
        found.append(one)
    return Batch(tuple(found), tuple(one for one in columns if one and one not in own.values() and one != WRONG))


def _row(line: int, written: Mapping[str, str], town_name: str, taken: Collection[str]) -> Row:
    words = laws.words()
    faults: list[str] = []

    def each(key: str, known: Mapping[str, str]) -> list[str]:
        return [found for one in _several(written[key]) if (found := _word(key, one, known, faults))]

    told: dict[str, Any] = {
        "title": written["title"], "agency": written["body"], "technologies": each("technologies", words.technologies), "acts": each("acts", words.acts),
        "kind": next(iter(each("kind", words.bodies)), ""), "purpose": next(iter(each("purpose", words.purposes)), ""), "summary": written["summary"],
        "products": [], "holdings": _several(written["holdings"]),
    }  # fmt: skip
    faults += [f"{key}: nothing is written there" for key in _NEEDED if not written[key]]
    if len(written["title"]) > 200:
        faults.append(f"title: {len(written['title'])} characters; 200 fit")
    for one in _several(written["products"]):
        named, maker, quantity = (part.strip() for part in (f"{one}||").split("|")[:3])
        if quantity and not quantity.isdecimal():
            faults.append(f"products: “{quantity[:40]}” is no number of things")
        elif named:
            told["products"].append(_product(told["technologies"], named, maker, quantity))
    day = written["drafted"]
    if day:
        try:
            told["drafted"] = datetime.date.fromisoformat(day)
        except ValueError:
            faults.append(f"drafted: “{day[:40]}” is no day; write it as 2026-01-05")
        else:
            if told["drafted"] > proceedings._today():
                faults.append(f"drafted: {day} has not come yet")
    told["address"] = slug(f"{town_name} {written['title']}")[:110] if written["title"] else ""
    if told["address"] in taken:
        faults.append("title: a proposal of this title is there already, or stands above; choose another title, or add the year")  # fmt: skip
    return Row(line, written, told, tuple(dict.fromkeys(faults)))


def _product(technologies: Sequence[str], named: str, maker: str, quantity: str) -> dict[str, Any]:
    told = {"technology": technologies[0] if technologies else "", "name": named[:200], "maker": maker[:200]}
    return {**told, "quantity": int(quantity)} if quantity else told


def _several(said: str) -> list[str]:
    return [one.strip() for one in said.split(";") if one.strip()]


def _word(key: str, said: str, known: Mapping[str, str], faults: list[str]) -> str:
    """The id of a word by its id or what people read for it; a word that nobody knows is a fault."""
    folded = said.casefold().replace(" ", "_")
    if folded in known:
        return folded
    names = {" ".join(name.casefold().split()): id_ for id_, name in known.items()}
    if found := names.get(" ".join(said.casefold().split())):
        return found
    try:
        return laws.words().checked(key, folded, known)
    except WrongUse as error:
        near = error.do.partition(" All words")[0] if "Did you mean" in error.do else ""
        faults.append(f"{key}: “{said[:60]}” is not known. {near}".strip())
        return ""


def mended(rows: Iterable[Row]) -> bytes:
    """Rows with something wrong as CSV, with what is wrong in a column of its own; once mended it can be brought again."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS, WRONG])
    writer.writeheader()
    for one in rows:
        writer.writerow({**{key: _plain(cell) for key, cell in one.written.items()}, WRONG: "; ".join(one.faults)})
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and not cell[1:].isdecimal()) else cell  # fmt: skip


# --- many at once ----------------------------------------------------------------------------------------------------


class Batches(Proceedings):
    """The proceedings, for many proposals in one go."""

    def many(self, slugs: Collection[str]) -> dict[str, Docketed]:
        """Proposals by the last part of their address; those that are not there are left out."""
        return {one.slug: one for one in self.docket.chosen(slugs)}

    def drafted(self, town_id: str, rows: Sequence[Row], *, who: str, roles_: Collection[str]) -> list[Outcome]:
        """Draft every good row, each by itself."""
        found = []
        for one in rows:
            told = dict(one.told)
            day = told.pop("drafted", None)
            try:
                own = self.draft(town_id, **told, who=who, roles_=roles_, today=day)
            except WrongUse as error:
                if error.where in roles.PERMISSIONS:
                    raise
                found.append(Outcome(one.slug, str(told["title"]), False, f"{error.what} {error.do}"))
            else:
                found.append(Outcome(own, str(told["title"]), True))
        return found

    def handed_in(
        self, chosen: Mapping[str, int], *, who: str, roles_: Collection[str], on: datetime.date | None = None
    ) -> list[Outcome]:
        """Hand many drafts in; ``chosen`` are their slugs with the turn that was seen."""
        roles.asked(roles_, "propose")
        return [
            self._tried(own, one.title, partial(self.hand_in, own, turn, who=who, roles_=roles_, on=on))
            for own, turn, one in self._seen(chosen)
        ]  # fmt: skip

    @staticmethod
    def _tried(own: str, title: str, act: Callable[[], object]) -> Outcome:
        try:
            act()
        except process.GateShut as error:
            return Outcome(own, title, False, error.what, error.gates)
        except PostmeError as error:
            return Outcome(own, title, False, f"{error.what} {error.do}")
        return Outcome(own, title, True)

    def accept(self, own: str, turn: int, *, who: str, roles_: Collection[str]) -> list[Leaf]:
        """Make public what others wrote and handed in: whoever ever wrote on the draft is not the second person, whoever has it now."""
        self._not_mine(own, who)
        return super().accept(own, turn, who=who, roles_=roles_)

    def _not_mine(self, own: str, who: str) -> None:
        if who in Offices(self.ledger.file).wrote(own):
            raise WrongUse("Nobody makes public what they drafted.", where=own, why="What is published must have been seen by two people.", do="Ask a colleague who is a clerk.")  # fmt: skip

    def accepted(self, chosen: Mapping[str, int], *, who: str, roles_: Collection[str]) -> list[Outcome]:
        """Make public many that were handed in, those of other people only."""
        roles.asked(roles_, "accept proposal")
        found, good = [], []
        for own, turn, one in self._seen(chosen):
            handed = one.proposal.done("submit")
            if handed is None or one.public:
                found.append(Outcome(own, one.title, False, "It was not handed in." if handed is None else "It is public already."))  # fmt: skip
            elif who in (one.author, handed.by, *Offices(self.ledger.file).wrote(own)):
                found.append(Outcome(own, one.title, False, "Nobody makes public what they drafted. Ask a colleague who is a clerk."))  # fmt: skip
            else:
                good.append((one, turn, lambda own=own, turn=turn: self.docket.made_public(own, turn, who=who, at=_now())))  # fmt: skip
        return self._in_order(chosen, found + self._together(good, who, lambda _: "it was submitted"))

    def recorded(
        self, chosen: Mapping[str, int], deed: Callable[[Docketed], Deed] | Deed, *, who: str, roles_: Collection[str], note: str = "", motion: str = "",
        votes: Iterable[Mapping[str, Any]] = (), insist: bool = False, today: datetime.date | None = None,
    ) -> list[Outcome]:  # fmt: skip
        """Record one step for many: done where every gate is open, else told why not. A vote has the same roll call for all."""
        found, good = [], []
        lines = [dict(vote) for vote in votes]
        for own, turn, one in self._seen(chosen):
            its = deed(one) if callable(deed) else deed
            roles.asked(roles_, "advise" if its.kind in ("advise", "review") else "record step")
            its, shut = self._judged(one, its, lines, insist, today or proceedings._today())
            if shut:
                found.append(replace(shut, slug=own))
            else:
                good.append((one, turn, self._writing(own, its, turn, who, note, motion, lines)))
        says = DEEDS[its.kind].says if chosen and (found or good) else ""
        # A step before the proposal itself is public has no page yet.
        for public in (True, False):
            some = [each for each in good if each[0].public is public]
            found += self._together(some, who, lambda _: says, public=public)
        return self._in_order(chosen, found)

    def _writing(self, own: str, deed: Deed, turn: int, who: str, note: str, motion: str, votes: list[dict[str, Any]]) -> Callable[[], object]:  # fmt: skip
        return lambda: self.docket.record(own, deed, turn, who=who, at=_now(), note=note, motion=motion, votes=votes)

    def judged(self, chosen: Mapping[str, int], deed: Callable[[Docketed], Deed] | Deed, today: datetime.date | None = None) -> list[Outcome]:  # fmt: skip
        """What would become of each: nothing is recorded."""
        return [
            replace(self._judged(one, deed(one) if callable(deed) else deed, [], False, today or proceedings._today())[1] or Outcome(own, one.title, True), slug=own)
            for own, _, one in self._seen(chosen)
        ]  # fmt: skip

    def _judged(self, one: Docketed, deed: Deed, votes: list[dict[str, Any]], insist: bool, today: datetime.date) -> tuple[Deed, Outcome | None]:  # fmt: skip
        """A step as it is recorded, and why it cannot be; ``None`` where it can."""
        try:
            if not one.public and deed.kind not in ("publish_report", "publish_policy", "record", "declare_existing"):
                raise WrongUse("It is not public yet.", where=one.slug, why="", do="Make it public first.")
            proceedings._counted(deed, votes)
            proceedings._once_only(one, deed)
            deed = placed.backed(deed, one.slug, self.ledger)
            (process.witnessed if insist else process.moved)(one.proposal, deed, town(one.town), today)
        except process.GateShut as error:
            return deed, Outcome(one.slug, one.title, False, error.what, error.gates)
        except WrongUse as error:
            return deed, Outcome(one.slug, one.title, False, f"{error.what} {error.do}")
        return deed, None

    def _seen(self, chosen: Mapping[str, int]) -> list[tuple[str, int, Docketed]]:
        known = self.many(chosen)
        return [(own, turn, known[own]) for own, turn in chosen.items() if own in known]

    def _together(
        self, good: Sequence[tuple[Docketed, int, Callable[[], object]]], who: str, reason: Callable[[str], str], *, public: bool = True
    ) -> list[Outcome]:  # fmt: skip
        """Write and publish several, some in one transaction; one that somebody changed meanwhile is left out, and the others go."""
        found = []
        for start in range(0, len(good), _TOGETHER):
            group = list(good[start : start + _TOGETHER])
            while group:
                failed: list[tuple[str, WrongUse]] = []
                try:
                    self._published_all(group, who, reason, failed, public=public)
                except WrongUse as error:
                    if not failed:
                        raise
                    own, _ = failed[0]
                    title = next(one.title for one, *_ in group if one.slug == own)
                    found.append(Outcome(own, title, False, f"{error.what} {error.do}"))
                    group = [each for each in group if each[0].slug != own]
                else:
                    found += [Outcome(one.slug, one.title, True) for one, *_ in group]
                    break
        return found

    def _published_all(
        self, group: Sequence[tuple[Docketed, int, Callable[[], object]]], who: str, reason: Callable[[str], str], failed: list[tuple[str, WrongUse]], *, public: bool
    ) -> list[Leaf]:  # fmt: skip
        def made(_: Drafted | None) -> list[Publishing]:
            for one, _turn, write in group:
                try:
                    write()
                except WrongUse as error:
                    failed.append((one.slug, error))
                    raise
            return [self._entry(one.slug, reason(one.slug)) for one, *_ in group]

        if not public:
            with whole(self.ledger.file):
                for one, _turn, write in group:
                    try:
                        write()
                    except WrongUse as error:
                        failed.append((one.slug, error))
                        raise
            return []
        return self._log.publish(lambda seal: self.ledger.publish(made, who=who, at=_now(), salt=proceedings._salt, seal=seal))  # fmt: skip

    @staticmethod
    def _in_order(chosen: Mapping[str, int], found: list[Outcome]) -> list[Outcome]:
        order = {own: number for number, own in enumerate(chosen)}
        return sorted(found, key=lambda one: order[one.slug])


def findings_of(some: Iterable[Docketed], on: datetime.date) -> dict[str, str]:
    """The findings that the laws ask for before a vote for any of some proposals: name to the clause that asks for it."""
    found: dict[str, str] = {}
    for one in some:
        for each in gate.gates(one.proposal, Deed("approve", on), town(one.town)):
            if each.kind == "finding":
                found.setdefault(each.needs.removeprefix("finding:"), each.address)
    return found


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
