"""The door for hands on a keyboard: ``postme``. Results go to standard output, everything else to standard error."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from postme import __version__
from postme.errors import PostmeError, WrongUse

# Exit status: 0 done, 1 some records could not be read (or something failed on the way), 2 wrong use.
DONE, SOME_UNREAD, WRONG_USE = 0, 1, 2

_COMMANDS = (
    "scan",
    "review",
    "evaluate",
    "text",
    "searches",
    "catalogue",
    "law",
    "verify",
    "serve",
    "demo",
    "staff",
    "bias",
    "letter",
    "town",
    "wards",
    "backup",
    "restore",
)


class _Late(click.Group):
    """Imports a command when it is asked for: ``postme --help`` should not load a PDF library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"postme.commands.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PostmeError as error:
            click.echo(f"postme: {error}", err=True)
            ctx.exit(
                WRONG_USE if isinstance(error, WrongUse) or type(error).__name__ == "KnowledgeError" else SOME_UNREAD
            )
        except BrokenPipeError:  # the reader of our output has seen enough
            sys.stderr.close()
            ctx.exit(DONE)


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="postme")
def main() -> None:
    """Find surveillance technology and military equipment in public records, with the page and the words.

    Begin with: postme scan FOLDER --report report
    """


def folder_option(function: Any) -> Any:
    """The option ``--data``, the same in every command."""
    return click.option(
        "--data", "folder", type=click.Path(path_type=Path, file_okay=False), envvar="POSTME_DATA", metavar="DIR",
        help="Where records, readings and rulings are kept. [default: POSTME_DATA, else the platform's own place]",
    )(function)  # fmt: skip


def catalogue_option(function: Any) -> Any:
    """The option ``--catalogue``, the same in every command."""
    return click.option(
        "--catalogue", "extra", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True, metavar="DIR",
        help="A folder of a town's own names, added to the catalogue (docs/catalogue.md). May be given several times.",
    )(function)  # fmt: skip


def data_folder(given: Path | None) -> Path:
    """The data folder: as given, else the platform's own place."""
    if given is not None:
        return given
    import platformdirs

    return Path(platformdirs.user_data_dir("postme"))


def cache_folder() -> Path:
    """Where what takes long to compile is kept for the next time; it may be thrown away."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("postme"))


def harmless(text: str) -> str:
    """Words of a record or a file's name without the control characters that could drive a terminal; as long as before.

    >>> harmless("a\\x1b[31mb")
    'a\ufffd[31mb'
    """
    ends = text.replace("\r\n", " \n").replace("\r", "\n")  # a record's own line ends, as long as before
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in ends)


def say(line: str, *, bold: bool = False, err: bool = True) -> None:
    """A line on standard error (or output), harmless."""
    click.echo(click.style(harmless(line), bold=True) if bold else harmless(line), err=err)
