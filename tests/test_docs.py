"""The documents cannot drift: the generated ones are fresh, the tour runs, links lead somewhere, nothing private stands in them."""

from __future__ import annotations

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OUR_OWN = {".git", ".venv", ".venv-bench", "node_modules", "demo-data", "demo-report", "build", "dist"}
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Road not taken", "What would overturn it"]
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _tracked() -> list[Path]:
    """The files that git tracks or would take up; where there is no git, every file that is ours."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not OUR_OWN & {*path.relative_to(ROOT).parts}]
    return [path for path in found if path.is_file()]


TRACKED = _tracked()
MARKDOWN = [path for path in TRACKED if path.suffix == ".md"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- Generated ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "formats.md", "laws.md", "run.md"])
def test_a_generated_document_says_what_the_program_says(name: str, generate: ModuleType) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generate.MADE[name](), "out of date; run: make docs"


def test_a_generated_document_that_was_edited_is_told(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, make in generate.MADE.items():
        (tmp_path / name).write_text(make(), encoding="utf-8")
    monkeypatch.setattr(generate, "HERE", tmp_path)
    assert generate.stale() == []
    (tmp_path / "formats.md").write_text("# Formats\n", encoding="utf-8")
    assert generate.stale() == ["formats.md"]


def test_every_column_that_is_written_is_explained_and_no_other(generate: ModuleType) -> None:
    from postme.commands import mentions

    assert tuple(generate.COLUMNS) == mentions.COLUMNS
    assert all(meaning.endswith((".", "*")) for _, meaning in generate.COLUMNS.values())


def test_the_columns_have_the_types_that_a_parquet_table_gives_them(generate: ModuleType, tmp_path: Path) -> None:
    import polars

    from postme import scan
    from postme.commands.mentions import Writer
    from postme.keeping import library
    from postme.office import workbench
    from postme.record import Page, Record

    record = Record("e3" * 32, "text/plain", (Page(1, "The city bought 12 license plate readers for $40,000."),))
    [mention] = scan.mentions(record, library.scanner())
    with Writer("parquet", tmp_path / "found.parquet") as writer:
        writer.write({"path": "a.txt", **workbench.printed(mention)})
    named = {"String": "text", "Int64": "whole number", "Float64": "number", "List(String)": "list of text"}
    types = {
        column: named[str(kind)] for column, kind in polars.read_parquet_schema(tmp_path / "found.parquet").items()
    }
    assert types == {column: kind for column, (kind, _) in generate.COLUMNS.items()}


# -- The tour -----------------------------------------------------------------------------------------------------------


def test_the_tour_in_code_gives_what_it_shows() -> None:
    failed, tried = doctest.testfile(
        str(DOCS / "tour.md"), module_relative=False, optionflags=_FLAGS, encoding="utf-8", verbose=False
    )
    assert tried > 15
    assert failed == 0


def _commands() -> Iterator[tuple[str, str]]:
    """Each command of the tour and what it shows."""
    for block in re.findall(r"```console\n(.*?)```", (DOCS / "tour.md").read_text(encoding="utf-8"), re.S):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def test_the_tour_in_the_terminal_gives_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "postme").symlink_to(ROOT / "postme")
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "400", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    commands = list(_commands())
    assert len(commands) > 5
    for command, shown in commands:
        program, *arguments = shlex.split(command)
        assert program == "postme"
        ran = subprocess.run(
            [sys.executable, "-m", "postme", *arguments], cwd=tmp_path, env={**os.environ, **own}, capture_output=True,
            text=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        # How far a scan is gets said every few seconds, on a slow machine: that is no part of what the tour shows.
        lines = [line.strip() for line in (ran.stdout + ran.stderr).splitlines()]
        said = "\n".join(line for line in lines if line and not re.match(r"[\d,]+ of [\d,]+ files, ", line))
        assert ran.returncode == 0, said
        wanted = "\n".join(line.strip() for line in shown.splitlines() if line.strip())
        assert doctest.OutputChecker().check_output(wanted + "\n", said + "\n", _FLAGS), f"{command}\n{said}"
    found = (tmp_path / "found.jsonl").read_text(encoding="utf-8")
    assert '"quote": "Hedgerow Connect"' in found


# -- Links and headings -------------------------------------------------------------------------------------------------


def _anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _broken(path: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in _anchors(place)):
            wrong.append(target)
    return wrong


@pytest.mark.parametrize("path", MARKDOWN, ids=_name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert _broken(path) == []


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A head, here\n[a](page.md) [b](#a-head-here) [c](none.md) [d](page.md#none) [e](https://example.org)\n"
    )
    assert _broken(page) == ["none.md", "page.md#none"]


def test_there_are_decisions_and_each_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert numbers


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_why_what_not_and_what_would_overturn_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"(?m)^## (.+)$", text) == HEADINGS
    for section in re.split(r"(?m)^## .+$", text)[1:]:
        assert len(section.split()) >= 12


def test_every_test_that_a_document_names_is_there() -> None:
    tests = set(re.findall(r"(?m)^ *def (test_\w+)", "\n".join(p.read_text() for p in (ROOT / "tests").rglob("*.py"))))
    named = {
        (path.name, name)
        for path in [*DOCS.rglob("*.md"), ROOT / "CONTRIBUTING.md"]
        for name in re.findall(r"`(test_\w+)`", path.read_text(encoding="utf-8"))
    }
    assert {pair for pair in named if pair[1] not in tests} == set()
    assert named


def test_every_target_of_make_that_a_document_names_is_there() -> None:
    offered = re.search(r"(?m)^\.PHONY: (.+)$", (ROOT / "Makefile").read_text())
    assert offered is not None
    for path in [*DOCS.rglob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"`make (\w+)`", path.read_text(encoding="utf-8")):
            assert target in offered[1].split(), f"{_name(path)}: make {target}"


# -- Licenses -----------------------------------------------------------------------------------------------------------


def test_the_license_is_the_whole_of_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert text.rstrip().endswith("limitations under the License.")


def test_the_notice_names_every_library_that_postme_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for some in project["optional-dependencies"].values() for one in some)]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower().replace("_", "-")
    names = [re.split(r"[<>=!;\[ ]", one)[0].lower() for one in asked]
    assert [name for name in names if not re.search(rf"(?m)^ *{re.escape(name)}\b", notice)] == []


# -- Nothing private ----------------------------------------------------------------------------------------------------

# Put together, so that this file does not hold what it looks for.
_MACHINE = re.compile(
    r"(?<![\w.~/-])/(?:" + "|".join(("work", "root", "home", "Users", "tmp", "var/folders")) + r")/[\w.-]"
)
_REGISTRY = re.compile(
    r"https?://[^\s\"'<>)]*(?:" + "|".join(("pypi", "pythonhosted", "npmjs", "artifactory", "nexus", "devpi", "/simple/"))
    + r")[^\s\"'<>)]*|" + "index" + r"-url|(?<!\w)registry *=",
    re.I,
)  # fmt: skip


def _private(text: str) -> list[str]:
    return [found[0] for pattern in (_MACHINE, _REGISTRY) for found in pattern.finditer(text)]


def test_no_file_names_a_place_of_somebodys_machine_or_a_package_registry() -> None:
    wrong = []
    for path in TRACKED:
        data = path.read_bytes()
        if b"\0" in data[:4096] or (ROOT / "postme" / "examples") in path.parents:
            continue
        wrong += [f"{_name(path)}: {found}" for found in _private(data.decode("utf-8", "replace"))]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see /" + "root/notes.txt", True),
        ("see ~/notes.txt", False),
        ("under us/mn/" + "work/x", False),
        ("https://" + "pypi.example.org/simple/click", True),
        ("https://example.org/agenda", False),
    ],
)
def test_a_private_place_is_told_from_a_public_one(text: str, told: bool) -> None:
    assert bool(_private(text)) is told


def test_the_lock_file_holds_hashes_and_no_address() -> None:
    lock = ROOT / "requirements.lock"
    if not lock.is_file():
        pytest.skip("there is no requirements.lock here")
    text = lock.read_text(encoding="utf-8")
    assert "http" not in re.sub(r"(?m)^[a-z0-9._-]+==", "", text)
    names = re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)
    assert names
    assert all("--hash=sha256:" in entry for entry in re.split(r"(?m)^(?=[A-Za-z0-9._-]+==)", text) if "==" in entry)
