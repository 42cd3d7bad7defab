"""Requests to the services that are kept for a while, and how much was asked of them minute by minute."""

import sqlalchemy as sa
from alembic import op

from interlace.store.table_parts import Key

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sent_request",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        _connection_id(),
        sa.Column("sent_at", Key, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("side", "method", "address")],
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        *[sa.Column(name, Key, nullable=False) for name in ("correlation_id", "run_id", "mapping", "record")],
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("message", "exchange")],
        sa.Column("size", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="sent_request_pk"),
    )
    op.create_index("sent_request_of_connection", "sent_request", ["connection_id", "id"])
    op.create_table(
        "kept_whole",
        _connection_id(),
        sa.Column("until", Key, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name="kept_whole_pk"),
    )
    op.create_table(
        "service_use",
        _connection_id(),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("minute", Key, nullable=False),
        *[
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("requests", "refused", "milliseconds", "at_once")
        ],
        *[sa.Column(name, sa.BigInteger(), nullable=True) for name in ("requests_left", "seconds_left")],
        sa.PrimaryKeyConstraint("connection_id", "side", "minute", name="service_use_pk"),
    )


def _connection_id() -> sa.Column[str]:
    return sa.Column(
        "connection_id", sa.Text(), sa.ForeignKey("connection.id", ondelete="CASCADE"), nullable=False
    )
