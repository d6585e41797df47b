"""``postme bias``: does a recognition system wrong some people more often than others, and how sure is that."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from postme.bias import planning
from postme.commands import DONE, say
from postme.errors import WrongUse

# Done, but the data bear no verdict: who runs it by a script should know without reading.
NO_VERDICT = 3
# The result itself goes to standard output.
line = partial(say, err=False)


@click.group("bias")
def command() -> None:
    """Measure how often a recognition system errs, by group: from templates, scores, a search log or published rates.

    Begin with: postme bias scores scores.csv --group sex --fmr 1e-4 --out report
    """


class _Pairs(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        left, equals, right = value.partition("=")
        if not equals or not left or not right:
            self.fail(f"{value!r} is not NAME=VALUE.", param, ctx)
        return left, right


_PAIR = _Pairs()


def _what(function: Any) -> Any:
    """The options that say what is counted and how it is told, the same in audit, scores and merge."""
    for option in reversed((
        click.option("--group", "groups", multiple=True, metavar="LABEL[,LABEL]", help="Group people by these labels; several together with commas. May be given again. [default: each label, then all together]"),
        click.option("--threshold", "thresholds", type=float, multiple=True, help="The threshold in force: a score at or above it is a match. May be given again."),
        click.option("--fmr", "targets", type=float, multiple=True, help="Set the threshold so that this share of comparisons of different people match, such as 1e-4. May be given again. [default: 1e-4 if no threshold is given]"),
        click.option("--scope", type=click.Choice(["all", "within"]), default="all", show_default=True, help="What --fmr is a share of: all comparisons of different people, or those within groups."),
        click.option("--reference", help="The group all others are compared with. [default: the one with most people]"),
        click.option("--same", type=_PAIR, multiple=True, help="Two spellings of one group: f=women. May be given again."),
        click.option("--accept", type=click.Choice(["duplicates", "missing", "unlabelled"]), multiple=True, help="Go on although the input would be refused for this; the report says so."),
        click.option("--replicates", type=click.IntRange(10, 100_000), default=1000, show_default=True, help="How often people are drawn anew for the intervals of measures."),
        click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same numbers."),
        click.option("--title", default="", help="What was audited, as the report's heading says it."),
        click.option("--system", default=""), click.option("--maker", default=""), click.option("--version", "version_", default=""),
        click.option("--test-set", default="", help="Who was tested, and where the pictures come from."),
        click.option("--labels-from", default="", help="Who labelled the people, and how."),
        click.option("--threshold-from", default="", help="Where the threshold comes from."),
        click.option("--subject", default="face", show_default=True, help="What is recognised: face, voice, gait …"),
        click.option("--synthetic", is_flag=True, help="The test is of invented people; every page says so."),
        click.option("--scans", type=click.FloatRange(0), default=100_000, show_default=True, help="Faces scanned a day, for the table of false alerts."),
        click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Write report.html, audit.json and audit.csv into this folder."),
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
    )):  # fmt: skip
        function = option(function)
    return function


def _asked(given: Mapping[str, Any]) -> tuple[Any, Any]:
    """What is to be counted, and what the numbers are of."""
    from postme.office.bias import auditing, stating

    targets = given["targets"] or (() if given["thresholds"] or given.get("parts") else (1e-4,))
    asked = auditing.Asked(
        tuple(tuple(part.strip() for part in one.split(",")) for one in given["groups"]), given["thresholds"], targets, given["scope"], given["reference"],
        given["replicates"], given["seed"], dict(given["same"]), given["accept"],
    )  # fmt: skip
    accepted = tuple(f"Accepted although it would be refused: {one}." for one in given["accept"])
    return asked, stating.About(
        given["title"] or given["system"] or "Bias audit", given["system"], given["maker"], given["version_"], given["test_set"], given["labels_from"],
        given["threshold_from"], given["subject"], given["synthetic"], time.strftime("%Y-%m-%d"), accepted, command=_reproduces(), scans=given["scans"],
    )  # fmt: skip


def _reproduces() -> str:
    """The command that was given, with the names of files and not where they lie."""
    words = [Path(word).name if "/" in word and not word.startswith("-") else word for word in sys.argv[1:]]
    return shlex.join(["postme", *words])


@command.command("audit")
@click.argument("templates", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.argument("labels", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--subject-column", default="", help="The column of LABELS that names the person.")
@click.option(
    "--matcher",
    default="",
    help="Instead of TEMPLATES: a program that makes templates or scores of pictures (see docs/bias-audit.md).",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="With --matcher: a table with a path, the person and the labels of each picture.",
)
@click.option(
    "--pairs",
    type=click.IntRange(0),
    default=0,
    help="With --matcher: let it score so many pairs of different people in each group. [default: templates, all pairs]",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep what is counted here, so that a run that was killed goes on. It holds no template.",
)
@click.option("--shard", default="1/1", metavar="K/N", help="Count only the K-th of N parts, for postme bias merge.")
@click.option("--cluster", default=None, metavar="ADDRESS", help="A Dask scheduler whose workers see the same files.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="Threads. [default: one a core]")
@_what
@click.pass_context
def _audit(ctx: click.Context, /, templates: Path | None, labels: Path | None, subject_column: str, matcher: str, images: Path | None, pairs: int, work: Path | None, shard: str, cluster: str | None, jobs: int, **given: Any) -> None:  # fmt: skip
    """Compare all TEMPLATES (.npy or Parquet, one row a picture) with each other; LABELS says who is in each row.

    Templates are biometric data: they are read where they lie, and only totals are written.
    """
    from postme.office.bias import auditing

    asked, about = _asked(given)
    part = _shard(shard)
    if part[1] > 1 and not work:
        raise WrongUse(
            "A shard needs a folder to be kept in.", why="Its counts are put together later.", do="Add --work FOLDER."
        )
    with _Progress("comparing", "tiles" if templates else "pictures") as progress:
        if matcher:
            if not images or templates:
                raise WrongUse(
                    "A matcher needs a table of pictures, and no templates.",
                    why="It makes the templates itself.",
                    do="Give --images TABLE and leave TEMPLATES out.",
                )
            facts = auditing.of_images(shlex.split(matcher), images, asked, about, subject=subject_column, pairs=pairs, work=work, tick=progress.tick)  # fmt: skip
        else:
            if not templates or not labels:
                raise WrongUse(
                    "Templates and labels are needed.",
                    why="Rates by group are made of both.",
                    do="postme bias audit templates.npy labels.csv --group sex",
                )
            facts = auditing.of_templates(templates, labels, asked, about, subject=subject_column, work=work, shard=part, cluster=cluster, jobs=jobs, tick=progress.tick)  # fmt: skip
    if facts is None:
        say(f"Part {shard} is counted and kept in {work}. When all are: postme bias merge {work} …")
        return
    _told(ctx, facts, given)


def _shard(text: str) -> tuple[int, int]:
    left, _, right = text.partition("/")
    if not (left.isdigit() and right.isdigit() and 1 <= int(left) <= int(right)):
        raise WrongUse(f"{text} is no part.", where="--shard", why="It is K/N, K from 1 to N.", do="Give 1/4, 2/4 …")
    return int(left), int(right)


@command.command("scores")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--score", default="", help="The column of the scores.")
@click.option("--distance", is_flag=True, help="The column holds distances: small means alike.")
@click.option("--subjects", default="", metavar="COLUMN,COLUMN", help="The columns that name the two people.")
@click.option(
    "--label",
    "labels",
    type=_PAIR,
    multiple=True,
    metavar="NAME=COLUMN,COLUMN",
    help="The columns of a label, one for each side.",
)
@click.option("--genuine", default="", help="A column that says whether both are one person; it is checked.")
@click.option("--where", type=_PAIR, multiple=True, metavar="COLUMN=VALUE", help="Only rows with this value.")
@_what
@click.pass_context
def _scores(ctx: click.Context, /, table: Path, score: str, distance: bool, subjects: str, labels: Sequence[tuple[str, str]], genuine: str, where: Sequence[tuple[str, str]], **given: Any) -> None:  # fmt: skip
    """Audit TABLE, a CSV or Parquet file of comparison scores with both people and their labels."""
    from postme.office.bias import auditing

    asked, about = _asked(given)
    facts = auditing.of_scores(table, asked, about, columns=auditing.columns(
        score, _two(subjects, "--subjects") if subjects else ("", ""), {name: _two(value, "--label") for name, value in labels}, genuine, distance
    ), where=dict(where))  # fmt: skip
    _told(ctx, facts, given)


def _two(text: str, option: str) -> tuple[str, str]:
    left, comma, right = text.partition(",")
    if not comma or not left or not right:
        raise WrongUse(
            f"{text} does not name two columns.",
            where=option,
            why="Each comparison has two sides.",
            do="Write COLUMN,COLUMN.",
        )
    return left.strip(), right.strip()


@command.command("merge")
@click.argument("parts", type=click.Path(path_type=Path, file_okay=False), nargs=-1, required=True)
@_what
@click.pass_context
def _merge(ctx: click.Context, /, parts: Sequence[Path], **given: Any) -> None:
    """Put together the work folders of one audit that was counted in PARTS, without the templates."""
    from postme.office.bias import auditing

    asked, about = _asked({**given, "parts": parts})
    _told(ctx, auditing.of_parts(parts, asked, about), given)


def _told(ctx: click.Context, facts: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Write the report, show the text, and end with what the data bear."""
    from postme.office.bias import writing

    if given["form"] == "json":
        json.dump(facts, sys.stdout, indent=1, allow_nan=False)
        sys.stdout.write("\n")
    else:
        for level in facts["levels"]:
            _show(level)
        for note in facts["notes"]:
            say(f"Note: {note}")
    if given["out"]:
        for path in writing.write(given["out"], facts):
            say(f"Written: {path}")
    ctx.exit(DONE if facts["verdict"] else NO_VERDICT)


def _show(level: Mapping[str, Any]) -> None:
    head = level["headline"]
    line(f"\nBy {' and '.join(level['by'])}, threshold {level['threshold']:g}")
    if head:
        line(f"  {head['sentence']}")
        line(f"  In fixed words: {head['words']}.")
    width = max((len(group["name"]) for group in level["groups"]), default=5) + 2
    line(f"\n  {'group':{width}}{'people':>8}{'wrong matches':>15}{'a million':>12}  95 % interval")
    for group in sorted(level["groups"], key=lambda one: -(one["false_match"]["rate"] or 0) if one["shown"] else 1):
        if not group["shown"]:
            line(f"  {group['name']:{width}}{group['why']}: not shown")
            continue
        rate = group["false_match"]
        span = f"{rate['low'] * 1e6:,.0f} to {rate['high'] * 1e6:,.0f}" if rate["errors"] else f"at most {rate['high'] * 1e6:,.0f}"  # fmt: skip
        few = "" if rate["enough"] else "  too few to say more"
        line(f"  {group['name']:{width}}{group['people']:>8,}{rate['errors']:>15,}{rate['rate'] * 1e6:>12,.0f}  {span}{few}")  # fmt: skip
    if level["ratios"]:
        line(f"\n  Against “{level['reference']}”:")
        for one in level["ratios"]:
            times = "at least " + f"{one['low']:.2f}" if one["ratio"] is None else f"{one['ratio']:.2f}"
            line(f"  {one['group']:{width}}{times:>8} times  {one['words']}")


@command.command("rates")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--percent", is_flag=True, help="The rates are percentages.")
@click.option("--group-column", default="")
@click.option("--rate-column", default="", help="False match rates, or the only error rate there is.")
@click.option("--miss-column", default="", help="False non-match rates.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def _rates(table: Path, percent: bool, group_column: str, rate_column: str, miss_column: str, form: str) -> None:
    """Measures of difference from TABLE, a published table of error rates by group."""
    from postme.office.bias import auditing

    facts = auditing.of_rates(table, percent=percent, group=group_column, rate=rate_column, miss=miss_column)
    if form == "json":
        json.dump(facts, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    width = max(len(one["name"]) for one in facts["groups"]) + 2
    for one in facts["groups"]:
        span = (
            f"  95 % {one['low']:.4g} to {one['high']:.4g}" if one["low"] is not None else "  no counts, so no interval"
        )
        line(f"{one['name']:{width}}{one['rate']:>12.4g}{span}")
    for name, value in facts["measures"].items():
        line(f"{name.replace('_', ' '):{width + 12}}{'cannot be had (a rate is 0)' if value is None else f'{value:.4g}'}")  # fmt: skip
    say(
        "Without counts nobody can say how sure these are; with many groups the largest ratio is large by chance alone."
    )


@command.command("searches")
@click.argument("log", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--column", "columns", type=_PAIR, multiple=True, metavar="FIELD=COLUMN", help="Which column tells group, candidates, hit, outcome or reason.")  # fmt: skip
@click.option("--same", type=_PAIR, multiple=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def _searches(ctx: click.Context, log: Path, columns: Sequence[tuple[str, str]], same: Sequence[tuple[str, str]], form: str) -> None:  # fmt: skip
    """Who is searched, how often a hit comes back and how often it was wrong, from a department's search LOG."""
    from postme.office.bias import auditing

    facts = auditing.of_searches(log, columns=dict(columns), same=dict(same))
    if form == "json":
        json.dump(facts, sys.stdout, indent=1)
        sys.stdout.write("\n")
        ctx.exit(DONE if facts["verdict"] else NO_VERDICT)
    width = max(len(one["name"]) for one in facts["groups"]) + 2
    line(f"{facts['searches']:,} searches")
    line(f"{'group':{width}}{'searches':>10}{'share':>8}{'hits':>8}{'found wrong':>14}")
    for one in facts["groups"]:
        wrong = f"{one['wrong']} of {one['ruled']}" if one["ruled"] else "unknown"
        hits = f"{one['hits']}" if one["of"] else "unknown"
        line(f"{one['name']:{width}}{one['searches']:>10,}{one['share']:>8.0%}{hits:>8}{wrong:>14}")
    for one in facts["ratios"]:
        line(f"Found wrong, {one['group']} against {one['reference']}: {one['words']}")
    for missing in facts["cannot_tell"]:
        line(f"This log cannot tell: {missing}")
    ctx.exit(DONE if facts["verdict"] else NO_VERDICT)


@command.command("expect")
@click.argument("audit", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--scans", type=click.FloatRange(0), default=100_000, show_default=True, help="Faces scanned a day.")
@click.option("--watchlist", type=_PAIR, multiple=True, required=True, metavar="GROUP=PEOPLE", help="How many of each group are on the list.")  # fmt: skip
@click.option("--listed", type=float, default=None, help="The share of those scanned who are on the list, for how many alerts are right.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def _expect(audit: Path, scans: float, watchlist: Sequence[tuple[str, str]], listed: float | None, form: str) -> None:
    """What AUDIT (an audit.json) means on the street: innocent people who raise an alert, by group."""
    from postme.office.bias import auditing, writing

    people = {}
    for name, number in watchlist:
        if not number.isdigit():
            raise WrongUse(f"{number} is no number of people.", where="--watchlist", why="The list has whole people.", do="Write GROUP=PEOPLE.")  # fmt: skip
        people[name] = int(number)
    rows = auditing.expected(writing.read(audit), scans, people, listed)
    if form == "json":
        json.dump(rows, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    line(f"A list of {sum(people.values()):,} people, {scans:,.0f} faces scanned a day of each group:")
    for one in rows:
        if "unknown" in one:
            line(f"  {one['group']}: cannot be told, never compared with {', '.join(one['unknown'])}")
            continue
        right = f"; {one['precision']:.1%} of alerts right" if one["precision"] is not None else ""
        line(f"  {one['group']}: {one['day']:,.1f} innocent people a day, {one['month']:,.0f} a month (95 % {one['month_low']:,.0f} to {one['month_high']:,.0f}){right}")  # fmt: skip
    say("By formula: comparisons are taken as independent, and scores as not depending on the length of the list.")


@command.command("plan")
@click.option("--fmr", type=float, default=1e-4, show_default=True, help="The false match rate of the best group.")
@click.option("--ratio", type=float, default=2.0, show_default=True, help="The difference that must not be missed.")
@click.option("--deff", type=click.FloatRange(1), default=4.0, show_default=True, help="The design effect: how many comparisons tell as much as one independent one.")  # fmt: skip
@click.option("--people", type=click.IntRange(2), default=None, help="People a group that there are: what could be found with them?")  # fmt: skip
def _plan(fmr: float, ratio: float, deff: float, people: int | None) -> None:
    """How many people a test needs, or what a test of so many people could show."""
    errors = max(planning.errors_needed(ratio, deff), planning.ENOUGH)
    need = planning.people_needed(fmr, errors)
    line(f"To find a difference of {ratio:g} times in four of five cases, at a false match rate of {fmr:g} and a design effect of {deff:g}:")  # fmt: skip
    line(f"  {errors:,} wrong matches in each group, from about {need:,} people in each group with one picture, all compared with all.")  # fmt: skip
    if people:
        expected = fmr * people * (people - 1) / 2
        least = planning.detectable(expected, expected, deff)
        line(f"With {people:,} people in each group: about {expected:,.1f} wrong matches, and only differences of {least:.2g} times or more would be found.")  # fmt: skip


class _Progress:
    """How many are done: a bar on a screen, nothing elsewhere."""

    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit = what, unit
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> _Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn(f"[bold]{self._what}"), BarColumn(), MofNCompleteColumn(), TextColumn(self._unit), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=None)
        return self

    def tick(self, done: int, total: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
