"""Signing an open letter without an account: the form, a look at what becomes public, the sending, and what the link in the mail opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from postme import letter, voices
from postme.errors import WrongUse
from postme.keeping.store.written import Written
from postme.letter import Kind, Signing
from postme.voices import Shown
from postme.website import letters, mailing, sending
from postme.website.pages.held import linked
from postme.website.pages.letters import frame, known, known_lately, paragraphs, promised

_SEE = 302
FIELDS = ("name", "shown", "mail", "by", "role", "domain", "area", "comment", "agreed", "thanked")
_LONGEST = {"name": letter.LONGEST_NAME, "by": letter.LONGEST_NAME, "role": letter.LONGEST_ROLE, "area": letter.LONGEST_AREA, "comment": letter.LONGEST_COMMENT}  # fmt: skip


def _worded(faults: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a signature, in the page's language, numbers and all."""
    told = {key: _(fault) for key, fault in faults.items()}
    for field, most in _LONGEST.items():
        if field in faults and (length := len(voices.plain(typed.get(field, "")).strip())) > most:
            told[field] = _("Write at most {most} characters; these are {n}.").format(most=f"{most:,}", n=f"{length:,}")
    return told


# Nobody is signed in by this form, so there is no authority that a foreign site could misuse, and readers get no cookie.
@csrf_exempt
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, a preview of what becomes public, and the sending."""
    if request.POST.get("step") == "send":
        # On a day when thousands sign, the letter is not read anew for each of them; whether it is open, and in which words, is asked
        # again as the signature is kept. Whatever is not taken at once is answered by the letter as it is now.
        answer = _answered(request, known_lately(slug))
        if answer.status_code == _SEE:
            return answer
    return _answered(request, known(slug))


def _answered(request: HttpRequest, one: Written) -> HttpResponse:
    slug, post = one.slug, request.method == "POST"
    kind = Kind.ORGANIZATION if (request.POST if post else request.GET).get("as") == "organization" else Kind.PERSON
    typed = sending.typed(request, *FIELDS) if post else {"shown": Shown.FULL.value}
    now = one.versions[-1]
    facts: dict[str, Any] = {
        "title": _("Sign the letter"), "description": "", **frame(one), **promised(one), "kind": kind.value, "typed": typed, "possible": mailing.possible(), "version": now.number, "sha256": now.sha256,
        "to": now.text.to, "ask": now.text.ask, "paragraphs": paragraphs(one), "longest": letter.LONGEST_COMMENT,
    }  # fmt: skip
    if facts["signable"]:
        facts["sum"] = _sum(request, one)
    if not post or not facts["signable"] or not mailing.possible():
        return render(request, "sign.html", facts, status=409 if post else 200)
    if request.POST.get("version", "") != str(now.number):
        return render(request, "sign.html", {**facts, "changed": now.why or " "}, status=409)
    said, faults = _checked(one, typed, kind)
    if said is None:
        return render(request, "sign.html", {**facts, "faults": faults}, status=400)
    if request.POST.get("step") != "send":
        shown = {"said": said, "name": letter.named(said.name, said.shown, said.kind)}
        return render(request, "sign.html", {**facts, "preview": shown, "form": sending.form_sign()})
    if sending.machine(request):
        return redirect("receipts")
    if seconds := sending.wait(request):
        return sending.refused(request, "sign.html", facts, seconds)
    try:
        number = mailing.signers().sign(
            slug, said, now.number, lambda key, number: letters.confirm_signature(now.text.title, one.coalition.name, key, number), form=request.POST.get("form", ""), one=one, proof=facts["sum"].sign, slowly=facts["sum"].slowly,
        )  # fmt: skip
    except WrongUse as error:
        if error.where == "form":
            facts["sum"] = _sum(request, one, anew=True)
        return render(request, "sign.html", {**facts, "trouble": error}, status=409)
    return redirect("receipt", number=number)


def _sum(request: HttpRequest, one: Written, *, anew: bool = False) -> sending.Sum:
    return sending.sum_of(request, one.address, lambda: mailing.signers().recent(one.slug), anew=anew)


def _checked(one: Written, typed: Mapping[str, str], kind: Kind) -> tuple[Signing | None, Mapping[str, str]]:
    """The signature, or what is wrong with it, by field; an organization's mail must be at its own domain."""
    said, faults = letter.typed({**typed, "language": get_language() or "en"}, kind)
    if said is None:
        return None, _worded(faults, typed)
    try:
        said = mailing.signers().proven(one, said) if kind is Kind.ORGANIZATION else said
    except WrongUse as error:
        return None, {"mail": f"{_(error.what)} {_(error.do)}"}
    # Without a key nothing could be closed to the coalition, so nothing is kept for it.
    return replace(said, agreed=said.agreed and bool(one.coalition.key)), {}


@linked
def signed(request: HttpRequest, key: str) -> HttpResponse:
    """``/signed/<token>/``: a signature, for its signer: confirm it, take it back, say that one never signed."""
    own = mailing.signers()
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "confirm":
        own.confirm(key)
    elif step == "withdraw":
        own.withdraw(key)
        return sending.private(request, "signed_gone.html", {"title": _("The name is off the letter")})
    held = own.held(key)
    facts = {
        "title": _("Your signature"), "held": held, "key": key, "slug": held.slug, "letter": held.title, "coalition": held.coalition, "fiction": held.fiction, "done": step,
        "name": letter.named(held.name, held.shown, held.kind), "asking": request.GET.get("do", ""), "rule": letter.RULES.get(held.rule, ""),
    }  # fmt: skip
    return sending.private(request, "signed.html", facts)
