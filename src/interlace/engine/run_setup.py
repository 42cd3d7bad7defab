"""What a run of one mapping works with, and the view of it that each pass has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

from interlace.domain.compiled_transfer import Differing, IsAgreed, MakeRecord
from interlace.domain.coupling import Coupling
from interlace.domain.decision import PassPolicy, pass_policy
from interlace.domain.integration_field_mapping import Direction, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import (
    ConnectionId,
    CrmKey,
    ErpKey,
    MappingName,
    choice_number_of,
    crm_key_of,
    erp_number_of,
    key_namespace,
)
from interlace.domain.safety_halt import SafetyLimits
from interlace.domain.side import Side
from interlace.domain.synch_action import SynchAction
from interlace.domain.transfer_fields import TransferPlan
from interlace.domain.values import Value
from interlace.engine.candidate import Candidate
from interlace.engine.mapping_layout import layout_of
from interlace.engine.ports import Deletion, TableView, Write
from interlace.engine.store_port import Store

_namespace = lru_cache(maxsize=64)(key_namespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerColumns:
    """CRM columns that name a record's ERP partner, so that couplings can be rebuilt from the services."""

    company: str
    table: str
    key: str


class Gate(Protocol):
    """Looks at every decision before it is carried out: to note it in a plan, or to hold it against one."""

    def instead(
        self, setup: "PassSetup", each: Candidate, request: Write | Deletion | None
    ) -> SynchAction | None:
        """Return the action to take in place of the decided one, which must write nothing; None: go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSetup:
    """One run of one mapping: what it works on and what it may do."""

    connection: ConnectionId
    mapping: IntegrationTableMapping
    mappings: Mapping[MappingName, IntegrationTableMapping]
    """All mappings of the connection: references are translated through their couplings."""
    named_keys: Mapping[NamedKey, str]
    erp_company_id: str
    crm_organization_id: str
    partner_columns: PartnerColumns
    store: Store
    run_id: str
    create_new: bool
    """Create uncoupled records though the mapping synchronizes coupled ones only."""
    compare_all: bool
    """Read both tables whole instead of asking the feeds what changed."""
    retry_skipped: bool = False
    """Take up records that were left out after repeated failure, too."""
    survivor_seen: bool = False
    """A person has seen the record that a deletion left, and wants what the policy does even if it holds news."""
    process: str = ""
    """Names the clock that `ElapsedTime` reads; processes may share one. A stamp of another clock tells nothing."""
    limits: SafetyLimits = field(default_factory=SafetyLimits)
    sweep_after: timedelta | None = None
    """Sweep the tables by key and tag when the last sweep is so long ago; None: never."""
    gate: Gate | None = None
    """Asked before every decision is carried out."""

    def view(self, side: Side) -> TableView:
        """Return the mapping's table of one side, with the fields that the mapping reads."""
        return layout_of(self.mapping, self.named_keys).views[side]

    def couplings_by_key(self, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys of one side."""
        return self.store.couplings_by_key(self.mapping.name, side, keys)

    def digests_by_key(self, side: Side, keys: Sequence[str]) -> dict[str, bytes | None]:
        """Return the remembered digests of these keys' records; uncoupled keys are missing."""
        return self.store.digests_by_key(self.mapping.name, side, keys)

    def chosen_key(self, side: Side, source_key: str) -> str:
        """Choose the key of the record that is to be created on `side` for a record of the other side."""
        namespace = _namespace(self.erp_company_id, self.crm_organization_id, self.mapping.name)
        if side is Side.ERP:
            return erp_number_of(namespace, CrmKey(source_key))
        if self.mapping.choice_column is not None:
            return choice_number_of(namespace, ErpKey(source_key))
        return crm_key_of(namespace, ErpKey(source_key))

    def partner_values(self, erp_key: str) -> dict[str, Value]:
        """Return the CRM columns that name the ERP record as partner; none where the table has no such columns."""
        mapping, columns = self.mapping, self.partner_columns
        if mapping.choice_column is not None or not mapping.carries_erp_reference:
            return {}
        return {
            columns.company: self.erp_company_id,
            columns.table: mapping.erp_table,
            columns.key: erp_key,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSetup:
    """One pass of a run: from one side to the other."""

    run: RunSetup
    direction: Direction
    source: TableView
    destination: TableView
    plan: TransferPlan
    make_record: MakeRecord
    """The plan's common case, compiled; None as answer: ask `new_record`."""
    is_agreed: IsAgreed
    one_way: Differing
    """Names the pass's one-way rows in which a destination record differs from what was agreed."""
    opposite_one_way: Differing
    """Names the one-way rows of the opposite pass in which a destination record differs: news for that pass."""
    to_restore: Differing
    """Names the rows in which a source record must be restored by the opposite pass."""
    policy: PassPolicy

    @property
    def opposite(self) -> Direction:
        """The direction of the pass that carries changes the other way."""
        return self.direction.opposite

    @property
    def to_crm(self) -> bool:
        """Tell whether the pass writes to the CRM."""
        return self.direction is Direction.TO_INTEGRATION_TABLE

    @property
    def takes_key(self) -> bool:
        """Tell whether the values of a record that is created hold its key."""
        return not self.to_crm and self.run.mapping.erp_key_field != ""


def pass_setup(run: RunSetup, direction: Direction) -> PassSetup:
    """Lay out one pass of a run."""
    to_crm = direction is Direction.TO_INTEGRATION_TABLE
    source, destination = (Side.ERP, Side.CRM) if to_crm else (Side.CRM, Side.ERP)
    layout = layout_of(run.mapping, run.named_keys).of_pass(direction)
    return PassSetup(
        run=run,
        direction=direction,
        source=run.view(source),
        destination=run.view(destination),
        plan=layout.plan,
        make_record=layout.make_record,
        is_agreed=layout.is_agreed,
        one_way=layout.one_way,
        opposite_one_way=layout.opposite_one_way,
        to_restore=layout.to_restore,
        policy=pass_policy(run.mapping, direction, create_new=run.create_new),
    )
