"""What the search box can find: a table that is written with each publication, and forgotten with it.

A row is one thing to be found: a quote, a page, a place, an agency, a technology, a maker, a law, a proposal, a paper, a letter, an audit. ``folded`` holds its
words as ``query`` folds them; ``marks`` the words that filters ask for, which begin with ``_`` so that nobody can type
them. The full-text index over both is made by migration 0003, for each database in its own way, and follows by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2s
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import connection, models

from postme import paper, publication
from postme.keeping.store.published import Entry, PublicPage
from postme.letter import State
from postme.paper import State as Asked
from postme.query import folded

if TYPE_CHECKING:
    from postme.keeping.store.published import Agency, Place

KINDS = ("place", "agency", "technology", "decision", "paper", "letter", "audit", "evidence", "law", "page", "vendor")
"""In the order in which they are shown."""
SAID = frozenset({"decision", "paper", "letter", "audit"})
"""What is before a council: a proposal, its papers, the letters of those who have something to say of it, and audits."""
NAMED = frozenset(KINDS) - {"evidence", "page"} - SAID
OWN_WORDS = frozenset({"evidence", "page"})
"""Kinds whose text is a source's own words."""

# Chosen: half of what PostgreSQL takes as one document (1,048,575 bytes), and far more than a page of paper holds.
_LARGEST = 500_000
# Chosen: as many words as nobody puts into one phrase, so that a page cut in pieces loses none.
_OVERLAP = 50
# Words that may be offered as *did you mean*: shorter ones are near to everything, longer ones are misreadings.
_SUGGESTED = range(4, 25)


class Findable(models.Model):
    """One thing to be found. ``names`` are its names as ``query.folded`` makes them, a barrier between each."""

    kind = models.CharField(max_length=12)
    address = models.CharField(max_length=500)
    about = models.CharField(max_length=500, blank=True)
    """Where more is said of it, such as the holding that a quote is evidence of."""
    title = models.TextField()
    names = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, blank=True)
    technologies = models.TextField(blank=True)
    """Ids with spaces between."""
    vendors = models.TextField(blank=True)
    date = models.CharField(max_length=10, null=True)
    fiction = models.BooleanField(default=False)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, null=True, related_name="findables")
    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, null=True, related_name="findables")
    changed = models.DateTimeField(null=True)
    """When it became public here; null for what is known without a publication."""
    known = models.BooleanField(default=False)
    """Whether it comes from the package's own knowledge."""
    # What is long stands last: a row is ranked without reading so far.
    marks = models.TextField()
    text = models.TextField(blank=True)
    """What is shown of it; empty where ``page`` holds the words."""
    folded = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "address"], name="findable_at"),
            models.Index(fields=["known"], name="findable_known"),
        ]


class Vocable(models.Model):
    """A word that stands in something that can be found, and in how many rows: what may be offered as *did you mean*."""

    word = models.CharField(primary_key=True, max_length=24)
    head = models.CharField(max_length=2, db_index=True)
    tail = models.CharField(max_length=3, db_index=True)
    rows = models.IntegerField()


class Known(models.Model):
    """Which version of the package's knowledge can be found."""

    name = models.CharField(primary_key=True, max_length=20)
    version = models.CharField(max_length=200)


def mark(key: str, value: str) -> str:
    """The word that a filter asks for, of letters, digits and ``_`` only, whatever the value is.

    >>> mark("kind", "page")
    '_kind_page'
    >>> mark("place", "us/mn/cañon_city").startswith("_place_")
    True
    """
    plain = value.isascii() and value.isalnum() and value == value.lower() and len(value) < 20
    return f"_{key}_{value if plain else blake2s(value.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def row(
    kind: str, address: str, title: str, *, text: str = "", names: Iterable[str] = (), more: Iterable[str] = (), place: str = "", state: str = "",
    technologies: Iterable[str] = (), vendors: Iterable[str] = (), date: str | None = None, **columns: Any,
) -> list[Findable]:  # fmt: skip
    """The rows of one thing: one, or several where its text is too long for one. ``names`` and ``more`` find it too; ``more`` is not shown."""
    called = [title, *names]
    spoken, makers = sorted(set(technologies)), sorted(set(vendors))
    facets = [("kind", kind), ("place", place), ("state", state), ("year", (date or "")[:4])]
    facets += [("technology", one) for one in spoken] + [("vendor", one) for one in makers]
    marks = " ".join(mark(key, value) for key, value in facets if value)
    kept_names = folded(*dict.fromkeys(called))
    return [
        Findable(
            kind=kind, address=address, title=title, text=text if columns.get("page") is None else "", names=kept_names, folded=piece, marks=marks,
            place=place, state=state, technologies=" ".join(spoken), vendors=" ".join(makers), date=date, **columns,
        )
        for piece in _pieces(folded(*dict.fromkeys([*called, *more]), text))
    ]  # fmt: skip


def _pieces(whole: str) -> Iterable[str]:
    while len(whole) > _LARGEST:
        cut = whole.rfind(" ", 0, _LARGEST)
        yield whole[:cut]
        whole = " ".join([*whole[:cut].rsplit(" ", _OVERLAP)[1:], whole[cut + 1 :]])
    yield whole


def kept(entry: Entry, facts: Mapping[str, Any] | None) -> None:
    """Let what was just published be found. Asked inside the publication's transaction, once its other rows are written."""
    if facts is not None and publication.visible(entry.state):
        written([*_quotes(entry, facts), *_pages(entry, facts), *_said(entry, facts)])
    if entry.agency is not None:
        _named("agency", f"/agencies/{entry.agency_id}/", _agency(entry.agency))
    if entry.place is not None:
        _named("place", f"/places/{entry.place_id}/", _place(entry.place))


def forgotten(entry: Entry) -> None:
    """Let nothing of an entry be found any more. Asked before its rows are made anew."""
    removed(Findable.objects.filter(entry=entry))


def _quotes(entry: Entry, facts: Mapping[str, Any]) -> Iterable[Findable]:
    place, technology = facts.get("place") or {}, facts.get("technology") or {}
    for quote in facts.get("evidence", ()) if entry.kind == "holding" else ():
        yield from row(
            "evidence", f"/records/{quote['sha256']}/{quote['page']}/#q-{quote['id']}", entry.title, about=entry.address,
            text=f"{quote['before']}{quote['quote']}{quote['after']}", names=[place.get("name", ""), technology.get("name", ""), *facts["makers"].values()],
            **_where(entry), technologies=[entry.technology], vendors=facts["makers"], date=quote["date"], **_of(entry),
        )  # fmt: skip


def _pages(entry: Entry, facts: Mapping[str, Any]) -> Iterable[Findable]:
    if entry.kind != "record":
        return
    place = facts.get("place") or {}
    for page in PublicPage.objects.filter(record__entry=entry).order_by("number").iterator(200):
        yield from row(
            "page", f"{entry.address}{page.number}/", entry.title, about=entry.address, text=page.text, page=page,
            names=[place.get("name", "")], **_where(entry), date=facts["date"], **_of(entry),
        )  # fmt: skip


def _said(entry: Entry, facts: Mapping[str, Any]) -> Iterable[Findable]:
    """A proposal, a paper, a letter or an audit, by its own words and by the names of what it is about."""
    if entry.kind == "audit":
        return _audited(entry, facts)
    if entry.kind not in SAID or facts.get("state") == State.WITHDRAWN:  # nobody stands by a letter that was taken back
        return []
    names = [facts["place"]["name"], *(one["name"] for one in (facts.get("coalition"), facts.get("agency")) if one)]
    technologies = {one["id"]: one["name"] for one in facts.get("technologies", ())}
    if entry.kind == "decision":
        made = [str(one[key]) for one in facts["products"] for key in ("name", "maker") if one.get(key)]
        text, day, more = facts["summary"], next((one["on"] for one in facts["deeds"] if not one["replaced"]), facts["drafted"]), made  # fmt: skip
    elif entry.kind == "paper":
        answers = paper.kept(facts["answers"])
        told = [answers[field["id"]] for field in facts["fields"] if field["id"] in answers]
        text = "\n".join({Asked.ANSWERED: one.text, Asked.NOT: one.because}.get(one.counts, "") for one in told).strip()
        day, more = facts["fixed"], [facts["paper"]["name"]]
    else:
        text, day, more = f"{facts['ask']}\n{facts['body']}", facts["versions"][0]["at"], [facts["to"]]
        technologies = dict.fromkeys(_about([facts["about"], *(one["address"] for one in facts["claims"])]), "")
    return row(
        entry.kind, entry.address, entry.title, text=text, names=[*names, *filter(None, technologies.values()), *(one.replace("_", " ") for one in technologies)],
        more=more, **_where(entry), technologies=technologies, date=day[:10], **_of(entry),
    )  # fmt: skip


def _audited(entry: Entry, facts: Mapping[str, Any]) -> Iterable[Findable]:
    """An audit by what it found, and by the names of the system, its maker and the place it was laid before."""
    audit, technology, place = facts["audit"], facts["technology"], facts["place"] or {}
    heads = [level["headline"]["sentence"] for level in audit["levels"] if level["headline"]]
    text = "\n".join(filter(None, [*heads, audit["test_set"], *audit["notes"]]))
    system = audit["system"]
    more = [str(system[key]) for key in ("name", "maker", "version") if system[key]]
    return row(
        "audit", entry.address, entry.title, text=text, names=[technology["name"], place.get("name", ""), *facts["makers"].values()], more=["bias audit", *more],
        **_where(entry), technologies=[technology["id"]], vendors=facts["makers"], date=audit["made"][:10], **_of(entry),
    )  # fmt: skip


def _about(addresses: Iterable[str]) -> list[str]:
    """The technologies of what is public at some addresses, each once."""
    plain = {one.partition("#")[0] for one in addresses if one}
    rows = Entry.objects.visible().filter(address__in=plain).exclude(technology="")
    return sorted(set(rows.values_list("technology", flat=True)))


def _where(entry: Entry) -> dict[str, str]:
    return {"place": entry.place_id or "", "state": entry.place.state if entry.place else ""}


def _of(entry: Entry) -> dict[str, Any]:
    return {"entry": entry, "fiction": entry.fiction, "changed": entry.changed}


def _agency(agency: Agency) -> list[Findable]:
    holdings = Entry.objects.filter(agency=agency, kind="holding").order_by("technology")
    shown = [one for one in holdings if publication.visible(one.state)]
    if not shown:
        return []
    place = agency.place
    return row(
        "agency", f"/agencies/{agency.pk}/", agency.name, text=f"{place.name}", names=[f"{agency.name} {place.name}", f"{place.name} {agency.name}"],
        more=[str(name[0]) for name in agency.names], place=place.pk, state=place.state, technologies=[one.technology for one in shown],
        fiction=place.fiction, changed=max(one.changed for one in shown),
    )  # fmt: skip


def _place(place: Place) -> list[Findable]:
    if Findable.objects.filter(kind="place", address=f"/places/{place.pk}/", known=True).exists():
        return []
    shown = [
        one for one in Entry.objects.filter(place=place).only("state", "changed") if publication.visible(one.state)
    ]
    if not shown:
        return []
    return row("place", f"/places/{place.pk}/", place.name, place=place.pk, state=place.state, fiction=place.fiction, changed=min(one.changed for one in shown))  # fmt: skip


def _named(kind: str, address: str, rows: list[Findable]) -> None:
    removed(Findable.objects.filter(kind=kind, address=address, known=False))
    written(rows)


def written(rows: Iterable[Findable], batch: int = 500) -> None:
    """Write rows, some at a time, and count their words once."""
    words: Counter[str] = Counter()
    coming = iter(rows)
    while some := list(islice(coming, batch)):
        Findable.objects.bulk_create(some)
        words += _words((one.folded, one.names, one.text, one.known) for one in some)
    _counted(words)


def removed(rows: models.QuerySet[Findable]) -> None:
    """Take rows away, and their words with them."""
    gone = _words(rows.values_list("folded", "names", "text", "known").iterator(200))
    rows.delete()
    _counted(Counter({word: -number for word, number in gone.items()}))
    if gone:
        Vocable.objects.filter(rows__lte=0).delete()


def _words(rows: Iterable[tuple[str, str, str, bool]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for whole, names, text, known in rows:
        # What the package knows holds misheard names too, to be found by; none of them is to be offered.
        said = f"{names} {folded(text)}" if known else whole
        found.update({word for word in said.split(" ") if len(word) in _SUGGESTED and word.isalpha()})
    return found


def _counted(words: Counter[str]) -> None:
    # Always in the same order, so that two who write the same words cannot wait for each other.
    rows = [(word, word[:2], word[-3:], number) for word, number in sorted(words.items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO store_vocable (word, head, tail, "rows") VALUES (%s, %s, %s, %s) '
            'ON CONFLICT (word) DO UPDATE SET "rows" = store_vocable."rows" + excluded."rows"',
            rows,
        )
