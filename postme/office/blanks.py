"""Blank forms that are given out: a Word document with a box for each answer, or a table; filled as far as the paper is."""

from __future__ import annotations

import csv
import io
from typing import Any

from postme import filling
from postme.form import OWN, Form
from postme.paper import Answer, Answers

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CSV = "text/csv; charset=utf-8"


def table(form: Form, answers: Answers, year: int = 0) -> bytes:
    """The form as CSV in UTF-8, with the mark by which spreadsheet programs know it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(filling.table(form, answers, year))
    return out.getvalue().encode("utf-8-sig")


def document(form: Form, answers: Answers, year: int = 0) -> bytes:
    """The form as a Word document: a heading for each section, a question, its hint, who asks for it, and three boxes."""
    import docx  # late: pages that give out no form need not wait for it
    from docx.shared import Pt

    made = docx.Document()
    made.core_properties.title = form.name
    made.core_properties.author = ""
    made.core_properties.comments = ""
    made.styles["Normal"].font.size = Pt(10.5)
    made.add_heading(form.name, 0)
    for line in (form.what, filling.HOW, filling.NO_ANSWER):
        made.add_paragraph(line)
    _boxes(made, [("Form", filling.mark(form, year))])
    section = None
    for one in form.fields:
        if one.section != section:
            section = one.section
            made.add_heading(filling.OWN_SECTION if section == OWN else form.sections[section], 1)
        made.add_heading(one.question, 2)
        if one.hint:
            made.add_paragraph(one.hint)
        if one.asked:
            _small(made.add_paragraph(), f"{filling.ASKED}: {filling.asked_by(one)}")
        said = answers.get(one.id, Answer())
        values = {"answer": said.text, "because": said.because, "evidence": "\n".join(said.evidence)}
        _boxes(
            made, [(f"{label}\n{filling.code(one.id, part)}", values[part]) for part, label in filling.PARTS.items()]
        )
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _boxes(made: Any, rows: list[tuple[str, str]]) -> None:
    drawn = made.add_table(rows=len(rows), cols=2, style="Table Grid")
    for row, (label, value) in zip(drawn.rows, rows, strict=True):
        head, box = row.cells
        words, _, code = label.partition("\n")
        head.paragraphs[0].add_run(words)
        if code:
            _small(head.add_paragraph(), code)
        box.paragraphs[0].add_run(value)
    made.add_paragraph()


def _small(paragraph: Any, words: str) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(words)
    run.font.size = Pt(8)
    run.font.color.rgb = RGBColor(0x55, 0x55, 0x55)
