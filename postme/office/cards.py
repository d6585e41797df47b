"""Pictures of pages, for those who share them: drawn once for the same words, and kept where pictures are kept.

A picture that quotes a record lies with that record's pictures: what is blacked out in the record later takes it along.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from postme.keeping import pictures
from postme.reading.card import EDITION, SIZE, Card, Fonts, Sign, can_draw, drawn

__all__ = ["SIZE", "Card", "Fonts", "Sign", "can_draw", "picture"]

# The folder, beside those of records, of pictures that quote none.
_ALONE = "cards"


def picture(folder: Path, told: Callable[[], Card], fonts: Fonts | None = None) -> bytes:
    """The PNG of what ``told`` says now, from the cache in ``folder`` or drawn. Raises what ``told`` raises, and Refused.

    ``told`` is asked again before anything is kept: what came to be hidden while the picture was drawn is not kept.
    """
    card = told()
    if held := pictures.held(folder, card.record or _ALONE, _name(card)):
        return held
    with pictures.place(folder, card.record or _ALONE) as place:
        now = told()
        data = drawn(now, fonts)
        if now.record == card.record:
            place.put(_name(now), data)
        return data


def _name(card: Card) -> str:
    said = json.dumps([EDITION, asdict(card)], sort_keys=True)
    return f"card-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}.png"
