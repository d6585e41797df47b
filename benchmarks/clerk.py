"""How much a clerk loads and types to carry 300 technologies from tables to the vote, through the desk's own pages.

    python benchmarks/clerk.py --json build/bench/clerk.json

The example town is filled into a scratch folder. A liaison brings six tables of fifty; a clerk takes each through the
town's process, day by day, with the calendar turned by hand. Every page that is asked for counts, and every field that a
person fills, ticks or changes; hidden fields and what stands there already do not. The table itself, and the writing of
the papers, are the department's work and are not in these figures. Face recognition is left out: a law of the story
forbids it, and no vote can approve it.
"""

from __future__ import annotations

import csv
import datetime
import io
import logging
import os
import re
import statistics
import sys
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import report

_MANY, _BATCH, _ALONE = 300, 50, 3
# Chosen: under one page for two technologies, and fewer keystrokes than filling in one form of ten fields for each.
_PAGES, _FIELDS = 0.5, 3.0
_PLACE = "us/zz/mill_falls"


class Form(HTMLParser):
    """The forms of a page as a browser has them: each a list of fields with what stands in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[list[dict[str, Any]]] = []
        self._select = self._area = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one: dict[str, Any] = dict(attrs)
        if tag == "form":
            self.forms.append([])
        elif not self.forms:
            return
        elif tag in ("input", "button") and "name" in one:
            kind = one.get("type", "submit" if tag == "button" else "text")
            self.forms[-1].append({"name": one["name"], "kind": kind, "value": one.get("value", "on" if kind == "checkbox" else ""), "on": "checked" in one})  # fmt: skip
        elif tag == "textarea":
            self._area = {"name": one.get("name"), "kind": "hidden" if "hidden" in one else "textarea", "value": "", "on": True}  # fmt: skip
            self.forms[-1].append(self._area)
        elif tag == "select":
            self._select = {"name": one.get("name"), "kind": "select", "value": None, "on": True}
            self.forms[-1].append(self._select)
        elif tag == "option" and self._select is not None and ("selected" in one or self._select["value"] is None):
            self._select["value"] = one.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area["value"] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None


class Person:
    """Somebody at the desk: opens pages, fills forms, presses buttons; everything is counted."""

    def __init__(self, client: Any) -> None:
        self.client, self.pages, self.fields, self.seconds = client, Counter(), Counter(), []
        self.where, self.html, self.stage = "", "", ""
        self.slowest: dict[str, float] = {}

    def open(self, address: str) -> str:
        began = time.perf_counter()
        response = self.client.get(address)
        self._got(response, began)
        self.where = address
        return self.html

    def _got(self, response: Any, began: float) -> None:
        self.seconds.append(time.perf_counter() - began)
        self.slowest[self.stage] = max(self.slowest.get(self.stage, 0.0), self.seconds[-1])
        self.pages[self.stage] += 1
        if response.status_code != 200:
            said = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode().partition("<main")[2]).split())
            raise SystemExit(f"{self.stage}: {self.where} answered {response.status_code}\n{said[:3000]}")
        self.html = response.content.decode()

    def send(self, button: str, typed: dict[str, Any] | None = None, files: dict[str, Any] | None = None) -> str:
        """Fill the form that has the button and press it; what is typed or ticked anew is counted."""
        form = next(form for form in Form(self.html).forms if any(each["value"] == button and each["kind"] == "submit" for each in form))  # fmt: skip
        sent: dict[str, list[str]] = {}
        for each in form:
            if each["kind"] not in ("submit", "checkbox", "radio", "file") or (each["kind"] in ("checkbox", "radio") and each["on"]):  # fmt: skip
                sent.setdefault(each["name"], []).append(each["value"] or "")
        names = {each["name"] for each in form}
        for name, value in (typed or {}).items():
            if name not in names:
                raise SystemExit(f"{self.stage}: there is no field {name} on {self.where}")
            values = value if isinstance(value, list) else [value]
            before = sent.get(name, [])
            if isinstance(value, list):
                self.fields[self.stage] += len({*values} ^ {*before})
            elif values != before:
                self.fields[self.stage] += 1
            sent[name] = values
        self.fields[self.stage] += len(files or {})
        began = time.perf_counter()
        response = self.client.post(self.where, {**sent, "step": button, **(files or {})}, follow=True)
        self._got(response, began)
        if response.redirect_chain:
            self.where = response.redirect_chain[-1][0]
        return self.html


def table(first: int, names: dict[str, str]) -> bytes:
    """Fifty technologies as a department would list them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["title", "body", "kind", "technologies", "acts", "summary", "products"])
    known = sorted(names)
    for number in range(first, first + _BATCH):
        id_ = known[number % len(known)]
        writer.writerow([f"{names[id_]}, item {number}", "Police Department", "police", names[id_], "obtain;use", f"The police ask for item {number} of their inventory.", f"Item {number}|Example Maker (fiction)|{1 + number % 9}"])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def told_ok(html: str, count: int, what: str) -> None:
    """Stop where a page does not say that so many are done."""
    if f"{count} proposals are done" not in html and f"{count} proposal is done" not in html:
        raise SystemExit(f"{what}: not all of {count} were done\n{html[html.find('<main') :][:4000]}")


def main() -> None:
    """Fill, play, count, print, keep."""
    parser = report.options(__doc__, rounds=1)
    given = parser.parse_args()
    count = max(_BATCH, round(_MANY * min(1.0, given.part) / _BATCH) * _BATCH)
    with report.scratch() as folder:
        os.environ.update(POSTME_DATA=str(folder), DJANGO_SETTINGS_MODULE="postme.website.settings", POSTME_TWO_FACTOR="0", DATABASE_URL="")  # fmt: skip
        import django

        django.setup()
        logging.disable(logging.WARNING)
        result = _played(folder, count)
    made = report.Report(
        "clerk", "how much does a clerk load and type to carry a technology from a table to the vote?",
        f"the example town's process (fiction) on SQLite, {count} technologies in tables of {_BATCH}; {_ALONE} of each {_BATCH} are voted on by themselves, the others together.",
        1, machine=report.machine("django"), whole=count == _MANY,
    )  # fmt: skip
    pages, fields = sum(result["pages"].values()) / count, sum(result["fields"].values()) / count
    made.targets = [
        report.Target("pages loaded a technology", f"under {_PAGES}", f"{pages:.2f}", pages < _PAGES),
        report.Target("fields typed, ticked or changed a technology", f"under {_FIELDS:.0f}", f"{fields:.2f}", fields < _FIELDS),
    ]  # fmt: skip
    rows = [(stage, f"{result['pages'][stage] / count:.3f}", f"{result['fields'][stage] / count:.3f}", f"{result['slowest'].get(stage, 0):.1f}") for stage in result["pages"]]  # fmt: skip
    rows.append(("**all**", f"**{pages:.3f}**", f"**{fields:.3f}**", ""))
    made.tables = [
        report.Table("A technology takes", ("stage", "pages", "fields", "slowest page, seconds"), tuple(rows), ("The table itself and the writing of the papers are the department's work and not counted; neither is signing in.",)),
        report.Table("How long a page takes", ("", "seconds"), (
            ("middle of all pages", f"{statistics.median(result['seconds']):.2f}"),
            (f"what is due, with {count} proposals, first time", f"{result['due_first']:.2f}"), ("what is due, again", f"{result['due_again']:.2f}"),
        )),
    ]  # fmt: skip
    made.figures = {"pages": pages, "fields": fields, "by_stage": {stage: [result["pages"][stage], result["fields"][stage]] for stage in result["pages"]}, "count": count, "slowest": max(result["seconds"])}  # fmt: skip
    made.close(given.json)
    if not all(target.met for target in made.targets):
        sys.exit("a target was not kept")


def _played(folder: Path, count: int) -> dict[str, Any]:
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import override_settings

    from postme.keeping import librarian
    from postme.keeping.store.docket import TownRow
    from postme.office import counsel, example_process, example_town, proceedings
    from postme.website import accounts
    from postme.website.pages.desk import many, meetings, obligations, process, rollcall, steps

    call_command("migrate", verbosity=0, interactive=False)
    counsel.also_from([example_town.LAWS])
    real = datetime.datetime.now(datetime.UTC).date()
    work = proceedings.Proceedings(folder)
    told = librarian.loaded(example_process.FILE.read_bytes())["town"]
    work.docket.open_town(TownRow(told["id"], told["name"], fiction=True, tries=counsel.law(told["tries"]).id, tries_since=datetime.date.fromisoformat(told["tries_since"])))  # fmt: skip
    work.docket.seated(_PLACE, [{"holder": f"Member {number} (fiction)", "ward": f"Ward {number}"} for number in range(1, 8)], verified=real)  # fmt: skip
    now = [real]
    for module in (many, meetings, obligations, process, rollcall, steps):
        module.today = lambda: now[0]
    proceedings._today = lambda: now[0]

    def person(name: str, role: str) -> Person:
        account, _ = accounts.added(name, [role])
        client = Client()
        client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
        return Person(client)

    names = {id_: name for id_, name in counsel.vocabulary()["technologies"].items() if "/" not in id_ and id_ not in ("any", "surveillance", "military", "face_recognition")}  # fmt: skip
    with override_settings(ALLOWED_HOSTS=["*"], TWO_FACTOR=False):
        lia, clem = person("lia", "liaison"), person("clem", "clerk")
        for first in range(0, count, _BATCH):
            _batch(first, names, lia, clem, now)
            print(f"{first + _BATCH} of {count}: {clem.pages.total() + lia.pages.total()} pages", file=sys.stderr)
        clem.stage = "looking what is due"
        took = []
        for _ in range(2):
            began = time.perf_counter()
            clem.open("/desk/process/due/")
            took.append(time.perf_counter() - began)
    pages, fields = clem.pages + lia.pages, clem.fields + lia.fields
    return {"pages": pages, "fields": fields, "seconds": clem.seconds + lia.seconds, "slowest": {**clem.slowest, **lia.slowest}, "due_first": took[0], "due_again": took[1]}  # fmt: skip


def _batch(first: int, names: dict[str, str], lia: Person, clem: Person, now: list[datetime.date]) -> None:
    """Fifty technologies from the table to the vote."""

    def later(days: int) -> None:
        now[0] += datetime.timedelta(days)

    def step(stage: str, kind: str, also: list[str], **typed: Any) -> None:
        clem.stage = stage
        clem.open(f"/desk/process/many/?step={kind}")
        told_ok(clem.send("record", {"which": "all", **({"kind": [kind, *also]} if also else {}), **typed}), _BATCH, stage)  # fmt: skip

    lia.stage = "drafted and handed in"
    lia.open("/desk/process/table/")
    file = io.BytesIO(table(first, names))
    file.name = "proposals.csv"
    lia.send("look", files={"file": file})
    told_ok(lia.send("draft and hand in"), _BATCH, lia.stage)
    later(1)
    step(
        "made public, with the papers",
        "accept",
        ["publish_report", "publish_policy"],
        evidence="https://town.example/papers",
    )
    later(14)
    step("the board's advice", "advise", [], note="The board advises to approve it with a yearly report.")
    later(1)
    clem.stage = "one hearing called, one notice, comments opened"
    clem.open("/desk/process/meetings/call/")
    hearing = now[0] + datetime.timedelta(30)
    clem.send("call", {
        "on": hearing.isoformat(), "begins": "18:30", "zone": "America/Chicago", "where": "Town Hall, room 2", "how_to_speak": "Sign up until noon of the day.", "which": "all",
        "notice": ["yes"], "until": (hearing - datetime.timedelta(1)).isoformat(),
    })  # fmt: skip
    number = clem.where.rstrip("/").rpartition("/")[2]
    clem.stage = "the packet"
    if not first:  # drawn for fifty it takes a while; counted once for each batch below
        clem.open(f"/desk/process/meetings/{number}/packet/")
    else:
        clem.pages[clem.stage] += 1
    later(30)
    step("comments closed, hearing held", "close_comments", ["hear"])
    later(7)
    clem.stage = "votes of single proposals"
    alone = [row.partition('"')[0] for row in clem.open("/desk/process/vote/").split('name="proposal" value="')[1:]][:_ALONE]  # fmt: skip
    for place, slug in enumerate(alone):
        clem.open(f"/desk/process/vote/?proposal={slug}")
        findings = {each["name"]: "true" if place else "false" for form in Form(clem.html).forms for each in form if each["name"].startswith("finding-")}  # fmt: skip
        seats = sorted({each["name"] for form in Form(clem.html).forms for each in form if each["name"].startswith("vote-")})  # fmt: skip
        votes = {seat: "yes" if (index % 3 if place else not index % 3) else "no" for index, seat in enumerate(seats)}
        clem.send("record", {"kind": "approve" if place else "reject", "motion": "Approve it.", **findings, **votes})
    clem.stage = "one roll call for the others"
    clem.open("/desk/process/vote/")
    findings = {each["name"]: "true" for form in Form(clem.html).forms for each in form if each["name"].startswith("finding-")}  # fmt: skip
    told_ok(clem.send("record", {"which": "all", "motion": "Approve the consent calendar.", "everyone": "yes", **findings}), _BATCH - _ALONE, clem.stage)  # fmt: skip
    later(30)


if __name__ == "__main__":
    main()
