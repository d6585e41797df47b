"""The website as a Django application: at the start it tells the office where things lie."""

from django.apps import AppConfig
from django.conf import settings


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
