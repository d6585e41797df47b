"""Writes what was measured into docs/performance.md, between its marks, so that no figure is ever typed.

python benchmarks/publish.py build/bench/*.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import report

DOCUMENT = report.ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: {} -->", "<!-- /measured: {} -->"


def placed(text: str, name: str, block: str) -> str:
    """The text with the block between the marks of that name.

    >>> placed("a\\n<!-- measured: x -->\\nold\\n<!-- /measured: x -->\\nb", "x", "new")
    'a\\n<!-- measured: x -->\\n\\nnew\\n\\n<!-- /measured: x -->\\nb'
    """
    begin, end = _BEGIN.format(name), _END.format(name)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise SystemExit(f"{DOCUMENT.name} must hold {begin} and {end} once each, in that order.")
    return f"{text[: text.index(begin) + len(begin)]}\n\n{block}\n\n{text[text.index(end) :]}"


def main() -> None:
    """Take the JSON files of the benchmarks; refuse what is synthetic or only a part, unless told."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--anyway", action="store_true", help="publish also what is synthetic or only a first look (it says so)"
    )
    given = parser.parse_args()
    text = DOCUMENT.read_text(encoding="utf-8")
    missed = []
    for file in given.files:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if not given.anyway and (kept["synthetic"] or not kept["whole"]):
            raise SystemExit(
                f"{file}: measured on synthetic text or on a part only; not published (--anyway publishes it)."
            )
        text = placed(text, kept["benchmark"], report.markdown(kept))
        missed += [
            f"{kept['benchmark']}: {t['what']}: {t['measured']}, {t['bound']}" for t in kept["targets"] if not t["met"]
        ]
    DOCUMENT.write_text(text, encoding="utf-8")
    for line in missed:
        print(f"not kept: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
