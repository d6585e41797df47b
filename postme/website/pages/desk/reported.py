"""``/desk/reports/``: what the public reported and what bodies reply, with their clocks; answered here."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import moderation, roles
from postme.keeping.store.models import Version
from postme.keeping.store.reports import Reports
from postme.moderation import Kind
from postme.website.pages import desk


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """Those that wait, the most overdue first."""
    waiting = Reports(desk.press().ledger.file).waiting()
    return desk.page(
        request, "reports.html", _("Reports"), waiting=waiting, today=datetime.datetime.now(datetime.UTC).date()
    )


@desk.opened()
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One report with the form of its answer; a POST answers it."""
    reports = Reports(desk.press().ledger.file)
    if request.method == "POST":
        roles.asked(desk.roles_of(request), "answer")
        if request.POST.get("step") == "show":
            said = request.POST.get("proposal", "")
            proposal = int(said) if said.isdecimal() and len(said) < 19 else 0
            reports.show(number, proposal, who=desk.who(request), at=datetime.datetime.now(datetime.UTC))
            messages.success(request, _("It is answered and shown. The sender’s address is erased."))
            return redirect("desk-report", number=number)
        outcome, why = request.POST.get("outcome", ""), request.POST.get("why", "").strip()[: moderation.LONGEST]
        closed = reports.close(
            number, outcome, why, shown=bool(request.POST.get("shown")), who=desk.who(request), at=datetime.datetime.now(datetime.UTC)
        )  # fmt: skip
        if closed.state == "open":
            messages.success(
                request, _("The answer waits for a second person, since it would show the report’s own words.")
            )
        else:
            messages.success(request, _("It is answered. The outcome is public, and the sender’s address is erased."))
        return redirect("desk-report", number=number)
    found = reports.one(number)
    versions = (
        Version.objects.filter(entry__address=found.about, at__gte=found.received)
        .order_by("leaf")
        .values("leaf", "number", "what", "at")
    )
    answers = [(answer.value, moderation.SAYS[answer]) for answer in moderation.ANSWERS[Kind(found.kind)]]
    return desk.page(
        request,
        "report.html",
        _("Report"),
        report=found,
        answers=answers,
        proposed=reports.proposed(number) if found.state == "open" else None,
        versions=list(versions),
        today=datetime.datetime.now(datetime.UTC).date(),
    )
