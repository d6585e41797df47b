"""An organization's own domain, by which its people prove that it signed."""

from __future__ import annotations

import re

from postme.voices import addressed

# Mail at these proves nothing about an organization: anybody gets an address, or a page, there. By the name that
# stands before the public suffix, since yahoo.co.uk is as much anybody's as yahoo.com.
_NAMES = frozenset(
    [
        "aol",
        "bellsouth",
        "btinternet",
        "centurylink",
        "comcast",
        "disroot",
        "earthlink",
        "fastmail",
        "frontiernet",
        "gmail",
        "gmx",
        "googlemail",
        "hotmail",
        "hushmail",
        "icloud",
        "keemail",
        "laposte",
        "mailfence",
        "msn",
        "netzero",
        "openmailbox",
        "optonline",
        "outlook",
        "posteo",
        "proton",
        "protonmail",
        "rambler",
        "riseup",
        "rocketmail",
        "runbox",
        "sbcglobal",
        "seznam",
        "startmail",
        "sympatico",
        "systemli",
        "t-online",
        "talktalk",
        "tuta",
        "tutamail",
        "tutanota",
        "verizon",
        "virginmedia",
        "webmail",
        "windstream",
        "yahoo",
        "yandex",
        "ymail",
        "zoho",
        "zohomail",
        "10minutemail",
        "1secmail",
        "dispostable",
        "dropmail",
        "emailondeck",
        "fakeinbox",
        "getairmail",
        "getnada",
        "grr",
        "guerrillamail",
        "mailcatch",
        "maildrop",
        "mailinator",
        "mailnesia",
        "mailsac",
        "mozmail",
        "simplelogin",
        "mintemail",
        "moakt",
        "mohmal",
        "mytemp",
        "sharklasers",
        "spamgourmet",
        "temp-mail",
        "tempmail",
        "tempmailo",
        "throwawaymail",
        "trashmail",
        "yopmail",
        "amazonaws",
        "azurewebsites",
        "bandcamp",
        "blogger",
        "blogspot",
        "cloudfront",
        "eventbrite",
        "duckdns",
        "facebook",
        "firebaseapp",
        "github",
        "gitlab",
        "godaddysites",
        "gofundme",
        "herokuapp",
        "instagram",
        "linkedin",
        "meetup",
        "neocities",
        "netlify",
        "onrender",
        "patreon",
        "reddit",
        "squarespace",
        "substack",
        "tiktok",
        "tumblr",
        "twitter",
        "vercel",
        "webflow",
        "weebly",
        "whatsapp",
        "wixsite",
        "wordpress",
        "youtube",
    ]
)
# Names that others bear too: only these very domains, and what lies below them.
_EXACT = frozenset(
    [
        "126.com",
        "163.com",
        "att.net",
        "bit.ly",
        "bsky.app",
        "bsky.social",
        "carrd.co",
        "change.org",
        "charter.net",
        "cox.net",
        "cs.com",
        "discord.com",
        "discord.gg",
        "duck.com",
        "email.com",
        "eu.org",
        "fb.com",
        "free.fr",
        "google.com",
        "hey.com",
        "inbox.com",
        "inbox.lv",
        "juno.com",
        "libero.it",
        "linktr.ee",
        "live.com",
        "live.co.uk",
        "live.fr",
        "mac.com",
        "mail.com",
        "mail.de",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "medium.com",
        "naver.com",
        "notion.site",
        "notion.so",
        "orange.fr",
        "pages.dev",
        "pm.me",
        "qq.com",
        "roadrunner.com",
        "shaw.ca",
        "skiff.com",
        "sky.com",
        "spectrum.net",
        "telegram.me",
        "telus.net",
        "threads.net",
        "t.me",
        "twc.com",
        "uk.com",
        "us.com",
        "vercel.app",
        "web.app",
        "web.de",
        "wp.pl",
        "x.com",
    ]
)
# Below a state of the United States (mn.us), these too are shared by many: isd1.k12.mn.us is one district's own.
_SHARED = frozenset(["cc", "k12", "lib", "pvt", "tec"])
# Under a country, names of this kind belong to a registry and to nobody else: co.uk, com.au, org.nz.
_REGISTRIES = frozenset(["ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "id", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"])  # fmt: skip


def own_domain(words: str) -> str:
    """An organization's domain from what was typed, an address of its site too; empty where it is none, or a provider's.

    >>> own_domain("https://www.Example.org/about"), own_domain("gmail.com"), own_domain("yahoo.co.uk"), own_domain("co.uk")
    ('example.org', '', '', '')
    """
    host = re.sub(r"^[a-z]+://", "", words.strip().lower()).split("/")[0].split("@")[-1].split(":")[0]
    address, fault = addressed(f"a@{host.removeprefix('www.')}")
    domain = address.rpartition("@")[2]
    return "" if fault or _anybodys(domain) else domain


def _anybodys(domain: str) -> bool:
    """Whether anybody gets an address at a domain, or nobody does: a provider's, or one that only a registry has."""
    labels = domain.split(".")
    suffix = 2 if len(labels) > 1 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 1
    if labels[-1] == "us" and len(labels) > 1 and len(labels[-2]) == 2:
        suffix = 3 if len(labels) > 2 and labels[-3] in _SHARED else 2
    if len(labels) <= suffix:
        return True
    return labels[-suffix - 1] in _NAMES or ".".join(labels[-suffix - 1 :]) in _EXACT


def at_domain(mail: str, domain: str) -> bool:
    """Whether a mail address is at a domain or below it.

    >>> at_domain("ann@mail.example.org", "example.org"), at_domain("ann@notexample.org", "example.org")
    (True, False)
    """
    host = mail.rpartition("@")[2].lower()
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))
