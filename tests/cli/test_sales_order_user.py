"""The sales order user of a connection: his own sign-in at the ERP, stored like every secret and tried like one."""

import asyncio
import base64
import json
import sqlite3
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace
from tests.cli.test_connection import checks_of

from interlace.bootstrap.application import Application
from interlace.settings import load_config

_USER = "CLERK"


@pytest.fixture
def order_key(both_ends: BothEnds, tmp_path: Path) -> Path:
    """A file with the key of a user who was added to the ERP."""
    pages = f"{both_ends.erp_address}/ODataV4/Company('Nordlicht')/Users"

    def post(url: str, body: object) -> dict[str, str]:
        pair = f"INTERLACE:{both_ends.erp_key_file.read_text().strip()}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/json",
        }
        request = Request(url, json.dumps(body).encode(), headers, method="POST")
        with urlopen(request) as answer:
            answered: dict[str, str] = json.load(answer)
            return answered

    name = quote(f"{_USER}{abs(hash(tmp_path)) % 10**9}")
    post(pages, {"User_Name": name})
    key = post(f"{pages}('{name}')/NAV.ChangeWebServiceKey", {})["value"]
    file = tmp_path / name
    file.write_text(key, encoding="utf-8")
    return file


def test_sales_order_user_is_stored_tried_and_taken_back(
    connected: Interlace, order_key: Path, tmp_path: Path
) -> None:
    """Name and key come with `connection change`; the test signs in as him; a blank name forgets both."""
    changed = connected(
        "connection",
        "change",
        NAME,
        "--sales-order-user",
        order_key.name,
        "--sales-order-key-file",
        str(order_key),
        "--json",
    )
    assert changed.only["sales_order_user"] == order_key.name
    assert changed.only["sales_order_key"] == "stored"
    assert checks_of(connected)["Sales order user sign-in"]["state"] == "ok"
    with sqlite3.connect(tmp_path / "state" / "interlace.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    assert order_key.read_text() not in dump + changed.out + changed.err
    forgotten = connected("connection", "change", NAME, "--sales-order-user", "", "--json")
    assert forgotten.only["sales_order_user"] == ""
    assert forgotten.only["sales_order_key"] == "not set"


def test_orders_have_a_channel_of_their_own(connected: Interlace, order_key: Path, tmp_path: Path) -> None:
    """The ends hold the ERP as the sales order user when his key is stored, and nothing otherwise."""

    async def seen() -> tuple[bool, str]:
        """Tell whether there is such a channel, and as whom it signs in."""
        with Application(load_config(overrides={"state.directory": str(tmp_path / "state")})) as application:
            async with application.ends(application.connection(NAME)) as ends:
                if ends.sales_orders is None:
                    return False, ""
                await ends.sales_orders.facts()
                return ends.requests["erp"]["GET"] > 0, repr(ends.sales_order_channel)

    assert asyncio.run(seen()) == (False, "")
    options = ("--sales-order-user", order_key.name, "--sales-order-key-file", str(order_key))
    connected("connection", "change", NAME, *options)
    asked, shown = asyncio.run(seen())
    assert asked
    assert order_key.read_text() not in shown


def test_half_a_sign_in_is_refused(connected: Interlace, order_key: Path) -> None:
    """A user without key, and a key without user, are named before anything is stored."""
    no_key = connected("connection", "change", NAME, "--sales-order-user", "CLERK")
    no_user = connected("connection", "change", NAME, "--sales-order-key-file", str(order_key))
    assert no_key.code == no_user.code == 4
    assert "--sales-order-key-file FILE" in no_key.err
    assert "--sales-order-user" in no_user.err
    shown = connected("connection", "show", "--json").only
    assert (shown["sales_order_user"], shown["sales_order_key"]) == ("", "not set")


def test_wrong_key_is_told_with_the_remedy(connected: Interlace, order_key: Path) -> None:
    """The test of the connection says that it is the sales order user whom the ERP refuses."""
    order_key.write_text("wrong", encoding="utf-8")
    options = ("--sales-order-user", order_key.name, "--sales-order-key-file", str(order_key))
    connected("connection", "change", NAME, *options)
    check = checks_of(connected)["Sales order user sign-in"]
    assert check["state"] == "problem"
    assert "--sales-order-key-file" in check["remedy"]


def test_what_the_sales_order_user_lacks_is_told_before_orders_are_written(
    synchronized: Interlace, both_ends: BothEnds, order_key: Path
) -> None:
    """By every check and by a run over orders; runs over other mappings go on."""
    permissions = both_ends.erp.users.permissions
    assert synchronized("orders", "settings", "--order-integration").code == 0
    options = ("--sales-order-user", order_key.name, "--sales-order-key-file", str(order_key))
    assert synchronized("connection", "change", NAME, *options).code == 0
    assert synchronized("privileges", "check").code == 0
    permissions.give(order_key.name, ["D365 READ"])
    rows = synchronized("privileges", "check", "--json").objects
    lacking = {(row["account"], row["privilege"], *row["tables"].split(", ")) for row in rows}
    assert lacking == {
        (order_key.name, word, table)
        for word in ("Insert", "Modify")
        for table in ("Sales Header", "Sales Line")
    }
    run = synchronized("orders", "process")
    assert run.code == 4
    assert f"The ERP user {order_key.name} lacks the permission Insert on the table Sales Header" in run.err
    assert "Nothing was written." in run.err
    assert synchronized("synch", "CURRENCY").code == 0


def test_a_sales_order_user_who_can_not_sign_in_holds_up_no_other_mapping(
    synchronized: Interlace, order_key: Path
) -> None:
    """His key is told as wrong by the test of the connection."""
    order_key.write_text("wrong", encoding="utf-8")
    options = ("--sales-order-user", order_key.name, "--sales-order-key-file", str(order_key))
    assert synchronized("connection", "change", NAME, *options).code == 0
    assert synchronized("synch", "CURRENCY").code == 0
    assert checks_of(synchronized)["Sales order user sign-in"]["state"] == "problem"
