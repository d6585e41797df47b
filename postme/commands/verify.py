"""``postme verify``: whether a published page is what was published, without trusting who shows it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postme.commands import data_folder, folder_option, say
from postme.errors import ProofError, WrongUse

if TYPE_CHECKING:
    from postme.office.verifying import Checked, Proven


@click.command("verify")
@click.argument("page", metavar="PAGE")
@click.option(
    "--proof", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Where PAGE is a file: the file of its proof. It is the page's address with .proof at its end.",
)  # fmt: skip
@click.option(
    "--key", default="", metavar="KEY",
    help="The log's key, or a file that holds it. Where PAGE is an address, it may be left out: the key that the site had when you first checked it counts.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@folder_option
def command(page: str, proof: Path | None, key: str, form: str, folder: Path | None) -> None:
    """Check that a page was published so, and that nobody changed it since.

    PAGE is the address of a page, as your browser shows it, or a file of its facts (the address with .json at its end) that
    you kept. For an address, the page's facts, its proof and the site's log are fetched and checked. What was seen of
    the log is remembered in the data folder, so that a history that is rewritten later is noticed.

    \b
    postme verify http://localhost:8000/agencies/us/zz/mill_falls/police-department/alpr/
    postme verify mill-falls.json --proof mill-falls.proof --key log-key.txt

    Exit status 0: proved. 1: not proved. 2: wrong use.
    """
    from postme.office import fetching, verifying
    from postme.office.remembering import Memory

    verifier = _key(key)
    try:
        if "://" in page:
            if proof is not None:
                raise WrongUse(
                    "The proof of an address is fetched from its site.", where="--proof", why="It cannot be given, too.",
                    do="Leave --proof out, or give the file of the page's facts instead of its address.",
                )  # fmt: skip
            site, path = fetching.page(page)
            memory = Memory(data_folder(folder))
            checked = verifying.checked_site(site, path, memory, key=verifier, site=site.name)
            _show(form, _of_site(checked, site.name), _as_json(checked.proven, checked))
            return
        twin = _bytes(Path(page), "PAGE")
        if proof is None or not verifier:
            raise WrongUse(
                "A file is checked with its proof and the log's key.", where=page, why="Without both nothing can be proved.",
                do="Give --proof FILE and --key KEY, or the page's address instead of the file.",
            )  # fmt: skip
        proven = verifying.check(twin, _bytes(proof, "--proof"), verifier)
        _show(form, _of_file(proven, verifying.spoken(twin)), _as_json(proven, None))
    except ProofError as error:
        if form == "json":
            _print(
                {
                    "proved": False,
                    "kind": type(error).__name__,
                    "what": error.what,
                    "where": error.where,
                    "why": error.why,
                    "do": error.do,
                }
            )
        raise


def _of_site(checked: Checked, site: str) -> list[str]:
    proven, newest = checked.proven, checked.newest
    lines = [
        f"This page is entry {proven.index:,} (entry 0 is the first) in the log {proven.origin}, which has {newest.size:,} entries.",
        "Nobody changed it since it was published there." + _published(checked.says),
    ]
    if checked.before is not None:
        lines.append(
            f"You first checked this log on {checked.before.since}. Since you last looked it has only grown: nothing was taken out or changed."
        )
    if checked.changed_key:
        lines.append("This site had another key when you checked it before. From now on the one that you gave counts.")
    if checked.first_key:
        lines += [
            f"You had not checked {site} before, so its key was taken from the site itself:", f"  {checked.key}",
            "Compare it with one from somewhere else, if you can: who forges a site can forge its key. From now on a changed key, and a rewritten history, will be noticed.",
        ]  # fmt: skip
        if site.startswith("http://"):
            lines.append("The connection was not encrypted: on its way, anybody could have put in a key of their own.")
    return [*lines, *_limits()]


def _of_file(proven: Proven, says: dict[str, Any]) -> list[str]:
    return [
        f"This page was entry {proven.index:,} (entry 0 is the first) in the log {proven.origin}, which had {proven.size:,} entries when its proof was made.",
        "Nobody changed it since it was published there." + _published(says),
        "Whether the log still has it, and has only grown, was not asked: that takes the page's address instead of a file.",
        *_limits(),
    ]


def _limits() -> list[str]:
    return [
        "What this does not show: that the page is true, or that no later entry corrects it. The facts were checked (the page's address with .json), not how the page looks."
    ]


def _published(says: dict[str, Any]) -> str:
    """What the twin says of itself, where it does."""
    version, at = says.get("version"), says.get("at")
    parts = [f"version {version}"] if isinstance(version, int) else []
    parts += [f"published {at}"] if isinstance(at, str) else []
    return f" It says of itself: {', '.join(parts)}." if parts else ""


def _as_json(proven: Proven, checked: Checked | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "proved": True, "index": proven.index, "size": checked.newest.size if checked else proven.size,
        "origin": proven.origin, "leaf": proven.leaf.hex(),
    }  # fmt: skip
    if checked:
        said |= {
            "key": checked.key, "key_from_site": checked.first_key, "key_changed": checked.changed_key,
            "first_checked": checked.before.since if checked.before else None,
        }  # fmt: skip
    return said


def _show(form: str, lines: list[str], said: dict[str, Any]) -> None:
    if form == "json":
        _print(said)
        return
    for number, line in enumerate(lines):
        say(line, bold=number == 0, err=False)


def _print(said: dict[str, Any]) -> None:
    json.dump(said, sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")


def _key(given: str) -> str:
    """The key as it was given, or from the file that was named; empty where none was."""
    from postme.office import verifying

    if not given:
        return ""
    text = given if given.count("+") >= 2 else _bytes(Path(given), "--key").decode("utf-8", "replace")
    try:
        return verifying.readable_key(text)
    except ProofError as error:
        raise WrongUse(error.what, where="--key", why=error.why, do=error.do) from error


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(
            f"The file could not be read ({error.strerror or error}).", where=f"{what} {path}", why="There is nothing to check.",
            do="Give a file that is there, or an address that begins with https://.",
        ) from error  # fmt: skip
