"""The durable link of one ERP record and one CRM record: the merge base of their synchronization."""

from dataclasses import dataclass
from enum import Enum

from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.values import Value


class CouplingState(Enum):
    """What is known of the pair."""

    COUPLED = "coupled"
    """Both records exist as far as we know, and their agreed values are remembered."""
    BROKEN = "broken"
    """One record was deleted; a person or a policy decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedValues:
    """What both sides held when they last agreed, one pair (ERP value, CRM value) per field row."""

    layout: str
    pairs: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """One ERP record and one CRM record, with what each side last held."""

    mapping: MappingName
    erp_key: ErpKey
    crm_key: CrmKey
    agreed: AgreedValues | None
    """None: coupled, but never compared."""
    erp_tag: str | None = None
    crm_tag: str | None = None
    erp_digest: bytes | None = None
    """Digest of the whole ERP record as it was last read; equal means untouched."""
    crm_digest: bytes | None = None
    state: CouplingState = CouplingState.COUPLED
