"""Runs the program in a process of its own that needn't load it: a process that has loaded it forks.

Loading takes more than two seconds of computing, most commands a tenth of one. What a test starts and leaves running
(`interlace serve`, a worker that gets killed) is started the long way, by `python -m interlace`.
"""

import atexit
import multiprocessing
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from interlace import cli
from interlace.__main__ import main

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(
    [
        # A forked process loads what its parent was started as, too.
        "pytest",
        # What typer leaves for its first command line.
        "typer._adapters",
        *(each.name for each in pkgutil.iter_modules(cli.__path__, "interlace.cli.")),
    ]
)


def run_program_forked(
    arguments: Sequence[str], environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run `interlace` to its end, in this environment and nothing else, with nothing to read from."""
    with TemporaryDirectory() as written:
        out, err = Path(written) / "out", Path(written) / "err"
        process = _FORKED.Process(
            target=_run, args=(list(arguments), dict(environment), Path.cwd(), out, err), name="interlace"
        )
        process.start()
        process.join(seconds)
        if (code := process.exitcode) is None:
            process.kill()
            process.join()
        ended = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
    if code is None:
        raise subprocess.TimeoutExpired([*arguments], seconds, *ended)
    return subprocess.CompletedProcess([*arguments], code, *ended)


def _run(arguments: list[str], environment: dict[str, str], here: Path, out: Path, err: Path) -> None:
    """Be `python -m interlace` in the forked process."""
    for number, file in ((1, out), (2, err)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(here)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["interlace", *arguments]
    try:
        main()
    finally:
        # Processes of this kind end without what an ending interpreter does.
        atexit._run_exitfuncs()  # noqa: SLF001 -- has no public name
