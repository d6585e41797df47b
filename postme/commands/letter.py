"""``postme letter``: for a coalition, on its own machine: a pair of keys, and what signers gave it, opened to a table."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from postme.commands import DONE, SOME_UNREAD, say
from postme.errors import WrongUse

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("letter")
def command() -> None:
    """For a coalition that writes an open letter: its key, and what signers gave it.

    Both run on your own machine and send nothing anywhere. docs/letters.md tells the whole way.
    """


@command.command("key")
@click.argument("file", type=_FILE, metavar="FILE")
def key(file: Path) -> None:
    """Make a pair of keys: the private one goes into FILE, the public one is printed.

    FILE must not be there yet, and nobody but you may read it. Paste the public key, the line that begins with age1, at the
    desk under Coalitions. What signers agree to give you is closed to it before it is kept, and only FILE opens it. Nobody
    can help whoever loses FILE, so keep a copy in another place. Never send it, and never paste it anywhere.

    Exit status: 0 done, 2 wrong use, such as a file that is there already.
    """
    from postme.office import parcels

    click.echo(parcels.key(file))
    say(f"The private key is in {file}. Keep a copy of that file in another place, and give it to nobody.")
    say("Paste the line above, which begins with age1, at the desk under Coalitions.")
    click.get_current_context().exit(DONE)


@command.command("open")
@click.argument("file", type=_FILE, metavar="FILE")
@click.option("--key", "key_file", type=_FILE, required=True, metavar="KEYFILE", help="The file with the private key.")
def opened(file: Path, key_file: Path) -> None:
    """Open what signers gave: FILE, as the desk gave it to you, as CSV on standard output.

    A line that this key does not open is left out, and how many there were is said at the end. They may be closed to a key
    that you had earlier. A text that begins with =, +, - or @ gets an apostrophe in front, so that no spreadsheet runs it.

    Exit status: 0 every line was opened, 1 some were not, or the key is none, 2 wrong use.
    """
    from postme.office import parcels

    table = csv.writer(sys.stdout)
    lost = count = 0
    private = _text(key_file)
    rows = parcels.opened(_text(file).splitlines(), private)
    for number, told in rows:
        if told is None:
            lost += 1
            say(f"Line {number} is not opened by this key.")
            continue
        if not count:
            table.writerow(parcels.COLUMNS)
        table.writerow(parcels.row(told))
        count += 1
    say(f"{count:,} {'signer' if count == 1 else 'signers'}. {lost:,} {'line was' if lost == 1 else 'lines were'} not opened.", bold=True)  # fmt: skip
    click.get_current_context().exit(SOME_UNREAD if lost else DONE)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file} cannot be read.", where=str(file), why=type(error).__name__, do="Name the file that the desk gave you, and the one with your key.") from error  # fmt: skip
