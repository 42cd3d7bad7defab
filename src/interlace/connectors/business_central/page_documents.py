"""What is sent to create a document by page services, where header and lines are requests of their own.

Until its last request a document is unfinished: in place of our mark it carries one that says so, with a digest of
what it is to become; and it has no document date, without which the ERP posts nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from interlace.connectors.business_central.api_documents import ApiDocument, api_document
from interlace.connectors.business_central.document_values import wire_values
from interlace.connectors.business_central.tables import BLANK_DATE, ErpTable
from interlace.connectors.wire_body import ValueNotWritable
from interlace.domain.privilege import Access
from interlace.domain.values import Value
from interlace.locale.translatable import translatable

NOTE_FIELD: Final = "Your_Reference"
"""Holds the digest of an unfinished document."""
LINE_NUMBER: Final = "Line_No"
LINE_STEP: Final = 100_000
"""Lines that the ERP adds by itself, such as extended texts, take numbers 10,000 apart: they find room between ours."""
POSTING_DAYS: Final = ("Order_Date", "Posting_Date")
"""Days that the ERP gives a new document; it gets the first of them for its document date in the end."""
POSTED_TABLE: Final = "Sales_Invoice_Header"
_DAY: Final = "Document_Date"
_OF_LINES: Final = ("Invoice_Discount_Amount",)
"""Fields of the header that the ERP takes only when there are lines."""
_UNFINISHED: Final = "UNFINISHED "
_CURRENCY: Final = "Currency_Code"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPlan:
    """The requests that make one document of an empty page."""

    document: ApiDocument
    mark: str
    unfinished: str
    """What the document carries in place of its mark until it is finished."""
    note: str
    """Digest of all that it is to become."""
    header: Mapping[str, Value]
    lines: tuple[Mapping[str, Value], ...]
    end: Mapping[str, Value]
    """What makes it a document like any other; its date may still be missing."""

    def without_guard(self) -> "DocumentPlan":
        """Return the same requests for a page that insists on a document date from the start."""
        return replace(self, header={name: value for name, value in self.header.items() if name != _DAY})

    @property
    def is_guarded(self) -> bool:
        """Tell whether the document is kept from being posted until it is finished."""
        return _DAY in self.header

    def end_on(self, day: str) -> dict[str, Value]:
        """Return the last request's values; `day` is the document date, unless the document has one of its own."""
        mark = {self.document.mark: self.mark}
        return ({_DAY: day} if self.is_guarded else {}) | dict(self.end) | mark


def plan_document(
    document: ApiDocument,
    header: ErpTable,
    lines: ErpTable,
    mark: str,
    values: Mapping[str, Value],
    line_values: Sequence[Mapping[str, Value]],
    *,
    local_currency: str,
) -> DocumentPlan:
    """Plan the requests; raises ValueNotWritable for a field that the pages don't show."""
    wanted = _in_order(document.properties, _checked(header, values))
    if wanted.get(_CURRENCY) == local_currency:
        # The page knows the local currency by a blank only.
        wanted[_CURRENCY] = ""
    body = wire_values(header, wanted)
    sent = [
        wire_values(lines, _in_order(document.line_properties, _checked(lines, each))) for each in line_values
    ]
    end = {name: body.pop(name) for name in _OF_LINES if name in body}
    end = {name: value for name, value in end.items() if value}
    unfinished = _UNFINISHED + mark
    note = f"Interlace {_digest([body, sent, end])}"
    guard: dict[str, Value] = {}
    if _DAY in header.columns:
        guard = {_DAY: BLANK_DATE}
        end = ({_DAY: body[_DAY]} if _DAY in body else {}) | end
    return DocumentPlan(
        document=document,
        mark=mark,
        unfinished=unfinished,
        note=note,
        header={**body, **guard, document.mark: unfinished, NOTE_FIELD: note},
        lines=tuple({LINE_NUMBER: (place + 1) * LINE_STEP, **each} for place, each in enumerate(sent)),
        end={**end, NOTE_FIELD: body.get(NOTE_FIELD, "")},
    )


def need_of_creating(table: str) -> Iterator[tuple[str, tuple[str, ...], tuple[Access, ...]]]:
    """Yield the tables whose pages it takes to create a document: with which fields, and what for."""
    document = api_document(table)
    if document is not None:
        yield document.table, (document.mark, NOTE_FIELD), (Access.CREATE, Access.WRITE, Access.DELETE)
        yield document.line_table, (LINE_NUMBER, "Type", "No", "Quantity", "Unit_Price"), (Access.CREATE,)
        yield POSTED_TABLE, (document.mark,), ()


def lines_held(numbers: Iterable[tuple[int, bool]], planned: int) -> int | None:
    """Return how many of the planned lines a document has; None: it is not certain which ones they are.

    Each line is told by its number, and whether it is about goods; the ERP's own texts stand between ours.
    """
    found = sorted(numbers)
    ours = [number for number, _ in found if number % LINE_STEP == 0]
    if any(is_goods for number, is_goods in found if number % LINE_STEP):
        return None
    if ours != [(place + 1) * LINE_STEP for place in range(len(ours))] or len(ours) > planned:
        return None
    return len(ours)


def _checked(table: ErpTable, values: Mapping[str, Value]) -> Mapping[str, Value]:
    for name in values:
        if name not in table.columns:
            raise ValueNotWritable(
                name,
                translatable("is not shown by the page service {service}", service=table.published.service),
            )
    return values


def _in_order(order: Mapping[str, str], values: Mapping[str, Value]) -> dict[str, Value]:
    """Order fields as the ERP must validate them: an item brings its unit, a quantity its price."""
    return {name: values[name] for name in (*order, *values) if name in values}


def _digest(content: object) -> str:
    text = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
