"""Keys of records on both sides, and the deterministic keys of the records that a synchronization creates."""

import base64
import re
from typing import NewType
from uuid import UUID, uuid5

ErpKey = NewType("ErpKey", str)
"""The primary key of an ERP record; the parts of a composite key are joined by KEY_SEPARATOR."""

CrmKey = NewType("CrmKey", str)
"""The id of a CRM record: a lower-case GUID, or the number of a choice."""

MappingName = NewType("MappingName", str)
ConnectionId = NewType("ConnectionId", str)

KEY_SEPARATOR = "\x1f"
"""Joins the parts of a composite key: a control character that no code field may hold."""

_ROOT = UUID("6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90")
_ERP_NUMBER_PREFIX = "CRM"
_OUR_NUMBER = re.compile(rf"{_ERP_NUMBER_PREFIX}[A-Z2-7]{{13}}")


def key_text(key: str) -> str:
    """Write a key so that it can be read and typed: the parts of a composite one with commas between them."""
    return key.replace(KEY_SEPARATOR, ", ")


def key_namespace(erp_company_id: str, crm_organization_id: str, mapping: MappingName) -> UUID:
    """Make the namespace of a mapping's keys out of what outlives our own database."""
    return uuid5(_ROOT, KEY_SEPARATOR.join((erp_company_id, crm_organization_id, mapping)))


def crm_key_of(namespace: UUID, erp_key: ErpKey) -> CrmKey:
    """Choose the id of the CRM record that an ERP record is to become: the same at every attempt."""
    return CrmKey(str(uuid5(namespace, erp_key)))


def erp_number_of(namespace: UUID, crm_key: CrmKey) -> ErpKey:
    """Choose the number of the ERP record that a CRM record is to become: reserved prefix, 16 characters."""
    digest = uuid5(namespace, crm_key).bytes
    return ErpKey(_ERP_NUMBER_PREFIX + base64.b32encode(digest)[:13].decode())


def is_number_of_ours(text: str) -> bool:
    """Tell whether an ERP number, or a mark, has the shape of those that `erp_number_of` gives."""
    return _OUR_NUMBER.fullmatch(text) is not None


_FIRST_CHOICE = 727_000_000
_CHOICES = 10_000_000


def choice_number_of(namespace: UUID, erp_key: ErpKey) -> CrmKey:
    """Choose the number of the choice that an ERP code is to become, in the range of custom choices."""
    return CrmKey(str(_FIRST_CHOICE + uuid5(namespace, erp_key).int % _CHOICES))
