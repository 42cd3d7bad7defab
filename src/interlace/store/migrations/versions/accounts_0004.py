"""Users with their sessions and keys, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    _create_users()
    _create_sessions()
    _create_keys()
    _create_first_start()
    _create_audit_log()


def _text(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[str]:
    server_default = None if default is None else sa.text(default)
    return sa.Column(name, sa.Text(), nullable=nullable, server_default=server_default)


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE")


def _create_users() -> None:
    op.create_table(
        "user",
        _text("id"),
        _text("name"),
        _text("folded_name"),
        _text("full_name", "''"),
        _text("password_hash"),
        _text("permission_sets", "'[]'"),
        _text("language", "'en_US'"),
        _text("time_zone", "'UTC'"),
        _text("experience", "'Suite'"),
        sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_offered", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        _text("created_at"),
        _text("signed_in_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="user_pk"),
        sa.UniqueConstraint("folded_name", name="user_name"),
        sa.CheckConstraint("name <> ''", name="user_name_not_blank"),
        sa.CheckConstraint("experience IN ('Suite','Basic')", name="user_experience"),
    )
    op.create_table(
        "recovery_code",
        _text("user_id"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _of_user(),
        sa.PrimaryKeyConstraint("user_id", "digest", name="recovery_code_pk"),
    )


def _create_sessions() -> None:
    op.create_table(
        "session",
        _text("id"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _text("user_id", nullable=True),
        _text("stage"),
        _text("created_at"),
        _text("seen_at"),
        _text("password_at", nullable=True),
        _text("address", "''"),
        _text("agent", "''"),
        _text("notices", "'[]'"),
        _text("kept_form", nullable=True),
        _text("kept_at", nullable=True),
        _of_user(),
        sa.PrimaryKeyConstraint("id", name="session_pk"),
        sa.UniqueConstraint("digest", name="session_digest"),
        sa.CheckConstraint("stage IN ('visiting','needs code','signed in')", name="session_stage"),
        sa.CheckConstraint("(stage = 'visiting') = (user_id IS NULL)", name="session_has_user"),
        sa.CheckConstraint("(kept_form IS NULL) = (kept_at IS NULL)", name="session_kept_form_has_time"),
    )
    op.create_index("session_by_user", "session", ["user_id"])


def _create_keys() -> None:
    op.create_table(
        "access_token",
        _text("id"),
        _text("user_id"),
        _text("name"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _text("permissions"),
        _text("connections", "'[]'"),
        _text("addresses", "'[]'"),
        _text("created_at"),
        _text("expires_at"),
        _text("used_at", nullable=True),
        _text("used_from", "''"),
        _text("revoked_at", nullable=True),
        _of_user(),
        sa.PrimaryKeyConstraint("id", name="access_token_pk"),
    )
    op.create_index("access_token_by_user", "access_token", ["user_id"])


def _create_first_start() -> None:
    op.create_table(
        "first_start",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _text("expires_at"),
        sa.PrimaryKeyConstraint("digest", name="first_start_pk"),
    )
    op.create_table(
        "attempt",
        _text("subject"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("recent"),
        _text("last_at"),
        sa.PrimaryKeyConstraint("subject", name="attempt_pk"),
    )
    op.create_index("attempt_by_time", "attempt", ["last_at"])


def _create_audit_log() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("entry"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *[_text(name) for name in ("at", "user_name", "operation")],
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="audit_entry_pk"),
    )
    op.create_index("audit_entry_by_user", "audit_entry", ["user_name", "sequence"])
    op.create_index("audit_entry_by_operation", "audit_entry", ["operation", "sequence"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_head_pk"),
        sa.CheckConstraint("id = 1", name="audit_head_is_one"),
    )
