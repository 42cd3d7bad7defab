"""A backup that is made while a run writes: restored elsewhere it goes on, without matching anew, without doubles."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from tests.cli.both_ends import NAME, BothEnds, Interlace
from tests.cli.two_services import PARTIES, TwoServices, two_services

from interlace.bootstrap.application import JOURNAL_DIRECTORY
from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import run_program
from interlace.domain.side import Side
from interlace.store.backup_file import DATABASE_NAME, make_backup, restore_backup

PASSPHRASE = "long enough for a backup"
KEY_FILE = "secret.key"
UNCOUPLED = "C00030"
"""A customer whose salesperson is not coupled."""


def back_up_at_the_first_write(ends: BothEnds, state: Path, backup: Path) -> None:
    """Let the CRM make the backup between the first writing request that it gets and its answer."""
    server = ends.crm_server
    real = server.application

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        """Answer; the first time something is written, after the backup."""
        if scope["type"] == "http" and scope["method"] in {"POST", "PATCH"} and "/data/" in scope["path"]:
            server.application = real
            database, journal = state / DATABASE_NAME, state / JOURNAL_DIRECTORY
            await asyncio.to_thread(make_backup, database, journal, backup, PASSPHRASE, cost=2**10)
        await real(scope, receive, send)

    server.application = answer


def test_a_backup_of_the_middle_of_a_run_goes_on_elsewhere(tmp_path: Path, interlace: Interlace) -> None:
    """What the run wrote after it is neither written again nor taken for somebody's edit."""
    state, backup, elsewhere = tmp_path / "state", tmp_path / "memory.backup", tmp_path / "elsewhere"
    with two_services(tmp_path, state, interlace, customers=4) as services:
        for _ in range(2):
            services.interlace("synch", *PARTIES, "--full")
        held = services.held()
        customers = [key for _, table, key in held if table == "Customer." and key != UNCOUPLED]
        for number, customer in enumerate(customers):
            services.edit("CUSTOMER", Side.ERP, customer, {"Name": f"Renamed {number}"})
        back_up_at_the_first_write(services.ends, state, backup)
        assert services.interlace("synch", "CUSTOMER").code in {ExitCode.OK, ExitCode.REMAINING}
        assert names_in_crm(services) >= {f"Renamed {number}" for number in range(len(customers))}
        before, written = services.held(), services.written

        restore_backup(backup, elsewhere, PASSPHRASE)
        shutil.copy2(state / KEY_FILE, elsewhere / KEY_FILE)
        at = ["--state", str(elsewhere)]
        assert run_program(["connection", "rebind", NAME, "--yes", *at]) == ExitCode.OK
        assert run_program(["synch", *PARTIES, *at]) in {ExitCode.OK, ExitCode.REMAINING}
        assert services.held() == before
        services.edit("CUSTOMER", Side.ERP, customers[0], {"Name": "Renamed at last"})
        assert run_program(["synch", "CUSTOMER", *at]) in {ExitCode.OK, ExitCode.REMAINING}
        assert "Renamed at last" in names_in_crm(services)
        assert len(services.held()) == len(before)
        assert services.written > written


def names_in_crm(services: TwoServices) -> set[object]:
    """Return the names of the accounts."""
    return {
        values["name"]
        for (side, table, _), values in services.held().items()
        if side == "crm" and table == "account."
    }
