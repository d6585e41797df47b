"""One peer, in an environment of its own: told to go, it searches the same texts and says how long that took.

Run by ``matching.py`` with the interpreter of .venv-bench (or any, for ripgrep and grep). It imports nothing of ours.
Texts and forms come as a JSON file; each line "go" on standard input is answered by a line of JSON.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

Search = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that makes its patterns ready in every run: a run over nothing tells how long that takes."""

    search: Callable[[str], int]

    def __call__(self) -> int:
        return self.search("texts")


def spacy(texts: Sequence[str], forms: Sequence[str]) -> Search:
    """PhraseMatcher over a blank English tokenizer, by lower case."""
    import spacy as library  # type: ignore[import-not-found]
    from spacy.matcher import PhraseMatcher  # type: ignore[import-not-found]

    language = library.blank("en")
    language.max_length = max(map(len, texts)) + 1
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    matcher.add("catalogue", [language.make_doc(form) for form in forms])
    return lambda: sum(len(matcher(language.make_doc(text))) for text in texts)


def flashtext(texts: Sequence[str], forms: Sequence[str]) -> Search:
    """KeywordProcessor, case-insensitive, with offsets."""
    from flashtext import KeywordProcessor  # type: ignore[import-not-found]

    processor = KeywordProcessor(case_sensitive=False)
    for form in forms:
        processor.add_keyword(form)
    return lambda: sum(len(processor.extract_keywords(text, span_info=True)) for text in texts)


def expression(texts: Sequence[str], forms: Sequence[str]) -> Search:
    """Python's re: every form in one alternation, the longest first."""
    import re

    every = sorted(forms, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, every)) + r")\b", re.IGNORECASE)
    pattern.search("")
    return lambda: sum(1 for text in texts for _ in pattern.finditer(text))


def ripgrep(texts: Sequence[str], forms: Sequence[str]) -> Search:
    """One process over one file, one thread; its default limits refuse so many patterns."""
    return _program(
        ["rg", "-j1", "--no-filename", "-N", "-F", "-i", "-w", "-o", "--regex-size-limit=4G", "--dfa-size-limit=4G"],
        texts,
        forms,
        {},
    )


def grep(texts: Sequence[str], forms: Sequence[str]) -> Search:
    """One process over one file, bytes rather than characters: in a UTF-8 locale it takes a minute to begin."""
    return _program(["grep", "-F", "-i", "-w", "-o", "-a"], texts, forms, {"LC_ALL": "C"})


def _program(command: Sequence[str], texts: Sequence[str], forms: Sequence[str], extra: dict[str, str]) -> Search:
    folder = Path(tempfile.mkdtemp(prefix="postme-peer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "forms").write_text("\n".join(forms) + "\n", encoding="utf-8")
    (folder / "texts").write_text("\n".join(texts) + "\n", encoding="utf-8", errors="replace")

    def search(place: str) -> int:
        done = subprocess.run(
            [*command, "-f", "forms", place], cwd=folder, env={**os.environ, **extra}, capture_output=True
        )
        if done.returncode > 1:
            raise SystemExit(f"{command[0]} failed with status {done.returncode}")
        return done.stdout.count(b"\n")

    (folder / "none").write_text("")
    return Program(search)


def version(name: str) -> str:
    """What was run, with its version."""
    if name in ("ripgrep", "grep"):
        said = subprocess.run(
            ["rg" if name == "ripgrep" else "grep", "--version"], capture_output=True, text=True
        ).stdout
        return said.splitlines()[0].removesuffix(")").replace("(GNU grep) ", "")
    return f"re of Python {sys.version.split()[0]}" if name == "expression" else f"{name} {metadata.version(name)}"


PEERS: dict[str, Callable[[Sequence[str], Sequence[str]], Search]] = {
    "ripgrep": ripgrep, "grep": grep, "spacy": spacy, "flashtext": flashtext, "expression": expression,
}  # fmt: skip


def main() -> None:
    """Be the peer named first, over the JSON file named second."""
    name, given = sys.argv[1], Path(sys.argv[2])
    kept: dict[str, Any] = json.loads(given.read_text(encoding="utf-8"))
    began = time.perf_counter()
    search = PEERS[name](kept["texts"], kept["forms"])
    ready = time.perf_counter() - began
    print(json.dumps({"version": version(name)}), flush=True)
    for _ in sys.stdin:
        if isinstance(search, Program):
            began = time.perf_counter()
            search.search("none")
            ready = time.perf_counter() - began
        began = time.perf_counter()
        hits = search()
        seconds = time.perf_counter() - began - (ready if isinstance(search, Program) else 0.0)
        # A run that is lost in the noise of making ready is not a figure.
        print(
            json.dumps(
                {
                    "seconds": seconds if not isinstance(search, Program) or seconds > ready / 20 else None,
                    "ready": ready,
                    "hits": hits,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
