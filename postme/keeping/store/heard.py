"""What the public may know of what people say: comments that are visible, counts level by level, receipts. Every way out reads here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Max, Prefetch

from postme import flood, publication, voices
from postme.keeping.store.saying import AdvisoryVote, Answer, Ballot, Comment, CommentVersion, Moderated
from postme.voices import Level, Position, State

# Chosen: what a reader looks through at once.
PAGE = 50
COLUMNS = (
    "number", "proposal", "position", "part", "text", "name", "level", "channel", "language", "version", "published", "changed", "stage", "leaf", "salt",
)  # fmt: skip


def _visible(slug: str) -> Any:
    return Comment.objects.visible().filter(proposal__slug=slug, proposal__public=True)


def tally(slug: str) -> dict[str, dict[str, int]]:
    """How many visible comments there are, level by level and position by position; nothing is added up."""
    return voices.tally(_visible(slug).order_by().values_list("level", "position").annotate(Count("pk")))


def channels(slug: str) -> dict[str, int]:
    """How many visible comments came by each channel."""
    return dict(_visible(slug).order_by().values_list("channel").annotate(Count("pk")))


def changed(slug: str) -> datetime.datetime | None:
    """When the newest visible comment came or was changed."""
    newest: datetime.datetime | None = _visible(slug).aggregate(newest=Max("changed"))["newest"]
    return newest


def time_series(slug: str, *, by: str = "day") -> list[dict[str, Any]]:
    """How many comments that are visible now were published in each day or hour."""
    return voices.series(_visible(slug).exclude(confirmed=None).values_list("confirmed", flat=True).iterator(), by=by)


def listed(slug: str, *, position: str = "", level: str = "", page: int = 1) -> tuple[list[dict[str, Any]], int]:
    """A page of visible comments, the newest first, and how many there are."""
    rows = _visible(slug)
    if position in set(Position):
        rows = rows.filter(position=position)
    if level in set(Level):
        rows = rows.filter(level=level)
    start = (page - 1) * PAGE
    return [told(row) for row in _whole(rows)[start : start + PAGE]], rows.count()


def latest(slug: str, most: int = 3) -> list[dict[str, Any]]:
    """The newest visible comments, without what was answered to them."""
    rows = _visible(slug).select_related("proposal").prefetch_related(_versions()).order_by("-confirmed", "-pk")
    return [_told(row) for row in rows[:most]]


def every(slug: str) -> Iterator[dict[str, Any]]:
    """All visible comments as rows of a table, the oldest first."""
    for row in _visible(slug).select_related("proposal").order_by("confirmed", "pk").iterator(500):
        yield {key: value for key, value in _columns(row).items() if key in COLUMNS}


def one(number: str) -> dict[str, Any] | None:
    """A visible comment by its receipt's number."""
    row = _whole(Comment.objects.visible().filter(number=number, proposal__public=True)).first()
    return told(row) if row else None


def _versions() -> Any:
    return Prefetch("versions", CommentVersion.objects.order_by("number"))


def _whole(rows: Any) -> Any:
    shown = Answer.objects.exclude(published=None)
    return (
        rows.select_related("proposal")
        .prefetch_related(_versions(), Prefetch("answers", shown))
        .order_by("-confirmed", "-pk")
    )


def told(row: Comment) -> dict[str, Any]:
    """A visible comment as everybody may have it: what its writer agreed to, and no more."""
    return {**_told(row), "answers": [answer.pk for answer in row.answers.all()]}


def _told(row: Comment) -> dict[str, Any]:
    return {
        **_columns(row),
        "history": [
            {"version": old.number, "position": old.position, "text": old.text, "at": _stamp(old.at), "leaf": old.leaf, "hash": old.hash}
            for old in row.versions.all()
        ],
    }  # fmt: skip


def _columns(row: Comment) -> dict[str, Any]:
    return {
        "number": row.number, "proposal": f"/decisions/{row.proposal.slug}/", "position": row.position, "part": row.part, "text": row.text,
        "name": voices.signed(row.name, row.shown), "level": row.level, "channel": row.channel, "language": row.language, "version": row.version,
        "published": _stamp(row.confirmed), "changed": _stamp(row.changed) if row.version > 1 else None, "stage": row.stage, "leaf": row.leaf, "salt": row.salt, "hash": row.hash,
    }  # fmt: skip


def _stamp(at: datetime.datetime | None) -> str | None:
    """To the minute: seconds would help somebody who watches a line to tell who wrote what."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%MZ") if at else None


def sealed_bytes(number: str) -> bytes | None:
    """The bytes of a visible comment or ballot whose SHA-256 the log holds; ``None`` where nothing is visible."""
    row = Comment.objects.visible().select_related("proposal").filter(number=number, proposal__public=True).first()
    if row is not None:
        return bytes(row.bytes)
    ballot = Ballot.objects.visible().select_related("vote__proposal").filter(number=number).first()
    return bytes(ballot.bytes) if ballot else None


# --- receipts --------------------------------------------------------------------------------------------------------


def receipt(number: str) -> dict[str, Any] | None:
    """How a comment or a ballot stands, for anybody: nothing of it but its state; ``None`` where there is none."""
    row = Comment.objects.select_related("proposal").filter(number=number).first()
    if row is None:
        ballot = Ballot.objects.select_related("vote__proposal").filter(number=number).first()
        return (
            None
            if ballot is None
            else {**_standing("ballot", ballot, ballot.vote.proposal), "stage": "received", "stands": ""}
        )
    act = Moderated.objects.filter(comment=row).order_by("-pk").first() if row.state == State.HIDDEN else None
    return {
        **_standing("comment", row, row.proposal), "stage": row.stage, "stands": row.stands,
        "rule": act.rule if act else "", "why": act.why if act else "",
    }  # fmt: skip


def _standing(what: str, row: Any, proposal: Any) -> dict[str, Any]:
    shown = publication.visible(row.state)
    return {
        "what": what, "number": row.number, "state": row.state, "proposal": f"/decisions/{proposal.slug}/", "slug": proposal.slug, "proposal_title": proposal.title,
        "leaf": row.leaf, "version": getattr(row, "version", 1), "hash": row.hash if shown else None,
    }  # fmt: skip


# --- advisory votes --------------------------------------------------------------------------------------------------


def vote(slug: str) -> dict[str, Any] | None:
    """The newest advisory vote on a proposal, with its results level by level; ``None`` where there is none."""
    row = AdvisoryVote.objects.filter(proposal__slug=slug, proposal__public=True).order_by("-pk").first()
    if row is None:
        return None
    counted = Ballot.objects.visible().filter(vote=row).order_by().values_list("level", "choice").annotate(Count("pk"))
    return {
        "id": row.pk, "question": row.question, "sha256": row.sha256, "opens": row.opens.isoformat(), "closes": row.closes.isoformat(),
        "results": voices.tally(counted), "advisory": True,
    }  # fmt: skip


# --- moderation and floods -------------------------------------------------------------------------------------------


def moderated() -> list[dict[str, Any]]:
    """How many comments are hidden now, by rule."""
    last = Comment.objects.filter(state=State.HIDDEN.value).annotate(last=Max("moderated__pk")).values("last")
    hidden = dict(Moderated.objects.filter(pk__in=last).order_by().values_list("rule").annotate(Count("pk")))
    return [{"rule": rule, "says": says, "hidden": hidden.get(rule, 0)} for rule, says in voices.RULES.items()]


def acts(most: int = 100) -> list[dict[str, Any]]:
    """Acts of moderation, the newest first, without the words that they are about and without who wrote them."""
    rows = Moderated.objects.select_related("comment").order_by("-pk")[:most]
    return [
        {"number": row.comment.number, "what": row.what, "rule": row.rule, "why": row.why, "at": row.at.date().isoformat(), "flood": bool(row.flood)} for row in rows
    ]  # fmt: skip


def floods(slug: str) -> list[dict[str, Any]]:
    """What the criteria find among a proposal's comments, shown and hidden, each with a sample of its words; for the desk."""
    rows = Comment.objects.filter(proposal__slug=slug, state__in=[State.PUBLISHED.value, State.HIDDEN.value], channel="web").exclude(confirmed=None)  # fmt: skip
    came = [flood.Came(*row) for row in rows.values_list("number", "folded", "domain", "confirmed").iterator()]
    criteria = {one.id: one for one in flood.CRITERIA}
    return [_found(one, criteria[one.criterion]) for one in flood.floods(came)]


def _found(found: flood.Flood, criterion: flood.Criterion) -> dict[str, Any]:
    rows = list(Comment.objects.filter(number__in=found.numbers[:5]).values("number", "text", "name", "state"))
    states: dict[str, int] = {}
    for some in _some(found.numbers):
        for state in Comment.objects.filter(number__in=some).values_list("state", flat=True):
            states[state] = states.get(state, 0) + 1
    return {
        "key": found.key, "criterion": criterion.id, "says": criterion.says, "cannot_show": criterion.cannot_show, "count": len(found.numbers), "numbers": found.numbers,
        "first": found.first, "last": found.last, "sample": rows, "shown": states.get("published", 0), "hidden": states.get("hidden", 0),
    }  # fmt: skip


def _some(numbers: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    every = list(numbers)
    return (every[i : i + size] for i in range(0, len(every), size))


def at_desk(
    slug: str, *, state: str = "published", number: str = "", page: int = 1
) -> tuple[list[dict[str, Any]], int]:
    """A page of comments for those who moderate, the newest first: what the public sees or saw of them, and by which rule they are hidden."""
    rows = Comment.objects.filter(proposal__slug=slug, state="hidden" if state == "hidden" else "published")
    rows = (rows.filter(number=number) if number else rows).prefetch_related("moderated").order_by("-confirmed", "-pk")
    start = (page - 1) * PAGE
    found = [
        {
            "number": row.number, "position": row.position, "text": row.text, "name": voices.signed(row.name, row.shown), "state": row.state, "at": row.confirmed,
            "level": row.level, "channel": row.channel, "acts": [{"what": act.what, "rule": act.rule, "why": act.why, "who": act.who, "at": act.at} for act in row.moderated.all()],
        }
        for row in rows[start : start + PAGE]
    ]  # fmt: skip
    return found, rows.count()


def waiting_at_desk(slug: str) -> dict[str, int]:
    """How many comments a proposal has in each state, for the desk."""
    return dict(Comment.objects.filter(proposal__slug=slug).order_by().values_list("state").annotate(Count("pk")))


def answers(slug: str, *, published: bool = True) -> list[dict[str, Any]]:
    """The department's answers to points that were made; those that wait for a second person where not ``published``."""
    rows = Answer.objects.filter(proposal__slug=slug).prefetch_related("comments").order_by("pk")
    rows = rows.exclude(published=None) if published else rows.filter(published=None)
    return [
        {
            "id": row.pk, "point": row.point, "text": row.text, "who": row.who, "at": _stamp(row.published or row.at),
            "comments": [one.number for one in row.comments.all() if publication.visible(one.state)],
        }
        for row in rows
    ]  # fmt: skip
