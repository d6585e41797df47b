"""Dates and bodies: told where a record tells them, unknown where it does not."""

from __future__ import annotations

import pytest

from postme.reading import heading


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Regular City Council Minutes 3-24-2022.pdf", "2022-03-24"),
        ("2021-02-12 packet.pdf", "2021-02-12"),
        ("20210212_agenda.pdf", "2021-02-12"),
        ("Minutes_February_12_2021.docx", "2021-02-12"),
        ("packet.zip!/2019/Minutes 1.5.2023.pdf", "2023-01-05"),
        ("Minutes 1-5-2023 and 1-19-2023.pdf", None),
        ("Ordinance 13-45-2021.pdf", None),
        ("Resolution 22-310.pdf", None),
        ("minutes.pdf", None),
    ],
)
def test_the_day_is_told_by_the_name(name: str, day: str | None) -> None:
    assert heading.told(name, "").date == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("held on Thursday, January 14, 2021 at 10:00", "2021-01-14"),
        ("Feb. 3rd, 2020", "2020-02-03"),
        ("TUESDAY, MARCH 7, 2023\nApproval of the minutes of March 1, 2023", "2023-03-07"),
        ("12/4/23, 7:37 PM printed page", None),
        ("March 1, 2023 and March 2, 2023", None),
        ("February 30, 2021", None),
        ("x" * 3000 + " March 1, 2023", None),
    ],
)
def test_the_day_is_told_by_the_head_of_the_first_page(text: str, day: str | None) -> None:
    assert heading.told("scan.pdf", text).date == day


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("MINUTES\r\nRegular City Council\r\nheld", "City Council"),
        ("CRIMINAL JUSTICE COMMITTEE\nMEETING AGENDA", "CRIMINAL JUSTICE COMMITTEE"),
        ("Board of Supervisors", "Board of Supervisors"),
        ("Meeting of the Public Safety and Health Committee", "Public Safety and Health Committee"),
        ("Oakland Privacy Advisory Commission Meeting Minutes", "Oakland Privacy Advisory Commission"),
        ("Select Board", "Select Board"),
        ("THE COUNCIL\nCity of New Orleans", None),
        ("The committee heard that the board of the airport was late.", None),
    ],
)
def test_the_body_is_told_by_a_line_of_its_own(text: str, body: str | None) -> None:
    assert heading.told("scan.pdf", text).body == body


def test_the_body_is_told_by_the_name_where_the_page_is_silent() -> None:
    assert heading.told("Special_City_Council_Minutes.pdf", "").body == "City Council"
    assert heading.told("Full Council Minutes.docx", "").body is None
