"""What all tests share: this folder on the path (``import smalltown``), and how hard hypothesis tries."""

from __future__ import annotations

import os
import sys

from hypothesis import HealthCheck, settings

_RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile("short", deadline=None, max_examples=60, suppress_health_check=_RELAXED, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=2000, suppress_health_check=_RELAXED, print_blob=True)
# Django is set up once in a process: tests/website brings the site's settings and needs a process of its own (make test).
collect_ignore = [] if any("tests/website" in argument for argument in sys.argv) else ["website"]
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
