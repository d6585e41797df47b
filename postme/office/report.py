"""A search's report: one page in which every claim opens to its quote, and which asks nothing of any network.

What a page can carry stands on it; where there is more, evidence and records stand in further files beside it. Every
text that comes from a record is hostile until shown: markup is escaped, and characters that hide or turn text around are
written out as their number.
"""

from __future__ import annotations

import datetime
import os
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from postme import signs
from postme.catalogue import Catalogue, Certainty
from postme.errors import KeepingError
from postme.inventory import Answer, Claim, DatedAct, Evidence, Holding, Part
from postme.office import printing
from postme.office.chapters import Block, Chapter, Entry, FurtherPart, Looked, Quoted, Row, Seen
from postme.office.marking import AROUND, day, marked, money, nearest, placed, spelled
from postme.office.standing import Standing
from postme.signs import Act

_CLAIMS = (Part.OPERATOR, Part.MAKER, Part.PRODUCT, Part.AMOUNT, Part.EARLIEST)
# Chosen: about 5 MB of page, which an old phone still opens; beyond it evidence goes into files beside it.
_INLINE = 2_000
# Chosen: mentions, and records, in one of those files.
_IN_A_PART = 500
_RECORDS = 1_000
# Chosen: what opens under one claim at once; every further mention stands in the list beneath.
_QUOTES, _VALUES = 5, 25


@dataclass(frozen=True, slots=True)
class Searched:
    """The search as a record: what was looked through, when, and with which knowledge.

    ``place`` is a short Open Civic Data id or ``None`` (not said). ``catalogue`` and ``reader`` are versions. ``files``
    counts what was found under ``paths`` and not left out as ``litter``; ``pages`` counts the unreadable ones too.
    """

    number: int | None
    started: datetime.datetime
    ended: datetime.datetime
    place: str | None
    paths: tuple[str, ...]
    catalogue: str
    reader: str
    files: int
    litter: int
    pages: int


def write(
    folder: Path, *, searched: Searched, outcomes: Sequence[Looked], holdings: tuple[Holding, ...], mentions: Sequence[Mapping[str, Any]],
    rulings: Mapping[str, tuple[str, str]], catalogue: Catalogue, standings: Mapping[tuple[str, str | None], Standing] | None = None,
) -> Path:  # fmt: skip
    """Write the report into ``folder`` and give the page's path: ``index.html``, put in place whole or not at all.

    ``mentions`` are as printed, ``rulings`` by a mention's id (answer, why), ``holdings`` what ``inventory.facts`` made
    of both, ``standings`` what the law says of each. Raises KeepingError when it cannot be written. An earlier report in the folder is replaced.
    """
    report = Report(searched, outcomes, holdings, mentions, rulings, catalogue, standings or {})
    template = printing.template()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in report.parts:
            printing.put(folder / part.name, template, report=report, part=part)
        index = printing.put(folder / "index.html", template, report=report, part=None)
        printing.clear(folder, {"index.html", *(part.name for part in report.parts)})
    except OSError as error:
        raise KeepingError(
            f"The report could not be written ({error.strerror}).", where=str(folder),
            why="What was found is kept; only its page is missing.",
            do="Choose another folder with --report DIR and run the same command again: nothing is read twice.",
        ) from error  # fmt: skip
    return index


# --- what is on the page --------------------------------------------------------------------------------------------


class Report:
    """Everything that the template shows, worked out once and laid out over one file or several."""

    def __init__(
        self, searched: Searched, outcomes: Sequence[Looked], holdings: tuple[Holding, ...], mentions: Sequence[Mapping[str, Any]],
        rulings: Mapping[str, tuple[str, str]], catalogue: Catalogue, standings: Mapping[tuple[str, str | None], Standing],
    ) -> None:  # fmt: skip
        self.searched, self.outcomes, self.catalogue, self.mentions = searched, outcomes, catalogue, mentions
        self.parts: list[FurtherPart] = []
        self._rulings = rulings
        self._standings = standings
        self._at = {(mention["id"], mention["path"]): mention for mention in mentions}
        self._dates = {outcome.sha256: outcome.facts.get("date") for outcome in outcomes if outcome.sha256}
        self._times: Counter[str] = Counter()
        self._laid: dict[tuple[str, str | None, str, str], Entry] = {}
        self.answers = Counter(self.ruling(mention)[0] for mention in mentions)
        self.split = sum(len(holding.acts) for holding in holdings) > _INLINE
        chapters = [
            self._chapter(id_, tuple(some)) for id_, some in groupby(holdings, lambda holding: holding.technology)
        ]
        self.chapters = sorted(chapters, key=lambda chapter: (-chapter.count, chapter.name))
        self.perhaps = [
            m for m in mentions if m["certainty"] == Certainty.UNSURE and self.ruling(m)[0] not in (Answer.YES, Answer.NO)
        ]  # fmt: skip
        self.ruled_out = [mention for mention in mentions if self.ruling(mention)[0] is Answer.NO]
        self.ruled_out_why = Counter(self.ruling(mention)[1] for mention in self.ruled_out).most_common()
        self.perhaps_here, self.perhaps_parts = self._listed("perhaps", "Perhaps", self.perhaps)
        self.ruled_out_here, self.ruled_out_parts = self._listed("ruled-out", "Ruled out by a person", self.ruled_out)
        self.records_here, self.records_parts = self._records()

    # --- mentions, and where they stand

    def ruling(self, mention: Mapping[str, Any]) -> tuple[Answer, str]:
        """What a person ruled of a mention, and why; ``WAITING`` where nobody has."""
        answer, why = self._rulings.get(mention["id"], (Answer.WAITING, ""))
        return Answer(answer), why

    def _entry(self, mention: Mapping[str, Any], file: str, date: str | None, dated_by: str) -> Entry:
        self._times[mention["id"]] += 1
        again = self._times[mention["id"]]
        anchor = f"m-{mention['id']}" + (f"-{again}" if again > 1 else "")
        return Entry(mention, anchor, file, *self.ruling(mention), date, dated_by)

    def _listed(
        self, name: str, title: str, mentions: Sequence[Mapping[str, Any]]
    ) -> tuple[tuple[Entry, ...], tuple[FurtherPart, ...]]:
        """Mentions that make no holding: on the page or, where they are many, in files of their own."""
        split = len(mentions) > _IN_A_PART
        entries: list[Entry] = []
        for i, mention in enumerate(mentions):
            record, near = self._dates.get(mention["sha256"]), mention["date"]
            date, by = (record, "the record") if record else (near, "near the words") if near else (None, "unknown")
            entries.append(
                self._entry(mention, f"{name}-{i // _IN_A_PART + 1}.html" if split else "index.html", date, by)
            )
        return self._here_or_apart("mentions", title, entries, split)

    def _here_or_apart(self, kind: str, title: str, shown: Sequence[Any], split: bool) -> tuple[Any, Any]:
        if not split:
            return tuple(shown), ()
        files = [(file, tuple(some)) for file, some in groupby(shown, lambda one: one.file)]
        parts = tuple(
            FurtherPart(file, f"{title}, part {number} of {len(files)}", kind, some)
            for number, (file, some) in enumerate(files, 1)
        )
        self.parts += parts
        return (), parts

    # --- holdings, by technology

    def _chapter(self, id_: str, holdings: tuple[Holding, ...]) -> Chapter:
        technology = self.catalogue.technologies.get(id_)
        blocks = self._blocks(id_, technology.name if technology else id_, holdings)
        acts = tuple(act for holding in holdings for act in holding.acts)
        entries = [entry for block in blocks for entry in block.entries]
        kinds = _by_act(acts)
        return Chapter(
            id_, technology, tuple((_about(some), len(some)) for some in kinds),
            min(entries, key=lambda entry: (entry.mention["act"] != kinds[0][0].act, *_weight(entry))),
            tuple(Block(block.holding, (), parts=block.parts) for block in blocks) if self.split else blocks,
            {answer: sum(holding.answers.get(answer, 0) for holding in holdings) for answer in Answer if answer is not Answer.NO},
        )  # fmt: skip

    def _blocks(self, id_: str, name: str, holdings: tuple[Holding, ...]) -> tuple[Block, ...]:
        """A technology's holdings with all their mentions laid out: here, or over files of their own, so many in each."""
        slug = re.sub(r"[^a-z0-9]+", "-", id_.lower())
        laid = 0
        blocks: list[Block] = []
        pieces: dict[str, list[Block]] = {}
        for holding in holdings:
            entries: list[Entry] = []
            for act in holding.acts:
                file = f"evidence-{slug}-{laid // _IN_A_PART + 1}.html" if self.split else "index.html"
                key = (act.evidence.id, act.evidence.path)
                entries.append(self._entry(self._at[key], file, act.date, act.dated_by))
                self._laid[holding.technology, holding.body, *key] = entries[-1]
                laid += 1
            by_file = [(file, tuple(some)) for file, some in groupby(entries, lambda entry: entry.file)]
            blocks.append(Block(holding, tuple(entries), parts=tuple(file for file, _ in by_file)))
            for i, (file, some) in enumerate(by_file):
                pieces.setdefault(file, []).append(Block(holding, some, claimed=i == 0))
        if self.split:
            self.parts += [
                FurtherPart(file, f"{name}, part {number} of {len(pieces)}", "evidence", tuple(some))
                for number, (file, some) in enumerate(pieces.items(), 1)
            ]
        return tuple(blocks)

    # --- claims

    def standing(self, holding: Holding) -> Standing | None:
        """What the law says of a holding; ``None`` where no place was told."""
        return self._standings.get((holding.technology, holding.body))

    def rows(self, holding: Holding) -> Iterator[tuple[Part | None, list[Row], int]]:
        """The parts of what is said of a holding: the part (``None``: what its passages are about), its values, how many more there are."""
        yield (
            None,
            [
                self._row(_about(some), "", [act.evidence for act in some], None, holding)
                for some in _by_act(holding.acts)
            ],
            0,
        )
        for part in _CLAIMS:
            claims = [claim for claim in holding.claims if claim.part is part]
            yield part, [self._of_claim(claim, holding) for claim in claims[:_VALUES]], max(0, len(claims) - _VALUES)

    def _of_claim(self, claim: Claim, holding: Holding) -> Row:
        if claim.value is None:
            return Row(None, "", 0, ())
        value, note = claim.value, ""
        if claim.part is Part.MAKER:
            value = self.maker(value)
        elif claim.part is Part.AMOUNT:
            value = money(float(value))
        elif claim.part is Part.EARLIEST:
            value, note = day(value), next(act.dated_by for act in holding.acts if act.date)
        return self._row(value, note, claim.evidence, claim.part, holding)

    def _row(self, value: str, note: str, rests: Sequence[Evidence], part: Part | None, holding: Holding) -> Row:
        best = sorted(rests, key=lambda one: (one.answer is not Answer.YES, _SURENESS.index(Certainty(one.certainty))))
        different = {self._words_of(one): one for one in reversed(best)}
        chosen = [one for one in best if different[self._words_of(one)] is one][:_QUOTES]
        return Row(value, note, len(rests), tuple(self._quoted(one, part, holding) for one in chosen))

    def _words_of(self, evidence: Evidence) -> str:
        """What a reader would see of it, so that one motion printed in five minutes is quoted once."""
        context, quote, at = placed(self._at[evidence.id, evidence.path])
        return " ".join(context[max(0, at - AROUND // 2) : at + len(quote) + AROUND // 2].split())

    def _quoted(self, evidence: Evidence, part: Part | None, holding: Holding) -> Quoted:
        entry = self._laid[holding.technology, holding.body, evidence.id, evidence.path]
        own = None
        note = ""
        if part is Part.EARLIEST and entry.dated_by == "the record":
            note = "The date is the record’s own."
        elif part is not None:
            own = nearest(*self._sought(part, entry), entry.mention)
            if own is None and part is not Part.MAKER:
                note = "The words for this were read close by, on the same page."
        return Quoted(marked(entry.mention, own, around=AROUND), entry, note)

    def _sought(self, part: Part, entry: Entry) -> tuple[re.Pattern[str] | None, Callable[[str], bool]]:
        """What the words of a part of a claim look like in the source, and which of those that look so are meant."""
        if part is Part.EARLIEST:
            return signs.DATE, lambda words: signs.iso_date(words) == entry.date
        mention = entry.mention
        names = [mention[key] for key in ("body", "amount_text", "product") if _KEYS.get(part) == key]
        if part is Part.MAKER and mention["vendor"] in self.catalogue.vendors:
            vendor = self.catalogue.vendors[mention["vendor"]]
            names = [vendor.name, *vendor.names]
        return spelled(tuple(name for name in names if name)), bool

    def maker(self, vendor: str) -> str:
        """A maker's name for people; its id where the catalogue no longer knows it."""
        known = self.catalogue.vendors.get(vendor)
        return known.name if known else vendor

    def named(self, technologies: Iterable[str]) -> str:
        """Technologies by name."""
        known = self.catalogue.technologies
        return ", ".join(known[id_].name if id_ in known else id_ for id_ in technologies)

    # --- records

    def _records(self) -> tuple[Any, Any]:
        counted = Counter(mention["path"] for mention in self.mentions)
        split = len(self.outcomes) > _RECORDS
        seen = [
            Seen(one, f"r-{i}", f"records-{(i - 1) // _RECORDS + 1}.html" if split else "index.html", counted[one.path])
            for i, one in enumerate(self.outcomes, 1)
        ]
        self.record_of = {one.outcome.path: f"{one.file}#{one.anchor}" for one in seen}
        return self._here_or_apart("records", "Records", seen, split)

    @property
    def unread_files(self) -> list[tuple[tuple[str, ...], list[str]]]:
        """What could not be read at all: what, why and what to do, with the paths it holds for; the most first."""
        reasons: dict[tuple[str, ...], list[str]] = {}
        for outcome in self.outcomes:
            if outcome.error:
                reasons.setdefault(tuple(outcome.error[1:]), []).append(outcome.path)
        return sorted(reasons.items(), key=lambda pair: -len(pair[1]))

    @property
    def unread_pages(self) -> list[tuple[Looked, list[tuple[str, str]]]]:
        """Records of which pages could not be read: which, in words, and why."""
        return [
            (outcome, [(_runs(page for page, _ in some), note) for note, some in _by_note(outcome.facts["unreadable"])])
            for outcome in self.outcomes
            if not outcome.error and outcome.facts.get("unreadable")
        ]

    @property
    def unreadable(self) -> int:
        """How many pages could not be read."""
        return sum(len(outcome.facts.get("unreadable", ())) for outcome in self.outcomes)

    @property
    def fiction(self) -> tuple[int, int]:
        """How many of the records with mentions say *fiction* in their title or beside a mention, and of how many."""
        speaking = {m["path"] for m in self.mentions}
        saying = {m["path"] for m in self.mentions if "fiction" in m["context"].lower()}
        saying |= {
            o.path for o in self.outcomes if o.path in speaking and "fiction" in (o.facts.get("title") or "").lower()
        }
        return len(saying), len(speaking)

    @cached_property
    def base(self) -> str:
        """The folder that all the records lie in; empty where they have none in common."""
        folders = {os.path.dirname(outcome.path.split("!/")[0]) for outcome in self.outcomes}  # noqa: PTH120  (not our system's path)
        try:
            return os.path.commonpath(folders).rstrip("/") if folders else ""
        except ValueError:  # some begin at the root, some do not
            return ""

    def short(self, path: str) -> str:
        """A record's path from there on."""
        return path.removeprefix(self.base + "/") if self.base else path

    @property
    def command(self) -> str:
        """The command that makes this search again."""
        place = ["--place", self.searched.place] if self.searched.place else []
        return shlex.join(["postme", "scan", *self.searched.paths, *place, "--report", "report"])


_KEYS = {Part.OPERATOR: "body", Part.AMOUNT: "amount_text", Part.PRODUCT: "product"}
_SURENESS = (Certainty.SURE, Certainty.LIKELY, Certainty.UNSURE)


def _weight(entry: Entry) -> tuple[bool, int]:
    return entry.answer is not Answer.YES, _SURENESS.index(entry.mention["certainty"])


def _by_act(acts: Iterable[DatedAct]) -> list[tuple[DatedAct, ...]]:
    """Acts of one kind together, the most first; those that are only named last."""
    kinds: dict[Act, list[DatedAct]] = {}
    for act in acts:
        kinds.setdefault(act.act, []).append(act)
    return [tuple(some) for some in sorted(kinds.values(), key=lambda some: (some[0].act is Act.MENTION, -len(some)))]


def _about(acts: tuple[DatedAct, ...]) -> str:
    """What acts of one kind are about, in the inventory's words."""
    return Holding("", None, (), acts, {}).says.removesuffix(f" {len(acts)}")


def _by_note(unreadable: Iterable[Sequence[Any]]) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    for note, some in groupby(sorted(unreadable, key=lambda page: (page[1], page[0])), lambda page: page[1]):
        yield str(note), list(some)


def _runs(numbers: Iterable[int]) -> str:
    """Page numbers as people write them: 1–3, 7."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
