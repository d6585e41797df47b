"""Open letters: what they say and rest on, who signed, to whom they were handed and what those did; counts, files and a badge for other sites."""

from __future__ import annotations

import datetime
import json
import pickle
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from postme import letter, turnstile
from postme.errors import Refused
from postme.keeping.store import lettered
from postme.keeping.store import letters as rows
from postme.keeping.store.models import Entry, Version
from postme.keeping.store.written import Handing, Member, Written
from postme.letter import LEVELS, OF_KIND, Handed, Kind, Outcome, State
from postme.office import exporting, lettersheet, logos, plotting, printed
from postme.office.letters import Correspondence, differences
from postme.office.receipts import still
from postme.office.safekeeping import KEPT_FOR
from postme.office.signing import Signers
from postme.website import mailing
from postme.website.kept import KEPT, lately
from postme.website.pages import Facts, Page, logged, more_asked, of_entry, page_asked, pages_of

# Chosen: what a page of a list carries.
_SHOWN = 50
# Chosen: what a reader looks through at once.
PEOPLE = 100
# Chosen: more organizations than ever signed one letter stand on its page.
_ORGANIZATIONS = 2_000
# Chosen: what a chart and its table can show; the twin has all of it.
_DAYS, _HOURS = 60, 48
# Chosen: a count is old after so many seconds; a page made of all signatures after a minute.
COUNT_SECONDS, _MADE_SECONDS = 10, 60
# Chosen: as long as a reader stays.
_LOGO_SECONDS = 600
COLUMNS = (
    ("number", "string"), ("kind", "string"), ("level", "string"), ("name", "string"), ("by", "string"), ("role", "string"), ("domain", "string"), ("area", "string"), ("comment", "string"),
    ("language", "string"), ("version", "integer"), ("on", "string"), ("leaf", "integer"),
)  # fmt: skip
# Chosen: on a day when thousands read a letter, one in a worker waits for it to be drawn; nobody misses their name for longer.
_PAGE_SECONDS = 3
# Only the badge may stand in a page of another site. It runs nothing, takes nothing in, and asks nobody else.
_FRAMED = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"


def office() -> Correspondence:
    """The letters of this site."""
    return Correspondence(settings.DATA, settings.LOG_ORIGIN)


def known(slug: str) -> Written:
    """The letter of an address where the public may see it, or a page not found: a draft is none."""
    one = rows.shown(slug)
    if one is None or one.now is None or not Entry.objects.visible().filter(address=one.address).exists():
        raise Http404("There is no such letter here. The list of letters has every one that is public.")
    return one


def known_lately(slug: str) -> Written:
    """The same as it was within the last seconds, for what asks again where it matters."""
    kept = KEPT.within(("known", slug, settings.DATA), _PAGE_SECONDS, lambda: pickle.dumps(known(slug)))
    made: Written = pickle.loads(kept)  # noqa: S301  (our own bytes, which never leave this process)
    return made


def signable(one: Written) -> bool:
    """Whether it can be signed now."""
    return one.state is State.OPEN and not (one.last_day and one.last_day < still())


def frame(one: Written) -> Facts:
    """What every page of a letter names: the letter, its coalition and place, and whether it is fiction."""
    return {
        "slug": one.slug, "letter": one.versions[-1].text.title, "coalition": one.coalition.name, "contact": one.coalition.contact, "place": {"id": one.coalition.town, "name": one.coalition.town_name},
        "fiction": one.coalition.fiction, "signable": signable(one),
    }  # fmt: skip


def _left(last: datetime.date | None) -> int | None:
    return max(0, (last - still()).days) if last else None


# --- the list --------------------------------------------------------------------------------------------------------


def _every(request: HttpRequest) -> Facts:
    number = page_asked(request)
    place = request.GET.get("place", "")[:200]
    some = lettered.listed(town=place, start=(number - 1) * _SHOWN, most=_SHOWN)
    counts, handed = lettered.counted([one["id"] for one in some]), lettered.handed([one["id"] for one in some])
    count = lettered.how_many(place)
    numbers = pages_of(count, _SHOWN, number)
    return {
        "title": _("Open letters"), "description": _("What coalitions ask of councils, what it rests on, who signed, and what came of it."), "address": "/letters/", "place": place,
        "letters": [_row(one, counts[one["id"]], handed.get(one["id"], [])) for one in some], "count": count, "number": number, "numbers": numbers, "fiction": False,
    }  # fmt: skip


def _row(one: Mapping[str, Any], counts: Mapping[str, Any], handed: list[Handed]) -> Facts:
    today = _today()
    silent = [each.days(today) for each in handed if each.silent]
    last = datetime.date.fromisoformat(one["last_day"]) if one["last_day"] else None
    return {
        **{key: value for key, value in one.items() if key != "id"}, "counts": counts, "days_left": _left(last) if one["state"] == State.OPEN else None,
        "handed": len(handed), "answered": len(handed) - len(silent), "silent_days": max(silent, default=None),
    }  # fmt: skip


def about(town: str, address: str) -> list[Facts]:
    """The letters of a town's coalitions about what stands at an address."""
    return [_brief(one) for one in lettered.listed(town=town, about=address, most=20)]


def of_town(town: str) -> list[Facts]:
    """The letters of a town's coalitions, the newest first. Their counts change too often for the page of a place."""
    return [_brief(one) for one in lettered.listed(town=town, most=20)]


def _brief(one: Mapping[str, Any]) -> Facts:
    return {key: one[key] for key in ("address", "title", "to", "ask", "coalition", "state", "last_day")}


# --- one letter ------------------------------------------------------------------------------------------------------


def _one(request: HttpRequest, slug: str) -> Facts:
    entry = Entry.objects.filter(address=f"/letters/{slug}/", kind="letter").first()
    one = rows.shown(slug)
    if entry is None or one is None or one.now is None:
        raise Http404("There is no such letter here. The list of letters has every one that is public.")
    shared, told = of_entry(entry)
    if told is None:
        return shared
    own, text = mailing.signers(), one.now.text
    return {
        **frame(one), **shared, "title": text.title, "description": _("An open letter of {coalition} to {to}. What it rests on, who signed it, and what came of it.").format(coalition=one.coalition.name, to=text.to),
        "state": one.state.value, "to": text.to, "ask": text.ask, "deadline": _iso(text.deadline), "about": _about(text.about), "paragraphs": paragraphs(one), "claims": office().claims(text),
        "version": one.now.number, "sha256": one.now.sha256, "sealed": one.now.leaf, "opened": _iso(one.opened), "closed": _iso(one.closed), "last_day": _iso(one.last_day),
        "days_left": _left(one.last_day) if one.state is State.OPEN else None, "members": [{"name": each.name, "site": _site(each), "domain": each.domain, "logo": _logo(one, each)} for each in one.coalition.members if not each.left],
        "about_coalition": one.coalition.about, "counts": own.counted(slug, one), "levels": levels(), "organizations": _organizations(own, slug), "people": own.listed(slug, Kind.PERSON, most=PEOPLE),
        "versions": _versions(one), "deliveries": [_delivery(each) for each in one.deliveries], "withdrawn": _withdrawn(entry) if one.state is State.WITHDRAWN else None, **promised(one),
    }  # fmt: skip


def _site(one: Member) -> str:
    """Where a member's site is, as an address that a browser may be led to; what was typed may be anything."""
    return one.site if one.site.startswith(("https://", "http://")) else f"https://{one.domain}/" if one.domain else ""


def _logo(one: Written, each: Member) -> str | None:
    return f"{one.address}logos/{each.logo}.png" if each.logo else None


def logo(request: HttpRequest, slug: str, sha256: str) -> HttpResponseBase:
    """``/letters/<slug>/logos/<sha256>.png``: the logo of an organization of the coalition, while it is in it."""
    known(slug)
    path = logos.given(settings.DATA, slug, sha256)
    if path is None:
        raise Http404("No organization of this letter has this logo now.")
    # Short: an organization that leaves takes it along.
    return FileResponse(path.open("rb"), content_type="image/png", headers={"Cache-Control": f"public, max-age={_LOGO_SECONDS}"})  # fmt: skip


def paragraphs(one: Written) -> list[list[Facts]]:
    """The words of a letter by paragraphs, each piece with the number of the claim that it carries, from 1."""
    text = one.versions[-1].text
    return [[{"words": words, "claim": None if claim is None else claim + 1} for words, claim in row] for row in letter.passages(text)]  # fmt: skip


def levels() -> dict[str, str]:
    """What each level means, organizations first."""
    return {level.value: LEVELS[level] for kind in (Kind.ORGANIZATION, Kind.PERSON) for level in OF_KIND[kind]}


def promised(one: Written) -> Facts:
    """What signers are told of their data: whether the coalition has a key, and the day on which they are erased, where it is known."""
    end = one.closed.date() if one.closed and one.state is not State.OPEN else one.last_day
    return {
        "keyed": bool(one.coalition.key), "kept_days": one.coalition.kept_days, "erased": _iso(one.erased), "erased_on": _iso(letter.erased_on(end, one.coalition.kept)) if end else None,
        "backup_days": KEPT_FOR.days, "rush": {"signatures": turnstile.STEPS[0][0], "minutes": int(turnstile.WITHIN.total_seconds() // 60), "hours": int(turnstile.LONGEST.total_seconds() // 3600)},
    }  # fmt: skip


def _organizations(own: Signers, slug: str) -> list[Facts]:
    found = own.listed(slug, Kind.ORGANIZATION, most=_ORGANIZATIONS)
    said = Counter(letter.alike(one["name"]) for one in found)
    return [{**one, "twice": said[letter.alike(one["name"])] > 1} for one in found]


def _about(address: str) -> Facts | None:
    if not address:
        return None
    title = Entry.objects.visible().filter(address=address).values_list("title", flat=True).first()
    return {"address": address, "title": title} if title else None


def _versions(one: Written) -> list[Facts]:
    """The versions, the newest first, each with what it changed."""
    changed = {each["number"]: [{"what": what, "text": words} for what, words in each["pieces"]] for each in differences(one.versions)}  # fmt: skip
    return [
        {
            "number": each.number, "change": each.change.value, "why": each.why, "at": each.at.isoformat(), "sha256": each.sha256, "leaf": each.leaf, "pieces": changed.get(each.number, []),
        }
        for each in reversed(one.versions)
    ]  # fmt: skip


def _delivery(one: Handing) -> Facts:
    handed = Handed(one.to, one.on, Outcome(one.outcome) if one.outcome else None, one.answered)
    return {
        "to": one.to, "seat": one.seat, "how": one.how, "on": one.on.isoformat(), "version": one.version, "counts": dict(one.counts), "pdf": one.pdf, "outcome": one.outcome,
        "answered": _iso(one.answered), "answer": one.answer, "link": one.link, "days": handed.days(_today()), "silent": handed.silent, "lost": one.lost,
    }  # fmt: skip


def _withdrawn(entry: Entry) -> Facts | None:
    """When and why its coalition took a letter back: what the first entry of the log says that calls it withdrawn."""
    for row in Version.objects.filter(entry=entry).exclude(twin=None).order_by("leaf"):
        if json.loads(row.twin or "{}")["facts"].get("state") == State.WITHDRAWN:
            return {"on": row.at.date().isoformat(), "why": row.reason}
    return None


EVERY = Page("letters.html", _every)
ONE = Page("letter.html", _one, seconds=_PAGE_SECONDS, asks=frozenset(), entry=lambda slug: f"/letters/{slug}/")


# --- who signed ------------------------------------------------------------------------------------------------------


def _signatures(request: HttpRequest, slug: str) -> Facts:
    one = known(slug)
    own, number = mailing.signers(), page_asked(request)
    people = own.listed(slug, Kind.PERSON, page=number, most=PEOPLE)
    more_asked(number, people)
    series = _series(own, slug)
    days, hours = series["days"][-_DAYS:], series["hours"][-_HOURS:]
    return {
        "title": _("Who signed: {title}").format(title=one.versions[-1].text.title), "description": _("Every public signature of the letter, counted level by level."), "address": f"{one.address}signatures/",
        **frame(one), "version": one.versions[-1].number, "counts": own.counted(slug, one), "levels": levels(), "organizations": _organizations(own, slug), "people": people, "number": number,
        "more": len(people) == PEOPLE and bool(own.listed(slug, Kind.PERSON, page=number * PEOPLE + 1, most=1)), "set_aside": own.set_aside_so_far(slug), "rules": dict(letter.RULES), "days": days, "hours": hours,
        "charts": [plotting.counts([(each["at"], each["count"]) for each in some], said) for some, said in ((days, _("Signatures a day")), (hours, _("Signatures an hour"))) if len(some) > 1],
        "erased": _iso(one.erased),
    }  # fmt: skip


def _series(own: Signers, slug: str) -> dict[str, list[Facts]]:
    """Signatures by day and hour, kept for a minute: a letter may have a hundred thousand."""
    told: dict[str, list[Facts]] = json.loads(KEPT.within(("series", slug, settings.DATA), _MADE_SECONDS, lambda: json.dumps({"days": own.series(slug, by="day"), "hours": own.series(slug, by="hour")}).encode()))  # fmt: skip
    return told


def table(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All public signatures of a letter as CSV."""
    known(slug)
    answer = StreamingHttpResponse(
        exporting.comma_separated(COLUMNS, mailing.signers().every(slug)), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="signatures-{slug}.csv"'
    return answer


def _batch(request: HttpRequest, slug: str, number: int) -> Facts:
    known(slug)
    entry = Entry.objects.visible().filter(address=f"/letters/{slug}/signatures/{number}/", kind="signatures").first()
    if entry is None:
        raise Http404("There is no such batch. The receipt of a signature names the entry of the log that it is in.")
    told = json.loads(entry.twin)["facts"]
    return {**told, "description": _("Salted hashes of signatures."), "address": entry.address, "slug": slug, **logged(entry)}  # fmt: skip


SIGNATURES = Page(
    "letter_signatures.html", _signatures, aside=("charts",), seconds=_PAGE_SECONDS, asks=frozenset({"page"})
)
BATCH = Page("letter_batch.html", _batch)


# --- for other sites -------------------------------------------------------------------------------------------------


def counted(slug: str) -> Facts:
    """What other sites show of a letter: its counts level by level, as they were within the last seconds."""
    told: Facts = json.loads(KEPT.within(("count", slug, settings.DATA), COUNT_SECONDS, lambda: _count(slug)))
    return told


def _count(slug: str) -> bytes:
    one = known(slug)
    told = {
        "letter": one.address, "title": one.versions[-1].text.title, "coalition": one.coalition.name, "fiction": one.coalition.fiction, "state": one.state.value, "version": one.versions[-1].number,
        "counts": mailing.signers().counted(slug, one), "levels": levels(), "last_day": _iso(one.last_day), "days_left": _left(one.last_day) if one.state is State.OPEN else None,
        "signable": signable(one), "at": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def count(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/count.json``: for programs, and for pages of other sites."""
    headers = {"Cache-Control": f"public, max-age={COUNT_SECONDS}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(json.dumps(counted(slug), ensure_ascii=False, sort_keys=True), content_type="application/json", headers=headers)  # fmt: skip


@xframe_options_exempt
def badge(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/badge/``: title, counts, days left and the way to sign, for a frame in another site's page."""
    told = counted(slug)
    answer = render(request, "letter_badge.html", {**told, "slug": slug})
    answer.headers["Content-Security-Policy"] = _FRAMED
    answer.headers["Cache-Control"] = f"public, max-age={COUNT_SECONDS}"
    return answer


def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/embed/``: the badge's snippet to copy, and the letter's address as a QR code."""
    one = known(slug)
    whole = f"{settings.SITE}{one.address}"
    facts = {
        "title": _("Put it on your own site"),
        "description": "",
        **frame(one),
        "whole": whole,
        "qr": lettersheet.qr(whole),
    }
    return render(request, "letter_embed.html", facts)


def qr(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/qr.png``: the letter's address as a QR code, for flyers."""
    return HttpResponse(lettersheet.qr_png(f"{settings.SITE}{known(slug).address}"), content_type="image/png")


# --- on paper --------------------------------------------------------------------------------------------------------


def pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/letter.pdf``: the letter with who signed, drawn at most once a minute, and anew only after a change."""
    one = known(slug)
    own, today = mailing.signers(), _today()
    claims = office().claims(one.versions[-1].text)
    state = f"{one.versions[-1].sha256} {own.mark(slug)} {one.erased} {today} {json.dumps(claims)} {[each.logo for each in one.coalition.members]}"
    return _drawn(request, slug, "letter", state, lambda: _letter_html(one, own, claims, today))


def _letter_html(one: Written, own: Signers, claims: list[Facts], today: datetime.date) -> str:
    return lettersheet.html(
        one, own.counted(one.slug, one), own.listed(one.slug, Kind.ORGANIZATION, most=_ORGANIZATIONS), own.listed(one.slug, Kind.PERSON, most=lettersheet.MOST_NAMES),
        site=settings.SITE, claims=claims, on=today, logos=logos.drawn(settings.DATA, one.coalition.members),
    )  # fmt: skip


def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """``/letters/<slug>/sheet.pdf``: lines to sign on at a table."""
    one = known(slug)
    if not signable(one):
        raise Http404("This letter is not open for signing, so there is no sheet to sign on.")
    language = get_language() or "en"
    return _drawn(request, slug, f"sheet-{language}", one.versions[-1].sha256, lambda: lettersheet.table_sheet(one, site=settings.SITE, said=_, language=language))  # fmt: skip


def _drawn(request: HttpRequest, slug: str, name: str, state: str, html: Any) -> HttpResponse:
    # On a day when thousands sign, each asking for the PDF would have it drawn anew: a minute old is new enough.
    recent, minute = ("pdf-now", slug, name, settings.DATA), lately(_MADE_SECONDS)
    whole = ("pdf", slug, name, settings.DATA)
    data = KEPT.of(recent, minute) or KEPT.of(whole, state)
    if data is None:
        try:
            data = printed.pdf(html())
        except Refused:
            return render(request, "letter_no_pdf.html", {"title": _("No PDF just now"), "description": "", "slug": slug}, status=503)  # fmt: skip
        KEPT.keep(whole, state, data)
        KEPT.keep(recent, minute, data)
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{slug}-{name}.pdf"'})  # fmt: skip


def _iso(day: datetime.date | datetime.datetime | None) -> str | None:
    if isinstance(day, datetime.datetime):
        day = day.date()
    return day.isoformat() if day else None


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
