"""Django's commands of the site: ``python -m postme.website NAME``."""
