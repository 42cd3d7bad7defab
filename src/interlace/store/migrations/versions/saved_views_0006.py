"""Saved views of lists."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    texts = ("id", "user_id", "owner", "list_name", "name", "filters", "search", "sort", "saved_at")
    op.create_table(
        "saved_view",
        *[sa.Column(name, sa.Text(), nullable=False) for name in texts],
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="saved_view_pk"),
        sa.UniqueConstraint("user_id", "list_name", "name", name="saved_view_name"),
    )
    op.create_index("saved_view_by_list", "saved_view", ["list_name", "name"])
