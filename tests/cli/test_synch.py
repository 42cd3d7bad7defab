"""`interlace synch` beside other runs of the same mapping."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.both_ends import NAME, BothEnds, Interlace

from interlace.bootstrap.application import Application
from interlace.cli.exit_codes import ExitCode
from interlace.settings import load_config


@contextmanager
def leased(state: Path, mapping: str, holder: str) -> Iterator[int | None]:
    """Take a mapping's lease as another process would, and stay alive."""
    with Application(load_config(overrides={"state.directory": str(state)})) as application:
        yield application.state.take_lease(application.connection(NAME).id, mapping, holder)


def test_a_mapping_that_another_run_holds_is_refused_in_words(
    synchronized: Interlace, tmp_path: Path
) -> None:
    """Two runs of one mapping at once would double each other's work; a dry run disturbs nobody."""
    with leased(tmp_path / "state", "CURRENCY", "another run") as fence:
        assert fence is not None
        ended = synchronized("synch", "CURRENCY")
        assert ended.code == ExitCode.ERROR
        assert "Another run is at work on the mapping CURRENCY" in ended.err
        assert synchronized("synch", "CURRENCY", "--dry-run").code == ExitCode.OK


def test_expired_cursors_compare_everything_and_write_nothing(
    synchronized: Interlace, both_ends: BothEnds
) -> None:
    """When the CRM has forgotten all our cursors, every record is compared and no service is written to."""
    records = both_ends.crm.records
    address = f"/api/data/v9.2/organizations({records.organization_id})"
    administrator = both_ends.crm.tokens.give(records.store.read_state("administrator") or "")
    headers = {"Authorization": f"Bearer {administrator}", "If-Match": "*"}

    def keep_cursors(days: int) -> None:
        body = json.dumps({"expirechangetrackingindays": days}).encode()
        assert both_ends.crm.call("PATCH", address, headers=headers, body=body).status == 204

    synchronized("synch")
    keep_cursors(0)
    try:
        before = _written(both_ends)
        ended = synchronized("synch", "--json")
        assert _written(both_ends) == before, ended.out
        assert {each[name] for each in ended.objects for name in ("inserted", "modified", "deleted")} == {0}
        assert sum(each["unchanged"] for each in ended.objects) > 0
    finally:
        keep_cursors(7)


def _written(both_ends: BothEnds) -> list[tuple[str, int]]:
    """Tell the version of every record of the CRM, markers apart."""
    store = both_ends.crm.records.store
    tables = ("account", "contact", "product", "uomschedule", "uom", "pricelevel", "productpricelevel")
    return [(row.body.decode(), row.version) for table in tables for row in store.page(table, limit=-1)]


def test_a_run_whose_process_is_gone_holds_nobody_up(synchronized: Interlace, tmp_path: Path) -> None:
    """The next run takes its mapping over at once."""
    with leased(tmp_path / "state", "CURRENCY", "another run") as fence:
        assert fence is not None
    assert synchronized("synch", "CURRENCY").code == ExitCode.OK


def test_a_run_gives_its_mapping_up_at_the_end(synchronized: Interlace, tmp_path: Path) -> None:
    """The next run need not wait for a claim to end."""
    assert synchronized("synch", "CURRENCY").code == ExitCode.OK
    with leased(tmp_path / "state", "CURRENCY", "another run") as fence:
        assert fence is not None
