"""Laws, answers and duties as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from postme.because import Because, Question
    from postme.law import Law, Provision
    from postme.obligation import Judged
    from postme.office.counsel import Asked

ANSWERS = {
    "prohibited": "PROHIBITED", "needs_approval": "NEEDS APPROVAL", "allowed_if": "ALLOWED IF …", "allowed": "ALLOWED",
    "no_law_found": "NO LAW FOUND", "unknown": "UNKNOWN",
}  # fmt: skip
_VERDICTS = {
    "met": "met",
    "broken": "broken",
    "unknown": "unknown",
    "not_yet_due": "not yet due",
    "does_not_apply": "does not apply",
}


def law(one: Law, on: date | None) -> None:
    """A whole law; ``on`` leaves out what did not stand that day."""
    say_ = click.echo
    say_(click.style(one.name, bold=True))
    say_(f"{one.what}\n")
    rows = [
        ("Place", one.place.short), ("Instrument", one.instrument.replace("_", " ")), ("Citation", one.citation),
        ("Adopted", f"{one.adopted.on}" + (f", {one.adopted.vote}" if one.adopted.vote else "") + f" ({one.adopted.sure.value})"),
        ("In force", f"from {one.starts}" + (f" until {one.ends}" if one.ends else "") + (f"; {one.start_note}" if one.start_note else "")),
        ("Binds", _words(one.binds) + f" ({one.binds_sure.value})"), ("Does not bind", _words(one.not_bound)), ("About", _words(one.technologies)),
        ("Leaves out", _words(one.outside)), ("Status", one.status), ("Its text", "was read" if one.text_seen else "was not read"),
        ("Read by", f"{one.read.who}, {one.read.on}; " + (f"signed off by {one.read.lawyer}" if one.read.lawyer else "no lawyer has signed it off")),
    ]  # fmt: skip
    for label, value in rows:
        if value:
            say_(f"  {label + ':':<15} {value}")
    for event in one.events:
        say_(f"  {str(event.on) + ':':<15} {event.what}" + (f" ({event.vote})" if event.vote else ""))
    say_("")
    for provision in one.provisions:
        if on is None or provision.stands(on) is not False:
            _provision(provision, one)
    for title, lines in (
        ("Sources disagree", one.conflicts),
        ("Not seen", one.unseen),
        ("Worked cases", [f"{case.says} → {case.answer.replace('_', ' ')}" for case in one.cases]),
    ):
        if lines:
            say_(click.style(f"\n{title}", bold=True))
            for line in lines:
                say_(f"  - {line}")


def _provision(provision: Provision, one: Law) -> None:
    span = "".join(f" {word} {day}" for word, day in (("from", provision.start), ("until", provision.end)) if day)
    click.echo(f"  [{provision.id}] {provision.says}")
    click.echo(click.style(f"      {provision.clause + ', ' if provision.clause else ''}{provision.sure.value}{span}; {'; '.join(one.sources[key].address for key in provision.sources)}", dim=True))  # fmt: skip


def permission(asked: Asked) -> None:
    """An answer, what it depends on, and why."""
    found = asked.permission
    click.echo(click.style(ANSWERS[found.answer.value], bold=True) + f"  {question(asked.question)}")
    if found.sure:
        click.echo(f"  How sure: {found.sure.value}.")
    _lines("Only if:" if found.answer.value == "allowed_if" else "What it needs:", found.conditions)
    _lines("Unless, which was not shown:", found.unless)
    click.echo("Because:")
    for node in found.because:
        if node.outcome != "silent":
            _tree(node, 1)
    silent = [node for node in found.because if node.outcome == "silent"]
    if silent:
        click.echo(f"  {len(silent)} other law{'s' * (len(silent) != 1)} looked through and silent:")
        for node in silent:
            click.echo(click.style(f"    {node.says}", dim=True))
    _lines(
        "What would settle it:"
        if found.answer.value in ("unknown", "allowed_if", "needs_approval")
        else "What could still change it:",
        found.unknown_facts,
    )
    for status, truth in found.statuses.items():
        if truth is None and not any(status in fact for fact in found.unknown_facts) and not asked.question.facts:
            continue  # a property for which no fact was given says nothing to this question
        click.echo(f"{status.replace('_', ' ').capitalize()}: { {True: 'yes', False: 'no', None: 'unknown'}[truth] }")
    _lines("Note:", (*asked.notes, *found.notes))
    if found.answer.value == "no_law_found":
        click.echo(
            f"Looked through: {', '.join(found.looked_through) or 'no law of this place is known'}. No law found is not the same as allowed."
        )


def question(asked: Question) -> str:
    """A question in one line."""
    purpose = f" for {asked.purpose.replace('_', ' ')}" if asked.purpose else ""
    return f"{asked.body.replace('_', ' ')} of {asked.place} · {asked.act.replace('_', ' ')} · {asked.technology.replace('_', ' ')}{purpose} · {asked.on}"


def _lines(title: str, lines: Iterable[str]) -> None:
    every = list(lines)
    if every:
        click.echo(title)
        for line in every:
            click.echo(f"  - {line}")


def _tree(node: Because, depth: int) -> None:
    outcome = node.outcome.replace("_", " ")
    sure = f" [{node.sure.value}]" if node.sure else ""
    click.echo(
        f"{'  ' * depth}{outcome}: {node.says}{sure}"
        + click.style(f"  {node.address}" if node.address else "", dim=True)
    )
    for source in node.sources:
        click.echo(click.style(f"{'  ' * depth}    {source}", dim=True))
    for part in node.parts:
        _tree(part, depth + 1)


def duties(found: Sequence[Judged]) -> None:
    """The duties that apply, each with its day, how that was counted, and what would settle it."""
    applying = [one for one in found if one.verdict.value != "does_not_apply"]
    for one in applying:
        day = f", due {one.due}" if one.due else ""
        click.echo(
            click.style(f"{_VERDICTS[one.verdict.value]}{day}", bold=True)
            + f"  {one.what}"
            + (f", to the {one.to}" if one.to else "")
        )
        click.echo(click.style(f"    {one.law}#{one.provision} [{one.sure.value}]", dim=True) + f" {one.because.says}")
        for step in one.working:
            click.echo(f"    {step}")
        for fact in one.unknown_facts:
            click.echo(f"    would settle it: {fact}")
    if not applying:
        click.echo("No duty was found that applies. That is not the same as: there is none.")


def _words(ids: Iterable[str]) -> str:
    return ", ".join(one.replace("_", " ") for one in ids)
