"""What a server such as gunicorn runs: ``gunicorn postme.website.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postme.website.settings")
application = get_wsgi_application()
