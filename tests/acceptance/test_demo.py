"""What a newcomer does first: the demo, and the demo once more."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.acceptance.conftest import CUSTOMERS, clean_environment, json_lines, run_command

from interlace.sandbox.erp.seed_company import Outcome, failing_documents, intended_failures

COUNTERS = ("inserted", "modified", "deleted", "unchanged", "skipped", "failed", "coupled", "uncoupled")


def demo(state: Path) -> tuple[int, dict[str, object]]:
    """Run the demo to its end."""
    ended = run_command(
        "demo",
        "--once",
        "--json",
        "--customers",
        str(CUSTOMERS),
        "--state",
        str(state),
        "--erp-port",
        "0",
        "--crm-port",
        "0",
    )
    lines = json_lines(ended.stdout)
    assert len(lines) == 1, ended.stderr
    return ended.returncode, lines[0]


def test_the_demo_ends_green_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    """First everything is created and proved equal; then nothing is left to do."""
    code, first = demo(tmp_path)
    assert code == 0
    lines = {line["mapping"]: line for line in first["lines"]}  # type: ignore[attr-defined]
    assert all(line["job_queue_entry_status"] == "Finished" for line in lines.values())
    verdicts = {verdict["mapping"]: verdict for verdict in first["verify"]["mappings"]}  # type: ignore[index]
    for name, line in lines.items():
        verdict = verdicts[name]
        assert verdict["green"], name
        for side in ("erp", "crm"):
            assert verdict[side]["adds_up"], name
            assert verdict[side]["states"]["drifted"] == 0, name
        if line["to_int_table_job_status"]:
            taken = verdict["erp"]["total"] - verdict["erp"]["states"]["excluded"]
            created = line["inserted"] + line["coupled"] + line["failed"]
            assert created == taken, name
    _check_intended_failures(lines)
    code, second = demo(tmp_path)
    assert code == 0
    for line in second["lines"]:  # type: ignore[attr-defined]
        written = {name: line[name] for name in COUNTERS if name not in {"unchanged", "failed", "skipped"}}
        assert not any(written.values()), (line["mapping"], written)


def _check_intended_failures(lines: dict[str, dict[str, object]]) -> None:
    """Every failure is one that the demo data intends, and every intended one happens."""
    intended: dict[str, int] = {}
    for each in (*intended_failures(CUSTOMERS), *failing_documents(CUSTOMERS)):
        if each.outcome is Outcome.FAILS:
            intended[each.mapping] = intended.get(each.mapping, 0) + 1
    assert {name: line["failed"] for name, line in lines.items() if line["failed"]} == intended


@pytest.mark.slow
def test_the_demo_serves_the_web_client_until_it_is_stopped(tmp_path: Path) -> None:
    """It tells where, and how to become administrator; told to stop, it ends with everything that it started."""
    options = ("--json", "--customers", "10", "--erp-port", "0", "--crm-port", "0", "--port", "0")
    process = subprocess.Popen(
        [sys.executable, "-m", "interlace", "demo", *options, "--state", str(tmp_path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
    )
    assert process.stdout is not None
    try:
        ends = json.loads(process.stdout.readline())["ends"]
        told = json.loads(process.stdout.readline())
        assert told["first_start"].startswith(f"{told['address']}/first-start?code=")
        with urllib.request.urlopen(told["first_start"], timeout=30) as page:
            assert page.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(ends["erp_address"], timeout=5)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
