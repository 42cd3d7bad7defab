"""What a connection is made of: two addresses, two sign-ins, and what it learned from both ends."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Self
from urllib.parse import urlsplit

from interlace.bootstrap.erp_web_client import is_web_address
from interlace.bootstrap.service_address import (
    ConnectionProblem,
    SignInMethod,
    check_address,
    checked_authority,
    is_this_machine,
    method_called,
    require_filled,
)
from interlace.connectors.dataverse.web_api_address import ONLINE_VERSION, web_api_root
from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.values import Value
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

__all__ = [
    "ConnectionProblem",
    "ConnectionSettings",
    "SignInMethod",
    "is_this_machine",
    "require_addresses",
    "require_enabled",
]

ERP_KEY_SECRET = "erp_access_key"  # noqa: S105 - the name of a secret, not one
SALES_ORDER_KEY_SECRET = "sales_order_key"  # noqa: S105 - the name of a secret, not one
FEED_KEY_SECRET = "feed_key"  # noqa: S105 - the name of a secret, not one
ERP_PASSWORD = "erp_password"  # noqa: S105 - the name of a secret, not one
ERP_SECRET = "erp_client_secret"  # noqa: S105 - the name of a secret, not one
ERP_CERTIFICATE = "erp_certificate"
ERP_TOKENS = "erp_tokens"
CRM_SECRET = "crm_client_secret"  # noqa: S105 - the name of a secret, not one
CRM_PASSWORD = "crm_password"  # noqa: S105 - the name of a secret, not one
CRM_CERTIFICATE = "crm_certificate"
CRM_TOKENS = "crm_tokens"
ERP_PRODUCTS = ("bc", "nav2018", "nav2017")
PERSON = "person"
TEAM = "team"
ERP_ONLINE_SCOPE = "https://api.businesscentral.dynamics.com/.default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """One ERP company with one CRM organization. Secrets are kept apart, encrypted."""

    name: str
    erp_address: str
    """Up to and with the instance or environment, such as http://host:7048/BC."""
    erp_company: str
    erp_user: str
    crm_address: str
    """Up to the host, such as https://org.crm4.dynamics.com; on premises with the organization's name behind it."""
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
    erp_authentication: str = SignInMethod.BASIC.value
    crm_authentication: str = SignInMethod.TOKEN_ADDRESS.value
    erp_authority: str = ""
    """Sign-in service with tenant, such as https://login.microsoftonline.com/TENANT."""
    crm_authority: str = ""
    erp_client_id: str = ""
    erp_scope: str = ERP_ONLINE_SCOPE
    """What the ERP's tokens are for; on premises the address that the server names in ValidAudiences."""
    crm_user: str = ""
    """User of a CRM on premises that takes a user and a password."""
    erp_web_client: str = ""
    """Where people open the ERP in a browser; blank: as the online service's address tells, else there is none."""
    erp_internal_host: bool = False
    """The ERP and its sign-in service may lie on this machine or inside the own network."""
    crm_internal_host: bool = False
    erp_ca_file: str = ""
    """PEM file with the certificate of a private authority that the ERP's is from; blank: a public one."""
    crm_ca_file: str = ""
    left_out: tuple[str, ...] = ()
    """Mappings that take no part."""
    own_mappings: tuple[Mapping[str, JsonValue], ...] = ()
    """Mappings that users added, as they are kept; `own_mappings` tells what they are."""
    ownership: str = PERSON
    """Who owns what Interlace creates in the CRM: the person who is the record's salesperson, or a team."""
    owning_team: str = "Interlace"
    """Name of that team."""
    owning_team_id: str = ""
    publish_availability: bool = False
    """The set-up lets CRM users look up the ERP's stock."""
    availability_user: str = ""
    """Whose sign-in the set-up gives to CRM users for that; blank: the ERP issues a token."""
    set_up: tuple[str, ...] = ()
    """Steps of the assisted set-up whose questions were answered."""
    erp_product: str = "bc"
    """Which ERP it is: bc (Business Central, with API v2.0), nav2018 or nav2017."""
    default_since: str = ""
    """When it was made the default, which is meant where none is named: the one chosen last is; blank: it was not."""
    crm_api_version: str = ""
    """Version of the CRM's Web API that its address told or that answered there; blank: that of the service online."""
    freezes: tuple[Mapping[str, JsonValue], ...] = ()
    """Windows in which nothing is written to the ERP, as they are kept; `bootstrap.freezes` tells what they are."""
    approval_fields: tuple[str, ...] = ()
    """Fields, each as MAPPING.FIELD, whose changes another user approves before a plan with them is applied."""
    approval_deletions_percent: int | None = None
    """The same for a plan that deletes a greater share of a mapping's coupled records; None: any number is free."""
    approval_changes_percent: int | None = None

    def checked(self) -> Self:
        """Return the settings if their addresses can be used; raises ConnectionProblem naming the first that can't."""
        for end, label, address in (
            ("erp", translatable("ERP address"), self.erp_address),
            ("crm", translatable("CRM address"), self.crm_address),
            *self._sign_in_addresses(),
        ):
            is_internal = self.erp_internal_host if end == "erp" else self.crm_internal_host
            check_address(end, label, address, is_internal=is_internal)
        if self.erp_web_client and not is_web_address(self.erp_web_client):
            raise ConnectionProblem(wrong_web_client(self.erp_web_client))
        if self.erp_product not in ERP_PRODUCTS:
            msg = translatable(
                "{erp_product} is no ERP that can be connected. Possible: {erp_products}.",
                erp_product=repr(self.erp_product),
                erp_products=", ".join(ERP_PRODUCTS),
            )
            raise ConnectionProblem(msg)
        if not self.erp_company.strip():
            msg = translatable("The ERP company is blank. Name the company as the ERP shows it in its title.")
            raise ConnectionProblem(msg)
        return replace(
            self,
            erp_address=self.erp_address.rstrip("/"),
            crm_address=self.crm_address.rstrip("/"),
            erp_web_client=self.erp_web_client.rstrip("/"),
            erp_authority=self.erp_authority.rstrip("/"),
            crm_authority=self.crm_authority.rstrip("/"),
        )

    def _sign_in_addresses(self) -> Iterator[tuple[str, str, str]]:
        """Name the addresses that are needed to sign in; raises ConnectionProblem for what is missing or unknown."""
        erp, crm = self.erp_method, self.crm_method
        if erp.takes_user:
            require_filled(self.erp_user, translatable("ERP user"), "--erp-user USER")
        else:
            require_filled(self.erp_client_id, translatable("ERP client id"), "--erp-client-id ID")
            yield (
                "erp",
                translatable("address of the ERP's sign-in service"),
                checked_authority(self.erp_authority, "erp"),
            )
        if crm.takes_user:
            require_filled(self.crm_user, translatable("CRM user"), "--crm-user USER")
            return
        require_filled(self.crm_client_id, translatable("client id"), "--client-id ID")
        if crm is SignInMethod.TOKEN_ADDRESS:
            yield "crm", translatable("token address"), self.crm_token_url
        else:
            yield (
                "crm",
                translatable("address of the CRM's sign-in service"),
                checked_authority(self.crm_authority, "crm"),
            )

    @property
    def erp_method(self) -> SignInMethod:
        """How the connection signs in at the ERP."""
        allowed = [each for each in SignInMethod if each is not SignInMethod.TOKEN_ADDRESS]
        return method_called(self.erp_authentication, "ERP", allowed)

    @property
    def crm_method(self) -> SignInMethod:
        """How the connection signs in at the CRM."""
        return method_called(self.crm_authentication, "CRM", list(SignInMethod))

    @property
    def crm_place(self) -> str:
        """Path of the organization on its server; blank where the organization is the whole server."""
        return urlsplit(self.crm_address).path.rstrip("/")

    @property
    def crm_root(self) -> str:
        """Path under which the CRM's Web API answers."""
        return web_api_root(self.crm_place, self.crm_api_version or ONLINE_VERSION)

    @property
    def has_erp_api(self) -> bool:
        """Tell whether the ERP has API v2.0; NAV has page web services only."""
        return self.erp_product == ERP_PRODUCTS[0]

    @property
    def named_keys(self) -> dict[NamedKey, str]:
        """The keys that mappings refer to by name."""
        return {
            NamedKey.BASE_CURRENCY: self.base_currency_id,
            NamedKey.DEFAULT_PRICE_LIST: self.default_price_list_id,
            NamedKey.ERP_COMPANY: self.erp_company_id,
            NamedKey.OWNING_TEAM: self.owning_team_id,
        }

    @property
    def is_owned_by_team(self) -> bool:
        """Tell whether a team owns what Interlace creates, and salespeople take no part."""
        return self.ownership == TEAM

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
        values = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in held.items()
            if name in known
        }
        return cls(**values)  # type: ignore[arg-type]


def wrong_web_client(address: str) -> str:
    """Say that no browser can be led to an address."""
    return translatable(
        "The address of the ERP's web client {address} is no web address. Give it up to its instance, such as "
        "https://erp.example.com/BC.",
        address=repr(address),
    )


def require_addresses(settings: ConnectionSettings) -> None:
    """Refuse to ask the services of a connection whose set-up has only begun; raises ConnectionProblem."""
    if not (settings.erp_address and settings.erp_company and settings.crm_address):
        msg = translatable(
            "The connection {name} is still being set up: `interlace setup {name}` asks for its addresses.",
            name=settings.name,
        )
        raise ConnectionProblem(msg)


def require_enabled(settings: ConnectionSettings) -> None:
    """Refuse to synchronize over a connection that is not enabled; raises ConnectionProblem."""
    if not settings.enabled:
        msg = translatable(
            "The connection {name} is not enabled. Enable it with `interlace connection enable {name}`.",
            name=settings.name,
        )
        raise ConnectionProblem(msg)
