"""What the public sees: rows that exist only because two people let them.

Nothing but ``ledger`` writes these tables, and it does so in the transaction that puts the leaf into the log. A page, a
file, a feed or a search that reads them, and only them, cannot show a draft.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from postme.keeping.store.visible import EntryRows, NamedRows, PartRows, QuoteRows, TextRows


class Place(models.Model):
    """A place that something was published of; its id is its short Open Civic Data id."""

    objects = NamedRows.as_manager()
    id = models.CharField(primary_key=True, max_length=200)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=20)
    state = models.CharField(max_length=200, blank=True, db_index=True)
    """The id of the state that it lies in, or its own."""
    fiction = models.BooleanField(default=False)


class Agency(models.Model):
    """A body whose holdings were published; its id is the place's, a slash, and a slug of its name."""

    objects = NamedRows.as_manager()
    id = models.CharField(primary_key=True, max_length=300)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="agencies")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    """The kind of body that laws know, such as ``police``."""
    names = models.JSONField(default=list)
    """Earlier and other names: [name, from, until], null for *unknown*."""


class Entry(models.Model):
    """One published thing with an address of its own: a holding, a record, a search.

    ``twin`` is its canonical JSON, byte for byte what its ``.json`` address serves and what the log's leaf is the hash of.
    """

    objects = EntryRows.as_manager()
    address = models.CharField(max_length=400, unique=True)
    kind = models.CharField(max_length=20)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="entries")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="entries")
    technology = models.CharField(max_length=60, blank=True)
    title = models.TextField()
    fiction = models.BooleanField(default=False)
    state = models.CharField(max_length=20)
    """``published`` or ``withdrawn``; a withdrawn entry keeps its address and says so there."""
    version = models.PositiveIntegerField()
    leaf = models.BigIntegerField()
    """The index in the log of the version that stands."""
    twin = models.TextField()
    first = models.DateTimeField()
    changed = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # Each begins with what narrows most: SQLite, which has no statistics, takes the index that most of a question fits.
            models.Index(fields=["place", "kind", "state", "technology"], name="entry_of_place"),
            models.Index(fields=["agency", "kind", "state", "technology"], name="entry_of_agency"),
            models.Index(fields=["technology", "kind", "place", "id", "state"], name="entry_of_technology"),
            models.Index(fields=["kind", "-changed"], name="entry_newest"),
            models.Index(fields=["place", "kind", "state", "-changed"], name="entry_newest_of_place"),
        ]


class Version(models.Model):
    """One leaf of the log: what happened to an entry, and the twin it had then; ``twin`` is null once it was taken down."""

    leaf = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64, db_index=True)
    """The leaf's hash (RFC 6962), in hex."""
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    at = models.DateTimeField(db_index=True)
    reason = models.TextField(blank=True)
    twin = models.TextField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "number"], name="one_version_of_a_number")]


class Claim(models.Model):
    """One part of what a published holding says, as a row for tables and filters; null is *unknown*."""

    objects = PartRows.as_manager()
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="claims")
    position = models.PositiveSmallIntegerField()
    part = models.CharField(max_length=20)
    value = models.TextField(null=True)
    how = models.CharField(max_length=10, default="stated")
    """``stated`` or ``observed``."""
    evidence = models.JSONField(default=list)
    """Ids of the mentions that this part rests on."""


class PublicRecord(models.Model):
    """A record that the public may open."""

    objects = PartRows.as_manager()
    sha256 = models.CharField(primary_key=True, max_length=64)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="record")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="records")
    name = models.TextField()
    title = models.TextField(null=True)
    date = models.CharField(max_length=10, null=True)
    body = models.TextField(null=True)
    media_type = models.CharField(max_length=100)
    pages = models.PositiveIntegerField()
    unreadable = models.PositiveIntegerField(default=0)
    reading = models.CharField(max_length=64, blank=True)
    """The digest of the text that was published, before anything was hidden; never shown."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["place", "-date", "sha256"], name="record_of_place"),
            models.Index(fields=["-date", "sha256"], name="record_newest"),
        ]


class PublicPage(models.Model):
    """The text of one page of a public record, with what was redacted blacked out."""

    objects = TextRows.as_manager()
    record = models.ForeignKey(PublicRecord, on_delete=models.CASCADE, related_name="texts")
    number = models.PositiveIntegerField()
    text = models.TextField()
    state = models.CharField(max_length=12)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["record", "number"], name="one_page_of_a_number")]


class Evidence(models.Model):
    """A quote that a published holding rests on."""

    objects = QuoteRows.as_manager()
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="evidence")
    record = models.ForeignKey(PublicRecord, on_delete=models.PROTECT, related_name="evidence")
    mention = models.CharField(max_length=16)
    page = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    act = models.CharField(max_length=20)
    date = models.CharField(max_length=10, null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record", "page", "start"], name="evidence_of_record")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "mention"], name="evidence_once")]
