"""Papers as the public reads them: the one-page reading, the whole paper, and what was promised beside what is told.

Everything is told from what was published; what lies on the desk is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from postme import filling, form, paper
from postme.form import Asks, Form
from postme.keeping import papers as knowledge
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.papers import PaperStore
from postme.office.questions import policy_of
from postme.paper import Answer, Answers


def form_of(facts: Mapping[str, Any]) -> Form:
    """The form that a published paper was answered on, as its entry tells."""
    fields = tuple(
        form.Field(
            each["id"], each["section"], each["question"], each["hint"], each["kind"], each["first"], each["promise"],
            tuple(Asks(one["law"], one["name"], one["provision"], one["clause"], "", one["sure"]) for one in each["asked"]),
        )
        for each in facts["fields"]
    )  # fmt: skip
    told = facts["paper"]
    headings = {each["id"]: each["heading"] for each in facts["sections"]}
    return Form(
        told["kind"],
        told["name"],
        told["what"],
        "",
        headings,
        fields,
        yearly=bool(told["year"]),
        of={each.id: each for each in fields},
    )


def shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A published paper as a page shows it: the one-page reading, its sections with each answer, and what is not answered."""
    asked, answers = form_of(facts), paper.kept(facts["answers"])
    known = {each.id for each in asked.fields}
    sections = [
        {"id": id_, "heading": heading, "fields": [_answered(each, answers) for each in asked.fields if each.section == id_]}
        for id_, heading in (*asked.sections.items(), (form.OWN, filling.OWN_SECTION))
    ]  # fmt: skip
    earlier = [
        {"id": id_, "question": id_.replace("_", " "), "answer": one}
        for id_, one in facts["answers"].items()
        if id_ not in known
    ]
    return {
        "reading": [each.printed() for each in paper.reading(asked, answers)], "unanswered": _unanswered(facts), "parts": [each for each in sections if each["fields"]],
        "earlier": earlier,
    }  # fmt: skip


def _answered(field: form.Field, answers: Answers) -> dict[str, Any]:
    return {"id": field.id, "question": field.question, "needed": field.needed, "asked": [each.printed() for each in field.asked], "answer": answers.get(field.id, Answer()).fixed()}  # fmt: skip


def _unanswered(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    empty = [*facts["complete"]["empty"], *facts["complete"]["others_empty"]]
    of = {each["id"]: each for each in facts["fields"]}
    return [
        {"id": id_, "question": of[id_]["question"], "needed": bool(of[id_]["asked"])} for id_ in empty if id_ in of
    ]


def one_page(folder: Path, slug: str) -> list[dict[str, Any]]:
    """The papers of a proposal that the public may read, each as its one-page reading: what it does, costs, keeps, shares, and leaves open."""
    found = []
    for where, facts in PaperStore(Ledger(folder).file).public(slug):
        asked, answers = form_of(facts), paper.kept(facts["answers"])
        found.append(
            {
                "address": where, "kind": facts["paper"]["kind"], "name": facts["paper"]["name"], "year": facts["paper"]["year"], "edition": facts["edition"],
                "fixed": facts["fixed"], "sha256": facts["sha256"], "complete": facts["complete"], "listed": facts["listed"],
                "reading": [each.printed() for each in paper.reading(asked, answers)], "unanswered": _unanswered(facts),
            }
        )  # fmt: skip
    order = list(knowledge.patterns())
    return sorted(
        found, key=lambda one: (order.index(one["kind"]) if one["kind"] in order else len(order), one["year"] or 0)
    )


def promises(folder: Path, slug: str) -> list[dict[str, Any]]:
    """What published policies of a proposal promised, beside what its published reports tell, and what a person made of it where one did."""
    public = PaperStore(Ledger(folder).file).public(slug)
    policies = {facts["paper"]["kind"]: (where, facts) for where, facts in public}
    found = []
    for where, facts in public:
        kind = facts["paper"]["kind"]
        if not facts["paper"]["year"] or kind not in knowledge.patterns() or policy_of(kind) not in policies:
            continue
        rules, policy = policies[policy_of(kind)]
        found += [
            {
                "promise": each.promise, "asked": each.asked, "promised": each.promised.fixed(), "promised_at": f"{rules}#a-{each.promise}",
                "year": facts["paper"]["year"], "question": each.question, "told": each.told.fixed(), "told_at": f"{where}#a-{each.field}",
                "judged": facts["judged"].get(each.promise),
            }
            for each in paper.pairs(form_of(policy), paper.kept(policy["answers"]), form_of(facts), paper.kept(facts["answers"]))
        ]  # fmt: skip
    return found
