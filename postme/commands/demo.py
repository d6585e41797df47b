"""``postme demo``: the fictional town's records, searched, ruled on and published, as a website."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from postme.commands import DONE, say
from postme.commands.serve import Site, serving, serving_options


@click.command("demo")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-data"), show_default=True, metavar="DIR",
    help="Where the example is kept; a second start takes what is there.",
)  # fmt: skip
@serving_options
@click.option("--no-browser", is_flag=True, help="Open no browser.")
def command(folder: Path, host: str, port: int, workers: int, no_browser: bool) -> None:
    """Show Mill Falls, a fictional town, as postme shows a town.

    Its records are read, each mention is ruled on and each finding published, as if by two people. The site answers while
    this goes on, and says its address when all is there. Every page says that the town is fiction.

    Exit status: 0 it was stopped, 1 it could not start or ended by itself, 2 wrong use.
    """
    from postme.office import counsel, example_letters, example_process, example_town, sealing

    def made() -> Site:
        return Site(
            folder, host=host, port=port, workers=workers, laws=(example_town.LAWS,), catalogues=(example_town.CATALOGUE,),
            more={"POSTME_LOG_NAME": sealing.ORIGIN, "POSTME_TWO_FACTOR": "0", "POSTME_MAIL_FILES": "1"},
        )  # fmt: skip

    def filled(site: Site) -> None:
        origin = os.environ.get("POSTME_LOG_NAME") or sealing.ORIGIN
        example_town.fill(folder, say, origin=origin)
        counsel.also_from([example_town.LAWS])
        example_process.fill(folder, say, origin=origin)
        example_letters.fill(folder, say, origin=origin, site=site.address)
        say(
            f"Mail goes nowhere here: letters lie in {folder / 'outbox'}, and at the desk. "
            f"Who works there: postme staff add ann --role editor --data {folder}"
        )
        if not no_browser and _has_screen():
            site.answering()
            webbrowser.open(f"{site.address}/")

    serving(made, filled)
    click.get_current_context().exit(DONE)


def _has_screen() -> bool:
    """Whether a browser would show in a window; without one, Python would start a reader for terminals in this one."""
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
