"""The website as a Django application: at the start it tells the office where things lie."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.models.signals import post_migrate, post_save


class WebsiteConfig(AppConfig):
    """Label ``website``; it has no tables."""

    name = "postme.website"
    label = "website"

    def ready(self) -> None:
        """Laws are parsed once and kept; a town's own stand beside them."""
        from postme.office import counsel, glossary

        counsel.keep_in(settings.DATA / "cache")
        counsel.also_from(settings.LAWS)
        glossary.use(settings.CATALOGUES, settings.DATA / "cache")
        post_migrate.connect(_known, sender=apps.get_app_config("store"))
        _asked_for()


def _asked_for() -> None:
    """What is written asks for the jobs that follow from it."""
    from postme.keeping.store.models import Entry, Report
    from postme.website import jobs

    post_save.connect(jobs.entry_saved, sender=Entry)
    post_save.connect(jobs.report_saved, sender=Report)


def _known(**_: Any) -> None:
    """Let places, technologies, makers and laws be found from the first search on; it takes seconds once a version."""
    from django.db import connection

    from postme.keeping.store import knowing

    if "store_known" in connection.introspection.table_names():  # not so after a step back
        knowing.refreshed(settings.CATALOGUES)
