"""Writes couplings as rows of the built-in connector's table 5331: the way back to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_file import WrittenCoupling, written_couplings
from interlace.bootstrap.ends import Ends
from interlace.domain.coupling import Coupling, CouplingState
from interlace.domain.keys import ErpKey, MappingName
from interlace.lead_to_cash.built_in_couplings import TABLE_NUMBERS
from interlace.store.connection_store import ConnectionStore

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCouplings:
    """Rows of table 5331, and what could not become one."""

    text: str
    count: int
    without_id: Mapping[str, int]
    """Couplings whose ERP record has no id that anybody tells, by mapping."""


async def exported_couplings(
    application: Application,
    connection: Connection,
    ends: Ends,
    record_ids: Mapping[tuple[int, str], str],
) -> ExportedCouplings:
    """Return the couplings that the built-in connector knows, too; ids that no file tells are asked of the ERP."""
    store, mappings = application.connection_store(connection), application.mappings(connection)
    rows: list[WrittenCoupling] = []
    without_id: dict[str, int] = {}
    for name, number in TABLE_NUMBERS.items():
        couplings = [each for each in _couplings(store, name) if each.state is CouplingState.COUPLED]
        if not couplings:
            continue
        table = mappings[name].erp_table
        told = await ends.erp.record_ids(table) or {}
        ids = {key: erp_id for erp_id, key in told.items()}
        ids |= {key: erp_id for (of_table, erp_id), key in record_ids.items() if of_table == number}
        known = [each for each in couplings if each.erp_key in ids]
        if len(known) < len(couplings):
            without_id[name] = len(couplings) - len(known)
        rows += [
            WrittenCoupling(
                table=number,
                erp_id=ids[each.erp_key],
                crm_key=each.crm_key,
                record=f"{table.replace('_', ' ')}: {each.erp_key}",
            )
            for each in known
        ]
    return ExportedCouplings(text=written_couplings(rows), count=len(rows), without_id=without_id)


def _couplings(store: ConnectionStore, name: MappingName) -> Iterator[Coupling]:
    after: ErpKey | None = None
    while page := store.couplings_page(name, after, _AT_ONCE):
        yield from page
        after = page[-1].erp_key
