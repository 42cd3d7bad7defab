"""What people ask of the store: lists of jobs, errors and couplings, and whether the journal holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from interlace.domain.conflict import Conflict
from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, MappingName, key_text
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import SynchError
from interlace.store import conflicts, couplings, journal, safety_halts, synch_errors, synch_jobs
from interlace.store.database import Database
from interlace.store.encoding import JsonValue, time_from_text
from interlace.store.journal import JournalledWrite, JournalSelection, JournalVerification
from interlace.store.journal_files import JournalFiles
from interlace.store.markers import Restoration
from interlace.store.schema import (
    conflict,
    coupling,
    integration_table_mapping,
    layout,
    restoration,
    safety_halt,
    synch_error,
    synch_job,
)

_mapping = integration_table_mapping
_LAST_WRITES = 5
_IDS_PER_STATEMENT = 1_000


class StoreQueries:
    """Reads for lists and pages; the newest comes first, every list has a limit."""

    def __init__(self, database: Database, journal_files: JournalFiles | None = None) -> None:
        self._database = database
        self._journal_files = journal_files

    def synch_jobs(
        self,
        connection_id: str,
        *,
        mapping: str | None = None,
        run_id: str | None = None,
        limit: int = 50,
    ) -> list[SynchJob]:
        """Return the newest synch jobs."""
        query = _of_connection(
            sa.select(synch_job, _mapping.c.name.label("mapping")), synch_job, connection_id, mapping
        )
        if run_id is not None:
            query = query.where(synch_job.c.run_id == run_id)
        query = query.order_by(synch_job.c.started_at.desc(), synch_job.c.id).limit(limit)
        with self._database.read() as connection:
            return [synch_jobs.job_of(row, MappingName(row.mapping)) for row in connection.execute(query)]

    def synch_job(self, job_id: str) -> SynchJob | None:
        """Return one synch job."""
        query = (
            sa.select(synch_job, _mapping.c.name.label("mapping"))
            .join(_mapping, _mapping.c.id == synch_job.c.mapping_id)
            .where(synch_job.c.id == job_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else synch_jobs.job_of(row, MappingName(row.mapping))

    def errors(
        self,
        connection_id: str,
        *,
        mapping: str | None = None,
        job_id: str | None = None,
        limit: int = 100,
    ) -> list[SynchError]:
        """Return the newest open errors."""
        columns = [synch_error.c[name] for name in synch_errors.COLUMNS]
        query = _of_connection(sa.select(*columns, _mapping.c.name), synch_error, connection_id, mapping)
        if job_id is not None:
            query = query.where(synch_error.c.job_id == job_id)
        query = query.order_by(synch_error.c.at.desc(), synch_error.c.source_key).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [synch_errors.from_row(tuple(row[:-1]), MappingName(row[-1])) for row in rows]

    def count_errors(self, connection_id: str) -> dict[tuple[MappingName, bool], int]:
        """Count open errors by mapping, the skipped ones (True) apart."""
        columns = (_mapping.c.name, synch_error.c.skipped)
        query = sa.select(*columns, sa.func.count()).group_by(*columns)
        query = _of_connection(query, synch_error, connection_id, None)
        with self._database.read() as connection:
            return {(MappingName(name), bool(skipped)): n for name, skipped, n in connection.execute(query)}

    def count_error_codes(self, connection_id: str) -> dict[str, int]:
        """Count open errors by their codes."""
        code = synch_error.c.code
        query = _of_connection(
            sa.select(code, sa.func.count()).group_by(code), synch_error, connection_id, None
        )
        with self._database.read() as connection:
            return {str(found): n for found, n in connection.execute(query)}

    def count_couplings(self, connection_id: str) -> dict[MappingName, int]:
        """Count couplings by mapping."""
        query = (
            sa.select(_mapping.c.name, sa.func.count())
            .join(coupling, coupling.c.mapping_id == _mapping.c.id)
            .where(_mapping.c.connection_id == connection_id)
            .group_by(_mapping.c.name)
            .order_by(_mapping.c.name)
        )
        with self._database.read() as connection:
            return {MappingName(name): count for name, count in connection.execute(query)}

    def count_uncoupled_errors(self, connection_id: str) -> int:
        """Count the records on the error list that have no partner."""
        is_coupled = sa.or_(
            *(
                sa.and_(
                    synch_error.c.direction == direction.value,
                    sa.exists().where(
                        coupling.c.mapping_id == synch_error.c.mapping_id, key == synch_error.c.source_key
                    ),
                )
                for direction, key in (
                    (Direction.TO_INTEGRATION_TABLE, coupling.c.erp_key),
                    (Direction.FROM_INTEGRATION_TABLE, coupling.c.crm_key),
                )
            )
        )
        query = _of_connection(
            sa.select(sa.func.count()).select_from(synch_error), synch_error, connection_id, None
        )
        with self._database.read() as connection:
            return int(connection.execute(query.where(~is_coupled)).scalar_one())

    def count_conflicts(self, connection_id: str) -> int:
        """Count the conflicts that await a person."""
        query = _of_connection(
            sa.select(sa.func.count()).select_from(conflict), conflict, connection_id, None
        )
        with self._database.read() as connection:
            return int(connection.execute(query.where(conflicts.is_open())).scalar_one())

    def count_conflicts_by_mapping(self, connection_id: str) -> dict[MappingName, int]:
        """Count the conflicts that await a person, by mapping; those without any are left out."""
        query = sa.select(_mapping.c.name, sa.func.count()).select_from(conflict).group_by(_mapping.c.name)
        query = _of_connection(query, conflict, connection_id, None).order_by(_mapping.c.name)
        with self._database.read() as connection:
            rows = connection.execute(query.where(conflicts.is_open()))
            return {MappingName(name): int(count) for name, count in rows}

    def last_finished(self, connection_id: str) -> dict[MappingName, datetime]:
        """Return when each mapping's newest job ended."""
        query = sa.select(_mapping.c.name, sa.func.max(synch_job.c.finished_at)).group_by(_mapping.c.name)
        query = _of_connection(query, synch_job, connection_id, None)
        with self._database.read() as connection:
            rows = connection.execute(query.where(synch_job.c.finished_at.is_not(None)))
            return {MappingName(name): time_from_text(at) for name, at in rows}

    def couplings_of_key(self, connection_id: str, key: str, mapping: str | None = None) -> list[Coupling]:
        """Return the couplings in which a key of either side stands."""
        columns = [coupling.c[name] for name in couplings.COLUMNS]
        query = _of_connection(sa.select(*columns, _mapping.c.name), coupling, connection_id, mapping)
        query = query.where(sa.or_(coupling.c.erp_key == key, coupling.c.crm_key == key))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_mapping.c.name)).all()
            layouts = {
                row.id: row.digest for row in connection.execute(sa.select(layout.c.id, layout.c.digest))
            }
        return [couplings.from_row(tuple(row[:-1]), MappingName(row[-1]), layouts) for row in rows]

    def journal(
        self, connection_id: str, *, job_id: str | None = None, key: str | None = None, limit: int = 100
    ) -> list[JsonValue]:
        """Return journal entries of a job or of a record, newest first."""
        with self._database.read() as connection:
            return journal.entries_of(connection, connection_id, job_id, key, limit)

    def journalled_writes(self, connection_id: str, selection: JournalSelection) -> list[JournalledWrite]:
        """Return journal entries in the order in which they were written."""
        with self._database.read() as connection:
            return journal.writes_of(connection, connection_id, selection)

    def last_writes(self, connection_id: str, mapping: str, key: str) -> list[JournalledWrite]:
        """Return the five newest journal entries of a record, the newest first; `key` is that of either side."""
        selection = JournalSelection(key=key, mapping=mapping, newest_first=True, limit=_LAST_WRITES)
        return self.journalled_writes(connection_id, selection)

    def halts(self, connection_id: str, *, mapping: str | None = None) -> list[SafetyHalt]:
        """Return every safety halt, released or not, the newest first."""
        query = _of_connection(
            sa.select(safety_halt, _mapping.c.name.label("mapping")), safety_halt, connection_id, mapping
        )
        query = query.order_by(safety_halt.c.raised_at.desc(), _mapping.c.name)
        with self._database.read() as connection:
            return [safety_halts.halt_of(row, MappingName(row.mapping)) for row in connection.execute(query)]

    def conflicts(
        self, connection_id: str, *, mapping: str | None = None, erp_key: str | None = None, limit: int = 1000
    ) -> list[Conflict]:
        """Return the conflicts that await a person, the newest first: those whose pair stands on the error list.

        Conflicts of one moment stand in the order of the list of conflicts. Only those of an ERP record where its key
        is given.
        """
        fitting = [] if erp_key is None else [conflict.c.erp_key == erp_key]
        return self._conflicts(connection_id, mapping, fitting, limit)

    def conflicts_called(self, connection_id: str, ids: Sequence[str]) -> dict[str, Conflict]:
        """Return the open conflicts of these ids by their ids; one that is settled is left out."""
        found: dict[str, Conflict] = {}
        for start in range(0, len(ids), _IDS_PER_STATEMENT):
            called = conflict.c.id.in_(ids[start : start + _IDS_PER_STATEMENT])
            for each in self._conflicts(connection_id, None, [called], None):
                found.setdefault(each.id, each)
        return found

    def conflicts_of_record(self, connection_id: str, key: str) -> list[Conflict]:
        """Return the open conflicts of a record; its key is that of either side, as `key_text` writes it."""
        erp_key = sa.func.replace(conflict.c.erp_key, KEY_SEPARATOR, key_text(KEY_SEPARATOR))
        return self._conflicts(connection_id, None, [sa.or_(conflict.c.crm_key == key, erp_key == key)], None)

    def conflicts_alike(
        self, connection_id: str, found: Conflict, limit: int | None = None
    ) -> list[Conflict]:
        """Return the other open conflicts that one decision may settle with this one, the newest first."""
        alike = [conflict.c.likeness == found.likeness, conflict.c.erp_key != found.erp.key]
        return self._conflicts(connection_id, found.mapping, alike, limit)

    def _conflicts(
        self,
        connection_id: str,
        mapping: str | None,
        fitting: Sequence[sa.ColumnElement[bool]],
        limit: int | None,
    ) -> list[Conflict]:
        query = _of_connection(
            sa.select(conflict, _mapping.c.name.label("mapping")), conflict, connection_id, mapping
        )
        query = query.where(conflicts.is_open(), *fitting)
        query = query.order_by(
            conflict.c.detected_at.desc(), conflict.c.mapping_id.desc(), conflict.c.erp_key.desc()
        )
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit))
            return [conflicts.conflict_of(row, MappingName(row.mapping)) for row in rows]

    def restorations(
        self, connection_id: str, *, mapping: str | None = None, limit: int = 100
    ) -> list[Restoration]:
        """Return the backups that were found to have been restored, the newest first."""
        columns = (restoration.c.side, restoration.c.at, _mapping.c.name)
        query = _of_connection(sa.select(*columns), restoration, connection_id, mapping)
        query = query.order_by(restoration.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                Restoration(
                    mapping=MappingName(row.name),
                    side=None if row.side is None else Side(row.side),
                    at=time_from_text(row.at),
                )
                for row in connection.execute(query)
            ]

    def doubtful_pairs(self, connection_id: str) -> dict[tuple[MappingName, Side], int]:
        """Count the pairs whose records of a restored service are still to be compared, by mapping and service."""
        columns = (_mapping.c.name, coupling.c.doubtful, sa.func.count().label("pairs"))
        query = (
            sa.select(*columns)
            .join_from(coupling, _mapping, coupling.c.mapping_id == _mapping.c.id)
            .where(_mapping.c.connection_id == connection_id, coupling.c.doubtful != "")
            .group_by(_mapping.c.name, coupling.c.doubtful)
        )
        counts: dict[tuple[MappingName, Side], int] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                for side in row.doubtful.split(","):
                    key = MappingName(row.name), Side(side)
                    counts[key] = counts.get(key, 0) + int(row.pairs)
        return counts

    def verify_journal(self, connection_id: str) -> JournalVerification:
        """Read a connection's whole journal and the journal files, and check their chains of digests."""
        with self._database.read() as connection:
            verification = journal.verify_chain(connection, connection_id)
            if self._journal_files is None:
                return verification
            # A database of its own has all its files here; a shared one has those of other machines there.
            alone = not self._database.is_postgresql
            return replace(
                verification, files=tuple(self._journal_files.verify(connection, every_host=alone))
            )


def _of_connection(
    query: sa.Select[*tuple[Any, ...]], table: sa.Table, connection_id: str, mapping: str | None
) -> sa.Select[*tuple[Any, ...]]:
    query = query.join(_mapping, _mapping.c.id == table.c.mapping_id)
    query = query.where(_mapping.c.connection_id == connection_id)
    return query if mapping is None else query.where(_mapping.c.name == mapping)
