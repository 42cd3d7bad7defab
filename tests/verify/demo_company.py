"""The demo company behind both embedded services, with a connection between them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from tests.ready_crm import ready_crm

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET, ConnectionSettings
from interlace.bootstrap.enabling import enable
from interlace.bootstrap.ends import Ends
from interlace.connectors.http_message import HttpRequest
from interlace.domain.synch_job import Counters
from interlace.engine.synch_mapping import synch_mapping
from interlace.lead_to_cash import DEFAULT_MAPPINGS
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import failing_documents, seed_company
from interlace.sandbox.erp.seed_company.intended_failures import Outcome, intended_failures
from interlace.sandbox.erp.seed_company.salespeople import seed_users
from interlace.settings import load_config
from interlace.verify import End, OpenError, PlainReader, VerifyFacts, verify
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.verify_report import MappingVerdict

CUSTOMERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCompany:
    """Both embedded services, signed in to, with a connection between them."""

    erp: ErpSandbox
    crm: CrmSandbox
    application: Application
    connection: Connection
    ends: Ends

    @property
    def facts(self) -> VerifyFacts:
        """What the judge must be told."""
        settings = self.connection.settings
        return VerifyFacts(
            erp_company_id=settings.erp_company_id,
            base_currency_id=settings.base_currency_id,
            default_price_list_id=settings.default_price_list_id,
            work_date=datetime.now(UTC).date(),
            crm_organization_id=settings.crm_organization_id,
        )

    @property
    def reader(self) -> PlainReader:
        """The judge's eyes."""
        return self.ends.plain

    async def patch_crm(self, record: str, body: dict[str, object]) -> None:
        """Edit a CRM record as any client would."""
        request = HttpRequest(
            method="PATCH",
            url=f"/api/data/v9.2/{record}",
            headers={"Content-Type": "application/json", "If-Match": "*"},
            body=json.dumps(body).encode(),
        )
        answer = await self.ends.crm_channel.send(request)
        assert answer.status == 204, answer.body

    async def patch_erp(self, record: str, body: dict[str, object]) -> None:
        """Edit an ERP record as any client would."""
        url = f"/BC/ODataV4/Company('Nordlicht')/{record}"
        held = json.loads((await self.ends.erp_channel.send(HttpRequest(method="GET", url=url))).body)
        request = HttpRequest(
            method="PATCH",
            url=url,
            headers={"Content-Type": "application/json", "If-Match": held["@odata.etag"]},
            body=json.dumps(body).encode(),
        )
        answer = await self.ends.erp_channel.send(request)
        assert answer.status == 200, answer.body

    async def delete_crm(self, record: str) -> None:
        """Delete a CRM record as any client would."""
        answer = await self.ends.crm_channel.send(
            HttpRequest(method="DELETE", url=f"/api/data/v9.2/{record}")
        )
        assert answer.status == 204, answer.body

    async def crm_key(self, set_name: str, key: str, erp_key: str) -> str:
        """Return the id of the CRM record that belongs to an ERP record."""
        async for row in self.reader.rows(End.CRM, set_name, (key, "ilc_erpkey")):
            if row["ilc_erpkey"] == erp_key:
                return str(row[key])
        raise AssertionError(erp_key)

    async def judge(self, mapping: str) -> MappingVerdict:
        """Judge one mapping now."""
        expectations = [each for each in EXPECTATIONS if each.mapping == mapping]
        report = await verify(self.reader, self.facts, intended_errors(), expectations)
        return report.verdicts[0]

    async def post_crm(self, set_name: str, body: dict[str, object]) -> None:
        """Create a CRM record as any client would."""
        request = HttpRequest(
            method="POST",
            url=f"/api/data/v9.2/{set_name}",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        answer = await self.ends.crm_channel.send(request)
        assert answer.status == 204, answer.body

    async def act_erp(self, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        """Send a POST to the ERP's API as any client would: a new record, or an action of one."""
        company = self.connection.settings.erp_company_id
        request = HttpRequest(
            method="POST",
            url=f"/BC/api/v2.0/companies({company})/{path}",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body or {}).encode(),
        )
        answer = await self.ends.erp_channel.send(request)
        assert answer.status in {201, 204}, answer.body
        return json.loads(answer.body) if answer.body else {}

    async def post_erp_page(self, service: str, body: dict[str, object]) -> None:
        """Create a record on an ERP page as any client would."""
        request = HttpRequest(
            method="POST",
            url=f"/BC/ODataV4/Company('Nordlicht')/{service}",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        answer = await self.ends.erp_channel.send(request)
        assert answer.status == 201, answer.body

    async def read_erp(self, path: str) -> dict[str, Any]:
        """Read something of the ERP's API as any client would."""
        company = self.connection.settings.erp_company_id
        request = HttpRequest(method="GET", url=f"/BC/api/v2.0/companies({company})/{path}")
        answer = await self.ends.erp_channel.send(request)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def synchronize(
        self, run_id: str, *mappings: str, whole: bool = False, create_new: bool = True
    ) -> dict[str, Counters]:
        """Synchronize the mappings named, or all, and create what is missing; gives what each ERP pass counted."""
        counted: dict[str, Counters] = {}
        for mapping in DEFAULT_MAPPINGS:
            if mapping.run_by_saga or (mappings and mapping.name not in mappings):
                continue
            run = self.application.run_setup(
                self.connection, mapping.name, run_id=run_id, create_new=create_new, compare_all=whole
            )
            result = await self.ends.run(synch_mapping(run))
            counted[mapping.name] = result.jobs[0].counters
        return counted


@cache
def intended_errors() -> tuple[OpenError, ...]:
    """Return what the demo data intends to fail, as the error list should name it."""
    return tuple(
        OpenError(
            mapping=each.mapping, end=End.ERP, key="\x1f".join(each.key), code="intended", message=each.wrong
        )
        for each in (*intended_failures(CUSTOMERS), *failing_documents(CUSTOMERS))
        if each.outcome is Outcome.FAILS
    )


@asynccontextmanager
async def _serving(application: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def open_demo_company(state: Path) -> AsyncIterator[DemoCompany]:
    """Start both services in memory with the demo company, and connect them."""
    crm = ready_crm(
        sales_users=[
            SalesUser(full_name=f"{each.first_name} {each.last_name}", email=each.email)
            for each in seed_users()
        ]
    )
    erp = create_erp_sandbox(None, ErpSandboxOptions(seed=lambda: seed_company(CUSTOMERS)))
    async with AsyncExitStack() as stack:
        stack.callback(crm.close)
        stack.callback(erp.close)
        erp_origin = await stack.enter_async_context(_serving(erp))
        crm_origin = await stack.enter_async_context(_serving(crm))
        settings = ConnectionSettings(
            name="demo",
            erp_address=f"{erp_origin}/BC",
            erp_company="Nordlicht",
            erp_user="INTERLACE",
            crm_address=crm_origin,
            crm_token_url=f"{crm_origin}/{crm.options.tenant_id}/oauth2/v2.0/token",
            crm_client_id=crm.options.client_id,
            erp_internal_host=True,
            crm_internal_host=True,
        )
        config = load_config(environment={}, overrides={"state.directory": str(state)})
        application = stack.enter_context(Application(config))
        secrets = {ERP_KEY_SECRET: erp.access_key, CRM_SECRET: crm.options.client_secret}
        connection = application.add_connection(settings, secrets)
        ends = await stack.enter_async_context(application.ends(connection))
        connection = application.keep(replace(connection, settings=await enable(settings, ends)))
        yield DemoCompany(erp=erp, crm=crm, application=application, connection=connection, ends=ends)
