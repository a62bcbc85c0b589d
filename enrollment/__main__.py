"""`python -m enrollment`."""

from enrollment.cli import main

main()
