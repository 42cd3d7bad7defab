"""Who is responsible for records: their salesperson's e-mail address, as both sides agreed; no service is asked."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.domain.conflict import Conflict
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value, canonical
from interlace.engine.saga_memory import TrackedDocument
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.lead_to_cash.order_sagas import orders_sagas

_ADDRESS: Final = "internalemailaddress"
_SIDES: Final = {saga.name: saga.side for saga in orders_sagas(two_way=True)}

_Owner = tuple[Side, str]
"""The code of a salesperson in the ERP, or the key of a user in the CRM."""
_Record = tuple[MappingName, str]


class Owners:
    """Who is responsible for what in one connection."""

    def __init__(self, application: Application, connection: Connection) -> None:
        self._application = application
        self._connection = connection
        self._store = application.connection_store(connection)

    def of_conflicts(self, conflicts: Sequence[Conflict]) -> dict[_Record, str]:
        """Return the address of whoever is responsible, by mapping and ERP key; what is nobody's is left out."""
        owners: dict[_Record, _Owner] = {}
        for mapping in sorted({each.mapping for each in conflicts}):
            row = next((each for each in self._rows(mapping) if _names_owner(each)), None)
            keys = [each.erp_key for each in conflicts if each.mapping == mapping]
            agreed = {} if row is None else self._agreed(mapping, row, Side.ERP, keys)
            for key, pair in agreed.items():
                if (owner := _owner(pair)) is not None:
                    owners[mapping, key] = owner
        return self._addresses(owners)

    def of_documents(self, documents: Iterable[TrackedDocument]) -> dict[_Record, str]:
        """Return the address of whoever is responsible, by mapping and key; what is nobody's is left out."""
        return self._addresses(
            {(each.mapping, each.key): (_SIDES[each.mapping], each.owner) for each in documents if each.owner}
        )

    def _addresses(self, owners: Mapping[_Record, _Owner]) -> dict[_Record, str]:
        if not owners:
            return {}
        row = next((each for each in self._rows(SALESPEOPLE) if each.crm_field == _ADDRESS), None)
        if row is None:
            return {}
        found: dict[_Owner, str] = {}
        for side in Side:
            keys = sorted({key for of_side, key in owners.values() if of_side is side})
            for key, pair in self._agreed(SALESPEOPLE, row, side, keys).items():
                found[side, key] = folded_address(next((str(each) for each in pair if canonical(each)), ""))
        return {record: found[owner] for record, owner in owners.items() if found.get(owner)}

    def _agreed(
        self, mapping: MappingName, row: IntegrationFieldMapping, side: Side, keys: Sequence[str]
    ) -> dict[str, tuple[Value, Value]]:
        """Return what both sides agreed on in one row, by the key of a side, where that is known."""
        found: dict[str, tuple[Value, Value]] = {}
        layouts = self._store.layout_rows(mapping) if keys else {}
        for key, coupling in self._store.couplings_by_key(mapping, side, keys).items():
            agreed = coupling.agreed
            rows = () if agreed is None else layouts.get(agreed.layout, ())
            if agreed is not None and row.row_id in rows:
                pair = agreed.pairs[rows.index(row.row_id)]
                if pair is not None:
                    found[key] = pair
        return found

    @cached_property
    def _mappings(self) -> Mapping[MappingName, IntegrationTableMapping]:
        # Where nothing waits, nobody asks for them.
        return self._application.mappings(self._connection)

    def _rows(self, mapping: MappingName) -> Sequence[IntegrationFieldMapping]:
        held = self._mappings.get(mapping)
        return () if held is None else held.fields


def folded_address(address: str) -> str:
    """Return an e-mail address as it is compared."""
    return address.strip().casefold()


def _names_owner(row: IntegrationFieldMapping) -> bool:
    return row.reference is not None and row.reference.mapping == SALESPEOPLE


def _owner(pair: tuple[Value, Value]) -> _Owner | None:
    code, user = canonical(pair[0]), canonical(pair[1])
    if code is not None:
        return Side.ERP, str(code)
    return None if user is None else (Side.CRM, str(user))
