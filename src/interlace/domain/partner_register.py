"""A table of the ERP in which is written which CRM record belongs to which ERP record, for who reads the ERP alone."""

from dataclasses import dataclass

from interlace.domain.keys import MappingName
from interlace.domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRegister:
    """Where the couplings of one mapping are told in the ERP: one record for each, under the CRM record's key."""

    mapping: MappingName
    table: str
    crm_key_field: str
    """The key of the table."""
    erp_key_field: str
    fixed: tuple[tuple[str, Value], ...] = ()
    """What else new records get."""
    without_table: str
    """What to do, and what is lost, when the ERP does not publish the table."""
