"""Mill Falls, the fictional town, decides: proposals that have come as far as ``decisions.yaml`` says, counted from the day of the fill.

What is done is read off what is there, so a fill that was killed goes on where it stopped, and a second one does nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from postme import paper, voices
from postme.errors import WrongUse
from postme.keeping import librarian
from postme.keeping.store.docket import TownRow
from postme.keeping.store.register import whole
from postme.office import counsel, example_council, example_town, sealing
from postme.office.papers import Papers
from postme.office.proceedings import Proceedings
from postme.office.voices import Voices
from postme.proposal import Deed

FILE = example_town.TOWN / "decisions.yaml"
_LIAISON, _CLERK = ("liaison",), ("clerk",)
_PAPERS = {"publish_report": "impact_report", "publish_policy": "use_policy"}


def fill(
    folder: Path,
    tick: Callable[[str], None] = lambda _: None,
    *,
    origin: str = sealing.ORIGIN,
    today: datetime.date | None = None,
) -> None:
    """Bring the town's proposals as far as they should be; ``tick`` is told what is being done. Its model law must be known (``example_town.LAWS``)."""
    told: Mapping[str, Any] = librarian.loaded(FILE.read_bytes())
    day = today or datetime.datetime.now(datetime.UTC).date()
    _Filling(Proceedings(folder, origin), Papers(folder, origin), Voices(folder, origin), told, tick, day).run()
    example_council.fill(folder, told["clerk"])


class _Filling:
    def __init__(
        self, work: Proceedings, papers: Papers, voices_: Voices, told: Mapping[str, Any], tick: Callable[[str], None], today: datetime.date
    ) -> None:  # fmt: skip
        self._work, self._papers, self._voices, self._told, self._tick, self._today = (
            work,
            papers,
            voices_,
            told,
            tick,
            today,
        )
        self._liaison: dict[str, Any] = {"who": told["liaison"], "roles_": _LIAISON}
        self._clerk: dict[str, Any] = {"who": told["clerk"], "roles_": _CLERK}

    def run(self) -> None:
        town = self._told["town"]
        if town["id"] not in {one.id for one in self._work.docket.towns()}:
            since = datetime.date.fromisoformat(town["tries_since"])
            self._work.docket.open_town(
                TownRow(town["id"], town["name"], fiction=True, tries=counsel.law(town["tries"]).id, tries_since=since)
            )
        seats = self._work.docket.seated(town["id"], self._told["seats"], verified=self._today)
        for one in self._told["proposals"]:
            self._proposal(town["id"], one, seats)
        self._meetings(town["id"])
        for one in self._told["proposals"]:
            self._comments(one["address"], one.get("comments", ()))
            self._vote(one["address"], one.get("advisory_vote"))

    def _comments(self, own: str, told: Sequence[Mapping[str, str]]) -> None:
        """What people of the town say: by mail, confirmed; on paper and by phone, as the clerk enters it."""
        about = self._voices.about(own)
        with whole(self._work.ledger.file, atomic=False):
            from postme.keeping.store import heard  # its rows need Django, which is set up by now

            there = heard.listed(own)[1]
        if about is None or there or not self._voices.window(about).open:
            return
        for number, one in enumerate(told, 1):
            if "channel" in one:
                self._voices.enter(about, one, who=self._told["clerk"])
                continue
            said, wrong = voices.checked(
                {"language": "en", "part": "", **one, "mail": f"writer-{number}@example.org"},
                parts=[one.get("part", "")],
            )
            if said is None:
                raise WrongUse(f"Comment {number} is wrong: {wrong}", where=str(FILE), why="The example would be incomplete.", do="Mend it in the file.")  # fmt: skip
            keys: list[str] = []

            def written(key: str, _number: str, keys: list[str] = keys) -> tuple[str, str]:
                keys.append(key)
                return (
                    "Please confirm your comment (fiction)",
                    "This letter was answered when the example town was filled.\n",
                )

            self._voices.receive(about, said, written)
            self._voices.confirm(keys[0])

    def _vote(self, own: str, told: Mapping[str, Any] | None) -> None:
        """The question that was put to the people, and their answers: by mail, with an address in the town, on paper. A fill that was killed goes on after the last that counts."""
        about = self._voices.about(own)
        if about is None or not told:
            return
        opens, closes = self._day(told["opens"]), self._day(told["closes"])
        at = min(datetime.datetime.combine(opens, datetime.time(18), datetime.UTC), datetime.datetime.now(datetime.UTC))
        with whole(self._work.ledger.file, atomic=False):
            from postme.keeping.store import heard  # as above

            vote = heard.vote(own)
        if vote is None:
            self._voices.ask(about, told["question"], opens, closes, who=self._told["clerk"], at=at)
            with whole(self._work.ledger.file, atomic=False):
                vote = heard.vote(own)
        if vote is None:
            raise WrongUse(f"The question on {own} was not kept.", where=str(FILE), why="The example would be incomplete.", do="Fill the town again.")  # fmt: skip
        for level, answers in told["answers"].items():
            counted = sum(vote["results"][level].values())
            for number, choice in list(enumerate(answers, 1))[counted:]:
                self._ballot(about, vote, level, f"{level}-{number}", voices.Position(choice), at)

    def _ballot(self, about: Any, vote: Mapping[str, Any], level: str, name: str, choice: voices.Position, at: datetime.datetime) -> None:  # fmt: skip
        if level == voices.Level.CLERK:
            self._voices.enter_ballot(about, vote["id"], choice, who=self._told["clerk"], at=at)
            return
        keys: list[str] = []

        def written(key: str, _number: str) -> tuple[str, str]:
            keys.append(key)
            return (
                "Please confirm your answer (fiction)",
                "This letter was answered when the example town was filled.\n",
            )

        ward = "Ward 3" if level == voices.Level.ADDRESS else ""
        self._voices.cast(about, vote["id"], choice, f"voter-{name}@example.org", vote["sha256"], written, ward=ward, at=at)  # fmt: skip
        self._voices.count(keys[0], at=at)

    def _day(self, offset: int) -> datetime.date:
        return self._start + datetime.timedelta(offset)

    @cached_property
    def _start(self) -> datetime.date:
        """The day that offsets count from: a fill that goes on another day goes on from the day it began."""
        for told in self._told["proposals"]:
            for one in self._work.docket.several(self._told["town"]["id"], public=None)[0]:
                if one.slug == told["address"]:
                    return one.drafted - datetime.timedelta(told["drafted"])
        return self._today

    def _proposal(self, town: str, told: Mapping[str, Any], seats: list[int]) -> None:
        own, start = told["address"], self._start
        known = {one.slug for one in self._work.docket.several(town, public=None)[0]}
        if own not in known:
            self._tick(f"Before the council: {told['title']}")
            columns = {
                key: told[key]
                for key in ("title", "agency", "kind", "technologies", "acts", "summary", "products", "holdings")
                if key in told
            }
            self._work.draft(
                town, **columns, address=own, today=start + datetime.timedelta(told["drafted"]), **self._liaison
            )
        one = self._work.one(own)
        for number, deed in enumerate(told["deeds"]):
            if number >= len(one.recorded):
                self._step(own, deed, seats)
            elif deed["kind"] == "submit" and not one.public:
                self._work.accept(own, one.turn, **self._clerk)

    def _step(self, own: str, told: Mapping[str, Any], seats: list[int]) -> None:
        one, day = self._work.one(own), self._day(told["on"])
        if told["kind"] == "submit":
            self._work.hand_in(own, one.turn, on=day, **self._liaison)
            self._work.accept(own, self._work.one(own).turn, **self._clerk)
            return
        deed = Deed(
            told["kind"], day, fact=told.get("fact", ""), also=tuple(told.get("also", ())), findings=told.get("findings", {}), conditions=tuple(told.get("conditions", ())),
            until=self._day(told["until"]) if "until" in told else None, evidence=told.get("evidence", ""),
        )  # fmt: skip
        if kind := _PAPERS.get(told["kind"]):
            self._paper(own, kind, day)
            one = self._work.one(own)
        said = told.get("said", {})
        votes = [{"seat": seats[number - 1], "vote": vote, "said": said.get(number, "")} for vote, numbers in told.get("votes", {}).items() for number in numbers]  # fmt: skip
        self._work.record(
            own, deed, one.turn, note=told.get("note", ""), motion=told.get("motion", ""), votes=votes, **self._clerk
        )

    def _paper(self, own: str, kind: str, day: datetime.date) -> None:
        """Write, fix and publish a paper, from whichever of the three was done last."""
        answers = next(one.get("papers", {}).get(kind) for one in self._told["proposals"] if one["address"] == own)
        if not answers:
            return
        opened = self._papers.opened(own, kind, 0, day)
        if not opened.answers:
            mine = {field: paper.answer("answered", words) for field, words in answers.items()}
            self._papers.save(own, kind, 0, mine, opened.row.turn, {}, **self._liaison)
            opened = self._papers.opened(own, kind, 0, day)
        versions = self._papers.store.editions(own, kind, 0)
        if not versions:
            self._papers.fix(own, kind, 0, opened.row.turn, "The first version.", on=day, **self._liaison)
            versions = self._papers.store.editions(own, kind, 0)
        if not any(one.published for one in versions):
            self._papers.publish(own, kind, **self._clerk)

    def _meetings(self, town: str) -> None:
        there = {(one.on, one.body) for one in self._work.meetings.several(town)}
        for told in self._told["meetings"]:
            day = self._day(told["on"])
            agenda = [(one["address"], item["kind"]) for one in self._told["proposals"] for item in one.get("agenda", ()) if item["meeting"] == told["key"]]  # fmt: skip
            if (day, told["body"]) not in there:
                columns = {key: told[key] for key in ("body", "begins", "where", "how_to_speak")}
                self._work.call(town, {**columns, "on": day, "zone": "America/Chicago"}, agenda, **self._clerk)
