"""The site map: every address of the site, the English one without a prefix, the others under their language."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.urls.converters import StringConverter

from postme.website import api, openapi
from postme.website.pages import (
    Page,
    about,
    address,
    agencies,
    ask,
    audits,
    calendar,
    cards,
    compare,
    council,
    data,
    decisions,
    delivered,
    feeds,
    following,
    health,
    held,
    home,
    laws,
    letters,
    log,
    moderation,
    packets,
    papers,
    places,
    records,
    search,
    searches,
    signing,
    technologies,
    translate,
    voices,
    votes,
    writing,
    wrong,
)


class _Sha256(StringConverter):
    regex = "[0-9a-f]{64}"


class _Beginning(StringConverter):
    regex = "[0-9a-f]{12,63}"


register_converter(_Sha256, "sha256")
register_converter(_Beginning, "beginning")
register_converter(papers.PaperPart, "paper")

# Address, name, page: the HTML at X/, its facts at X.json. An address that takes a path stands after those it would swallow.
PAGES: tuple[tuple[str, str, Page], ...] = (
    ("places/", "places", places.EVERY),
    ("places/<path:place>/address/", "place-address", address.ONE),
    ("places/<path:place>/write/", "place-write", writing.ONE),
    ("places/<path:place>/council/", "council", council.EVERY),
    ("places/<path:place>/council/<int:seat>/", "member", council.ONE),
    ("places/<path:place>/", "place", places.ONE),
    ("agencies/<path:agency>/", "agency", agencies.ONE),
    ("laws/", "laws", laws.EVERY),
    ("laws/ask/", "law-ask", ask.PAGE),
    ("laws/compare/", "law-compare", compare.PAGE),
    ("laws/words/", "law-words", laws.WORDS),
    ("laws/<str:law>/", "law", laws.ONE),
    ("decisions/", "decisions", decisions.EVERY),
    ("decisions/<slug:slug>/", "decision", decisions.ONE),
    ("decisions/<slug:slug>/<paper:part>/", "paper", papers.ONE),
    ("decisions/<slug:slug>/comments/", "comments", voices.COMMENTS),
    ("decisions/<slug:slug>/vote/", "advisory-vote", votes.VOTE),
    ("decisions/<slug:slug>/voices/<int:number>/", "voices", voices.BATCH),
    ("receipts/", "receipts", voices.RECEIPTS),
    ("receipts/<str:number>/", "receipt", voices.RECEIPT),
    ("letters/", "letters", letters.EVERY),
    ("letters/<slug:slug>/", "letter", letters.ONE),
    ("letters/<slug:slug>/signatures/", "signatures", letters.SIGNATURES),
    ("letters/<slug:slug>/signatures/<int:number>/", "signatures-batch", letters.BATCH),
    ("audits/", "audits", audits.EVERY),
    ("audits/<slug:slug>/", "audit", audits.ONE),
    ("calendar/", "calendar", calendar.PAGE),
    ("meetings/<int:number>/", "meeting", packets.ONE),
    ("records/", "records", records.EVERY),
    ("records/<sha256:sha256>/", "record", records.ONE),
    ("records/<sha256:sha256>/<int:page>/", "record-page", records.PAGE),
    ("search/", "search", search.PAGE),
    ("searches/", "searches", searches.EVERY),
    ("searches/<int:number>/", "search-done", searches.ONE),
    ("moderation/", "moderation", moderation.EVERY),
    ("log/", "log", log.EVERY),
    ("log/<int:leaf>/", "log-entry", log.ONE),
    ("verify/", "verify", log.VERIFY),
    ("data/", "data", data.PAGE),
    ("health/", "health", health.PAGE),
    ("about/", "about", about.PAGE),
    ("translate/", "translate", translate.PAGE),
    ("technologies/", "technologies", technologies.EVERY),
    ("technologies/<slug:technology>/", "technology", technologies.ONE),
)
# Every page that has a picture of itself, by name.
SHOWN = {"home": home.HOME, **{name: page for _, name, page in PAGES}}

urlpatterns: list[URLPattern | URLResolver] = [
    path("index.json", home.HOME.json, name="home-json"),
    *(path(f"{address.rstrip('/')}.json", page.json, name=f"{name}-json") for address, name, page in PAGES),
    path("records/<sha256:sha256>/<int:page>.webp", records.picture, name="record-picture"),
    path("records/<sha256:sha256>/file", records.file, name="record-file"),
    path("search.atom", search.feed, name="search-feed"),
    path("log/checkpoint", log.checkpoint, name="log-checkpoint"),
    path("log/key", log.key, name="log-key"),
    path("log/tile/<path:path>", log.tile, name="log-tile"),
    path("decisions/<slug:slug>.atom", feeds.of_decision, name="decision-feed"),
    path("decisions/<slug:slug>/comments.csv", voices.table, name="comments-file"),
    path("letters/<slug:slug>.atom", feeds.of_letter, name="letter-feed"),
    path("letters/<slug:slug>/count.json", letters.count, name="letter-count"),
    path("letters/<slug:slug>/signatures.csv", letters.table, name="signatures-file"),
    path("letters/<slug:slug>/<sha256:sha256>.pdf", delivered.file, name="letter-delivered"),
    path("letters/<slug:slug>/letter.pdf", letters.pdf, name="letter-pdf"),
    path("letters/<slug:slug>/logos/<sha256:sha256>.png", letters.logo, name="letter-logo"),
    path("letters/<slug:slug>/qr.png", letters.qr, name="letter-qr"),
    path("receipts/<str:number>/bytes", voices.sealed, name="receipt-bytes"),
    path("data/datapackage.json", data.package, name="data-package"),
    path("data/<slug:table>.<slug:kind>", data.file, name="data-file"),
    path("translate/<slug:language>.po", translate.file, name="translate-file"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("feed.atom", feeds.everything, name="feed"),
    path("places/<path:place>.atom", feeds.of_place, name="place-feed"),
    path("meetings/<int:number>/packet.<slug:kind>", packets.file, name="meeting-file"),
    path("calendar.ics", calendar.feed, name="calendar-feed"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("sitemap-<slug:name>-<int:number>.xml", feeds.sitemap_part, name="sitemap-part"),
    path("robots.txt", feeds.robots, name="robots"),
    path("favicon.ico", feeds.icon, name="icon"),
    path(".well-known/security.txt", feeds.security, name="security"),
    path("api/openapi.json", openapi.openapi, name="openapi"),
    path("api/", api.api.urls),
    # A path of Django's ends at a line break; whoever sends one is a program too.
    re_path(r"^api/(?P<path>[\s\S]*)$", api.nowhere, name="api-nowhere"),
    path("<path:address>.proof", log.proof, name="proof"),
    path("records/<beginning:start>/", records.short, name="record-short"),
]
urlpatterns += i18n_patterns(
    path("", home.HOME.html, name="home"),
    path("cards/<path:address>.png", cards.picture, name="card"),
    *(path(address, page.html, name=name) for address, name, page in PAGES),
    path("wrong/", wrong.wrong, name="wrong"),
    path("wrong/<slug:token>/", wrong.receipt, name="wrong-receipt"),
    path("decisions/<slug:slug>/comment/", voices.comment, name="comment"),
    path("decisions/<slug:slug>/vote/cast/", votes.cast, name="advisory-vote-cast"),
    path("decisions/<slug:slug>/speak/", votes.speak, name="speak"),
    path("letters/<slug:slug>/sign/", signing.sign, name="sign"),
    path("letters/<slug:slug>/badge/", letters.badge, name="letter-badge"),
    path("letters/<slug:slug>/embed/", letters.embed, name="letter-embed"),
    path("letters/<slug:slug>/sheet.pdf", letters.sheet, name="letter-sheet"),
    path("signed/<slug:key>/", signing.signed, name="signed"),
    path("said/<slug:key>/", held.comment, name="said"),
    path("voted/<slug:key>/", held.ballot, name="voted"),
    path("spoke/<slug:key>/", held.speaker, name="spoke"),
    path("follow/", following.follow, name="follow"),
    path("followed/<slug:key>/", following.held, name="followed"),
    path("followed/<slug:key>/end/", following.end, name="followed-end"),
    path("desk/", include("postme.website.pages.desk.addresses")),
    prefix_default_language=False,
)
handler500 = "postme.website.lost.error"
