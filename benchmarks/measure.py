"""What processes cost: processor time, and memory at its peak, as Linux counts them."""

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one stretch of work cost; seconds of processor time by process, and of the clock."""

    wall: float
    cpu: Mapping[str, float]

    def micros(self, process: str, records: int) -> float:
        """Return the processor microseconds of a process per record."""
        return self.cpu[process] * 1e6 / records


class Stretch:
    """Measures what this process (named `client`) and some others spend from here to `end`."""

    def __init__(self, others: Mapping[str, int]) -> None:
        self._others = dict(others)
        self._before = self._cpu()
        self._begun = time.perf_counter()

    def _cpu(self) -> dict[str, float]:
        used = {name: cpu_seconds(pid) for name, pid in self._others.items()}
        return {"client": time.process_time(), **used}

    def end(self) -> Cost:
        """Return the cost so far."""
        wall = time.perf_counter() - self._begun
        after = self._cpu()
        return Cost(wall=wall, cpu={name: after[name] - self._before[name] for name in after})


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a running process: its living threads to the nanosecond, or all by ticks."""
    with contextlib.suppress(OSError):
        threads = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text(encoding="ascii").split()[0]) for each in threads) / 1e9
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND


def peak_memory_of(pid: int) -> float:
    """Return the greatest resident size of a running process so far, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def own_peak_memory() -> float:
    """Return the same of this process; getrusage would count what our parent held before it started us."""
    return peak_memory_of(os.getpid())
