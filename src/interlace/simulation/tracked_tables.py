"""The tables that users edit in a schedule, and the fields in which every value is unique."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS


@cache
def _mapping(name: MappingName) -> IntegrationTableMapping:
    return next(each for each in DEFAULT_MAPPINGS if each.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTable:
    """One mapping's pair of tables, as users and the oracle know them."""

    mapping: MappingName
    tables: Mapping[Side, str]
    sets: Mapping[Side, str]
    """Names under which the services publish the tables."""
    keys: Mapping[Side, str]
    fields: tuple[tuple[str, str], ...]
    """(ERP field, CRM column) pairs that are carried both ways and hold text."""
    tag: tuple[str, str] = ("County", "address1_stateorprovince")
    """The pair that names who a record is: given once, never edited."""

    def names(self, side: Side) -> tuple[str, ...]:
        """Return the edited fields of one side."""
        place = 0 if side is Side.ERP else 1
        return tuple(pair[place] for pair in self.fields)

    def tag_name(self, side: Side) -> str:
        """Return the field of the tag."""
        return self.tag[0 if side is Side.ERP else 1]

    def others(self, side: Side) -> tuple[str, ...]:
        """Return the mapped fields that nobody edits, as the services' records name them."""
        edited = {*self.names(side), self.tag_name(side)}
        if side is Side.ERP:
            rows = [row.erp_field for row in _mapping(self.mapping).fields if row.erp_field]
        else:
            rows = [
                row.crm_field
                if row.reference is None or not row.reference.target_table
                else f"_{row.crm_field}_value"
                for row in _mapping(self.mapping).fields
                if row.crm_field
            ]
        return tuple(name for name in dict.fromkeys(rows) if name not in edited)


CUSTOMERS: Final = TrackedTable(
    mapping=mapping_names.CUSTOMER,
    tables={Side.ERP: "Customer", Side.CRM: "account"},
    sets={Side.ERP: "CustomerCard", Side.CRM: "accounts"},
    keys={Side.ERP: "No", Side.CRM: "accountid"},
    fields=(
        ("Name", "name"),
        ("Address", "address1_line1"),
        ("Address_2", "address1_line2"),
        ("Fax_No", "fax"),
    ),
)
CONTACTS: Final = TrackedTable(
    mapping=mapping_names.CONTACT,
    tables={Side.ERP: "Contact", Side.CRM: "contact"},
    sets={Side.ERP: "ContactCard", Side.CRM: "contacts"},
    keys={Side.ERP: "No", Side.CRM: "contactid"},
    fields=(
        ("First_Name", "firstname"),
        ("Surname", "lastname"),
        ("Address", "address1_line1"),
        ("Pager", "pager"),
    ),
)
TRACKED: Final = (CUSTOMERS, CONTACTS)
