"""``postme searches``: what was looked for, where, when and with what; and what could not be read."""

from __future__ import annotations

from pathlib import Path

import click

from postme.commands import data_folder, folder_option
from postme.errors import WrongUse


@click.command("searches")
@click.argument("number", type=int, required=False)
@folder_option
def command(number: int | None, folder: Path | None) -> None:
    """List the searches made, newest first; or, with NUMBER, one search with every file and what became of it."""
    from rich.console import Console
    from rich.markup import escape

    from postme.keeping.store.register import Register

    console = Console(highlight=False, soft_wrap=True)
    searches = Register(data_folder(folder)).searches()
    if number is not None:
        searches = [search for search in searches if search["number"] == number]
        if not searches:
            raise WrongUse(
                f"There is no search {number}.",
                where="postme searches",
                why="There is nothing to show.",
                do="Run it without a number to see all.",
            )
    if not searches:
        console.print("No search has been made yet. Begin with: postme scan FOLDER")
    for search in searches:
        console.print(
            f"[bold]Search {search['number']}[/], {search['started']:%Y-%m-%d %H:%M} UTC, catalogue {search['catalogue']}"
            + (f", place {escape(search['place'])}" if search["place"] else "")
        )
        console.print("  of " + escape(", ".join(search["paths"])))
        console.print(
            f"  {search['files']:,} files ({search['refused']:,} not read), {search['pages']:,} pages ({search['unreadable']:,} not read), "
            f"{search['mentions']:,} mentions"
        )
        if number is not None:
            console.print(f"  read by {escape(search['reader'])}")
            for path, sha256, pages, unreadable, error in search["listing"]:
                said = (
                    escape(error)
                    if error
                    else f"{escape(path)}: {pages:,} pages" + (f", {unreadable:,} not read" if unreadable else "")
                )
                console.print(f"  {(sha256 or 'unknown')[:12]:12}  {said}")
