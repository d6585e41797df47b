"""What the papers of a proposal are asked: which kinds there are, under which address, and which clauses ask for each question."""

from __future__ import annotations

import datetime
from functools import lru_cache

from postme import filling, form, obligation, paper
from postme.because import Question
from postme.errors import WrongUse
from postme.form import Asks, Form, Pattern
from postme.keeping import laws
from postme.keeping import papers as knowledge
from postme.keeping.store.docket import Docketed
from postme.obligation import Verdict
from postme.office.progress import town
from postme.rule import Duty
from postme.verdict import Lawbook

# Chosen: the years in which a yearly report of these laws can be.
YEARS = range(1990, 2200)


def segment(kind: str, year: int = 0) -> str:
    """The last part of a paper's address.

    >>> segment("use_policy"), segment("yearly_report", 2026)
    ('use-policy', 'yearly-report-2026')
    """
    return kind.replace("_", "-") + (f"-{year}" if year else "")


def address(slug: str, kind: str, year: int = 0) -> str:
    """A paper's address."""
    return f"/decisions/{slug}/{segment(kind, year)}/"


def named(part: str) -> tuple[str, int] | None:
    """The kind and year that the last part of an address names; ``None`` where no paper is called so.

    >>> named("yearly-report-2026"), named("use-policy"), named("yearly-report"), named("song")
    (('yearly_report', 2026), ('use_policy', 0), None, None)
    """
    for pattern in knowledge.patterns().values():
        own = segment(pattern.id)
        if part == own and not pattern.yearly:
            return pattern.id, 0
        year = part.removeprefix(f"{own}-")
        if (
            pattern.yearly
            and year != part
            and year.isascii()
            and year.isdecimal()
            and len(year) == 4
            and int(year) in YEARS
        ):
            return pattern.id, int(year)
    return None


def policy_of(kind: str) -> str:
    """The policy that a report is held against.

    >>> policy_of("yearly_report"), policy_of("equipment_report")
    ('use_policy', 'equipment_policy')
    """
    return "equipment_policy" if pattern(kind).military else "use_policy"


def form_for(one: Docketed, kind: str, on: datetime.date) -> Form:
    """The form of a paper for a proposal, by the laws that reach it on a day. Raises WrongUse for a kind that is none."""
    return form.form(pattern(kind), asked(one, kind, on), _elsewhere(kind, one.town.id))


def asked(one: Docketed, kind: str, on: datetime.date) -> tuple[Asks, ...]:
    """The clauses of the place's laws that ask for a paper of this kind, for any of its technologies."""
    own, held = pattern(kind), town(one.town)
    found: dict[str, Asks] = {}
    for technology in one.technologies:
        question = Question(one.town.id, one.kind, "use", technology, on, one.purpose or None, one.proposal.facts(on))
        judged = {
            (each.law, each.provision): each.verdict for each in obligation.judged(question, held.book, held.calendar)
        }
        for law in held.book.reaching(one.town.id):
            for provision in law.provisions:
                duty = provision.rule
                if not isinstance(duty, Duty) or not own.is_asked_by(law, duty):
                    continue
                if judged.get((law.id, provision.id), Verdict.DOES_NOT_APPLY) is not Verdict.DOES_NOT_APPLY:
                    clause = form.asks(law, provision, duty)
                    found.setdefault(clause.address, clause)
    return tuple(found.values())


def kinds(one: Docketed, on: datetime.date) -> tuple[Pattern, ...]:
    """The kinds of papers of a proposal: those that a law asks for there; where none does, the papers of community control."""
    words = laws.words()
    armed = any(words.family(technology) in words.military for technology in one.technologies)
    watching = not armed or any(words.family(technology) in words.surveillance for technology in one.technologies)
    found = [
        each for each in knowledge.patterns().values()
        if asked(one, each.id, on) or (armed if each.military else watching)
    ]  # fmt: skip
    return tuple(found)


def known(kind: str) -> Pattern | None:
    """The pattern of a kind of paper; ``None`` where there is no such kind."""
    return knowledge.patterns().get(kind)


def pattern(kind: str) -> Pattern:
    """A kind of paper. Raises WrongUse for one that is none."""
    found = known(kind)
    if found is None:
        raise WrongUse(f"'{kind}' is no kind of paper.", where="paper", why="Nobody asks for its contents.", do=f"Use one of: {', '.join(knowledge.patterns())}.")  # fmt: skip
    return found


def _elsewhere(kind: str, place: str) -> tuple[Asks, ...]:
    return tuple(one for where, one in _everywhere(kind, laws.book()) if where != place)


@lru_cache(maxsize=16)
def _everywhere(kind: str, book: Lawbook) -> tuple[tuple[str, Asks], ...]:
    own = pattern(kind)
    return tuple(
        (law.place.short, form.asks(law, provision, provision.rule))
        for law in book.laws.values()
        for provision in law.provisions
        if isinstance(provision.rule, Duty) and provision.rule.fields and own.is_asked_by(law, provision.rule)
    )


def messages() -> tuple[str, ...]:
    """Every sentence of ours that papers bring to a page as a value, for translators."""
    known = knowledge.patterns().values()
    asked = (says for one in known for item in one.items for says in (item.question, item.hint))
    frame = (says for one in known for says in (one.name, one.what, *one.sections.values()))
    return tuple(
        sorted(
            {*asked, *frame, *form.SLOTS.values(), *paper.REMARKS, filling.OWN_SECTION, *map(str, paper.State)} - {""}
        )
    )
