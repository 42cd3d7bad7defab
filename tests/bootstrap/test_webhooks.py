"""Notices of changes: the subscriptions that a server keeps, and the runs that notices wake."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bootstrap.serving_ends import answering, server_at, until
from tests.cli.both_ends import NAME, BothEnds, started

from interlace.bootstrap.application import Application
from interlace.bootstrap.chores import NOTICES
from interlace.bootstrap.sandbox_server import listen
from interlace.bootstrap.webhooks import Receivers, secrets_of, woken_by
from interlace.cli.program import run_program
from interlace.domain.keys import ConnectionId, MappingName
from interlace.lead_to_cash.mapping_names import CUSTOMER, ITEM_PRODPRICE, ITEM_PRODUCT
from interlace.settings import load_config


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both services; the ERP sends notices at once."""
    with started(tmp_path_factory.mktemp("ends"), notice_delay_seconds=0.05) as opened:
        yield opened


@pytest.fixture
def state(ends: BothEnds, tmp_path: Path) -> Path:
    """A state with an enabled connection."""
    place = tmp_path / "state"
    assert run_program(["connection", "add", NAME, *ends.options(), "--state", str(place)]) == 0
    assert run_program(["connection", "enable", NAME, "--state", str(place)]) == 0
    return place


def post(address: str, body: bytes) -> int:
    """Post a body; gives the status."""
    request = urllib.request.Request(address, data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_security_o7_a_notice_wakes_the_run_of_its_mapping(state: Path) -> None:
    """Subscribed by the server's own job; the right words wake, a stranger's don't, and doubled ones wake once more."""
    with listen(0) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with (
            server_at(state, webhooks__address=address) as (server, connection),
            answering(server, listening),
        ):
            server.rounds.once()
            begun = server.schedules.run(connection, NOTICES)
            assert server.place.wait(begun.run_id) == ""
            path, client_state = secrets_of(server.application, connection)
            queries = server.application.state.queries
            assert queries.synch_jobs(connection.id, mapping=CUSTOMER) == []
            notice = {"clientState": client_state, "resource": "api/v2.0/companies(1)/customers(2)"}
            stranger = json.dumps({"value": [{**notice, "clientState": "guessed"}]}).encode()
            assert post(f"{address}/webhooks/{path}", stranger) == 202
            assert post(f"{address}/webhooks/{path}x", stranger) == 404
            server.rounds.once()
            assert queries.synch_jobs(connection.id, mapping=CUSTOMER) == []
            storm = json.dumps({"value": [notice] * 20}).encode()
            assert [post(f"{address}/webhooks/{path}", storm) for _ in range(5)] == [202] * 5
            until(lambda: bool(queries.synch_jobs(connection.id, mapping=CUSTOMER)), "the woken run")
            # What came while the first one ran may ask for one more.
            assert len({each.run_id for each in queries.synch_jobs(connection.id, mapping=CUSTOMER)}) <= 2


def test_an_edit_in_the_erp_wakes_the_run_by_the_erps_own_notice(state: Path, ends: BothEnds) -> None:
    """Nobody waits for the next round of runs: the ERP tells its subscriber, and the mapping runs."""
    with listen(0) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with (
            server_at(state, webhooks__address=address) as (server, connection),
            answering(server, listening),
        ):
            server.rounds.once()
            begun = server.schedules.run(connection, NOTICES)
            assert server.place.wait(begun.run_id) == ""
            queries = server.application.state.queries
            assert queries.synch_jobs(connection.id, mapping=CUSTOMER) == []
            pair = base64.b64encode(f"INTERLACE:{ends.erp.access_key}".encode()).decode()
            edited = ends.erp.call(
                "PATCH",
                "/BC/ODataV4/Company('Nordlicht')/CustomerCard('C00010')",
                headers={"Authorization": f"Basic {pair}", "If-Match": "*"},
                body=b'{"Name_2": "edited"}',
            )
            assert edited.status == 200, edited.body
            until(lambda: bool(queries.synch_jobs(connection.id, mapping=CUSTOMER)), "the woken run")


def test_what_wakes_is_what_goes_to_the_crm(state: Path) -> None:
    """A changed item wakes products and their prices; what only comes from the CRM is woken by nothing."""
    with Application(load_config(environment={}, overrides={"state.directory": str(state)})) as application:
        connection = application.connection(None)
        woken = woken_by(application, connection)
        assert woken["items"] == {ITEM_PRODUCT, ITEM_PRODPRICE}
        assert "salespeoplePurchasers" not in woken
        assert "itemLedgerEntries" not in woken


def test_security_o7_receivers_are_found_by_their_secret_path_only(state: Path) -> None:
    """Known for a while without asking the store; a new one is found at once, a disabled connection has none."""
    now = [100.0]
    heard: list[tuple[ConnectionId, frozenset[MappingName]]] = []
    with Application(load_config(environment={}, overrides={"state.directory": str(state)})) as application:
        receivers = Receivers(application, lambda *each: heard.append(each), monotonic=lambda: now[0])
        connection = application.connection(None)
        assert receivers.receiver("guessed") is None
        path, _ = secrets_of(application, connection)
        assert secrets_of(application, connection)[0] == path
        assert receivers.receiver(path) is None
        now[0] += 1.5
        assert receivers.receiver(path) is not None
        application.disable(connection)
        assert receivers.receiver(path) is not None
        now[0] += 11
        assert receivers.receiver(path) is None
