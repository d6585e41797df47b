"""The letters that go out, in the language of whoever gets them: short, plain, and each says why it came."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from postme.voices import RULES
from postme.website.mailing import signed


def _link(name: str, key: str) -> str:
    return f"{settings.SITE}{reverse(name, args=[key])}"


def confirm_comment(title: str, key: str, number: str) -> tuple[str, str]:
    """To whoever wrote a comment: the link that publishes it."""
    return _("Confirm your comment: {title}").format(title=title), signed(
        _("Somebody wrote a comment on “{title}” and gave this mail address.").format(title=title),
        _("Was it you? Open this link, read what becomes public, and press the button:\n{link}").format(link=_link("said", key)),
        _("The link opens your comment. Keep it to change the comment or take it back. Do not pass it on."),
        _("Your receipt: {number}").format(number=number),
        _("It was not you? Do nothing. After three days the comment is deleted."),
    )  # fmt: skip


def confirm_ballot(title: str, key: str, number: str) -> tuple[str, str]:
    """To whoever answered an advisory vote: the link that counts the answer."""
    return _("Confirm your answer: {title}").format(title=title), signed(
        _("Somebody answered the advisory vote on “{title}” and gave this mail address.").format(title=title),
        _("Was it you? Open this link and press the button:\n{link}").format(link=_link("voted", key)),
        _("Your receipt: {number}").format(number=number),
        _("It was not you? Do nothing. After three days the answer is deleted."),
    )  # fmt: skip


def confirm_following(what: str, key: str) -> tuple[str, str]:
    """To whoever wants to be told of something: the link that begins it."""
    return _("Confirm: news of {what}").format(what=what), signed(
        _("Somebody asked us to send news of {what} to this mail address.").format(what=what),
        _("Was it you? Open this link and press the button:\n{link}").format(link=_link("followed", key)),
        _("It was not you? Do nothing. You will get no more mail."),
    )  # fmt: skip


def moderated(what: str, rule: str, why: str, number: str, title: str, language: str) -> tuple[str, str]:
    """To whoever wrote a comment that was hidden or restored: by which rule, and why."""
    with override(language if language in dict(settings.LANGUAGES) else "en"):
        if what == "hidden":
            return _("Your comment was hidden: {title}").format(title=title), signed(
                _("Your comment {number} on “{title}” is not shown any more.").format(number=number, title=title),
                _("The rule: {rule}").format(rule=_(RULES[rule])),
                _("The reason: {why}").format(why=why),
                _("That it was hidden is public, its words are not. If you think this is wrong, write to the desk:\n{link}").format(link=f"{settings.SITE}{reverse('about')}"),
            )  # fmt: skip
        return _("Your comment is shown again: {title}").format(title=title), signed(
            _("Your comment {number} on “{title}” is shown again.").format(number=number, title=title),
            _("The reason: {why}").format(why=why),
        )  # fmt: skip


def news(what: str, lines: list[str], key: str, about: str) -> tuple[str, str]:
    """To whoever follows something: what happened, and why this came."""
    return _("News of {what}").format(what=what), signed(
        "\n\n".join(lines),
        _("You get this because you asked for news of {what}: {address}").format(what=what, address=f"{settings.SITE}{about}"),
        _("To end it, open this link and press the button:\n{link}").format(link=_link("followed", key)),
    )  # fmt: skip
