"""Digests what a CRM order orders, so that a change after its handover is seen whenever it is made.

The digest is written with the mark, and again with whatever we write back; nothing that is read besides the CRM order
and its lines goes into it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from interlace.domain.saga import FoundRecord, Observation
from interlace.domain.values import Value
from interlace.lead_to_cash.order_columns import ADDRESS_PARTS, DIGEST_COLUMN
from interlace.lead_to_cash.order_lines import lines_in_order
from interlace.lead_to_cash.order_values import amount_of, day_of, plain, text_of

_TEXTS: Final = (
    "customerid",
    "accountid",
    "contactid",
    "transactioncurrencyid",
    "name",
    "description",
    "paymenttermscode",
    "freighttermscode",
    "shippingmethodcode",
    "shipto_name",
    *(f"shipto_{part}" for part in ADDRESS_PARTS),
    *(f"billto_{part}" for part in ADDRESS_PARTS),
)
_AMOUNTS: Final = (
    "freightamount",
    "discountamount",
    "discountpercentage",
    "totallineitemamount",
    "totalamountlessfreight",
)
# Goes up when what is digested changes: an older digest then says nothing.
_VERSION: Final = "1-"
_NOTHING: Final[Mapping[str, Value]] = {}


def order_digest(
    observation: Observation, document: FoundRecord, written: Mapping[str, Value] = _NOTHING
) -> str:
    """Digest what an order says, or will say once `written` is written to it."""
    whole = replace(document, values={**document.values, **written})
    content = [_header(whole), [list(_line(line)) for line in lines_in_order(observation)]]
    text = json.dumps(content, ensure_ascii=False)
    return _VERSION + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def was_changed(observation: Observation, document: FoundRecord) -> bool:
    """Tell whether an order says something else than when it was handed over; one without a digest does not."""
    held = text_of(document, DIGEST_COLUMN)
    return held.startswith(_VERSION) and held != order_digest(observation, document)


def _header(document: FoundRecord) -> list[str]:
    texts = [_folded(document, column) for column in _TEXTS]
    amounts = [_figure(document, column) for column in _AMOUNTS]
    return [*texts, *amounts, day_of(document, "requestdeliveryby") or ""]


def _line(line: FoundRecord) -> Iterator[str]:
    is_write_in = not text_of(line, "productid")
    yield from (_folded(line, column) for column in ("productid", "uomid", "description"))
    # Of a product of the catalogue the text is the CRM's own, and not carried over.
    yield _folded(line, "productdescription") if is_write_in else ""
    yield from (_figure(line, column) for column in ("quantity", "priceperunit"))
    yield plain(amount_of(line, "extendedamount") - amount_of(line, "tax") + 0)
    yield day_of(line, "requestdeliveryby") or ""


def _folded(record: FoundRecord, column: str) -> str:
    """Services spell blanks and line breaks in their own way."""
    return " ".join(text_of(record, column).split())


def _figure(record: FoundRecord, column: str) -> str:
    # Adding nothing makes a negative zero a zero.
    return plain(amount_of(record, column) + 0)
