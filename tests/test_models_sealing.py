"""What is sealed opens with its own key for its own owner, unchanged, or not at all."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import CourtclockError
from models.sealing import KEY_BYTES, new_key, read_key_file, seal, unseal, write_key_file

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
EMPLOYEE = "template|0193-wang"
STRANGER = "template|0193-zhao"
TEMPLATE = b"512 bytes that say who somebody is"


def refusal(key: bytes, sealed: bytes, owner: str) -> str:
    with pytest.raises(CourtclockError) as caught:
        unseal(key, sealed, owner)
    return caught.value.code


@given(plain=st.binary(max_size=2000), owner=st.text(max_size=40), key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_again(plain: bytes, owner: str, key: bytes) -> None:
    assert unseal(key, seal(key, plain, owner), owner) == plain


def test_another_key_does_not_open_it() -> None:
    assert refusal(OTHER_KEY, seal(KEY, TEMPLATE, EMPLOYEE), EMPLOYEE) == "seal.broken"


def test_it_does_not_open_for_somebody_else() -> None:
    assert refusal(KEY, seal(KEY, TEMPLATE, EMPLOYEE), STRANGER) == "seal.broken"


def test_one_changed_bit_anywhere_is_noticed() -> None:
    sealed = seal(KEY, TEMPLATE, EMPLOYEE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert refusal(KEY, bytes(changed), EMPLOYEE) == "seal.broken"


@pytest.mark.parametrize("length", [0, 1, 7, 8, 12, 13, 27])
def test_a_piece_of_it_does_not_open(length: int) -> None:
    assert refusal(KEY, seal(KEY, TEMPLATE, EMPLOYEE)[:length], EMPLOYEE) == "seal.broken"


def test_a_key_of_the_wrong_length_opens_nothing() -> None:
    assert refusal(KEY[:31], seal(KEY, TEMPLATE, EMPLOYEE), EMPLOYEE) == "seal.broken"


def test_nobody_sees_that_the_same_thing_was_sealed_twice() -> None:
    sealed = [seal(KEY, TEMPLATE, EMPLOYEE) for _ in range(200)]
    assert len({one[:12] for one in sealed}) == 200
    assert len({one[12:] for one in sealed}) == 200
    assert not any(TEMPLATE in one for one in sealed)


def test_a_new_key_has_256_bits_and_is_new() -> None:
    keys = {new_key() for _ in range(50)}
    assert (len(keys), {len(key) for key in keys}) == (50, {KEY_BYTES})
    assert KEY_BYTES * 8 == 256


def test_a_key_file_gives_its_key_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "template.key"
    write_key_file(path, KEY)
    assert read_key_file(path) == KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "template.key"
    write_key_file(path, KEY)
    with pytest.raises(FileExistsError):
        write_key_file(path, OTHER_KEY)
    assert read_key_file(path) == KEY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a password",
        b"\xff\xfe\x00",
        base64.b64encode(KEY[:16]),
        base64.b64encode(KEY + b"\x00"),
        KEY,
        base64.b64encode(KEY)[:-2],
        base64.b64encode(KEY)[:10] + b"*" + base64.b64encode(KEY)[10:],
    ],
)
def test_a_file_that_holds_no_key_is_called_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "template.key"
    path.write_bytes(content)
    with pytest.raises(CourtclockError) as caught:
        read_key_file(path)
    assert caught.value.code == "secret.malformed"
    assert caught.value.details == {"path": str(path)}


def test_a_key_file_whose_folder_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "keys"):
        with pytest.raises(CourtclockError) as caught:
            write_key_file(folder / "template.key", KEY)
        assert caught.value.code == "folder.unwritable"
        assert caught.value.details["path"] == str(folder)


def test_a_key_file_that_is_not_there_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        read_key_file(tmp_path / "template.key")
    assert caught.value.code == "secret.missing"


def test_a_key_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(CourtclockError) as caught:
        read_key_file(tmp_path)
    assert caught.value.code == "secret.unreadable"
    assert "directory" in caught.value.sentence("en")
