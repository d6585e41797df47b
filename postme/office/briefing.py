"""From a search that ended to its report: what it found, what people ruled of it, and what that makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postme import inventory
from postme.keeping import library
from postme.office import report, standing
from postme.office.search import Search
from postme.office.sweep import Outcome


def write(folder: Path, search: Search, number: int, outcomes: Sequence[Outcome]) -> Path:
    """Write the report of a search into ``folder``: the page's path. Raises KeepingError when it cannot be written."""
    mentions = [mention for outcome in outcomes for mention in outcome.mentions]
    rulings = search.register.rulings()
    sweep = search.sweep
    searched = report.Searched(
        number=number, started=search.started, ended=search.ended or search.started, place=search.place, paths=tuple(str(path) for path in sweep.paths),
        catalogue=search.catalogue, reader=search.reader, files=search.counts.files, litter=search.counts.litter, pages=search.counts.pages,
    )  # fmt: skip
    holdings = inventory.facts(mentions, rulings, search.dates)
    held = [(holding.technology, holding.body) for holding in holdings]
    law = standing.standings(search.place, held, searched.started.astimezone().date()) if search.place else {}
    return report.write(
        folder, searched=searched, outcomes=outcomes, holdings=holdings, mentions=mentions, standings=law,
        rulings=rulings, catalogue=library.catalogue(library.sources(sweep.extra, cache=sweep.cache)),
    )  # fmt: skip
