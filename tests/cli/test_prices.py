"""`interlace prices`."""

from tests.cli.both_ends import Interlace


def test_prices_that_the_crm_lacks_are_listed_with_their_reason(synchronized: Interlace) -> None:
    """Programs get one object a price; people also read how many are there."""
    ended = synchronized("prices", "exclusions", "--json")
    assert ended.code == 0
    reasons = {each["because"] for each in ended.objects}
    assert reasons == {"filter", "error"}
    assert all(each["reason"] for each in ended.objects)
    shown = synchronized("prices", "exclusions")
    assert "minimum quantity" in shown.out
    counted = shown.err.splitlines()[-1]
    listed = [each for each in ended.objects if each["mapping"] == "SALESPRC-PRODPRICE"]
    assert counted.startswith("SALESPRC-PRODPRICE: ")
    assert f"{len(listed)} are listed" in counted


def test_a_connection_that_is_not_enabled_is_told(connected: Interlace) -> None:
    """Nothing can be said of prices before both ends are known."""
    ended = connected("prices", "exclusions")
    assert (ended.code, ended.out) == (4, "")
    assert "enable" in ended.err
