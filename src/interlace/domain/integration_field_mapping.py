"""Which field meets which, in which direction, and what happens to the value on its way."""

from dataclasses import dataclass
from enum import Enum

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.transformation_rule import TransformationRule
from interlace.domain.values import Value


class Direction(Enum):
    """Where changes travel."""

    TO_INTEGRATION_TABLE = "ToIntegrationTable"
    """ERP to CRM."""
    FROM_INTEGRATION_TABLE = "FromIntegrationTable"
    """CRM to ERP."""
    BIDIRECTIONAL = "Bidirectional"
    """Both ways."""

    def allows(self, run: "Direction") -> bool:
        """Tell whether a pass in the one-way direction `run` may carry this mapping's changes."""
        return self is Direction.BIDIRECTIONAL or self is run

    @property
    def source_side(self) -> Side:
        """The side that a pass in this one-way direction reads from; it writes to the other one."""
        assert self is not Direction.BIDIRECTIONAL
        return Side.ERP if self is Direction.TO_INTEGRATION_TABLE else Side.CRM

    @property
    def opposite(self) -> "Direction":
        """The direction of the pass that carries changes the other way."""
        to_crm = self.source_side is Side.ERP
        return Direction.FROM_INTEGRATION_TABLE if to_crm else Direction.TO_INTEGRATION_TABLE


class NamedKey(Enum):
    """Keys that the connection learns from the two services and that mappings refer to by name."""

    BASE_CURRENCY = "base_currency"
    """Id of the CRM organization's base currency: what a blank ERP currency code means."""
    DEFAULT_PRICE_LIST = "default_price_list"
    """Id of the price list that holds every coupled product at its unit price."""
    ERP_COMPANY = "erp_company"
    """Id of the ERP company."""
    OWNING_TEAM = "owning_team"
    """Id of the CRM team that owns what Interlace creates, where no person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """Goes on from a coupled CRM record to a record that belongs to it, such as a unit group's base unit."""

    table: str
    match: str
    """Lookup column of `table` that holds the coupled record's id."""
    match_text: str | None = None
    """Further column that must equal the ERP value itself, if any: of a value with a separator, what is behind it,
    for then the coupled record's own key stands before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Translates a key of one side into the coupled key of the other side."""

    mapping: MappingName
    """The mapping whose couplings translate the value."""
    target_table: str
    """The CRM table that the lookup column points at; empty: the column is a choice, its number is the key."""
    blank: NamedKey | None = None
    """What a blank ERP value stands for; without it blank and null are each other's partners."""
    part: PartOf | None = None
    """One-way step behind the coupled record (only towards the integration table)."""
    optional: bool = False
    """Without a partner the field stays blank, and nobody waits for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationFieldMapping:
    """One row of a mapping: a pair of fields, or a constant for one side (then the other name is None)."""

    erp_field: str | None = None
    crm_field: str | None = None
    direction: Direction
    constant: Value | NamedKey = None
    insert_only: bool = False
    """The row counts only when the destination record is created."""
    after_insert: bool = False
    """The service takes the field only once the record exists: a create is followed by a second write."""
    opening_value: Value = None
    """With `after_insert`: a value that a new record must pass through before it can take others."""
    clear_value_on_failed_sync: bool = False
    """An uncoupled reference clears the field instead of failing the record."""
    not_null: bool = False
    """A blank source value leaves the destination as it is."""
    reference: Reference | None = None
    to_rules: tuple[TransformationRule, ...] = ()
    """Changes on the way from ERP to CRM, in order."""
    from_rules: tuple[TransformationRule, ...] = ()
    """Changes on the way from CRM to ERP, in order."""
    conflict_resolution: UpdateConflictResolution | None = None
    """What happens when both sides changed the field; None: the mapping's answer."""
    merge_group: str | None = None
    """Two-way rows of one group, such as an address, are taken from one side whole."""

    @property
    def row_id(self) -> str:
        """Names the row within its mapping, for the agreed values that a coupling remembers."""
        return f"{self.erp_field or ''}>{self.crm_field or ''}"

    @property
    def is_constant(self) -> bool:
        """Tell whether the row writes a constant."""
        return self.erp_field is None or self.crm_field is None

    @property
    def is_plain(self) -> bool:
        """Tell whether both sides spell the row's values alike, and nothing else must change with them."""
        return self.reference is None and self.merge_group is None and not (self.to_rules or self.from_rules)
