"""The benchmark runs, checks the rows it made, and its figures add up; how fast it was is nobody's test."""

import json
import subprocess
import sys
from typing import Any

import pytest
from benchmarks.lists import FLOOR as LIST_FLOOR
from benchmarks.lists import QUESTIONS
from benchmarks.pages import PAGES

CUSTOMERS = 200


def run_benchmark(*options: str) -> list[dict[str, Any]]:
    """Run the benchmark with a small company and return its records."""
    words = [sys.executable, "-m", "benchmarks", "--customers", str(CUSTOMERS), "--rounds", "1", "--json"]
    done = subprocess.run([*words, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_small_benchmark_adds_up() -> None:
    """Every scenario of every contender is there, with its rows proved equal on both sides."""
    # Limits that hold nothing up: the window shows only that the run is counted.
    lines = run_benchmark(
        "--couplings",
        str(CUSTOMERS),
        "--orders",
        "20",
        "--limits",
        "1000/5",
        "--listed",
        "500",
        "--looks",
        "2",
    )
    measured = {(line["contender"], line["scenario"]): line for line in lines if "scenario" in line}
    assert set(measured) == {
        ("engine", "S1"),
        ("engine", "S2"),
        ("engine", "S3"),
        ("engine", "after load"),
        ("engine", "idle"),
        ("engine", "idle full"),
        ("engine", "first tenth"),
        ("engine", "orders"),
        ("engine", "nothing new"),
        ("flood", "calm"),
        ("flood", "flooded"),
        ("floor", "floor"),
        ("floor", "bare inserts"),
        ("floor", "idle"),
        ("floor", "idle full"),
        ("journal", "S1"),
        ("limits", "full synchronization"),
        ("intents", "S1"),
        ("write-back", "S1"),
        *(("lists", question) for question in (LIST_FLOOR, *QUESTIONS)),
        *(("pages", page) for page in PAGES),
    }
    assert all(measured["lists", question]["median_millis"] > 0 for question in QUESTIONS)
    assert measured["engine", "S1"]["outcome"] == {"inserted": CUSTOMERS, "unchanged": CUSTOMERS}
    assert measured["engine", "S2"]["outcome"] == {"unchanged": 2 * CUSTOMERS}
    assert measured["engine", "S3"]["outcome"]["modified"] == 2
    assert measured["floor", "floor"]["outcome"] == {"inserted": CUSTOMERS}
    idle = [
        line
        for (_, scenario), line in measured.items()
        if scenario in {"after load", "idle", "idle full", "nothing new"}
    ]
    assert all(line["writes"] == {"erp": 0, "crm": 0} for line in idle)
    assert measured["engine", "idle full"]["outcome"] == {"unchanged": 2 * CUSTOMERS}
    # On a busy machine a run takes several steps, and the later ones look at some orders again.
    outcome = measured["engine", "orders"]["outcome"]
    assert outcome["inserted"] == 18
    assert set(outcome) <= {"inserted", "unchanged"}
    assert measured["engine", "nothing new"]["outcome"] == {"unchanged": 20}
    checked = [line for line in measured.values() if "digest" in line and line["contender"] != "write-back"]
    assert {line["rows"] for line in checked} == {CUSTOMERS}
    assert all(line["digest"] for line in checked)
    ratios = {line["ratio"] for line in lines if "ratio" in line}
    assert "S1 engine / floor client" in ratios
    assert "idle engine / floor client" in ratios
    assert "S7 CreateMultiple, us a record" in ratios
