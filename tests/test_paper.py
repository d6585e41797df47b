"""Papers: questions from data and law files, answers in three states, versions, the one-page reading, and forms that come back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import filling, form, formfile, paper
from postme.errors import KnowledgeError, PostmeError, TooLarge, WrongUse
from postme.form import Asks, Form
from postme.keeping import laws, papers
from postme.office import blanks
from postme.paper import Answer, State
from postme.reading import filled
from postme.rule import Duty

ANSWERED, NOT, EMPTY = State.ANSWERED.value, State.NOT.value, State.EMPTY.value


def asked(kind: str, law: str = "") -> Form:
    """The form of a paper under one law, or under none."""
    shape = papers.patterns()[kind]
    found = [laws.book().laws[law]] if law else []
    return form.form(
        shape,
        [
            form.asks(one, provision, provision.rule)
            for one in found
            for provision in one.provisions
            if isinstance(provision.rule, Duty) and shape.is_asked_by(one, provision.rule)
        ],
    )


POLICY = asked("use_policy")
REPORT = asked("yearly_report")


# --- the questions


def test_every_name_under_which_a_law_lists_a_field_leads_to_a_question_or_is_asked_in_the_laws_own_words() -> None:
    seen = 0
    for shape in papers.patterns().values():
        for law in laws.book().laws.values():
            for provision in law.provisions:
                if (
                    isinstance(provision.rule, Duty)
                    and provision.rule.fields
                    and shape.is_asked_by(law, provision.rule)
                ):
                    clause = form.asks(law, provision, provision.rule)
                    made = form.form(shape, [clause])
                    by = [one for one in made.fields if one.asked]
                    assert by, clause.address
                    assert sum(one.section == form.OWN for one in by) <= len(provision.rule.fields)
                    seen += len(provision.rule.fields)
    assert seen > 150


def test_the_facts_that_a_paper_is_known_by_are_facts_of_the_laws() -> None:
    known = {*laws.words().facts, *(fact for law in laws.book().laws.values() for fact in law.facts)}
    assert not {fact for one in papers.patterns().values() for fact in one.facts} - known


def test_oakland_asks_for_race_in_its_yearly_report_by_clause_and_not_for_what_it_does_not_list() -> None:
    made = asked("yearly_report", "us-ca-oakland-ccops")
    assert made.listed
    assert [one.clause for one in made.of["groups"].asked] == ["9.64.040"]
    assert made.of["requests"].needed is False


def test_seattle_and_new_york_and_california_each_find_their_list() -> None:
    assert len([one for one in asked("impact_report", "us-wa-seattle-ccops").fields if one.needed]) >= 8
    assert {"groups", "health", "public"} <= {
        one.id for one in asked("use_policy", "us-ny-new-york-post-act").fields if one.needed
    }
    equipment = asked("equipment_policy", "us-ca-military-equipment")
    assert [one.id for one in equipment.fields if not one.needed] == ["people"]
    assert sum(one.needed for one in asked("equipment_report", "us-ca-military-equipment").fields) == 15


def test_a_law_on_military_equipment_asks_for_no_paper_on_surveillance() -> None:
    assert asked("use_policy", "us-ca-military-equipment").asked == ()


def test_what_no_question_of_ours_answers_is_asked_in_the_laws_own_words() -> None:
    made = asked("yearly_report", "us-la-new-orleans-fr")
    own = [one for one in made.fields if one.section == form.OWN]
    assert [one.question for one in own] == ["number of uses", "whether arrests followed"]
    assert all(one.needed for one in own)


def test_where_no_law_lists_anything_the_form_says_so_and_asks_the_common_questions() -> None:
    bare = form.form(papers.patterns()["use_policy"], [Asks("x", "X", "p", "", "a policy", "seen in reporting")])
    assert not bare.listed
    assert bare.asked
    assert not any(one.needed for one in bare.fields)
    assert paper.completeness(bare, {}).whole is False


WRONG: dict[str, tuple[Any, str]] = {
    "no mapping": (["a"], "is not a list of keys"),
    "no id": (lambda d: d.pop("id"), "lacks 'id'"),
    "a key that is none": (lambda d: d.update(fact=["x"]), "'fact' is not a key"),
    "a list that is words": (lambda d: d.update(fields="x"), "'fields' must be a list"),
    "an id with a space": (lambda d: d.update(id="use policy"), "is not plain"),
    "a section without a heading": (lambda d: d["sections"].update(x=""), "has no heading"),
    "the section of laws": (lambda d: d["sections"].update(own="Own"), "is kept for"),
    "a question that is words": (lambda d: d["fields"].append("What?"), "is not written as keys"),
    "a question without words": (lambda d: d["fields"][0].pop("question"), "lacks 'question'"),
    "a section that is none": (lambda d: d["fields"][0].update(section="nowhere"), "is no section"),
    "a kind that is none": (lambda d: d["fields"][0].update(kind="song"), "is no 'kind'"),
    "a heading that is none": (lambda d: d["fields"][0].update(first="all"), "is no 'first'"),
    "two questions of one id": (lambda d: d["fields"].append(dict(d["fields"][0])), "stands twice"),
    "a name asked twice": (lambda d: d["fields"][1].update(asked_as=["purpose"]), "is asked by"),
    "a name that cannot match": (lambda d: d["fields"][0].update(asked_as=["A b"]), "is not plain"),
    "an id of a law's own": (lambda d: d["fields"][0].update(id="own_x"), "is not plain"),
}  # fmt: skip


def right() -> dict[str, Any]:
    """A small file that is well formed."""
    return {
        "id": "use_policy", "name": "Use policy", "what": "Rules.", "facts": ["use_policy_published"], "common": "Common ones.", "sections": {"use": "Use"},
        "fields": [{"id": "purpose", "section": "use", "question": "What for?", "asked_as": ["purpose"]}, {"id": "cost", "section": "use", "question": "How much?", "kind": "amount"}],
    }  # fmt: skip


def test_a_well_formed_file_has_no_fault() -> None:
    assert formfile.faults(right()) == []


@pytest.mark.parametrize("what", WRONG)
def test_a_file_of_questions_is_refused_for(what: str) -> None:
    change, says = WRONG[what]
    document: Any = right()
    if callable(change):
        change(document)
    else:
        document = change
    found = formfile.faults(document)
    assert len(found) == 1, found
    assert says in found[0].what
    assert found[0].why
    assert found[0].do


def test_a_fault_of_a_file_is_said_with_its_line() -> None:
    errors, document = papers.checked(b"id: use_policy\nname: Use policy\nwhat: x\nfacts: [a]\ncommon: y\nsections: {use: Use}\nfields:\n  - {id: a, section: b, question: c}\n", "papers/x.yaml")  # fmt: skip
    assert document is None
    assert errors[0].where == "papers/x.yaml:8"
    assert isinstance(errors[0], KnowledgeError)


# --- answers


def test_words_make_an_answer_a_reason_makes_does_not_apply_and_without_them_it_is_empty_whatever_was_chosen() -> None:
    assert paper.answer(ANSWERED, "It reads plates.").counts is State.ANSWERED
    assert paper.answer(ANSWERED, " \n ").counts is State.EMPTY
    assert paper.answer(NOT, "", "It keeps no data.").counts is State.NOT
    assert paper.answer(NOT, "It keeps data.").counts is State.EMPTY
    assert paper.answer(EMPTY, "A thought.").counts is State.EMPTY
    assert paper.answer(EMPTY, "A thought.").text == "A thought."


def test_what_does_not_count_is_said_and_never_kept_from_being_saved() -> None:
    of = POLICY.of
    assert "counts as empty" in paper.remarks(of["purpose"], paper.answer(ANSWERED))[0]
    assert "Say why" in paper.remarks(of["purpose"], paper.answer(NOT))[0]
    assert "number of days" in paper.remarks(of["retention"], paper.answer(ANSWERED, "For long."))[0]
    assert paper.remarks(of["retention"], paper.answer(ANSWERED, "30 days, then deleted.")) == ()
    assert paper.remarks(of["cost"], paper.answer(ANSWERED, "It costs nothing.")) == ()
    assert set(paper.remarks(of["purpose"], paper.answer(NOT, "words"))) <= set(paper.REMARKS)


def test_an_answer_of_a_megabyte_is_refused_with_what_to_do() -> None:
    with pytest.raises(WrongUse, match="1,000,000 characters") as refused:
        paper.answer(ANSWERED, "x" * 1_000_000)
    assert "attach" in refused.value.do
    assert paper.answer(ANSWERED, "x" * paper.LONGEST_ANSWER).counts is State.ANSWERED


def test_a_version_holds_what_counts_and_the_draft_keeps_the_rest() -> None:
    answers = {
        "purpose": paper.answer(ANSWERED, "To find cars.", "old reason"),
        "cost": paper.answer(EMPTY, "About $3?"),
    }
    told = paper.fixed(POLICY, answers)
    assert told["purpose"] == {"state": "answered", "text": "To find cars."}
    assert told["cost"] == {"state": "empty"}
    assert set(told) == {one.id for one in POLICY.fields}


def test_an_answer_to_a_question_that_is_asked_no_more_stays_in_the_version() -> None:
    told = paper.fixed(POLICY, {"own_gone": paper.answer(ANSWERED, "It was asked once.")})
    assert told["own_gone"]["text"] == "It was asked once."


def test_completeness_counts_what_the_law_asks_for_apart() -> None:
    oakland = asked("yearly_report", "us-ca-oakland-ccops")
    needed = [one.id for one in oakland.fields if one.needed]
    answers = {id_: paper.answer(ANSWERED, "1") for id_ in needed[:-1]} | {
        needed[-1]: paper.answer(NOT, "", "None is held.")
    }
    how = paper.completeness(oakland, answers)
    assert (how.done, how.needed, how.whole) == (len(needed), len(needed), True)
    assert how.others_done == 0
    assert not paper.completeness(oakland, {**answers, needed[0]: paper.answer(ANSWERED, "")}).whole


def test_two_versions_are_compared_question_by_question_and_word_by_word() -> None:
    old = paper.fixed(
        POLICY, {"retention": paper.answer(ANSWERED, "Kept 30 days."), "purpose": paper.answer(ANSWERED, "Cars.")}
    )
    new = paper.fixed(
        POLICY, {"retention": paper.answer(ANSWERED, "Kept 90 days."), "purpose": paper.answer(ANSWERED, "Cars.")}
    )
    [change] = paper.changes(old, new, [one.id for one in POLICY.fields])
    assert change.field == "retention"
    assert ("gone", "30") in change.pieces
    assert ("new", "90") in change.pieces
    assert paper.changes(old, old) == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_of_a_comparison_put_together_are_both_texts(old: str, new: str) -> None:
    found = list(paper.pieces(old, new))
    assert "".join(text for kind, text in found if kind != "new") == old
    assert "".join(text for kind, text in found if kind != "gone") == new


def test_the_order_in_which_answers_were_typed_does_not_change_the_hash_and_a_letter_does() -> None:
    one = paper.fixed(POLICY, {"purpose": paper.answer(ANSWERED, "Cars."), "cost": paper.answer(ANSWERED, "$1")})
    assert paper.sha256(one) == paper.sha256(dict(reversed(one.items())))
    assert paper.sha256(one) != paper.sha256({**one, "cost": {"state": "answered", "text": "$2"}})


def test_the_one_page_reading_has_what_a_council_member_asks_first_and_says_what_is_empty() -> None:
    lines = paper.reading(
        POLICY,
        {"retention": paper.answer(ANSWERED, "30 days."), "sharing": paper.answer(NOT, "", "Nobody else gets it.")},
    )
    by = {line.slot: line for line in lines}
    assert [line.slot for line in lines] == ["does", "cost", "kept", "shared", "groups"]
    assert by["kept"].parts[0]["words"] == "30 days."
    assert by["shared"].parts[0]["state"] == "does not apply"
    assert by["cost"].parts[0]["state"] == "empty"


def test_a_long_answer_is_cut_at_the_end_of_a_sentence_and_says_that_it_goes_on() -> None:
    short, cut = paper.shortened("One sentence. " * 60)
    assert cut
    assert short.endswith("sentence.")
    assert len(short) <= paper.SHORT
    assert paper.shortened("x" * 900) == ("x" * paper.SHORT, True)


def test_what_the_policy_promised_stands_beside_what_the_report_tells() -> None:
    promised = {"retention": paper.answer(ANSWERED, "30 days."), "cost": paper.answer(EMPTY)}
    told = {"retention": paper.answer(ANSWERED, "The oldest was 524 days old.")}
    [pair] = paper.pairs(POLICY, promised, REPORT, told)
    assert (pair.promised.text, pair.told.text) == ("30 days.", "The oldest was 524 days old.")
    [silent] = paper.pairs(POLICY, promised, REPORT, {})
    assert silent.told.counts is State.EMPTY


# --- forms that come back

WORDS = st.text(max_size=60) | st.sampled_from(
    [
        "=1+1",
        "'=x",
        "-5",
        "@a",
        "كم يوما تحفظ البيانات؟",
        "one\ntwo\r\nthree",
        "[purpose/answer]",
        "a,b;c\td",
        '"',
        "form:use_policy:0:00000000",
        "<b>&amp;",
    ]
)
TYPED = st.dictionaries(
    st.sampled_from([one.id for one in POLICY.fields]), st.tuples(WORDS, WORDS, st.sampled_from([ANSWERED, NOT]))
)  # fmt: skip


def given_out(of: Form, answers: paper.Answers, how: str, year: int = 0) -> tuple[bytes, str]:
    return (
        (blanks.document(of, answers, year), "f.docx") if how == "docx" else (blanks.table(of, answers, year), "f.csv")
    )


def come_back(of: Form, data: bytes, name: str, now: paper.Answers, year: int = 0) -> filling.Taken:
    read = filled.read(data, name)
    found = filling.from_table(read.rows, name) if read.table else filling.from_cells(read.rows, read.lines, of, name)
    return filling.taken(of, found, now, year, name)


def _round(typed: dict[str, tuple[str, str, str]], how: str) -> None:
    answers = {
        id_: paper.answer(state, text if state == ANSWERED else "", because if state == NOT else "", ["/records/ab/1/"])
        for id_, (text, because, state) in typed.items()
    }
    answers = {id_: one for id_, one in answers.items() if one.counts is not State.EMPTY}
    back = come_back(POLICY, *given_out(POLICY, answers, how), {})
    assert {id_: one for id_, one in back.answers.items() if not one.blank} == answers
    assert back.clean, back


@given(TYPED)
def test_a_table_brings_back_what_was_given_out_question_by_question(typed: dict[str, tuple[str, str, str]]) -> None:
    _round(typed, "csv")


@given(st.dictionaries(st.sampled_from(["purpose", "cost"]), st.tuples(WORDS, WORDS, st.sampled_from([ANSWERED, NOT]))))
def test_a_document_brings_back_what_was_given_out_question_by_question(typed: dict[str, tuple[str, str, str]]) -> None:
    _round(typed, "docx")


@pytest.mark.parametrize("how", ["docx", "csv"])
def test_a_blank_form_empties_nothing_and_says_which_answers_it_lacks(how: str) -> None:
    now = {"purpose": paper.answer(ANSWERED, "To find cars.", "", ["/records/ab/1/"])}
    back = come_back(POLICY, *given_out(POLICY, {}, how), now)
    assert back.answers["purpose"] == now["purpose"]
    assert back.emptied == ("purpose",)
    assert back.changed == ()


@pytest.mark.parametrize("how", ["docx", "csv"])
def test_rows_of_unknown_questions_are_shown_and_missing_ones_stay_as_they_are(how: str) -> None:
    field = POLICY.fields[0]
    other = replace(POLICY, fields=(*POLICY.fields[2:], replace(field, id="moon", question="Which moon?")))
    now = {"purpose": paper.answer(ANSWERED, "To find cars.")}
    back = come_back(POLICY, *given_out(other, {"moon": paper.answer(ANSWERED, "Europa.")}, how), now)
    assert back.unknown == (("moon", "Europa."),)
    assert back.missing == ("purpose", "capabilities")
    assert back.older
    assert back.answers["purpose"] == now["purpose"]


@pytest.mark.parametrize("how", ["docx", "csv"])
def test_the_form_of_another_paper_is_refused(how: str) -> None:
    data, name = given_out(REPORT, {}, how, 2026)
    with pytest.raises(WrongUse, match="another paper: yearly report of 2026"):
        come_back(POLICY, data, name, {})
    with pytest.raises(WrongUse, match="yearly report of 2026"):
        come_back(REPORT, data, name, {}, 2025)
    assert come_back(REPORT, data, name, {}, 2026).clean


def test_an_answer_and_a_reason_are_both_kept_and_said() -> None:
    rows = [filling.COLUMNS, (filling.mark(POLICY),), ("purpose", "", "", "", "Cars.", "It is for nothing.", "")]
    found = filling.from_table(rows, "x")
    back = filling.taken(POLICY, found, {})
    assert back.both == ("purpose",)
    assert (back.answers["purpose"].text, back.answers["purpose"].because) == ("Cars.", "It is for nothing.")


def test_a_question_that_stands_twice_keeps_both_answers() -> None:
    rows = [
        filling.COLUMNS,
        (filling.mark(POLICY),),
        ("purpose", "", "", "", "Cars."),
        ("purpose", "", "", "", "Trucks."),
    ]
    back = filling.taken(POLICY, filling.from_table(rows, "x"), {})
    assert back.twice == ("purpose",)
    assert back.answers["purpose"].text == "Cars.\n\nTrucks."


def test_words_beside_the_boxes_are_shown_not_dropped() -> None:
    rows = [
        filling.COLUMNS,
        (filling.mark(POLICY),),
        ("", "", "", "", "Where does this go?"),
        ("purpose", "", "", "", "Cars.", "", "", "beyond"),
    ]
    back = filling.taken(POLICY, filling.from_table(rows, "x"), {})
    assert back.outside == ("Where does this go?", "beyond")
    import docx

    made = docx.Document(io.BytesIO(blanks.document(POLICY, {})))
    made.add_paragraph("A thought at the end.")
    made.tables[1].cell(0, 1).add_table(rows=1, cols=2).cell(0, 0).text = "in a table"
    out = io.BytesIO()
    made.save(out)
    back = come_back(POLICY, out.getvalue(), "f.docx", {})
    assert back.outside == ("A thought at the end.",)
    assert "in a table" in back.answers["purpose"].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_is_read_as_spreadsheet_programs_save_it(encoding: str, sign: str) -> None:
    rows = [list(filling.COLUMNS), [filling.mark(POLICY)], ["purpose", "q", "", "", "Año: 3", "", ""]]
    text = "\r\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
    back = come_back(POLICY, text.encode(encoding), "f.csv", {})
    assert back.answers["purpose"].text == "Año: 3"


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


BOMB = _zip(word__document_xml=b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>' + b"<w:p/>" * 9_000_000, **{"[Content_Types]_xml": b"<Types/>"})  # fmt: skip
BAD = {
    "nothing": (b"", "f.csv", "empty"),
    "a hundred megabytes": (b"x" * 100_000_000, "f.csv", "100 MB"),
    "a bomb": (BOMB, "f.docx", "unpacks to more"),
    "half a document": (blanks.document(POLICY, {})[:9000], "f.docx", "damaged"),
    "a PDF": (b"%PDF-1.7\n%%EOF", "f.pdf", "a PDF, not a filled form"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "f.png", "not a filled form"),
    "a quotation that does not end": (
        b'code,answer\nform:use_policy:0:00000000,\npurpose,"open',
        "f.csv",
        "is not closed",
    ),
    "a cell of a megabyte": (
        b"code,answer\nform:use_policy:0:00000000,\npurpose," + b"x" * 1_000_000,
        "f.csv",
        "longer than any answer",
    ),
    "somebody's own table": (b"name,amount\nx,1\n", "f.csv", "not one of our forms"),
    "our table without its code": (b"code,answer\npurpose,x\n", "f.csv", "No form's code"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_filled_form_is_refused_with_what_to_do(what: str) -> None:
    data, name, says = BAD[what]
    with pytest.raises(PostmeError, match=says) as refused:
        come_back(POLICY, data, name, {})
    assert refused.value.do
    assert refused.value.why
    if what in ("a bomb", "a hundred megabytes"):
        assert isinstance(refused.value, TooLarge)


def test_an_empty_answer_is_known_as_blank() -> None:
    assert Answer().blank
    assert paper.kept({"a": Answer(State.ANSWERED, "x", "", ("/a/",)).typed()})["a"].evidence == ("/a/",)
