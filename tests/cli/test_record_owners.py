"""Who is responsible for records that a synchronization coupled: the salesperson whom both services name."""

from dataclasses import replace
from pathlib import Path

from tests.cli.both_ends import NAME, Interlace
from tests.domain.test_conflict import UPDATE

from interlace.bootstrap.application import Application
from interlace.bootstrap.notifying.owners import Owners
from interlace.domain.keys import MappingName
from interlace.settings import load_config


def test_a_synchronized_customer_is_its_salespersons(synchronized: Interlace, tmp_path: Path) -> None:
    """The code that was carried over leads to the address of the user whom it stands for."""
    customer = synchronized("couplings", "show", "C00010", "--mapping", "CUSTOMER", "--json").only
    [code] = [each["erp_value"] for each in customer["agreed"] if each["crm_field"] == "ownerid"]
    person = synchronized("couplings", "show", code, "--mapping", "SALESPEOPLE", "--json").only
    [address] = [
        each["crm_value"] for each in person["agreed"] if each["crm_field"] == "internalemailaddress"
    ]
    assert "@" in address
    conflict = replace(UPDATE, mapping=MappingName("CUSTOMER"), erp=replace(UPDATE.erp, key="C00010"))
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as application:
        found = Owners(application, application.connection(NAME)).of_conflicts([conflict])
    assert found == {("CUSTOMER", "C00010"): address.casefold()}
