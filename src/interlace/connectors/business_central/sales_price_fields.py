"""The unit of a sales price: the item's base unit, or another one of the group that the base unit has in the CRM."""

from typing import Final

from interlace.connectors.business_central.view_fields import DerivedField
from interlace.connectors.business_central.virtual_fields import Row
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.values import Value


def _unit(row: Row) -> Value:
    """The base unit's code; of a price per another unit, that unit's code comes behind it."""
    base, unit = row["Item_Base_Unit"], row["Unit_of_Measure_Code"]
    return base if not base or unit in (None, "", base) else f"{base}{KEY_SEPARATOR}{unit}"


SALES_PRICE_FIELDS: Final = (
    DerivedField(
        table="Sales_Price",
        name="Price_Unit",
        of=("Item_Base_Unit", "Unit_of_Measure_Code"),
        compute=_unit,
    ),
)
