"""Every way this can fail, in one tree; each says what, where, why it matters and what to do.

>>> print(PostmeError("The file is empty.", where="minutes.pdf", why="Nothing in it can be searched.",
...                   do="Ask the clerk for the file again."))
minutes.pdf: The file is empty. Nothing in it can be searched. Ask the clerk for the file again.
"""

from __future__ import annotations


class PostmeError(Exception):
    """A failure in words a resident can act on.

    ``what`` happened, ``where`` (a path, a file and line), ``why`` it matters, what to ``do``: each one or
    two sentences, ``where`` without a full stop. Any of the last three may be empty.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", do: str = "") -> None:
        super().__init__(what, where, why, do)
        self.what, self.where, self.why, self.do = what, where, why, do

    def __str__(self) -> str:
        said = " ".join(part for part in (self.what, self.why, self.do) if part)
        return f"{self.where}: {said}" if self.where else said

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments would be lost when a worker process sends its error home.
        return (_again, (type(self), self.what, self.where, self.why, self.do))

    def at(self, where: str) -> PostmeError:
        """The same failure, said of another place (a member of an archive, a copy)."""
        return type(self)(self.what, where=where, why=self.why, do=self.do)


def _again(kind: type[PostmeError], what: str, where: str, why: str, do: str) -> PostmeError:
    return kind(what, where=where, why=why, do=do)


class WrongUse(PostmeError):
    """The command was asked for something that cannot be done; exit status 2."""


class KnowledgeError(PostmeError):
    """A file of the catalogue is wrong; ``where`` holds its file and line."""


class ReadingError(PostmeError):
    """A file could not be read as a record; the rest of the folder goes on."""


class Refused(ReadingError):
    """The file's format is one that is not read, by the table of formats."""


class Damaged(ReadingError):
    """The file says it is of a format that is read, but its bytes do not hold together."""


class Locked(ReadingError):
    """The file is encrypted, or the computer does not let us open it."""


class TooLarge(ReadingError):
    """The file unpacks to more than a record can honestly hold (a bomb, or a mistake)."""


class KeepingError(PostmeError):
    """The data folder could not be written or read (disk full, no permission, damaged)."""


class ProofError(PostmeError):
    """Something published could not be proved: it was changed, is not in the log, or the log contradicts itself."""


class Contradiction(ProofError):
    """A log signed two things that cannot both be true, or does not show that they are; both are kept as evidence."""
