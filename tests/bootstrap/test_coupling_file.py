"""Rows of the built-in connector's tables 5331 and 5151, however they were exported."""

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.coupling_file import (
    CouplingRow,
    WrittenCoupling,
    read_couplings,
    read_record_ids,
    written_couplings,
)

ERP_ID = "0a1b2c3d-0000-4000-8000-00000000000a"
CRM_ID = "6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90"
ROW = CouplingRow(number=2, table=5050, erp_id=ERP_ID, crm_key=CRM_ID)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rows_are_read_however_they_are_separated(delimiter: str, ending: str) -> None:
    """As CSV of any country, or copied from Excel: columns in any order, ids in any spelling, thousands separated."""
    names = ["crm id", "Table ID", "Something Else", "INTEGRATION ID"]
    values = [f"{{{CRM_ID.upper()}}}", "5.050" if delimiter == "," else '"5,050"', "x", ERP_ID]
    text = ending.join(delimiter.join(each) for each in (names, values, [""] * 4, [])) + ending
    assert read_couplings(f"\ufeff{text}") == [ROW]


def test_what_the_connector_thinks_of_a_record_is_read() -> None:
    """Skipped, failed in either direction, and whether it was ever found alike."""
    names = "CRM ID,Integration ID,Table ID,Skipped,Last Synch. Result,Last Synch. CRM Result"
    names += ",Last Synch. Modified On,Last Synch. CRM Modified On"
    plain = f"{CRM_ID},{ERP_ID},18"
    rows = read_couplings(
        f"{names}\n{plain},Yes,Success,Failure,,\n{plain},No,Success,,01/02/26 10:00,\n{plain},,,,,\n"
    )
    assert [(each.is_skipped, each.has_failed, each.is_synchronized) for each in rows] == [
        (True, True, False),
        (False, False, True),
        (False, False, False),
    ]


def test_a_row_without_usable_ids_stays_a_row() -> None:
    """Whoever reads it tells what is wrong with it."""
    blank = "{00000000-0000-0000-0000-000000000000}"
    rows = read_couplings(f"CRM ID,Integration ID,Table ID,Record ID\nx,{blank},,Customer: 10000\n{CRM_ID}\n")
    assert [(each.crm_key, each.erp_id, each.table, each.record_key) for each in rows] == [
        ("", "", 0, "10000"),
        (CRM_ID, "", 0, ""),
    ]


def test_ids_of_records_are_read_by_table() -> None:
    """A key of several parts is none that a coupling names; a blank text holds nothing."""
    text = (
        f"Integration ID;Table ID;Record ID\n{ERP_ID};18;Customer: 01:A\n{CRM_ID};37;Sales Line: Order,1,2\n"
    )
    assert read_record_ids(text) == {(18, ERP_ID): "01:A"}
    assert read_record_ids(" \n") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "CRM ID, Integration ID, Table ID"),
        ("CRM ID,Table ID\n", "Integration ID"),
        ("CRM ID,Integration ID,Table ID\n" + "x" * 200_000, "Line 2 can't be read as CSV"),
    ],
)
def test_another_text_is_refused(text: str, told: str) -> None:
    """What it lacks is named."""
    with pytest.raises(ConnectionProblem) as refused:
        read_couplings(text)
    assert told in str(refused.value)


def test_what_is_written_is_read_again() -> None:
    """Ids stand in braces and capitals, as the ERP writes them; the connector has synchronized nothing of it yet."""
    text = written_couplings(
        [WrittenCoupling(table=18, erp_id=ERP_ID, crm_key=CRM_ID, record="Customer: 10000")]
    )
    assert f"{{{CRM_ID.upper()}}},{{{ERP_ID.upper()}}},18,,,No,Customer: 10000\r\n" in text
    [row] = read_couplings(text)
    assert row == CouplingRow(
        number=2, table=18, erp_id=ERP_ID, crm_key=CRM_ID, record_key="10000", is_synchronized=False
    )
