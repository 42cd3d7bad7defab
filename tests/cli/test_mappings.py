"""`interlace mappings`: shown as they are in force, checked against both ends, changed and reset."""

from typing import Any

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace, served

from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.sandbox.crm.sandbox import CrmSandbox


def test_mappings_are_listed_in_the_order_in_which_they_run(connected: Interlace) -> None:
    """Every default mapping has its line."""
    rows = connected("mappings", "list", "--json").objects
    assert [each["mapping"] for each in rows] == [mapping.name for mapping in DEFAULT_MAPPINGS]
    (terms,) = [each for each in rows if each["mapping"] == "PAYMENT TERMS"]
    assert terms["integration_table"] == "account.paymenttermscode"


def test_a_mapping_is_shown_with_every_field_row(connected: Interlace) -> None:
    """Header, policies, filters and rows, with what happens to values on the way."""
    shown = connected("mappings", "show", "customer", "--json").only
    assert shown["mapping"] == "CUSTOMER"
    assert "statecode = 0" in shown["integration_table_filter"]
    (currency,) = [row for row in shown["fields"] if row["erp_field"] == "Currency_Code"]
    assert currency == {
        "erp_field": "Currency_Code",
        "direction": "Bidirectional",
        "crm_field": "transactioncurrencyid",
        "remarks": ["through the couplings of CURRENCY", "blank stands for the base currency"],
    }


@pytest.mark.parametrize("mapping", DEFAULT_MAPPINGS, ids=lambda mapping: mapping.name)
def test_every_mapping_can_be_shown_to_people(connected: Interlace, mapping: object) -> None:
    """No field row, rule or filter is left without words."""
    name = str(getattr(mapping, "name", ""))
    ended = connected("mappings", "show", name)
    assert ended.code == 0
    assert "ERP field" in ended.out
    assert "object at" not in ended.out


def test_the_default_mappings_fit_both_ends(connected: Interlace) -> None:
    """Asked of the services themselves; that of orders is among them."""
    ended = connected("mappings", "check")
    assert ended.code == 0
    assert f"{len(DEFAULT_MAPPINGS)} mappings checked" in ended.err
    assert connected("mappings", "check", "SALESORDER-ORDER").code == 0


def test_the_rows_of_two_way_orders_fit_both_ends(connected: Interlace) -> None:
    """With two-way orders their own rows are checked, those of lines as well."""
    connected("orders", "settings", "--bidirectional-orders", "--no-order-integration")
    try:
        ended = connected("mappings", "check")
    finally:
        connected("orders", "settings", "--no-bidirectional-orders", "--order-integration")
    assert ended.code == 0
    assert f"{len(DEFAULT_MAPPINGS) + 1} mappings checked" in ended.err


def test_a_column_that_the_crm_lacks_fails_the_check(interlace: Interlace, both_ends: BothEnds) -> None:
    """Field and mapping are named, and doctor counts them."""
    with served(_without_telephone(both_ends.crm)) as address:
        interlace("connection", "add", NAME, *both_ends.options(crm=address))
        checked = interlace("mappings", "check", "CUSTOMER", "--json")
        doctor = interlace("doctor")
    assert checked.code == 4
    (problem,) = checked.objects
    assert problem["mapping"] == "CUSTOMER"
    assert "The CRM's table account has no field telephone1" in problem["message"]
    assert doctor.code == 4
    assert "`interlace mappings check`" in doctor.out


def _without_telephone(crm: CrmSandbox) -> Any:
    """The same CRM, but its metadata calls a column by another name of the same length."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def send_changed(message: Any) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message["body"].replace(b'"telephone1"', b'"telephone9"')}
            await send(message)

        is_metadata = scope["type"] == "http" and scope["path"].endswith("$metadata")
        await crm(scope, receive, send_changed if is_metadata else send)

    return application


def test_changes_are_in_force_until_they_are_reset(connected: Interlace) -> None:
    """What is set is shown, and a reset restores the default."""
    changed = connected(
        "mappings",
        "set",
        "customer",
        "synch_only_coupled_records=no",
        "update_conflict_resolution=send update to integration",
        "--json",
    )
    assert changed.code == 0
    shown = connected("mappings", "show", "CUSTOMER", "--json").only
    assert shown["synch_only_coupled_records"] is False
    assert shown["update_conflict_resolution"] == "Send Update to Integration"
    rows = {each["mapping"]: each["changed"] for each in connected("mappings", "list", "--json").objects}
    assert rows["CUSTOMER"] == ["synch_only_coupled_records", "update_conflict_resolution"]
    assert connected("mappings", "reset", "CUSTOMER", "--json").only["reset"] == rows["CUSTOMER"]
    assert connected("mappings", "show", "CUSTOMER", "--json").only["synch_only_coupled_records"] is True


def test_a_second_change_keeps_the_first(connected: Interlace) -> None:
    """Each setting is changed by itself."""
    connected("mappings", "set", "CUSTOMER", "synch_only_coupled_records=no")
    connected("mappings", "set", "CUSTOMER", "deletion_conflict_resolution=Remove Coupling")
    shown = connected("mappings", "show", "CUSTOMER", "--json").only
    assert shown["synch_only_coupled_records"] is False
    assert shown["deletion_conflict_resolution"] == "Remove Coupling"


def test_a_mapping_that_is_made_one_way_takes_its_rows_along(connected: Interlace) -> None:
    """Rows of the other way have no part any more, and the check agrees."""
    connected("mappings", "set", "CUSTOMER", "direction=ToIntegrationTable")
    shown = connected("mappings", "show", "CUSTOMER", "--json").only
    assert shown["direction"] == "ToIntegrationTable"
    assert {row["direction"] for row in shown["fields"]} == {"ToIntegrationTable"}
    assert "Blocked" not in {row["erp_field"] for row in shown["fields"]}
    assert connected("mappings", "check", "CUSTOMER").code == 0


def test_a_way_that_no_row_goes_is_refused(connected: Interlace) -> None:
    """Currencies only travel to the CRM."""
    ended = connected("mappings", "set", "CURRENCY", "direction=Bidirectional")
    assert ended.code == 4
    assert "no field row goes that way" in ended.err


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("direction=Sideways", "Possible: ToIntegrationTable, FromIntegrationTable, Bidirectional"),
        ("synch_only_coupled_records=perhaps", "Possible: yes, no"),
        ("name=OTHER", "settings: direction, "),
        ("direction", "SETTING=VALUE"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(connected: Interlace, value: str, words: str) -> None:
    """The text says what would be possible, and nothing is stored."""
    ended = connected("mappings", "set", "CUSTOMER", value)
    assert ended.code == 4
    assert words in ended.err
    rows = connected("mappings", "list", "--json").objects
    assert all(each["changed"] == [] for each in rows)
