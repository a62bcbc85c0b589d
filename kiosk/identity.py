"""Who this kiosk is: its key pair, its name, and the key of its gallery."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.errors import CourtclockError
from models.files import replace_durably
from models.sealing import read_key_file, write_key_file
from models.wire import PairAnswer

IDENTITY_FILE = "identity.json"
DEVICE_KEY_FILE = "device.key"
GALLERY_KEY_FILE = "gallery.key"


@dataclass(frozen=True, slots=True)
class KioskIdentity:
    """A paired kiosk."""

    kiosk_id: UUID
    name: str
    private_key: Ed25519PrivateKey
    gallery_key: bytes


def new_private_key() -> Ed25519PrivateKey:
    """A key that is made here and never leaves."""
    return Ed25519PrivateKey.generate()


def save_identity(folder: Path, private_key: Ed25519PrivateKey, answer: PairAnswer) -> None:
    """Keep what pairing gave. The files can be read by this user only; an older identity is replaced."""
    for name, key in ((DEVICE_KEY_FILE, private_key.private_bytes_raw()), (GALLERY_KEY_FILE, answer.gallery_key)):
        (folder / name).unlink(missing_ok=True)
        write_key_file(folder / name, key)
    content = {"kiosk_id": str(answer.kiosk_id), "name": answer.kiosk_name}
    # Last: it also makes the names of the two new files above durable.
    replace_durably(folder / IDENTITY_FILE, json.dumps(content).encode())


def load_identity(folder: Path) -> KioskIdentity:
    """The identity that pairing left.

    Raises:
        CourtclockError: ``kiosk.not_paired``, ``secret.missing`` or ``secret.malformed``.
    """
    try:
        content = json.loads((folder / IDENTITY_FILE).read_text(encoding="utf-8"))
        kiosk_id, name = UUID(str(content["kiosk_id"])), str(content["name"])
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        # A damaged file is mended in the same way as a missing one: by pairing.
        raise CourtclockError("kiosk.not_paired") from error
    return KioskIdentity(
        kiosk_id=kiosk_id,
        name=name,
        private_key=Ed25519PrivateKey.from_private_bytes(read_key_file(folder / DEVICE_KEY_FILE)),
        gallery_key=read_key_file(folder / GALLERY_KEY_FILE),
    )
