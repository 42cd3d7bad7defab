"""`interlace jobs`, `interlace errors`, `interlace settings`."""

import pytest
from tests.cli.both_ends import Interlace

from interlace.cli.listings import setting_values
from interlace.domain.synch_job import Counters
from interlace.settings import SETTINGS, load_config


def test_jobs_are_listed_newest_first_with_all_eight_counters(synchronized: Interlace) -> None:
    """Programs get ids, moments in UTC and every counter."""
    jobs = synchronized("jobs", "--json").objects
    assert [each["started_at"] for each in jobs] == sorted(
        (each["started_at"] for each in jobs), reverse=True
    )
    assert set(Counters().as_dict()) < set(jobs[0])
    customers = [each for each in jobs if each["mapping"] == "CUSTOMER"]
    assert {each["direction"] for each in customers} == {"ToIntegrationTable", "FromIntegrationTable"}
    assert sum(each["inserted"] for each in customers) == 35
    assert all(each["finished_at"].endswith("Z") for each in customers)


def test_jobs_for_people_show_direction_and_duration(synchronized: Interlace) -> None:
    """An arrow says more than a name."""
    table = synchronized("jobs", "customer", "--limit", "2").out
    assert "ERP -> CRM" in table
    assert "CRM -> ERP" in table
    assert " s " in table
    assert len(table.splitlines()) == 3


def test_one_job_is_found_by_the_beginning_of_its_id(synchronized: Interlace) -> None:
    """The short id of the list is enough; the job comes with its errors."""
    jobs = synchronized("jobs", "CUSTOMER", "--json").objects
    job = next(each for each in jobs if each["direction"] == "ToIntegrationTable")
    shown = synchronized("jobs", "--job", job["id"][:8], "--json").objects
    assert shown[0] == job
    assert shown[1:]
    assert {each["job"] for each in shown[1:]} == {job["id"]}


def test_an_unknown_job_is_told(synchronized: Interlace) -> None:
    """Nothing is shown instead of it."""
    ended = synchronized("jobs", "--job", "nothing")
    assert (ended.code, ended.out) == (4, "")
    assert "interlace jobs" in ended.err


def test_an_unknown_mapping_is_told_with_those_that_exist(synchronized: Interlace) -> None:
    """A mistyped mapping is answered with the right ones."""
    for command in ("jobs", "errors"):
        ended = synchronized(command, "CUSTOMERS")
        assert ended.code == 4
        assert "SALESPEOPLE" in ended.err


def test_before_the_first_run_the_lists_are_empty(connected: Interlace) -> None:
    """People are told how to begin; programs get no line."""
    assert "interlace full-synch start" in connected("jobs").err
    ended = connected("errors", "--json")
    assert (ended.code, ended.out) == (0, "")


def test_every_setting_is_shown_with_its_origin(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Value, origin, variable and help of each."""
    monkeypatch.setenv("INTERLACE_LOG__LEVEL", "INFO")
    rows = {each["name"]: each for each in interlace("settings", "--json").objects}
    assert list(rows) == [setting.name for setting in SETTINGS]
    assert (rows["log.level"]["value"], rows["log.level"]["origin"]) == ("INFO", "environment")
    assert rows["state.directory"]["origin"] == "command line"
    assert rows["worker.name"]["origin"] == "default"


def test_the_password_of_a_database_is_not_shown() -> None:
    """A settings list is pasted into reports."""
    url = "postgresql+psycopg://interlace:geheim@db/interlace"
    config = load_config(environment={}, overrides={"state.database_url": url})
    assert setting_values(config)["state.database_url"] == "postgresql+psycopg://interlace:***@db/interlace"


def test_an_unknown_setting_is_told_without_a_traceback(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest name is suggested."""
    monkeypatch.setenv("INTERLACE_LOG__LEVLE", "INFO")
    ended = interlace("settings")
    assert ended.code == 4
    assert ended.err == "Unknown setting log.levle (environment). Did you mean log.level?\n"


def test_a_memory_that_cannot_be_opened_is_told_without_a_traceback(
    interlace: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of a kind that isn't supported is a matter of settings."""
    monkeypatch.setenv("INTERLACE_STATE__DATABASE_URL", "mysql://db/interlace")
    ended = interlace("jobs")
    assert ended.code == 4
    assert "must begin with sqlite or postgresql" in ended.err
    assert "interlace doctor" in ended.err
