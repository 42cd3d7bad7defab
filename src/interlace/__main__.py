"""Runs the command line: `python -m interlace` and the `interlace` script."""

import sys

from interlace.cli.program import run_program


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    sys.exit(run_program(sys.argv[1:]))


if __name__ == "__main__":
    main()
