"""May this body do this act with this technology, for this purpose, on this day, and why?

``permission`` asks every law that could reach the body. Unknown never becomes allowed: what nobody has seen, dated or
shown stays *unknown*, and the answer lists the facts that would settle it. A ban stands until one of its exceptions is
shown; the exceptions that were not are listed beside it. ``Because`` is a tree whose leaves are provisions and facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from postme import condition
from postme.because import STRICTEST, Answer, Because, Permission, Question
from postme.condition import FactIs, Found, Truth, both
from postme.law import Law, Provision, Sure, least
from postme.place import Level, placed
from postme.rule import Allow, Approve, Except, Hidden, Preempt, Prohibit, Scope, Status
from postme.vocabulary import Vocabulary


class Lawbook:
    """Laws by the place they are of, ready to be asked."""

    def __init__(self, laws: Iterable[Law], vocabulary: Vocabulary) -> None:
        self.laws = {law.id: law for law in sorted(laws, key=lambda law: law.id)}
        # A law may ask for facts of its own; what they say is said in its file.
        own = {key: says for law in self.laws.values() for key, says in law.facts.items()}
        self.vocabulary = replace(vocabulary, facts={**own, **vocabulary.facts})
        by_place: dict[str, list[Law]] = {}
        for law in self.laws.values():
            by_place.setdefault(law.place.short, []).append(law)
        self._by_place = {place: tuple(found) for place, found in by_place.items()}
        self._known: dict[tuple[Any, ...], Answer] = {}

    def reaching(self, place: str) -> tuple[Law, ...]:
        """The laws of a place and of those above it; the county's are no city's."""
        return tuple(law for above in placed(place).above for law in self._by_place.get(above, ()))

    def answers(
        self, bodies: Iterable[tuple[str, str]], technologies: Sequence[str], act: str, on: date
    ) -> Iterator[list[Answer]]:
        """For each (place, body) the answers for all technologies, no fact known and no purpose claimed: a whole country at once.

        Bodies under the same laws get the same answer, so each question is asked once; ``permission`` says why.
        """
        for place, body in bodies:
            laws = tuple(law.id for law in self.reaching(place))
            agency = self.vocabulary.agency_of(body, place)
            found = []
            for technology in technologies:
                key = (laws, agency, act, technology, on)
                if key not in self._known:
                    self._known[key] = permission(Question(place, body, act, technology, on), self).answer
                found.append(self._known[key])
            yield found


@dataclass(frozen=True, slots=True)
class _Said:
    """What one law, or one provision of it, answers."""

    answer: Answer
    because: Because
    conditions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    sure: Sure = Sure.TEXT
    law: Law | None = None


def permission(question: Question, book: Lawbook) -> Permission:
    """The answer of all laws together, the strictest first, with its reasons."""
    words = book.vocabulary
    asked = replace(question, body=words.agency_of(question.body, question.place))
    laws = book.reaching(question.place)
    agency = words.agencies.get(asked.body)
    if agency and agency.place != question.place:  # wherever it acts, its own place's laws go with it
        laws = tuple({law.id: law for law in (*laws, *book.reaching(agency.place))}.values())
    said, silent, statuses = [], [], {}
    for law in laws:
        own = _asked_of(law, asked, words)
        if isinstance(own, Because):
            silent.append(own)
        else:
            said.append(own)
        statuses.update(_statuses(law, asked, words))
    said = [_limited(one, laws, asked, words) for one in said]
    counted = [one for one in said if one.answer is not Answer.NO_LAW_FOUND]
    looked = tuple(law.id for law in laws)
    notes = tuple(_notes(question, counted))
    if not counted:
        return Permission(
            Answer.NO_LAW_FOUND, (), (), tuple(one.because for one in said) + tuple(silent), (), None, looked, notes, statuses
        )  # fmt: skip
    answer = min((one.answer for one in counted), key=STRICTEST.__getitem__)
    decisive = [one for one in counted if one.answer is answer]
    rest = [one for one in said if one not in decisive]
    return Permission(
        answer, _once(text for one in decisive for text in one.conditions), _once(text for one in decisive for text in one.unless),
        tuple(one.because for one in (*decisive, *rest)) + tuple(silent), _once(fact for one in counted for fact in one.open),
        least(one.sure for one in decisive), looked, notes, statuses,
    )  # fmt: skip


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _notes(question: Question, counted: Sequence[_Said]) -> Iterator[str]:
    if placed(question.place).level is Level.CITY and question.body in ("sheriff", "county_department", "county"):
        yield f"A county's laws are asked with the county as the place; here only those of {question.place} and above were looked through."
    open_ = [one.law.name for one in counted if one.answer is Answer.UNKNOWN and one.law]
    if open_ and any(one.answer in (Answer.NEEDS_APPROVAL, Answer.PROHIBITED) for one in counted):
        yield f"What {' and '.join(open_)} would say is unknown; it may be stricter."
    if any(one.sure is Sure.LAWYER for one in counted):
        yield "A rule that this rests on needs a lawyer."
    for one in counted:
        if one.law and not one.law.text_seen:
            how = "is written down from memory" if one.law.adopted.sure is Sure.MEMORY else "is known from reporting"
            yield f"The text of {one.law.name} was not read; what it says {how}."
        if one.law and one.law.start_note:
            yield f"{one.law.name}: {one.law.start_note}."


def _asked_of(law: Law, asked: Question, words: Vocabulary) -> _Said | Because:
    """What a law answers; where it is silent, why."""
    address = law.id

    def silent(why: str) -> Because:
        return Because("law", f"{law.name}: {why}", "silent", address)

    force = law.stands(asked.on)
    if force is False:
        when = "not yet in force" if law.starts.reached(asked.on) is False else "no longer in force"
        return silent(f"{when} on {asked.on} (it counts from {law.starts}{f' until {law.ends}' if law.ends else ''})")
    if any(words.body_is(asked.body, listed) for listed in law.not_bound):
        return silent(f"it does not bind {words.body_says(asked.body)}")
    if not any(words.body_is(asked.body, listed) for listed in law.binds) and not any(
        words.body_is(asked.body, listed) for one in law.provisions for listed in _scope(one).bodies
    ):
        return silent(f"it binds {_listed(law.binds)}, not {words.body_says(asked.body)}")
    said = [one for provision in law.provisions if (one := _of_provision(provision, law, asked, words, force))]
    if not said:
        return silent(f"it says nothing of this act with this technology by {words.body_says(asked.body)} that day")
    answer = min((one.answer for one in said), key=STRICTEST.__getitem__)
    if answer is Answer.NO_LAW_FOUND:
        own = tuple(one.because for one in said)
        return Because("law", f"{law.name}: such a case lies outside it", "silent", address, parts=own)
    decisive = [one for one in said if one.answer is answer]
    sure = least((*(one.sure for one in decisive), law.binds_sure, law.adopted.sure))
    says = f"{law.name}, {law.citation}: {law.what}"
    parts = tuple(one.because for one in (*decisive, *(one for one in said if one not in decisive)))
    sources = tuple(law.sources[key].address for key in law.adopted.sources)
    return _Said(
        answer, Because("law", says, answer.value, address, sure, sources, parts), _once(text for one in decisive for text in one.conditions),
        _once(text for one in decisive for text in one.unless), _once(fact for one in said for fact in one.open), sure, law,
    )  # fmt: skip


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "nobody"


def _scope(provision: Provision) -> Scope:
    return getattr(provision.rule, "scope", Scope()) if provision.rule else Scope()


def covers(scope: Scope, law: Law, asked: Question, words: Vocabulary) -> Truth:
    """Whether a rule's scope takes in what is asked; unknown where the technology's kind would decide."""
    if scope.acts and asked.act not in scope.acts and "any" not in scope.acts:
        return False
    bodies = scope.bodies or law.binds
    if not any(words.body_is(asked.body, listed) for listed in bodies):
        return False
    outside = scope.outside or law.outside
    if any(words.technology_is(asked.technology, listed) is True for listed in outside):
        return False
    listed = scope.technologies or law.technologies
    return condition.either(words.technology_is(asked.technology, one) for one in listed)


def _of_provision(provision: Provision, law: Law, asked: Question, words: Vocabulary, force: Truth) -> _Said | None:
    rule = provision.rule
    if not isinstance(rule, Prohibit | Approve | Allow | Hidden):
        return None
    covered, stands = covers(rule.scope, law, asked, words), provision.stands(asked.on)
    if covered is False or stands is False:
        return None
    found = _ruled(provision, rule, law, asked, words)
    if found is None:
        return None
    if both((covered, stands, force)) is True:
        return found
    open_ = list(found.open)
    if covered is None:
        open_.append(f"kind of {asked.technology}")
    if force is None or stands is None:
        open_.append(f"whether {law.id} was in force on {asked.on}")
    says = f"{found.because.says} Whether it reaches this question is unknown."
    return replace(
        found, answer=Answer.UNKNOWN, because=replace(found.because, says=says, outcome="unknown"), open=tuple(open_)
    )


def _ruled(
    provision: Provision, rule: Prohibit | Approve | Allow | Hidden, law: Law, asked: Question, words: Vocabulary
) -> _Said | None:
    if isinstance(rule, Allow):
        found = rule.if_.ask(asked, words)
        answer = {True: Answer.ALLOWED, False: Answer.PROHIBITED, None: Answer.ALLOWED_IF}[found.truth]
        base = _said(
            answer, provision, law, (found,), conditions=tuple(_open_words(found)), open_=tuple(found.open_facts())
        )
        return _excepted(base, provision, law, asked, words) if answer is not Answer.ALLOWED else base
    holds = rule.if_.ask(asked, words) if rule.if_ else None
    if holds and holds.truth is False:
        return None
    if isinstance(rule, Hidden):
        base = _said(Answer.UNKNOWN, provision, law, (holds,) if holds else (), open_=(f"text not seen: {rule.what}",))
        return _excepted(base, provision, law, asked, words)
    if holds and holds.truth is None:
        base = _said(Answer.UNKNOWN, provision, law, (holds,), open_=tuple(holds.open_facts()))
        return _excepted(base, provision, law, asked, words)
    if isinstance(rule, Prohibit):
        base = _said(Answer.PROHIBITED, provision, law, (holds,) if holds else ())
        return _excepted(base, provision, law, asked, words)
    return _gated(provision, rule, law, asked, words)


def _gated(provision: Provision, rule: Approve, law: Law, asked: Question, words: Vocabulary) -> _Said:
    against = FactIs("disapproved", says="it was disapproved").ask(asked, words)
    if against.truth is True:
        return _said(Answer.PROHIBITED, provision, law, (against,))
    proof = rule.proof.ask(asked, words)
    broken = [step for step in rule.steps if FactIs(step).ask(asked, words).truth is False]
    told = tuple(Found(False, f"not so: {words.fact_says(step)}", (), step) for step in broken)
    if proof.truth is True and broken:
        # Whether an approval stands that was given without what the law asks for, is for a court.
        return _said(
            Answer.UNKNOWN, provision, law, (proof, *told), open_=("whether an approval without these steps stands",)
        )
    if proof.truth is True:
        return _said(Answer.ALLOWED, provision, law, (proof,))
    conditions = [
        f"approval by the {rule.by.replace('_', ' ')}" + (f", by {rule.instrument}" if rule.instrument else "")
    ]
    conditions += [f"first: review by the {rule.advisory}"] * bool(rule.advisory)
    conditions += [f"finding: {one.replace('_', ' ')}" for one in rule.findings] + [
        words.facts.get(step, step) for step in rule.steps
    ]
    base = _said(
        Answer.NEEDS_APPROVAL,
        provision,
        law,
        (proof, *told),
        conditions=tuple(conditions),
        open_=tuple(proof.open_facts()),
    )
    return _excepted(base, provision, law, asked, words)


def _excepted(base: _Said, provision: Provision, law: Law, asked: Question, words: Vocabulary) -> _Said:
    """What is left of a rule when its exceptions are asked: only one that is shown lifts it."""
    unless, open_, parts = list(base.unless), list(base.open), []
    claimed: list[tuple[Provision, Except, Found]] = []
    shown: list[tuple[Provision, Except]] = []
    for other in law.provisions:
        rule = other.rule
        if not isinstance(rule, Except) or provision.id not in rule.of:
            continue
        stands = both((other.stands(asked.on), covers(rule.scope, law, asked, words)))
        if stands is False:
            continue
        found = rule.if_.ask(asked, words) if rule.if_ else Found(True, "without condition")
        truth = both((stands, found.truth))
        node = Because(
            "exception", other.says, {True: "shown", False: "not shown", None: "unknown"}[truth], f"{law.id}#{other.id}", other.sure,
            tuple(law.sources[key].address for key in other.sources), _leaves(found),
        )  # fmt: skip
        parts.append(node)
        if truth is True:
            shown.append((other, rule))
        if truth is None:
            open_ += found.open_facts()
            if stands is None:
                doubt = f"whether {law.id}#{other.id} reached this on {asked.on}"
                open_.append(doubt)
                found = Found(None, f"{found.says} and {doubt}", (found, Found(None, doubt, (), doubt)))
            names = condition.Names.of(rule.if_).purposes if rule.if_ else frozenset()
            # An exception counts as relied on when the question itself names its purpose, or its act.
            if asked.purpose in names or (rule.scope.acts and not names):
                claimed.append((other, rule, found))
        unless.append(other.says)
    because = replace(base.because, parts=(*base.because.parts, *parts))
    if shown:
        answer = Answer.NO_LAW_FOUND if any(rule.outside for _, rule in shown) else Answer.ALLOWED
        then = _once(rule.then for _, rule in shown if rule.then)
        sure = least((base.sure, *(other.sure for other, _ in shown)))
        return _Said(answer, replace(because, outcome="lifted"), then, (), (), sure)
    if claimed and base.answer is not Answer.UNKNOWN:
        conditions = _once(
            text for _, rule, found in claimed for text in (*_open_words(found), *((rule.then,) if rule.then else ()))
        )
        sure = least((base.sure, *(other.sure for other, _, _ in claimed)))
        return _Said(Answer.ALLOWED_IF, replace(because, outcome="lifted if"), conditions, (), _once(open_), sure)
    return replace(base, because=because, unless=_once(unless), open=_once(open_))


def _said(
    answer: Answer, provision: Provision, law: Law, found: Sequence[Found] = (), *, conditions: tuple[str, ...] = (), open_: tuple[str, ...] = ()
) -> _Said:  # fmt: skip
    node = Because(
        "provision", provision.says, answer.value, f"{law.id}#{provision.id}", provision.sure,
        tuple(law.sources[key].address for key in provision.sources), tuple(leaf for one in found for leaf in _leaves(one)),
    )  # fmt: skip
    return _Said(answer, node, conditions, (), open_, provision.sure)


def _leaves(found: Found) -> tuple[Because, ...]:
    words = {True: "yes", False: "no", None: "unknown"}
    return tuple(
        Because("fact" if leaf.fact else "question", leaf.says, words[leaf.truth], leaf.fact or "", None, (leaf.evidence,) if leaf.evidence else ())
        for leaf in found.leaves()
    )  # fmt: skip


def _open_words(found: Found) -> Iterator[str]:
    """What would still have to hold, in words: the open parts of what must all hold, an open choice as one."""
    if found.truth is not None:
        return
    if " and " in found.says and found.parts and not found.says.startswith("("):
        for part in found.parts:
            yield from _open_words(part)
    else:
        yield found.says


def _limited(one: _Said, laws: Sequence[Law], asked: Question, words: Vocabulary) -> _Said:
    """A narrower law's answer where a wider one takes its power."""
    own = one.law
    if own is None or own.instrument == "administrative_order":  # what an agency orders itself, no council decided
        return one
    for wider in laws:
        if wider.stands(asked.on) is False or len(wider.place.above) >= len(own.place.above):
            continue
        for provision in wider.provisions:
            rule = provision.rule
            if (
                not isinstance(rule, Preempt)
                or provision.stands(asked.on) is False
                or (rule.laws and own.id not in rule.laws)
                or (rule.places and own.place.short not in rule.places)
            ):
                continue
            if covers(replace(rule.scope, bodies=rule.scope.bodies or (asked.body,)), wider, asked, words) is False:
                continue
            node = Because(
                "preemption",
                provision.says,
                "void" if rule.void else "in doubt",
                f"{wider.id}#{provision.id}",
                provision.sure,
            )
            if rule.void and wider.stands(asked.on) is True:
                return replace(
                    one,
                    answer=Answer.NO_LAW_FOUND,
                    because=replace(one.because, outcome="preempted", parts=(node, *one.because.parts)),
                )
            return replace(
                one, answer=Answer.UNKNOWN, because=replace(one.because, outcome="unknown", parts=(node, *one.because.parts)),
                open=(*one.open, f"whether {wider.name} leaves it standing"),
            )  # fmt: skip
    return one


def _statuses(law: Law, asked: Question, words: Vocabulary) -> dict[str, Truth]:
    return {
        rule.name: rule.if_.ask(asked, words).truth
        for provision in law.provisions
        if isinstance(rule := provision.rule, Status) and law.stands(asked.on) and covers(rule.scope, law, asked, words)
    }
