"""The addresses under ``/desk/process/``: the approval process."""

from __future__ import annotations

from django.urls import URLPattern, path

from postme.website.pages.desk import many, meetings, obligations, offices, process, rollcall, steps

urlpatterns: list[URLPattern] = [
    path("", process.every, name="desk-process"),
    path("draft/", process.draft, name="desk-proposal-draft"),
    path("table/", many.table, name="desk-batch"),
    path("table/blank.csv", many.blank, name="desk-batch-blank"),
    path("many/", many.many, name="desk-many"),
    path("vote/", rollcall.vote, name="desk-vote"),
    path("meetings/", meetings.every, name="desk-meetings"),
    path("meetings/call/", meetings.one, name="desk-meeting-call"),
    path("meetings/<int:number>/", meetings.one, name="desk-meeting"),
    path("meetings/<int:number>/packet/", meetings.packed, name="desk-packet"),
    path("meetings/<int:number>/packet.zip", meetings.packed_file, name="desk-packet-file"),
    path("due/", obligations.page, name="desk-obligations"),
    path("due.csv", obligations.file, name="desk-obligations-file"),
    path("offices/", offices.offices, name="desk-offices"),
    path("<slug:slug>/", steps.one, name="desk-proposal"),
    path("<slug:slug>/change/", process.change, name="desk-proposal-change"),
]
