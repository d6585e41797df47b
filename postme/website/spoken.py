"""Words of ours that come to a page as values (verdicts, acts, states), listed so that translators see them."""

from __future__ import annotations

from postme import compare, flood, lawshape, letter, voices
from postme.because import Answer
from postme.inventory import Part
from postme.law import Sure
from postme.obligation import Verdict
from postme.office import signing
from postme.proposal import DEEDS, PAPERS, PLANNED, Step
from postme.publication import State, What
from postme.redaction import Reason
from postme.signs import Act

_MORE = (
    "present", "asked for", "refused", "postponed", "ended", "spoken of", "stated", "observed", "surveillance", "military", "open", "corrected", "kept",
    "published", "withdrawn", "redacted", "refused", "approved", "heard", "introduced", "failed", "contracted", "renewed", "yes", "no", "unsure", "waiting",
    "holding", "record", "search", "page", "place", "agency", "technology", "vendor", "law", "evidence", "error", "reply",
    "carried", "lost", "amended", "adopted", "rejected", "tabled", "referred", "sure", "likely", "asked", "in force", "abstain", "absent", "recused", "decision", "paper", "audit", "city council", "privacy board",
)  # fmt: skip

# What a comment is hidden by, what levels and criteria mean, and what is wrong with a form or a link.
_VOICES = (
    "for", "against", "neither", "web", "paper", "phone", "hearing", "received", "in packet", "answered", "hidden", "restored", "replaced", *voices.RULES.values(), *voices.LEVELS.values(),
    *(one.says for one in flood.CRITERIA), *(one.cannot_show for one in flood.CRITERIA),
    "Choose one of the three.", "Write what you want to say.", "Choose how your name is shown.", "Write the name that is to be shown, or choose to show none.", "Choose a part of the list.",
    "Write a mail address such as ann@example.org.", "Choose a meeting.", "Write the name by which you are called up.",
    "There is nothing at this link.", "This link has run out.", "It was not copied whole, or its three days had passed and what it was for was deleted.",
    "Copy the whole link from the mail. If it has run out, write again.", "Several mails wait for an answer at this address.", "Nobody’s mailbox is to be filled from here.",
    "Open one of them first, or wait three days.", "This is no receipt number.", "One has ten signs, such as 12345-67894, without the letters O and U and without a zero.",
    "Copy it from the page or the mail that gave it to you.", "The last sign of this number does not fit the others.", "It was mistyped, or nobody here gave it out.",
    "Compare it sign by sign with the page or the mail that gave it to you.", "This comment was changed meanwhile.", "Your change would undo the other.",
    "Open the link again, and look at what it says now.", "Comments are not open on this proposal.", "Each proposal has its own time for comments.", "The page of the decision says how you can still take part.",
    "There is no such meeting.", "This meeting is called off.", "This meeting is over, or has begun.", "This meeting does not hear people on this proposal.", "The council has decided on this proposal.",
    "The question is another one than you saw.", "A ballot answers the exact words that its voter saw.", "Open the page again.", "This vote is not open.",
    "You ended these mails.", "Nothing is sent to you any more.", "Ask for them again on the page that they were about.",
)  # fmt: skip

# What signatures are set aside by, what their levels mean, what those did who got a letter, and what is wrong with a signature.
_LETTERS = (
    *letter.RULES.values(), *letter.LEVELS.values(), *letter.Outcome, "mail", "by hand", "post", "erased", "letter", *(one.says for one in signing.CRITERIA), *(one.cannot_show for one in signing.CRITERIA),
    "Write a name with at least one letter.", "Write who signs for the organization, or choose to show nobody.",
    "Write the organization’s own domain, such as example.org. A mail provider’s is nobody’s own.", "This mail address is not at the organization’s own domain.", "That is how a reader can tell that it signed.",
    "Use an address at its domain. If it has none, ask the coalition to enter it: it then stands under the coalition’s word.", "This letter is not open for signing.",
    "Nothing that is signed now would be handed over.", "Read its page: it says what became of it.", "The letter was changed while you were reading.", "You would sign words that you have not seen.",
    "Read the letter again, then sign.", "This letter is closed for signing.", "It was handed over, or its last day is over.", "Write to the coalition; its page says how.", "A signature from this address was set aside.",
    "It would come back without anybody’s decision.", "Something was changed in a form that was sent before.", "Each form is for one signature, and the first one was kept.", "Look at it once more, then send it again.", "Write to the desk if you think that this is wrong.", "The letter is open for signing.", "It is closed for signing.",
    "It is open for signing again.", "Its last day for signing is over.", "It was handed over.", "An answer came.",
    "This town is made up. It shows how a town looks here; no real body is meant.", "Name", "ZIP code or ward, if you like", "Signature", "Show only my initials",
    "Read the letter before you sign. Your name becomes public as you write it here, unless you tick the last box. Leave out whatever you do not want to give. The coalition keeps this sheet; it is typed in under “signed on paper”.",
)  # fmt: skip

# What a page says of laws besides their own words: how a step of a reason came out, kinds of law, what happened to one.
_LAWS = (
    "shown", "not shown", "lifted", "lifted if", "in doubt", "void", "preempted", "silent", "inferred", "it ends", "law", "not seen", *compare.Standing,
    *lawshape.TOPICS.values(), *lawshape.INSTRUMENTS, *lawshape.REMEDIES,
)  # fmt: skip


def words() -> tuple[str, ...]:
    """All of them as ``spoken`` and ``hyphen_words`` say them, with the names of technologies, bodies, acts and purposes, and the map's sentences."""
    from postme.office import counsel, figures, glossary, mapping, questions, wording

    known = counsel.vocabulary()
    kinds = (member.value for kind in (Answer, Verdict, Part, Act, What, State, Sure, Step) for member in kind)
    names = [one.name for one in glossary.catalogue().technologies.values()]
    law = [
        *known["bodies"].values(),
        *(act.replace("_", " ") for act in known["acts"]),
        *known["acts"].values(),
        *known["purposes"].values(),
        *known["technologies"].values(),
        *wording.spoken(),
        *(word.replace("_", " ") for word in _LAWS),
    ]
    return tuple(
        sorted(
            {str(word).replace("_", " ") for word in kinds}
            | {reason.value.replace("-", " ") for reason in Reason}
            | {kind.says for kind in DEEDS.values()}
            | {*PLANNED.values(), *PAPERS.values()}
            | {
                str(word)
                for word in (
                    *_MORE,
                    *_VOICES,
                    *_LETTERS,
                    *names,
                    *law,
                    *mapping.MESSAGES,
                    *figures.MESSAGES,
                    *wording.MESSAGES,
                    *questions.messages(),
                )
            }
        )
    )
