"""A matcher brought as a program: image paths go in, templates or pair scores come out, and failures are counted.

The protocol, version 1. The program is started as ``PROGRAM templates`` or ``PROGRAM scores``. On its standard input
come lines: the path of one picture, or two paths with a tab between. For each line it answers, in order, one line of
JSON on its standard output: ``{"template": [0.1, ...]}``, ``{"score": 0.73}`` or ``{"failure": "no face found"}``.
Higher scores are more alike. What it says on standard error is shown when it stops early. Pictures are never copied.

What is kept to resume are scores and failures under salted numbers, one line each; templates stay in memory alone, so
a run that was killed asks for templates again.
"""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from postme.errors import KeepingError, WrongUse

Tick = Callable[[int, int], None]
# More failures in a row than this are a broken program, not difficult pictures.
_IN_A_ROW = 200


def templates(program: Sequence[str], paths: Sequence[str], tick: Tick) -> np.ndarray:
    """The templates (N, d) of pictures, a row of NaN where the program failed. Errors: ``WrongUse``."""
    made: list[list[float] | None] = []
    size = 0
    for number, answer in enumerate(_asked(program, "templates", list(paths)), 1):
        given = answer.get("template")
        if given is None:
            made.append(None)
        else:
            if not isinstance(given, list) or (size and len(given) != size) or not all(isinstance(x, int | float) for x in given):  # fmt: skip
                raise _wrong(program, f"answer {number} holds no template of {size or 'some'} numbers")
            size = len(given)
            made.append(given)
        tick(number, len(paths))
    if not size:
        raise _wrong(program, "it made no template of any picture")
    return np.array([row if row is not None else [math.nan] * size for row in made], np.float32)


def scores(
    program: Sequence[str], pairs: Sequence[tuple[str, str]], kept: Path | None, salt: bytes, tick: Tick
) -> np.ndarray:
    """The score of each pair, NaN where the program failed; those that ``kept`` holds are not asked for again."""
    known = _known(kept) if kept else {}
    keys = [hashlib.blake2b(f"{a}\0{b}".encode(), digest_size=12, key=salt).hexdigest() for a, b in pairs]
    todo = [at for at, key in enumerate(keys) if key not in known]
    done = len(pairs) - len(todo)
    tick(done, len(pairs))
    # A temporary file stands in where nothing is kept, so that there is one road.
    place = kept.open("a") if kept else tempfile.TemporaryFile("w")  # noqa: SIM115
    with place as file:
        answers = _asked(program, "scores", ["\t".join(pairs[at]) for at in todo])
        for number, (at, answer) in enumerate(zip(todo, answers, strict=True), 1):
            value = answer.get("score")
            if value is not None and (not isinstance(value, int | float) or not math.isfinite(value)):
                raise _wrong(program, f"answer {number} holds {value!r} as a score")
            known[keys[at]] = math.nan if value is None else float(value)
            try:
                file.write(f"{keys[at]} {known[keys[at]]!r}\n")
                if number % 200 == 0:
                    file.flush()
            except OSError as error:
                raise KeepingError(
                    "A score could not be kept.",
                    where=str(kept),
                    why=f"{error.strerror or error}. Those before it are.",
                    do="Make room and run the same command again.",
                ) from error
            tick(done + number, len(pairs))
    return np.array([known[key] for key in keys], np.float32)


def _known(kept: Path) -> dict[str, float]:
    """What an earlier run wrote; a last line that was cut off is left out."""
    found: dict[str, float] = {}
    if not kept.exists():
        return found
    for line in kept.read_text(errors="replace").splitlines(keepends=True):
        key, _, value = line.rstrip("\n").partition(" ")
        if line.endswith("\n") and len(key) == 24:
            try:
                found[key] = float(value)
            except ValueError:
                continue
    return found


def _asked(program: Sequence[str], what: str, lines: Sequence[str]) -> Iterator[dict[str, object]]:
    """The program's answers, one for each line, as they come."""
    if not lines:
        return
    for line in lines:
        if "\n" in line or "\r" in line:
            raise WrongUse(
                "A picture's path has a line break in it.",
                where=repr(line),
                why="The program reads one path a line.",
                do="Rename the file.",
            )
    with tempfile.TemporaryFile("w+") as asked, tempfile.TemporaryFile("w+") as said:
        asked.write("\n".join(lines) + "\n")
        asked.seek(0)
        try:
            running = subprocess.Popen([*program, what], stdin=asked, stdout=subprocess.PIPE, stderr=said, text=True)
        except OSError as error:
            raise WrongUse(
                "The matcher could not be started.",
                where=" ".join(program),
                why=f"{error.strerror or error}.",
                do="Give a program that this machine can run.",
            ) from error
        failed = number = 0
        try:
            for number, line in enumerate(running.stdout or (), 1):
                if number > len(lines):
                    raise _wrong(program, "it answered more lines than it was asked")
                try:
                    answer = json.loads(line)
                except ValueError:
                    answer = None
                if not isinstance(answer, dict) or not {"template", "score", "failure"} & set(answer):
                    raise _wrong(program, f"answer {number} is no line of the protocol: {line.strip()[:80]!r}")
                failed = failed + 1 if "failure" in answer else 0
                if failed > _IN_A_ROW:
                    raise _wrong(program, f"it failed {failed} times in a row, last: {str(answer['failure'])[:80]}")
                yield answer
        finally:
            running.kill() if running.poll() is None and number != len(lines) else None
            running.wait()
        if number < len(lines):
            said.seek(0)
            last = said.read()[-300:].strip()
            raise _wrong(program, f"it stopped after {number} of {len(lines)} answers (status {running.returncode}){': ' + last if last else ''}")  # fmt: skip


def _wrong(program: Sequence[str], what: str) -> WrongUse:
    return WrongUse(
        "The matcher did not keep to the protocol.",
        where=" ".join(program),
        why=f"{what[:1].upper()}{what[1:]}.",
        do="See docs/bias-audit.md for the protocol; examples/matcher.py is a small program that keeps to it.",
    )
