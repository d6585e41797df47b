"""A record and the catalogue -> mentions, each with its quote, what is being done, and why it matched."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from postme import signs
from postme.catalogue import Catalogue, Certainty, Term
from postme.matching import Engine, Hit
from postme.record import Page, PageState, Quote, Record
from postme.signs import Act, Cues

CONTEXT = 200
"""Characters of the page shown on either side of a quote."""
VENDOR_WITHIN = 100
"""Characters in which a maker's name is taken to be the maker of the technology beside it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A quote waiting for a ruling.

    ``technologies`` are ids of the taxonomy, sorted, at least one. ``vendor`` and ``product`` are ids and names of the
    catalogue, ``None`` for *unknown*. ``amount`` is in US dollars, ``date`` ISO 8601; both, like ``file_number`` and
    ``body``, are what stands nearest, not what is proved. ``why`` says what matched and what was asked of its company.
    """

    quote: Quote
    context: str
    technologies: tuple[str, ...]
    certainty: Certainty
    why: str
    vendor: str | None = None
    product: str | None = None
    act: Act = Act.MENTION
    step: str | None = None
    amount: float | None = None
    amount_text: str | None = None
    date: str | None = None
    file_number: str | None = None
    body: str | None = None

    @property
    def id(self) -> str:
        """The same for the same words at the same place meaning the same technologies, whoever scans, whenever."""
        quote = self.quote
        named = f"{quote.sha256}\n{quote.page}\n{quote.start}\n{quote.end}\n{','.join(self.technologies)}"
        return hashlib.sha256(named.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """A catalogue made ready to scan with: its engine and the words that tell acts. Costs about 0.1 s; pass it around."""

    catalogue: Catalogue
    engine: Engine
    cues: Cues


def mentions(record: Record, scanner: Scanner) -> tuple[Mention, ...]:
    """Every mention in a record, by page and place.

    >>> from postme.keeping import library
    >>> from postme.record import Page
    >>> record = Record("e3" * 32, "text/plain", (Page(1, "The city bought 12 license plate readers for $40,000."),))
    >>> [(m.quote.text, m.technologies, m.act.value, m.amount) for m in mentions(record, library.scanner())]
    [('license plate readers', ('alpr',), 'acquire', 40000.0)]
    """
    found: list[Mention] = []
    for page in record.pages:
        if page.state in (PageState.TEXT, PageState.OCR):
            found += on_page(page, record.sha256, scanner)
    return tuple(found)


def on_page(page: Page, sha256: str, scanner: Scanner) -> Iterator[Mention]:
    """The mentions of one page, by place."""
    hits = scanner.engine.hits(page.text)
    if not hits:
        return
    terms = scanner.catalogue.terms
    spans: dict[tuple[int, int], list[Term]] = {}
    makers: list[tuple[int, int, Term]] = []
    for hit in hits:
        term = terms[hit.term]
        if term.technologies:
            spans.setdefault((hit.start, hit.end), []).append(term)
        if term.vendor:
            makers.append((hit.start, hit.end, term))
    offsets = [offset for offset, _ in page.moments]
    # Only makers near enough are asked: a ledger is one page with thousands of them.
    starts = [start for start, _, _ in makers]
    reach = VENDOR_WITHIN + max((end - start for start, end, _ in makers), default=0)
    for (start, end), meant in spans.items():
        low, high = bisect.bisect_left(starts, start - reach), bisect.bisect_right(starts, end + VENDOR_WITHIN)
        at = bisect.bisect_right(offsets, start) - 1
        seconds = page.moments[at][1] if at >= 0 else None
        yield _mention(
            page.text,
            Quote(sha256, page.number, start, end, page.text[start:end], seconds),
            meant,
            makers[low:high],
            scanner.cues,
        )


_ORDER = {Certainty.SURE: 0, Certainty.LIKELY: 1, Certainty.UNSURE: 2}


def _mention(text: str, quote: Quote, meant: list[Term], makers: list[tuple[int, int, Term]], cues: Cues) -> Mention:
    start, end = quote.start, quote.end
    certainty = min((term.certainty for term in meant), key=_ORDER.__getitem__)
    vendor, product, maker_said = _maker(text, start, end, meant, makers)
    act, step, act_said = signs.act_near(text, start, end, cues)
    money = signs.amount_near(text, start, end)
    day = signs.nearest(signs.DATE, text, start, end, before=300, after=300)
    number = signs.nearest(signs.FILE_NUMBER, text, start, end, before=600, after=60)
    body = signs.body_near(text, start, end)
    why = "; ".join(dict.fromkeys(_why(term) for term in meant))
    if maker_said:
        why += f"; {maker_said}"
    why += f"; act {act.value}" + (f" from “{act_said}”" if act_said else ", as nothing near says more")
    return Mention(
        quote=quote, context=text[max(0, start - CONTEXT) : end + CONTEXT],
        technologies=tuple(sorted({id_ for term in meant for id_ in term.technologies})), certainty=certainty, why=why,
        vendor=vendor, product=product, act=act, step=step,
        amount=signs.dollars(money.value) if money else None, amount_text=money.value if money else None,
        date=signs.iso_date(day.value) if day else None, file_number=" ".join(number.value.split()) if number else None,
        body=" ".join(body.value.split()) if body else None,
    )  # fmt: skip


def _maker(
    text: str, start: int, end: int, meant: list[Term], makers: list[tuple[int, int, Term]]
) -> tuple[str | None, str | None, str]:
    for term in meant:
        if term.vendor:
            return term.vendor, term.product, ""
    spoken_of = {id_ for term in meant for id_ in term.technologies}
    # A name beside a technology is its maker's only where the maker makes such a thing, or makes too many to say, and
    # the same sentence speaks of both. Which product it is, a neighbor never tells.
    near = [
        (max(start - e, s - end, 0), term)
        for s, e, term in makers
        if (not term.technologies or spoken_of & set(term.technologies))
        and max(start - e, s - end) <= VENDOR_WITHIN
        and not signs.SENTENCE_END.search(text, min(e, end) - 1, max(s, start) + 1)
    ]
    if not near:
        return None, None, ""
    distance, term = min(near, key=lambda pair: pair[0])
    return term.vendor, None, f"maker “{term.phrase}” {distance} characters off"


def _why(term: Term) -> str:
    says = f"“{term.phrase}” means {', '.join(term.technologies)}"
    if term.product:
        says += f" (product {term.product})"
    rule = term.rule
    if rule is None:
        return says
    asked = []
    if rule.needs:
        asked.append(f"one of {_some(rule.needs)} within {rule.within} characters")
    if rule.and_needs:
        asked.append(f"and one of {_some(rule.and_needs)}")
    if rule.capitals:
        asked.append("its capitals")
    if rule.unless or rule.unless_before or rule.unless_after:
        asked.append(f"none of {_some(rule.unless + rule.unless_before + rule.unless_after)}")
    return f"{says}, with {', '.join(asked)}"


@cache
def _some(words: tuple[str, ...]) -> str:
    return ", ".join(words[:4]) + (" …" if len(words) > 4 else "")


def expected(hits: Iterable[Hit], catalogue: Catalogue) -> set[str]:
    """The technologies of hits, the unsure ones too: what an example of a catalogue file is held to."""
    return {id_ for hit in hits for id_ in catalogue.terms[hit.term].technologies}
