"""``python -m demo``: the demonstration."""

import sys

try:
    import typer

    from demo.cli import main
except ModuleNotFoundError as error:
    sys.stderr.write(f"The package {error.name} is missing. Run `make clean` and then `make run`.\n")
    sys.exit(1)

if __name__ == "__main__":
    typer.run(main)
