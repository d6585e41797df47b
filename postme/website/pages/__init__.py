"""Pages: one file a page. Each is a function that gathers facts; the HTML and the ``.json`` twin are made from the same facts."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import translate_url
from django.utils.encoding import escape_uri_path
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from postme import publication
from postme.keeping.store import readers
from postme.keeping.store.models import Entry, Report
from postme.merkle import leaf_hash
from postme.rule import YEARS
from postme.website.kept import KEPT, lately

Facts = dict[str, Any]
_TYPES = {"page": "text/html; charset=utf-8", "twin": "application/json"}
# What may follow an address for its page to be kept: which of a list's pages, and the law of which day.
_PLAIN = frozenset({"page", "on"})
# Chosen: no list here has a million pages.
_DIGITS = 6
# Chosen: "page=99999&on=2021-02-12" and no more: whoever writes more is alone in asking it.
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site: the template of its HTML and the function from a request and its address to facts.

    Facts are JSON values; ``title`` and ``description`` always, ``fiction`` where a made-up body is shown, ``address``
    the page's own address without a language, ``template`` where it is not the page's usual one. Where ``raw`` is among them, it is the exact bytes of the twin.
    ``aside`` names what only the HTML needs, such as a form's choices and a drawing. ``still``: the HTML changes only with
    the log, the laws, the replies shown or the day, so it is made once after each change of them. ``hashed``: the HTML is printed as a
    handout and has no entry of the log, so it carries ``twin_sha256``, the SHA-256 of its twin of that day at ``twin``.
    ``seconds``: many read it at once while it changes, so for whoever brings no cookie its HTML is drawn once in so many seconds.
    ``asks`` names what may follow the address of a page that is kept, in at most ``longest`` characters: anything else makes it anew.
    ``entry`` gives from the page's address that of an entry whose published twin is the page's own, byte for byte.
    """

    template: str
    gather: Callable[..., Facts]
    aside: tuple[str, ...] = ()
    still: bool = False
    hashed: bool = False
    seconds: int = 0
    asks: frozenset[str] = _PLAIN
    longest: int = _LONGEST
    entry: Callable[..., str] | None = None

    def html(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """The page."""
        return self._kept(request, "page", lambda: self._made(request, address))

    def _kept(self, request: HttpRequest, what: str, made: Callable[[], HttpResponse]) -> HttpResponse:
        now = self._state(request, what)
        if now is None:
            return made()
        key = (what, settings.DATA, request.build_absolute_uri(), get_language())
        known = KEPT.of(key, now)
        if known is not None:
            return HttpResponse(known, content_type=_TYPES[what])
        response = made()
        if response.status_code == 200 and not request.META.get("CSRF_COOKIE"):
            KEPT.keep(key, now, response.content)
        return response

    def _state(self, request: HttpRequest, what: str) -> str | None:
        """What the page depends on, as it is now; ``None`` where it is made anew for whoever asks."""
        # A cookie or a question may stand for more than the address says.
        asked = request.META.get("QUERY_STRING", "")
        if request.COOKIES or request.method not in ("GET", "HEAD") or len(asked) > self.longest or not request.GET.keys() <= self.asks:  # fmt: skip
            return None
        if self.still:
            return f"{readers.as_of().mark} {datetime.datetime.now(datetime.UTC).date()} {_replies_of(request.path)}"
        return lately(self.seconds) if self.seconds and what == "page" else None

    def _made(self, request: HttpRequest, address: dict[str, Any]) -> HttpResponse:
        facts = self._facts(request, address)
        if self.hashed and facts.get("status_code", 200) == 200:
            facts |= self._seal(request, address, facts)
        status = facts.pop("status_code", 200)
        return render(request, facts.pop("template", self.template), facts, status=status)

    def json(self, request: HttpRequest, **address: Any) -> HttpResponse:
        """Its twin."""
        whole = published(self.entry(**address)) if self.entry else None
        if whole is not None:
            return HttpResponse(whole, content_type=_TYPES["twin"])
        return self._kept(request, "twin", lambda: self._told(request, address))

    def _told(self, request: HttpRequest, address: dict[str, Any]) -> HttpResponse:
        facts = self._facts(request, address)
        status = facts.get("status_code", 200)
        return HttpResponse(self._twin(facts), content_type=_TYPES["twin"], status=status)

    def _twin(self, facts: Facts) -> bytes:
        if "raw" in facts:
            return str(facts["raw"]).encode()
        kept = {key: value for key, value in facts.items() if key not in ("template", "status_code", *self.aside)}
        return json.dumps(kept, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True).encode()

    def _seal(self, request: HttpRequest, address: dict[str, Any], facts: Facts) -> Facts:
        """The address of the twin that says what this page says, for good as far as its day goes, and its hash."""
        if (get_language() or "en") != "en":  # the twin has one language
            with override("en"):
                facts = self._facts(request, address)
        twin = f"{facts['address'].rstrip('/')}.json?on={facts['on']}"
        return {"twin": twin, "twin_sha256": hashlib.sha256(self._twin(facts)).hexdigest()}

    def _facts(self, request: HttpRequest, address: dict[str, Any]) -> Facts:
        facts = self.gather(request, **address)
        if facts.get("status_code") == 410:
            # The name of what was withdrawn may be what it was withdrawn for.
            facts["title"] = _("Withdrawn")
        about = reported_at(facts.get("address", ""))
        if about and "replies" not in facts:
            facts["replies"] = [
                {"text": one.text, "name": one.name, "at": one.closed.isoformat() if one.closed else None}
                for one in Report.objects.filter(about=about, kind="reply", state="published", shown=True).order_by("closed")[:20]
            ]  # fmt: skip
        return facts


def published(address: str) -> str | None:
    """The twin of an entry that the public sees now, as it was sealed; ``None`` where there is none."""
    found: str | None = Entry.objects.visible().filter(address=address).values_list("twin", flat=True).first()
    return found


def _replies_of(path: str) -> str:
    """What changes on a page without an entry of the log: the replies shown on it."""
    shown = Report.objects.filter(kind="reply", state="published", shown=True)
    language = get_language() or "en"
    about = reported_at(path.removeprefix(f"/{language}") if language != "en" else path)
    return "-".join(str(one) for one in shown.filter(about=about).values_list("pk", flat=True)) if about else ""


def reported_at(address: str) -> str:
    """The address that a report about a page names: its own, a record's, a decision's or a letter's for its pages, a place's for those under it; empty where none can be made.

    >>> reported_at("/places/us/mn/"), reported_at("/places/"), reported_at("/laws/us-mn/")
    ('/places/us/mn/', '', '')
    """
    kind, _, rest = address.strip("/").partition("/")
    if not rest or kind not in ("places", "agencies", "records", "decisions", "letters"):
        return ""
    if kind == "places":  # a place's id has three parts at the most
        return f"/places/{'/'.join(rest.split('/')[:3])}/"
    return address if kind == "agencies" else f"/{kind}/{rest.partition('/')[0]}/"


# Pages that are for one person, or that only take something in: they have no facts of their own.
_NO_TWIN = ("/desk/", "/wrong/", "/said/", "/voted/", "/spoke/", "/followed/", "/follow/", "/signed/")
_FORMS = ("/comment/", "/speak/", "/vote/cast/", "/sign/", "/badge/", "/embed/")


def frame(request: HttpRequest) -> Facts:
    """What every page's frame needs: which door it is behind, and its address in the other languages."""
    from postme.website.pages import cards

    # Without this, //example.org/ would lead away from here; and a backslash is a slash to a browser.
    here = escape_uri_path("/" + request.path.lstrip("/\\"))
    other = "en" if get_language() == "es" else "es"
    own = translate_url(here, "en")
    query = request.META.get("QUERY_STRING", "")
    return {
        "here": own, "door": own.split("/")[1] if own.count("/") > 1 else "", "other_language": other,
        "other_address": translate_url(here, other) + (f"?{query}" if query else ""), "json_address": "/index.json" if own == "/" else "" if own.startswith(_NO_TWIN) or own.endswith(_FORMS) else own.rstrip("/") + ".json",
        "query": query, "card": cards.address_of(request), "whole_address": settings.SITE + here,
    }  # fmt: skip


def on(request: HttpRequest) -> datetime.date:
    """The day that a page is asked about: ``?on=2021-02-12``, else today. A day that is none is a page not found, said so."""
    said = request.GET.get("on", "")
    if not said:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        day = datetime.date.fromisoformat(said)
    except ValueError as error:
        raise Http404(f"“{said[:20]}” is no day. Write it as 2021-02-12.") from error
    if day.year not in YEARS:
        raise Http404(f"No law here knows the year {day.year}. Write a day such as 2021-02-12.")
    return day


def page_asked(request: HttpRequest) -> int:
    """The page of a list that ``?page=`` asks for, the first where it asks for none. What is no number is a page not found."""
    said = request.GET.get("page", "")
    if not said:
        return 1
    if not (said.isascii() and said.isdigit()) or len(said) > _DIGITS or int(said) == 0:
        raise Http404(_("“{page}” is no page of a list. Pages are counted 1, 2, 3.").format(page=said[:20]))
    return int(said)


def pages_of(count: int, size: int, asked: int) -> int:
    """How many pages a list of so many rows has; a page behind the last one is not found, and it is said how many there are.

    >>> pages_of(101, 50, 3), pages_of(0, 50, 1)
    (3, 1)
    """
    numbers = max(1, -(-count // size))
    if asked > numbers:
        raise Http404(
            ngettext("This list has {n} page, and no page {page}.", "This list has {n} pages, and no page {page}.", numbers).format(n=numbers, page=asked)
        )  # fmt: skip
    return numbers


def more_asked(asked: int, rows: Sized) -> None:
    """The same for a list that nobody counts: a page behind the first with nothing on it is not found."""
    if asked > 1 and not rows:
        raise Http404(_("This list has no page {page}: it ends before that.").format(page=asked))


def of_entry(entry: Any) -> tuple[Facts, Facts | None]:
    """What the page of a published thing begins with, and what is told of it; of one that was withdrawn its whole page, and nothing."""
    told = json.loads(entry.twin)
    shared = {
        "address": entry.address, "title": entry.title, **logged(entry), "history": told["history"], "version": told["version"], "fiction": entry.fiction,
    }  # fmt: skip
    if publication.visible(entry.state):
        return shared, told["facts"]
    gone = {"description": _("Withdrawn"), "template": "withdrawn.html", "told": told, "status_code": 410}
    return {**shared, **gone}, None


def logged(entry: Any) -> Facts:
    """Where an entry stands in the log, for the foot of its page, and its twin's exact bytes."""
    return {"leaf": entry.leaf, "leaf_hash": leaf_hash(entry.twin.encode()).hex(), "raw": entry.twin}
