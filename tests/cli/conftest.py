"""Both embedded services with a small company, a connection between them, and commands run in this process."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace, started, synchronize

from interlace.cli.program import run_program


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables have room, whatever the terminal that runs the tests."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands speak English, whatever the terminal that runs the tests."""
    monkeypatch.setenv("INTERLACE_LANGUAGE", "en_US")


@pytest.fixture(scope="session")
def both_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """The embedded ERP and CRM with a small company."""
    with started(tmp_path_factory.mktemp("ends")) as ends:
        yield ends


@pytest.fixture(scope="session")
def synchronized_state(both_ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory whose connection is enabled and has nothing left to synchronize."""
    state = tmp_path_factory.mktemp("synchronized") / "state"
    synchronize(both_ends, state)
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
