"""The places at which the rules of a table take part in writing its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.schema import Table

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Author, Records


def _nothing(*_: object) -> None:
    """The rule of tables without one."""


def _declared_state(records: Records, table: Table, row: Row) -> int:
    return table.states[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRules:
    """The rules of one table; each may refuse, those before a write may complete the row.

    `before_edit` and `before_transition` mind what callers ask for; the service's own messages pass them by.
    """

    before_create: Callable[[Records, Row], None] = _nothing
    before_edit: Callable[[Records, Row, Row], None] = _nothing
    before_transition: Callable[[Records, Row, Row], None] = _nothing
    before_update: Callable[[Records, Row, Row], None] = _nothing
    after_create: Callable[[Records, Row, Author], None] = _nothing
    after_update: Callable[[Records, Row, Row], None] = _nothing
    before_delete: Callable[[Records, Row, Author], None] = _nothing
    after_delete: Callable[[Records, Row, Author], None] = _nothing
    initial_state: Callable[[Records, Table, Row], int] = _declared_state
