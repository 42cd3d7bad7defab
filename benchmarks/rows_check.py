"""Proves that a contender did the work: both sides hold the same rows, by count and by digest."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.floor_copy import FIELDS, KEY, NAMESPACE
from benchmarks.plain_http import PlainService, customers_path, open_crm, open_erp, path_of
from benchmarks.servers import Ends

# Texts that every contender carries over unchanged; references and choices have other values on each side.
_COMPARED = [name for name in FIELDS if FIELDS[name].startswith(("name", "email", "web", "tele", "fax"))]
_COMPARED += [
    "Address",
    "Address_2",
    "Post_Code",
    "City",
    "Country_Region_Code",
    "County",
    "Credit_Limit_LCY",
]


class RowsDiffer(Exception):
    """A fast wrong synchronization: it must not be reported as a fast one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How many rows one side holds, and a digest of them that does not depend on their order."""

    count: int
    digest: str


def check_rows(ends: Ends, *, by_floor: bool) -> Rows:
    """Read both sides afresh and compare; raises RowsDiffer."""
    erp = _sum(_erp_rows(open_erp(ends.erp.facts), ends.erp.facts["company"], by_floor=by_floor))
    crm = _sum(_crm_rows(open_crm(ends.crm.facts), by_floor=by_floor))
    if erp != crm:
        raise RowsDiffer(f"The ERP holds {erp}, the CRM {crm}.")
    return erp


def _sum(rows: Iterator[list[str | None]]) -> Rows:
    count = total = 0
    for row in rows:
        digest = hashlib.blake2b(json.dumps(row).encode(), digest_size=16).digest()
        count, total = count + 1, (total + int.from_bytes(digest)) % 2**128
    return Rows(count=count, digest=f"{total:032x}")


def _pages(service: PlainService, path: str | None) -> Iterator[dict[str, object]]:
    while path is not None:
        page = json.loads(service.get_page(path), parse_float=Decimal)
        yield from page["value"]
        path = path_of(page.get("@odata.nextLink"))


def _erp_rows(erp: PlainService, company: str, *, by_floor: bool) -> Iterator[list[str | None]]:
    for row in _pages(erp, customers_path(company, [KEY, *_COMPARED])):
        key = str(row[KEY])
        yield [
            str(uuid.uuid5(NAMESPACE, key)) if by_floor else key,
            *map(_plain, (row[n] for n in _COMPARED)),
        ]


def _crm_rows(crm: PlainService, *, by_floor: bool) -> Iterator[list[str | None]]:
    key = "accountid" if by_floor else "ilc_erpkey"
    names = [key, *(FIELDS[name] for name in _COMPARED)]
    for row in _pages(crm, f"/api/data/v9.2/accounts?$select={','.join(names)}"):
        yield [_plain(row[name]) for name in names]


def _plain(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | Decimal):
        return format(Decimal(value).quantize(Decimal("0.01")), "f")
    return str(value)
