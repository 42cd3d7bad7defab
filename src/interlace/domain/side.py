"""The two services that a connection keeps in step."""

from enum import Enum


class Side(Enum):
    """One of the two services."""

    ERP = "erp"
    CRM = "crm"

    @property
    def other(self) -> "Side":
        """The opposite service."""
        return Side.CRM if self is Side.ERP else Side.ERP
