"""The embedded services in threads, and how a command that ran in this process ended."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from tests.ready_crm import ready_crm

from interlace.bootstrap.kept_connections import KeptConnections
from interlace.bootstrap.sandbox_server import LOOPBACK, listen
from interlace.cli.program import run_program
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company, seed_users

NAME = "main"
CUSTOMERS = 40
_START_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What a command with --json wrote, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def only(self) -> dict[str, Any]:
        """The one object that a command with --json wrote."""
        (found,) = self.objects
        return found


Interlace = Callable[..., Ended]
"""Runs a command line on a state directory of the test's own."""


@dataclass(slots=True)
class Exchangeable:
    """An application that may be exchanged between requests, while its server runs."""

    application: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand over to the present one."""
        await self.application(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """What both services held at some moment."""

    erp: bytes
    crm: bytes


@dataclass(slots=True, kw_only=True)
class BothEnds:
    """Where the embedded services answer, as whom to sign in, and what they hold; they can begin anew with it."""

    erp_address: str
    crm_address: str
    crm: CrmSandbox
    erp_key_file: Path
    crm_secret_file: Path
    erp: ErpSandbox
    erp_options: ErpSandboxOptions
    erp_server: Exchangeable
    crm_server: Exchangeable

    def options(self, **changed: str) -> list[str]:
        """The options of `connection add` for these services; named ones are changed."""
        given: Mapping[str, str] = {
            "erp": self.erp_address,
            "company": "Nordlicht",
            "erp_user": "INTERLACE",
            "crm": self.crm_address,
            "token_url": f"{self.crm_address}/{self.crm.options.tenant_id}/oauth2/v2.0/token",
            "client_id": self.crm.options.client_id,
            "erp_key_file": str(self.erp_key_file),
            "crm_secret_file": str(self.crm_secret_file),
            **changed,
        }
        return [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]

    def images(self) -> Images:
        """What they hold now."""
        return Images(erp=self.erp.records.store.image(), crm=self.crm.records.store.image())

    def restore(self, images: Images) -> None:
        """Begin anew below the same addresses; logs of requests and planned faults are empty."""
        key, directory = self.erp.access_key, self.erp.identity.directory
        erp_options = replace(
            self.erp_options, seed=None, image=images.erp, access_key=key, directory=directory
        )
        crm_options = replace(self.crm.options, image=images.crm, directory=self.crm.identity.directory)
        self.erp = self.erp_server.application = create_erp_sandbox(None, erp_options)
        self.crm = self.crm_server.application = create_crm_sandbox(None, crm_options)


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve an application in a thread of its own; gives its address."""
    config = uvicorn.Config(
        application, log_level="warning", access_log=False, lifespan="on", http=KeptConnections
    )
    with served_by(config) as address:
        yield address


@contextmanager
def served_by(config: uvicorn.Config) -> Iterator[str]:
    """Run a server in a thread of its own; gives its address."""
    listening = listen(0)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        end = time.monotonic() + _START_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < end:
            thread.join(0.01)
        assert server.started
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listening.close()


@contextmanager
def started(directory: Path, *, customers: int = CUSTOMERS, **erp_options: Any) -> Iterator[BothEnds]:
    """Serve the embedded ERP and CRM with a small company; the secrets are in files of the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    options = ErpSandboxOptions(seed=lambda: seed_company(customers=customers), **erp_options)
    erp = create_erp_sandbox(None, options)
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    crm = ready_crm(sales_users=users)
    erp_server, crm_server = Exchangeable(erp), Exchangeable(crm)
    key_file, secret_file = directory / "key.txt", directory / "secret.txt"
    key_file.write_text(f"{erp.access_key}\n", encoding="utf-8")
    secret_file.write_text(crm.options.client_secret, encoding="utf-8")
    with ExitStack() as servers:
        yield BothEnds(
            erp_address=f"{servers.enter_context(served(erp_server))}/BC",
            crm_address=servers.enter_context(served(crm_server)),
            crm=crm,
            erp=erp,
            erp_key_file=key_file,
            crm_secret_file=secret_file,
            erp_options=options,
            erp_server=erp_server,
            crm_server=crm_server,
        )


def synchronize(ends: BothEnds, state: Path) -> None:
    """Connect both ends and synchronize everything; nothing is left to do then."""
    for arguments in (
        ["connection", "add", NAME, *ends.options()],
        ["connection", "enable", NAME],
        ["synch", "--full"],
        # The second run fills in references to records that the first one coupled later.
        ["synch", "--full"],
    ):
        assert run_program([*arguments, "--state", str(state), "--json"]) in {0, 3}
