"""`interlace couplings import|export`: taken over from the built-in connector's table, and back."""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace
from tests.cli.two_services import PARTIES

from interlace.cli.program import run_program

HEADER = ("CRM ID", "Integration ID", "Table ID", "Skipped")
NOBODY = "{11111111-2222-3333-4444-555555555555}"
WITH_IDS = ("CONTACT", "CURRENCY", "CUSTOMER", "ITEM-PRODUCT", "SALESPEOPLE", "UNIT OF MEASURE")
"""Mappings of tables whose ids the ERP's API tells."""


def couplings_of(interlace: Interlace, mapping: str) -> dict[str, str]:
    """The couplings of a mapping: the CRM's key by the ERP's."""
    rows = interlace("couplings", "list", mapping, "--limit", "1000", "--json").objects
    return {each["erp_key"]: each["crm_key"] for each in rows}


def id_of(ends: BothEnds, table: str, key: str) -> str:
    """The id (SystemId) of an ERP record."""
    found = ends.erp.records.by_code(table, key)
    assert found is not None
    return f"{{{found.system_id.upper()}}}"


def written(path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER) -> str:
    """Write a file as Excel does where a comma begins the fraction of a number; gives its path."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return str(path)


def test_exported_couplings_are_the_same_in_a_fresh_memory(
    synchronized: Interlace, tmp_path: Path, both_ends: BothEnds, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way there and back: the next run finds both records of each equal."""

    def interlace(*arguments: str) -> Ended:
        """Run a command in the fresh memory."""
        capsys.readouterr()
        code = run_program([*arguments, "--state", str(tmp_path / "fresh")])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    assert interlace("connection", "add", NAME, *both_ends.options()).code == 0
    assert interlace("connection", "enable", NAME).code == 0
    file = tmp_path / "couplings.csv"
    exported = synchronized("couplings", "export", "--out", str(file), "--json")
    assert exported.code == 3
    assert exported.only["without_id"].keys() == {"RESOURCE-PRODUCT", "CUSTPRCGRP-PRICE"}
    before = {name: couplings_of(synchronized, name) for name in WITH_IDS}
    assert all(before.values())

    looked = interlace("couplings", "import", str(file), "--dry-run", "--json")
    assert looked.code == 2
    assert {each["result"] for each in looked.objects} == {"to be coupled"}
    assert couplings_of(interlace, "CUSTOMER") == {}
    done = interlace("couplings", "import", str(file), "--yes")
    assert done.code == 0, done.err
    assert {name: couplings_of(interlace, name) for name in WITH_IDS} == before
    [job] = interlace("jobs", "CUSTOMER", "--limit", "1", "--json").objects
    assert (job["type"], job["coupled"]) == ("Coupling", len(before["CUSTOMER"]))
    again = interlace("couplings", "import", str(file), "--dry-run", "--json")
    assert {each["result"] for each in again.objects} == {"coupled already"}
    # What customers refer to, and the built-in connector's table doesn't hold, is found by its code.
    runs = interlace("synch", *PARTIES, "CUSTPRCGRP-PRICE", "--full", "--json").objects
    written_by_runs = {each["mapping"]: each["inserted"] + each["modified"] for each in runs}
    assert written_by_runs == dict.fromkeys((*PARTIES, "CUSTPRCGRP-PRICE"), 0)
    assert couplings_of(interlace, "CUSTOMER") == before["CUSTOMER"]


def test_each_row_that_cannot_be_coupled_is_told_with_its_line(
    synchronized: Interlace, tmp_path: Path, both_ends: BothEnds
) -> None:
    """The others are coupled, skipped ones too; a record has one partner, whatever the file says."""
    known = couplings_of(synchronized, "CUSTOMER")
    first, second = "C00010", "C00020"
    assert synchronized("couplings", "remove", "CUSTOMER", first, "--yes").code == 0
    one, two = (id_of(both_ends, "Customer", key) for key in (first, second))
    rows = [
        (known[first], one, "18", "Yes"),
        (known[first], two, 18, "No"),
        (known[second], two, 18, "No"),
        (known[first].upper(), one, 18, "No"),
        (NOBODY, one, 18, "No"),
        (known[first], NOBODY, 18, "No"),
        ("no id", one, 18, "No"),
        (NOBODY, one, "5.050.505", "No"),
        (NOBODY, one, 36, "No"),
        (NOBODY, "", 18, "No"),
    ]
    file = written(tmp_path / "rows.csv", rows)
    looked = synchronized("couplings", "import", file, "--dry-run", "--json").objects
    told = {each["line"]: (each["result"], each["reason"]) for each in looked}
    assert {line: result for line, (result, _) in told.items()} == {
        2: "to be coupled",
        3: "left out",
        4: "coupled already",
        **dict.fromkeys(range(5, 12), "left out"),
    }
    assert looked[0]["was_skipped"] is True
    for line, words in {
        3: f"{second} is coupled with {known[second]} in CUSTOMER already",
        5: "Line 2 couples one of the two records already",
        6: f"The CRM's table account has no record {NOBODY.strip('{}')}",
        7: "has no record with the id 11111111-2222-3333-4444-555555555555",
        8: "The CRM ID is no GUID",
        9: "the ERP's table 5050505",
        10: "Orders are followed document by document",
        11: "The Integration ID is no GUID",
    }.items():
        assert words in told[line][1]

    done = synchronized("couplings", "import", file, "--yes")
    assert done.code == 3
    assert "1 of them was skipped by the built-in connector" not in done.out
    assert "skipped by the built-in connector" in done.err
    assert couplings_of(synchronized, "CUSTOMER") == known


def test_what_both_sides_hold_differently_is_left_to_the_next_run(
    synchronized: Interlace, tmp_path: Path, both_ends: BothEnds
) -> None:
    """A taken-over pair has no agreed values, as after coupling by hand: nothing is overwritten by the import."""
    key = couplings_of(synchronized, "CUSTOMER")["C00010"]
    assert synchronized("couplings", "remove", "CUSTOMER", "C00010", "--yes").code == 0
    rows = [(key, id_of(both_ends, "Customer", "C00010"), 18, "No")]
    assert synchronized("couplings", "import", written(tmp_path / "one.csv", rows), "--yes").code == 0
    shown = synchronized("couplings", "show", "C00010", "--mapping", "CUSTOMER", "--json").only
    assert (shown["crm_key"], shown["agreed"]) == (key, [])


def test_ids_that_no_api_tells_come_from_a_file(synchronized: Interlace, tmp_path: Path) -> None:
    """NAV keeps them in its table 5151; a record that was deleted since is told by its name."""
    known = couplings_of(synchronized, "RESOURCE-PRODUCT")
    (key, crm_key), *_ = known.items()
    assert synchronized("couplings", "remove", "RESOURCE-PRODUCT", key, "--yes").code == 0
    gone = "{22222222-2222-3333-4444-555555555555}"
    file = written(tmp_path / "rows.csv", [(crm_key, NOBODY, 156, "No"), (crm_key, gone, 156, "No")])
    refused = synchronized("couplings", "import", file, "--dry-run", "--json").objects
    assert "Give the rows of its table 5151 Integration Record as well" in refused[0]["reason"]
    ids = written(
        tmp_path / "ids.csv",
        [(156, f"Resource: {key}", NOBODY), (156, "Resource: LEFT", gone)],
        ("Table ID", "Record ID", "Integration ID"),
    )
    looked = synchronized("couplings", "import", file, "--record-ids", ids, "--dry-run", "--json").objects
    assert [each["result"] for each in looked] == ["to be coupled", "left out"]
    assert "The ERP's table Resource has no record LEFT" in looked[1]["reason"]
    assert synchronized("couplings", "import", file, "--record-ids", ids, "--yes").code == 3
    assert couplings_of(synchronized, "RESOURCE-PRODUCT") == known
    exported = synchronized("couplings", "export", "--record-ids", ids)
    assert f"{{{crm_key.upper()}}},{NOBODY},156,,,No,Resource: {key}" in exported.out.splitlines()


def test_a_file_of_something_else_is_refused(synchronized: Interlace, tmp_path: Path) -> None:
    """The columns that are missing are named, and what to do."""
    file = written(tmp_path / "other.csv", [("x", "y")], ("No.", "CRM ID"))
    ended = synchronized("couplings", "import", file)
    assert ended.code == 4
    assert "names no column Integration ID, Table ID" in ended.err
    assert synchronized("couplings", "import", str(tmp_path / "none.csv")).code == 4
    (tmp_path / "ansi.csv").write_bytes("CRM ID;Größe".encode("latin-1"))
    assert "can't be read" in synchronized("couplings", "import", str(tmp_path / "ansi.csv")).err


def test_nobody_is_there_to_agree(synchronized: Interlace, tmp_path: Path, both_ends: BothEnds) -> None:
    """Without a person and without --yes nothing is coupled."""
    key = couplings_of(synchronized, "CUSTOMER")["C00010"]
    assert synchronized("couplings", "remove", "CUSTOMER", "C00010", "--yes").code == 0
    file = written(tmp_path / "one.csv", [(key, id_of(both_ends, "Customer", "C00010"), 18, "No")])
    assert synchronized("couplings", "import", file).code == 4
    assert "C00010" not in couplings_of(synchronized, "CUSTOMER")


def test_the_shadow_report_tells_each_decision_that_differs(
    synchronized: Interlace, tmp_path: Path, both_ends: BothEnds
) -> None:
    """What the connector has settled and a run would change, and what it skipped and a run would take up."""
    known = couplings_of(synchronized, "CUSTOMER")
    keys = ("C00010", "C00020", "C00040", "C00050", "C00060")
    assert synchronized("couplings", "remove", "CUSTOMER", *keys, "--yes").code == 0
    records = both_ends.erp.records
    with records.store.transaction():
        for customer in map(partial(records.by_code, "Customer"), keys[1:]):
            assert customer is not None
            records.update(customer, {**customer.values, "Phone_No": "+47 555 01 02"})
    ids = {key: id_of(both_ends, "Customer", key) for key in keys}
    synchronized_at = "2026-01-02T10:00:00Z"
    rows = [
        (known["C00010"], ids["C00010"], 18, "No", synchronized_at),
        (known["C00020"], ids["C00020"], 18, "No", synchronized_at),
        (known["C00040"], ids["C00040"], 18, "Yes", synchronized_at),
        (known["C00050"], ids["C00050"], 18, "No", ""),
        (NOBODY, ids["C00060"], 18, "No", synchronized_at),
    ]
    file = written(tmp_path / "rows.csv", rows, (*HEADER, "Last Synch. Modified On"))
    out = tmp_path / "differences.csv"
    ended = synchronized("couplings", "shadow", file, "--out", str(out), "--json")
    assert ended.code == 2
    told = {each["erp_key"]: each for each in ended.objects}
    assert {key: (each["built_in"], each["decision"], each["differs"]) for key, each in told.items()} == {
        "C00020": ("settled", "change", True),
        "C00040": ("skipped", "change", True),
        "C00050": ("never synchronized", "change", False),
        "C00060": ("settled", "left out", True),
    }
    assert "has no record" in told["C00060"]["reason"]
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(told)
    assert couplings_of(synchronized, "CUSTOMER").keys() == known.keys() - set(keys)
    shown = synchronized("couplings", "shadow", file)
    assert "C00050" not in shown.out
    assert "4 pairs compared, 3 decisions differ. Nothing was written." in shown.err
