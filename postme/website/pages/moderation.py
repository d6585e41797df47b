"""``/moderation/``: what was reported and by when it was answered, what is hidden and by which rule."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from postme import flood, moderation, voices
from postme.keeping.store import heard
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.reports import PAGE, Reports
from postme.redaction import Reason
from postme.website.pages import Facts, Page, page_asked, pages_of


def _every(request: HttpRequest) -> Facts:
    number = page_asked(request)
    reports = Reports(Ledger(settings.DATA).file)
    rows, count = reports.every(number)
    numbers = pages_of(count, PAGE, number)
    today = datetime.datetime.now(datetime.UTC).date()
    hidden = reports.counts().get("in force", {})
    return {
        "title": gettext("Reports, replies and what is hidden"), "description": gettext("Every report of an error, with its clock and outcome, and what was hidden by which rule."),
        "address": "/moderation/", "count": count, "number": number, "numbers": numbers,
        "reports": [{**one.public(), "overdue": one.state == "open" and one.due < today} for one in rows],
        "days": moderation.DAYS, "says": {one.value: says for one, says in moderation.SAYS.items()}, "rules": dict(moderation.RULES),
        "comments": heard.moderated(), "acts": heard.acts(), "rules_of_comments": dict(voices.RULES), "criteria": [{"id": one.id, "says": one.says, "cannot_show": one.cannot_show} for one in flood.CRITERIA],
        "redactions": [{"reason": Reason(reason).said, "count": n} for reason, n in sorted(hidden.items())],
    }  # fmt: skip


EVERY = Page("moderation.html", _every)
