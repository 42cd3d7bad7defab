"""What lists answer over the desk: filters in the reader's language, cursors, problems told by column."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.coupling_listing import keep_listed
from interlace.bootstrap.desk import list_page
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.bootstrap.desk.errors import STATE, add_errors
from interlace.bootstrap.desk.jobs import add_jobs
from interlace.bootstrap.desk.listing_place import OneCommand
from interlace.bootstrap.desk.views import add_views
from interlace.connectors.classify import Deed, Subject, classify_erp
from interlace.connectors.http_message import HttpAnswer
from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.full_synch_review import ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, CrmKey, ErpKey
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management.caller import Caller, Door
from interlace.management.couplings import (
    COUNT_COUPLINGS,
    COUPLING_COLUMNS,
    LIST_COUPLINGS,
    CouplingsCounted,
    CouplingsListed,
    StateCount,
)
from interlace.management.desk import Works
from interlace.management.errors import ERROR_COLUMNS, LIST_ERRORS, LIST_SKIPPED, ErrorsListed
from interlace.management.jobs import JOB_COLUMNS, LIST_JOBS, JobsListed
from interlace.management.listing import Cursor, ListAsked, ListColumn, cursor_from_text, cursor_to_text
from interlace.management.operation import OfConnection
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.views import (
    DELETE_VIEW,
    LIST_VIEWS,
    SAVE_VIEW,
    VIEWS_MAX,
    DeleteView,
    ListViews,
    SaveView,
    Views,
)
from interlace.settings import load_config
from interlace.store.coupling_search import COUPLINGS
from interlace.store.keyset import StoredList
from interlace.store.record_lists import ERRORS, JOBS
from interlace.store.time_limit import TookTooLong

OLGA = Caller(
    user_id="olga",
    name="Olga",
    permissions=frozenset(Permission),
    door=Door.PAGE,
    language="ru_RU",
    time_zone="Europe/Moscow",
)
_STARTED = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An Interlace with one connection and three customers, of which one failed."""
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as opened:
        crm = "http://crm.example"
        settings = ConnectionSettings(
            name="main",
            erp_address="http://erp.example",
            erp_company="A",
            erp_user="I",
            crm_address=crm,
            crm_token_url=f"{crm}/token",
            crm_client_id="i",
        )
        held = opened.keep(Connection(id=ConnectionId("c"), settings=settings))
        _fill(opened, held)
        yield opened


def _fill(opened: Application, held: Connection) -> None:
    mapping = opened.mappings(held)[CUSTOMER]
    store = opened.connection_store(held)
    rows = tuple(row.row_id for row in mapping.fields)
    store.remap_agreed(CUSTOMER, mapping.layout, rows)
    place = rows.index("Name>name")

    def coupling(number: int, name: str) -> Coupling:
        pairs = tuple((name, name) if at == place else (None, None) for at in range(len(rows)))
        return Coupling(
            mapping=CUSTOMER,
            erp_key=ErpKey(f"C{number}"),
            crm_key=CrmKey(f"id-{number}"),
            agreed=AgreedValues(layout=mapping.layout, pairs=pairs),
        )

    job = SynchJob(
        id="job",
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=_STARTED,
        counters=Counters(inserted=3, failed=1),
    )
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key="C2",
        error=RecordError(code=ErrorCode.MATCH_ALREADY_COUPLED, message="Ёлка is taken"),
        job_id="job",
        at=_STARTED,
        times=2,
        skipped=True,
    )
    couplings = (coupling(1, "Adatum"), coupling(2, "Ёлка"), coupling(3, "Яблоко"))
    store.remember(BatchResult(job=job, couplings=couplings, errors=(error,)))


class NothingAnswers:
    """Reads from services that are not there."""

    async def read(self, connection: Connection, work: object, seconds: float) -> NoReturn:
        """Wait in vain."""
        raise TimeoutError


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A place beside which no service answers."""

    application: Application
    reading: NothingAnswers


@pytest.fixture
def works(application: Application) -> Works:
    """The works of all lists."""
    made, place = Works(), OneCommand(application)
    for add in (add_couplings, add_jobs, add_views):
        add(made, place)
    add_errors(made, Beside(application=application, reading=NothingAnswers()))
    return made


async def couplings(works: Works, **asked: object) -> CouplingsListed:
    """Ask for a page of couplings."""
    answer = await works.get(LIST_COUPLINGS.name)(OLGA, msgspec.convert(asked, ListAsked))
    assert isinstance(answer, CouplingsListed)
    return answer


async def test_couplings_are_listed_as_soon_as_they_are_asked_for(works: Works) -> None:
    """Few that wait are listed at once; the row tells names, state, time and what is wrong."""
    answer = await couplings(works, sort="erp_name")
    # One index serves all languages: letters come in the order of their numbers, which is not quite any alphabet's.
    assert [row.erp_name for row in answer.rows] == ["Adatum", "Яблоко", "Ёлка"]
    assert (answer.count, answer.has_more_than_counted, answer.behind) == (3, False, 0)
    row = answer.rows[2]
    assert (row.mapping, row.state, row.problem) == (
        "CUSTOMER",
        "coupled",
        ErrorCode.MATCH_ALREADY_COUPLED.value,
    )
    assert row.is_skipped
    assert row.synchronized_at == "2026-03-05T22:30:00.000000Z"


async def test_filters_are_read_in_the_language_of_their_reader(works: Works) -> None:
    """The sixth of March in Moscow has begun when it is half past ten in the evening in UTC."""
    found = await couplings(works, filters={"synchronized_at": "06.03.2026"})
    assert len(found.rows) == 3
    assert (await couplings(works, filters={"synchronized_at": "05.03.2026"})).rows == ()
    assert len((await couplings(works, filters={"erp_name": "@ёл*|@я*", "mapping": "CUST*"})).rows) == 2


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({"filters": {"erp_name": "A|"}}, "filters.erp_name", "A value is missing here. (Character 3)"),
        ({"filters": {"colour": "red"}}, "filters.colour", "no such column"),
        ({"filters": {"problem": "x"}}, "filters.problem", "no such column"),
        ({"filters": {"state": "lost"}}, "filters.state", "none of the choices"),
        ({"sort": "state"}, "sort", "can't be sorted"),
        ({"cursor": "nonsense!"}, "cursor", "no page"),
        ({"cursor": "Zm9v"}, "cursor", "no page"),
        ({"cursor": cursor_to_text(Cursor(sort="erp_key", values=("a", "b")))}, "cursor", "no page"),
        ({"cursor": cursor_to_text(Cursor(sort="-erp_key", values=("a", 1)))}, "cursor", "no page"),
        ({"cursor": cursor_to_text(Cursor(sort="erp_key", values=("a\0", 1)))}, "cursor", "no page"),
    ],
)
async def test_what_is_wrong_is_told_by_field(
    works: Works, asked: dict[str, object], field: str, why: str
) -> None:
    """A page can show it beside what was typed."""
    with pytest.raises(Refused) as caught:
        await couplings(works, **asked)
    assert caught.value.kind is RefusalKind.INVALID
    assert why in caught.value.fields[field]


async def test_pages_lead_to_one_another(works: Works) -> None:
    """Forwards to the last one, and back to the first."""
    first = await couplings(works, sort="-erp_key", limit=1)
    second = await couplings(works, sort="-erp_key", limit=1, cursor=first.next_cursor)
    last = await couplings(works, sort="-erp_key", limit=1, cursor=second.next_cursor)
    assert [page.rows[0].erp_key for page in (first, second, last)] == ["C3", "C2", "C1"]
    assert (first.previous_cursor, last.next_cursor) == ("", "")
    back = await couplings(works, sort="-erp_key", limit=1, cursor=last.previous_cursor)
    assert back.rows == second.rows
    again = await couplings(works, sort="-erp_key", limit=1, cursor=back.previous_cursor)
    assert (again.rows, again.previous_cursor) == (first.rows, "")


async def test_what_takes_too_long_is_refused_with_advice(
    works: Works, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever, and nobody is kept waiting."""

    def slow(*_: object) -> None:
        """Take longer than a page may."""
        raise TookTooLong

    for part in (application.state.coupling_list, application.state.record_lists):
        monkeypatch.setattr(part, "page", slow)
    for operation in (LIST_COUPLINGS, LIST_JOBS, LIST_ERRORS):
        with pytest.raises(Refused) as caught:
            await works.get(operation.name)(OLGA, ListAsked())
        assert caught.value.kind is RefusalKind.TOO_MANY


async def test_couplings_are_counted_by_state(works: Works) -> None:
    """What there is none of is left out."""
    answer = await works.get(COUNT_COUPLINGS.name)(OLGA, OfConnection())
    assert isinstance(answer, CouplingsCounted)
    assert answer.counts == (StateCount(mapping="CUSTOMER", state="coupled", count=3),)


async def test_a_server_lists_by_itself(application: Application) -> None:
    """Beside everything else, until it is stopped."""
    task = asyncio.create_task(keep_listed(application))
    async with asyncio.timeout(20):
        while application.state.coupling_listing.behind():  # noqa: ASYNC110 - it is another task's work
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_jobs_and_errors_are_listed(works: Works) -> None:
    """With counters and messages, by any column, and the skipped ones apart."""
    jobs = await works.get(LIST_JOBS.name)(
        OLGA,
        ListAsked(
            filters={"inserted": ">2", "direction": "ToIntegrationTable", "started_at": "%today|06.03.2026"}
        ),
    )
    assert isinstance(jobs, JobsListed)
    assert [(job.id, job.inserted, job.finished_at) for job in jobs.rows] == [("job", 3, "")]
    for operation in (LIST_ERRORS, LIST_SKIPPED):
        found = await works.get(operation.name)(OLGA, ListAsked(search="ёлка", filters={"times": "2"}))
        assert isinstance(found, ErrorsListed)
        assert [(row.source_key, row.code, row.times) for row in found.rows] == [
            ("C2", ErrorCode.MATCH_ALREADY_COUPLED.value, 2)
        ]
        none = await works.get(operation.name)(OLGA, ListAsked(filters={"message": "<>*taken*"}))
        assert isinstance(none, ErrorsListed)
        assert (none.rows, none.count) == ((), 0)


async def test_a_job_without_an_end_runs_waits_or_was_broken_off(
    works: Works, application: Application
) -> None:
    """It runs while somebody holds its mapping; of a paused full synchronization it waits; else its process is gone."""
    state = application.state

    async def status() -> str:
        """Ask for the one job's."""
        jobs = await works.get(LIST_JOBS.name)(OLGA, ListAsked())
        assert isinstance(jobs, JobsListed)
        return jobs.rows[0].status

    assert await status() == "Broken Off"
    fence = state.take_lease("c", CUSTOMER, "worker 1")
    assert fence is not None
    assert await status() == "In Process"
    newer = SynchJob(
        id="newer",
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=_STARTED,
        counters=Counters(),
        run_id="r1",
    )
    store = application.connection_store(application.connection(None))
    store.start_job(replace(newer, started_at=_STARTED + timedelta(minutes=1)))
    assert state.jobs_at_work("c") == {"newer"}
    state.release_lease("c", CUSTOMER, fence)
    assert state.jobs_at_work("c") == frozenset()
    state.reviews.create("r1", "c", [ReviewLine(mapping=CUSTOMER, direction=Direction.TO_INTEGRATION_TABLE)])
    for line, shown in (("IN_PROCESS", "In Process"), ("ON_HOLD", "On Hold"), ("ERROR", "Broken Off")):
        state.reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus[line])
        assert await status() == shown
    store.start_job(replace(newer, started_at=_STARTED + timedelta(minutes=1), finished_at=_STARTED))
    assert await status() == ""


@pytest.mark.parametrize(
    ("state", "number"),
    [("skipped", 1), ("Skipped|Failed", 1), ("<>failed", 1), ("failed", 0), ("<>failed&<>skipped", 0)],
)
async def test_errors_are_filtered_by_whether_they_are_left_out(
    works: Works, state: str, number: int
) -> None:
    """The one record with an error is left out until somebody helps."""
    for operation in (LIST_ERRORS, LIST_SKIPPED):
        found = await works.get(operation.name)(OLGA, ListAsked(filters={"state": state}))
        assert isinstance(found, ErrorsListed)
        assert (len(found.rows), found.count) == (number, number), operation.name
        assert all(row.state == "skipped" for row in found.rows)


@pytest.mark.parametrize(
    ("columns", "stored", "order", "beside"),
    [
        (COUPLING_COLUMNS, COUPLINGS, "erp_key", ()),
        (JOB_COLUMNS, JOBS.stored, "started_at", ()),
        (ERROR_COLUMNS, ERRORS.stored, "at", (STATE,)),
    ],
)
def test_columns_are_what_the_store_has(
    columns: tuple[ListColumn, ...], stored: StoredList, order: str, beside: tuple[str, ...]
) -> None:
    """Whatever can be filtered or sorted on a page can be so in the store, with values of the same kind."""
    assert {each.name for each in columns if each.is_sorted} == set(stored.sorts)
    assert order in stored.sorts
    filtered = {
        each.name: each for each in columns if each.is_filtered and each.name not in {"mapping", *beside}
    }
    assert set(filtered) == set(stored.columns)
    assert {name: each.kind for name, each in filtered.items()} == {
        name: each.kind for name, each in stored.columns.items()
    }


@pytest.mark.parametrize(
    ("language", "decimal", "group", "dates"),
    [
        ("en_US", ".", ",", "mdy"),
        ("en_NZ", ".", ",", "dmy"),
        ("es_MX", ".", ",", "dmy"),
        ("nb_NO", ",", "\xa0", "dmy"),
        ("ru_RU", ",", "\xa0", "dmy"),
        ("fi_FI", ",", "\xa0", "dmy"),
    ],
)
def test_every_language_writes_numbers_and_dates_its_way(
    language: str, decimal: str, group: str, dates: str
) -> None:
    """As the reader's language does, so that what a list shows can be typed over it."""
    formats = list_page.formats_of(language, "UTC")
    assert (formats.decimal_sign, formats.group_sign, formats.dates.value) == (decimal, group, dates)


async def test_views_are_saved_shared_and_deleted(works: Works) -> None:
    """One's own can be changed, those of others only seen."""
    diego = Caller(user_id="diego", name="Diego", permissions=frozenset(Permission), door=Door.API)
    saved = SaveView(of="couplings.list", name=" Mine ", filters={"state": "broken"}, is_shared=True)
    await works.get(SAVE_VIEW.name)(OLGA, saved)
    seen = await works.get(LIST_VIEWS.name)(diego, ListViews(of="couplings.list"))
    assert isinstance(seen, Views)
    [view] = seen.views
    assert (view.name, view.owner, view.is_own, view.filters) == ("Mine", "Olga", False, {"state": "broken"})
    with pytest.raises(Refused, match="no such view"):
        await works.get(DELETE_VIEW.name)(diego, DeleteView(id=view.id))
    await works.get(DELETE_VIEW.name)(OLGA, DeleteView(id=view.id))
    with pytest.raises(Refused, match="needs a name"):
        await works.get(SAVE_VIEW.name)(OLGA, SaveView(of="couplings.list", name="  "))
    for number in range(VIEWS_MAX):
        await works.get(SAVE_VIEW.name)(diego, SaveView(of="jobs.list", name=str(number)))
    with pytest.raises(Refused, match="too many views"):
        await works.get(SAVE_VIEW.name)(diego, SaveView(of="jobs.list", name="one more"))


def test_cursors_come_back_as_they_were() -> None:
    """Whatever a name holds, the address of the page behind it is plain."""
    cursor = Cursor(sort="-erp_name", values=("Ёлка / ?&=", 3, "C\x1f1"), backwards=True)
    text = cursor_to_text(cursor)
    assert text.replace("-", "").replace("_", "").isalnum()
    assert cursor_from_text(text) == cursor


CORRELATION = "6a1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90"


def refused_by_erp(application: Application) -> None:
    """Keep the error of a record that the ERP refused, as its answer is judged."""
    body = b'{"error":{"code":"Application_StringExceededLength","message":"Too long.  CorrelationId:  %s."}}'
    answer = HttpAnswer(status=400, body=body % CORRELATION.encode())
    subject = Subject(service="The ERP", table="Customer", key="C3", deed=Deed.UPDATE)
    problem = classify_erp(answer, subject).error
    assert problem is not None
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.FROM_INTEGRATION_TABLE,
        source_key="id-3",
        error=problem,
        job_id="back",
        at=_STARTED,
    )
    job = SynchJob(
        id="back",
        mapping=CUSTOMER,
        direction=Direction.FROM_INTEGRATION_TABLE,
        started_at=_STARTED,
        counters=Counters(failed=1),
    )
    held = application.connection("main")
    application.connection_store(held).remember(BatchResult(job=job, errors=(error,)))


async def test_an_error_is_told_with_the_id_of_the_services_answer(
    application: Application, works: Works
) -> None:
    """Whoever asks the service's owner names it; the text is the one that everybody reads."""
    refused_by_erp(application)
    found = await works.get(LIST_ERRORS.name)(OLGA, ListAsked())
    assert isinstance(found, ErrorsListed)
    told = {each.record_key: each.correlation_id for each in found.rows}
    assert told == {"C2": "", "id-3": CORRELATION}
    assert all(CORRELATION not in each.message for each in found.rows)
