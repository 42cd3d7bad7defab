"""The desk of a running server over both embedded services: every area answers, and acts do what they say."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import httpx
import msgspec
import pytest
from tests.bootstrap.serving_ends import server_at, until
from tests.cli.both_ends import CUSTOMERS, NAME, BothEnds, started
from tests.web.accounts_desk import ORIGIN, PASSWORD, NoChanges, cheap_hasher, sign_in

from interlace.bootstrap.accounts import AccountRules, StoredAccounts, open_accounts
from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.job_starts import StartedJustNow
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.question import StepName
from interlace.cli.program import run_program
from interlace.domain.filter_language import quoted
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.management import (
    availability,
    causes,
    connections,
    coupling_exchange,
    default_setup,
    halts,
    home,
    journal,
    keys,
    mapping_checks,
    mappings,
    matching,
    orders,
    queue,
    record_changes,
    reviews,
    setup,
    solution,
    undo,
)
from interlace.management.availability import ShowAvailability, ShowStock
from interlace.management.caller import Caller, Door
from interlace.management.connections import ChangeOrderSettings, OneConnection, RemoveConnection
from interlace.management.couplings import LIST_COUPLINGS
from interlace.management.desk import Desk
from interlace.management.errors import LIST_ERRORS
from interlace.management.halts import ListHalts, ReleaseHalt
from interlace.management.home import ShowHome
from interlace.management.listing import ListAsked
from interlace.management.operation import AnyOperation, Effect, Operation
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import Permission
from interlace.management.queue import OneJob, SetMinutes, ShowQueue
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.reviews import ShowReview, StartFullSynchronization
from interlace.management.setup import AnswerSetup, ShowSetup
from interlace.management.users import ADD, AddUser
from interlace.store.attempts import subject
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)
CHAIN = ("CURRENCY", "SALESPEOPLE", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT", "CUSTOMER")
NEEDED: dict[str, dict[str, Any]] = {
    "availability.stock": {"item": "1000"},
    "erasing.find": {"key": "C00010"},
    "views.list": {"of": "couplings.list"},
    "mappings.show": {"mapping": "CUSTOMER"},
    "mappings.check_change": {"mapping": "CUSTOMER"},
    "mappings.check_filter": {"mapping": "CUSTOMER"},
    "mappings.row_fields": {"mapping": "CUSTOMER"},
    "mappings.check_row": {"mapping": "CUSTOMER", "erp_field": "GLN", "crm_field": "accountnumber"},
    "matching.show": {"mapping": "CUSTOMER"},
}
"""What reading operations need, where they need more than a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server with its desk."""

    server: Server
    desk: Desk
    accounts: StoredAccounts

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
        """Ask as somebody who may do everything."""
        return asyncio.run(self.desk.perform(operation, ANA, asked))


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both embedded services."""
    with started(tmp_path_factory.mktemp("ends")) as opened:
        yield opened


@pytest.fixture(scope="module")
def place(ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a state whose customers are synchronized; nothing runs by itself in it."""
    state = tmp_path_factory.mktemp("desk") / "state"
    for arguments in (
        ["connection", "add", NAME, *ends.options()],
        ["connection", "enable", NAME],
        ["synch", "--full", *CHAIN],
    ):
        assert run_program([*arguments, "--state", str(state), "--json"]) in {0, 3}
    with server_at(state) as (server, _):
        accounts = open_accounts(server.application.state, AccountRules(hasher=cheap_hasher()))
        yield Place(server=server, desk=open_desk(server, accounts), accounts=accounts)


def required(operation: AnyOperation) -> set[str]:
    """Return the fields that must be given."""
    return {each.name for each in msgspec.structs.fields(operation.asked) if each.required}


READS = [
    each
    for each in ALL_OPERATIONS
    if each.effect is Effect.READS
    and required(each) <= set(NEEDED.get(each.name, {}))
    # Who works on the machine has no account and no notifications of his own.
    and each.name.partition(".")[0] not in {"account", "notifications"}
]


@pytest.mark.parametrize("operation", READS, ids=[each.name for each in READS])
def test_what_reads_answers_as_declared(place: Place, operation: AnyOperation) -> None:
    """On a real state each answer is what is declared, and can be written as the API writes it."""
    asked = msgspec.convert(NEEDED.get(operation.name, {}), operation.asked)
    answer = place.ask(operation, asked)
    written = msgspec.json.encode(answer, enc_hook=str)
    msgspec.json.decode(written, type=operation.answer)


def test_home_adds_up(place: Place) -> None:
    """The figures of the home page are those of the lists behind them."""
    shown = place.ask(home.SHOW, ShowHome())
    assert shown.coupled == sum(each.coupled for each in shown.mappings) > 0
    assert shown.waiting == sum(each.failed + each.skipped for each in shown.mappings)
    found = place.ask(causes.LIST, causes.ListCauses())
    assert (shown.causes, shown.waiting) == (found.number, sum(each.count for each in found.causes))
    assert shown.in_step <= shown.coupled
    _lists_fit(place, shown)
    assert {each.direction for each in shown.lags} == {"ToIntegrationTable", "FromIntegrationTable"}
    assert shown.waiting == sum(each.failed + each.skipped for each in shown.lags)
    until(lambda: bool(place.ask(home.SHOW, ShowHome(hours=1)).hours), "the first sample")


def _lists_fit(place: Place, shown: home.Home) -> None:
    """The list behind each figure holds exactly the records that it counts."""

    def count(operation: Operation[ListAsked, Any], mapping: str, **filters: str) -> object:
        """Count a list of one mapping."""
        asked = ListAsked(filters={"mapping": quoted(mapping), **filters}, limit=1)
        answer = place.ask(operation, asked)
        return answer.count

    for each in shown.mappings:
        assert count(LIST_COUPLINGS, each.mapping) == each.coupled
        assert count(LIST_ERRORS, each.mapping, state="failed") == each.failed
        assert count(LIST_ERRORS, each.mapping, state="skipped") == each.skipped
    failed = place.ask(queue.LIST, ShowQueue(filters={"status": "Error"}))
    assert shown.failed_jobs == failed.count
    assert shown.halts == place.ask(halts.LIST, ListHalts(filters={"is_released": "no"})).count
    assert shown.orders_held == len(place.ask(orders.LIST, orders.ListOrders(held=True)).rows)
    assert shown.orders_open == len(place.ask(orders.LIST, orders.ListOrders(under_way=True)).rows)


def test_a_failed_run_stands_in_the_list_behind_the_figure(place: Place) -> None:
    """And nothing else does; the whole job queue shows it among the others."""
    kept = place.server.application.state.job_queue_entries
    connection = place.server.application.connection(None)
    runs = [
        JobQueueEntry(
            id=f"run-{each.name}", connection_id=connection.id, kind=JobQueueEntryKind.FULL_SYNCH, status=each
        )
        for each in (JobQueueEntryStatus.ERROR, JobQueueEntryStatus.FINISHED)
    ]
    before = place.ask(home.SHOW, ShowHome()).failed_jobs
    for each in runs:
        kept.store(each)
    try:
        failed = place.ask(queue.LIST, ShowQueue(filters={"status": "Error"}, limit=200))
        listed = {each.id for each in failed.rows}
        assert place.ask(home.SHOW, ShowHome()).failed_jobs == before + 1 == len(listed)
        assert "run-ERROR" in listed
        shown = {each.id for each in place.ask(queue.LIST, ShowQueue(limit=200)).rows}
        assert {each.id for each in runs} <= shown
    finally:
        for each in runs:
            kept.delete(each.id)


def test_a_recurring_job_is_held_resumed_and_given_another_interval(place: Place) -> None:
    """What is changed shows in the list; a job that there is not is refused."""

    def job() -> queue.QueueRow:
        """Return the job of the customers."""
        rows = place.ask(queue.LIST, ShowQueue(filters={"is_recurring": "yes"}, limit=200)).rows
        return next(each for each in rows if each.mapping == "CUSTOMER")

    recurring = ShowQueue(filters={"is_recurring": "yes"})
    until(lambda: bool(place.ask(queue.LIST, recurring).rows), "the schedules")
    place.ask(queue.HOLD, OneJob(mapping="CUSTOMER"))
    assert job().status == "On Hold"
    place.ask(queue.RESUME, OneJob(mapping="CUSTOMER"))
    assert job().status != "On Hold"
    place.ask(queue.SET_MINUTES, SetMinutes(mapping="CUSTOMER", minutes=15))
    assert job().minutes == 15
    with pytest.raises(Refused) as refused:
        place.ask(queue.SET_MINUTES, SetMinutes(mapping="CUSTOMER", minutes=0))
    assert refused.value.kind is RefusalKind.INVALID
    with pytest.raises(Refused) as refused:
        place.ask(queue.HOLD, OneJob(mapping="NO SUCH"))
    assert refused.value.kind is RefusalKind.NOT_FOUND


def test_a_connection_is_tested_disabled_and_enabled(place: Place) -> None:
    """The test names what is right; disabling and enabling show on the card."""
    assert not place.ask(connections.TEST, OneConnection()).has_problem
    place.ask(connections.DISABLE, OneConnection())
    assert not place.ask(connections.SHOW, OneConnection()).summary.enabled
    with pytest.raises(Refused) as refused:
        place.ask(reviews.START, StartFullSynchronization())
    assert refused.value.kind is RefusalKind.NOT_READY
    place.ask(connections.ENABLE, OneConnection())
    assert place.ask(connections.SHOW, OneConnection()).summary.enabled


def test_the_card_tells_which_versions_the_crm_has(place: Place) -> None:
    """They come with the first answer of the CRM; a solution as new as ours asks for nothing."""

    async def told() -> solution.CrmVersions:
        """Come back as a page does."""
        while True:
            shown = await place.desk.perform(solution.VERSIONS, ANA, OneConnection())
            if not shown.is_looking:
                return shown

    shown = asyncio.run(told())
    assert (shown.problem, shown.advice, shown.is_older) == ("", "", False)
    assert shown.crm.startswith("9.")
    assert shown.solution == shown.brought


def test_the_solution_is_brought_by_nobody_but_an_administrator(place: Place) -> None:
    """A wrong sign-in is refused with the CRM's reason, and nothing else of the connection can be answered."""
    asked = solution.RedeploySolution(answers={"erp.user": "SOMEBODY"})
    with pytest.raises(Refused) as refused:
        place.ask(solution.REDEPLOY, asked)
    assert refused.value.fields.keys() == {"answers.erp.user"}
    with pytest.raises(Refused) as refused:
        place.ask(solution.REDEPLOY, solution.RedeploySolution())
    assert "administrator" in refused.value.why
    shown = place.ask(solution.DEPLOYMENT, OneConnection())
    assert shown.problem == refused.value.why
    assert {each.key.partition(".")[0] for each in shown.questions} == {"administrator"}


def test_the_default_setup_takes_back_what_was_chosen(place: Place) -> None:
    """It shows first what is not as it was: settings, taking part, interval and hold; the rest stays."""
    # What is set up is that of all tests here: what another one changed is left as it is.
    others = {each.mapping for each in place.ask(default_setup.DEFAULTS, OneConnection()).mappings}
    assert others.isdisjoint({"CONTACT", "ITEM-PRODUCT", "PAYMENT TERMS"})
    changed = mappings.ChangeMapping(mapping="CONTACT", direction="ToIntegrationTable", takes_part="no")
    place.ask(mappings.CHANGE, changed)
    recurring = ShowQueue(filters={"is_recurring": "yes"})
    until(lambda: bool(place.ask(queue.LIST, recurring).rows), "the schedules")
    place.ask(queue.SET_MINUTES, SetMinutes(mapping="ITEM-PRODUCT", minutes=12))
    place.ask(queue.HOLD, OneJob(mapping="ITEM-PRODUCT"))
    shown = place.ask(default_setup.DEFAULTS, OneConnection())
    told = {
        each.mapping: {change.setting for change in each.changes}
        for each in shown.mappings
        if each.mapping not in others
    }
    assert told == {"CONTACT": {"direction", "takes_part"}, "ITEM-PRODUCT": {"minutes", "status"}}
    with pytest.raises(Refused):
        place.ask(default_setup.USE_DEFAULTS, default_setup.UseDefaults(mappings=("PAYMENT TERMS",)))
    with pytest.raises(Refused) as refused:
        place.ask(
            default_setup.USE_DEFAULTS,
            default_setup.UseDefaults(mappings=("CONTACT",), seen="something else"),
        )
    assert refused.value.kind is RefusalKind.CHANGED_MEANWHILE
    for name in ("CONTACT", "ITEM-PRODUCT"):
        place.ask(default_setup.USE_DEFAULTS, default_setup.UseDefaults(mappings=(name,)))
    left = {each.mapping for each in place.ask(default_setup.DEFAULTS, OneConnection()).mappings}
    assert left == others


def test_a_new_key_opens_what_was_stored(place: Place) -> None:
    """The services still take our sign-in, and the list of secrets names no other key."""
    before = place.ask(keys.SHOW, keys.ShowKeys())
    rotated = place.ask(keys.ROTATE, keys.RotateKey())
    after = place.ask(keys.SHOW, keys.ShowKeys())
    assert after.key != before.key
    assert rotated.count == len(after.stored) > 0
    assert all(each.is_readable and not each.is_old for each in after.stored)
    assert not place.ask(connections.TEST, OneConnection()).has_problem


def test_order_settings_that_exclude_each_other_are_refused(place: Place) -> None:
    """Nothing is stored of them."""
    with pytest.raises(Refused) as refused:
        place.ask(
            connections.CHANGE_ORDERS, ChangeOrderSettings(order_integration=True, bidirectional_orders=True)
        )
    assert refused.value.kind is RefusalKind.NOT_READY
    place.ask(connections.CHANGE_ORDERS, ChangeOrderSettings(check_credit_limit=True))
    held = {each.name: each.value for each in place.ask(connections.SHOW, OneConnection()).settings}
    assert (held["check_credit_limit"], held["bidirectional_orders"]) == ("true", "")


def test_a_connection_is_removed_only_by_its_name(place: Place) -> None:
    """A slip of the finger removes nothing."""
    with pytest.raises(Refused) as refused:
        place.ask(connections.REMOVE, RemoveConnection(typed_name="another"))
    assert "typed_name" in refused.value.fields
    assert place.ask(connections.SHOW, OneConnection()).couplings


def test_nothing_is_retried_that_was_not_chosen(place: Place) -> None:
    """An empty choice is refused, an unknown cause is not found."""
    with pytest.raises(Refused) as refused:
        place.ask(causes.RETRY, causes.RetryErrors())
    assert refused.value.kind is RefusalKind.INVALID
    with pytest.raises(Refused) as refused:
        place.ask(causes.RETRY, causes.RetryErrors(cause="0000000000"))
    assert refused.value.kind is RefusalKind.NOT_FOUND


def test_a_mapping_that_is_not_halted_is_not_released(place: Place) -> None:
    """Whoever comes second is told so."""
    with pytest.raises(Refused) as refused:
        place.ask(halts.RELEASE, ReleaseHalt(mapping="CUSTOMER"))
    assert refused.value.kind is RefusalKind.CHANGED_MEANWHILE


def test_all_couplings_of_a_mapping_are_deleted_as_they_were_shown(place: Place) -> None:
    """Whoever saw another number looks again first; the card tells how far each side was read."""
    shown = place.ask(mappings.SHOW, mappings.OneMapping(mapping="SHIPPING AGENT"))
    assert shown.header.coupled
    assert {each.side for each in shown.watermarks} <= {"erp", "crm"}
    assert any(each.read_at is not None and each.job_id for each in shown.watermarks)
    wrong = record_changes.RemoveAllCouplings(mapping="SHIPPING AGENT", count=shown.header.coupled + 1)
    with pytest.raises(Refused) as refused:
        place.ask(record_changes.UNCOUPLE_ALL, wrong)
    assert refused.value.kind is RefusalKind.CHANGED_MEANWHILE
    pairs = place.ask(LIST_COUPLINGS, ListAsked(filters={"mapping": quoted("SHIPPING AGENT")})).rows
    assert len(pairs) == shown.header.coupled
    right = record_changes.RemoveAllCouplings(mapping="SHIPPING AGENT", count=shown.header.coupled)
    assert place.ask(record_changes.UNCOUPLE_ALL, right).done == shown.header.coupled
    assert not place.ask(mappings.SHOW, mappings.OneMapping(mapping="SHIPPING AGENT")).header.coupled
    # Customers of other tests are shipped by these.
    for each in pairs:
        again = record_changes.AddCoupling(
            mapping="SHIPPING AGENT", erp_key=each.erp_key, crm_key=each.crm_key
        )
        place.ask(record_changes.COUPLE, again)
    assert place.ask(mappings.SHOW, mappings.OneMapping(mapping="SHIPPING AGENT")).header.coupled == len(
        pairs
    )


def test_what_is_typed_into_a_mapping_is_checked_and_not_kept(place: Place) -> None:
    """A setting that makes no sense and a field that is not there are told by their names."""
    before = place.ask(mappings.SHOW, mappings.OneMapping(mapping="CUSTOMER"))
    wrong = mappings.ChangeMapping(mapping="CUSTOMER", direction="Sideways")
    assert place.ask(mapping_checks.CHECK_CHANGE, wrong).problems.keys() == {"direction"}
    right = mappings.ChangeMapping(mapping="CUSTOMER", synch_only_coupled_records="yes", seen="other")
    assert not place.ask(mapping_checks.CHECK_CHANGE, right).problems
    entered = {"fields": ("No", "Nothing"), "comparisons": ("one of", "one of"), "values": ("1", "2")}
    asked = msgspec.convert({"mapping": "CUSTOMER", **entered}, mappings.CountRecords)
    assert place.ask(mapping_checks.CHECK_FILTER, asked).problems.keys() == {"fields.1"}
    after = place.ask(mappings.SHOW, mappings.OneMapping(mapping="CUSTOMER"))
    assert after.changes == before.changes


def test_the_journal_is_read_in_parts(place: Place) -> None:
    """Each part goes on where the one before ended, and the chain holds."""
    first = place.ask(journal.SHOW, journal.ShowJournal(limit=5))
    assert len(first.writes) == 5
    assert first.next_after == first.writes[-1].sequence
    second = place.ask(journal.SHOW, journal.ShowJournal(limit=5, after=first.next_after))
    assert second.writes[0].sequence == first.next_after + 1
    assert place.ask(journal.VERIFY, journal.VerifyJournal()).holds


def test_the_stock_of_an_item_is_read_now(place: Place) -> None:
    """The item's number comes back with a quantity; one that there is not is refused."""
    assert not place.ask(availability.SHOW, ShowAvailability()).is_published
    with pytest.raises(Refused):
        place.ask(availability.STOCK, ShowStock(item="NO SUCH ITEM"))


def setup_looked_at(place: Place) -> setup.Setup:
    """Ask until the services have answered, in one loop: a look ends with its loop."""

    async def looked_at() -> setup.Setup:
        """Come back as a page does."""
        while True:
            shown = await place.desk.perform(setup.SHOW, ANA, ShowSetup(connection=NAME))
            if not shown.is_looking:
                return shown

    return asyncio.run(looked_at())


def test_the_setup_shows_where_it_stands(place: Place) -> None:
    """A connection made by hand is set up: no step waits; what makes no sense is refused by its question."""
    shown = setup_looked_at(place)
    assert {each.name: each.state for each in shown.steps} == dict.fromkeys(
        [each.value for each in StepName if each is not StepName.FULL_SYNCHRONIZATION], "done"
    )
    asked = {each.key: each.value for step in shown.steps for each in step.questions}
    assert asked["erp.company"]
    assert not any(each.value for step in shown.steps for each in step.questions if each.kind == "secret")
    with pytest.raises(Refused) as refused:
        place.ask(
            setup.ANSWER, AnswerSetup(connection=NAME, step="ownership", answers={"ownership.model": "cat"})
        )
    assert set(refused.value.fields) == {"answers.ownership.model"}
    with pytest.raises(Refused) as refused:
        place.ask(setup.ANSWER, AnswerSetup(connection=NAME, step="no-such-step"))
    assert refused.value.kind is RefusalKind.NOT_FOUND


def test_records_are_coupled_by_criteria(place: Place) -> None:
    """A dry run tells what the run then couples, in the background, with its result; blank criteria are refused."""
    queries, held = place.server.application.state.queries, place.server.application.connection(NAME)
    couplings = place.server.application.connection_store(held).couplings_by_key
    before = couplings(
        MappingName("CUSTOMER"), Side.ERP, [ErpKey(f"C000{number}0") for number in range(4, 8)]
    )
    keys = [each.erp_key for each in before.values()]
    place.ask(record_changes.UNCOUPLE, record_changes.RemoveCouplings(mapping="CUSTOMER", keys=tuple(keys)))
    wrong = matching.ChangeMatching(mapping="CUSTOMER", erp_fields=("Nothing",), crm_fields=("ownerid",))
    with pytest.raises(Refused) as refused:
        place.ask(matching.CHANGE, wrong)
    assert refused.value.fields.keys() == {"erp_fields.0", "crm_fields.0"}
    with pytest.raises(Refused):
        place.ask(matching.TRY, matching.TryMatching(mapping="CUSTOMER"))
    entered: Any = {
        "mapping": "CUSTOMER",
        "erp_fields": ("E_Mail", "Name"),
        "crm_fields": ("emailaddress1", "name"),
    }
    entered |= {"case_sensitive": ("no", "no"), "priorities": ("1", "2"), "create_new": "no"}
    tried = place.ask(matching.TRY, matching.TryMatching(**entered))
    assert (tried.is_complete, tried.would_couple, tried.ambiguous) == (True, len(keys), 0)
    assert {each.erp.key for each in tried.pairs} == set(keys)
    assert tried.coupled_already + tried.would_couple + tried.unmatched <= CUSTOMERS
    place.ask(matching.CHANGE, matching.ChangeMatching(**entered))
    shown = place.ask(matching.SHOW, matching.OneMatching(mapping="CUSTOMER"))
    assert [each.priority for each in shown.criteria] == [1, 2]
    begun = place.ask(record_changes.MATCH, record_changes.OfMapping(mapping="CUSTOMER"))
    until(lambda: not place.server.client.is_at_work(begun.run_id), "the end of matching")
    after = couplings(MappingName("CUSTOMER"), Side.ERP, keys)
    assert {key: each.crm_key for key, each in after.items()} == {
        key: each.crm_key for key, each in before.items()
    }
    assert all(each.agreed is not None for each in after.values())
    last = place.ask(matching.SHOW, matching.OneMatching(mapping="CUSTOMER")).last
    assert last is not None
    assert (last.coupled, last.ambiguous, last.is_running) == (len(keys), 0, False)
    assert any(each.id == last.job_id for each in queries.synch_jobs(held.id, run_id=begun.run_id))
    place.ask(matching.CHANGE, matching.ChangeMatching(mapping="CUSTOMER"))


def test_couplings_are_written_for_the_built_in_connector_and_taken_back(place: Place) -> None:
    """What was exported can be compared and imported; without a job at hand that takes longer it is done at once."""
    exported = place.ask(coupling_exchange.EXPORT, coupling_exchange.ExportCouplings())
    assert exported.count == len(exported.text.splitlines()) - 1
    place.ask(record_changes.UNCOUPLE, record_changes.RemoveCouplings(mapping="CUSTOMER", keys=("C00080",)))

    def imported(only_compare: str) -> coupling_exchange.CouplingsImported:
        """Compare or import."""
        asked = {"text": exported.text, "only_compare": only_compare}
        return place.ask(coupling_exchange.IMPORT, msgspec.convert(asked, coupling_exchange.ImportCouplings))

    shadow = place.ask(coupling_exchange.SHADOW, coupling_exchange.ShadowCouplings(text=exported.text))
    assert shadow.pairs == exported.count
    assert shadow.differing == sum(each.differs for each in shadow.decisions)
    compared = imported("yes")
    assert (compared.to_couple, compared.left_out, compared.is_stored) == (1, 0, False)
    assert compared.coupled_already == exported.count - 1
    done = imported("")
    assert (done.to_couple, done.is_stored) == (1, True)
    assert "1 coupl" in done.message
    assert imported("yes").coupled_already == exported.count
    with pytest.raises(Refused) as refused:
        place.ask(coupling_exchange.IMPORT, coupling_exchange.ImportCouplings(text="No.,Name"))
    assert "CRM ID" in str(refused.value.why)


def test_a_record_is_taken_back_as_it_was_shown(place: Place) -> None:
    """The plan names the record and what becomes of it; carried out, there is nothing left to take back."""
    writes = place.ask(journal.SHOW, journal.ShowJournal(mapping="CUSTOMER", limit=1)).writes
    asked = {"subject": writes[0].key, "mapping": "CUSTOMER"}
    planned = place.ask(undo.PLAN, undo.PlanUndo(**asked))
    assert planned.writes == 1
    assert [each.kind for each in planned.actions] == ["delete"]
    done = place.ask(undo.CARRY_OUT, undo.Undo(**asked))
    assert (done.done, done.left) == (1, 0), done.message
    with pytest.raises(Refused) as refused:
        place.ask(undo.PLAN, undo.PlanUndo(subject="no such record"))
    assert refused.value.kind is RefusalKind.NOT_READY


def test_an_order_that_nobody_has_looked_at_is_not_found(place: Place) -> None:
    """It may come later; nothing is wrong with the server."""
    with pytest.raises(Refused) as refused:
        place.ask(orders.SHOW, orders.ShowOrder(order="ORD-NONE"))
    assert refused.value.kind is RefusalKind.NOT_FOUND


def test_nothing_is_reviewed_before_it_was_started(place: Place) -> None:
    """Without a full synchronization the review is empty, and nothing can be restarted."""
    assert not place.ask(reviews.SHOW, ShowReview()).lines
    with pytest.raises(Refused) as refused:
        place.ask(reviews.RESTART, reviews.RestartFullSynchronization())
    assert refused.value.kind is RefusalKind.NOT_READY


async def test_security_u4_a_mapping_is_started_once_in_ten_seconds(place: Place) -> None:
    """Whichever action starts it, the second is told when to come again; other mappings are not held up by it."""
    server = place.server
    held = await asyncio.to_thread(server.application.connection, None)
    names = await asyncio.to_thread(server.application.taking_part, held)
    await place.desk.perform(
        ADD, ANA, AddUser(name="sam", password=PASSWORD, permission_sets=("INTERLACE SETUP",))
    )
    parts = WebParts(desk=place.desk, accounts=place.accounts, changes=NoChanges(), rules=WebRules())
    transport = httpx.ASGITransport(cast("Any", create_web(parts)), client=("127.0.0.1", 50000))
    headers = {"Sec-Fetch-Site": "same-origin"}
    asked = {"mapping": "SHIPMENT METHOD"}
    try:
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
            await sign_in(browser, "sam")
            begun = await browser.post("/api/v1/mappings/synchronize", json=asked)
            assert begun.status_code == 200, begun.text
            for action in ("mappings/synchronize", "mappings/run_full", "queue/run", "couplings/match"):
                early = await browser.post(f"/api/v1/{action}", json=asked)
                assert early.status_code == 429, action
                assert 1 <= int(early.headers["Retry-After"]) <= 10
                assert early.json()["error"]["title"] == "This was started a moment ago"
                assert early.json()["error"]["next_step"].startswith("Try again in ")
            told = await browser.post("/do/queue/run", data={**asked, "return_to": "/queue"})
            assert "This was started a moment ago" in (await browser.get(told.headers["location"])).text
            other = await browser.post("/api/v1/queue/run", json={"mapping": "PAYMENT TERMS"})
            assert other.status_code == 200, other.text
            for name in names[1:]:
                await asyncio.to_thread(_started, server, held, name)
            every = await browser.post("/api/v1/connections/synchronize", json={})
            assert every.json()["message"] == "1 mappings run in the background."
            assert (await browser.post("/api/v1/connections/synchronize", json={})).status_code == 429
    finally:
        # Other tests start them too.
        taken = [subject("start", f"{held.id}:{name}") for name in names]
        await asyncio.to_thread(server.application.state.attempts.succeeded, taken, [], datetime.now(UTC))


def _started(server: Server, held: Connection, name: MappingName) -> None:
    """Have a mapping count as started just now, without a run."""
    with suppress(StartedJustNow):
        server.take_start(held, name)
