"""``postme town``: opens the approval process for a town, with its holidays and the model that it tries out."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from postme.commands import DONE, data_folder, folder_option, say

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("town")
@click.argument("place", metavar="PLACE")
@click.option(
    "--name", default="", metavar="WORDS", help="What pages call it. [default: its name in the table of places]"
)
@click.option(
    "--tries", default="", metavar="LAW", help="The id of a model that the town tries out, such as model-aclu-ccops."
)
@click.option("--since", type=_DAY, metavar="DAY", help="From which day on it tries it out.")
@click.option(
    "--holiday",
    "holidays",
    multiple=True,
    metavar="DAY=NAME",
    help="A holiday of the town's own. May be given several times.",
)
@click.option("--any-place", is_flag=True, help="Take a place that is in no table, such as a town under 500 people.")
@folder_option
def command(
    place: str, name: str, tries: str, since: datetime.datetime | None, holidays: tuple[str, ...], any_place: bool, folder: Path | None
) -> None:  # fmt: skip
    """Open the approval process for a town: proposals, notices, hearings, votes and reports, held against its own laws.

    Without options it says how the town runs its process now. A town without an ordinance can try a model out: its clauses
    are asked here beside the laws in force, and every page says that they are tried out.

    Exit status: 0 done, 2 wrong use.
    """
    from postme.office import opening

    own = data_folder(folder)
    if name or tries or holidays or since or not opening.known(own, place):
        opening.opened(
            own,
            place,
            name=name,
            tries=tries,
            since=since.date() if since else None,
            holidays=holidays,
            any_place=any_place,
        )
    for line in opening.told(own, place):
        say(line)
    click.get_current_context().exit(DONE)
