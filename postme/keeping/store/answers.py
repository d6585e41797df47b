"""A department's answers to the points most made: drafted by one person, let out by another."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from postme import voices
from postme.errors import WrongUse
from postme.keeping.store.register import whole
from postme.voices import Stage

# Chosen: a point is a sentence, an answer a page.
LONGEST_POINT, LONGEST = 500, 8_000


class Answers:
    """The answers of a store; ``file`` is the ledger's."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def draft(
        self, slug: str, point: str, text: str, numbers: Sequence[str], *, who: str, at: datetime.datetime
    ) -> int:
        """Lay an answer to a point on the desk, with the comments that made it: its number. Raises WrongUse."""
        from postme.keeping.store import models

        point, text = voices.plain(point).strip(), voices.plain(text).strip()
        if not point or not text or len(point) > LONGEST_POINT or len(text) > LONGEST:
            raise WrongUse("This answer cannot be kept.", where="answer", why=f"It needs the point ({LONGEST_POINT} characters at most) and the answer ({LONGEST:,} at most).", do="Mend it, and send it again.")  # fmt: skip
        with whole(self.file):
            proposal = models.Proposal.objects.get(slug=slug, public=True)
            made = list(models.Comment.objects.visible().filter(proposal=proposal, number__in=numbers))
            if len(made) != len(set(numbers)):
                raise WrongUse("One of these comments is not public on this decision.", where="comments", why="An answer names the comments that it answers.", do="Look at the numbers again.")  # fmt: skip
            row = models.Answer.objects.create(proposal=proposal, point=point, text=text, who=who, at=at)
            row.comments.set(made)
            models.DeskAct.objects.create(who=who, at=at, what="answer drafted", target=f"/decisions/{slug}/comments/", why=point, detail={"answer": row.pk})  # fmt: skip
        return int(row.pk)

    def publish(self, number: int, *, who: str, at: datetime.datetime) -> None:
        """Let an answer out: what it answers is *answered* from now on. Raises WrongUse for one's own."""
        from postme.keeping.store import models

        with whole(self.file):
            row = models.Answer.objects.select_for_update().filter(pk=number, published=None).first()
            if row is None:
                raise WrongUse(f"Answer {number} is not waiting.", where="answer", why="Somebody may have published it meanwhile.", do="Open the page again.")  # fmt: skip
            if row.who == who:
                raise WrongUse("Nobody publishes their own answer.", where="answer", why="What is published must have been seen by two people.", do="Ask a colleague.")  # fmt: skip
            row.published, row.published_by = at, who
            row.save(update_fields=["published", "published_by"])
            models.Comment.objects.visible().filter(answers=row).update(stage=Stage.ANSWERED.value)
            models.DeskAct.objects.create(who=who, at=at, what="answer published", target=f"answer {number}", why=row.point, detail={})  # fmt: skip
