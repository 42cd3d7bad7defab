"""Which page services the company publishes, as the page Web Services says in the real product.

A company that nobody has prepared publishes what the product brings; Interlace's pages are published one by one.
"""

from collections.abc import Iterable
from typing import Final

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.erp.page_services import PAGE_SERVICES

PRODUCT_SERVICES: Final = frozenset({"SalesOrder", "SalesOrderSalesLines"})
"""What is published before anybody does."""
_STATE: Final = "withdrawn services"


class PublishedServices:
    """The list of page services, kept with the records."""

    def __init__(self, store: EntityStore) -> None:
        self._store = store

    @property
    def withdrawn(self) -> frozenset[str]:
        """The services that exist and are not published."""
        kept = self._store.read_state(_STATE)
        names = json_codec.decode(kept) if kept else []
        assert isinstance(names, list)
        return frozenset(str(name) for name in names)

    def publish(self, names: Iterable[str]) -> None:
        """Publish services."""
        self._keep(self.withdrawn - frozenset(names))

    def withdraw(self, names: Iterable[str]) -> None:
        """Publish services no longer."""
        self._keep(self.withdrawn | frozenset(names))

    def leave_the_products(self) -> None:
        """Publish what the product brings, and nothing else."""
        self._keep(frozenset(PAGE_SERVICES) - PRODUCT_SERVICES)

    def _keep(self, withdrawn: frozenset[str]) -> None:
        with self._store.transaction():
            self._store.write_state(_STATE, json_codec.encode(sorted(withdrawn)).decode())
