"""Bodies of intents, doubtful couplings, markers, halts, conflicts, and a journal found by record."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SIDES = "('erp','crm')"


def upgrade() -> None:
    """Widen the tables that are there, then create the new ones."""
    _widen_couplings_and_errors()
    _widen_intents()
    _widen_journal()
    _create_markers()
    _create_sweeps()
    _create_halts_and_conflicts()


def _key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _of_mapping() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE")


def _widen_couplings_and_errors() -> None:
    doubtful = sa.Column(
        "doubtful",
        sa.Text(),
        sa.CheckConstraint("doubtful IN ('','crm','erp','crm,erp')", name="coupling_doubtful"),
        server_default=sa.text("''"),
        nullable=False,
    )
    op.add_column("coupling", doubtful)
    op.add_column("synch_error", sa.Column("partner_digest", sa.LargeBinary(), nullable=True))
    op.add_column("synch_error", sa.Column("next_try", sa.Text(), nullable=True))
    op.add_column("synch_error", sa.Column("also_waits_for", sa.Text(), nullable=True))
    op.add_column("synch_error", sa.Column("coupled_digest", sa.LargeBinary(), nullable=True))
    op.create_index("synch_error_waiting", "synch_error", ["waits_for_mapping", "waits_for_key"])
    op.create_index(
        "synch_error_alike", "synch_error", ["mapping_id", "direction", "fingerprint", "next_try"]
    )


def _widen_intents() -> None:
    """Make the table anew, for its key grows: a record may have several open intents."""
    kept = "mapping_id, side, key, source_key, creates, job_id, state"
    op.execute(f"CREATE TEMPORARY TABLE open_intent AS SELECT {kept} FROM intent")
    op.drop_table("intent")
    op.create_table(
        "intent",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", _key(), nullable=False),
        sa.Column("source_key", _key(), nullable=False),
        sa.Column("creates", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("marked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sent_process", sa.Text(), nullable=True),
        sa.Column("sent_elapsed", sa.Double(), nullable=True),
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", "side", "key", "attempt", name="intent_pk"),
        sa.CheckConstraint(f"side IN {_SIDES}", name="intent_side"),
        sa.CheckConstraint("state IN ('sent','unknown')", name="intent_state"),
    )
    op.execute(f"INSERT INTO intent ({kept}) SELECT {kept} FROM open_intent")
    op.execute("DROP TABLE open_intent")


def _widen_journal() -> None:
    """Give entries the columns they are found by, filled from what stands in them."""
    for name in ("mapping", "action"):
        column = sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        op.add_column("journal", column)
    for name in ("erp_key", "crm_key"):
        op.add_column("journal", sa.Column(name, _key(), nullable=True))
    told = (
        "entry::json->>'{}'" if op.get_bind().dialect.name == "postgresql" else "json_extract(entry, '$.{}')"
    )
    op.execute(
        f"UPDATE journal SET mapping = {told.format('mapping')}, action = {told.format('action')}, "
        f"erp_key = CASE WHEN {told.format('side')} = 'erp' THEN key END, "
        f"crm_key = CASE WHEN {told.format('side')} = 'crm' THEN key END"
    )
    op.drop_column("journal", "key")
    op.create_index("journal_by_job", "journal", ["job_id"])
    op.create_index("journal_by_erp_key", "journal", ["connection_id", "erp_key"])
    op.create_index("journal_by_crm_key", "journal", ["connection_id", "crm_key"])


def _create_sweeps() -> None:
    op.create_table(
        "sweep",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", name="sweep_pk"),
    )


def _create_markers() -> None:
    op.create_table(
        "journal_file",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="journal_file_pk"),
    )
    op.create_table(
        "marker",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", "side", name="marker_pk"),
        sa.CheckConstraint(f"side IN {_SIDES}", name="marker_side"),
        sa.CheckConstraint("acknowledged <= sent", name="marker_order"),
    )
    op.create_table(
        "restoration",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("id", name="restoration_pk"),
        sa.CheckConstraint(f"side IN {_SIDES}", name="restoration_side"),
    )
    op.create_index("restoration_by_mapping", "restoration", ["mapping_id"])


def _create_halts_and_conflicts() -> None:
    op.create_table(
        "safety_halt",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("coupled", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", name="safety_halt_pk"),
        sa.CheckConstraint(f"side IN {_SIDES}", name="safety_halt_side"),
    )
    op.create_table(
        "conflict",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("erp_key", _key(), nullable=False),
        sa.Column("crm_key", _key(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detected_at", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", "erp_key", name="conflict_pk"),
    )
