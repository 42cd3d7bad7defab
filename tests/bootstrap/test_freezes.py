"""A freeze window over a running server and both services: the ERP is left alone, and everything arrives afterwards."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.bootstrap.serving_ends import server_at, until
from tests.cli.both_ends import Ended
from tests.cli.two_services import TwoServices, two_services
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.chosen_synch import ChosenSynch
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.freezes import freezes_of, read_moment, with_freeze, without_freeze
from interlace.bootstrap.serving import Server
from interlace.cli.program import run_program
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.service import ErpFrozen
from interlace.lead_to_cash.customer_and_account import CUSTOMER_TYPE
from interlace.management import audit, conflicts, connections, freezes, orders, plans, record_changes
from interlace.management.audit import ListEntries
from interlace.management.caller import Caller, Door
from interlace.management.conflicts import ListConflicts, ResolveConflict, ShowConflict
from interlace.management.connections import ListConnections, OneConnection
from interlace.management.desk import Desk
from interlace.management.freezes import AddFreeze, Freeze, RemoveFreeze
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.plans import MakePlan, OnePlan
from interlace.management.record_changes import SynchronizeRecords
from interlace.management.refusal import RefusalKind, Refused

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
OSLO = "Europe/Oslo"
TANE = Caller(user_id="1", name="tane", permissions=frozenset(Permission), door=Door.MACHINE, time_zone=OSLO)
CUSTOMER, CONTACT = MappingName("CUSTOMER"), MappingName("CONTACT")
CHAIN = ("CURRENCY", "SALESPEOPLE", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT", CUSTOMER, CONTACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server with its desk over two services."""

    services: TwoServices
    server: Server
    desk: Desk

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT, caller: Caller = TANE) -> AnswerT:
        """Ask as somebody who may do everything, or as somebody else."""
        return asyncio.run(self.desk.perform(operation, caller, asked))

    def windows(self) -> tuple[Freeze, ...]:
        """List the windows."""
        return self.ask(freezes.SHOW, OneConnection()).windows

    def freeze(self) -> Freeze:
        """Freeze the ERP from a minute ago on, for an hour."""
        now = datetime.now(UTC)
        begin, end = ((now + timedelta(minutes=each)).isoformat() for each in (-1, 60))
        self.ask(freezes.ADD, AddFreeze(begin=begin, end=end, reason="Month-end closing"))
        return self.windows()[-1]

    def thaw(self, window: Freeze) -> None:
        """End a window early."""
        self.ask(freezes.REMOVE, RemoveFreeze(id=window.id))

    def begin(self, mapping: MappingName) -> str:
        """Have a mapping run; gives the run's id."""
        return self.server.client.begin_run(self.server.application.connection(None).id, mapping).run_id

    def synchronize(self, mapping: MappingName) -> None:
        """Run a mapping to its end."""
        assert self.server.client.wait(self.begin(mapping)) == ""

    def entry(self, run_id: str) -> tuple[JobQueueEntryStatus | None, str]:
        """Return how a run stands; None: its worker has not taken it up yet."""
        found = self.server.application.state.job_queue_entries.read(run_id)
        return (None, "") if found is None else (found.status, found.message)

    def wait_for_frozen(self, run_id: str) -> None:
        """Wait until a run says that it waits."""
        until(lambda: "freeze window" in self.entry(run_id)[1], "the run that waits")

    def erp_writes(self) -> list[str]:
        """Return what was written to the ERP since the log was cleared, but marker rows."""
        return [each.path for each in self.services.erp.requests.writes() if "EpochMarker" not in each.path]

    def phone(self, erp_key: str) -> object:
        """Return a customer's phone as the ERP holds it."""
        return self.services.held()["erp", "Customer.", erp_key]["Phone_No"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a state whose customers are synchronized."""
    directory: Path = tmp_path_factory.mktemp("freezes")
    state = directory / "state"

    def interlace(*arguments: str) -> Ended:
        """Run a command on the state."""
        return Ended(code=run_program([*arguments, "--state", str(state)]), out="", err="")

    with two_services(directory, state, interlace, customers=4) as services:
        for mapping in (CUSTOMER, CONTACT):
            assert interlace("mappings", "set", mapping, "synch_only_coupled_records=no").code == 0
        assert interlace("synch", "--full", *CHAIN).code in {0, 3}
        with server_at(state) as (server, _):
            accounts = open_accounts(server.application.state, AccountRules(hasher=cheap_hasher()))
            yield Place(services=services, server=server, desk=open_desk(server, accounts))


@pytest.fixture
def window(place: Place) -> Iterator[Freeze]:
    """A window that is open, and gone at the test's end."""
    found = place.freeze()
    place.services.erp.requests.clear()
    yield found
    if found.id in {each.id for each in place.windows()}:
        place.thaw(found)


def test_nothing_is_written_to_the_erp_in_the_window_and_everything_arrives_after_it(
    place: Place, window: Freeze
) -> None:
    """Runs that may write to it wait and say so; those that go to the CRM alone are through; nothing is listed."""
    server = place.server
    connection = server.application.connection(None)
    errors = server.application.state.queries.count_errors(connection.id)
    keys = ("C00010", "C00040", "C00020")
    for number, key in enumerate(keys):
        place.services.edit(
            "CUSTOMER",
            Side.CRM,
            place.services.partner("CUSTOMER", key),
            {"telephone1": f"+47 22 00 00 0{number}"},
        )
    waiting = server.synchronize(connection, CUSTOMER)
    through = server.synchronize(connection, MappingName("CURRENCY"))
    assert server.client.wait(through.run_id) == ""
    place.wait_for_frozen(waiting.run_id)
    assert place.entry(waiting.run_id)[0] is JobQueueEntryStatus.READY
    assert server.client.is_at_work(waiting.run_id)
    assert place.erp_writes() == []
    assert server.application.state.queries.count_errors(connection.id) == errors
    place.thaw(window)
    assert server.client.wait(waiting.run_id) == ""
    assert [place.phone(key) for key in keys] == [f"+47 22 00 00 0{number}" for number in range(3)]
    assert place.entry(waiting.run_id) == (JobQueueEntryStatus.FINISHED, "")


def test_the_backlog_of_a_window_arrives_record_by_record_and_what_others_need_first(
    place: Place, window: Freeze
) -> None:
    """Of several edits of a record the ERP sees the last, once; a new customer comes before its account's person."""
    services, customer, person = place.services, str(uuid4()), str(uuid4())
    edited = services.partner("CUSTOMER", "C00020")
    services.edit("CUSTOMER", Side.CRM, edited, {"telephone1": "+47 1"})
    services.add("CUSTOMER", Side.CRM, customer, {"name": "Fjord AS", "customertypecode": CUSTOMER_TYPE})
    services.edit("CUSTOMER", Side.CRM, edited, {"telephone1": "+47 2", "websiteurl": "https://c2.example"})
    services.add("CONTACT", Side.CRM, person, {"lastname": "Ytterstad", "parentcustomerid": customer})
    services.edit("CUSTOMER", Side.CRM, edited, {"telephone1": "+47 3"})
    services.edit("CONTACT", Side.CRM, person, {"firstname": "Ada"})
    waiting = [place.begin(mapping) for mapping in (CONTACT, CUSTOMER)]
    for run_id in waiting:
        place.wait_for_frozen(run_id)
    assert place.erp_writes() == []
    place.thaw(window)
    for run_id in waiting:
        assert place.server.client.wait(run_id) == ""
    # The person came first, perhaps, and waited for the account.
    place.synchronize(CONTACT)
    held = services.held()
    [number] = [
        key for (_, table, key), each in held.items() if table == "Customer." and each["Name"] == "Fjord AS"
    ]
    [ada] = [
        each for (_, table, _), each in held.items() if table == "Contact." and each["Surname"] == "Ytterstad"
    ]
    assert (ada["First_Name"], ada["Customer_No"]) == ("Ada", number)
    kept = held["erp", "Customer.", "C00020"]
    assert (kept["Phone_No"], kept["Home_Page"]) == ("+47 3", "https://c2.example")
    written = place.erp_writes()
    assert len([path for path in written if "C00020" in path]) == 1
    created = [path for path in written if path.endswith(("CustomerCard", "ContactCard"))]
    assert [path.rpartition("/")[2] for path in created] == ["CustomerCard", "ContactCard"]


@pytest.fixture
def conflict(place: Place) -> str:
    """A customer whose name and e-mail both sides changed, and the CRM its home page, too; runs pass over it by now."""
    in_erp = {"Name": "ERP's name", "E_Mail": "erp@example.com"}
    in_crm = {"name": "CRM's name", "emailaddress1": "crm@example.com", "websiteurl": "https://crm.example"}
    place.services.edit("CUSTOMER", Side.ERP, "C00020", in_erp)
    place.services.edit("CUSTOMER", Side.CRM, place.services.partner("CUSTOMER", "C00020"), in_crm)
    for _ in range(3):
        place.synchronize(CUSTOMER)
    [listed] = place.ask(conflicts.LIST, ListConflicts()).rows
    return listed.id


def test_a_conflict_is_decided_in_the_window_where_that_writes_to_the_crm_alone(
    place: Place, conflict: str, window: Freeze, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else it is refused as a whole and stays open; what the CRM's record has besides arrives after the window."""
    partner = place.services.partner("CUSTOMER", "C00020")
    before = place.services.held()
    rows = [each.row for each in place.ask(conflicts.SHOW, ShowConflict(id=conflict)).fields]
    for asked in (
        ResolveConflict(id=conflict, choice="crm"),
        ResolveConflict(id=conflict, fields={rows[0]: "erp", rows[1]: "crm"}),
    ):
        with pytest.raises(Refused) as refused:
            place.ask(conflicts.RESOLVE, asked)
        assert (refused.value.kind, refused.value.title) == (RefusalKind.NOT_READY, "The ERP is frozen")
        assert "Month-end closing" in refused.value.why
        assert "the conflict stays open" in refused.value.why
    capsys.readouterr()
    assert place.services.interlace("conflicts", "resolve", conflict, "--choose", "crm").code != 0
    assert "the conflict stays open" in capsys.readouterr().err
    assert place.services.held() == before

    decided = place.ask(conflicts.RESOLVE, ResolveConflict(id=conflict, choice="erp"))
    assert (decided.settled, "after the freeze window" in decided.message) == (1, True)
    assert place.ask(conflicts.LIST, ListConflicts()).rows == ()
    assert place.erp_writes() == []
    account = place.services.held()["crm", "account.", partner]
    assert (account["name"], account["emailaddress1"]) == ("ERP's name", "erp@example.com")
    jobs = place.server.application.state.queries.synch_jobs(
        place.server.application.connection(None).id, limit=2
    )
    assert all(each.finished_at is not None and "frozen" in each.message for each in jobs)

    place.thaw(window)
    place.synchronize(CUSTOMER)
    assert place.services.held()["erp", "Customer.", "C00020"]["Home_Page"] == "https://crm.example"
    assert place.ask(conflicts.LIST, ListConflicts()).rows == ()


def test_a_window_that_begins_in_the_middle_ends_the_job_of_single_records(place: Place) -> None:
    """The job says why it stopped, and the next one carries over what it was begun for."""
    application = place.server.application
    before = application.connection(None)
    partner = place.services.partner("CUSTOMER", "C00040")
    place.services.edit("CUSTOMER", Side.CRM, partner, {"telephone1": "+358 9 333"})
    get = ChosenSynch(application=application, connection=before)
    window = place.freeze()
    try:
        # It was thawed when somebody asked.
        with pytest.raises(ErpFrozen):
            asyncio.run(get.carry(CUSTOMER, {Direction.FROM_INTEGRATION_TABLE: (partner,)}))
    finally:
        place.thaw(window)
    stopped = application.state.queries.synch_jobs(before.id, limit=2)
    assert all(each.finished_at is not None and "frozen" in each.message for each in stopped)
    assert place.phone("C00040") != "+358 9 333"
    asyncio.run(get.carry(CUSTOMER, {Direction.FROM_INTEGRATION_TABLE: (partner,)}))
    assert place.phone("C00040") == "+358 9 333"


def test_of_several_conflicts_the_page_tells_which_wait(place: Place) -> None:
    """All are settled by what goes to the CRM; what else is new in one of its records waits for the window's end."""
    keys = ("C00020", "C00040")
    for number, key in enumerate(keys):
        in_crm = {"name": f"CRM {number}"} | ({"websiteurl": "https://waits.example"} if number else {})
        place.services.edit("CUSTOMER", Side.ERP, key, {"Name": f"ERP {number}"})
        place.services.edit("CUSTOMER", Side.CRM, place.services.partner("CUSTOMER", key), in_crm)
    for _ in range(3):
        place.synchronize(CUSTOMER)
    first, second = place.ask(conflicts.LIST, ListConflicts()).rows
    window = place.freeze()
    try:
        decided = place.ask(conflicts.RESOLVE, ResolveConflict(id=first.id, alike=(second.id,), choice="erp"))
    finally:
        place.thaw(window)
    assert decided.settled == len(keys)
    told = decided.message.partition("after the freeze window: ")[2]
    assert told == "C00040 (ERP 1)"
    place.synchronize(CUSTOMER)
    assert place.services.held()["erp", "Customer.", "C00040"]["Home_Page"] == "https://waits.example"


def test_what_a_person_would_write_to_the_erp_is_refused_in_the_window(place: Place, window: Freeze) -> None:
    """Get and Apply are refused with the reason before anything is touched; the plan stays ready, Send goes through."""
    partner = place.services.partner("CUSTOMER", "C00040")
    place.services.edit("CUSTOMER", Side.CRM, partner, {"telephone1": "+358 9 111"})
    plan_id = place.ask(plans.MAKE, MakePlan(mappings=("CUSTOMER",))).plan_id
    until(lambda: place.ask(plans.SHOW, OnePlan(plan_id=plan_id)).state == "ready", "the plan")
    get = SynchronizeRecords(mapping="CUSTOMER", keys=("C00040",), way="get")
    for asked in (
        lambda: place.ask(record_changes.SYNCHRONIZE, get),
        lambda: place.ask(plans.APPLY, OnePlan(plan_id=plan_id)),
    ):
        with pytest.raises(Refused) as refused:
            asked()
        assert (refused.value.kind, refused.value.title) == (RefusalKind.NOT_READY, "The ERP is frozen")
        assert "Month-end closing" in refused.value.why
    assert place.ask(plans.SHOW, OnePlan(plan_id=plan_id)).state == "ready"
    place.ask(orders.PROCESS, orders.ProcessOrders())
    assert place.erp_writes() == []
    place.thaw(window)
    place.ask(plans.APPLY, OnePlan(plan_id=plan_id))
    until(lambda: place.ask(plans.SHOW, OnePlan(plan_id=plan_id)).state == "applied", "the plan's end")
    assert place.phone("C00040") == "+358 9 111"


def test_a_command_says_what_waits(place: Place, window: Freeze, capsys: pytest.CaptureFixture[str]) -> None:
    """`synch` runs what goes to the CRM and tells of the rest; `freeze list` and `doctor` tell of the window."""
    capsys.readouterr()
    assert place.services.interlace("synch", "CUSTOMER", "CURRENCY").code != 0
    told = capsys.readouterr().err
    assert "CUSTOMER stopped. The ERP of the connection main is frozen until" in told
    assert "CURRENCY stopped" not in told
    assert place.erp_writes() == []
    assert place.services.interlace("freeze", "list").code == 0
    listed = capsys.readouterr().out
    assert window.id in listed
    assert "Month-end closing" in listed
    place.services.interlace("doctor")
    # Columns of the table break the sentence.
    assert "Freeze window" in capsys.readouterr().out


def test_windows_are_set_in_the_callers_time_zone_and_kept_in_the_audit_log(place: Place) -> None:
    """Who set which window from when to when stands there, and who took it away."""
    asked = AddFreeze(begin="2036-11-30T18:00", end="2036-12-03T08:00", reason="  Year-end\n closing ")
    place.ask(freezes.ADD, asked)
    added = next(each for each in place.windows() if each.reason == "Year-end closing")
    assert added.begin == datetime(2036, 11, 30, 18, tzinfo=ZoneInfo(OSLO))
    assert (added.by, added.state) == ("tane", "to come")
    [summary] = place.ask(connections.LIST, ListConnections()).connections
    assert summary.frozen_until is None
    reader = replace(TANE, permissions=frozenset({Permission.READ}))
    with pytest.raises(Refused) as refused:
        place.ask(freezes.REMOVE, RemoveFreeze(id=added.id), reader)
    assert refused.value.kind is RefusalKind.FORBIDDEN
    place.ask(freezes.REMOVE, RemoveFreeze(id=added.id))
    entries = place.ask(audit.LIST, ListEntries(limit=50)).rows
    done = [
        each for each in entries if each.operation.startswith("freezes.") and "Year-end" in str(each.changes)
    ]
    assert [each.operation for each in done] == ["freezes.remove", "freezes.add"]
    assert {each.user for each in done} == {"tane"}


@pytest.mark.parametrize(
    ("begin", "end", "reason", "said"),
    [
        ("soon", "2036-01-02T00:00", "x", "'soon' is no moment"),
        ("2036-01-02T00:00", "2036-01-01T00:00", "x", "ends before it begins"),
        ("2020-01-01T00:00", "2020-01-02T00:00", "x", "is over already"),
        ("2036-01-01T00:00", "2036-01-02T00:00", " ", "Give a reason"),
        ("0001-01-01T00:00+14:00", "2036-01-02T00:00", "x", "is no moment"),
    ],
    ids=["no moment", "backwards", "over", "no reason", "before time"],
)
def test_a_window_that_stops_nothing_is_refused(begin: str, end: str, reason: str, said: str) -> None:
    """The refusal says what is wrong with it; nothing is kept."""
    settings, zone = _settings(), ZoneInfo(OSLO)
    with pytest.raises(ConnectionProblem, match=said):
        with_freeze(
            settings, begin=read_moment(begin, zone), end=read_moment(end, zone), reason=reason, by="tane"
        )


def test_windows_are_kept_with_the_connection_in_their_order() -> None:
    """What is stored as plain values comes back as it was; one that nobody knows can't be removed."""
    settings = _settings()
    now = datetime.now(UTC)
    for days in (20, 10):
        begin = now + timedelta(days=days)
        settings, _ = with_freeze(
            settings, begin=begin, end=begin + timedelta(days=1), reason=f"In {days}", by="t"
        )
    held = ConnectionSettings.load(msgspec.json.decode(msgspec.json.encode(settings.dump())))
    assert [each.reason for each in freezes_of(held)] == ["In 10", "In 20"]
    assert freezes_of(held) == freezes_of(settings)
    left, removed = without_freeze(held, freezes_of(held)[0].id)
    assert (removed.reason, [each.reason for each in freezes_of(left)]) == ("In 10", ["In 20"])
    with pytest.raises(ConnectionProblem, match="There is no freeze window 'other'"):
        without_freeze(left, "other")


def _settings() -> ConnectionSettings:
    return ConnectionSettings(
        name="main",
        erp_address="https://erp.example/BC",
        erp_company="Nordlicht",
        erp_user="INTERLACE",
        crm_address="https://crm.example",
        crm_token_url="https://crm.example/token",
        crm_client_id="client",
    )
