"""The Dataverse connector passes the suite on the embedded CRM, over HTTP."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from tests.ready_crm import ready_options

from interlace.connectors.dataverse.service import DataverseService, DataverseSettings
from interlace.connectors.http import HttpChannel
from interlace.connectors.sign_in import ClientCredentialsSignIn
from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.sandbox.crm.sandbox import create_crm_sandbox
from interlace.testing.conformance import ConformanceSubject, ServiceConformance

OPTIONS = ready_options()


class DataverseConformance(ServiceConformance):
    """The suite on the embedded CRM; what differs is the table."""

    table = "account"
    text_field = "name"
    number_field: str | None = "creditlimit"
    other_field = "address1_city"
    untracked: tuple[str, ...] = ()

    @pytest.fixture
    async def subject(self, serve: Callable[[Any], Awaitable[str]]) -> AsyncIterator[ConformanceSubject]:
        """Records of an empty organization, in small pages."""
        origin = await serve(create_crm_sandbox(None, replace(OPTIONS, untracked_tables=self.untracked)))
        sign_in = ClientCredentialsSignIn(
            f"{origin}/{OPTIONS.tenant_id}/oauth2/v2.0/token",
            OPTIONS.client_id,
            OPTIONS.client_secret,
            f"{origin}/.default",
            monotonic=time.monotonic,
        )
        async with HttpChannel(origin, sign_in) as channel:
            settings = DataverseSettings(page_size=7, bulk_size=4, batch_size=3)
            fields = (self.text_field, self.other_field, self.number_field, "statecode")
            yield ConformanceSubject(
                service=DataverseService(channel, settings=settings),
                view=TableView(
                    side=Side.CRM, table=self.table, fields=tuple(name for name in fields if name is not None)
                ),
                key_of=lambda number: str(uuid5(NAMESPACE_URL, str(number))),
                text_field=self.text_field,
                number_field=self.number_field,
                refused={self.other_field: "x" * 5000},
            )


class TestAccountsConform(DataverseConformance):
    """Accounts: created by CreateMultiple."""


class TestContactsConform(DataverseConformance):
    """Contacts: created one by one in batches."""

    table = "contact"
    text_field = "lastname"
    number_field = None


class TestUntrackedAccountsConform(DataverseConformance):
    """Accounts whose changes are not tracked: row versions tell what changed."""

    untracked = ("account",)
