"""What services allow, by address and as a person writes it."""

import pytest

from interlace.domain.allowance import (
    CRM_ALLOWANCE,
    ERP_ALLOWANCE,
    Allowance,
    published_allowance,
    read_allowance,
)


def test_published_numbers_belong_to_the_online_services() -> None:
    """The online services publish theirs; a host of one's own has none that we know of."""
    assert published_allowance("https://org.crm4.dynamics.com") is CRM_ALLOWANCE
    assert published_allowance("https://api.businesscentral.dynamics.com/v2.0/x/Production") is ERP_ALLOWANCE
    assert published_allowance("http://127.0.0.1:7048/BC") is None
    assert published_allowance("https://dynamics.com.example") is None


def test_allowance_is_read_as_written() -> None:
    """Words and numbers; execution time shrinks with the window."""
    address = "http://127.0.0.1:7148"
    assert read_allowance("auto", address, CRM_ALLOWANCE) is None
    assert read_allowance("Published", address, CRM_ALLOWANCE) is CRM_ALLOWANCE
    assert read_allowance("off", "https://org.crm4.dynamics.com", CRM_ALLOWANCE) is None
    wanted = Allowance(requests=600, window_seconds=30.0, execution_seconds=120.0)
    assert read_allowance("600/30", address, CRM_ALLOWANCE) == wanted


@pytest.mark.parametrize("text", ["", "many", "0/300", "600", "600/0", "600/inf", "-5/3"])
def test_unreadable_allowance_is_refused(text: str) -> None:
    """The text says what may stand there."""
    with pytest.raises(ValueError, match="REQUESTS/SECONDS"):
        read_allowance(text, "http://127.0.0.1", ERP_ALLOWANCE)
