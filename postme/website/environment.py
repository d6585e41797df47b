"""What the environment may say to the website: one table, checked at the start, each with what it is for.

``docs/run.md`` prints it. A setting that is wrong stops the start with every fault at once, not the first.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from postme.errors import WrongUse


def _flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("", "0", "false", "no", "off"):
        return False
    raise ValueError("write 1 or 0")


def _site(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("write an address such as https://oversight.example.org")
    return value.rstrip("/")


def _folders(value: str) -> tuple[Path, ...]:
    found = tuple(Path(one) for one in value.split(os.pathsep) if one)
    for folder in found:
        if not folder.is_dir():
            raise ValueError(f"there is no folder {folder}")
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it is for, what counts without it, and how its value is read (ValueError: what is wrong)."""

    name: str
    what: str
    default: str
    read: Callable[[str], object] = str


SETTINGS: tuple[Setting, ...] = (
    Setting("POSTME_DATA", "The folder of records, readings, pictures, the log, and, without DATABASE_URL, the database.", "demo-data", Path),
    Setting("POSTME_SITE", "The address that readers use, with https:// in front. Cookies and links follow it.", "http://localhost:8000", _site),
    Setting("DATABASE_URL", "A PostgreSQL server: postgresql://name:password@host:5432/database. Without it, an SQLite file in POSTME_DATA.", ""),
    Setting("POSTME_SECRET", "A long random text that signs cookies. Without it, one is made and kept in POSTME_DATA.", ""),
    Setting("POSTME_LOG_NAME", "The name of the log in its checkpoints. Without it, the site's host and /log.", ""),
    Setting("POSTME_LAWS", "Folders of a town's own law files, beside those that come with postme.", "", _folders),
    Setting("POSTME_CATALOGUES", "Folders of a town's own names of products and makers.", "", _folders),
    Setting("POSTME_DEBUG", "1 shows the inside of errors. Never in public.", "0", _flag),
)  # fmt: skip


class Environment:
    """The settings as they were read; ``one["POSTME_SITE"]``. Raises WrongUse that lists every fault."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        env = os.environ if given is None else given
        faults = []
        self._values: dict[str, object] = {}
        for setting in SETTINGS:
            value = env.get(setting.name, "").strip() or setting.default
            try:
                self._values[setting.name] = setting.read(value)
            except ValueError as error:
                faults.append(f"{setting.name} is '{value}': {error}")
        if faults:
            raise WrongUse(
                "; ".join(faults) + ".", where="environment", why="The site would not be what you meant it to be, so it does not start.",
                do="Mend them; docs/run.md lists every setting.",
            )  # fmt: skip

    def text(self, name: str) -> str:
        """A setting that is words."""
        return str(self._values[name])

    def flag(self, name: str) -> bool:
        """A setting that is yes or no."""
        return bool(self._values[name])

    def folder(self, name: str) -> Path:
        """A setting that is one folder, by its whole path."""
        return Path(self.text(name)).resolve()

    def folders(self, name: str) -> tuple[Path, ...]:
        """A setting that is some folders."""
        found = self._values[name]
        return found if isinstance(found, tuple) else _folders(str(found))

    @property
    def secret(self) -> str:
        """The secret: as given, else one that is made once and kept where only its owner can read it."""
        if given := self.text("POSTME_SECRET"):
            return given
        kept = self.folder("POSTME_DATA") / "secret"
        if not kept.exists():
            kept.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
        return kept.read_text().strip()
