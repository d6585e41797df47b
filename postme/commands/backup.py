"""``postme backup``: the whole site in one file."""

from __future__ import annotations

from pathlib import Path

import click

from postme.commands import DONE, data_folder, folder_option, say


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tar.zst")
@folder_option
@click.option(
    "--without-key",
    is_flag=True,
    help="Leave the log's key and the cookies' secret out. Keep log-key elsewhere: without it nothing more can be published.",
)
def command(file: Path, folder: Path | None, without_key: bool) -> None:
    """Back a site up into one file, while it runs.

    The file holds the database (the one that DATABASE_URL names, if it is set), the records, what was read from them, the
    public log and its key. Pictures and caches are left out; they are made again. Whoever has the file has the key: keep it
    as you keep the data folder. The file appears only when it is whole.
    """
    from postme.office import safekeeping

    kept = safekeeping.backup(data_folder(folder), file, with_key=not without_key)
    say(f"{kept.file}: {kept.files:,} files, {kept.bytes:,} bytes, {kept.database}, {kept.size:,} entries of the log.")
    for warning in kept.warnings:
        say(warning, bold=True)
    click.get_current_context().exit(DONE)
