"""``postme staff``: who may work at the desk; the website's own command does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from postme.commands import data_folder, folder_option


@click.command("staff", context_settings={"ignore_unknown_options": True})
@folder_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="add|list|remove [NAME] [--role ROLE]…")
def command(folder: Path | None, words: tuple[str, ...]) -> None:
    """Who may work at the desk: add NAME --role editor, list, remove NAME.

    Roles are reader, editor, moderator, liaison, clerk, advisory, council, coalition and administrator. Adding prints a link that sets the password, once.
    """
    place = str(data_folder(folder).resolve())
    run = [sys.executable, "-m", "postme.website", "staff", *(words or ("--help",))]
    sys.exit(subprocess.run(run, env={**os.environ, "POSTME_DATA": place}, check=False).returncode)
