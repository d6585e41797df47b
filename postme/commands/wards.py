"""``postme wards``: a town's wards and address points, from the files that its clerk has."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postme.commands import DONE, data_folder, folder_option, say

if TYPE_CHECKING:
    from postme.office.wards import Points


@click.command("wards")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--town", required=True, metavar="PLACE", help="Whose wards they are, such as us/mn/minneapolis.")
@click.option("--addresses", is_flag=True, help="The file holds address points, not the borders of wards.")
@click.option(
    "--name",
    "column",
    default="",
    metavar="COLUMN",
    help="The column in which the wards' names stand, or the addresses. [default: the likeliest]",
)
@click.option("--crs", default="", metavar="EPSG:…", help="The file's projection, where it does not tell it itself.")
@click.option(
    "--source", default="", metavar="WORDS", help="Who drew the borders, and when; shown to everybody beside the ward."
)
@click.option("--look", is_flag=True, help="Only say what would be loaded.")
@click.option("--any-place", is_flag=True, help="Take a place that is in no table, such as a town under 500 people.")
@folder_option
def command(
    file: Path, town: str, addresses: bool, column: str, crs: str, source: str, look: bool, any_place: bool, folder: Path | None
) -> None:  # fmt: skip
    """Load a town's wards, or its addresses, so that residents can find who speaks for them.

    FILE is GeoJSON, a shapefile (.zip, or .shp with its .dbf and .prj beside it) or a CSV table. Wards are areas: in CSV a
    column named wkt. Addresses are spots: in CSV a column address, with longitude and latitude. Load the wards first.

    What is loaded takes the place of what the town had. Borders that cross themselves are mended, and each is said. Wards
    that overlap, that lie far from the town, or that are in a projection nobody names are refused, with what was seen.

    Exit status: 0 it is loaded, 1 the file cannot be read, 2 wrong use, or a file that cannot be right.
    """
    from postme.office import counsel, example_town, wards

    place = counsel.checked_place(town, any_place=any_place, more=[example_town.PLACE])
    own, files = data_folder(folder), wards.gathered(file)
    if addresses:
        _addresses(own, place, wards.looked_at_addresses(own, place, files, column, crs), look=look)
    else:
        looked = wards.looked(place, files, column, crs)
        for line in looked.drawing.told:
            say(line)
        if not look:
            wards.take(own, looked, source=source or file.name, who=getpass.getuser())
        done = "would be loaded" if look else "loaded"
        count = len(looked.names)
        say(f"{place}: {count} {'ward' if count == 1 else 'wards'} {done}: {', '.join(looked.names)}.", bold=True)
    click.get_current_context().exit(DONE)


def _addresses(own: Path, place: str, points: Points, *, look: bool) -> None:
    from postme.office import wards

    for line in points.told:
        say(line)
    if points.left_out:
        say(f"{points.left_out:,} rows without a number and a street were left out.")
    if points.outside:
        say(f"{points.outside:,} addresses lie in no ward of the town.")
    if not look:
        wards.take_addresses(own, points, who=getpass.getuser())
    say(f"{place}: {len(points.rows):,} addresses {'would be loaded' if look else 'loaded'}.", bold=True)
