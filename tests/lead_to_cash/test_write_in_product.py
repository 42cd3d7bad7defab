"""What stands for write-in products stays out of the mappings of its table."""

from interlace.domain.values import Value
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.write_in_product import without_write_in_product


def test_only_the_mappings_of_its_table_leave_it_out() -> None:
    """An item leaves the two mappings of items, with its reason; every other record of them stays."""
    changed = {
        mapping.name: limited
        for mapping in DEFAULT_MAPPINGS
        if (limited := without_write_in_product(mapping, table="Item", number="extra")) != mapping
    }
    assert set(changed) == {"ITEM-PRODUCT", "ITEM-PRODPRICE"}
    extra: dict[str, Value] = {"No": "EXTRA", "Blocked": False}
    other: dict[str, Value] = {"No": "1000", "Blocked": False}
    for limited in changed.values():
        failing = limited.table_filter.first_failing(extra.__getitem__)
        assert failing is not None
        assert failing.reason == "the record stands for write-in products"
        assert limited.table_filter.first_failing(other.__getitem__) is None


def test_nothing_is_left_out_while_nothing_stands_for_them() -> None:
    """A connection without a write-in product runs the mappings as they are."""
    for table in ("", "Item", "Resource"):
        assert [without_write_in_product(each, table=table, number="") for each in DEFAULT_MAPPINGS] == list(
            DEFAULT_MAPPINGS
        )
