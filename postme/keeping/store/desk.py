"""What lies on the desk: drafts, redactions, what the public reported, and who did what. None of it is public by itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Draft(models.Model):
    """A publication, correction, withdrawal or redaction on its way; ``publication.LIFE`` says which step may follow which."""

    address = models.CharField(max_length=400, db_index=True)
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=20)
    facts = models.JSONField()
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=20, db_index=True)
    base = models.PositiveIntegerField(default=0)
    """The version of the entry that it was drawn from; 0 where there was none."""
    author = models.CharField(max_length=200)
    created = models.DateTimeField()
    changed = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)


class Redaction(models.Model):
    """A span of a record's page that the public must not see; in force once a second person approved it."""

    sha256 = models.CharField(max_length=64, db_index=True)
    page = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    reason = models.CharField(max_length=40)
    text = models.CharField(max_length=64, blank=True)
    """The digest of the page's text that it was marked on: in another reading the same place holds other words."""
    state = models.CharField(max_length=20)
    """``asked``, ``in force`` or ``refused``."""
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided = models.DateTimeField(null=True)


class Report(models.Model):
    """*Something wrong here?* or the right of reply of the body named: with a public clock and outcome.

    ``contact`` is erased when the report is closed. ``shown`` says whether its words may be read in public.
    """

    token = models.CharField(max_length=32, unique=True)
    about = models.CharField(max_length=400, db_index=True)
    kind = models.CharField(max_length=10)
    """``error`` or ``reply``."""
    text = models.TextField()
    name = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    received = models.DateTimeField()
    due = models.DateField()
    state = models.CharField(max_length=20, db_index=True)
    """``open``, ``corrected``, ``kept``, ``published`` (a reply) or ``refused``."""
    outcome = models.TextField(blank=True)
    closed = models.DateTimeField(null=True)
    shown = models.BooleanField(default=False)


class DeskAct(models.Model):
    """One act on the desk: who, when, what, on what, and why. Never changed."""

    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    what = models.CharField(max_length=60)
    target = models.CharField(max_length=400)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at"], name="desk_newest")]
