"""Conflicts over the embedded services, from a person's seat: shown, decided every way, remembered; halts released."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import pytest
from tests.acceptance.conftest import Installation
from tests.acceptance.outsider import Outsider

from interlace.cli.program import run_program

Command = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def command(synchronized: Installation, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process; gives its exit code and the JSON that it wrote."""

    def run(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        code = run_program([*arguments, "--state", str(synchronized.state), "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.fixture
def outsider(synchronized: Installation) -> Outsider:
    """Everything is synchronized; somebody works on both sides."""
    return Outsider(synchronized)


def coupled_customers(command: Command) -> list[str]:
    """Return the customers that have an account, by number; the demo company means some to have none."""
    return [each["erp_key"] for each in command("couplings", "list", "CUSTOMER")[1]]


def conflict_of(command: Command, number: str) -> dict[str, Any]:
    """Synchronize customers, and return the open conflict of one of them."""
    command("synch", "CUSTOMER")
    code, shown = command("conflicts", "show", number)
    assert code == 0
    return shown[0]


def rename(outsider: Outsider, number: str, erp: str, crm: str) -> None:
    """Rename a customer and its account differently."""
    outsider.change_customer(number, Name=erp)
    outsider.change_account(number, name=crm)


def test_a_field_changed_on_both_sides_is_shown_decided_and_remembered(
    command: Command, outsider: Outsider
) -> None:
    """Both values, the one agreed last, who and when; either side's word; the rule serves the next conflict."""
    before = outsider.customer("C00010")["Name"]
    rename(outsider, "C00010", "ERP's", "CRM's")
    shown = conflict_of(command, "C00010")
    (row,) = shown["fields"]
    assert (row["erp_value"], row["agreed"], row["crm_value"]) == ("ERP's", [before, before], "CRM's")
    assert (row["to_crm"], row["to_erp"]) == ("ERP's", "CRM's")
    assert shown["erp"]["changed_at"] is not None
    assert shown["crm"]["changed_by"]
    assert shown["crm"]["changed_at"] is not None
    assert (outsider.customer("C00010")["Name"], outsider.account_of("C00010")["name"]) == ("ERP's", "CRM's")
    assert command("conflicts", "resolve", shown["id"], "--choose", "erp")[0] == 0
    assert outsider.account_of("C00010")["name"] == "ERP's"

    second, third, fourth = coupled_customers(command)[1:4]
    rename(outsider, second, "ERP's 2", "CRM's 2")
    rename(outsider, third, "ERP's 3", "CRM's 3")
    ids = [conflict_of(command, each)["id"] for each in (second, third)]
    code, settled = command("conflicts", "resolve", *ids, "--field", "Name=crm", "--remember")
    assert (code, [each["settled"] for each in settled]) == (0, [True, True])
    assert outsider.customer(second)["Name"] == "CRM's 2"
    assert outsider.customer(third)["Name"] == "CRM's 3"

    rename(outsider, fourth, "ERP's 4", "CRM's 4")
    command("synch", "CUSTOMER")
    assert outsider.customer(fourth)["Name"] == "CRM's 4"
    assert command("conflicts", "list") == (0, [])
    command("synch")
    before_idle = outsider.writes()
    command("synch")
    assert outsider.writes() == before_idle


def test_an_address_is_decided_whole_and_a_moved_record_is_not_decided(
    command: Command, outsider: Outsider
) -> None:
    """The street of one side and the city of the other are one conflict; its id dies with a further edit."""
    outsider.change_customer("C00010", Address="ERP Street 1")
    outsider.change_account("C00010", address1_city="CRM City")
    shown = conflict_of(command, "C00010")
    assert {row["erp_field"]: row["group"] for row in shown["fields"]} == {
        "Address": "address",
        "City": "address",
    }
    outsider.change_account("C00010", telephone1="+49 1")
    code, ended = command("conflicts", "resolve", shown["id"], "--choose", "crm")
    assert (code, ended[0]["settled"]) == (3, False)
    now = conflict_of(command, "C00010")
    assert now["id"] != shown["id"]
    assert command("conflicts", "resolve", shown["id"], "--choose", "crm")[0] == 4
    assert command("conflicts", "resolve", now["id"], "--choose", "crm")[0] == 0
    customer, account = outsider.customer("C00010"), outsider.account_of("C00010")
    assert (customer["Address"], customer["City"]) == (account["address1_line1"], "CRM City")
    assert customer["Address"] != "ERP Street 1"
    assert customer["Phone_No"] == "+49 1"


def test_deletions_are_decided_every_way(command: Command, outsider: Outsider) -> None:
    """Left as it is, restored, uncoupled, deleted on the other side too, or told why that can't be."""
    outsider.create("accounts", name="New GmbH", customertypecode=3)
    command("synch", "CUSTOMER", "--full")
    new = outsider.find("accounts", "name eq 'New GmbH'")[0]["ilc_erpkey"]
    restored, uncoupled, refused, left = coupled_customers(command)[:4]
    numbers = [restored, uncoupled, refused, left, new]
    keys = {number: outsider.account_of(number)["accountid"] for number in numbers}
    for number in numbers:
        outsider.delete_account_of(number)
    shown = {number: conflict_of(command, number) for number in numbers}
    assert all(each["crm"]["deleted"] and not each["erp"]["deleted"] for each in shown.values())
    assert command("conflicts", "resolve", shown[restored]["id"], "--choose", "restore")[0] == 0
    assert outsider.account_of(restored)["accountid"] == keys[restored]
    assert command("conflicts", "resolve", shown[uncoupled]["id"], "--choose", "remove-coupling")[0] == 0
    assert outsider.customer(uncoupled)["No"] == uncoupled
    assert command("conflicts", "resolve", shown[new]["id"], "--choose", "delete")[0] == 4
    assert command("conflicts", "resolve", shown[new]["id"], "--choose", "delete", "--yes")[0] == 0
    with pytest.raises(HTTPError, match="404"):
        outsider.customer(new)
    code, ended = command("conflicts", "resolve", shown[refused]["id"], "--choose", "delete", "--yes")
    assert (code, ended[0]["settled"]) == (3, False)
    assert "it has ledger entries" in ended[0]["message"]
    still_open = {each["id"] for each in command("conflicts", "list")[1]}
    assert still_open == {shown[left]["id"], shown[refused]["id"]}
    assert set(coupled_customers(command)) & set(numbers) == {restored, refused, left}


def test_a_mass_deletion_writes_nothing_until_a_person_releases_it(
    command: Command, outsider: Outsider
) -> None:
    """The policy would delete the customers too; the halt is listed, released, and then the run goes through."""
    command("mappings", "set", "CUSTOMER", "deletion_conflict_resolution=Remove Coupling")
    numbers = coupled_customers(command)
    for number in numbers[:25]:
        outsider.delete_account_of(number)
    assert command("synch", "CUSTOMER")[0] != 0
    (halt,) = command("halts", "list")[1]
    assert (halt["mapping"], halt["kind"], halt["side"], halt["count"]) == (
        "CUSTOMER",
        "mass deletion",
        "CRM",
        25,
    )
    assert coupled_customers(command) == numbers
    assert command("synch", "CUSTOMER")[0] != 0
    assert command("halts", "release", "CUSTOMER")[0] == 4
    assert command("halts", "release", "CUSTOMER", "--yes")[0] == 0
    command("synch", "CUSTOMER")
    assert coupled_customers(command) == numbers[25:]
    assert command("halts", "list")[1] == []
