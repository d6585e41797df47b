"""``postme text``: a record's page as it was read, so that a quote can be checked."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from postme.commands import data_folder, folder_option
from postme.errors import WrongUse


@click.command("text")
@click.argument("record", metavar="SHA256")
@click.option(
    "--page", type=click.IntRange(1), default=None, help="Only this page. [default: all, a form feed between them]"
)
@folder_option
def command(record: str, page: int | None, folder: Path | None) -> None:
    """Print the text of a record, as the scan read it: a mention's quote is text[start:end] of its page.

    SHA256 is the record's hash, as mentions carry it; its first 8 letters are enough where only one record begins so.
    """
    from postme.office import lookup

    pages = lookup.pages(data_folder(folder), record)
    if page is not None:
        pages = tuple(one for one in pages if one.number == page)
        if not pages:
            raise WrongUse(
                f"The record has no page {page}.",
                where=record,
                why="There is nothing to show.",
                do="Leave --page out to see all.",
            )
    sys.stdout.buffer.write("\f".join(one.text for one in pages).encode("utf-8", "surrogatepass"))
