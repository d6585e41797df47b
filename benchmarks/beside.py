"""What the site stands beside, each as a server of its own: Datasette on the same file, and an answer that costs nothing.

``uvicorn --factory beside:datasette`` in .venv-bench; ``gunicorn beside:hello`` in .venv.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def datasette() -> Any:
    """Datasette's application on the file in BENCH_FILE: opened as one that never changes, tables counted beforehand, which is its fastest.

    BENCH_FACETS=0 also takes its suggestions of facets away, which cost a query for each column.
    """
    from datasette.app import Datasette

    file = os.environ["BENCH_FILE"]
    counted = json.loads(Path(os.environ["BENCH_COUNTED"]).read_text())
    settings = {
        "suggest_facets": os.environ.get("BENCH_FACETS") != "0",
        "sql_time_limit_ms": 10_000,
        "default_page_size": 100,
    }
    return Datasette([], immutables=[file], inspect_data=counted, settings=settings).app()


def hello(_: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """The least that a Python server can do."""
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\n"]
