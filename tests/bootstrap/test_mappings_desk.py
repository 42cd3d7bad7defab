"""What is asked about mappings at the desk: shown with what was changed, changed as a whole, tried and counted."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from tests.bootstrap.serving_ends import copied, server_at, until
from tests.cli.both_ends import CUSTOMERS, NAME, BothEnds, started

from interlace.bootstrap.desk.mappings import add_mappings
from interlace.bootstrap.serving import Server
from interlace.cli.program import run_program
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.management import mapping_checks, mappings
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.mapping_answers import MappingShown
from interlace.management.mappings import (
    ChangeFields,
    ChangeFilter,
    ChangeMapping,
    CheckMappings,
    CountRecords,
    ExportSettings,
    ImportSettings,
    ListFields,
    ListMappings,
    OneMapping,
    TryRecord,
)
from interlace.management.operation import Operation
from interlace.management.own_mappings import (
    ADD_MAPPING,
    REMOVE_MAPPING,
    TABLES,
    AddMapping,
    ListTables,
    RemoveMapping,
)
from interlace.management.own_rows import (
    ADD_ROW,
    CHANGE_ROW,
    CHECK_ROW,
    REMOVE_ROW,
    ROW_FIELDS,
    AddRow,
    ChangeRow,
    CheckRow,
    ListRowFields,
    RemoveRow,
)
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused

T = TypeVar("T", bound=msgspec.Struct)
FIRST = "C00010"
EVERYBODY = Caller(user_id="", name="ada", permissions=frozenset(Permission), door=Door.MACHINE)


async def _unheard(
    caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: object
) -> None:
    """Keep nothing."""


class Asking:
    """A desk on a running server."""

    def __init__(self, server: Server) -> None:
        works = Works()
        add_mappings(works, server)

        self.desk = Desk(works, _unheard)
        self.server = server

    def __call__(self, operation: Operation[Any, T], asked: Any) -> T:
        """Ask, and wait for the answer."""
        work: Coroutine[Any, Any, T] = self.desk.perform(operation, EVERYBODY, asked)
        return asyncio.run(work)

    def customer(self) -> MappingShown:
        """Show the mapping of customers."""
        return self(mappings.SHOW, OneMapping(mapping="customer"))

    def refused(self, operation: Operation[Any, Any], asked: Any) -> Refused:
        """Ask for what is refused."""
        with pytest.raises(Refused) as found:
            self(operation, asked)
        return found.value


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both embedded services."""
    with started(tmp_path_factory.mktemp("ends")) as opened:
        yield opened


@pytest.fixture(scope="module")
def enabled(ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state whose connection is enabled and was never synchronized."""
    state = tmp_path_factory.mktemp("enabled") / "state"
    assert run_program(["connection", "add", NAME, *ends.options(), "--state", str(state)]) == 0
    assert run_program(["connection", "enable", NAME, "--state", str(state)]) == 0
    return state


@pytest.fixture
def ask(enabled: Path, tmp_path: Path) -> Iterator[Asking]:
    """A desk on a state of the test's own; what it began ends before the server does."""
    at_work = {JobQueueEntryStatus.READY, JobQueueEntryStatus.IN_PROCESS}
    with server_at(copied(enabled, tmp_path / "state")) as (server, connection):
        yield Asking(server)
        entries = server.schedules.entries
        until(
            lambda: not any(each.status in at_work for each in entries(connection) if not each.is_recurring),
            "the end of what was begun",
        )


def test_mappings_are_listed_and_shown(ask: Asking) -> None:
    """In the order in which they run, nothing changed, and every field row with what may be done with it."""
    listed = ask(mappings.LIST, ListMappings()).rows
    assert [each.name for each in listed] == [each.name for each in DEFAULT_MAPPINGS]
    assert all(each.takes_part and not each.changed for each in listed)
    shown = ask.customer()
    assert set(shown.directions) == {"ToIntegrationTable", "FromIntegrationTable", "Bidirectional"}
    rows = {each.row: each for each in shown.fields}
    assert rows["Phone_No>telephone1"].may_be_disabled
    assert not rows["Name>name"].may_be_disabled
    assert "Joined Lines" in rows["Name>name"].resolutions
    assert "Joined Lines" not in rows["City>address1_city"].resolutions
    assert "CURRENCY" in shown.depends_on
    assert "CONTACT" in shown.needed_by
    assert ask.refused(mappings.SHOW, OneMapping(mapping="NOTHING")).kind is RefusalKind.NOT_FOUND


def test_settings_are_changed_and_taken_back(ask: Asking) -> None:
    """What is set to the default is no change; a reset tells what it takes back before it does."""
    asked = ChangeMapping(
        mapping="CUSTOMER",
        direction="ToIntegrationTable",
        synch_only_coupled_records="yes",
        update_conflict_resolution="None",
        deletion_conflict_resolution="Remove Coupling",
        takes_part="no",
    )
    assert set(ask(mappings.CHANGE, asked).changed) == {"direction", "deletion_conflict_resolution"}
    shown = ask.customer()
    assert not shown.header.takes_part
    assert {(each.setting, each.now, each.default) for each in shown.changes} == {
        ("direction", "ToIntegrationTable", "Bidirectional"),
        ("deletion_conflict_resolution", "Remove Coupling", "None"),
    }
    ask(mappings.RESET, OneMapping(mapping="CUSTOMER"))
    assert ask.customer().changes == ()
    ask(mappings.CHANGE, ChangeMapping(mapping="CUSTOMER", takes_part="yes"))
    assert ask.customer().header.takes_part


def test_what_makes_no_sense_is_refused_at_its_field(ask: Asking) -> None:
    """Nothing of it is kept; nor is what was decided on settings that somebody changed meanwhile."""
    seen = ask.customer().seen
    asked = ChangeMapping(mapping="CUSTOMER", direction="Sideways", synch_only_coupled_records="no")
    refused = ask.refused(mappings.CHANGE, asked)
    assert refused.kind is RefusalKind.INVALID
    assert list(refused.fields) == ["direction"]
    assert ask.customer().seen == seen
    ask(mappings.CHANGE, ChangeMapping(mapping="CUSTOMER", synch_only_coupled_records="no", seen=seen))
    late = ChangeMapping(mapping="CUSTOMER", direction="ToIntegrationTable", seen=seen)
    assert ask.refused(mappings.CHANGE, late).kind is RefusalKind.CHANGED_MEANWHILE
    salesperson = ChangeMapping(mapping="SALESPEOPLE", direction="ToIntegrationTable")
    assert list(ask.refused(mappings.CHANGE, salesperson).fields) == ["direction"]


def test_field_rows_are_changed(ask: Asking) -> None:
    """Disabled, enabled again, and with an answer of their own; what is not named stays."""
    ask(
        mappings.CHANGE_FIELDS,
        ChangeFields(
            mapping="CUSTOMER",
            enabled={"Fax_No>fax": "no", "Phone_No>telephone1": "no"},
            conflicts={"Name>name": "Newest", "Contact>address1_primarycontactname": ""},
        ),
    )
    ask(mappings.CHANGE_FIELDS, ChangeFields(mapping="CUSTOMER", enabled={"Fax_No>fax": "yes"}))
    rows = {each.row: each for each in ask.customer().fields}
    assert [row for row, each in rows.items() if not each.is_enabled] == ["Phone_No>telephone1"]
    assert rows["Name>name"].conflict_resolution == "Newest"
    for asked in (
        ChangeFields(mapping="CUSTOMER", enabled={"Nothing>nothing": "no"}),
        ChangeFields(mapping="CUSTOMER", enabled={"Name>name": "no"}),
        ChangeFields(mapping="CUSTOMER", conflicts={"Name>name": "Oldest"}),
    ):
        assert ask.refused(mappings.CHANGE_FIELDS, asked).kind is RefusalKind.INVALID


def test_a_row_of_ones_own_is_checked_kept_carried_over_and_removed(ask: Asking) -> None:
    """By what both services tell of their fields; a run carries it over, and export, reset and policies know of it."""
    told = ask(ROW_FIELDS, ListRowFields(mapping="CUSTOMER"))
    columns = {each.name: each for each in told.crm}
    assert (columns["accountnumber"].length, columns["name"].mapped) == (20, ("Name",))
    assert columns["industrycode"].choices
    assert columns["createdon"].is_read_only
    wrong = ask(CHECK_ROW, CheckRow(mapping="CUSTOMER", erp_field="GLN", crm_field="telephone1"))
    assert [each.part for each in wrong.problems] == ["crm_field"]
    asked: Any = {"mapping": "CUSTOMER", "erp_field": "GLN", "crm_field": "accountnumber"}
    added = ask(ADD_ROW, AddRow(**asked, seen=ask.customer().seen))
    assert added.changed == ("GLN>accountnumber",)
    assert ask.refused(ADD_ROW, AddRow(**asked)).fields.keys() == {"crm_field"}
    assert "Bidirectional" in ask(mappings.EXPORT, ExportSettings()).text
    conflicts = {"GLN>accountnumber": "Newest"}
    ask(mappings.CHANGE_FIELDS, ChangeFields(mapping="CUSTOMER", conflicts=conflicts))
    shown = ask.customer()
    own = next(each for each in shown.fields if each.own is not None)
    assert (own.row, own.conflict_resolution, own.may_be_disabled) == ("GLN>accountnumber", "Newest", False)
    assert ("own_fields", "GLN / accountnumber") in {(each.setting, each.subject) for each in shown.changes}
    constant = ChangeRow(mapping="CUSTOMER", row=own.row, crm_field="industrycode", constant="Wholesale")
    ask(CHANGE_ROW, constant)
    row = next(each for each in ask.customer().fields if each.own is not None)
    assert (row.erp_field, row.crm_field, row.conflict_resolution) == ("", "industrycode", "")
    ask(REMOVE_ROW, RemoveRow(mapping="CUSTOMER", row=">industrycode"))
    assert ask.customer().changes == ()
    assert ask.refused(REMOVE_ROW, RemoveRow(mapping="CUSTOMER", row=">industrycode")).why


def test_a_filter_is_checked_against_the_table_and_counted(ask: Asking) -> None:
    """The wrong part of the wrong condition is named; a kept filter has a run look at every record."""
    fields = {each.name: each for each in ask(mappings.FIELDS, ListFields(mapping="CUSTOMER")).fields}
    assert "begins with" in fields["Name"].comparisons
    wrong = ChangeFilter(
        mapping="CUSTOMER",
        fields=("Name", "Balance_LCY"),
        comparisons=("begins with", "="),
        values=("A", "much"),
    )
    assert list(ask.refused(mappings.CHANGE_FILTER, wrong).fields) == ["values.1"]
    rows: Any = {"fields": ("No", ""), "comparisons": ("one of", "="), "values": (f"{FIRST}|NOBODY", "")}
    counted = ask(mappings.COUNT, CountRecords(mapping="CUSTOMER", **rows))
    assert (counted.total, counted.taking_part, counted.is_complete) == (CUSTOMERS, 1, True)
    told = ask(mappings.CHANGE_FILTER, ChangeFilter(mapping="CUSTOMER", **rows))
    assert "looks at every record" in told.message
    assert ask.customer().header.table_filter == (f"No one of {FIRST}|NOBODY",)
    assert ask(mappings.COUNT, CountRecords(mapping="CUSTOMER")).taking_part == CUSTOMERS
    ask(mappings.CHANGE_FILTER, ChangeFilter(mapping="CUSTOMER"))
    assert ask.customer().changes == ()
    status = ChangeFilter(
        mapping="SALESORDER-ORDER", fields=("Status",), comparisons=("=",), values=("Open",)
    )
    assert list(ask.refused(mappings.CHANGE_FILTER, status).fields) == ["table_filter"]


def test_a_record_is_tried_without_writing(ask: Asking, ends: BothEnds) -> None:
    """Field by field what a full run would write; a stranger is told as one."""
    before = ends.erp.requests.written + ends.crm.requests.written
    tried = ask(mappings.TRY, TryRecord(mapping="CURRENCY", key="USD"))
    assert tried.found
    (action,) = tried.actions
    assert action.kind in {"create", "couple"}
    assert not ask(mappings.TRY, TryRecord(mapping="CUSTOMER", key="NOBODY")).found
    named = ask(mappings.TRY, TryRecord(mapping="CUSTOMER", key=FIRST)).actions
    assert named
    assert ends.erp.requests.written + ends.crm.requests.written == before
    orders = TryRecord(mapping="SALESORDER-ORDER", key="1")
    assert ask.refused(mappings.TRY, orders).kind is RefusalKind.NOT_READY


def test_mappings_are_checked_and_run(ask: Asking) -> None:
    """One or all of them; a mapping that takes no part is not run."""
    assert ask(mappings.CHECK, CheckMappings(mapping="CURRENCY")).problems == ()
    assert "runs in the background" in ask(mappings.SYNCHRONIZE, OneMapping(mapping="CURRENCY")).message
    ask(mappings.CHANGE, ChangeMapping(mapping="CONTACT", takes_part="no"))
    assert ask.refused(mappings.RUN_FULL, OneMapping(mapping="CONTACT")).kind is RefusalKind.NOT_READY


def test_settings_are_exported_and_imported(ask: Asking) -> None:
    """Compared first where that is asked, and refused as a whole."""
    ask(mappings.CHANGE, ChangeMapping(mapping="CONTACT", takes_part="no", direction="ToIntegrationTable"))
    text = ask(mappings.EXPORT, ExportSettings()).text
    ask(mappings.RESET, OneMapping(mapping="CONTACT"))
    compared = ask(mappings.IMPORT, ImportSettings(text=text, only_compare="yes"))
    assert compared.differences == ("CONTACT: direction",)
    assert not compared.is_stored
    assert ask(mappings.IMPORT, ImportSettings(text=text)).is_stored
    assert ask(mappings.EXPORT, ExportSettings()).text == text
    assert list(ask.refused(mappings.IMPORT, ImportSettings(text="{}")).fields) == ["text"]


def test_a_mapping_of_ones_own_is_added_and_deleted(ask: Asking) -> None:
    """Tables are offered, what is wrong stands at its part, and a deletion names the couplings that it was shown."""
    offered = ask(TABLES, ListTables())
    assert "PaymentMethods" in {each.service for each in offered.erp}
    assert {each.name: each.mapped for each in offered.crm}["systemuser"] == ("SALESPEOPLE",)
    assert (offered.key, offered.columns) == ("", ())
    pair: Any = {"erp_table": "paymentmethods", "crm_table": "Territory"}
    chosen = ask(TABLES, ListTables(**pair))
    assert chosen.key == "Code"
    assert {"name", "description"} <= {each.name for each in chosen.columns}
    assert "territoryid" not in {each.name for each in chosen.columns}
    assert set(ask.refused(TABLES, ListTables(erp_table="x")).fields) == {"erp_table", "crm_table"}
    assert set(ask.refused(ADD_MAPPING, AddMapping(**pair)).fields) == {"name", "crm_column"}
    entered = AddMapping(**pair, name="payment method", crm_column="name")
    added = ask(ADD_MAPPING, entered)
    assert (added.page, added.changed) == ("/mappings/PAYMENT%20METHOD", ("PAYMENT METHOD",))
    assert set(ask.refused(ADD_MAPPING, entered).fields) == {"name"}
    *others, last = ask(mappings.LIST, ListMappings()).rows
    assert (last.name, last.is_own, last.takes_part) == ("PAYMENT METHOD", True, False)
    assert last.synch_only_coupled_records
    assert not any(each.is_own for each in others)
    ask(mappings.CHANGE, ChangeMapping(mapping=last.name, takes_part="yes"))
    # A second one of both tables can't take part beside it as long as both take every record.
    ask(ADD_MAPPING, AddMapping(**pair, name="other", crm_column="name"))
    both = ChangeMapping(mapping="OTHER", takes_part="yes")
    told = ask(mapping_checks.CHECK_CHANGE, both).problems["takes_part"]
    assert "PAYMENT METHOD and OTHER join the same tables" in told
    assert "join the same tables" in ask.refused(mappings.CHANGE, both).why
    ask(REMOVE_MAPPING, RemoveMapping(mapping="OTHER"))
    application, schedules = ask.server.application, ask.server.schedules
    connection = application.connection(None)
    schedules.hold(connection, MappingName(last.name))
    kept = application.state.job_queue_entries.list(connection.id)
    assert last.name in {each.mapping for each in kept}
    asked = RemoveMapping(mapping=last.name, count=1)
    assert ask.refused(REMOVE_MAPPING, asked).kind is RefusalKind.CHANGED_MEANWHILE
    assert ask.refused(REMOVE_MAPPING, RemoveMapping(mapping="CUSTOMER")).kind is RefusalKind.NOT_READY
    assert ask(REMOVE_MAPPING, RemoveMapping(mapping=last.name)).page == "/mappings"
    application.disable(application.connection(None))
    schedules.keep()
    kept = application.state.job_queue_entries.list(connection.id)
    assert last.name not in {each.mapping for each in kept}
    assert ask.refused(mappings.SHOW, OneMapping(mapping=last.name)).kind is RefusalKind.NOT_FOUND
