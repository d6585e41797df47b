"""``/laws/compare/``: two laws, or a law and a model, topic by topic."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from postme.compare import Side
from postme.errors import WrongUse
from postme.law import Law
from postme.office import asking, counsel, wording
from postme.website.pages import Facts, Page
from postme.website.pages.laws import day_asked


def _compared(request: HttpRequest) -> Facts:
    day, typed, wrong_day = day_asked(request)
    asked = {key: request.GET.get(key, "").strip()[:120] for key in ("first", "second")}
    if not asked["first"]:
        asked["first"] = _of_place(request.GET.get("place", "").strip()[:120])
    found, errors = _chosen(asked)
    missing = (
        {}
        if len(found) != 1 or errors
        else {"second" if "first" in found else "first": gettext("Choose a second law to hold beside it.")}
    )
    if wrong_day:
        errors["on"] = wrong_day
    facts: Facts = {
        "title": gettext("Compare two laws"), "address": "/laws/compare/", "on": day.isoformat() if typed and not wrong_day else None, "typed": typed, "asked": asked,
        "description": gettext("Two laws, or a law and a model, topic by topic: what one has, has weaker, or lacks."), "errors": errors, "missing": missing,
        "choices": _choices(), "topics": [], "status_code": 400 if errors else 200,
    }  # fmt: skip
    if len(found) == 2 and not errors:
        first, second = found["first"], found["second"]
        rows = counsel.held_against(first, second, day if typed else None)
        words = [row.standing.value for row in rows]
        facts |= {
            "first": _law(first), "second": _law(second), "fiction": wording.FICTION in (first.place.state, second.place.state),
            "topics": [
                {"topic": row.topic, "standing": row.standing.value, "why": row.why, "first": _side(row.first, first), "second": _side(row.second, second)}
                for row in rows
            ],
            "counts": {word: words.count(word) for word in dict.fromkeys(words)},
            "title": gettext("{second} beside {first}").format(first=first.name, second=second.name),
        }  # fmt: skip
    return facts


def _of_place(place: str) -> str:
    """The first law of a place, by its name in the list, for who comes from the place's page; empty where there is none."""
    found = asking.places_named(place)
    own = [law for law in counsel.every() if (law.place.short,) == found]
    return min(own, key=lambda law: law.name).id if own else ""


def _chosen(asked: dict[str, str]) -> tuple[dict[str, Law], dict[str, str]]:
    found, errors = {}, {}
    for key, id_ in asked.items():
        if id_:
            try:
                found[key] = counsel.law(id_)
            except WrongUse as error:
                errors[key] = gettext("No law here has this id.") + " " + error.do
    if len(found) == 2 and found["first"] is found["second"]:
        errors["second"] = gettext("Both are the same law. Choose another one.")
    return found, errors


def _law(law: Law) -> dict[str, Any]:
    return {
        "id": law.id, "name": law.name, "place": law.place.short, "what": law.what, "text_seen": law.text_seen, "unseen": len(law.unseen),
        "fiction": law.place.state == wording.FICTION, "model": law.instrument == "model",
    }  # fmt: skip


def _side(side: Side, law: Law) -> list[dict[str, str]]:
    return [
        {"id": one.id, "says": one.says, "address": f"{law.id}#{one.id}", "sure": one.sure.value}
        for one in side.provisions
    ]


def _choices() -> list[dict[str, str]]:
    every = [{"id": law.id, "name": law.name, "group": law.subject} for law in counsel.every()]
    models = [{"id": law.id, "name": law.name, "group": "models"} for law in counsel.models()]
    return [*models, *sorted(every, key=lambda one: (one["group"], one["name"]))]


PAGE = Page("compare.html", _compared, ("choices",))
