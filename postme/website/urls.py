"""The site map: every address of the site, the English one without a prefix, the others under their language."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, path

from postme.website.pages import Page, agencies, home, places

# Address, name, page: the HTML at X/, its facts at X.json. An address that takes a path stands after those it would swallow.
PAGES: tuple[tuple[str, str, Page], ...] = (
    ("places/", "places", places.EVERY),
    ("places/<path:place>/", "place", places.ONE),
    ("agencies/<path:agency>/", "agency", agencies.ONE),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("index.json", home.HOME.json, name="home-json"),
    *(path(f"{address.rstrip('/')}.json", page.json, name=f"{name}-json") for address, name, page in PAGES),
]
urlpatterns += i18n_patterns(
    path("", home.HOME.html, name="home"),
    *(path(address, page.html, name=name) for address, name, page in PAGES),
    prefix_default_language=False,
)
