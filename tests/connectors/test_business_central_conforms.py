"""The Business Central connector passes the suite on the embedded ERP, over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.http import HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.engine.ports import Side, TableView
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.testing.conformance import ConformanceSubject, ServiceConformance

COMPANY = "CRONUS & Söhne's Ltd."
KEY = "the-access-key"


class TestBusinessCentralConforms(ServiceConformance):
    """The suite on the embedded ERP."""

    @pytest.fixture
    async def subject(self, serve: Callable[[Any], Awaitable[str]]) -> AsyncIterator[ConformanceSubject]:
        """Customers of an empty company, in small pages."""
        origin = await serve(create_erp_sandbox(None, ErpSandboxOptions(company=COMPANY, access_key=KEY)))
        async with HttpChannel(origin, BasicSignIn("INTERLACE", KEY)) as channel:
            settings = BusinessCentralSettings(company=COMPANY, page_size=7, batch_size=5)
            yield ConformanceSubject(
                service=BusinessCentralService(channel, settings),
                view=TableView(
                    side=Side.ERP,
                    table="Customer",
                    fields=("Name", "Address", "Credit_Limit_LCY", "Blocked", "Salesperson_Code"),
                ),
                key_of=lambda number: f"C{number:05d}",
                text_field="Name",
                number_field="Credit_Limit_LCY",
                refused={"Salesperson_Code": "NOBODY"},
                tricky_keys=("A'B", "Ü&Ö", "100%", "A/B?C#D", "A B+C"),
            )
