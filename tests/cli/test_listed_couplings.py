"""`interlace couplings list` with filters, search, order and export."""

import csv
import zipfile
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace


def keys(interlace: Interlace, *arguments: str) -> list[str]:
    """Return the ERP keys of the couplings that fit."""
    listed = interlace("couplings", "list", *arguments, "--json", "--limit", "1000")
    assert listed.code == 0, listed.err
    return [str(each["erp_key"]) for each in listed.objects]


def test_couplings_are_found_by_name_number_and_state(synchronized: Interlace) -> None:
    """Filters of several columns hold together, in one mapping or in all."""
    assert keys(synchronized, "CUSTOMER", "--filter", "erp_name=@*möbelhaus brandt*") == ["C00010"]
    both = keys(synchronized, "--filter", "erp_key=C00010", "--filter", "state=Coupled")
    assert both == ["C00010", "C00010"]
    assert keys(synchronized, "CUSTOMER", "--filter", "state=broken") == []
    found = keys(synchronized, "CUSTOMER", "--search", "brandt berlin")
    assert found == ["C00010"]


def test_couplings_are_sorted_and_cut(synchronized: Interlace) -> None:
    """By any column that has an order; more than wanted are announced."""
    whole = synchronized("couplings", "list", "CUSTOMER", "--sort", "erp_name", "--json").objects
    names = [str(each["erp_name"]).casefold() for each in whole]
    assert len(names) == 35
    assert names == sorted(names)
    downwards = keys(synchronized, "CUSTOMER", "--sort", "-erp_name")
    assert downwards == [each["erp_key"] for each in reversed(whole)]
    cut = synchronized("couplings", "list", "CUSTOMER", "--sort", "erp_name", "--limit", "3")
    assert "There are more" in cut.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--filter", "A*"], "names no column"),
        (["--filter", "erp_name=A|"], "can't be understood. A value is missing here. (Character 3)"),
        (["--filter", "colour=red"], "no such column"),
        (["--sort", "state"], "can't be sorted so"),
        (["--search", "x", "--after", "C00010"], "--after goes on by the ERP's keys"),
        (["--export", "list.pdf"], "Choose csv or xlsx"),
        (["--export", "missing folder/list.csv"], "can't be written"),
        (["--export", "missing folder/list.xlsx"], "can't be written"),
    ],
)
def test_what_can_not_be_listed_is_explained(
    synchronized: Interlace, arguments: list[str], told: str
) -> None:
    """The message says what is wrong and what can be done."""
    ended = synchronized("couplings", "list", "CUSTOMER", *arguments)
    assert ended.code == 4
    assert told in ended.err


def test_couplings_are_exported(synchronized: Interlace, tmp_path: Path) -> None:
    """All that fit go into a file of either kind."""
    file = tmp_path / "couplings.csv"
    written = synchronized("couplings", "list", "CUSTOMER", "--export", str(file), "--json").only
    assert written["couplings"] == 35
    with file.open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert len(lines) == 35
    assert {"C00010": "Möbelhaus Brandt Berlin"}.items() <= {
        line["ERP No."]: line["ERP Name"] for line in lines
    }.items()
    book = tmp_path / "couplings.xlsx"
    assert synchronized("couplings", "list", "--export", str(book), "--json").only["couplings"] > 100
    with zipfile.ZipFile(book) as packed:
        assert "xl/worksheets/sheet1.xml" in packed.namelist()
