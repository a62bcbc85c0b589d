"""Files that are replaced whole, and are whole after a power cut too."""

from __future__ import annotations

import os
from pathlib import Path


def replace_durably(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file, or make it: afterwards the disk has it, before that the old one.

    Raises:
        OSError: the folder cannot be written; the old file stays.
    """
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        # Before the renaming: a file system may keep the new name and lose what was written behind it.
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
