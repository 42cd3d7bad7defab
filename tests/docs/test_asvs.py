"""docs/reference/asvs.md: each requirement of level 1 stands there once, with what shows it or why not."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
# How many requirements of level 1 each section of ASVS 5.0.0 has.
_SECTIONS = {
    "V1.2": 5,
    "V1.3": 2,
    "V1.5": 1,
    "V2.1": 1,
    "V2.2": 2,
    "V2.3": 1,
    "V3.2": 2,
    "V3.3": 1,
    "V3.4": 2,
    "V3.5": 3,
    "V4.1": 1,
    "V4.4": 1,
    "V5.2": 2,
    "V5.3": 2,
    "V6.1": 1,
    "V6.2": 8,
    "V6.3": 2,
    "V6.4": 2,
    "V7.2": 4,
    "V7.4": 2,
    "V8.1": 1,
    "V8.2": 2,
    "V8.3": 1,
    "V9.1": 3,
    "V9.2": 1,
    "V10.4": 5,
    "V11.3": 2,
    "V11.4": 1,
    "V12.1": 1,
    "V12.2": 2,
    "V13.4": 1,
    "V14.2": 1,
    "V14.3": 1,
    "V15.1": 1,
    "V15.2": 1,
    "V15.3": 1,
}
_STATES = frozenset({"met", "partly", "not applicable"})


def test_security_u11_each_requirement_of_level_1_is_answered() -> None:
    """Seventy rows: what is met or partly met names files that show it, what doesn't apply says why."""
    page = (ROOT / "docs" / "reference" / "asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (V\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", page)
    assert len({number for number, *_ in rows}) == len(rows) == 70
    assert Counter(number.rpartition(".")[0] for number, *_ in rows) == _SECTIONS
    for number, _, state, how, shown in rows:
        files = re.findall(r"`([^`]+)`", shown)
        assert state in _STATES, number
        assert all((ROOT / each).is_file() for each in files), (number, files)
        assert how.strip() if state != "met" else files, number
