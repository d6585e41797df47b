"""The report's files: a page from its template, written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from postme.office.marking import AROUND, clock, counted, day, marked, moment, money, plain, shown

# Chosen: files of one failure that are named before the rest is left to the table of records.
NAMED = 200
_MADE_BY = Markup('<meta name="generator" content="postme report">')


@cache
def template() -> Template:
    """The page, with its style and script inside and a policy that lets in nothing else."""
    own = resources.files("postme.office")
    style, script = (Markup((own / f"report.{ending}").read_text("utf-8")) for ending in ("css", "js"))  # noqa: S704  (our own files)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
        extensions=["jinja2.ext.do"],
    )
    environment.filters.update(
        plain=plain, marked=marked, money=money, day=day, moment=moment, clock=clock, counted=counted,
        dated=lambda entries: [list(some) for _, some in groupby(entries, lambda e: (e.date, e.dated_by, e.mention["path"]))],
    )  # fmt: skip
    environment.globals.update(
        style=style, script=script, made_by=_MADE_BY, around=AROUND, named=NAMED,
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'",
    )  # fmt: skip
    return environment.from_string((own / "report.html").read_text("utf-8"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def put(file: Path, page: Template, **shows: Any) -> Path:
    """Render a page beside its place, then put it there whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(page.generate(**shows))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return file


def clear(folder: Path, keep: set[str]) -> None:
    """Take away further files of an earlier report, which would contradict this one; never a file that is not ours."""
    for file in folder.glob("*-*.html"):
        if file.name not in keep and re.fullmatch(r"(evidence-.+|perhaps|ruled-out|records)-\d+\.html", file.name):
            with file.open(encoding="utf-8", errors="replace") as text:
                ours = _MADE_BY in text.read(1_000)
            if ours:
                file.unlink()
