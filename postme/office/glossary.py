"""What the catalogue says for readers: a technology's name, what it does, what a finding cannot show, its makers and its laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from postme.catalogue import Catalogue, Technology, Vendor
from postme.keeping import laws, library

_told: list[tuple[tuple[Path, ...], Path | None]] = [((), None)]


def use(folders: Sequence[Path], cache: Path | None = None) -> None:
    """Add a town's own names from now on, and keep what is parsed in a folder."""
    _told[:] = [(tuple(folders), cache)]
    catalogue.cache_clear()


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue, compiled once in a process.

    >>> catalogue().technologies["alpr"].name
    'Automated license plate readers'
    """
    folders, cache = _told[0]
    return library.catalogue(library.sources(folders, cache=cache))


@dataclass(frozen=True, slots=True)
class Named:
    """A technology with its makers, by name, and the ids of the laws that name it or a group that it belongs to."""

    technology: Technology
    vendors: tuple[Vendor, ...]
    laws: tuple[str, ...]


def named(technology: str) -> Named | None:
    """What is known of a technology by its id, with hyphens or underscores; ``None`` where there is none.

    >>> named("face-recognition").technology.id
    'face_recognition'
    """
    own = catalogue().technologies.get(technology.replace("-", "_"))
    if own is None:
        return None
    vendors = sorted(
        (one for one in catalogue().vendors.values() if own.id in one.technologies), key=lambda one: one.name.lower()
    )
    book = laws.book()
    known = own.id in book.vocabulary.technologies
    found = [
        law.id
        for law in book.laws.values()
        if known
        and any(book.vocabulary.technology_is(own.id, listed) is True for listed in law.technologies)
        and not any(book.vocabulary.technology_is(own.id, listed) is True for listed in law.outside)
    ]  # fmt: skip
    return Named(own, tuple(vendors), tuple(sorted(found)))
