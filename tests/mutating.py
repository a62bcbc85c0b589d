"""``python -m tests.mutating``: how many small changes to the attendance rules their tests notice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

WANTED_PERCENT: Final = 90.0
_STATS: Final = Path("mutants") / "mutmut-cicd-stats.json"


def main() -> int:
    """Run mutmut, print survivors and the score; 1 below what is wanted.

    The score is the share of mutants that a test notices, also by never ending, of all that were made.
    """
    mutmut = [sys.executable, "-m", "mutmut"]
    # It ends with 1 where mutants survive, and goes on where it was stopped.
    subprocess.run([*mutmut, "run", *sys.argv[1:]], check=False)
    subprocess.run([*mutmut, "results"], check=True)
    subprocess.run([*mutmut, "export-cicd-stats"], check=True)
    stats = json.loads(_STATS.read_text(encoding="utf-8"))
    made = stats["total"] - stats["skipped"]
    noticed = stats["killed"] + stats["timeout"] + stats["segfault"]
    percent = 100 * noticed / made if made else 0.0
    sys.stdout.write(f"{noticed} of {made} mutants of server/attendance noticed: {percent:.1f} %\n")
    return 0 if percent >= WANTED_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
