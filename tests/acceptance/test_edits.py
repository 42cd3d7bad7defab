"""Edits of both sides, made through the services' own protocols by an outsider, arrive on the other side."""

from tests.acceptance.conftest import Installation, json_lines
from tests.acceptance.outsider import Outsider


def test_edits_on_either_side_arrive_on_the_other_and_disjoint_ones_both_survive(
    synchronized: Installation,
) -> None:
    """After a full synchronization, three records are edited: one here, one there, one on both sides."""
    outsider = Outsider(synchronized)
    outsider.change_customer("C00010", Name="Renamed in the ERP Ærø")
    outsider.change_account("C00020", name="Renamed in the CRM Ёлка")
    outsider.change_customer("C00040", Phone_No="+49 1")
    outsider.change_account("C00040", emailaddress1="new@kunde.example")
    rows = json_lines(synchronized.interlace("synch", "CUSTOMER", "--json").stdout)
    assert {row["direction"]: row["modified"] for row in rows} == {
        "ToIntegrationTable": 2,
        "FromIntegrationTable": 2,
    }
    assert outsider.account_of("C00010")["name"] == "Renamed in the ERP Ærø"
    assert outsider.customer("C00020")["Name"] == "Renamed in the CRM Ёлка"
    customer, account = outsider.customer("C00040"), outsider.account_of("C00040")
    assert (customer["Phone_No"], customer["E_Mail"]) == ("+49 1", "new@kunde.example")
    assert (account["telephone1"], account["emailaddress1"]) == ("+49 1", "new@kunde.example")
    # What follows from a customer's name elsewhere, such as its statistics, comes with the other mappings.
    synchronized.interlace("synch")
    assert synchronized.interlace("verify").returncode == 0
    before = outsider.writes()
    synchronized.interlace("synch")
    synchronized.interlace("synch", "--full")
    assert outsider.writes() == before
