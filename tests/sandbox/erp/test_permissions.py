"""The ERP lets each user do what his permission sets say, and shows him what they come to."""

import base64

import pytest
from tests.sandbox.erp.conftest import Open

from interlace.sandbox.erp.permission_sets import PERMISSION_SETS
from interlace.sandbox.erp.tables import TABLES


def test_a_new_user_may_do_what_the_product_gives(open_erp: Open) -> None:
    """Business as usual, and no users."""
    erp = open_erp()
    assert erp.app.users.permissions.sets_of("INTERLACE") == ("D365 BUS FULL ACCESS",)
    shown = {each["Table_Name"]: each for each in erp.values(f"{erp.pages}/EffectivePermissions")}
    assert shown["Customer"]["Insert_Permission"] is True
    assert shown["Sales Invoice Header"]["Insert_Permission"] is False
    assert "User" not in shown


@pytest.mark.parametrize(
    ("method", "right", "word"),
    [("GET", "R", "Read"), ("POST", "I", "Insert"), ("PATCH", "M", "Modify"), ("DELETE", "D", "Delete")],
)
def test_each_right_is_needed(open_erp: Open, method: str, right: str, word: str) -> None:
    """Everything but one right: that alone is refused, and named with its table."""
    erp = open_erp()
    permissions = erp.app.users.permissions
    erp.send("POST", f"{erp.pages}/UnitsOfMeasure", {"Code": "KG", "Description": "Kilo"})
    permissions.define("NEARLY ALL", {"Unit_of_Measure": "RIMD".replace(right, "")})
    permissions.give("INTERLACE", ["NEARLY ALL"])
    address = f"{erp.pages}/UnitsOfMeasure" + ("" if method == "POST" else "('KG')")
    body = {"Code": "T", "Description": "Ton"} if method == "POST" else {"Description": "x"}
    sent = None if method in {"GET", "DELETE"} else body
    headers = {"If-Match": "*"} if method in {"PATCH", "DELETE"} else None
    answer = erp.send(method, address, sent, headers)
    assert answer.status == 403
    assert b"Authorization_RequestDenied" in answer.body
    assert f"(TableData Unit of Measure {word}: Base Application)".encode() in answer.body


def test_each_user_sees_his_own_permissions(open_erp: Open) -> None:
    """CLERK's page shows what CLERK may do."""
    erp = open_erp()
    erp.app.users.add("CLERK", permission_sets=["D365 DYN CRM READ"])
    key = erp.app.users.set_key("CLERK")
    pair = base64.b64encode(f"CLERK:{key}".encode()).decode()
    answer = erp.app.call(
        "GET", f"{erp.pages}/EffectivePermissions", headers={"Authorization": f"Basic {pair}"}
    )
    assert answer.status == 200
    assert answer.body.count(b'"Table_Name"') == 1
    assert b"CRM Integration Record" in answer.body


def test_sets_name_tables_that_exist() -> None:
    """Each set is about tables of this ERP, with known rights."""
    for rights in PERMISSION_SETS.values():
        assert set(rights) <= set(TABLES)
        assert all(set(letters) <= set("RIMD") for letters in rights.values())


def test_a_user_of_the_page_of_users_has_the_usual_set(open_erp: Open) -> None:
    """Added over the service by an administrator: he finds his permissions like everybody else."""
    erp = open_erp()
    assert erp.send("POST", f"{erp.pages}/Users", {"User_Name": "KEEPER"}).status == 201
    key = erp.app.users.set_key("KEEPER")
    pair = base64.b64encode(f"KEEPER:{key}".encode()).decode()
    answer = erp.app.call(
        "GET", f"{erp.pages}/EffectivePermissions", headers={"Authorization": f"Basic {pair}"}
    )
    assert b'"Table_Name":"Customer"' in answer.body


def test_users_from_before_permissions_go_on(open_erp: Open) -> None:
    """Who was there before there were permission sets may do everything, as he always could."""
    erp = open_erp()
    permissions, store = erp.app.users.permissions, erp.app.records.store
    with store.transaction():
        store.forget_state("permission sets of users")
    permissions.adopt(["INTERLACE"])
    assert permissions.sets_of("INTERLACE") == ("SUPER",)
