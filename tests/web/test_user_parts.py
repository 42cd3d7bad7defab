"""What sessions and settings of users look like."""

import pytest

from interlace.ui.words import ENGLISH
from interlace.web.sign_in_pages import time_zone_list
from interlace.web.user_parts import browser_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/150.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iOS"),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("", "Unknown"),
    ],
)
def test_a_session_tells_browser_and_system(agent: str, name: str) -> None:
    """In short; what isn't known is told as it is."""
    assert browser_name(ENGLISH, agent) == name


def test_time_zones_are_proposed_by_place() -> None:
    """Whoever types a city finds its zone."""
    proposed = str(time_zone_list())
    assert 'value="Pacific/Auckland"' in proposed
    assert "Etc/" not in proposed
