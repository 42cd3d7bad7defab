"""Runs the command line: `python -m interlace` and the `interlace` script."""

import os
import sys

from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import run_program


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    code = run_program(sys.argv[1:])
    if code == ExitCode.INTERRUPTED:
        # Threads of the job engine may still wait for work that nobody does any more. All that counts is
        # stored, and the next start goes on with it, so nothing is waited for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
