"""The indexes by which names are in order hold the names as they are written, too: patterns are looked for there."""

from alembic import op

revision = "0015"
down_revision = "0014"

_SIDES = ("erp", "crm")


def upgrade() -> None:
    """Make both indexes anew, with room for the names: the searched text gives some of its own."""
    op.execute(
        "UPDATE coupling_listing SET search = rtrim(substr(search, 1, 250)) WHERE length(search) > 250"
    )
    for side in _SIDES:
        _make(side, "erp_name", "crm_name")


def downgrade() -> None:
    """Take the names out of them."""
    for side in _SIDES:
        _make(side)


def _make(side: str, *names: str) -> None:
    index = f"coupling_listing_by_{side}_name"
    op.drop_index(index, "coupling_listing")
    op.create_index(
        index, "coupling_listing", ["mapping_id", f"{side}_name_order", "erp_key", *names, "search"]
    )
