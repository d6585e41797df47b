"""The catalogue: what terms stand for, what a well-formed file is, and a museum of files that must be refused."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest
import smalltown
import yaml
from hypothesis import given
from hypothesis import strategies as st
from smalltown import technology, vendor

from postme import matching, scan
from postme.catalogue import Certainty, expanded, folded_words, inflected
from postme.errors import KnowledgeError
from postme.fold import plainly
from postme.keeping import library
from postme.record import Page, Record
from postme.schema import MOST_FORMS

MUSEUM = Path(__file__).parent / "broken" / "catalogue"
WORDS = yaml.safe_load((MUSEUM / "words.yaml").read_text())


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small town's files in place of the package's own, so that a test stands on what it shows."""
    folder = smalltown.written(tmp_path / "knowledge")
    monkeypatch.setattr(library, "KNOWLEDGE", folder)
    return folder


# --- terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "phrases"),
    [
        ("plate reader", ("plate reader",)),
        ("(a|b) c", ("a c", "b c")),
        ("(a|) c", ("a c", "c")),
        ("c (|a)", ("c", "c a")),
        ("(a|b)(c|d)", ("ac", "ad", "bc", "bd")),
        ("(a|a) c", ("a c",)),
        ("a (b|) c (d|)", ("a b c d", "a b c", "a c d", "a c")),
        ("(body|body worn|) camera", ("body camera", "body worn camera", "camera")),
        ("()", ("",)),
    ],
)
def test_brackets_stand_for_every_choice_once(phrase: str, phrases: tuple[str, ...]) -> None:
    assert expanded(phrase) == phrases


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("drone", ("drone", "drones")),
        ("camera registry", ("camera registry", "camera registries")),
        ("survey", ("survey", "surveys")),
        ("watch", ("watch", "watches")),
        ("fox", ("fox", "foxes")),
        ("bias", ("bias",)),
        ("glass", ("glass", "glasses")),
        ("ALPR", ("ALPR", "ALPRs")),
        ("PTZ", ("PTZ", "PTZs")),
        ("city bus", ("city bus", "city buses")),
        ("SKY", ("SKY", "SKYs")),
        ("40mm", ("40mm",)),
        ("M4", ("M4",)),
        ("see-", ("see-",)),
        ("", ("",)),
    ],
)
def test_the_last_word_takes_its_plural(phrase: str, forms: tuple[str, ...]) -> None:
    assert inflected(phrase) == forms


@given(st.text(max_size=30))
def test_folding_a_phrase_the_short_way_equals_folding_it_as_text(phrase: str) -> None:
    assert folded_words(phrase) == plainly(phrase).data


def test_inflection_can_be_switched_off_and_is_on_otherwise() -> None:
    known = smalltown.catalogue(technology("it", ["kiosk", {"text": "post", "inflect": False}]))
    assert [term.forms for term in known.terms] == [("kiosk", "kiosks"), ("post",)]


def test_an_abbreviation_is_also_known_with_dots_and_a_word_is_not() -> None:
    known = smalltown.catalogue(technology("it", ["CCTV", "Flock", "AB", "ABCDEF", "(ALPR|LPR)"]))
    assert [term.forms for term in known.terms] == [
        ("CCTV", "CCTVs", "C.C.T.V", "C.C.T.Vs"),
        ("Flock", "Flocks"),
        ("AB", "ABs"),
        ("ABCDEF", "ABCDEFs"),
        ("ALPR", "ALPRs", "A.L.P.R", "A.L.P.Rs", "LPR", "LPRs", "L.P.R", "L.P.Rs"),
    ]


def test_certainty_is_likely_where_company_is_needed_and_sure_where_not_and_what_the_file_says_above_all() -> None:
    known = smalltown.catalogue(
        technology("it", ["a kiosk", {"text": "kiosk", "needs": ["x"]}, {"text": "post", "certainty": "unsure"}])
    )
    assert [term.certainty for term in known.terms] == [Certainty.SURE, Certainty.LIKELY, Certainty.UNSURE]


def test_word_lists_take_named_lists_brackets_and_plurals() -> None:
    known = smalltown.catalogue(technology("it", [{"text": "kiosk", "needs": ["@police", "(plate|tag) scan", 911]}]))
    rule = known.terms[0].rule
    assert rule is not None
    assert rule.needs == (
        "police", "polices", "sheriff", "sheriffs", "law enforcement", "law enforcements", "plate scan", "plate scans",
        "tag scan", "tag scans", "911",
    )  # fmt: skip


def test_a_term_of_a_product_knows_its_maker_and_one_of_a_technology_does_not() -> None:
    known = smalltown.catalogue()
    by_phrase = {term.phrase: term for term in known.terms}
    assert (by_phrase["Hedgerow"].vendor, by_phrase["Hedgerow"].product) == ("corvane", "Hedgerow")
    assert (by_phrase["Corvane"].vendor, by_phrase["Corvane"].product) == ("corvane", None)
    assert (by_phrase["drone"].vendor, by_phrase["drone"].product) == (None, None)


def test_a_later_file_of_a_makers_id_adds_its_terms_to_it() -> None:
    known = smalltown.catalogue(
        technology("alpr", ["ALPR"]), vendor("corvane", ["alpr"], ["Corvane"]), vendor("corvane", ["alpr"], ["Corvain"])
    )
    assert [term.phrase for term in known.terms if term.vendor == "corvane"] == ["Corvane", "Corvain"]


# --- the museum ------------------------------------------------------------------------------------------------------


def hung(exhibit: Path, town: Path) -> Path:
    """The exhibit as a file of a town's own catalogue folder."""
    place = town / ("" if exhibit.parent.name == "contexts" else exhibit.parent.name)
    (town / "technologies").mkdir(parents=True)
    place.mkdir(exist_ok=True)
    copy = place / ("contexts.yaml" if exhibit.parent.name == "contexts" else exhibit.name)
    copy.write_bytes(exhibit.read_bytes())
    return copy


@pytest.mark.parametrize("name", WORDS)
def test_a_wrong_file_is_refused_with_its_line_what_is_wrong_why_and_what_to_write(
    name: str, small: Path, tmp_path: Path
) -> None:
    copy = hung(MUSEUM / name, tmp_path / "town")
    shown = copy.relative_to(tmp_path).as_posix()
    errors = library.errors_in([tmp_path / "town"])
    assert [error.where for error in errors] == [f"{shown}:{fault['line']}" for fault in WORDS[name]]
    for error, fault in zip(errors, WORDS[name], strict=True):
        assert [words for words in fault["says"] if words.lower() not in str(error).lower()] == [], str(error)
        for part in (error.what, error.why, error.do):
            assert part.rstrip() == part
            assert part.endswith(".")
            assert not part[0].islower()
            assert "\n" not in part
    with pytest.raises(KnowledgeError):
        library.sources([tmp_path / "town"])


@pytest.mark.parametrize("folder", ["technologies", "vendors", "contexts"])
def test_the_good_file_that_the_exhibits_were_made_from_is_accepted(folder: str, small: Path, tmp_path: Path) -> None:
    hung(MUSEUM / folder / "good.yaml", tmp_path / "town")
    assert library.errors_in([tmp_path / "town"]) == []
    assert library.sources([tmp_path / "town"]).version != library.version()


def test_every_exhibit_has_its_words_and_every_words_its_exhibit() -> None:
    exhibits = {path.relative_to(MUSEUM).as_posix() for path in MUSEUM.glob("*/*.yaml") if path.name != "good.yaml"}
    assert set(WORDS) == exhibits


@pytest.mark.parametrize("name", [name for name in WORDS if "empty" not in name and "only" not in name])
def test_an_exhibit_differs_from_the_good_file_in_one_place(name: str) -> None:
    good = (MUSEUM / name).with_name("good.yaml").read_text().splitlines()
    wrong = (MUSEUM / name).read_bytes().decode("latin-1").splitlines()
    if len(wrong) < 3 < len(good):
        return  # no file of the kind at all
    changes = [step for step in difflib.SequenceMatcher(None, good, wrong).get_opcodes() if step[0] != "equal"]
    assert len(changes) == 1


def test_the_first_fault_is_raised_with_the_number_of_those_after_it(small: Path) -> None:
    (small / "technologies" / "alpr.yaml").write_text("id: alpr\n")
    with pytest.raises(KnowledgeError) as raised:
        library.sources()
    assert raised.value.where == "knowledge/technologies/alpr.yaml:1"
    assert "(7 more faults after it.)" in raised.value.do


def test_a_folder_that_is_no_catalogue_is_refused_by_name(small: Path, tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    with pytest.raises(KnowledgeError, match=r"records: This folder holds neither technologies/ nor vendors/"):
        library.sources([tmp_path / "records"])
    (tmp_path / "records" / "vendors").mkdir()
    assert library.sources([tmp_path / "records"])


def test_a_file_that_cannot_be_opened_is_named(small: Path, tmp_path: Path) -> None:
    (tmp_path / "town" / "vendors" / "folder.yaml").mkdir(parents=True)
    with pytest.raises(KnowledgeError, match=r"folder\.yaml: The file could not be opened"):
        library.sources([tmp_path / "town"])


# --- a town's own names ----------------------------------------------------------------------------------------------


def found(extra: list[Path], text: str) -> list[tuple[str, tuple[str, ...], str | None]]:
    record = Record("e3" * 32, "text/plain", (Page(1, text),))
    return [(m.quote.text, m.technologies, m.vendor) for m in scan.mentions(record, library.scanner(extra))]


def test_a_town_adds_a_maker_and_its_name_is_found(small: Path, tmp_path: Path) -> None:
    smalltown.written(tmp_path / "town", vendor("gazeworks", ["fixed_camera"], ["Gazeworks"]))
    text = "a contract with Gazeworks"
    assert found([], text) == []
    assert found([tmp_path / "town"], text) == [("Gazeworks", ("fixed_camera",), "gazeworks")]


def test_a_town_adds_a_technology_and_a_list_of_words_of_its_own(small: Path, tmp_path: Path) -> None:
    town = smalltown.written(
        tmp_path / "town", technology("kiosk", [{"text": "kiosk", "needs": ["@watching", "@police"]}])
    )
    (town / "contexts.yaml").write_text("watching: [gaze]\n")
    assert found([town], "a kiosk") == []
    assert found([town], "a kiosk that gazes") == [("kiosk", ("kiosk",), None)]


def test_a_maker_of_the_town_may_make_a_technology_of_the_town(small: Path, tmp_path: Path) -> None:
    town = smalltown.written(
        tmp_path / "town", technology("kiosk", ["kiosk"]), vendor("gazeworks", ["kiosk"], ["Gazeworks"])
    )
    assert found([town], "Gazeworks") == [("Gazeworks", ("kiosk",), "gazeworks")]


def test_names_of_two_towns_are_found_together(small: Path, tmp_path: Path) -> None:
    one = smalltown.written(tmp_path / "one" / "town", vendor("gazeworks", ["alpr"], ["Gazeworks"]))
    two = smalltown.written(tmp_path / "two" / "town", vendor("peerline", ["drone"], ["Peerline"]))
    assert [quote for quote, *_ in found([one, two], "Gazeworks, Peerline")] == ["Gazeworks", "Peerline"]


def test_a_town_adds_names_to_the_packages_own_catalogue(tmp_path: Path) -> None:
    town = smalltown.written(tmp_path / "town", vendor("gazeworks", ["alpr"], ["Gazeworks Lookout"]))
    assert found([], "a Gazeworks Lookout") == []
    assert found([town], "a Gazeworks Lookout") == [("Gazeworks Lookout", ("alpr",), "gazeworks")]


# --- versions and the kept copy --------------------------------------------------------------------------------------


def test_the_version_changes_when_a_file_does_and_comes_back_with_it(small: Path) -> None:
    before = library.version()
    file = small / "technologies" / "drone.yaml"
    text = file.read_bytes()
    file.write_bytes(text + b"\n")
    changed = library.version()
    file.write_bytes(text)
    assert changed != before == library.version() == library.sources().version
    file.rename(file.with_name("dr0ne.yaml"))
    assert library.version() != before


def test_the_version_changes_with_the_words_that_tell_acts(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.version()
    acts = tmp_path / "acts.yaml"
    acts.write_text("acts: {}\nsteps: {}\n")
    monkeypatch.setattr(library, "_ACTS", acts)
    assert library.version() != before


def test_the_version_depends_on_contents_and_not_on_where_the_folder_lies(small: Path, tmp_path: Path) -> None:
    folders = [tmp_path / place / "town" for place in ("one", "two")]
    for folder in folders:
        smalltown.written(folder, vendor("gazeworks", ["alpr"], ["Gazeworks"]))
    assert library.version([folders[0]]) == library.version([folders[1]]) != library.version()


def test_a_kept_copy_gives_the_same_scanner_as_the_files(small: Path, tmp_path: Path) -> None:
    fresh = library.sources(cache=tmp_path / "kept")
    [copy] = [path for path in (tmp_path / "kept").iterdir() if path.suffix == ".json"]
    assert fresh.version in copy.name
    again = library.sources(cache=tmp_path / "kept")
    assert library.catalogue(again).terms == library.catalogue(fresh).terms
    text = "The police bought drones, LPR and Hedgerow."
    assert library.made_ready(fresh).engine.hits(text) != []
    assert library.made_ready(again).engine.hits(text) == library.made_ready(fresh).engine.hits(text)
    assert library.made_ready(again).cues.meaning == library.made_ready(fresh).cues.meaning


def test_the_kept_copy_is_what_is_used_while_the_files_are_as_they_were(small: Path, tmp_path: Path) -> None:
    library.sources(cache=tmp_path / "kept")
    [copy] = (tmp_path / "kept").glob("*.json")
    parts = json.loads(copy.read_bytes())
    parts["documents"] = [technology("kiosk", ["kiosk"])]
    copy.write_text(json.dumps(parts))
    assert set(library.catalogue(library.sources(cache=tmp_path / "kept")).technologies) == {"kiosk"}
    (small / "technologies" / "gunshot.yaml").unlink()
    assert "alpr" in library.catalogue(library.sources(cache=tmp_path / "kept")).technologies


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"documents": []}', b"\xff\xfe", b"null"])
def test_a_damaged_kept_copy_does_no_harm(damage: bytes, small: Path, tmp_path: Path) -> None:
    whole = library.sources(cache=tmp_path / "kept")
    [copy] = (tmp_path / "kept").glob("*.json")
    copy.write_bytes(damage)
    assert library.catalogue(library.sources(cache=tmp_path / "kept")).terms == library.catalogue(whole).terms
    assert json.loads(copy.read_bytes()), "it was written anew"


def test_a_place_that_cannot_be_written_does_no_harm(small: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert library.sources(cache=tmp_path / "kept").version == library.version()


def test_a_day_in_a_file_does_not_keep_it_from_being_kept(small: Path, tmp_path: Path) -> None:
    # YAML reads 2019-05-01 as a day, which JSON has no word for.
    named = vendor("gazeworks", ["alpr"], ["Gazeworks"], names=[{"name": "Gaze and Sons", "until": "UNTIL"}])
    town = smalltown.written(tmp_path / "town", named)
    file = town / "vendors" / "gazeworks.yaml"
    file.write_text(file.read_text().replace("UNTIL", "2019-05-01"))
    first = library.sources([town], cache=tmp_path / "kept")
    again = library.sources([town], cache=tmp_path / "kept")
    assert library.catalogue(first).vendors["gazeworks"] == library.catalogue(again).vendors["gazeworks"]


def test_no_draft_of_the_kept_copy_is_left_behind(small: Path, tmp_path: Path) -> None:
    library.scanner(cache=tmp_path / "kept")
    names = sorted(path.name.partition("-")[0] for path in (tmp_path / "kept").iterdir())
    assert names == ["catalogue", "engine"]


def engine_copy(folder: Path) -> Path:
    [copy] = folder.glob("engine-*")
    return copy


def test_a_kept_engine_finds_what_a_fresh_one_finds(small: Path, tmp_path: Path) -> None:
    text = "A body-worn cam-\nera, two drones, LPR for the police, C.C.T.V."
    fresh = library.scanner(cache=tmp_path / "kept").engine.hits(text)
    assert engine_copy(tmp_path / "kept").stat().st_size > 0
    assert library.scanner(cache=tmp_path / "kept").engine.hits(text) == fresh
    assert len(fresh) == 4


@pytest.mark.parametrize(
    "damage", ["emptied", "cut in half", "its last byte cut off", "a byte changed", "another file"]
)
def test_a_damaged_kept_engine_does_no_harm(damage: str, small: Path, tmp_path: Path) -> None:
    text = "A body-worn cam-\nera, two drones, LPR for the police, C.C.T.V."
    fresh = library.scanner(cache=tmp_path / "kept").engine.hits(text)
    copy = engine_copy(tmp_path / "kept")
    data = copy.read_bytes()
    middle = len(data) * 3 // 4
    copy.write_bytes({
        "emptied": b"", "cut in half": data[: len(data) // 2], "its last byte cut off": data[:-1],
        "a byte changed": data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :], "another file": b"%PDF-1.7\n",
    }[damage])  # fmt: skip
    assert library.scanner(cache=tmp_path / "kept").engine.hits(text) == fresh


def test_the_cache_forgets_old_versions_and_nothing_that_is_not_its_own(small: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "rulings.sqlite3").write_text("kept for good")
    file = small / "technologies" / "drone.yaml"
    for i in range(15):
        file.write_text(file.read_text() + f"# {i}\n")
        library.sources(cache=kept)
    assert (kept / "rulings.sqlite3").read_text() == "kept for good"
    assert len(list(kept.glob("catalogue-*"))) == 12
    assert list(kept.glob(f"catalogue-{library.version()}*")), "the newest is among them"


# --- the package's own files -----------------------------------------------------------------------------------------


def test_no_term_of_the_package_stands_for_more_forms_than_the_documents_allow() -> None:
    assert "at most 160 phrases" in (Path(__file__).parents[1] / "docs" / "catalogue.md").read_text()
    assert MOST_FORMS == 160
    assert max(len(expanded(term.phrase)) for term in library.load().terms) <= MOST_FORMS


def test_every_form_of_the_package_can_be_found_in_a_text_that_is_just_that_form() -> None:
    known = library.load()
    engine = matching.Portable(known)
    ruled = {position for position, term in enumerate(known.terms) if term.rule}
    lost = []
    for form, positions in known.by_form.items():
        if not ruled.issuperset(positions) and not engine.hits(form.decode()):
            lost.append(form)
    assert lost == []
