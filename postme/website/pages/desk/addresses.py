"""The addresses under ``/desk/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from postme.website.pages.desk import (
    acts,
    drafting,
    drafts,
    front,
    kept,
    mentions,
    papers,
    people,
    redactions,
    reported,
    town,
    voices,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front, name="desk"),
    path("account/", include("postme.website.accounts")),
    path("mentions/", mentions.mentions, name="desk-mentions"),
    path("place/<path:place>/", drafting.place, name="desk-place"),
    path("draft/", drafting.holding, name="desk-holding"),
    path("searches/", drafting.searches, name="desk-searches"),
    path("drafts/", drafts.every, name="desk-drafts"),
    path("drafts/<int:number>/", drafts.one, name="desk-draft"),
    path("change/", drafts.change, name="desk-change"),
    path("redactions/", redactions.every, name="desk-redactions"),
    path("records/<sha256:sha256>/<int:page>/", redactions.record, name="desk-record"),
    path("records/<sha256:sha256>/<int:page>.webp", redactions.picture, name="desk-picture"),
    path("reports/", reported.every, name="desk-reports"),
    path("reports/<int:number>/", reported.one, name="desk-report"),
    path("acts/", acts.acts, name="desk-acts"),
    path("acts.csv", acts.file, name="desk-acts-file"),
    path("people/", people.people, name="desk-people"),
    path("town/", town.every, name="desk-towns"),
    path("town/<path:place>/", town.town, name="desk-town"),
    path("voices/", voices.every, name="desk-voices"),
    path("voices/<slug:slug>/", voices.one, name="desk-voices-of"),
    path("letters/", voices.letters_out, name="desk-letters"),
    path("papers/", papers.every, name="desk-papers"),
    path("papers/<slug:slug>/", papers.of, name="desk-papers-of"),
    path("papers/<slug:slug>/files/", papers.attach, name="desk-papers-attach"),
    path("papers/<slug:slug>/<paper:part>/", papers.one, name="desk-paper"),
    path("papers/<slug:slug>/<paper:part>/form.<slug:how>", papers.given, name="desk-paper-given"),
    path("papers/<slug:slug>/<paper:part>/fill/", papers.fill, name="desk-paper-fill"),
    path("papers/<slug:slug>/<paper:part>/versions/", papers.versions, name="desk-paper-versions"),
    path("process/", include("postme.website.pages.desk.process_addresses")),
    path("kept/", kept.again, name="desk-kept"),
]
