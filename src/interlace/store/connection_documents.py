"""What is remembered of a connection's documents under way: each method is one transaction."""

from collections.abc import Sequence
from dataclasses import replace

from interlace.domain.keys import MappingName
from interlace.engine.memory import IntentState
from interlace.engine.saga_memory import DocumentEvent, DocumentsResult, TrackedDocument
from interlace.store import couplings, documents, intents, journal, synch_jobs
from interlace.store.mapping_transactions import MappingTransactions


class ConnectionDocuments(MappingTransactions):
    """The documents of a connection's sagas (engine.saga_memory.DocumentStore)."""

    def documents_by_key(self, mapping: MappingName, keys: Sequence[str]) -> dict[str, TrackedDocument]:
        """Return what is remembered of these documents, by key."""
        if not keys:
            return {}
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.documents_by_key(connection, self._bulk, mapping_id, mapping, keys)

    def documents_due(
        self, mapping: MappingName, run_id: str, limit: int, after: str = ""
    ) -> list[TrackedDocument]:
        """Return documents under way behind a key that the run has not looked at yet, in key order."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.documents_due(connection, mapping_id, mapping, run_id, limit, after)

    def documents_page(
        self,
        mapping: MappingName,
        *,
        stage: str | None = None,
        held: bool | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[TrackedDocument]:
        """Return documents in key order, beginning after a key."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.documents_page(
                connection, mapping_id, mapping, stage=stage, held=held, after=after, limit=limit
            )

    def documents_named(
        self, mapping: MappingName, name: str, partners: Sequence[str] = ()
    ) -> list[TrackedDocument]:
        """Return the documents of this key or title, or with one of these partners."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.documents_named(connection, mapping_id, mapping, name, partners)

    def count_documents(self, mapping: MappingName) -> list[tuple[str, bool, int]]:
        """Count documents by stage, and the held ones of each by themselves: (stage, held, number)."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.count_by_stage(connection, mapping_id)

    def timeline(self, mapping: MappingName, key: str) -> list[DocumentEvent]:
        """Return what happened to a document, in order."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            return documents.timeline(connection, mapping_id, key)

    def remember_documents(self, result: DocumentsResult) -> None:
        """Store what steps changed: all or nothing."""
        job = result.job
        with self._write(job.mapping) as (connection, mapping_id):
            bulk = self._bulk
            couplings.remove(connection, bulk, mapping_id, result.removed_couplings)
            couplings.store(connection, bulk, mapping_id, result.couplings, job.id)
            intents.close_intents(connection, bulk, mapping_id, result.finished_intents)
            unknown = [replace(each, state=IntentState.UNKNOWN) for each in result.unknown_intents]
            intents.store_intents(connection, bulk, mapping_id, unknown)
            documents.store_documents(connection, bulk, mapping_id, result)
            synch_jobs.store_job(connection, bulk, mapping_id, job)
            journal.append(connection, bulk, self._connection_id, result.journal, self._clock())
