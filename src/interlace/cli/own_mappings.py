"""`interlace mappings tables|add|remove`: mappings of one's own."""

import asyncio
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.own_mapping_keeping import (
    check_mapping,
    keep_mapping,
    remove_mapping,
    require_own,
)
from interlace.bootstrap.own_mapping_offer import EnteredMapping, Offered, read_offer
from interlace.cli.consent import require_consent
from interlace.cli.options import ConnectionName, Json, State, Yes, opened
from interlace.cli.output import Column, Output
from interlace.cli.own_rows import DIRECTION_OF, Way
from interlace.cli.spoken import t, words

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="MAPPING", help="Its name, such as 'PAYMENT METHOD'.", show_default=False)
]
_TABLE_COLUMNS = (
    Column(key="side", caption="Side"),
    Column(key="table", caption="Table"),
    Column(key="service", caption="Page service"),
    Column(key="key", caption="Key"),
    Column(key="mappings", caption="Mappings"),
)


def tables(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the tables of both services that a mapping of one's own can join, with the mappings that they have.

    Example: interlace mappings tables
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        offered = _offered(application, held, EnteredMapping())
        mappings = list(application.mappings(held).values())
    rows: list[dict[str, object]] = [
        {
            "side": "ERP",
            "table": each.name,
            "service": each.service,
            "key": list(each.key),
            "mappings": [it.name for it in mappings if it.erp_table == each.name],
        }
        for each in offered.erp
    ]
    rows += [
        {
            "side": "CRM",
            "table": each,
            "service": None,
            "key": [],
            "mappings": [it.name for it in mappings if it.integration_table == each],
        }
        for each in offered.crm
    ]
    output.rows(_TABLE_COLUMNS, rows, empty=t("There are no tables."))


def add(
    name: Name,
    *,
    erp: Annotated[
        str,
        typer.Option("--erp", metavar="TABLE", help="Table of the ERP, or the page service that shows it."),
    ],
    crm: Annotated[
        str, typer.Option("--crm", metavar="TABLE", help="Table of the CRM, by its logical name.")
    ],
    key: Annotated[
        str,
        typer.Option("--key", metavar="COLUMN", help="Column of the CRM's table that holds the ERP's key."),
    ],
    create_new: Annotated[
        bool,
        typer.Option("--create-new/--only-coupled", help="Whether every run creates what has no partner."),
    ] = False,
    direction: Annotated[
        Way,
        typer.Option(help="Where records travel; to the ERP only if its page service lets them be written."),
    ] = Way.TO_CRM,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let one more table of the ERP meet a table of the CRM. It takes no part before you let it.

    Records of the CRM that hold the key already are coupled. Further fields are added with `interlace mappings
    add-row`.

    Example: interlace mappings add "PAYMENT METHOD" --erp PaymentMethods --crm new_paymentmethod --key new_code
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        entered = EnteredMapping(
            name=name,
            erp_table=erp,
            crm_table=crm,
            crm_column=key,
            only_coupled=not create_new,
            direction=DIRECTION_OF[direction].value,
        )
        own = check_mapping(application, held, entered, _offered(application, held, entered))
        keep_mapping(application, held, own)
    output.record(
        {
            "mapping": own.name,
            "erp_table": own.erp_table,
            "integration_table": own.crm_table,
            "key": f"{own.erp_key}>{own.crm_column}",
            "direction": own.direction.value,
            "synch_only_coupled_records": own.only_coupled,
            "takes_part": False,
        }
    )
    output.message(
        t(
            'Add its field rows (`interlace mappings add-row "{mapping}"`), then let it take part: `interlace mappings '
            'set "{mapping}" takes_part=yes`.',
            mapping=own.name,
        )
    )


def remove(
    name: Name,
    connection: ConnectionName = None,
    state: State = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete a mapping of one's own with its couplings, errors and job log; records stay on both sides.

    Example: interlace mappings remove "PAYMENT METHOD"
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        [known] = application.known_mappings(held, [name])
        require_own(held, known)
        count = application.connection_store(held).count_couplings(known)
        question = words().n(
            "Delete {mapping} with {count} coupling? Records stay on both sides.",
            "Delete {mapping} with {count} couplings? Records stay on both sides.",
            count,
            mapping=known,
        )
        require_consent(question, given=yes)
        removed = remove_mapping(application, held, known)
    output.record({"mapping": known, "removed_couplings": removed})


def _offered(application: Application, held: Connection, entered: EnteredMapping) -> Offered:
    async def ask() -> Offered:
        """Ask both ends."""
        async with application.ends(held) as ends:
            return await read_offer(ends, entered)

    return asyncio.run(ask())
