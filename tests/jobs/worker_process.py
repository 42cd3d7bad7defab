"""A worker in a process of its own, to be killed, or stopped by the end of its input.

Run it as python -m tests.jobs.worker_process STORE JOBS NAME DONE BATCHES WINDOW.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.jobs.conftest import QUICK
from tests.jobs.fake_work import FakeWork

from interlace.jobs.job_engine import JobEngine
from interlace.store.state_store import StateStore


def main() -> None:
    """Work until killed or stopped."""
    store_url, jobs_url, name, done, batches, window = sys.argv[1:]
    with StateStore.open(store_url) as state:
        work = FakeWork(state=state, done=Path(done), batches=int(batches), seconds=0.05, window=Path(window))
        with JobEngine(jobs_url, work, state, replace(QUICK, executor_id=name)):
            sys.stdout.write("working\n")
            sys.stdout.flush()
            sys.stdin.read()
    # As the program itself ends: a thread of the job engine may still wait for work that nobody does here any more.
    os._exit(0)


if __name__ == "__main__":
    main()
