"""The tables of users, their sessions and keys, and of the audit log."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from interlace.store.table_parts import metadata


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=None if default is None else text(default))


def _user_id(*, nullable: bool = False) -> Column[str]:
    return Column("user_id", Text, ForeignKey("user.id", ondelete="CASCADE"), nullable=nullable)


user = Table(
    "user",
    metadata,
    _text("id"),
    _text("name"),
    # The name without case and composition: nobody can take a name that looks like another one.
    _text("folded_name"),
    _text("full_name", "''"),
    _text("password_hash"),
    _text("permission_sets", "'[]'"),
    _text("language", "'en_US'"),
    _text("time_zone", "'UTC'"),
    _text("experience", "'Suite'"),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("totp_secret", LargeBinary),
    # Given out, and not yet confirmed by a code.
    Column("totp_offered", LargeBinary),
    Column("totp_step", BigInteger, nullable=False, server_default=text("0")),
    _text("created_at"),
    Column("signed_in_at", Text),
    PrimaryKeyConstraint("id", name="user_pk"),
    UniqueConstraint("folded_name", name="user_name"),
    CheckConstraint("name <> ''", name="user_name_not_blank"),
    CheckConstraint("experience IN ('Suite','Basic')", name="user_experience"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _user_id(),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id", "digest", name="recovery_code_pk"),
)

session = Table(
    "session",
    metadata,
    _text("id"),
    Column("digest", LargeBinary, nullable=False),
    # None: a browser for which a form is kept until somebody signs in.
    _user_id(nullable=True),
    _text("stage"),
    _text("created_at"),
    _text("seen_at"),
    Column("password_at", Text),
    _text("address", "''"),
    _text("agent", "''"),
    _text("notices", "'[]'"),
    Column("kept_form", Text),
    Column("kept_at", Text),
    # Its user's rights have changed: the next request gets another token.
    Column("is_to_renew", Boolean, nullable=False, server_default=text("false")),
    # The token of before, for requests that were under way when it was exchanged.
    Column("old_digest", LargeBinary),
    Column("old_until", Text),
    PrimaryKeyConstraint("id", name="session_pk"),
    UniqueConstraint("digest", name="session_digest"),
    CheckConstraint("stage IN ('visiting','needs code','signed in')", name="session_stage"),
    CheckConstraint("(stage = 'visiting') = (user_id IS NULL)", name="session_has_user"),
    CheckConstraint("(kept_form IS NULL) = (kept_at IS NULL)", name="session_kept_form_has_time"),
    Index("session_by_user", "user_id"),
)

access_token = Table(
    "access_token",
    metadata,
    _text("id"),
    _user_id(),
    _text("name"),
    Column("digest", LargeBinary, nullable=False),
    _text("permissions"),
    _text("connections", "'[]'"),
    _text("addresses", "'[]'"),
    _text("created_at"),
    _text("expires_at"),
    Column("used_at", Text),
    _text("used_from", "''"),
    Column("revoked_at", Text),
    PrimaryKeyConstraint("id", name="access_token_pk"),
    Index("access_token_by_user", "user_id"),
)

first_start = Table(
    "first_start",
    metadata,
    Column("digest", LargeBinary, nullable=False),
    _text("expires_at"),
    PrimaryKeyConstraint("digest", name="first_start_pk"),
)

attempt = Table(
    "attempt",
    metadata,
    _text("subject"),
    Column("attempts", Integer, nullable=False),
    _text("recent"),
    _text("last_at"),
    PrimaryKeyConstraint("subject", name="attempt_pk"),
    Index("attempt_by_time", "last_at"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("sequence", BigInteger, nullable=False, autoincrement=False),
    _text("entry"),
    Column("digest", LargeBinary, nullable=False),
    # What entries are found by; all of it stands in the entry too.
    _text("at"),
    _text("user_name"),
    _text("operation"),
    Column("refused", Boolean, nullable=False),
    PrimaryKeyConstraint("sequence", name="audit_entry_pk"),
    Index("audit_entry_by_user", "user_name", "sequence"),
    Index("audit_entry_by_operation", "operation", "sequence"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id", name="audit_head_pk"),
    CheckConstraint("id = 1", name="audit_head_is_one"),
)

TABLES = (user, recovery_code, session, access_token, first_start, attempt, audit_entry, audit_head)
