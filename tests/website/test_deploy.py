"""The container file and the examples for web servers: every file, setting, command and address that they name is one of ours."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTAINER = (ROOT / "Containerfile").read_text("utf-8")
NGINX = (ROOT / "deploy/nginx.conf").read_text("utf-8")
CADDY = (ROOT / "deploy/Caddyfile").read_text("utf-8")
UNITS = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "deploy").glob("*.service"))}
STARTED = {"Containerfile": CONTAINER, **UNITS}
_STRAY = re.compile(r'[\s"\',]+')


def unknown(text: str) -> list[str]:
    """What a file starts that is not there: modules, commands of the site, commands of ``postme``."""
    from django.core.management import get_commands

    from postme.commands import main

    words = _STRAY.sub(" ", text)
    found = [one for one in re.findall(r"-m ([\w.]+)", words) + re.findall(r"python:([\w.]+)", words) + re.findall(r"postme\.website\.wsgi", words) if not importlib.util.find_spec(one)]  # fmt: skip
    found += [one for one in re.findall(r"-m postme\.website (\w+)", words) if one not in get_commands()]
    return found + [one for one in re.findall(r"bin/postme (\w+)", words) if one not in main.list_commands(None)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", STARTED)
def test_what_is_started_is_there(name: str) -> None:
    assert re.search(r"-m postme\.website|-m gunicorn|bin/postme ", _STRAY.sub(" ", STARTED[name]))
    assert unknown(STARTED[name]) == []


def test_a_command_that_is_not_there_is_told() -> None:
    text = "python -m postme.web migrate; python -m postme.website migrated; /opt/postme/bin/postme back --config python:postme.gunicorn"
    assert unknown(text) == ["postme.web", "postme.gunicorn", "migrated", "back"]


def test_the_container_copies_files_that_are_there_and_leaves_behind_what_tests_need() -> None:
    copied = [one for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", CONTAINER) for one in shlex.split(line)[:-1]]
    assert "postme" in copied and [one for one in copied if not (ROOT / one).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for_tests = {re.split(r"[>=<\[;]", one)[0].strip() for one in project["dependency-groups"]["dev"]}
    shipped = {re.split(r"[>=<\[;]", one)[0].strip() for one in project["project"]["dependencies"]}
    [left] = re.findall(r"uninstall --yes (.*)", CONTAINER)
    assert for_tests - {*left.split()} == set()
    assert shipped & {*left.split()} == set()


def test_every_setting_that_is_named_is_one_that_the_site_reads() -> None:
    known = set(re.findall(r"(?:POSTME_[A-Z_]+|DATABASE_URL)", (ROOT / "postme/website/environment.py").read_text("utf-8"))) | {"DATABASE_URL"}  # fmt: skip
    settings = (ROOT / "deploy/settings.example").read_text("utf-8")
    named = re.findall(r"(?m)^#?([A-Z_]+)=", settings) + re.findall(r"\b(POSTME_[A-Z_]+)", CONTAINER + NGINX + CADDY + "".join(UNITS.values()))  # fmt: skip
    assert len(named) > 8
    assert {*named} - known == set()


def test_all_of_them_mean_the_same_door() -> None:
    from django.urls import resolve

    [bound] = re.findall(r"--bind [\d.]+:(\d+)", CONTAINER)
    [asked, health] = re.findall(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", CONTAINER)[0]
    assert re.findall(r"(?m)^EXPOSE (\d+)", CONTAINER) == [bound] == [asked]
    assert resolve(health)
    [door] = re.findall(r"--bind (127\.0\.0\.1:\d+)", UNITS["postme.service"])
    assert set(re.findall(r"proxy_pass http://([\d.:]+);", NGINX)) == {door} == set(re.findall(r"reverse_proxy ([\d.:]+)", CADDY))  # fmt: skip
    [site] = re.findall(r"(?m)^POSTME_SITE=https://(\S+)", (ROOT / "deploy/settings.example").read_text("utf-8"))
    assert set(re.findall(r"server_name ([^;]+);", NGINX)) == {site}
    assert re.findall(r"(?m)^(\S+) \{", CADDY) == [site]


def test_both_web_servers_let_through_what_the_site_takes_and_no_more() -> None:
    from django.conf import settings
    from django.urls import resolve
    from django.utils import translation

    [wide] = re.findall(r"location ~ (\S+) \{", NGINX)
    for address in ("/desk/papers/readers/files/", "/es/desk/papers/readers/files/"):
        with translation.override("es" if address.startswith("/es/") else "en"):
            assert resolve(address).url_name == "desk-papers-attach"
        assert re.match(wide, address)
        assert any(address.startswith(one.removesuffix("*")) for one in re.findall(r"@files path (.*)", CADDY)[0].split())  # fmt: skip
    assert not re.match(wide, "/decisions/readers/comment/")
    assert re.findall(r"client_max_body_size (\d+)m;", NGINX) == ["1", "26"]
    assert re.findall(r"max_size (\d+)MB", CADDY) == ["26", "1"]
    # A form that the web server lets through, the site takes: what is refused is refused in the site's own words.
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 1024**2


def test_each_block_of_both_files_is_closed() -> None:
    for text in (NGINX, CADDY):
        bare = re.sub(r"#.*|'[^']*'", "", text)
        assert bare.count("{") == bare.count("}") > 2
    lines = [line.strip() for line in re.sub(r"#.*", "", NGINX).splitlines() if line.strip()]
    assert [line for line in lines if not line.endswith((";", "{", "}"))] == []
