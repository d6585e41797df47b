"""Pictures of pages for those who share them: of published facts alone, another when the facts are others, none of what is withdrawn."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

OFFICE = "/agencies/us/zz/mill_falls/police-department/"
META = re.compile(r'<meta (?:property|name)="((?:og|twitter):[a-z:]+)" content="([^"]*)">')


def meta(site: Any, address: str) -> dict[str, str]:
    return {key: unescape(value) for key, value in META.findall(site.get(address).content.decode())}


def picture_of(site: Any, address: str) -> bytes:
    """The picture that a page names, asked for as a stranger's server asks."""
    from django.conf import settings

    whole = meta(site, address)["og:image"]
    assert whole.startswith(f"{settings.SITE}/")
    response = site.get(whole.removeprefix(settings.SITE))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(response.content)).size == (1200, 630)
    return bytes(response.content)


def kept(site: Any) -> list[Path]:
    return sorted((site.data / "pictures").glob("*/card-*.png"))


def addresses() -> list[str]:
    from postme.keeping.store.models import Entry

    record, search = (Entry.objects.filter(kind=kind, state="published").first() for kind in ("record", "search"))
    assert record and search
    return [
        "/", "/places/us/zz/mill_falls/", "/places/us/mn/minneapolis/", OFFICE, f"{OFFICE}alpr/", "/laws/us-mn-minneapolis-fr/", record.address,
        f"{record.address}1/", search.address, "/technologies/drone/", "/about/", "/laws/", "/log/0/",
    ]  # fmt: skip


def test_every_kind_of_page_tells_its_title_and_a_picture_that_is_its_own(site: Any) -> None:
    seen = set()
    for address in addresses():
        told = meta(site, address)
        page = unescape(site.get(address).content.decode())
        assert address == "/" or f"<title>{told['og:title']} · postme" in page
        assert f'name="description" content="{told["og:description"]}"' in page and told["og:description"]
        assert told["twitter:card"] == "summary_large_image"
        assert told["og:url"].endswith(address)
        seen.add(picture_of(site, address))
    assert len(seen) == len(addresses())


def test_the_picture_is_another_when_the_facts_are_others(site: Any) -> None:
    from postme.keeping.store.models import Entry

    before = picture_of(site, f"{OFFICE}alpr/")
    assert picture_of(site, f"{OFFICE}alpr/") == before
    entry = Entry.objects.get(address=f"{OFFICE}alpr/")
    told = json.loads(entry.twin)
    told["facts"]["technology"]["name"] = "Cameras of another name"
    Entry.objects.filter(pk=entry.pk).update(twin=json.dumps(told))
    assert picture_of(site, f"{OFFICE}alpr/") != before


def test_a_page_of_another_day_has_the_picture_of_that_day(site: Any) -> None:
    law = "/laws/us-mn-minneapolis-fr/"
    assert "?on=2021-02-01" in meta(site, f"{law}?on=2021-02-01")["og:image"]
    assert picture_of(site, f"{law}?on=2021-02-01") != picture_of(site, law)
    assert site.get("/cards/laws/us-mn-minneapolis-fr.png?on=nonsense").status_code == 404


def test_a_page_in_spanish_has_a_picture_in_spanish(site: Any) -> None:
    assert "/es/cards/places/" in meta(site, "/es/places/us/mn/minneapolis/")["og:image"]
    assert picture_of(site, "/es/places/us/mn/minneapolis/") != picture_of(site, "/places/us/mn/minneapolis/")


def test_what_else_a_page_is_asked_does_not_come_into_its_picture(site: Any) -> None:
    plain = picture_of(site, "/search/")
    assert site.get("/cards/search.png?q=Your+mayor+is+a+crook").content == plain
    assert "?" not in meta(site, "/search/?q=Your+mayor+is+a+crook")["og:image"]


def test_a_picture_is_drawn_once(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from postme.office import cards

    drawn = []
    draw = cards.drawn
    monkeypatch.setattr(cards, "drawn", lambda *given: drawn.append(given) or draw(*given))
    first, second = picture_of(site, OFFICE), picture_of(site, OFFICE)
    assert first == second and len(drawn) == 1


def test_a_withdrawn_page_has_a_picture_that_says_only_that(site: Any) -> None:
    from postme.keeping.store.models import Entry

    withdrawn = Entry.objects.filter(kind="holding", state="withdrawn").first()
    assert withdrawn
    plain = picture_of(site, withdrawn.address)
    # Whatever stood there: another title, another reason, the same picture.
    told = json.loads(withdrawn.twin) | {"reason": "Something else entirely."}
    Entry.objects.filter(pk=withdrawn.pk).update(title="Another title", twin=json.dumps(told))
    assert picture_of(site, withdrawn.address) == plain
    before = picture_of(site, f"{OFFICE}alpr/")
    Entry.objects.filter(address=f"{OFFICE}alpr/").update(state="withdrawn")
    assert picture_of(site, f"{OFFICE}alpr/") != before


def test_nothing_unpublished_has_a_picture(site: Any) -> None:
    from postme.keeping.store.models import Draft

    waiting = [address for address in Draft.objects.values_list("address", flat=True) if site.get(address).status_code == 404]  # fmt: skip
    nowhere = [
        "agencies/us/zz/mill_falls/police-department/mil-tank", "agencies/nobody", "places/us/qq/nowhere", "laws/no-such-law", "records/" + "0" * 64, "searches/999",
        "desk", "desk/drafts", "wrong", "api/openapi", "cards/index", "cards/cards/index", "nothing", "../../etc/passwd", "index/", "", "x" * 500, "/", "//evil.example",
        "%00", "laws/%F0%9F%9A%A8", "technologies/drone'--", "data/holdings",
    ]  # fmt: skip
    for address in [*nowhere, *(one.strip("/") for one in waiting)]:
        for language in ("", "/es"):
            response = site.get(f"{language}/cards/{address}.png")
            assert response.status_code in (400, 404), address
            assert not response.headers["Content-Type"].startswith("image/"), address
    assert kept(site) == []


def test_a_page_that_is_not_there_and_a_page_of_one_person_name_no_picture(site: Any) -> None:
    for address in ("/places/us/qq/nowhere/", "/wrong/?about=/places/us/zz/mill_falls/", "/accounts/login/", "/desk/"):
        assert "og:image" not in site.get(address, follow=True).content.decode()


def test_a_picture_that_quotes_a_record_goes_when_the_record_is_redacted(site: Any) -> None:
    from postme.office import viewing

    picture_of(site, f"{OFFICE}alpr/")
    picture_of(site, OFFICE)
    quoting, alone = kept(site)
    if quoting.parent.name == "cards":
        quoting, alone = alone, quoting
    viewing.forget_pictures(site.data, quoting.parent.name)
    assert kept(site) == [alone]


def test_what_was_hidden_while_a_picture_was_drawn_is_not_kept(tmp_path: Path) -> None:
    from postme.office import cards

    told = iter(
        [
            cards.Card("a", quote=("", "Jane Roe, 4 Main St", ""), record="e3" * 32),
            cards.Card("a", quote=("", "…", ""), record="e3" * 32),
        ]
    )
    data = cards.picture(tmp_path, lambda: next(told))
    assert data == cards.drawn(cards.Card("a", quote=("", "…", ""), record="e3" * 32))
    assert [path.read_bytes() for path in (tmp_path / "pictures").glob("*/card-*.png")] == [data]


def test_a_folder_that_cannot_be_written_costs_time_and_no_picture(tmp_path: Path) -> None:
    from postme.office import cards

    (tmp_path / "pictures").write_text("in the way")
    assert cards.picture(tmp_path, lambda: cards.Card("a"))[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ["</title><script>", '"><img src=x>', "\u202egnp", "🚨" * 90, "a" * 3000])
def test_a_hostile_name_breaks_neither_the_page_nor_the_picture(site: Any, name: str) -> None:
    from postme.keeping.store.models import Entry

    entry = Entry.objects.get(address=f"{OFFICE}alpr/")
    told = json.loads(entry.twin)
    told["facts"]["technology"]["name"] = told["facts"]["title"] = name
    Entry.objects.filter(pk=entry.pk).update(title=name, twin=json.dumps(told))
    assert meta(site, f"{OFFICE}alpr/")["og:title"] == name
    assert picture_of(site, f"{OFFICE}alpr/")
