"""Open letters: coalitions and their organizations, the versions of a letter, who agreed to which, who signed, to whom it was handed.

Of a person who signs only what they agreed to show is shown. Their mail address is kept closed, and only while something
must still be sent to it. What goes to the coalition is closed to its own key, which nobody here can open.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from postme import letter, voices
from postme.keeping.store.proceeding import Town
from postme.keeping.store.visible import CommentRows


class Coalition(models.Model):
    """Organizations that write letters together. ``key`` is its public key (age, X25519); nobody here has the private one."""

    slug = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    about = models.TextField(blank=True)
    contact = models.CharField(max_length=200, blank=True)
    """How the public writes to it: an address of a site, or a mail address that it wants to be public."""
    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="coalitions")
    key = models.CharField(max_length=80, blank=True)
    key_since = models.DateTimeField(null=True)
    kept_days = models.PositiveIntegerField(default=letter.KEPT.days)
    """How long after a letter is closed its signers are kept."""
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Organization(models.Model):
    """An organization of a coalition. ``domain`` is its own, by which its people can prove themselves."""

    coalition = models.ForeignKey(Coalition, on_delete=models.PROTECT, related_name="organizations")
    name = models.CharField(max_length=160)
    alike = models.CharField(max_length=200)
    """The name as it is compared (``letter.alike``)."""
    domain = models.CharField(max_length=255, blank=True)
    site = models.CharField(max_length=300, blank=True)
    logo = models.CharField(max_length=64, blank=True, default="")
    """The SHA-256 of its logo as it is kept (``office.logos``); empty without one."""
    since = models.DateTimeField()
    left = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["coalition", "alike", "domain"], condition=models.Q(left=None), name="one_organization_of_a_name"
            )
        ]  # fmt: skip


class Member(models.Model):
    """Who acts for an organization, from when to when; ``person`` is the account's name."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="people")
    person = models.CharField(max_length=200, db_index=True)
    title = models.CharField(max_length=120, blank=True)
    organizer = models.BooleanField(default=False)
    """Whether they also act for the whole coalition."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=200)


class OpenLetter(models.Model):
    """A letter of a coalition. ``state`` is one of ``letter.State``."""

    slug = models.CharField(max_length=110, unique=True)
    coalition = models.ForeignKey(Coalition, on_delete=models.PROTECT, related_name="letters")
    state = models.CharField(max_length=12, db_index=True)
    draft = models.JSONField(default=dict)
    """The text that is being worked on, as ``office.letters`` keeps it."""
    turn = models.PositiveIntegerField(default=0)
    """Grows with each change, so that nobody undoes what they have not seen."""
    last_day = models.DateField(null=True)
    """The last day for signing; null while nobody has said one."""
    opened = models.DateTimeField(null=True)
    closed = models.DateTimeField(null=True)
    erased = models.DateTimeField(null=True)
    """When the people who signed were erased."""
    who = models.CharField(max_length=200)
    at = models.DateTimeField()

    @property
    def address(self) -> str:
        """Its page."""
        return f"/letters/{self.slug}/"


class LetterVersion(models.Model):
    """A text that was or is open for signing; its bytes never change."""

    letter = models.ForeignKey(OpenLetter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.JSONField()
    sha256 = models.CharField(max_length=64)
    change = models.CharField(max_length=10)
    why = models.TextField(blank=True)
    leaf = models.BigIntegerField(null=True)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["letter", "number"], name="one_version_of_a_letter")]


class Remark(models.Model):
    """What an organization says about a draft, among the coalition's organizations alone."""

    letter = models.ForeignKey(OpenLetter, on_delete=models.CASCADE, related_name="remarks")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    done = models.BooleanField(default=False)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Agreed(models.Model):
    """That an organization of the coalition agreed to exactly one text."""

    letter = models.ForeignKey(OpenLetter, on_delete=models.CASCADE, related_name="agreed")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["letter", "organization", "sha256"], name="agreed_to_a_text_once")
        ]


class Signed(models.Model):
    """A signature. ``state`` is one of ``letter.Signature``; ``version`` the text that its signer saw."""

    objects = CommentRows.as_manager()
    number = models.CharField(max_length=16, unique=True)
    """Its receipt's number: anybody may look it up."""
    secret = models.CharField(max_length=64, unique=True)
    """The hash of the token in the signer's mail."""
    letter = models.ForeignKey(OpenLetter, on_delete=models.PROTECT, related_name="signatures")
    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=12)
    level = models.CharField(max_length=12)
    name = models.CharField(max_length=120, blank=True)
    alike = models.CharField(max_length=200, blank=True)
    """Of an organization: its name as it is compared."""
    shown = models.CharField(max_length=10)
    by = models.CharField(max_length=120, blank=True)
    """Of an organization: who signed for it, where they want it shown."""
    role = models.CharField(max_length=120, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    """Of an organization: its own."""
    area = models.CharField(max_length=40, blank=True)
    comment = models.TextField(blank=True)
    language = models.CharField(max_length=12, default="en")
    mail = models.BinaryField(default=b"")
    """The address, closed; empty once nothing must be sent to it."""
    mark = models.CharField(max_length=64, blank=True)
    mail_domain = models.CharField(max_length=64, blank=True)
    """A keyed hash, for the criteria of batches."""
    thanked = models.BooleanField(default=False)
    """Whether they want to hear what came of it; their address is kept for that."""
    parcel = models.BinaryField(default=b"")
    """For the coalition, closed to its key; empty where they did not agree, or it was erased."""
    state = models.CharField(max_length=12)
    received = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)
    changed = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    sealed = models.CharField(max_length=64, blank=True)
    """Its hash, kept once its words and salt are erased."""
    leaf = models.BigIntegerField(null=True)
    who = models.CharField(max_length=200, blank=True)
    """Who typed it in, where it came on paper or by the coalition's word."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["letter", "state", "level", "version"], name="signature_counted"),
            models.Index(fields=["letter", "state", "kind", "-confirmed"], name="signature_newest"),
            models.Index(fields=["letter", "mark"], name="signature_of_address"),
            models.Index(fields=["state", "leaf"], name="signature_unsealed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["letter", "mark", "kind"], condition=models.Q(state="published") & ~models.Q(mark=""), name="one_signature_a_mail_address"
            )
        ]  # fmt: skip

    @property
    def bytes(self) -> bytes:
        """The signature as the bytes whose hash the log holds."""
        return letter.signature_bytes(
            number=self.number, letter=self.letter.address, text=self.version.sha256, kind=self.kind, level=self.level,
            name=letter.named(self.name, self.shown, self.kind), by=self.by, role=self.role, area=self.area, comment=self.comment, salt=self.salt,
        )  # fmt: skip

    @property
    def hash(self) -> str:
        """Its salted hash."""
        return self.sealed or voices.digest(self.bytes)


class SetAside(models.Model):
    """That signatures were set aside by a published criterion, or restored; public, with the reason and without names."""

    letter = models.ForeignKey(OpenLetter, on_delete=models.PROTECT, related_name="set_aside")
    what = models.CharField(max_length=12)
    """``hidden`` or ``restored``."""
    rule = models.CharField(max_length=40)
    flood = models.CharField(max_length=20, blank=True)
    why = models.TextField()
    numbers = models.JSONField(default=list)
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Delivery(models.Model):
    """That a letter was handed to one person or body: which text, with which counts, as which file; and what they did."""

    letter = models.ForeignKey(OpenLetter, on_delete=models.PROTECT, related_name="deliveries")
    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT)
    to = models.CharField(max_length=200)
    seat = models.IntegerField(null=True)
    """The seat of the council, where it is one."""
    how = models.CharField(max_length=20)
    """``mail``, ``by hand`` or ``post``."""
    on = models.DateField()
    counts = models.JSONField()
    pdf = models.CharField(max_length=64)
    """The SHA-256 of the PDF that was handed over."""
    outgoing = models.CharField(max_length=200, blank=True)
    """The letter in the queue, where it went by mail."""
    outcome = models.CharField(max_length=30, blank=True)
    answered = models.DateField(null=True)
    answer = models.TextField(blank=True)
    link = models.CharField(max_length=400, blank=True)
    """Where the answer, the vote or the law can be read."""
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
