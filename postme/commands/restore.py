"""``postme restore``: a site from its backup, checked before it counts."""

from __future__ import annotations

import os
from pathlib import Path

import click

from postme.commands import DONE, data_folder, say


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tar.zst")
@click.argument("to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--checkpoint", "seen", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="A checkpoint of the log that somebody saved (the text of /log/checkpoint): says whether the backup is older.",
)  # fmt: skip
@click.option(
    "--left", "left", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The list of those who took their names off letters, gone.txt, where a newer one than that beside the backup was saved.",
)  # fmt: skip
def command(file: Path, to: Path, seen: Path | None, left: Path | None) -> None:
    """Restore a site from a backup into a folder that is not there yet, or empty.

    Every file is held to the hash it had, and the log to its checkpoint, before anything counts. A backup of a PostgreSQL
    database goes into the empty database that DATABASE_URL names. What `postme verify` has seen of the log on this machine
    is compared: a backup that is older than what was published says so. Signers whose time is over, or who took their
    names off since, are erased again (gone.txt beside the backup says who; it holds receipts' numbers and no name).
    """
    from postme.office import safekeeping

    kept = safekeeping.restore(
        file, to, memory=data_folder(Path(own) if (own := os.environ.get("POSTME_DATA")) else None), seen=seen, left=left,
    )  # fmt: skip
    say(
        f"{kept.file}: restored as it was on {kept.made}, {kept.files:,} files, {kept.database}, {kept.size:,} entries of the log."
    )
    for warning in kept.warnings:
        say(warning, bold=True)
    click.get_current_context().exit(DONE)
