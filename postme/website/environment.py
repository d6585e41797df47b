"""What the environment may say to the website: one table, checked at the start, each with what it is for.

``docs/run.md`` prints it. A setting that is wrong stops the start with every fault at once, not the first.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from postme.errors import WrongUse
from postme.keeping.store.settings import database


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


def _amount(value: str) -> float:
    number = float(value)
    if not 0 <= number < 1e6:
        raise ValueError("write a number from 0 on, such as 10")
    return number


def _contact(value: str) -> str:
    if not value or re.fullmatch(r"(mailto:)?[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", value):
        return f"mailto:{value.removeprefix('mailto:')}" if value else ""
    if not value.startswith("https://") or any(letter.isspace() or letter in '<>"' for letter in value):
        raise ValueError("write a mail address, or an address with https:// in front")
    return value


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"write one of: {', '.join(words)}")
        return value.lower()

    return read


def _address(value: str) -> str:
    if value and ("@" not in parseaddr(value)[1] or any(one in value for one in "\r\n,")):
        raise ValueError("write one mail address, such as clerk@example.org")
    return value


def _proxies(value: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in value.split(",") if one.strip())
    for one in found:
        ipaddress.ip_network(one)  # its ValueError says what is wrong
    return found


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server: where it is, how it is entered, and whether its line is encrypted from the start (``tls``) or after a word (``starttls``)."""

    host: str
    port: int
    user: str
    password: str
    secure: str


# Source: RFC 8314 (465, encrypted from the start) and RFC 6409 (587, submission).
_MAIL_PORTS = {"smtps": 465, "smtp": 587}


def _mail(value: str) -> Mail | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in _MAIL_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("write smtp://name:password@host:587 or smtps://name:password@host:465")
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    secure = "tls" if parts.scheme == "smtps" else "" if here else "starttls"
    port = parts.port or (25 if here and parts.scheme == "smtp" else _MAIL_PORTS[parts.scheme])
    return Mail(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), secure)


def _mail_key(value: str) -> str:
    if value and not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise ValueError(
            "write 64 hexadecimal digits, made with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it is for, what counts without it, and how its value is read (ValueError: what is wrong).

    ``hidden`` is a value that holds a password or is one: it is never printed.
    """

    name: str
    what: str
    default: str
    read: Callable[[str], object] = str
    hidden: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("POSTME_DATA", "The folder of records, readings, pictures, the log, and, without DATABASE_URL, the database.", "demo-data", Path),
    Setting("POSTME_SITE", "The address that readers use, with https:// in front. Cookies and links follow it.", "http://localhost:8000", _site),
    Setting("DATABASE_URL", "A PostgreSQL server: postgresql://name:password@host:5432/database. Without it, an SQLite file in POSTME_DATA.", "", hidden=True),
    Setting("POSTME_SECRET", "A long random text that signs cookies. Without it, one is made and kept in POSTME_DATA.", "", hidden=True),
    Setting("POSTME_LOG_NAME", "The name of the log in its checkpoints. Without it, the site's host and /log.", ""),
    Setting("POSTME_LAWS", "Folders of a town's own law files, beside those that come with postme.", "", _folders),
    Setting("POSTME_CATALOGUES", "Folders of a town's own names of products and makers.", "", _folders),
    Setting("POSTME_TWO_FACTOR", "1 asks everyone at the desk for a second factor beside the password. 0 only to try things out; every desk page then says so.", "1", _flag),
    Setting("POSTME_OPERATOR", "Who runs this site, as the page about it says.", ""),
    Setting("POSTME_CONTACT", "Where to write about the site or a hole in it: a mail address or an https address. It is public, in /about/ and security.txt.", "", _contact),
    Setting("POSTME_RATE", "How many times a second one visitor may ask for data; a whole table counts as ten, and all of them may be taken twice in one go. 0: no limit.", "10", _amount),
    Setting("POSTME_BURST", "How many times in one go.", "60", _amount),
    Setting("POSTME_TRUST_PROXY", "1 if every visitor comes through a proxy of yours that sets X-Forwarded-For. Without one, anybody could pretend to be anybody.", "0", _flag),
    Setting("POSTME_MAIL_URL", "The mail server: smtps://name:password@host:465, or smtp://…:587, which is encrypted too unless it is this machine. Without it, no mail is sent.", "", _mail, hidden=True),
    Setting("POSTME_MAIL_FROM", "The address that mail comes from. Needed with POSTME_MAIL_URL.", "", _address),
    Setting("POSTME_MAIL_STAFF", "The address of those who answer error reports: they are told of each. Without it, nobody is told by mail.", "", _address),
    Setting("POSTME_MAIL_FILES", "1 writes each mail into a file of the folder outbox in POSTME_DATA, where no mail server is named. Only to try things out: whoever reads the files can confirm what others wrote.", "0", _flag),
    Setting("POSTME_MAIL_KEY", "The key that closes mail addresses in the database: 64 hexadecimal digits. Without it, one is made and kept in POSTME_DATA, in the file mail-key.", "", _mail_key, hidden=True),
    Setting("POSTME_JOBS", "now does what takes long while somebody waits; worker leaves it to `python -m postme.website db_worker`.", "now", _one_of("now", "worker")),
    Setting("POSTME_PROXIES", "Addresses or networks of the web servers in front, with commas between. Only they may say that a request came by https.", "127.0.0.1,::1", _proxies),
    Setting("POSTME_HOSTS", "How many machines serve this site. More than one need PostgreSQL, one POSTME_SECRET, and a shared POSTME_DATA.", "1", _number(1, 100)),
    Setting("POSTME_WORKERS", "Processes that answer. Two for each core is plenty.", "2", _number(1, 64)),
    Setting("POSTME_THREADS", "Requests that one process answers at once.", "4", _number(1, 64)),
    Setting("POSTME_LOG_LEVEL", "What is written down of the site’s work: info, warning or error. No level holds personal data.", "info", _one_of("info", "warning", "error")),
    Setting("POSTME_DEBUG", "1 shows the inside of errors. Never in public.", "0", _flag),
)  # fmt: skip


# Chosen: what token_urlsafe(32) gives; less could be guessed.
_SHORTEST_SECRET = 43
_PLACEHOLDER = re.compile(r"change.?me|secret|password|insecure|example|(.)\1{7}", re.I)
# A name that only this machine can mean.
_OWN_HOST = re.compile(r"localhost|.*\.localhost", re.I)


def _public(values: Mapping[str, object]) -> bool:
    host = urlsplit(str(values["POSTME_SITE"])).hostname or ""
    with contextlib.suppress(ValueError):  # a name
        return ipaddress.ip_address(host).is_global
    return not _OWN_HOST.fullmatch(host)


def _several_hosts(values: Mapping[str, object]) -> bool:
    return values["POSTME_HOSTS"] != 1


# What no single setting shows: settings that are dangerous together. Each: the setting to mend, when, and what to say.
DANGERS: tuple[tuple[str, Callable[[Mapping[str, object]], bool], str], ...] = (
    ("POSTME_DEBUG", lambda v: bool(v["POSTME_DEBUG"]) and _public(v), "the inside of errors would be shown to everyone; leave it out on a public site"),
    ("POSTME_TWO_FACTOR", lambda v: not v["POSTME_TWO_FACTOR"] and _public(v), "a stolen password would be enough to publish; leave it out on a public site"),
    ("POSTME_SITE", lambda v: _public(v) and str(v["POSTME_SITE"]).startswith("http://"), "passwords would travel in the open; write https:// and put a web server with a certificate in front"),
    ("POSTME_SECRET", lambda v: bool(v["POSTME_SECRET"]) and (len(str(v["POSTME_SECRET"])) < _SHORTEST_SECRET or bool(_PLACEHOLDER.search(str(v["POSTME_SECRET"])))),
     f"it can be guessed, and whoever guesses it can sign in as anyone; leave it out, or take {_SHORTEST_SECRET} random characters or more"),
    ("POSTME_SECRET", lambda v: not v["POSTME_SECRET"] and _several_hosts(v), "several machines must share one; make it with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"),
    ("DATABASE_URL", lambda v: not v["DATABASE_URL"] and _several_hosts(v), "an SQLite file belongs to one machine; several need a PostgreSQL server"),
    ("POSTME_PROXIES", lambda v: any(ipaddress.ip_network(one).prefixlen == 0 for one in cast("tuple[str, ...]", v["POSTME_PROXIES"])), "anyone could say that a request came encrypted; name the web server’s own address"),
    ("POSTME_MAIL_FROM", lambda v: bool(v["POSTME_MAIL_URL"]) and not v["POSTME_MAIL_FROM"], "mail needs a sender"),
    ("POSTME_MAIL_FILES", lambda v: bool(v["POSTME_MAIL_FILES"]) and _public(v), "nobody would get a mail, and the files hold everybody’s links; name a mail server on a public site"),
    ("POSTME_MAIL_URL", lambda v: bool(v["POSTME_MAIL_STAFF"]) and not v["POSTME_MAIL_URL"], "without a mail server nobody can be told"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What the environment says of one setting: its value as it may be shown, whether it is the default, and what is wrong with it."""

    setting: Setting
    shown: str
    default: bool
    faults: tuple[str, ...]


def said(given: Mapping[str, str] | None = None) -> tuple[Said, ...]:
    """Every setting as the environment says it, with every fault; secrets hidden.

    >>> [one.faults for one in said({"POSTME_WORKERS": "many"}) if one.faults]
    [('write a whole number from 1 to 64',)]
    """
    values, found = _looked_at(os.environ if given is None else given)
    return tuple(
        Said(setting, _shown(setting, raw), not raw, tuple(found[setting.name]))
        for setting, raw in ((one, str(values[f"{one.name} as given"])) for one in SETTINGS)
    )


def _shown(setting: Setting, raw: str) -> str:
    if setting.hidden:
        return "(hidden)" if raw else ""
    return raw or setting.default


def _looked_at(given: Mapping[str, str]) -> tuple[dict[str, object], dict[str, list[str]]]:
    values: dict[str, object] = {}
    faults: dict[str, list[str]] = {setting.name: [] for setting in SETTINGS}
    for setting in SETTINGS:
        raw = given.get(setting.name, "").strip()
        values[f"{setting.name} as given"] = raw
        try:
            values[setting.name] = setting.read(raw or setting.default)
        except ValueError as error:
            faults[setting.name].append(str(error))
            values[setting.name] = setting.read(setting.default)
    for name, dangerous, why in DANGERS:
        if not faults[name] and dangerous(values):
            faults[name].append(why)
    try:
        database(str(values["DATABASE_URL"]), "")
    except (WrongUse, ValueError) as error:
        faults["DATABASE_URL"].append(error.do if isinstance(error, WrongUse) else "its port is no number")
    return values, faults


class Environment:
    """The settings as they were read. Raises WrongUse that lists every fault, and shows no secret."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._values, found = _looked_at(os.environ if given is None else given)
        faults = [
            f"{one.name}{'' if one.hidden else f' is {_shown(one, self._given(one))!r}'}: {fault}"
            for one in SETTINGS
            for fault in found[one.name]
        ]
        if faults:
            raise WrongUse(
                "; ".join(faults) + ".", where="environment", why="The site would not be what you meant it to be, so it does not start.",
                do="Mend them; `python -m postme.website check_environment` and docs/run.md list every setting.",
            )  # fmt: skip

    def _given(self, setting: Setting) -> str:
        return str(self._values[f"{setting.name} as given"])

    def text(self, name: str) -> str:
        """A setting that is words."""
        return str(self._values[name])

    def given(self, name: str) -> bool:
        """Whether somebody set it, or its default counts."""
        return bool(self._values[f"{name} as given"])

    def flag(self, name: str) -> bool:
        """A setting that is yes or no."""
        return bool(self._values[name])

    def amount(self, name: str) -> float:
        """A setting that is a number."""
        return float(str(self._values[name]))

    def folder(self, name: str) -> Path:
        """A setting that is one folder, by its whole path."""
        return Path(self.text(name)).resolve()

    def folders(self, name: str) -> tuple[Path, ...]:
        """A setting that is some folders."""
        found = self._values[name]
        return found if isinstance(found, tuple) else _folders(str(found))

    def number(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(self.text(name))

    def networks(self, name: str) -> tuple[str, ...]:
        """A setting that is some addresses or networks."""
        return cast("tuple[str, ...]", self._values[name])

    @property
    def mail(self) -> Mail | None:
        """The mail server, if there is one."""
        return cast("Mail | None", self._values["POSTME_MAIL_URL"])

    @property
    def secret(self) -> str:
        """The secret: as given, else one that is made once and kept where only its owner can read it."""
        if given := self.text("POSTME_SECRET"):
            return given
        kept = self.folder("POSTME_DATA") / "secret"
        if not kept.exists():
            kept.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            draft = kept.with_name(f".draft-{secrets.token_hex(8)}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
            with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
                os.link(draft, kept)
            draft.unlink()
        return kept.read_text().strip()
