"""Writes docs/commands.md and docs/formats.md from the program itself, so that they cannot drift from it.

    python docs/generate.py            # write both
    python docs/generate.py --check    # write nothing; exit status 1 if one of them is out of date

``tests/test_docs.py`` runs the check.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import click

from postme import reading, scan
from postme.catalogue import Certainty
from postme.commands import main, mentions
from postme.keeping import library
from postme.reading import archive, docx, image, nesting, ocr, unpacking
from postme.reading.formats import Format
from postme.signs import Act

HERE = Path(__file__).parent
_SAID = "<!-- Made by docs/generate.py from the program itself. Do not edit; run: make docs -->"
_TEXT, _WHOLE, _NUMBER, _LIST = "text", "whole number", "number", "list of text"

COLUMNS: dict[str, tuple[str, str]] = {
    "path": (_TEXT, "The file, as you named it or as it was found under the folder you named. A file inside another is `packet.zip!/minutes.pdf`."),
    "sha256": (_TEXT, "SHA-256 of the record's bytes, in lower-case hex. Any program that makes SHA-256 sums gives the same for the same file."),
    "page": (_WHOLE, "The page, counted from 1. What has no pages (a web page, a message, captions) is one page. A form feed in a text file turns the page. A Word document's pages are those that Word left in it when it was last saved; where it left none, it is one page."),
    "start": (_WHOLE, "Where the quote begins in its page's text, in code points, counted from 0. `postme text` prints that text."),
    "end": (_WHOLE, "Where the quote ends: `quote == text[start:end]`."),
    "quote": (_TEXT, "The record's own words that matched, exactly as read, line breaks included."),
    "context": (_TEXT, f"The quote with up to {scan.CONTEXT} characters of its page on either side."),
    "technologies": (_LIST, "What the quote speaks of: ids from [the list below](#technologies), sorted, at least one. A product that is two things carries both."),
    "vendor": (_TEXT, f"The maker's id in the catalogue: by the quote itself, or by a maker's name within {scan.VENDOR_WITHIN} characters. Null is *unknown*."),
    "act": (_TEXT, "What is being done, told by the nearest telling words: " + ", ".join(f"`{act}`" for act in Act) + ". `mention` is what is left when no word near says more. Weak evidence: read the context."),
    "amount": (_NUMBER, "The amount of money that stands nearest, in US dollars; in a table, only one from the same row. Null is *unknown*. Nearest is not proof that it belongs."),
    "certainty": (_TEXT, ", ".join(f"`{one}`" for one in Certainty) + ": how sure the catalogue is that these words mean the technology. `unsure` is shown to a person and not counted until it is ruled on."),
    "why": (_TEXT, "What matched, what company it was asked for, and which words told the act."),
    "product": (_TEXT, "The product's name in the catalogue. Null is *unknown*."),
    "step": (_TEXT, "A finer step, where a word near names one: {steps}. Null is *unknown*. As weak as `act`."),
    "amount_text": (_TEXT, "The amount as the record writes it."),
    "date": (_TEXT, "The date that stands nearest, as `YYYY-MM-DD`, month before day as in the United States. Null is *unknown*. It is not the record's own date."),
    "file_number": (_TEXT, "The file, item, bill or resolution number that stands nearest, as written. Null is *unknown*."),
    "body": (_TEXT, "The public body that is named nearest, as written. Null is *unknown*."),
    "seconds": (_NUMBER, "For captions, the time in the recording, in seconds from its start. Null for everything else."),
    "id": (_TEXT, "The mention's own id, 16 hex digits, made from the hash, the place and the technologies: the same whoever scans, and whenever. Rulings hold on to it."),
}  # fmt: skip
"""What each column of the mentions means: (type, meaning)."""


# --- docs/commands.md ----------------------------------------------------------------------------------------------


def commands() -> str:
    """The text of docs/commands.md."""
    if tuple(COLUMNS) != mentions.COLUMNS:
        raise SystemExit(
            "docs/generate.py: COLUMNS must describe the columns of postme/commands/mentions.py, in order."
        )
    ctx = click.Context(main, info_name="postme")
    known = [(name, main.get_command(ctx, name)) for name in main.list_commands(ctx)]
    parts = [
        _SAID,
        "# Commands",
        "`postme` works in a terminal. It reads records that lie on your computer. It sends nothing anywhere, unless you name a cluster with `--cluster`.",
        _table(
            ("Command", "What it does"),
            [(f"[`postme {name}`](#postme-{name})", _first(command)) for name, command in known if command],
        ),
        "Decisions, letters, audits and the website are not built yet: there is no command for them.",
        *(part for name, command in known if command for part in _command(name, command)),
        *_exit_statuses(),
        *_outputs(),
        *_technologies(),
        *_places(),
    ]
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: click.Command, depth: int = 2) -> list[str]:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option)]
    inside = list(command.commands.items()) if isinstance(command, click.Group) else []
    usage = " ".join(["postme", name, *(["COMMAND"] if inside else []), "[OPTIONS]", *map(_argument, arguments)])
    rows = [(f"`{_flag(one)}`", _meaning(one)) for one in options]
    return [
        f"{'#' * depth} postme {name}",
        f"```console\n{usage}\n```",
        *map(_paragraph, inspect.cleandoc(command.help or "").split("\n\n")),
        *([_table(("Option", "Meaning"), rows)] if rows else []),
        *(part for own, one in inside for part in _command(f"{name} {own}", one, depth + 1)),
    ]


def _paragraph(said: str) -> str:
    if said.startswith("\b"):  # lines that stay lines: examples
        return f"```console\n{said.removeprefix(chr(8)).strip()}\n```"
    return " ".join(said.split())


def _argument(one: click.Argument) -> str:
    said = one.metavar or (one.name or "").upper()
    return said if one.required or said.startswith("[") else f"[{said}]"


def _flag(one: click.Option) -> str:
    flags = ", ".join(one.opts)
    if one.is_flag:
        return flags
    if one.metavar:
        return f"{flags} {one.metavar}"
    if isinstance(one.type, click.Choice):
        return f"{flags} {'|'.join(map(str, one.type.choices))}"
    return f"{flags} {'NUMBER' if isinstance(one.type, click.IntRange) else 'TEXT'}"


def _meaning(one: click.Option) -> str:
    said = one.help or ""
    if one.show_default == "today":
        said += " [default: today]"
    elif isinstance(one.show_default, str):
        said += f" [default: the number of {one.show_default}]"
    elif one.show_default:
        said += f" [default: {one.default}]"
    if one.envvar and str(one.envvar) not in said:
        said += f" [variable: {one.envvar}]"
    return said.strip()


def _first(command: click.Command) -> str:
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())


def _exit_statuses() -> list[str]:
    return [
        "## Exit statuses",
        _table(
            ("Status", "Meaning"),
            [
                ("0", "Done. For `scan`: every file and every page could be read."),
                ("1", "Not all of it could be done. For `scan`: some files or pages could not be read, and the summary says which and why; everything else was "
                      "read, kept and written. For the other commands: something failed, such as a full disk, or you stopped it."),
                ("2", "Wrong use: a path that is not there, a misspelled option, a place that is no id, a catalogue file with a fault."),
            ],
        ),
        "Status 1 of a scan is no reason to throw its results away. It is a reason to read what was not read: what those pages say is *unknown*.",
        "Mentions go to standard output, or to the file that `--output` names. Progress, the summary and errors go to standard error. "
        "A file named by `--output` appears only when it is whole.",
    ]  # fmt: skip


def _outputs() -> list[str]:
    acts = _sources().acts
    steps = ", ".join(f"`{step}`" for step in acts["steps"])
    rows = [(f"`{name}`", kind, meaning.replace("{steps}", steps)) for name, (kind, meaning) in COLUMNS.items()]
    return [
        "## The columns of mentions",
        "The same columns, in this order, in all three formats. A mention is a quote that waits for a person's ruling. It is not a finding that a body has "
        "a technology.",
        _table(("Column", "Type", "Meaning"), rows),
        _table(
            ("Format", "How it is written"),
            [
                ("`jsonl`", "One JSON object a line, UTF-8. Unknown is `null`."),
                ("`csv`", "A header line, then one line a mention; fields are quoted where they hold commas, quotation marks or line breaks. Unknown is an empty "
                          "field. Several technologies stand in one field, with `;` between. A text that begins with `=`, `+`, `-` or `@` gets an apostrophe "
                          "in front, so that no spreadsheet runs a record's words as a formula."),
                ("`parquet`", "A table with the types above. Whole numbers are 64-bit integers, numbers are 64-bit floats, unknown is null."),
                ("`none`", "Nothing is written. What was found is kept in the data folder all the same."),
            ],
        ),
        "To check a quote: print its page with `postme text SHA256 --page PAGE`, take the characters from `start` to `end`, and compare. "
        "To check the record: make the SHA-256 sum of the city's own copy of the file.",
        "### What `postme evaluate --format json` writes",
        _table(
            ("Key", "Meaning"),
            [
                ("`any`", "Does a passage speak of any technology at all? `tp` hits, `fp` false alarms, `fn` misses, `precision`, `recall`, `f1`, and the 95 % interval of F1. Null where nothing was there to count."),
                ("`micro`", "The same over every pair of passage and technology."),
                ("`by_technology`", "The same for each technology, without an interval."),
                ("`act`", "`right` of `of`: passages with a hit whose act was told as labelled."),
                ("`wrong`", "Each passage that was judged otherwise than labelled: its `id`, what was `missed`, and the `false_alarms`."),
            ],
        ),
    ]  # fmt: skip


def _technologies() -> list[str]:
    kinds = {str(one["id"]): str(one["kind"]) for one in _sources().documents if "kind" in one}
    names = library.names(_sources())
    return [
        "## Technologies",
        "The ids that stand under `technologies`. [docs/catalogue.md](catalogue.md) says how one is added.",
        _table(
            ("Id", "Name", "Kind"),
            [(f"`{id_}`", names[id_], kinds[id_]) for id_ in sorted(names, key=lambda id_: (kinds[id_] == "military", id_))],
        ),
    ]  # fmt: skip


@cache
def _sources() -> library.Sources:
    return library.sources()


def _places() -> list[str]:
    return [
        "## Where things are kept",
        _table(
            ("Variable", "Meaning"),
            [
                ("`POSTME_DATA`", "The data folder, where `--data` does not name one."),
                ("`POSTME_WHO`", "Whose rulings these are, where `--who` does not say. Else it is the name you are logged in under."),
            ],
        ),
        "Without `--data` and `POSTME_DATA`, the data folder is the platform's own place for a program's data: `~/.local/share/postme` on Linux (or under "
        "`XDG_DATA_HOME`), `~/Library/Application Support/postme` on a Mac.",
        _table(
            ("In the data folder", "What it holds", "May it be thrown away?"),
            [
                ("`postme.sqlite3`", "Searches, mentions, and people's rulings on them.", "No. Make copies of it: rulings are people's work, and cannot be made again."),
                ("`shelf.sqlite3`", "What was read from each record and what was found in it, so that nothing is done twice.", "Yes. The next scan makes it again, in the time of a first scan."),
                ("`records/`", "A copy of each record's bytes, under its SHA-256.", "Only if you have the records elsewhere. The copy is how a quote is proved later."),
            ],
        ),
        "Beside it stands a cache folder: `~/.cache/postme` on Linux (or under `XDG_CACHE_HOME`), `~/Library/Caches/postme` on a Mac. It holds the catalogue, "
        "compiled. It may be thrown away at any time; the next command makes it again.",
        "The data folder holds what the records say, and who ruled what of it. Keep it where only those may read it who may read both. [docs/threats.md](threats.md) says more.",
    ]  # fmt: skip


# --- docs/formats.md -----------------------------------------------------------------------------------------------


def formats() -> str:
    """The text of docs/formats.md."""
    read = [form for form in reading.FORMATS if form.reader]
    opened = [form for form in reading.FORMATS if form.opener]
    refused = [form for form in reading.FORMATS if form.refused and not form.opener]
    parts = [
        _SAID,
        "# Formats",
        "What `postme` reads, what it opens, and what it refuses, with the reason. The table is the program's own (`FORMATS` in `postme/reading/formats.py`). "
        "What a file is, its first bytes say. Its ending counts only where the bytes do not say. A web page saved as `agenda.pdf` is read as a web page, and "
        "the record says so.",
        "## Read",
        _table(
            ("Format", "Endings", "Read by", "What is read"),
            [
                (form.name, _endings(form), f"`postme/reading/{_module(form)}.py`", _words(_module(form)))
                for form in read
            ],
        ),
        "A file with any other ending, or none, is read as text if its bytes are text.",
        "## Opened",
        "These hold further records. Each one inside is read by its own format, under the name `packet.zip!/minutes.pdf`.",
        _table(
            ("Format", "Endings", "Opened by", "What comes out"),
            [
                (form.name, _endings(form), f"`postme/reading/{_module(form, 'opener')}.py`", _inside(form))
                for form in opened
            ],
        ),
        "## Refused",
        "A refused file is named in the summary, with the reason and what to do. What it says is *unknown*; it does not count as searched.",
        _table(
            ("Format", "Endings", "Why, and what to do"),
            [(form.name, _endings(form), form.refused) for form in refused],
        ),
        "## Pages that are pictures",
        f"A scanned page has no words until they are recognized. `postme` has tesseract do it, where that program is installed, at {ocr.DPI} dots an inch, for at most "
        f"{ocr.LONGEST:.0f} seconds a page. Such a page says so, with how sure the engine was. So does a page whose font draws letters that the file does not name. "
        "It is asked for English. Without tesseract, or with `--no-ocr`, the page is *unreadable*, with the reason. It is never taken for an empty page.",
        "## Limits",
        "A file that was built to fill a computer is refused, and the rest goes on.",
        _table(("Limit", "Value"), _limits()),
        "There is no limit on the number of pages or on the size of a file that is not packed. A file is held in memory while it is read.",
        "## Not read, and said so or not",
        "- Files attached inside a PDF are not read; the record's notes say that they are there.\n"
        "- Pictures inside a web page or a Word document, and pictures beside the text of a PDF page, are not read. Nothing says so.\n"
        "- What a script would write into a web page is not read: no script is ever run.\n"
        "- Files that computers leave lying about (lock files, thumbnails, folder settings) are left out, and their number is told.",
    ]
    return "\n\n".join(parts) + "\n"


def _module(form: Format, which: str = "reader") -> str:
    late = getattr(form, which)
    return str(inspect.getclosurevars(late).nonlocals["module"])


def _words(module: str) -> str:
    """The first line of a reader's own description, without the format's name before the colon."""
    first = (import_module(f"postme.reading.{module}").__doc__ or "").splitlines()[0]
    said = first.partition(": ")[2] or first
    return said[0].upper() + said[1:]


def _inside(form: Format) -> str:
    if form.reader:
        return "The message itself is read; its attachments are further records."
    return _words(_module(form, "opener"))


def _endings(form: Format) -> str:
    return " ".join(f"`{end}`" for end in form.endings) or "(told by its bytes)"


def _limits() -> list[tuple[str, str]]:
    return [
        ("What one member of an archive may unpack to", _size(archive.LARGEST_MEMBER)),
        ("What an archive may unpack to, with all archives inside it", _size(unpacking.LARGEST_TOTAL)),
        ("How many times its packed size a member may become, once past " + _size(unpacking.HARMLESS), f"{unpacking.STEEPEST:,}"),
        ("Files in one archive", f"{unpacking.MOST_MEMBERS:,}"),
        ("Archives inside archives", f"{nesting.DEEPEST} deep"),
        ("What one part of a Word document may unpack to, and all of them", f"{_size(docx.LARGEST_PART)}, {_size(docx.LARGEST_TOTAL)}"),
        ("Dots in one picture", f"{image.LARGEST:,}"),
        ("Frames of one picture; further ones are not read, and nothing says so", f"{image.MOST_FRAMES:,}"),
    ]  # fmt: skip


def _size(count: int) -> str:
    return f"{count // 1024**3:,} GB" if count >= 1024**3 else f"{count // 1024**2:,} MB"


# --- Markdown ------------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(re.sub(r"(?<!\\)\|", r"\|", cell) for cell in line) + " |" for line in lines)


MADE = {"commands.md": commands, "formats.md": formats}
"""Each generated file and what makes it."""


def stale() -> list[str]:
    """The generated files that are not what the program now says."""
    return [
        name
        for name, make in MADE.items()
        if not (HERE / name).is_file() or (HERE / name).read_text(encoding="utf-8") != make()
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        old = stale()
        sys.exit(f"Out of date: {', '.join(old)}. Run: make docs" if old else 0)
    if sys.argv[1:]:
        sys.exit("Usage: python docs/generate.py [--check]")
    for name, make in MADE.items():
        (HERE / name).write_text(make(), encoding="utf-8")
