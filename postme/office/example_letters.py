"""Mill Falls, the fictional town, is written to: a coalition, a letter that is open for signing, and one that was handed over.

What is done is read off what is there, so a fill that was killed goes on where it stopped, and a second one does nothing.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from postme import letter
from postme.errors import Refused, WrongUse
from postme.keeping import librarian
from postme.keeping.store.register import whole
from postme.keeping.store.written import Written
from postme.letter import Change, Claim, Kind, Outcome, State, Text
from postme.office import example_town, handing, sealing
from postme.office.handing import Carrier
from postme.office.press import slug

FILE = example_town.TOWN / "letters.yaml"
_FOUNDS = ("administrator",)


def fill(
    folder: Path, tick: Callable[[str], None] = lambda _: None, *, origin: str = sealing.ORIGIN, site: str = "http://localhost:8000", today: datetime.date | None = None,
) -> None:  # fmt: skip
    """Bring the town's letters as far as they should be; ``tick`` is told what is being done. Its proposals must be there (``example_process``)."""
    told: Mapping[str, Any] = librarian.loaded(FILE.read_bytes())
    _Filling(Carrier(folder, origin, site=site), told, tick, today or datetime.datetime.now(datetime.UTC).date()).run()


class _Filling:
    def __init__(self, carrier: Carrier, told: Mapping[str, Any], tick: Callable[[str], None], today: datetime.date) -> None:  # fmt: skip
        self._carrier, self._office, self._signers = carrier, carrier.office, carrier.signers
        self._told, self._tick, self._today = told, tick, today
        self._who: str = told["coalition"]["organizer"]
        self._own = slug(told["coalition"]["name"])[:80]

    def run(self) -> None:
        self._coalition()
        for one in self._told["letters"]:
            self._letter(one)
        self._signers.seal_all()

    def _coalition(self) -> None:
        told = self._told["coalition"]
        if self._own not in {one.slug for one in self._office.rows.coalitions()}:
            self._tick(f"A coalition: {told['name']}")
            self._office.found(self._told["town"], told["name"], about=told["about"], contact=told["contact"], who=self._who, roles_=_FOUNDS)  # fmt: skip
        there = {one.name: one for one in self._office.rows.coalition(self._own).members}
        for one in told["organizations"]:
            if (known := there.get(one["name"])) is not None and known.people:
                continue
            number = self._office.join(self._own, one["name"], site=one["site"], who=self._who, roles_=_FOUNDS)
            self._office.give(self._own, number, one["person"], title=one["title"], organizer=one["person"] == self._who, who=self._who, roles_=_FOUNDS)  # fmt: skip

    # -- a letter, step by step

    def _letter(self, told: Mapping[str, Any]) -> None:
        address = self._drafted(told)
        if self._office.rows.one(address).state is State.DRAFT:
            self._opened(address, told)
        one = self._office.rows.one(address)
        if one.state is State.OPEN:
            self._signed(address, told)
            if told.get("closed"):
                self._office.close(address, who=self._who)
        if told.get("closed"):
            self._handed(address, told)

    def _drafted(self, told: Mapping[str, Any]) -> str:
        for one in self._office.rows.several(coalition=self._own):
            if told["title"] in (one.draft.title, *(each.text.title for each in one.versions)):
                return one.slug
        self._tick(f"A letter: {told['title']}")
        claims = tuple(self._claim(one) for one in told["claims"])
        text = Text(told["title"], told["to"], told["ask"], told["body"], self._day(told.get("deadline")), told["about"], claims)  # fmt: skip
        if wrong := letter.checked(text):
            raise WrongUse(f"The letter is wrong: {wrong}", where=str(FILE), why="The example would be incomplete.", do="Mend it in the file.")  # fmt: skip
        return self._office.draft(self._own, text, who=self._who)

    def _claim(self, told: Mapping[str, Any]) -> Claim:
        address = told.get("address") or ""
        if "record" in told:
            data = (example_town.TOWN / "records" / told["record"]).read_bytes()
            address = f"/records/{hashlib.sha256(data).hexdigest()}/{told['page']}/"
        return self._office.claim(told["passage"], address)

    def _opened(self, address: str, told: Mapping[str, Any]) -> None:
        one = self._office.rows.one(address)
        for member in one.missing():
            self._office.agree(address, member.id, one.drafted, who=member.people[0][0])
        self._office.open(address, one.turn, last_day=self._day(told.get("last_day")), who=self._who)

    def _signed(self, address: str, told: Mapping[str, Any]) -> None:
        done, typo = self._count(address), told.get("typo")
        for number, one in enumerate(told["signers"]):
            if typo and number == typo["after"]:
                self._mended(address, typo)
            if number >= done:
                self._sign(address, number, one)

    def _count(self, address: str) -> int:
        """How many have signed, whatever became of it since; who never confirmed has not."""
        from postme.keeping.store import models

        with whole(self._office.ledger.file, atomic=False):
            return int(models.Signed.objects.filter(letter__slug=address).exclude(state=letter.Signature.WAITING.value).count())  # fmt: skip

    def _mended(self, address: str, told: Mapping[str, str]) -> None:
        one = self._office.rows.one(address)
        if len(one.versions) > 1:
            return
        if told["from"] in one.draft.body:
            self._office.rewrite(address, replace(one.draft, body=one.draft.body.replace(told["from"], told["to"])), one.turn, who=self._who)  # fmt: skip
            one = self._office.rows.one(address)
        self._office.change(address, one.turn, Change.TYPO, told["why"], who=self._who)

    def _sign(self, address: str, number: int, told: Mapping[str, Any]) -> None:
        kind = Kind(told.get("kind", "person"))
        form = {key: str(told.get(key, "")) for key in ("name", "by", "role", "area", "comment", "mail", "domain")}  # fmt: skip
        form["shown"] = told.get("shown", "full")
        if told.get("paper") or (kind is Kind.ORGANIZATION and not form["mail"]):
            self._signers.enter(address, form, kind, who=self._who)
            return
        form |= {"mail": form["mail"] or f"signer-{number}@example.org", "language": told.get("language", "en")}
        said, wrong = letter.typed(form, kind)
        now = self._office.rows.one(address).now
        if said is None or now is None:
            raise WrongUse(f"Signer {number + 1} is wrong: {wrong}", where=str(FILE), why="The example would be incomplete.", do="Mend it in the file.")  # fmt: skip
        keys: list[str] = []

        def written(key: str, _number: str) -> tuple[str, str]:
            keys.append(key)
            return "Please confirm your signature (fiction)", "This letter was answered when the example town was filled.\n"  # fmt: skip

        self._signers.sign(address, said, now.number, written)
        self._signers.confirm(keys[0])

    # -- handed over

    def _handed(self, address: str, told: Mapping[str, Any]) -> None:
        one = self._office.rows.one(address)
        if one.state is State.WITHDRAWN:
            return
        if not one.deliveries:
            self._tick(f"Handed over: {told['title']}")
            self._deliver(address, told["handed"])
            one = self._office.rows.one(address)
        for each in told["answers"]:
            found = next((row for row in one.deliveries if row.to == each["to"] and not row.outcome), None)
            if found is not None:
                self._office.answered(address, found.id, Outcome(each["outcome"]), max(found.on, self._today + datetime.timedelta(each["on"])), answer=each["answer"], who=self._who)  # fmt: skip

    def _deliver(self, address: str, told: Mapping[str, Any]) -> None:
        town, on = self._told["town"], self._today + datetime.timedelta(told["on"])
        to = [*handing.members(self._carrier.folder, town, self._today), handing.Addressee(told["clerk"])]
        try:
            self._carrier.deliver(address, to, told["how"], on, who=self._who)
        except Refused:  # no PDF can be made on this machine: it is handed over without one
            counts = self._signers.counted(address)
            self._office.deliver(address, [(one.name, one.seat) for one in to], told["how"], on, counts, "", who=self._who)  # fmt: skip

    def _day(self, offset: int | None) -> datetime.date | None:
        return None if offset is None else self._today + datetime.timedelta(offset)


def letters(folder: Path, origin: str = sealing.ORIGIN) -> dict[str, Written]:
    """The example's letters by their keys in the file."""
    told: Mapping[str, Any] = librarian.loaded(FILE.read_bytes())
    rows = Carrier(folder, origin).office.rows.several(coalition=slug(told["coalition"]["name"])[:80])
    found = {}
    for one in told["letters"]:
        for row in rows:
            if one["title"] in (row.draft.title, *(each.text.title for each in row.versions)):
                found[one["key"]] = row
    return found
