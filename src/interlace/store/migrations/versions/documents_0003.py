"""Documents that sagas follow, and their timelines."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create both tables."""
    _create_documents()
    _create_events()


def _key() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _of_mapping() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["mapping_id"], ["integration_table_mapping.id"], ondelete="CASCADE")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _create_documents() -> None:
    op.create_table(
        "document",
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("key", _key(), nullable=False),
        _text("title"),
        sa.Column("partner", _key(), nullable=True),
        _text("stage"),
        sa.Column("held", sa.Boolean(), nullable=False),
        *[_text(name) for name in ("problems", "since", "first_seen", "looked_at")],
        sa.Column("finished", sa.Boolean(), nullable=False),
        *[_text(name) for name in ("run_id", "created_digest", "removed_digest")],
        _of_mapping(),
        sa.PrimaryKeyConstraint("mapping_id", "key", name="document_pk"),
        sa.CheckConstraint("held = (problems <> '[]')", name="document_held_for_something"),
    )
    op.create_index("document_by_end", "document", ["mapping_id", "finished", "key"])
    op.create_index("document_by_title", "document", ["mapping_id", "title"])
    op.create_index("document_by_partner", "document", ["mapping_id", "partner"])


def _create_events() -> None:
    op.create_table(
        "document_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mapping_id", sa.Integer(), nullable=False),
        sa.Column("document", _key(), nullable=False),
        *[_text(name) for name in ("at", "kind", "stage", "text", "job_id")],
        _of_mapping(),
        sa.PrimaryKeyConstraint("id", name="document_event_pk"),
    )
    op.create_index("document_event_by_document", "document_event", ["mapping_id", "document", "id"])
