"""What programs follow: Atom feeds of what was published, the sitemap, robots.txt, security.txt."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.utils.feedgenerator import Atom1Feed

from postme import publication
from postme.errors import WrongUse
from postme.keeping.store.models import Agency, Entry, Seat, Version
from postme.keeping.store.readers import AsOf
from postme.keeping.store.tables import PLACES
from postme.office import counsel
from postme.place import placed
from postme.website.answers import fresh

# Chosen: who looks once a month still misses nothing in an ordinary month; the log has everything.
_NEWEST = 100
# Chosen: a fifth of what sitemaps.org allows, so that a part is made in one go.
_A_PART = 10_000
# XML 1.0 has no place for these, and a record's words may hold them.
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SAID = {
    "published": "Published",
    "corrected": "Corrected",
    "withdrawn": "Withdrawn",
    "redacted": "Private data blacked out",
}


_BATCHES = ("voices", "signatures")


def everything(request: HttpRequest) -> HttpResponseBase:
    """``/feed.atom``: publications, corrections, withdrawals and redactions, the newest first."""
    # What people say and sign comes in batches of hashes, one a minute on a busy day.
    rows = Version.objects.exclude(entry__kind__in=_BATCHES)
    return fresh(request, lambda now: _feed(request, now, "What was published", "/log/", rows), "feed")


def of_place(request: HttpRequest, place: str) -> HttpResponseBase:
    """``/places/<id>.atom``: the same, of one place."""
    try:
        short = placed(place).short
        known = PLACES.one(id=short) or counsel.checked_place(short)
    except (ValueError, WrongUse) as error:
        raise Http404(str(error)) from error
    name = known["name"] if isinstance(known, dict) else counsel.place_name(short)
    rows = Version.objects.filter(entry__place_id=short).exclude(entry__kind__in=_BATCHES)
    return fresh(request, lambda now: _feed(request, now, f"What was published of {name}", f"/places/{short}/", rows), "feed")  # fmt: skip


def of_decision(request: HttpRequest, slug: str) -> HttpResponseBase:
    """``/decisions/<slug>.atom``: each step of a decision, its papers, and that comments came in."""
    entry = Entry.objects.visible().filter(address=f"/decisions/{slug}/").first()
    if entry is None:
        raise Http404("There is no such decision here.")
    title, rows = entry.title, Version.objects.filter(entry__address__startswith=entry.address)
    return fresh(request, lambda now: _feed(request, now, f"What happened with {title}", f"/decisions/{slug}/", rows), "feed")  # fmt: skip


def of_letter(request: HttpRequest, slug: str) -> HttpResponseBase:
    """``/letters/<slug>.atom``: that a letter was opened, changed, handed over, answered, closed or withdrawn."""
    entry = Entry.objects.visible().filter(address=f"/letters/{slug}/").first()
    if entry is None:
        raise Http404("There is no such letter here.")
    title, rows = entry.title, Version.objects.filter(entry=entry)
    return fresh(request, lambda now: _feed(request, now, f"What happened with {title}", entry.address, rows), "feed")


def _feed(request: HttpRequest, now: AsOf, title: str, address: str, rows: Any) -> HttpResponse:
    feed = Atom1Feed(
        title=_sayable(title), link=f"{settings.SITE}{address}", description="Surveillance technology and military equipment in public hands, by public records.",
        language="en", feed_url=f"{settings.SITE}{request.path}", feed_guid=f"{settings.SITE}{request.path}", author_name=settings.OPERATOR or "postme",
    )  # fmt: skip
    for row in rows.select_related("entry", "entry__place").defer("twin", "entry__twin").order_by("-leaf")[:_NEWEST]:
        _entered(feed, row)
    # A feed without entries is as new as the last publication anywhere.
    feed.latest_post_date = lambda: max((item["updateddate"] for item in feed.items), default=now.at or _NEVER)  # type: ignore[method-assign]
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


_NEVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _entered(feed: Atom1Feed, row: Version) -> None:
    entry = row.entry
    shown = publication.visible(entry.state)
    # The name of what was withdrawn may be what it was withdrawn for.
    named = entry.title if shown else f"a {entry.kind}"
    where = f", {entry.place.name}" if entry.place and shown else ""
    fiction = " (fiction)" if entry.fiction else ""
    feed.add_item(
        title=_sayable(f"{_SAID.get(row.what, row.what)}: {named}{where}{fiction}"), link=f"{settings.SITE}{entry.address}", unique_id=f"{settings.SITE}/log/{row.leaf}/",
        description=_sayable(f"{row.reason or 'For the first time.'} Version {row.number}; entry {row.leaf} of the public log."), pubdate=row.at, updateddate=row.at,
        categories=[row.what, entry.kind, *(["fiction"] if entry.fiction else [])],
    )  # fmt: skip


def _sayable(words: str) -> str:
    return _UNSAYABLE.sub(" ", words)


# -- the sitemap

Part = Iterable[tuple[str, datetime.datetime | None]]


def _site(start: int, end: int) -> Part:
    from postme.website.urls import PAGES

    fixed = ["/", *(f"/{address}" for address, _, _ in PAGES if "<" not in address)]
    return [(address, None) for address in [*fixed, *(f"/laws/{law.id}/" for law in counsel.every())]][start:end]


def _places(start: int, end: int) -> Part:
    return [(f"/places/{row['id']}/", None) for row in PLACES.rows()][start:end]


def _councils(start: int, end: int) -> Part:
    towns = Seat.objects.order_by("town").values_list("town", flat=True).distinct()
    return [(f"/places/{town}/council/", None) for town in towns[start:end]]


def _agencies(start: int, end: int) -> Part:
    return [(f"/agencies/{id_}/", None) for id_ in Agency.objects.visible().order_by("pk").values_list("pk", flat=True)[start:end]]  # fmt: skip


def _entries(start: int, end: int) -> Part:
    return list(Entry.objects.visible().order_by("pk").values_list("address", "changed")[start:end])


_PARTS: dict[str, tuple[Callable[[int, int], Part], Callable[[], int]]] = {
    "site": (_site, lambda: 1),
    "places": (_places, PLACES.count),
    "councils": (_councils, lambda: Seat.objects.values("town").distinct().count()),
    "agencies": (_agencies, lambda: Agency.objects.visible().count()),
    "entries": (_entries, lambda: Entry.objects.visible().count()),
}


def sitemap(request: HttpRequest) -> HttpResponseBase:
    """``/sitemap.xml``: where the parts are."""
    return fresh(request, lambda _: _xml("sitemapindex", "sitemap", _parts()), "sitemap")


def _parts() -> Iterator[tuple[str, None]]:
    for name, (_, count) in _PARTS.items():
        for number in range(-(-count() // _A_PART)):
            yield f"/sitemap-{name}-{number}.xml", None


def sitemap_part(request: HttpRequest, name: str, number: int) -> HttpResponseBase:
    """``/sitemap-<kind>-<n>.xml``: addresses of pages that are published, ten thousand at most."""
    if name not in _PARTS or number > 1_000_000:
        raise Http404("There is no such part; /sitemap.xml lists them.")
    found = list(_PARTS[name][0](number * _A_PART, (number + 1) * _A_PART))
    if not found:
        raise Http404("There is no such part; /sitemap.xml lists them.")
    return fresh(request, lambda _: _xml("urlset", "url", found), "sitemap")


def _xml(outer: str, inner: str, found: Part) -> HttpResponse:
    lines = (
        f"<{inner}><loc>{escape(settings.SITE + address)}</loc>{f'<lastmod>{changed.date().isoformat()}</lastmod>' if changed else ''}</{inner}>"
        for address, changed in found
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{chr(10).join(lines)}\n</{outer}>\n'
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


# -- for those who crawl, and those who find a hole


def robots(request: HttpRequest) -> HttpResponse:
    """``/robots.txt``: everything that is public may be read by programs."""
    return _plain(f"User-agent: *\nDisallow: /desk/\nDisallow: /es/desk/\n\nSitemap: {settings.SITE}/sitemap.xml\n")


def icon(request: HttpRequest) -> HttpResponse:
    """``/favicon.ico``, which browsers ask for on a page that names no icon: the way to the one that there is."""
    return HttpResponseRedirect(static("look/icon.svg"))


def security(request: HttpRequest) -> HttpResponse:
    """``/.well-known/security.txt`` (RFC 9116), where somebody is named who can be written to."""
    if not settings.CONTACT:
        raise Http404("Nobody is named here to write to.")
    # RFC 9116, 2.5.5: less than a year ahead.
    until = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=180)
    return _plain(
        f"Contact: {settings.CONTACT}\nExpires: {until}T00:00:00Z\nPreferred-Languages: en, es\nCanonical: {settings.SITE}/.well-known/security.txt\n"
    )


def _plain(words: str) -> HttpResponse:
    return HttpResponse(words, content_type="text/plain; charset=utf-8")
