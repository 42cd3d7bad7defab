"""What people are told: the states that were told of, one message for each change and person, and who wants what."""

from sqlalchemy import (
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
)
from sqlalchemy import text as sql_text

from interlace.store import table_parts


def _text(name: str, default: str | None = None) -> Column[str]:
    given = None if default is None else sql_text(default)
    return Column(name, Text, nullable=False, server_default=given)


def _user_id() -> Column[str]:
    return Column("user_id", Text, ForeignKey("user.id", ondelete="CASCADE"), nullable=False)


notification_state = Table(
    "notification_state",
    table_parts.metadata,
    table_parts.connection_id(),
    _text("kind"),
    Column("subject", table_parts.Key, nullable=False),
    _text("since"),
    # None: it has not lasted long enough to be told of.
    Column("told_at", Text),
    # Since when it is not seen any more; it may come back before that is told.
    Column("gone_at", Text),
    # What is said when it is over, and where that leads; blank: nothing is said.
    _text("over", "''"),
    _text("over_page", "''"),
    _text("mappings", "'[]'"),
    # Who is responsible and was told it when it came; none: it was told to everybody whom it concerns.
    _text("owners", "'[]'"),
    PrimaryKeyConstraint("connection_id", "kind", "subject", name="notification_state_pk"),
)

notification = Table(
    "notification",
    table_parts.metadata,
    # Made of the person and the change: no change is told to anybody twice.
    _text("id"),
    _user_id(),
    table_parts.connection_id(),
    _text("kind"),
    Column("is_over", Boolean, nullable=False),
    _text("message"),
    _text("page"),
    Column("at", table_parts.Key, nullable=False),
    Column("is_shown", Boolean, nullable=False),
    Column("is_read", Boolean, nullable=False, server_default=sql_text("false")),
    # When its e-mail is tried next; none: none is wanted, or it was sent, or given up.
    Column("mail_due", table_parts.Key),
    Column("mail_tries", Integer, nullable=False, server_default=sql_text("0")),
    _text("mail_problem", "''"),
    PrimaryKeyConstraint("id", name="notification_pk"),
    CheckConstraint("message <> ''", name="notification_says_something"),
    Index("notification_by_user", "user_id", "at"),
    Index("notification_by_mail", "mail_due"),
)

notification_choice = Table(
    "notification_choice",
    table_parts.metadata,
    _user_id(),
    _text("address", "''"),
    _text("shown"),
    _text("mailed"),
    _text("mappings", "'[]'"),
    # Kinds that are told whoever is responsible.
    _text("of_others", "'[]'"),
    PrimaryKeyConstraint("user_id", name="notification_choice_pk"),
    # Without an address there is nowhere to send to.
    CheckConstraint("address <> '' OR mailed = '[]'", name="notification_choice_has_address"),
)

address_proof = Table(
    "address_proof",
    table_parts.metadata,
    # Another address is another proof: what was sent to the one before counts no more.
    _text("id"),
    _user_id(),
    _text("address"),
    Column("proven_at", Text),
    # Of the code that was sent last; none: none was sent yet, or it was used.
    Column("digest", LargeBinary),
    Column("expires_at", Text),
    # When the message with a code is tried next; none: it was sent, or given up.
    Column("mail_due", table_parts.Key),
    Column("mail_tries", Integer, nullable=False, server_default=sql_text("0")),
    _text("mail_problem", "''"),
    PrimaryKeyConstraint("id", name="address_proof_pk"),
    UniqueConstraint("user_id", name="address_proof_of_user"),
    CheckConstraint("(digest IS NULL) = (expires_at IS NULL)", name="address_proof_code_expires"),
    CheckConstraint("proven_at IS NULL OR digest IS NULL", name="address_proof_needs_no_code"),
)

TABLES = (notification_state, notification, notification_choice, address_proof)
