"""The press: draft -> second person -> page and leaf, in one transaction or nothing.

What is drafted here is made from what a search found and people ruled: nothing can be drafted that no record says.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from postme import inventory, publication, roles
from postme.catalogue import Catalogue
from postme.errors import WrongUse
from postme.inventory import Holding
from postme.keeping import library, places
from postme.keeping.shelf import Shelf
from postme.keeping.store.ledger import Drafted, Leaf, Ledger, Publishing
from postme.keeping.store.redactions import Asked, Redactions
from postme.keeping.store.register import Register, Waiting
from postme.office import claims, publictext, sealing, viewing, withheld
from postme.office.publictext import PublicText
from postme.place import placed
from postme.publication import State, What
from postme.redaction import Reason, Redaction

STATUSES: Mapping[str, str] = {
    "present": "Records show it in this body’s hands.",
    "asked for": "Asked for; no record of a decision was found in what was searched.",
    "refused": "Asked for, and refused.",
    "postponed": "Asked for, and postponed.",
    "ended": "Records show that it was given up.",
    "spoken of": "Records speak of it; whether this body has it is unknown.",
}


@dataclass(frozen=True, slots=True)
class Body:
    """The body that a holding is published of: its name, the kind that laws know it by, and its place."""

    place: str
    name: str
    kind: str
    fiction: bool = False

    @property
    def id(self) -> str:
        """The place's id, a slash, and a slug of the name.

        >>> Body("us/mn/minneapolis", "Police Department", "police").id
        'us/mn/minneapolis/police-department'
        """
        return f"{self.place}/{slug(self.name)}"


def slug(words: str) -> str:
    """Words as a part of an address.

    >>> slug("Sheriff's Office"), slug("face_recognition")
    ('sheriffs-office', 'face-recognition')
    """
    plain = "".join(letter if letter.isalnum() else "" if letter in "'’" else " " for letter in words.lower())
    return "-".join(plain.split()) or "unnamed"


class Press:
    """The press of a data folder. ``origin`` is the log's name, such as ``postme.example.org/log``."""

    def __init__(self, folder: Path, origin: str = sealing.ORIGIN, catalogues: Sequence[Path] = ()) -> None:
        self.folder, self.ledger = folder, Ledger(folder)
        self.redactions = Redactions(self.ledger.file)
        self._register, self._shelf, self._log = (
            Register(folder),
            Shelf(folder),
            sealing.Log(folder, origin, self.ledger),
        )
        self._catalogues = tuple(catalogues)
        self._public = PublicText(self._shelf, self.ledger, self.redactions)
        if self.ledger.size() != self._log.size:  # the machine stopped in the middle of a publication
            self._log.recover()

    @cached_property
    def catalogue(self) -> Catalogue:
        """The names that technologies and makers go by here."""
        return library.catalogue(library.sources(self._catalogues, cache=self.folder / "cache"))

    # -- what could be drafted

    def found(self, place: str) -> tuple[Holding, ...]:
        """What the records of a place's searches say, ruled or not: as the report of a search has it."""
        mentions = self._mentions(place)
        rulings = {one.id: (one.ruling, one.why) for one in mentions if one.ruling}
        return inventory.facts(map(_printed, mentions), rulings, self._dates(mentions))

    def holding(
        self, body: Body, technology: str, *, of: Collection[str | None] | None = None, status: str = "spoken of", note: str = "",
        law_facts: Mapping[str, Mapping[str, Any]] | None = None, observed: Collection[str] = (), amounts: Collection[float] = (),
        outcomes: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The facts of a holding, from the mentions that a person ruled *yes*, and only those.

        ``of`` are the bodies as records name them (``None``: unnamed) that are this body; all, where it is not given.
        ``observed`` are the mentions that tell what was seen, not what was said. ``amounts`` (of those found near its mentions)
        and ``outcomes`` (by mention: ``carried 4-3``) are what an editor confirmed; none else is published.
        Raises WrongUse where nothing was ruled *yes*, and for an amount or an outcome that is none.
        """
        if status not in STATUSES:
            raise WrongUse(f"'{status}' is no state of a holding.", where="status", why="Pages would say what no reader can look up.", do=f"Use one of: {', '.join(STATUSES)}.")  # fmt: skip
        mentions = [one for one in self._mentions(body.place) if one.ruling == "yes" and technology in one.technologies and (of is None or one.facts["body"] in of)]  # fmt: skip
        if not mentions:
            raise WrongUse(
                "No mention of it was ruled true.", where=f"{body.name}: {technology}", why="What is published rests on words that a person has read.",
                do="Rule on its mentions first.",
            )  # fmt: skip
        merged = [{**_printed(one), "body": body.name, "technologies": [technology]} for one in mentions]
        rulings = {one.id: ("yes", one.why) for one in mentions}
        records = {sha: self._told(sha) for sha in {one.sha256 for one in mentions}}
        [holding] = inventory.facts(merged, rulings, self._dates(mentions))
        claims.checked(holding, amounts=amounts, outcomes=outcomes or {})
        term = self.catalogue.technologies.get(technology)
        name = term.name if term else technology
        facts = {
            "title": f"{body.name}: {name}", "fiction": body.fiction, "place": self._place(body.place), "status": status, "note": note,
            "agency": {"id": body.id, "name": body.name, "kind": body.kind, "names": []},
            "technology": {"id": technology, "name": name}, "makers": claims.makers(holding, self.catalogue),
            "claims": claims.claims(holding, self.catalogue, present=status == "present", body=body.name, observed=observed, amounts=amounts),
            "acts": claims.acts(holding, outcomes=outcomes or {}, amounts=amounts), "attributed": sum(one.facts["body"] is None for one in mentions),
            "evidence": [self._quoted(one, records[one.sha256]) for one in sorted(mentions, key=lambda one: (one.name, one.page, one.start))],
            "law_facts": {key: dict(value) for key, value in (law_facts or {}).items()},
            "cannot_show": term.cannot_show if term else "",
        }  # fmt: skip
        return self._afresh("holding", facts)

    def record(self, sha256: str, place: str, *, fiction: bool = False, origin: str = "") -> dict[str, Any]:
        """The facts of a record: what it is, its hash, where it came from, which pages nobody could read. Raises WrongUse."""
        told = self._told(sha256)
        texts = self._public.pages(sha256)
        day = told["date"]
        if day and withheld.own_day_lost(self._public.leaves()(sha256, 1), day):
            day = None
        facts = {
            "title": told["title"] or Path(told["name"].replace("!/", "/")).name, "own_title": told["title"], "fiction": fiction,
            "place": self._place(place), "sha256": sha256, "name": _tail(told["name"]), "origin": origin, "media_type": told["media_type"],
            "date": day, "body": None, "pages": told["pages"], "unreadable": told["unreadable"], "reader": told["reader"],
            "notes": told["notes"], "text_sha256": _digest(texts),
            "redacted": [{"page": one.page, "reason": one.reason} for one in self.redactions.of(sha256, "in force")],
        }  # fmt: skip
        return self._public.veiled(facts, [sha256])

    def search(self, number: int, *, fiction: bool = False) -> dict[str, Any]:
        """The facts of a search: what was looked through, when, with which catalogue, and what could not be read."""
        row = next((one for one in self._register.searches() if one["number"] == number), None)
        if row is None or not row["place"]:
            raise WrongUse(
                f"Search {number} cannot be published.", where="search", why="There is none of that number, or nobody said of which place its records are.",
                do="Scan again with --place.",
            )  # fmt: skip
        place = self._place(row["place"])
        files = [
            {"name": _tail(path), "sha256": sha, "pages": pages, "unreadable": unreadable, "error": error.removeprefix(f"{path}: ") if error else None}
            for path, sha, pages, unreadable, error in (one[:5] for one in row["listing"])
        ]  # fmt: skip
        return {
            "title": f"Search {number}: {place['name']}", "fiction": fiction, "place": place, "number": number, "started": _stamp(row["started"]),
            "ended": _stamp(row["ended"]), "catalogue": row["catalogue"], "reader": row["reader"], "files": row["files"], "refused": row["refused"],
            "pages": row["pages"], "unreadable": row["unreadable"], "mentions": row["mentions"], "records": files,
        }  # fmt: skip

    # -- drafting, deciding

    def draft(
        self,
        facts: Mapping[str, Any],
        what: What = What.PUBLISHED,
        *,
        who: str,
        roles_: Collection[str],
        reason: str = "",
    ) -> int:
        """Lay a draft of those facts (of ``holding``, ``record``, ``search`` or an audit's entry) on the desk: its number."""
        roles.asked(roles_, "draft")
        if what is not What.PUBLISHED and not reason.strip():
            raise WrongUse("A reason is missing.", where="reason", why="What changes in public must say why.", do="Write one sentence that a reader will see.")  # fmt: skip
        address, kind = address_of(facts)
        return self.ledger.draft(address, kind, what, facts, reason=reason, who=who, at=_now())

    def submit(self, draft: int, *, who: str, roles_: Collection[str]) -> None:
        """Put a draft before a second person."""
        roles.asked(roles_, "draft")
        self.ledger.move(draft, State.SUBMITTED, who=who, at=_now())

    def return_(self, draft: int, remark: str, *, who: str, roles_: Collection[str]) -> None:
        """Give a draft back to its author, with a remark."""
        roles.asked(roles_, "approve")
        self.ledger.move(draft, State.RETURNED, who=who, at=_now(), remark=remark)

    def approve(self, draft: int, *, who: str, roles_: Collection[str], remark: str = "", seen: str = "") -> list[Leaf]:
        """Publish a draft: its page, its rows and its leaf, or nothing. Records that it quotes and that are not public yet go with it.

        ``seen`` is the draft's own as it was when it was opened (``Drafted.seen``): another one is refused.
        """
        roles.asked(roles_, "approve")

        def made(drafted: Drafted | None) -> list[Publishing]:
            if drafted is None:
                return []
            what = What(drafted.what)
            if what is What.WITHDRAWN:
                return [Publishing(drafted.address, drafted.kind, what, None, drafted.reason)]
            if untrue := self.ledger.not_true([quote["id"] for quote in drafted.facts.get("evidence", ())]):
                raise WrongUse(
                    f"{len(untrue)} of its quotes are no longer ruled true.", where=drafted.address, why="What is published rests on words that a person found true.",
                    do="Return it to its author, to be drawn again from the rulings that stand.",
                )  # fmt: skip
            facts = self._afresh(drafted.kind, drafted.facts)
            own = Publishing(drafted.address, drafted.kind, what, facts, drafted.reason)
            return [*self.with_its_records(facts), self._with_text(own)]

        return self._publish(made, who=who, draft=draft, remark=remark, seen=seen)

    def as_public(self, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """A draft's facts as they would be published now: what was blacked out since it was drafted is blacked out in it too."""
        return self._afresh(kind, facts)

    def with_its_records(self, facts: Mapping[str, Any]) -> Iterable[Publishing]:
        """The records that a holding quotes and that are not public yet, as what would be published with it."""
        for sha256 in sorted({quote["sha256"] for quote in facts.get("evidence", ())}):
            address = f"/records/{sha256}/"
            state = self.ledger.state_of(address)
            if state and not publication.visible(state):
                raise WrongUse(
                    "A record that it quotes was withdrawn.", where=address, why="It would be public again without anybody having said so.",
                    do="Draft the record's own publication first, with the reason.",
                )  # fmt: skip
            if not state:
                own = self.record(sha256, facts["place"]["id"], fiction=bool(facts.get("fiction")))
                yield self._with_text(Publishing(address, "record", What.PUBLISHED, own, "It is quoted as evidence."))

    def _with_text(self, one: Publishing) -> Publishing:
        """A record goes with its pages, and with the digest of the reading that they are of."""
        if one.kind != "record" or one.facts is None:
            return one
        sha256 = one.facts["sha256"]
        return replace(one, texts=self._public.pages(sha256), reading=publictext.digest(self._public.read(sha256)))

    # -- redaction

    def ask_redaction(self, sha256: str, wanted: Redaction, *, who: str, roles_: Collection[str]) -> int:
        """Ask that a span of a record's page be blacked out: the request's number."""
        roles.asked(roles_, "redact")
        marked_on = self._public.marked_on(sha256, wanted.page)
        return self.redactions.ask(
            sha256, wanted.page, wanted.start, wanted.end, wanted.reason, text=marked_on, who=who, at=_now()
        )

    def told_once_hidden(self, asked: Asked) -> list[tuple[str, list[str]]]:
        """Published holdings that will still tell an amount or a day of a span once it is blacked out: address, and where.

        What was read in the span goes by itself; this is what people wrote, and what other words say as well.
        """
        page = self._public.leaves(asked)(asked.sha256, asked.page)
        amounts, days = withheld.spoken(
            page.text, [Redaction(asked.page, asked.start, asked.end, Reason(asked.reason))]
        )
        found = []
        for address in self.ledger.naming(asked.sha256) if amounts or days else ():
            facts = self.ledger.facts_at(address)
            if facts and any(quote["sha256"] == asked.sha256 for quote in facts["evidence"]):
                left = withheld.still_told(withheld.without(facts, self._public.leaves(asked)), amounts, days)
                found += [(address, left)] if left else []
        return found

    def redact(self, number: int, *, who: str, roles_: Collection[str]) -> list[Leaf]:
        """Black a span out in picture, text, search and every way out, and say so; the record and all that quote it get new leaves."""
        roles.asked(roles_, "approve redaction")
        asked = self.redactions.waiting(number, who)
        sha256, address = asked.sha256, f"/records/{asked.sha256}/"

        def made(_: Drafted | None) -> list[Publishing]:
            now = self.ledger.facts_at(address)
            if now is None:
                self._public.read(sha256)  # refused where the reading that it was marked on is gone
                return []
            why = f"Private data was blacked out: {Reason(asked.reason).said}."
            own = self.record(sha256, now["place"]["id"], fiction=now["fiction"], origin=now["origin"])
            found = [self._with_text(Publishing(address, "record", What.REDACTED, own, why))]
            # Those that quoted it once as well: their earlier versions lose their words.
            for other in self.ledger.naming(sha256):
                facts = self.ledger.facts_at(other)
                if facts is not None:
                    found.append(Publishing(other, "holding", What.REDACTED, self._afresh("holding", facts), why))
            return found

        leaves = self._publish(made, who=who, redaction=number)
        viewing.forget_pictures(self.folder, sha256)
        return leaves

    # -- how it is made

    def _publish(self, made: Callable[[Drafted | None], Sequence[Publishing]], **how: Any) -> list[Leaf]:
        def at_once(draft: Drafted | None) -> Sequence[Publishing]:
            with self._public.held():
                return made(draft)

        return self._log.publish(
            lambda seal: self.ledger.publish(at_once, at=_now(), salt=partial(secrets.token_hex, 16), seal=seal, **how)
        )

    def _afresh(self, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Facts with every quote cut anew from its page as the public may see it now."""
        if kind == "holding":
            with self._public.held():
                cut = {**facts, "evidence": self._public.cut(facts["evidence"])}
                cut = withheld.without(cut, self._public.leaves())
                return self._public.veiled(cut, {quote["sha256"] for quote in facts["evidence"]})
        if kind == "record":
            return {
                **facts,
                **self.record(
                    facts["sha256"], facts["place"]["id"], fiction=facts["fiction"], origin=facts.get("origin", "")
                ),
            }
        return dict(facts)

    def _quoted(self, one: Waiting, told: Mapping[str, Any]) -> dict[str, Any]:
        facts = one.facts
        return {
            "id": one.id, "quote": one.quote, "sha256": one.sha256, "record": told["title"] or Path(one.name).name, "page": one.page, "start": one.start,
            "end": one.end, "act": facts["act"], "date": told["date"] or facts["date"], "seconds": facts["seconds"], "why": facts["why"],
            "ruled": one.why,
        }  # fmt: skip

    def _mentions(self, place: str) -> list[Waiting]:
        short = placed(place).short
        hashes = {
            sha for row in self._register.searches() if row["place"] == short for _, sha, *_ in row["listing"] if sha
        }
        return self._register.mentions(hashes)

    def _dates(self, mentions: Iterable[Waiting]) -> dict[str, str | None]:
        return {sha: self._told(sha)["date"] for sha in {one.sha256 for one in mentions}}

    def _told(self, sha256: str) -> Mapping[str, Any]:
        return self.ledger.record_of(sha256)

    def _place(self, place: str) -> dict[str, str]:
        short = placed(place).short
        return {"id": short, "name": places.name_of(short)}


def address_of(facts: Mapping[str, Any]) -> tuple[str, str]:
    """The address at which facts are published, and their kind."""
    if "audit" in facts:
        return f"/audits/{facts['slug']}/", "audit"
    if "agency" in facts:
        return f"/agencies/{facts['agency']['id']}/{slug(facts['technology']['id'])}/", "holding"
    if "sha256" in facts:
        return f"/records/{facts['sha256']}/", "record"
    return f"/searches/{facts['number']}/", "search"


def _printed(one: Waiting) -> dict[str, Any]:
    return {
        **one.facts, "id": one.id, "path": one.name, "sha256": one.sha256, "page": one.page, "start": one.start, "end": one.end,
        "quote": one.quote, "technologies": list(one.technologies), "certainty": one.certainty,
    }  # fmt: skip


def _tail(path: str) -> str:
    """A file's own name, with the archive's that holds it: the folders above are somebody's own."""
    outer, sign, inner = path.partition("!/")
    return f"{Path(outer).name}{sign}{inner}"


def _digest(texts: Sequence[Sequence[Any]]) -> str:
    return hashlib.sha256(
        json.dumps([list(text) for text in texts], ensure_ascii=False).encode("utf-8", "replace")
    ).hexdigest()


def _stamp(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
