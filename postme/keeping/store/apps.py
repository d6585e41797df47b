"""The store as a Django application."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Label ``store``; its tables are ``store_*``."""

    name = "postme.keeping.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
