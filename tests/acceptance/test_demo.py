"""What a newcomer does first: the demo, and the demo once more."""

from pathlib import Path

from tests.acceptance.conftest import CUSTOMERS, json_lines, run_command

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
