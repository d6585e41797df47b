"""``postme review``: mentions waiting, one key a ruling."""

from __future__ import annotations

import contextlib
import datetime
import getpass
import os
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postme.commands import data_folder, folder_option, harmless, say
from postme.errors import WrongUse

if TYPE_CHECKING:
    from rich.console import Console

    from postme.keeping.store.register import Register, Waiting

_KEYS = {"y": "yes", "n": "no", "u": "unsure"}


@click.command("review")
@folder_option
@click.option("--who", default=None, help="Whose rulings these are. [default: the name you are logged in under]")
@click.option("--technology", metavar="ID", help="Only mentions of this technology, for example alpr.")
@click.option("--record", metavar="TEXT", help="Only records whose path or hash holds this.")
@click.option("--all", "everything", is_flag=True, help="Also mentions that have been ruled on, to rule anew.")
@click.option(
    "--rule", "given", nargs=2, metavar="MENTION ANSWER", help="Rule on one mention (yes, no or unsure) without asking."
)
@click.option("--why", default="", help="The reason, with --rule.")
@click.option("--list", "only_list", is_flag=True, help="List the mentions and their rulings; ask nothing.")
def command(
    folder: Path | None, who: str | None, technology: str | None, record: str | None, everything: bool, given: tuple[str, str] | None,
    why: str, only_list: bool,
) -> None:  # fmt: skip
    """Rule on mentions: y yes, n no, u unsure, w with a reason, s later, z undo, ? more of the page, q stop.

    Every ruling is kept at once and for good, with who and when; an undone one keeps its place in the record.
    """
    from postme.keeping.store.register import Register

    place = data_folder(folder)
    register = Register(place)
    by = who or os.environ.get("POSTME_WHO") or getpass.getuser()
    if given is not None:
        mention, answer = given
        if answer not in _KEYS.values():
            raise WrongUse(
                f"'{answer}' is no ruling.",
                where="--rule",
                why="Only three answers mean something later.",
                do="Write yes, no or unsure.",
            )
        register.rule(mention, answer, why=why, who=by, at=_now())
        return
    waiting = [
        one
        for one in register.mentions()
        if (everything or only_list or one.ruling is None)
        and (technology is None or technology in one.technologies)
        and (record is None or record in one.name or one.sha256.startswith(record))
    ]
    # What the scanner is surest of comes first: a person's patience is the scarcest thing here.
    waiting.sort(key=lambda one: ("sure", "likely", "unsure").index(one.certainty))
    from rich.console import Console

    console = Console(highlight=False)
    if only_list:
        for one in waiting:
            ruled = one.ruling or "waiting"
            spoken_of = ", ".join(one.technologies)
            say(f"{one.id}  {ruled:8} {_flat(one.name)} p. {one.page}  {spoken_of}  “{_flat(one.quote)}”", err=False)
        return
    if not waiting:
        console.print(
            "No mention is waiting for a ruling."
            if register.searches()
            else "Nothing has been scanned yet. Begin with: postme scan FOLDER"
        )
        return
    if not sys.stdin.isatty():
        raise WrongUse(
            "There is no keyboard here to ask.",
            where="postme review",
            why="A ruling is a person's.",
            do="Use --rule MENTION ANSWER, or run it in a terminal.",
        )
    _ask(console, register, waiting, by, place)


def _ask(console: Console, register: Register, waiting: Sequence[Waiting], by: str, folder: Path) -> None:
    with _keys() as key_pressed:
        _each(console, register, waiting, by, folder, key_pressed)


def _each(
    console: Console,
    register: Register,
    waiting: Sequence[Waiting],
    by: str,
    folder: Path,
    key_pressed: Callable[[], str],
) -> None:
    done: list[tuple[int, int]] = []
    position = 0
    while position < len(waiting):
        one = waiting[position]
        _show(console, one, position, len(waiting))
        try:
            key = key_pressed()
        except KeyboardInterrupt:
            key = "q"
        if key in ("q", "\x03", "\x04"):
            break
        if key == "z":
            if done:
                ruling, position = done.pop()
                register.undo(ruling, at=_now())
                console.print("[bold]Undone.[/] The ruling stays in the store, marked as taken back.")
            else:
                console.print("Nothing to undo in this sitting.")
        elif key == "s":
            position += 1
        elif key == "?":
            _show_page(console, one, folder)
        elif key in _KEYS or key == "w":
            reason = ""
            if key == "w":
                _lines()
                reason = click.prompt("Why", default="", show_default=False, err=True)
                console.print("And the ruling? y yes, n no, u unsure")
                key = key_pressed()
            if key in _KEYS:
                done.append((register.rule(one.id, _KEYS[key], why=reason, who=by, at=_now()), position))
                position += 1
        else:
            console.print("y yes · n no · u unsure · w with a reason · s later · z undo · ? more of the page · q stop")
    console.print(f"\n{len(done)} rulings kept. {len(waiting) - position} mentions still wait.")


@contextlib.contextmanager
def _keys() -> Iterator[Callable[[], str]]:
    """Single keys, as they are pressed: also those pressed ahead, which setting the terminal anew each time would lose."""
    try:
        import termios
        import tty
    except ImportError:  # no such terminals here
        yield lambda: click.getchar().lower()
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def pressed() -> str:
        tty.setcbreak(terminal, termios.TCSADRAIN)  # a prompt for a reason may have set it back
        key = os.read(terminal, 1)
        if key == b"\x1b":  # an arrow comes as several bytes that begin with Escape: one key, which means nothing here
            while select.select([terminal], [], [], 0.02)[0]:
                os.read(terminal, 1)
        return key.decode("utf-8", "replace").lower() or "q"

    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield pressed
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _lines() -> None:
    """Have the terminal give whole lines and show what is typed, for a prompt."""
    with contextlib.suppress(ImportError):
        import termios

        mode = termios.tcgetattr(sys.stdin.fileno())
        mode[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, mode)


def _show(console: Console, one: Waiting, position: int, count: int) -> None:
    from rich.text import Text

    from postme.office.marking import clock

    facts = one.facts
    console.rule(f"{position + 1} of {count}", align="left")
    seconds = facts.get("seconds")
    at = f"page {one.page}" if seconds is None else f"{clock(seconds)} into the recording"
    console.print(Text.assemble((_flat(one.name), "bold"), f", {at}, record {one.sha256[:12]}"))
    console.print(Text.assemble("Speaks of ", (", ".join(one.technologies).replace("_", " "), "bold"), f" ({one.certainty}); {facts['act']}"
                  + (f", {facts['amount_text']}" if facts.get("amount_text") else "") + (f", {harmless(facts['body'])}" if facts.get("body") else "")))  # fmt: skip
    context, quote = facts["context"], one.quote
    before = context.find(quote, max(0, min(200, one.start) - 5))
    text = Text(harmless(context))
    if before >= 0:
        text.stylize(
            "bold black on yellow", len(harmless(context[:before])), len(harmless(context[: before + len(quote)]))
        )
    console.print(text)
    console.print(Text(harmless(facts["why"]), style="dim"))
    if one.ruling:
        console.print(f"Ruled {one.ruling} before.")
    console.print(
        "[bold]y[/] yes  [bold]n[/] no  [bold]u[/] unsure  [bold]w[/] with a reason  [bold]s[/] later  [bold]z[/] undo  [bold]?[/] page  [bold]q[/] stop"
    )


def _show_page(console: Console, one: Waiting, folder: Path) -> None:
    from rich.text import Text

    from postme.office import lookup

    page = next((page for page in lookup.pages(folder, one.sha256) if page.number == one.page), None)
    if page is None:
        console.print("The page's text is not on the shelf any more.")
        return
    low, high = max(0, one.start - 1500), one.end + 1500
    text = Text(harmless(page.text[low:high]))
    text.stylize(
        "bold black on yellow", len(harmless(page.text[low : one.start])), len(harmless(page.text[low : one.end]))
    )
    console.print(text)


def _flat(text: str) -> str:
    return harmless(" ".join(text.split()))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
