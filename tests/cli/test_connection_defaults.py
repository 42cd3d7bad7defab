"""`interlace connection use-defaults`: what is not the default is shown, and taken back with consent only."""

from tests.cli.both_ends import NAME, Interlace


def test_what_was_changed_is_shown_and_taken_back(connected: Interlace) -> None:
    """A dry run changes nothing; without a terminal nothing is taken back unless somebody said so."""
    assert connected("connection", "use-defaults", "--json").objects == []
    assert connected("mappings", "set", "CONTACT", "direction=ToIntegrationTable").code == 0
    shown = connected("connection", "use-defaults", NAME, "--dry-run", "--json")
    assert shown.code == 0, shown.err
    [row] = shown.objects
    assert (row["mapping"], row["setting"], row["now"]) == ("CONTACT", "direction", "ToIntegrationTable")
    assert connected("connection", "use-defaults").code != 0
    assert connected("connection", "use-defaults", "--mapping", "CUSTOMER", "--yes").code == 4
    ended = connected("connection", "use-defaults", "--mapping", "contact", "--yes")
    assert (ended.code, "CONTACT" in ended.err) == (0, True)
    assert connected("connection", "use-defaults", "--json").objects == []
