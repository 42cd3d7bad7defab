"""Every message that the Dataverse connector can spell, as Microsoft's reference of actions declares it, byte by byte.

Pages: use-web-api-actions (bound, bound to a set, unbound), and the actions of salesorder, quote, opportunity and
invoice; the activities that close a record are typed and bound to it by their own navigation property.
"""

import pytest
from tests.connectors.wire.capture import Wire, documented

from interlace.connectors.dataverse.service import DataverseService
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, TableView
from interlace.engine.service import ServiceMismatch

ROOT = "https://contoso.crm4.dynamics.com/api/data/v9.2/"
ID = "00000000-0000-0000-0000-00000000000a"
ETAG = 'W/"536530"'
SETS = {
    "invoice": "invoices",
    "opportunity": "opportunities",
    "quote": "quotes",
    "salesorder": "salesorders",
}
METADATA = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    + "".join(
        f'<EntityType Name="{name}"><Key><PropertyRef Name="{name}id"/></Key>'
        f'<Property Name="{name}id" Type="Edm.Guid"/></EntityType>'
        for name in SETS
    )
    + '<EntityContainer Name="System">'
    + "".join(
        f'<EntitySet Name="{held}" EntityType="Microsoft.Dynamics.CRM.{name}"/>'
        for name, held in SETS.items()
    )
    + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
)
CLOSED: dict[str, Value] = {"OrderClose.subject": 'ERP order "101009" shipped'}
DOCUMENTED: dict[str, tuple[str, dict[str, Value], str, str]] = {
    "FulfillSalesOrder": (
        "salesorder",
        {"Status": 100001, **CLOSED},
        "salesorders/Microsoft.Dynamics.CRM.FulfillSalesOrder",
        (
            '{"Status":100001,"OrderClose":{"@odata.type":"Microsoft.Dynamics.CRM.orderclose",'
            f'"subject":"ERP order \\"101009\\" shipped","salesorderid@odata.bind":"/salesorders({ID})"}}}}'
        ),
    ),
    "CancelSalesOrder": (
        "salesorder",
        {"Status": 4},
        "CancelSalesOrder",
        (
            '{"Status":4,"OrderClose":{"@odata.type":"Microsoft.Dynamics.CRM.orderclose",'
            f'"salesorderid@odata.bind":"/salesorders({ID})"}}}}'
        ),
    ),
    "ConvertSalesOrderToInvoice": (
        "salesorder",
        {"ColumnSet.AllColumns": True},
        "ConvertSalesOrderToInvoice",
        f'{{"ColumnSet":{{"AllColumns":true}},"SalesOrderId":"{ID}"}}',
    ),
    "LockSalesOrderPricing": (
        "salesorder",
        {},
        f"salesorders({ID})/Microsoft.Dynamics.CRM.LockSalesOrderPricing",
        "{}",
    ),
    "UnlockSalesOrderPricing": (
        "salesorder",
        {},
        "UnlockSalesOrderPricing",
        f'{{"SalesOrderId":"{ID}"}}',
    ),
    "LockInvoicePricing": (
        "invoice",
        {},
        f"invoices({ID})/Microsoft.Dynamics.CRM.LockInvoicePricing",
        "{}",
    ),
    "UnlockInvoicePricing": ("invoice", {}, "UnlockInvoicePricing", f'{{"InvoiceId":"{ID}"}}'),
    "WinQuote": (
        "quote",
        {"QuoteClose.subject": "Won", "Status": 4},
        "WinQuote",
        (
            '{"QuoteClose":{"@odata.type":"Microsoft.Dynamics.CRM.quoteclose","subject":"Won",'
            f'"quoteid@odata.bind":"/quotes({ID})"}},"Status":4}}'
        ),
    ),
    "CloseQuote": (
        "quote",
        {"QuoteClose.subject": "Zu teuer: größer", "Status": 5},
        "CloseQuote",
        (
            '{"QuoteClose":{"@odata.type":"Microsoft.Dynamics.CRM.quoteclose","subject":"Zu teuer: größer",'
            f'"quoteid@odata.bind":"/quotes({ID})"}},"Status":5}}'
        ),
    ),
    "WinOpportunity": (
        "opportunity",
        {"OpportunityClose.actualend": "2026-03-01T12:00:00Z", "Status": 3},
        "WinOpportunity",
        (
            '{"OpportunityClose":{"@odata.type":"Microsoft.Dynamics.CRM.opportunityclose",'
            f'"actualend":"2026-03-01T12:00:00Z","opportunityid@odata.bind":"/opportunities({ID})"}},"Status":3}}'
        ),
    ),
    "LoseOpportunity": (
        "opportunity",
        {"Status": 4},
        "LoseOpportunity",
        (
            '{"Status":4,"OpportunityClose":{"@odata.type":"Microsoft.Dynamics.CRM.opportunityclose",'
            f'"opportunityid@odata.bind":"/opportunities({ID})"}}}}'
        ),
    ),
}
"""Table, parameters, address below the root, and body of each message."""


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent; the first answer tells the tables."""
    return Wire().answer(METADATA, content_type="application/xml")


async def _learned(wire: Wire, table: str) -> tuple[DataverseService, TableView]:
    """Return a service that knows its table, and the view of it."""
    wire.answer(
        f'{{"LogicalName":"{table}","EntitySetName":"{SETS[table]}","PrimaryIdAttribute":"{table}id"}}'
    )
    wire.answer('{"value":[]}')
    service = DataverseService(wire.crm())
    await service.columns(table)
    wire.taken()
    return service, TableView(side=Side.CRM, table=table, fields=())


def post(path: str, body: str, *conditions: str) -> str:
    """Return an action as the pages print it."""
    head = (
        f"POST {ROOT}{path}",
        "Accept: application/json",
        "Authorization: Bearer TOKEN",
        "Content-Type: application/json",
        *conditions,
        "OData-MaxVersion: 4.0",
        "OData-Version: 4.0",
    )
    return documented("\n".join((*head, "", body)))


@pytest.mark.parametrize("message", DOCUMENTED)
async def test_each_message_is_sent_where_it_is_declared(wire: Wire, message: str) -> None:
    """On the record, on the set or at the root; activities tell their type and are bound, records named by id."""
    table, parameters, path, body = DOCUMENTED[message]
    service, view = await _learned(wire, table)
    wire.answer()
    result = await service.perform(view, ID, None, message, parameters)
    assert result.outcome is Outcome.DONE
    assert wire.taken() == [post(path, body)]


async def test_a_message_goes_under_the_version_that_was_read(wire: Wire) -> None:
    """The etag of the record goes as If-Match, quotes and all."""
    _, parameters, path, body = DOCUMENTED["FulfillSalesOrder"]
    service, view = await _learned(wire, "salesorder")
    wire.answer()
    await service.perform(view, ID, ETAG, "FulfillSalesOrder", parameters)
    assert wire.taken() == [post(path, body, f"If-Match: {ETAG}")]


async def test_there_is_a_golden_of_each_message(wire: Wire) -> None:
    """A message that can be spelled and is not printed here would go out as nobody has compared it."""
    service, view = await _learned(wire, "salesorder")
    with pytest.raises(ServiceMismatch) as refused:
        await service.perform(view, ID, None, "Unheard", {})
    known = str(refused.value).partition("Known ones: ")[2].rstrip(".")
    assert known.split(", ") == sorted(DOCUMENTED)
    assert wire.taken() == []
