"""What those who asked for it are told of: by mail, once a day, each thing once, with why they get it and how to end it."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from postme.errors import PostmeError
from postme.keeping.store.following import Follower
from postme.keeping.store.models import Deed, Entry, Item, Proposal, Version
from postme.office import counsel, glossary
from postme.place import placed
from postme.website import letters, mailing
from postme.website.templatetags.words import day

_LOG = logging.getLogger(__name__)
# Chosen: nine in the morning on the east coast, six on the west; letters of the night wait for it.
_HOUR = 14
# Chosen (the design): a week is time enough to come, and to read before.
_AHEAD = datetime.timedelta(days=7)
# Chosen: what one letter can carry; the page has the rest.
_MOST = 40
_VOTED = ("approve", "approve_with_conditions", "reject", "postpone")
Event = tuple[str, str]


def told_all(at: datetime.datetime | None = None) -> int:
    """Tell everybody what is new to them: how many letters were queued. Before the day's hour nobody is told, unless ``at`` is given."""
    now = at or datetime.datetime.now(datetime.UTC)
    if not mailing.possible() or (at is None and now.hour < _HOUR):
        return 0
    followers, done = mailing.voices().followers, 0
    for one in followers.every(now.date()):
        with override(one.language if one.language in dict(settings.LANGUAGES) else "en"):
            what = named(one.about)
            events = list(dict.fromkeys(news(one, now)))[:_MOST]

            def letter(lines: list[str], one: Follower = one, what: str = what) -> tuple[str, str, dict[str, str]]:
                subject, body = letters.news(what, lines, one.key, one.about)
                return subject, body, unsubscribe(one.key)

            done += bool(followers.tell(one, events, letter, at=now))
    return done


def unsubscribe(key: str) -> dict[str, str]:
    """Source: RFC 8058: mail programs show a button, and send a POST without a person opening the page."""
    address = f"{settings.SITE}{reverse('followed-end', args=[key])}"
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def named(about: str) -> str:
    """What can be followed, in words; empty for what cannot."""
    kind, _sign, rest = urlsplit(about).path.strip("/").partition("/")
    if kind == "search":
        said = QueryDict(urlsplit(about).query).get("q", "").strip()
        return _("the search “{words}”").format(words=said) if said else ""
    try:
        if kind == "places" and rest:
            return counsel.place_name(counsel.checked_place(placed(rest).short))
    except (PostmeError, ValueError):
        row = Entry.objects.visible().filter(place_id=rest).select_related("place").first()
        return row.place.name if row and row.place else ""
    if kind == "technologies":
        known = glossary.catalogue().technologies.get(rest.replace("-", "_"))
        return _(known.name) if known else ""
    if kind == "decisions":
        row_ = Proposal.objects.filter(slug=rest, public=True).first()
        return row_.title if row_ else ""
    if kind == "letters":
        entry = Entry.objects.visible().filter(address=f"/letters/{rest}/", kind="letter").first()
        return entry.title if entry else ""
    return ""


def news(one: Follower, now: datetime.datetime) -> Iterator[Event]:
    """Everything that happened since somebody asked, each with an id of its own."""
    parts = urlsplit(one.about)
    kind, _sign, rest = parts.path.strip("/").partition("/")
    if kind == "search":
        yield from _found(parts.query, one.since)
        return
    signed = Entry.objects.visible().filter(kind="letter")
    if kind == "letters":
        yield from _letters(signed.filter(address=parts.path), one.since)
        return
    if kind == "places":
        yield from _letters(signed.filter(place_id=rest), one.since)
    proposals = Proposal.objects.filter(public=True)
    entries = Entry.objects.visible().filter(kind="holding")
    if kind == "places":
        proposals, entries = proposals.filter(town_id=rest), entries.filter(place_id=rest)
    elif kind == "technologies":
        technology = rest.replace("-", "_")
        chosen = [row.pk for row in proposals.only("pk", "technologies") if technology in row.technologies]
        proposals, entries = proposals.filter(pk__in=chosen), entries.filter(technology=technology)
    else:
        proposals, entries = proposals.filter(slug=rest), entries.none()
    yield from _decided(proposals, one.since, now)
    for version in Version.objects.filter(entry__in=entries, at__gt=one.since, what__in=("published", "corrected")).select_related("entry").order_by("leaf"):  # fmt: skip
        yield f"entry {version.leaf}", _("New evidence: {title}").format(title=version.entry.title) + _at(version.entry.address)  # fmt: skip


def _letters(entries: Any, since: datetime.datetime) -> Iterator[Event]:
    """What happened with open letters: opened, changed, handed over, answered, closed."""
    for version in Version.objects.filter(entry__in=entries, at__gt=since).select_related("entry").order_by("leaf"):
        told = _("The letter “{title}”: {what}").format(title=version.entry.title, what=_(version.reason))
        yield f"entry {version.leaf}", told + _at(version.entry.address)


def _decided(proposals: Any, since: datetime.datetime, now: datetime.datetime) -> Iterator[Event]:
    kinds = ("open_comments", "give_notice", *_VOTED)
    for deed in Deed.objects.filter(proposal__in=proposals, kind__in=kinds, at__gt=since, replaced_by=None).select_related("proposal").order_by("pk"):  # fmt: skip
        yield f"deed {deed.pk}", _deed(deed) + _at(f"/decisions/{deed.proposal.slug}/")
    soon = Item.objects.filter(proposal__in=proposals, meeting__on__gte=now.date(), meeting__on__lte=(now + _AHEAD).date(), meeting__called_off=False)  # fmt: skip
    for item in soon.select_related("meeting", "proposal").order_by("meeting__on", "pk"):
        told = _("On {day}, {body} takes this up: {title}").format(day=day(item.meeting.on), body=item.meeting.body, title=item.proposal.title)  # fmt: skip
        yield f"meeting {item.meeting_id} {item.proposal_id} {item.meeting.on}", told + _at(f"/decisions/{item.proposal.slug}/")  # fmt: skip
    yield from _late(proposals, now)


def _deed(deed: Deed) -> str:
    title = deed.proposal.title
    if deed.kind == "open_comments":
        until = deed.told.get("until")
        return _("You can comment until {day}: {title}").format(day=day(until), title=title) if until else _("You can comment now: {title}").format(title=title)  # fmt: skip
    if deed.kind == "give_notice":
        return _("The hearing was announced: {title}").format(title=title)
    said = {
        "approve": _("The council voted for it on {day}: {title}"), "approve_with_conditions": _("The council voted for it, with conditions, on {day}: {title}"),
        "reject": _("The council voted against it on {day}: {title}"), "postpone": _("The council put it off on {day}: {title}"),
    }[deed.kind]  # fmt: skip
    return said.format(day=day(deed.on), title=title)


def _late(proposals: Any, now: datetime.datetime) -> Iterator[Event]:
    from postme.website.pages import decisions

    addresses, towns = [f"/decisions/{slug}/" for slug in proposals.values_list("slug", flat=True)], decisions.towns()
    for entry in Entry.objects.visible().filter(kind="decision", address__in=addresses).select_related("place"):
        for duty in decisions.row(entry, now.date(), towns)["late"]:
            told = _("Overdue since {day}: {what}").format(day=day(duty["due"]), what=f"{duty['what']} ({entry.title})")
            yield f"late {entry.address} {duty['law']}#{duty['provision']} {duty['due']}"[:200], told + _at(entry.address)  # fmt: skip


def _found(asked: str, since: datetime.datetime) -> Iterator[Event]:
    from postme.website.pages import search

    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(asked)
    for hit in search.newest(request, _MOST):
        if hit.changed and datetime.datetime.fromisoformat(hit.changed) > since:
            yield f"hit {hit.address}"[:200], _("Found: {title}").format(title=hit.title) + _at(hit.address)


def _at(address: str) -> str:
    return f"\n{settings.SITE}{address}"
