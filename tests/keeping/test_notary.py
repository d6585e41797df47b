"""The notary: held to signatures that others published, to openssl, and to keys and notes that were tampered with."""

from __future__ import annotations

import base64
import pickle
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postme import merkle
from postme.errors import KeepingError, ProofError
from postme.keeping.notary import Notary, public_key, signed_by, signed_text
from postme.merkle import Checkpoint

# Source: the example in C2SP signed-note.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# Source: the Go checksum database: its published key, and a checkpoint that it signed.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
TEXT = Checkpoint("town.example/log", 3, merkle.leaf_hash(b"a")).text


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return Notary(tmp_path / "data", "town.example/log")


def test_a_note_that_the_specification_signed_is_believed() -> None:
    assert signed_text(EXAMPLE, EXAMPLE_KEY) == "This is an example message.\n"


def test_a_checkpoint_that_the_go_checksum_database_signed_is_believed() -> None:
    text = signed_text(GO, GO_KEY)
    assert merkle.checkpoint(text).size == 20852163
    assert public_key(GO_KEY)[0] == "sum.golang.org"


def test_a_checkpoint_of_another_name_than_its_keys_is_not_taken_for_this_logs() -> None:
    with pytest.raises(ProofError, match=r"signed a checkpoint of go\.sum database tree"):
        signed_by(GO, GO_KEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("example message", "exemple message"), ("Uw2QOkn8", "Uw2QOkn9"), ("yaQM=", "yaQI="), ("— ", "- "), ("\n\n", "\n"),
        ("foo Uw", "bar Uw"), ("Uw2QO", "Ux2QO"), ("\n\n", "\n\n\x07"), ("yaQM=\n", "yaQM="), ("yaQM=", "ya!M="), (EXAMPLE, ""),
    ],
)  # fmt: skip
def test_a_note_that_was_tampered_with_is_refused(old: str, new: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(ProofError):
        signed_text(EXAMPLE.replace(old, new), EXAMPLE_KEY)


@pytest.mark.parametrize(
    "key",
    [
        "", "example.com/foo", EXAMPLE_KEY.replace("530d903a", "530d903b"), EXAMPLE_KEY.replace("AekyeR", "AekyeS"), EXAMPLE_KEY.replace("foo", "bar"),
        EXAMPLE_KEY.replace("+AekyeR", "+BekyeR"), EXAMPLE_KEY[:-4], EXAMPLE_KEY + "!", EXAMPLE_KEY.replace("530d903a", "530D903A"), GO_KEY,
    ],
)  # fmt: skip
def test_a_key_that_was_tampered_with_proves_nothing(key: str) -> None:
    with pytest.raises(ProofError):
        signed_text(EXAMPLE, key)


@given(st.data())
def test_no_note_survives_the_change_of_a_single_byte(data: st.DataObject) -> None:
    raw = bytearray(GO.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = raw.decode()
        believed = signed_text(changed, GO_KEY)
    except (UnicodeDecodeError, ProofError):
        return
    # Only the unused bits at the end of a base64 text may differ; what was signed never does.
    assert believed == signed_text(GO, GO_KEY)
    assert base64.b64decode(changed.split()[-1]) == base64.b64decode(GO.split()[-1])


def test_what_is_signed_is_believed_with_the_key_that_is_published(notary: Notary) -> None:
    note = notary.sign(TEXT)
    assert signed_by(note, notary.verifier) == merkle.checkpoint(TEXT)
    with_witness = note + EXAMPLE.splitlines()[-1] + "\n"
    assert signed_by(with_witness, notary.verifier) == merkle.checkpoint(TEXT)


def test_a_key_of_the_same_name_is_not_the_same_key(notary: Notary, tmp_path: Path) -> None:
    other = Notary(tmp_path / "other", "town.example/log")
    with pytest.raises(ProofError, match="not signed with the key"):
        signed_by(other.sign(TEXT), notary.verifier)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: it is the outside oracle here")
def test_openssl_believes_the_signature_too(notary: Notary, tmp_path: Path) -> None:
    name, _, coded = notary.sign(TEXT).splitlines()[-1].removeprefix("— ").partition(" ")
    assert name == "town.example/log"
    (tmp_path / "signature").write_bytes(base64.b64decode(coded)[4:])
    # Source: RFC 8410: what stands before an Ed25519 key in its DER form.
    raw = base64.b64decode(notary.verifier.split("+", 2)[2])[1:]
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + raw)
    said = []
    for text in (TEXT, TEXT.replace("3", "4", 1)):
        (tmp_path / "text").write_text(text)
        ran = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "text", "-sigfile", "signature"],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        said.append(ran.returncode == 0)
    assert said == [True, False]


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = Notary(folder, "town.example/log")
    assert stat.S_IMODE((folder / "log-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["log-key"]
    text = (folder / "log-key").read_text()
    assert text.startswith("PRIVATE+KEY+town.example/log+")
    assert Notary(folder).verifier == Notary(folder, "town.example/log").verifier == first.verifier
    assert Notary.from_text(text).verifier == first.verifier
    assert first.verifier.split("+")[1] == text.split("+")[3]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_use_is_refused(notary: Notary, tmp_path: Path, mode: int) -> None:
    (tmp_path / "data" / "log-key").chmod(mode)
    with pytest.raises(KeepingError, match=f"mode {mode:04o}.*chmod 600"):
        Notary(tmp_path / "data")


def test_a_key_that_is_missing_is_not_replaced_by_another(notary: Notary, tmp_path: Path) -> None:
    (tmp_path / "data" / "log").mkdir()
    (tmp_path / "data" / "log" / "checkpoint").write_text(notary.sign(TEXT))
    (tmp_path / "data" / "log-key").unlink()
    with pytest.raises(KeepingError, match="not there"):
        Notary(tmp_path / "data")
    with pytest.raises(KeepingError, match="The log is there, and its key is not"):
        Notary(tmp_path / "data", "town.example/log")
    assert not (tmp_path / "data" / "log-key").exists()


def test_a_key_of_another_log_is_refused(notary: Notary, tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match=r"that of the log town\.example/log, not of city\.example/log"):
        Notary(tmp_path / "data", "city.example/log")


@given(st.data())
def test_a_damaged_key_is_refused_and_no_message_holds_any_of_it(data: st.DataObject) -> None:
    text = "PRIVATE+KEY+t.example/log+cb50cf27+AQ" + "A" * 41 + "="
    seed = base64.b64encode(b"\x01" + bytes(range(32))).decode()
    private = Notary.from_text(_named("t.example/log", bytes(range(32))))
    whole = _named("t.example/log", bytes(range(32)))
    assert private.origin == "t.example/log"
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = data.draw(
        st.sampled_from([whole[:at], whole[:at] + "x" + whole[at + 1 :], whole + "A", whole.lower(), "", text])
    )
    if broken != whole:
        with pytest.raises(KeepingError) as found:
            Notary.from_text(broken, where="POSTME_LOG_KEY")
        assert "POSTME_LOG_KEY" in str(found.value)
        assert seed[4:] not in str(found.value)


def _named(origin: str, seed: bytes) -> str:
    """A private key's text, made from RFC 8032's own function of a seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return (
        f"PRIVATE+KEY+{origin}+{merkle.key_id(origin, 1, public).hex()}+{base64.b64encode(bytes([1]) + seed).decode()}"
    )


@pytest.mark.parametrize("origin", ["two words", "a+b", "a\u00a0b", "tab\there", "line\n"])
def test_a_log_is_not_named_so_that_its_signatures_could_not_be_read(origin: str, tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match="cannot be named"):
        Notary(tmp_path / "data", origin)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["no line end", "a tab\t\n", "half a \ud800 character\n", ""])
def test_what_is_no_notes_text_is_not_signed(notary: Notary, text: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        notary.sign(text)


def test_a_key_shows_itself_nowhere(notary: Notary, tmp_path: Path) -> None:
    secret = (tmp_path / "data" / "log-key").read_text().strip().split("+", 4)[-1]
    assert len(secret) > 40
    assert secret not in repr(notary) + str(vars(notary))
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(notary)
