"""What charts are drawn from: how each connection stood, hour by hour."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text, text

from interlace.store import table_parts

COUNTS = ("coupled", "failed", "skipped", "conflicts")

hourly_figure = Table(
    "hourly_figure",
    table_parts.metadata,
    table_parts.connection_id(),
    # The beginning of the hour; times of one width: their order as text is that of time.
    Column("hour", table_parts.Key, nullable=False),
    # When the hour's newest sample was taken, and what was counted then.
    Column("taken_at", table_parts.Key, nullable=False),
    *[Column(name, BigInteger, nullable=False) for name in COUNTS],
    # The greatest lag that a sample of the hour found, in seconds; none: it could not be told.
    Column("to_lag", BigInteger),
    Column("from_lag", BigInteger),
    # What the newest lag was reckoned from.
    Column("basis", Text, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("connection_id", "hour", name="hourly_figure_pk"),
)

TABLES = (hourly_figure,)
