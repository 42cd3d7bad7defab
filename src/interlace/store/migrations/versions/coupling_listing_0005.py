"""What lists of couplings are read from; everything that is coupled already waits to be listed."""

import sqlalchemy as sa
from alembic import op

from interlace.store.search_index import create_search_index

revision = "0005"
down_revision = "0004"

_TABLE = "coupling_listing"
_INDEXES = {
    "coupling_listing_by_crm_key": ["mapping_id", "crm_key"],
    "coupling_listing_by_erp_key": ["mapping_id", "erp_key", "search"],
    "coupling_listing_by_erp_name": ["mapping_id", "erp_name_order", "erp_key", "search"],
    "coupling_listing_by_crm_name": ["mapping_id", "crm_name_order", "erp_key", "search"],
    "coupling_listing_by_time": ["mapping_id", "synchronized_at", "erp_key"],
    "coupling_listing_by_state": ["mapping_id", "state"],
}
_KEYS = (
    "erp_key",
    "crm_key",
    "erp_name",
    "crm_name",
    "erp_name_order",
    "crm_name_order",
    "search",
)


def upgrade() -> None:
    """Create the tables, and indexes for the lists of jobs and errors."""
    _create_listing()
    _create_unlisted()
    op.create_index("synch_job_by_mapping", "synch_job", ["mapping_id", "started_at", "id"])
    op.create_index("synch_error_by_time", "synch_error", ["mapping_id", "at", "direction", "source_key"])
    create_search_index(op.get_bind())
    op.execute(
        "INSERT INTO coupling_unlisted (mapping_id, records) "
        "SELECT mapping_id, count(*) FROM coupling GROUP BY mapping_id"
    )


def _key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _of_mapping() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE")


def _create_listing() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        *[sa.Column(name, _key(), nullable=False) for name in _KEYS],
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("synchronized_at", _key(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("id", name="coupling_listing_pk"),
        sa.CheckConstraint(
            "state IN ('coupled', 'not compared', 'doubtful', 'broken')", name="coupling_listing_state"
        ),
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, _TABLE, columns)


def _create_unlisted() -> None:
    op.create_table(
        "coupling_unlisted",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("erp_keys", sa.Text(), nullable=True),
        sa.Column("after", _key(), nullable=False, server_default=sa.text("''")),
        sa.Column("records", sa.BigInteger(), nullable=False),
        _of_mapping(),
        sa.PrimaryKeyConstraint("id", name="coupling_unlisted_pk"),
    )
