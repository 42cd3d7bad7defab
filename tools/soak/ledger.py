"""What people did: every value they set is unique and knows the value that it replaced."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Side(Enum):
    """Where somebody edited."""

    ERP = "ERP"
    CRM = "CRM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A pair of tables in which people edit, and the fields that both sides hold."""

    name: str
    mapping: str
    page: str
    number_field: str
    set_name: str
    id_column: str
    fields: tuple[tuple[str, str, str], ...]
    """ERP field, CRM column, and how a unique value looks."""
    one_way: frozenset[str] = frozenset()
    """Fields that only the ERP's people edit: the CRM's copy follows them."""
    amounts: frozenset[str] = frozenset()
    """Fields that hold numbers."""
    share: float
    """The share of all edits."""
    known_max: int | None = None
    """How many of its records people work with."""


CUSTOMER = Table(
    name="customer",
    mapping="CUSTOMER",
    page="CustomerCard",
    number_field="No",
    set_name="accounts",
    id_column="accountid",
    fields=(
        ("Name", "name", "Soak customer {:06d}"),
        ("Address", "address1_line1", "Street {:06d}"),
        ("Address_2", "address1_line2", "Floor {:06d}"),
        ("Phone_No", "telephone1", "+49 1 {:06d}"),
    ),
    share=0.4,
)
CONTACT = Table(
    name="contact",
    mapping="CONTACT",
    page="ContactCard",
    number_field="No",
    set_name="contacts",
    id_column="contactid",
    fields=(
        ("Surname", "lastname", "Soaked {:06d}"),
        ("Mobile_Phone_No", "mobilephone", "+47 2 {:06d}"),
        ("Pager", "pager", "+47 3 {:06d}"),
        ("Phone_No", "telephone1", "+47 4 {:06d}"),
    ),
    share=0.35,
)
ITEM = Table(
    name="item",
    mapping="ITEM-PRODUCT",
    page="ItemCard",
    number_field="No",
    set_name="products",
    id_column="productid",
    fields=(
        ("Description", "name", "Soak item {:06d}"),
        ("Vendor_Item_No", "vendorpartnumber", "V{:06d}"),
        ("Unit_Price", "price", "{:d}.25"),
    ),
    one_way=frozenset({"Vendor_Item_No", "Unit_Price"}),
    amounts=frozenset({"Unit_Price"}),
    share=0.25,
    known_max=40,
)
TABLES = (CUSTOMER, CONTACT, ITEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One value that somebody set."""

    record: "Record"
    side: Side
    field: str
    """The ERP field's name, on both sides."""
    value: str
    replaced: str
    at: float = dataclasses.field(default_factory=time.monotonic)


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """A record that people edit, by the keys they know it by."""

    table: Table
    number: str | None = None
    crm_id: str | None = None
    was_created: bool = False
    deleted_on: Side | None = None
    deleted_at: datetime | None = None

    @property
    def label(self) -> str:
        """Name the record for people."""
        return f"{self.table.name} {self.number or self.crm_id}"


@dataclass(slots=True)
class Ledger:
    """All edits in their order."""

    edits: list[Edit] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    refused: int = 0
    overruled: set[str] = field(default_factory=set)
    """Values that a person decided against, as they were shown."""
    restored: set[str] = field(default_factory=set)
    """Keys of deleted records that a person wanted back."""
    removed: set[str] = field(default_factory=set)
    """Keys of records that a person wanted deleted like their partners."""
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next_number(self) -> int:
        """Return a number that makes a value unique."""
        with self._lock:
            self._number += 1
            return self._number

    def edits_of(self, record: Record) -> Iterator[Edit]:
        """Yield the edits of a record."""
        return (edit for edit in self.edits if edit.record is record)

    def edited_records(self, mapping: str, side: Side, since: float) -> int:
        """Count the records of a mapping that people edited on one side since a moment."""
        edits = (edit for edit in self.edits if edit.at >= since and edit.side is side)
        return len({id(edit.record) for edit in edits if edit.record.table.mapping == mapping})

    def count(self) -> dict[str, int]:
        """Count what was done, by kind."""
        created = sum(record.was_created for record in self.records)
        deleted = sum(record.deleted_on is not None for record in self.records)
        on_erp = sum(edit.side is Side.ERP for edit in self.edits)
        return {
            "edits in the ERP": on_erp,
            "edits in the CRM": len(self.edits) - on_erp,
            "records created": created,
            "records deleted": deleted,
        }
