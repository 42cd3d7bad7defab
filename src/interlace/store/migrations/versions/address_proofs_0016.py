"""Proofs that e-mail addresses are their users'.

Addresses that were entered before are not proven: nobody ever asked whether they are right, and one that isn't tells a
stranger of the connection. Each gets the one message with a link, as a new address does, so that nobody's e-mails end
without a word; until it is proven its messages stand at the bell, and What I Am Told says so.
"""

import uuid

import sqlalchemy as sa
from alembic import op

from interlace.store.table_parts import Key

revision = "0016"
down_revision = "0015"

_DUE = "2026-01-01T00:00:00.000000Z"
"""Long ago: sent as soon as there is a mail server."""


def upgrade() -> None:
    """Create the table, and ask for a proof of each address that there is."""
    op.create_table(
        "address_proof",
        _text("id"),
        sa.Column("user_id", sa.Text(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        _text("address"),
        sa.Column("proven_at", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("mail_due", Key, nullable=True),
        sa.Column("mail_tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _text("mail_problem", "''"),
        sa.PrimaryKeyConstraint("id", name="address_proof_pk"),
        sa.UniqueConstraint("user_id", name="address_proof_of_user"),
        sa.CheckConstraint("(digest IS NULL) = (expires_at IS NULL)", name="address_proof_code_expires"),
        sa.CheckConstraint("proven_at IS NULL OR digest IS NULL", name="address_proof_needs_no_code"),
    )
    chosen = sa.table("notification_choice", sa.column("user_id", sa.Text), sa.column("address", sa.Text))
    proof = sa.table(
        "address_proof", *(sa.column(each, sa.Text) for each in ("id", "user_id", "address", "mail_due"))
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(chosen).where(chosen.c.address != "")).all():
        values = {
            "id": str(uuid.uuid4()),
            "user_id": row.user_id,
            "address": row.address,
            "mail_due": _DUE,
        }
        connection.execute(sa.insert(proof).values(values))


def downgrade() -> None:
    """Forget the proofs."""
    op.drop_table("address_proof")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, sa.Text(), nullable=False, server_default=given)
