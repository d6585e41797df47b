"""``postme law``: what the law says of a body, an act and a technology on a day, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postme.commands import SOME_UNREAD, cache_folder, lawtext, say
from postme.errors import WrongUse

if TYPE_CHECKING:
    from postme.law import Law

_NO_ADVICE = "This is no legal advice. A program compared facts with paraphrases of laws; the sources above say how each was known."


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise WrongUse(
                f"'{value}' is no day ({error}).", where="--on", why="The same question has different answers on different days.",
                do="Write it as 2021-02-12.",
            ) from error  # fmt: skip


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _options(*names: str) -> Callable[[Any], Any]:
    every = {
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        "on": click.option("--on", type=_Day(), default=_today, show_default="today", metavar="DATE", help="The day that is asked about."),
        "place": click.option("--place", default="", metavar="ID", help="us/mn/minneapolis, us/mn/county:hennepin or us/mn."),
        "any": click.option("--any-place", is_flag=True, help="Ask also for a place that the table does not have."),
        "body": click.option("--body", required=True, metavar="KIND", help="A kind of body (police, sheriff, city_department …) or a named agency's id."),
        "technology": click.option("--technology", required=True, metavar="ID", help="A technology's id, as in the catalogue, or a kind of one."),
        "fact": click.option("--fact", "facts", multiple=True, metavar="KEY=VALUE", help="What is known: warrant=true, council_approved=2023-05-01. May be given several times."),
    }  # fmt: skip

    def added(function: Any) -> Any:
        for name in reversed(names):
            function = every[name](function)
        return function

    return added


@click.group("law")
def command() -> None:
    """Ask the law: what is allowed, what is due, what one ordinance has that another lacks.

    \b
    postme law ask --place us/mn/minneapolis --body police --act use --technology face_recognition --on 2021-03-01
    postme law compare us-mn-minneapolis-fr us-ma-boston-fr

    Nothing here is legal advice; every answer says what it rests on and how sure that is.
    """
    from postme.office import counsel

    counsel.keep_in(cache_folder())


@command.command("list")
@click.option("--place", default=None, metavar="ID", help="Only the laws that reach this place.")
@click.option(
    "--subject",
    default=None,
    metavar="WORD",
    help="Only these: face_recognition, community_control, military_equipment …",
)
@_options("on", "json")
def listed(place: str | None, subject: str | None, on: date, as_json: bool) -> None:
    """Every law that is known, and whether it was in force on a day.

    \b
    postme law list --place us/mn/minneapolis
    """
    from postme.office import counsel

    rows = [_row(one, on) for one in counsel.every(place, subject, cache_folder())]
    if as_json:
        _print({"version": 1, "on": on.isoformat(), "laws": rows})
        return
    for row in rows:
        click.echo(
            f"{row['id']:<34} {row['in_force']:<8} {row['adopted']:<14.14} {row['vote'] or '':<10.10} {row['name']}"
        )
    if not rows:
        say("No law is known here. That is not the same as: there is none.")


def _row(one: Law, on: date) -> dict[str, Any]:
    force = {True: "yes", False: "no", None: "unknown"}[one.stands(on)]
    return {
        "id": one.id, "name": one.name, "place": one.place.short, "subject": one.subject, "instrument": one.instrument, "adopted": str(one.adopted.on),
        "in_force": force, "starts": str(one.starts), "ends": str(one.ends) if one.ends else None, "vote": one.adopted.vote, "text_seen": one.text_seen,
        "read_by": one.read.who, "read_on": one.read.on.isoformat(), "lawyer": one.read.lawyer,
    }  # fmt: skip


@command.command("show")
@click.argument("law_id", metavar="ID")
@_options("json")
@click.option("--on", type=_Day(), default=None, metavar="DATE", help="Only what stood on that day.")
def show(law_id: str, as_json: bool, on: date | None) -> None:
    """One law: whom it binds, every provision in our words, its votes, its sources, and what was not seen.

    \b
    postme law show us-mn-minneapolis-fr
    """
    from postme.office import counsel

    one = counsel.law(law_id)
    if as_json:
        _print({"version": 1, **counsel.printed(one, on)})
        return
    lawtext.law(one, on)


@command.command("ask")
@_options("place", "any", "body")
@click.option("--act", required=True, metavar="WORD", help="obtain, use, request, receive_derived, retain, share …")
@_options("technology")
@click.option(
    "--purpose", default=None, metavar="WORD", help="What for: missing_child, device_unlock, evidence_unsolicited …"
)
@_options("fact", "on", "json")
def ask(
    place: str,
    any_place: bool,
    body: str,
    act: str,
    technology: str,
    purpose: str | None,
    facts: tuple[str, ...],
    on: date,
    as_json: bool,
) -> None:
    """May this body do this with that technology, on this day, and why?

    \b
    postme law ask --place us/mn/minneapolis --body police --act use --technology face_recognition --on 2021-03-01
    postme law ask --place us/ca/oakland --body police --act obtain --technology drone --fact council_approved=true
    """
    from postme.office import counsel

    question = counsel.question(
        place,
        body,
        act,
        technology,
        on,
        purpose=purpose,
        facts=dict(map(counsel.fact, facts)),
        any_place=any_place,
        cache=cache_folder(),
    )
    asked = counsel.ask(question, _today())
    found = asked.permission
    if as_json:
        _print({**found.printed(question), "notes": [*asked.notes, *found.notes]})
        return
    lawtext.permission(asked)
    say(_NO_ADVICE)


@command.command("due")
@_options("place", "any", "body", "technology", "fact", "on", "json")
@click.option(
    "--holiday",
    "holidays",
    multiple=True,
    metavar="DATE=NAME",
    help="A day the city rests, besides the federal and the state's holidays.",
)
def due(
    place: str,
    any_place: bool,
    body: str,
    technology: str,
    facts: tuple[str, ...],
    on: date,
    as_json: bool,
    holidays: tuple[str, ...],
) -> None:
    """What the law has a body do for a technology, by when, and whether it was done.

    \b
    postme law due --place us/ca/berkeley --body police --technology drone --fact council_approved=2023-01-10 --on 2024-06-01
    """
    from postme.office import counsel

    question = counsel.question(
        place,
        body,
        "use",
        technology,
        on,
        facts=dict(map(counsel.fact, facts)),
        any_place=any_place,
        cache=cache_folder(),
    )
    found = counsel.due(question, dict(_holiday(one) for one in holidays))
    if as_json:
        _print(
            {
                "version": 1,
                "on": on.isoformat(),
                "place": question.place,
                "body": body,
                "technology": technology,
                "duties": [one.printed() for one in found],
            }
        )
        return
    lawtext.duties(found)
    say(_NO_ADVICE)


def _holiday(said: str) -> tuple[date, str]:
    day, sign, name = said.partition("=")
    if not sign:
        raise WrongUse(
            f"'{said}' is no holiday.",
            where="--holiday",
            why="The days to be skipped could not be counted.",
            do="Write 2024-12-24='Christmas Eve'.",
        )
    try:
        return _Day().convert(day, None, None), name
    except WrongUse as error:
        raise error.at("--holiday") from error


@command.command("compare")
@click.argument("first", metavar="ID")
@click.argument("second", metavar="ID-OR-FILE")
@click.option(
    "--on",
    type=_Day(),
    default=None,
    metavar="DATE",
    help="Only what stood on that day. With --what-if: the day that is asked about. [default: today]",
)
@click.option(
    "--what-if",
    "amended",
    is_flag=True,
    help="Ask the same questions under both: what would change if SECOND stood in FIRST's place?",
)
@_options("fact", "json")
def compare(first: str, second: str, on: date | None, amended: bool, facts: tuple[str, ...], as_json: bool) -> None:
    """Two laws, or a law and a model, provision by provision; or what an amendment would change.

    \b
    postme law compare us-mn-minneapolis-fr us-ma-boston-fr
    postme law compare us-mn-minneapolis-fr amended.yaml --what-if --on 2026-01-01
    """
    from postme.office import counsel

    one = counsel.law(first)
    other = counsel.given(Path(second)) if Path(second).suffix in (".yaml", ".yml") else counsel.law(second)
    if amended:
        changes = counsel.what_if(one, other, on or _today(), dict(map(counsel.fact, facts)))
        if as_json:
            _print(
                {"version": 1, "first": one.id, "second": other.id, "changes": [_change(change) for change in changes]}
            )
            return
        for change in changes:
            click.echo(
                f"{lawtext.ANSWERS[change.before.value]} → {lawtext.ANSWERS[change.after.value]}  {lawtext.question(change.question)}"
            )
        click.echo(f"{len(changes):,} answers would change." if changes else "No answer would change.")
        return
    rows = counsel.held_against(one, other, on)
    if as_json:
        _print({"version": 1, "first": one.id, "second": other.id, "topics": [
            {"topic": row.topic, "standing": row.standing.value, "why": row.why, "first": [p.id for p in row.first.provisions], "second": [p.id for p in row.second.provisions]}
            for row in rows]})  # fmt: skip
        return
    click.echo(click.style(f"{other.name}\n", bold=True) + f"beside {one.name}:")
    for row in rows:
        click.echo(f"  {row.topic.replace('_', ' '):<20} {click.style(row.standing.value, bold=True)}: {row.why}")


def _change(change: Any) -> Mapping[str, Any]:
    asked = change.question
    return {"body": asked.body, "act": asked.act, "technology": asked.technology, "purpose": asked.purpose, "before": change.before.value, "after": change.after.value}  # fmt: skip


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_options("json")
@click.pass_context
def check(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Say line by line what is wrong with a law file, run its worked cases, and list the clauses that no rule uses.

    \b
    postme law check my-town.yaml
    """
    from postme.office import counsel

    found = counsel.check(file)
    if as_json:
        _print(
            {
                "version": 1,
                "errors": [str(error) for error in found.errors],
                "wrong_cases": list(found.wrong),
                "clauses_without_rule": list(found.unused),
            }
        )
    else:
        for error in found.errors:
            click.echo(str(error))
        for wrong in found.wrong:
            click.echo(f"{file}: A worked case comes out otherwise. {wrong}")
        if found.unused:
            click.echo("Clauses that no rule uses (they only speak):")
            for line in found.unused:
                click.echo(f"  {line}")
        if found.law and not found.wrong:
            click.echo(f"{found.law.id} is well formed; its {len(found.law.cases)} worked cases come out as written.")
    ctx.exit(SOME_UNREAD if found.errors or found.wrong else 0)


@command.command("words")
@_options("json")
def words(as_json: bool) -> None:
    """Every word that laws, questions and facts use."""
    from postme.office import counsel

    found = counsel.vocabulary()
    if as_json:
        _print({"version": 1, **found})
        return
    for title, entries in found.items():
        click.echo(click.style(title.replace("_", " ").capitalize(), bold=True))
        for id_, says in entries.items():
            click.echo(f"  {id_:<34} {says}")


def _print(value: Any) -> None:
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
