"""Records that people create or delete in the CRM after the first full synchronization."""

from tests.acceptance.conftest import Installation, json_lines
from tests.acceptance.outsider import Outsider


def test_an_account_and_its_contact_made_in_the_crm_reach_the_erp_and_a_deletion_is_listed(
    synchronized: Installation,
) -> None:
    """They get numbers of the reserved range; the deleted account is not made again, both facts are told."""
    outsider = Outsider(synchronized)
    outsider.create("accounts", name="Neu im CRM GmbH", customertypecode=3, address1_city="Köln")
    account = outsider.find("accounts", "name eq 'Neu im CRM GmbH'")[0]
    parent = f"/accounts({account['accountid']})"
    outsider.create(
        "contacts",
        **{"firstname": "Ада", "lastname": "Лавлейс", "parentcustomerid_account@odata.bind": parent},
    )
    outsider.delete_account_of("C00060")
    ended = synchronized.interlace("synch", "CUSTOMER", "CONTACT", "--full", "--json")
    rows = {(row["mapping"], row["direction"]): row for row in json_lines(ended.stdout)}
    assert rows["CUSTOMER", "FromIntegrationTable"]["inserted"] == 1, ended.stderr
    assert rows["CONTACT", "FromIntegrationTable"]["inserted"] == 1, ended.stderr
    account = outsider.find("accounts", "name eq 'Neu im CRM GmbH'")[0]
    customer = outsider.customer(account["ilc_erpkey"])
    assert (customer["Name"], customer["City"]) == ("Neu im CRM GmbH", "Köln")
    assert customer["No"].startswith("CRM")
    person = outsider.find("contacts", "lastname eq 'Лавлейс'")[0]
    contact = outsider.contact(person["ilc_erpkey"])
    assert (contact["First_Name"], contact["Surname"], contact["Type"]) == ("Ада", "Лавлейс", "Person")
    errors = json_lines(synchronized.interlace("errors", "CUSTOMER", "--json").stdout)
    listed = [each for each in errors if each.get("record") == "C00060" or each.get("code") == "IL-202"]
    assert listed, errors
    assert outsider.find("accounts", "ilc_erpkey eq 'C00060'") == []
