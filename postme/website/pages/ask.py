"""``/laws/ask/``: may this body do this act with that technology, for that purpose, on that day, and why? A form whose answer has an address."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from postme.because import Permission, Question
from postme.condition import Fact
from postme.errors import WrongUse
from postme.keeping.store.models import Place
from postme.law import Case, Law
from postme.office import asking, counsel, wording
from postme.place import placed
from postme.rule import YEARS
from postme.website.pages import Facts, Page

_FIELDS = ("place", "which", "body", "act", "technology", "purpose", "on")
# Chosen: what a visitor sees first: the question that most laws here answer.
_FIRST = {"body": "police", "act": "use", "technology": "face_recognition"}
# Chosen: no question that any law here can use states as many.
_MOST_FACTS = 60
_LONGEST = 120
_FINDING = re.compile(r"finding:[a-z0-9_]+")


def _ask(request: HttpRequest) -> Facts:
    typed = {key: request.GET.get(key, "").strip() for key in _FIELDS}
    stated = {
        key[5:]: value for key in request.GET if key.startswith("fact.") and (value := request.GET.get(key, "").strip())
    }
    begun = any(typed[key] for key in ("place", "body", "act", "technology"))
    facts: Facts = {
        "title": gettext("Ask the law"), "address": "/laws/ask/", "begun": begun, "errors": {}, "missing": {}, "candidates": [],
        "description": gettext("May a public body use a technology, on a day and for a purpose? An answer with its reasons and sources."),
        "typed": {key: value[:_LONGEST] for key, value in (typed if begun else typed | _FIRST).items()}, "choices": _choices(),
        "settling": [],
    }  # fmt: skip
    if not begun:
        return facts
    errors: dict[str, str] = {}
    # What is not said yet is asked for; only what is said and means nothing is an error.
    missing = {key: gettext(message) for key, message in _WANTED.items() if not typed[key]}
    if typed["body"] in counsel.vocabulary()["agencies"]:
        missing.pop("place", None)  # a named agency has its place
    day = _day(typed["on"], errors)
    where, facts["candidates"] = _place(typed, errors) if typed["place"] else ("", [])
    told = _facts(stated, errors)
    _known(typed, errors)
    if missing and not errors:
        return facts | {"missing": missing, "settling": _settling((), stated)}
    if not errors:
        try:
            question = counsel.question(
                where,
                typed["body"],
                typed["act"],
                typed["technology"],
                day,
                purpose=typed["purpose"] or None,
                facts=told,
                any_place=True,
            )
        except WrongUse as error:
            errors[(error.where or "").removeprefix("--") or "question"] = _plain(error)
    if missing and [*errors] == ["place"] and len(asking.places_named(typed["place"])) > 1:
        # Who comes with a place alone has asked nothing yet; that several bear its name is the form's next question.
        return facts | {"missing": {**missing, "place": errors["place"]}, "settling": _settling((), stated)}
    if errors:
        return facts | {"errors": errors, "missing": missing, "status_code": 400, "settling": _settling((), stated)}
    if asking.places_named(wording.place(question.place)) == (question.place,):  # shown as people write it
        facts["typed"]["place"], facts["typed"]["which"] = wording.place(question.place), ""
    return facts | _answered(question, stated)


_WANTED = {
    "place": _("Write a town, a county or a state. The same act is allowed in one town and forbidden in the next."),
    "body": _("Choose whose act you ask about."),
    "act": _("Choose what they would do."),
    "technology": _("Choose a technology."),
}


_OFFERED = {"body": ("bodies", "agencies"), "act": ("acts",), "technology": ("technologies",), "purpose": ("purposes",)}


def _known(typed: Mapping[str, str], errors: dict[str, str]) -> None:
    """An error beside each choice that is none of those that are offered, though others may still be missing."""
    every = counsel.vocabulary()
    for key, kinds in _OFFERED.items():
        if typed[key] and not any(typed[key] in every[kind] for kind in kinds):
            errors[key] = gettext("No law here knows “{word}”. Choose from the list.").format(
                word=typed[key][:_LONGEST]
            )


def _plain(error: WrongUse) -> str:
    return f"{error.what} {error.do}".replace("All words: postme law words.", "").strip()


def _day(typed: str, errors: dict[str, str]) -> datetime.date:
    now = datetime.datetime.now(datetime.UTC).date()
    if not typed:
        return now
    try:
        day = datetime.date.fromisoformat(typed)
    except ValueError:
        errors["on"] = gettext("This is no day. Write it as 2021-02-12: year, month, day.")
        return now
    if day.year not in YEARS:
        errors["on"] = gettext("Choose a day between the years 1800 and 2999.")
    return day


def _place(typed: Mapping[str, str], errors: dict[str, str]) -> tuple[str, list[dict[str, str]]]:
    """The one place that is meant, else which may be; an error beside the field where it is not one."""
    name = typed["place"]
    published = (
        Place.objects.visible().filter(name__iexact=name[:_LONGEST])
        if "/" not in name
        else Place.objects.visible().filter(pk=name[:_LONGEST])
    )
    found = list(dict.fromkeys((*asking.places_named(name), *published.values_list("pk", flat=True)[:20])))
    if typed["which"] in found:
        return typed["which"], _named(found) if len(found) > 1 else []
    if len(found) == 1:
        return found[0], []
    if found:
        errors["place"] = gettext("Several places bear this name. Choose one.")
        return "", _named(found)
    near = list(asking.places_near(name))
    try:
        own = placed(name.lower()).short
    except ValueError:
        own = ""
    if own and own.count("/") == 2 and asking.places_named(own.rpartition("/")[0]):
        if typed["which"] == own:
            return own, []
        near.append(own)
    if typed["which"] in near:
        return typed["which"], []
    unknown = gettext("No place of this name is in our table of towns, counties and states.")
    errors["place"] = (
        f"{unknown} {gettext('Did you mean one of these?')}"
        if near
        else f"{unknown} {gettext('Add the state, as in: Minneapolis, Minnesota.')}"
    )
    return "", _named(near)


def _named(ids: list[str]) -> list[dict[str, str]]:
    return [{"id": id_, "name": wording.place(id_, gettext)} for id_ in ids[:60]]


def _facts(stated: Mapping[str, str], errors: dict[str, str]) -> dict[str, Fact]:
    """What the visitor states; an error beside each fact that is not one, or not said as it must be."""
    known, kinds = counsel.vocabulary()["facts"], asking.fact_kinds()
    if len(stated) > _MOST_FACTS:
        errors["facts"] = gettext("Too many facts were given.")
        return {}
    told = {}
    for key, value in stated.items():
        if key not in known and not _FINDING.fullmatch(key):
            errors["facts"] = gettext("No law here asks for the fact “{fact}”.").format(fact=key[:_LONGEST])
            continue
        try:
            fact = counsel.stated(value[:_LONGEST])
        except WrongUse as error:
            errors[f"fact.{key}"] = _plain(error)
            continue
        kind = kinds.get(key, "yes_no")
        if kind == "yes_no" and not isinstance(fact.value, bool):
            errors[f"fact.{key}"] = gettext("Answer yes or no, or with the day since which it is so, as 2021-02-12.")
        elif kind == "number" and (isinstance(fact.value, bool | str) or not isfinite(fact.value)):
            errors[f"fact.{key}"] = gettext("Write a number.")
        else:
            told[key] = fact
    return told


def _answered(question: Question, stated: Mapping[str, str]) -> Facts:
    asked = counsel.ask(question, datetime.datetime.now(datetime.UTC).date())
    found = asked.permission
    trace = found.printed(question)
    decides = wording.reason(found)
    every = {law.id: law.name for law in counsel.every()}
    return {
        **trace, "notes": [*asked.notes, *found.notes], "address": address(question, stated), "place": {"id": question.place, "name": wording.place(question.place, gettext)},
        "fiction": placed(question.place).state == wording.FICTION, "reason": decides.printed() if decides else None,
        "tree": [node for node in trace["because"] if node["outcome"] != "silent"], "silent": [node for node in trace["because"] if node["outcome"] == "silent"],
        "lawnames": {id_: every[id_] for id_ in found.looked_through}, "looked": [{"id": id_, "name": every[id_]} for id_ in found.looked_through], "settling": _settling(found.unknown_facts, stated),
        "settles": found.answer.value in ("unknown", "allowed_if", "needs_approval"), "kinds": _kinds(found, question, stated),
        "other": [_with_names(one, every) for one in found.unknown_facts if not _is_fact(one) and not one.startswith("kind of ")],
    }  # fmt: skip


def _is_fact(one: str) -> bool:
    return bool(_FINDING.fullmatch(one)) or one in counsel.vocabulary()["facts"]


def _with_names(text: str, every: Mapping[str, str]) -> str:
    for id_ in sorted(every, key=len, reverse=True):
        text = text.replace(id_, every[id_]) if id_ in text else text
    return text


def _kinds(found: Permission, question: Question, stated: Mapping[str, str]) -> list[dict[str, str]]:
    """The kinds of the technology, each with the address of the same question about it, where the kind would decide."""
    if not any(one.startswith("kind of ") for one in found.unknown_facts):
        return []
    family = f"{question.technology}/"
    return [
        {"says": says, "address": address(_about(question, id_), stated)} for id_, says in counsel.vocabulary()["technologies"].items() if id_.startswith(family)
    ]  # fmt: skip


def _about(question: Question, technology: str) -> Question:
    return Question(
        question.place, question.body, question.act, technology, question.on, question.purpose, question.facts
    )


def _settling(open_: tuple[str, ...], stated: Mapping[str, str]) -> list[dict[str, str]]:
    """The facts to ask for: those that the visitor stated, then those that could settle the answer."""
    kinds, says = asking.fact_kinds(), counsel.vocabulary()["facts"]
    keys = dict.fromkeys((*list(stated)[:_MOST_FACTS], *(one for one in open_ if _is_fact(one))))
    return [
        {"id": key[:_LONGEST], "says": says.get(key) or key[:_LONGEST].replace("finding:", "finding: ").replace("_", " "), "kind": kinds.get(key, "yes_no"), "said": _shown(stated.get(key, ""))}
        for key in keys
    ]  # fmt: skip


def _shown(said: str) -> str:
    return {"true": "yes", "false": "no"}.get(
        said.lower(), said.lower() if said.lower() in ("yes", "no") else said[:_LONGEST]
    )


def _choices() -> dict[str, Any]:
    every = counsel.vocabulary()
    return {
        kind: [{"id": id_, "says": says} for id_, says in every[kind].items()] for kind in ("bodies", "agencies", "acts", "purposes", "technologies")
    }  # fmt: skip


def address(question: Question, stated: Mapping[str, str]) -> str:
    """The address of an answer: the whole question stands in it, so that it can be sent to somebody."""
    given = {
        "place": question.place, "body": question.body, "act": question.act, "technology": question.technology, "purpose": question.purpose or "",
        "on": question.on.isoformat(), **{f"fact.{key}": value for key, value in stated.items()},
    }  # fmt: skip
    return "/laws/ask/?" + urlencode({key: value for key, value in given.items() if value}, safe="/:")


def address_of_case(case: Case, law: Law) -> str | None:
    """The address at which a law's worked case is asked; ``None`` where it asks for a duty."""
    asked = case.ask
    if "duty" in asked:
        return None
    question = Question(
        str(asked.get("place", law.place.short)), str(asked.get("body", law.binds[0])), str(asked.get("act", "use")),
        str(asked.get("technology", law.technologies[0])), asked["on"], asked.get("purpose"),
    )  # fmt: skip
    return address(question, {key: _said(counsel.stated(value)) for key, value in asked.get("facts", {}).items()})


def _said(fact: Fact) -> str:
    if fact.on and fact.value is True:
        return fact.on.isoformat()
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    return f"{fact.value:g}" if isinstance(fact.value, float) else str(fact.value)


# The twin is the trace of the answer: what the form offers is the same for every question.
PAGE = Page("ask.html", _ask, ("choices", "typed", "tree", "silent", "settling", "lawnames"))
