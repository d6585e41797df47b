"""How long the law of a whole country takes: 18,000 agencies by 40 technologies under every law that binds them, on one day.

    python benchmarks/laws.py

Beside it the same rules in clingo (answer-set programming), which gives the same answers without reasons, and a bare
table of answers, which is what one could not beat.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import report

from postme import condition, verdict
from postme.because import STRICTEST, Answer, Question
from postme.keeping import laws as kept
from postme.keeping import places
from postme.law import Law, Provision
from postme.place import Level, placed
from postme.rule import Allow, Approve, Except, Hidden, Prohibit, Scope
from postme.verdict import Lawbook

AT_MOST = 5.0
_AGENCIES, _TECHNOLOGIES = 18_000, 40
_ACT, _DAY = "use", date(2026, 6, 1)
_KINDS = {Level.CITY: "police", Level.COUNTY: "sheriff", Level.STATE: "state_police"}
# Chosen: clingo grounds every pair of agency and technology; this many agencies keep it busy for seconds, not minutes.
_SHARE = 3_000
_TRUTH = {True: "yes", False: "no", None: "unknown"}


def agencies(words: Sequence[str]) -> list[tuple[str, str]]:
    """So many places with the kind of police that each has: those that have a law first, then evenly over the country."""
    every = [place for place in places.table() if placed(place).level in _KINDS]
    own = [place for place in words if placed(place).level in _KINDS]
    rest = [place for place in every if place not in set(own)]
    chosen = own + [rest[i * len(rest) // _AGENCIES] for i in range(_AGENCIES - len(own))]
    return [(place, _KINDS[placed(place).level]) for place in chosen]


def technologies() -> list[str]:
    """The catalogue's categories, forty of them."""
    return sorted(name for name in kept.words().technologies if "/" not in name)[:_TECHNOLOGIES]


# --- the same rules in clingo ----------------------------------------------------------------------------------------

_PROGRAM = """
out(P,T) :- outside(P,X), isa(T,X,yes).
cov(P,T,yes) :- listed(P,X), isa(T,X,yes), not out(P,T).
cov(P,T,unknown) :- listed(P,X), isa(T,X,unknown), not out(P,T), not cov(P,T,yes).
bod(P,K) :- pbody(P,B), inside(K,B).
c(C,K,T,V) :- const(C,V), kind(K), tech(T).
c(C,K,T,yes) :- isbody(C), kind(K), tech(T), cbody(C,B), inside(K,B).
c(C,K,T,no) :- isbody(C), kind(K), tech(T), not c(C,K,T,yes).
c(C,K,T,yes) :- istech(C), kind(K), ctech(C,X), isa(T,X,yes).
c(C,K,T,unknown) :- istech(C), kind(K), ctech(C,X), isa(T,X,unknown), not c(C,K,T,yes).
c(C,K,T,no) :- istech(C), kind(K), tech(T), not c(C,K,T,yes), not c(C,K,T,unknown).
c(C,K,T,no) :- all(C), part(C,D), c(D,K,T,no).
c(C,K,T,unknown) :- all(C), part(C,D), c(D,K,T,unknown), not c(C,K,T,no).
c(C,K,T,yes) :- all(C), kind(K), tech(T), not c(C,K,T,no), not c(C,K,T,unknown).
c(C,K,T,yes) :- any(C), part(C,D), c(D,K,T,yes).
c(C,K,T,unknown) :- any(C), part(C,D), c(D,K,T,unknown), not c(C,K,T,yes).
c(C,K,T,no) :- any(C), kind(K), tech(T), not c(C,K,T,yes), not c(C,K,T,unknown).
c(C,K,T,yes) :- neg(C), part(C,D), c(D,K,T,no).
c(C,K,T,no) :- neg(C), part(C,D), c(D,K,T,yes).
c(C,K,T,unknown) :- neg(C), part(C,D), c(D,K,T,unknown).
on(P,K,T) :- prov(P,L), bound(L,K), acts(P), bod(P,K), cov(P,T,_).
sure(P,K,T) :- on(P,K,T), cov(P,T,yes), pst(P,yes), prov(P,L), lst(L,yes).
base(P,K,T,2) :- hidden(P), on(P,K,T), not c(if(P),K,T,no).
base(P,K,T,4) :- allow(P), on(P,K,T), c(if(P),K,T,yes).
base(P,K,T,3) :- allow(P), on(P,K,T), c(if(P),K,T,unknown).
base(P,K,T,0) :- allow(P), on(P,K,T), c(if(P),K,T,no).
base(P,K,T,2) :- gate(P), on(P,K,T), c(if(P),K,T,unknown).
base(P,K,T,0) :- ban(P), on(P,K,T), c(if(P),K,T,yes).
base(P,K,T,1) :- needs(P), on(P,K,T), c(if(P),K,T,yes), not c(proof(P),K,T,yes).
base(P,K,T,4) :- needs(P), on(P,K,T), c(if(P),K,T,yes), c(proof(P),K,T,yes).
open(E,K,T) :- exc(E), prov(E,L), bound(L,K), acts(E), bod(E,K), cov(E,T,_), not c(if(E),K,T,no).
full(E,K,T) :- open(E,K,T), cov(E,T,yes), pst(E,yes), c(if(E),K,T,yes).
lift(P,K,T) :- of(E,P), full(E,K,T).
claim(P,K,T) :- of(E,P), open(E,K,T), actclaim(E).
said(P,K,T,4) :- base(P,K,T,R), lift(P,K,T), R < 4.
said(P,K,T,3) :- base(P,K,T,R), claim(P,K,T), not lift(P,K,T), R < 4, R != 2.
said(P,K,T,R) :- base(P,K,T,R), not lift(P,K,T), not claim(P,K,T).
said(P,K,T,2) :- base(P,K,T,2), claim(P,K,T), not lift(P,K,T).
said(P,K,T,4) :- base(P,K,T,4).
fin(L,K,T,R) :- said(P,K,T,R), prov(P,L), sure(P,K,T).
fin(L,K,T,2) :- said(P,K,T,R), prov(P,L), not sure(P,K,T).
answer(A,T,R) :- agency(A,K), tech(T), R = #min { 5; V : fin(L,K,T,V), reach(A,L) }.
#show answer/3.
"""


def encoded(some: Sequence[tuple[str, str]], names: Sequence[str], book: Lawbook) -> str:
    """The laws, agencies and technologies as clingo's facts. Days are worked out beforehand; pre-emption is left out."""
    words = book.vocabulary
    out = [_PROGRAM]
    kinds = {words.agency_of(kind, place) for place, kind in some}
    listed = {
        name
        for law in book.laws.values()
        for one in law.provisions
        for scope in (_scope(one),)
        for name in (*(scope.technologies or law.technologies), *(scope.outside or law.outside))
    }
    listed |= {
        name
        for law in book.laws.values()
        for one in law.provisions
        for node in _nodes(one)
        if isinstance(node, condition.TechnologyIs)
        for name in node.of
    }
    out += [f"tech({_q(name)})." for name in names] + [f"kind({_q(kind)})." for kind in kinds]
    out += [
        f"isa({_q(name)},{_q(other)},{_TRUTH[truth]})."
        for name in names
        for other in listed
        if (truth := words.technology_is(name, other)) is not False
    ]
    bodies = {*words.bodies, *words.groups, *words.agencies}
    out += [f"inside({_q(kind)},{_q(body)})." for kind in kinds for body in bodies if words.body_is(kind, body)]
    for law in book.laws.values():
        force = law.stands(_DAY)
        if force is False:
            continue
        out.append(f"lst({_q(law.id)},{_TRUTH[force]}).")
        out += [
            f"bound({_q(law.id)},{_q(kind)})."
            for kind in kinds
            if not any(words.body_is(kind, no) for no in law.not_bound)
        ]
        for one in law.provisions:
            out += _provision(law, one)
    out += [f"agency({i},{_q(words.agency_of(kind, place))})." for i, (place, kind) in enumerate(some)]
    out += [
        f"reach({i},{_q(law.id)})."
        for i, (place, _) in enumerate(some)
        for law in book.reaching(place)
        if law.stands(_DAY) is not False
    ]
    return "\n".join(out)


def _q(word: str) -> str:
    return json.dumps(word)


def _scope(one: Provision) -> Scope:
    found: Scope = getattr(one.rule, "scope", Scope())
    return found


def _provision(law: Law, one: Provision) -> Iterator[str]:
    rule, stands = one.rule, one.stands(_DAY)
    if not isinstance(rule, Prohibit | Approve | Allow | Hidden | Except) or stands is False:
        return
    own = _q(f"{law.id}#{one.id}")
    yield f"prov({own},{_q(law.id)}). pst({own},{_TRUTH[stands]})."
    if not rule.scope.acts or _ACT in rule.scope.acts or "any" in rule.scope.acts:
        yield f"acts({own})."
    yield from (f"pbody({own},{_q(name)})." for name in rule.scope.bodies or law.binds)
    yield from (f"listed({own},{_q(name)})." for name in rule.scope.technologies or law.technologies)
    yield from (f"outside({own},{_q(name)})." for name in rule.scope.outside or law.outside)
    head = f"if({own})"
    yield from _condition(head, rule.if_) if rule.if_ else (f"const({head},yes).",)
    if isinstance(rule, Hidden):
        yield f"hidden({own})."
    if isinstance(rule, Allow):
        yield f"allow({own})."
    if isinstance(rule, Prohibit):
        yield f"ban({own}). gate({own})."
    if isinstance(rule, Approve):
        yield f"needs({own}). gate({own})."
        yield from _condition(f"proof({own})", rule.proof)
    if isinstance(rule, Except):
        yield f"exc({own})."
        yield from (f"of({own},{_q(f'{law.id}#{other}')})." for other in rule.of)
        if rule.scope.acts and not (rule.if_ and condition.Names.of(rule.if_).purposes):
            yield f"actclaim({own})."


def _condition(head: str, one: condition.Condition) -> Iterator[str]:
    if isinstance(one, condition.All | condition.Any):
        yield f"{'all' if isinstance(one, condition.All) else 'any'}({head})."
        for i, part in enumerate(one.of):
            yield f"part({head},p({i},{head}))."
            yield from _condition(f"p({i},{head})", part)
    elif isinstance(one, condition.Not):
        yield f"neg({head}). part({head},p(0,{head}))."
        yield from _condition(f"p(0,{head})", one.of)
    elif isinstance(one, condition.PurposeIs):
        yield f"const({head},no)."
    elif isinstance(one, condition.ActIs):
        yield f"const({head},{'yes' if _ACT in one.of else 'no'})."
    elif isinstance(one, condition.BodyIs):
        yield f"isbody({head}). " + " ".join(f"cbody({head},{_q(name)})." for name in one.of)
    elif isinstance(one, condition.TechnologyIs):
        yield f"istech({head}). " + " ".join(f"ctech({head},{_q(name)})." for name in one.of)
    else:
        yield f"const({head},unknown)."


def _nodes(one: Provision) -> Iterator[condition.Condition]:
    waiting = [found for found in (getattr(one.rule, "if_", None), getattr(one.rule, "proof", None)) if found]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, condition.All | condition.Any):
            waiting += node.of
        elif isinstance(node, condition.Not):
            waiting.append(node.of)


_CLINGO = """
import json, resource, sys, time
import clingo
text = open(sys.argv[1]).read()
began = time.perf_counter()
control = clingo.Control(["--warn=none"])
control.add("base", [], text)
control.ground([("base", [])])
found = {}
with control.solve(yield_=True) as models:
    for model in models:
        for symbol in model.symbols(shown=True):
            a, t, r = symbol.arguments
            found.setdefault(a.number, {})[t.string] = r.number
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "version": clingo.__version__, "found": found}))
"""


def by_clingo(folder: Path, text: str) -> dict[str, object] | None:
    """The answers, the seconds and the memory of clingo, or ``None`` where it is not installed."""
    program, runner = folder / "laws.lp", folder / "run.py"
    program.write_text(text)
    runner.write_text(_CLINGO)
    own = report.ROOT / ".venv-bench" / "bin" / "python"
    if not own.exists():
        return None
    ran = subprocess.run([own, runner, program], capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stderr[-500:], file=sys.stderr)
        return None
    found: dict[str, object] = json.loads(ran.stdout)
    return found


# --- the report ------------------------------------------------------------------------------------------------------


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Processor seconds of this thread, and what came of it."""
    began = time.thread_time()
    found = run()
    return time.thread_time() - began, found


def main() -> None:
    """Measure, print, keep."""
    given = report.options(__doc__, rounds=5).parse_args()
    words, all_laws = kept.words(), kept.loaded()
    names = technologies()
    count = round(_AGENCIES * min(1.0, given.part))
    every = agencies([law.place.short for law in all_laws])[:count]
    share = every[:: max(1, count // min(count, _SHARE))]
    pairs = count * len(names)
    whole, one_by_one, bare, clingo, memory = [], [], [], [], 0
    version, differ = "", 0
    with report.scratch() as folder:
        for _ in range(given.rounds):
            fresh = Lawbook(all_laws, words)  # nothing remembered from the round before
            seconds, rows = timed(lambda fresh=fresh: list(fresh.answers(every, names, _ACT, _DAY)))
            whole.append(seconds)
            table = {
                (place, kind, name): answer
                for (place, kind), row in zip(every, rows, strict=True)
                for name, answer in zip(names, row, strict=True)
            }
            bare.append(
                timed(lambda table=table: [[table[place, kind, name] for name in names] for place, kind in every])[0]
            )
            few = share[:: max(1, len(share) // 100)]
            seconds, _done = timed(
                lambda fresh=fresh, few=few: [
                    verdict.permission(Question(place, kind, _ACT, name, _DAY), fresh).answer
                    for place, kind in few
                    for name in names
                ]
            )
            one_by_one.append(seconds / (len(few) * len(names)))
        peer = by_clingo(folder, encoded(share, names, Lawbook(all_laws, words)))
        if peer:
            ranks = [*STRICTEST]
            for i, (place, kind) in enumerate(share):
                for name in names:
                    differ += table[place, kind, name] is not ranks[peer["found"][str(i)][name]]  # type: ignore[index]
            clingo, memory, version = [float(peer["seconds"])], int(peer["memory"]), str(peer["version"])  # type: ignore[call-overload, arg-type]

    told = report.Report(
        "laws", "how long does the law of a whole country take?",
        f"{count:,} agencies by {len(names)} technologies, one act ({_ACT}), one day ({_DAY}), {len(all_laws)} laws; no fact known, no purpose claimed.", given.rounds,
        machine=report.machine("postme"), synthetic=False, whole=given.part >= 1,
    )  # fmt: skip
    middle = statistics.median(whole)
    told.targets.append(
        report.Target("every answer, on one core", f"under {AT_MOST:g} s", f"{middle:.2f} s", middle < AT_MOST)
    )
    answers = [answer for row in rows for answer in row]
    rows_of_table = [
        ("**postme**: every answer, each kind of question worked out once", f"{pairs:,}", f"{middle:.2f} s", f"{middle / pairs * 1e6:.2f} µs", "1.00", "–"),
        ("postme: one by one, with reasons", f"{len(few) * len(names):,} of them", f"≈ {statistics.median(one_by_one) * pairs:.0f} s", f"{statistics.median(one_by_one) * 1e6:.0f} µs",
         f"≈ {statistics.median(one_by_one) * pairs / middle:.0f}", "–"),
        ("limit: the same answers looked up in a table", f"{pairs:,}", f"{statistics.median(bare):.2f} s", f"{statistics.median(bare) / pairs * 1e6:.2f} µs", f"{statistics.median(bare) / middle:.2f}", "–"),
    ]  # fmt: skip
    if clingo:
        scale = pairs / (len(share) * len(names))
        rows_of_table.insert(2, (
            f"clingo {version}: the same rules, without reasons", f"{len(share) * len(names):,} of them", f"≈ {clingo[0] * scale:.1f} s", f"{clingo[0] / (len(share) * len(names)) * 1e6:.1f} µs",
            f"≈ {clingo[0] * scale / middle:.1f}", f"{memory / 2**20:.0f} MB for its share",
        ))  # fmt: skip
    notes = [
        "*of postme's time*: how many times as long. ≈: measured on a share and extrapolated.",
        f"clingo and postme differ in {differ:,} of {len(share) * len(names):,} answers." if clingo else "clingo is not here (make .venv-bench/installed).",
        "Answers: " + ", ".join(f"{answer.value} {answers.count(answer):,}" for answer in Answer if answers.count(answer)) + ".",
        f"Peak memory of this process with everything in it: {_peak() / 2**20:.0f} MB.",
    ]  # fmt: skip
    told.tables.append(
        report.Table(
            "The law of a country",
            ("what", "questions", "all of it", "a question", "of postme's time", "memory"),
            tuple(rows_of_table),
            tuple(notes),
        )
    )
    told.figures = {"seconds": whole, "bare": bare, "one by one": one_by_one, "clingo": clingo}
    told.close(given.json)


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
