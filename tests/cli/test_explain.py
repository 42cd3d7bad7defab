"""explain says what a run would do with a record and why; journal shows and verifies what was written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.two_services import PARTIES, TwoServices, two_services

from interlace.cli.exit_codes import ExitCode
from interlace.domain.side import Side

UNCOUPLED_OWNER, SECOND = "C00030", "C00020"


@pytest.fixture
def services(tmp_path: Path, interlace: Interlace) -> Iterator[TwoServices]:
    """Both services after two full runs."""
    with two_services(tmp_path, tmp_path / "state", interlace, customers=12) as opened:
        for _ in range(2):
            opened.interlace("synch", *PARTIES, "--full")
        yield opened


def test_a_record_is_explained_by_its_gates_values_and_writes(services: TwoServices) -> None:
    """By number, id and name alike: filter, coupling, references, three values a field, decision, last writes."""
    account = services.partner("CUSTOMER", SECOND)
    services.edit("CUSTOMER", Side.CRM, account, {"telephone1": "+43 1"})
    by_number = services.interlace("explain", SECOND, "--mapping", "CUSTOMER", "--json").only
    by_id = services.interlace("explain", account, "--mapping", "CUSTOMER", "--json").only
    (name,) = [field["erp"] for field in by_number["directions"][0]["fields"] if field["erp_field"] == "Name"]
    by_name = services.interlace("explain", name, "--mapping", "CUSTOMER", "--json").only
    assert by_number["crm_key"] == by_id["crm_key"] == by_name["crm_key"] == account
    to_crm, from_crm = by_number["directions"]
    assert (to_crm["decision"], from_crm["decision"]) == ("Nothing is to be done.", "change: Phone_No")
    (phone,) = [field for field in from_crm["fields"] if field["erp_field"] == "Phone_No"]
    assert phone["state"] == "changed in the CRM"
    assert phone["crm"] == "+43 1"
    assert phone["agreed_crm"] == phone["erp"]
    gates = {(gate["gate"], gate["passed"]) for gate in to_crm["gates"]}
    assert gates >= {("record", True), ("table filter", True), ("partner", True), ("reference", True)}
    assert by_number["journal"][0]["key"] == account


def test_a_record_that_waits_is_explained_by_what_it_waits_for(services: TwoServices) -> None:
    """The missing partner of its salesperson is named, and what makes the record take part again."""
    ended = services.interlace("explain", UNCOUPLED_OWNER)
    assert ended.code == ExitCode.REMAINING
    assert "NO   Reference: Salesperson_Code > ownerid: 'HV' is not coupled (SALESPEOPLE)" in ended.out
    assert "On the error list (IL-101" in ended.out
    assert "takes part again when a record that it waits for is coupled" in ended.out


def test_explaining_writes_nothing_and_knows_no_stranger(services: TwoServices) -> None:
    """A record that no mapping knows is told so."""
    before = services.written
    assert services.interlace("explain", SECOND).code == ExitCode.OK
    ended = services.interlace("explain", "NOBODY")
    assert ended.code == ExitCode.CONFIGURATION
    assert "No mapping knows a record 'NOBODY'" in ended.err
    assert services.written == before


def test_the_journal_shows_a_records_writes_and_locates_a_changed_byte(services: TwoServices) -> None:
    """The chain of digests does not hold from the changed entry on, and the exit code says so."""
    entries = services.interlace("journal", "show", SECOND, "--json").objects
    assert entries[0]["action"] == "insert"
    assert services.interlace("journal", "verify").code == ExitCode.OK
    changed = entries[0]["sequence"]
    (database,) = services.state.glob("*.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        update = "UPDATE journal SET entry = replace(entry, 'insert', 'inserT') WHERE sequence = ?"
        connection.execute(update, (changed,))
    ended = services.interlace("journal", "verify", "--json")
    assert ended.code == ExitCode.ERROR
    assert (ended.only["first_wrong"], ended.only["entries"]) == (changed, changed - 1)
