"""An organization's own domain, by which its people prove that it signed."""

from __future__ import annotations

import re

from postme.voices import addressed

# Mail at these proves nothing about an organization: anybody gets an address there.
PROVIDERS = frozenset(
    ["gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "aol.com", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "mail.com", "zoho.com", "yandex.com", "fastmail.com", "tutanota.com", "tuta.com", "hey.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "cox.net", "charter.net", "earthlink.net"]
)  # fmt: skip


def own_domain(words: str) -> str:
    """An organization's domain from what was typed, an address of its site too; empty where it is none, or a mail provider's.

    >>> own_domain("https://www.Example.org/about"), own_domain("gmail.com")
    ('example.org', '')
    """
    host = re.sub(r"^[a-z]+://", "", words.strip().lower()).split("/")[0].split("@")[-1].split(":")[0]
    address, fault = addressed(f"a@{host.removeprefix('www.')}")
    domain = address.rpartition("@")[2]
    return "" if fault or domain in PROVIDERS else domain


def at_domain(mail: str, domain: str) -> bool:
    """Whether a mail address is at a domain or below it.

    >>> at_domain("ann@mail.example.org", "example.org"), at_domain("ann@notexample.org", "example.org")
    (True, False)
    """
    host = mail.rpartition("@")[2].lower()
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
