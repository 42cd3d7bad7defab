"""docs/reference/asvs.md: each requirement of levels 1 and 2 stands there once, with what shows it or why not."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# How many requirements of a level each section of ASVS 5.0.0 has; of level 2 without those of level 1.
_LEVEL_1 = {
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
_LEVEL_2 = {
    "V1.1": 2,
    "V1.2": 4,
    "V1.3": 9,
    "V1.4": 3,
    "V1.5": 1,
    "V2.1": 2,
    "V2.2": 1,
    "V2.3": 3,
    "V2.4": 1,
    "V3.3": 3,
    "V3.4": 4,
    "V3.5": 2,
    "V3.7": 2,
    "V4.1": 2,
    "V4.2": 1,
    "V4.3": 2,
    "V4.4": 3,
    "V5.1": 1,
    "V5.2": 1,
    "V5.4": 3,
    "V6.1": 2,
    "V6.2": 4,
    "V6.3": 2,
    "V6.4": 2,
    "V6.5": 5,
    "V6.6": 3,
    "V6.8": 4,
    "V7.1": 3,
    "V7.3": 2,
    "V7.4": 3,
    "V7.5": 2,
    "V7.6": 2,
    "V8.1": 1,
    "V8.2": 1,
    "V8.4": 1,
    "V9.2": 3,
    "V10.1": 2,
    "V10.2": 2,
    "V10.3": 4,
    "V10.4": 6,
    "V10.5": 5,
    "V10.6": 2,
    "V10.7": 3,
    "V11.1": 2,
    "V11.2": 3,
    "V11.3": 1,
    "V11.4": 3,
    "V11.5": 1,
    "V11.6": 1,
    "V12.1": 2,
    "V12.3": 4,
    "V13.1": 1,
    "V13.2": 5,
    "V13.3": 2,
    "V13.4": 4,
    "V14.1": 2,
    "V14.2": 3,
    "V14.3": 2,
    "V15.1": 2,
    "V15.2": 2,
    "V15.3": 6,
    "V16.1": 1,
    "V16.2": 5,
    "V16.3": 4,
    "V16.4": 3,
    "V16.5": 3,
    "V17.1": 1,
    "V17.2": 4,
    "V17.3": 2,
}
_STATES = frozenset({"met", "partly", "not applicable"})


def _is_there(named: str) -> bool:
    """Tell whether a file is there, and the test that is named in it."""
    file, _, test = named.partition("::")
    path = ROOT / file
    return path.is_file() and (not test or f"def {test}(" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("level", "count", "sections"), [(1, 70, _LEVEL_1), (2, 183, _LEVEL_2)], ids=["level 1", "level 2"]
)
def test_security_u11_each_requirement_is_answered(
    level: int, count: int, sections: Mapping[str, int]
) -> None:
    """What is met or partly met names tests or pages that show it; what doesn't apply or isn't whole says why."""
    page = (ROOT / "docs" / "reference" / "asvs.md").read_text(encoding="utf-8")
    part = page.partition(f"\n## Level {level}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| (V\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$", part)
    assert len({number for number, *_ in rows}) == len(rows) == count
    assert Counter(number.rpartition(".")[0] for number, *_ in rows) == sections
    for number, _, state, how, shown in rows:
        named = re.findall(r"`([^`]+)`", shown)
        assert state in _STATES, number
        assert [each for each in named if not _is_there(each)] == [], number
        assert how.strip() if state == "not applicable" else named, number
        assert how.strip() or state == "met", number


def test_no_requirement_is_of_both_levels() -> None:
    """Each of the two hundred fifty-three has one row."""
    page = (ROOT / "docs" / "reference" / "asvs.md").read_text(encoding="utf-8")
    assert len(set(re.findall(r"(?m)^\| (V[\d.]+) \|", page))) == 253
