"""Which monotonic clock this process reads: what was stamped on it can be compared by whoever reads the same one."""

import sys
from pathlib import Path
from uuid import NAMESPACE_OID, uuid4, uuid5

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_NAMESPACE = Path("/proc/self/ns/time")
_OWN = str(uuid4())


def clock_name() -> str:
    """Name the clock behind `time.monotonic`: one name for every process of one start of a Linux machine.

    A command that runs for seconds, every few minutes, would else never see that a write of an earlier one is too
    old to take effect any more. Elsewhere each process has a clock of its own.
    """
    if not sys.platform.startswith("linux"):
        return _OWN
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return _OWN
    try:
        namespace = str(_TIME_NAMESPACE.readlink())
    except OSError:
        namespace = ""  # kernels before time namespaces: there is one clock
    return str(uuid5(NAMESPACE_OID, f"{boot}/{namespace}")) if boot else _OWN
