"""What people say: comments, advisory ballots, who wants to speak, who wants to be told; and the mail that goes out.

Of a person only what they agreed to show is shown. Their mail address is kept encrypted, and only while something must
still be sent to it; ``mark`` is a keyed hash of it, so that one address counts once. Street addresses and addresses of
machines are in no table.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from postme import voices
from postme.keeping.store.proceeding import Meeting, Proposal, Town
from postme.keeping.store.visible import CommentRows


class Comment(models.Model):
    """A comment on a proposal. ``state`` is one of ``voices.State``: *waiting* (mail not confirmed), *published*, *hidden*, *withdrawn*, *replaced*."""

    objects = CommentRows.as_manager()
    number = models.CharField(max_length=16, unique=True)
    """Its receipt's number: anybody may look it up."""
    secret = models.CharField(max_length=64, unique=True)
    """The hash of the token in the writer's mail, with which it is confirmed, changed and withdrawn."""
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="comments")
    position = models.CharField(max_length=10)
    """``for``, ``against`` or ``neither``."""
    part = models.CharField(max_length=120, blank=True)
    """The part of the text that it is about: ``impact_report.cost``; empty for the whole."""
    text = models.TextField()
    language = models.CharField(max_length=12, default="en")
    name = models.CharField(max_length=120, blank=True)
    shown = models.CharField(max_length=10)
    """How the name is shown: ``full``, ``short`` or ``none``."""
    level = models.CharField(max_length=20)
    """``mail``, ``address`` or ``clerk``; of those that the clerk entered, the channel says how they came."""
    channel = models.CharField(max_length=10, default="web")
    """``web``, ``paper``, ``phone`` or ``hearing``."""
    ward = models.CharField(max_length=100, blank=True)
    mail = models.BinaryField(default=b"")
    """The address, encrypted; empty once nothing must be sent to it."""
    mark = models.CharField(max_length=64, blank=True, db_index=True)
    domain = models.CharField(max_length=64, blank=True)
    """A keyed hash of the mail address's domain, for the criteria of floods."""
    state = models.CharField(max_length=12, db_index=True)
    stage = models.CharField(max_length=12, default="received")
    """``received``, ``in packet`` or ``answered``."""
    version = models.PositiveIntegerField(default=1)
    received = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)
    changed = models.DateTimeField(null=True)
    """When the version that stands was made."""
    expires = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    leaf = models.BigIntegerField(null=True)
    """The log's entry that holds the salted hash of the version that stands."""
    who = models.CharField(max_length=200, blank=True)
    """Who entered it at the desk, where it did not come by the web."""
    folded = models.CharField(max_length=64, blank=True)
    """The mark of its words, the same for all with the same words (``flood.folded``), for the criteria of floods."""
    stands = models.CharField(max_length=16, blank=True)
    """Of one that was replaced: the number of the comment that stands for this writer."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["proposal", "state", "-confirmed"], name="comment_of_proposal"),
            models.Index(fields=["state", "leaf"], name="comment_unsealed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["proposal", "mark"], condition=models.Q(state="published") & ~models.Q(mark=""), name="one_comment_a_mail_address"
            )
        ]  # fmt: skip

    @property
    def bytes(self) -> bytes:
        """The version that stands as the bytes whose hash the log holds."""
        return voices.comment_bytes(
            number=self.number, proposal=f"/decisions/{self.proposal.slug}/", version=self.version, position=self.position, part=self.part, text=self.text,
            name=voices.signed(self.name, self.shown), level=self.level, channel=self.channel, language=self.language, salt=self.salt,
        )  # fmt: skip

    @property
    def hash(self) -> str:
        """The salted hash of the version that stands."""
        return voices.digest(self.bytes)


class CommentVersion(models.Model):
    """What a comment said before it was changed; public with it where the comment is."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    position = models.CharField(max_length=10)
    text = models.TextField()
    at = models.DateTimeField()
    hash = models.CharField(max_length=64)
    leaf = models.BigIntegerField(null=True)
    """The log's entry that holds this hash. Its salt is gone: nobody can prove by it what a changed comment said."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["comment", "number"], name="one_version_of_a_comment")]


class Moderated(models.Model):
    """An act of moderation: which published rule, why, by whom; reversible, and public without the words it is about."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="moderated")
    what = models.CharField(max_length=12)
    """``hidden`` or ``restored``."""
    flood = models.CharField(max_length=20, blank=True)
    """The finding that it was done for at once with others."""
    rule = models.CharField(max_length=40)
    why = models.TextField()
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Answer(models.Model):
    """A department's reply to a point that many made."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="answers")
    point = models.TextField()
    text = models.TextField()
    comments = models.ManyToManyField(Comment, related_name="answers")
    who = models.CharField(max_length=200)
    at = models.DateTimeField()
    published = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=200, blank=True)
    """The second person, who let it out."""


class AdvisoryVote(models.Model):
    """A question put to the people, advisory: its exact text, and the hash of that text on every ballot."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="advisory_votes")
    question = models.TextField()
    sha256 = models.CharField(max_length=64)
    opens = models.DateField()
    closes = models.DateField()
    who = models.CharField(max_length=200)
    at = models.DateTimeField()


class Ballot(models.Model):
    """One answer to an advisory vote; one a mail address. ``state`` is *waiting*, *published* or *withdrawn*."""

    objects = CommentRows.as_manager()
    number = models.CharField(max_length=16, unique=True)
    secret = models.CharField(max_length=64, unique=True)
    vote = models.ForeignKey(AdvisoryVote, on_delete=models.PROTECT, related_name="ballots")
    choice = models.CharField(max_length=10)
    level = models.CharField(max_length=20)
    ward = models.CharField(max_length=100, blank=True)
    mail = models.BinaryField(default=b"")
    mark = models.CharField(max_length=64, blank=True)
    domain = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, db_index=True)
    received = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    leaf = models.BigIntegerField(null=True)
    who = models.CharField(max_length=200, blank=True)

    @property
    def bytes(self) -> bytes:
        """The ballot as the bytes whose hash the log holds."""
        return voices.ballot_bytes(
            number=self.number, proposal=f"/decisions/{self.vote.proposal.slug}/", question=self.vote.sha256, choice=self.choice, level=self.level, salt=self.salt,
        )  # fmt: skip

    @property
    def hash(self) -> str:
        """Its salted hash."""
        return voices.digest(self.bytes)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vote", "mark"], condition=models.Q(state="published") & ~models.Q(mark=""), name="one_ballot_a_mail_address"
            )
        ]  # fmt: skip


class Speaker(models.Model):
    """Somebody who wants to speak at a meeting: the name as they gave it, for whom the clerk calls up."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="speakers")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=120)
    position = models.CharField(max_length=10)
    needs = models.CharField(max_length=300, blank=True)
    """An interpreter, a seat near the front; for the clerk alone."""
    language = models.CharField(max_length=12, default="en")
    secret = models.CharField(max_length=64, unique=True)
    mail = models.BinaryField(default=b"")
    state = models.CharField(max_length=12, db_index=True)
    received = models.DateTimeField()


class Subscription(models.Model):
    """Somebody who wants to be told: of what (a place, a technology, a proposal, a search), at which address, in which language."""

    secret = models.CharField(max_length=64, unique=True)
    about = models.CharField(max_length=400, db_index=True)
    """The address of what it is about, such as ``/decisions/…/`` or ``/search/?q=…``."""
    mail = models.BinaryField(default=b"")
    mark = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="en")
    state = models.CharField(max_length=12, db_index=True)
    """``waiting``, ``on`` or ``ended``."""
    since = models.DateTimeField()
    expires = models.DateTimeField(null=True)
    seen = models.BigIntegerField(default=-1)
    """The log's last entry that it was told of."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["about", "mark"], name="one_subscription_each")]


class Told(models.Model):
    """That a subscriber was told of something: each of them once."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="told")
    event = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subscription", "event"], name="told_once")]


class Outgoing(models.Model):
    """A letter in the queue. ``once`` is what it is for: a second one for the same is never queued."""

    once = models.CharField(max_length=200, unique=True)
    mail = models.BinaryField(default=b"")
    """Address, words and headers, closed in an envelope (the links in them open things); erased once sent or given up."""
    subject = models.CharField(max_length=300)
    state = models.CharField(max_length=10, db_index=True)
    """``waiting``, ``sent`` or ``given up``."""
    tries = models.PositiveIntegerField(default=0)
    due = models.DateTimeField(db_index=True)
    queued = models.DateTimeField()
    sent = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)


class Office(models.Model):
    """Who holds a role in a town's process, from when to when; a hand-over ends one row and begins another."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="offices")
    person = models.CharField(max_length=200, db_index=True)
    """The account's name."""
    role = models.CharField(max_length=20)
    agency = models.CharField(max_length=300, blank=True)
    """Of a department's liaison the body they act for."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    handed_to = models.CharField(max_length=200, blank=True)
    given_by = models.CharField(max_length=200)
