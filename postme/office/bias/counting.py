"""The counting of an audit: tile after tile, kept so that a kill loses minutes, shared out over machines, put together.

What is kept to resume lies in one folder: scores above the floor between numbered people, their labels, and a plan.
The numbers come from a salt; no template, no picture's name and no person's identifier is in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from postme.bias import BiasAudit, kernel
from postme.bias.audit import Attributes, ordered, usable_rows
from postme.errors import KeepingError, WrongUse
from postme.keeping import writing
from postme.office import sweep
from postme.office.bias import hands

FORMAT = "postme-audit-work-1"
# A part is written after so many seconds of counting: this much is lost to a kill.
_SECONDS = 5.0
# A tile that loses its worker is tried again so often.
_TRIES = 5

Tick = Callable[[int, int], None]


def nothing(_done: int, _all: int) -> None:
    """A tick that tells nobody."""


@dataclass(frozen=True)
class Source:
    """The templates' file, who is in each row, and their labels by row."""

    path: Path
    templates: np.ndarray
    subjects: Sequence[str]
    attributes: Attributes

    def digest(self) -> str:
        """A hash over the file's bytes, the subjects and the labels: what has been counted belongs to this alone."""
        with self.path.open("rb") as file:
            told = hashlib.file_digest(file, "sha256")
        told.update(json.dumps([list(self.subjects), {k: list(v) for k, v in self.attributes.items()}]).encode())
        return told.hexdigest()


def counted(
    source: Source, *, targets: Sequence[float], thresholds: Sequence[float], seed: int, work: Path | None = None,
    shard: tuple[int, int] = (1, 1), cluster: str | None = None, jobs: int = 0, floor: float | None = None, tick: Tick = nothing,
) -> BiasAudit | None:  # fmt: skip
    """Every tile counted, those that ``work`` holds already taken from there.

    ``shard`` (k, n): only every n-th tile, beginning with the k-th; then None is returned, for ``merged``. ``cluster``:
    the address of a Dask scheduler whose workers see the same files. Errors: ``WrongUse`` when the work folder belongs
    to other inputs; ``KeepingError`` when it cannot be written.
    """
    plan = _plan(source, targets, thresholds, seed, work)
    salt = bytes.fromhex(plan["salt"])
    audit = BiasAudit.from_templates(source.templates, source.subjects, source.attributes, salt=salt, seed=seed)
    begin = plan.get("floor")
    begin = audit.floor(targets, thresholds) if begin is None else begin
    begin = begin if floor is None else min(floor, begin)
    if work:
        _keep_plan(work, plan | {"floor": begin})
        _keep_people(work, audit)
    every = audit.tiles()
    done = _parts(work, plan["inputs"], begin) if work else {}
    mine = [at for at in range(len(every)) if at % shard[1] == shard[0] - 1]
    todo = [at for at in mine if at not in done]
    total, begun = len(mine), len(mine) - len(todo)
    tick(begun, total)
    makers = (
        _on_cluster(cluster, source, salt, [every[at] for at in todo], begin)
        if cluster
        else hands.tails(audit.rows, [every[at] for at in todo], begin, jobs)  # type: ignore[arg-type]
    )
    pending: dict[int, kernel.Tail] = {}
    since = time.monotonic()
    for number, (at, (_, tail)) in enumerate(zip(todo, makers, strict=True), 1):
        done[at] = tail
        pending[at] = tail
        if work and (time.monotonic() - since > _SECONDS or number == len(todo)):
            _keep_part(work, plan["inputs"], begin, pending, audit.person)
            pending, since = {}, time.monotonic()
        tick(begun + number, total)
    if shard[1] > 1:
        return None
    return audit.with_tail([done[at] for at in range(len(every))], begin)


def merged(folders: Sequence[Path]) -> tuple[BiasAudit, dict[str, Any]]:
    """The parts of one audit, counted in one or several places, put together without the templates; and their plan.

    Errors: ``WrongUse`` when they belong to different audits, or tiles are missing.
    """
    plans = [_read_plan(folder) for folder in folders]
    if len({(plan["inputs"], plan["salt"], plan["floor"]) for plan in plans}) != 1:
        raise WrongUse(
            "These are parts of different audits.",
            where=", ".join(map(str, folders)),
            why="Their inputs, their numbering or where their tails begin differ.",
            do="Copy one plan.json to every machine before it begins, and run all shards from it.",
        )
    plan = plans[0]
    done: dict[int, kernel.Tail] = {}
    for folder in folders:
        done |= _parts(folder, plan["inputs"], plan["floor"])
    with np.load(folders[0] / "people.npz", allow_pickle=False) as kept:
        person, images, lost = kept["person"], kept["images"], kept["lost"]
        mates = kernel.Tail(kept["mate_score"], kept["mate_i"], kept["mate_j"])
        labels = json.loads(bytes(kept["labels"]).decode())
    every = list(kernel.tiles(len(person)))
    missing = [at for at in range(len(every)) if at not in done]
    if missing:
        raise WrongUse(
            f"{len(missing)} of {len(every)} tiles are missing.",
            where=", ".join(map(str, folders)),
            why="A count without them would be too low.",
            do="Run the shards that are not finished once more; they go on where they stopped.",
        )
    audit = BiasAudit(labels, images, lost, mates=mates, person=person, seed=plan["seed"])
    tail = kernel.joined([done[at] for at in range(len(every))], person)
    return replace(audit, tail=tail, begins=plan["floor"]), plan


# --- the work folder -------------------------------------------------------------------------------------------------


def _plan(source: Source, targets: Sequence[float], thresholds: Sequence[float], seed: int, work: Path | None) -> dict[str, Any]:  # fmt: skip
    inputs = source.digest()
    if work and (work / "plan.json").exists():
        plan = _read_plan(work)
        if plan["inputs"] and plan["inputs"] != inputs:
            raise WrongUse(
                "The work folder belongs to other templates or labels.",
                where=str(work),
                why="Counts of two inputs would be mixed.",
                do="Name another folder with --work, or delete this one.",
            )
        if [plan["targets"], plan["thresholds"]] != [list(targets), list(thresholds)]:
            plan["floor"] = None
        return plan | {"inputs": inputs, "targets": list(targets), "thresholds": list(thresholds)}
    # Of the inputs themselves: unknown to whoever has not got them, and the same seed still gives the same numbers.
    salt = hashlib.blake2b(bytes.fromhex(inputs), person=b"postme-audit", digest_size=32).hexdigest()
    return {
        "format": FORMAT, "salt": salt, "inputs": inputs, "targets": list(targets), "thresholds": list(thresholds), "seed": seed, "floor": None,
    }  # fmt: skip


def _read_plan(work: Path) -> dict[str, Any]:
    try:
        plan: dict[str, Any] = json.loads((work / "plan.json").read_bytes())
    except (OSError, ValueError) as error:
        raise WrongUse(
            "There is no plan of an audit here.",
            where=str(work),
            why=f"{type(error).__name__}.",
            do="Name the folder that --work was given.",
        ) from error
    if not isinstance(plan, dict) or plan.get("format") != FORMAT:
        raise WrongUse(
            "The plan is of another kind or version.",
            where=str(work / "plan.json"),
            why="It cannot be gone on with.",
            do="Begin anew in another folder.",
        )
    return plan


def _keep_plan(work: Path, plan: dict[str, Any]) -> None:
    _kept(work, "plan.json", json.dumps(plan, indent=1).encode())


def _keep_people(work: Path, audit: BiasAudit) -> None:
    if (work / "people.npz").exists():
        return
    mates = kernel.genuine(audit.rows, audit.person)  # type: ignore[arg-type]
    labels = json.dumps({name: list(values) for name, values in audit.attributes.items()}).encode()
    _kept(work, "people.npz", _packed(
        person=audit.person, images=audit.images, lost=audit.lost, mate_score=mates.score, mate_i=mates.i, mate_j=mates.j, labels=np.frombuffer(labels, np.uint8),
    ))  # fmt: skip


def _keep_part(work: Path, inputs: str, floor: float, tails: dict[int, kernel.Tail], person: np.ndarray) -> None:
    if not tails:
        return
    # One person's own pairs are counted as genuine elsewhere: what is kept holds impostors alone.
    own = {at: person[tail.i] != person[tail.j] for at, tail in tails.items()}
    sizes = np.array([int(own[at].sum()) for at in tails])
    score, i, j = (np.concatenate([getattr(tail, part)[own[at]] for at, tail in tails.items()]) for part in ("score", "i", "j"))  # fmt: skip
    name = f"tiles-{min(tails):06d}-{len(tails)}.npz"
    tiles = np.array(list(tails))
    _kept(work, name, _packed(tiles=tiles, sizes=sizes, score=score, i=i, j=j, floor=np.array([floor]), inputs=np.frombuffer(inputs.encode(), np.uint8)))  # fmt: skip


def _parts(work: Path, inputs: str, floor: float) -> dict[int, kernel.Tail]:
    """The tiles that are done from ``floor`` up, or from lower; a part that cannot be read is left out and made again."""
    done: dict[int, kernel.Tail] = {}
    for path in sorted(work.glob("tiles-*.npz")):
        try:
            with np.load(path, allow_pickle=False) as kept:
                if bytes(kept["inputs"]).decode() != inputs or float(kept["floor"][0]) > floor:
                    continue
                ends = np.cumsum(kept["sizes"])
                score, i, j = kept["score"], kept["i"], kept["j"]
                for at, end, size in zip(kept["tiles"].tolist(), ends.tolist(), kept["sizes"].tolist(), strict=True):
                    part = np.arange(end - size, end)[score[end - size : end] >= np.float32(floor)]
                    done[at] = kernel.Tail(score[part], i[part], j[part])
        except (OSError, ValueError, KeyError, EOFError):
            path.unlink(missing_ok=True)
    return done


def _packed(**arrays: np.ndarray) -> bytes:
    room = io.BytesIO()
    np.savez(room, **arrays)  # type: ignore[arg-type]
    return room.getvalue()


def _kept(work: Path, name: str, data: bytes) -> None:
    try:
        work.mkdir(parents=True, exist_ok=True, mode=0o700)
        writing.written(work / name, data)
    except OSError as error:
        raise KeepingError(
            "What was counted could not be kept.",
            where=str(work / name),
            why=f"{error.strerror or error}. Nothing counted before is lost.",
            do="Make room, or name another folder with --work, and run the same command again.",
        ) from error


# --- on a cluster ----------------------------------------------------------------------------------------------------


def _on_cluster(
    address: str, source: Source, salt: bytes, tiles: Sequence[kernel.Tile], floor: float
) -> Iterator[tuple[kernel.Tile, kernel.Tail]]:
    """The tails from the workers of a Dask cluster, in order; a tile whose worker died is given to another."""
    client, number, death = sweep.cluster(address)
    import distributed

    # The order of the rows, and no template: workers read those where they lie.
    order = ordered(source.subjects, usable_rows(source.templates), salt).rows.astype(np.int64).tobytes()
    key = hashlib.sha256(order + str(source.path).encode()).hexdigest()
    lost = (death, distributed.CancelledError)

    def given(tile: kernel.Tile) -> Any:
        return client.submit(
            _tail_there, str(source.path.resolve()), key, order, tile, floor, pure=False, retries=_TRIES
        )

    try:
        left = iter(tiles)
        under_way = deque((tile, given(tile)) for tile in islice(left, number * 3))
        while under_way:
            tile, future = under_way.popleft()
            for attempt in range(_TRIES):
                try:
                    yield tile, future.result()
                    break
                except lost:
                    if attempt == _TRIES - 1:
                        raise
                    future = given(tile)
            under_way.extend((one, given(one)) for one in islice(left, 1))
    finally:
        client.close()


def _tail_there(path: str, key: str, order: bytes, tile: kernel.Tile, floor: float) -> kernel.Tail:
    """One tile on a worker, which keeps the rows in memory for the next and writes nothing."""
    with threadpool_limits(1, "blas"):
        return kernel.tail(_rows_there(path, key, order), tile, floor)


@lru_cache(maxsize=1)
def _rows_there(path: str, _key: str, order: bytes) -> np.ndarray:
    from postme.reading.bias import templates

    # The key is what the cache tells runs apart by without comparing a long order each time.
    return kernel.unit(templates.read(Path(path))[np.frombuffer(order, np.int64)])
