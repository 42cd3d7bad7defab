"""References that users give to mappings: which mappings they can name, and what follows for the order of runs."""

from collections.abc import Mapping
from dataclasses import replace

from interlace.bootstrap.mapping_settings import MappingSettingProblem
from interlace.bootstrap.own_rows import OWN_FIELDS, own_ids
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.lead_to_cash.mapping_names import SALESPEOPLE

Mappings = Mapping[MappingName, IntegrationTableMapping]


def referable(
    mappings: Mappings, erp_keys: Mapping[str, tuple[str, ...]], own: frozenset[str]
) -> dict[str, str]:
    """Return the mappings that a reference can name, each with the table of the CRM whose records it couples.

    One field has to make the key of their ERP records, and others than the engine must be able to tell which CRM record
    belongs to it: those of the solution hold the key, as do those of the mappings that users added (`own`); salespeople
    and users have the same e-mail address. Option sets couple numbers of one column, not records.
    """
    return {
        name: each.integration_table
        for name, each in mappings.items()
        if not each.run_by_saga
        and each.choice_column is None
        and len(erp_keys.get(each.erp_table, ())) == 1
        and (each.carries_erp_reference or name in own or name == SALESPEOPLE)
    }


def with_references(
    mappings: Mappings, changes: Mapping[str, Mapping[str, object]]
) -> dict[MappingName, IntegrationTableMapping]:
    """Return the mappings with what their users' references need; raises MappingSettingProblem for one to nowhere.

    A mapping runs after those that it refers to. A reference to one that runs later stays blank at first and is filled
    once the record is coupled.
    """
    found: dict[MappingName, IntegrationTableMapping] = {}
    for name, mapping in mappings.items():
        own = own_ids(changes.get(name, {}))
        referring = {
            row.row_id: _referred_to(row) for row in mapping.fields if row.row_id in own and row.reference
        }
        if missing := [each for each in referring.values() if each not in mappings]:
            raise MappingSettingProblem(name, OWN_FIELDS, missing[0])
        found[name] = _after_others(mapping, referring, found) if referring else mapping
    return found


def _after_others(
    mapping: IntegrationTableMapping, referring: Mapping[str, MappingName], earlier: Mappings
) -> IntegrationTableMapping:
    parents = [each for each in referring.values() if each in earlier]
    later = {row for row, parent in referring.items() if parent not in earlier}
    return replace(
        mapping,
        depends_on=tuple(dict.fromkeys((*mapping.depends_on, *parents))),
        fields=tuple(
            replace(row, clear_value_on_failed_sync=True) if row.row_id in later else row
            for row in mapping.fields
        ),
    )


def referring_to(
    mappings: Mappings, changes: Mapping[str, Mapping[str, object]], wanted: MappingName
) -> list[tuple[MappingName, str]]:
    """Return the rows by which users have other mappings refer to one: each mapping with the name of the row."""
    return [
        (name, row.row_id)
        for name, mapping in mappings.items()
        if name != wanted
        for row in mapping.fields
        if row.row_id in own_ids(changes.get(name, {})) and row.reference and _referred_to(row) == wanted
    ]


def _referred_to(row: IntegrationFieldMapping) -> MappingName:
    assert row.reference is not None
    return row.reference.mapping
