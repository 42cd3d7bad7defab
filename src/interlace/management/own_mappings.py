"""Mappings of one's own: what both services have to choose from, adding one, and deleting it."""

from typing import Annotated, Final

import msgspec

from interlace.management.mapping_answers import MappingChanged
from interlace.management.operation import MANY, Answer, Effect, OfConnection, Operation
from interlace.management.own_rows import Name, RowField, YesOrNo
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class ListTables(OfConnection, frozen=True, kw_only=True):
    """Asks which tables a mapping can join; with both named, also for the columns that can hold the key."""

    erp_table: Name = ""
    """The table, or the page service that shows it."""
    crm_table: Name = ""


class AddMapping(OfConnection, frozen=True, kw_only=True):
    """Asks for a mapping of two tables."""

    name: Name = ""
    erp_table: Name = ""
    crm_table: Name = ""
    crm_column: Name = ""
    """Column that is to hold the ERP's key; records that hold the same are coupled."""
    synch_only_coupled_records: YesOrNo = ""
    """Blank: yes."""
    direction: Name = ""
    """ToIntegrationTable (ERP to CRM; blank, too), FromIntegrationTable (CRM to ERP) or Bidirectional."""


class RemoveMapping(OfConnection, frozen=True, kw_only=True):
    """Asks to delete a mapping of one's own."""

    mapping: Name
    count: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How many couplings go with it, as they were shown."""


class ErpTable(Answer, frozen=True, kw_only=True):
    """A table of the ERP that a page service shows."""

    name: str
    service: str
    key: tuple[str, ...]
    """The fields that make its key."""
    mapped: tuple[str, ...]
    """The mappings that it has."""


class CrmTable(Answer, frozen=True, kw_only=True):
    """A table of the CRM."""

    name: str
    mapped: tuple[str, ...]


class TablesOffered(Answer, frozen=True, kw_only=True):
    """What there is to choose from."""

    erp: tuple[ErpTable, ...]
    crm: tuple[CrmTable, ...]
    key: str = ""
    """Key field of the ERP table that was named; blank before both are."""
    columns: tuple[RowField, ...] = ()
    """Columns of the CRM table that was named which can hold the key."""


TABLES: Final = Operation(
    name="mappings.tables",
    asked=ListTables,
    answer=TablesOffered,
    permission=Permission.READ,
    caption=translatable("Tables"),
    tooltip=translatable("Show the tables of both services that a mapping of your own can join."),
    command="mappings tables",
)
ADD_MAPPING: Final = Operation(
    name="mappings.add",
    asked=AddMapping,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("New Table Mapping"),
    tooltip=translatable("Let one more table of the ERP meet a table of the CRM."),
    effect=Effect.WRITES,
    command="mappings add",
)
REMOVE_MAPPING: Final = Operation(
    name="mappings.remove",
    asked=RemoveMapping,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Delete Table Mapping"),
    tooltip=translatable(
        "Delete a mapping of your own with its couplings, errors and job log; records stay on both sides."
    ),
    effect=Effect.WRITES,
    asks_password_for=lambda asked: asked.count > MANY,
    command="mappings remove",
)

OPERATIONS: Final = (TABLES, ADD_MAPPING, REMOVE_MAPPING)
