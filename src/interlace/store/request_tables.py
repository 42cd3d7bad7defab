"""Requests to the services that are kept for whoever looks for a cause, and how much was asked minute by minute."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from interlace.store import table_parts

sent_request = Table(
    "sent_request",
    table_parts.metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    table_parts.connection_id(),
    Column("sent_at", table_parts.Key, nullable=False),
    Column("side", Text, nullable=False),
    Column("method", Text, nullable=False),
    # Without the service's origin; values of its filters are hidden.
    Column("address", Text, nullable=False),
    # None: no complete answer came.
    Column("status", Integer),
    Column("milliseconds", BigInteger, nullable=False),
    Column("correlation_id", table_parts.Key, nullable=False),
    Column("run_id", table_parts.Key, nullable=False),
    Column("mapping", table_parts.Key, nullable=False),
    Column("record", table_parts.Key, nullable=False),
    # What the service said, or why there is no answer.
    Column("message", Text, nullable=False),
    # Headers and bodies of both, values hidden; and how many characters of it are kept.
    Column("exchange", Text, nullable=False),
    Column("size", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("id", name="sent_request_pk"),
)
Index("sent_request_of_connection", sent_request.c.connection_id, sent_request.c.id)

kept_whole = Table(
    "kept_whole",
    table_parts.metadata,
    table_parts.connection_id(),
    # Until then requests that went well are kept, too.
    Column("until", table_parts.Key, nullable=False),
    PrimaryKeyConstraint("connection_id", name="kept_whole_pk"),
)

service_use = Table(
    "service_use",
    table_parts.metadata,
    table_parts.connection_id(),
    Column("side", Text, nullable=False),
    Column("minute", table_parts.Key, nullable=False),
    Column("requests", BigInteger, nullable=False),
    # How many of them the service refused for their number or time.
    Column("refused", BigInteger, nullable=False),
    # How long the answers took in all.
    Column("milliseconds", BigInteger, nullable=False),
    Column("at_once", BigInteger, nullable=False),
    # The least that the service said to allow its user yet; none: it said nothing.
    Column("requests_left", BigInteger),
    Column("seconds_left", BigInteger),
    PrimaryKeyConstraint("connection_id", "side", "minute", name="service_use_pk"),
)

TABLES = (sent_request, kept_whole, service_use)
