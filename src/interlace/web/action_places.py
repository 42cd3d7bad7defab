"""Where actions are found: the page for each operation that changes something, or that a button asks for."""

from interlace.management.operation import AnyOperation, Effect
from interlace.management.translatable import translatable
from interlace.web.navigation import part_of, place_of

_PAGE_OF_AREA = {
    "account": "/account",
    "approvals": "/connection/approvals",
    "audit": "/audit",
    "availability": "/availability",
    "conflicts": "/conflicts",
    "connections": "/connection",
    "couplings": "/couplings",
    "erasing": "/journal",
    "errors": "/errors",
    "freezes": "/connection/freezes",
    "halts": "/halts",
    "journal": "/journal",
    "keys": "/connection",
    "mappings": "/mappings",
    "matching": "/mappings",
    "notifications": "/notifications",
    "orders": "/orders",
    "plans": "/plans",
    "queue": "/queue",
    "records": "/records/CUSTOMER",
    "requests": "/requests",
    "reviews": "/review",
    "setup": "/setup",
    "tokens": "/tokens",
    "undo": "/journal",
    "users": "/users",
    "verification": "/verification",
    "views": "/couplings",
}
_PAGE_OF_ACTION = {
    "connections.begin": "/connections",
    "connections.make_default": "/connections",
    "connections.rename": "/connections",
    "connections.versions": "/connection/solution",
    # What is done with single records begins in a list of records, where one is chosen.
    "couplings.add": "/records/CUSTOMER",
    "couplings.remove": "/records/CUSTOMER",
    # What it takes back is shown first.
    "connections.use_defaults": "/connection/defaults",
    "connections.redeploy_solution": "/connection/solution",
    # All of them are a mapping's.
    "couplings.remove_all": "/mappings",
    # A whole file at once.
    "couplings.export": "/couplings/exchange",
    "couplings.import": "/couplings/exchange",
    "couplings.shadow": "/couplings/shadow",
    # Criteria belong to a mapping.
    "couplings.match": "/mappings",
    # What is taken back is chosen in the journal.
    "plans.undo": "/journal",
    "notifications.prove": "/notifications/subscription",
    "notifications.send_code": "/notifications/subscription",
    "notifications.subscribe": "/notifications/subscription",
}
_READING_ACTIONS = frozenset(
    {
        "audit.export",
        "audit.verify",
        "availability.stock",
        "connections.test",
        "connections.versions",
        "couplings.export",
        "journal.verify",
        "keys.show",
        "mappings.check",
        "mappings.count",
        "mappings.export",
        "mappings.try",
        "matching.show",
        "matching.try",
        "records.compare",
        "records.explain",
        "records.log",
        "undo.plan",
        "users.sessions",
    }
)
"""What people ask for by a button and is only shown; other reading operations are pages, or parts of them."""


def is_action(operation: AnyOperation) -> bool:
    """Tell whether a page offers an operation as something to do."""
    return operation.effect is Effect.WRITES or operation.name in _READING_ACTIONS


def page_of_action(operation: AnyOperation) -> str:
    """Return the address of the page where an action is found, or where what it is about is chosen."""
    area = operation.name.partition(".")[0]
    return _PAGE_OF_ACTION.get(operation.name) or _PAGE_OF_AREA[area]


def caption_of_page(path: str) -> str:
    """Return what the menu calls a page; what is the visitor's own stands beside the menu."""
    if path.startswith("/notifications"):
        return translatable("Notifications")
    part = part_of(path)
    place = place_of(part, path) if part is not None else None
    return place.caption if place is not None else translatable("My Account")
