"""`interlace mappings`: which table meets which, field by field, and whether both ends have what they need."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import (
    FILTERS,
    change_mapping,
    changes_filter,
    reset_mapping,
    set_part,
)
from interlace.bootstrap.mapping_conditions import condition_text, conditions_of
from interlace.bootstrap.mapping_problems import find_mapping_problems, mappings_to_check
from interlace.bootstrap.mapping_texts import filter_texts, match_text, remarks_of, template_text
from interlace.bootstrap.own_rows import row_name
from interlace.cli.captions import direction_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.mapping_settings import TAKES_PART, read_settings
from interlace.cli.mapping_trials import count, export_settings, fields, import_settings, try_mapping
from interlace.cli.options import ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.own_mappings import add, remove, tables
from interlace.cli.own_rows import add_row, change_row, remove_row, row_fields
from interlace.cli.spoken import said, t, words
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

commands = typer.Typer(help="Integration table mappings: which table meets which.", no_args_is_help=True)

_LIST_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="erp_table", caption="ERP table"),
    Column(key="integration_table", caption="Integration table"),
    Column(key="direction", caption="Direction"),
    Column(key="synch_only_coupled_records", caption="Only coupled"),
    Column(key="fields", caption="Fields", number=True),
    Column(key="depends_on", caption="Depends on"),
    Column(key="takes_part", caption="Takes part"),
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
        changes, part = application.state.mapping_settings(held.id), application.taking_part(held)
        rows = [
            {
                **_header(mapping, as_json=as_json),
                "fields": len(mapping.fields),
                TAKES_PART: mapping.name in part,
                "changed": list(changes.get(mapping.name, {})),
            }
            for mapping in application.mappings(held).values()
        ]
    output.rows(_LIST_COLUMNS, rows, empty="There are no mappings.")


@commands.command()
def show(
    name: OneMapping, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
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
        "table_filter": filter_texts(mapping.table_filter),
        "integration_table_filter": filter_texts(mapping.integration_table_filter),
        "match_by": [match_text(rule) for rule in mapping.match_rules],
        "table_config_template": [template_text(each) for each in mapping.table_config_template],
        "integration_table_config_template": [
            template_text(each) for each in mapping.integration_table_config_template
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
    nothing = words().n(
        "{count} mapping checked: both ends have every table and field.",
        "{count} mappings checked: both ends have every table and field.",
        len(names),
    )
    output.rows(_PROBLEM_COLUMNS, rows, empty=nothing)
    raise typer.Exit(ExitCode.CONFIGURATION if problems else ExitCode.OK)


@commands.command("set")
def set_values(
    name: OneMapping,
    values: Annotated[
        list[str],
        typer.Argument(metavar="SETTING=VALUE", help="What to change.", show_default=False),
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Change a mapping's direction, policies, filters or field rows; the next run works with them.

    A field's own answer to a conflict is written conflict.FIELD=VALUE; without a value the mapping's holds again.
    enabled.FIELD=no leaves a field row out. table_filter and integration_table_filter take conditions with semicolons
    between them, which narrow the mapping's own filter; without a value none is left. takes_part=no leaves the mapping
    out of the connection.

    Example: interlace mappings set CUSTOMER synch_only_coupled_records=no conflict.Phone_No=Filled
    "table_filter=Country_Region_Code one of NO|FI" "update_conflict_resolution=Send Update to Integration"
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        known = application.known_mappings(held, [name])[0]
        default = application.mappings_with(held, {})[known]
        changes = read_settings(application, held, default, values)
        part = changes.pop(TAKES_PART, None)
        is_filtered = changes_filter(application, held, known, changes)
        takes_part = None if part is None else bool(part)
        changed = change_mapping(application, held, default, changes, takes_part=takes_part)
        if part is not None:
            held = set_part(application, held, known, takes_part=bool(part))
        takes_part = known in application.taking_part(held)
    shown = changed if as_json else {each: _setting_text(value) for each, value in changed.items()}
    output.record({"mapping": known, **shown, TAKES_PART: takes_part})
    if is_filtered:
        _tell_filter(output, known)


@commands.command()
def reset(
    name: OneMapping, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Take back everything that was changed in a mapping.

    Example: interlace mappings reset CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        known = application.known_mappings(held, [name])[0]
        is_filtered = changes_filter(application, held, known, dict.fromkeys(FILTERS))
        taken_back = reset_mapping(application, held, known)
    output.record({"mapping": known, "reset": taken_back})
    if is_filtered:
        _tell_filter(output, known)


commands.command("fields")(fields)
commands.command("count")(count)
commands.command("try")(try_mapping)
commands.command("export")(export_settings)
commands.command("import")(import_settings)
commands.command("row-fields")(row_fields)
commands.command("add-row")(add_row)
commands.command("change-row")(change_row)
commands.command("remove-row")(remove_row)
commands.command("tables")(tables)
commands.command("add")(add)
commands.command("remove")(remove)


def _tell_filter(output: Output, name: MappingName) -> None:
    output.message(
        t(
            "Records that come in by the filter are taken up by `interlace synch {mapping} --full`.",
            mapping=name,
        )
    )


def _setting_text(value: JsonValue) -> JsonValue:
    """Write a filter's conditions as `mappings set` takes them, and rows of one's own by their names."""
    if not isinstance(value, list) or not any(isinstance(each, dict) for each in value):
        return value
    if any(isinstance(each, dict) and "direction" in each for each in value):
        return ", ".join(row_name(each) for each in value if isinstance(each, dict))
    return "; ".join(condition_text(each) for each in conditions_of(value))


def _mapping(application: Application, held: Connection, name: str) -> IntegrationTableMapping:
    return application.mappings(held)[application.known_mappings(held, [name])[0]]


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
    remarks = remarks_of(row)
    if row.conflict_resolution is not None:
        remarks.append(translatable("in a conflict: {policy}", policy=row.conflict_resolution.value))
    return {
        "erp_field": row.erp_field,
        "direction": direction_text(row.direction, as_json=as_json),
        "crm_field": row.crm_field,
        "remarks": remarks if as_json else "; ".join(said(each) for each in remarks),
    }
