"""What is published of a holding, part by part: what a person let stand, and nothing that a machine only guessed from nearby words.

That something is spoken of, and in which words, a person ruled. An amount or an outcome beside it was read from the words
that stand nearest, which are often another item's: it is published only where an editor confirmed it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from postme.catalogue import Catalogue
from postme.errors import WrongUse
from postme.inventory import Holding, Part

# Which passages show best that a body has a thing: figures of its use, then its use, then its purchase.
_SHOWS = ("report", "use", "acquire")
# What may have become of an act, as minutes and agreements say it. A vote may stand behind the word: carried 4-3.
OUTCOMES: tuple[str, ...] = (
    "approved", "carried", "adopted", "amended", "failed", "rejected", "postponed", "tabled", "referred", "withdrawn",
    "introduced", "heard", "contracted", "renewed", "ended",
)  # fmt: skip
# Yes, no and, where a body counts them, those who abstained.
_OUTCOME = re.compile(rf"(?:{'|'.join(OUTCOMES)})(?: \d{{1,3}}-\d{{1,3}}(?:-\d{{1,3}})?)?")


def checked(holding: Holding, *, amounts: Collection[float], outcomes: Mapping[str, str]) -> None:
    """Whether what an editor confirmed was read in these records. Raises WrongUse for an amount or a mention that they do not have, and an outcome that is none."""
    read = {act.amount for act in holding.acts}
    for amount in amounts:
        if amount not in read:
            raise WrongUse(f"No record says ${amount:,.2f} near these quotes.", where="amounts", why="An amount is published only with the words that say it.", do="Choose among the amounts that the form lists for these bodies.")  # fmt: skip
    known = {act.evidence.id for act in holding.acts}
    for mention, outcome in outcomes.items():
        if mention not in known:
            raise WrongUse("That is no quote of this draft.", where=f"outcome {outcome[:40]!r}", why="An outcome is published only with the words that it became of.", do="Choose one beside a quote that the form lists.")  # fmt: skip
        if not _OUTCOME.fullmatch(outcome):
            raise WrongUse(
                f"“{outcome[:60]}” is no outcome.", where="outcomes", why="Readers compare outcomes across records, so their words are few.",
                do=f"Choose one of: {', '.join(OUTCOMES)}; write a vote as 4-3, yes before no.",
            )  # fmt: skip


def makers(holding: Holding, catalogue: Catalogue) -> dict[str, str]:
    """The makers' names by their ids, of those that the catalogue knows."""
    return {
        claim.value: vendor.name
        for claim in holding.claims
        if claim.part is Part.MAKER and claim.value and (vendor := catalogue.vendors.get(claim.value))
    }


def claims(
    holding: Holding, catalogue: Catalogue, *, present: bool, body: str, observed: Collection[str] = (), amounts: Collection[float] = ()
) -> list[dict[str, Any]]:  # fmt: skip
    """The parts of a claim as JSON: ``part``, ``value`` (null: *unknown*), ``how`` and the mentions each rests on.

    ``how`` is *stated*, *observed*, or *inferred*: of a maker whom no record names, and whom the catalogue knows by the
    product. ``present`` says that an editor found it to be in this body's hands.
    """
    found = []
    if present:
        weight = {act: i for i, act in enumerate(_SHOWS)}
        shows = sorted((act for act in holding.acts if act.act.value in weight), key=lambda act: weight[act.act.value])
        found.append(_part("present", body, list(dict.fromkeys(act.evidence.id for act in shows)), observed))
    for claim in holding.claims:
        if claim.part is Part.OPERATOR:
            continue
        rests = [one.id for one in claim.evidence]
        if claim.part is Part.AMOUNT and claim.value and float(claim.value) not in amounts:
            continue
        one = _part(claim.part.value, claim.value, rests, observed)
        if claim.part is Part.MAKER and claim.value and not _named(claim.value, holding, rests, catalogue):
            one["how"] = "inferred"
        found.append(one)
    if not any(one["part"] == Part.AMOUNT.value for one in found):
        found.append(_part(Part.AMOUNT.value, None, [], ()))
    return found


def acts(holding: Holding, *, outcomes: Mapping[str, str], amounts: Collection[float]) -> list[dict[str, Any]]:
    """What each passage is about, as the words near it say, with an outcome or an amount only where an editor confirmed it.

    ``outcomes`` are by the mention's id: ``carried 4-3``.
    """
    return [
        {
            "act": act.act.value, "outcome": outcomes.get(act.evidence.id), "date": act.date, "dated_by": act.dated_by,
            "amount": act.amount if act.amount in amounts else None, "evidence": act.evidence.id,
        }
        for act in holding.acts
    ]  # fmt: skip


def _part(part: str, value: str | None, rests: Sequence[str], observed: Collection[str]) -> dict[str, Any]:
    seen = bool(rests) and all(one in observed for one in rests)
    return {"part": part, "value": value, "evidence": list(rests), "how": "observed" if seen else "stated"}


def _named(maker: str, holding: Holding, rests: Sequence[str], catalogue: Catalogue) -> bool:
    vendor = catalogue.vendors.get(maker)
    names = [name.lower() for name in (vendor.name, *vendor.names)] if vendor else [maker]
    contexts = [" ".join(act.evidence.context.lower().split()) for act in holding.acts if act.evidence.id in set(rests)]
    return any(name in context for name in names for context in contexts)
