"""The API v2.0 sets over payment journals and G/L accounts. Notation: see `set_declaration`."""

from typing import Final

from interlace.sandbox.erp.posted_tables import GEN_JOURNAL_BATCH, GEN_JOURNAL_LINE
from interlace.sandbox.erp.pricing_tables import G_L_ACCOUNT
from interlace.sandbox.erp.set_declaration import PublishedSet, declare_set

_BATCH: Final = """
    code = Name
    displayName = Description
    lastModifiedDateTime = #SystemModifiedAt
    balancingAccountId = .guid
    balancingAccountNumber = Bal_Account_No
"""

JOURNALS: Final = declare_set("journals", "journal", GEN_JOURNAL_BATCH, _BATCH, rights="CUD")

CUSTOMER_PAYMENT_JOURNALS: Final = declare_set(
    "customerPaymentJournals",
    "customerPaymentJournal",
    GEN_JOURNAL_BATCH,
    _BATCH,
    rights="CUD",
    expansions=("customerPayments[] -> customerPayments Name=Journal_Batch_Name",),
)

CUSTOMER_PAYMENTS: Final = declare_set(
    "customerPayments",
    "customerPayment",
    GEN_JOURNAL_LINE,
    """
    journalId = &Journal_Batch_Name
    journalDisplayName = Journal_Batch_Name
    lineNumber = Line_No
    customerId = &Account_No
    customerNumber = Account_No
    postingDate = Posting_Date
    documentNumber = Document_No
    externalDocumentNumber = External_Document_No
    amount = Amount
    appliesToInvoiceId = &Applies_to_Doc_No
    appliesToInvoiceNumber = Applies_to_Doc_No
    description = Description
    comment = Comment
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    expansions=("customer -> customers Account_No=No",),
)

ACCOUNTS: Final = declare_set(
    "accounts",
    "account",
    G_L_ACCOUNT,
    """
    number = No
    displayName = Name
    blocked = Blocked
    directPosting = Direct_Posting
    lastModifiedDateTime = #SystemModifiedAt
    """,
)

PAYMENT_SETS: Final[tuple[PublishedSet, ...]] = (
    JOURNALS,
    CUSTOMER_PAYMENT_JOURNALS,
    CUSTOMER_PAYMENTS,
    ACCOUNTS,
)
