"""What the scanner says of a passage as a whole: the technologies that count, and the act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from postme import scan
from postme.catalogue import Certainty
from postme.keeping import library
from postme.record import Page
from postme.signs import Act


def judge(extra: Sequence[Path] = ()) -> Callable[[str], tuple[set[str], str]]:
    """A function from a passage to its technologies (sure or likely) and act.

    >>> judge()("The council bought six license plate readers.")
    ({'alpr'}, 'acquire')
    """
    scanner = library.scanner(extra)

    def judged(text: str) -> tuple[set[str], str]:
        counted = [
            mention
            for mention in scan.on_page(Page(1, text), "0" * 64, scanner)
            if mention.certainty is not Certainty.UNSURE
        ]
        return {id_ for mention in counted for id_ in mention.technologies}, passage_act(
            mention.act for mention in counted
        )

    return judged


def passage_act(acts: Iterable[Act]) -> str:
    """The act of a passage from those of its mentions: the most frequent, the more specific where they tie.

    >>> passage_act([Act.USE, Act.ACQUIRE, Act.USE])
    'use'
    """
    counted = Counter(acts)
    order = list(Act)
    return min(counted, key=lambda act: (-counted[act], order.index(act))).value if counted else ""
