"""Reads what a person writes about the conflict policies of single fields."""

from collections.abc import Mapping, Sequence

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

FIELD_PREFIX = "conflict."
SETTING = "field_conflict_resolution"


def field_policies(
    mapping: IntegrationTableMapping, known: Mapping[str, JsonValue], texts: Sequence[str]
) -> dict[str, JsonValue]:
    """Read conflict.FIELD=VALUE settings into the mapping's setting for all its fields; none without such texts."""
    if not texts:
        return {}
    held = known.get(SETTING, {})
    assert isinstance(held, dict)
    policies = dict(held)
    for text in texts:
        name, _, value = text[len(FIELD_PREFIX) :].partition("=")
        row = row_of(mapping, name.strip())
        if value.strip():
            policies[row] = _resolution(value.strip()).value
        else:
            policies.pop(row, None)
    return {SETTING: policies}


def row_of(mapping: IntegrationTableMapping, field: str) -> str:
    """Return the name of the two-way row that a person means by one of its fields; raises ConnectionProblem."""
    names = row_names([row.row_id for row in mapping.fields])
    rows = {
        name: row
        for name, row in zip(names, mapping.fields, strict=True)
        if row.direction is Direction.BIDIRECTIONAL and not row.is_constant
    }
    wanted = field.casefold()
    found = [
        name
        for name, row in rows.items()
        if wanted in {name.casefold(), (row.erp_field or "").casefold(), (row.crm_field or "").casefold()}
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConnectionProblem(
            translatable(
                "'{field}' is in several field rows of {name}: name one of {known}.",
                field=field,
                name=mapping.name,
                known=", ".join(found),
            )
        )
    raise ConnectionProblem(
        translatable(
            "{name} has no two-way field '{field}'; only such fields can be in conflict. Fields: {known}.",
            name=mapping.name,
            field=field,
            known=", ".join(str(row.erp_field) for row in rows.values()) or "-",
        )
    )


def _resolution(text: str) -> UpdateConflictResolution:
    for each in UpdateConflictResolution:
        if each.value.casefold() == text.casefold():
            return each
    known = ", ".join(each.value for each in UpdateConflictResolution)
    raise ConnectionProblem(
        translatable("'{text}' is no conflict policy. Possible: {known}.", text=text, known=known)
    )
