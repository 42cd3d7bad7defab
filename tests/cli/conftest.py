"""Both embedded services with a small company, a connection between them, and commands run in this process."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace, served

from interlace.cli.program import run_program
from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.crm.sandbox import SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company, seed_users

CUSTOMERS = 40


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables have room, whatever the terminal that runs the tests."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="session")
def both_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """The embedded ERP and CRM with a small company."""
    directory = tmp_path_factory.mktemp("ends")
    options = ErpSandboxOptions(seed=lambda: seed_company(customers=CUSTOMERS))
    erp = create_erp_sandbox(directory / "erp", options)
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    crm = create_crm_sandbox(directory / "crm", SandboxOptions(sales_users=users))
    key_file, secret_file = directory / "key.txt", directory / "secret.txt"
    key_file.write_text(f"{erp.access_key}\n", encoding="utf-8")
    secret_file.write_text(crm.options.client_secret, encoding="utf-8")
    with ExitStack() as servers:
        servers.callback(erp.close)
        servers.callback(crm.close)
        yield BothEnds(
            erp_address=f"{servers.enter_context(served(erp))}/BC",
            crm_address=servers.enter_context(served(crm)),
            crm=crm,
            erp_key_file=key_file,
            crm_secret_file=secret_file,
        )


@pytest.fixture(scope="session")
def synchronized_state(both_ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose connection is enabled and has nothing left to synchronize."""
    state = tmp_path_factory.mktemp("synchronized") / "state"
    for arguments in (
        ["connection", "add", NAME, *both_ends.options()],
        ["connection", "enable", NAME],
        ["synch", "--full"],
        # The second run fills in references to records that the first one coupled later.
        ["synch", "--full"],
    ):
        assert run_program([*arguments, "--state", str(state), "--json"]) in {0, 3}
    return state


def _run(capsys: pytest.CaptureFixture[str], state: Path, arguments: Sequence[str]) -> Ended:
    capsys.readouterr()
    code = run_program([*arguments, "--state", str(state)])
    written = capsys.readouterr()
    return Ended(code=code, out=written.out, err=written.err)


@pytest.fixture
def interlace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Interlace:
    """Commands on a state directory that doesn't exist yet."""
    return lambda *arguments: _run(capsys, tmp_path / "state", arguments)


@pytest.fixture
def synchronized(synchronized_state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Interlace:
    """Commands on a copy of the state in which everything is synchronized."""
    shutil.copytree(synchronized_state, tmp_path / "state")
    assert run_program(["connection", "rebind", NAME, "--yes", "--state", str(tmp_path / "state")]) == 0
    return lambda *arguments: _run(capsys, tmp_path / "state", arguments)


@pytest.fixture
def connected(interlace: Interlace, both_ends: BothEnds) -> Interlace:
    """Commands on a state directory with a connection that is not enabled."""
    assert interlace("connection", "add", NAME, *both_ends.options()).code == 0
    return interlace
