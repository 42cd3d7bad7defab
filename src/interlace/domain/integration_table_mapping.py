"""Which ERP table meets which integration table, how, and under which policies."""

import hashlib
from dataclasses import dataclass
from enum import Enum

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.keys import MappingName
from interlace.domain.table_filter import EVERYTHING, TableFilter
from interlace.domain.values import Value
from interlace.locale.translatable import translatable


class DeletionConflictResolution(Enum):
    """What happens when a coupled record's partner was deleted."""

    NONE = translatable("None")
    """The record fails and a person decides."""
    RESTORE_RECORDS = translatable("Restore Records")
    """The deleted record is created again from the other side."""
    REMOVE_COUPLING = translatable("Remove Coupling")
    """The coupling goes, the surviving record stays."""
    DELETE = translatable("Delete Records")
    """The surviving record is deleted too, unless it was changed since both sides last agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """Couples an uncoupled record with the one record of the other side that holds the same value."""

    erp_field: str
    crm_field: str
    erp_prefix: str = ""
    """Put before the ERP value to get the CRM value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateField:
    """One value that a configuration template gives a new record."""

    field: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationTableMapping:
    """A mapping as users know it: two tables, a direction, filters, policies and field rows in transfer order."""

    name: MappingName
    erp_table: str
    integration_table: str
    direction: Direction
    fields: tuple[IntegrationFieldMapping, ...]
    depends_on: tuple[MappingName, ...] = ()
    synch_only_coupled_records: bool = True
    table_filter: TableFilter = EVERYTHING
    integration_table_filter: TableFilter = EVERYTHING
    match_rules: tuple[MatchRule, ...] = ()
    table_config_template: tuple[TemplateField, ...] = ()
    """Values for a new ERP record, after the mapped ones."""
    integration_table_config_template: tuple[TemplateField, ...] = ()
    """Values for a new CRM record, after the mapped ones."""
    update_conflict_resolution: UpdateConflictResolution = UpdateConflictResolution.NONE
    deletion_conflict_resolution: DeletionConflictResolution = DeletionConflictResolution.NONE
    leaving_filter_deletes: bool = False
    """A coupled record that leaves its table's filter counts as deleted: its partner must not outlive that."""
    carries_erp_reference: bool = True
    """The CRM table has the columns that name the ERP partner (company, table, key)."""
    choice_column: str | None = None
    """Column of `integration_table` whose choices are the records of this mapping (option set mappings)."""
    erp_caption: str = ""
    """Field whose value names an ERP record for people."""
    erp_key_field: str = ""
    """Field by whose value a new ERP record is known; blank: its key is chosen, or the ERP numbers it.

    Records of both sides with the same value are the same, as the match rule says: so one that is there already when
    ours is sent is the partner.
    """
    caption: str = ""
    carries_figures: bool = False
    """The ERP computes what is carried, into CRM records that are ours alone: many changes at once are a day's work.

    A day's postings, or midnight, move most figures, and nothing of anybody's is overwritten: no brake on changes.
    """
    run_by_saga: bool = False
    """The pairs are made and followed by a saga (see `saga`): ordinary runs leave the mapping alone."""

    @property
    def layout(self) -> str:
        """Identify the field rows: a coupling's agreed values belong to one layout."""
        text = "\n".join(row.row_id for row in self.fields)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def erp_fields(self) -> tuple[str, ...]:
        """Every ERP field that a run reads, each once: mapped, filtered and matched ones."""
        names = [row.erp_field for row in self.fields if row.erp_field]
        names += self.table_filter.fields
        names += [rule.erp_field for rule in self.match_rules]
        names += [self.erp_caption] if self.erp_caption else []
        return tuple(dict.fromkeys(names))

    @property
    def crm_fields(self) -> tuple[str, ...]:
        """Every CRM column that a run reads, each once: mapped, filtered and matched ones."""
        names = [row.crm_field for row in self.fields if row.crm_field]
        names += self.integration_table_filter.fields
        names += [rule.crm_field for rule in self.match_rules]
        return tuple(dict.fromkeys(names))

    @property
    def lookup_targets(self) -> dict[str, str]:
        """The CRM table that each mapped lookup column points at, by column."""
        return {
            row.crm_field: row.reference.target_table
            for row in self.fields
            if row.crm_field is not None and row.reference is not None and row.reference.target_table
        }

    @property
    def passes(self) -> tuple[Direction, ...]:
        """The one-way passes of a run, in order: ERP to CRM first."""
        both = (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE)
        return tuple(way for way in both if self.direction.allows(way))
