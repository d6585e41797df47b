"""Two hundred fresh passages of real records: drawn by a stated rule, labelled by reading, kept here without their text.

    python tests/accuracy/fresh.py draw OUT.jsonl     the passages, without labels, for whoever labels them
    python tests/accuracy/fresh.py keep LABELLED      keep the labels beside this file, by reference to the records
    python tests/accuracy/fresh.py join OUT.jsonl     labels and text together again, for: postme evaluate OUT.jsonl

The rule. A passage is a paragraph of 200 to 1,200 characters (shorter neighbors joined, longer ones cut at a sentence)
of the New York City Council's legislation or the New Orleans City Council's minutes. Passages of documents that the
development labels use are left out. With a fixed seed are drawn: 60 among those that hold a word of weapons or
munitions, 40 among those that hold a word of the military, armor, helicopters or heavy vehicles, 50 among those that hold
a word of watching or recording, and 50 among all. Needs POSTME_TEST_DATA.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SEED = 20261123
LABELS = Path(__file__).with_name("fresh-labels.jsonl")
WEAPONS = re.compile(
    r"\b(rifles?|firearms?|weapons?|ammunition|munitions?|grenades?|explosives?|tear gas|pepper|shotguns?|launchers?|batons?|projectiles?|bullets?|gas masks?)\b",
    re.IGNORECASE,
)
HEAVY = re.compile(
    r"\b(military|army|tactical|swat|armou?red|tanks?|helicopters?|national guard|riot|surplus|command (?:post|vehicle|center)|night vision|robots?)\b",
    re.IGNORECASE,
)
WATCHING = re.compile(
    r"\b(cameras?|surveillance|video|monitoring|tracking|gps|drones?|unmanned|biometric|facial|license plates?|location data|recordings?|database|software|sensors?|algorithm\w*)\b",
    re.IGNORECASE,
)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where the passages of a text stand."""
    start: int | None = None
    end = 0
    for match in re.finditer(r"[^\n]+(?:\n(?!\s*\n)[^\n]+)*", text):
        if start is None:
            start = match.start()
        end = match.end()
        while end - start > 1200:
            cut = max(
                text.rfind(". ", start + 200, start + 1200) + 1,
                text.rfind("\n", start + 200, start + 1200),
                start + 600,
            )
            yield start, cut
            start = cut
        if end - start >= 200:
            yield start, end
            start = None


def documents(data: Path) -> Iterator[tuple[str, str]]:
    """(key, text) of every document: the file number of a matter, the name and page of a PDF."""
    import polars
    import pypdfium2

    used = {json.loads(line)["origin"] for line in (data / "labels/dev.jsonl").read_text().splitlines()}
    matters = polars.read_parquet(data / "nyc/matters.parquet").sort("path", "file")
    for path, summary, text in matters.select("path", "summary", "text").iter_rows():
        if f"jehiah/nyc_legislation:{path}" not in used:
            yield f"nyc:{path}", "\n\n".join(part for part in (summary, text) if part)
    for pdf in sorted((data / "new-orleans/minutes").glob("*.pdf")):
        if any(pdf.name in origin for origin in used):
            continue
        document = pypdfium2.PdfDocument(pdf)
        for number in range(len(document)):
            yield f"new-orleans:{pdf.name}#{number + 1}", document[number].get_textpage().get_text_range()


def drawn(data: Path) -> list[dict[str, object]]:
    """The two hundred, in an order that tells nothing of why they were drawn."""
    every = [(key, start, end, text[start:end]) for key, text in documents(data) for start, end in paragraphs(text)]
    chance = random.Random(SEED)
    chosen: dict[tuple[str, int], tuple[str, int, int, str]] = {}
    for pattern, count in ((WEAPONS, 60), (HEAVY, 40), (WATCHING, 50), (None, 50)):
        pool = [one for one in every if (pattern is None or pattern.search(one[3])) and one[:2] not in chosen]
        chosen.update({one[:2]: one for one in chance.sample(pool, count)})
    rows = list(chosen.values())
    chance.shuffle(rows)
    return [
        {"id": f"f{number:03}", "key": key, "start": start, "end": end, "sha256": _hash(text), "text": text}
        for number, (key, start, end, text) in enumerate(rows)
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def main() -> None:
    """See the module's docstring."""
    what, path = sys.argv[1], Path(sys.argv[2])
    if what == "keep":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        LABELS.write_text(
            "".join(json.dumps({key: value for key, value in row.items() if key != "text"}) + "\n" for row in rows)
        )
        return
    passages = drawn(Path(os.environ["POSTME_TEST_DATA"]))
    if what == "join":
        labels = {row["id"]: row for row in map(json.loads, LABELS.read_text().splitlines())}
        wrong = [row["id"] for row in passages if labels[str(row["id"])]["sha256"] != row["sha256"]]
        if wrong:
            raise SystemExit(f"These passages are not the ones that were labelled: {', '.join(map(str, wrong))}")
        passages = [{**row, **labels[str(row["id"])]} for row in passages]
    path.write_text("".join(json.dumps(row) + "\n" for row in passages))


if __name__ == "__main__":
    main()
