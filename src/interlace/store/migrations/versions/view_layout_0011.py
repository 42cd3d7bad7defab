"""Saved views keep whether rows stand in tiles; those of before show them as a list."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column."""
    op.add_column("saved_view", sa.Column("layout", sa.Text(), nullable=False, server_default=sa.text("''")))
