"""Columns the service computes: owner's kin, full names, composite addresses, base amounts, shadows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.schema import ColumnKind, Table

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records

_BASE_STEP = Decimal("0.0001")
_NAME_PARTS = ("firstname", "middlename", "lastname")
BASE_CURRENCY_STATE = "base_currency"


def set_owner(records: Records, table: Table, row: Row, user_id: str) -> None:
    """Defaults the owner to the caller and derives owning user, team and business unit."""
    if table.ownership != "user":
        if "_organizationid_value" in row:
            row["_organizationid_value"] = records.organization_id
        return
    owner = row["_ownerid_value"]
    if owner is None:
        owner = row["_ownerid_value"] = user_id
    assert isinstance(owner, str)
    is_team, unit = records.owner_facts(owner)
    row["_owninguser_value"] = None if is_team else owner
    row["_owningteam_value"] = owner if is_team else None
    row["_owningbusinessunit_value"] = unit


def derive(records: Records, table: Table, row: Row, before: Row | None) -> None:
    """Recomputes the columns of a row that is about to be saved (`before` is None for a new one)."""
    for derivation in records.derivations[table.logical_name]:
        derivation(row)
    if table.has_currency:
        _derive_money(records, table, row, before)


def _derive_money(records: Records, table: Table, row: Row, before: Row | None) -> None:
    currency = row["_transactioncurrencyid_value"]
    if currency is None:
        currency = row["_transactioncurrencyid_value"] = records.base_currency_id
    if currency is None:
        return
    assert isinstance(currency, str)
    rate = records.exchange_rate(currency)
    row["exchangerate"] = rate
    for name in table.money_columns:
        amount = row[name]
        if amount is None:
            row[f"{name}_base"] = None
        elif rate == 1:
            row[f"{name}_base"] = amount
        else:
            # A whole amount comes back from the store as an integer.
            row[f"{name}_base"] = (Decimal(str(amount)) / rate).quantize(_BASE_STEP, ROUND_HALF_EVEN)


def compile_derivations(table: Table) -> tuple[Callable[[Row], None], ...]:
    """What has to be recomputed in the rows of a table, apart from amounts."""
    found: list[Callable[[Row], None]] = []
    if table.primary_name == "fullname":
        found.append(_full_name)
    found += [
        _composite(column.name.removesuffix("_composite"))
        for column in table.columns.values()
        if column.name.endswith("_composite")
    ]
    shadows = [column for column in table.columns.values() if column.kind is ColumnKind.SHADOW]
    if shadows:
        pairs = []
        for column in shadows:
            lookup, _, target = column.shadow_of.partition("/")
            pairs.append((column.wire_name, lookup, target))
        found.append(_shadow(pairs))
    return tuple(found)


def _full_name(row: Row) -> None:
    parts = [value for name in _NAME_PARTS if isinstance(value := row.get(name), str) and value]
    row["fullname"] = " ".join(parts) or None


def _joined(separator: str, *parts: object) -> str | None:
    return separator.join([part for part in parts if part]) or None  # type: ignore[misc]


def _composite(prefix: str) -> Callable[[Row], None]:
    line1, line2, line3 = f"{prefix}_line1", f"{prefix}_line2", f"{prefix}_line3"
    city, state, code = f"{prefix}_city", f"{prefix}_stateorprovince", f"{prefix}_postalcode"
    country, composite = f"{prefix}_country", f"{prefix}_composite"

    def derive_composite(row: Row) -> None:
        region = _joined(" ", row[state], row[code])
        town = _joined(", ", row[city], region)
        row[composite] = _joined("\r\n", row[line1], row[line2], row[line3], town, row[country])

    return derive_composite


def _shadow(pairs: list[tuple[str, str, str]]) -> Callable[[Row], None]:
    """`_accountid_value` and `_contactid_value` repeat a customer lookup by the table it names."""

    def derive_shadow(row: Row) -> None:
        for shadow, lookup, target in pairs:
            kind = row.get("__" + lookup)
            if kind is not None:
                row[shadow] = row[lookup] if kind == target else None
            elif row[lookup] is None:
                row[shadow] = None
        for _, lookup, _ in pairs:
            row.pop("__" + lookup, None)

    return derive_shadow
