"""Fields that NAV 2017 and 2018 do not have yet, with what their absence means."""

from typing import Final

from interlace.connectors.business_central.view_fields import DerivedField
from interlace.connectors.business_central.virtual_fields import Row
from interlace.domain.values import Value


def _never(row: Row) -> Value:
    return False


NAV_FIELDS: Final = (
    # Such an item can't be kept from being sold but by blocking it altogether.
    DerivedField(table="Item", name="Sales_Blocked", of=(), compute=_never),
)
