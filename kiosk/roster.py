"""Whom this kiosk knows: the gallery for faces, the numbers and PIN hashes for the keypad.

The sealed pack from the server is kept as it came, so templates at rest on the kiosk stay sealed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kiosk.identity import KioskIdentity
from models.errors import CourtclockError
from models.faces.gallery import Gallery
from models.faces.names import METRIC_OF_MODEL
from models.faces.values import Encoding, ModelId
from models.files import replace_durably
from models.sealing import unseal
from models.wire import GalleryContent, GalleryPack, OperatingPointMessage, PersonEntry, gallery_owner, parse

PACK_FILE = "gallery.sealed"


@dataclass(frozen=True, slots=True)
class Roster:
    """Immutable; a newer one replaces it whole.

    Attributes:
        version: the server's number, None before the first gallery came.
        gallery: what faces are matched against.
        people: by identifier.
        by_employee_no: for the keypad.
        operating_point: the thresholds that the server computed for this gallery; None where it sent none.
    """

    version: int | None
    gallery: Gallery
    people: dict[UUID, PersonEntry] = field(default_factory=dict)
    by_employee_no: dict[str, PersonEntry] = field(default_factory=dict)
    operating_point: OperatingPointMessage | None = None


def empty_roster(model_id: ModelId) -> Roster:
    """Nobody is known yet; everybody is a stranger."""
    return Roster(None, Gallery(model_id, METRIC_OF_MODEL[model_id], []))


def open_pack(pack: GalleryPack, identity: KioskIdentity, model_id: ModelId) -> Roster:
    """Open a sealed gallery.

    Raises:
        CourtclockError: ``seal.broken``, ``wire.invalid``, or ``gallery.model_mismatch`` when the
            server's templates are of another model than this kiosk's encoder.
    """
    if pack.pack is None:
        raise ValueError("an empty pack holds no gallery")
    plain = unseal(identity.gallery_key, pack.pack, gallery_owner(identity.kiosk_id, pack.gallery_version))
    content = parse(GalleryContent, plain)
    if content.model_id != model_id:
        raise CourtclockError("gallery.model_mismatch", found=content.model_id, expected=model_id)
    return Roster(
        version=content.gallery_version,
        gallery=_gallery(content, model_id),
        people={entry.person_id: entry for entry in content.people},
        by_employee_no={entry.employee_no: entry for entry in content.people},
        operating_point=content.operating_point,
    )


def _gallery(content: GalleryContent, model_id: ModelId) -> Gallery:
    try:
        people = [
            (entry.person_id, [_encoding(model_id, template, content.dimensions) for template in entry.templates])
            for entry in content.people
        ]
        return Gallery(model_id, METRIC_OF_MODEL[model_id], people, content.gallery_version)
    except ValueError as error:
        raise CourtclockError("wire.invalid", reason=f"people: {error}") from error


def _encoding(model_id: ModelId, template: bytes, dimensions: int) -> Encoding:
    encoding = Encoding.from_bytes(model_id, template)
    if encoding.vector.shape != (dimensions,):
        raise ValueError(f"a template of {encoding.vector.size} values, not {dimensions}")
    return encoding


class RosterHolder:
    """The roster in force, replaced atomically, and its sealed copy on disk.

    Args:
        folder: the kiosk's state folder.
        identity: whose pack it is.
        model_id: of this kiosk's encoder.
    """

    def __init__(self, folder: Path, identity: KioskIdentity, model_id: ModelId) -> None:
        self._path = folder / PACK_FILE
        self._identity = identity
        self._model_id = model_id
        self._roster = empty_roster(model_id)

    @property
    def roster(self) -> Roster:
        """The one in force; hold on to it for the length of one frame."""
        return self._roster

    def load(self) -> None:
        """Take up the copy on disk, if there is one.

        Raises:
            CourtclockError: as ``open_pack``, or ``folder.unwritable`` when the copy cannot be read; then nobody is
                known until a new gallery comes.
        """
        try:
            header, sealed = self._path.read_bytes().split(b"\n", 1)
        except FileNotFoundError:
            return
        except OSError as error:
            raise CourtclockError("folder.unwritable", path=str(self._path.parent), reason=str(error)) from error
        except ValueError as error:
            raise CourtclockError("seal.broken") from error
        try:
            version = int(json.loads(header)["gallery_version"])
        except (ValueError, KeyError, TypeError) as error:
            raise CourtclockError("seal.broken") from error
        self._roster = open_pack(GalleryPack(gallery_version=version, pack=sealed), self._identity, self._model_id)

    def take(self, pack: GalleryPack) -> None:
        """Put a new gallery in force and keep it; the old one stays when the new one does not open.

        Raises:
            CourtclockError: as ``open_pack``, or ``folder.unwritable``.
        """
        if pack.pack is None:
            return
        roster = open_pack(pack, self._identity, self._model_id)
        header = json.dumps({"gallery_version": pack.gallery_version}).encode()
        try:
            replace_durably(self._path, header + b"\n" + pack.pack)
        except OSError as error:
            raise CourtclockError("folder.unwritable", path=str(self._path.parent), reason=str(error)) from error
        self._roster = roster
