"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables, in the order of their foreign keys."""
    _create_part_1()
    _create_part_2()
    _create_part_3()
    _create_part_4()


def _create_part_1() -> None:
    op.create_table(
        "connection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("erp_address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("erp_company", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("crm_address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("settings", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="connection_pk"),
        sa.UniqueConstraint("name", name="connection_name"),
    )
    op.create_table(
        "integration_table_mapping",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("settings", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="integration_table_mapping_pk"),
        sa.UniqueConstraint("connection_id", "name", name="integration_table_mapping_name"),
    )
    op.create_table(
        "job_queue_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("minutes_between_runs", sa.Integer(), nullable=True),
        sa.Column("earliest_start", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "status IN ('Ready','In Process','Error','On Hold','Finished')", name="job_queue_entry_status"
        ),
        sa.CheckConstraint("minutes_between_runs > 0", name="job_queue_entry_interval"),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="job_queue_entry_pk"),
    )
    op.create_index(
        "job_queue_entry_by_connection", "job_queue_entry", ["connection_id", "kind"], unique=False
    )
    op.create_table(
        "journal",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection_id", "sequence", name="journal_pk"),
    )


def _create_part_2() -> None:
    op.create_table(
        "journal_head",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection_id", name="journal_head_pk"),
    )
    op.create_table(
        "review",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name="review_pk"),
    )
    op.create_index("review_by_connection", "review", ["connection_id", "created_at"], unique=False)
    op.create_table(
        "secret",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("connection_id", "name", name="secret_pk"),
    )
    op.create_table(
        "cursor",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.CheckConstraint("side IN ('erp','crm')", name="cursor_side"),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping_id", "side", name="cursor_pk"),
    )
    op.create_table(
        "intent",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("source_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("creates", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("side IN ('erp','crm')", name="intent_side"),
        sa.CheckConstraint("state IN ('sent','unknown')", name="intent_state"),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping_id", "side", "key", name="intent_pk"),
    )
    op.create_table(
        "layout",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("row_ids", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="layout_pk"),
        sa.UniqueConstraint("mapping_id", "digest", name="layout_digest"),
    )


def _create_part_3() -> None:
    op.create_table(
        "lease",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping_id", name="lease_pk"),
    )
    op.create_table(
        "review_line",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("depends_on", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("job_queue_entry_id", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('','Ready','In Process','Error','On Hold','Finished')", name="review_line_status"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["review.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "mapping", name="review_line_pk"),
    )
    op.create_table(
        "synch_error",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("waits_for_mapping", sa.Text(), nullable=True),
        sa.Column(
            "waits_for_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("source_digest", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('ToIntegrationTable','FromIntegrationTable')", name="synch_error_direction"
        ),
        sa.CheckConstraint(
            "(waits_for_mapping IS NULL) = (waits_for_key IS NULL)", name="synch_error_waits_for_whole"
        ),
        sa.CheckConstraint("times >= 1", name="synch_error_times"),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping_id", "direction", "source_key", name="synch_error_pk"),
    )


def _create_part_4() -> None:
    op.create_table(
        "synch_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("inserted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("modified", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("deleted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("coupled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("uncoupled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.CheckConstraint("type IN ('Synchronization','Coupling','Uncoupling')", name="synch_job_type"),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="synch_job_pk"),
    )
    op.create_index("synch_job_by_start", "synch_job", ["started_at"], unique=False)
    op.create_table(
        "coupling",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("erp_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("crm_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("layout_id", sa.Integer(), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("erp_tag", sa.Text(), nullable=True),
        sa.Column("crm_tag", sa.Text(), nullable=True),
        sa.Column("erp_digest", sa.LargeBinary(), nullable=True),
        sa.Column("crm_digest", sa.LargeBinary(), nullable=True),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.CheckConstraint("erp_key <> '' AND crm_key <> ''", name="coupling_keys_not_blank"),
        sa.CheckConstraint("state IN ('coupled','broken')", name="coupling_state"),
        sa.CheckConstraint("(agreed IS NULL) = (layout_id IS NULL)", name="coupling_agreed_has_layout"),
        sa.ForeignKeyConstraint(
            ["layout_id"],
            ["layout.id"],
        ),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping_id", "erp_key", name="coupling_pk"),
        sa.UniqueConstraint("mapping_id", "crm_key", name="coupling_crm_key"),
    )
    op.create_table(
        "pass_position",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('ToIntegrationTable','FromIntegrationTable')", name="pass_position_direction"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["synch_job.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "mapping_id", "direction", name="pass_position_pk"),
    )
