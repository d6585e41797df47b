"""Parts of a law in sentences, in the page's language: days in what was written, clocks, acts, subjects, where a source lies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from postme.lawshape import TOPICS
from postme.office import wording
from postme.website import reasons
from postme.website.templatetags.words import day, shape

register = template.Library()

_ISO = re.compile(r"(?<![\w/.-])\d{4}-\d\d-\d\d(?![\w-])")
_SUBJECTS = {
    "face_recognition": gettext_lazy("Face recognition"), "community_control": gettext_lazy("Council approval of surveillance technology"),
    "military_equipment": gettext_lazy("Military equipment"), "drone": gettext_lazy("Drones"), "alpr": gettext_lazy("License plate readers"),
    "body_worn_camera": gettext_lazy("Body cameras"), "location_data": gettext_lazy("Location of phones"), "biometrics": gettext_lazy("Measures of the body (biometrics)"),
}  # fmt: skip
_FORCE = {
    "in_force": (gettext_lazy("In force"), "stands"), "not_yet": (gettext_lazy("Not yet in force"), "due"), "not_adopted": (gettext_lazy("Not adopted by then, as far as seen"), "none"), "ended": (gettext_lazy("No longer in force"), "none"),
    "unknown": (gettext_lazy("Unknown"), "unknown"), "model": (gettext_lazy("A model, in force nowhere"), "none"),
}  # fmt: skip
_ACTS = {
    "obtain": gettext_lazy("get {thing}"), "retain": gettext_lazy("keep {thing}"), "possess": gettext_lazy("have {thing}"), "access": gettext_lazy("reach {thing} or its data"),
    "use": gettext_lazy("use {thing}"), "request": gettext_lazy("ask somebody else to use {thing} for them"),
    "receive_derived": gettext_lazy("use what somebody else found with {thing}"), "contract_third_party": gettext_lazy("make an agreement with somebody who uses {thing}"),
    "permit_third_party": gettext_lazy("let somebody else use {thing}"), "deploy": gettext_lazy("put {thing} in place"), "share": gettext_lazy("hand on data from {thing}"),
    "sell": gettext_lazy("sell data from {thing}"), "profit": gettext_lazy("profit from data from {thing}"),
}  # fmt: skip
_STANDING = {
    "has it": "stands", "stronger": "stands", "adds it": "stands", "has it, differently": "due", "weaker": "due", "lacks it": "none", "not known": "unknown",
}  # fmt: skip


@register.filter
def said(value: object) -> str:
    """Words of our data in the page's language, where somebody has translated them."""
    text = str(value or "")
    return gettext(text) if text.strip() else ""


@register.filter
def ours(value: object, how: str = "") -> SafeString:
    """A sentence or a word about laws: in the page's language where somebody translated it, else in English and marked so; its days written out.

    ``first`` makes its first letter a capital. On an English page nothing has to be marked.
    """
    whole = str(value or "")
    sign = ": " if whole.startswith(": ") else ""  # what follows a law's name
    text, translated = reasons.said(whole.removeprefix(sign))
    text = dated(sign + text)
    text = text[:1].upper() + text[1:] if how == "first" else text
    return format_html("{}" if translated else '<span lang="en">{}</span>', text)


@register.filter
def every_of_ours(value: Iterable[object], between: str = "; ") -> SafeString:
    """Several of them in a row."""
    return format_html_join(between, "{}", ((ours(one),) for one in value))


@register.filter
def words_of(value: object) -> str:
    """An id in words: a body, an agency, a technology, an act, a purpose."""
    return said(wording.named(str(value)))


@register.filter
def place_name(value: object) -> str:
    """A place with its state."""
    return wording.place(str(value), gettext)


@register.filter
def dated(value: object) -> str:
    """Each day in a sentence written out.

    >>> dated("not yet in force on 2021-02-11")
    'not yet in force on 11 February 2021'
    """
    return _ISO.sub(lambda found: day(found[0]), str(value))


@register.filter
def subject(value: object) -> str:
    """What a law is about, as a reader says it."""
    return str(_SUBJECTS.get(str(value)) or str(value).replace("_", " ").capitalize())


@register.filter
def topic(value: object) -> str:
    """The heading over a law's clauses of one kind."""
    text = said(TOPICS.get(str(value), str(value).replace("_", " ")))
    return text[:1].upper() + text[1:]


@register.filter
def force(value: object) -> str:
    """How a law stands on a day, in words."""
    return str(_FORCE[str(value)][0])


@register.filter
def force_shape(value: object) -> str:
    """The class that draws the shape beside it."""
    return _FORCE[str(value)][1]


@register.filter
def standing_shape(value: object) -> str:
    """The class that draws the shape beside a word of a comparison."""
    return _STANDING.get(str(value), "none")


@register.filter
def standing(value: object) -> str:
    """How the second of two laws stands to the first in one topic, in a word."""
    return gettext("cannot be told") if value == "not known" else gettext(str(value))


@register.filter
def act(value: object, thing: str) -> str:
    """An act with what it is done with.

    >>> act("request", "drones")
    'ask somebody else to use drones for them'
    """
    phrase = str(_ACTS.get(str(value)) or str(value).replace("_", " ") + " {thing}")
    return phrase.replace("{thing}", thing)


@register.filter
def inside(value: object) -> str:
    """A name as it stands inside a sentence: its first letter small, unless the word is an abbreviation.

    >>> inside("Face recognition"), inside("CCTV")
    ('face recognition', 'CCTV')
    """
    text = str(value)
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


@register.filter
def outcome_shape(value: object) -> str:
    """The class that draws the shape beside what came of one step of a reason."""
    known = {
        "shown": "stands",
        "yes": "stands",
        "no": "none",
        "not shown": "none",
        "lifted": "stands",
        "lifted if": "due",
        "in doubt": "unknown",
        "void": "none",
        "preempted": "none",
    }
    return known.get(str(value)) or shape(value)


@register.filter
def law_named(node: Mapping[str, Any], every: Mapping[str, str]) -> str:
    """The name of the law that a step of a reason is about; empty where it is about less than a law."""
    return every.get(node.get("address", ""), "")


@register.filter
def without(value: object, beginning: str) -> str:
    """A sentence without the name that it begins with, which stands before it as a link.

    >>> without("Maine, face recognition: it binds the state", "Maine, face recognition")
    ': it binds the state'
    """
    return str(value).removeprefix(beginning)


@register.filter
def item_says(value: object, law: Mapping[str, Any]) -> str:
    """What a clause of a law says, by its id; the id where the law has none."""
    return next((one["says"] for one in law["provisions"] if one["id"] == value), str(value))


@register.filter
def anchor(value: object) -> str:
    """An id as a place in a page.

    >>> anchor("face_recognition/real_time")
    'face-recognition-real-time'
    """
    return re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")


@register.filter
def law_address(value: object) -> str:
    """Where a step of a reason is explained: ``law#provision`` or a fact. Empty where no page explains it."""
    text = str(value or "")
    law, sign, provision = text.partition("#")
    if sign or re.fullmatch(r"[a-z0-9]+(-[a-z0-9.]+)+", law):
        try:
            return reverse("law", args=[law]) + (f"#{provision}" if sign else "")
        except NoReverseMatch:
            return ""
    if re.fullmatch(r"[a-z0-9_]+", text):
        return f"{reverse('law-words')}#fact-{anchor(text)}"
    return ""


@register.filter
def source(value: object) -> dict[str, str]:
    """A source: its address where it has one, the words that name it, and what was written behind the address.

    >>> source("https://www.example.org/a?b=1 (repeats 7071)")
    {'href': 'https://www.example.org/a?b=1', 'name': 'example.org', 'rest': '(repeats 7071)'}
    """
    text = str(value)
    first, _, rest = text.partition(" ")
    if not first.startswith(("https://", "http://")):
        return {"href": "", "name": text, "rest": ""}
    try:
        host = urlsplit(first).hostname or first
    except ValueError:
        return {"href": "", "name": text, "rest": ""}
    return {"href": first, "name": host.removeprefix("www."), "rest": rest}


@register.filter
def clock(value: Mapping[str, Any]) -> str:
    """When something is due, as a sentence without its full stop."""
    parts = []
    if value["date"]:
        parts.append(gettext("by {day}").format(day=day(value["date"])))
    if value["count"]:
        parts.append(_span(value))
    elif value["from"] and not value["fixed"] and not value["date"]:
        before = gettext("before this: {event}") if value["before"] else gettext("as soon as this holds: {event}")
        parts.append(before.format(event=said(value["from"])))
    if value["fixed"]:
        month, _, number = value["fixed"].partition("-")
        parts.append(
            gettext("by {day}").format(
                day=day(f"2000-{month}-{number}").removesuffix("2000").removesuffix(" de ").strip()
            )
        )
        if value["from"] and not value["count"]:
            parts.append(gettext("from this on: {event}").format(event=said(value["from"])))
    if value["every"]:
        parts.append(_often(value["every"]))
    if value["extension"]:
        parts.append(
            ngettext(
                "it may be put off by up to {n} day", "it may be put off by up to {n} days", value["extension"]
            ).format(n=value["extension"])
        )
    return ", ".join(parts)


def _span(value: Mapping[str, Any]) -> str:
    count = value["count"]
    units = {
        "days": ngettext("{n} day", "{n} days", count), "business_days": ngettext("{n} business day", "{n} business days", count),
        "weeks": ngettext("{n} week", "{n} weeks", count), "months": ngettext("{n} month", "{n} months", count), "years": ngettext("{n} year", "{n} years", count),
    }  # fmt: skip
    span = units[value["unit"]].format(n=count)
    if value["before"]:
        return gettext("at least {span} before this: {event}").format(span=span, event=said(value["from"]))
    return gettext("within {span} of this: {event}").format(span=span, event=said(value["from"]))


def _often(years: float) -> str:
    if years == 1:
        return gettext("every year")
    if years == int(years):
        return gettext("every {n} years").format(n=int(years))
    months = round(years * 12)
    return gettext("every month") if months == 1 else gettext("every {n} months").format(n=months)
