"""What is kept for good: searches, the records they read, mentions, and rulings on them.

Rows are added; a ruling that was taken back keeps its row and says so.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class StoredRecord(models.Model):
    """A record as it was read; null means *unknown*."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    name = models.TextField()
    """The path, or ``archive!/member``, under which it was met last."""
    media_type = models.CharField(max_length=100)
    title = models.TextField(null=True)
    date = models.CharField(max_length=10, null=True)
    body = models.TextField(null=True)
    pages = models.PositiveIntegerField()
    unreadable = models.JSONField(default=list)
    """[page number, why] of each page that could not be read."""
    reader = models.CharField(max_length=200)
    notes = models.JSONField(default=list)
    scanner = models.CharField(max_length=300)
    """The versions of catalogue and reader that its mentions were last found by."""


class Listing(models.Model):
    """Which files a search was given and what became of each: kept once, however often it is the same."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    files = models.BinaryField()
    """Packed list of [path, sha256 or null, pages, unreadable, error or null]."""


class Search(models.Model):
    """A search is a record: what was looked through, when, by which catalogue, and what could not be read."""

    started = models.DateTimeField()
    ended = models.DateTimeField()
    place = models.CharField(max_length=200, null=True)
    paths = models.JSONField()
    catalogue = models.CharField(max_length=64)
    reader = models.CharField(max_length=200)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="searches")
    files = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    unreadable = models.PositiveIntegerField()
    mentions = models.PositiveIntegerField()


class StoredMention(models.Model):
    """A mention as first found. ``id`` is the same for the same words at the same place meaning the same."""

    id = models.CharField(primary_key=True, max_length=16)
    record = models.ForeignKey(StoredRecord, on_delete=models.PROTECT, related_name="mentions")
    page = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    technologies = models.JSONField()
    certainty = models.CharField(max_length=10)
    facts = models.JSONField()
    """The mention as it is printed: context, vendor, act, amount, why and the rest."""
    catalogue = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record", "page", "start"])]


class Ruling(models.Model):
    """What a person said of a mention: kept for good, with who, when and why. The newest that stands, counts."""

    class Answer(models.TextChoices):
        """The three answers."""

        YES = "yes"
        NO = "no"
        UNSURE = "unsure"

    mention = models.ForeignKey(StoredMention, on_delete=models.PROTECT, related_name="rulings")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    why = models.TextField(blank=True)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mention", "at"])]
