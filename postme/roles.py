"""Who may do what at the desk, in sentences; the website and the office ask this file and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from postme.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Permission:
    """One sentence: which roles may do an act."""

    roles: tuple[str, ...]
    says: str


ROLES: Mapping[str, str] = {
    "reader": "Reads mentions and rules on them.",
    "editor": "Drafts what is to be published, and publishes what somebody else drafted.",
    "moderator": "Answers what the public reports, and asks for redactions.",
    "liaison": "Drafts what their body proposes, writes its papers, and hands both in.",
    "clerk": "Makes public what was handed in, sets meetings, and records each step of a proposal.",
    "advisory": "Records what the advisory body found.",
    "council": "Sees what is on the agenda before the meeting. Votes in the meeting, not here.",
    "coalition": "Writes letters for the organization that they act for, and sees nothing else here.",
    "administrator": "Gives and takes roles. Publishes nothing by that role alone.",
}

PERMISSIONS: Mapping[str, Permission] = {
    "rule": Permission(("reader", "editor"), "A reader or an editor may rule on a mention, and take a ruling back."),
    "draft": Permission(("editor",), "An editor may draft a publication, a correction or a withdrawal, and submit it."),
    "approve": Permission(("editor",), "An editor may approve or return what another person submitted, never their own."),
    "redact": Permission(("editor", "moderator"), "An editor or a moderator may ask that private data be blacked out."),
    "approve redaction": Permission(("editor",), "An editor may black out what another person asked for, never what they asked for themselves."),
    "answer": Permission(("moderator", "editor"), "A moderator or an editor may answer a report, and show a reply."),
    "propose": Permission(("liaison",), "A liaison may draft a proposal of their own body, and hand it in. Once a clerk has named who acts for a body, nobody else does."),
    "write papers": Permission(("liaison",), "A liaison may write the papers of a proposal, and hand them in."),
    "accept proposal": Permission(("clerk",), "A clerk may make public what a liaison handed in, never what they wrote themselves."),
    "record step": Permission(("clerk",), "A clerk may set meetings and record the steps of a proposal; each is public at once."),
    "keep town": Permission(("clerk",), "A clerk may load the town’s wards, addresses and figures, and enter who sits in its council."),
    "hand over": Permission(("clerk", "administrator"), "A clerk or an administrator may say who does what in a town’s process, and hand it over when somebody leaves."),
    "advise": Permission(("advisory", "clerk"), "A member of the advisory body or a clerk may record what that body found."),
    "moderate": Permission(("moderator", "clerk", "editor"), "A moderator, a clerk or an editor may hide a comment by a published rule, and restore it; both are public."),
    "enter comments": Permission(("clerk",), "A clerk may enter comments that came on paper, by phone or at a hearing, and answers to an advisory question that came on paper."),
    "ask people": Permission(("clerk",), "A clerk may put an advisory question to the people before the council votes."),
    "read mails": Permission(("administrator",), "An administrator may read mails that became files, where no mail server is named."),
    "draft answer": Permission(("liaison", "clerk"), "A liaison or a clerk may draft an answer to a point that comments made."),
    "publish answer": Permission(("clerk",), "A clerk may publish an answer that another person drafted, never their own."),
    "found coalition": Permission(("administrator",), "An administrator may found a coalition and say who acts for it first; from then on its organizers do."),
    "write letters": Permission(("coalition",), "Whoever acts for an organization of a coalition may write its letters, remark on them, and agree to the exact text for that organization."),
    "set aside": Permission(("moderator",), "A moderator may set signatures aside by a published criterion, and restore them; both are public."),
    "see letters": Permission(("coalition", "moderator", "administrator"), "Whoever acts for a coalition, a moderator or an administrator may see coalitions and their letters here; a draft is seen by its own coalition alone."),
    "see desk": Permission(("reader", "editor", "moderator", "liaison", "clerk", "advisory", "council", "administrator"), "Whoever has a role may see the desk and its record of acts. Whoever acts for a coalition alone sees its letters, and nothing else here."),
    "give roles": Permission(("administrator",), "An administrator may give a role to a person and take it away."),
}  # fmt: skip


def may(roles: Collection[str], act: str) -> bool:
    """Whether somebody with those roles may do that.

    >>> may(["reader"], "rule"), may(["administrator"], "approve")
    (True, False)
    """
    return any(role in PERMISSIONS[act].roles for role in roles)


def asked(roles: Collection[str], act: str) -> None:
    """Raises WrongUse where somebody with those roles may not."""
    if not may(roles, act):
        raise WrongUse(
            "You may not do this.", where=act, why=PERMISSIONS[act].says, do="Ask somebody who has that role, or an administrator for the role.",
        )  # fmt: skip
