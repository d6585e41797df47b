"""What an editor confirms of what was read near the quotes of a holding: amounts, and what became of each act.

A program takes the words that stand nearest, which are often another item's. Whoever drafts looks at the passage, and
confirms or leaves it unknown; nothing is confirmed beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.http import QueryDict

from postme.errors import WrongUse
from postme.inventory import Answer, DatedAct, Evidence, Holding

# Chosen: as many passages as an editor reads for one decision; every one of them says the same amount.
_BESIDE = 3
# Chosen: what a form can carry; those that were chosen before come first, so that none is lost.
_MOST = 300
_VOTE = re.compile(r"\d{1,3}-\d{1,3}(?:-\d{1,3})?")


def of_form(post: QueryDict) -> dict[str, Any]:
    """What was chosen, as it was typed: ``amounts`` as words, ``outcomes`` by mention with ``word`` and ``vote``."""
    words = {key[8:]: str(value)[:60] for key, value in post.items() if key.startswith("outcome-")}
    outcomes = {
        mention: {"word": word.strip(), "vote": post.get(f"vote-{mention}", "").strip()[:20]}
        for mention, word in words.items()
        if word.strip() or post.get(f"vote-{mention}", "").strip()
    }
    return {"amounts": [str(one)[:30] for one in post.getlist("amount")], "outcomes": outcomes}


def of_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft or a published holding has, as a form begins with it."""
    amounts = {act.get("amount") for act in facts["acts"]}
    amounts |= {claim["value"] for claim in facts["claims"] if claim["part"] == "amount"}
    said = {act["evidence"]: act["outcome"].partition(" ") for act in facts["acts"] if act.get("outcome")}
    return {
        "amounts": sorted({str(float(one)) for one in amounts - {None}}),
        "outcomes": {mention: {"word": word, "vote": vote} for mention, (word, _, vote) in said.items()},
    }


def amounts(typed: Mapping[str, Any]) -> set[float]:
    """The amounts that were confirmed. Raises WrongUse for what is none."""
    try:
        return {float(one) for one in typed["amounts"]}
    except ValueError as error:
        raise WrongUse("That is no amount.", where="amounts", why="Only what was read in a record can be confirmed.", do="Choose among the amounts of the form.") from error  # fmt: skip


def outcomes(typed: Mapping[str, Any]) -> dict[str, str]:
    """What became of each act, by its mention: ``carried 4-3``. Raises WrongUse for a vote that is none, or that stands alone."""
    found = {}
    for mention, one in typed["outcomes"].items():
        if one["vote"] and not _VOTE.fullmatch(one["vote"]):
            raise WrongUse(f"“{one['vote']}” is no vote.", where="vote", why="Readers take the first number for those in favor.", do="Write it as 4-3: yes, then no; or leave it empty.")  # fmt: skip
        if not one["word"]:
            raise WrongUse(f"The vote {one['vote']} has no outcome.", where="vote", why="Some motions need more than half, so the numbers alone do not say what became of it.", do="Choose the outcome that the record says, or clear the vote.")  # fmt: skip
        found[mention] = f"{one['word']} {one['vote']}".strip()
    return found


def choices(
    found: Iterable[Holding], typed: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]] | None
) -> dict[str, Any]:
    """The amounts and the acts that passages ruled *yes* carry, each with its passage, and what was chosen.

    ``own`` are the draft's quotes by their ids; ``None`` where it could not be drawn, and all that were ruled true count.
    """
    acts = [act for one in found for act in one.acts if act.evidence.answer is Answer.YES and (own is None or act.evidence.id in own)]  # fmt: skip
    by_amount: dict[float, list[DatedAct]] = {}
    for act in acts:
        if act.amount is not None:
            by_amount.setdefault(act.amount, []).append(act)
    sums = [
        {"value": str(value), "count": len(some), "passages": [_passage(one.evidence, own) for one in some[:_BESIDE]],
         "chosen": str(value) in typed["amounts"]}
        for value, some in sorted(by_amount.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]  # fmt: skip
    became = [
        {"id": act.evidence.id, "act": act.act.value, "date": act.date, "near": act.step, **_passage(act.evidence, own),
         **typed["outcomes"].get(act.evidence.id, {"word": "", "vote": ""})}
        for act in acts
    ]  # fmt: skip
    # First what was chosen, then where a program saw a word for an outcome, then acts before mere namings.
    became.sort(key=lambda one: (not (one["word"] or one["vote"]), not one["near"], one["act"] == "mention"))
    return {"sums": sums, "became": became[:_MOST]}


def _passage(evidence: Evidence, own: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    """A quote with the words around it, and where it stands: as the draft has it, else as it was found."""
    if own is not None:
        return {
            key: own[evidence.id][key] for key in ("before", "quote", "after", "record", "page", "seconds", "sha256")
        }
    before, sign, after = evidence.context.partition(evidence.quote)
    record = PurePosixPath(evidence.path.replace("!/", "/")).name
    words = {"before": before if sign else "", "quote": evidence.quote, "after": after}
    return {**words, "record": record, "page": evidence.page, "seconds": evidence.seconds, "sha256": evidence.sha256}
