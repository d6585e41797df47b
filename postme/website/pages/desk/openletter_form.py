"""``/desk/open-letters/…/write/``: the form of a letter: what is asked of whom, the words, and for each claim what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import letter
from postme.errors import PostmeError, WrongUse
from postme.keeping.store.docket import Docket
from postme.keeping.store.written import Allied, Written
from postme.letter import Claim, State, Text
from postme.office.letters import Correspondence
from postme.voices import plain
from postme.website.pages import desk
from postme.website.pages.desk.coalitions import office, seen
from postme.website.pages.desk.openletters import mine
from postme.website.pages.desk.process import day_of, turn_of

# Chosen: rows that a form shows beyond those that are filled; saving shows as many again.
_ROWS = 4
_FIELDS = ("title", "to", "ask", "deadline", "about", "body")


@desk.opened("write letters")
def begun(request: HttpRequest, slug: str) -> HttpResponse:
    """A new letter of a coalition: its form, and a POST that keeps the draft."""
    work = office()
    own = seen(request, work, slug)
    if request.method != "POST":
        return _form(request, work, own, {"rows": []})
    typed = _typed(request.POST)
    text, wrong = _text(work, typed)
    if not typed["title"].strip():
        wrong.setdefault("title", "Write something here.")
    if wrong or text is None:
        return _form(request, work, own, typed, wrong)
    try:
        address = work.draft(slug, text, who=desk.who(request))
    except WrongUse as error:
        return _form(request, work, own, typed, {}, error)
    messages.success(request, _("The draft is kept. Only your coalition sees it."))
    return redirect("desk-openletter", slug=address)


@desk.opened("write letters")
def written(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a letter; a POST keeps what was written. Of a letter that is open it is a draft until an organizer makes it the text."""
    work = office()
    one = mine(request, work, slug)
    if one.state not in (State.DRAFT, State.OPEN):
        raise WrongUse("This letter can be written no more.", where=slug, why="It was signed as it is.", do="Write another letter.")  # fmt: skip
    if request.method != "POST":
        return _form(request, work, one.coalition, _of(one), one=one)
    typed = _typed(request.POST)
    text, wrong = _text(work, typed, one)
    if wrong or text is None:
        return _form(request, work, one.coalition, typed, wrong, one=one)
    try:
        work.rewrite(slug, text, turn_of(request.POST), who=desk.who(request))
    except WrongUse as error:
        # A second press of the button is a decision: what a colleague wrote meanwhile is shown beside it.
        one = work.rows.one(slug)
        return _form(request, work, one.coalition, {**typed, "turn": one.turn}, {}, error, one)
    messages.success(request, _("The draft is kept. Who had agreed to other words is asked again."))
    return redirect("desk-openletter", slug=slug)


def _of(one: Written) -> dict[str, Any]:
    text = one.draft
    rows = [{"passage": each.passage, "address": each.address} for each in text.claims]
    return {**{key: getattr(text, key) for key in _FIELDS}, "deadline": text.deadline.isoformat() if text.deadline else "", "rows": rows, "turn": one.turn}  # fmt: skip


def _typed(post: QueryDict) -> dict[str, Any]:
    """What was typed, with line ends as one sign, so that a passage is found in the words whatever the browser sends."""
    pairs = zip(post.getlist("passage"), post.getlist("address"), strict=False)
    rows = [{"passage": _plain(a).strip()[:4000], "address": b.strip()[:400]} for a, b in pairs if a.strip() or b.strip()]  # fmt: skip
    return {**{key: _plain(post.get(key, ""))[: letter.LONGEST * 2] for key in _FIELDS}, "rows": rows, "turn": turn_of(post)}  # fmt: skip


def _plain(said: str) -> str:
    return plain(said).replace("\r\n", "\n").replace("\r", "\n")


def _text(work: Correspondence, typed: Mapping[str, Any], one: Written | None = None) -> tuple[Text | None, dict[str, str]]:  # fmt: skip
    """The text, and what is wrong with it by field; of a claim by its row. What is only missing yet is no fault of a draft."""
    wrong: dict[str, str] = {}
    deadline = None
    try:
        deadline = day_of(typed["deadline"], "deadline", needed=False)
    except WrongUse as error:
        wrong["deadline"] = f"{error.what} {error.do}"
    # Of a letter that is open a claim keeps the entry that it was made on: else a typo would change what it rests on.
    held = {(each.passage, each.address): each for each in (one.draft.claims if one and one.now else ())}
    own = {(each.address): each for each in (one.draft.claims if one and one.now else ())}
    claims: list[Claim] = []
    body = typed["body"].strip()
    for number, row in enumerate(typed["rows"]):
        kept = held.get((row["passage"], row["address"])) or own.get(row["address"])
        try:
            claim = Claim(row["passage"], kept.address, kept.leaf) if kept else work.claim(row["passage"], row["address"])  # fmt: skip
        except PostmeError as error:
            wrong[f"address-{number}"] = f"{error.what} {error.do}"
            continue
        fault = letter.checked(Text("a", "a", "a", body, claims=(claim,))).get("claims")
        if not row["passage"]:
            fault = "Copy the words here that rest on this address."
        if fault:
            wrong[f"passage-{number}"] = fault
        claims.append(claim)
    text = Text(" ".join(typed["title"].split()), " ".join(typed["to"].split()), typed["ask"].strip(), body, deadline, typed["about"].strip()[:400], tuple(claims))  # fmt: skip
    # A draft may be unfinished; what is too long or overlaps is said at once.
    wrong |= {field: says for field, says in letter.checked(text).items() if says != "Write something here." and field not in wrong and not (field == "claims" and wrong)}  # fmt: skip
    return (None if wrong else text), wrong


def _form(
    request: HttpRequest, work: Correspondence, own: Allied, typed: Mapping[str, Any], wrong: Mapping[str, str] | None = None, error: PostmeError | None = None, one: Written | None = None,
) -> HttpResponse:  # fmt: skip
    said = wrong or {}
    rows = [{**row, "passage_fault": said.get(f"passage-{n}"), "address_fault": said.get(f"address-{n}")} for n, row in enumerate(typed["rows"])]  # fmt: skip
    rows += [{} for _blank in range(max(0, min(_ROWS, letter.MOST_CLAIMS - len(rows))))]
    decisions, _count = Docket(work.ledger.file).several(own.town)
    return desk.page(
        request, "openletter_form.html", _("Write the letter"), 409 if said or error else 200, coalition=own, one=one, typed=typed, wrong=said, rows=rows, fault=error,
        decisions=[(f"/decisions/{each.slug}/", each.title) for each in decisions], longest=letter.LONGEST, longest_ask=letter.LONGEST_ASK,
    )  # fmt: skip
