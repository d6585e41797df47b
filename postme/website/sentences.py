"""The sentences of the site as translators have them: gettext's .po files, read for what is translated and what is missing.

Source: the GNU gettext manual, "The Format of PO Files".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr)(?:\[(\d+)\])? )?(".*")')


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its English, the plural where it has one, what it is translated to (a text for each form), where it stands.

    >>> Sentence("Search", said=("Buscar",)).translated
    True
    """

    english: str
    plural: str = ""
    said: tuple[str, ...] = ("",)
    context: str = ""
    where: tuple[str, ...] = ()

    @property
    def translated(self) -> bool:
        """Whether every form of it is."""
        return all(self.said)


def read(text: str) -> Iterator[Sentence]:
    """The sentences of a .po file, without its head. Raises ValueError, with the line, for what is none.

    >>> list(read('msgid ""\\nmsgstr "head"\\n\\n#: a.html\\nmsgid "No "\\n"law"\\nmsgstr ""'))
    [Sentence(english='No law', plural='', said=('',), context='', where=('a.html',))]
    """
    parts: dict[tuple[str, str], str] = {}
    where: list[str] = []
    now = ("", "")
    for number, line in enumerate([*text.splitlines(), ""], 1):
        line = line.strip()
        found = _LINE.fullmatch(line)
        if found:
            if found[1]:
                now = (found[1], found[2] or "0")
            parts[now] = parts.get(now, "") + _unquoted(found[3], number)
        elif line.startswith("#:"):
            where += line[2:].split()
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number} is none of a .po file: {line[:60]}")
        elif not line and parts:
            if parts.get(("msgid", "0")):
                said = tuple(value for (kind, _), value in sorted(parts.items()) if kind == "msgstr")
                yield Sentence(parts["msgid", "0"], parts.get(("msgid_plural", "0"), ""), said, parts.get(("msgctxt", "0"), ""), tuple(where))  # fmt: skip
            parts, where = {}, []


def _unquoted(text: str, number: int) -> str:
    try:
        return str(json.loads(text))
    except ValueError as error:
        raise ValueError(f"line {number} is not quoted as a .po file quotes: {text[:60]}") from error


def written(sentences: Sequence[Sentence], language: str) -> str:
    """A .po file of those sentences with nothing translated yet, for whoever begins a language."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    head = f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    blocks = [f'msgid ""\nmsgstr {quoted(head)}\n']
    for one in sentences:
        lines = [f"#: {place}" for place in one.where]
        lines += [f"msgctxt {quoted(one.context)}"] if one.context else []
        lines += [f"msgid {quoted(one.english)}"]
        lines += [f"msgid_plural {quoted(one.plural)}", 'msgstr[0] ""', 'msgstr[1] ""'] if one.plural else ['msgstr ""']
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def of(locale: Path) -> dict[str, tuple[Sentence, ...]]:
    """The sentences of every language in a folder of languages, by its code; a file that changed is read again."""
    files = {path.parents[1].name: path for path in sorted(locale.glob("*/LC_MESSAGES/django.po"))}
    return {language: _kept(path, path.stat().st_mtime_ns) for language, path in files.items()}


@lru_cache(maxsize=20)
def _kept(path: Path, changed: int) -> tuple[Sentence, ...]:
    return tuple(read(path.read_text("utf-8")))
