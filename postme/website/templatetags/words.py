"""Words on pages: days written out, sums, verdicts, technologies by the name a reader uses."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils import dateformat
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext

from postme.errors import WrongUse
from postme.form import OWN
from postme.office import counsel, questions
from postme.office.marking import clock

register = template.Library()


@register.filter
def day(value: object) -> str:
    """A day written out; one that is known in part, as ``postme.day.Day`` says it, as far as it is known; nothing is *unknown*.

    >>> day("2021-02-12"), day("in 2020-10"), day("between 2020-06-23 and 2020-12-31")
    ('12 February 2021', 'October 2020', 'between 23 June 2020 and 31 December 2020')
    """
    if not value:
        return gettext("unknown")
    if isinstance(value, datetime.datetime):
        value = value.date()
    return _written(value.isoformat() if isinstance(value, datetime.date) else str(value), get_language())


# Chosen: a list has a day in each row, and writing one out takes as long as reading it from the database.
@lru_cache(maxsize=8192)
def _written(text: str, language: str | None) -> str:
    try:
        whole = datetime.date.fromisoformat(text[:10])
    except ValueError:
        return _in_part(text)
    return dateformat.format(whole, r"j \d\e F \d\e Y" if language == "es" else "j F Y")


def _in_part(text: str) -> str:
    if found := re.fullmatch(r"(?:in )?([12]\d{3})-(0[1-9]|1[0-2])", text):
        return dateformat.format(
            datetime.date(int(found[1]), int(found[2]), 1), r"F \d\e Y" if get_language() == "es" else "F Y"
        )
    if found := re.fullmatch(r"between (\S+) and (\S+)", text):
        return gettext("between {first} and {last}").format(first=day(found[1]), last=day(found[2]))
    if text.startswith("on or after "):
        return gettext("{day} or later").format(day=day(text.removeprefix("on or after ")))
    if text.startswith("by "):
        return gettext("{day} or earlier").format(day=day(text.removeprefix("by ")))
    return gettext(text.removeprefix("in "))


@register.filter
def money(value: object) -> str:
    """A sum in dollars."""
    try:
        amount = float(str(value))
    except ValueError:
        return str(value)
    return f"${amount:,.0f}" if amount == int(amount) else f"${amount:,.2f}"


@register.filter
def spot(quote: Mapping[str, Any]) -> str:
    """Where in its record a quote stands: on which page, or how far into a recording.

    >>> spot({"page": 3, "seconds": None}), spot({"page": 1, "seconds": 3725.5})
    ('page 3', '1:02:05 into the recording')
    """
    if quote.get("seconds") is None:
        return gettext("page %(page)s") % {"page": quote["page"]}
    return gettext("%(time)s into the recording") % {"time": clock(quote["seconds"])}


@register.filter
def hyphened(value: object) -> str:
    """An id as it stands in an address."""
    return str(value).replace("_", "-")


@register.filter
def spoken(value: object) -> str:
    """A word of ours (a verdict, an answer, an act) as people say it, in the page's language."""
    return gettext(str(value).replace("_", " "))


@register.filter
def outcome(value: object) -> str:
    """What became of an act, in the page's language; the vote behind it as it is.

    >>> outcome("carried 4-3")
    'carried 4-3'
    """
    word, _, vote = str(value).partition(" ")
    return f"{gettext(word)} {vote}".strip()


@register.filter
def shape(value: object) -> str:
    """The class that draws a verdict's or an answer's shape beside its word."""
    return {
        "met": "met", "allowed": "met", "broken": "broken", "prohibited": "broken", "not_yet_due": "due", "needs_approval": "due",
        "allowed_if": "due", "unknown": "unknown", "no_law_found": "none", "does_not_apply": "none",
    }.get(str(value), "none")  # fmt: skip


@register.filter
def part_named(value: object) -> str:
    """A part of a paper: the paper's name and the question that is answered there.

    >>> part_named("use_policy.own_hours_of_use")
    'Use policy: hours of use'
    """
    kind, _, field = str(value).partition(".")
    pattern = questions.known(kind)
    asked = next((one.question for one in pattern.items if one.id == field), "") if pattern else ""
    name = pattern.name if pattern else kind.replace("_", " ")
    words = asked or field.removeprefix(f"{OWN}_").replace("_", " ")
    return ": ".join(gettext(one) for one in (name, words) if one)


@register.filter
def step_shape(value: object) -> str:
    """The class that draws the shape beside the step that a proposal stands in.

    >>> step_shape("rejected"), step_shape("open for comment")
    ('broken', 'due')
    """
    return {
        "approved": "met", "approved with conditions": "met", "in use": "met", "reported": "met", "reviewed": "met", "renewed": "met",
        "rejected": "broken", "report due": "broken", "voted for, a gate missing": "broken", "suspended": "broken", "exigent use": "unknown",
        "existing technology": "unknown", "withdrawn": "none", "ended": "none",
    }.get(str(value), "due")  # fmt: skip


@register.filter
def short_hash(value: object) -> str:
    """The beginning and the end of a hash."""
    text = str(value)
    return f"{text[:8]}…{text[-4:]}" if len(text) > 14 else text


@register.filter
def item(value: Any, key: object) -> Any:
    """What a mapping holds under a key."""
    return value.get(key) if hasattr(value, "get") else None


@register.simple_tag
def verdicts(standing: Mapping[str, Any]) -> SafeString:
    """What the law says of one holding, as ``office.standing.in_short`` has it: a country's holdings share few answers, so each is drawn once."""
    return _verdicts(get_language(), json.dumps(standing, sort_keys=True))


# Chosen: a kilobyte or two each. The key is all that the template is given, so nothing of one holding can stand at another.
@lru_cache(maxsize=4096)
def _verdicts(_language: str, standing: str) -> SafeString:
    return mark_safe(get_template("verdicts.html").render({"standing": json.loads(standing)}))  # noqa: S308  (rendered and escaped)


@register.simple_tag
def holdings_table(holdings: Any) -> SafeString:
    """The table of holdings, each as ``pages.places.holding_row`` has it, drawn by ``jinja2/holdings.html``."""
    # What the template renders is escaped there, value by value.
    return mark_safe(get_template("holdings.html").render({"holdings": holdings}))  # noqa: S308


@register.simple_tag
def made_up(fiction: object, *names: object) -> SafeString:
    """The mark of what is made up, after its name; nothing where it is real, or where one of the names beside it says so already.

    >>> made_up(True, "Mill Falls"), made_up(False, "Boston"), made_up(True, "Act of Zz (fiction)")
    (' <span class="small">(fiction)</span>', '', '')
    """
    mark = gettext("fiction")
    said = any(f"({one})" in str(name) for name in names for one in {mark, "fiction"})
    return format_html(' <span class="small">({})</span>', mark) if fiction and not said else SafeString()


@register.filter
def law_name(value: object) -> str:
    """The name of a law by its id; the id where no law here has it."""
    id_ = str(value).partition("#")[0]
    try:
        return counsel.law(id_).name
    except WrongUse:
        return id_


@register.filter
def body_kind(value: object) -> str:
    """A kind of body as people say it."""
    return pgettext("kind of body", str(value).replace("_", " "))


@register.filter
def hyphen_words(value: object) -> str:
    """An id with hyphens as words, in the page's language."""
    return gettext(str(value).replace("-", " "))


@register.filter
def told(value: object) -> str:
    """A JSON value as a reader can take it in: words as they are, lists and mappings counted or shortened."""
    if value is None:
        return gettext("unknown")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"


@register.filter
def sentence(value: object) -> str:
    """Words as a sentence: a capital where it begins and a stop where it ends, unless it has them.

    >>> sentence("a meeting was set"), sentence("Is it so?"), sentence("")
    ('A meeting was set.', 'Is it so?', '')
    """
    text = str(value or "").strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text.rstrip("”’\"')")[-1:] in (".", "!", "?", "…") else ".")


@register.filter
def law_address(value: object) -> str:
    """The page of a law, or of a provision on it, by its address in a reason: ``law#provision``."""
    law, sign, provision = str(value).partition("#")
    return local(f"/laws/{law}/{sign}{provision}")


@register.filter
def reason(value: object) -> str:
    """Why a page was not found, where a page said why in words; nothing of the program's inside."""
    text = str(value)
    return "" if "tried" in text or text.startswith("{") else text


@register.filter
def local(value: object) -> str:
    """An address of this site in the page's language: the English one stands without a prefix."""
    text, language = str(value), get_language() or "en"
    return text if language == "en" or not text.startswith("/") else f"/{language}{text}"


@register.filter
def reported_at(value: object) -> str:
    """The address that a report of an error on this page names; empty where a page takes none."""
    from postme.website import pages

    return pages.reported_at(str(value or ""))


@register.filter
def followed_at(value: object) -> str:
    """The address by which news of this page can be asked for; empty where there is none.

    >>> followed_at("/decisions/readers/"), followed_at("/decisions/readers/comments/"), followed_at("/places/us/mn/"), followed_at("/laws/")
    ('/decisions/readers/', '', '/places/us/mn/', '')
    """
    address = str(value or "")
    kind, _, rest = address.strip("/").partition("/")
    followed = rest and (kind == "places" or (kind in ("technologies", "decisions", "letters") and "/" not in rest))
    return address if followed and not address.endswith(("/address/", "/council/", "/write/")) else ""


@register.filter
def unknowns(duties: Any) -> int:
    """How many of some duties are unknown."""
    return sum(duty["verdict"] == "unknown" for duty in duties)


@register.filter
def ticked(value: object) -> SafeString:
    """Words in which names of columns and the like stand between backticks, as HTML.

    >>> ticked("`next` & more")
    '<code>next</code> &amp; more'
    """
    parts = [f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(str(value).split("`"))]
    return mark_safe("".join(parts))  # noqa: S308  (every part was escaped)


@register.filter
def fact_words(value: object) -> str:
    """A fact that laws ask for, in words."""
    return gettext(counsel.vocabulary()["facts"].get(str(value), str(value).replace("_", " ")))


_ABOUT = {
    "acquire": gettext_lazy("buying or funding"), "propose": gettext_lazy("plans or requests"), "regulate": gettext_lazy("rules"),
    "report": gettext_lazy("reports and figures"), "use": gettext_lazy("use"), "mention": gettext_lazy("named"),
}  # fmt: skip


@register.filter
def about(value: object) -> str:
    """What a passage is about, as the words near it say."""
    return str(_ABOUT.get(str(value), value))
