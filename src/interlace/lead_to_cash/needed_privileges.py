"""Which privileges a connection needs on both sides: for its mappings, its orders, and what is switched on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.privilege import Access, Need, needs, needs_of_mapping
from interlace.domain.side import Side
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_names import (
    CONTACT,
    CURRENCY,
    CUSTOMER,
    ITEM_PRODUCT,
    OPPORTUNITY,
    POSTEDSALESINV_INV,
    RESOURCE_PRODUCT,
    SALESORDER_ORDER,
)
from interlace.lead_to_cash.order_columns import (
    COMMENT_TABLE,
    CRM_TABLE,
    HEADER_TABLE,
    LINE_TABLE,
    NOTE_TABLE,
)
from interlace.lead_to_cash.order_sagas import orders_sagas

CONNECTION: Final = "connection"
"""What needs a privilege if no mapping does: the connection itself."""
ENABLING: Final = "enabling"
AVAILABILITY: Final = "availability"
CRM_STATISTICS: Final = "crm statistics"
"""Shown on a customer's card; no run needs it."""
CONNECTION_TABLE: Final = "ilc_connection"
_MARKERS: Final = "ilc_epochmarker"
_R, _C, _W, _D = Access.READ, Access.CREATE, Access.WRITE, Access.DELETE
_A, _T, _S = Access.APPEND, Access.APPEND_TO, Access.ASSIGN
_OF_CONNECTION: Final = frozenset[Need]().union(
    needs(Side.CRM, "organization", _R),
    needs(Side.CRM, "transactioncurrency", _R),
    needs(Side.CRM, "systemuser", _R),
    needs(Side.CRM, "team", _R),
    # Tables, columns and choices are looked up before they are used.
    needs(Side.CRM, "entity", _R),
    needs(Side.CRM, "attribute", _R),
    needs(Side.CRM, "optionset", _R),
    # The service asks these of every account that works with records.
    needs(Side.CRM, "usersettings", _R),
    needs(Side.CRM, "sdkmessage", _R),
    needs(Side.CRM, _MARKERS, _R, _C, _W),
    needs(Side.ERP, "Epoch_Marker", _R, _C, _W),
    needs(Side.ERP, "General_Ledger_Setup", _R),
)
_OF_ENABLING: Final = frozenset[Need]().union(
    # That the ERP's amounts are kept is a switch of the organization; the default price list is made.
    needs(Side.CRM, "organization", _W),
    needs(Side.CRM, "pricelevel", _R, _C, _A),
    needs(Side.CRM, "transactioncurrency", _T),
    # For `interlace solution status`.
    needs(Side.CRM, "role", _R),
    needs(Side.CRM, "businessunit", _R),
    needs(Side.CRM, "solution", _R),
    needs(Side.CRM, "publisher", _R),
)
_ONE_WAY: Final = frozenset[Need]().union(
    needs(Side.CRM, CRM_TABLE, _W, _T),
    needs(Side.CRM, NOTE_TABLE, _C, _A),
    # Fulfilling an order closes it by an activity.
    needs(Side.CRM, "orderclose", _C, _A),
    needs(Side.ERP, HEADER_TABLE, _R, _C, _W, _D),
    needs(Side.ERP, LINE_TABLE, _R, _C, _W, _D),
    needs(Side.ERP, COMMENT_TABLE, _C, _W, _D),
)
OF_ORDER_USER: Final = frozenset[Need]().union(
    # The ERP gives a new document a number and its lines prices: it changes what it has just inserted.
    needs(Side.ERP, HEADER_TABLE, _R, _C, _W),
    needs(Side.ERP, LINE_TABLE, _R, _C, _W),
)
"""What the user needs who creates the orders, where that is another one than the connection's."""
_TWO_WAY: Final = frozenset[Need]().union(
    _ONE_WAY,
    needs(Side.CRM, CRM_TABLE, _C, _D, _A, _S),
    *(
        needs(Side.CRM, target, _T)
        for target in ("account", "product", "uom", "pricelevel", "transactioncurrency")
    ),
)
_OF_CRM_STATISTICS: Final = frozenset[Need]().union(
    needs(Side.CRM, "opportunity", _R),
    # Cases are not here: an organization without customer service has none, and would refuse a role that reads them.
    needs(Side.CRM, "quote", _R),
)
_BEHIND: Final = {(Side.ERP, "Customer_Statistics"): ("Customer", "Cust_Ledger_Entry")}
"""Pages that show no table of their own."""
_READ_BESIDE: Final[Mapping[MappingName, tuple[str, ...]]] = {
    CURRENCY: ("Currency_Exchange_Rate",),
    CUSTOMER: ("Contact_Business_Relation", "Sales_Receivables_Setup", "No_Series"),
    CONTACT: ("Contact_Business_Relation", "Marketing_Setup", "No_Series"),
    ITEM_PRODUCT: ("Item_Unit_of_Measure", "Item_Ledger_Entry", "Inventory_Setup", "No_Series"),
    RESOURCE_PRODUCT: ("Resources_Setup", "No_Series"),
    OPPORTUNITY: ("Contact_Business_Relation",),
    POSTEDSALESINV_INV: ("Cust_Ledger_Entry", "Sales_Price"),
}
"""ERP tables that the fields of a mapping, and the numbers of its new records, are made of."""
_OF_SETTINGS: Final = frozenset({"attribute", "entity", "optionset", "organization", CONNECTION_TABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What of a connection is switched on beside its mappings."""

    orders: bool = True
    two_way_orders: bool = False
    availability: bool = False


Needs = Mapping[Need, tuple[str, ...]]
"""Each need with the names of what needs it, in path order."""


def needed(mappings: Iterable[IntegrationTableMapping], switches: Switches) -> Needs:
    """Return everything that these mappings and switches need."""
    found: dict[Need, dict[str, None]] = {}
    for name, each in _parts(mappings, switches):
        for need in sorted(each, key=_place):
            for told in _BEHIND.get((need.side, need.table), (need.table,)):
                found.setdefault(replace(need, table=told), {})[name] = None
    return {need: tuple(names) for need, names in found.items()}


def needed_by_everything() -> Needs:
    """Return what a connection needs on which everything is switched on, deletions and team owners too."""
    mappings = [
        replace(each, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
        for each in DEFAULT_MAPPINGS
    ]
    one_way = needed(mappings, Switches(orders=True, availability=True))
    two_way = needed(mappings, Switches(orders=False, two_way_orders=True))
    found: dict[Need, dict[str, None]] = {}
    for each in (one_way, two_way):
        for need, names in each.items():
            found.setdefault(need, {}).update(dict.fromkeys(names))
    return {need: tuple(names) for need, names in found.items()}


def needs_of_availability() -> Needs:
    """Return what publishing the availability of items needs, whether it is switched on yet or not."""
    found = needed((), Switches(orders=False, availability=True))
    return {need: (AVAILABILITY,) for need, names in found.items() if AVAILABILITY in names}


def is_of_settings(need: Need) -> bool:
    """Tell whether a need is about how the CRM is set up rather than about records."""
    return need.side is Side.CRM and need.table in _OF_SETTINGS


def _parts(
    mappings: Iterable[IntegrationTableMapping], switches: Switches
) -> Iterator[tuple[str, frozenset[Need]]]:
    yield CONNECTION, _OF_CONNECTION
    yield ENABLING, _OF_ENABLING
    for mapping in mappings:
        if mapping.name == SALESORDER_ORDER:
            yield from _of_orders(mapping.name, switches)
        else:
            yield mapping.name, needs_of_mapping(mapping)
        for table in _READ_BESIDE.get(mapping.name, ()):
            yield mapping.name, needs(Side.ERP, table, _R)
        if mapping.name == CUSTOMER:
            yield CRM_STATISTICS, _OF_CRM_STATISTICS
    if switches.availability:
        yield AVAILABILITY, needs(Side.CRM, CONNECTION_TABLE, _R, _C, _W, _D)
        yield AVAILABILITY, needs(Side.ERP, "CRM_Integration_Record", _R, _C, _W, _D)


def _of_orders(name: str, switches: Switches) -> Iterator[tuple[str, frozenset[Need]]]:
    if not (switches.orders or switches.two_way_orders):
        return
    for saga in orders_sagas(two_way=switches.two_way_orders):
        yield name, needs(saga.side, saga.table, _R)
        for look in saga.looks:
            yield name, needs(look.side, look.table, _R)
    yield name, _TWO_WAY if switches.two_way_orders else _ONE_WAY


def _place(need: Need) -> tuple[str, str, int]:
    return need.side.value, need.table, list(Access).index(need.access)
