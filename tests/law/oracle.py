"""A second, slow evaluator of law files: it reads the documents themselves, shares no code with ``verdict``, and answers in words.

It follows docs/laws.md sentence by sentence. Truths are the words 'yes', 'no' and 'unknown'.
"""

from __future__ import annotations

from datetime import date
from typing import Any

STRICT = ["prohibited", "needs_approval", "unknown", "allowed_if", "allowed", "outside"]
INSIDE = {
    "police": "city_department", "city_department": "city", "sheriff": "county_department", "county_department": "county",
    "state_police": "state_agency", "state_agency": "state", "transit": "special_district", "school": "special_district",
    "place_of_public_accommodation": "private_business", "landlord": "private_business",
}  # fmt: skip
GROUPS = {
    "law_enforcement": ["police", "sheriff", "state_police", "campus_police"], "local_law_enforcement": ["police", "sheriff"],
    "local_agencies": ["city", "county", "special_district"], "state_and_local_agencies": ["state", "city", "county", "special_district", "campus_police"],
}  # fmt: skip


def answer(documents: list[dict[str, Any]], question: dict[str, Any]) -> str:
    """One word: what all laws together say."""
    said = []
    for document in sorted(documents, key=lambda one: one["id"]):
        if not reaches(document["place"], question["place"]):
            continue
        own = of_law(document, question)
        if own:
            said.append(own)
    return min(said, key=STRICT.index) if said else "no_law_found"


def reaches(law: str, place: str) -> bool:
    return place == law or place.startswith(law + "/")


def of_law(document: dict[str, Any], question: dict[str, Any]) -> str | None:
    force = during(start_of(document["adopted"]), document.get("ends"), question["on"])
    if force == "no":
        return None
    if any(body_in(question["body"], name) for name in document.get("not_bound", [])):
        return None
    said = []
    for provision in document["provisions"]:
        one = of_provision(provision, document, question)
        if one is None:
            continue
        stands = during(provision.get("from"), provision.get("until"), question["on"])
        covered = in_scope(rule_of(provision)[1], document, question)
        if stands == "no" or covered == "no":
            continue
        said.append(one if (force, stands, covered) == ("yes", "yes", "yes") else "unknown")
    found = min(said, key=STRICT.index) if said else "outside"
    return None if found == "outside" else found


def rule_of(provision: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    for kind in ("prohibit", "approve", "allow", "except", "hidden"):
        if kind in provision:
            return kind, provision[kind]
    return "", {}


def of_provision(provision: dict[str, Any], document: dict[str, Any], question: dict[str, Any]) -> str | None:
    kind, rule = rule_of(provision)
    if kind == "hidden":
        return (
            None
            if "if" in rule and ask(rule["if"], question) == "no"
            else lifted("unknown", provision, document, question)
        )
    if kind == "allow":
        holds = ask(rule["if"], question)
        if holds == "yes":
            return "allowed"
        return lifted({"no": "prohibited", "unknown": "allowed_if"}[holds], provision, document, question)
    if kind not in ("prohibit", "approve"):
        return None
    holds = ask(rule["if"], question) if "if" in rule else "yes"
    if holds == "no":
        return None
    if holds == "unknown":
        return lifted("unknown", provision, document, question)
    if kind == "prohibit":
        return lifted("prohibited", provision, document, question)
    facts = question["facts"]
    if facts.get("disapproved") is True:
        return "prohibited"
    if ask(rule.get("proof", {"fact": "council_approved"}), question) == "yes":
        return "unknown" if any(facts.get(step) is False for step in rule.get("steps", [])) else "allowed"
    return lifted("needs_approval", provision, document, question)


def lifted(base: str, provision: dict[str, Any], document: dict[str, Any], question: dict[str, Any]) -> str:
    claimed, shown = False, []
    for other in document["provisions"]:
        kind, rule = rule_of(other)
        if kind != "except" or provision["id"] not in rule["of"]:
            continue
        truths = [
            during(other.get("from"), other.get("until"), question["on"]), in_scope(rule, document, question),
            ask(rule["if"], question) if "if" in rule else "yes",
        ]  # fmt: skip
        if truths == ["yes", "yes", "yes"]:
            shown.append("outside" if rule.get("outside_the_law") else "allowed")
        if "no" not in truths:
            purposes = purposes_in(rule.get("if", {}))
            claimed |= question.get("purpose") in purposes or (bool(rule.get("acts")) and not purposes)
    if shown:
        return "outside" if "outside" in shown else "allowed"
    return "allowed_if" if claimed and base != "unknown" else base


def purposes_in(condition: Any) -> set[str]:
    if not condition:
        return set()
    if "purpose" in condition:
        return set(condition["purpose"])
    if "not" in condition:
        return purposes_in(condition["not"])
    return {purpose for one in condition.get("all", condition.get("any", [])) for purpose in purposes_in(one)}


def ask(condition: dict[str, Any], question: dict[str, Any]) -> str:
    if "all" in condition:
        found = [ask(one, question) for one in condition["all"]]
        return "no" if "no" in found else "unknown" if "unknown" in found else "yes"
    if "any" in condition:
        found = [ask(one, question) for one in condition["any"]]
        return "yes" if "yes" in found else "unknown" if "unknown" in found else "no"
    if "not" in condition:
        return {"yes": "no", "no": "yes", "unknown": "unknown"}[ask(condition["not"], question)]
    if "purpose" in condition:
        return "yes" if question.get("purpose") in condition["purpose"] else "no"
    if "act" in condition:
        return "yes" if question["act"] in condition["act"] else "no"
    if "body" in condition:
        return "yes" if any(body_in(question["body"], name) for name in condition["body"]) else "no"
    if "unseen" in condition or condition["fact"] not in question["facts"]:
        return "unknown"
    return "yes" if question["facts"][condition["fact"]] == condition.get("is", True) else "no"


def in_scope(rule: dict[str, Any], document: dict[str, Any], question: dict[str, Any]) -> str:
    if rule.get("acts") and question["act"] not in rule["acts"]:
        return "no"
    if not any(body_in(question["body"], name) for name in rule.get("bodies") or document["binds"]):
        return "no"
    asked = question["technology"]
    if any(
        asked == name or asked.startswith(name + "/") for name in rule.get("outside") or document.get("outside", [])
    ):
        return "no"
    listed = rule.get("technologies") or document["technologies"]
    if any(asked == name or asked.startswith(name + "/") for name in listed):
        return "yes"
    return "unknown" if any(name.startswith(asked + "/") for name in listed) else "no"


def body_in(body: str, name: str) -> bool:
    at: str | None = body
    names = []
    while at:
        names.append(at)
        at = INSIDE.get(at)
    return name in names or any(member in names for member in GROUPS.get(name, []))


def start_of(adopted: dict[str, Any]) -> Any:
    effective = adopted.get("effective", "unknown")
    return adopted.get("on", "unknown") if effective == "unknown" else effective


def during(start: Any, end: Any, on: date) -> str:
    begun = "yes" if start is None else reached(start, on)
    ended = "no" if end is None else reached(end, on)
    if begun == "no" or ended == "yes":
        return "no"
    return "yes" if (begun, ended) == ("yes", "no") else "unknown"


def reached(day: Any, on: date) -> str:
    """Days are whole days, 'YYYY-MM' or 'unknown'."""
    if day == "unknown":
        return "unknown"
    if isinstance(day, date):
        return "yes" if day <= on else "no"
    year, month = (int(part) for part in day.split("-"))
    if (on.year, on.month) < (year, month):
        return "no"
    following = date(year + month // 12, month % 12 + 1, 1)
    return "yes" if (following - on).days <= 1 else "unknown"
