"""What every posting needs: records made from others, and the next number of a ledger."""

from collections.abc import Mapping

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import Table, Value
from interlace.sandbox.erp.number_series import next_number
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.stored_table import OrderColumn


def copied(source: Mapping[str, Value], table: Table) -> Values:
    """Return values for a record of a table: what the source has under the same names, else blank."""
    return {field.name: source.get(field.name, field.blank) for field in table.stored_fields}


def insert_new(
    erp: Application, table_name: str, given: Mapping[str, Value], system_id: str | None = None
) -> Record:
    """Add a record that posting makes: no rule of the table runs, what is not given is blank."""
    table = TABLES[table_name]
    return erp.records.insert(table, copied(given, table), system_id)


def next_entry(erp: Application, table_name: str) -> int:
    """Return the number of the next entry of a ledger."""
    last = erp.records.store.page(table_name, where=None, order=[OrderColumn("Entry_No", True)], limit=1)
    if not last:
        return 1
    return int(str(erp.records.layouts[table_name].from_stored(last[0]).values["Entry_No"])) + 1


def posted_number(erp: Application, series: str, table_name: str) -> str:
    """Return the next number for a posted document; the posting's transaction keeps it or gives it back."""
    return next_number(erp.records.store, series, lambda number: erp.records.exists(table_name, number))
