"""`interlace couplings`: which record is coupled with which, and couplings made or removed by hand."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.hand_couplings import (
    couple_by_hand,
    couple_instead_by_hand,
    key_parts,
    uncouple_all,
    uncouple_by_hand,
)
from interlace.cli.captions import key_text, typed_key
from interlace.cli.consent import require_consent
from interlace.cli.coupling_exchange import export_couplings, import_couplings
from interlace.cli.coupling_shadow import shadow
from interlace.cli.list_options import ListQuestion, with_list_options
from interlace.cli.matching import criteria
from interlace.cli.matching import dry_run as show_matches
from interlace.cli.options import (
    ConnectionName,
    Json,
    OneMapping,
    State,
    Yes,
    mapping_called,
    opened,
)
from interlace.cli.output import Column, Output
from interlace.cli.spoken import t, words
from interlace.domain.coupling import Coupling
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import translatable

commands = typer.Typer(help="Couplings: which ERP record belongs to which CRM record.", no_args_is_help=True)

_COUNT_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="couplings", caption="Couplings", number=True),
)
_PAGE_COLUMNS = (
    Column(key="erp_key", caption="ERP record"),
    Column(key="crm_key", caption="CRM record"),
    Column(key="state", caption="State"),
    Column(key="agreed", caption="Compared"),
)
_AGREED_COLUMNS = (
    Column(key="erp_field", caption="ERP field"),
    Column(key="erp_value", caption="ERP value"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="crm_value", caption="CRM value"),
)


@commands.command("list")
@with_list_options
def list_couplings(
    mapping: Annotated[
        str | None,
        typer.Argument(help="Mapping; none: how many couplings each mapping has.", show_default=False),
    ] = None,
    *,
    after: Annotated[
        str | None, typer.Option(help="ERP key after which the page begins.", show_default=False)
    ] = None,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="Couplings a page.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Count the couplings of every mapping, or list those of one, page by page in the order of the ERP's keys.

    With filters, search or order: those that fit, of one mapping or all.

    Example: interlace couplings list CUSTOMER --filter 'erp_name=@*bakery*' --sort erp_name
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        if not question.is_blank:
            from interlace.cli.listed_couplings import show_couplings

            if after is not None:
                raise ConnectionProblem(
                    translatable("--after goes on by the ERP's keys, without filters. Leave it out.")
                )
            name = mapping_called(application, held, mapping)
            show_couplings(application, output, held, name, question, limit)
        elif mapping is None:
            counts = application.state.queries.count_couplings(held.id)
            rows = [
                {"mapping": each, "couplings": counts.get(each, 0)} for each in application.mappings(held)
            ]
            output.rows(_COUNT_COLUMNS, rows, empty="There are no mappings.")
        else:
            _show_page(application, output, held, _mapping(application, held, mapping), after, limit)


def _show_page(
    application: Application,
    output: Output,
    held: Connection,
    chosen: IntegrationTableMapping,
    after: str | None,
    limit: int,
) -> None:
    """Write couplings of a mapping in the order of the ERP's keys, and how the next ones are had."""
    start = None if after is None else ErpKey(typed_key(after, parts=key_parts(chosen)))
    page = application.connection_store(held).couplings_page(chosen.name, start, limit + 1)
    rows = [_page_row(each) for each in page[:limit]]
    nothing = (
        translatable("No couplings.")
        if after is None
        else translatable("No couplings after {key}.", key=after)
    )
    output.rows(_PAGE_COLUMNS, rows, empty=nothing)
    if len(page) > limit:
        last = key_text(page[limit - 1].erp_key)
        command = f"interlace couplings list {chosen.name} --after '{last}'"
        output.message(translatable("There are more: {command}", command=command))


@commands.command()
def show(
    key: Annotated[str, typer.Argument(help="Key of the record on either side.", show_default=False)],
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only this mapping.", show_default=False)
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the couplings of a record, with what both sides last agreed on, field by field.

    Example: interlace couplings show C00010 --mapping CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        mappings = application.mappings(held)
        name = mapping_called(application, held, mapping)
        found = _couplings_of(application, held, key, name)
        for each in found:
            _show_coupling(output, each, mappings[each.mapping])


@commands.command()
def add(
    mapping: OneMapping,
    erp_key: Annotated[str, typer.Argument(help="Key of the ERP record.", show_default=False)],
    crm_key: Annotated[str, typer.Argument(help="Id of the CRM record.", show_default=False)],
    connection: ConnectionName = None,
    state: State = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of the ERP record's coupling, if it has one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Couple two existing records by hand; the next run compares them.

    Example: interlace couplings add CUSTOMER C00010 6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        chosen = _mapping(application, held, mapping)
        coupling = Coupling(
            mapping=chosen.name,
            erp_key=ErpKey(typed_key(erp_key, parts=key_parts(chosen))),
            crm_key=CrmKey(crm_key.strip("{}").lower()),
            agreed=None,
        )
        earlier = application.connection_store(held).couplings_by_key(
            chosen.name, Side.ERP, [coupling.erp_key]
        )
        if replace and earlier:
            old = earlier[coupling.erp_key]
            asyncio.run(couple_instead_by_hand(application, held, chosen, coupling, old))
        else:
            asyncio.run(couple_by_hand(application, held, chosen, coupling))
    output.record(
        {"mapping": chosen.name, "erp_key": key_text(coupling.erp_key), "crm_key": coupling.crm_key}
    )
    output.message(
        translatable(
            "Coupled. {command} compares the two records.", command=f"`interlace synch {chosen.name}`"
        )
    )


@commands.command()
def remove(
    mapping: OneMapping,
    erp_keys: Annotated[
        list[str], typer.Argument(metavar="ERP_KEY", help="Keys of ERP records.", show_default=False)
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Uncouple records; they stay on both sides, and the CRM's no longer name the ERP's.

    Example: interlace couplings remove CUSTOMER C00010 C00020 --yes
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        chosen = _mapping(application, held, mapping)
        keys = [ErpKey(typed_key(key, parts=key_parts(chosen))) for key in erp_keys]
        question = words().n(
            "Uncouple {count} record of {mapping}? Its values stay on both sides.",
            "Uncouple {count} records of {mapping}? Their values stay on both sides.",
            len(keys),
            mapping=chosen.name,
        )
        require_consent(question, given=yes)
        removed = asyncio.run(uncouple_by_hand(application, held, chosen, keys))
    output.record({"mapping": chosen.name, "removed": removed})


@commands.command("remove-all")
def remove_all(
    mapping: OneMapping,
    connection: ConnectionName = None,
    state: State = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Uncouple every record of a mapping; they stay on both sides, and the CRM's no longer name the ERP's.

    Example: interlace couplings remove-all CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        chosen = _mapping(application, held, mapping)
        count = application.connection_store(held).count_couplings(chosen.name)
        question = t("Delete all {count} couplings of {mapping}?", count=count, mapping=chosen.name)
        require_consent(question, given=yes or not count)
        removed = asyncio.run(uncouple_all(application, held, chosen))
    output.record({"mapping": chosen.name, "removed": removed})


@commands.command()
def match(
    mapping: OneMapping,
    connection: ConnectionName = None,
    state: State = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be coupled.")] = False,
    as_json: Json = False,
) -> None:
    """Couple records of both sides that the mapping's criteria, or its match rules, find to be the same.

    Criteria are chosen with `interlace couplings criteria`. Nothing is created unless they say so.

    Example: interlace couplings match CUSTOMER --dry-run
    """
    from interlace.cli.record_desk import ask
    from interlace.management.record_changes import MATCH, OfMapping

    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        if dry_run:
            show_matches(application, held, _mapping(application, held, mapping), output)
            return
        before = application.state.queries.count_couplings(held.id)
        begun = ask(application, MATCH, OfMapping(connection=held.id, mapping=mapping))
        name = _mapping(application, held, mapping).name
        after = application.state.queries.count_couplings(held.id)
    added = after.get(name, 0) - before.get(name, 0)
    output.record({"mapping": name, "run": begun.run_id, "coupled": added})


commands.command()(criteria)
commands.command("import")(import_couplings)
commands.command("export")(export_couplings)
commands.command()(shadow)


def _mapping(application: Application, held: Connection, name: str) -> IntegrationTableMapping:
    return application.mappings(held)[application.known_mappings(held, [name])[0]]


def _couplings_of(
    application: Application, held: Connection, key: str, mapping: MappingName | None
) -> list[Coupling]:
    queries = application.state.queries
    spellings = dict.fromkeys((key, key.upper(), key.strip("{}").lower(), typed_key(key, parts=2)))
    for spelling in spellings:
        found = queries.couplings_of_key(held.id, spelling, mapping)
        if found:
            return found
    raise ConnectionProblem(
        translatable(
            "No coupling has the key '{key}' on either side. `interlace couplings list MAPPING` lists the keys, "
            "`interlace errors` says why a record isn't coupled.",
            key=key,
        )
    )


def _page_row(each: Coupling) -> dict[str, object]:
    return {
        "erp_key": key_text(each.erp_key),
        "crm_key": each.crm_key,
        "state": each.state.value,
        "agreed": each.agreed is not None,
    }


def _show_coupling(output: Output, each: Coupling, mapping: IntegrationTableMapping) -> None:
    head = {
        "mapping": each.mapping,
        "erp_key": key_text(each.erp_key),
        "crm_key": each.crm_key,
        "state": each.state.value,
        "erp_tag": each.erp_tag,
        "crm_tag": each.crm_tag,
    }
    rows = _agreed_rows(each, mapping)
    if not output.as_json:
        # Whole numbers are choices here, not amounts: no thousands separators.
        rows = [{name: str(v) if type(v) is int else v for name, v in row.items()} for row in rows]
    if output.as_json:
        output.record({**head, "agreed": rows})
        return
    output.record(head)
    output.stdout.write("\n")
    nothing = translatable(
        "The two records were never compared, or their field rows have changed: the next run compares them."
    )
    output.rows(_AGREED_COLUMNS, rows, empty=nothing)


def _agreed_rows(each: Coupling, mapping: IntegrationTableMapping) -> list[dict[str, object]]:
    """Return the agreed values by field; none where they belong to field rows that the mapping no longer has."""
    if each.agreed is None or each.agreed.layout != mapping.layout:
        return []
    return [
        {
            "erp_field": row.erp_field,
            "erp_value": erp_value,
            "crm_field": row.crm_field,
            "crm_value": crm_value,
        }
        for row, pair in zip(mapping.fields, each.agreed.pairs, strict=True)
        # A row of which nobody knows what was agreed shows nothing.
        for erp_value, crm_value in [pair or (None, None)]
    ]
