"""A connection's settings: addresses that can be used, and those that must not be."""

from dataclasses import replace

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings

SETTINGS = ConnectionSettings(
    name="c",
    erp_address="http://127.0.0.1:7048/BC/",
    erp_company="Nordlicht",
    erp_user="INTERLACE",
    crm_address="https://org.crm4.dynamics.com",
    crm_token_url="https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
    crm_client_id="client",
    erp_internal_host=True,
)


def test_addresses_lose_their_last_slash() -> None:
    """What is appended to them begins with one."""
    assert SETTINGS.checked().erp_address == "http://127.0.0.1:7048/BC"


@pytest.mark.parametrize("field", ["erp_address", "crm_address", "crm_token_url"])
def test_an_address_without_scheme_or_host_is_refused_by_name(field: str) -> None:
    """The message names the setting and shows what an address looks like."""
    with pytest.raises(ConnectionProblem, match=r"is no web address\. Give it with scheme and host"):
        ConnectionSettings.load({**SETTINGS.dump(), field: "org.crm4.dynamics.com"}).checked()


@pytest.mark.parametrize("host", ["erp.example", "10.0.0.5"])
def test_security_o1_plain_http_is_for_this_machine_only(host: str) -> None:
    """A web service access key never travels in the clear."""
    with pytest.raises(ConnectionProblem, match="in the clear"):
        replace(SETTINGS, erp_address=f"http://{host}:7048/BC").checked()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_plain_http_is_allowed_to_services_beside_us(host: str) -> None:
    """The embedded services speak it."""
    address = f"http://{host}:7048/BC"
    assert replace(SETTINGS, erp_address=address).checked().erp_address == address


def test_a_blank_company_is_refused() -> None:
    """Without a company there is nothing to synchronize."""
    with pytest.raises(ConnectionProblem, match="company is blank"):
        replace(SETTINGS, erp_company=" ").checked()


def test_settings_of_a_newer_version_load_without_what_is_unknown() -> None:
    """A downgrade keeps working."""
    held: dict[str, object] = {**SETTINGS.dump(), "from_the_future": 1}
    assert ConnectionSettings.load(held) == SETTINGS
