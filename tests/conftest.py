"""How tests from drawn examples run, and which tests stay together when several run at a time."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

# How quickly an example is drawn or passes says how busy the machine is, nothing about what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_TOGETHER: Final = ("e2e", "cli")
"""Directories whose modules share services that are dear to start."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these directories first, one after the other; within each the random order stays.

    Each process that runs tests begins with a stretch of the whole order, and takes from the end of another's when
    it is through with its own. So what comes first is run by one process, and its services start once.
    """
    here = Path(__file__).parent
    rank = {here / name: place for place, name in enumerate(_TOGETHER)}

    def place_of(item: pytest.Item) -> int:
        return rank.get(item.path.parent, len(rank))

    items.sort(key=place_of)
