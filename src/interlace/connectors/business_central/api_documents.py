"""Which documents API v2.0 creates together with their lines, and what it calls the fields of their pages.

The service validates properties one by one in the order in which they come, and later ones build on earlier ones
(an item brings its unit, a quantity its price): they are sent in the order of these declarations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from interlace.connectors.wire_body import ValueNotWritable
from interlace.domain.values import Value
from interlace.locale.translatable import translatable

_BLANK_TYPE = "Comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDocument:
    """A kind of document as an API set with its lines."""

    table: str
    line_table: str
    api_set: str
    line_set: str
    """Navigation property that holds the lines."""
    fixed_key: tuple[tuple[str, Value], ...]
    """Fields of the page's key that all documents of the set have in common."""
    number: tuple[str, str]
    """(key field of the page, property) that the service chooses."""
    mark: str
    """Field of the page in which the mark is written."""
    properties: Mapping[str, str]
    line_properties: Mapping[str, str]
    line_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the API calls the options of a line's field, where it differs from the page."""


def _properties(text: str) -> dict[str, str]:
    pairs = (line.split(" = ") for line in text.strip().splitlines())
    return {name.strip(): of_api.strip() for name, of_api in pairs}


_ORDER = _properties(
    """
    Sell_to_Customer_No = customerNumber
    Bill_to_Customer_No = billToCustomerNumber
    External_Document_No = externalDocumentNumber
    Document_Date = orderDate
    Posting_Date = postingDate
    Currency_Code = currencyCode
    Prices_Including_VAT = pricesIncludeTax
    Salesperson_Code = salesperson
    Requested_Delivery_Date = requestedDeliveryDate
    Ship_to_Name = shipToName
    Ship_to_Contact = shipToContact
    Sell_to_Address = sellToAddressLine1
    Sell_to_Address_2 = sellToAddressLine2
    Sell_to_City = sellToCity
    Sell_to_Country_Region_Code = sellToCountry
    Sell_to_County = sellToState
    Sell_to_Post_Code = sellToPostCode
    Ship_to_Address = shipToAddressLine1
    Ship_to_Address_2 = shipToAddressLine2
    Ship_to_City = shipToCity
    Ship_to_Country_Region_Code = shipToCountry
    Ship_to_County = shipToState
    Ship_to_Post_Code = shipToPostCode
    Shortcut_Dimension_1_Code = shortcutDimension1Code
    Shortcut_Dimension_2_Code = shortcutDimension2Code
    Sell_to_Phone_No = phoneNumber
    Sell_to_E_Mail = email
    Invoice_Discount_Amount = discountAmount
    """
)
_LINE = _properties(
    """
    Type = lineType
    No = lineObjectNumber
    Description = description
    Description_2 = description2
    Unit_of_Measure_Code = unitOfMeasureCode
    Quantity = quantity
    Unit_Price = unitPrice
    Line_Discount_Percent = discountPercent
    Line_Discount_Amount = discountAmount
    VAT_Identifier = taxCode
    Shipment_Date = shipmentDate
    Qty_to_Ship = shipQuantity
    Qty_to_Invoice = invoiceQuantity
    """
)
_LINE_TYPES: Mapping[str, str] = {
    "": _BLANK_TYPE,
    " ": _BLANK_TYPE,
    "_x0020_": _BLANK_TYPE,
    "Comment": _BLANK_TYPE,
    "G/L Account": "Account",
    "G_x002F_L_Account": "Account",
    "Account": "Account",
    "Item": "Item",
    "Resource": "Resource",
    "Charge (Item)": "Charge",
    "Fixed Asset": "Fixed Asset",
}

API_DOCUMENTS: tuple[ApiDocument, ...] = (
    ApiDocument(
        table="Sales_Header",
        line_table="Sales_Line",
        api_set="salesOrders",
        line_set="salesOrderLines",
        fixed_key=(("Document_Type", "Order"),),
        number=("No", "number"),
        mark="External_Document_No",
        properties=_ORDER,
        line_properties=_LINE,
        line_options={"Type": _LINE_TYPES},
    ),
)


def api_document(table: str) -> ApiDocument | None:
    """Return how documents of a table are created, if the API can."""
    return next((each for each in API_DOCUMENTS if each.table == table), None)


def header_body(document: ApiDocument, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the header's properties in the order of the declaration; raises ValueNotWritable."""
    return _body(document.api_set, document.properties, {}, values)


def line_bodies(document: ApiDocument, lines: Sequence[Mapping[str, Value]]) -> list[dict[str, Value]]:
    """Return the lines' properties in the order of the declaration; raises ValueNotWritable."""
    named, options = document.line_properties, document.line_options
    return [_body(document.line_set, named, options, line) for line in lines]


def _body(
    api_set: str,
    properties: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
    values: Mapping[str, Value],
) -> dict[str, Value]:
    for name in values:
        if name not in properties:
            raise ValueNotWritable(
                name,
                translatable(
                    "is no property of the API's {api_set}: write it to the page after", api_set=api_set
                ),
            )
    return {
        of_api: _option(name, options.get(name), values[name])
        for name, of_api in properties.items()
        if name in values
    }


def _option(name: str, options: Mapping[str, str] | None, value: Value) -> Value:
    if options is None:
        return value
    try:
        return options["" if value is None else str(value)]
    except KeyError:
        raise ValueNotWritable(
            name, translatable("can't be {value}: the API knows no such option", value=repr(value))
        ) from None
