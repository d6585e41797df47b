"""``postme evaluate``: how often the scanner is right, on passages that people have labelled."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from postme.accuracy import Figure, Label, Result, evaluated
from postme.bias.intervals import wilson
from postme.commands import catalogue_option
from postme.errors import WrongUse


@click.command("evaluate")
@click.argument("labels", type=click.Path(path_type=Path, dir_okay=False))
@catalogue_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--wrong", is_flag=True, help="Show the text of every passage that was judged otherwise than labelled.")
def command(labels: Path, extra: tuple[Path, ...], form: str, wrong: bool) -> None:
    """Hold the scanner against LABELS, a JSON-lines file of passages and the technologies they speak of.

    Each line is an object with text, technologies and, if any, id, disputed and act. Mentions that are sure or likely
    count; labels under disputed count neither way.
    """
    from postme.office import judging

    rows = _read(labels)
    result = evaluated(rows, judging.judge(extra))
    if form == "json":
        json.dump(_as_json(result), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        _show(result, len(rows), wrong)


def _read(path: Path) -> list[Label]:
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(
            "The labels could not be read.", where=str(path), why=f"{error}.", do="Give a JSON-lines file in UTF-8."
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append(Label(
                str(row.get("id", number)), row["text"], frozenset(row["technologies"]), frozenset(row.get("disputed") or ()), row.get("act") or "",
            ))  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WrongUse(
                f"This line is no label ({type(error).__name__}: {error}).", where=f"{path}:{number}", why="A figure without it would be another figure.",
                do='Write {"text": "...", "technologies": ["alpr"]} on one line.',
            ) from error  # fmt: skip
    return rows


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "precision": figure.precision,
        "recall": figure.recall,
        "f1": figure.f1,
        "tp": figure.tp,
        "fp": figure.fp,
        "fn": figure.fn,
    }


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "any": {**_figure(result.any), "f1_interval": result.intervals["any"]},
        "micro": {**_figure(result.micro), "f1_interval": result.intervals["micro"]},
        "by_technology": {name: _figure(figure) for name, figure in result.by_technology.items()},
        "act": {"right": result.acts_right, "of": result.acts},
        "wrong": [
            {"id": one.label.id, "missed": sorted(one.missed), "false_alarms": sorted(one.alarms)}
            for one in result.wrong
        ],
    }


def _show(result: Result, count: int, wrong: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    # Names are not cut where there is no screen to fit.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table(box=None, pad_edge=False, header_style="bold", title=f"{count:,} passages", title_justify="left")
    for column in ("", "precision", "recall", "F1", "hits", "false alarms", "misses"):
        table.add_column(column, justify="left" if not column else "right", no_wrap=not column)
    for name, figure, interval in (
        ("speaks of any", result.any, result.intervals["any"]), ("micro over technologies", result.micro, result.intervals["micro"]),
        *((name, figure, None) for name, figure in result.by_technology.items()),
    ):  # fmt: skip
        table.add_row(
            name, _share(figure.precision, figure.tp, figure.tp + figure.fp, interval), _share(figure.recall, figure.tp, figure.tp + figure.fn, interval),
            "unknown" if figure.f1 is None else f"{figure.f1:.3f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""),
            str(figure.tp), str(figure.fp), str(figure.fn),
        )  # fmt: skip
    console.print(table)
    if result.acts:
        console.print(f"\nAct told right in {result.acts_right} of {result.acts} passages with a hit.")
    for heading, which in (("Misses", "missed"), ("False alarms", "alarms")):
        found = [(one.label, getattr(one, which)) for one in result.wrong if getattr(one, which)]
        console.print(f"\n[bold]{heading}[/]: {len(found)} passages")
        for label, ids in found:
            console.print(f"  {escape(label.id)}: {', '.join(sorted(ids))}")
            if wrong:
                console.print("    " + escape(" ".join(label.text.split())))


def _share(share: float | None, successes: int, trials: int, shown: object) -> str:
    if share is None:
        return "unknown"
    if shown is None:
        return f"{share:.3f}"
    low, high = wilson(successes, trials)
    return f"{share:.3f} ({low:.3f} to {high:.3f})"
