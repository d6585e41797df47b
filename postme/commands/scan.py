"""``postme scan``: public records in, mentions with their evidence out."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postme.commands import DONE, SOME_UNREAD, cache_folder, catalogue_option, data_folder, folder_option, say
from postme.errors import WrongUse

if TYPE_CHECKING:
    from postme.office.search import Search

_SHOWN = 12


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="PATH...")
@folder_option
@catalogue_option
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="processors",
    help="Processes that read at once.",
)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "parquet", "none"]), default=None,
              help="How mentions are written. [default: jsonl into a pipe or file, none onto a screen]")  # fmt: skip
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write mentions there, not to standard output.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write one web page in which every claim opens to its quote.",
)
@click.option(
    "--place", metavar="ID", help="Whose records these are, for example us/mn/minneapolis or us/mn/county:hennepin."
)
@click.option("--any-place", is_flag=True, help="Take a --place that the table of places does not have.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Work on a Dask cluster: the scheduler's address, for example tcp://10.0.0.5:8786.",
)
@click.option("--no-ocr", is_flag=True, help="Do not recognize scanned pages; count them as unreadable.")
@click.option("--rehash", is_flag=True, help="Open every file again, even one whose size and time have not changed.")
@click.option("--quiet", is_flag=True, help="No progress and no summary; errors still.")
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[Path, ...], folder: Path | None, extra: tuple[Path, ...], jobs: int, form: str | None, output: Path | None,
    report: Path | None, place: str | None, any_place: bool, cluster: str | None, no_ocr: bool, rehash: bool, quiet: bool,
) -> None:  # fmt: skip
    """Read the records under PATH and say which technologies they speak of, and where.

    Every mention of the paths is written, also of records that an earlier scan knew. What was done is kept as it is
    done: a scan that was stopped goes on where it stopped when the same command is run again.

    Exit status: 0 done, 1 some records could not be read, 2 wrong use.
    """
    from postme.office.search import Search
    from postme.office.sweep import Sweep

    if place is not None:
        from postme.office import counsel, example_town, lookup

        counsel.keep_in(cache_folder())
        # A town that is published here, or that comes with postme as an example, is no misspelt one.
        known = () if any_place else (example_town.PLACE, *lookup.published_places(data_folder(folder)))
        place = counsel.checked_place(place, cache_folder(), any_place=any_place, more=known)
    if form is None:
        form = "none" if output is None and sys.stdout.isatty() else "jsonl"
    if form == "parquet" and output is None and sys.stdout.isatty():
        raise WrongUse(
            "A Parquet table cannot be shown on a screen.",
            where="--format",
            why="It is not text.",
            do="Add --output FILE.",
        )
    search = Search(
        Sweep(
            tuple(paths),
            data_folder(folder),
            tuple(extra),
            jobs=jobs,
            ocr=not no_ocr,
            cluster=cluster,
            again=rehash,
            cache=cache_folder(),
            leave_out=tuple(path for path in (report, output) if path),
        ),
        place,
    )
    from postme.commands.mentions import Writer

    troubles: list[str] = []
    unread: list[tuple[str, int, int, str]] = []
    told = _Told()
    kept: list[Any] = []
    with Writer(form, output) as writer, _Progress(search.counts, show=not quiet) as progress:
        for outcome in search.run(progress.tick):
            for mention in outcome.mentions:
                writer.write(mention)
                told.add(mention)
            if outcome.error:
                troubles.append(outcome.failure)
            elif outcome.facts.get("unreadable"):
                unread.append(
                    (
                        outcome.path,
                        len(outcome.facts["unreadable"]),
                        outcome.facts["pages"],
                        outcome.facts["unreadable"][0][1],
                    )
                )
            if report:
                kept.append(outcome)
        number = search.note()
    if report:
        from postme.office import briefing

        page = briefing.write(report, search, number, kept)
        if not quiet:
            say(f"Report: {page}")
    if quiet:
        for trouble in troubles:
            say(f"postme: {trouble}")
        for path, missing, pages, why in unread:
            say(f"postme: {path}: {missing:,} of {pages:,} pages could not be read. {why}")
    if not quiet:
        _summary(search, number, told, troubles, unread)
    ctx.exit(SOME_UNREAD if troubles or unread else DONE)


class _Told:
    """What the summary needs of the mentions, in little memory."""

    def __init__(self) -> None:
        self.mentions: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.records: dict[str, set[str]] = {}
        self.acts: dict[str, Counter[str]] = {}

    def add(self, mention: Mapping[str, Any]) -> None:
        for technology in mention["technologies"]:
            if mention["certainty"] == "unsure":
                self.unsure[technology] += 1
                continue
            self.mentions[technology] += 1
            self.records.setdefault(technology, set()).add(mention["sha256"])
            self.acts.setdefault(technology, Counter())[mention["act"]] += 1


def _summary(
    search: Search, number: int, told: _Told, troubles: list[str], unread: list[tuple[str, int, int, str]]
) -> None:
    counts = search.counts
    seconds = max(0.0, ((search.ended or search.started) - search.started).total_seconds())
    say(
        f"\nSearch {number}: {counts.files:,} files, {counts.pages:,} pages in {seconds:.1f} s"
        + (f" ({counts.again:,} files known from before)" if counts.again else "")
        + f". Catalogue {search.catalogue}.",
        bold=True,
    )
    if counts.litter:
        say(f"{counts.litter:,} files that computers leave lying about (lock files, thumbnails) were left out.")
    if told.mentions:
        from postme.keeping import library

        names = library.names(library.sources(search.sweep.extra, cache=search.sweep.cache))
        rows = [("technology", "mentions", "records", "words nearby tell (a guess)")]
        for technology, count in told.mentions.most_common():
            acts = ", ".join(f"{act} {times}" for act, times in told.acts[technology].most_common(3))
            rows.append((names.get(technology, technology), f"{count:,}", f"{len(told.records[technology]):,}", acts))
        first = max(len(row[0]) for row in rows)
        say("")
        for i, (name, mentions, records, acts) in enumerate(rows):
            say(f"{name:{first}}  {mentions:>8}  {records:>7}  {acts}", bold=not i)
        if search.place:
            _law(search, told.mentions)
        say("\nEach is a mention by a machine, waiting for your ruling: postme review")
    elif not counts.files:
        say("There was no file to read, so nothing was searched. Check the path.")
    else:
        say(f"Nothing was found in the {counts.pages - counts.unreadable:,} pages that could be read.")
    if told.unsure:
        say(f"{sum(told.unsure.values()):,} more mentions are unsure and not counted above.")
    if troubles or unread:
        say(f"\nNot read: {len(troubles):,} files, {counts.unreadable:,} pages. What they say is unknown.", bold=True)
        for line in troubles[:_SHOWN]:
            say(f"  {line}")
        for path, missing, pages, why in unread[:_SHOWN]:
            say(f"  {path}: {missing:,} of {pages:,} pages could not be read. {why}")
        hidden = max(0, len(troubles) - _SHOWN) + max(0, len(unread) - _SHOWN)
        if hidden:
            say(f"  … and {hidden:,} more; postme searches {number} lists them all.")


def _law(search: Search, technologies: Mapping[str, int]) -> None:
    """What the law says of each technology that was found, for the body that a place like this has."""
    from postme.office import standing

    found = standing.standings(
        search.place or "", [(id_, None) for id_ in technologies], search.started.astimezone().date()
    )
    if not found:
        return
    say(
        f"\nWhat the law of {search.place} says on {search.started.astimezone():%Y-%m-%d} (a mention is no proof that anybody has it):",
        bold=True,
    )
    first = max(len(one.technology) for one in found.values())
    for one in found.values():
        answers = ", ".join(
            f"to {question.act} it: {answer.answer.value.replace('_', ' ')}" for question, answer in one.answers
        )
        say(f"{one.technology.replace('_', ' '):{first}}  {one.body.replace('_', ' ')}, {answers}")
    say(f"Why: {next(iter(found.values())).command}")


class _Progress:
    """Files, pages and the time left: a bar on a screen, a line now and then elsewhere."""

    def __init__(self, counts: Any, *, show: bool) -> None:
        self._counts, self._show = counts, show
        self._bar: Any = None
        self._task: Any = None
        self._said = self._begun = time.monotonic()

    def __enter__(self) -> _Progress:
        if self._show and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            # No thread of its own: worker processes are forked while it shows.
            self._bar = Progress(
                TextColumn("[bold]reading"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn(),
                console=Console(stderr=True), auto_refresh=False, transient=True,
            )  # fmt: skip
            self._bar.start()
            self._task = self._bar.add_task("reading", total=None, said="")
        return self

    def tick(self) -> None:
        now = time.monotonic()
        counts = self._counts
        if self._bar is not None and now - self._said > 0.1:
            self._said = now
            self._bar.update(
                self._task, total=counts.total_bytes or None, completed=counts.bytes, said=self._words(now)
            )
            self._bar.refresh()
        elif self._show and self._bar is None and now - self._said > 10:
            self._said = now
            say(self._words(now))

    def _words(self, now: float) -> str:
        counts = self._counts
        said = f"{counts.files:,} of {counts.total_files:,} files, {counts.pages:,} pages"
        if counts.bytes and counts.total_bytes > counts.bytes:
            left = (now - self._begun) * (counts.total_bytes - counts.bytes) / counts.bytes
            said += f", about {left / 60:.0f} min left" if left > 90 else f", about {left:.0f} s left"
        return said

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
