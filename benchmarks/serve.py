"""Serves one embedded service for the benchmark: `python -m benchmarks.serve erp|crm DIRECTORY CUSTOMERS`."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.company import customers_company
from interlace.bootstrap.sandbox_server import LOOPBACK, listen, serve
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import COMPANY_NAME, seed_users
from interlace.solution.build import build_solution


def open_erp(state: Path, customers: int, *, ago: timedelta = timedelta()) -> ErpSandbox:
    """Open the ERP, with its clock some time behind; at its first start it is filled."""
    options = ErpSandboxOptions(
        company=COMPANY_NAME,
        seed=lambda: customers_company(customers),
        now=lambda: datetime.now(UTC) - ago,
    )
    return create_erp_sandbox(state, options)


def open_crm(state: Path) -> CrmSandbox:
    """Open the CRM with the demo's users."""
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    return create_crm_sandbox(state, SandboxOptions(solutions=(build_solution().content,), sales_users=users))


async def _serve(kind: str, state: Path, customers: int) -> None:
    listening = listen(0)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    if kind == "erp":
        erp = open_erp(state, customers)
        facts = {"address": address, "company": erp.company.name, "key": erp.access_key}
        await serve(erp, listening, lambda: print(json.dumps(facts), flush=True))
    else:
        crm = open_crm(state)
        options = crm.options
        facts = {
            "address": address,
            "token_url": f"{address}/{options.tenant_id}/oauth2/v2.0/token",
            "client_id": options.client_id,
            "secret": options.client_secret,
        }
        await serve(crm, listening, lambda: print(json.dumps(facts), flush=True))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
