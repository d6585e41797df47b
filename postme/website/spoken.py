"""Words of ours that come to a page as values (verdicts, acts, states), listed so that translators see them."""

from __future__ import annotations

from postme.because import Answer
from postme.inventory import Part
from postme.law import Sure
from postme.obligation import Verdict
from postme.proposal import DEEDS, Step
from postme.publication import State, What
from postme.redaction import Reason
from postme.signs import Act

_MORE = (
    "present", "asked for", "refused", "postponed", "ended", "spoken of", "stated", "observed", "surveillance", "military", "open", "corrected", "kept",
    "published", "withdrawn", "redacted", "refused", "approved", "heard", "introduced", "failed", "contracted", "renewed", "yes", "no", "unsure", "waiting",
    "holding", "record", "search", "page", "place", "agency", "technology", "vendor", "law", "evidence", "error", "reply",
    "carried", "lost", "amended", "adopted", "rejected", "tabled", "referred", "sure", "likely", "asked", "in force", "abstain", "absent", "recused", "decision", "city council", "privacy board",
)  # fmt: skip


def words() -> tuple[str, ...]:
    """All of them as ``spoken`` and ``hyphen_words`` say them, with the names of technologies, bodies, acts and purposes, and the map's sentences."""
    from postme.office import counsel, figures, glossary, mapping, questions, wording

    known = counsel.vocabulary()
    kinds = (member.value for kind in (Answer, Verdict, Part, Act, What, State, Sure, Step) for member in kind)
    names = [one.name for one in glossary.catalogue().technologies.values()]
    law = [*known["bodies"].values(), *known["acts"].values(), *known["purposes"].values()]
    return tuple(
        sorted(
            {str(word).replace("_", " ") for word in kinds}
            | {reason.value.replace("-", " ") for reason in Reason}
            | {kind.says for kind in DEEDS.values()}
            | {str(word) for word in (*_MORE, *names, *law, *mapping.MESSAGES, *figures.MESSAGES, *wording.MESSAGES, *questions.messages())}
        )
    )
