"""``python -m postme.website migrate`` and Django's other commands, with the site's settings."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postme.website.settings")
execute_from_command_line(["postme.website", *sys.argv[1:]])
