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
    with override(_known(language)):
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


def confirm_signature(title: str, coalition: str, key: str, number: str) -> tuple[str, str]:
    """To whoever signed an open letter: the link that counts the signature."""
    return _("Confirm your signature: {title}").format(title=title), signed(
        _("Somebody signed the open letter “{title}” of {coalition} and gave this mail address.").format(title=title, coalition=coalition),
        _("Was it you? Open this link, read what becomes public, and press the button:\n{link}").format(link=_link("signed", key)),
        _("Keep the link. With it you can take your name off at any time. Do not pass it on."),
        _("Your receipt: {number}").format(number=number),
        _("It was not you? Do nothing. After three days the signature is deleted."),
    )  # fmt: skip


def asked_again(title: str, slug: str, why: str, number: str, language: str) -> tuple[str, str]:
    """To whoever signed a letter that was changed in substance since: what happened to their name, and how to sign again."""
    with override(_known(language)):
        return _("The letter that you signed was changed: {title}").format(title=title), signed(
            _("You signed the open letter “{title}”. It was changed since, and now says something else.").format(title=title),
            _("Why it was changed: {why}").format(why=why),
            _("Your name still stands under the words that you signed, and is counted apart. If you want to sign the new words, read them and sign again:\n{link}").format(link=_letter(slug)),
            _("To take your name off, use the link in the first mail. Your receipt: {number}").format(number=number),
            _("You get this because you asked to hear what comes of it."),
        )  # fmt: skip


def thanks(title: str, slug: str, words: str, number: str, language: str) -> tuple[str, str]:
    """To whoever signed and wants to hear what came of it: what the coalition writes."""
    with override(_known(language)):
        return _("What came of the letter: {title}").format(title=title), signed(
            words,
            _("The letter, and what became of it:\n{link}").format(link=_letter(slug)),
            _("You get this because you signed it and asked to hear what comes of it. To end it, take your name off with the link in the first mail. Your receipt: {number}").format(number=number),
        )  # fmt: skip


def _letter(slug: str) -> str:
    return f"{settings.SITE}{reverse('letter', args=[slug])}"


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else "en"
