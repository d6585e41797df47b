"""Random law files and questions: small worlds in which everything that a file can state does happen."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

PLACES = ("us", "us/xx", "us/xx/anytown")
BODIES = ("police", "city_department", "city", "sheriff", "state_police", "contractor", "place_of_public_accommodation")
BINDS = (*BODIES, "law_enforcement", "local_agencies", "state_and_local_agencies")
ACTS = ("obtain", "use", "request", "receive_derived")
TECHNOLOGIES = (
    "face_recognition",
    "face_recognition/one_to_many_search",
    "face_recognition/face_detection_only",
    "drone",
)
PURPOSES = ("emergency", "device_unlock", "evidence_unsolicited")
FACTS = ("warrant", "exigent_circumstances", "requested_by_city", "council_approved", "disapproved", "hearing_held")
DAYS = (date(2019, 12, 31), date(2020, 6, 1), date(2020, 6, 15), date(2021, 1, 1), date(2022, 3, 31))

some = lambda words, least=1: st.lists(st.sampled_from(words), min_size=least, max_size=3, unique=True)  # noqa: E731
early = st.one_of(st.just(DAYS[0]), st.just(DAYS[0]), st.just(DAYS[0]), st.sampled_from((*DAYS, "2020-06", "unknown")))
days = st.one_of(st.sampled_from(DAYS), st.sampled_from(("2020-06", "unknown")))
leaves = st.one_of(
    st.builds(lambda fact, is_: {"fact": fact, "is": is_}, st.sampled_from(FACTS), st.booleans()),
    some(PURPOSES).map(lambda purposes: {"purpose": purposes}),
    some(ACTS).map(lambda acts: {"act": acts}),
    some(BODIES).map(lambda bodies: {"body": bodies}),
    st.just({"unseen": "a clause"}),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: {"all": of}), st.lists(inner, min_size=1, max_size=3).map(lambda of: {"any": of}),
        inner.map(lambda of: {"not": of}),
    ),
    max_leaves=4,
)  # fmt: skip
claims = st.builds(
    lambda purposes, fact, is_: {"all": [{"purpose": purposes}, {"fact": fact, "is": is_}]},
    some(PURPOSES, 2),
    st.sampled_from(FACTS),
    st.booleans(),
)


@st.composite
def scopes(draw: st.DrawFn, *, acts: bool = True) -> dict[str, Any]:
    scope: dict[str, Any] = {"acts": draw(some(ACTS, 2))} if acts or draw(st.integers(0, 3)) == 0 else {}
    if draw(st.integers(0, 3)) == 0:
        scope["technologies"] = draw(some(TECHNOLOGIES))
    if draw(st.integers(0, 6)) == 0:
        scope["outside"] = draw(some(TECHNOLOGIES))
    if draw(st.integers(0, 6)) == 0:
        scope["bodies"] = draw(some(BINDS, 2))
    return scope


@st.composite
def provisions(draw: st.DrawFn, number: int, others: list[str]) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(("prohibit", "approve", "allow", "hidden", "prohibit") + (("except",) * 6 if others else ()))
    )
    rule = draw(scopes(acts=kind not in ("hidden", "except")))
    if kind == "allow" or (kind in ("prohibit", "approve", "except", "hidden") and draw(st.booleans())):
        rule["if"] = draw(st.one_of(conditions, claims) if kind == "except" else conditions)
    if kind == "approve":
        rule["by"] = "council"
        if draw(st.booleans()):
            rule["steps"] = ["hearing_held"]
    if kind == "except":
        if draw(st.integers(0, 3)) == 0:
            rule["outside_the_law"] = True
        rule["of"] = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
    if kind == "hidden":
        rule["what"] = "a clause"
    found = {
        "id": f"p{number}",
        "topic": "prohibited_acts",
        "says": f"Clause {number}.",
        "source": ["text"],
        kind: rule,
    }
    if draw(st.integers(0, 4)) == 0:
        found["from"] = draw(days)
    if draw(st.integers(0, 4)) == 0:
        found["until"] = draw(days)
    return found


@st.composite
def laws(draw: st.DrawFn, number: int = 0) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = []
    for i in range(draw(st.integers(1, 5))):
        clauses.append(draw(provisions(i, [one["id"] for one in clauses])))
    document: dict[str, Any] = {
        "id": f"law-{number}", "name": f"Law {number}", "place": draw(st.sampled_from(PLACES)), "subject": "face_recognition", "instrument": "ordinance", "what": "A law.",
        "text_seen": True, "sure": "text", "read": {"who": "nobody", "on": date(2026, 1, 1), "lawyer": None},
        "adopted": {"on": draw(early), "effective": draw(st.one_of(st.just("unknown"), early)), "source": ["text"]}, "binds": draw(st.one_of(st.just(["city"]), some(BINDS, 2))),
        "technologies": draw(st.one_of(st.just(["face_recognition"]), some(TECHNOLOGIES))),
        "provisions": clauses, "sources": {"text": {"at": "the text", "text": True}}, "cases": [],
    }  # fmt: skip
    if draw(st.integers(0, 7)) == 0:
        document["not_bound"] = draw(some(BODIES))
    if draw(st.integers(0, 6)) == 0:
        document["ends"] = draw(days)
    return document


@st.composite
def bans(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A world of one ban (or gate) that covers nearly everything, and exceptions that a question may claim."""
    law = draw(laws())
    kind = draw(
        st.sampled_from(
            (
                {"prohibit": {"acts": list(ACTS)}},
                {"approve": {"acts": list(ACTS), "by": "council"}},
                {"hidden": {"what": "a clause"}},
            )
        )
    )
    clauses = [{"id": "ban", "topic": "prohibited_acts", "says": "A ban.", "source": ["text"], **kind}]
    for i in range(draw(st.integers(1, 3))):
        rule = {"of": ["ban"], "if": draw(claims), **draw(st.sampled_from(({}, {"acts": ["use", "obtain"]})))}
        clauses.append(
            {"id": f"e{i}", "topic": "exceptions", "says": "An exception.", "source": ["text"], "except": rule}
        )
    broad = {
        "binds": ["city"],
        "technologies": ["face_recognition"],
        "adopted": {"on": DAYS[0], "source": ["text"]},
        "provisions": clauses,
    }
    return [{key: value for key, value in {**law, **broad}.items() if key not in ("ends", "not_bound")}]


worlds = st.integers(1, 3).flatmap(lambda count: st.tuples(*(laws(i) for i in range(count)))).map(list)
worlds = st.one_of(worlds, worlds, bans())
facts = st.dictionaries(st.sampled_from(FACTS), st.booleans(), max_size=4)
questions = st.fixed_dictionaries({
    "place": st.just(PLACES[-1]), "body": st.one_of(st.sampled_from(("police", "city_department")), st.sampled_from(BODIES)), "act": st.sampled_from(ACTS), "technology": st.one_of(st.sampled_from(TECHNOLOGIES[:2]), st.sampled_from(TECHNOLOGIES)),
    "on": st.one_of(st.sampled_from(DAYS[2:]), st.sampled_from(DAYS)), "purpose": st.one_of(st.sampled_from(PURPOSES), st.none()), "facts": facts,
})  # fmt: skip
