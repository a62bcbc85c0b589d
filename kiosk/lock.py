"""One program at a time for a kiosk's folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import CourtclockError

LOCK_FILE = "kiosk.lock"


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep the folder for this process; the system lets go of it however the process ends.

    A kiosk that runs holds its folder, so that nobody pairs it again beneath its feet, and no second
    kiosk numbers items in the same outbox.

    Raises:
        CourtclockError: ``kiosk.folder_in_use``.
    """
    with (folder / LOCK_FILE).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourtclockError("kiosk.folder_in_use", path=str(folder)) from error
        yield
