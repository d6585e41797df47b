"""``python -m postme.website daily``: what every day needs, by a timer (deploy/postme-daily.timer)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from postme.website import jobs


class Command(BaseCommand):
    """Each daily job is asked for; without a worker it is done here. Exit status 1 where one failed."""

    help = "Do what every day needs: hold the log against the table, renew what search knows, tidy caches and sessions."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Ask for each daily job, and clear away what is over."""
        failed = []
        for job in jobs.DAILY:
            done = job.enqueue()
            if done.is_finished and done.errors:
                failed.append(job.name)
            self.stdout.write(
                f"{job.name}: {'asked for' if not done.is_finished else 'failed' if done.errors else 'done'}"
            )
        call_command("clearsessions")
        if settings.JOBS == "worker":
            call_command("prune_db_task_results", verbosity=0)
        if failed:
            raise CommandError(f"failed: {', '.join(failed)}. The lines above, on standard error, say where.")
