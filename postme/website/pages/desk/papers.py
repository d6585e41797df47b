"""``/desk/papers/…``: the papers of a proposal, written in a form or brought back as a file, fixed as versions, published by a second person."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from postme import paper, roles
from postme.errors import PostmeError, WrongUse
from postme.filling import OWN_SECTION
from postme.form import OWN
from postme.keeping.store.docket import Docket
from postme.keeping.store.ledger import Ledger
from postme.keeping.store.papers import Changed
from postme.office import attaching, questions
from postme.office.papers import Opened, Papers
from postme.paper import Answer, State
from postme.website.pages import desk

# Chosen: what can still be read in a list.
_SHOWN = 100


def _desk() -> Papers:
    return Papers(settings.DATA, settings.LOG_ORIGIN, settings.CATALOGUES)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _named(part: str) -> tuple[str, int]:
    found = questions.named(part)
    if found is None:
        raise Http404("No paper is called so. The proposal's page lists those that there are.")
    return found


@desk.opened()
def every(request: HttpRequest) -> HttpResponse:
    """The proposals whose papers can be written."""
    rows, count = Docket(Ledger(settings.DATA).file).several(None, public=None)
    return desk.page(request, "papers.html", _("Papers"), proposals=rows[:_SHOWN], count=count)


@desk.opened()
def of(request: HttpRequest, slug: str) -> HttpResponse:
    """The papers and files of a proposal; a POST begins a yearly report."""
    if request.method == "POST":
        kind, year = request.POST.get("kind", ""), request.POST.get("year", "").strip()
        named = questions.named(f"{questions.segment(kind)}-{year}") if year.isascii() else None
        if named is None:
            raise WrongUse(
                "The year is missing.", where="year", why="A yearly report is of one year.", do="Write it as 2026."
            )
        return redirect("desk-paper", slug=slug, part=questions.segment(*named))
    return _of(request, slug)


def _of(request: HttpRequest, slug: str, fault: PostmeError | None = None) -> HttpResponse:
    office, on = _desk(), _today()
    one, begun, kinds = office.several(slug, on)
    rows = [{**_head(each), "typed_by": each.row.typed_by, "typed_at": each.row.typed_at} for each in begun]
    return desk.page(
        request, "papers_of.html", one.title, status=400 if fault else 200, one=one, papers=rows, yearly=[each for each in kinds if each.yearly],
        files=office.store.files(slug), fault=fault, largest=attaching.LARGEST // 1_000_000, last_year=on.year - 1,
    )  # fmt: skip


def _head(opened: Opened) -> dict[str, Any]:
    row = opened.row
    return {
        "name": opened.form.name, "what": opened.form.what, "year": row.year, "part": questions.segment(row.kind, row.year), "kind": row.kind, "complete": opened.complete,
        "editions": row.editions, "published": row.published, "address": opened.address, "listed": opened.form.listed, "asked": opened.form.asked, "turn": row.turn,
    }  # fmt: skip


@desk.opened("write papers")
def attach(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a file for a proposal: onto the shelf, and before an editor."""
    given = request.FILES.get("file")
    if request.method != "POST" or given is None:
        fault = WrongUse(
            "No file was chosen.", where="file", why="Nothing was kept.", do="Choose one, and press the button again."
        )
        return _of(request, slug, fault) if request.method == "POST" else redirect("desk-papers-of", slug=slug)
    try:
        attaching.attach(
            settings.DATA, slug, given.read(attaching.LARGEST + 1), given.name or "", request.POST.get("what", ""), who=desk.who(request),
            roles_=desk.roles_of(request), origin=settings.LOG_ORIGIN, catalogues=settings.CATALOGUES,
        )  # fmt: skip
    except PostmeError as error:
        return _of(request, slug, error)
    messages.success(request, _("The file is kept. It becomes public once an editor has approved it."))
    return redirect("desk-papers-of", slug=slug)


@desk.opened()
def one(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """A paper's form; a POST keeps what was typed, finished or not."""
    kind, year = _named(part)
    office = _desk()
    opened = office.opened(slug, kind, year, _today())
    if request.method != "POST":
        return _form(request, opened, part)
    mine, seen, fault = _typed(request, opened)
    if fault is None:
        try:
            turn = _number(request.POST.get("turn", ""))
            _turn, theirs = office.save(
                slug, kind, year, mine, turn, seen, who=desk.who(request), roles_=desk.roles_of(request)
            )
        except Changed as changed:
            return _form(request, opened, part, mine=mine, fault=changed, clash=changed)
        if theirs:
            messages.success(request, _("A colleague saved other answers meanwhile. Theirs and yours are both kept."))
        messages.success(request, _("Kept as typed."))
        return redirect("desk-paper", slug=slug, part=part)
    return _form(request, opened, part, mine=mine, fault=fault)


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def _typed(request: HttpRequest, opened: Opened) -> tuple[dict[str, Answer], dict[str, str], PostmeError | None]:
    """What was typed, what its writer had seen of each answer, and the first answer that cannot be kept; it stays in the form."""
    post, fault = request.POST, None
    mine: dict[str, Answer] = {}
    for field in opened.form.fields:
        if f"text-{field.id}" not in post:
            continue
        said = [post.get(f"{name}-{field.id}", "") for name in ("state", "text", "because", "evidence")]
        # Whoever typed an answer and left the choice at "empty" answered.
        if said[0] == State.EMPTY and said[1].strip() and not said[2].strip():
            said[0] = State.ANSWERED.value
        try:
            mine[field.id] = paper.answer(said[0], said[1], said[2], [said[3]], where=field.question)
        except WrongUse as error:
            fault = fault or error
            state = State(said[0]) if said[0] in tuple(State) else State.EMPTY
            mine[field.id] = Answer(state, said[1], said[2], tuple(said[3].splitlines()))
    return mine, {field.id: post.get(f"seen-{field.id}", "") for field in opened.form.fields}, fault


def _form(
    request: HttpRequest, opened: Opened, part: str, *, mine: Mapping[str, Answer] | None = None, fault: PostmeError | None = None,
    clash: Changed | None = None, taken: Any = None, notes: tuple[str, ...] = (),
) -> HttpResponse:  # fmt: skip
    now = paper.kept(clash.theirs) if clash else opened.answers
    shown = {**now, **(mine or {})}
    if clash:  # what only they changed is shown as they left it; what both changed, as I typed it, with theirs beside
        post = request.POST
        shown = {
            id_: one if id_ in clash.clash or paper.digest(one) != post.get(f"seen-{id_}") else now.get(id_, Answer())
            for id_, one in shown.items()
        }
    sections = [*opened.form.sections.items(), (OWN, OWN_SECTION)]
    groups = [
        {"heading": heading, "own": id_ == OWN, "fields": [_field(each, shown, now, clash, taken) for each in opened.form.fields if each.section == id_]}
        for id_, heading in sections
    ]  # fmt: skip
    own = desk.roles_of(request)
    return desk.page(
        request, "paper.html", f"{_(opened.form.name)}{f' {opened.row.year}' if opened.row.year else ''}: {opened.one.title}", status=409 if clash else 400 if fault else 200,
        one=opened.one, part=part, head=_head(opened), groups=[each for each in groups if each["fields"]], turn=clash.turn if clash else opened.row.turn, fault=fault,
        common=opened.form.common, taken=taken, notes=notes, names={each.id: each.question for each in opened.form.fields}, may_write=roles.may(own, "write papers"),
        states=[(state.value, state.value) for state in State], longest=paper.LONGEST_ANSWER,
    )  # fmt: skip


def _field(
    field: Any, shown: Mapping[str, Answer], now: Mapping[str, Answer], clash: Changed | None, taken: Any
) -> dict[str, Any]:
    said, stands = shown.get(field.id, Answer()), now.get(field.id, Answer())
    return {
        "id": field.id, "question": field.question, "hint": field.hint, "asked": field.asked, "elsewhere": field.elsewhere, "state": said.state.value, "text": said.text,
        "because": said.because, "evidence": "\n".join(said.evidence), "seen": paper.digest(stands), "remarks": paper.remarks(field, said) if not said.blank else (),
        "too_long": len(said.text) > paper.LONGEST_ANSWER or len(said.because) > paper.LONGEST_ANSWER,
        "theirs": stands if clash and field.id in clash.clash else None, "new": bool(taken and field.id in taken.changed),
    }  # fmt: skip


@desk.opened()
def given(request: HttpRequest, slug: str, part: str, how: str) -> HttpResponse:
    """The form as a file, filled as far as the paper is."""
    data, media_type, name = _desk().blank(slug, *_named(part), how, _today())
    return HttpResponse(
        data, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@desk.opened("write papers")
def fill(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """A filled form that came back: shown in the form, with what has no place in it; kept once it is saved there."""
    kind, year = _named(part)
    office, on = _desk(), _today()
    file = request.FILES.get("file")
    if request.method != "POST" or file is None:
        if request.method != "POST":
            return redirect("desk-paper", slug=slug, part=part)
        fault: PostmeError = WrongUse(
            "No file was chosen.",
            where="file",
            why="Nothing was read.",
            do="Choose the filled form, and press the button again.",
        )
        return _form(request, office.opened(slug, kind, year, on), part, fault=fault)
    try:
        opened, taken, notes = office.preview(slug, kind, year, file.read(), file.name or "form", on)
    except PostmeError as error:
        return _form(request, office.opened(slug, kind, year, on), part, fault=error)
    return _form(request, opened, part, mine=taken.answers, taken=taken, notes=notes)


@desk.opened()
def versions(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """The versions of a paper and what differs; a POST fixes one, or publishes one."""
    kind, year = _named(part)
    office, on = _desk(), _today()
    opened, fault = office.opened(slug, kind, year, on), None
    if request.method == "POST":
        me, own = desk.who(request), desk.roles_of(request)
        try:
            if request.POST.get("step") == "publish":
                office.publish(slug, kind, year, _number(request.POST.get("number", "")) or None, who=me, roles_=own)
                messages.success(request, _("It is public."))
            else:
                office.fix(
                    slug,
                    kind,
                    year,
                    _number(request.POST.get("turn", "")),
                    request.POST.get("reason", ""),
                    who=me,
                    roles_=own,
                    on=on,
                )
                messages.success(request, _("This version is fixed. It becomes public once a clerk publishes it."))
            return redirect("desk-paper-versions", slug=slug, part=part)
        except WrongUse as error:
            roles.asked(own, "record step" if request.POST.get("step") == "publish" else "write papers")
            fault = error
    rows = office.editions(slug, kind, year)
    old, new = (_number(request.GET.get(key, "")) for key in ("old", "new"))
    compared = office.compared(slug, kind, year, old, new, on) if old and new else None
    return desk.page(
        request, "paper_versions.html", _("Versions"), status=400 if fault else 200, one=opened.one, part=part, head=_head(opened), editions=rows, fault=fault,
        compared=compared, names={each.id: each.question for each in opened.form.fields}, reason=request.POST.get("reason", "") if fault else "",
        unsaved=bool(rows) and paper.sha256(paper.fixed(opened.form, opened.answers)) == rows[0].sha256, me=desk.who(request),
    )  # fmt: skip


_KEPT: Mapping[str, bool | None] = {"kept": True, "not kept": False, "unknown": None}


@desk.opened("record step")
def promises(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """What the policy promised beside what this report tells; a POST keeps what a person found of one promise."""
    kind, year = _named(part)
    office, fault, post = _desk(), None, request.POST
    opened = office.opened(slug, kind, year, _today())
    if request.method == "POST":
        try:
            if post.get("kept") not in _KEPT:
                raise WrongUse("It is not said whether it was kept.", where="kept", why="Readers see it beside the promise.", do="Choose one; “unknown” is an answer.")  # fmt: skip
            office.judge(slug, year, post.get("promise", ""), _KEPT[post["kept"]], post.get("found", ""), post.get("found_in", "").strip()[:400], kind=kind, who=desk.who(request), roles_=desk.roles_of(request))  # fmt: skip
            messages.success(request, _("It is kept. Where the report is public, its page says so now."))
            return redirect("desk-paper-promises", slug=slug, part=part)
        except WrongUse as error:
            fault = error
    editions = office.editions(slug, kind, year)
    judged = {each.promise: each for each in office.store.judged(slug) if editions and each.edition == editions[0].id}
    return desk.page(
        request, "paper_promises.html", _("Promised and told"), status=400 if fault else 200, one=opened.one, part=part, head=_head(opened), fault=fault, edition=editions[0] if editions else None,
        pairs=[{"one": each, "judged": judged.get(each.promise)} for each in office.pairs(slug, kind, year)], typed=post.dict() if fault else {}, answers=list(_KEPT),
    )  # fmt: skip
