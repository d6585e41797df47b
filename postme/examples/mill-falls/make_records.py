"""Writes the example records of Mill Falls, a town that does not exist, from the texts beside this file.

    python make_records.py [FOLDER]            # default: the folder records/ beside this file
    python make_records.py --draw-exhibit      # draws texts/exhibit-b.jpg anew from texts/exhibit-b.txt

Every run writes the same bytes: dates are fixed, nothing is compressed (two builds of zlib give different bytes), and
the scanned page is kept as a picture (two builds of a JPEG library do, too). For development only: it needs reportlab,
and pillow to draw the exhibit. ``MADE_WITH`` is the reportlab that made the PDFs in the repository; another version may
set a line differently.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from formats import docx, eml, html, packed, plain, srt, torn, vtt, xlsx
from source import FICTION, TEXTS, text_of
from typeset import draw_exhibit, pdf

MADE_WITH = "5.1.0"

PAYMENTS = [
    [f"FICTION. {FICTION}"],
    ["Date", "Payee", "Department", "Amount"],
    ["2026-02-03", "Kesset Valley Implement", "Parks", "640.00"],
    ["2026-02-06", "Corvane Roadway Systems, LLC", "Police", "86400.00"],
    ["2026-02-10", "Wickerby Acoustics", "Police", "58000.00"],
    ["2026-02-19", "Harrow Field Recording Company", "Police", "70780.00"],
    ["2026-02-27", "Brightwater Tree and Landscape", "Cemetery", "9800.00"],
]
CLOSED = """# Minutes of the Executive Session
~ Tuesday, November 18, 2025, 9:12 p.m.

## Pending litigation
The City Attorney reported on the claim of a resident who fell on the sidewalk in front of the post office. The Council
gave him instructions. No vote was taken that must be made public.
""".replace("Council\ngave", "Council gave")


def records() -> dict[str, Callable[[], bytes]]:
    """Each file's name, and what makes its bytes."""
    return {
        "2025-06-10-council-minutes.pdf": lambda: torn(
            pdf(text_of("2025-11-18-council-minutes.md"), "Minutes, June 10, 2025")
        ),
        "2025-07-15-lamplighter-notice.txt": lambda: (
            plain(text_of("2025-07-15-lamplighter-notice.md")).replace("\n", "\r\n").encode("cp1252")
        ),
        "2025-08-26-budget-memo.html": lambda: html(text_of("2025-08-26-budget-memo.md"), "Budget requests for 2026"),
        "2025-09-09-council-agenda.docx": lambda: docx(
            text_of("2025-09-09-council-agenda.md"), "Agenda, City Council, September 9, 2025", "2025-09-04"
        ),
        "2025-10-14-council-minutes.pdf": lambda: pdf(
            text_of("2025-10-14-council-minutes.md"), "City Council, Minutes of the Regular Meeting, October 14, 2025"
        ),
        "2025-11-18-council-captions.srt": lambda: srt(text_of("2025-11-18-council-captions.txt")).encode(),
        "2025-11-18-council-minutes.pdf": lambda: pdf(
            text_of("2025-11-18-council-minutes.md"), "City Council, Minutes of the Regular Meeting, November 18, 2025"
        ),
        "2025-11-18-executive-session.pdf": lambda: pdf(
            CLOSED, "City Council, Executive Session, November 18, 2025", lock="kept in the clerk's safe"
        ),
        "2025-12-02-corvane-agreement.pdf": lambda: pdf(
            text_of("2025-12-02-corvane-agreement.md"),
            "Agreement No. 2025-064, City of Mill Falls and Corvane Roadway Systems, LLC",
            body="City Manager",
            scan=(TEXTS / "exhibit-b.jpg").read_bytes(),
        ),
        "2025-12-09-council-agenda.txt": lambda: b"",
        "2026-01-13-public-safety-committee.vtt": lambda: vtt(
            text_of("2026-01-13-public-safety-committee-captions.txt")
        ).encode(),
        "2026-01-22-equipment-inventory.eml": lambda: eml(
            text_of("2026-01-22-email.md"),
            docx(text_of("2026-01-22-equipment-inventory.md"), "Inventory of Military Equipment", "2026-01-21"),
            "inventory-2026-01.docx",
        ),
        "2026-02-27-police-annual-report.md": lambda: (
            f"> **FICTION.** {FICTION}\n\n{text_of('2026-02-27-police-annual-report.md')}\n"
            f"---\n\n*{FICTION}*\n".encode()
        ),
        "2026-02-28-payments.xlsx": lambda: xlsx(PAYMENTS),
        "2026-03-10-public-hearing.txt": lambda: plain(text_of("2026-03-10-public-hearing.md")).encode(),
        "2026-03-24-council-packet.zip": lambda: packed(
            {
                "staff-report.html": html(text_of("2026-03-24-staff-report.md"), "Staff report, File 26-031"),
                "health-board-minutes.txt": plain(text_of("2026-03-12-health-board-minutes.md")).encode(),
            }
        ),
    }


def main(arguments: list[str]) -> None:
    if arguments == ["--draw-exhibit"]:
        (TEXTS / "exhibit-b.jpg").write_bytes(draw_exhibit())
        return
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "records"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in records().items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main(sys.argv[1:])
