"""Remembers which logs somebody has checked, and how they were then, so that a rewritten history is noticed later.

The file is one JSON object in the data folder: ``{"sites": {site: {"key", "since"}}, "logs": {key: {"note", "since", "seen"}}}``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from postme.errors import KeepingError
from postme.keeping.writing import written

_NAME = "logs-seen.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """A log as it was when it was last checked: its signed checkpoint; ``since`` is the day of the first time, as ``2026-11-23``."""

    note: str
    since: str


class Memory:
    """The logs that the owner of a data folder has checked. Raises KeepingError for a file that is damaged or cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / _NAME

    def key_of(self, site: str) -> str:
        """The key that the site had when it was first checked; empty for a site that never was."""
        return str(self._read()["sites"].get(site, {}).get("key", ""))

    def log(self, key: str) -> Seen | None:
        """What was last seen of the log with that key."""
        found = self._read()["logs"].get(key)
        return Seen(found["note"], found["since"]) if found else None

    def keep(self, key: str, note: str, now: datetime, *, site: str = "") -> None:
        """Remember a checkpoint that was checked, and the site's key. The caller has seen that it continues the one before."""
        said = self._read()
        since = said["logs"].get(key, {}).get("since") or f"{now:%Y-%m-%d}"
        said["logs"][key] = {"note": note, "since": since, "seen": f"{now:%Y-%m-%d}"}
        if site and said["sites"].get(site, {}).get("key") != key:
            said["sites"][site] = {"key": key, "since": f"{now:%Y-%m-%d}"}
        self._write(self._place, json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n")

    def evidence(self, old: str, new: str) -> Path:
        """Keep two signed checkpoints that contradict each other, for others to see: where they lie."""
        text = f"{old}\n{'=' * 40}\n\n{new}"
        place = self.folder / f"log-evidence-{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"
        self._write(place, text)
        return place

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            said = json.loads(self._place.read_text(encoding="utf-8"))
            good = all(isinstance(one["note"], str) and isinstance(one["since"], str) for one in said["logs"].values())
            if not good or not all(isinstance(one["key"], str) for one in said["sites"].values()):
                raise ValueError("a key or a checkpoint is no text")
        except FileNotFoundError:
            return {"sites": {}, "logs": {}}
        except OSError as error:
            raise self._trouble(error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KeepingError(
                "The list of logs that you have checked is damaged.", where=str(self._place),
                why="Without it a log that was rewritten since you last looked would not be noticed.",
                do="Restore it from a backup. If you delete it, every log counts as seen for the first time.",
            ) from error  # fmt: skip
        return {"sites": said["sites"], "logs": said["logs"]}

    def _write(self, place: Path, text: str) -> None:
        """Whole, or not at all."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            written(place, text.encode("utf-8"), synced=True)
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> KeepingError:
        return KeepingError(
            f"What was seen of logs could not be kept or read ({error.strerror or error}).", where=str(self._place),
            why="A log that is rewritten later would not be noticed.", do="Choose another data folder with --data, or free some space.",
        )  # fmt: skip
