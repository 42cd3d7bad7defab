"""Looks into the memory of a process, for what must not be there."""

from pathlib import Path

import pytest

MEMORY_IS_READABLE = pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="only Linux lets a process's memory be read"
)


def in_memory(process: int, text: bytes) -> bool:
    """Search the memory that a process may write to."""
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text("utf-8").splitlines():
            place, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(each, 16) for each in place.split("-"))
            memory.seek(begin)
            try:
                held = memory.read(end - begin)
            except OSError:
                continue
            if text in held:
                return True
    return False
