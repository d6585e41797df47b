"""Checking a page: what was published is proved, and every lie of a site is noticed."""

from __future__ import annotations

import base64
import http.server
import json
import shutil
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from logsite import LogSite, served, twin

from postme import merkle
from postme.errors import Contradiction, KeepingError, PostmeError, ProofError, WrongUse
from postme.merkle import Checkpoint, Tree
from postme.office import fetching, verifying
from postme.office.fetching import Folder, Web, page
from postme.office.remembering import Memory

PAGE = "/places/us/mn/mill-falls"
SITE = "https://town.example"


@pytest.fixture
def site(tmp_path: Path) -> LogSite:
    made = LogSite(tmp_path)
    made.publish("/a", "/b", PAGE, *(f"/p/{number}" for number in range(7)))
    return made


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "mine")


def checked(site: LogSite, memory: Memory, address: str = PAGE, **more: str) -> verifying.Checked:
    return verifying.checked_site(Folder(site.www), address, memory, site=SITE, **more)


# -- a proof by itself ------------------------------------------------------------------------------------------------


def test_what_was_published_is_proved(site: LogSite) -> None:
    proven = verifying.check(twin(PAGE), site.proof(2).encode(), site.notary.verifier)
    assert (proven.index, proven.size, proven.origin) == (2, 10, "town.example/log")
    assert proven.leaf == merkle.leaf_hash(twin(PAGE))


def test_a_proof_is_of_the_published_format(site: LogSite) -> None:
    lines = site.proof(2).split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert [base64.b64decode(line) for line in lines[2:6]] == list(site.tiles.tree().inclusion(2))
    assert "\n".join(lines[6:]) == "\n" + site.note
    assert merkle.inclusion(site.proof(2)).text == site.proof(2)


def test_a_line_of_extra_data_is_passed_over(site: LogSite) -> None:
    more = site.proof(2).replace("\nindex", "\nextra YW55dGhpbmc=\nindex", 1)
    assert verifying.check(twin(PAGE), more.encode(), site.notary.verifier).index == 2


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> LogSite:
    made = LogSite(tmp_path_factory.mktemp("site"))
    made.publish("/a", "/b", PAGE, "/d", "/e")
    return made


@given(st.data())
def test_no_change_of_a_byte_of_twin_proof_or_key_is_proved(lasting: LogSite, data: st.DataObject) -> None:
    parts = [twin(PAGE), lasting.proof(2).encode(), lasting.notary.verifier.encode()]
    which = data.draw(st.integers(0, 2))
    raw = bytearray(parts[which])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = bytes(raw)
    try:
        proven = verifying.check(parts[0], parts[1], parts[2].decode("utf-8", "replace"))
    except ProofError:
        return
    # What is left are other ways to write the same bytes in base64.
    assert which != 0
    assert (proven.index, proven.leaf) == (2, merkle.leaf_hash(twin(PAGE)))
    assert bytes(raw[at - 1 : at + 2]).rstrip(b"\n").endswith(b"=") or b"=" in raw[at : at + 3]


@given(st.integers(1, 600), st.data())
def test_every_entry_is_proved_in_every_tree(lasting: LogSite, size: int, data: st.DataObject) -> None:
    notary = lasting.notary
    tree = Tree(merkle.leaf_hash(str(number).encode()) for number in range(size))
    note = notary.sign(Checkpoint(notary.origin, size, tree.root()).text)
    index = data.draw(st.integers(0, size - 1))
    proof = verifying.proof(tree, note, index).encode()
    assert verifying.check(str(index).encode(), proof, notary.verifier).index == index
    with pytest.raises(ProofError, match="not entry"):
        verifying.check(b"another", proof, notary.verifier)


@pytest.mark.parametrize(
    "proof",
    [
        b"", b"\xff", b"index 2\n\nx", b"c2sp.org/tlog-proof@v1\n\nx\n", b"c2sp.org/tlog-proof@v1\nindex 02\n\nx\n", b"c2sp.org/tlog-proof@v1\nindex -2\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 2\nAAAA\n\nx\n", b"c2sp.org/tlog-proof@v1\nindex 2\n!\n\nx\n", b"c2sp.org/tlog-proof@v2\nindex 2\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 2\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\nx\n", b"c2sp.org/tlog-proof@v1\nindex " + b"9" * 5000 + b"\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nextra !\nindex 2\n\nx\n", "c2sp.org/tlog-proof@v1\nindex ٣\n\nx\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_said_to_be_none(site: LogSite, proof: bytes) -> None:
    with pytest.raises(ProofError, match="This is no proof"):
        verifying.check(twin(PAGE), proof, site.notary.verifier)


def test_a_signed_size_beyond_all_logs_is_refused(site: LogSite) -> None:
    note = site.notary.sign(Checkpoint(site.notary.origin, 10**30, bytes(32)).text)
    with pytest.raises(ProofError):
        verifying.check(twin(PAGE), merkle.Inclusion(2, (), note).text.encode(), site.notary.verifier)


# -- a site -------------------------------------------------------------------------------------------------------------


def test_a_page_is_checked_at_its_site_and_the_log_is_remembered(site: LogSite, memory: Memory) -> None:
    first = checked(site, memory)
    assert (first.proven.index, first.newest.size, first.first_key, first.before) == (2, 10, True, None)
    assert first.key == site.notary.verifier
    site.publish(*(f"/q/{number}" for number in range(300)))
    second = checked(site, memory)
    assert (second.proven.index, second.newest.size, second.first_key) == (2, 310, False)
    assert second.before is not None
    assert merkle.checkpoint(second.before.note).size == 10
    kept = memory.log(first.key)
    assert kept is not None
    assert (kept.note, kept.since) == (site.note, second.before.since)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 255), (3, 256), (200, 257), (256, 600), (255, 256)])
def test_a_log_that_grew_shows_it_from_its_tiles_alone(tmp_path: Path, memory: Memory, old: int, new: int) -> None:
    made = LogSite(tmp_path)
    made.publish(*(f"/p/{number}" for number in range(old)))
    checked(made, memory, "/p/0")
    shutil.rmtree(made.www / "log")  # only the tiles of the newest checkpoint: older partial ones may be gone
    made.publish(*(f"/p/{number}" for number in range(old, new)))
    assert checked(made, memory, "/p/0").newest.size == new


def test_a_partial_tile_that_is_gone_is_taken_from_the_full_one(tmp_path: Path, memory: Memory) -> None:
    made = LogSite(tmp_path)
    made.publish(*(f"/p/{number}" for number in range(100)))
    checked(made, memory, "/p/0")
    made.publish(*(f"/p/{number}" for number in range(100, 200)))
    notes = (made.www / "log" / "checkpoint").read_bytes(), (made.www / "p" / "0.proof").read_bytes()
    made.publish(*(f"/p/{number}" for number in range(200, 256)))
    made.put("/log/checkpoint", notes[0])  # a checkpoint of 200, from a cache, with the tiles of 256
    made.put("/p/0.proof", notes[1])
    shutil.rmtree(made.www / "log" / "tile" / "0" / "000.p")
    assert checked(made, memory, "/p/0").newest.size == 200


def test_a_proof_of_an_older_checkpoint_is_held_against_the_newer(site: LogSite, memory: Memory) -> None:
    old = site.proof(2).encode()
    site.publish("/later")
    site.put(f"{PAGE}.proof", old)
    found = checked(site, memory)
    assert (found.proven.size, found.newest.size) == (10, 11)


def test_a_page_published_between_two_fetches_is_checked_all_the_same(site: LogSite, memory: Memory) -> None:
    before = site.note.encode()
    site.publish(PAGE, version=2)
    site.put("/log/checkpoint", before)
    found = checked(site, memory)
    assert (found.proven.index, found.newest.size) == (10, 11)


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        (f"{PAGE}.json", b"cameras", b"kameras", "These words are not entry 2"),
        (f"{PAGE}.proof", b"index 2", b"index 3", "These words are not entry 3"),
        (f"{PAGE}.proof", b"\n10\n", b"\n11\n", "signature .* is wrong"),
        ("/log/checkpoint", b"\n10\n", b"\n11\n", "signature .* is wrong"),
        ("/log/checkpoint", b"town.example/log\n", b"city.example/log\n", "signature .* is wrong"),
        ("/log/checkpoint", b"\xe2\x80\x94 town", b"\xe2\x80\x94 city", "not signed with the key"),
        ("/log/key", b"town", b"city", "no key of a log"),
        ("/log/checkpoint", b"town", b"\xff\xfe", "no text"),
    ],
)  # fmt: skip
def test_what_a_site_changed_is_noticed(
    site: LogSite, memory: Memory, path: str, old: bytes, new: bytes, says: str
) -> None:
    site.change(path, lambda data: data.replace(old, new, 1))
    with pytest.raises(ProofError, match=says):
        checked(site, memory)
    assert memory.key_of(SITE) == ""  # what was not proved is not remembered


@pytest.mark.parametrize("path", [f"{PAGE}.json", f"{PAGE}.proof", "/log/checkpoint", "/log/key"])
def test_what_a_site_does_not_have_is_said(site: LogSite, memory: Memory, path: str) -> None:
    (site.www / path.lstrip("/")).unlink()
    with pytest.raises(ProofError, match=r"no file of its facts|no proof|shows no log|shows no key"):
        checked(site, memory)


def test_the_entry_of_another_page_does_not_pass_for_this_one(site: LogSite, memory: Memory) -> None:
    for ending in (".json", ".proof"):
        shutil.copy(site.www / f"a{ending}", site.www / f"{PAGE.lstrip('/')}{ending}")
    with pytest.raises(ProofError, match="the entry of another page: /a/"):
        checked(site, memory)


@pytest.mark.parametrize("facts", [b"not json", b"[" * 100_000, b"\xff\xfe"])
def test_an_entry_that_is_no_json_is_said(site: LogSite, memory: Memory, facts: bytes) -> None:
    site.tiles.sealed([merkle.leaf_hash(facts)], site.notary)
    site.pages.append("/odd")
    site.publish("/more")
    site.put("/odd.json", facts)
    site.put("/odd.proof", site.proof(10).encode())
    with pytest.raises(ProofError, match="no JSON"):
        checked(site, memory, "/odd")


# -- a history that was rewritten ---------------------------------------------------------------------------------------


def rewritten(site: LogSite, tmp_path: Path, *addresses: str) -> LogSite:
    """Another log with the same name and the same key."""
    shutil.rmtree(site.www / "log")
    other = LogSite(tmp_path / "other", key=(tmp_path / "data" / "log-key").read_text())
    other.www = site.www
    other.publish(*addresses)
    return other


@pytest.mark.parametrize("more", [0, 1, 300])
def test_a_log_that_was_rewritten_is_noticed_and_both_are_kept(
    site: LogSite, memory: Memory, tmp_path: Path, more: int
) -> None:
    checked(site, memory)
    old = site.note
    numbers = [f"/p/{number}" for number in range(7)]
    other = rewritten(site, tmp_path, "/changed", "/b", PAGE, *numbers, *(f"/n/{number}" for number in range(more)))
    says = "two different histories of 10" if not more else "does not show that it only grew"
    with pytest.raises(Contradiction, match=says):
        checked(other, memory)
    [evidence] = memory.folder.glob("log-evidence-*.txt")
    assert old in evidence.read_text()
    assert other.note in evidence.read_text()
    kept = memory.log(site.notary.verifier)
    assert kept is not None
    assert kept.note == old
    stranger = Memory(tmp_path / "stranger")  # who never saw the old one cannot know
    assert checked(other, stranger).first_key


def test_a_log_that_went_backward_is_noticed(site: LogSite, memory: Memory, tmp_path: Path) -> None:
    checked(site, memory)
    with pytest.raises(Contradiction, match="went backward: it had 10 entries, and now shows 3"):
        checked(rewritten(site, tmp_path, "/a", "/b", PAGE), memory)


def test_a_page_proved_in_another_log_of_the_same_key_is_noticed(site: LogSite, memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = LogSite(tmp_path / "other", key=(tmp_path / "data" / "log-key").read_text())
    other.publish("/x", PAGE, version=9)
    for ending in (".json", ".proof"):
        shutil.copy(other.www / f"{PAGE.lstrip('/')}{ending}", site.www / f"{PAGE.lstrip('/')}{ending}")
    with pytest.raises(Contradiction, match="does not show that it only grew"):
        checked(site, memory)


@pytest.mark.parametrize("how", ["gone", "short", "changed", "long"])
def test_tiles_that_are_damaged_prove_no_growth(site: LogSite, memory: Memory, how: str) -> None:
    checked(site, memory)
    site.publish(*(f"/q/{number}" for number in range(300)))
    tile = "/log/tile/0/000"
    if how == "gone":
        (site.www / tile.lstrip("/")).unlink()
    else:
        ways = {
            "short": lambda d: d[:-32],
            "changed": lambda d: d[:330] + bytes([d[330] ^ 1]) + d[331:],
            "long": lambda d: d + bytes(32),
        }
        site.change(tile, ways[how])
    with pytest.raises(ProofError, match="larger than" if how == "long" else "does not show that it only grew"):
        checked(site, memory)


def test_a_site_with_a_new_key_is_noticed_and_believed_only_when_told(
    site: LogSite, memory: Memory, tmp_path: Path
) -> None:
    checked(site, memory)
    other = LogSite(tmp_path / "other", "other.example/log")
    other.publish("/a", "/b", PAGE)
    with pytest.raises(ProofError, match="shows another key") as found:
        checked(other, memory)
    assert site.notary.verifier in str(found.value)
    told = checked(other, memory, key=other.notary.verifier)
    assert (told.first_key, told.changed_key) == (False, True)
    again = checked(other, memory)
    assert (again.first_key, again.changed_key) == (False, False)
    with pytest.raises(ProofError, match="shows another key"):
        checked(site, memory)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"sites": {}}', '{"sites": {}, "logs": {"k": {}}}', '{"sites": {"s": 1}, "logs": {}}']
)
def test_a_damaged_memory_is_not_taken_for_an_empty_one(site: LogSite, memory: Memory, text: str) -> None:
    checked(site, memory)
    (memory.folder / "logs-seen.json").write_text(text)
    with pytest.raises(KeepingError, match="damaged"):
        checked(site, memory)


def test_a_memory_that_cannot_be_written_is_said(site: LogSite, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeepingError, match="could not be kept or read"):
        checked(site, Memory(tmp_path / "file" / "mine"))


# -- fetching -----------------------------------------------------------------------------------------------------------


def test_a_page_is_checked_over_the_web(site: LogSite, memory: Memory) -> None:
    with served(site.www) as address:
        for way in (f"{address}{PAGE}/", f"{address}{PAGE}.json", f"{address}{PAGE}.proof?x=1#y"):
            web, path = page(way)
            found = verifying.checked_site(web, path, memory, site=web.name)
            assert (found.proven.index, path) == (2, PAGE)
        assert memory.key_of(address) == site.notary.verifier


@pytest.mark.parametrize(
    "address",
    ["", "example.org/a", "ftp://example.org/a", "file:///etc/passwd", "https://", "https:///a", "https://me:secret@example.org/a", "https://example.org:port/a",
     "https://example.org/a b", "https://example.org/a\nb", "https://[::1/a", "https://example.org", "https://example.org/"],
)  # fmt: skip
def test_what_is_no_page_is_wrong_use(address: str) -> None:
    with pytest.raises(WrongUse):
        page(address)


def answering(status: int, headers: dict[str, str], body: bytes = b"") -> type[http.server.BaseHTTPRequestHandler]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            pass

    return Answer


@pytest.mark.parametrize(
    "there",
    [
        "http://other.example/x",
        "https://town.example/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://127.0.0.1:1/x",
    ],
)
def test_a_site_that_sends_us_elsewhere_is_not_followed(tmp_path: Path, there: str) -> None:
    with served(tmp_path, answering(302, {"Location": there})) as address, pytest.raises(ProofError):
        Web(address).get("/x", 100)


def test_what_another_server_serves_is_not_taken_for_the_sites_own(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("another")
    with served(tmp_path) as other, served(tmp_path, answering(302, {"Location": f"{other}/x"})) as address:
        assert Web(other).get("/x", 100) == b"another"
        with pytest.raises(ProofError, match=f"sends us to another one: {other}"):
            Web(address).get("/x", 100)


def test_a_site_may_send_us_to_another_place_of_itself(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text("here")
    with served(tmp_path) as address:
        assert Web(address).get("/folder", 100) == b"here"


@pytest.mark.parametrize(
    ("status", "headers", "body", "says"),
    [
        (500, {}, b"", "status 500"),
        (200, {}, b"x" * 101, "larger than 100 bytes"),
        (200, {"Content-Length": "1000"}, b"x" * 10, "could not be fetched"),
        (302, {"Location": "/x"}, b"", "could not be fetched|status 302"),
        (204, {}, b"", ""),
    ],
)  # fmt: skip
def test_what_a_site_may_answer_ends_in_words(
    tmp_path: Path, status: int, headers: dict[str, str], body: bytes, says: str
) -> None:
    with served(tmp_path, answering(status, headers, body)) as address:
        if says:
            with pytest.raises(ProofError, match=says):
                Web(address).get("/x", 100)
        else:
            assert Web(address).get("/x", 100) == b""


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_none(tmp_path: Path, status: int) -> None:
    with served(tmp_path, answering(status, {})) as address:
        assert Web(address).get("/x", 100) is None


def test_a_site_that_trickles_or_is_silent_is_given_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_SECONDS_IN_ALL", -1.0)
    with (
        served(tmp_path, answering(200, {}, b"x")) as address,
        pytest.raises(ProofError, match="did not arrive within"),
    ):
        Web(address).get("/x", 100)
    monkeypatch.setattr(fetching, "_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ProofError, match="timed out"):
        Web(f"http://127.0.0.1:{silent.getsockname()[1]}").get("/x", 100)


def test_a_site_that_is_not_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(
        ProofError, match=r"could not be fetched.*Nothing was proved, and nothing was shown to be wrong"
    ):
        Web(f"http://127.0.0.1:{port}").get("/x", 100)


def test_a_copy_in_a_folder_gives_nothing_from_outside_it(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "secret").write_text("x")
    assert Folder(tmp_path / "copy").get("/none", 10) is None
    with pytest.raises(ProofError, match="outside"):
        Folder(tmp_path / "copy").get("/../secret", 10)


@given(
    st.dictionaries(
        st.sampled_from([f"{PAGE}.json", f"{PAGE}.proof", "/log/checkpoint", "/log/key"]), st.binary(max_size=300)
    )
)
def test_whatever_a_site_serves_the_answer_is_in_words(
    tmp_path_factory: pytest.TempPathFactory, lies: dict[str, bytes]
) -> None:
    class Liar:
        name = "liar"

        def get(self, path: str, most: int) -> bytes | None:
            return lies.get(path)

    with pytest.raises(PostmeError):
        verifying.checked_site(Liar(), PAGE, Memory(tmp_path_factory.mktemp("mine")))


def test_a_remembered_file_holds_what_the_documents_say(site: LogSite, memory: Memory) -> None:
    checked(site, memory)
    said = json.loads((memory.folder / "logs-seen.json").read_text())
    key = site.notary.verifier
    assert said["sites"][SITE]["key"] == key
    assert said["logs"][key]["note"] == site.note
