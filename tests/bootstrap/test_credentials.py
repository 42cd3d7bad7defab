"""Which credential a connection signs in with, and what its secrets are sealed to."""

from dataclasses import replace

import pytest

from interlace.bootstrap.administrator_order import AdministratorAccount
from interlace.bootstrap.connection_settings import (
    CRM_CERTIFICATE,
    CRM_PASSWORD,
    CRM_SECRET,
    CRM_TOKENS,
    ERP_KEY_SECRET,
    ERP_PASSWORD,
    ERP_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
    SignInMethod,
)
from interlace.bootstrap.credentials import (
    canonical_origin,
    crm_credential,
    erp_credential,
    needed_secrets,
    sales_order_credential,
    seal_of,
    sign_in_of,
)
from interlace.bootstrap.ends import rules_of
from interlace.bootstrap.setup.told_ways import ways_told
from interlace.cli.connection_options import hosts_told
from interlace.connectors.sign_in_credential import (
    AccessKey,
    ClientCertificate,
    ClientSecret,
    DeviceCode,
    TokenAddress,
    WindowsAccount,
)
from interlace.connectors.sign_in_windows import WindowsSignIn
from interlace.domain.side import Side

AUTHORITY = "https://login.microsoftonline.com/contoso.example"
SETTINGS = ConnectionSettings(
    name="main",
    erp_address="https://erp.example:7048/BC",
    erp_company="Nordlicht",
    erp_user="INTERLACE",
    crm_address="https://org.crm4.dynamics.com",
    crm_token_url=f"{AUTHORITY}/oauth2/v2.0/token",
    crm_client_id="client",
)
ONLINE = replace(
    SETTINGS,
    erp_authentication="client-secret",
    erp_authority=AUTHORITY,
    erp_client_id="erp-client",
    crm_authentication="client-secret",
    crm_authority=AUTHORITY,
    crm_token_url="",
)
WINDOWS = replace(
    SETTINGS,
    erp_authentication="ntlm",
    erp_user="DOMAIN\\erp",
    crm_authentication="ntlm",
    crm_user="DOMAIN\\crm",
)
SECRETS = dict.fromkeys(
    (
        ERP_KEY_SECRET,
        ERP_PASSWORD,
        ERP_SECRET,
        CRM_SECRET,
        CRM_PASSWORD,
        CRM_CERTIFICATE,
        CRM_TOKENS,
        SALES_ORDER_KEY_SECRET,
    ),
    "hidden-words",
)


@pytest.mark.parametrize(
    ("settings", "erp", "crm", "secrets"),
    [
        (SETTINGS, AccessKey, TokenAddress, {ERP_KEY_SECRET, CRM_SECRET}),
        (ONLINE, ClientSecret, ClientSecret, {ERP_SECRET, CRM_SECRET}),
        (
            replace(SETTINGS, crm_authentication="basic", crm_user="DOMAIN\\ann"),
            AccessKey,
            AccessKey,
            {ERP_KEY_SECRET, CRM_PASSWORD},
        ),
        (WINDOWS, WindowsAccount, WindowsAccount, {ERP_PASSWORD, CRM_PASSWORD}),
        (
            replace(ONLINE, crm_authentication="certificate"),
            ClientSecret,
            ClientCertificate,
            {ERP_SECRET, CRM_CERTIFICATE},
        ),
        (
            replace(ONLINE, crm_authentication="device-code"),
            ClientSecret,
            DeviceCode,
            {ERP_SECRET, CRM_TOKENS},
        ),
    ],
)
def test_the_settings_tell_the_credential(
    settings: ConnectionSettings, erp: type, crm: type, secrets: set[str]
) -> None:
    """Each way to sign in has a credential of its own, which never shows its secret."""
    checked = settings.checked()
    assert type(erp_credential(checked, SECRETS)) is erp
    assert type(crm_credential(checked, SECRETS)) is crm
    assert needed_secrets(checked) == secrets
    assert "hidden-words" not in repr((erp_credential(checked, SECRETS), crm_credential(checked, SECRETS)))


def test_who_creates_orders_signs_in_as_the_erp_is_signed_in_to() -> None:
    """With a directory he is an application of his own; without a key he has no sign-in."""
    assert type(sales_order_credential(replace(SETTINGS, sales_order_user="CLERK"), SECRETS)) is AccessKey
    assert type(sales_order_credential(replace(ONLINE, sales_order_user="id"), SECRETS)) is ClientSecret
    windows = replace(WINDOWS, sales_order_user="DOMAIN\\clerk")
    assert type(sales_order_credential(windows, SECRETS)) is WindowsAccount
    assert sales_order_credential(SETTINGS, SECRETS) is None


@pytest.mark.parametrize("name", [ERP_PASSWORD, CRM_PASSWORD, SALES_ORDER_KEY_SECRET])
def test_a_windows_password_is_sealed_to_its_way(name: str) -> None:
    """Whoever turns the connection to Basic, which would send it, has to know the password."""
    plain = replace(
        WINDOWS, erp_authentication="basic", crm_authentication="basic", sales_order_user="DOMAIN\\clerk"
    )
    held = seal_of(replace(WINDOWS, sales_order_user="DOMAIN\\clerk"), name)
    assert held[-1] == "ntlm"
    assert name == ERP_PASSWORD or seal_of(plain, name) != held


def test_an_administrator_signs_in_with_a_windows_account() -> None:
    """The solution is imported on premises the same way as the connection signs in."""
    account = AdministratorAccount(method=SignInMethod.NTLM, user="DOMAIN\\admin")
    signed_in = sign_in_of(account.credential("hidden-words"), "", monotonic=lambda: 0.0)
    assert isinstance(signed_in, WindowsSignIn)
    assert "hidden-words" not in repr(signed_in)


@pytest.mark.parametrize("end", ["erp", "crm"])
def test_a_windows_account_needs_its_name(end: str) -> None:
    """A blank account is refused before anything is sent."""
    with pytest.raises(ConnectionProblem, match=f"{end.upper()} user is blank"):
        replace(WINDOWS, **{f"{end}_user": " "}).checked()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"crm_authority": "http://login.example/t"}, "--crm-authority"),
        ({"crm_authority": "https://login.example"}, "end with the tenant"),
        ({"crm_authority": ""}, "--crm-authority"),
        ({"erp_client_id": " "}, "--erp-client-id"),
        ({"crm_authentication": "kerberos"}, "Ways: basic, token-address"),
        ({"erp_authentication": "token-address"}, "Ways: basic, client-secret"),
    ],
)
def test_what_a_sign_in_lacks_is_named(changed: dict[str, str], words: str) -> None:
    """The message names the option that gives it."""
    with pytest.raises(ConnectionProblem, match=words):
        ConnectionSettings.load({**ONLINE.dump(), **changed}).checked()


@pytest.mark.parametrize(
    ("secret", "field", "value", "moves"),
    [
        (ERP_SECRET, "erp_address", "https://thief.example:7048/BC", True),
        (ERP_SECRET, "erp_address", "https://ERP.example:7048/Other", False),
        (ERP_SECRET, "erp_authority", "https://thief.example/contoso.example", True),
        (ERP_SECRET, "erp_authority", "https://login.microsoftonline.com/other", True),
        (ERP_SECRET, "crm_address", "https://thief.example", False),
        (ERP_KEY_SECRET, "erp_authority", "https://thief.example/t", False),
        (ERP_KEY_SECRET, "erp_address", "http://erp.example:7048/BC", True),
        (SALES_ORDER_KEY_SECRET, "erp_address", "https://thief.example/BC", True),
        (CRM_SECRET, "crm_address", "https://org2.crm4.dynamics.com", True),
        (CRM_SECRET, "crm_authority", "https://thief.example/t", True),
        (CRM_SECRET, "crm_address", "https://ORG.crm4.dynamics.com:443/", False),
        (CRM_TOKENS, "crm_authority", "https://thief.example/t", True),
        (CRM_PASSWORD, "crm_address", "https://thief.example", True),
    ],
)
def test_security_s2_a_secret_is_sealed_to_where_it_is_sent(
    secret: str, field: str, value: str, *, moves: bool
) -> None:
    """Origin, authority and tenant count; the spelling of the same place doesn't."""
    changed = ConnectionSettings.load({**ONLINE.dump(), field: value})
    assert (seal_of(changed, secret) != seal_of(ONLINE, secret)) is moves


def test_security_s2_the_plain_token_address_counts_too() -> None:
    """The client secret is sent there."""
    moved = replace(SETTINGS, crm_token_url="https://thief.example/token")
    assert seal_of(moved, CRM_SECRET) != seal_of(SETTINGS, CRM_SECRET)


def test_an_origin_has_one_spelling() -> None:
    """Letter case, a last dot and the usual port make no difference."""
    spelled = {
        canonical_origin(each)
        for each in ("https://Host.example", "https://host.example:443/x", "HTTPS://HOST.example.")
    }
    assert spelled == {"https://host.example:443"}


def test_security_o1_each_end_has_its_outbound_rules() -> None:
    """Links stay below the service's root, and tokens come from the configured place."""
    settings = replace(ONLINE, erp_internal_host=True, crm_ca_file="/x.pem")
    erp, crm = rules_of(settings, Side.ERP), rules_of(settings, Side.CRM)
    assert (erp.root, erp.internal_host, erp.authority, erp.ca_file) == ("/BC/", True, AUTHORITY, "")
    assert (crm.root, crm.internal_host, crm.ca_file) == ("/api/data/", False, "/x.pem")
    assert rules_of(SETTINGS, Side.CRM).authority == SETTINGS.crm_token_url
    assert rules_of(SETTINGS, Side.ERP).authority == ""


def test_security_o3_on_premises_links_stay_below_the_organizations_path() -> None:
    """Two organizations of one server are as far apart as two servers."""
    settings = replace(SETTINGS, crm_address="https://crm.example/CONTOSO", crm_api_version="9.1")
    assert rules_of(settings, Side.CRM).root == "/CONTOSO/api/data/"
    assert settings.crm_root == "/CONTOSO/api/data/v9.1/"
    assert SETTINGS.crm_root == "/api/data/v9.2/"


@pytest.mark.parametrize(
    ("given", "secrets", "told"),
    [
        ({"crm_token_url": "x"}, {}, {"crm_authentication": "token-address"}),
        ({"crm_authority": "x"}, {CRM_SECRET: "s"}, {"crm_authentication": "client-secret"}),
        ({"crm_authority": "x"}, {CRM_CERTIFICATE: "s"}, {"crm_authentication": "certificate"}),
        ({"crm_user": "x"}, {}, {"crm_authentication": "basic"}),
        ({"erp_user": "x"}, {}, {"erp_authentication": "basic"}),
        ({"erp_authority": "x", "erp_user": "y"}, {}, {"erp_authentication": "client-secret"}),
        ({"crm_authority": "x", "crm_authentication": "device-code"}, {}, {}),
        ({}, {}, {}),
    ],
)
def test_options_tell_the_way_to_sign_in(
    given: dict[str, str], secrets: dict[str, str], told: dict[str, str]
) -> None:
    """Who names an authority means the directory; what was said outright stands."""
    assert ways_told(given, secrets) == told


@pytest.mark.parametrize(
    ("given", "secrets", "way", "told"),
    [
        ({"erp_user": "x"}, {}, "ntlm", {}),
        ({"erp_user": "x"}, {ERP_PASSWORD: "s"}, "basic", {"erp_authentication": "ntlm"}),
        ({"erp_authority": "x"}, {}, "certificate", {}),
        ({"erp_authority": "x"}, {}, "basic", {"erp_authentication": "client-secret"}),
        ({"erp_user": "x"}, {}, "device-code", {"erp_authentication": "basic"}),
    ],
)
def test_a_new_user_signs_in_as_the_one_before(
    given: dict[str, str], secrets: dict[str, str], way: str, told: dict[str, str]
) -> None:
    """Whoever corrects the Windows account has not asked for a key in its place, nor for a secret by a new tenant."""
    assert ways_told(given, secrets, replace(SETTINGS, erp_authentication=way)) == told


def test_security_o2_only_an_address_that_says_so_is_this_machine() -> None:
    """Everything else inside must be allowed by an option; a new address forgets the old permission."""
    assert hosts_told({"erp_address": "http://localhost:1/BC"}, erp_internal=None, crm_internal=None) == {
        "erp_internal_host": True
    }
    assert hosts_told({"crm_address": "https://10.0.0.1"}, erp_internal=None, crm_internal=None) == {
        "crm_internal_host": False
    }
    assert hosts_told({}, erp_internal=True, crm_internal=None) == {"erp_internal_host": True}
