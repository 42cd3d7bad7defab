"""The embedded services, set up and served."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from interlace.bootstrap.sandbox_choice import SandboxChoice
from interlace.bootstrap.sandbox_server import LOOPBACK, SandboxNotStarted, listen, serve
from interlace.bootstrap.state_lock import held_alone
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.csv_company import LoadReport, load_directory
from interlace.sandbox.erp.seed_company import COMPANY_NAME, seed_company, seed_users
from interlace.sandbox.fault_file import read_fault_file
from interlace.sandbox.fault_injection import FaultInjection
from interlace.sandbox.fault_rules import FaultScript
from interlace.sandbox.limit_choice import LimitsNotReadable, read_limits
from interlace.sandbox.limits import LimitSettings
from interlace.solution.build import build_solution


def open_erp(state: Path, choice: SandboxChoice) -> ErpSandbox:
    """Open the embedded ERP."""
    seed = (lambda: seed_company(customers=choice.customers)) if choice.seeded else None
    limits = _limits(choice, "erp")
    options = ErpSandboxOptions(company=COMPANY_NAME, limits=limits, seed=seed)
    return create_erp_sandbox(state / "erp", options)


def open_crm(state: Path, choice: SandboxChoice) -> CrmSandbox:
    """Open the embedded CRM."""
    people = seed_users() if choice.seeded else ()
    users = [SalesUser(full_name=each.name, email=each.email, phone=each.phone) for each in people]
    limits = _limits(choice, "crm")
    # A CRM made by hand begins without the solution; the embedded one is ready to be connected.
    solutions = (build_solution().content,)
    options = SandboxOptions(solutions=solutions, sales_users=users, limits=limits)
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
        serving: list[Callable[[], Coroutine[None, None, None]]] = []
        if choice.erp_port is not None:
            erp_listening = _taken(held, state / "erp", choice.erp_port)
            erp = open_erp(state, choice)
            erp_ready = partial(ready, "erp", _erp_facts(erp, erp_listening.getsockname()[1]))
            if erp.delivery is not None:
                erp.delivery.faults = erp_faults
            erp_application = FaultInjection(erp, erp_faults) if erp_faults.rules else erp
            serving.append(partial(serve, erp_application, erp_listening, erp_ready, parent=choice.parent))
        if choice.crm_port is not None:
            crm_listening = _taken(held, state / "crm", choice.crm_port)
            crm = open_crm(state, choice)
            crm_ready = partial(ready, "crm", _crm_facts(crm, crm_listening.getsockname()[1]))
            crm_application = FaultInjection(crm, crm_faults) if crm_faults.rules else crm
            serving.append(partial(serve, crm_application, crm_listening, crm_ready, parent=choice.parent))
        async with asyncio.TaskGroup() as servers:
            for each in serving:
                servers.create_task(each())


def _taken(held: ExitStack, directory: Path, port: int) -> socket.socket:
    """Take a service's records and its port."""
    held.enter_context(held_alone(directory))
    return held.enter_context(listen(port))


def _erp_facts(erp: ErpSandbox, port: int) -> dict[str, str]:
    return {
        "erp_address": f"http://{LOOPBACK}:{port}/BC",
        "erp_company": erp.company.name,
        "erp_user": "INTERLACE",
        "erp_access_key": erp.access_key,
    }


def _crm_facts(crm: CrmSandbox, port: int) -> dict[str, str]:
    address = f"http://{LOOPBACK}:{port}"
    return {
        "crm_address": address,
        "crm_token_url": f"{address}/{crm.options.tenant_id}/oauth2/v2.0/token",
        "crm_client_id": crm.options.client_id,
        "crm_client_secret": crm.options.client_secret,
        "crm_sales_app": f"{address}/app/",
        "crm_sales_app_password": crm.options.sales_app_password,
    }


def load_company(state: Path, directory: Path) -> LoadReport:
    """Load CSV files into the embedded ERP; raises SandboxNotStarted while it is served or without files."""
    if not directory.is_dir():
        msg = f"{directory} is no directory. Name the directory that holds the CSV files."
        raise SandboxNotStarted(msg)
    with held_alone(state / "erp"):
        erp = create_erp_sandbox(state / "erp", ErpSandboxOptions(company=COMPANY_NAME))
        try:
            return load_directory(erp.records, directory)
        finally:
            erp.close()
