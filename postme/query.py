"""What a person types into the search box, and which texts it finds: the specification that both databases are held to.

Texts and questions are folded into the same plain words: lower case, no accents, one form for one and many
(``readers`` is ``reader``), ``Saint`` as ``St``. Databases only split folded text at spaces, so both find the same.
Nothing that a person types is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from itertools import pairwise

from postme.fold import broken_words, may_break, swiftly

# Chosen: longer than any question a person asks; what comes after is left out, and said so.
LONGEST = 400
MOST_PARTS = 12
MOST_WORDS = 24
# Chosen: a longer run of letters and digits is a code or a misread line; PostgreSQL takes no word over 2,046 bytes.
_LONGEST_WORD = 64
BARRIER = "_"
"""Stands between texts that are folded together, so that no phrase runs from one into the next. Nobody can type it."""

# Chosen: one letter of a long word.
_HARDLY = 0.1

_PLAIN = re.compile(rb"[a-z0-9]+")
_ASCII = re.compile(r"[a-z0-9]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_TYPED = re.compile(r'(?P<no>-*)"(?P<phrase>[^"]*)(?:"(?P<on>\*?)|$)|(?P<word>[^\s"]+)')
_APOSTROPHES = "'’‘ʼ`´"
_AS_THEY_ARE = frozenset({"news", "texas", "kansas", "arkansas"})


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and where it stands in the text: start and end in code points."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words that stand side by side; ``begun``: the last of them is only begun."""

    words: tuple[str, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question: every part of one of ``any``, and none of ``without``. ``cut`` says that some of what was typed was left out.

    >>> parsed('flock or "license plate readers" -toll').any
    ((Part(words=('flock',), begun=False),), (Part(words=('license', 'plate', 'reader'), begun=False),))
    """

    any: tuple[tuple[Part, ...], ...]
    without: tuple[Part, ...] = ()
    cut: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.any

    @property
    def words(self) -> tuple[str, ...]:
        """The words looked for, each once."""
        return tuple(dict.fromkeys(word for parts in self.any for part in parts for word in part.words))

    @property
    def wanted(self) -> tuple[Part, ...]:
        """The parts looked for, each once."""
        return tuple(dict.fromkeys(part for parts in self.any for part in parts))


def parsed(said: str) -> Query:
    """The question that was typed: words, "phrases", ``or``, ``-word``, ``begun*``. Hyphened words are phrases.

    >>> parsed("body-worn OR ").any, parsed("-drone").empty, parsed('"').empty
    (((Part(words=('body', 'worn'), begun=False),),), True, True)
    """
    groups: list[list[Part]] = [[]]
    without: list[Part] = []
    parts = words = 0
    cut = len(said) > LONGEST
    for typed in _TYPED.finditer(said[:LONGEST].translate(_QUOTES)):
        word = typed["word"]
        if word is not None and word.lower() == "or":
            groups.append([])
            continue
        inner = typed["phrase"] if word is None else word.lstrip("-–—")
        no = bool(typed["no"]) if word is None else word.startswith("-")
        begun = typed["on"] == "*" if word is None else word.endswith("*")
        run = tuple(one.word for one in _plain(inner))
        if not run:
            continue
        if begun:
            run = (*run[:-1], _opened(run[-1]))
        parts, words = parts + 1, words + len(run)
        if parts > MOST_PARTS or words > MOST_WORDS:
            cut = True
            break
        (without if no else groups[-1]).append(Part(run, begun))
    distinct = dict.fromkeys(tuple(dict.fromkeys(group)) for group in groups if group)
    return Query(tuple(distinct), tuple(dict.fromkeys(without)) if distinct else (), cut)


def begun(query: Query) -> Query:
    """The same question with the last word of each alternative taken as one that is still being typed.

    >>> begun(parsed("license plat")).any[0][-1]
    Part(words=('plat',), begun=True)
    """
    open_ = tuple(
        (*group[:-1], Part((*group[-1].words[:-1], _opened(group[-1].words[-1])), True)) for group in query.any
    )
    return replace(query, any=open_)


def written(query: Query) -> str:
    """The question as a person would type it.

    >>> written(parsed('FLOCK or "license  plate reader" cam* -toll'))
    'flock or "license plate reader" cam* -toll'
    """
    found = " or ".join(" ".join(map(_typed, group)) for group in query.any)
    return " ".join([found, *(f"-{_typed(part)}" for part in query.without)])


def respelled(query: Query, words: Mapping[str, str]) -> Query:
    """The question with some words replaced by others."""
    any_ = tuple(
        tuple(Part(tuple(words.get(w, w) for w in part.words), part.begun) for part in group) for group in query.any
    )
    return replace(query, any=any_)


def spelled(text: str) -> Iterator[Word]:
    """The folded words of a text, in order; then, after a barrier each, words that a line's end broke, mended.

    >>> [one.word for one in spelled("The Sheriff’s cameras, St. Paul")]
    ['the', 'sheriff', 'camera', 'st', 'paul']
    >>> [one.word for one in spelled("surveil-\\nlance")]
    ['surveil', 'lance', '_', 'surveillance']
    """
    broken: list[tuple[int, int]] = []
    for start, end in broken_words(text):
        first, last = start, end
        while first and text[first - 1].isalnum():
            first -= 1
        while last < len(text) and text[last].isalnum():
            last += 1
        broken.append((first, last))
    yield from _plain(text)
    for first, last in broken:
        yield Word(BARRIER, first, first)
        yield from (Word(one.word, first, last) for one in _plain(text[first:last], joined=True))


def folded(*texts: str) -> str:
    """Texts as what is kept of them to be searched: words with one space between, a barrier between texts.

    >>> folded("Body-Worn Cameras", "", "Café")
    'body worn camera _ cafe'
    """
    return f" {BARRIER} ".join(filter(None, (_known(one) if len(one) <= _SHORT else _folded(one) for one in texts)))


def finds(query: Query, kept: str) -> bool:
    """Whether a question finds a folded text: the plain version that the databases are held to.

    >>> finds(parsed('"plate reader" -toll'), folded("License plate readers")), finds(parsed("read"), "reader")
    (True, False)
    """
    words = kept.split(" ")
    return any(all(_stands(part, words) for part in group) for group in query.any) and not any(
        _stands(part, words) for part in query.without
    )


def marks(query: Query, text: str) -> list[tuple[int, int]]:
    """Where the words that a question looks for stand in a text: starts and ends in code points, in order, none within another.

    >>> marks(parsed('"plate reader"'), "Two plate readers.")
    [(4, 17)]
    """
    words = list(spelled(text))
    found: list[tuple[int, int]] = []
    for part in query.wanted:
        size = len(part.words)
        found += [
            (words[i].start, words[i + size - 1].end)
            for i in range(len(words) - size + 1)
            if _fits(part, [one.word for one in words[i : i + size]])
        ]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _stands(part: Part, words: list[str]) -> bool:
    size = len(part.words)
    return any(_fits(part, words[i : i + size]) for i in range(len(words) - size + 1))


def _fits(part: Part, words: list[str]) -> bool:
    last = words[-1].startswith(part.words[-1]) if part.begun else words[-1] == part.words[-1]
    return last and tuple(words[:-1]) == part.words[:-1]


# Chosen: the longest name of a place, a body or a maker. An index says each of them again with every row that it stands in.
_SHORT = 80


@lru_cache(maxsize=1 << 14)
def _known(text: str) -> str:
    return _folded(text)


def _folded(text: str) -> str:
    if not text.isascii() or may_break(text):
        return " ".join(one.word for one in spelled(text))
    # The same in a fifth of the time, for the names and short texts that most of an index is made of.
    lower, found, before = text.lower(), [], (0, 0)
    for match in _ASCII.finditer(lower):
        start, end = match.span()
        if not _left_over(lower, start, end, before):
            found.append(_one(lower[start : min(end, start + _LONGEST_WORD)]))
        before = (start, end)
    return " ".join(found)


def _left_over(text: str, start: int, end: int, before: tuple[int, int]) -> bool:
    """The s of "sheriff's": nobody looks for it, and many leave the apostrophe out."""
    return (
        end - start == 1
        and text[start] in "sS"
        and start > 0
        and text[start - 1] in _APOSTROPHES
        and before[1] - before[0] > 1
    )


def _plain(text: str, *, joined: bool = False) -> Iterator[Word]:
    told = swiftly(text, joined=joined)
    found = [match.span() for match in _PLAIN.finditer(told.data)]
    if not found:
        return
    origins = told.origins
    for before, (start, end) in pairwise([(0, 0), *found]):
        first, last = int(origins[start]), int(origins[end - 1]) + 1
        if end - start > 1 or not _left_over(text, first, last, before):
            yield Word(_one(told.data[start : min(end, start + _LONGEST_WORD)].decode()), first, last)


@lru_cache(maxsize=1 << 16)
def _one(word: str) -> str:
    """One form for one and many. What it makes need be no word, only the same for both."""
    if word == "saint":
        return "st"
    if len(word) < 4 or not word.isalpha() or not word.endswith("s") or word in _AS_THEY_ARE:
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def _opened(word: str) -> str:
    """A begun word, cut back to what its plural and its singular both begin with."""
    for ending, keep in (("ie", 2), ("i", 1), ("che", 1), ("she", 1), ("xe", 1), ("sse", 1)):
        if word.endswith(ending) and len(word) - keep >= 4:
            return word[:-keep]
    return word


def _typed(part: Part) -> str:
    words = " ".join(part.words)
    return (f'"{words}"' if len(part.words) > 1 else words) + ("*" if part.begun else "")


def nearest(word: str, others: Mapping[str, int]) -> str | None:
    """The word that was probably meant: the nearest of the others, a common one before a rare one that is hardly nearer.

    ``others`` holds how often each stands somewhere.

    >>> nearest("survelance", {"surveillance": 90, "survellance": 1, "silence": 400})
    'surveillance'
    """
    return next(iter(near(word, others)), None)


def near(word: str, others: Mapping[str, int]) -> tuple[str, ...]:
    """The words that may have been meant, at most five, the likeliest first.

    >>> near("wron", {"wrong": 5, "worn": 40, "camera": 90})
    ('wrong', 'worn')
    """
    found = get_close_matches(word, [one for one in others if one != word], 5, 0.75)
    close = [(SequenceMatcher(None, one, word).ratio(), others[one], one) for one in found]
    best = max(close)[0] if close else 0.0
    likely = sorted(((count, ratio, one) for ratio, count, one in close if ratio > best - _HARDLY), reverse=True)
    rest = sorted(((ratio, count, one) for ratio, count, one in close if ratio <= best - _HARDLY), reverse=True)
    return tuple(one for *_, one in (*likely, *rest))
