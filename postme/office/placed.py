"""Where a paper stands that a step says was published: here, or at an address that anybody can open; a mere word for it is none."""

from __future__ import annotations

import re
from dataclasses import replace

from postme import publication
from postme.errors import WrongUse
from postme.keeping import papers as knowledge
from postme.keeping.store.ledger import Ledger
from postme.office import questions
from postme.proposal import DEEDS, PAPERS, Deed

# Chosen: what every browser opens; a host of two parts at least, so that a slip such as https://report is told.
_ADDRESS = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@.]{2,}(?:[/?#]\S*)?(?: .*)?", re.IGNORECASE)
LONGEST = 400


def backed(deed: Deed, own: str, ledger: Ledger) -> Deed:
    """The step with the place where its paper stands: as it was said, else that of the paper published here. Raises WrongUse where there is none.

    Any other step comes back as it is.
    """
    if deed.kind not in PAPERS:
        return deed
    said = " ".join(deed.evidence.split())
    if not said:
        said = next((one for one in _here(deed.kind, own) if publication.visible(ledger.state_of(one))), "")
    paper = PAPERS[deed.kind]
    if not said:
        raise WrongUse(
            f"{paper[0].upper()}{paper[1:]} is not published here, and nothing says where it can be read.", where="evidence",
            why="A step of the law would rest on somebody's word alone.", do="Publish the paper here first, or write the address where it stands.",
        )  # fmt: skip
    if len(said) > LONGEST or not (_ADDRESS.fullmatch(said) or _public(said, ledger)):
        raise WrongUse(
            f"“{said[:80]}” is no address where {paper} can be read.", where="evidence", why="Readers must be able to open it.",
            do="Write an address that begins with https://, or that of something public here, such as /records/….",
        )  # fmt: skip
    return replace(deed, evidence=said)


def _here(kind: str, own: str) -> list[str]:
    """The addresses here of papers that show what a step says."""
    return [questions.address(own, one.id) for one in knowledge.patterns().values() if DEEDS[kind].fact in one.facts]


def _public(said: str, ledger: Ledger) -> bool:
    return said.startswith("/") and publication.visible(ledger.state_of(f"{said.rstrip('/')}/"))
