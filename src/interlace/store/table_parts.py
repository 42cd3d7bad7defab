"""What the declarations of tables have in common."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Text

metadata = MetaData()

# Keys are ordered by code point on both databases, so that pages of couplings come in one order everywhere.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def mapping_id() -> Column[int]:
    """Declare the mapping that a row belongs to and goes with."""
    return Column(
        "mapping_id", Integer, ForeignKey("integration_table_mapping.id", ondelete="CASCADE"), nullable=False
    )


def connection_id() -> Column[str]:
    """Declare the connection that a row belongs to and goes with."""
    return Column("connection_id", Text, ForeignKey("connection.id", ondelete="CASCADE"), nullable=False)
