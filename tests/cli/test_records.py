"""`interlace records` and `interlace couplings match`: single records at the command line."""

from tests.cli.both_ends import Interlace


def test_records_are_listed_shown_and_compared(synchronized: Interlace) -> None:
    """A coupled customer stands in the list with its partner; both sides of the card are the same."""
    rows = synchronized("records", "list", "customer", "--view", "coupled", "--limit", "3", "--json").objects
    assert len(rows) == 3
    assert all(row["status"] == "coupled" and row["partner"] == row["caption"] for row in rows)
    number = rows[0]["number"]
    shown = synchronized("records", "show", "CUSTOMER", number, "--json").only
    assert shown["erp_key"] == number
    assert {field["state"] for field in shown["fields"]} == {"same"}
    compared = synchronized("records", "compare", "CUSTOMER", number, shown["crm_key"], "--json").only
    assert compared["erp_is_coupled_with"] == shown["crm_key"]


def test_coupled_records_are_synchronized_at_once(synchronized: Interlace) -> None:
    """Nothing has to be written, and the command says so."""
    number = synchronized("records", "list", "CUSTOMER", "--view", "coupled", "--limit", "1", "--json").only[
        "number"
    ]
    ended = synchronized("records", "synchronize", "CUSTOMER", number, "--way", "send")
    assert ended.code == 0
    assert "nothing had to be written" in ended.out + ended.err


def test_what_can_not_be_done_is_told(synchronized: Interlace) -> None:
    """With what is wrong and what to do, and without a traceback."""
    for arguments, told in (
        (("records", "show", "CUSTOMER", "NOBODY"), "There is no record NOBODY"),
        (("records", "list", "NOTHING"), "There is no mapping NOTHING"),
        (("records", "synchronize", "CUSTOMER", "NOBODY"), "Nothing is coupled of what was chosen"),
    ):
        ended = synchronized(*arguments)
        assert ended.code != 0
        assert told in ended.err


def test_match_rules_couple_at_a_word(synchronized: Interlace) -> None:
    """What a person uncoupled is found again by its number."""
    before = {row["mapping"]: row["couplings"] for row in synchronized("couplings", "list", "--json").objects}
    matched = synchronized("couplings", "match", "CURRENCY", "--json").only
    assert matched["mapping"] == "CURRENCY"
    assert matched["coupled"] >= 0
    after = {row["mapping"]: row["couplings"] for row in synchronized("couplings", "list", "--json").objects}
    assert after["CURRENCY"] == before["CURRENCY"] + matched["coupled"]
