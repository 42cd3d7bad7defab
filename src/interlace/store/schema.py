"""The tables of Interlace's memory. What a row means, the domain says; wrong states can't be written down.

Every change here needs a migration; a test compares the sum of the migrations with this metadata.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from interlace.store import (
    account_tables,
    document_tables,
    figure_tables,
    listing_tables,
    notification_tables,
    request_tables,
    table_parts,
)

HEAD = "0017"
"""The newest migration: what a database made from this metadata is stamped with."""

TABLES_OF_DOCUMENTS = (document_tables.document, document_tables.document_event)
TABLES_OF_ACCOUNTS = account_tables.TABLES
TABLES_OF_LISTS = listing_tables.TABLES
TABLES_OF_FIGURES = figure_tables.TABLES
TABLES_OF_NOTIFICATIONS = notification_tables.TABLES
TABLES_OF_REQUESTS = request_tables.TABLES
"""Declared in modules of their own."""

metadata, Key = table_parts.metadata, table_parts.Key
_mapping_id, _connection_id = table_parts.mapping_id, table_parts.connection_id

_ONE_WAY = "('ToIntegrationTable','FromIntegrationTable')"
_SIDES = "('erp','crm')"


connection = Table(
    "connection",
    metadata,
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("false")),
    Column("erp_address", Text, nullable=False, server_default=text("''")),
    Column("erp_company", Text, nullable=False, server_default=text("''")),
    Column("crm_address", Text, nullable=False, server_default=text("''")),
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
    Column("created_at", Text, nullable=False),
    PrimaryKeyConstraint("id", name="connection_pk"),
    UniqueConstraint("name", name="connection_name"),
)

secret = Table(
    "secret",
    metadata,
    _connection_id(),
    Column("name", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    PrimaryKeyConstraint("connection_id", "name", name="secret_pk"),
)

integration_table_mapping = Table(
    "integration_table_mapping",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    _connection_id(),
    Column("name", Key, nullable=False),
    Column("settings", Text, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("id", name="integration_table_mapping_pk"),
    UniqueConstraint("connection_id", "name", name="integration_table_mapping_name"),
)

layout = Table(
    "layout",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    _mapping_id(),
    Column("digest", Text, nullable=False),
    Column("row_ids", Text, nullable=False, server_default=text("'[]'")),
    PrimaryKeyConstraint("id", name="layout_pk"),
    UniqueConstraint("mapping_id", "digest", name="layout_digest"),
)

coupling = Table(
    "coupling",
    metadata,
    _mapping_id(),
    Column("erp_key", Key, nullable=False),
    Column("crm_key", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("layout_id", Integer, ForeignKey("layout.id")),
    Column("agreed", Text),
    Column("erp_tag", Text),
    Column("crm_tag", Text),
    Column("erp_digest", LargeBinary),
    Column("crm_digest", LargeBinary),
    Column("job_id", Text),
    # Sides that went back in time, in the order of their names; one column, so that a batch stays one statement.
    Column(
        "doubtful",
        Text,
        CheckConstraint("doubtful IN ('','crm','erp','crm,erp')", name="coupling_doubtful"),
        nullable=False,
        server_default=text("''"),
    ),
    PrimaryKeyConstraint("mapping_id", "erp_key", name="coupling_pk"),
    UniqueConstraint("mapping_id", "crm_key", name="coupling_crm_key"),
    CheckConstraint("state IN ('coupled','broken')", name="coupling_state"),
    CheckConstraint("(agreed IS NULL) = (layout_id IS NULL)", name="coupling_agreed_has_layout"),
    CheckConstraint("erp_key <> '' AND crm_key <> ''", name="coupling_keys_not_blank"),
)

intent = Table(
    "intent",
    metadata,
    _mapping_id(),
    Column("side", Text, nullable=False),
    Column("key", Key, nullable=False),
    Column("source_key", Key, nullable=False),
    Column("creates", Boolean, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("entry", Text),
    Column("layout", Text),
    Column("agreed", Text),
    Column("marked", Boolean, nullable=False, server_default=text("false")),
    Column("sent_process", Text),
    Column("sent_elapsed", Double),
    # Finished intents are deleted; a record may have several open ones after crashes and lost answers.
    PrimaryKeyConstraint("mapping_id", "side", "key", "attempt", name="intent_pk"),
    CheckConstraint(f"side IN {_SIDES}", name="intent_side"),
    CheckConstraint("state IN ('sent','unknown')", name="intent_state"),
)

synch_job = Table(
    "synch_job",
    metadata,
    Column("id", Text, nullable=False),
    _mapping_id(),
    Column("direction", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("message", Text, nullable=False, server_default=text("''")),
    *[
        Column(name, BigInteger, nullable=False, server_default=text("0"))
        for name in (
            "inserted",
            "modified",
            "deleted",
            "unchanged",
            "skipped",
            "failed",
            "coupled",
            "uncoupled",
        )
    ],
    Column("run_id", Text),
    PrimaryKeyConstraint("id", name="synch_job_pk"),
    CheckConstraint("type IN ('Synchronization','Coupling','Uncoupling')", name="synch_job_type"),
    Index("synch_job_by_start", "started_at"),
    Index("synch_job_by_mapping", "mapping_id", "started_at", "id"),
)

synch_error = Table(
    "synch_error",
    metadata,
    _mapping_id(),
    Column("direction", Text, nullable=False),
    Column("source_key", Key, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("field", Text),
    Column("waits_for_mapping", Text),
    Column("waits_for_key", Key),
    Column("job_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("skipped", Boolean, nullable=False),
    Column("source_digest", LargeBinary),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("partner_digest", LargeBinary),
    Column("next_try", Text),
    Column("also_waits_for", Text),
    Column("coupled_digest", LargeBinary),
    PrimaryKeyConstraint("mapping_id", "direction", "source_key", name="synch_error_pk"),
    CheckConstraint(f"direction IN {_ONE_WAY}", name="synch_error_direction"),
    CheckConstraint("times >= 1", name="synch_error_times"),
    CheckConstraint(
        "(waits_for_mapping IS NULL) = (waits_for_key IS NULL)", name="synch_error_waits_for_whole"
    ),
    Index("synch_error_waiting", "waits_for_mapping", "waits_for_key"),
    Index("synch_error_alike", "mapping_id", "direction", "fingerprint", "next_try"),
    Index("synch_error_by_time", "mapping_id", "at", "direction", "source_key"),
)

cursor = Table(
    "cursor",
    metadata,
    _mapping_id(),
    Column("side", Text, nullable=False),
    Column("position", Text, nullable=False),
    PrimaryKeyConstraint("mapping_id", "side", name="cursor_pk"),
    CheckConstraint(f"side IN {_SIDES}", name="cursor_side"),
)

sweep = Table(
    "sweep",
    metadata,
    _mapping_id(),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("mapping_id", name="sweep_pk"),
)

pass_position = Table(
    "pass_position",
    metadata,
    Column("run_id", Text, nullable=False),
    _mapping_id(),
    Column("direction", Text, nullable=False),
    Column("job_id", Text, ForeignKey("synch_job.id", ondelete="CASCADE"), nullable=False),
    Column("after", Text),
    Column("finished", Boolean, nullable=False),
    PrimaryKeyConstraint("run_id", "mapping_id", "direction", name="pass_position_pk"),
    CheckConstraint(f"direction IN {_ONE_WAY}", name="pass_position_direction"),
)

journal = Table(
    "journal",
    metadata,
    _connection_id(),
    Column("sequence", BigInteger, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    # What entries are found by; all of it stands in the entry too.
    Column("mapping", Text, nullable=False, server_default=text("''")),
    Column("action", Text, nullable=False, server_default=text("''")),
    Column("erp_key", Key),
    Column("crm_key", Key),
    PrimaryKeyConstraint("connection_id", "sequence", name="journal_pk"),
    Index("journal_by_job", "job_id"),
    Index("journal_by_erp_key", "connection_id", "erp_key"),
    Index("journal_by_crm_key", "connection_id", "crm_key"),
)

journal_head = Table(
    "journal_head",
    metadata,
    _connection_id(),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("connection_id", name="journal_head_pk"),
)

journal_file = Table(
    "journal_file",
    metadata,
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("name", name="journal_file_pk"),
)

marker = Table(
    "marker",
    metadata,
    _mapping_id(),
    Column("side", Text, nullable=False),
    Column("acknowledged", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    PrimaryKeyConstraint("mapping_id", "side", name="marker_pk"),
    CheckConstraint(f"side IN {_SIDES}", name="marker_side"),
    CheckConstraint("acknowledged <= sent", name="marker_order"),
)

restoration = Table(
    "restoration",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    _mapping_id(),
    # None: our own memory went back in time.
    Column("side", Text),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("id", name="restoration_pk"),
    CheckConstraint(f"side IN {_SIDES}", name="restoration_side"),
    Index("restoration_by_mapping", "mapping_id"),
)

safety_halt = Table(
    "safety_halt",
    metadata,
    _mapping_id(),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("coupled", BigInteger, nullable=False),
    Column("raised_at", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("released_by", Text),
    PrimaryKeyConstraint("mapping_id", name="safety_halt_pk"),
    CheckConstraint(f"side IN {_SIDES}", name="safety_halt_side"),
)

conflict = Table(
    "conflict",
    metadata,
    _mapping_id(),
    Column("erp_key", Key, nullable=False),
    Column("crm_key", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detected_at", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("id", Key, nullable=False, server_default=text("''")),
    Column("likeness", Key, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("mapping_id", "erp_key", name="conflict_pk"),
    Index("conflict_by_id", "mapping_id", "id", "detected_at", "erp_key"),
    Index("conflict_by_likeness", "mapping_id", "likeness", "detected_at", "erp_key"),
    Index("conflict_by_time", "mapping_id", "detected_at", "erp_key"),
)

lease = Table(
    "lease",
    metadata,
    _mapping_id(),
    Column("holder", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until", Text),
    PrimaryKeyConstraint("mapping_id", name="lease_pk"),
)

review = Table(
    "review",
    metadata,
    Column("run_id", Text, nullable=False),
    _connection_id(),
    Column("created_at", Text, nullable=False),
    PrimaryKeyConstraint("run_id", name="review_pk"),
    Index("review_by_connection", "connection_id", "created_at"),
)

review_line = Table(
    "review_line",
    metadata,
    Column("run_id", Text, ForeignKey("review.run_id", ondelete="CASCADE"), nullable=False),
    Column("mapping", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("direction", Text, nullable=False),
    Column("depends_on", Text, nullable=False, server_default=text("'[]'")),
    Column("recommendation", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("job_queue_entry_id", Text),
    Column("message", Text, nullable=False, server_default=text("''")),
    Column("expected", BigInteger),
    Column("started_at", Text),
    Column("finished_at", Text),
    PrimaryKeyConstraint("run_id", "mapping", name="review_line_pk"),
    CheckConstraint(
        "status IN ('','Ready','In Process','Error','On Hold','Finished')", name="review_line_status"
    ),
)

job_queue_entry = Table(
    "job_queue_entry",
    metadata,
    Column("id", Text, nullable=False),
    _connection_id(),
    Column("kind", Text, nullable=False),
    Column("mapping", Text),
    Column("run_id", Text),
    Column("status", Text, nullable=False),
    Column("minutes_between_runs", Integer),
    Column("earliest_start", Text),
    Column("started_at", Text),
    Column("finished_at", Text),
    Column("message", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("id", name="job_queue_entry_pk"),
    CheckConstraint(
        "status IN ('Ready','In Process','Error','On Hold','Finished')", name="job_queue_entry_status"
    ),
    CheckConstraint("minutes_between_runs > 0", name="job_queue_entry_interval"),
    Index("job_queue_entry_by_connection", "connection_id", "kind"),
)
