"""Whether a page's text is language at all: fonts without a Unicode map give letters nobody can read."""

from __future__ import annotations

import re

# Chosen: a tenth of unreadable characters already hides words; real pages hold a stray symbol or two.
WORST_SHARE = 0.1
# Chosen: tables of numbers keep 40 % letters and digits once leaders and rules are set aside; symbol soup does not.
LEAST_ALPHANUMERIC = 0.4
# Chosen: vowels are 36-42 % of the letters of English, Spanish, French and Vietnamese without its accents; lists of
# initials stay over 20 %. A font whose codes are shifted gives about 12 % ("$XWRPDWHG OLFHQVH SODWH").
LEAST_VOWELS, MOST_VOWELS = 0.2, 0.65
# Chosen: shares of fewer characters than this say nothing.
ENOUGH_VISIBLE, ENOUGH_LETTERS = 40, 120

_BAD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff\ue000-\uf8ff\U000f0000-\U0010ffff]")
_CONTROLS = bytes((*range(9), *range(14, 32), 127))
_SPACE = b" \t\r\n\x0b\x0c"
_LEADERS = b"._-|=*"
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHANUMERIC = _LETTERS + b"0123456789"
_VOWELS = b"aeiouyAEIOUY"


def fault(text: str) -> str:
    """Why the text is no language, in a sentence; empty where it may be one.

    Counts characters that no reader can mean (controls, private use, replacement characters), then the share of
    letters and digits, then the share of vowels among Latin letters. Costs a few microseconds a page.

    >>> fault("The council voted on license plate readers. " * 9)
    ''
    >>> fault("\\ue001\\ue002\\ue003 " * 30)
    'Its fonts do not say which letters they draw.'
    """
    if text.isascii():
        plain = text.encode("ascii")
        visible = len(plain) - _count(plain, _SPACE)
        bad = _count(plain, _CONTROLS)
        others = 0
    else:
        # Every letter outside ASCII counts as a letter, so that no language is taken for garbage.
        plain = text.encode("ascii", "ignore")
        others = len(text) - len(plain)
        visible = len(plain) - _count(plain, _SPACE) + others
        bad = len(_BAD.findall(text))
    if visible < ENOUGH_VISIBLE:
        # A short page is garbage only when hardly anything else stands on it.
        return "Its fonts do not say which letters they draw." if visible and bad * 2 > visible else ""
    if bad > WORST_SHARE * visible:
        return "Its fonts do not say which letters they draw."
    counted = visible - _count(plain, _LEADERS)
    if counted >= ENOUGH_VISIBLE and _count(plain, _ALPHANUMERIC) + others < LEAST_ALPHANUMERIC * counted:
        return "Its text is mostly signs, hardly any letters."
    letters = _count(plain, _LETTERS)
    if letters >= ENOUGH_LETTERS and letters > others * 4:
        share = _count(plain, _VOWELS) / letters
        if not LEAST_VOWELS <= share <= MOST_VOWELS:
            return "Its letters form no words: the font's codes are shifted."
    return ""


def _count(plain: bytes, kinds: bytes) -> int:
    return len(plain) - len(plain.translate(None, kinds))
