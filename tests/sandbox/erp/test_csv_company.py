"""A company from CSV files: good rows load, bad ones are refused with file, line and reason."""

from pathlib import Path
from typing import Any

import pytest

from interlace.sandbox.erp.csv_company import LoadReport, RefusedRow, load_directory
from interlace.sandbox.erp.tables import TABLES

_GUIDE = Path(__file__).parents[3] / "docs" / "reference" / "company-csv.md"


def _load(erp: Any, directory: Path, **files: str) -> LoadReport:
    for name, text in files.items():
        (directory / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_directory(erp.app.records, directory)


def _refusals(report: LoadReport) -> list[tuple[str, int]]:
    return [(row.file, row.line) for row in report.refused]


def test_company_of_several_files_loads_related_tables_first(erp: Any, tmp_path: Path) -> None:
    """Files may refer to one another; customers bring their company contacts, items their units."""
    report = _load(
        erp,
        tmp_path,
        Customer='No,Name,City,Salesperson_Code\r\n,Möbel Åse,Köln,ZZ\r\nK2,"Tische, Stühle",Bonn,\r\n',
        Salesperson_Purchaser="Code,Name\nzz,Zoë Zorn\n",
        Item="No,Description,Base_Unit_of_Measure,Unit_Price\nI1,Stuhl,PCS,19.90\n",
        Sales_Price="Item_No,Sales_Type,Sales_Code,Unit_Price\nI1,All Customers,,18\n",
    )
    assert report.refused == []
    assert report.loaded == {"Salesperson_Purchaser": 1, "Customer": 2, "Item": 1, "Sales_Price": 1}
    assert [row["No"] for row in erp.values(f"{erp.pages}/CustomerCard")] == ["C00010", "K2"]
    assert len(erp.values(f"{erp.pages}/ContactBusinessRelations")) == 2
    assert len(erp.values(f"{erp.pages}/ItemUnitsOfMeasure")) == 1
    assert erp.get(f"{erp.pages}/ItemCard('I1')")["Unit_Price"] == 19.9


def test_bad_rows_are_refused_and_good_ones_load(erp: Any, tmp_path: Path) -> None:
    """Each bad row is named by file, line and reason; a row over several lines counts from its first."""
    report = _load(
        erp,
        tmp_path,
        Customer=(
            "No,Name,Salesperson_Code,Credit_Limit_LCY,Blocked\n"
            'A,"Two\nlines",AB,1,\n'
            "B,Unknown salesperson,QQ,1,\n"
            "C,Bad number,AB,much,\n"
            "D,Bad option,AB,1,Maybe\n"
            "A,Same number,AB,1,\n"
            "E,too,few\n"
            "\n"
            f"{'F' * 21},Long number,AB,1,\n"
            "G,Good,AB,2.5,Ship\n"
        ),
    )
    assert report.loaded == {"Customer": 2}
    assert sorted(row.line for row in report.refused) == [4, 5, 6, 7, 8, 10]
    reasons = {row.line: row.reason for row in report.refused}
    assert "Salesperson Code" in reasons[4]
    assert "QQ" in reasons[4]
    assert "much" in reasons[5]
    assert "Maybe" in reasons[6]
    assert "already exists" in reasons[7]
    assert "3 cells" in reasons[8]
    assert "21" in reasons[10]
    assert {row["No"] for row in erp.values(f"{erp.pages}/CustomerCard")} == {"A", "G"}


def test_unusable_files_are_refused_as_a_whole(erp: Any, tmp_path: Path) -> None:
    """A file of no table, with an unknown or repeated field, empty or not UTF-8, is named with the reason."""
    (tmp_path / "Vendor.csv").write_bytes("No,Name\n1,K\xf6ln\n".encode("latin-1"))
    report = _load(
        erp,
        tmp_path,
        Nonsense="No\n1\n",
        Item="No,Nonsense\n1,2\n",
        Resource="No,No\n1,2\n",
        Currency="",
    )
    assert sorted(_refusals(report)) == [
        ("Currency.csv", 1),
        ("Item.csv", 1),
        ("Nonsense.csv", 0),
        ("Resource.csv", 1),
        ("Vendor.csv", 0),
    ]
    assert report.loaded == {}
    with pytest.raises(NotADirectoryError):
        load_directory(erp.app.records, tmp_path / "nowhere")


def test_given_contacts_and_relations_are_taken_as_they_are(erp: Any, tmp_path: Path) -> None:
    """With a file of relations no contact is made up; a person may stand before its company."""
    report = _load(
        erp,
        tmp_path,
        Contact="No,Type,Name,Company_No\nP1,Person,Eva Öst,F1\nF1,Company,Möbel,F1\n",
        Customer="No,Name,Primary_Contact_No\nK1,Möbel,P1\n",
        Contact_Business_Relation="Contact_No,Business_Relation_Code,Link_to_Table,No\nF1,CUST,Customer,K1\n",
    )
    assert report.refused == []
    assert [row["No"] for row in erp.values(f"{erp.pages}/ContactCard")] == ["F1", "P1"]
    assert erp.get(f"{erp.pages}/CustomerCard('K1')")["Primary_Contact_No"] == "P1"


def test_loading_twice_refuses_what_is_there(erp: Any, tmp_path: Path) -> None:
    """A second load of the same files changes nothing and says why."""
    _load(erp, tmp_path, Customer="No,Name\nK1,A\n")
    report = _load(erp, tmp_path)
    assert report.loaded == {}
    assert report.refused == [
        RefusedRow(
            file="Customer.csv",
            line=2,
            reason="The record in table Customer already exists. Identification: K1.",
        )
    ]


def test_setup_in_the_files_changes_the_one_that_is_there(erp: Any, tmp_path: Path) -> None:
    """The local currency of a company comes from its files."""
    report = _load(erp, tmp_path, General_Ledger_Setup="LCY_Code\nUSD\n")
    assert (report.loaded, report.refused) == ({"General_Ledger_Setup": 1}, [])
    assert erp.values(f"{erp.company}/generalLedgerSetup")[0]["localCurrencyCode"] == "USD"


def test_guide_lists_every_table() -> None:
    """The documented layout names each table that can be loaded."""
    text = _GUIDE.read_text(encoding="utf-8")
    assert [name for name in TABLES if f"`{name}`" not in text] == []
