"""Whether a folder that the settings name can be used; looked at without making anything."""

from __future__ import annotations

import os
from pathlib import Path

from models.settings.loading import Finding


def find_folder_faults(key_path: str, folder: Path) -> list[Finding]:
    """What keeps a folder from being made or written, as a finding under its key; empty when nothing does."""
    # os.path, because Path.exists() raises where a folder above may not be entered.
    place = folder
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not os.path.isdir(place):
        return [Finding(key_path, f"{place} is not a folder", "Name another folder.")]
    if not os.access(place, os.W_OK | os.X_OK):
        return [
            Finding(key_path, f"the folder {place} cannot be written", "Choose another one or mend its permissions.")
        ]
    return []
