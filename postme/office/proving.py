"""The catalogue proves itself: every file well formed, every sentence of its own found or passed over as it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postme import matching, scan
from postme.catalogue import Catalogue, Technology, Vendor
from postme.keeping import library
from postme.matching import Engine


def faults(extra: Sequence[Path] = ()) -> list[str]:
    """All that is wrong with the catalogue and the ``extra`` folders, in words; empty when all is well."""
    errors = library.errors_in(extra)
    if errors:
        return [str(error) for error in errors]
    catalogue = library.load(extra)
    engine = matching.best(catalogue)
    entries: list[Technology | Vendor] = [*catalogue.technologies.values(), *catalogue.vendors.values()]
    return [wrong for entry in entries for wrong in unproved(entry, catalogue, engine)]


def unproved(entry: Technology | Vendor, catalogue: Catalogue, engine: Engine) -> list[str]:
    """The sentences of one file that are not judged as it says."""
    wrong = []
    for example in entry.hits:
        found = scan.expected(engine.hits(example.text), catalogue)
        if found != set(example.technologies) or not found:
            wrong.append(
                f"{entry.id}: must find {_list(example.technologies)}, but finds {_list(found)}: {example.text}"
            )
    for example in entry.misses:
        found = scan.expected(engine.hits(example.text), catalogue) & set(example.technologies)
        if found:
            wrong.append(f"{entry.id}: must miss, but finds {_list(found)}: {example.text}")
    return wrong


def told(extra: Sequence[Path] = ()) -> str:
    """How much the catalogue knows, in a sentence."""
    catalogue = library.load(extra)
    forms = len(catalogue.by_form)
    return (
        f"Catalogue {catalogue.version}: {len(catalogue.technologies)} technologies, {len(catalogue.vendors)} makers, "
        f"{len(catalogue.terms):,} terms in {forms:,} forms. Every sentence of every file is judged as it says."
    )


def _list(ids: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(ids)) or "nothing"
