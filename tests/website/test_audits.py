"""Audits on the site: brought by one person, let out by another, called synthetic where they are, and kept in the log."""

from __future__ import annotations

import html
import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from staffed import at_the_desk

from postme.keeping.store.models import Entry
from postme.merkle import leaf_hash
from postme.office.bias import synthetic

ONE = f"/audits/{synthetic.SLUG}/"


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def test_the_synthetic_system_is_called_so_on_every_page_and_its_true_rates_stand_beside_what_was_found(site: Any) -> None:  # fmt: skip
    for address in (ONE, "/audits/", "/technologies/face-recognition/"):
        assert "Synthetic: nobody was tested" in text(site, address), address
        assert "Sintética: no se probó a nadie" in text(site, f"/es{address}"), address
    page = text(site, ONE)
    assert "holds the true rate" in page and "True, per million" in page
    assert '<svg class="dots"' in page and page.count("<table") >= 5
    words = page.casefold().replace("fairness discrepancy rate", "")
    assert "unbiased" not in words and " fair " not in words


def test_the_twin_holds_the_same_audit_and_verifies_in_the_log(site: Any) -> None:
    data = site.get(f"{ONE.rstrip('/')}.json").content
    facts = json.loads(data)["facts"]
    assert facts["audit"]["levels"][0]["headline"]["sentence"] in text(site, ONE)
    assert "<svg" not in data.decode()
    leaf = Entry.objects.get(address=ONE).leaf
    assert leaf_hash(data).hex() in text(site, f"/log/{leaf}/")


def test_the_page_asks_the_database_no_more_than_others(site: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postme.website.kept import KEPT

    site.get(ONE)
    KEPT.clear()
    with CaptureQueriesContext(connection) as asked:
        site.get(ONE)
    assert len(asked.captured_queries) <= 12


def test_the_face_recognition_page_names_people_with_sources_and_nist_s_figures(site: Any) -> None:
    page = text(site, "/technologies/face-recognition/")
    for words in (
        "Robert Williams",
        "Porcha Woodruff",
        "Nijeer Parks",
        "https://www.aclu.org/cases/",
        "3.37",
        "National Institute of Standards",
    ):
        assert words in page, words
    twin = json.loads(site.get("/technologies/face-recognition.json").content)
    assert len(twin["misidentified"]) >= 7 and twin["nist"]["measures"]
    assert "misidentified" not in json.loads(site.get("/technologies/drone.json").content)


def test_virginia_s_threshold_is_shown_and_not_said_to_be_met(site: Any) -> None:
    page = text(site, ONE)
    assert "/laws/us-va-fr/" in page and "whether they are met is unknown" in page


def brought(client: Any, audit: Any, **more: str) -> Any:
    data = audit if isinstance(audit, bytes) else json.dumps(audit).encode()
    return client.post("/desk/audit/", {"file": SimpleUploadedFile("audit.json", data), "technology": "face_recognition", **more})  # fmt: skip


def test_one_person_brings_an_audit_and_only_another_lets_it_out(site: Any) -> None:
    ada, ben = at_the_desk("Ada", "editor"), at_the_desk("Ben", "editor")
    audit = {**synthetic.facts({"id": "us/zz/mill_falls", "name": "Mill Falls"})["audit"], "title": "A second system <b>here</b>"}  # fmt: skip
    draft = brought(ada, audit, maker="clearview-ai").headers["Location"]
    page = ada.get(draft).content.decode()
    assert "A second system &lt;b&gt;here" in page and "<b>here</b>" not in page and 'class="dots"' in page
    ada.post(draft, {"step": "submit"})
    seen = ben.get(draft).content.decode()
    token = seen.split('name="seen" value="')[1].split('"')[0]
    assert site.get("/audits/a-second-system-b-here-b/").status_code == 404
    own = ada.post(draft, {"step": "approve", "seen": token})
    assert own.status_code != 302 or site.get("/audits/a-second-system-b-here-b/").status_code == 404
    ben.post(draft, {"step": "approve", "seen": token})
    assert "A second system" in text(site, "/audits/")
    assert site.get("/audits/a-second-system-b-here-b/").status_code == 200


def test_an_audit_may_answer_a_condition_of_a_vote_and_no_other_proposals(site: Any) -> None:
    ada, ben = at_the_desk("Ada", "editor"), at_the_desk("Ben", "editor")
    entry = next(one for one in Entry.objects.filter(kind="decision") if '"approve_with_conditions"' in one.twin)
    conditions = [one for deed in json.loads(entry.twin)["facts"]["deeds"] for one in deed["conditions"]]
    slug = entry.address.split("/")[2]
    other = Entry.objects.visible().filter(kind="decision").exclude(pk=entry.pk).first().address.split("/")[2]
    audit = {**synthetic.facts({"id": "us/zz/mill_falls", "name": "Mill Falls"})["audit"], "title": "For a condition"}
    assert conditions[0] in html.unescape(ada.get("/desk/audit/").content.decode())
    assert brought(ada, audit, proposal=other, condition=conditions[0]).status_code != 302
    draft = brought(ada, audit, proposal=slug, condition=conditions[0], maker="clearview-ai").headers["Location"]
    ada.post(draft, {"step": "submit"})
    token = ben.get(draft).content.decode().split('name="seen" value="')[1].split('"')[0]
    ben.post(draft, {"step": "approve", "seen": token})
    assert f"“{conditions[0]}”, on:" in text(site, "/audits/for-a-condition/")
    page = text(site, entry.address)
    assert "A bias audit brought for this condition:" in page and page.count("/audits/for-a-condition/") == 2
    assert '<a class="small" href="/audits/for-a-condition/">bias audit</a>' in text(site, "/technologies/face-recognition/")  # fmt: skip


def test_a_file_that_is_no_audit_stays_outside(site: Any) -> None:
    ada = at_the_desk("Ada", "editor")
    for data in (b"{}", b"<html>", json.dumps({"format": "postme-audit-1"}).encode()):
        answer = brought(ada, data)
        assert answer.status_code >= 400 or b"no audit" in answer.content
    assert brought(ada, synthetic.facts({"id": "a", "name": "b"})["audit"], technology="nothing").status_code != 302
    assert site.get("/desk/audit/").status_code in (302, 403)


def test_a_withdrawn_audit_keeps_its_address_and_says_so(site: Any) -> None:
    from django.conf import settings

    from postme.office.press import Press
    from postme.publication import What

    press = Press(settings.DATA)
    facts = press.ledger.facts_at(ONE)
    draft = press.draft(facts, What.WITHDRAWN, who="Ada", roles_=["editor"], reason="It was another version.")
    press.submit(draft, who="Ada", roles_=["editor"])
    press.approve(draft, who="Ben", roles_=["editor"])
    answer = site.get(ONE)
    assert answer.status_code == 410 and "It was another version." in answer.content.decode()
    assert synthetic.SLUG not in text(site, "/audits/")
