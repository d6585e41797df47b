"""An audit written down: ``audit.json`` with everything, ``audit.csv`` with every rate, ``report.html`` to be read and printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from postme.errors import KeepingError, WrongUse
from postme.keeping import writing
from postme.office import auditreport, exporting
from postme.office.bias.stating import FORMAT

JSON, CSV, HTML = "audit.json", "audit.csv", "report.html"
_COLUMNS = ("grouped_by", "threshold", "asked", "kind", "group", "other", "errors", "comparisons", "people", "rate", "low", "high", "design_effect", "ratio_to_reference", "ratio_low", "ratio_high", "words")  # fmt: skip


def write(folder: Path, facts: Mapping[str, Any]) -> list[Path]:
    """Write the three files. Errors: ``KeepingError`` when the folder cannot be written."""
    files = {
        JSON: json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False).encode(),
        CSV: table(facts),
        HTML: auditreport.page(facts).encode(),
    }
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            writing.written(folder / name, data, mode=0o644)
            made.append(folder / name)
    except OSError as error:
        raise KeepingError(
            "The report could not be written.",
            where=str(folder),
            why=f"{error.strerror or error}.",
            do="Name another folder with --out, or make room.",
        ) from error
    return made


def read(path: Path) -> dict[str, Any]:
    """An audit that was written before. Errors: ``WrongUse`` when the file is none."""
    try:
        made = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise WrongUse(
            "The audit could not be read.",
            where=str(path),
            why=f"{type(error).__name__}.",
            do=f"Give the {JSON} that an audit wrote.",
        ) from error
    if not isinstance(made, dict) or made.get("format") != FORMAT or not made.get("levels"):
        raise WrongUse(
            "The file is no audit of this version.",
            where=str(path),
            why=f"Its format is not {FORMAT}.",
            do=f"Give the {JSON} that an audit wrote.",
        )
    return made


def table(facts: Mapping[str, Any]) -> bytes:
    """Every rate that is shown, one a row, as CSV."""
    rows = (dict(zip(_COLUMNS, row, strict=True)) for row in _rows(facts))
    return b"".join(exporting.comma_separated([(name, "string") for name in _COLUMNS], rows))


def _rows(facts: Mapping[str, Any]) -> Iterator[list[Any]]:
    for level in facts["levels"]:
        head = [" and ".join(level["by"]), level["threshold"], level["asked"]]
        ratios = {kind: {one["group"]: one for one in level[name]} for kind, name in (("false match", "ratios"), ("false non-match", "miss_ratios"))}  # fmt: skip
        for group in level["groups"]:
            if not group["shown"]:
                continue
            for kind in ("false match", "false non-match", "not acquired"):
                rate = group[kind.replace(" ", "_").replace("-", "_")]
                if rate:
                    yield [*head, kind, group["name"], "", *_numbers(rate), *_against(ratios.get(kind, {}).get(group["name"]))]  # fmt: skip
        for pair in level["pairs"]:
            if pair["a"] != pair["b"]:
                yield [*head, "false match", pair["a"], pair["b"], *_numbers(pair), *_against(None)]


def _numbers(rate: Mapping[str, Any]) -> list[Any]:
    return [rate[name] for name in ("errors", "comparisons", "people", "rate", "low", "high", "deff")]


def _against(ratio: Mapping[str, Any] | None) -> list[Any]:
    return [ratio[name] for name in ("ratio", "low", "high", "words")] if ratio else [None] * 4
