"""Whoever gets an error finds one cause with its remedy, and everything else follows by itself."""

from tests.acceptance.conftest import Installation, json_lines
from tests.acceptance.outsider import Outsider

MOVED = [f"C{number:05}" for number in range(300, 380, 10)]


def test_one_uncoupled_salesperson_is_one_card_and_its_remedy_wakes_all(installation: Installation) -> None:
    """Customers and their contacts wait for one salesperson; once that one is coupled, all are created."""
    outsider = Outsider(installation)
    for number in MOVED:
        outsider.change_customer(number, Salesperson_Code="HV")
    assert installation.interlace("full-synch", "start").returncode == 3
    causes = json_lines(installation.interlace("errors", "causes", "--json").stdout)
    (card,) = [each for each in causes if each["waits_for"] == "SALESPEOPLE HV"]
    assert card == causes[0]
    assert card["text"] == "SALESPEOPLE HV is not coupled."
    assert card["remedy"] == "interlace couplings add SALESPEOPLE HV CRM_KEY"
    waiting = json_lines(
        installation.interlace("errors", "list", "--cause", card["cause"], "--limit", "1000", "--json").stdout
    )
    assert len(waiting) == card["count"] == sum(card["mappings"].values())
    assert set(MOVED) <= {each["record"] for each in waiting if each["mapping"] == "CUSTOMER"}
    assert card["mappings"]["CONTACT"] > 0
    assert sum(each["count"] for each in causes) == len(
        json_lines(installation.interlace("errors", "--limit", "1000", "--json").stdout)
    )

    (user,) = outsider.find("systemusers", "fullname eq 'System Administrator'")
    coupled = installation.interlace("couplings", "add", "SALESPEOPLE", "HV", user["systemuserid"])
    assert coupled.returncode == 0, coupled.stderr
    installation.interlace("synch")
    for number in MOVED:
        assert outsider.account_of(number)["_ownerid_value"] == user["systemuserid"]
    left = json_lines(installation.interlace("errors", "causes", "--json").stdout)
    assert [each for each in left if each["waits_for"] == "SALESPEOPLE HV"] == []
