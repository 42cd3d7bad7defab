"""The clients that nobody here wrote: what each is, which of our programs drives it, and how it is aimed.

A program only calls its client and asserts what it gets; it runs in a process of its own with the client's packages,
so that nothing of ours can help it.
"""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import uvicorn
from tests.clients.exchanges import Exchange, Recorder
from tests.clients.tunnel import LOOPBACK, tunnel
from tests.ready_crm import ready_crm

from interlace.sandbox.crm import SandboxOptions
from interlace.sandbox.erp import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company
from interlace.sandbox.identity.founding import INTEGRATION_CLIENT_ID, INTEGRATION_SECRET
from interlace.sandbox.tls_authority import tls_files

PROGRAMS = Path(__file__).parent / "programs"
ERP_HOST = "api.businesscentral.dynamics.com"
LOGIN_HOST = "login.microsoftonline.com"
"""Names that clients have built in; on this machine they lead to the embedded ERP and nowhere else."""
TENANT = "0e7c1a34-5b2d-4f68-8a90-b1c2d3e4f506"
_PATIENCE_SECONDS = 300.0


class Server(StrEnum):
    """Which embedded service a client is for."""

    CRM = "crm"
    ERP = "erp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """One client: `package` and `licence` as its registry names them, `program` our file that drives it."""

    name: str
    package: str
    author: str
    licence: str
    language: str
    server: Server
    program: str


def _python(name: str, package: str, author: str, licence: str, server: Server) -> Stranger:
    return Stranger(
        name=name,
        package=package,
        author=author,
        licence=licence,
        language="Python",
        server=server,
        program=f"drive_{name}.py",
    )


def _javascript(name: str, package: str, author: str, licence: str, server: Server) -> Stranger:
    return Stranger(
        name=name,
        package=package,
        author=author,
        licence=licence,
        language="JavaScript",
        server=server,
        program=f"drive_{name}.mjs",
    )


STRANGERS = (
    _python("microsoft_dataverse", "powerplatform-dataverse-client 1.1.0", "Microsoft", "MIT", Server.CRM),
    _python(
        "microsoft_dataverse_async",
        "powerplatform-dataverse-client 1.1.0 (asynchronous)",
        "Microsoft",
        "MIT",
        Server.CRM,
    ),
    _python("dataverse_api", "dataverse-api 1.4.3", "Marcus Risanger", "MIT", Server.CRM),
    _javascript("dynamics_web_api", "dynamics-web-api 2.5.0", "Aleksandr Rogov", "MIT", Server.CRM),
    _python("bc_cli", "bc-cli 0.8.2", "Igor (igor-ctrl)", "Apache-2.0", Server.ERP),
    _python("python_odata", "python-odata 0.8.1", "Tuomas Mursu and others", "MIT", Server.ERP),
    _javascript("odata_client", "@odata/client 2.21.10", "Theo Sun", "MIT", Server.ERP),
)


def crm_service() -> Any:
    """The CRM that programs and transcripts meet."""
    return ready_crm()


def erp_service() -> Any:
    """The ERP that programs and transcripts meet: a small demo company."""
    return create_erp_sandbox(None, ErpSandboxOptions(seed=lambda: seed_company(customers=25)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """As which application a client signs in."""

    client_id: str
    secret: str


IDENTIFICATIONS = {
    # As the administrator: clients create tables and jobs, for which the integration has no privilege.
    Server.CRM: Identification(
        client_id=SandboxOptions().administrator_client_id,
        secret=SandboxOptions().administrator_client_secret,
    ),
    Server.ERP: Identification(client_id=INTEGRATION_CLIENT_ID, secret=INTEGRATION_SECRET),
}
SERVICES: dict[Server, Callable[[], Any]] = {Server.CRM: crm_service, Server.ERP: erp_service}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a program left behind."""

    exit_code: int
    output: str
    exchanges: list[Exchange]
    began: datetime


def run(stranger: Stranger, clients: Path, directory: Path) -> Run:
    """Serve the client's service over TLS and run its program; `clients` is where the packages are."""
    began = datetime.now(UTC)
    directory.mkdir(parents=True, exist_ok=True)
    service = SERVICES[stranger.server]()
    recorder = Recorder(service)
    files = tls_files(directory / "tls", names=(ERP_HOST, LOGIN_HOST))
    with ExitStack() as held:
        held.callback(service.close)
        address = held.enter_context(_served(recorder, str(files.certificate), str(files.key)))
        port = int(address.rpartition(":")[2])
        proxy = held.enter_context(tunnel({ERP_HOST: port, LOGIN_HOST: port}))
        surroundings = {
            "PATH": os.pathsep.join([str(clients / "bin"), "/usr/bin", "/bin"]),
            "HOME": str(directory),
            "LANG": "C.UTF-8",
            "ADDRESS": address,
            "TENANT": TENANT,
            "CLIENT_ID": IDENTIFICATIONS[stranger.server].client_id,
            "CLIENT_SECRET": IDENTIFICATIONS[stranger.server].secret,
            "REQUESTS_CA_BUNDLE": str(files.authority),
            "SSL_CERT_FILE": str(files.authority),
            "NODE_EXTRA_CA_CERTS": str(files.authority),
            "HTTPS_PROXY": proxy,
            "NO_PROXY": LOOPBACK,
        }
        ended = subprocess.run(
            command(stranger, clients),
            cwd=directory,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    return Run(exit_code=ended.returncode, output=ended.stdout, exchanges=recorder.exchanges, began=began)


def command(stranger: Stranger, clients: Path) -> list[str]:
    """How a program is started: with the interpreter that was installed beside its client."""
    if stranger.language == "Python":
        return [str(clients / "bin" / "python"), str(PROGRAMS / stranger.program)]
    # Modules are looked for above the program's file: it runs from a copy beside the installed packages.
    copied = shutil.copy(PROGRAMS / stranger.program, clients / "javascript")
    return [str(clients / "bin" / "node"), str(copied)]


@contextmanager
def _served(application: Any, certificate: str, key: str) -> Iterator[str]:
    listener = socket.create_server((LOOPBACK, 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_level="warning",
            ws="none",
            headers=[("Connection", "close")],
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield f"https://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
