"""``python -m tests.mutating``: how many small changes to the attendance rules their tests notice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

WANTED_PERCENT: Final = 90.0
_STATS: Final = Path("mutants") / "mutmut-cicd-stats.json"


def main() -> int:
    """Run mutmut on all of ``server/attendance``, print survivors and the score; 1 below what is wanted.

    The score is the share of mutants that a test notices, also by never ending, of all that were made. None are made of
    constants of a module and of decorated functions (properties and caches); each of them has tests of its own.
    With names of mutants only those are run, in what stands there already.
    """
    names = sys.argv[1:]
    if not names:
        # What an earlier state of the rules left would count as today's.
        shutil.rmtree(_STATS.parent, ignore_errors=True)
    mutmut = [sys.executable, "-m", "mutmut"]
    # It ends with 1 where mutants survive, and also where the tests fail without any mutant: then it writes no results.
    subprocess.run([*mutmut, "run", *names], check=False)
    subprocess.run([*mutmut, "results"], check=True)
    subprocess.run([*mutmut, "export-cicd-stats"], check=True)
    stats = json.loads(_STATS.read_text(encoding="utf-8"))
    made = stats["total"] - stats["skipped"]
    noticed = stats["killed"] + stats["timeout"] + stats["segfault"]
    tried = noticed + stats["survived"] + stats["suspicious"] + stats["no_tests"]
    percent = 100 * noticed / tried if tried else 0.0
    sys.stdout.write(f"{noticed} of {tried} mutants of server/attendance noticed: {percent:.1f} %\n")
    if tried < made and not names:
        sys.stdout.write(f"{made - tried} were not tried: this is no score\n")
        return 1
    return 0 if percent >= WANTED_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
