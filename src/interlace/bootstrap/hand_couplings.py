"""Couples and uncouples records by hand: both must exist, and each such act is a job of its own."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.privileges import ask_privileges, require_privileges
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.coupling import Coupling
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import ErpKey, key_text
from interlace.domain.privilege import Access, Need
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.partner_names import forget_partners, free_partner, name_partner
from interlace.engine.ports import Record, TableView
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import Service, ServiceFailure
from interlace.locale.translatable import as_sentence, translatable

_KEY_PARTS = {table.name: len(table.key) for table in PUBLISHED_TABLES}

_AT_ONCE = 500
"""Couplings that are deleted at once."""


def key_parts(mapping: IntegrationTableMapping) -> int:
    """Return how many parts the keys of a mapping's ERP table have."""
    return _KEY_PARTS.get(mapping.erp_table, 1)


async def couple_by_hand(
    application: Application, connection: Connection, mapping: IntegrationTableMapping, coupling: Coupling
) -> None:
    """Couple two records, and let the CRM's name the ERP's.

    Raises ConnectionProblem if one doesn't exist or is coupled with another one; ServiceFailure if the CRM can't be
    written.
    """
    _check_keys(mapping, coupling)
    store = application.connection_store(connection)
    async with application.ends(connection) as ends:
        await _require_both(ends, mapping, coupling)
        run = naming_of(application, connection, mapping)
        if run is not None and not _is_taken(run, coupling):
            await require_naming(application, connection, mapping, ends)
            await free_partner(ends.crm, run, coupling.erp_key, coupling.crm_key)
            # Runs write nothing to records that are equal: nobody else would name the partner.
            await name_partner(ends.crm, run, coupling.erp_key, coupling.crm_key)
    job = coupling_job(mapping, SynchJobType.COUPLING, Counters(coupled=1))
    error = store.add_couplings([coupling], job)[0]
    if error is not None:
        store.finish_job(replace(job, counters=Counters(failed=1), message=error.message))
        raise ConnectionProblem(error.message)


async def couple_instead_by_hand(
    application: Application,
    connection: Connection,
    mapping: IntegrationTableMapping,
    coupling: Coupling,
    replaced: Coupling,
) -> None:
    """Couple two records in place of an earlier coupling of one of them.

    Nothing is removed before both are known to exist and to be free. If they can't be coupled then, the earlier
    coupling is made again, as far as its records still exist. Raises as `couple_by_hand` does.
    """
    _check_keys(mapping, coupling)
    store = application.connection_store(connection)
    for side, key in ((Side.ERP, coupling.erp_key), (Side.CRM, coupling.crm_key)):
        held = store.couplings_by_key(mapping.name, side, [key]).get(key)
        if held is not None and held.erp_key != replaced.erp_key:
            msg = translatable(
                "{key} is coupled with another record of {name} already. Nothing was changed.",
                key=key_text(key),
                name=mapping.name,
            )
            raise ConnectionProblem(msg)
    async with application.ends(connection) as ends:
        await _require_both(ends, mapping, coupling)
    await uncouple_by_hand(application, connection, mapping, [replaced.erp_key])
    try:
        await couple_by_hand(application, connection, mapping, coupling)
    except (ConnectionProblem, ServiceFailure):
        with suppress(ConnectionProblem, ServiceFailure):
            await couple_by_hand(application, connection, mapping, replaced)
        raise


async def uncouple_by_hand(
    application: Application, connection: Connection, mapping: IntegrationTableMapping, keys: Sequence[ErpKey]
) -> int:
    """Uncouple records by their ERP keys, and let the CRM's forget them.

    Raises ConnectionProblem, and removes nothing, if one isn't coupled; ServiceFailure if the CRM can't be written.
    """
    store = application.connection_store(connection)
    known = store.couplings_by_key(mapping.name, Side.ERP, keys)
    unknown = [key_text(key) for key in keys if key not in known]
    if unknown:
        msg = translatable(
            "Not coupled in {name}: {unknown}. Nothing was removed. `interlace couplings list "
            "{name}` lists the ERP keys.",
            name=mapping.name,
            unknown=", ".join(unknown),
        )
        raise ConnectionProblem(msg)
    run = naming_of(application, connection, mapping)
    if run is not None:
        async with application.ends(connection) as ends:
            await require_naming(application, connection, mapping, ends)
            await forget_partners(ends.crm, run, {each.crm_key: each.erp_key for each in known.values()})
    removed = store.remove_couplings(mapping.name, keys)
    store.finish_job(coupling_job(mapping, SynchJobType.UNCOUPLING, Counters(uncoupled=removed)))
    return removed


async def uncouple_all(
    application: Application, connection: Connection, mapping: IntegrationTableMapping
) -> int:
    """Uncouple every record of a mapping, part by part; what is uncoupled when one fails stays so.

    Raises ConnectionProblem or a ServiceFailure.
    """
    store, removed = application.connection_store(connection), 0
    while page := store.couplings_page(mapping.name, None, _AT_ONCE):
        removed += await uncouple_by_hand(application, connection, mapping, [each.erp_key for each in page])
    return removed


def naming_of(
    application: Application, connection: Connection, mapping: IntegrationTableMapping
) -> RunSetup | None:
    """Return what says how the CRM's records name their partners; None where they don't, or an order's way does."""
    if mapping.run_by_saga or mapping.choice_column is not None or not mapping.carries_erp_reference:
        return None
    require_home(connection.settings, application.config)
    return application.run_setup(
        connection, mapping.name, run_id=str(uuid4()), create_new=False, compare_all=False
    )


async def require_naming(
    application: Application, connection: Connection, mapping: IntegrationTableMapping, ends: Ends
) -> None:
    """Refuse to name partners that may not be named; raises PrivilegesMissing."""
    need = Need(side=Side.CRM, table=mapping.integration_table, access=Access.WRITE)
    require_privileges(application, connection, await ask_privileges(ends), (), {need: (mapping.name,)})


def _is_taken(run: RunSetup, coupling: Coupling) -> bool:
    sides = ((Side.ERP, coupling.erp_key), (Side.CRM, coupling.crm_key))
    return any(run.couplings_by_key(side, (key,)) for side, key in sides)


def _check_keys(mapping: IntegrationTableMapping, coupling: Coupling) -> None:
    parts = key_parts(mapping)
    if len(coupling.erp_key.split("\x1f")) != parts:
        msg = translatable(
            "{coupling} is no key of the ERP's table {erp_table}: it needs {parts} parts with commas "
            "between them.",
            coupling=repr(key_text(coupling.erp_key)),
            erp_table=mapping.erp_table,
            parts=parts,
        )
        raise ConnectionProblem(msg)
    if not _is_crm_key(mapping, coupling.crm_key):
        kind = (
            translatable("the number of a choice")
            if mapping.choice_column is not None
            else translatable("the id (GUID) of a record")
        )
        msg = translatable(
            "{crm_key} is no key of the CRM's table {integration_table}. Give {kind}.",
            crm_key=repr(coupling.crm_key),
            integration_table=mapping.integration_table,
            kind=as_sentence(kind),
        )
        raise ConnectionProblem(msg)


def _is_crm_key(mapping: IntegrationTableMapping, key: str) -> bool:
    if mapping.choice_column is not None:
        return key.isdecimal()
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False


def both_views(mapping: IntegrationTableMapping) -> dict[Side, TableView]:
    """Return both tables of a mapping as its records are looked for by key."""
    return {
        Side.ERP: TableView(side=Side.ERP, table=mapping.erp_table, fields=mapping.erp_fields),
        Side.CRM: TableView(
            side=Side.CRM,
            table=mapping.integration_table,
            fields=mapping.crm_fields,
            choice_column=mapping.choice_column,
        ),
    }


async def _require_both(ends: Ends, mapping: IntegrationTableMapping, coupling: Coupling) -> None:
    views = both_views(mapping)
    await _require(views[Side.ERP], ends.erp, coupling.erp_key)
    await _require(views[Side.CRM], ends.crm, coupling.crm_key)


async def _require(view: TableView, service: Service, key: str) -> None:
    found: list[Record | None] = await service.read_keys(view, (key,))
    if found == [None]:
        end = "ERP" if view.side is Side.ERP else "CRM"
        msg = translatable(
            "The {end}'s table {table} has no record {key}. Correct the key; nothing was coupled.",
            end=end,
            table=view.table,
            key=key_text(key),
        )
        raise ConnectionProblem(msg)


def coupling_job(mapping: IntegrationTableMapping, kind: SynchJobType, counters: Counters) -> SynchJob:
    """Return the job that an act by hand is."""
    now = datetime.now(UTC)
    return SynchJob(
        id=str(uuid4()),
        mapping=mapping.name,
        direction=mapping.passes[0],
        type=kind,
        started_at=now,
        finished_at=now,
        counters=counters,
    )
