"""A running server: schedules, full synchronizations in the background, one worker for a state, the CLI beside it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.bootstrap.serving_ends import application_at, copied, server_at, until
from tests.cli.both_ends import NAME, BothEnds, started
from tests.postgresql import empty_postgresql_url

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.freezes import with_freeze
from interlace.bootstrap.job_place import JobPlace, working
from interlace.bootstrap.metrics import FIGURES, Figures
from interlace.bootstrap.room_to_write import PROBE
from interlace.bootstrap.worker_lock import WorkerBusy
from interlace.cli.program import run_program
from interlace.domain.full_synch_review import is_over
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.jobs.ports import SynchMode
from interlace.jobs.schedules import IntervalNotPossible
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_names import CURRENCY, CUSTOMER, SALESPEOPLE, UNIT_OF_MEASURE
from interlace.lead_to_cash.recurrences import RECURRENCES

__all__ = ["empty_postgresql_url"]


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
def state(enabled: Path, tmp_path: Path) -> Path:
    """A state of the test's own."""
    return copied(enabled, tmp_path / "state")


def test_every_mapping_has_an_interval() -> None:
    """None is forgotten by the recurring runs."""
    assert set(RECURRENCES) == {mapping.name for mapping in DEFAULT_MAPPINGS}


def test_a_server_schedules_what_takes_part_and_runs_it(state: Path) -> None:
    """Each mapping with its interval and its next begin; one that is told to run now finds what there is to do."""
    with server_at(state) as (server, connection):
        server.rounds.once()
        rows = {row.mapping: row for row in server.schedules.listed(connection)}
        assert rows.keys() == set(server.application.taking_part(connection))
        assert {name: row.minutes for name, row in rows.items() if name is not None} == {
            name: RECURRENCES[name] for name in server.application.taking_part(connection)
        }
        assert all(row.status is JobQueueEntryStatus.READY and row.next_at for row in rows.values())
        begun = server.schedules.run(connection, CURRENCY)
        assert server.place.wait(begun.run_id) == ""
        [job] = server.application.state.queries.synch_jobs(connection.id, mapping=CURRENCY)
        assert job.run_id == begun.run_id
        row = next(row for row in server.schedules.listed(connection) if row.mapping == CURRENCY)
        assert row.status is JobQueueEntryStatus.READY
        assert row.started_at is not None


def test_runs_rest_while_the_connection_is_disabled(state: Path) -> None:
    """On Hold with the reason; they go on when it is enabled again, without anybody resuming them."""
    with server_at(state) as (server, connection):
        server.rounds.once()
        disabled = server.application.disable(connection)
        rows = server.schedules.listed(disabled)
        assert {row.status for row in rows} == {JobQueueEntryStatus.ON_HOLD}
        assert all("disabled" in row.held_because and row.next_at is None for row in rows)
        assert not server.place.work.may_recur(connection.id, CUSTOMER) if server.place.work else False
        with pytest.raises(ConnectionProblem, match="disabled"):
            server.schedules.run(disabled, CUSTOMER)
        enabled = server.application.keep(replace(disabled, settings=connection.settings))
        assert {row.status for row in server.schedules.listed(enabled)} == {JobQueueEntryStatus.READY}


def test_a_person_can_hold_resume_and_slow_down_runs(state: Path) -> None:
    """What a person holds stays so when the interval is changed, until a person resumes it."""
    with server_at(state) as (server, connection):

        def row() -> tuple[JobQueueEntryStatus, int | None, bool]:
            found = next(each for each in server.schedules.listed(connection) if each.mapping == CUSTOMER)
            return found.status, found.minutes, found.is_paused

        server.schedules.hold(connection, CUSTOMER)
        assert row() == (JobQueueEntryStatus.ON_HOLD, 2, True)
        server.schedules.set_minutes(connection, CUSTOMER, 60)
        assert row() == (JobQueueEntryStatus.ON_HOLD, 60, True)
        assert not server.schedules.is_due(connection, CUSTOMER)
        server.schedules.resume(connection, CUSTOMER)
        assert row() == (JobQueueEntryStatus.READY, 60, False)
        server.rounds.once()
        assert row() == (JobQueueEntryStatus.READY, 60, False)
        with pytest.raises(IntervalNotPossible):
            server.schedules.set_minutes(connection, CUSTOMER, 7)
        with pytest.raises(ConnectionProblem, match="takes no part"):
            server.schedules.hold(connection, MappingName("NOTHING"))


def test_figures_tell_the_interval_of_what_nothing_holds(state: Path) -> None:
    """Not of what a person, a freeze window or a disabled connection holds; other figures have all their labels."""
    with server_at(state) as (server, connection):
        server.rounds.once()
        assert server.place.wait(server.schedules.run(connection, CURRENCY).run_id) == ""
        figures = Figures(server.application.state, server)

        def told(name: str) -> dict[tuple[str, ...], float]:
            """Return the values of a figure by its labels, in the declared order."""
            found: dict[tuple[str, ...], float] = {}
            for family in text_string_to_metric_families(figures.text()):
                for sample in family.samples:
                    if sample.name == name:
                        assert sample.labels.keys() == set(FIGURES[name].labels)
                        found[tuple(sample.labels[each] for each in FIGURES[name].labels)] = sample.value
            return found

        def intervals() -> dict[str, float]:
            """Return the seconds by mapping."""
            return {mapping: seconds for (_, mapping), seconds in told("interlace_interval_seconds").items()}

        part = server.application.taking_part(connection)
        assert intervals() == {name: 60 * RECURRENCES[name] for name in part}
        run = (connection.settings.name, CURRENCY, "ToIntegrationTable")
        for name in ("interlace_runs_total", "interlace_lag_seconds", "interlace_run_duration_seconds"):
            assert run in told(name)
        assert ("crm", "200") in told("interlace_api_requests_total")
        assert (connection.settings.name, "Ready") in told("interlace_queue_depth")
        server.schedules.hold(connection, CURRENCY)
        server.schedules.set_minutes(connection, SALESPEOPLE, 60)
        assert intervals()[SALESPEOPLE] == 3600
        assert intervals().keys() == {*part} - {CURRENCY}
        ago, later = (datetime.now(UTC) + timedelta(hours=each) for each in (-1, 1))
        frozen, _ = with_freeze(
            connection.settings, begin=ago, end=later, reason="Month-end closing", by="tane"
        )
        in_window = server.application.keep(replace(connection, settings=frozen))
        assert CUSTOMER not in intervals()
        assert UNIT_OF_MEASURE in intervals()
        server.application.disable(in_window)
        assert intervals() == {}


def test_a_full_synchronization_goes_on_in_the_background(state: Path) -> None:
    """It is started without waiting, holds its mappings' recurring runs, and what waits for it runs afterwards."""
    with server_at(state) as (server, connection):
        assert server.full_synch.latest(connection) is None
        planned = server.full_synch.plan(connection)
        assert not server.full_synch.is_running(connection)
        review = server.full_synch.start(connection)
        assert review.run_id == planned.run_id
        assert server.full_synch.start(connection).run_id == review.run_id

        def over() -> bool:
            latest = server.full_synch.latest(connection)
            assert latest is not None
            for line in latest.lines:
                if line.status is JobQueueEntryStatus.IN_PROCESS:
                    held = {row.mapping: row for row in server.schedules.listed(connection)}[line.mapping]
                    still = server.application.state.reviews.is_running(connection.id, line.mapping)
                    assert held.status is JobQueueEntryStatus.ON_HOLD or not still
            return is_over(latest.lines) and not server.full_synch.is_running(connection)

        until(over, "the end of the full synchronization", 180)
        server.rounds.once()
        kinds = {row.kind.value for row in server.schedules.entries(connection)}
        assert kinds == {"Full Synchronization", "Synchronization", "Recurring Synchronization"}
        until(lambda: server.running(connection) == [], "rest", 60)


def test_a_cancelled_full_synchronization_can_be_restarted(state: Path) -> None:
    """Its open lines go On Hold; the restart takes them up."""
    with server_at(state) as (server, connection):
        review = server.full_synch.start(connection)
        cancelled = server.full_synch.cancel(connection)
        assert cancelled.run_id == review.run_id
        until(lambda: not server.full_synch.is_running(connection), "the end")
        restarted = server.full_synch.restart(connection, every=True)
        assert restarted.run_id == review.run_id
        assert server.full_synch.is_running(connection)
        server.full_synch.cancel(connection)


def test_a_second_server_on_the_same_state_is_refused(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which process has it and what to do; when the first one is gone, the next one starts."""
    monkeypatch.setattr("interlace.bootstrap.job_place._RESTART_SECONDS", 0.2)
    with server_at(state):
        with pytest.raises(WorkerBusy, match=r"^interlace serve \(process \d+\) works on"), server_at(state):
            pytest.fail("two servers on one state")
        assert run_program(["worker", "--state", str(state)]) == 4
    with server_at(state) as (server, _):
        assert server.problem() == ""
        assert not (state / PROBE).exists()


def test_a_server_that_can_not_write_is_not_ready(state: Path) -> None:
    """It says so, and is ready again as soon as there is room."""
    (state / PROBE).mkdir()
    with server_at(state) as (server, _):
        assert server.problem() == "nothing can be written to the state directory"
        (state / PROBE).rmdir()
        assert server.problem() == ""


def test_servers_on_one_postgresql_database_need_names_of_their_own(
    ends: BothEnds, empty_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one of a name is refused, wherever it runs; a command of that name lets the first one work."""
    monkeypatch.setattr("interlace.jobs.takeover._PATIENCE_SECONDS", 0.2)
    monkeypatch.setenv("INTERLACE_STATE__DATABASE_URL", empty_postgresql_url)
    here, there = tmp_path / "here", tmp_path / "there"
    for arguments in (["add", NAME, *ends.options()], ["enable", NAME], ["rebind", NAME, "--yes"]):
        assert run_program(["connection", *arguments, "--state", str(here)]) == 0
    there.mkdir()
    (there / "secret.key").write_bytes((here / "secret.key").read_bytes())
    (there / "secret.key").chmod(0o600)
    with server_at(here, state__database_url=empty_postgresql_url) as (server, connection):
        server.rounds.once()
        assert server.schedules.listed(connection)
        with application_at(there, state__database_url=empty_postgresql_url) as beside:
            with pytest.raises(ConnectionProblem, match="Another worker named worker-1 is running"):
                JobPlace(beside).open_alone()
            with working(beside) as place:
                assert not place.is_here
                run = place.client.begin_run(connection.id, CURRENCY, SynchMode.FULL)
                assert place.wait(run.run_id) == ""
        assert asyncio.run(server.changes.token())


def test_what_another_process_asks_for_is_done_by_the_server(state: Path) -> None:
    """A command beside a server starts no second worker, and takes the work over when the server is gone."""
    with application_at(state) as beside, server_at(state) as (server, connection), working(beside) as place:
        assert not place.is_here
        run = place.client.begin_run(connection.id, SALESPEOPLE, SynchMode.FULL)
        assert place.wait(run.run_id) == ""
        assert server.application.state.queries.synch_jobs(connection.id, run_id=run.run_id)
        place.go_on()
        assert not place.is_here


def test_commands_beside_a_server_follow_its_work(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Full synchronization, synch and orders end as they would alone, and tell the same figures."""
    with server_at(state) as (server, connection):
        capsys.readouterr()
        assert run_program(["synch", "CURRENCY", "--full", "--json", "--state", str(state)]) in {0, 3}
        [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        [job, *_] = server.application.state.queries.synch_jobs(connection.id, mapping=CURRENCY)
        assert {name: row[name] for name in job.counters.as_dict()} == job.counters.as_dict()
        assert job.counters.total > 0
        assert run_program(["orders", "process", "--json", "--state", str(state)]) == 0
        assert json.loads(capsys.readouterr().out)["created"] == 0
        assert run_program(["full-synch", "start", "--json", "--state", str(state)]) == 3
        latest = server.full_synch.latest(connection)
        assert latest is not None
        assert is_over(latest.lines)


def test_commands_hold_and_resume_recurring_runs(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them or some; what can't be meant is refused with what there is."""

    def command(*arguments: str) -> int:
        capsys.readouterr()
        return run_program(["queue", *arguments, "--state", str(state)])

    assert command("list") == 4
    with server_at(state) as (server, connection):

        def held() -> set[MappingName | None]:
            rows = server.schedules.listed(connection)
            return {row.mapping for row in rows if row.status is JobQueueEntryStatus.ON_HOLD}

        assert command("hold") == 0
        assert held() == set(server.application.taking_part(connection))
        assert command("resume", "currency") == 0
        assert CURRENCY not in held()
        assert command("resume") == 0
        assert held() == set()
        assert command("every", "CURRENCY", "10") == 0
        assert command("every", "CURRENCY", "7") == 4
        assert command("hold", "CURRENCIES") == 4
        assert "There is no recurring run 'CURRENCIES'. There are: SALESPEOPLE," in capsys.readouterr().err
        assert command("run", "CURRENCY", "--json") == 0
        assert json.loads(capsys.readouterr().out)["message"] == ""
        assert command("list", "--json") == 0
        rows = {each["mapping"]: each for each in map(json.loads, capsys.readouterr().out.splitlines())}
        assert (rows["CURRENCY"]["minutes"], rows["CURRENCY"]["status"]) == (10, "Ready")


def test_changed_settings_are_taken_up_without_a_restart(state: Path) -> None:
    """A running server opens the ends anew when the connection was changed meanwhile."""
    with server_at(state) as (server, connection):
        assert server.place.wait(server.synchronize(connection, CURRENCY, full=True).run_id) == ""
        wrong = replace(
            connection.settings, erp_address=connection.settings.erp_address.replace("127", "128")
        )
        kept = server.application.keep(replace(connection, settings=wrong))
        assert server.place.wait(server.synchronize(connection, UNIT_OF_MEASURE).run_id) != ""
        server.application.keep(replace(kept, settings=connection.settings))
        # People would have to wait ten seconds before they start it again.
        again = server.client.begin_run(connection.id, UNIT_OF_MEASURE, SynchMode.FULL)
        assert server.place.wait(again.run_id) == ""
        assert server.place.work is not None
        assert sum(server.place.work.answers().values()) > 0
