"""Orders with their lines in one request, and actions of the API, as the pages of Microsoft Learn print them.

Pages: dynamics_salesorder_create, resources/dynamics_salesorderline, devenv-deep-inserts,
dynamics_salesorder_shipandinvoice.
"""

from decimal import Decimal

import pytest
from tests.connectors.wire.capture import Bearer, Wire, documented

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, TableView

ROOT = "https://nav.contoso.com:7048/BC/ODataV4/"
API = "https://nav.contoso.com:7048/BC/api/v2.0/"
COMPANY_ID = "00000000-0000-0000-0000-0000000000c1"
ORDER_ID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"
MARK = "CRMABCDEFGHIJKLM"
ORDERS = TableView(side=Side.ERP, table="Sales_Header", fields=("External_Document_No",))
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="SalesOrder"><Key><PropertyRef Name="Document_Type"/><PropertyRef Name="No"/></Key>
<Property Name="Document_Type" Type="Edm.String" Nullable="false"/>
<Property Name="No" Type="Edm.String" Nullable="false"/>
<Property Name="Sell_to_Customer_No" Type="Edm.String"/><Property Name="External_Document_No" Type="Edm.String"/>
<Property Name="Currency_Code" Type="Edm.String"/><Property Name="Document_Date" Type="Edm.Date"/></EntityType>
<EntityType Name="SalesOrderSalesLines"><Key><PropertyRef Name="Document_Type"/><PropertyRef Name="Document_No"/>
<PropertyRef Name="Line_No"/></Key><Property Name="Document_Type" Type="Edm.String" Nullable="false"/>
<Property Name="Document_No" Type="Edm.String" Nullable="false"/>
<Property Name="Line_No" Type="Edm.Int32" Nullable="false"/>
<Property Name="Type" Type="Edm.String"/><Property Name="No" Type="Edm.String"/>
<Property Name="Description" Type="Edm.String"/><Property Name="Quantity" Type="Edm.Decimal"/>
<Property Name="Unit_Price" Type="Edm.Decimal"/><Property Name="Line_Discount_Amount" Type="Edm.Decimal"/></EntityType>
<EntityContainer Name="NAV"><EntitySet Name="SalesOrder" EntityType="NAV.SalesOrder"/>
<EntitySet Name="SalesOrderSalesLines" EntityType="NAV.SalesOrderSalesLines"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>"""
COMPANIES = (
    f'{{"value":[{{"id":"{COMPANY_ID}","systemVersion":"24.0","name":"CRONUS","displayName":"CRONUS"}}]}}'
)
CREATED = f"""{{
  "@odata.context": "{API}$metadata#companies({COMPANY_ID})/salesOrders/$entity",
  "@odata.etag": "W/\\"JzQ0O2JQ==\\"", "id": "{ORDER_ID}", "number": "S-ORD101009",
  "externalDocumentNumber": "{MARK}", "orderDate": "2026-03-01", "customerNumber": "10000",
  "currencyCode": "EUR", "discountAmount": 0, "totalAmountIncludingTax": 3572.796, "status": "Draft"
}}"""
HEADER: dict[str, Value] = {
    "External_Document_No": MARK,
    "Currency_Code": "",
    "Document_Date": "2026-03-01",
    "Sell_to_Customer_No": "10000",
}
ITEM: dict[str, Value] = {
    "Line_Discount_Amount": Decimal("0.05"),
    "Unit_Price": Decimal("1000.80"),
    "Quantity": Decimal("3.0"),
    "No": "1896-S",
    "Type": "Item",
}
REMARK: dict[str, Value] = {"Type": "", "Description": 'Wie besprochen: "größer"'}
CREATE = documented(
    f"""
POST {API}companies({COMPANY_ID})/salesOrders
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
"""
)
BODY = (
    '{"customerNumber":"10000","externalDocumentNumber":"CRMABCDEFGHIJKLM","orderDate":"2026-03-01",'
    '"currencyCode":"","salesOrderLines":['
    '{"lineType":"Item","lineObjectNumber":"1896-S","quantity":3,"unitPrice":1000.80,"discountAmount":0.05},'
    '{"lineType":"Comment","description":"Wie besprochen: \\"größer\\""}]}'
)


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent; the first answers tell the pages and the company."""
    return Wire().answer(METADATA, content_type="application/xml").answer(COMPANIES)


@pytest.fixture
def service(wire: Wire) -> BusinessCentralService:
    """A service that knows nothing yet."""
    settings = BusinessCentralSettings(company="CRONUS")
    return BusinessCentralService(wire.erp(Bearer()), settings, virtual_fields=(), derived_fields=())


async def test_an_order_goes_with_its_lines_in_one_request(
    service: BusinessCentralService, wire: Wire
) -> None:
    """Properties come in the order in which the ERP validates them, amounts as they are; the answer names the order."""
    wire.answer(CREATED, status=201)
    result = await service.create_document(ORDERS, MARK, HEADER, (ITEM, REMARK))
    assert (result.outcome, result.key) == (Outcome.DONE, f"Order{KEY_SEPARATOR}S-ORD101009")
    assert wire.taken()[-1] == f"{CREATE}\r\n\r\n{BODY}"


async def test_an_order_that_is_refused_is_told_in_the_services_words(
    service: BusinessCentralService, wire: Wire
) -> None:
    """The error is an object with code and message; the correlation id stays out of sight."""
    words = "The field No. of table Sales Line contains a value (1896-S) that cannot be found"
    told = f"{words}.  CorrelationId:  3ecf5b1c-1a2b-4c3d-8e4f-0123456789ab."
    wire.answer(f'{{"error":{{"code":"Internal_InvalidTableRelation","message":"{told}"}}}}', status=400)
    result = await service.create_document(ORDERS, MARK, HEADER, (ITEM,))
    assert result.outcome is Outcome.REJECTED
    assert result.error is not None
    assert words in result.error.message
    assert "3ecf5b1c" not in result.error.message
    assert len([each for each in wire.taken() if each.startswith("POST")]) == 1


async def test_an_action_of_the_api_is_called_on_the_order_by_its_id(
    service: BusinessCentralService, wire: Wire
) -> None:
    """The page knows the order by its number; the API's id is asked for, then the bound action is a POST below it."""
    wire.answer(CREATED, status=201)
    await service.create_document(ORDERS, MARK, HEADER, (ITEM,))
    wire.taken()
    wire.answer(f'{{"value":[{{"@odata.etag":"W/\\"A\\"","id":"{ORDER_ID}"}}]}}').answer()
    key = f"Order{KEY_SEPARATOR}S-ORD101009"
    result = await service.perform(ORDERS, key, None, "Microsoft.NAV.shipAndInvoice", {})
    assert result.outcome is Outcome.DONE
    asked, called = wire.taken()
    orders = f"{API}companies({COMPANY_ID})/salesOrders"
    assert asked == (
        documented(
            f"""
GET {orders}?$select=id&$filter=number%20eq%20'S-ORD101009'
Accept: application/json
Authorization: Bearer TOKEN
Data-Access-Intent: ReadWrite
Prefer: odata.maxpagesize=1
"""
        )
        + "\r\n\r\n"
    )
    assert called == documented(
        f"""
POST {orders}({ORDER_ID})/Microsoft.NAV.shipAndInvoice
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json

{{}}
"""
    )


async def test_page_and_company_are_learned_before(service: BusinessCentralService, wire: Wire) -> None:
    """The pages tell what fields are, the API which id the company has; nothing else is asked."""
    wire.answer(CREATED, status=201)
    await service.create_document(ORDERS, MARK, HEADER, (ITEM,))
    lines = [each.partition("\r\n")[0] for each in wire.taken()]
    assert lines == [
        f"GET {ROOT}$metadata",
        f"GET {API}companies",
        f"POST {API}companies({COMPANY_ID})/salesOrders",
    ]
