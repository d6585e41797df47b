"""The report of an audit: one page that a council member understands, then every number, in one file that asks no network.

It says only what ``postme.office.bias.stating`` put into the facts. Words that come from outside (names of groups,
systems, notes) are text and never markup.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from postme.bias.rates import FEWEST_PEOPLE
from postme.bias.ratios import MARGIN, PEOPLE
from postme.office import curves, whiskers, yardstick

# What each measure is called and how it is read; the formula and its source stand in postme.bias.measures.
MEASURES: Mapping[str, tuple[str, str]] = {
    "max_min": ("Worst over best", "1 if all were equal"),
    "spread": ("Worst less best", "0 if all were equal"),
    "max_mean": ("Worst over mean", "1 if all were equal"),
    "max_geomean": ("Worst over typical (geometric mean)", "1 if all were equal; NIST prints it"),
    "vary_geomean": ("Average distance from typical, in powers of ten", "0 if all were equal; 0.3 is twice"),
    "gini": ("Gini coefficient", "0 if all were equal; NIST prints it"),
    "gini_corrected": ("Gini coefficient, corrected for the number of groups", "0 if all were equal, 1 at most"),
    "mape": ("Distance from the intended rate, in percent", "0 if all had the intended rate"),
    "fdr": ("Fairness discrepancy rate (FDR)", "1 if all were equal"),
    "inequity_rate": ("Inequity rate", "1 if all were equal"),
    "garbe": ("GARBE", "0 if all were equal, 1 at most"),
    "werm": ("WERM", "1 if all were equal"),
}


# From this share of the people scanned on, a count of alerts tells less than the words "nearly everybody".
_NEARLY, _MONTH = 0.99, 30


def page(facts: Mapping[str, Any]) -> str:
    """The report as HTML, with its pictures drawn in it.

    ``facts`` as ``stating.facts`` makes them. The first level (a threshold and a grouping) fills the first page.
    """
    levels = [level(one, facts) for one in facts["levels"]]
    return _template().render(
        caution=yardstick.CAUTION, facts=facts, levels=levels, first=levels[0], measures=MEASURES, fewest=FEWEST_PEOPLE, margin=MARGIN, people=PEOPLE, subject=facts["system"]["recognises"],
    )  # fmt: skip


def level(level: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """A level of an audit with its drawings, its groups worst first, and what stands where in its tables."""
    shown = sorted((one for one in level["groups"] if one["shown"]), key=lambda one: -(one["false_match"]["rate"] or 0))
    names = [one["name"] for one in level["groups"] if one["shown"]]
    street = [{**row, "all": row["month_low"] >= _NEARLY * level["scans"] * _MONTH} for row in level["street"]]
    cells = {(pair["a"], pair["b"]): pair for pair in level["pairs"]}
    cells |= {(b, a): pair for (a, b), pair in cells.items()}
    title = f"Wrong matches per million comparisons, by {' and '.join(level['by'])}"
    curve = curves.det(level["det"], level["threshold"], f"Errors of both kinds, by {' and '.join(level['by'])}")
    drawn = [name for name, points in level["det"].items() if any(f and m for _, f, m in points)]
    return {
        **level,
        "shown": shown,
        "hidden": [one for one in level["groups"] if not one["shown"]],
        "names": names,
        "cells": cells,
        "title": title,
        "failures": any(one["not_acquired"]["errors"] for one in shown),
        "dots": Markup(whiskers.dots(level["groups"], level["overall"], title)),  # noqa: S704  (made by us, names escaped)
        "det_svg": Markup(curve),  # noqa: S704  (made by us, names escaped)
        "letters": {name: curves.letter(at) for at, name in enumerate(drawn)},
        "lies": yardstick.of_level(level) if facts["system"]["recognises"] == "face" else [],
        "matrix": [{"name": a, "cells": [cells.get((a, b)) for b in names]} for a in names],
        "by_street": [
            {"group": one["name"], "cells": [row for row in street if row["group"] == one["name"]]} for one in shown
        ],
        "lists": sorted({row["entries"] for row in level["street"]}),
        "on_street": {(row["group"], row["entries"]): row for row in street},
        "synthetic": facts["synthetic"],
    }


def million(rate: float | None) -> str:
    """A rate in comparisons per million: 13,201; below ten with one decimal.

    >>> million(0.013201), million(3.2e-6)
    ('13,201', '3.2')
    """
    if rate is None:
        return "–"
    value = rate * 1e6
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def share(rate: float | None) -> str:
    """A rate in percent with as many digits as it bears: 4.55 %, 0.0123 %."""
    if rate is None:
        return "–"
    if not rate:
        return "0 %"
    digits = max(0, 2 - math.floor(math.log10(rate * 100)))
    return f"{rate * 100:.{min(digits, 8)}f} %"


def people(value: float | None) -> str:
    """Expected people, to three digits that count: more would say that they are known.

    >>> people(2_205_695), people(1234.5), people(0.25)
    ('2,210,000', '1,230', '0.2')
    """
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.1f}"
    return f"{round(value, 2 - math.floor(math.log10(value))):,.0f}"


def figure(value: float | None, digits: int = 3) -> str:
    """A number with so many digits that count, "cannot be had" for none.

    >>> figure(1.7), figure(2.7, 2), figure(100)
    ('1.70', '2.7', '100')
    """
    if value is None:
        return "cannot be had"
    return f"{value:,.0f}" if value >= 1000 else f"{value:{'#' if digits < 4 else ''}.{digits}g}".rstrip(".")


def ended(text: str) -> str:
    """A sentence that somebody typed, with a full stop where it has no end of its own.

    >>> ended("1,190 speakers"), ended("Who knows?")
    ('1,190 speakers.', 'Who knows?')
    """
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def shade(rate: float | None) -> int:
    """The shade of a cell, 0 to 5, darker with every power of ten from one in a million up."""
    return 0 if not rate else max(0, min(5, math.floor(math.log10(rate)) + 7))


@cache
def _template() -> Template:
    own = resources.files("postme.office")
    style = Markup((own / "report.css").read_text("utf-8") + (own / "auditreport.css").read_text("utf-8"))  # noqa: S704  (our own files)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(million=million, share=share, people=people, figure=figure, shade=shade, ended=ended)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals.update(
        style=style, policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return environment.from_string((own / "auditreport.html").read_text("utf-8"))
