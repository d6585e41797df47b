"""``postme searches``: what was looked for, where, when and with what; and what could not be read."""

from __future__ import annotations

from pathlib import Path

import click

from postme.commands import data_folder, folder_option, say
from postme.errors import WrongUse


@click.command("searches")
@click.argument("number", type=int, required=False)
@folder_option
def command(number: int | None, folder: Path | None) -> None:
    """List the searches made, newest first; or, with NUMBER, one search with every file and what became of it."""
    from postme.keeping.store.register import Register

    searches = Register(data_folder(folder)).searches()
    if number is not None:
        searches = [search for search in searches if search["number"] == number]
        if not searches:
            raise WrongUse(
                f"There is no search {number}.", where="postme searches", why="There is nothing to show.",
                do="Run it without a number to see all.",
            )  # fmt: skip
    if not searches:
        say("No search has been made yet. Begin with: postme scan FOLDER", err=False)
    for search in searches:
        place = f", place {search['place']}" if search["place"] else ""
        when = f"{search['started']:%Y-%m-%d %H:%M} UTC"
        say(f"Search {search['number']}, {when}, catalogue {search['catalogue']}{place}", bold=True, err=False)
        say(f"  of {', '.join(search['paths'])}", err=False)
        say(
            f"  {search['files']:,} files ({search['refused']:,} not read), {search['pages']:,} pages "
            f"({search['unreadable']:,} not read), {search['mentions']:,} mentions",
            err=False,
        )
        if number is not None:
            say(f"  read by {search['reader']}", err=False)
            for path, sha256, pages, unreadable, error in search["listing"]:
                missing = f", {unreadable:,} not read" if unreadable else ""
                say(
                    f"  {(sha256 or 'unknown')[:12]:12}  {' '.join((error or f'{path}: {pages:,} pages{missing}').splitlines())}",
                    err=False,
                )
