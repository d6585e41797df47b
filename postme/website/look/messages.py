"""Gathers every sentence of the site for translators, and compiles what they wrote.

    python postme/website/look/messages.py           # locale/<language>/LC_MESSAGES/django.po and .mo, brought up to date
    python postme/website/look/messages.py --check   # fails where they are not

A new language is a folder in locale/ with an empty django.po, and a line in settings.LANGUAGES. See docs/translate.md.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import template

SITE = Path(__file__).parents[1]
LOCALE = SITE / "locale"
_WORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None, "say": None, "N_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def sentences() -> Iterator[tuple[str, int, object, str | None]]:
    """Every sentence of templates and pages with the file and line it stands in, and its context."""
    for path in sorted(SITE.rglob("*.html")):
        source = template.templatize(path.read_text("utf-8"), origin=path.name)
        yield from _of(path, source)
    for path in sorted(SITE.rglob("*.py")):
        if "look" not in path.relative_to(SITE).parts:
            yield from _of(path, path.read_text("utf-8"))
    yield from _listed()


def _of(path: Path, source: str) -> Iterator[tuple[str, int, object, str | None]]:
    for line, said, _, context in extract(
        "python", io.BytesIO(source.encode()), keywords=_WORDS, options={"encoding": "utf-8"}
    ):
        yield path.relative_to(SITE).as_posix(), line, said, context


def _listed() -> Iterator[tuple[str, int, object, str | None]]:
    """Words that come to a page as values: verdicts, acts, states, kinds."""
    from postme.website import spoken

    for word in spoken.words():
        yield "spoken.py", 1, word, None


def template_of() -> Catalog:
    """All of it as an empty catalog, sorted so that the same sources give the same file."""
    found = Catalog(project="postme", fuzzy=False)
    for file, line, said, context in sentences():
        if said and (said[0] if isinstance(said, tuple) else said):
            found.add(said, locations=[(file, line)], context=context)  # type: ignore[arg-type]
    return found


def brought_up(language: Path, every: Catalog) -> tuple[bytes, bytes]:
    """A language's .po and .mo, with what is new empty and what is gone left out."""
    place = language / "LC_MESSAGES" / "django.po"
    with place.open("rb") as file:
        own = read_po(file, locale=language.name)
    fresh = Catalog(
        locale=language.name,
        project="postme",
        fuzzy=False,
        header_comment=f"# postme: {own.locale.english_name if own.locale else language.name}",
    )
    # Any day, as long as it is always the same: the same sentences give the same bytes.
    fresh.creation_date = fresh.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    for message in every:
        if message.id:
            kept = own.get(message.id, message.context)
            fresh.add(
                message.id,
                kept.string if kept else None,
                context=message.context,
                locations=sorted({(file, 0) for file, _ in message.locations}),
            )
    text, binary = io.BytesIO(), io.BytesIO()
    write_po(text, fresh, omit_header=False, include_lineno=False, sort_output=True, width=0)
    write_mo(binary, fresh)
    lines = [
        line
        for line in text.getvalue().splitlines(keepends=True)
        if not line.startswith((b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By'))
    ]
    return b"".join(lines), binary.getvalue()


def main(check: bool) -> int:
    """Bring every language up to date, or say which is not."""
    if not settings.configured:
        settings.configure(
            USE_I18N=True,
            LANGUAGE_CODE="en",
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        )
        django.setup()
    every, stale = template_of(), 0
    for language in sorted(path for path in LOCALE.iterdir() if path.is_dir()):
        text, binary = brought_up(language, every)
        place = language / "LC_MESSAGES"
        if check:
            kept = [path.read_bytes() if path.exists() else b"" for path in (place / "django.po", place / "django.mo")]
            if kept != [text, binary]:
                print(f"{language.name}: out of date; run: make messages")  # noqa: T201
                stale = 1
            continue
        (place / "django.po").write_bytes(text)
        (place / "django.mo").write_bytes(binary)
        missing = sum(
            1
            for m in read_po(io.BytesIO(text))
            if m.id and not (all(m.string) if isinstance(m.string, tuple | list) else m.string)
        )
        print(f"{language.name}: {len(every)} sentences, {missing} not translated yet")  # noqa: T201
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
