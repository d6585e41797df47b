"""Papers at work: typed, given out and taken back as forms, fixed as versions, published by a second person.

A liaison writes; what they wrote becomes public only by somebody else, in one transaction with its leaf of the log.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from postme import filling, form, paper, publication, roles
from postme.errors import WrongUse
from postme.filling import Taken
from postme.form import Form, Pattern
from postme.keeping import library
from postme.keeping import papers as knowledge
from postme.keeping.store.docket import Docket, Docketed
from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.keeping.store.offices import Offices
from postme.keeping.store.papers import Changed, EditionRow, PaperRow, PaperStore
from postme.office import blanks, questions, sealing
from postme.paper import Answer, Answers, Completeness
from postme.publication import What
from postme.reading import filled

# Chosen: what a sentence of a reason needs.
LONGEST_REASON = 1_000
FORMATS = {"docx": (blanks.document, blanks.DOCX), "csv": (blanks.table, blanks.CSV)}


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper as somebody opens it: its form here, its row, its answers as typed, and how far it is."""

    one: Docketed
    form: Form
    row: PaperRow
    answers: Mapping[str, Answer]
    complete: Completeness

    @property
    def address(self) -> str:
        """Where it is, or will be, public."""
        return questions.address(self.row.slug, self.row.kind, self.row.year)


class Papers:
    """The papers of a data folder. ``origin`` is the log's name, as the press has it."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN, catalogues: Sequence[Path] = ()) -> None:
        self.folder, self.origin, self._catalogues = folder, origin, tuple(catalogues)
        self.ledger = Ledger(folder)
        self.store, self.docket = PaperStore(self.ledger.file), Docket(self.ledger.file)

    # -- writing

    def several(self, slug: str, on: datetime.date) -> tuple[Docketed, list[Opened], tuple[Pattern, ...]]:
        """A proposal with its papers (those that were begun, and those that its laws ask for), and the kinds that could be begun."""
        one = self.docket.one(slug)
        begun = {(row.kind, row.year): row for row in self.store.of(slug)}
        kinds = questions.kinds(one, on)
        wanted = {(each.id, 0): PaperRow(0, slug, each.id, 0) for each in kinds if not each.yearly}
        order = list(knowledge.patterns())
        rows = sorted({**wanted, **begun}.values(), key=lambda row: (order.index(row.kind), row.year))
        return one, [self._opened(one, row, on) for row in rows if row.kind in knowledge.patterns()], kinds

    def opened(self, slug: str, kind: str, year: int, on: datetime.date) -> Opened:
        """A paper. Raises WrongUse where there is no such proposal, kind or year."""
        if questions.pattern(kind).yearly != bool(year) or (year and year not in questions.YEARS):
            raise WrongUse("The year is missing." if not year else f"{year} is no year of such a paper.", where="year", why="A yearly report is of one year, and other papers of none.", do="Name the year that it tells of.")  # fmt: skip
        return self._opened(self.docket.one(slug), self.store.one(slug, kind, year), on)

    def _opened(self, one: Docketed, row: PaperRow, on: datetime.date) -> Opened:
        asked, answers = questions.form_for(one, row.kind, on), paper.kept(row.typed)
        return Opened(one, asked, row, answers, paper.completeness(asked, answers))

    def save(
        self, slug: str, kind: str, year: int, mine: Answers, turn: int, seen: Mapping[str, str], *, who: str, roles_: Collection[str]
    ) -> tuple[int, tuple[str, ...]]:  # fmt: skip
        """Keep what was typed, finished or not: the new turn, and the questions that a colleague had changed meanwhile.

        What only one of two people changed is put together. Raises Changed where both changed the same question: nothing was
        saved then, ``theirs`` has the other text and ``clash`` the questions.
        """
        self._may_write(slug, who, roles_)
        for _ in range(3):
            row = self.store.one(slug, kind, year)
            now = paper.kept(row.typed)
            put = paper.merged(seen, mine, now) if row.turn != turn else paper.Merged({**now, **mine}, (), ())
            if put.clash:
                break
            try:
                return self.store.type(slug, kind, year, put.answers, row.turn, who=who, at=_now()), put.theirs
            except Changed:
                continue  # somebody was quicker by a moment: look again at what stands now
        raise Changed(
            f"{row.typed_by or 'Somebody'} changed the same answers while you were writing.", where="paper",
            why="One of the two texts would be lost without a word. Nothing was saved yet.",
            do="Look at both texts, put together what belongs together, and save again.", theirs=row.typed, turn=row.turn, clash=put.clash,
        )  # fmt: skip

    # -- forms that are given out and come back

    def blank(self, slug: str, kind: str, year: int, how: str, on: datetime.date) -> tuple[bytes, str, str]:
        """The form as a file, filled as far as the paper is: its bytes, media type and name. Raises WrongUse for a format that is none."""
        if how not in FORMATS:
            raise WrongUse(f"Forms are not given out as '{how}'.", where="format", why="It could not be read again.", do=f"Choose one of: {', '.join(FORMATS)}.")  # fmt: skip
        opened = self.opened(slug, kind, year, on)
        make, media_type = FORMATS[how]
        return make(opened.form, opened.answers, year), media_type, f"{slug[:60]}-{questions.segment(kind, year)}.{how}"

    def preview(
        self, slug: str, kind: str, year: int, data: bytes, name: str, on: datetime.date
    ) -> tuple[Opened, Taken, tuple[str, ...]]:
        """What a filled form would change, and what in it has no place; nothing is saved. Raises ReadingError or WrongUse, in words."""
        opened = self.opened(slug, kind, year, on)
        read = filled.read(data, name)
        if read.table:
            found = filling.from_table(read.rows, name)
        else:
            found = filling.from_cells(read.rows, read.lines, opened.form, name)
        return opened, filling.taken(opened.form, found, opened.answers, year, name), read.notes

    # -- versions

    def _may_write(self, slug: str, who: str, roles_: Collection[str]) -> None:
        roles.asked(roles_, "write papers")
        one = self.docket.one(slug)
        Offices(self.ledger.file).asked(one.town.id, who, one.agency_name)

    def fix(
        self,
        slug: str,
        kind: str,
        year: int,
        turn: int,
        reason: str,
        *,
        who: str,
        roles_: Collection[str],
        on: datetime.date | None = None,
    ) -> int:
        """Fix what is typed as a version, with the reason: its number. Raises Changed, or WrongUse where nothing changed."""
        self._may_write(slug, who, roles_)
        why = paper.clean(reason)
        if not why or len(why) > LONGEST_REASON:
            raise WrongUse("A reason is missing." if not why else f"The reason has {len(why)} characters; {LONGEST_REASON} fit.", where="reason", why="Readers see it beside what changed.", do="Write one sentence: the first version, or what changed and why.")  # fmt: skip
        opened = self.opened(slug, kind, year, on or _today())
        answers = paper.fixed(opened.form, opened.answers)
        return self.store.fix(slug, kind, year, answers, paper.sha256(answers), turn, reason=why, who=who, at=_now())

    def editions(self, slug: str, kind: str, year: int = 0) -> list[EditionRow]:
        """The versions of a paper, the newest first. That one is public is told by the log, should the machine have stopped before the desk knew."""
        rows = self.store.editions(slug, kind, year)
        public = {
            facts["sha256"]: at for _, _, at, _, facts in self.store.versions(questions.address(slug, kind, year))
        }
        for row in rows:
            if row.published is None and row.sha256 in public:
                self.store.made_public(row.id, at=datetime.datetime.fromisoformat(public[row.sha256]))
        return (
            self.store.editions(slug, kind, year)
            if any(row.published is None and row.sha256 in public for row in rows)
            else rows
        )

    def compared(
        self, slug: str, kind: str, year: int, old: int, new: int, on: datetime.date
    ) -> tuple[EditionRow, EditionRow, tuple[paper.Change, ...]]:
        """Two versions, and every question whose answer differs."""
        asked = self.opened(slug, kind, year, on).form
        one, other = (self.store.edition(slug, kind, year, number) for number in (old, new))
        return one, other, paper.changes(one.answers, other.answers, [each.id for each in asked.fields])

    # -- publication

    def publish(
        self, slug: str, kind: str, year: int = 0, number: int | None = None, *, who: str, roles_: Collection[str], at: datetime.datetime | None = None
    ) -> list[Leaf]:  # fmt: skip
        """Publish a version (the newest, where none is named): its page and its leaf, or nothing. Raises WrongUse for one's own version."""
        roles.asked(roles_, "record step")
        told, edition = self.publishing(slug, kind, year, number, who=who)
        moment = at or _now()

        def made(_: Drafted | None) -> list[Publishing]:
            self.store.made_public(edition.id, at=moment)
            return [told]

        return self._told(made, who, moment)

    def _told(self, made: Callable[[Drafted | None], list[Publishing]], who: str, at: datetime.datetime) -> list[Leaf]:
        log = sealing.Log(self.folder, self.origin, self.ledger)
        return log.publish(
            lambda seal: self.ledger.publish(made, who=who, at=at, salt=partial(secrets.token_hex, 16), seal=seal)
        )

    def publishing(
        self, slug: str, kind: str, year: int = 0, number: int | None = None, *, who: str
    ) -> tuple[Publishing, EditionRow]:
        """What would be published of a version, for whoever publishes it together with a step. ``PaperStore.made_public`` notes it then."""
        editions = self.editions(slug, kind, year)
        if not editions:
            raise WrongUse("No version was fixed yet.", where=questions.segment(kind, year), why="What is still being typed is nobody else's.", do="Ask the liaison to fix a version.")  # fmt: skip
        edition = next((each for each in editions if each.number == number), None) or self.store.edition(
            slug, kind, year, number or editions[0].number
        )
        if edition.who == who:
            raise WrongUse("Nobody publishes what they fixed themselves.", where=questions.segment(kind, year), why="What is published must have been seen by two people.", do="Ask a colleague who is a clerk.")  # fmt: skip
        if edition.published:
            raise WrongUse(f"Version {edition.number} is public already.", where=questions.segment(kind, year), why="Readers would be told of a change that is none.", do="Fix a new version first.")  # fmt: skip
        where = questions.address(slug, kind, year)
        what = What.CORRECTED if publication.visible(self.ledger.state_of(where)) else What.PUBLISHED
        return Publishing(where, "paper", what, self.facts(slug, kind, year, edition), edition.reason), edition

    def facts(self, slug: str, kind: str, year: int, edition: EditionRow) -> dict[str, Any]:
        """What a version's entry says: every question with the clauses that ask for it, and every answer."""
        one = self.docket.one(slug)
        asked = questions.form_for(one, kind, _today())
        names = library.names(library.sources(self._catalogues, cache=self.folder / "cache"))
        answers = paper.kept(edition.answers)
        judged = {each.promise: each for each in self.store.judged(slug) if each.edition == edition.id}
        return {
            "title": f"{asked.name}{f' {year}' if year else ''}: {one.title}", "fiction": one.town.fiction, "place": {"id": one.town.id, "name": one.town.name},
            "agency": {"id": one.agency, "name": one.agency_name, "kind": one.kind, "names": []},
            "technology": {"id": one.technologies[0], "name": names.get(one.technologies[0], one.technologies[0])},
            "technologies": [{"id": each, "name": names.get(each, each)} for each in one.technologies],
            "proposal": {"slug": slug, "title": one.title}, "paper": {"kind": kind, "name": asked.name, "what": asked.what, "year": year or None},
            "edition": edition.number, "sha256": edition.sha256, "fixed": _stamp(edition.at), "reason": edition.reason,
            "listed": asked.listed, "asked": [each.printed() for each in asked.asked], "sections": [{"id": id_, "heading": says} for id_, says in asked.sections.items()],
            "fields": [_printed(each) for each in asked.fields], "answers": dict(edition.answers), "complete": paper.completeness(asked, answers).printed(),
            "judged": {id_: {"kept": each.kept, "found": each.found, "found_in": each.found_in} for id_, each in judged.items()},
        }  # fmt: skip

    # -- promises

    def judge(
        self, slug: str, year: int, promise: str, kept: bool | None, found: str, found_in: str = "", *, kind: str = "yearly_report", who: str, roles_: Collection[str]
    ) -> None:  # fmt: skip
        """Say of one promise of the policy whether the newest version of a year's report shows that it was kept.

        Where that version is public, its page carries the judgment at once; else it comes with its publication.
        """
        roles.asked(roles_, "record step")
        editions = self.store.editions(slug, kind, year)
        if not editions:
            raise WrongUse("No version of that report was fixed yet.", where="report", why="There is nothing to hold the promise against.", do="Wait for the report.")  # fmt: skip
        said = paper.clean(found)
        if not said:
            raise WrongUse("What was found is missing.", where="found", why="A judgment without its ground is an opinion.", do="Write one sentence, and where it stands.")  # fmt: skip
        pair = next((each for each in self.pairs(slug, kind, year) if each.promise == promise), None)
        if pair is None:
            raise WrongUse(f"The policy promised nothing as '{promise}'.", where="promise", why="Nothing can be held against it.", do="Choose one of the promises that are listed.")  # fmt: skip
        edition, moment = editions[0], _now()

        def written() -> None:
            promised = pair.promised.text or pair.promised.because
            self.store.judge(slug, promise, edition.id, promised=promised, kept=kept, found=said, found_in=found_in, who=who, at=moment)  # fmt: skip

        def made(_: Drafted | None) -> list[Publishing]:
            written()
            return [Publishing(questions.address(slug, kind, year), "paper", What.CONTINUED, self.facts(slug, kind, year, edition), "a promise was held against it")]  # fmt: skip

        if edition.published is None:
            written()
        else:
            self._told(made, who, moment)

    def pairs(self, slug: str, kind: str, year: int) -> tuple[paper.Pair, ...]:
        """What the newest fixed policy promised beside what the newest fixed report of a year tells."""
        policy = questions.policy_of(kind)
        one, on = self.docket.one(slug), _today()
        rules, report = self.store.editions(slug, policy), self.store.editions(slug, kind, year)
        if not rules or not report:
            return ()
        return paper.pairs(
            questions.form_for(one, policy, on),
            paper.kept(rules[0].answers),
            questions.form_for(one, kind, on),
            paper.kept(report[0].answers),
        )


def _printed(field: form.Field) -> dict[str, Any]:
    return {
        "id": field.id, "section": field.section, "question": field.question, "hint": field.hint, "kind": field.kind, "first": field.first,
        "promise": field.promise, "asked": [each.printed() for each in field.asked],
    }  # fmt: skip


def _stamp(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
