"""A holding from the desk to its page: what an editor confirmed, what an older site published, what was taken back."""

from __future__ import annotations

import json
from typing import Any

from staffed import at_the_desk

PLACE = "us/zz/mill_falls"
ALPR = f"/agencies/{PLACE}/police-department/alpr/"


def _entry(address: str = ALPR) -> Any:
    from postme.keeping.store.models import Entry

    return Entry.objects.get(address=address)


# --- published by an older version


def test_a_holding_of_an_older_site_is_shown_and_what_only_a_machine_read_is_unknown(site: Any) -> None:
    entry = _entry()
    told = json.loads(entry.twin)
    dated = next(act for act in told["facts"]["acts"] if act["outcome"] == "carried 4-3")
    for act in told["facts"]["acts"]:
        del act["outcome"]
        act["step"], act["file_number"] = "introduced" if act is dated else None, None
    assert "carried 4-3</b>" in site.get(ALPR).content.decode()
    entry.twin = json.dumps(told)
    entry.save()
    page = site.get(ALPR)
    assert page.status_code == 200
    assert "carried 4-3</b>" not in page.content.decode()
    assert "introduced</b>" not in page.content.decode().lower()
    for address in (f"{ALPR[:-1]}.json", f"/agencies/{PLACE}/police-department/", f"/places/{PLACE}/", f"/es{ALPR}"):
        assert site.get(address).status_code == 200, address
    editor = at_the_desk("ada", "editor")
    assert editor.get("/desk/draft/", {"correct": ALPR}).status_code == 200
