"""Hourly figures of each connection, for charts."""

import sqlalchemy as sa
from alembic import op

from interlace.store.table_parts import Key

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    counts = ("coupled", "failed", "skipped", "conflicts")
    op.create_table(
        "hourly_figure",
        sa.Column(
            "connection_id", sa.Text(), sa.ForeignKey("connection.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("hour", Key, nullable=False),
        sa.Column("taken_at", Key, nullable=False),
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in counts],
        sa.Column("to_lag", sa.BigInteger(), nullable=True),
        sa.Column("from_lag", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.PrimaryKeyConstraint("connection_id", "hour", name="hourly_figure_pk"),
    )
