"""A holding from the desk to its page: what an editor confirmed, what an older site published, what was taken back."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from staffed import at_the_desk

from postme.website.kept import KEPT

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
    KEPT.clear()  # no entry of the log came with this
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


# --- withdrawn, and the records that stay


def test_a_withdrawn_holding_leaves_its_records_which_name_it_no_more(site: Any) -> None:
    from django.db.models import Count

    from postme.keeping.store.models import Draft, Entry, PublicRecord

    # One of whose records no other holding quotes.
    own = PublicRecord.objects.annotate(n=Count("evidence__entry", distinct=True)).filter(n=1).first()
    entry = Entry.objects.filter(evidence__record=own).first()
    assert entry
    address, facts = entry.address, json.loads(entry.twin)["facts"]
    records = sorted({quote["sha256"] for quote in facts["evidence"]})
    ada, ben = at_the_desk("ada", "editor"), at_the_desk("ben", "editor")
    assert "The records that it quotes stay public." in ada.get("/desk/change/", {"address": address}).content.decode()
    assert address in "".join(site.get(f"/records/{one}/").content.decode() for one in records)
    ada.post("/desk/change/", {"address": address, "step": "withdraw", "reason": "It was another body’s."})
    number = Draft.objects.latest("pk").pk
    ada.post(f"/desk/drafts/{number}/", {"step": "submit"})
    before = ben.get(f"/desk/drafts/{number}/").content.decode()
    assert "can be withdrawn too, after this" in before or "still quoted by:" in before
    assert "Withdraw this record too" not in before
    assert ben.post(f"/desk/drafts/{number}/", {"step": "approve"}).status_code == 302
    gone = site.get(address)
    assert gone.status_code == 410
    assert "The records that it quoted stay public." in gone.content.decode()
    for one in records:
        ways = [f"/records/{one}/", f"/records/{one}.json"]
        ways += [f"/records/{one}/{quote['page']}/" for quote in facts["evidence"] if quote["sha256"] == one]
        for way in dict.fromkeys(ways):
            answer = site.get(way)
            assert answer.status_code == 200, way
            assert address not in answer.content.decode(), way
            assert facts["title"] not in html.unescape(answer.content.decode()), way
    after = ben.get(f"/desk/drafts/{number}/").content.decode()
    links = [html.unescape(one) for one in re.findall(r'<a href="([^"]+)">Withdraw this record too', after)]
    assert links
    assert len(links) + after.count("still quoted by:") == len(records)
    form = ada.get(links[0])
    assert form.status_code == 200
    record = re.search(r"/records/\w{64}/", form.content.decode())
    assert record
    ada.post("/desk/change/", {"address": record[0], "step": "withdraw", "reason": "It is of another town."})
    last = Draft.objects.latest("pk").pk
    ada.post(f"/desk/drafts/{last}/", {"step": "submit"})
    assert ben.post(f"/desk/drafts/{last}/", {"step": "approve"}).status_code == 302
    assert site.get(record[0]).status_code == 410
    assert "is not public" in ben.get(f"/desk/drafts/{number}/").content.decode()


# --- blacked out


def test_a_confirmed_amount_goes_with_the_words_that_said_it_and_the_desk_is_told_what_stays(site: Any) -> None:
    from postme.keeping.store.models import Redaction
    from postme.office import deskwork

    ada, ben = at_the_desk("ada", "editor"), at_the_desk("ben", "editor")
    page, form = _form(ada)
    amounts = re.findall(r'name="amount" value="([^"]+)"', page)
    _released(ada, {**form, "amount": amounts, "note": "See the record."})
    told = json.loads(_entry().twin)["facts"]
    claim = next(one for one in told["claims"] if one["part"] == "amount")
    said = f"${float(claim['value']):,.0f}"
    _released(ada, {**form, "amount": amounts, "note": f"It costs {said} a year."})
    rests = [one for one in told["evidence"] if one["id"] in claim["evidence"]]
    for sha256, number in sorted({(one["sha256"], one["page"]) for one in rests}):
        text = deskwork.text_of(site.data, sha256, number)
        for found in re.finditer(re.escape(said), text):
            words = [one for one in deskwork.words(text) if one.start < found.end() and found.start() < one.end]
            span = {"first": words[0].number, "last": words[-1].number}
            ada.post(f"/desk/records/{sha256}/{number}/", {**span, "reason": "other"})
    numbers = list(Redaction.objects.filter(state="asked").values_list("pk", flat=True))
    assert numbers
    waiting = html.unescape(ben.get("/desk/redactions/").content.decode())
    assert f"note: {said}" in waiting
    assert f"/desk/draft/?correct={ALPR.replace('/', '%2F')}" in waiting
    for number in numbers:
        answer = ben.post("/desk/redactions/", {"number": number, "step": "approve"}, follow=True)
    assert "It is blacked out" in answer.content.decode()
    now = json.loads(_entry().twin)["facts"]
    assert all(one["value"] != claim["value"] for one in now["claims"])
    assert all(act["amount"] != float(claim["value"]) for act in now["acts"])
    assert site.get(ALPR).status_code == 200
