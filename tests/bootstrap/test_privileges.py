"""What a connection needs, each missing privilege named, and the role that holds just that."""

from collections.abc import Mapping
from importlib import resources

import pytest

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.privilege_role import role_text, solution_roles
from interlace.bootstrap.privileges import (
    HeldPrivileges,
    MissingPrivilege,
    compare_privileges,
    crm_privileges,
    erp_permissions,
)
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.privilege import Access, Need, needs
from interlace.domain.side import Side
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.needed_privileges import Switches, needed, needed_by_everything
from interlace.sandbox.erp.permission_sets import PERMISSION_SETS

SETTINGS = ConnectionSettings(
    name="test",
    erp_address="http://127.0.0.1:1/BC",
    erp_company="Nordlicht",
    erp_user="INTERLACE",
    crm_address="http://127.0.0.1:2",
    crm_token_url="http://127.0.0.1:2/token",
    crm_client_id="5f0a9c1e",
    erp_internal_host=True,
    crm_internal_host=True,
)
EVERYTHING = needed_by_everything()
CRM_NAMES = sorted(crm_privileges(EVERYTHING))
_LETTERS = {"R": Access.READ, "I": Access.CREATE, "M": Access.WRITE, "D": Access.DELETE}
ERP_NEEDS = sorted(
    ((need.table, need.access) for need in EVERYTHING if need.side is Side.ERP),
    key=lambda each: (each[0], each[1].value),
)


def held(
    *, without: str = "", depth: str = "Global", erp: Mapping[str, frozenset[Access]] | None = None
) -> HeldPrivileges:
    """All that is needed but one privilege, or one of them at another depth."""
    crm = dict.fromkeys(CRM_NAMES, "Global")
    if without:
        del crm[without]
    if depth != "Global":
        crm["prvCreateAccount"] = depth
    return HeldPrivileges(erp=_interlace_set() if erp is None else erp, crm=crm)


def _interlace_set() -> dict[str, frozenset[Access]]:
    return {
        table: frozenset(_LETTERS[letter] for letter in rights)
        for table, rights in PERMISSION_SETS["INTERLACE"].items()
    }


def missing(given: HeldPrivileges) -> list[MissingPrivilege]:
    """What is missing of everything."""
    return list(compare_privileges(SETTINGS, EVERYTHING, given))


def mapping(name: str) -> IntegrationTableMapping:
    """A default mapping."""
    return next(each for each in DEFAULT_MAPPINGS if each.name == MappingName(name))


def test_nothing_is_missing_of_what_the_roles_hold() -> None:
    """The solution's roles and the ERP's set INTERLACE hold everything."""
    assert missing(held()) == []


@pytest.mark.parametrize("name", CRM_NAMES)
def test_each_missing_privilege_of_the_crm_is_named(name: str) -> None:
    """Taken away one at a time: it alone is named, with who needs it and what to do."""
    [found] = missing(held(without=name))
    assert (found.side, found.privilege) == (Side.CRM, name)
    assert name in found.what
    assert found.needed_by
    assert "interlace solution import" in found.remedy


@pytest.mark.parametrize(("table", "access"), ERP_NEEDS)
def test_each_missing_permission_of_the_erp_is_named(table: str, access: Access) -> None:
    """Taken away one at a time: it alone is named, with its table."""
    erp = _interlace_set()
    erp[table] -= {access}
    [found] = missing(held(erp=erp))
    assert (found.side, found.table) == (Side.ERP, table.replace("_", " "))
    assert found.privilege in found.what
    assert found.privilege in found.remedy


def test_a_privilege_for_own_records_is_not_enough() -> None:
    """A privilege that does not reach the whole organization is told with how far it reaches."""
    [found] = missing(held(depth="Basic"))
    assert "holds prvCreateAccount for its own records only" in found.what


def test_the_roles_of_the_solution_are_generated() -> None:
    """The source files hold just what is needed when everything is switched on."""
    folder = resources.files("interlace.solution") / "sources" / "roles"
    for name, text in solution_roles().items():
        assert (folder / name).read_text("utf-8") == text, f"write {name} anew from solution_roles()"


def test_the_permission_set_of_the_sandbox_holds_what_is_needed() -> None:
    """The ERP sandbox's set INTERLACE has every right that is needed, and no write that isn't."""
    given = {(table, access) for table, rights in _interlace_set().items() for access in rights}
    assert set(ERP_NEEDS) <= given
    assert {each for each in given - set(ERP_NEEDS) if each[1] is not Access.READ} <= set()


def test_a_mapping_to_the_crm_alone_writes_nothing_in_the_erp() -> None:
    """CURRENCY goes one way: the ERP's currencies are only read, and nothing is deleted."""
    found = needed([mapping("CURRENCY")], Switches(orders=False))
    of_it = {need for need, users in found.items() if "CURRENCY" in users}
    assert needs(Side.ERP, "Currency", Access.READ) <= of_it
    assert not {need for need in of_it if need.side is Side.ERP and need.access is not Access.READ}
    assert Need(side=Side.CRM, table="transactioncurrency", access=Access.DELETE) not in of_it


def test_lookups_and_owners_need_privileges_of_their_own() -> None:
    """A customer names its currency and gets an owner."""
    found = needed([mapping("CUSTOMER")], Switches(orders=False))
    assert needs(Side.CRM, "account", Access.APPEND, Access.ASSIGN) <= set(found)
    assert needs(Side.CRM, "transactioncurrency", Access.APPEND_TO) <= set(found)


def test_orders_need_what_their_direction_needs() -> None:
    """One way, no CRM order is created; both ways it is; switched off, orders need nothing."""
    create = Need(side=Side.CRM, table="salesorder", access=Access.CREATE)
    erp = Need(side=Side.ERP, table="Sales_Header", access=Access.CREATE)
    orders = [mapping("SALESORDER-ORDER")]
    one_way = needed(orders, Switches(orders=True))
    two_way = needed(orders, Switches(orders=False, two_way_orders=True))
    neither = needed(orders, Switches(orders=False))
    assert [create in each for each in (one_way, two_way, neither)] == [False, True, False]
    assert [erp in each for each in (one_way, two_way, neither)] == [True, True, False]


def test_the_role_of_a_small_connection_is_small() -> None:
    """A role for currencies alone knows no accounts."""
    text = role_text("Small", "Currencies.", needed([mapping("CURRENCY")], Switches(orders=False)))
    assert 'TransactionCurrency = ["Read", "Create", "Write", "AppendTo"]' in text
    assert "Account" not in text.replace("ilc_AccountStatistics", "")


def test_the_erp_is_told_of_by_tables() -> None:
    """Permissions are listed as the ERP calls them."""
    words, users = erp_permissions(EVERYTHING)["Customer"]
    assert words == ("Read", "Insert", "Modify", "Delete")
    assert "CUSTOMER" in users
