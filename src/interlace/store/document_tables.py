"""The tables of documents that sagas follow, and of their timelines."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from interlace.store.table_parts import Key, mapping_id, metadata

document = Table(
    "document",
    metadata,
    mapping_id(),
    Column("key", Key, nullable=False),
    Column("title", Text, nullable=False),
    # Who is responsible, by the key on the document's own side; blank: nobody.
    Column("owner", Text, nullable=False, server_default=text("''")),
    Column("partner", Key),
    Column("stage", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("problems", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("looked_at", Text, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("created_digest", Text, nullable=False),
    Column("removed_digest", Text, nullable=False),
    PrimaryKeyConstraint("mapping_id", "key", name="document_pk"),
    CheckConstraint("held = (problems <> '[]')", name="document_held_for_something"),
    # Finished documents are most of them, and no run looks at them.
    Index("document_by_end", "mapping_id", "finished", "key"),
    Index("document_by_title", "mapping_id", "title"),
    Index("document_by_partner", "mapping_id", "partner"),
)

document_event = Table(
    "document_event",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    mapping_id(),
    Column("document", Key, nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    PrimaryKeyConstraint("id", name="document_event_pk"),
    Index("document_event_by_document", "mapping_id", "document", "id"),
)
