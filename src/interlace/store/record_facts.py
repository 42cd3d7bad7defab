"""What the memory knows of single records without asking a service: partners, names, and who was there when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from interlace.domain.conflict import Conflict, ConflictKind
from interlace.domain.coupling import CouplingState
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.store import conflicts
from interlace.store.database import Database
from interlace.store.listing_tables import coupling_listing
from interlace.store.schema import (
    conflict,
    coupling,
    integration_table_mapping,
    journal,
    sweep,
    synch_error,
)

RecordPlace = tuple[int, str, str]
"""Number of a mapping, direction, and key of the record that the change comes from."""
_JOBS_MAX = 50
_NEVER = "1971"
"""A sweep before it never was: whoever wants one soon stores such a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """What is remembered of one record of a mapping and of its partner."""

    erp_key: str = ""
    crm_key: str = ""
    """Blank: the record is not coupled."""
    erp_name: str = ""
    crm_name: str = ""
    is_broken: bool = False
    """A partner is gone, and nobody has decided."""
    synchronized_at: str = ""
    swept_at: str = ""
    """When the keys of both tables were looked through last; blank: never."""
    deletion: Conflict | None = None
    """The open conflict that says which of the two is gone."""


class KnownRecords:
    """Reads what is remembered of records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_records(
        self, places: Sequence[RecordPlace], mappings: Mapping[int, MappingName]
    ) -> dict[RecordPlace, RecordFacts]:
        """Return what is known of each record: a handful of statements for each mapping among them."""
        found: dict[RecordPlace, RecordFacts] = {}
        with self._database.read() as connection:
            for number, direction in sorted({place[:2] for place in places}):
                side_key = coupling.c.erp_key if _is_to_crm(direction) else coupling.c.crm_key
                keys = [key for each, way, key in places if (each, way) == (number, direction)]
                swept = connection.execute(sa.select(sweep.c.at).where(sweep.c.mapping_id == number)).scalar()
                swept_at = swept if swept is not None and swept > _NEVER else ""
                query = sa.select(coupling.c.erp_key, coupling.c.crm_key, coupling.c.state)
                of_mapping = query.where(coupling.c.mapping_id == number)
                pairs = connection.execute(of_mapping.where(side_key.in_(keys))).all()
                erp_keys = [row.erp_key for row in pairs]
                listed, deletions = _listed(connection, number, erp_keys), {}
                if erp_keys:
                    deletions = _deletions(connection, number, mappings[number], erp_keys)
                for row in pairs:
                    names = listed.get((row.erp_key, row.crm_key))
                    place = number, direction, row.erp_key if _is_to_crm(direction) else row.crm_key
                    found[place] = RecordFacts(
                        erp_key=row.erp_key,
                        crm_key=row.crm_key,
                        erp_name=names.erp_name if names is not None else "",
                        crm_name=names.crm_name if names is not None else "",
                        is_broken=row.state == CouplingState.BROKEN.value,
                        synchronized_at=names.synchronized_at if names is not None else "",
                        swept_at=swept_at,
                        deletion=deletions.get(row.erp_key),
                    )
        return found

    def deletions(
        self, connection_id: str, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, Conflict]:
        """Return the open deletion conflicts of records, by the key of the side that `direction` starts from."""
        with self._database.read() as connection:
            number = _number(connection, connection_id, mapping)
        known = self.of_records([(number, direction.value, key) for key in keys], {number: mapping})
        return {key: facts.deletion for (_, _, key), facts in known.items() if facts.deletion is not None}

    def jobs_of(self, connection_id: str, mapping: MappingName, keys: Sequence[str]) -> dict[str, str]:
        """Return the jobs that a record and its partner were in: each with what was written last, or blank."""
        own = sa.or_(journal.c.erp_key.in_(keys), journal.c.crm_key.in_(keys))
        written = (
            sa.select(journal.c.job_id, journal.c.action)
            .where(journal.c.connection_id == connection_id, journal.c.mapping == mapping, own)
            .order_by(journal.c.sequence.desc())
            .limit(_JOBS_MAX)
        )
        of_pair = sa.or_(coupling.c.erp_key.in_(keys), coupling.c.crm_key.in_(keys))
        found: dict[str, str] = {}
        with self._database.read() as connection:
            number = _number(connection, connection_id, mapping)
            agreed = sa.select(coupling.c.job_id).where(coupling.c.mapping_id == number, of_pair)
            failed = sa.select(synch_error.c.job_id).where(
                synch_error.c.mapping_id == number, synch_error.c.source_key.in_(keys)
            )
            for job_id, action in connection.execute(written):
                found.setdefault(job_id, action)
            for query in (agreed, failed):
                for (job_id,) in connection.execute(query):
                    if job_id:
                        found.setdefault(job_id, "")
        return found


def _number(connection: sa.Connection, connection_id: str, mapping: MappingName) -> int:
    """Return a mapping's number; 0 for one that nothing was remembered of yet."""
    table = integration_table_mapping
    query = sa.select(table.c.id).where(table.c.connection_id == connection_id, table.c.name == mapping)
    return connection.execute(query).scalar() or 0


def _is_to_crm(direction: str) -> bool:
    return direction == Direction.TO_INTEGRATION_TABLE.value


def _listed(connection: sa.Connection, number: int, erp_keys: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Return the listed rows of couplings by both keys; one of another pair is out of date."""
    listing = coupling_listing.c
    query = sa.select(
        listing.erp_key, listing.crm_key, listing.erp_name, listing.crm_name, listing.synchronized_at
    ).where(listing.mapping_id == number, listing.erp_key.in_(erp_keys))
    return {(row.erp_key, row.crm_key): row for row in connection.execute(query)} if erp_keys else {}


def _deletions(
    connection: sa.Connection, number: int, mapping: MappingName, erp_keys: Sequence[str]
) -> dict[str, Conflict]:
    query = sa.select(conflict).where(
        conflict.c.mapping_id == number,
        conflict.c.kind == ConflictKind.DELETION.value,
        conflict.c.erp_key.in_(erp_keys),
        conflicts.is_open(),
    )
    return {row.erp_key: conflicts.conflict_of(row, mapping) for row in connection.execute(query)}
