"""`interlace mappings`: which table meets which, field by field, and whether both ends have what they need."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_problems import find_mapping_problems, mappings_to_check
from interlace.cli.captions import direction_text
from interlace.cli.conflict_policies import FIELD_PREFIX, field_policies
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
    MatchRule,
)
from interlace.domain.table_filter import Condition, TableFilter
from interlace.store.encoding import JsonValue

commands = typer.Typer(help="Integration table mappings: which table meets which.", no_args_is_help=True)

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="MAPPING", help="Mapping, such as CUSTOMER.", show_default=False)
]
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "direction": tuple(each.value for each in Direction),
    "synch_only_coupled_records": ("yes", "no"),
    "update_conflict_resolution": tuple(
        each.value for each in UpdateConflictResolution if not each.makes_one_of_both
    ),
    "deletion_conflict_resolution": tuple(each.value for each in DeletionConflictResolution),
}
_LIST_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="erp_table", caption="ERP table"),
    Column(key="integration_table", caption="Integration table"),
    Column(key="direction", caption="Direction"),
    Column(key="synch_only_coupled_records", caption="Only coupled"),
    Column(key="fields", caption="Fields", number=True),
    Column(key="depends_on", caption="Depends on"),
    Column(key="changed", caption="Changed"),
)
_FIELD_COLUMNS = (
    Column(key="erp_field", caption="ERP field"),
    Column(key="direction", caption="Direction"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="remarks", caption="What happens on the way"),
)
_PROBLEM_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="row", caption="Field row"),
    Column(key="message", caption="What is wrong, and what to do"),
)


@commands.command("list")
def list_mappings(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the mappings in the order in which they run.

    Example: interlace mappings list
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        changes = application.state.mapping_settings(held.id)
        rows = [
            {
                **_header(mapping, as_json=as_json),
                "fields": len(mapping.fields),
                "changed": list(changes.get(mapping.name, {})),
            }
            for mapping in application.mappings(held).values()
        ]
    output.rows(_LIST_COLUMNS, rows, empty="There are no mappings.")


@commands.command()
def show(
    name: Name, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Show a mapping: tables, policies, filters, and every field row.

    Example: interlace mappings show CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        mapping = _mapping(application, application.connection(connection), name)
    header = {
        **_header(mapping, as_json=as_json),
        "update_conflict_resolution": mapping.update_conflict_resolution.value,
        "deletion_conflict_resolution": mapping.deletion_conflict_resolution.value,
        "table_filter": _filter_texts(mapping.table_filter),
        "integration_table_filter": _filter_texts(mapping.integration_table_filter),
        "match_by": [_match_text(rule) for rule in mapping.match_rules],
        "table_config_template": [f"{each.field} = {each.value}" for each in mapping.table_config_template],
        "integration_table_config_template": [
            f"{each.field} = {each.value}" for each in mapping.integration_table_config_template
        ],
    }
    rows = [_field_row(row, as_json=as_json) for row in mapping.fields]
    if as_json:
        output.record({**header, "fields": rows})
        return
    output.record(header)
    output.stdout.write("\n")
    output.rows(_FIELD_COLUMNS, rows, empty="It has no field rows.")


@commands.command()
def check(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MAPPING", help="Mapping; none: all of them.", show_default=False),
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Check mappings against the fields that both ends really have; exit code 4 if something must be corrected.

    Example: interlace mappings check CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        every = list(mappings_to_check(application, held))
        names = every if name is None else application.known_mappings(held, [name])
        problems = asyncio.run(find_mapping_problems(application, held, names))
    rows = [{"mapping": each.mapping, "row": each.row, "message": each.message} for each in problems]
    checked = "1 mapping" if len(names) == 1 else f"{len(names)} mappings"
    output.rows(_PROBLEM_COLUMNS, rows, empty=f"{checked} checked: both ends have every table and field.")
    raise typer.Exit(ExitCode.CONFIGURATION if problems else ExitCode.OK)


@commands.command("set")
def set_values(
    name: Name,
    values: Annotated[
        list[str],
        typer.Argument(metavar="SETTING=VALUE", help="What to change.", show_default=False),
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Change a mapping's direction or policies; the next run works with them.

    A field's own answer to a conflict is written conflict.FIELD=VALUE; without a value the mapping's holds again.

    Example: interlace mappings set CUSTOMER synch_only_coupled_records=no conflict.Phone_No=Filled
    "update_conflict_resolution=Send Update to Integration"
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        mapping = _mapping(application, held, name)
        known = application.state.mapping_settings(held.id).get(mapping.name, {})
        fields = {text for text in values if text.casefold().startswith(FIELD_PREFIX)}
        changes = dict(_parsed(value) for value in values if value not in fields)
        changes |= field_policies(mapping, known, [text for text in values if text in fields])
        changed = change_mapping(application, held, mapping, changes)
    output.record({"mapping": mapping.name, **changed})


@commands.command()
def reset(
    name: Name, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Take back everything that was changed in a mapping.

    Example: interlace mappings reset CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        mapping = _mapping(application, held, name)
        known = application.state.mapping_settings(held.id).get(mapping.name, {})
        application.state.store_mapping_settings(held.id, mapping.name, {})
    output.record({"mapping": mapping.name, "reset": list(known)})


def _mapping(application: Application, held: Connection, name: str) -> IntegrationTableMapping:
    return application.mappings(held)[application.known_mappings(held, [name])[0]]


def _parsed(text: str) -> tuple[str, JsonValue]:
    """Read SETTING=VALUE; raises ConnectionProblem naming what would be possible."""
    name, sign, value = text.partition("=")
    name, value = name.strip().lower(), value.strip()
    if not sign or name not in _CHOICES:
        msg = f"{text!r} is no setting of a mapping. Write SETTING=VALUE; settings: {', '.join(_CHOICES)}."
        raise ConnectionProblem(msg)
    for choice in _CHOICES[name]:
        if choice.casefold() == value.casefold():
            return name, choice == "yes" if choice in {"yes", "no"} else choice
    msg = f"{name} can't be {value!r}. Possible: {', '.join(_CHOICES[name])}."
    raise ConnectionProblem(msg)


def _header(mapping: IntegrationTableMapping, *, as_json: bool) -> dict[str, object]:
    table = mapping.integration_table
    return {
        "mapping": mapping.name,
        "erp_table": mapping.erp_table,
        "integration_table": table if mapping.choice_column is None else f"{table}.{mapping.choice_column}",
        "direction": direction_text(mapping.direction, as_json=as_json),
        "synch_only_coupled_records": mapping.synch_only_coupled_records,
        "depends_on": list(mapping.depends_on),
    }


def _field_row(row: IntegrationFieldMapping, *, as_json: bool) -> dict[str, object]:
    return {
        "erp_field": row.erp_field,
        "direction": direction_text(row.direction, as_json=as_json),
        "crm_field": row.crm_field,
        "remarks": _remarks(row) if as_json else "; ".join(_remarks(row)),
    }


def _remarks(row: IntegrationFieldMapping) -> list[str]:
    remarks = []
    if row.is_constant:
        constant = row.constant
        text = constant.value.replace("_", " ") if isinstance(constant, NamedKey) else constant
        remarks.append(f"always {'blank' if text is None else text}")
    if row.reference is not None:
        remarks.append(f"through the couplings of {row.reference.mapping}")
        if row.reference.blank is not None:
            remarks.append(f"blank stands for the {row.reference.blank.value.replace('_', ' ')}")
    remarks += [f"to the CRM {rule.describe()}" for rule in row.to_rules]
    remarks += [f"to the ERP {rule.describe()}" for rule in row.from_rules]
    flags = (
        (row.insert_only, "only for new records"),
        (row.after_insert, "written once the record exists"),
        (row.clear_value_on_failed_sync, "cleared while its record isn't coupled"),
        (row.not_null, "a blank leaves the other side as it is"),
    )
    remarks += [text for holds, text in flags if holds]
    if row.merge_group is not None:
        remarks.append(f"part of the {row.merge_group}: in a conflict it is taken from one side whole")
    if row.conflict_resolution is not None:
        remarks.append(f"in a conflict: {row.conflict_resolution.value}")
    return remarks


def _filter_texts(table_filter: TableFilter) -> list[str]:
    return [_condition_text(condition) for condition in table_filter.conditions]


def _condition_text(condition: Condition) -> str:
    target: object = condition.value if condition.other_field is None else condition.other_field
    if isinstance(target, bool):
        target = "yes" if target else "no"
    parts: Sequence[object] = (condition.field, condition.comparison.value, target)
    return " ".join(str(part) for part in parts if part is not None)


def _match_text(rule: MatchRule) -> str:
    prefix = f"{rule.erp_prefix!r} + " if rule.erp_prefix else ""
    return f"{prefix}{rule.erp_field} = {rule.crm_field}"
