"""What lists of couplings are read from: one searchable row for each coupling, written a little after it.

Beside them saved views.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from interlace.store import table_parts

LISTED_STATES = ("coupled", "not compared", "doubtful", "broken")
_NAMES = ("erp_name", "crm_name")

coupling_listing = Table(
    "coupling_listing",
    table_parts.metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    table_parts.mapping_id(),
    Column("erp_key", table_parts.Key, nullable=False),
    Column("crm_key", table_parts.Key, nullable=False),
    # Names as both sides had them when they agreed last, and folded: case is ignored in the order of a list.
    *[
        Column(name, table_parts.Key, nullable=False)
        for name in (*_NAMES, "erp_name_order", "crm_name_order")
    ],
    # Number and names, bare of case and accents.
    Column("search", table_parts.Key, nullable=False),
    Column("state", Text, nullable=False),
    # Blank: by no job that is remembered. Times of one width: their order as text is that of time.
    Column("synchronized_at", table_parts.Key, nullable=False),
    PrimaryKeyConstraint("id", name="coupling_listing_pk"),
    CheckConstraint(f"state IN {LISTED_STATES}", name="coupling_listing_state"),
    Index("coupling_listing_by_crm_key", "mapping_id", "crm_key"),
    # One row a key: whoever lists is alone at it.
    # With names and the searched text in the index, a walk along it fetches only rows that fit.
    Index("coupling_listing_by_erp_key", "mapping_id", "erp_key", "search"),
    Index("coupling_listing_by_erp_name", "mapping_id", "erp_name_order", "erp_key", *_NAMES, "search"),
    Index("coupling_listing_by_crm_name", "mapping_id", "crm_name_order", "erp_key", *_NAMES, "search"),
    Index("coupling_listing_by_time", "mapping_id", "synchronized_at", "erp_key"),
    Index("coupling_listing_by_state", "mapping_id", "state"),
)

coupling_unlisted = Table(
    "coupling_unlisted",
    table_parts.metadata,
    Column("id", Integer, nullable=False, autoincrement=True),
    table_parts.mapping_id(),
    # Keys of couplings that were stored or removed since; none: those of the whole mapping, from one key on.
    Column("erp_keys", Text),
    Column("after", table_parts.Key, nullable=False, server_default=text("''")),
    Column("records", BigInteger, nullable=False),
    PrimaryKeyConstraint("id", name="coupling_unlisted_pk"),
)

saved_view = Table(
    "saved_view",
    table_parts.metadata,
    # No foreign key: who works on the machine itself is no user.
    *[
        Column(name, Text, nullable=False)
        for name in ("id", "user_id", "owner", "list_name", "name", "filters", "search", "sort", "saved_at")
    ],
    Column("is_shared", Boolean, nullable=False),
    # Behind what the first views had: a migration adds columns at the end.
    Column("shown_columns", Text, nullable=False, server_default=text("'[]'")),
    Column("layout", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("id", name="saved_view_pk"),
    UniqueConstraint("user_id", "list_name", "name", name="saved_view_name"),
    Index("saved_view_by_list", "list_name", "name"),
)

TABLES = (coupling_listing, coupling_unlisted, saved_view)
