"""The four sales documents: which tables their headers and lines are in, and when they may be edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """One kind of document; documents are open for editing in the state 0 only."""

    header: str
    line: str
    number: str | None = None
    read_only_code: str
    read_only_reason: str
    skips_for_integration: bool = False

    @property
    def parent(self) -> str:
        """The lookup of a line that names its document; also the key of the document."""
        return f"{self.header}id"

    @property
    def parent_value(self) -> str:
        """The property in which a line shows the id of its document."""
        return f"_{self.header}id_value"

    @property
    def line_key(self) -> str:
        """The key of the lines."""
        return f"{self.line}id"

    @property
    def line_name(self) -> str:
        """The primary name of the lines."""
        return f"{self.line}name"

    @property
    def state_mirror(self) -> str:
        """The column in which lines show the state of their document."""
        return f"{self.header}statecode"

    @property
    def lock_mirror(self) -> str:
        """The column in which lines of lockable documents show that prices are locked."""
        return f"{self.header}ispricelocked"


OPEN_STATE = 0
OPPORTUNITY = DocumentKind(
    header="opportunity",
    line="opportunityproduct",
    read_only_code="0x80040515",
    read_only_reason="The opportunity has already been closed.",
)
QUOTE = DocumentKind(
    header="quote",
    line="quotedetail",
    number="quotenumber",
    read_only_code="0x80100003",
    read_only_reason="The quote is not in the Draft state.",
)
ORDER = DocumentKind(
    header="salesorder",
    line="salesorderdetail",
    number="ordernumber",
    read_only_code="0x80043b09",
    read_only_reason="The order is not in the Active state and cannot be edited.",
    skips_for_integration=True,
)
INVOICE = DocumentKind(
    header="invoice",
    line="invoicedetail",
    number="invoicenumber",
    read_only_code="0x80100000",
    read_only_reason="The invoice is not in the Active state.",
    skips_for_integration=True,
)
KINDS = (OPPORTUNITY, QUOTE, ORDER, INVOICE)
BY_HEADER: Mapping[str, DocumentKind] = {kind.header: kind for kind in KINDS}
BY_LINE: Mapping[str, DocumentKind] = {kind.line: kind for kind in KINDS}
