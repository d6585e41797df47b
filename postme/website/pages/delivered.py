"""``/letters/<slug>/<sha256>.pdf``: the file of a letter that was handed over, by its hash, for whoever got the link."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from postme.keeping.store.models import Delivery
from postme.office import handing
from postme.website.pages.letters import known


def file(request: HttpRequest, slug: str, sha256: str) -> HttpResponseBase:
    """The very file; once somebody in it took their name off, the letter as it stands instead."""
    one = known(slug)
    if not Delivery.objects.filter(letter=one.id, pdf=sha256).exists():
        raise Http404("No file with this hash was handed over.")
    path = handing.given(settings.DATA, slug, sha256)
    response = redirect("letter-pdf", slug=slug) if path is None else FileResponse(path.open("rb"), content_type="application/pdf", filename=f"{slug}.pdf")  # fmt: skip
    # Whoever is gone from the letter is gone from what others keep of it, too.
    response.headers["Cache-Control"] = "no-store"
    return response
