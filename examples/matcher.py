#!/usr/bin/env python3
"""A stand-in for a vendor's matcher, to show the protocol of ``postme bias audit --matcher``. It recognises nobody.

Its "template" of a picture is the picture's own bytes, counted by value in 32 bins: enough that two copies of a file
are alike and two different files are less so. Empty files fail, as a picture without a face would.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path


def template(path: str) -> list[float] | None:
    """32 numbers of length 1, or None when nothing can be made of the file."""
    data = Path(path).read_bytes()
    if not data:
        return None
    counts = [0.0] * 32
    for byte in data:
        counts[byte // 8] += 1
    middle = sum(counts) / 32
    shifted = [one - middle for one in counts]
    length = math.sqrt(sum(one * one for one in shifted)) or 1.0
    return [one / length for one in shifted]


def answer(what: str, line: str) -> dict[str, object]:
    """One answer of the protocol."""
    made = []
    for path in line.split("\t"):
        one = template(path)
        if one is None:
            return {"failure": "nothing found in the picture"}
        made.append(one)
    if what == "templates":
        return {"template": made[0]}
    return {"score": sum(a * b for a, b in zip(*made, strict=True))}


if __name__ == "__main__":
    for asked in sys.stdin:
        sys.stdout.write(json.dumps(answer(sys.argv[1], asked.rstrip("\n"))) + "\n")
        sys.stdout.flush()
