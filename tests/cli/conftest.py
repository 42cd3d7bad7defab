"""Both embedded services with a small company, a connection between them, and commands run in this process."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.both_ends import (
    NAME,
    BothEnds,
    Ended,
    Images,
    Interlace,
    started,
    synchronize,
)

from interlace.cli.program import run_program


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables have room, whatever the terminal that runs the tests."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands speak English, whatever the terminal that runs the tests."""
    monkeypatch.setenv("INTERLACE_LANGUAGE", "en_US")


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronized:
    """A state directory whose connection is enabled, what both services hold then; nothing is left to synchronize."""

    state: Path
    images: Images


@pytest.fixture(scope="session")
def _ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """The embedded ERP and CRM with a small company."""
    with started(tmp_path_factory.mktemp("ends")) as ends:
        yield ends


@pytest.fixture(scope="session")
def _unconnected(_ends: BothEnds) -> Images:
    """What both services hold before anybody synchronizes."""
    return _ends.images()


@pytest.fixture(scope="session")
def _once_synchronized(
    _ends: BothEnds, _unconnected: Images, tmp_path_factory: pytest.TempPathFactory
) -> Synchronized:
    state = tmp_path_factory.mktemp("synchronized") / "state"
    _ends.restore(_unconnected)
    synchronize(_ends, state)
    return Synchronized(state=state, images=_ends.images())


@pytest.fixture
def both_ends(_ends: BothEnds, _unconnected: Images) -> BothEnds:
    """The embedded ERP and CRM, of which no test before has changed anything."""
    _ends.restore(_unconnected)
    return _ends


@pytest.fixture
def synchronized_state(_once_synchronized: Synchronized, both_ends: BothEnds) -> Path:
    """A state directory in which, and in both services, everything is synchronized; not to be written to."""
    both_ends.restore(_once_synchronized.images)
    return _once_synchronized.state


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
