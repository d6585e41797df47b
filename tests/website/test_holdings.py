"""A holding from the desk to its page: what an editor confirmed, what an older site published, what was taken back."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
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


# --- amounts and outcomes, from the form to the page


def _form(client: Any, address: str = ALPR) -> tuple[str, dict[str, Any]]:
    """The form of a correction as it stands, and what sending it unchanged would send, without amounts and outcomes."""
    page = client.get("/desk/draft/", {"correct": address}).content.decode()
    return page, {
        "place": PLACE, "technology": "alpr", "what": "corrected", "name": "Police Department", "kind": "police", "fiction": "1",
        "of": [html.unescape(one) for one in re.findall(r'name="of" value="([^"]*)" checked', page)] or ["(unnamed)"],
        "status": "present", "note": "", "reason": "An amount was confirmed.", "step": "save",
    }  # fmt: skip


def _acts(address: str = ALPR) -> list[dict[str, Any]]:
    acts: list[dict[str, Any]] = json.loads(_entry(address).twin)["facts"]["acts"]
    return acts


def _released(client: Any, form: dict[str, Any]) -> None:
    """Drafted, put before a second person, and approved by them."""
    from postme.keeping.store.models import Draft

    assert client.post("/desk/draft/", form).status_code == 302
    number = Draft.objects.latest("pk").pk
    assert client.post(f"/desk/drafts/{number}/", {"step": "submit"}).status_code == 302
    assert at_the_desk("ben", "editor").post(f"/desk/drafts/{number}/", {"step": "approve"}).status_code == 302


def test_an_amount_and_an_outcome_are_published_with_their_evidence_once_two_people_confirmed_them(site: Any) -> None:
    from postme.keeping.store.models import Claim, Draft

    ada = at_the_desk("ada", "editor")
    page, form = _form(ada)
    mention = next(act["evidence"] for act in _acts() if act["outcome"] == "carried 4-3")
    assert re.search(rf'name="outcome-{mention}">.*?<option value="carried" selected>', page), "what is public is lost"
    _released(ada, form)
    assert all(act["outcome"] is None and act["amount"] is None for act in _acts()), "what nobody confirmed is public"
    amount = next(iter(re.findall(r'name="amount" value="([^"]+)"', page)))
    chosen = {"amount": [amount], f"outcome-{mention}": "adopted", f"vote-{mention}": "5-2"}
    preview = ada.post("/desk/draft/", {**form, **chosen, "step": "preview"}).content.decode()
    assert f'name="amount" value="{amount}" checked' in preview
    assert 'value="5-2"' in preview
    assert ada.post("/desk/draft/", {**form, **chosen}).status_code == 302
    number = Draft.objects.latest("pk").pk
    ada.post(f"/desk/drafts/{number}/", {"step": "submit"})
    ben = at_the_desk("ben", "editor")
    shown = ben.get(f"/desk/drafts/{number}/").content.decode()
    assert "What its author confirmed" in shown
    assert "<b>adopted 5-2</b>" in shown
    assert "adopted 5-2, on" in shown, "it is not among what would change"
    money = f"${float(amount):,.0f}"
    assert f"<b>{money}</b>" in shown
    assert ben.post(f"/desk/drafts/{number}/", {"step": "approve"}).status_code == 302
    public = site.get(ALPR).content.decode()
    assert "<b>adopted 5-2</b>" in public
    assert money in public.split('id="law"')[0]
    row = Claim.objects.get(entry__address=ALPR, part="amount", value=amount)
    assert row.evidence
    assert all(f"#q-{one}" in public or f'id="e-{one}"' in public for one in row.evidence)
    assert (
        "adoptado 5-2" in site.get(f"/es{ALPR}").content.decode()
        or "5-2</b>" in site.get(f"/es{ALPR}").content.decode()
    )
    again, _ = _form(ada)
    assert f'name="amount" value="{amount}" checked' in again
    assert re.search(rf'name="outcome-{mention}">.*?<option value="adopted" selected>', again)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"amount": "123456789.0"}, "No record says $123,456,789.00 near these quotes."),
        ({"amount": "nan"}, "No record says $nan"),
        ({"amount": "much"}, "That is no amount."),
        ({"outcome-ffffffffffffffff": "carried"}, "That is no quote of this draft."),
        ({"outcome-{}": "carried", "vote-{}": "four to three"}, "“four to three” is no vote."),
        ({"outcome-{}": "", "vote-{}": "4-3"}, "The vote 4-3 has no outcome."),
        ({"outcome-{}": "celebrated"}, "“celebrated” is no outcome."),
    ],
)
def test_what_cannot_be_confirmed_is_said_and_what_was_typed_stays(site: Any, typed: dict[str, str], says: str) -> None:
    from postme.keeping.store.models import Draft

    ada = at_the_desk("ada", "editor")
    page, form = _form(ada)
    mention, before = _acts()[0]["evidence"], Draft.objects.count()
    own = re.findall(r'name="amount" value="([^"]+)"', page)[-1]
    sent = {key.format(mention): value for key, value in typed.items()}
    other = _acts()[1]["evidence"]
    kept = {f"outcome-{other}": "postponed", f"vote-{other}": "2-1-1", "note": "Typed at length."}
    answer = ada.post(
        "/desk/draft/", {**form, **kept, **sent, "amount": [own, *([sent["amount"]] if "amount" in sent else [])]}
    )
    assert answer.status_code == 409
    shown = html.unescape(answer.content.decode())
    assert says in shown
    assert "Typed at length." in shown
    assert f'name="amount" value="{own}" checked' in shown
    assert re.search(rf'name="outcome-{other}">.*?<option value="postponed" selected>', shown)
    assert 'value="2-1-1"' in shown
    for key, value in sent.items():
        if key.startswith("vote-"):
            assert f'name="{key}" value="{value}"' in shown
    assert Draft.objects.count() == before
