"""How gunicorn serves the site: ``gunicorn --config python:postme.website.gunicorn postme.website.wsgi``.

What may differ from town to town is in the environment (docs/run.md); the rest is here, each with its reason.
"""

from __future__ import annotations

import gc
import logging.config
from typing import Any

from postme.website import journal
from postme.website.environment import Environment

_ENVIRONMENT = Environment()

bind = "127.0.0.1:8000"
workers = _ENVIRONMENT.number("POSTME_WORKERS")
# Threads, so that a reader on a slow line does not hold a whole process.
worker_class = "gthread"
threads = _ENVIRONMENT.number("POSTME_THREADS")
# Chosen: the slowest honest answer (a page of a large record drawn for the first time) takes ten seconds.
timeout = 60
graceful_timeout = 20
keepalive = 5
# Chosen: a worker that has leaked is replaced before anybody notices; not all at the same time.
max_requests, max_requests_jitter = 10_000, 1_000
# Chosen: the longest address is a question to the law with every fact stated; headers are a browser's.
limit_request_line, limit_request_fields, limit_request_field_size = 8190, 60, 8190
# Only these may say by X-Forwarded-Proto that a request came encrypted.
forwarded_allow_ips = ",".join(_ENVIRONMENT.networks("POSTME_PROXIES"))
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}
# Laws and catalogue are read before the workers begin, so that all of them share one copy in memory.
preload_app = True
# The site writes its own lines, without addresses; gunicorn's would hold them.
accesslog = None
loglevel = _ENVIRONMENT.text("POSTME_LOG_LEVEL")
# Nothing of ours needs a door for orders, and two sites of one account would share it.
control_socket_disable = True
# A worker's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(server: Any) -> None:
    """Have gunicorn's own messages written as the site's lines."""
    logging.config.dictConfig(journal.settings(loglevel))
    server.log.error_log.handlers.clear()
    server.log.error_log.propagate = True


def when_ready(_: Any) -> None:
    """Before the workers begin: read what all of them need, and let no connection be shared by them."""
    from django.db import connections

    from postme.office import counsel, glossary

    counsel.every()
    glossary.catalogue()
    connections.close_all()
    gc.collect()
    gc.freeze()  # what the collector does not touch stays shared
