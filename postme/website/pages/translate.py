"""``/translate/``: how far each language of the site is, which sentences are missing, and how to begin another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language_info, gettext

from postme.website import sentences
from postme.website.pages import Facts, Page

# Chosen: what a person can do in an evening; the file has all.
_SHOWN = 100
# The language that the sentences are written in.
_SOURCE = "en"
_NEW = "new"


def _facts(request: HttpRequest) -> Facts:
    known = _known()
    public = [code for code, _ in settings.LANGUAGES if code != _SOURCE]
    begun = sorted(set(known) - set(public))
    return {
        "title": gettext("Translate this site"), "address": "/translate/",
        "description": gettext("How far each language is, what is missing, and how to begin another."),
        "source": _SOURCE, "sentences": len(_every(known)), "new": reverse("translate-file", args=[_NEW]),
        "languages": [_language(code, known.get(code, ()), len(_every(known)), public=code in public) for code in [*public, *begun]],
    }  # fmt: skip


def _known() -> dict[str, tuple[sentences.Sentence, ...]]:
    return sentences.of(Path(settings.LOCALE_PATHS[0]))


def _every(known: dict[str, tuple[sentences.Sentence, ...]]) -> tuple[sentences.Sentence, ...]:
    """Every sentence of the site: ``make messages`` gives each language all of them."""
    return max(known.values(), key=len, default=())


def _language(code: str, own: tuple[sentences.Sentence, ...], every: int, *, public: bool) -> dict[str, Any]:
    missing = [one for one in own if not one.translated]
    done = len(own) - len(missing)
    return {
        "code": code, "name": _name(code), "public": public, "translated": done, "of": every, "share": 100 * done // every if every else 0, "file": reverse("translate-file", args=[code]),
        "missing": [{"english": one.english, "plural": one.plural, "where": list(one.where)} for one in missing[:_SHOWN]], "missing_count": every - done,
    }  # fmt: skip


def _name(code: str) -> str:
    """A language by its own name, where Django knows it."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


def file(request: HttpRequest, language: str) -> HttpResponse:
    """``/translate/es.po``: a language's file; ``/translate/new.po``: every sentence, none translated."""
    known = _known()
    if language == _NEW:
        text = sentences.written(_every(known), "")
    elif language in known:
        text = (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po").read_text("utf-8")
    else:
        raise Http404(gettext("This language has not been begun."))
    return HttpResponse(text, content_type="text/x-gettext-translation; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{language}.po"'})  # fmt: skip


PAGE = Page("translate.html", _facts)
