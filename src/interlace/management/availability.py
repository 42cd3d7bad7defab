"""Item availability: the ERP's stock for CRM users, and the stock of one item."""

from decimal import Decimal

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SecretText
from interlace.management.translatable import translatable


class AvailabilityShown(Answer, frozen=True, kw_only=True):
    """Whether CRM users can look up the stock."""

    is_published: bool
    url: str = ""
    user: str = ""
    expires: str = ""
    """ISO 8601; blank: nobody renews it here."""
    refusal: str = ""
    """What the ERP says to the sign-in that CRM users have; blank: it works."""
    coupled: int = 0
    differing: int = 0
    problem: str = ""
    """What the ERP lacks, and what to do."""


class Stock(Answer, frozen=True, kw_only=True):
    """What is known of an item's stock, and how old that is."""

    item: str
    unit: str
    inventory: Decimal
    projected: Decimal | None
    """The stock less what is ordered; None: the source does not tell."""
    source: str
    age_seconds: float
    product: str = ""


class ShowAvailability(OfConnection, frozen=True, kw_only=True):
    """Asks how item availability stands."""


class ShowStock(OfConnection, frozen=True, kw_only=True):
    """Asks for the stock of an item now."""

    item: str


class PublishAvailability(OfConnection, frozen=True, kw_only=True):
    """Asks to let CRM users look up the stock; user and key only where the ERP issues no tokens for that."""

    erp_url: str = ""
    """Address of the ERP's web client, for links; blank: the ERP's address."""
    user: str = ""
    key: SecretText = ""


class UnpublishAvailability(OfConnection, frozen=True, kw_only=True):
    """Asks to take address and sign-in out of the CRM."""


class AvailabilityChanged(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str


SHOW = Operation(
    name="availability.show",
    asked=ShowAvailability,
    answer=AvailabilityShown,
    permission=Permission.READ,
    caption=translatable("Item Availability"),
    tooltip=translatable("Show whether CRM users can look up the stock; asks both services."),
    command="availability status",
)
STOCK = Operation(
    name="availability.stock",
    asked=ShowStock,
    answer=Stock,
    permission=Permission.READ,
    caption=translatable("Stock of an Item"),
    tooltip=translatable("Read an item's stock in the ERP now."),
    command="availability show",
)
PUBLISH = Operation(
    name="availability.publish",
    asked=PublishAvailability,
    answer=AvailabilityChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Publish"),
    tooltip=translatable("Let CRM users look up the stock on the order line."),
    effect=Effect.WRITES,
    command="availability publish",
)
UNPUBLISH = Operation(
    name="availability.unpublish",
    asked=UnpublishAvailability,
    answer=AvailabilityChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Unpublish"),
    tooltip=translatable("Take address and sign-in of the stock out of the CRM, and end the token."),
    effect=Effect.WRITES,
    command="availability unpublish",
)

OPERATIONS = (SHOW, STOCK, PUBLISH, UNPUBLISH)
