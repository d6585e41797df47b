"""``/about/``: what this is, how we know, what it cannot prove, who runs this site, and what it keeps of those who read it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from postme import __version__
from postme.website.pages import Facts, Page


def _facts(request: HttpRequest) -> Facts:
    return {
        "title": gettext("About"), "description": gettext("What this is, how we know what is said here, what it cannot prove, and what is kept of readers: nothing."),
        "address": "/about/", "operator": settings.OPERATOR or None, "contact": settings.CONTACT or None, "version": __version__, "site": settings.SITE,
    }  # fmt: skip


PAGE = Page("about.html", _facts)
