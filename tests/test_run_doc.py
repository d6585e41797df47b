"""docs/run.md can be followed: its commands run in order in a folder of their own, and what it installs is accepted by who reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "run.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))


def test_the_commands_of_the_document_run_in_order_and_end_with_a_restored_site(tmp_path: Path) -> None:
    """Blocks marked ``sh`` are run; those marked ``console`` change the machine (packages, accounts, services)."""
    own = {
        "/etc/postme": tmp_path / "etc", "/usr/local/sbin": tmp_path / "bin", "/var/lib/postme": tmp_path / "data",
        "/var/backups/postme": tmp_path / "backups", "/opt/postme/bin": Path(sys.executable).parent, "runuser -u postme -- ": "",
    }  # fmt: skip

    def here(text: str) -> str:
        for there, place in own.items():
            text = text.replace(there, str(place))
        return text

    for name in ("bin", "data", "backups", "source/deploy"):
        (tmp_path / name).mkdir(parents=True)
    for path in (ROOT / "deploy").iterdir():
        (tmp_path / "source" / "deploy" / path.name).write_text(here(path.read_text()))
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("POSTME_", "DATABASE_URL", "DJANGO_"))
    }
    env = {
        **kept,
        "PATH": f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    assert len(BLOCKS) > 5
    said = ""
    for block in BLOCKS:
        ran = subprocess.run(["sh", "-eu", "-c", here(block)], cwd=tmp_path / "source", env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        assert ran.returncode == 0, f"{block}\n{ran.stdout}{ran.stderr}"
        said += ran.stdout + ran.stderr
    assert "All settings are good." in said
    assert (tmp_path / "data" / "postme.sqlite3").is_file()
    assert list((tmp_path / "data" / "static").glob("*/staticfiles.json"))
    assert (tmp_path / "backups" / "today.tar.zst").is_file()
    assert (tmp_path / "data" / "restored" / "postme.sqlite3").is_file()
    assert (tmp_path / "etc" / "settings").stat().st_mode & 0o777 == 0o640


def test_every_file_that_the_document_installs_is_there_and_every_unit_is_installed() -> None:
    named = set(re.findall(r"postme[\w-]*\.(?:service|timer)", TEXT))
    assert {path.name for path in UNITS} >= named
    for path in UNITS:
        if path.suffix == ".timer":
            assert path.with_suffix(".service") in UNITS
            assert path.name in named


@pytest.mark.parametrize("unit", [path.name for path in UNITS])
def test_systemd_accepts_the_unit_and_finds_it_well_guarded(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here.")
    for path in UNITS:
        text = path.read_text().replace("/opt/postme/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in verified.stderr.splitlines() if unit in line or "postme" in line]
    assert complaints == []
    if unit.endswith(".service"):
        for needed in (
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "PrivateTmp=yes",
            "User=postme",
            "MemoryMax=",
            "CapabilityBoundingSet=\n",
            "ReadWritePaths=/var/lib/postme",
        ):
            assert needed in (ROOT / "deploy" / unit).read_text(), needed


def test_a_unit_with_a_fault_is_told(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here.")
    (tmp_path / "postme.service").write_text(
        (ROOT / "deploy" / "postme.service")
        .read_text()
        .replace("/opt/postme/bin/python", "/no/such/python")
        .replace("PrivateTmp=yes", "PrivateTmpp=yes")
    )
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "postme.service")], capture_output=True, text=True, check=False
    )
    assert "PrivateTmpp" in verified.stderr
    assert "/no/such/python" in verified.stderr


def test_web_servers_in_front_write_no_address_of_a_visitor() -> None:
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    [written] = re.findall(r"log_format \w+ '([^']*)'", nginx)
    assert not {"$remote_addr", "$request", "$request_uri", "$uri", "$args", "$http_user_agent", "$http_referer"} & {
        *re.findall(r"\$\w+", written)
    }
    assert re.findall(r"access_log\s+([^\s;]+)", nginx) == ["off", "/var/log/nginx/postme.log"]
    assert not re.findall(r"(?m)^\s*log\b", (ROOT / "deploy" / "Caddyfile").read_text())
