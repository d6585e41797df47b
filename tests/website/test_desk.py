"""The desk: who may do what, two people for what is public, and rulings that are the same rows as the terminal's."""

from __future__ import annotations

import csv
import datetime
import html
import io
import re
import threading
from typing import Any
from urllib.parse import urlencode

import pytest
from staffed import at_the_desk

from postme import roles

PLACE = "us/zz/mill_falls"
ALPR = f"/agencies/{PLACE}/police-department/alpr/"
SCRIPT = "<script>alert('x')</script>"


def _latest(name: str) -> Any:
    from postme.keeping.store import models

    return getattr(models, name).objects.latest("pk")


def _count(name: str) -> int:
    from postme.keeping.store import models

    return int(getattr(models, name).objects.count())


def _mention(**wanted: Any) -> Any:
    from postme.keeping.store import models

    return models.StoredMention.objects.filter(**wanted).order_by("id").first()


def _record() -> str:
    from postme.keeping.store import models

    return str(models.PublicRecord.objects.filter(media_type="application/pdf").order_by("sha256").first().pk)


def _corrected(client: Any, note: str = "A note that differs.", **more: Any) -> Any:
    """A correction of the plate readers, drafted through the form as it stands."""
    page = client.get("/desk/draft/", {"correct": ALPR}).content.decode()
    of = [html.unescape(one) for one in re.findall(r'name="of" value="([^"]*)" checked', page)]
    form = {
        "place": PLACE, "technology": "alpr", "what": "corrected", "name": "Police Department", "kind": "police", "of": of or ["(unnamed)"],
        "status": "present", "note": note, "fiction": "1", "reason": "The note was wrong.", "step": "save", **more,
    }  # fmt: skip
    return client.post("/desk/draft/", form)


# --- every role and every act


def _rule(client: Any) -> Any:
    return client.post("/desk/mentions/?ruled=all", {"mention": _mention().pk, "answer": "yes", "why": "Read."})


def _ask(client: Any) -> Any:
    return client.post(f"/desk/records/{_record()}/1/", {"first": "3", "last": "4", "reason": "other"})


def _approve(client: Any) -> Any:
    draft = _submitted("author-of-it")
    return client.post(f"/desk/drafts/{draft}/", {"step": "approve"})


def _submitted(name: str) -> int:
    author = at_the_desk(name, "editor")
    _corrected(author)
    number = int(_latest("Draft").pk)
    author.post(f"/desk/drafts/{number}/", {"step": "submit"})
    return number


def _approve_redaction(client: Any) -> Any:
    _ask(at_the_desk("asker-of-it", "moderator"))
    return client.post("/desk/redactions/", {"number": _latest("Redaction").pk, "step": "approve"})


def _answer(client: Any) -> Any:
    from django.test import Client

    Client().post("/wrong/", {"about": ALPR, "kind": "error", "text": "It is wrong.", "step": "send"})
    return client.post(f"/desk/reports/{_latest('Report').pk}/", {"outcome": "kept", "why": "It is right."})


OPEN = "twelve-more-plate-readers"


def _recorded(client: Any, kind: str) -> Any:
    from postme.keeping.store import models

    one, today = models.Proposal.objects.get(slug=OPEN), datetime.datetime.now(datetime.UTC).date()
    return client.post(
        f"/desk/process/{OPEN}/", {"step": "record", "kind": kind, "turn": one.turn, "on": today.isoformat()}
    )


def _accepted(client: Any) -> Any:
    lia = at_the_desk("lia-of-it", "liaison")
    told = {
        "town": PLACE,
        "title": "A kite",
        "agency": "Police Department",
        "kind": "police",
        "technologies": ["drone"],
        "acts": ["use"],
    }
    lia.post("/desk/process/draft/", told)
    lia.post(
        "/desk/process/mill-falls-a-kite/",
        {"step": "hand in", "turn": 0, "on": datetime.datetime.now(datetime.UTC).date().isoformat()},
    )
    return client.post("/desk/process/mill-falls-a-kite/", {"step": "accept", "turn": 1})


def _given(client: Any) -> Any:
    at_the_desk("max-of-it", "liaison")
    told = {"step": "give", "town": PLACE, "person": "max-of-it", "role": "liaison", "agency": "Police Department"}
    return client.post("/desk/process/offices/", told)


def _said(client: Any, step: str, **more: str) -> Any:
    return client.post(f"/desk/voices/{OPEN}/", {"step": step, **more})


def _hidden(client: Any) -> Any:
    from postme.keeping.store import models

    number = models.Comment.objects.filter(proposal__slug=OPEN, state="published").order_by("pk").first().number
    return _said(client, "hidden", number=number, rule="off-subject", why="It is about something else.")


def _point(client: Any) -> Any:
    from postme.keeping.store import models

    number = models.Comment.objects.filter(proposal__slug=OPEN, state="published").order_by("pk").first().number
    return _said(client, "answer", point="Who may search?", text="The list follows.", numbers=number)


def _point_published(client: Any) -> Any:
    _point(at_the_desk("lia-of-it", "liaison"))
    return _said(client, "publish", answer=str(_latest("Answer").pk))


def _letter(address: str) -> Any:
    """A page about a letter that is open for signing, of an organization for which whoever asks acts."""

    def asked(client: Any) -> Any:
        from django.conf import settings

        from postme.letter import Text
        from postme.office.letters import Correspondence

        office, root = Correspondence(settings.DATA), ["administrator"]
        own = office.found(PLACE, "Neighbors (fiction)", who="root", roles_=root)
        number = office.join(own, "Tenants (fiction)", who="root", roles_=root)
        office.give(own, number, "who", organizer=True, who="root", roles_=root)
        slug = office.draft(own, Text("Stop", "The Council", "Vote no.", "We ask you to stop."), who="who")
        one = office.rows.one(slug)
        office.agree(slug, number, one.drafted, who="who")
        office.open(slug, one.turn, last_day=None, who="who")
        return client.get(address.format(letter=slug))

    return asked


def _mails(client: Any) -> Any:
    from django.test import override_settings

    with override_settings(MAIL=None, MAIL_FILES=True):
        return client.get("/desk/letters/")


ACTS = {
    "read mails": _mails,
    "found coalition": lambda client: client.post("/desk/coalitions/found/", {"town": PLACE, "name": "A coalition"}),
    "see letters": lambda client: client.get("/desk/open-letters/"),
    "write letters": _letter("/desk/open-letters/{letter}/"),
    "set aside": _letter("/desk/open-letters/{letter}/moderate/"),
    "propose": lambda client: client.get("/desk/process/draft/"),
    "write papers": lambda client: client.get(f"/desk/papers/{OPEN}/use-policy/fill/"),
    "accept proposal": _accepted,
    "hand over": _given,
    "record step": lambda client: _recorded(client, "meet_community"),
    "advise": lambda client: _recorded(client, "advise"),
    "moderate": _hidden,
    "enter comments": lambda client: _said(
        client, "enter", position="for", text="By phone.", name="", shown="none", channel="phone"
    ),
    "ask people": lambda client: _said(
        client, "look", question="Should it be?", opens="2099-01-01", closes="2099-01-09"
    ),
    "draft answer": _point,
    "publish answer": _point_published,
    "rule": _rule,
    "draft": _corrected,
    "approve": _approve,
    "redact": _ask,
    "approve redaction": _approve_redaction,
    "answer": _answer,
    "keep town": lambda client: client.get(f"/desk/town/{PLACE}/"),
    "see desk": lambda client: client.get("/desk/acts/"),
    "give roles": lambda client: client.post("/desk/people/", {"name": "new", "role": "reader", "step": "give"}),
}


@pytest.mark.parametrize("role", [one for one in roles.ROLES if one != "coalition"])
def test_the_first_page_of_the_desk_shows_each_role_what_is_theirs(site: Any, role: str) -> None:
    text = at_the_desk("who", role).get("/desk/").content.decode()
    process, meets = role in ("clerk", "liaison"), role in ("clerk", "liaison", "advisory", "council")
    assert ("postme scan" in text or "Mentions without a ruling" in text) == (role in ("reader", "editor", "administrator"))  # fmt: skip
    assert ("Handed in" in text) == process
    assert ('href="/desk/process/due/">What is due</a></h2>' in text) == process
    assert ("Meetings ahead" in text) == meets
    assert (f'href="/decisions/{OPEN}/"' in text) == meets
    assert ("Packet of the meeting" in text) == meets
    assert ("Reports without an answer" in text) == (not meets)


def test_what_was_handed_in_waits_on_the_first_page_of_the_clerk_and_of_who_wrote_it(site: Any) -> None:
    told = {"town": PLACE, "title": "A balloon", "agency": "Police Department", "kind": "police", "technologies": ["drone"], "acts": ["use"]}  # fmt: skip
    lia = at_the_desk("lia", "liaison")
    lia.post("/desk/process/draft/", told)
    assert "A balloon" not in at_the_desk("clem", "clerk").get("/desk/").content.decode()
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    lia.post("/desk/process/mill-falls-a-balloon/", {"step": "hand in", "turn": 0, "on": day})
    for name, role, seen in (("clem", "clerk", True), ("lia", "liaison", True), ("max", "liaison", False)):
        assert ("A balloon" in at_the_desk(name, role).get("/desk/").content.decode()) == seen


def test_every_permission_has_an_act_that_is_tried_here() -> None:
    assert set(ACTS) == set(roles.PERMISSIONS)


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("act", roles.PERMISSIONS)
def test_each_role_may_do_what_its_sentence_says_and_nothing_else(site: Any, role: str, act: str) -> None:
    answer = ACTS[act](at_the_desk("who", role))
    if roles.may([role], act):
        assert answer.status_code in (200, 302), answer.content.decode()[-900:]
    else:
        assert answer.status_code == 403
        # Who may not see the desk at all is told that, at whichever of its pages.
        shut = [act] if roles.may([role], "see desk") else [act, "see desk"]
        assert any(roles.PERMISSIONS[one].says in answer.content.decode() for one in shut)


# --- mentions


def test_a_ruling_made_on_the_desk_is_the_row_that_the_terminal_reads(site: Any) -> None:
    from postme.keeping.store.register import Register

    one = _mention()
    at_the_desk("rea", "reader").post("/desk/mentions/", {"mention": one.pk, "answer": "no", "why": "A parking meter."})
    assert Register(site.data).rulings()[one.pk] == ("no", "A parking meter.")
    row = _latest("Ruling")
    assert (row.who, row.answer) == ("rea", "no")


def test_one_press_rules_those_in_the_same_words_and_undo_takes_all_of_them_back(site: Any) -> None:
    from postme.keeping.store import models
    from postme.keeping.store.queue import Queue
    from postme.keeping.store.register import Register

    models.Ruling.objects.update(undone_at="2026-01-01T00:00:00Z")
    queue = Queue(site.data)
    one = next(
        shown
        for row in models.StoredMention.objects.order_by("id")
        if len(queue.same(shown := queue.mention(row.pk))) > 1
    )
    same = queue.same(one)
    client = at_the_desk("rea", "reader")
    page = client.get("/desk/mentions/", {"at": one.id}).content.decode()
    assert f"Also for the {len(same)} other mentions" in page
    client.post(
        "/desk/mentions/", {"mention": one.id, "answer": "yes", "why": "", "batch": "1", "same": ",".join(same)}
    )
    assert set(Register(site.data).rulings()) == {one.id, *same}
    client.post("/desk/mentions/", {"answer": "undo"})
    assert Register(site.data).rulings() == {}
    assert models.DeskAct.objects.filter(who="rea", what="ruling taken back").count() == 1


def test_undo_takes_back_nobody_elses_ruling(site: Any) -> None:
    _rule(at_the_desk("rea", "reader"))
    answer = at_the_desk("other", "reader").post("/desk/mentions/", {"answer": "undo"})
    assert answer.status_code == 409
    assert _latest("Ruling").undone_at is None


def test_a_batch_with_one_mention_that_is_none_rules_nothing(site: Any) -> None:
    before = _count("Ruling")
    answer = at_the_desk("rea", "reader").post(
        "/desk/mentions/", {"mention": _mention().pk, "answer": "yes", "batch": "1", "same": "nosuchmention000"}
    )
    assert answer.status_code == 409
    assert _count("Ruling") == before


@pytest.mark.parametrize("key", ["place", "technology", "vendor", "certainty", "record"])
def test_a_filter_shows_what_fits_and_leaves_out_what_does_not(site: Any, key: str) -> None:
    from postme.keeping.store.queue import Queue, Wanted

    queue = Queue(site.data)
    every, _ = queue.matching(Wanted(ruled="all"))
    value = {
        "place": PLACE,
        "technology": "alpr",
        "vendor": queue.vendors()[0],
        "certainty": "likely",
        "record": "minutes",
    }[key]
    fitting, total = queue.matching(Wanted(**{key: value, "ruled": "all"}))  # type: ignore[arg-type]
    shown = [queue.mention(one) for one in every]
    says = {
        "place": lambda one: True, "technology": lambda one: "alpr" in one.technologies, "vendor": lambda one: one.facts["vendor"] == value,
        "certainty": lambda one: one.certainty == "likely", "record": lambda one: "minutes" in one.name.lower(),
    }[key]  # fmt: skip
    assert set(fitting) == {one.id for one in shown if says(one)}
    assert fitting
    assert total == len(fitting)


def test_a_filter_with_nonsense_is_a_page_and_never_a_fault(site: Any) -> None:
    client = at_the_desk("rea", "reader")
    for value in (SCRIPT, "' OR 1=1 --", "\0", "x" * 9000, "%", "../../etc"):
        for key in ("place", "technology", "vendor", "certainty", "record", "ruled", "at"):
            answer = client.get("/desk/mentions/", {key: value})
            # A NUL in an address is refused before any page looks at it.
            assert answer.status_code in ((400,) if value == "\0" else (200, 409))
            assert SCRIPT not in answer.content.decode()


# --- two people


def test_nobody_approves_their_own_draft(site: Any) -> None:
    client = at_the_desk("ada", "editor")
    number = _submitted("ada")
    client = at_the_desk("ada", "editor")
    before = _count("Version")
    page = client.get(f"/desk/drafts/{number}/").content.decode()
    assert 'value="approve"' not in page
    assert "seen by two people" in page
    answer = client.post(f"/desk/drafts/{number}/", {"step": "approve"})
    assert answer.status_code == 409
    assert "Nobody decides on their own draft." in answer.content.decode()
    assert _count("Version") == before


def test_a_second_person_publishes_and_the_change_is_seen(site: Any) -> None:
    number = _submitted("ada")
    ben = at_the_desk("ben", "editor")
    page = ben.get(f"/desk/drafts/{number}/").content.decode()
    assert 'value="approve"' in page
    assert "<ins>A note that differs.</ins>" in page
    assert ben.post(f"/desk/drafts/{number}/", {"step": "approve"}).status_code == 302
    public = site.get(ALPR).content.decode()
    assert "A note that differs." in public
    assert "The note was wrong." in public


def test_what_is_approved_is_what_was_seen(site: Any) -> None:
    number = _submitted("ada")
    ada, ben = at_the_desk("ada", "editor"), at_the_desk("ben", "editor")
    page = f"/desk/drafts/{number}/"

    def seen() -> str:
        told = re.search(r'name="seen" value="(\w+)"', ben.get(page).content.decode())
        assert told
        return told[1]

    opened, before = seen(), _count("Version")
    ada.post(page, {"step": "take back"})
    assert _corrected(ada, note="What Ben never saw.", draft=str(number)).status_code == 302
    ada.post(page, {"step": "submit"})
    answer = ben.post(page, {"step": "approve", "seen": opened})
    assert answer.status_code == 409
    assert "changed since you opened it" in answer.content.decode()
    assert _count("Version") == before
    assert ben.post(page, {"step": "approve", "seen": seen()}).status_code == 302
    assert "What Ben never saw." in site.get(ALPR).content.decode()


def test_a_draft_is_not_public(site: Any) -> None:
    _submitted("ada")
    assert "A note that differs." not in site.get(ALPR).content.decode()


def test_a_returned_draft_says_why_and_is_changed_by_its_author(site: Any) -> None:
    number = _submitted("ada")
    ben, ada = at_the_desk("ben", "editor"), at_the_desk("ada", "editor")
    assert ben.post(f"/desk/drafts/{number}/", {"step": "return", "remark": " "}).status_code == 409
    ben.post(f"/desk/drafts/{number}/", {"step": "return", "remark": "Say the day."})
    assert "Say the day." in ada.get("/desk/").content.decode()
    assert _corrected(ada, note="With the day.", draft=str(number)).status_code == 302
    assert _latest("Draft").facts["note"] == "With the day."
    assert _corrected(ben, note="Not mine.", draft=str(number)).status_code == 409


def test_a_draft_of_what_has_changed_since_is_not_published(site: Any) -> None:
    first, second = _submitted("ada"), _submitted("cleo")
    ben = at_the_desk("ben", "editor")
    ben.post(f"/desk/drafts/{first}/", {"step": "approve"})
    answer = ben.post(f"/desk/drafts/{second}/", {"step": "approve"})
    assert answer.status_code == 409
    assert "has changed since this was drafted" in answer.content.decode()


def test_two_approvals_at_once_make_one_leaf(site: Any) -> None:
    from django.db import connection

    number, before = _submitted("ada"), _count("Version")
    clients = [at_the_desk(name, "editor") for name in ("ben", "cleo")]
    start, answers = threading.Barrier(2), []

    def approve(client: Any) -> None:
        start.wait()
        try:
            answers.append(client.post(f"/desk/drafts/{number}/", {"step": "approve"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(client,)) for client in clients]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [302, 409]
    assert _count("Version") == before + 1


def test_only_its_author_takes_a_draft_back_or_discards_it(site: Any) -> None:
    number = _submitted("ada")
    ben, ada = at_the_desk("ben", "editor"), at_the_desk("ada", "editor")
    assert ben.post(f"/desk/drafts/{number}/", {"step": "take back"}).status_code == 409
    assert ada.post(f"/desk/drafts/{number}/", {"step": "take back"}).status_code == 302
    assert ada.post(f"/desk/drafts/{number}/", {"step": "discard"}).status_code == 302
    assert _latest("Draft").state == "discarded"


def test_a_withdrawal_goes_through_two_people_and_leaves_its_mark(site: Any) -> None:
    ada, ben = at_the_desk("ada", "editor"), at_the_desk("ben", "editor")
    ada.post("/desk/change/", {"address": "/searches/1/", "step": "withdraw", "reason": "It was of another town."})
    number = _latest("Draft").pk
    ada.post(f"/desk/drafts/{number}/", {"step": "submit"})
    assert site.get("/searches/1/").status_code == 200
    ben.post(f"/desk/drafts/{number}/", {"step": "approve"})
    gone = site.get("/searches/1/")
    assert gone.status_code == 410
    assert "It was of another town." in gone.content.decode()


def test_a_correction_needs_a_reason_and_keeps_what_was_typed(site: Any) -> None:
    answer = _corrected(at_the_desk("ada", "editor"), note="Typed at length.", reason="")
    assert answer.status_code == 409
    assert "A reason is missing." in answer.content.decode()
    assert "Typed at length." in answer.content.decode()


def test_a_law_fact_needs_the_quote_that_says_so(site: Any) -> None:
    ada = at_the_desk("ada", "editor")
    answer = _corrected(ada, **{"fact-council_approved": "yes", "on-council_approved": "2025-11-18"})
    assert "A fact needs its evidence." in answer.content.decode()
    assert 'value="2025-11-18"' in answer.content.decode()


def test_a_law_facts_evidence_is_one_of_the_drafts_own_quotes(site: Any) -> None:
    ada, before = at_the_desk("ada", "editor"), _count("Draft")
    told = {"fact-council_approved": "yes", "on-council_approved": "2025-11-18"}
    answer = _corrected(ada, **told, **{"evidence-council_approved": "because I say so"})
    assert answer.status_code == 409
    assert "That is no quote of this draft." in answer.content.decode()
    assert _count("Draft") == before
    page = ada.get("/desk/draft/", {"correct": ALPR}).content.decode()
    own = re.search(r'name="observed" value="([^"]+)"', page)
    assert own
    assert _corrected(ada, **told, **{"evidence-council_approved": own[1]}).status_code == 302
    assert _latest("Draft").facts["law_facts"]["council_approved"]["evidence"] == own[1]


@pytest.mark.parametrize("what", ["redacted", "withdrawn", "bogus", ""])
def test_the_form_of_a_holding_drafts_publications_and_corrections_only(site: Any, what: str) -> None:
    before = _count("Draft")
    answer = _corrected(at_the_desk("ada", "editor"), note="Typed at length.", what=what)
    assert answer.status_code == 409
    assert "Typed at length." in answer.content.decode()
    assert _count("Draft") == before


def test_a_holding_is_not_corrected_by_the_form_of_a_record(site: Any) -> None:
    before = _count("Draft")
    answer = at_the_desk("ada", "editor").post("/desk/change/", {"address": ALPR, "reason": "Typed at length."})
    assert answer.status_code == 409
    assert "Typed at length." in answer.content.decode()
    assert _count("Draft") == before


def test_the_preview_is_the_public_page_and_saves_nothing(site: Any) -> None:
    before = _count("Draft")
    page = _corrected(at_the_desk("ada", "editor"), step="preview").content.decode()
    assert "Nothing is saved yet" in page
    assert '<h2 id="parts">' in page
    assert _count("Draft") == before


def test_a_search_is_drafted_from_its_list(site: Any) -> None:
    from postme.keeping.store import models

    models.Search.objects.create(**{k: v for k, v in models.Search.objects.values().first().items() if k != "id"})
    number = _latest("Search").pk
    answer = at_the_desk("ada", "editor").post("/desk/searches/", {"number": number, "fiction": "1"})
    assert answer.status_code == 302
    assert _latest("Draft").address == f"/searches/{number}/"


# --- redaction


def test_what_two_people_black_out_is_gone_from_text_twin_search_and_picture(site: Any) -> None:
    from postme.keeping.store import models
    from postme.office import deskwork
    from postme.query import folded

    sha, address = _record(), f"/records/{_record()}/1"
    text = deskwork.text_of(site.data, sha, 1)
    texts = models.PublicPage.objects.filter(record_id=sha).values_list("text", flat=True)
    elsewhere = " ".join(
        [
            *models.Entry.objects.values_list("twin", flat=True),
            *models.Evidence.objects.values_list("quote", flat=True),
            *models.Findable.objects.exclude(entry__address=f"/records/{sha}/").values_list("folded", flat=True),
        ]
    )
    whole = folded(" ".join(texts)).split()
    word = next(
        one
        for one in deskwork.words(text)
        if len(one.text) > 6
        and one.text.isalpha()
        and whole.count(folded(one.text)) == 1
        and folded(one.text) not in folded(elsewhere)
    )
    found = models.Findable.objects.filter(entry__address=f"/records/{sha}/", folded__contains=folded(word.text))
    ways = (f"{address}/", f"{address}.json", f"/records/{sha}.json")
    assert word.text in site.get(ways[0]).content.decode()
    before = site.get(f"{address}.webp").content
    assert found.exists()
    mo, ben = at_the_desk("mo", "moderator"), at_the_desk("ben", "editor")
    mo.post(f"/desk/records/{sha}/1/", {"first": word.number, "last": word.number, "reason": "phone-number"})
    number = _latest("Redaction").pk
    assert word.text in site.get(ways[0]).content.decode(), "asked for is not approved"
    assert mo.post("/desk/redactions/", {"number": number, "step": "approve"}).status_code == 403
    answer = ben.post("/desk/redactions/", {"number": number, "step": "approve"}, follow=True)
    assert "None of it was found" in answer.content.decode()
    for way in ways:
        assert word.text not in site.get(way).content.decode(), way
    assert "█" * len(word.text) in site.get(ways[0]).content.decode()
    assert not found.exists()
    assert site.get(f"{address}.webp").content != before
    assert site.get(f"/records/{sha}/file").status_code == 404


def test_words_that_still_stand_elsewhere_are_said(site: Any) -> None:
    from postme.office import deskwork

    sha = _record()
    text = deskwork.text_of(site.data, sha, 1)
    word = next(
        one for one in deskwork.words(text) if len(one.text) > 4 and one.text.isalpha() and text.count(one.text) > 1
    )
    mo, ben = at_the_desk("mo", "moderator"), at_the_desk("ben", "editor")
    mo.post(f"/desk/records/{sha}/1/", {"first": word.number, "last": word.number, "reason": "other"})
    answer = ben.post("/desk/redactions/", {"number": _latest("Redaction").pk, "step": "approve"}, follow=True)
    assert "mark them there too" in answer.content.decode()


def test_words_that_stand_in_another_record_are_said(site: Any) -> None:
    from postme.keeping.store import models
    from postme.office import deskwork

    sha = _record()
    text = deskwork.text_of(site.data, sha, 1)
    own = " ".join(models.PublicPage.objects.filter(record_id=sha).values_list("text", flat=True)).split()
    others = " ".join(models.PublicPage.objects.exclude(record_id=sha).values_list("text", flat=True)).split()
    quoting = " ".join(models.Evidence.objects.filter(record_id=sha).values_list("entry__twin", flat=True))
    word = next(
        one
        for one in deskwork.words(text)
        if len(one.text) > 4
        and one.text.isalpha()
        and sum(one.text in other for other in own) == 1
        and one.text in others
        and one.text not in quoting
    )
    mo, ben = at_the_desk("mo", "moderator"), at_the_desk("ben", "editor")
    mo.post(f"/desk/records/{sha}/1/", {"first": word.number, "last": word.number, "reason": "other"})
    answer = ben.post("/desk/redactions/", {"number": _latest("Redaction").pk, "step": "approve"}, follow=True)
    assert "mark them there too" in answer.content.decode()


@pytest.mark.parametrize(
    "public",
    [
        '{"quote": "by \\"Bo\\nLee\\" then"}',
        '{"quote": "by \\"Bo\\nLee\\""}',
        'It says "Bo\nLee" too',
        "by bo lee then",
    ],
)
def test_words_are_found_as_a_twin_writes_them(public: str) -> None:
    from postme.office import deskwork
    from postme.redaction import Reason, Redaction

    text = 'Call "Bo\nLee" now'
    assert deskwork.unhidden(text, [Redaction(1, 5, 13, Reason.OTHER)], [public]) == ['"Bo\nLee"']
    assert deskwork.unhidden(text, [Redaction(1, 5, 13, Reason.OTHER)], [public.replace("L", "M").replace("l", "m")]) == []  # fmt: skip


def test_nobody_approves_the_redaction_they_asked_for(site: Any) -> None:
    ada = at_the_desk("ada", "editor")
    _ask(ada)
    answer = ada.post("/desk/redactions/", {"number": _latest("Redaction").pk, "step": "approve"})
    assert answer.status_code == 409
    assert _latest("Redaction").state == "asked"


@pytest.mark.parametrize(
    "typed",
    [
        {"first": "9", "last": "3"},
        {"first": "0", "last": "1"},
        {"first": "x", "last": ""},
        {"first": "1", "last": "99999999"},
        {"span": "5-1"},
        {"span": "1-999999999"},
        {"first": "1", "last": "2", "reason": "embarrassing"},
    ],
)
def test_a_span_that_is_none_and_a_reason_that_is_none_are_refused(site: Any, typed: dict[str, str]) -> None:
    before = _count("Redaction")
    answer = at_the_desk("mo", "moderator").post(f"/desk/records/{_record()}/1/", {"reason": "other", **typed})
    assert answer.status_code == 409
    assert _count("Redaction") == before


# --- what was done, and what stays text


def test_every_act_is_written_down_and_can_be_filtered(site: Any) -> None:
    _submitted("ada")
    client = at_the_desk("rea", "reader")
    _rule(client)
    page = client.get("/desk/acts/", {"who": "ada"}).content.decode()
    assert "drafted: corrected" in page
    assert "draft submitted" in page
    assert "ruled: yes" in client.get("/desk/acts/", {"what": "ruled", "who": "rea"}).content.decode()
    assert (
        "ada"
        not in re.sub(r"<input[^>]*>", "", client.get("/desk/acts/", {"who": "rea"}).content.decode()).split("<tbody>")[
            1
        ]
    )


def test_the_acts_as_a_file_run_no_formula(site: Any) -> None:
    client = at_the_desk("rea", "reader")
    client.post("/desk/mentions/", {"mention": _mention().pk, "answer": "yes", "why": "=1+1"})
    rows = list(csv.DictReader(io.StringIO(client.get("/desk/acts.csv").content.decode())))
    assert rows[0]["why"] == "'=1+1"
    assert rows[0]["who"] == "rea"


def test_a_script_in_every_field_of_a_draft_stays_text(site: Any) -> None:
    ada, ben = at_the_desk("ada", "editor"), at_the_desk("ben", "editor")
    preview = _corrected(ada, note=SCRIPT, reason=SCRIPT, step="preview")
    _corrected(ada, note=SCRIPT, reason=SCRIPT)
    number = _latest("Draft").pk
    ada.post(f"/desk/drafts/{number}/", {"step": "submit"})
    pages = [preview, ben.get(f"/desk/drafts/{number}/"), ben.get("/desk/drafts/")]
    ben.post(f"/desk/drafts/{number}/", {"step": "approve", "remark": SCRIPT})
    pages += [
        site.get(ALPR),
        ben.get(f"/desk/drafts/{number}/"),
        ben.get("/desk/acts/"),
        ben.get(f"/desk/change/?{urlencode({'address': ALPR})}"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert SCRIPT not in page.content.decode()
        assert "script-src 'self'" in page["Content-Security-Policy"]


def test_no_page_of_the_desk_is_kept_by_a_browser_or_a_proxy(site: Any) -> None:
    assert "no-store" in at_the_desk("ada", "editor").get("/desk/drafts/")["Cache-Control"]


def test_the_link_to_correct_a_page_is_seen_by_those_who_work_here_only(site: Any) -> None:
    assert "/desk/change/" not in site.get(ALPR).content.decode()
    assert "/desk/change/" in at_the_desk("ada", "editor").get(ALPR).content.decode()


def test_an_administrator_cannot_take_their_own_role(site: Any) -> None:
    client = at_the_desk("root", "administrator")
    answer = client.post("/desk/people/", {"name": "root", "role": "administrator", "step": "take"})
    assert answer.status_code == 409
    assert client.get("/desk/").status_code == 200


def test_giving_a_role_to_somebody_with_a_password_makes_no_link(site: Any) -> None:
    client = at_the_desk("root", "administrator")
    at_the_desk("ada", "reader")
    given = client.post("/desk/people/", {"name": "ada", "role": "editor", "step": "give"}).content.decode()
    assert "/desk/account/first/" not in given
    assert (
        "/desk/account/first/"
        in client.post("/desk/people/", {"name": "new", "role": "reader", "step": "give"}).content.decode()
    )


def _roles(name: str) -> set[str]:
    from django.contrib.auth.models import Group

    return set(Group.objects.filter(user__username=name).values_list("name", flat=True))


def test_an_administrator_gives_themselves_nothing(site: Any) -> None:
    root, ben = at_the_desk("root", "administrator"), at_the_desk("ben", "administrator")
    for role in roles.ROLES:
        assert root.post("/desk/people/", {"name": "root", "role": role, "step": "give"}).status_code == 409
    ben.post("/desk/people/", {"name": "root", "role": "editor", "step": "give"})
    asked = _latest("DeskAct").pk
    assert root.post("/desk/people/", {"asked": asked, "step": "confirm"}).status_code == 409
    assert _roles("root") == {"administrator"}


@pytest.mark.parametrize("role", [one for one in roles.ROLES if one != "reader"])
def test_a_role_that_publishes_is_given_by_two_administrators(site: Any, role: str) -> None:
    from django.contrib.auth.models import User

    root, ben = at_the_desk("root", "administrator"), at_the_desk("ben", "administrator")
    given = root.post("/desk/people/", {"name": "new", "role": role, "step": "give"}).content.decode()
    assert "/desk/account/first/" not in given
    assert not User.objects.filter(username="new").exists()
    asked = _latest("DeskAct").pk
    assert root.post("/desk/people/", {"asked": asked, "step": "confirm"}).status_code == 409
    assert not User.objects.filter(username="new").exists()
    assert f'name="asked" value="{asked}"' not in root.get("/desk/people/").content.decode()
    assert f'name="asked" value="{asked}"' in ben.get("/desk/people/").content.decode()
    given = ben.post("/desk/people/", {"asked": asked, "step": "confirm"}).content.decode()
    assert "/desk/account/first/" in given
    assert _roles("new") == {role}
    assert ben.post("/desk/people/", {"asked": asked, "step": "confirm"}).status_code == 409, "it was given twice"


def test_the_desk_asks_no_more_of_the_database_where_more_mentions_wait(site: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postme.keeping.store import models

    client = at_the_desk("rea", "reader")
    models.Ruling.objects.update(undone_at="2026-01-01T00:00:00Z")
    counts = []
    for turn in range(2):
        client.get("/desk/mentions/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/mentions/")
        counts.append(len(asked))
        models.StoredMention.objects.bulk_create(
            [models.StoredMention(**{**row, "id": f"{turn:08x}{i:08x}"}) for i, row in enumerate(models.StoredMention.objects.values())]
        )  # fmt: skip
    assert counts[0] == counts[1]
