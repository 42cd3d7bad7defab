"""An organization without our solution: nothing of ours is there, and the import brings exactly that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ready_crm import ready_crm
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox
from tests.sandbox.crm.sales_app.conftest import Person
from tests.sandbox.crm.shop import Shop
from tests.sandbox.crm.test_solution_import import Administrator

from interlace.sandbox.crm.schema import Schema
from interlace.sandbox.crm.solutions.package import read_package
from interlace.solution.build import build_solution


@pytest.fixture
def bare(clock: Clock) -> Iterator[Administrator]:
    """The administrator of an organization without solutions."""
    app = open_sandbox(None, clock, solutions=())
    yield Administrator(app, clock)
    app.close()


def described(schema: Schema) -> dict[str, object]:
    """Everything that is declared."""
    return {**schema.tables, **schema.choices}


def test_nothing_of_ours_is_declared(bare: Administrator) -> None:
    """Neither metadata nor roles nor solutions know Interlace; the integration user has no role."""
    assert b"ilc_" not in bare.send("GET", "$metadata").body
    assert bare.get("EntityDefinitions(LogicalName='account')/Keys")["value"] == []
    assert {each["name"] for each in bare.get("roles")["value"]} == {
        "Salesperson",
        "System Administrator",
        "System Customizer",
    }
    assert bare.get("solutions")["value"] == []
    assert bare.send("GET", "ilc_epochmarkers").status == 404
    user = bare.get("systemusers?$filter=isintegrationuser eq true&$expand=systemuserroles_association")[
        "value"
    ]
    assert user[0]["systemuserroles_association"] == []


def test_an_import_brings_what_ready_organizations_have(bare: Administrator, client: Client) -> None:
    """Imported later, the solution leads to the same tables, roles and components as at the first start."""
    assert bare.bring(build_solution().content).status == 204
    assert {result for result, _ in bare.results().values()} == {"success"}
    ready, grown = client.app.records.schema, bare.app.records.schema
    assert described(ready) == described(grown)
    query = "solutioncomponents?$select=componenttype,objectid,rootcomponentbehavior"
    ours = {each["solutioncomponentid"] for each in client.get(query)["value"]}
    assert {each["solutioncomponentid"] for each in bare.get(query)["value"]} == ours
    administrator = Administrator(client.app, client.clock)
    for role in read_package(build_solution().content).roles:
        address = f"RetrieveRolePrivilegesRole(RoleId=@p)?@p={role.id}"
        assert bare.get(address)["RolePrivileges"] == [
            {**each, "BusinessUnitId": bare.get(address)["RolePrivileges"][0]["BusinessUnitId"]}
            for each in administrator.get(address)["RolePrivileges"]
        ]


def test_our_solution_goes_and_leaves_a_bare_organization(client: Client) -> None:
    """Uninstalled, it takes its tables, columns and roles along; records of the CRM's own tables stay."""
    administrator = Administrator(client.app, client.clock)
    shop = Shop(client)
    solution = administrator.get("solutions?$filter=uniquename eq 'InterlaceIntegration'")["value"][0]
    assert administrator.send("DELETE", f"solutions({solution['solutionid']})").status == 204
    assert b"ilc_" not in administrator.send("GET", "$metadata").body
    row = administrator.get(f"accounts({shop.account})")
    assert not [name for name in row if name.startswith("ilc_")]
    assert administrator.get("solutioncomponents")["value"] == []


def test_the_sales_app_works_without_the_solution(bare: Administrator) -> None:
    """Its pages show what there is: no order is in an ERP that nothing is known of."""
    shop = Shop(bare)
    bare.patch(f"accounts({shop.account})", {"accountnumber": "10000"})
    order = shop.document()
    shop.line(order)
    bare.patch(f"salesorders({order})", {"statecode": 1, "statuscode": 3})
    anna = Person(bare.app)
    anna.sign_in()
    assert anna.page.status == 200
    for address in (
        *("", "accounts", "accounts?search=1", f"accounts/{shop.account}", "orders", "orders?view=waiting"),
        *("orders?view=under-way", f"orders/{order}", "orders/new", "products", f"products/{shop.product}"),
        *("opportunities", "invoices"),
    ):
        assert anna.open(address).status in {200, 404}, address
    assert order in "".join(anna.open("orders?view=waiting").links)
    assert order not in "".join(anna.open("orders?view=under-way").links)


def test_the_choice_of_the_first_start_stays(tmp_path: Path, clock: Clock) -> None:
    """A bare organization stays bare when it is opened again with a solution at hand."""
    open_sandbox(tmp_path, clock, solutions=()).close()
    again = ready_crm(tmp_path, now=clock)
    assert "ilc_epochmarker" not in again.records.schema.tables
    again.close()
    ready = open_sandbox(tmp_path / "ready", clock)
    ready.close()
    without = open_sandbox(tmp_path / "ready", clock, solutions=())
    assert "ilc_epochmarker" in without.records.schema.tables
    without.close()


def test_records_of_earlier_releases_are_taken_over(tmp_path: Path, clock: Clock) -> None:
    """A file in which the solution's columns were built in gets the solution; values and roles stay right."""
    first = open_sandbox(tmp_path, clock)
    client = Client(first, clock)
    account = client.create(
        "accounts", {"name": "A", "ilc_erpkey": "k", "ilc_erptable": "t", "ilc_companyid": "c"}
    )
    first.close()
    with closing(sqlite3.connect(tmp_path / "crm.sqlite")) as file, file:
        file.execute("DELETE FROM customization")
        file.execute("DELETE FROM roleprivilege")
        file.execute("DELETE FROM store_state WHERE name IN ('solutions', 'customization revision')")
    again = open_sandbox(tmp_path, clock)
    client = Client(again, clock)
    row = client.get("accounts(ilc_companyid='c',ilc_erptable='t',ilc_erpkey='k')")
    assert (row["accountid"], row["ilc_erpkey"]) == (account, "k")
    user = client.get("systemusers?$filter=isintegrationuser eq true&$expand=systemuserroles_association")[
        "value"
    ]
    roles = [role["name"] for role in user[0]["systemuserroles_association"]]
    assert roles.count("Interlace Integration User") == 1
    held = client.get(
        f"systemusers({user[0]['systemuserid']})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    )
    assert "prvReadilc_EpochMarker" in {each["PrivilegeName"] for each in held["RolePrivileges"]}
    again.close()
