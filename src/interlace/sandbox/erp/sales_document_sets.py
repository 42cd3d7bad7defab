"""The API v2.0 sets of quotes, invoices and credit memos. Notation: see `set_declaration`.

Invoices and credit memos are seen as one set, whether they are drafts or posted: each set has a twin over the
drafts (`drafts`), and navigation within the twins goes by names that only the service knows (`.drafts`).
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp import document_tables, posted_tables
from interlace.sandbox.erp.document_properties import DOCUMENT_LINKS, LINE, PARTIES, TOTALS
from interlace.sandbox.erp.set_declaration import PublishedSet, declare_set

_CUSTOMER: Final = (("customerId", "customerNumber"),)
_TERMS: Final = """
    shortcutDimension1Code = Shortcut_Dimension_1_Code
    shortcutDimension2Code = Shortcut_Dimension_2_Code
    currencyId = &Currency_Code
    currencyCode = $Currency_Code
    paymentTermsId = &Payment_Terms_Code
    shipmentMethodId = &Shipment_Method_Code
    salesperson = Salesperson_Code
"""
_CONTACT: Final = """
    lastModifiedDateTime = #SystemModifiedAt
    phoneNumber = Sell_to_Phone_No
    email = Sell_to_E_Mail
"""
_LINE: Final = f"""
    {LINE}
    itemVariantId = #lineVariantId
    locationId = .guid
"""


def _invoice(**own: str) -> str:
    return f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    invoiceDate = Document_Date
    postingDate = Posting_Date
    dueDate = Due_Date
    promisedPayDate = .date
    customerPurchaseOrderReference = Your_Reference
    {PARTIES}
    {_TERMS}
    orderId = {own["order_id"]}
    orderNumber = {own["order"]}
    disputeStatusId = .guid
    disputeStatus = .text
    pricesIncludeTax = Prices_Including_VAT {own["prices"]}
    remainingAmount = {own["remaining"]} ro
    {TOTALS}
    status = #invoiceStatus
    {_CONTACT}
    """


def _credit_memo(applies: str) -> str:
    return f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    creditMemoDate = Document_Date
    postingDate = Posting_Date
    dueDate = Due_Date
    {PARTIES}
    {_TERMS}
    pricesIncludeTax = Prices_Including_VAT ro
    {TOTALS}
    status = #creditMemoStatus
    {_CONTACT}
    invoiceId = &Applies_to_Doc_No {applies}
    invoiceNumber = Applies_to_Doc_No {applies}
    customerReturnReasonId = .guid
    """


SALES_QUOTES: Final = declare_set(
    "salesQuotes",
    "salesQuote",
    document_tables.SALES_HEADER,
    f"""
    number = No ro
    externalDocumentNumber = External_Document_No
    documentDate = Document_Date
    postingDate = Posting_Date
    dueDate = Due_Date
    {PARTIES}
    {_TERMS}
    {TOTALS}
    status = #quoteStatus
    sentDate = Quote_Sent_to_Customer
    validUntilDate = Quote_Valid_Until_Date
    acceptedDate = Quote_Accepted_Date
    {_CONTACT}
    """,
    rights="CUD",
    fixed={"Document_Type": "Quote"},
    needed=_CUSTOMER,
    expansions=("salesQuoteLines[] -> salesQuoteLines No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
)
SALES_QUOTE_LINES: Final = declare_set(
    "salesQuoteLines",
    "salesQuoteLine",
    document_tables.SALES_LINE,
    _LINE,
    rights="CUD",
    fixed={"Document_Type": "Quote"},
    expansions=("salesQuote -> salesQuotes Document_No=No", "item -> items No=No"),
)

_DRAFT_INVOICES: Final = declare_set(
    "salesInvoices",
    "salesInvoice",
    document_tables.SALES_HEADER,
    _invoice(order_id=".guid", order=".text", prices="", remaining="Amount_Including_VAT"),
    rights="CUD",
    fixed={"Document_Type": "Invoice"},
    needed=_CUSTOMER,
    expansions=("salesInvoiceLines[] -> salesInvoiceLines.drafts No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
)
_DRAFT_INVOICE_LINES: Final = declare_set(
    "salesInvoiceLines",
    "salesInvoiceLine",
    document_tables.SALES_LINE,
    _LINE,
    rights="CUD",
    fixed={"Document_Type": "Invoice"},
    expansions=("salesInvoice -> salesInvoices.drafts Document_No=No", "item -> items No=No"),
)
SALES_INVOICES: Final = declare_set(
    "salesInvoices",
    "salesInvoice",
    posted_tables.SALES_INVOICE_HEADER,
    _invoice(order_id="#orderId", order="Order_No ro", prices="ro", remaining="Remaining_Amount"),
    expansions=("salesInvoiceLines[] -> salesInvoiceLines No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
    drafts=_DRAFT_INVOICES,
)
SALES_INVOICE_LINES: Final = declare_set(
    "salesInvoiceLines",
    "salesInvoiceLine",
    posted_tables.SALES_INVOICE_LINE,
    _LINE,
    expansions=("salesInvoice -> salesInvoices Document_No=No", "item -> items No=No"),
    drafts=_DRAFT_INVOICE_LINES,
)

_DRAFT_CREDIT_MEMOS: Final = declare_set(
    "salesCreditMemos",
    "salesCreditMemo",
    document_tables.SALES_HEADER,
    _credit_memo(""),
    rights="CUD",
    fixed={"Document_Type": "Credit Memo"},
    needed=_CUSTOMER,
    expansions=("salesCreditMemoLines[] -> salesCreditMemoLines.drafts No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
)
_DRAFT_CREDIT_MEMO_LINES: Final = declare_set(
    "salesCreditMemoLines",
    "salesCreditMemoLine",
    document_tables.SALES_LINE,
    _LINE,
    rights="CUD",
    fixed={"Document_Type": "Credit Memo"},
    expansions=("salesCreditMemo -> salesCreditMemos.drafts Document_No=No", "item -> items No=No"),
)
SALES_CREDIT_MEMOS: Final = declare_set(
    "salesCreditMemos",
    "salesCreditMemo",
    posted_tables.SALES_CR_MEMO_HEADER,
    _credit_memo("ro"),
    expansions=("salesCreditMemoLines[] -> salesCreditMemoLines No=Document_No", *DOCUMENT_LINKS),
    webhooks=True,
    drafts=_DRAFT_CREDIT_MEMOS,
)
SALES_CREDIT_MEMO_LINES: Final = declare_set(
    "salesCreditMemoLines",
    "salesCreditMemoLine",
    posted_tables.SALES_CR_MEMO_LINE,
    _LINE,
    expansions=("salesCreditMemo -> salesCreditMemos Document_No=No", "item -> items No=No"),
    drafts=_DRAFT_CREDIT_MEMO_LINES,
)

QUOTE_SETS: Final = (SALES_QUOTES, SALES_QUOTE_LINES)
INVOICE_SETS: Final = (SALES_INVOICES, SALES_INVOICE_LINES)
CREDIT_MEMO_SETS: Final = (SALES_CREDIT_MEMOS, SALES_CREDIT_MEMO_LINES)


def with_drafts(sets: Mapping[str, PublishedSet]) -> Mapping[str, PublishedSet]:
    """Return the sets together with their twins over the drafts, under the names that navigation uses."""
    twins = {f"{name}.drafts": each.drafts for name, each in sets.items() if each.drafts is not None}
    return {**sets, **twins}
