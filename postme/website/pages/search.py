"""``/search/``: one box over everything that is public, with counts to narrow it down; its ``.json`` twin, and a feed to come back to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from postme import query
from postme.keeping.store import knowing, seeking
from postme.keeping.store.finding import KINDS, SAID
from postme.keeping.store.models import Findable, PublicRecord, Version
from postme.office import counsel, glossary, wording
from postme.website import atom
from postme.website.pages import Facts, Page

# Chosen: what a reader looks through at once.
_A_PAGE = 20
# Chosen: of one facet, as many values as help to choose.
_OFFERED = 12
_FED = 50
LABELS = {
    "place": _("Places"), "agency": _("Agencies"), "technology": _("Technologies"), "vendor": _("Makers"), "law": _("Laws"), "evidence": _("Evidence"),
    "page": _("Pages of records"), "decision": _("Proposals"), "paper": _("Papers"), "letter": _("Open letters"), "audit": _("Bias audits"),
}  # fmt: skip
_FILTERS = ("kind", "state", "place", "technology", "year", "since", "until")
_SHAPES = {
    "kind": re.compile("|".join(KINDS)), "state": re.compile("us/[a-z]{2}"), "place": re.compile(r"us[^\s]{0,198}"), "technology": re.compile("[a-z0-9_]{1,60}"),
    "year": re.compile("[0-9]{4}"), "since": re.compile("[0-9]{4}(-[0-9]{2}){0,2}"), "until": re.compile("[0-9]{4}(-[0-9]{2}){0,2}"),
}  # fmt: skip


def _facts(request: HttpRequest) -> Facts:
    said = _said(request)
    filters, wrong = _filters(request)
    number = _number(request)
    known()
    found = _sought(said, filters, limit=_A_PAGE, offset=(number - 1) * _A_PAGE)
    numbers = max(1, -(-sum(n for _kind, n in found.facets["kind"]) // _A_PAGE))
    if number > numbers and found.total:
        number = numbers
        found = _sought(said, filters, limit=_A_PAGE, offset=(number - 1) * _A_PAGE)
    given = {"q": said, **filters}
    return {
        "title": gettext("Search: {words}").format(words=said) if said else gettext("Search"), "description": gettext("Search what councils decide, open letters, evidence, records and laws."),
        "address": "/search/", "q": said, "filters": [_filter(key, value, given) for key, value in filters.items()], "wrong": wrong,
        "empty": found.query.empty, "cut": found.query.cut, "total": found.total, "more": found.more, "begun": found.begun,
        "exact": [_hit(hit, found.query) for hit in found.exact] if number == 1 else [], "groups": _groups(found), "facets": list(_facets(found, given)),
        "number": number, "numbers": numbers, "did_you_mean": found.did_you_mean or None, "looked_through": None if found.total else looked_through(),
        "meant_address": f"?{urlencode({**given, 'q': found.did_you_mean})}", "json_address": f"/search.json?{urlencode(given)}",
        "feed_address": f"/search.atom?{urlencode(given)}", "all_address": f"?{urlencode({'q': said})}",
        "followed": f"/search/?{urlencode(given)}",
    }  # fmt: skip


def _sought(said: str, filters: dict[str, str], *, limit: int, offset: int = 0, newest: bool = False) -> seeking.Found:
    chosen = {key: filters.get(key, "") for key in _FILTERS}
    return seeking.sought(
        said, kind=chosen["kind"], state=chosen["state"], place=chosen["place"], technology=chosen["technology"], year=chosen["year"],
        since=chosen["since"], until=chosen["until"], limit=limit, offset=offset, newest=newest,
    )  # fmt: skip


def _said(request: HttpRequest) -> str:
    # What cannot be written in UTF-8 or shown on a page is left out, so that page, twin and feed say the same.
    said = request.GET.get("q", "").encode("utf-8", "ignore").decode()
    return "".join(letter if letter.isprintable() else " " for letter in said[: query.LONGEST + 1]).strip()


def _filters(request: HttpRequest) -> tuple[dict[str, str], list[str]]:
    """The filters that mean something, and the names of those that mean nothing and were left out."""
    given = {key: request.GET.get(key, "").strip() for key in _FILTERS}
    right = {key: value for key, value in given.items() if value and _SHAPES[key].fullmatch(value)}
    return right, [key for key, value in given.items() if value and key not in right]


def _number(request: HttpRequest) -> int:
    said = request.GET.get("page", "")
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 6 else 1


_ready: set[str] = set()


def known() -> None:
    """See once in a process that what the package knows can be found."""
    name = str(connection.settings_dict["NAME"])
    if name not in _ready:
        knowing.refreshed(settings.CATALOGUES)
        _ready.add(name)


def _hit(hit: seeking.Hit, asked: query.Query) -> dict[str, Any]:
    title, marks = hit.title, hit.title_marks
    if hit.kind == "technology" and (said := gettext(title)) != title:
        title, marks = said, tuple(query.marks(asked, said))
    return {
        "kind": hit.kind, "address": hit.address, "about": hit.about, "title": title, "title_marks": [list(one) for one in marks],
        "snippet": hit.snippet, "marks": [list(one) for one in hit.marks], "own_words": hit.own_words,
        "place": {"id": hit.place, "name": _named(hit.place)} if hit.place else None, "technologies": list(hit.technologies), "date": hit.date,
        "fiction": hit.fiction, "page": _page_number(hit),
    }  # fmt: skip


def _named(place: str) -> str:
    # No state is called Zz; that it is made up is said beside it.
    return wording.unmarked(place, gettext) if place == f"us/{wording.FICTION}" else counsel.place_name(place)


def _page_number(hit: seeking.Hit) -> int | None:
    found = re.match(r"/records/[0-9a-f]{64}/([0-9]+)/", hit.address)
    return int(found[1]) if found else None


def _groups(found: seeking.Found) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for hit in found.rows:
        groups.setdefault(hit.kind, []).append(_hit(hit, found.query))
    return [{"kind": kind, "label": LABELS[kind], "rows": hits} for kind, hits in groups.items()]


def _facets(found: seeking.Found, given: dict[str, str]) -> list[dict[str, Any]]:
    names = {"kind": _("Kind"), "state": _("State"), "technology": _("Technology"), "year": _("Year")}
    return [
        {
            "key": key, "label": names[key],
            "values": [{"value": value, "label": _label(key, value), "count": n, "address": f"?{urlencode({**given, key: value})}"} for value, n in values[:_OFFERED]],
        }
        for key, values in found.facets.items()
        if key not in given and len(values) > (1 if key in ("kind", "state") else 0)
    ]  # fmt: skip


def _filter(key: str, value: str, given: dict[str, str]) -> dict[str, str]:
    rest = urlencode({name: said for name, said in given.items() if name != key})
    return {"key": key, "value": value, "label": _label(key, value), "address": f"?{rest}"}


def _label(key: str, value: str) -> str:
    if key == "kind":
        return LABELS[value]
    if key == "technology":
        known = glossary.catalogue().technologies.get(value)
        return known.name if known else value
    if value == "us/zz":
        return wording.place(value, gettext)
    if key in ("state", "place"):
        try:
            return counsel.place_name(value)
        except ValueError:
            return value
    return value


_counted: dict[str, tuple[int, dict[str, int]]] = {}


def looked_through() -> dict[str, int]:
    """What a search here goes through: published records and their pages, how many of those nobody could read, proposals, papers, letters and audits; counted once a publication."""
    name = str(connection.settings_dict["NAME"])
    leaf = Version.objects.order_by("-leaf").values_list("leaf", flat=True).first()
    newest = -1 if leaf is None else int(leaf)
    if name not in _counted or _counted[name][0] != newest:
        rows = PublicRecord.objects.visible()
        said = dict(
            Findable.objects.filter(kind__in=SAID)
            .order_by()
            .values_list("kind")
            .annotate(n=Count("address", distinct=True))
        )
        sums = rows.aggregate(pages=Sum("pages"), unreadable=Sum("unreadable"))
        _counted[name] = (
            newest,
            {
                "records": rows.count(),
                **{key: value or 0 for key, value in sums.items()},
                **{f"{kind}s": said.get(kind, 0) for kind in sorted(SAID)},
            },
        )
    return dict(_counted[name][1])


def feed(request: HttpRequest) -> HttpResponse:
    """``/search.atom?q=…``: what finds a question, as a feed, what was published last first. Each entry says why it is in it."""
    said = _said(request)
    filters, _wrong = _filters(request)
    known()
    found = _sought(said, filters, limit=_FED, newest=True)
    # A word that is only begun would bring other things each day.
    rows = () if found.begun else found.rows
    newest = Version.objects.order_by("-leaf").values_list("at", flat=True).first()
    address = f"{settings.SITE}/search.atom?{urlencode({'q': said, **filters})}"
    page = f"{settings.SITE}/search/?{urlencode({'q': said, **filters})}"
    answer = atom.feed(
        address, page, f"postme: {said}" if said else "postme", [_fed(hit) for hit in rows if hit.changed], newest
    )
    return HttpResponse(answer, content_type="application/atom+xml; charset=utf-8")


def newest(request: HttpRequest, most: int) -> tuple[seeking.Hit, ...]:
    """What finds a question, what was published last first, as its feed has it."""
    known()
    found = _sought(_said(request), _filters(request)[0], limit=most, newest=True)
    return () if found.begun else found.rows


def _fed(hit: seeking.Hit) -> atom.Item:
    words = list(dict.fromkeys(hit.snippet[a:b] for a, b in hit.marks))
    named = list(dict.fromkeys(hit.title[a:b] for a, b in hit.title_marks))
    where = {
        "page": "the text of this page",
        "evidence": "this passage of a record",
        "paper": "what this paper answers",
        "letter": "the words of this letter",
        "audit": "what this audit found",
    }.get(hit.kind, "its description")
    why = [f"{_quoted(words)} in {where}"] if words else []
    why += [f"{_quoted(named)} in its title"] if named else []
    fiction = "Fiction: this is made up. " if hit.fiction else ""
    summary = f"{fiction}It matched: {'; '.join(why) or 'by its other names'}. {hit.snippet}"
    title = f"{hit.title}, page {_page_number(hit)}" if _page_number(hit) else hit.title
    own = f"{hit.about}#{hit.address.partition('#q-')[2]}" if hit.kind == "evidence" else hit.address
    return atom.Item(
        f"{settings.SITE}{own}",
        f"{settings.SITE}{hit.address}",
        title,
        summary,
        hit.changed or "",
        (hit.kind, *hit.technologies),
    )


def _quoted(words: list[str]) -> str:
    return ", ".join(f"“{' '.join(word.split())}”" for word in words[:6])


PAGE = Page(
    "search.html",
    _facts,
    aside=("json_address", "feed_address", "all_address", "meant_address", "followed"),
    still=True,
    asks=frozenset({"q", "page", *_FILTERS}),
    longest=200,  # chosen: what people type into a search
)
