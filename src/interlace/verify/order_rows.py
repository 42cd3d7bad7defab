"""What the judge reads of orders: both ends' documents and lines, kept packed until they are compared."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import as_text
from interlace.verify.plain_reader import Row

CRM_ADDRESS: Final = (
    "name",
    "line1",
    "line2",
    "line3",
    "city",
    "stateorprovince",
    "postalcode",
    "country",
)
ERP_ADDRESS: Final = (
    "Name",
    "Address",
    "Address_2",
    "City",
    "County",
    "Post_Code",
    "Country_Region_Code",
)

CRM_ORDER_COLUMNS: Final = (
    "salesorderid",
    *OWN_COLUMNS,
    "ordernumber",
    "name",
    "description",
    "statecode",
    "statuscode",
    "lastbackofficesubmit",
    "submitstatusdescription",
    "ilc_orderstatus",
    "requestdeliveryby",
    "datefulfilled",
    "freightamount",
    "discountamount",
    "discountpercentage",
    "totallineitemamount",
    "totalamountlessfreight",
    "totaltax",
    "totalamount",
    "paymenttermscode",
    "freighttermscode",
    "shippingmethodcode",
    "_accountid_value",
    "_contactid_value",
    "_ownerid_value",
    "_transactioncurrencyid_value",
    *(f"{who}_{part}" for who in ("shipto", "billto") for part in CRM_ADDRESS),
)
CRM_LINE_COLUMNS: Final = (
    "salesorderdetailid",
    "_salesorderid_value",
    "_productid_value",
    "_uomid_value",
    "productdescription",
    "description",
    "quantity",
    "priceperunit",
    "tax",
    "extendedamount",
    "sequencenumber",
    "lineitemnumber",
    "requestdeliveryby",
    "quantityshipped",
)
ERP_ORDER_COLUMNS: Final = (
    "No",
    "Status",
    "External_Document_No",
    "Your_Reference",
    "Sell_to_Customer_No",
    "Salesperson_Code",
    "Currency_Code",
    "Prices_Including_VAT",
    "Payment_Terms_Code",
    "Payment_Discount_Percent",
    "Shipment_Method_Code",
    "Shipping_Agent_Code",
    "Requested_Delivery_Date",
    "Last_Shipment_Date",
    "Work_Description",
    "Invoice_Discount_Amount",
    "Amount",
    "Amount_Including_VAT",
    *(f"{who}_{part}" for who in ("Ship_to", "Bill_to") for part in ERP_ADDRESS),
)
ERP_LINE_COLUMNS: Final = (
    "Document_No",
    "Line_No",
    "Type",
    "No",
    "Description",
    "Unit_of_Measure_Code",
    "Quantity",
    "Unit_Price",
    "Line_Discount_Amount",
    "Line_Amount",
    "Quantity_Shipped",
    "Quantity_Invoiced",
    "Requested_Delivery_Date",
)
INVOICE_COLUMNS: Final = (
    "No",
    "Order_No",
    "External_Document_No",
    "Sell_to_Customer_No",
    "Currency_Code",
    "Amount",
    "Amount_Including_VAT",
    "Remaining_Amount",
    "Cancelled",
)
INVOICE_LINE_COLUMNS: Final = (
    "Document_No",
    "Type",
    "No",
    "Unit_of_Measure_Code",
    "Quantity",
    "Unit_Price",
    "Line_Amount",
)
SHIPMENT_COLUMNS: Final = ("Order_No", "Posting_Date")

_ENCODER: Final = msgspec.msgpack.Encoder(decimal_format="string")
_DECODER: Final = msgspec.msgpack.Decoder(list[object])


class Shelf:
    """Rows by the name that they belong to, packed: their columns are the same for all."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        """Keep these columns of each row."""
        self.columns = columns
        self._packed: defaultdict[str, list[bytes]] = defaultdict(list)

    def put(self, name: str, row: Row) -> None:
        """Keep a row."""
        self._packed[name].append(_ENCODER.encode([row.get(column) for column in self.columns]))

    def look(self, name: str) -> list[Row]:
        """Return the rows of a name, in the order in which they came."""
        return [
            dict(zip(self.columns, _DECODER.decode(each), strict=True)) for each in self._packed.get(name, ())
        ]

    def names(self) -> list[str]:
        """Return every name that has rows."""
        return list(self._packed)


@dataclass(slots=True, kw_only=True)
class OrderRows:
    """Everything that was read of orders, by what it belongs to."""

    crm_orders: Shelf = field(default_factory=lambda: Shelf(CRM_ORDER_COLUMNS))
    """By the CRM order's id."""
    crm_lines: Shelf = field(default_factory=lambda: Shelf(CRM_LINE_COLUMNS))
    """By the CRM order's id."""
    erp_orders: Shelf = field(default_factory=lambda: Shelf(ERP_ORDER_COLUMNS))
    """By the id of the CRM order that each belongs to."""
    erp_lines: Shelf = field(default_factory=lambda: Shelf(ERP_LINE_COLUMNS))
    """By the number of the ERP order."""
    invoices: Shelf = field(default_factory=lambda: Shelf(INVOICE_COLUMNS))
    """By the number of the ERP order."""
    marked_invoices: Shelf = field(default_factory=lambda: Shelf(INVOICE_COLUMNS))
    """By the mark."""
    invoice_lines: Shelf = field(default_factory=lambda: Shelf(INVOICE_LINE_COLUMNS))
    """By the number of the invoice."""
    last_shipments: dict[str, str] = field(default_factory=dict)
    """Day of the last shipment by the number of the ERP order."""

    def note_shipment(self, row: Mapping[str, object]) -> None:
        """Keep the day of a shipment if it is its order's last one."""
        number, day = as_text(row.get("Order_No")), as_text(row.get("Posting_Date"))
        if number and day > self.last_shipments.get(number, ""):
            self.last_shipments[number] = day
