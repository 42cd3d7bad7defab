"""Saved views keep which columns are shown; those of before show the list's usual ones."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "saved_view", sa.Column("shown_columns", sa.Text(), nullable=False, server_default=sa.text("'[]'"))
    )
