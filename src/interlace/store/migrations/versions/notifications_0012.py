"""Notifications: states that people are told of, their messages, and what each person chose."""

import sqlalchemy as sa
from alembic import op

from interlace.store.table_parts import Key

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "notification_state",
        _connection_id(),
        _text("kind"),
        sa.Column("subject", Key, nullable=False),
        _text("since"),
        sa.Column("told_at", sa.Text(), nullable=True),
        sa.Column("gone_at", sa.Text(), nullable=True),
        _text("over", "''"),
        _text("over_page", "''"),
        _text("mappings", "'[]'"),
        sa.PrimaryKeyConstraint("connection_id", "kind", "subject", name="notification_state_pk"),
    )
    op.create_table(
        "notification",
        _text("id"),
        _user_id(),
        _connection_id(),
        _text("kind"),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        _text("message"),
        _text("page"),
        sa.Column("at", Key, nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("mail_due", Key, nullable=True),
        sa.Column("mail_tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _text("mail_problem", "''"),
        sa.PrimaryKeyConstraint("id", name="notification_pk"),
        sa.CheckConstraint("message <> ''", name="notification_says_something"),
    )
    op.create_index("notification_by_user", "notification", ["user_id", "at"])
    op.create_index("notification_by_mail", "notification", ["mail_due"])
    op.create_table(
        "notification_choice",
        _user_id(),
        _text("address", "''"),
        _text("shown"),
        _text("mailed"),
        _text("mappings", "'[]'"),
        sa.PrimaryKeyConstraint("user_id", name="notification_choice_pk"),
        sa.CheckConstraint("address <> '' OR mailed = '[]'", name="notification_choice_has_address"),
    )


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, sa.Text(), nullable=False, server_default=given)


def _user_id() -> sa.Column[str]:
    return sa.Column("user_id", sa.Text(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


def _connection_id() -> sa.Column[str]:
    return sa.Column(
        "connection_id", sa.Text(), sa.ForeignKey("connection.id", ondelete="CASCADE"), nullable=False
    )
