"""What a well-formed law file is, and everything that is wrong with one that is not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from postme.condition import Names
from postme.day import UNSEEN, Day, told
from postme.lawshape import CASE, EVENT, LAW, READ, REMEDIES, address, provision_shaped, shaped
from postme.place import placed
from postme.rule import RULES, conditioned
from postme.schema import Fault
from postme.vocabulary import Vocabulary

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9.]+)*")
_ASKED = ("place", "body", "act", "technology", "purpose", "on", "facts", "duty")


def faults(document: Any, vocabulary: Vocabulary) -> list[Fault]:
    """Everything wrong with one law file's contents; empty when it is well formed."""
    if not isinstance(document, Mapping):
        return [
            Fault(
                (), "the file is not a list of keys and values", "nothing in it can be used", "begin with 'id: us-mn-…'"
            )
        ]
    found = list(shaped(document, LAW, (), "a law"))
    if found:
        return found
    found += shaped(document["read"], READ, ("read",), "'read'")
    found += shaped({"id": "adopted", "what": "adopted", **document["adopted"]}, EVENT, ("adopted",), "'adopted'")
    for i, event in enumerate(document.get("events", ())):
        found += shaped(event, EVENT, ("events", i), "an event")
    for i, provision in enumerate(document["provisions"]):
        found += provision_shaped(provision, ("provisions", i))
    for i, case in enumerate(document["cases"]):
        found += shaped(case, CASE, ("cases", i), "a worked case")
    return found or [*_meant(document, vocabulary)]


def _meant(document: Mapping[str, Any], words: Vocabulary) -> Iterator[Fault]:
    """What a file of the right shape still means wrongly: unknown words, dates that cannot be, exceptions to nothing, circles."""
    if not _ID.fullmatch(document["id"]):
        yield Fault(
            ("id",),
            f"the id '{document['id']}' is not plain",
            "ids stand in addresses",
            "use small letters, digits and -",
        )
    try:
        placed(document["place"])
    except ValueError as error:
        yield Fault(
            ("place",),
            str(error),
            "the law would reach nobody",
            "write it as us/mn/minneapolis, us/mn/county:hennepin or us/mn",
        )
    yield from _dates(document)
    yield from _sourced(document)
    bodies = {*words.bodies, *words.agencies, *words.groups}
    technologies = {*words.technologies, "surveillance", "military", "any"}
    facts = {*words.facts, *document.get("facts", {})}
    yield from _known(document["binds"], bodies, ("binds",), "body")
    yield from _known(document.get("not_bound", ()), bodies, ("not_bound",), "body")
    yield from _known(document["technologies"], technologies, ("technologies",), "technology")
    yield from _known(document.get("outside", ()), technologies, ("outside",), "technology")
    twice = list(_twice(document))
    if twice:  # what names one of the two could mean either
        yield from twice
        return
    kinds = {one["id"]: next((key for key in RULES if key in one), "") for one in document["provisions"]}
    events = {one["id"] for one in document.get("events", ())}
    for i, one in enumerate(document["provisions"]):
        path: tuple[str | int, ...] = ("provisions", i)
        for key in RULES:
            if key in one:
                yield from _rule_meant(
                    key, one[key], (*path, key), kinds, one["id"], bodies, technologies, facts, words, events
                )
    yield from _circles(document)
    duties = {one["id"] for one in document["provisions"] if "duty" in one}
    for i, case in enumerate(document["cases"]):
        yield from _case_meant(case["ask"], ("cases", i, "ask"), words, technologies, bodies, facts, duties)


def _twice(document: Mapping[str, Any]) -> Iterator[Fault]:
    for kind in ("provisions", "events"):
        ids = [one["id"] for one in document.get(kind, ())]
        for i, id_ in enumerate(ids):
            if ids.index(id_) != i:
                yield Fault(
                    (kind, i, "id"),
                    f"the id '{id_}' stands twice",
                    "nobody could point at one of the two",
                    f"give each of the {kind} its own id",
                )


def _rule_meant(
    key: str, rule: Mapping[str, Any], path: tuple[str | int, ...], kinds: Mapping[str, str], own: str,
    bodies: set[str], technologies: set[str], facts: set[str], words: Vocabulary, events: set[str],
) -> Iterator[Fault]:  # fmt: skip
    yield from _known(rule.get("acts", ()), {*words.acts, "any"}, (*path, "acts"), "act")
    yield from _known(rule.get("bodies", ()), bodies, (*path, "bodies"), "body")
    yield from _known(rule.get("technologies", ()), technologies, (*path, "technologies"), "technology")
    yield from _known(rule.get("outside", ()), technologies, (*path, "outside"), "technology")
    findings = {f"finding:{one}" for one in rule.get("findings", ())}
    for name in ("if", "proof"):
        if name in rule:
            named = Names.of(conditioned(rule[name]))
            yield from _known(sorted(named.facts), facts | findings, (*path, name), "fact")
            yield from _known(sorted(named.purposes), set(words.purposes), (*path, name), "purpose")
            yield from _known(sorted(named.acts), set(words.acts), (*path, name), "act")
            yield from _known(sorted(named.bodies), bodies, (*path, name), "body")
            yield from _known(sorted(named.technologies), technologies, (*path, name), "technology")
    if key == "except":
        liftable = [id_ for id_, kind in kinds.items() if kind in ("prohibit", "approve", "allow", "hidden")]
        for other in rule["of"]:
            if other not in kinds or other == own:
                yield Fault(
                    (*path, "of"),
                    f"an exception to '{other}', which is no other provision of this law",
                    "it would except nothing",
                    f"name one of {', '.join(liftable)}",
                )
            elif other not in liftable:
                yield Fault(
                    (*path, "of"),
                    f"an exception to '{other}', which neither forbids nor asks for anything",
                    "it would except nothing",
                    f"name one of {', '.join(liftable)}, and write what limits an exception into its own 'if'",
                )
    if key == "approve":
        yield from _known(rule.get("steps", ()), facts, (*path, "steps"), "fact")
    if key == "remedy":
        yield from _known(rule["kinds"], set(REMEDIES), (*path, "kinds"), "remedy")
    if key == "duty":
        yield from _known([rule["met_by"]], facts, (*path, "met_by"), "fact")
        clock = rule.get("clock", {})
        for name in ("gate", "runs_before"):
            if name in rule:
                yield from _known([rule[name]], facts, (*path, name), "fact")
        for name in ("from", "before"):
            if name in clock:
                yield from _known(
                    [clock[name]],
                    {*words.events, *facts, *events, *(id_ for id_, kind in kinds.items() if kind == "duty")},
                    (*path, "clock", name),
                    "event, fact or duty",
                )


def _known(given: Sequence[str], known: set[str], path: tuple[str | int, ...], what: str) -> Iterator[Fault]:
    for word in given:
        if word not in known:
            near = difflib.get_close_matches(word, sorted(known), 3, 0.5)
            yield Fault(
                path,
                f"'{word}' is no {what} that is known",
                "nobody could ask for it",
                f"write {' or '.join(near)}" if near else "see postme law words",
            )


def _dates(document: Mapping[str, Any]) -> Iterator[Fault]:
    adopted, events = document["adopted"], {one["id"]: one for one in document.get("events", ())}
    starts = _starts(adopted)
    ends = told(document["ends"]) if "ends" in document else UNSEEN
    # A law no longer counts on the day that it ends.
    if ends.last and starts.first and ends.last <= starts.first:
        yield Fault(
            ("ends",),
            f"the law ends ({ends}) before it starts ({starts})"
            if ends.last < starts.first
            else f"the law ends on the day it starts ({ends})",
            "it would never be in force",
            "correct one of the two days",
        )
    for i, one in enumerate(document["provisions"]):
        days: list[Day] = []
        for key in ("from", "until"):
            value = one.get(key)
            if isinstance(value, str) and value not in events:
                try:
                    days.append(told(value))
                except ValueError:
                    yield Fault(
                        ("provisions", i, key),
                        f"'{value}' is neither a day nor an event of this law",
                        "the clause would have no time",
                        "write a day, or the id of an event",
                    )
            elif value is not None:
                days.append(_starts(events[value]) if isinstance(value, str) else told(value))
        if len(days) == 2 and days[0].first and days[1].last and days[1].last < days[0].first:
            yield Fault(
                ("provisions", i, "until"),
                "the provision ends before it starts",
                "it would never count",
                "correct one of the two days",
            )


def _starts(entry: Mapping[str, Any]) -> Day:
    effective = told(entry["effective"]) if "effective" in entry else UNSEEN
    return effective if effective.known else told(entry.get("on", "unknown"))


def _sourced(document: Mapping[str, Any]) -> Iterator[Fault]:
    used: set[str] = set()
    places: list[tuple[tuple[str | int, ...], Any]] = [(("adopted", "source"), document["adopted"].get("source", ()))]
    places += [(("events", i, "source"), one.get("source", ())) for i, one in enumerate(document.get("events", ()))]
    places += [(("provisions", i, "source"), one["source"]) for i, one in enumerate(document["provisions"])]
    for path, keys in places:
        for key in keys:
            used.add(key)
            if key not in document["sources"]:
                yield Fault(
                    path,
                    f"'{key}' is not among the file's sources",
                    "the claim would have no address",
                    "add it under sources:",
                )
    for key, source in document["sources"].items():
        if wrong := address(source):
            yield Fault(
                ("sources", key),
                f"the source '{key}' {wrong}",
                "nobody could look it up",
                "write 'https://…', or {at: 'https://…', text: true}",
            )
        if key not in used:
            yield Fault(
                ("sources", key),
                f"nothing rests on the source '{key}'",
                "a reader would look for what it shows",
                "name it where it shows something, or take it out",
            )


def _circles(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Exceptions of exceptions, and clocks started by duties, must end somewhere."""
    leads: dict[str, list[str]] = {}
    for one in document["provisions"]:
        leads[one["id"]] = list(one.get("except", {}).get("of", ()))
        clock = one.get("duty", {}).get("clock", {})
        leads[one["id"]] += [clock[key] for key in ("from", "before") if key in clock]
    for i, one in enumerate(document["provisions"]):
        seen, at = set(), [one["id"]]
        while at:
            here = at.pop()
            for other in leads.get(here, ()):
                if other == one["id"]:
                    yield Fault(
                        ("provisions", i),
                        f"'{one['id']}' depends on itself",
                        "the question would never end",
                        "break the circle of exceptions or clocks",
                    )
                    at = []
                    break
                if other not in seen:
                    seen.add(other)
                    at.append(other)


def _case_meant(
    ask: Mapping[str, Any],
    path: tuple[str | int, ...],
    words: Vocabulary,
    technologies: set[str],
    bodies: set[str],
    facts: set[str],
    duties: set[str],
) -> Iterator[Fault]:
    yield from _known([str(key) for key in ask], set(_ASKED), path, "key of a question")
    for key, known, what in (
        ("body", bodies, "body"),
        ("act", set(words.acts), "act"),
        ("technology", technologies, "technology"),
        ("purpose", set(words.purposes), "purpose"),
        ("duty", duties, "duty of this law"),
    ):
        if key in ask:
            yield from _known([str(ask[key])], known, (*path, key), what)
    if "place" in ask:
        try:
            placed(str(ask["place"]))
        except ValueError as error:
            yield Fault((*path, "place"), str(error), "no law would reach it", "write it as us/mn/minneapolis")
    if not isinstance(ask.get("on"), date) or isinstance(ask["on"], datetime):
        yield Fault(
            path,
            "a worked case has no day",
            "the same question has different answers on different days",
            "write on: 2021-03-01",
        )
    if not isinstance(ask.get("facts", {}), Mapping):
        yield Fault(
            (*path, "facts"),
            "'facts' must be a list of keys and values",
            "what is known could not be told",
            "write facts: {warrant: true}",
        )
    else:
        named = [key for key in map(str, ask.get("facts", {})) if not key.startswith("finding:")]
        yield from _known(named, facts, (*path, "facts"), "fact")
