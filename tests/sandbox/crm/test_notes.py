"""Notes on records: of many tables by one column, read from either end, and gone with their record."""

from typing import Any

import pytest
from tests.sandbox.crm.shop import Shop


@pytest.fixture
def shop(client: Any) -> Shop:
    """Return a CRM with products and an account."""
    return Shop(client)


def _note(shop: Shop, order: str, **values: object) -> str:
    bind = {"objectid_salesorder@odata.bind": f"/salesorders({order})"}
    return str(shop.client.create("annotations", {**values, **bind}))


def test_notes_are_read_from_either_end(shop: Shop) -> None:
    """By the column that names their record, by the record's own collection, and with the record expanded."""
    order, other = shop.document(), shop.document()
    note = _note(shop, order, notetext="Call first")
    _note(shop, other, notetext="Another one")
    found = shop.client.get(f"annotations?$filter=_objectid_value eq {order}&$expand=objectid_salesorder")
    assert [each["annotationid"] for each in found["value"]] == [note]
    assert found["value"][0]["objectid_salesorder"]["salesorderid"] == order
    read = shop.client.get(f"salesorders({order})?$expand=SalesOrder_Annotation($select=notetext,stepid)")
    assert [each["notetext"] for each in read["SalesOrder_Annotation"]] == ["Call first"]


def test_notes_go_with_their_order(shop: Shop) -> None:
    """Those of other orders stay."""
    order, other = shop.document(), shop.document()
    _note(shop, order, notetext="Call first")
    kept = _note(
        shop, other, notetext="Another one", isdocument=True, filename="plan.pdf", documentbody="UERG"
    )
    shop.client.send("DELETE", f"salesorders({order})")
    assert [each["annotationid"] for each in shop.client.get("annotations")["value"]] == [kept]
