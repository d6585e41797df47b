"""The shape of a law file: for each kind of entry its keys, how each is checked, and an example to write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from postme.day import told
from postme.law import SURE
from postme.rule import FARTHEST, OFTENEST, RULES, YEARS
from postme.schema import Fault

TOPICS: Mapping[str, str] = {
    "purpose": "why the law exists", "definitions": "what its words mean", "who_is_bound": "whom it binds and whom not",
    "prohibited_acts": "what may not be done", "conditional_use": "what may be done only under conditions", "exceptions": "what is excepted",
    "exemption_process": "how a further use may be permitted", "approval": "what needs approval, and by whom", "advisory_body": "who reviews first",
    "documents": "which reports and policies must be written", "findings": "what must be found before approval", "notice": "how long before, the public is told",
    "hearing": "hearings and the public's comments", "existing_technology": "what becomes of technology already held", "exigent_use": "use in an emergency",
    "annual_report": "the yearly report", "review": "yearly review and renewal", "inventory": "lists of what is held", "sharing": "handing data on",
    "accuracy": "how accurate it must be", "retention": "how long data are kept", "audit": "audits and logs", "training": "training", "evidence": "what may not be evidence",
    "remedies": "what follows a breach", "whistleblower": "protection of those who tell", "secrecy": "secrecy agreements", "duration": "how long it lasts",
    "preemption": "power taken from other places", "status": "a property that is computed", "money": "what it costs", "violations": "reports on violations",
    "private_sector": "duties of businesses",
}  # fmt: skip
INSTRUMENTS = (
    "ordinance",
    "resolution",
    "bylaw",
    "referendum",
    "statute",
    "administrative_order",
    "programme_rule",
    "model",
    "not_seen",
)
SUBJECTS = (
    "face_recognition",
    "community_control",
    "military_equipment",
    "drone",
    "alpr",
    "body_worn_camera",
    "location_data",
    "biometrics",
)
REMEDIES = (
    "injunction", "declaration", "mandamus", "private_suit", "damages", "attorney_fees", "discipline", "criminal_penalty", "suppression",
    "whistleblower", "contracts_void", "cure_period",
)  # fmt: skip
_UNITS = ("days", "business_days", "weeks", "months", "years")
_ANSWERS = ("prohibited", "needs_approval", "allowed_if", "allowed", "no_law_found", "unknown")
_VERDICTS = ("met", "broken", "unknown", "not_yet_due", "does_not_apply")

_FAR = f"lies outside the years {YEARS[0]} to {YEARS[-1]}"

_Check = Callable[[Any], str]


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "must be words"


def _yes_no(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _words(value: Any) -> str:
    return (
        ""
        if isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        else "must be a list of words"
    )


def _some(value: Any) -> str:
    return _words(value) or ("" if value else "must name at least one")


def _many(value: Any) -> str:
    return (
        ""
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value)
        else "must be a list of entries"
    )


def _keys(value: Any) -> str:
    return "" if isinstance(value, Mapping) else "must be a list of keys and values"


def _day(value: Any) -> str:
    try:
        day = told(value)
    except ValueError as error:
        return f"is no day ({error})"
    return "" if all(one.year in YEARS for one in (day.first, day.last) if one) else _FAR


def _one_of(*words: str) -> _Check:
    return lambda value: "" if value in words else f"must be one of {', '.join(words)}"


def _number(value: Any) -> str:
    return (
        ""
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        else "must be a number, 0 or more"
    )


def _whole(value: Any) -> str:
    return (
        ""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0
        else "must be a whole number, 0 or more"
    )


def _every(value: Any) -> str:
    fits = not _number(value) and OFTENEST <= value <= FARTHEST and (12 * value) % 1 == 0
    return "" if fits else "must be years, in whole months: 1, or 0.25 for every three months"


def _fixed(value: Any) -> str:
    found = re.fullmatch(r"(\d\d)-(\d\d)", value) if isinstance(value, str) else None
    try:
        return "must be 'MM-DD' in quotes" if not found else _date(date(2024, int(found[1]), int(found[2])))
    except ValueError as error:
        return f"is no day of a year ({error})"


def _said(value: Any) -> str:
    fits = isinstance(value, Mapping) and all(isinstance(word, str) and word for pair in value.items() for word in pair)
    return "" if fits else "must be words, each with what it says"


def _date(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        return "must be a day such as 2026-11-23"
    return "" if value.year in YEARS else _FAR


def address(value: Any) -> str:
    """What is wrong with a source's address; empty where it is words, or ``{at: words, text: true}``."""
    if isinstance(value, Mapping):
        wrong = _text(value.get("at")) and "has no address under 'at'"
        return wrong or (_yes_no(value.get("text", False)) and "must say text: true or false") or ""
    return _text(value)


# For each kind of entry: the keys it has, how each is checked, whether it must be there, and an example to write.
Shape = Mapping[str, tuple[_Check, bool, str]]
LAW: Shape = {
    "id": (_text, True, "id: us-mn-minneapolis-fr"), "name": (_text, True, "name: Minneapolis, ban on face recognition"),
    "place": (_text, True, "place: us/mn/minneapolis"), "subject": (_one_of(*SUBJECTS), True, f"subject: one of {', '.join(SUBJECTS)}"),
    "instrument": (_one_of(*INSTRUMENTS), True, f"instrument: one of {', '.join(INSTRUMENTS)}"), "citation": (_text, False, "citation: chapter and section"),
    "what": (_text, True, "what: one sentence"), "text_seen": (_yes_no, True, "text_seen: false"), "sure": (_one_of(*SURE), True, "sure: reporting"),
    "status": (_text, False, "status: in force as far as seen"), "read": (_keys, True, "read: {who: your name, on: 2026-11-23, lawyer: null}"),
    "adopted": (_keys, True, "adopted: {on: 2021-02-12, vote: 13-0, effective: unknown, source: [news]}"), "ends": (_day, False, "ends: 2022-12-31"),
    "binds": (_some, True, "binds: [city]"), "binds_sure": (_one_of(*SURE), False, "binds_sure: reporting"), "not_bound": (_words, False, "not_bound: [sheriff]"),
    "technologies": (_some, True, "technologies: [face_recognition]"), "outside": (_words, False, "outside: [face_recognition/face_detection_only]"),
    "facts": (_said, False, "facts: {some_fact: what it says}"), "events": (_many, False, "events: [{id: amended-2022, what: ..., on: 2022-07-21}]"),
    "provisions": (_many, True, "provisions: [{id: ban, topic: prohibited_acts, says: ..., prohibit: {acts: [use]}}]"),
    "sources": (_keys, True, "sources: {news: 'https://…'}"), "conflicts": (_words, False, "conflicts: [what two sources disagree about]"),
    "unseen": (_words, False, "unseen: [what was not seen]"), "cases": (_many, True, "cases: [{says: ..., ask: {...}, answer: prohibited}]"),
    "note": (_text, False, "note: words"),
}  # fmt: skip
READ: Shape = {"who": (_text, True, "who: a name"), "on": (_date, True, "on: 2026-11-23"), "lawyer": (lambda value: "" if value is None else _text(value), True, "lawyer: null")}  # fmt: skip
EVENT: Shape = {
    "id": (_text, True, "id: amended-2022"), "what": (_text, True, "what: what happened"), "on": (_day, False, "on: 2022-07-21"), "effective": (_day, False, "effective: unknown"),
    "vote": (_text, False, "vote: 4-2"), "sure": (_one_of(*SURE), False, "sure: reporting"), "source": (_words, False, "source: [news]"), "note": (_text, False, "note: words"),
}  # fmt: skip
PROVISION: Shape = {
    "id": (_text, True, "id: ban"), "topic": (_one_of(*TOPICS), True, f"topic: one of {', '.join(TOPICS)}"), "says": (_text, True, "says: our words for the clause"),
    "clause": (_text, False, "clause: '9.64.030' (in quotes, or its last zero is lost)"), "sure": (_one_of(*SURE), False, "sure: text"), "source": (_some, True, "source: [news]"),
    "from": (lambda value: "" if isinstance(value, str) else _day(value), False, "from: amended-2022, or a day"),
    "until": (lambda value: "" if isinstance(value, str) else _day(value), False, "until: amended-2022, or a day"),
    "note": (_text, False, "note: words"),
}  # fmt: skip
_SCOPE: Shape = {"acts": (_words, False, "acts: [use]"), "technologies": (_words, False, "technologies: [drone]"), "outside": (_words, False, "outside: [drone]"),
                 "bodies": (_words, False, "bodies: [police]"), "if": (_keys, False, "if: {fact: warrant}")}  # fmt: skip
_RULE: Mapping[str, Shape] = {
    "prohibit": {**_SCOPE, "acts": (_some, True, "acts: [obtain, use]")},
    "approve": {**_SCOPE, "acts": (_some, True, "acts: [obtain, use]"), "by": (_text, True, "by: council"), "proof": (_keys, False, "proof: {fact: council_approved}"),
                "instrument": (_text, False, "instrument: ordinance"), "advisory": (_text, False, "advisory: privacy commission"), "steps": (_words, False, "steps: [hearing_held]"),
                "findings": (_words, False, "findings: [benefits_outweigh_costs]"), "findings_lift": (_yes_no, False, "findings_lift: true")},
    "allow": {**_SCOPE, "acts": (_some, True, "acts: [use]"), "if": (_keys, True, "if: {fact: warrant}")},
    "except": {**_SCOPE, "of": (_some, True, "of: [ban]"), "outside_the_law": (_yes_no, False, "outside_the_law: true"), "then": (_text, False, "then: what must be done by who relies on it")},
    "hidden": {**_SCOPE, "what": (_text, True, "what: what was not seen")},
    "duty": {"what": (_text, True, "what: the yearly report"), "bodies": (_words, False, "bodies: [police]"), "technologies": (_words, False, "technologies: [drone]"),
             "met_by": (_text, True, "met_by: annual_report_published"), "clock": (_keys, False, "clock: {from: council_approved, months: 12}"), "if": (_keys, False, "if: {fact: ...}"),
             "to": (_text, False, "to: council"), "per": (_text, False, "per: technology"), "fields": (_words, False, "fields: [cost]"), "late": (_text, False, "late: what follows"),
             "no_clock": (_text, False, "no_clock: why it has none"), "gate": (_text, False, "gate: council_approved"),
             "runs_before": (_text, False, "runs_before: use_policy_published")},
    "remedy": {"kinds": (_some, True, "kinds: [injunction]"), "who": (_text, False, "who: any person"), "amount": (_text, False, "amount: words"),
               "cure_days": (_whole, False, "cure_days: 30"), "not": (_words, False, "not: [private_suit]")},
    "status": {**_SCOPE, "name": (_text, True, "name: controlled"), "if": (_keys, True, "if: {fact: ...}")},
    "preempt": {**_SCOPE, "effect": (_one_of("void", "doubt"), True, "effect: void (or doubt)"), "laws": (_words, False, "laws: [us-md-baltimore-fr]"), "places": (_words, False, "places: [us/wi/milwaukee]")},
    "define": {"word": (_text, True, "word: surveillance technology")},
}  # fmt: skip
_CLOCK: Shape = {**{unit: (_whole, False, f"{unit}: 30") for unit in _UNITS}, "from": (_text, False, "from: council_approved"), "before": (_text, False, "before: hearing_held"),
                 "fixed": (_fixed, False, "fixed: '11-01'"),
                 "every": (_every, False, "every: 1"), "extension_days": (_whole, False, "extension_days: 60"), "date": (_date, False, "date: 2022-05-01")}  # fmt: skip
CASE: Shape = {"says": (_text, True, "says: a sentence"), "ask": (_keys, True, "ask: {body: police, act: use, technology: face_recognition, on: 2021-03-01}"),
                "answer": (_one_of(*_ANSWERS, *_VERDICTS), True, "answer: prohibited")}  # fmt: skip
_CONDITIONS = ("all", "any", "not", "fact", "purpose", "act", "body", "technology", "unseen")


def shaped(entry: Mapping[str, Any], shape: Shape, path: tuple[str | int, ...], what: str) -> Iterator[Fault]:
    """What keys an entry lacks, has too many of, or holds the wrong thing under; ``what`` is the entry in words."""
    for key, (check, needed, write) in shape.items():
        if key not in entry:
            if needed:
                yield Fault(
                    path,
                    f"{what} lacks '{key}'",
                    "an answer could not be given or explained without it",
                    f"write '{write}'",
                )
        elif wrong := check(entry[key]):
            yield Fault((*path, key), f"'{key}' {wrong}", "it cannot be read as anything else", f"write '{write}'")
    for key in entry:
        if key not in shape:
            yield Fault(
                (*path, key),
                f"'{key}' is not a key of {what}",
                "a misspelt key would be passed over in silence",
                f"use one of {', '.join(shape)}",
            )


def provision_shaped(entry: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    """What is wrong with the shape of a provision, its rule, its conditions and its clock."""
    rules = [key for key in RULES if key in entry]
    yield from shaped({key: value for key, value in entry.items() if key not in RULES}, PROVISION, path, "a provision")
    if len(rules) > 1:
        yield Fault(
            (*path, rules[1]),
            f"a provision states two rules ({' and '.join(rules)})",
            "each clause is one rule, so that it can be pointed at",
            "make two provisions",
        )
    for key in rules:
        if not isinstance(entry[key], Mapping):
            yield Fault(
                (*path, key),
                f"'{key}' must be a list of keys and values",
                "it cannot be read as anything else",
                f"see docs/laws.md on {key}",
            )
            continue
        yield from shaped(entry[key], _RULE[key], (*path, key), f"'{key}'")
        for name in ("if", "proof"):
            if isinstance(entry[key].get(name), Mapping):
                yield from _condition_shaped(entry[key][name], (*path, key, name))
        if key == "duty":
            if isinstance(entry[key].get("clock"), Mapping):
                yield from _clock_shaped(entry[key]["clock"], (*path, key, "clock"))
            elif "clock" not in entry[key] and not entry[key].get("no_clock"):
                yield Fault(
                    (*path, key),
                    "a duty has no clock",
                    "nobody could say when it is due",
                    "write clock: {...}, or no_clock: why there is none",
                )
            if entry[key].get("runs_before") and "clock" not in entry[key]:
                yield Fault(
                    (*path, key, "runs_before"),
                    "a duty without a clock cannot run out",
                    "nobody could say when the event may come",
                    "write clock: {...}, or gate: the event that may not come before it is met",
                )


def _clock_shaped(clock: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    yield from shaped(clock, _CLOCK, path, "a clock")
    if "date" not in clock and "from" not in clock and "before" not in clock and "fixed" not in clock:
        yield Fault(
            path,
            "a clock does not say what starts it",
            "no day could be counted",
            "write from: (or before:) an event, a fixed day or a date",
        )
    starts = [key for key in ("date", "from", "before", "fixed") if key in clock]
    if len(starts) > 1 and (starts[0] == "date" or "before" in starts):
        yield Fault(
            path,
            f"a clock starts twice (with {' and '.join(starts)})",
            "one of them would be passed over",
            "keep one; only a fixed day may stand beside from:",
        )
    if "date" in clock and any(unit in clock for unit in _UNITS):
        yield Fault(
            path,
            "a clock counts from a day that the law itself names",
            "the count would be passed over",
            "write date: with the day on which it is due",
        )
    if len([unit for unit in _UNITS if unit in clock]) > 1:
        yield Fault(
            path, "a clock counts in two units", "one of them would be passed over", f"use one of {', '.join(_UNITS)}"
        )


def _value(value: Any) -> str:
    return "" if isinstance(value, bool | int | float) or not _text(value) else "must be true, false, a number or words"


def _condition_shaped(entry: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if not isinstance(entry, Mapping) or len([key for key in _CONDITIONS if key in entry]) != 1:
        yield Fault(
            path,
            "this is no condition",
            "whether it holds could not be told",
            f"write one of {', '.join(_CONDITIONS)}, such as {{fact: warrant}}",
        )
        return
    [key] = [key for key in _CONDITIONS if key in entry]
    extra = set(entry) - {key} - ({"is", "at_least", "at_most", "says"} if key == "fact" else set())
    if extra:
        yield Fault(
            path,
            f"'{sorted(extra)[0]}' does not belong to a condition on '{key}'",
            "it would be passed over in silence",
            "take it out",
        )
    for bound, check in (("at_least", _number), ("at_most", _number), ("says", _text), ("is", _value)):
        if bound in entry and (wrong := check(entry[bound])):
            yield Fault(
                (*path, bound),
                f"'{bound}' {wrong}",
                "nothing could be held against it",
                f"write {bound}: {'words' if bound == 'says' else 1}",
            )
    value = entry[key]
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            yield Fault(
                (*path, key),
                f"'{key}' must be a list of conditions",
                "it would always hold, or never",
                f"write {key}: [{{fact: warrant}}, …]",
            )
            return
        for i, one in enumerate(value):
            yield from _condition_shaped(one, (*path, key, i))
    elif key == "not":
        yield from _condition_shaped(value, (*path, key))
    elif key in ("fact", "unseen"):
        if _text(value):
            yield Fault((*path, key), f"'{key}' must be words", "it cannot be asked", f"write {key}: words")
    elif _words(value) or not value:
        yield Fault((*path, key), f"'{key}' must be a list of words", "it cannot be asked", f"write {key}: [word]")
