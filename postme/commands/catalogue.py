"""``postme catalogue``: what is looked for, and whether a folder of a town's own names is well formed."""

from __future__ import annotations

from pathlib import Path

import click

from postme.commands import DONE, WRONG_USE, say


@click.command("catalogue")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="[DIR]...")
@click.pass_context
def command(ctx: click.Context, folders: tuple[Path, ...]) -> None:
    """Check the catalogue, with the files of each DIR added: every fault with its file and line, every sentence that fails.

    Exit status: 0 all is well, 2 something is wrong.
    """
    from postme.office import proving

    wrong = proving.faults(folders)
    for fault in wrong:
        say(fault, err=False)
    if wrong:
        say(f"{len(wrong)} faults.", err=False)
        ctx.exit(WRONG_USE)
    say(proving.told(folders), err=False)
    ctx.exit(DONE)
