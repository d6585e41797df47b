"""Writes docs/commands.md, docs/formats.md and the references in docs/laws.md and docs/run.md from the program itself, so that they cannot drift from it.

    python docs/generate.py            # write them
    python docs/generate.py --check    # write nothing; exit status 1 if one of them is out of date

``tests/test_docs.py`` runs the check.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import click

from postme import lawshape, reading, scan
from postme.catalogue import Certainty
from postme.commands import main, mentions
from postme.compare import Standing
from postme.keeping import laws as kept
from postme.keeping import librarian, library
from postme.law import SURE
from postme.reading import archive, docx, image, nesting, ocr, unpacking
from postme.reading.formats import Format
from postme.signs import Act
from postme.website import environment

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
        "`postme` works in a terminal. It reads records that lie on your computer. It sends nothing anywhere, unless you name a cluster with `--cluster`, or ask `postme verify` to check a page of a site: then that site sees what any visitor shows it.",
        _table(
            ("Command", "What it does"),
            [(f"[`postme {name}`](#postme-{name})", _first(command)) for name, command in known if command],
        ),
        "Audits are not built yet: there is no command for them.",
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
                      "read, kept and written. For `verify`: the page was not proved. For the other commands: something failed, such as a full disk, or you stopped it."),
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


# --- docs/laws.md --------------------------------------------------------------------------------------------------

REFERENCE = (
    "<!-- reference: made by docs/generate.py from the program itself. Do not edit below this line; run: make docs -->"
)
"""The line of docs/laws.md below which everything is made here."""

# What each key of a law file means. Each table must name every key that the program knows, and no other.
_LAW = {
    "id": "Its own id, in small letters, digits and `-`. It stands in addresses and is never changed.",
    "name": "What people read.",
    "place": "Whose law it is: `us`, `us/mn`, `us/mn/county:hennepin`, `us/mn/minneapolis`. A consolidated city and county has the form of a city.",
    "subject": "One of the [subjects](#word-lists). An ordinance on two subjects is two files, so that each can be compared.",
    "instrument": "One of the [instruments](#word-lists). They differ in how hard they are to undo.",
    "citation": "Chapter and section. Without it: not seen.",
    "what": "The law in one sentence.",
    "text_seen": "Whether the law's own words were read. Only such a law can be said to lack something.",
    "sure": "How sure the file is, where nothing else is said.",
    "status": "Whether it still stands, as far as seen, and how that was looked up.",
    "read": "Who read it, when, and whether a lawyer signed it off.",
    "adopted": "Its adoption: an event without `id` and `what`.",
    "ends": "The first day on which it no longer stands.",
    "binds": "Kinds of bodies, groups of them, or named agencies. `[city]` is every department, police included.",
    "binds_sure": "How sure that list is.",
    "not_bound": "Who is expressly outside. It counts before `binds`.",
    "technologies": "Ids of the catalogue, kinds within them, or `surveillance`, `military`, `any` (every category of that sort).",
    "outside": "What the definition leaves out.",
    "facts": "Facts that only this law asks for, with what each says.",
    "events": "What happened to it: introduced, heard, voted, amended, withdrawn, lapsed.",
    "provisions": "Its clauses.",
    "sources": "Where things were seen: an address, or words that say where to look. `{at: ..., text: true}` is the law's own text.",
    "conflicts": "What two sources disagree about. Name both.",
    "unseen": "What nobody here has read, in words for people.",
    "cases": "Worked cases, at least one; the package asks for three.",
    "note": "Words for people.",
}
_READ = {
    "who": "Who read it.",
    "on": "On which day.",
    "lawyer": "The lawyer who signed the file off, by name; `null` for none. In the package it is `null` everywhere.",
}
_EVENT = {
    "id": "Its id; `from` and `until` of a provision, and clocks, may name it.",
    "what": "What happened.",
    "on": "The day: see [days](#days).",
    "effective": "From when it counts. Without it, the day it happened.",
    "vote": "The vote, in quotes where it looks like a number.",
    "sure": "How sure.",
    "source": "Ids of sources.",
    "note": "Words for people.",
}
_PROVISION = {
    "id": "Its id within the law.",
    "topic": "One of the [topics](#topics). Laws are compared topic by topic.",
    "says": "The clause in our own words, at most 700 characters.",
    "clause": "Section and subsection, in quotes.",
    "sure": "How sure, where it differs from the file.",
    "source": "Ids of sources, at least one.",
    "from": "Since when it counts: a day, or the id of an event. Without it: as long as the law.",
    "until": "The first day on which it no longer counts. Replace a clause by a new one; never edit it away.",
    "note": "Words for people.",
}
_CASE = {
    "says": "A sentence that a resident or a lawyer can read.",
    "ask": "`body`, `act`, `technology`, `on`, and where wanted `purpose`, `facts`, `place` (else the law's own). For a duty: `duty`, `body`, `technology`, `on`, `facts`.",
    "answer": "What must come out: one of the answers, or for a duty one of the verdicts.",
}
_SCOPE = {
    "acts": "Which acts. Without it, or with `[any]`: every act.",
    "technologies": "Which technologies, where not the law's own list.",
    "outside": "Which are left out, where not the law's own list.",
    "bodies": "Whom it is about, where not everybody whom the law binds.",
    "if": "A [condition](#conditions). Where it does not hold, the rule says nothing.",
}
_RULES: dict[str, tuple[str, dict[str, str], str]] = {
    "prohibit": ("These acts are forbidden.", {"acts": "Which acts; `[any]` is all."}, "- {id: ban, topic: prohibited_acts, says: No use., source: [code], prohibit: {acts: [obtain, use]}}"),
    "except": (
        "It lifts other provisions of the same law, where its condition is shown.",
        {"of": "The ids of what it lifts: bans, approvals, conditional uses, hidden clauses.", "then": "What must be done by who relies on it.",
         "outside_the_law": "`true` where the law does not reach such a case at all: it then says nothing of it, which is less than allowing it."},
        "- {id: asked-nobody, topic: exceptions, says: Evidence that nobody asked for may be used., source: [code],\n"
        "   except: {of: [ban], if: {all: [{purpose: [evidence_unsolicited]}, {fact: requested_by_city, is: false}]}, then: its receipt is logged}}",
    ),
    "allow": (
        "These acts are allowed only if the condition holds.",
        {"acts": "Which acts; `[any]` is all.", "if": "The [condition](#conditions). It must be there."},
        "- {id: warrant-first, topic: conditional_use, says: Only with a warrant or in an emergency., source: [code],\n"
        "   allow: {acts: [use], if: {any: [{fact: warrant}, {all: [{purpose: [emergency]}, {fact: exigent_circumstances}]}]}}}",
    ),
    "approve": (
        "These acts need approval first.",
        {
            "acts": "Which acts; `[any]` is all.", "by": "Who approves.", "proof": "The condition that shows the approval, where it is not `{fact: council_approved}`.",
            "instrument": "By what: an ordinance, a resolution, a vote.", "advisory": "Who reviews first.", "steps": "Facts that must have come before. One that is shown false makes an approval doubtful.",
            "findings": "What must be found, a word each.", "findings_lift": "`true`: each finding must be shown by itself, as the fact `finding:<word>`.",
        },
        "- {id: approval, topic: approval, says: The council approves first., source: [code],\n"
        "   approve: {acts: [obtain], by: council, instrument: ordinance, advisory: privacy commission, steps: [advisory_reviewed, hearing_held], findings: [benefits_outweigh_costs]}}",
    ),
    "hidden": (
        "What the law says here was not seen: *unknown*.",
        {"what": "What was not seen."},
        "- {id: sharing-unseen, topic: sharing, says: What it says of sharing was not seen., source: [code], hidden: {acts: [share, sell], what: the section on sharing}}",
    ),
    "duty": (
        "Something must be done.",
        {
            "what": "What.", "bodies": "By whom, where not by everybody whom the law binds.", "technologies": "For which technologies, where not for all of the law's.",
            "met_by": "The fact that shows it.", "clock": "When: see [clocks](#clocks).", "if": "Only where this [condition](#conditions) holds.", "to": "To whom.",
            "per": "For each what: technology, department, type.", "fields": "What it must contain. A field that is demanded is not a field that was filled in.",
            "late": "What follows when it is late.", "no_clock": "Why it has no clock. One of the two must be there.",
            "gate": "The step that may not come before it is met, by the fact that shows it. A clock that counts back makes its event the gate by itself.",
            "runs_before": "The step that may not come before the clock has run out, as a time for comments.",
        },
        "- {id: report, topic: annual_report, says: A report is due within a year of approval., source: [code],\n"
        "   duty: {what: the yearly report, bodies: [city], met_by: annual_report_published, clock: {from: council_approved, months: 12, every: 1}, to: council, per: technology, fields: [cost, how_used]}}",
    ),
    "remedy": (
        "What follows a breach. It is shown and compared; no answer rests on it.",
        {
            "kinds": "From the list of [remedies](#word-lists).", "who": "Who may ask for it.", "amount": "In words.", "cure_days": "How many days there are to put it right.",
            "not": "What is expressly excluded.",
        },
        "- {id: suit, topic: remedies, says: Anybody may sue., source: [code], remedy: {kinds: [injunction, attorney_fees], who: any person, cure_days: 30, not: [criminal_penalty]}}",
    ),
    "status": (
        "A property that is computed and told beside the answer.",
        {"name": "Its name.", "if": "The [condition](#conditions) for it. It must be there."},
        "- {id: controlled, topic: status, says: Aircraft stay controlled., source: [code], status: {name: controlled, if: {fact: aircraft}}}",
    ),
    "preempt": (
        "A wider law takes power from narrower ones.",
        {
            "effect": "`void`: their answers are not counted. `doubt`: they are *unknown*.", "laws": "Only these laws. Without it: all.",
            "places": "Only the laws of these places. Without it: all.",
        },
        "- {id: state-only, topic: preemption, says: Cities may not rule on this., source: [code], preempt: {effect: doubt, technologies: [alpr], places: [us/xx/mill_falls]}}",
    ),
    "define": (
        "What a word means. It is shown and compared; no answer rests on it.",
        {"word": "The word. What it takes in and leaves out is what `technologies` and `outside` say; the sentence is for people."},
        "- {id: meaning, topic: definitions, says: Any system that tells who somebody is by the face., source: [code], define: {word: face recognition}}",
    ),
}  # fmt: skip
_CONDITIONS = {
    "fact": ("{fact: requested_by_city, is: false}", "A fact is true; or has the value after `is`; or lies within `at_least` and `at_most`. `says` puts it in words. Unknown until it is given."),
    "purpose": ("{purpose: [missing_child, missing_person]}", "The question names one of these purposes. Always known: a purpose that is not named is not claimed."),
    "act": ("{act: [request, receive_derived]}", "The question's act is one of these. Always known."),
    "body": ("{body: [police, sheriff]}", "The question's body is one of these, or stands inside one. Always known."),
    "technology": ("{technology: [face_recognition/real_time]}", "The question's technology is one of these or a kind of one. Unknown where the question does not say which kind."),
    "all": ("{all: [{fact: warrant}, {fact: probable_cause}]}", "Every one holds."),
    "any": ("{any: [{fact: warrant}, {fact: consent}]}", "One of them holds."),
    "not": ("{not: {fact: consent}}", "The opposite. Unknown stays unknown."),
    "unseen": ("{unseen: the conditions of the amendment}", "A condition that nobody here has read. Always unknown."),
}  # fmt: skip
_CLOCK = {
    "from": ("{from: council_approved, months: 12}", "Forward from an event: a fact with a day, `adopted`, `in_force`, an event of the law, or a duty's id (from the day that one falls due)."),
    "before": ("{before: hearing_held, days: 30}", "Backward from it. Without a number: by that day."),
    "days": ("{from: submitted, days: 180}", "Calendar days."),
    "business_days": ("{from: notice_given, business_days: 5}", "Without Saturdays, Sundays and holidays."),
    "weeks": ("{before: hearing_held, weeks: 2}", "Seven days each."),
    "months": ("{from: in_force, months: 18}", "To the same day of a later month, or its last."),
    "years": ("{from: use_began, years: 1}", "To the same day of a later year."),
    "fixed": ("{from: council_approved, months: 12, fixed: '11-01'}", "The first such day of a year once the period is over. Month and day, in quotes."),
    "every": ("{from: in_force, months: 3, every: 0.25}", "Again every so many years."),
    "extension_days": ("{from: in_force, days: 120, extension_days: 90}", "How many days somebody may grant on top."),
    "date": ("{date: 2022-05-01}", "The day that the law names."),
}  # fmt: skip
_DAYS = (
    ("`2021-02-12`", "That day."), ("`2019-12`", "Some day in that month."), ("`2022`", "Some day in that year."),
    ("`{after: 2020-06-23, by: 2020-12-31}`", "Between the two, both included. Either may be missing: `{by: 2024-11}` is known to exist by then."),
    ("`unknown`", "Not seen."),
)  # fmt: skip
_ANSWERS = ("prohibited", "needs_approval", "unknown", "allowed_if", "allowed", "no_law_found")
_VERDICTS = ("met", "broken", "unknown", "not_yet_due", "does_not_apply")


def laws() -> str:
    """The text of docs/laws.md: what a person wrote, down to the reference, and the reference as the program says it."""
    return _referred("laws.md", _reference())


def _referred(name: str, reference: Iterable[str]) -> str:
    written, mark, _ = (HERE / name).read_text(encoding="utf-8").partition(REFERENCE)
    if not mark:
        raise SystemExit(f"docs/{name} has lost the line below which its reference is made.")
    return written + mark + "\n\n" + "\n\n".join(reference) + "\n"


# --- docs/run.md ---------------------------------------------------------------------------------------------------


def run() -> str:
    """The text of docs/run.md: what a person wrote, and the table of settings as the program has it."""
    rows = [
        (f"`{one.name}`", one.what, f"`{one.default}`" if one.default else "(empty)") for one in environment.SETTINGS
    ]
    dangers = [(f"`{name}`", why) for name, _, why in environment.DANGERS]
    return _referred(
        "run.md",
        (
            _table(("Setting", "What it is for", "Without it"), rows),
            "Refused, because of what else is set:",
            _table(("Setting", "Why"), dangers),
        ),
    )


def _reference() -> Iterable[str]:
    yield "### The file"
    yield _shape_table("a law", lawshape.LAW, _LAW)
    yield "`read`:"
    yield _shape_table("read", lawshape.READ, _READ)
    yield "`adopted` and each of `events`:"
    yield _shape_table("an event", lawshape.EVENT, _EVENT)
    yield "Each of `provisions`, besides its rule:"
    yield _shape_table("a provision", lawshape.PROVISION, _PROVISION)
    yield "Each of `cases`:"
    yield _shape_table("a case", lawshape.CASE, _CASE)
    yield "### Days"
    yield _table(("Written", "Meaning"), _DAYS)
    yield "### Rules"
    yield "A provision has one rule or none. One without a rule only speaks. The examples are of no real law."
    yield "What a rule is about is said with the same keys in most of them:"
    scope = lawshape._SCOPE
    yield _shape_table("a rule's scope", scope, _SCOPE)
    _same("the rules", lawshape._RULE, _RULES)
    for kind, (says, meanings, example) in _RULES.items():
        shape = lawshape._RULE[kind]
        shared = [key for key in scope if shape.get(key) == scope[key]] if set(scope) <= set(shape) else []
        asked = [
            key for key in shared if (kind, key) != ("preempt", "if")
        ]  # the checker lets it stand; nothing asks it
        yield f"#### {kind}"
        yield says + (f" Its scope: {', '.join(f'`{key}`' for key in asked)}." if asked else "")
        yield _shape_table(kind, {key: entry for key, entry in shape.items() if key not in shared}, meanings)
        yield f"```yaml\n{example}\n```"
    yield "### Conditions"
    _same("the conditions", dict.fromkeys(lawshape._CONDITIONS), _CONDITIONS)
    yield _table(
        ("Condition", "Example", "When it holds"),
        [(f"`{key}`", f"`{example}`", says) for key, (example, says) in _CONDITIONS.items()],
    )
    yield "### Clocks"
    _same("a clock", lawshape._CLOCK, _CLOCK)
    yield _table(
        ("Key", "Example", "Meaning"), [(f"`{key}`", f"`{example}`", says) for key, (example, says) in _CLOCK.items()]
    )
    yield "### Topics"
    yield _table(("Topic", "What stands under it"), [(f"`{key}`", says) for key, says in lawshape.TOPICS.items()])
    yield "### Word lists"
    yield "Ids are stable: a question saved today is asked again in ten years. `postme law words` prints those that questions use, and the facts that single laws add."
    yield from _word_lists()


def _word_lists() -> Iterable[str]:
    words = kept.words()
    raw = librarian.loaded((library.KNOWLEDGE / "vocabulary.yaml").read_bytes())
    yield _table(
        ("List", "Words"),
        [
            ("`subject`", _ids(lawshape.SUBJECTS)), ("`instrument`", _ids(lawshape.INSTRUMENTS)), ("`sure`", "; ".join(f"`{key}`: {sure.value}" for key, sure in SURE.items())),
            ("`kinds` of remedy", _ids(lawshape.REMEDIES)), ("`answer`", _ids(_ANSWERS)), ("`answer` for a duty", _ids(_VERDICTS)),
            ("How laws compare", ", ".join(f"*{one.value}*" for one in Standing)),
        ],
    )  # fmt: skip
    yield "Bodies. One stands inside another: a law that binds the city binds its police."
    yield _table(
        ("Body", "What it is", "Inside"), [(f"`{id_}`", name, _ids((raw["bodies"][id_]["in"],)) if "in" in raw["bodies"][id_] else "") for id_, name in words.bodies.items()]
    )  # fmt: skip
    yield "Groups of bodies, as laws call them:"
    yield _table(("Group", "Bodies"), [(f"`{id_}`", _ids(members)) for id_, members in raw["groups"].items()])
    yield "Agencies that a law names one by one:"
    yield _table(
        ("Agency", "Name", "Kind", "Place"), [(f"`{id_}`", one.name, f"`{one.kind}`", f"`{one.place}`") for id_, one in words.agencies.items()]
    )  # fmt: skip
    for title, head, entries in (
        ("Acts:", "Act", words.acts), ("Purposes:", "Purpose", words.purposes), ("Facts that any law may ask for:", "Fact", words.facts),
        ("Events from which a clock may start, besides any fact that has a day:", "Event", words.events), ("Kinds within a category of the catalogue:", "Technology", raw["technologies"]),
    ):  # fmt: skip
        yield title
        yield _table((head, "What it says"), [(f"`{id_}`", says) for id_, says in entries.items()])
    yield "The categories themselves are in [docs/commands.md](commands.md#technologies)."


def _shape_table(what: str, shape: Mapping[str, tuple[object, bool, str]], meanings: Mapping[str, str]) -> str:
    _same(what, shape, meanings)
    return _table(
        ("Key", "Must", "Meaning", "Example"), [(f"`{key}`", "yes" if needed else "", meanings[key], f"`{example}`") for key, (_, needed, example) in shape.items()]
    )  # fmt: skip


def _same(what: str, known: Mapping[str, object], told: Mapping[str, object]) -> None:
    if set(known) != set(told):
        raise SystemExit(
            f"docs/generate.py: {what}: {', '.join(sorted(set(known) ^ set(told)))} is told and not known, or known and not told."
        )


def _ids(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


# --- Markdown ------------------------------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(re.sub(r"(?<!\\)\|", r"\|", cell) for cell in line) + " |" for line in lines)


MADE = {"commands.md": commands, "formats.md": formats, "laws.md": laws, "run.md": run}
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
