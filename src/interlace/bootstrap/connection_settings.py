"""What a connection is made of: two addresses, two sign-ins, and what it learned from both ends."""

from dataclasses import asdict, dataclass, fields, replace
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.values import Value
from interlace.store.encoding import JsonValue

ERP_KEY_SECRET = "erp_access_key"  # noqa: S105 - the name of a secret, not one
SALES_ORDER_KEY_SECRET = "sales_order_key"  # noqa: S105 - the name of a secret, not one
CRM_SECRET = "crm_client_secret"  # noqa: S105 - the name of a secret, not one


class ConnectionProblem(Exception):
    """A connection can't be used as it is; the text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """One ERP company with one CRM organization. Secrets are kept apart, encrypted."""

    name: str
    erp_address: str
    """Up to and with the instance or environment, such as http://host:7048/BC."""
    erp_company: str
    erp_user: str
    crm_address: str
    """Up to the host, such as https://org.crm4.dynamics.com."""
    crm_token_url: str
    crm_client_id: str
    sales_order_user: str = ""
    """ERP user who creates the sales orders; blank: the ERP user does."""
    order_integration: bool = True
    """Submitted CRM orders become ERP orders."""
    bidirectional_orders: bool = False
    """Orders are kept in step both ways; excludes the order integration."""
    write_in_product_type: str = ""
    """What a product that is only named becomes: item or resource; blank: such orders are held."""
    write_in_product_number: str = ""
    check_credit_limit: bool = False
    """Hold orders whose customer would owe more than the credit limit allows."""
    require_salesperson: bool = False
    """Hold orders whose owner is no ERP salesperson."""
    payment_discount_from_order: bool = False
    """The order's discount in percent, which its amounts hold already, becomes a payment discount too."""
    enabled: bool = False
    erp_company_id: str = ""
    crm_organization_id: str = ""
    crm_user_id: str = ""
    local_currency_code: str = ""
    base_currency_id: str = ""
    default_price_list_id: str = ""
    feed_user: str = ""
    """Whose sign-in CRM users read the availability feed with; blank: it is not published."""
    feed_expires: str = ""
    """When the feed token ends that the ERP issued; blank: the sign-in is another one, which nobody renews here."""
    bound_place: str = ""
    """Where the memory was when the connection was bound; blank: not bound yet."""
    bound_ends: str = ""
    """Which ends it was bound to."""

    def checked(self) -> Self:
        """Return the settings if their addresses can be used; raises ConnectionProblem naming the first that can't."""
        for label, address in (
            ("ERP address", self.erp_address),
            ("CRM address", self.crm_address),
            ("token address", self.crm_token_url),
        ):
            if not _is_service_address(address):
                msg = (
                    f"The {label} {address!r} is no web address. "
                    "Give it with scheme and host, such as https://org.crm4.dynamics.com."
                )
                raise ConnectionProblem(msg)
            if address.startswith("http:") and not is_this_machine(urlsplit(address).hostname or ""):
                msg = (
                    f"The {label} {address!r} would send keys and records in the clear. "
                    "Use https; http is for services on this machine only."
                )
                raise ConnectionProblem(msg)
        if not self.erp_company.strip():
            msg = "The ERP company is blank. Name the company as the ERP shows it in its title."
            raise ConnectionProblem(msg)
        return replace(
            self,
            erp_address=self.erp_address.rstrip("/"),
            crm_address=self.crm_address.rstrip("/"),
        )

    @property
    def named_keys(self) -> dict[NamedKey, str]:
        """The keys that mappings refer to by name."""
        return {
            NamedKey.BASE_CURRENCY: self.base_currency_id,
            NamedKey.DEFAULT_PRICE_LIST: self.default_price_list_id,
            NamedKey.ERP_COMPANY: self.erp_company_id,
        }

    @property
    def write_in_product(self) -> str:
        """Type and number, as ERP lines name it, of what products that are only named become; blank: not set up."""
        number = self.write_in_product_number
        return f"{self.write_in_product_type.capitalize()} {number}" if number else ""

    @property
    def order_settings(self) -> dict[str, Value]:
        """What the saga of orders is told."""
        return {
            "company_id": self.erp_company_id,
            "default_price_list_id": self.default_price_list_id,
            "order_integration": self.order_integration,
            "bidirectional_orders": self.bidirectional_orders,
            "write_in_product_type": self.write_in_product_type,
            "write_in_product_number": self.write_in_product_number,
            "check_credit_limit": self.check_credit_limit,
            "require_salesperson": self.require_salesperson,
            "payment_discount_from_order": self.payment_discount_from_order,
        }

    def dump(self) -> dict[str, JsonValue]:
        """Return the settings as plain values."""
        return asdict(self)

    @classmethod
    def load(cls, held: dict[str, object]) -> Self:
        """Make settings of plain values; unknown names of a newer version are left out."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in held.items() if name in known}
        return cls(**values)  # type: ignore[arg-type]


def _is_service_address(address: str) -> bool:
    """Tell whether an address has scheme and host, a port that is a number, and no credentials in it."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def require_enabled(settings: ConnectionSettings) -> None:
    """Refuse to synchronize over a connection that is not enabled; raises ConnectionProblem."""
    if not settings.enabled:
        msg = (
            f"The connection {settings.name} is not enabled. "
            f"Enable it with `interlace connection enable {settings.name}`."
        )
        raise ConnectionProblem(msg)
