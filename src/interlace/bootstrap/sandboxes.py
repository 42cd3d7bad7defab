"""The embedded services, set up and served."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from interlace.bootstrap.sandbox_choice import SandboxChoice
from interlace.bootstrap.sandbox_directory import open_shared_directory
from interlace.bootstrap.sandbox_facts import crm_facts, erp_facts, windows_facts
from interlace.bootstrap.sandbox_server import LOOPBACK, Asgi, SandboxNotStarted, listen, serve
from interlace.bootstrap.state_lock import held_alone
from interlace.locale.translatable import translatable
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.csv_company import LoadReport, load_directory
from interlace.sandbox.erp.products import PRODUCTS
from interlace.sandbox.erp.seed_company import COMPANY_NAME, seed_company, seed_users
from interlace.sandbox.fault_file import read_fault_file
from interlace.sandbox.fault_injection import FaultInjection
from interlace.sandbox.fault_rules import FaultScript
from interlace.sandbox.identity import Directory
from interlace.sandbox.limit_choice import LimitsNotReadable, read_limits
from interlace.sandbox.limits import LimitSettings
from interlace.sandbox.tls_authority import TlsFiles, tls_files
from interlace.sandbox.windows_accounts import ACCOUNTS_VARIABLE, accounts_file
from interlace.solution.build import build_solution

_PATIENCE_SECONDS = 10.0


def open_erp(state: Path, choice: SandboxChoice, directory: Directory) -> ErpSandbox:
    """Open the embedded ERP."""
    seed = (lambda: seed_company(customers=choice.customers)) if choice.seeded else None
    options = ErpSandboxOptions(
        company=COMPANY_NAME,
        limits=_limits(choice, "erp"),
        seed=seed,
        directory=directory,
        bare=choice.bare,
        product=PRODUCTS[choice.product],
        language=choice.language,
        extension=choice.extension,
    )
    return create_erp_sandbox(state / "erp", options)


def open_crm(state: Path, choice: SandboxChoice, directory: Directory) -> CrmSandbox:
    """Open the embedded CRM."""
    people = seed_users() if choice.seeded else ()
    users = [SalesUser(full_name=each.name, email=each.email, phone=each.phone) for each in people]
    # A CRM made by hand begins without the solution; the embedded one is ready to be connected, unless it is bare.
    options = SandboxOptions(
        solutions=() if choice.bare else (build_solution().content,),
        integration_user=not choice.bare,
        sales_users=users,
        limits=_limits(choice, "crm"),
        directory=directory,
        organization=choice.organization,
        windows_sign_in=choice.ntlm,
    )
    return create_crm_sandbox(state / "crm", options)


def _limits(choice: SandboxChoice, service: str) -> LimitSettings | None:
    try:
        return read_limits(choice.limits, service)
    except LimitsNotReadable as problem:
        raise SandboxNotStarted(str(problem)) from problem


async def serve_sandboxes(
    state: Path, choice: SandboxChoice, started: Callable[[dict[str, str]], None]
) -> None:
    """Serve the chosen services until the process is told to stop; `started` hears where and as whom."""
    waiting = {
        name for name, port in (("erp", choice.erp_port), ("crm", choice.crm_port)) if port is not None
    }
    announcement: dict[str, str] = {}

    def ready(name: str, facts: dict[str, str]) -> None:
        """Note a service that answers; announce when all do."""
        announcement.update(facts)
        waiting.discard(name)
        if not waiting:
            started(announcement)

    erp_faults, crm_faults = (
        FaultScript() if choice.faults is None else read_fault_file(choice.faults) for _ in range(2)
    )
    # What can refuse comes before the group of servers: it would wrap the refusal.
    with ExitStack() as held:
        tls = _tls(state) if choice.tls else None
        if tls is not None:
            announcement["tls_authority_file"] = str(tls.authority.resolve())
        serving_one = partial(serve, parent=choice.parent, tls=tls, keeps_connections=choice.ntlm)
        if choice.ntlm:
            announcement |= windows_facts()
            # The acceptor finds the accounts by this variable only.
            os.environ[ACCOUNTS_VARIABLE] = str(accounts_file(state).resolve())
        directory = held.enter_context(closing(open_shared_directory(state)))
        serving: list[Callable[[], Coroutine[None, None, None]]] = []
        if choice.erp_port is not None:
            erp_listening = _taken(held, state / "erp", choice.erp_port)
            erp = open_erp(state, choice, directory)
            erp_ready = partial(ready, "erp", erp_facts(erp, _address(erp_listening, tls)))
            if erp.delivery is not None:
                erp.delivery.faults = erp_faults
            erp_application = _asking(erp, erp_faults, choice, tls)
            serving.append(partial(serving_one, erp_application, erp_listening, erp_ready))
        if choice.crm_port is not None:
            crm_listening = _taken(held, state / "crm", choice.crm_port)
            crm = open_crm(state, choice, directory)
            crm_ready = partial(ready, "crm", crm_facts(crm, _address(crm_listening, tls)))
            crm_application = _asking(crm, crm_faults, choice, tls)
            serving.append(partial(serving_one, crm_application, crm_listening, crm_ready))
        async with asyncio.TaskGroup() as servers:
            for each in serving:
                servers.create_task(each())


def _asking(
    service: ErpSandbox | CrmSandbox, faults: FaultScript, choice: SandboxChoice, tls: TlsFiles | None
) -> Asgi:
    """Put before a service what spoils requests and what asks for Windows accounts, where that was chosen."""
    application: Asgi = FaultInjection(service, faults) if faults.rules else service
    if not choice.ntlm:
        return application
    # It takes a while to load, and few ask for it.
    from interlace.sandbox.windows_sign_in import WindowsSignIn, bindings_of

    http = service.http if isinstance(service, ErpSandbox) else service
    return WindowsSignIn(application, http.serves, None if tls is None else bindings_of(tls.certificate))


def _taken(held: ExitStack, directory: Path, port: int) -> socket.socket:
    """Take a service's records and its port."""
    held.enter_context(held_alone(directory))
    return held.enter_context(listen(port))


def _tls(state: Path) -> TlsFiles:
    """Make or find the files of TLS; another service of this state may be doing the same."""
    with held_alone(state / "tls", patience_seconds=_PATIENCE_SECONDS):
        return tls_files(state / "tls")


def _address(listening: socket.socket, tls: TlsFiles | None) -> str:
    scheme = "http" if tls is None else "https"
    return f"{scheme}://{LOOPBACK}:{listening.getsockname()[1]}"


def load_company(state: Path, directory: Path) -> LoadReport:
    """Load CSV files into the embedded ERP; raises SandboxNotStarted while it is served or without files."""
    if not directory.is_dir():
        msg = translatable(
            "{directory} is no directory. Name the directory that holds the CSV files.",
            directory=str(directory),
        )
        raise SandboxNotStarted(msg)
    with held_alone(state / "erp"), closing(open_shared_directory(state)) as identity:
        options = ErpSandboxOptions(company=COMPANY_NAME, directory=identity)
        erp = create_erp_sandbox(state / "erp", options)
        try:
            return load_directory(erp.records, directory)
        finally:
            erp.close()
