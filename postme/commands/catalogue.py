"""``postme catalogue``: what is looked for, and whether a folder of a town's own names is well formed."""

from __future__ import annotations

from pathlib import Path

import click

from postme.commands import DONE, WRONG_USE


@click.command("catalogue")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="[DIR]...")
@click.pass_context
def command(ctx: click.Context, folders: tuple[Path, ...]) -> None:
    """Check the catalogue, with the files of each DIR added: every fault with its file and line, every sentence that fails.

    Exit status: 0 all is well, 2 something is wrong.
    """
    from rich.console import Console

    from postme.office import proving

    console = Console(highlight=False, soft_wrap=True, markup=False)
    wrong = proving.faults(folders)
    for fault in wrong:
        console.print(fault)
    if wrong:
        console.print(f"{len(wrong)} faults.")
        ctx.exit(WRONG_USE)
    console.print(proving.told(folders))
    ctx.exit(DONE)
