"""From a draft to a public page: which step may follow which, and the bytes that are published."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import publication, roles
from postme.errors import WrongUse
from postme.publication import LIFE, State, What

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def test_nothing_becomes_approved_but_what_was_submitted_and_nothing_leaves_approval_or_the_bin() -> None:
    assert [old for old, new in LIFE if new is State.APPROVED] == [State.SUBMITTED]
    assert not [step for step in LIFE if step[0] in (State.APPROVED, State.DISCARDED)]


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_a_draft_moves_only_as_its_life_allows(old: State, new: State) -> None:
    if (old, new) not in LIFE:
        with pytest.raises(WrongUse, match="cannot become"):
            publication.moved(old, new, author="Ada", who="Ben")
    else:
        assert publication.moved(old, new, author="Ada", who="Ben") is new


@pytest.mark.parametrize("to", [State.APPROVED, State.RETURNED])
def test_nobody_decides_on_their_own_draft(to: State) -> None:
    with pytest.raises(WrongUse, match="own draft"):
        publication.moved(State.SUBMITTED, to, author="Ada", who="Ada")


@pytest.mark.parametrize(
    ("what", "version", "state", "may"),
    [
        (What.PUBLISHED, 0, "", True), (What.PUBLISHED, 1, "published", False), (What.PUBLISHED, 2, "withdrawn", True),
        (What.CORRECTED, 0, "", False), (What.CORRECTED, 1, "published", True), (What.CORRECTED, 2, "withdrawn", False),
        (What.WITHDRAWN, 1, "published", True), (What.WITHDRAWN, 2, "withdrawn", False), (What.REDACTED, 0, "", False),
    ],
)  # fmt: skip
def test_each_change_needs_something_to_begin_with(what: What, version: int, state: str, may: bool) -> None:
    if may:
        publication.follows(what, version, state)
    else:
        with pytest.raises(WrongUse):
            publication.follows(what, version, state)


@given(JSON)
def test_the_same_value_has_the_same_bytes_and_they_read_back(value: Any) -> None:
    data = publication.canonical(value)
    assert json.loads(data) == value
    assert publication.canonical(json.loads(data)) == data


def test_keys_in_any_order_give_the_same_bytes() -> None:
    assert publication.canonical({"b": 1, "a": {"d": 2, "c": 3}}) == b'{"a":{"c":3,"d":2},"b":1}'


@given(st.text())
def test_whatever_a_record_says_can_be_told_and_keeps_its_length(text: str) -> None:
    told = publication.tellable(text)
    assert len(told) == len(text)
    assert b"\0" not in told.encode()


@given(JSON, JSON)
def test_what_changed_is_named_and_nothing_else(old: Any, new: Any) -> None:
    found = list(publication.changes(old, new))
    assert bool(found) == (old != new) or isinstance(old, dict)
    assert all(one["old"] != one["new"] for one in found)


def test_a_correction_names_old_and_new_by_their_place() -> None:
    old, new = {"a": {"b": 1, "c": [1]}}, {"a": {"b": 2, "c": [1]}}
    assert list(publication.changes(old, new)) == [{"at": "a.b", "old": 1, "new": 2}]


@pytest.mark.parametrize("act", roles.PERMISSIONS)
def test_every_permission_is_a_sentence_that_names_who_has_it(act: str) -> None:
    permission = roles.PERMISSIONS[act]
    assert permission.says.endswith(".")
    assert set(permission.roles) <= set(roles.ROLES)
    for role in roles.ROLES:
        assert roles.may([role], act) == (role in permission.roles)
    with pytest.raises(WrongUse, match="may not"):
        roles.asked([], act)
