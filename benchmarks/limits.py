"""A full synchronization of the demo company while both services limit us: how much of what they allow is used.

The published 6,000 requests in five minutes are scaled down as a ratio, so that the run is long against the window.
"""

import json
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import server
from interlace.bootstrap.application import Application
from interlace.bootstrap.demo import DemoEnds, demo_connection
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.domain.full_synch_review import FullSynchReview, is_over
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.settings import load_config


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedRun:
    """What one full synchronization under limits came to."""

    customers: int
    requests: int
    window_seconds: float
    seconds: float
    sent: Mapping[str, int]
    """Requests that each service took."""
    refused: Mapping[str, int]
    """Requests that each service refused for their number."""
    unfinished: Sequence[str]
    """Lines that did not come to their end."""
    failed: int
    """Records with an error: the demo company has some on purpose."""

    @property
    def ratio(self) -> float:
        """Return which part of what the limits allow in this time the busier service was asked."""
        return max(self.sent.values()) / (self.requests * self.seconds / self.window_seconds)

    def line(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Return the run as a record for trends."""
        return {
            **facts,
            "contender": "limits",
            "scenario": "full synchronization",
            "records": self.customers,
            "allowed": f"{self.requests}/{self.window_seconds:g}",
            "seconds": round(self.seconds, 2),
            "requests": dict(self.sent),
            "refused": dict(self.refused),
            "unfinished": list(self.unfinished),
            "failed": self.failed,
            "used": round(self.ratio, 3),
        }


@dataclass(slots=True)
class _LineClock:
    """Measures from the moment when the first line is at work until the last is over."""

    counts: Callable[[], dict[str, tuple[int, int]]]
    begun: float = 0.0
    ended: float = 0.0
    before: dict[str, tuple[int, int]] = field(default_factory=dict)
    after: dict[str, tuple[int, int]] = field(default_factory=dict)

    def look(self, review: FullSynchReview) -> None:
        """Take a look at the review."""
        if not self.begun and any(line.status is JobQueueEntryStatus.IN_PROCESS for line in review.lines):
            self.before, self.begun = self.counts(), time.perf_counter()
        if is_over(review.lines) and not self.ended:
            self.ended, self.after = time.perf_counter(), self.counts()


CUSTOMERS, REQUESTS, WINDOW_SECONDS = 60, 40, 20.0
"""So few requests a second that a slow machine has the time for more: else it would be measured, not the limit."""


def measure_limits(
    directory: Path,
    customers: int = CUSTOMERS,
    requests: int = REQUESTS,
    window_seconds: float = WINDOW_SECONDS,
) -> LimitedRun:
    """Run a full synchronization against services that allow so many requests in a window."""
    limits = f"requests={requests},window_seconds={window_seconds}"
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=directory, prefix="limits-")))
        where = ["--port", "0", "--state", str(state / "sandbox")]
        common = [*where, "--seed-company", "--json", "--limits", limits]
        started = ["interlace", "sandbox"]
        erp = stack.enter_context(server(*started, "erp", *common, "--customers", str(customers)))
        crm = stack.enter_context(server(*started, "crm", *common))
        allowed = f"{requests}/{window_seconds:g}"
        overrides = {
            "state.directory": str(state / "interlace"),
            "limits.erp": allowed,
            "limits.crm": allowed,
            "worker.parallel_mappings": "4",
        }
        config = load_config(environment={}, overrides=overrides)
        application = stack.enter_context(Application(config))
        connection = demo_connection(application, DemoEnds(erp=dict(erp.facts), crm=dict(crm.facts)))
        full = FullSynchronization(application=application)
        review = full.plan(connection)
        # What set-up asked is out of the window before the clock starts.
        time.sleep(window_seconds)
        addresses = erp.facts["erp_address"], crm.facts["crm_address"]
        clock = _LineClock(lambda: _counts(*addresses))
        review = full.run(connection, review, clock.look)
    taken = {side: clock.after[side][0] - clock.before[side][0] for side in clock.after}
    refused = {side: clock.after[side][1] - clock.before[side][1] for side in clock.after}
    return LimitedRun(
        customers=customers,
        requests=requests,
        window_seconds=window_seconds,
        seconds=clock.ended - clock.begun,
        sent={side: taken[side] - refused[side] for side in taken},
        refused=refused,
        unfinished=[line.mapping for line in review.lines if line.status is not JobQueueEntryStatus.FINISHED],
        failed=sum(line.counters.failed for line in review.lines),
    )


def _counts(erp_address: str, crm_address: str) -> dict[str, tuple[int, int]]:
    """Ask both services how many requests came, and how many they refused."""
    counts = {}
    for side, address in (("erp", erp_address.removesuffix("/BC")), ("crm", crm_address)):
        with urllib.request.urlopen(f"{address}/sandbox/requests") as answer:  # noqa: S310 - loopback
            told = json.load(answer)
        own = sum(count for method, count in told["counts"].items() if not method.startswith("$batch"))
        counts[side] = own, told["refused"]
    return counts


def print_limits(run: LimitedRun) -> None:
    """Print a run for people."""
    sent, refused = run.sent, run.refused
    print(
        f"Full synchronization of {run.customers:,} customers, {run.requests} requests in "
        f"{run.window_seconds:g} s allowed: {run.seconds:.1f} s, {sent['erp']} requests to the ERP and "
        f"{sent['crm']} to the CRM, {refused['erp'] + refused['crm']} refused, "
        f"{len(run.unfinished)} lines unfinished, {run.failed} records with an error; "
        f"{run.ratio:.0%} of what the limits allow",
        flush=True,
    )
