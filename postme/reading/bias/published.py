"""A published table of error rates by group: a group column, a rate, and counts where the source gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postme.errors import WrongUse
from postme.reading.bias import tables

_GROUP = ("group", "subgroup", "name", "demographic")
_RATE = ("fmr", "false_match_rate", "rate", "error_rate", "error")
_MISS = ("fnmr", "false_non_match_rate")


@dataclass(frozen=True)
class Row:
    """One group as it was published: rates as shares, counts where they were given."""

    group: str
    rate: float
    miss: float | None
    errors: int | None
    trials: int | None


def read(path: Path, *, group: str = "", rate: str = "", miss: str = "", percent: bool = False) -> list[Row]:
    """The rows of a table. ``percent``: its rates are percentages.

    Errors: ``WrongUse`` for columns that are not found, a rate outside 0 to 1, counts that contradict the rate.
    """
    table = tables.opened(path)
    there = tables.columns(path, table)

    def column(given: str, usual: tuple[str, ...]) -> str:
        return tables.wanted(path, there, given) if given else next((one for one in there if one.lower() in usual), "")

    names, rates, misses = column(group, _GROUP), column(rate, _RATE), column(miss, _MISS)
    errors, trials = column("", ("errors",)), column("", ("comparisons", "trials", "n"))
    if not names or not (rates or (errors and trials)):
        raise WrongUse(
            "It is not clear which columns hold the groups and their rates.",
            where=str(path),
            why=f"Columns: {', '.join(there)}.",
            do="Name them with --group-column and --rate-column.",
        )
    frame = tables.collected(path, table)
    scale = 100.0 if percent else 1.0
    words = tables.word(frame[names]).to_list()
    cells = {name: tables.number(path, frame, name).to_list() if name else [None] * frame.height for name in {rates, misses, errors, trials}}  # fmt: skip
    made = []
    for at, name in enumerate(words):
        given, lost = cells[rates][at], cells[misses][at]
        wrong, tried = cells[errors][at], cells[trials][at]
        if name is None or (given is None and (wrong is None or not tried)):
            continue
        value = given / scale if given is not None else (wrong or 0) / (tried or 1)
        for one in (value, lost / scale if lost is not None else 0.0):
            if not 0 <= one <= 1:
                raise WrongUse(
                    f"The rate of {name} is {one:g}.",
                    where=f"{path}:{at + 2}",
                    why="A rate is a share from 0 to 1.",
                    do="Add --percent if the table holds percentages.",
                )
        if (
            given is not None
            and wrong is not None
            and tried
            and abs(wrong / tried - value) > 0.5 / tried + 0.01 * value
        ):
            raise WrongUse(
                f"{name}: {wrong:g} of {tried:g} is not a rate of {value:g}.",
                where=f"{path}:{at + 2}",
                why="One of the two is not what the source says.",
                do="Look it up again.",
            )
        made.append(Row(name, value, lost / scale if lost is not None else None, int(wrong) if wrong is not None else None, int(tried) if tried else None))  # fmt: skip
    if len({row.group for row in made}) != len(made):
        raise WrongUse(
            "A group stands in the table twice.",
            where=str(path),
            why="It would count double.",
            do="Keep one row a group, or make the name say what differs.",
        )
    if len(made) < 2:
        raise WrongUse(
            f"The table has {len(made)} groups with a rate.",
            where=str(path),
            why="A difference needs two.",
            do="Check the columns.",
        )
    return made
