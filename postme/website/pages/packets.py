"""``/meetings/<n>/``: a meeting's packet, public once the notice is given: what is in it, with the hash of each file; as ZIP and as PDF."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from postme.errors import WrongUse
from postme.office import packet
from postme.office.packet import Packet
from postme.office.proceedings import Proceedings
from postme.website.pages import Facts, Page


def made(number: int) -> Packet:
    """The packet of a meeting as it was made last; a page not found where it is not public."""
    work = Proceedings(settings.DATA, settings.LOG_ORIGIN)
    try:
        if not packet.open_to_all(work, work.meetings.one(number)):
            raise Http404("The packet of this meeting becomes public with its notice.")
        # Whoever only looks does not have one drawn anew: that is the clerk's, and every night's.
        return packet.latest(settings.DATA, number) or packet.made(
            work, number, settings.SITE, datetime.datetime.now(datetime.UTC).date()
        )
    except WrongUse as error:
        raise Http404(str(error.what)) from error


def _one(request: HttpRequest, number: int) -> Facts:
    found = made(number)
    meeting = Proceedings(settings.DATA, settings.LOG_ORIGIN).meetings.one(number)
    return {
        "title": _("Packet of the meeting"), "description": _("What is before the meeting, with the hash of each file."), "address": f"/meetings/{number}/", "number": number,
        "on": meeting.on.isoformat(), "body": meeting.body, "begins": meeting.begins, "where": meeting.where, "called_off": meeting.called_off, "sha256": found.sha256, "pdf_sha256": found.pdf_sha256, "note": found.note,
        "size": found.zip.stat().st_size, "parts": [{"path": one.path, "what": one.what, "proposal": one.proposal, "sha256": one.sha256, "size": one.size} for one in found.parts],
        "fiction": meeting.town.startswith("us/zz/"),
    }  # fmt: skip


def file(request: HttpRequest, number: int, kind: str) -> HttpResponseBase:
    """The packet as ``zip`` or ``pdf``; its SHA-256 is its ETag."""
    if kind not in ("zip", "pdf"):
        raise Http404("A packet is a ZIP file and a PDF.")
    found = made(number)
    path = found.zip if kind == "zip" else found.pdf
    if path is None:
        raise Http404(found.note)
    response = FileResponse(path.open("rb"), content_type=f"application/{kind}", as_attachment=kind == "zip", filename=f"meeting-{number}-{found.on}.{kind}")  # fmt: skip
    response["ETag"] = f'"{found.sha256 if kind == "zip" else found.pdf_sha256}"'
    return response


ONE = Page("meeting.html", _one)
