"""The availability feed of the embedded ERP, and the records that say which CRM product shows which item."""

from typing import Any

import pytest

_PRODUCT = "7c4b9df2-0000-4000-8000-00000000000a"
_OTHER = "7c4b9df2-0000-4000-8000-00000000000b"


def _item(erp: Any, stock: int = 0) -> str:
    item = erp.post(f"{erp.pages}/ItemCard", {"Description": "Bike", "Base_Unit_of_Measure": "PCS"})
    if stock:
        found = erp.values(f"{erp.company}/items?$filter=number eq '{item['No']}'".replace(" ", "%20"))
        erp.patch(f"{erp.company}/items({found[0]['id']})", {"inventory": stock})
    return str(item["No"])


def _couple(erp: Any, product: str, item: str) -> Any:
    return erp.post(f"{erp.pages}/CRMIntegrationRecords", {"CRM_ID": product, "Item_No": item})


def _filtered(erp: Any, condition: str) -> Any:
    return erp.values(f"{erp.pages}/ProductItemAvailability?$filter={condition.replace(' ', '%20')}")


def test_feed_shows_coupled_items_with_stock_and_what_is_left_of_it(erp: Any) -> None:
    """A row has product, item, unit, stock and the stock less what is ordered; only coupled items have one."""
    number = _item(erp, 12)
    _item(erp, 5)
    _couple(erp, _PRODUCT, number)
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})["number"]
    order = erp.post(f"{erp.company}/salesOrders", {"customerNumber": customer})
    line = {"lineType": "Item", "lineObjectNumber": number, "quantity": 5}
    erp.post(f"{erp.company}/salesOrders({order['id']})/salesOrderLines", line)
    [row] = erp.values(f"{erp.pages}/ProductItemAvailability")
    items = erp.values(f"{erp.company}/items")
    system_ids = {item["number"]: item["id"] for item in items}
    del row["@odata.etag"]
    assert row == {
        "CRM_ID": _PRODUCT,
        "Integration_ID": system_ids[number],
        "Table_ID": 27,
        "ItemNo": number,
        "UOM": "PCS",
        "Inventory": 12,
        "Projected_Available_Balance": 7,
    }


@pytest.mark.parametrize("spelling", ["{id}", "{upper}", "'{id}'"])
def test_feed_is_filtered_by_product(erp: Any, spelling: str) -> None:
    """A CRM asks for the row of its product, with a bare GUID in either letter case, or a quoted one."""
    _couple(erp, _PRODUCT, _item(erp))
    _couple(erp, _OTHER, _item(erp))
    value = spelling.format(id=_OTHER, upper=_OTHER.upper())
    assert [row["CRM_ID"] for row in _filtered(erp, f"CRM_ID eq {value}")] == [_OTHER]


def test_feed_is_filtered_by_item(erp: Any) -> None:
    """An item's row is found by the item's number, in any letter case, also within a selection."""
    first, second = _item(erp), _item(erp, 3)
    _couple(erp, _PRODUCT, first)
    _couple(erp, _OTHER, second)
    found = _filtered(erp, f"ItemNo eq '{second.lower()}'&$select=Inventory")
    assert [(row["CRM_ID"], row["Inventory"]) for row in found] == [(_OTHER, 3)]
    assert [row["ItemNo"] for row in _filtered(erp, "Inventory gt 1")] == [second]


def test_feed_follows_a_renamed_item_and_forgets_a_deleted_one(erp: Any) -> None:
    """The row stays with its item under another number, and goes with the item."""
    number = _item(erp)
    _couple(erp, _PRODUCT, number)
    item = erp.values(f"{erp.company}/items")[0]
    erp.patch(f"{erp.company}/items({item['id']})", {"number": "BIKE-9"})
    [row] = erp.values(f"{erp.pages}/ProductItemAvailability")
    assert (row["ItemNo"], row["Integration_ID"]) == ("BIKE-9", item["id"])
    assert erp.send("DELETE", f"{erp.company}/items({item['id']})", headers={"If-Match": "*"}).status == 204
    assert erp.values(f"{erp.pages}/ProductItemAvailability") == []


def test_feed_itself_can_not_be_written(erp: Any) -> None:
    """Who wants to change it changes the records behind it."""
    _couple(erp, _PRODUCT, _item(erp))
    url = f"{erp.pages}/ProductItemAvailability"
    assert erp.refused("POST", url, {"CRM_ID": _OTHER})[0] == 405
    assert erp.refused("PATCH", f"{url}({_PRODUCT})", {"ItemNo": ""}, {"If-Match": "*"})[0] == 405
    assert erp.refused("DELETE", f"{url}({_PRODUCT})")[0] == 405


def test_record_names_an_item_that_is_there(erp: Any) -> None:
    """A record of another table, of no item or for a product that has one is refused."""
    number = _item(erp)
    url = f"{erp.pages}/CRMIntegrationRecords"
    _couple(erp, _PRODUCT, number)
    refused = [
        ({"CRM_ID": _OTHER, "Item_No": "NONE"}, "Internal_InvalidTableRelation"),
        ({"CRM_ID": _OTHER}, "Application_FieldValidationException"),
        ({"Item_No": number}, "Application_FieldValidationException"),
        ({"CRM_ID": _OTHER, "Item_No": number, "Table_ID": 18}, "Application_FieldValidationException"),
        ({"CRM_ID": _PRODUCT, "Item_No": number}, "Internal_EntityWithSameKeyExists"),
    ]
    for body, code in refused:
        assert erp.refused("POST", url, body)[1] == code
    changed = erp.patch(f"{url}({_PRODUCT})", {"Item_No": _item(erp)})
    assert changed["Integration_ID"] != "00000000-0000-0000-0000-000000000000"
    assert erp.send("DELETE", f"{url}({_PRODUCT})", headers={"If-Match": "*"}).status == 204
