"""Whether the disk takes what is remembered is tried, and nothing of the try stays."""

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlace.bootstrap.room_to_write import RoomToWrite


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process become larger, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_noticed(tmp_path: Path) -> None:
    """At each try, until it takes as much as a step of a run writes; what was begun is deleted."""
    room = RoomToWrite(tmp_path)
    for _ in range(2):
        with largest_file(64 * 1024), pytest.raises(OSError, match="File too large") as full:
            room.require()
        assert full.value.errno == errno.EFBIG
        assert list(tmp_path.iterdir()) == []
    room.require()
    assert list(tmp_path.iterdir()) == []


def test_a_good_try_counts_for_a_while(tmp_path: Path) -> None:
    """Whoever asks again and again keeps no disk busy."""
    room = RoomToWrite(tmp_path)
    room.require()
    with largest_file(0):
        room.require()
    with pytest.raises(FileNotFoundError):
        RoomToWrite(tmp_path / "gone").require()
