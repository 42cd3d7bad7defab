"""Sessions whose token is exchanged because their user's rights have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns."""
    is_to_renew = sa.Column("is_to_renew", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    for column in (
        is_to_renew,
        sa.Column("old_digest", sa.LargeBinary(), nullable=True),
        sa.Column("old_until", sa.Text(), nullable=True),
    ):
        op.add_column("session", column)
