"""The setups that a company has from the start: its currency, its number series, what they number."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.pricing_tables import VAT_SETUP
from interlace.sandbox.erp.setup_tables import SERIES_DESCRIPTIONS, SETUP_ROWS
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.stored_table import SqlClause

_LEDGER: Final = "General_Ledger_Setup"
_LEDGER_VALUES: Final[Mapping[str, Value]] = {
    "LCY_Code": "EUR",
    "Local_Currency_Symbol": "€",
    "Amount_Rounding_Precision": Decimal("0.01"),
    "Amount_Decimal_Places": "2:2",
    "Unit_Amount_Rounding_Precision": Decimal("0.00001"),
    "Unit_Amount_Decimal_Places": "2:5",
}

_VAT: Final = "VAT_Posting_Setup"
_BATCH: Final = "Gen_Journal_Batch"

OWN_TABLES: Final = (_LEDGER, "No_Series", *SETUP_ROWS, _VAT, _BATCH)
"""Tables with records that nobody put there."""


def ensure_setup(records: ErpRecords, *, manual_numbers: bool) -> None:
    """Give a company the setups that it lacks; a company file, and its users, may change them."""
    if records.store.count(_LEDGER) == 0:
        _insert(records, _LEDGER, _LEDGER_VALUES)
    if records.store.count("No_Series") == 0:
        for code, description in SERIES_DESCRIPTIONS.items():
            series: dict[str, Value] = {"Code": code, "Description": description, "Default_Nos": True}
            _insert(records, "No_Series", {**series, "Manual_Nos": manual_numbers})
    for name, numbers in SETUP_ROWS.items():
        if records.store.count(name) == 0:
            _insert(records, name, dict(numbers))
    if records.store.count(_VAT) == 0:
        for (business, product), percent in VAT_SETUP.items():
            _insert(records, _VAT, _vat_setup(business, product, percent))
    if records.store.count(_BATCH) == 0:
        _insert(records, _BATCH, {"Name": "PAYMENT", "Description": "Customer payments"})


def _vat_setup(business: str, product: str, percent: int) -> dict[str, Value]:
    return {
        "VAT_Bus_Posting_Group": business,
        "VAT_Prod_Posting_Group": product,
        "VAT_Identifier": f"VAT{percent}" if percent else "",
        "VAT_Percent": Decimal(percent),
    }


def forget_setup(records: ErpRecords) -> None:
    """Make room for the setups of a company file."""
    for name in OWN_TABLES:
        for setup in records.find(TABLES[name], SqlClause("1 = 1", ())):
            records.delete(setup)


def _insert(records: ErpRecords, name: str, values: Mapping[str, Value]) -> None:
    table = TABLES[name]
    blank = {declared.name: declared.blank for declared in table.stored_fields}
    with records.transaction():
        records.insert(table, {**blank, **values})
