"""Whom the kiosk knows: a sealed gallery for this kiosk and version only; the old one until a new one opens."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from kiosk.identity import KioskIdentity
from kiosk.roster import PACK_FILE, RosterHolder, empty_roster, open_pack
from models.errors import CourtclockError
from models.faces.values import Encoding, ModelId
from models.sealing import new_key
from models.wire import GalleryPack
from tests.kiosk_fakes import (
    CHEN,
    LI_WEI,
    LI_WEI_FACE,
    MODEL,
    STRANGER_FACE,
    ZHAO,
    Vector,
    new_identity,
    sealed_gallery,
)


@pytest.fixture
def identity() -> KioskIdentity:
    return new_identity()


@pytest.fixture
def holder(tmp_path: Path, identity: KioskIdentity) -> RosterHolder:
    return RosterHolder(tmp_path, identity, MODEL)


def probe(face: Vector) -> Encoding:
    return Encoding(MODEL, face.astype(np.float32))


def code_of_taking(holder: RosterHolder, pack: GalleryPack) -> str:
    with pytest.raises(CourtclockError) as caught:
        holder.take(pack)
    return caught.value.code


def test_before_the_first_gallery_everybody_is_a_stranger(holder: RosterHolder) -> None:
    holder.load()

    assert holder.roster.version is None
    assert holder.roster.gallery.match(probe(LI_WEI_FACE)) is None
    assert holder.roster.by_employee_no == {}


def test_a_gallery_that_came_knows_faces_and_numbers(holder: RosterHolder, identity: KioskIdentity) -> None:
    holder.take(sealed_gallery(identity, 4))

    roster = holder.roster
    assert roster.version == roster.gallery.version == 4
    match = roster.gallery.match(probe(LI_WEI_FACE))
    assert match is not None
    assert match.person_id == LI_WEI.person_id
    assert match.distance == pytest.approx(0, abs=1e-6)
    assert roster.by_employee_no["1003"] == ZHAO
    assert roster.people[CHEN.person_id] == CHEN


def test_somebody_without_consent_is_at_the_keypad_and_not_among_the_faces(
    holder: RosterHolder, identity: KioskIdentity
) -> None:
    holder.take(sealed_gallery(identity))

    assert ZHAO.person_id in holder.roster.people
    assert ZHAO.person_id not in holder.roster.gallery.person_ids


def test_the_next_start_knows_the_same_people_without_the_server(
    tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
) -> None:
    holder.take(sealed_gallery(identity, 4))
    again = RosterHolder(tmp_path, identity, MODEL)

    again.load()

    assert again.roster.version == 4
    assert again.roster.people == holder.roster.people


def test_what_lies_on_disk_is_sealed(tmp_path: Path, holder: RosterHolder, identity: KioskIdentity) -> None:
    holder.take(sealed_gallery(identity))

    content = (tmp_path / PACK_FILE).read_bytes()
    assert LI_WEI.templates[0] not in content
    assert "李伟".encode() not in content
    assert b"1001" not in content.split(b"\n", 1)[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == [PACK_FILE]


def test_somebody_who_withdrew_is_gone_with_the_next_gallery_from_memory_and_disk(
    tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
) -> None:
    holder.take(sealed_gallery(identity, 1))
    holder.take(sealed_gallery(identity, 2, [CHEN, ZHAO]))
    again = RosterHolder(tmp_path, identity, MODEL)
    again.load()

    for roster in (holder.roster, again.roster):
        assert roster.version == 2
        assert LI_WEI.person_id not in roster.people
        assert roster.gallery.person_ids == (CHEN.person_id,)


class TestAPackOpensOnly:
    def test_with_the_key_of_this_kiosk(self, holder: RosterHolder, identity: KioskIdentity) -> None:
        other_key = KioskIdentity(identity.kiosk_id, identity.name, identity.private_key, new_key())

        assert code_of_taking(holder, sealed_gallery(other_key)) == "seal.broken"

    def test_for_this_kiosk(self, holder: RosterHolder, identity: KioskIdentity) -> None:
        other_kiosk = KioskIdentity(uuid4(), identity.name, identity.private_key, identity.gallery_key)

        assert code_of_taking(holder, sealed_gallery(other_kiosk)) == "seal.broken"

    def test_as_the_version_that_it_is(self, holder: RosterHolder, identity: KioskIdentity) -> None:
        # An old gallery, sent again as a new one, would bring back somebody who withdrew.
        old = sealed_gallery(identity, 1)

        assert code_of_taking(holder, GalleryPack(gallery_version=2, pack=old.pack)) == "seal.broken"

    @pytest.mark.parametrize("position", [0, 12, 100, -1])
    def test_unchanged(self, holder: RosterHolder, identity: KioskIdentity, position: int) -> None:
        pack = sealed_gallery(identity)
        assert pack.pack is not None
        changed = bytearray(pack.pack)
        changed[position] ^= 1

        assert code_of_taking(holder, GalleryPack(gallery_version=1, pack=bytes(changed))) == "seal.broken"

    def test_with_something_in_it(self, identity: KioskIdentity) -> None:
        with pytest.raises(ValueError, match="empty pack"):
            open_pack(GalleryPack(gallery_version=1, pack=None), identity, MODEL)


class TestTheOldRosterStaysInForce:
    @pytest.fixture(autouse=True)
    def with_an_old_one(self, holder: RosterHolder, identity: KioskIdentity) -> None:
        holder.take(sealed_gallery(identity, 1))

    def still_the_old_one(self, holder: RosterHolder, folder: Path, identity: KioskIdentity) -> bool:
        again = RosterHolder(folder, identity, MODEL)
        again.load()
        return holder.roster.version == again.roster.version == 1

    def test_when_the_new_one_is_of_another_model(
        self, tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
    ) -> None:
        code = code_of_taking(holder, sealed_gallery(identity, 2, [], model_id="dlib-resnet-v1"))

        assert code == "gallery.model_mismatch"
        assert self.still_the_old_one(holder, tmp_path, identity)

    def test_when_the_new_one_does_not_open(
        self, tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
    ) -> None:
        code_of_taking(holder, sealed_gallery(new_identity(), 2))

        assert self.still_the_old_one(holder, tmp_path, identity)

    def test_when_the_server_has_nothing_newer(
        self, tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
    ) -> None:
        holder.take(GalleryPack(gallery_version=1, pack=None))

        assert self.still_the_old_one(holder, tmp_path, identity)

    def test_when_the_new_one_cannot_be_kept(
        self, tmp_path: Path, holder: RosterHolder, identity: KioskIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(os, "fsync", fail)
            code = code_of_taking(holder, sealed_gallery(identity, 2))

        assert code == "folder.unwritable"
        assert self.still_the_old_one(holder, tmp_path, identity)

    def test_when_the_power_goes_while_the_new_one_is_written(
        self, tmp_path: Path, holder: RosterHolder, identity: KioskIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lose_power(path: Path, target: Path) -> Path:
            raise KeyboardInterrupt

        with monkeypatch.context() as dark:
            dark.setattr(Path, "replace", lose_power)
            with pytest.raises(KeyboardInterrupt):
                holder.take(sealed_gallery(identity, 2))

        assert self.still_the_old_one(holder, tmp_path, identity)


def test_a_gallery_that_is_in_force_is_on_the_disk(
    tmp_path: Path, holder: RosterHolder, identity: KioskIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: kept.append((tmp_path / PACK_FILE).exists()))

    holder.take(sealed_gallery(identity))

    assert kept == [False, True], "the content before it has its name, the folder after"


@pytest.mark.parametrize(
    "templates",
    [
        pytest.param([Encoding(MODEL, np.ones(64, dtype=np.float32)).to_bytes()], id="of another length"),
        pytest.param([LI_WEI.templates[0], Encoding(MODEL, np.ones(64, dtype=np.float32)).to_bytes()], id="of two"),
        pytest.param([LI_WEI.templates[0][:-1]], id="cut off"),
        pytest.param([b"\xff" * 512], id="not numbers"),
    ],
)
def test_a_gallery_whose_templates_are_not_of_its_dimensions_is_refused(
    holder: RosterHolder, identity: KioskIdentity, templates: list[bytes]
) -> None:
    odd = LI_WEI.model_copy(update={"templates": templates})

    assert code_of_taking(holder, sealed_gallery(identity, 1, [odd, ZHAO])) == "wire.invalid"
    assert holder.roster.version is None


def test_a_gallery_in_which_somebody_stands_twice_is_refused(holder: RosterHolder, identity: KioskIdentity) -> None:
    assert code_of_taking(holder, sealed_gallery(identity, 1, [LI_WEI, LI_WEI])) == "wire.invalid"


def test_a_file_that_cannot_be_read_is_said_with_the_reason(tmp_path: Path, holder: RosterHolder) -> None:
    (tmp_path / PACK_FILE).mkdir()

    with pytest.raises(CourtclockError, match="directory") as caught:
        holder.load()

    assert caught.value.code == "folder.unwritable"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no line end", id="one line"),
        pytest.param(b"not json\nsealed", id="a header that is not JSON"),
        pytest.param(b"\xff\xfe\nsealed", id="a header that is no text"),
        pytest.param(b"[]\nsealed", id="a header of another form"),
        pytest.param(b'{"gallery_version": null}\nsealed', id="a header without a version"),
        pytest.param(b'{"gallery_version": 1}\n', id="nothing behind the header"),
        pytest.param(b'{"gallery_version": 1}\nsealed by nobody', id="something else behind the header"),
    ],
)
def test_a_damaged_file_is_said_and_knows_nobody(tmp_path: Path, holder: RosterHolder, content: bytes) -> None:
    (tmp_path / PACK_FILE).write_bytes(content)

    with pytest.raises(CourtclockError) as caught:
        holder.load()

    assert caught.value.code == "seal.broken"
    assert holder.roster.version is None


def test_a_file_whose_version_was_turned_back_does_not_open(
    tmp_path: Path, holder: RosterHolder, identity: KioskIdentity
) -> None:
    holder.take(sealed_gallery(identity, 3))
    _, sealed = (tmp_path / PACK_FILE).read_bytes().split(b"\n", 1)
    (tmp_path / PACK_FILE).write_bytes(json.dumps({"gallery_version": 4}).encode() + b"\n" + sealed)

    with pytest.raises(CourtclockError, match=r"seal\.broken"):
        RosterHolder(tmp_path, identity, MODEL).load()


@pytest.mark.parametrize(
    ("model_id", "metric"), [("sface-2021dec-int8bq-centred", "cosine"), ("dlib-resnet-v1", "euclidean")]
)
def test_each_model_is_compared_in_its_own_way(model_id: str, metric: str) -> None:
    roster = empty_roster(ModelId(model_id))

    assert (roster.gallery.model_id, roster.gallery.metric) == (model_id, metric)


def test_a_stranger_is_far_from_everybody(holder: RosterHolder, identity: KioskIdentity) -> None:
    holder.take(sealed_gallery(identity))

    match = holder.roster.gallery.match(probe(STRANGER_FACE))

    assert match is not None
    assert match.distance == pytest.approx(1.0)
