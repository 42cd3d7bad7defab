"""Which sagas take orders on their way: the two ways in which orders travel exclude each other."""

from interlace.domain.saga import Saga
from interlace.lead_to_cash.order_from_sales_order import RELEASED_ORDER_SAGA
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.lead_to_cash.two_way_orders import TWO_WAY_ORDER_SAGA


def orders_sagas(*, two_way: bool) -> tuple[Saga, ...]:
    """Return the sagas in the order in which a run takes them; the last one keeps the couplings."""
    return (RELEASED_ORDER_SAGA, TWO_WAY_ORDER_SAGA) if two_way else (ORDER_SAGA,)
