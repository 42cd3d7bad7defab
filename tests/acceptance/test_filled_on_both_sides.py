"""Two systems that both hold customers already: nothing is doubled until a person says so."""

from tests.acceptance.conftest import CUSTOMERS, Installation, json_lines
from tests.acceptance.outsider import Outsider


def test_customers_are_not_created_beside_accounts_that_nobody_coupled(installation: Installation) -> None:
    """The first run creates no account and says why; the second one does, because it was told to."""
    outsider = Outsider(installation)
    outsider.create("accounts", name="Möbelhaus von früher", customertypecode=3)
    ended = installation.interlace("full-synch", "start", "--json")
    lines = {line["mapping"]: line for line in json_lines(ended.stdout)}
    assert lines["CUSTOMER"]["recommendation"] == "Couple Records"
    assert (lines["CUSTOMER"]["inserted"], lines["CUSTOMER"]["skipped"]) == (0, CUSTOMERS + 1)
    assert lines["ITEM-PRODUCT"]["recommendation"] == "Full Synchronization"
    assert len(outsider.find("accounts", "statecode eq 0")) == 1
    shown = installation.interlace("full-synch", "status")
    assert "--recommend-full CUSTOMER" in shown.stderr
    ended = installation.interlace("full-synch", "start", "--recommend-full", "customer", "--json")
    lines = {line["mapping"]: line for line in json_lines(ended.stdout)}
    assert lines["CUSTOMER"]["recommendation"] == "Full Synchronization"
    assert lines["CUSTOMER"]["inserted"] > CUSTOMERS / 2
    assert installation.interlace("verify").returncode == 0
