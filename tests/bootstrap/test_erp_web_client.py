"""Addresses of the ERP's web client: people come to the record's card, and to nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.erp_web_client import is_web_address, record_page, web_client_of
from interlace.bootstrap.record_links import erp_record_link, erp_resource
from interlace.domain.keys import KEY_SEPARATOR
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS

ONLINE = "https://api.businesscentral.dynamics.com/v2.0/contoso.example/Production"
EMBEDDED = "http://127.0.0.1:7048/BC"


def settings(erp_address: str, web_client: str = "") -> ConnectionSettings:
    """A connection with an ERP at an address."""
    return ConnectionSettings(
        name="main",
        erp_address=erp_address,
        erp_company="CRONUS & Söhne",
        erp_user="U",
        erp_web_client=web_client,
        crm_address="https://org.crm4.dynamics.com",
        crm_token_url="https://org.example/token",
        crm_client_id="c",
    )


@pytest.mark.parametrize(
    ("erp_address", "told", "found"),
    [
        (ONLINE, "", "https://businesscentral.dynamics.com/contoso.example/Production"),
        (
            "https://api.businesscentral.dynamics.com/v2.0/Production",
            "",
            "https://businesscentral.dynamics.com/Production",
        ),
        (ONLINE, "https://erp.example.com/", "https://erp.example.com"),
        ("https://erp.example.com:7048/BC", "https://erp.example.com/BC/", "https://erp.example.com/BC"),
        ("https://erp.example.com:7048/BC", "", ""),
        (EMBEDDED, "", ""),
        (EMBEDDED, "javascript:alert(1)", ""),
    ],
)
def test_the_web_client_is_told_or_known_of_the_online_service(
    erp_address: str, told: str, found: str
) -> None:
    """On premises nobody but the person knows where it is; the embedded ERP has none."""
    assert web_client_of(erp_address, told) == found


@pytest.mark.parametrize(
    ("table", "key", "page", "filters"),
    [
        ("Customer", "C00010", "21", "'No.' IS 'C00010'"),
        ("Salesperson_Purchaser", "A & B", "5116", "'Code' IS '''A & B'''"),
        ("Item", "10'*", "30", "'No.' IS '''10''''*'''"),
        ("Sales_Header", KEY_SEPARATOR.join(("Order", "1001")), "42", "'No.' IS '1001'"),
        ("Sales_Invoice_Header", "103001", "132", "'No.' IS '103001'"),
        (
            "Sales_Price",
            KEY_SEPARATOR.join(("1000", "Customer", "C1", "2026-01-01", "", "", "PCS", "5")),
            "7002",
            "'Item No.' IS '1000' AND 'Sales Code' IS 'C1'",
        ),
    ],
)
def test_a_record_is_found_on_its_page_by_its_key(table: str, key: str, page: str, filters: str) -> None:
    """Signs that filters read otherwise are quoted; company and filter come whole through the address."""
    link = erp_record_link(settings(ONLINE), table, key)
    assert link.startswith("https://businesscentral.dynamics.com/contoso.example/Production/?")
    asked = parse_qs(urlsplit(link).query)
    assert asked == {"company": ["CRONUS & Söhne"], "page": [page], "filter": [filters]}


def test_every_mapping_leads_somewhere() -> None:
    """Each table that is synchronized has a page; what belongs to a record of its own has none."""
    tables = {each.erp_table for each in DEFAULT_MAPPINGS}
    without = {each for each in tables if not record_page("https://erp.example", "C", each, "1")}
    assert without <= {"Customer_Statistics", "Sales_Line", "Sales_Invoice_Line"}


def test_without_a_web_client_there_is_no_link_and_programs_still_have_the_resource() -> None:
    """Nobody is led to raw answers of a service."""
    held = settings(EMBEDDED)
    assert erp_record_link(held, "Customer", "C1") == ""
    company = "CRONUS%20%26%20S%C3%B6hne"
    assert (
        erp_resource(held, "Customer", "C1") == f"{EMBEDDED}/ODataV4/Company('{company}')/CustomerCard('C1')"
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "erp.example.com",
        "https://",
        "https://u:p@erp.example.com",
        "https://e/?a=b",
        "https://[",
        "data:x",
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    """It stands in links of pages, so it must be one that a browser opens as a page."""
    assert not is_web_address(address)
    with pytest.raises(ConnectionProblem, match="web client"):
        settings("https://erp.example.com:7048/BC", address).checked()
