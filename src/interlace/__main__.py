"""Runs the command line: `python -m interlace` and the `interlace` script."""

import sys


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    from interlace.cli.program import run_program

    sys.exit(run_program(sys.argv[1:]))


if __name__ == "__main__":
    main()
