"""`interlace recover`: the database is lost, and both services alone bring every coupling back."""

from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace

from interlace.cli.program import run_program


def counted(ended: Ended) -> dict[str, int]:
    """Return how many couplings each mapping has."""
    return {row["mapping"]: row["couplings"] for row in ended.objects}


def connect(interlace: Interlace, both_ends: BothEnds) -> None:
    """Set the connection up anew, as one must when nothing is left."""
    assert interlace("connection", "add", NAME, *both_ends.options()).code == 0
    assert interlace("connection", "enable", NAME).code == 0


@pytest.fixture
def lost(synchronized_state: Path, interlace: Interlace, both_ends: BothEnds) -> Interlace:
    """Commands on a new state directory, while both services are synchronized."""
    assert synchronized_state.exists()
    connect(interlace, both_ends)
    return interlace


def test_every_coupling_comes_back(
    lost: Interlace, synchronized_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the loss of the database, recover finds the very pairs that were coupled, and nothing is written."""
    capsys.readouterr()
    run_program(["couplings", "list", "--json", "--state", str(synchronized_state)])
    before = counted(Ended(code=0, out=capsys.readouterr().out, err=""))
    ended = lost("recover", "--json")
    assert counted(lost("couplings", "list", "--json")) == before
    assert sum(row["differing"] for row in ended.objects) == 0, ended.out
    assert sum(row["doubtful"] for row in ended.objects) == 0, ended.err
    assert ended.code == 0


@pytest.mark.parametrize("full", [True, False])
def test_next_run_writes_nothing(lost: Interlace, *, full: bool) -> None:
    """A run after the recovery finds both ends in step; what failed before stands on the error list again."""
    assert lost("recover").code == 0
    ended = lost("synch", *(["--full"] if full else []), "--json")
    changed = [row for row in ended.objects if row["inserted"] or row["modified"] or row["deleted"]]
    assert changed == []
    assert not full or lost("verify").code == 0


def test_dry_run_stores_nothing(lost: Interlace) -> None:
    """A dry run names the pairs and leaves the memory empty."""
    ended = lost("recover", "--dry-run", "--json")
    assert ended.code == 2
    assert sum(row["pairs"] for row in ended.objects) > 100
    assert set(counted(lost("couplings", "list", "--json")).values()) == {0}


def test_second_recovery_finds_nothing_new(lost: Interlace) -> None:
    """Recover may be repeated: what is coupled already stays as it is."""
    lost("recover")
    again = lost("recover", "--json")
    assert {row["added"] for row in again.objects} == {0}
    assert {row["differing"] for row in again.objects} == {0}
