"""An ERP on premises that takes Windows accounts only: connected, tested and read from end to end."""

import asyncio
import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace, started
from tests.connectors.windows_gate import ACCOUNTS, PASSWORD, USER, Gate, opened
from yarl import URL

_UNPASSED = {"authorization", "connection", "content-length", "transfer-encoding", "date", "server"}

_MAPPINGS = ("SALESPEOPLE", "CURRENCY", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT", "CUSTOMER")


@contextmanager
def _gated(ends: BothEnds) -> Iterator[Gate]:
    """Open a gate before the ERP in a thread of its own; behind it our account is the ERP's user INTERLACE."""
    key = ends.erp_key_file.read_text(encoding="utf-8").strip()
    basic = f"Basic {base64.b64encode(f'INTERLACE:{key}'.encode()).decode()}"
    parts = urlsplit(ends.erp_address)

    async def passed(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {name: value for name, value in headers.items() if name not in _UNPASSED}
        url = URL(f"{parts.scheme}://{parts.netloc}{target}", encoded=True)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, url, headers={**sent, "Authorization": basic}, data=body, allow_redirects=False
            ) as answer,
        ):
            told = {name: value for name, value in answer.headers.items() if name.lower() not in _UNPASSED}
            return answer.status, told, await answer.read()

    gate = Gate(passed=passed, offers=("Negotiate",), scheme_taken="Negotiate")
    is_open, is_over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with opened(gate):
            is_open.set()
            await is_over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert is_open.wait(30)
    try:
        yield gate
    finally:
        loop.call_soon_threadsafe(is_over.set)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both services with a small company."""
    with started(tmp_path_factory.mktemp("windows")) as both:
        yield both


@pytest.fixture
def gate(ends: BothEnds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before the ERP that knows our account."""
    file = tmp_path / "accounts"
    file.write_text(ACCOUNTS, encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))
    with _gated(ends) as one:
        yield one


def _options(ends: BothEnds, gate: Gate, password_file: Path) -> list[str]:
    """The options of `connection add` for the ERP behind the gate."""
    options = ends.options(erp=f"{gate.origin}/BC", erp_user=USER, erp_password_file=str(password_file))
    place = options.index("--erp-key-file")
    return options[:place] + options[place + 2 :]


def test_an_erp_that_takes_windows_accounts_only_is_read(
    interlace: Interlace, ends: BothEnds, gate: Gate, tmp_path: Path
) -> None:
    """Tables of the ERP arrive in the CRM, by connections that were signed in and by nothing weaker."""
    password = tmp_path / "password.txt"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    assert interlace("connection", "add", NAME, *_options(ends, gate, password)).code == 0
    shown = interlace("connection", "show", NAME, "--json").only
    assert shown["erp_authentication"] == "ntlm"
    assert shown["erp_password"] == "stored"
    enabled = interlace("connection", "enable", NAME)
    assert enabled.code == 0, enabled.out + enabled.err
    run = interlace("synch", "--full", *_MAPPINGS, "--json")
    assert run.code in {0, 3}, run.out + run.err
    inserted = {each["mapping"]: each["inserted"] for each in run.objects if each["inserted"]}
    assert inserted.get("CUSTOMER", 0) > 20, run.out
    assert {each.scheme for each in gate.arrivals} == {"NTLM", "Negotiate", ""}
    let_in_plainly = [each for each in gate.arrivals if not each.scheme and each.status < 400]
    assert len(let_in_plainly) > len([each for each in gate.arrivals if each.scheme])
    assert gate.refusals == 0


def test_a_wrong_password_is_named_with_its_remedy(
    interlace: Interlace, ends: BothEnds, gate: Gate, tmp_path: Path
) -> None:
    """The test says which account was refused and how to correct it, and tries it no second time."""
    password = tmp_path / "password.txt"
    password.write_text("Kessel-78", encoding="utf-8")
    assert interlace("connection", "add", NAME, *_options(ends, gate, password)).code == 0
    tested = interlace("connection", "test", NAME)
    assert tested.code != 0
    said = " ".join(tested.out.split())
    assert f"refuses the Windows account {USER}" in said
    assert "--erp-password-file FILE" in said
    assert gate.refusals == 1
