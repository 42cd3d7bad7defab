"""What is written stays written: over a restart, over kill -9, over a start that was interrupted."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlace.sandbox.erp import ErpSandboxOptions, create_erp_sandbox, load_rows
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.row_loading import UnloadableRow

_WRITER = """
import base64, json, sys
from pathlib import Path
from interlace.sandbox.erp import ErpSandboxOptions, create_erp_sandbox
app = create_erp_sandbox(Path(sys.argv[1]), ErpSandboxOptions(access_key="k"))
headers = {"Authorization": "Basic " + base64.b64encode(b"INTERLACE:k").decode()}
while True:
    body = json.dumps({"displayName": "A"}).encode()
    response = app.call("POST", "/BC/api/v2.0/customers", headers=headers, body=body)
    print(json.loads(response.body)["number"], flush=True)
"""


def test_everything_is_there_after_a_restart(open_erp: Any, tmp_path: Path) -> None:
    """Records, tags, number series, company and access key survive a restart."""
    first = open_erp(tmp_path)
    customer = first.post(f"{first.company}/customers", {"displayName": "Möbel"})
    company = first.app.company
    first.app.close()
    second = open_erp(tmp_path, access_key=None)
    assert second.app.company == company
    again = second.get(f"{second.company}/customers({customer['id']})")
    del again["@odata.context"], customer["@odata.context"]
    assert again == customer
    assert second.post(f"{second.company}/customers", {"displayName": "B"})["number"] == "C00020"


def test_answered_writes_survive_the_death_of_the_process(tmp_path: Path) -> None:
    """After kill -9 every customer that was answered is there, complete with contact and relation."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        answered = [writer.stdout.readline().strip() for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        answered += writer.stdout.read().split()
    app = create_erp_sandbox(tmp_path)
    try:
        records = app.records
        assert all(records.exists("Customer", number) for number in answered if len(number) == 6)
        for table in ("Contact", "Contact_Business_Relation"):
            assert records.store.count(table) == records.store.count("Customer")
    finally:
        app.close()


def _broken_seed() -> Iterator[tuple[str, dict[str, object]]]:
    for number in range(30_000):
        yield "Payment_Terms", {"Code": f"T{number}"}
    raise KeyboardInterrupt


def test_interrupted_first_start_begins_anew(tmp_path: Path) -> None:
    """A company that was loaded by half is thrown away and loaded again, whole."""
    with pytest.raises(KeyboardInterrupt):
        create_erp_sandbox(tmp_path, ErpSandboxOptions(seed=_broken_seed))
    rows = [("Payment_Terms", {"Code": "30 DAYS"})]
    app = create_erp_sandbox(tmp_path, ErpSandboxOptions(seed=lambda: rows))
    assert app.records.store.count("Payment_Terms") == 1
    app.close()
    again = create_erp_sandbox(tmp_path, ErpSandboxOptions(seed=_broken_seed))
    assert again.records.store.count("Payment_Terms") == 1
    again.close()


def test_own_company_is_never_replaced_by_a_seed(open_erp: Any, tmp_path: Path) -> None:
    """A company that already holds records is left alone when a later start brings a seed."""
    first = open_erp(tmp_path, seed=None)
    assert first.values(f"{first.company}/generalLedgerSetup")[0]["localCurrencyCode"] == "EUR"
    first.post(f"{first.company}/customers", {"displayName": "Mine"})
    first.app.close()
    second = open_erp(tmp_path)
    assert [row["displayName"] for row in second.values(f"{second.company}/customers")] == ["Mine"]
    assert second.values(f"{second.company}/currencies") == []


def test_empty_company_takes_a_seed_later(open_erp: Any, tmp_path: Path) -> None:
    """A company that was started empty can still get its rows from a seed."""
    open_erp(tmp_path, seed=None).app.close()
    second = open_erp(tmp_path)
    assert len(second.values(f"{second.company}/currencies")) == 1


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (("Nonsense", {}), "Nonsense"),
        (("Customer", {"No": "1", "Nonsense": 1}), "Nonsense"),
        (("Customer", {"No": "1", "Name": "x" * 101}), "100 characters"),
        (("Customer", {"No": "1", "Blocked": "Maybe"}), "Maybe"),
        (("Item_Ledger_Entry", {"Entry_No": 1, "Quantity": "many"}), "many"),
    ],
)
def test_unloadable_row_is_named(row: tuple[str, dict[str, object]], named: str) -> None:
    """A row that the tables can't hold stops the load and is named."""
    records = ErpRecords(None)
    with pytest.raises(UnloadableRow, match=named):
        load_rows(records, [row])
    records.store.close()


def test_loaded_numbers_move_the_series_on(open_erp: Any) -> None:
    """After a load, new records get numbers behind the loaded ones."""
    rows = [("Customer", {"No": number, "Name": "A"}) for number in ("C00010", "C01230", "C00500", "X9")]
    erp = open_erp(seed=lambda: rows)
    assert erp.post(f"{erp.company}/customers", {"displayName": "B"})["number"] == "C01240"


def test_loaded_values_are_exact(open_erp: Any) -> None:
    """Amounts keep every digit from the load to the wire."""
    rows = [("Item", {"No": "1", "Unit_Price": "12345678901234.56789", "Unit_Cost": "100.10"})]
    erp = open_erp(seed=lambda: rows)
    body = erp.send("GET", f"{erp.pages}/ItemCard('1')").body
    assert b'"Unit_Price":12345678901234.56789' in body
    assert b'"Unit_Cost":100.1,' in body
    assert json.loads(body)["Inventory"] == 0
