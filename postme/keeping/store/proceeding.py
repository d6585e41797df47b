"""The approval process as rows: proposals, what happened to them, their papers, the bodies that meet and how members voted.

These rows belong to those who work here. What the public sees of them are the entries that ``ledger`` writes from them,
step by step; a proposal that was only drafted is nobody else's.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Town(models.Model):
    """How a place runs its process: which model it tries out, its own holidays, its figures; one row a place."""

    id = models.CharField(primary_key=True, max_length=200)
    """The place's short Open Civic Data id."""
    name = models.CharField(max_length=200)
    fiction = models.BooleanField(default=False)
    tries = models.CharField(max_length=100, blank=True)
    """The id of a model law that the town tries out; empty where its own laws are asked alone."""
    tries_since = models.DateField(null=True)
    holidays = models.JSONField(default=dict)
    """The town's own holidays: ISO day to name."""
    figures = models.JSONField(default=list)
    """Figures over the years, each with its source: [{series, year, value, unit, source}]."""
    turn = models.PositiveIntegerField(default=0)


class Proposal(models.Model):
    """What a body asks the council for. ``turn`` counts its changes: whoever changes it names the turn that they saw."""

    slug = models.CharField(max_length=120, unique=True)
    """Its address is ``/decisions/<slug>/``."""
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="proposals")
    agency = models.CharField(max_length=300)
    agency_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    """The kind of body that laws know, such as ``police``."""
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    technologies = models.JSONField()
    products = models.JSONField(default=list)
    """What is asked for under the one policy: [{technology, name, maker, quantity}]."""
    acts = models.JSONField()
    purpose = models.CharField(max_length=60, blank=True)
    holdings = models.JSONField(default=list)
    """Addresses of published holdings that it is about."""
    drafted = models.DateField()
    author = models.CharField(max_length=200)
    public = models.BooleanField(default=False, db_index=True)
    """Whether it has an entry: from its submission on."""
    turn = models.PositiveIntegerField(default=0)
    changed = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["town", "public", "-changed"], name="proposal_of_town")]


class Deed(models.Model):
    """Something that happened to a proposal, as ``postme.proposal.Deed`` has it; never changed, only replaced by another that says why."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="deeds")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    on = models.DateField()
    told = models.JSONField(default=dict)
    """What else it shows: by, fact, value, also, findings, conditions, instrument, until, evidence, affirmed, votes."""
    note = models.TextField(blank=True)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "position"], name="one_deed_of_a_position")
        ]


class Paper(models.Model):
    """A structured document of a proposal: impact report, use policy, yearly report."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=40)
    year = models.PositiveIntegerField(default=0)
    """Of a yearly report its year, else 0."""
    typed = models.JSONField(default=dict)
    """The answers as they are being typed: field id to {state, text, because, evidence}."""
    typed_by = models.CharField(max_length=200, blank=True)
    typed_at = models.DateTimeField(null=True)
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposal", "kind", "year"], name="one_paper_of_a_kind")
        ]


class Edition(models.Model):
    """A version of a paper, fixed: its answers and the SHA-256 of their canonical bytes."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    answers = models.JSONField()
    sha256 = models.CharField(max_length=64)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    published = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    """What changed and why, in the words of whoever fixed it."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["paper", "number"], name="one_edition_of_a_number")]


class Attachment(models.Model):
    """A file that belongs to a proposal: kept on the shelf by its hash, shown once its record is published."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="attachments")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    what = models.CharField(max_length=300, blank=True)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Seat(models.Model):
    """A seat of a body that decides or advises, and who holds it from when to when; verified on a day, by a source."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="seats")
    body = models.CharField(max_length=200)
    """Such as ``city council`` or ``privacy advisory commission``."""
    ward = models.CharField(max_length=100, blank=True)
    holder = models.CharField(max_length=200)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    verified = models.DateField()
    source = models.CharField(max_length=400)
    contact = models.CharField(max_length=300, blank=True)
    """The public office's own address for mail, never a private one."""


class Meeting(models.Model):
    """A meeting of a body: when, where, how to speak. Many proposals can be on one agenda."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="meetings")
    body = models.CharField(max_length=200)
    on = models.DateField(db_index=True)
    begins = models.CharField(max_length=5, blank=True)
    """``HH:MM`` in the town's own time; empty for *unknown*."""
    zone = models.CharField(max_length=40, blank=True)
    where = models.CharField(max_length=300, blank=True)
    how_to_speak = models.TextField(blank=True)
    called_off = models.BooleanField(default=False)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)


class Item(models.Model):
    """A proposal on the agenda of a meeting: what is planned there (``hear``, ``approve``, ``advise`` …)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField(default=0)
    done = models.OneToOneField(Deed, on_delete=models.SET_NULL, null=True, related_name="item")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "proposal", "kind"], name="once_on_an_agenda")
        ]


class Voice(models.Model):
    """How one member voted on a motion: a row a member, for the record of each over time."""

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="voices")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="voices")
    vote = models.CharField(max_length=10)
    """``yes``, ``no``, ``abstain``, ``absent`` or ``recused``."""
    said = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["deed", "seat"], name="one_vote_a_seat")]


class Promise(models.Model):
    """What a published policy promised and what a yearly report or an observation says of it, side by side."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="promises")
    field = models.CharField(max_length=60)
    promised = models.TextField()
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="promises")
    found = models.TextField(blank=True)
    found_in = models.CharField(max_length=400, blank=True)
    """The address of what says so: an edition, a record's page."""
    kept = models.BooleanField(null=True)


class Ward(models.Model):
    """A ward's boundary, from a file that the clerk loaded: WGS 84, as GeoJSON; with its source and the day."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="wards")
    name = models.CharField(max_length=100)
    shape = models.TextField()
    source = models.CharField(max_length=400)
    loaded = models.DateField()


class AddressPoint(models.Model):
    """A street address and where it is, from a file that the clerk loaded; who asked for it is kept nowhere."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="address_points")
    folded = models.CharField(max_length=200)
    longitude = models.FloatField()
    latitude = models.FloatField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["town", "folded"], name="address_of_town")]
