"""A small town's catalogue: seven technologies and three makers, so that a test shows every word that it turns on."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from postme import matching, signs
from postme.catalogue import Catalogue, compiled
from postme.scan import Scanner

CONTEXTS: dict[str, list[str]] = {"police": ["police", "sheriff", "law enforcement"]}

CUES = {
    "acts": {
        "acquire": {3: ["(purchase|buy|bought) (of|)", "contract with"], 2: ["cost"]},
        "propose": {3: ["(propose|proposes|proposed) (to|)", "wants to"]},
        "regulate": {3: ["shall not", "prohibits"]},
        "report": {3: ["annual report"]},
        "use": {3: ["(uses|used|flew)"]},
    },
    "steps": {"approved": ["adopted", "approved"], "heard": ["public hearing"], "postponed": ["tabled"]},
}


def technology(id_: str, terms: list[Any], **more: Any) -> dict[str, Any]:
    """A technology's file, as parsed."""
    return {
        "id": id_, "name": id_.replace("_", " ").capitalize(), "kind": "surveillance", "what": "It watches.",
        "cannot_show": "That it is switched on.", "crosswalk": {"atlas": {"term": None, "match": "none"}},
        "terms": terms, "hits": ["Here it is."], "misses": ["Here it is not."], **more,
    }  # fmt: skip


def vendor(
    id_: str, technologies: list[str], terms: list[Any], products: Sequence[Any] = (), **more: Any
) -> dict[str, Any]:
    """A maker's file, as parsed."""
    return {
        "id": id_, "name": id_.replace("-", " ").title(), "source": "made up for tests", "sure": "memory",
        "technologies": technologies, "terms": terms, "products": list(products), "hits": ["Here it is."],
        "misses": ["Here it is not."], **more,
    }  # fmt: skip


DOCUMENTS: tuple[Mapping[str, Any], ...] = (
    technology("alpr", [
        "(license|number) plate (reader|camera)",
        {"text": "ALPR", "capitals": True},
        {"text": "LPR", "capitals": True, "needs": ["@police", "plate"]},
    ]),
    technology("fixed_camera", ["camera", "street camera", {"text": "CCTV", "capitals": True}]),
    technology("body_camera", ["body(-| )worn camera", "body camera"]),
    technology("drone", [
        {"text": "drone", "unless": ["bee"], "unless_before": ["strike"], "unless_after": ["model"]},
        "surveillance drone",
    ]),
    technology("gunshot", ["gunshot detection", "acoustic sensor"]),
    technology("armor", ["armored vehicle"], kind="military"),
    technology("analytics", [{"text": "platform", "needs": ["video"], "within": 30, "certainty": "unsure"}]),
    vendor("corvane", ["alpr"], ["Corvane"], [
        {
            "name": "Hedgerow", "technologies": ["alpr", "fixed_camera"],
            "terms": [{"text": "Hedgerow", "capitals": True}],
        },
    ]),
    vendor("ridgeline", [], ["Ridgeline Systems"]),
    vendor("skylark", ["drone"], [
        {"text": "Skylark", "capitals": True, "needs": ["drone", "flight"], "and_needs": ["@police"]},
    ]),
)  # fmt: skip


def catalogue(*documents: Mapping[str, Any], version: str = "v") -> Catalogue:
    """The catalogue of those documents, or of the whole town."""
    return compiled(documents or DOCUMENTS, CONTEXTS, version)


def scanner(*documents: Mapping[str, Any]) -> Scanner:
    """A scanner for those documents, or for the whole town."""
    known = catalogue(*documents)
    return Scanner(known, matching.best(known), signs.cues(CUES))


def written(folder: Path, *documents: Mapping[str, Any]) -> Path:
    """The documents (or the whole town) as the files of a catalogue folder."""
    for document in documents or DOCUMENTS:
        place = folder / ("technologies" if "kind" in document else "vendors")
        place.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
        (place / f"{document['id']}.yaml").write_text(text)
    if not documents:
        (folder / "contexts.yaml").write_text(yaml.safe_dump(CONTEXTS))
    return folder


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user of this machine may enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="postme-open-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def without_rights(work: Callable[[], str]) -> str:
    """What ``work`` returns when done by somebody who is not root: in a forked child, for root may do anything."""
    if os.getuid() != 0:
        return work()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def as_nobody() -> None:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        there.send(work())

    child = context.Process(target=as_nobody)
    child.start()
    there.close()
    try:
        return str(here.recv())
    finally:
        child.join()
