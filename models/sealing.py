"""Authenticated encryption of templates and keys at rest (AES-256-GCM, NIST SP 800-38D).

A sealed value is bound to its owner by associated data: moved to another row, it does not open.
Encryption is not irreversibility: who holds the key can read the template.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import CourtclockError
from models.settings import Finding, SecretsSettings

KEY_BYTES = 32
_NONCE_BYTES = 12


def new_key() -> bytes:
    """A random 256-bit key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, owner: str) -> bytes:
    """``nonce || ciphertext || tag``; ``owner`` must be given again to open it."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, owner.encode())


def unseal(key: bytes, sealed: bytes, owner: str) -> bytes:
    """The plain bytes.

    Raises:
        CourtclockError: ``seal.broken``, whatever the cause.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise CourtclockError("seal.broken") from error


def write_key_file(path: Path, key: bytes) -> None:
    """Write a new key file that only its owner may read; never overwrites one.

    Raises:
        FileExistsError: there is one already.
        CourtclockError: ``folder.unwritable``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> CourtclockError:
    return CourtclockError("folder.unwritable", path=str(path.parent), reason=error.strerror)


def read_key_file(path: Path) -> bytes:
    """The key in a file made by ``write_key_file``.

    Raises:
        CourtclockError: ``secret.missing``, ``secret.unreadable`` or ``secret.malformed``.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise CourtclockError("secret.missing", path=str(path)) from error
    except OSError as error:
        raise CourtclockError("secret.unreadable", path=str(path), reason=error.strerror) from error
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise CourtclockError("secret.malformed", path=str(path)) from error
    if len(key) != KEY_BYTES:
        raise CourtclockError("secret.malformed", path=str(path))
    return key


_HINTS = {
    "secret.missing": (
        "On a new server `python -m server init` makes it. On an old one restore it from a backup:"
        " a new key opens nothing that was sealed with the old one."
    ),
    "secret.malformed": "Restore it from a backup.",
    "secret.unreadable": "Let the user that runs this program read it.",
}


def find_secret_faults(files: SecretsSettings) -> list[Finding]:
    """What is wrong with the files of the two keys, as findings with key paths."""
    findings = []
    for key, path in (
        ("secrets.template_key_file", files.template_key_file),
        ("secrets.session_key_file", files.session_key_file),
    ):
        try:
            read_key_file(path)
        except CourtclockError as error:
            findings.append(Finding(key, error.sentence("en"), _HINTS[error.code]))
    return findings
