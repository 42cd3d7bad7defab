"""Sessions whose token is exchanged because their user's rights have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns."""
    never = sa.text("false")
    op.add_column("session", sa.Column("is_to_renew", sa.Boolean(), nullable=False, server_default=never))
    op.add_column("session", sa.Column("old_digest", sa.LargeBinary(), nullable=True))
    op.add_column("session", sa.Column("old_until", sa.Text(), nullable=True))
