"""Couplings are searched without accents: what is listed waits to be listed anew."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Let everything that is coupled wait; until its turn comes, it is found as before."""
    op.execute(
        "INSERT INTO coupling_unlisted (mapping_id, records) "
        "SELECT mapping_id, count(*) FROM coupling GROUP BY mapping_id"
    )
