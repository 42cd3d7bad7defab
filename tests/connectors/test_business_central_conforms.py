"""The Business Central connector passes the suite on the embedded ERP, over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.http import HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.side import Side
from interlace.engine.ports import Outcome, Precondition, TableView, Write
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.testing.conformance import ConformanceSubject, ServiceConformance
from interlace.testing.marking_conformance import MarkedCreateConformance

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


class TestNumberedCustomersConform(MarkedCreateConformance):
    """Customers of a company that gives its numbers itself."""

    @pytest.fixture
    async def subject(self, serve: Callable[[Any], Awaitable[str]]) -> AsyncIterator[ConformanceSubject]:
        """Customers of an empty company whose series forbid numbers by hand."""
        options = ErpSandboxOptions(company=COMPANY, access_key=KEY, manual_numbers=False)
        origin = await serve(create_erp_sandbox(None, options))
        async with HttpChannel(origin, BasicSignIn("INTERLACE", KEY)) as channel:
            yield ConformanceSubject(
                service=BusinessCentralService(channel, BusinessCentralSettings(company=COMPANY)),
                view=TableView(side=Side.ERP, table="Customer", fields=("Name", "Address")),
                key_of=lambda number: f"CRM{number:013d}",
                text_field="Name",
            )

    async def test_create_under_our_own_number_is_refused_in_words(self, subject: ConformanceSubject) -> None:
        """Whoever ignores the capabilities gets the ERP's own words, and nothing is created."""
        [result] = await subject.service.write(subject.view, (subject.creation("CRM1", Name="A"),))
        assert result.outcome is Outcome.REJECTED
        assert result.error is not None
        assert "manually" in result.error.message

    async def test_table_without_a_series_takes_keys_as_ever(self, subject: ConformanceSubject) -> None:
        """Codes are always chosen by the client."""
        view = TableView(side=Side.ERP, table="Payment_Terms", fields=("Description",))
        assert (await subject.service.capabilities(view)).insert_with_key

    async def test_marked_create_without_mark_field_is_rejected(self, subject: ConformanceSubject) -> None:
        """A table whose page has no field for our mark gets no create that could be lost."""
        view = TableView(side=Side.ERP, table="Payment_Terms", fields=("Description",))
        write = Write(key="CRM1", precondition=Precondition.MARKED, values={"Description": "X"})
        [result] = await subject.service.write(view, (write,))
        assert result.outcome is Outcome.REJECTED
        assert result.error is not None
        assert "Allow manual" in result.error.message
