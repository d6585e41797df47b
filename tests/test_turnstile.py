"""The small sum: what was not posed here, is too late, too easy or for another form is told from what is solved; the slow way is bounded."""

from __future__ import annotations

import datetime
import hashlib
import itertools

import pytest

from postme import turnstile
from postme.turnstile import Answer

KEY = b"a key"
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
ABOUT = "/letters/stop/"
DRAWN = "0123456789abcdef" * 2


def solved(puzzle: str, bits: int) -> str:
    """The first number that solves it."""
    return next(str(one) for one in itertools.count() if turnstile.zeros(puzzle, str(one)) >= bits)


@pytest.fixture(scope="module")
def puzzle() -> str:
    return turnstile.posed(KEY, ABOUT, 12, DRAWN, NOW)


@pytest.fixture(scope="module")
def proof(puzzle: str) -> str:
    return solved(puzzle, 12)


def test_what_was_posed_here_and_solved_in_time_is_solved(puzzle: str, proof: str) -> None:
    assert turnstile.judged(KEY, ABOUT, puzzle, proof, NOW) is Answer.SOLVED
    assert hashlib.sha256(f"{puzzle}.{proof}".encode()).hexdigest().startswith("000")
    assert turnstile.sign(puzzle) == DRAWN


def test_an_easier_puzzle_a_later_end_another_key_or_another_form_is_forged(puzzle: str, proof: str) -> None:
    easy = puzzle.replace("1.12.", "1.01.", 1)
    late = puzzle.replace(f".{puzzle.split('.')[2]}.", ".9999999999.", 1)
    assert easy != puzzle and late != puzzle
    for one in (
        easy,
        late,
        puzzle.replace(DRAWN, "f" * 32),
        puzzle[:-1] + ("0" if puzzle[-1] != "0" else "1"),
        "1.12",
        "x" * 200,
    ):
        assert turnstile.judged(KEY, ABOUT, one, solved(one, 1), NOW) is Answer.FORGED, one
    assert turnstile.judged(b"another", ABOUT, puzzle, proof, NOW) is Answer.FORGED
    assert turnstile.judged(KEY, "/letters/other/", puzzle, proof, NOW) is Answer.FORGED


def test_a_puzzle_is_good_until_its_end_and_not_a_second_longer(puzzle: str, proof: str) -> None:
    assert turnstile.judged(KEY, ABOUT, puzzle, proof, NOW + turnstile.LASTS) is Answer.SOLVED
    assert turnstile.judged(KEY, ABOUT, puzzle, proof, NOW + turnstile.LASTS + datetime.timedelta(seconds=1)) is Answer.EXPIRED  # fmt: skip


def test_a_proof_of_fewer_bits_or_none_is_no_proof(puzzle: str) -> None:
    less = next(str(one) for one in itertools.count() if turnstile.zeros(puzzle, str(one)) == 11)
    for one in (less, "-1", "1e3", "٣", "9" * 17, " 1", "<script>"):
        assert turnstile.judged(KEY, ABOUT, puzzle, one, NOW) is Answer.WRONG, one
    assert turnstile.judged(KEY, ABOUT, puzzle, "", NOW) is Answer.NONE
    assert turnstile.judged(KEY, ABOUT, "", "", NOW) is Answer.NONE


def test_nothing_is_asked_below_the_first_step_and_never_less_above_a_later_one() -> None:
    asked = [turnstile.asked(one) for one in range(1000)]
    first = turnstile.STEPS[0][0]
    assert not any(asked[:first]) and all(asked[first:])
    assert asked == sorted(asked)
    # What docs/decisions/0029 says of an old phone holds for these.
    assert max(bits for _, bits in turnstile.STEPS) <= 18


def test_the_slow_way_ends_before_the_letter_does_and_never_lasts_longer_than_is_said() -> None:
    assert turnstile.turn(NOW, NOW + datetime.timedelta(days=1), None) == NOW + turnstile.LONGEST
    tonight = datetime.datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=datetime.UTC)
    assert turnstile.turn(tonight - datetime.timedelta(hours=2), tonight, tonight.date()) == tonight - datetime.timedelta(hours=1)  # fmt: skip
    assert turnstile.turn(tonight + datetime.timedelta(hours=2), tonight + datetime.timedelta(days=1), tonight.date()) == tonight + datetime.timedelta(hours=2)  # fmt: skip
