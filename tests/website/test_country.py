"""What the benchmark's country writes many rows at a time is what the ledger writes one by one."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest
import stores

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import country

_SMALL = country.Size(places=2, bodies=3, holdings=2, records=3, pages=4)
_OWN = {"Findable": ("id", "entry", "page"), "PublicPage": ("id",), "Claim": ("id", "entry"), "Evidence": ("id", "entry"), "DeskAct": ("id",), "Entry": ("id",), "Version": ("entry",), "PublicRecord": ("entry",)}  # fmt: skip


def _rows(data: Path) -> dict[str, list[Any]]:
    """Every row of every table of the store, without the numbers that a table gives its rows."""
    from django.apps import apps
    from django.db import models

    told = {}
    for model in apps.get_app_config("store").get_models():
        numbers = _OWN.get(model.__name__, ())
        names = [field.attname for field in model._meta.concrete_fields if field.name not in numbers]
        reached = [f"{field.name}__address" for field in model._meta.concrete_fields if field.name in numbers and isinstance(field, models.ForeignKey) and field.name == "entry"]  # fmt: skip
        told[model.__name__] = sorted(model.objects.values_list(*names, *reached), key=repr)
    return told


@pytest.fixture
def store(tmp_path: Path) -> Any:
    """Turns to a new store in a folder of the given name."""
    from postme.keeping.store.register import Register

    with contextlib.ExitStack() as turns:

        def turned(name: str) -> Path:
            (tmp_path / name).mkdir()
            turns.enter_context(stores.turned_to(tmp_path / name))
            Register(tmp_path / name)
            return tmp_path / name

        yield turned


def test_many_rows_at_a_time_are_the_same_rows(store: Any) -> None:
    from django.db import transaction

    from postme.keeping.store.ledger import Ledger

    one_by_one = store("one")
    for number in range(_SMALL.places):
        Ledger(one_by_one).publish(
            lambda *_, number=number: country.publishings(number, _SMALL), who="Generated", at=country.AT, salt=country.salts(number), seal=lambda _: None,
        )  # fmt: skip
    expected = _rows(one_by_one)
    store("many")
    for number in range(_SMALL.places):
        with transaction.atomic():
            country.written(country.publishings(number, _SMALL), country.salts(number))
    found = _rows(one_by_one)
    assert len(expected["Entry"]) == 2 * (3 + 6 + 1)
    assert len(expected["PublicPage"]) == 24
    assert len(expected["Findable"]) > 24
    for name, rows in expected.items():
        assert found[name] == rows, name
