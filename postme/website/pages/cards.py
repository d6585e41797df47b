"""``/cards/….png``: a page as a picture, for those who share its address; it says what the page's own facts say, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from postme.errors import Refused
from postme.office import cards
from postme.office.cards import Card, Sign
from postme.website.pages import Facts, Page
from postme.website.templatetags import lawtalk, words

_LOOK = settings.HERE / "static/look/fonts"
_FONTS = cards.Fonts(
    _LOOK / "public-sans-latin-400-normal.woff2",
    _LOOK / "public-sans-latin-800-normal.woff2",
    _LOOK / "source-serif-4-latin-400-normal.woff2",
)
# The order in which verdicts are told: what a reader asks for first.
_VERDICTS = ("broken", "unknown", "not_yet_due", "met")
# Longer days, places and questions than an address of ours has.
_LONGEST = 400


def picture(request: HttpRequest, address: str) -> HttpResponse:
    """``/cards/<address of the page>.png``, with the page's ``?on=`` where it was asked of a day; the first page's is ``index.png``."""
    page, given = _page(address)
    # Of what a page may be asked, its day alone changes its picture.
    asked = QueryDict(mutable=True)
    if request.GET.get("on"):
        asked["on"] = request.GET["on"][:40]
    request.GET = asked  # type: ignore[assignment]
    name = "" if address == "index" else f"{address}/"

    def told() -> Card:
        facts = page.gather(request, **given)
        if facts.get("status_code") == 400:
            raise Http404(facts.get("error", ""))
        return _card(facts, f"{urlsplit(settings.SITE).netloc}/{name}")

    try:
        data = cards.picture(settings.DATA, told, _FONTS)
    except Refused as error:
        raise Http404(error.what) from error
    return HttpResponse(data, content_type="image/png")


def address_of(request: HttpRequest) -> str:
    """The whole address of the picture of the page that is asked for; empty where the page has none."""
    from postme.website import urls

    match = getattr(request, "resolver_match", None)
    if match is None or match.url_name not in urls.SHOWN or not cards.can_draw():
        return ""
    path, on = request.path_info, request.GET.get("on", "")
    language = next((f"/{code}" for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE and path.startswith(f"/{code}/")), "")  # fmt: skip
    own = path.removeprefix(language).strip("/") or "index"
    return f"{settings.SITE}{language}/cards/{quote(own)}.png" + (f"?{urlencode({'on': on})}" if on else "")


def _page(address: str) -> tuple[Page, Mapping[str, Any]]:
    from postme.website import urls

    if len(address) > _LONGEST:
        raise Http404("There is no page at this address.")
    try:
        match = resolve(words.local("/" if address == "index" else f"/{address}/"))
    except Resolver404 as error:
        raise Http404("There is no page at this address.") from error
    page = urls.SHOWN.get(match.url_name or "")
    if page is None or address == "":
        raise Http404("This page has no picture.")
    return page, match.kwargs


def _card(facts: Facts, foot: str) -> Card:
    """What the picture of a page says, by the kind of its facts; whatever was withdrawn leaves a picture that says only that."""
    ribbon = gettext("Fiction: this is made up. No real body is meant.") if facts.get("fiction") else ""
    if facts.get("status_code") == 410:
        return Card(gettext("Withdrawn"), lines=(gettext("What stood here was withdrawn. The page says when, and why."),), ribbon=ribbon, foot=foot)  # fmt: skip
    if "technology" in facts and "standing" in facts:
        return _holding(facts, ribbon, foot)
    if "signable" in facts and "ask" in facts:
        return _letter(facts, ribbon, foot)
    if "law" in facts and "force" in facts:
        return _law(facts, ribbon, foot)
    above, title = "", facts["title"]
    lines: tuple[str, ...] = (facts.get("description", ""),)
    signs: tuple[Sign, ...] = ()
    if facts["address"] == "/":
        title, lines = facts["description"], (gettext("Laws known here: {n}").format(n=facts["laws"]), gettext("Places searched: {n}").format(n=facts["places"]))  # fmt: skip
    elif "holdings" in facts and "laws" in facts and "level" in facts:
        force = sum(law["force"] == "in_force" for law in facts["laws"])
        lines = (_held(facts["holdings"]), gettext("Laws in force here: {n}").format(n=force))
        signs = _verdicts(one["standing"] for one in facts["holdings"])
    elif "holdings" in facts and "kind" in facts and "names" in facts:
        above, title, lines = facts["place"]["name"], facts["name"], (_held(facts["holdings"]), _named(facts["holdings"]))  # fmt: skip
        signs = _verdicts(one["standing"] for one in facts["holdings"])
    elif "sha256" in facts and "pages" in facts and "text" not in facts:
        above = facts["place"]["name"] if facts["place"] else ""
        day = f"{gettext('Day')}: {words.day(facts['date'])}" if facts["date"] else ""
        lines = (day, f"{gettext('Pages')}: {facts['pages']}", f"SHA-256 {words.short_hash(facts['sha256'])}")
    return Card(title, above, tuple(one for one in lines if one), None, tuple(signs), ribbon, foot)


def _holding(facts: Facts, ribbon: str, foot: str) -> Card:
    best = facts["best"]
    return Card(
        words.spoken(facts["technology"]["name"]), f"{facts['agency']['name']}, {facts['place']['name']}", (facts["note"] or words.spoken(facts["status"]),),
        (best["before"], best["quote"], best["after"]) if best else None, _verdicts([facts["standing"]]), ribbon, foot, best["sha256"] if best else "",
    )  # fmt: skip


def _law(facts: Facts, ribbon: str, foot: str) -> Card:
    first = f"{gettext('First day:')} {words.day(facts['law']['starts'])}"
    return Card(
        facts["title"], "" if facts["is_model"] else facts["place"]["name"], (facts["description"],) if facts["is_model"] else (first, facts["description"]),
        None, (Sign(lawtalk.force(facts["force"]), lawtalk.force_shape(facts["force"])),), ribbon, foot,
    )  # fmt: skip


def _letter(facts: Facts, ribbon: str, foot: str) -> Card:
    # Each level by itself: they do not show the same.
    named = {"domain": gettext("Organizations, by their own domain"), "coalition": gettext("Organizations, by the coalition’s word"), "mail": gettext("People, by mail"), "paper": gettext("People, on paper")}  # fmt: skip
    lines = [f"{words}: {facts['counts']['now'][level]:,}" for level, words in named.items() if facts["counts"]["now"][level]]  # fmt: skip
    said = gettext("Withdrawn") if facts["state"] == "withdrawn" else facts["ask"]
    return Card(facts["title"], f"{facts['coalition']}, {facts['place']['name']}", (said, *lines), None, (), ribbon, foot)  # fmt: skip


def _held(holdings: Iterable[Mapping[str, Any]]) -> str:
    counted = Counter(one["status"] for one in holdings)
    if not counted:
        return gettext("Nothing is published here of what its bodies have. No record was shown that says so, and so nothing is said of it: neither that they have something, nor that they have not.")  # fmt: skip
    return " · ".join(f"{words.spoken(status)}: {n}" for status, n in counted.most_common())


def _named(holdings: Iterable[Mapping[str, Any]]) -> str:
    return " · ".join(words.spoken(one["technology"]["name"]) for one in holdings if one["status"] == "present")


def _verdicts(standings: Iterable[Mapping[str, Any]]) -> tuple[Sign, ...]:
    counted = Counter(duty["verdict"] for one in standings for duty in one["duties"])
    return tuple(Sign(f"{counted[one]} {words.spoken(one)}", words.shape(one)) for one in _VERDICTS if counted[one])
