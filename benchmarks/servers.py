"""Starts the embedded services as processes of their own, each time on a fresh copy of a state made once."""

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.serve import open_crm, open_erp

_STOP_SECONDS = 15.0
LOADED_AGO = timedelta(days=1)
"""When the company was loaded: what changes during the benchmark is clearly newer."""


class ServerNotStarted(Exception):
    """A process of the benchmark did not begin to answer; what it said stands on standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server process with what it announced."""

    pid: int
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Both services, and a directory for the client's own state."""

    erp: Server
    crm: Server
    directory: Path

    @property
    def pids(self) -> dict[str, int]:
        """The process of each service."""
        return {"erp": self.erp.pid, "crm": self.crm.pid}


@contextlib.contextmanager
def server(*arguments: str) -> Iterator[Server]:
    """Run `python -m ...` until the block ends; its first line of output tells where it answers."""
    process = subprocess.Popen(  # noqa: S603 - our own program, arguments are a list
        [sys.executable, "-m", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise ServerNotStarted(f"{' '.join(arguments)} ended with {process.wait()} before it answered.")
        yield Server(pid=process.pid, facts=json.loads(line))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class Stage:
    """The states from which every contender starts: made once for a size, copied for each use."""

    def __init__(self, directory: Path, customers: int) -> None:
        self.directory = directory
        self.customers = customers
        self._made = directory / f"made-{customers}"

    def prepare(self) -> None:
        """Fill the ERP with the company and start an empty CRM, unless that was done before."""
        done = self._made / "done"
        if done.exists():
            return
        shutil.rmtree(self._made, ignore_errors=True)
        self._made.mkdir(parents=True)
        self.fill_erp()
        open_crm(self._made / "crm").close()
        done.touch()

    def fill_erp(self) -> None:
        """Fill the ERP with the company."""
        open_erp(self._made / "erp", self.customers, ago=LOADED_AGO).close()

    @contextlib.contextmanager
    def ends(self) -> Iterator[Ends]:
        """Run both services on fresh copies."""
        with tempfile.TemporaryDirectory(dir=self.directory, prefix="run-") as name:
            directory = Path(name)
            for kind in ("erp", "crm"):
                shutil.copytree(self._made / kind, directory / kind)
            size = str(self.customers)
            with (
                server("benchmarks.serve", "erp", str(directory / "erp"), size) as erp,
                server("benchmarks.serve", "crm", str(directory / "crm"), size) as crm,
            ):
                yield Ends(erp=erp, crm=crm, directory=directory)
