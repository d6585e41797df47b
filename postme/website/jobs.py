"""What runs in the background: each job a function that may be run twice without harm, told by numbers and hashes only.

With ``POSTME_JOBS=worker`` a job is a row of the database, written in the same transaction as what asked for it, and
``python -m postme.website db_worker`` does it. Otherwise it is done as soon as that transaction stands.
``python -m postme.website daily`` does what every day needs.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django_tasks import task
from django_tasks.base import Task

from postme.keeping.store import knowing
from postme.keeping.store.models import Entry, PublicPage, Redaction, Report
from postme.office import packet as packing
from postme.office import upkeep
from postme.redaction import Reason
from postme.redaction import Redaction as Hidden

_LOG = logging.getLogger(__name__)


@task
def pictures_drawn(sha256: str) -> int:
    """Draw the pages of a public record ahead, as the public may see them: how many. 0 where it is not public."""
    pages = list(
        PublicPage.objects.visible().filter(record_id=sha256).order_by("number").values_list("number", flat=True)
    )
    hidden: dict[int, list[Hidden]] = defaultdict(list)
    for one in Redaction.objects.filter(sha256=sha256, state="in force"):
        hidden[one.page].append(Hidden(one.page, one.start, one.end, Reason(one.reason)))
    return upkeep.drawn(settings.DATA, sha256, pages, hidden)


@task
def report_told(number: int) -> bool:
    """Tell those who answer reports, by mail, that one came: what it is about and when it is due; not what it says, nor from whom."""
    report = Report.objects.filter(pk=number, state="open").first()
    if report is None or not settings.MAIL or not settings.MAIL_STAFF:
        return False
    kind = "A body has answered" if report.kind == "reply" else "Somebody says that something is wrong"
    EmailMessage(
        subject=f"{kind} (due {report.due:%B} {report.due.day}, {report.due.year})",
        body=f"{kind}.\n\nAbout: {settings.SITE}{report.about}\nDue: {report.due.isoformat()}\nRead it at the desk: {settings.SITE}/desk/\n",
        to=[settings.MAIL_STAFF],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
    return True


@task
def pictures_pruned() -> None:
    """Keep the cache of pictures within its bounds."""
    upkeep.pruned(settings.DATA)


@task
def search_refreshed() -> bool:
    """Write what can be found without being published anew, where the catalogue or the laws have changed; whether they had."""
    return knowing.refreshed(settings.CATALOGUES)


@task
def log_checked() -> int:
    """Hold the log's files against the table: its size. Raises KeepingError, and tells the staff by mail, where they differ."""
    try:
        return upkeep.log_held(settings.DATA, settings.LOG_ORIGIN)
    except Exception:
        _LOG.error("the log's files and the table differ")
        if settings.MAIL and settings.MAIL_STAFF:
            EmailMessage(
                subject="The public log and the database differ",
                body="The log's files and the database do not say the same. Publish nothing more until docs/run.md, “When something is wrong”, was read.\n",
                to=[settings.MAIL_STAFF],
            ).send()
        raise


@task
def reminders_queued() -> int:
    """Queue what clerks and liaisons are reminded of today: how many letters. A second time on the same day queues none anew."""
    from postme.website import reminding

    return reminding.queued()


@task
def packets_renewed() -> int:
    """Draw the packets of meetings ahead again, as things stand today: how many."""
    return packing.renewed(settings.DATA, settings.LOG_ORIGIN, settings.SITE)


DAILY: tuple[Task[..., Any], ...] = (log_checked, search_refreshed, pictures_pruned, reminders_queued, packets_renewed)


def ask(job: Task[..., Any], *told: Any) -> None:
    """Have a job done: with the transaction that asks for it, or not at all."""
    if settings.JOBS == "worker":
        job.enqueue(*told)
    else:
        transaction.on_commit(lambda: _at_once(job, told))


def _at_once(job: Task[..., Any], told: tuple[Any, ...]) -> None:
    done = job.enqueue(*told)
    _LOG.log(logging.ERROR if done.errors else logging.INFO, "job", extra={"job": job.name, "result": str(done.status)})


def entry_saved(sender: Any, instance: Entry, **_: Any) -> None:
    """After a record was published: its pictures ahead, if somebody else than the one who waits can draw them."""
    if instance.kind == "record" and instance.state == "published" and settings.JOBS == "worker":
        ask(pictures_drawn, instance.address.strip("/").split("/")[-1])


def report_saved(sender: Any, instance: Report, created: bool, **_: Any) -> None:
    """After a report came in: those who answer it are told."""
    if created and settings.MAIL and settings.MAIL_STAFF:
        ask(report_told, instance.pk)
