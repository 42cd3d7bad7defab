"""The day for which a customer's overdue amount holds: the ERP computes it by today's date, and shows no day."""

from decimal import Decimal
from typing import Final

from interlace.connectors.business_central.view_fields import TODAY, DerivedField
from interlace.connectors.business_central.virtual_fields import Row
from interlace.domain.values import Value


def _as_of(row: Row) -> Value:
    """Today, where something is overdue: other customers' records don't change just because a day has passed."""
    return row[TODAY] if Decimal(str(row["Balance_Due_LCY"] or 0)) else None


STATISTICS_FIELDS: Final = (
    DerivedField(
        table="Customer_Statistics", name="Overdue_As_Of", of=("Balance_Due_LCY", TODAY), compute=_as_of
    ),
)
