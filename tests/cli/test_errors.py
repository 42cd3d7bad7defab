"""`interlace errors`: the list, its causes, one record explained, and letting records take part again."""

import re

import pytest
from tests.cli.both_ends import Interlace


def test_errors_name_record_reason_and_what_they_wait_for(synchronized: Interlace) -> None:
    """Open errors end with the exit code for what remains."""
    ended = synchronized("errors", "--json")
    assert ended.code == 3
    (waiting,) = [
        each for each in ended.objects if each["mapping"] == "CUSTOMER" and each["record"] == "C00030"
    ]
    assert (waiting["code"], waiting["class"]) == ("IL-101", "dependency")
    assert waiting["waits_for"] == "SALESPEOPLE HV"
    assert waiting["state"] == "waiting"
    assert "C00030 (" in waiting["message"]


def test_the_list_ends_with_its_causes(synchronized: Interlace) -> None:
    """One salesperson that isn't coupled is one card, with the number of records that wait for it."""
    ended = synchronized("errors", "--limit", "1")
    assert ended.code == 3
    lines = ended.out.splitlines()
    place = next(n for n, line in enumerate(lines) if line.strip() == "SALESPEOPLE HV is not coupled.")
    # His customers' documents and statistics wait, too; how many there are is the demo company's business.
    assert re.match(r"\d+ records  IL-101  .*\bCUSTOMER 3, .*CONTACT 2\b", lines[place - 1])
    assert lines[place + 1].strip() == "interlace couplings add SALESPEOPLE HV CRM_KEY"
    assert "1 of " in ended.err


def test_the_list_can_be_narrowed(synchronized: Interlace) -> None:
    """By mapping, as an argument or an option, by code, and to what the next run passes over."""
    for arguments in (["ITEM-PRODUCT"], ["list", "ITEM-PRODUCT"], ["list", "--mapping", "ITEM-PRODUCT"]):
        found = synchronized("errors", *arguments, "--json")
        assert {each["mapping"] for each in found.objects} == {"ITEM-PRODUCT"}
    assert synchronized("errors", "CURRENCY").code == 0
    found = synchronized("errors", "list", "--code", "il-301", "--json")
    assert {each["code"] for each in found.objects} == {"IL-301"}
    skipped = synchronized("errors", "list", "--skipped", "--json").objects
    assert {each["state"] for each in skipped} == {"skipped"}
    assert all(each["next_try"] > each["at"] for each in skipped)


def test_an_unknown_code_is_told_with_those_that_exist(synchronized: Interlace) -> None:
    """A mistyped code is no empty list."""
    ended = synchronized("errors", "list", "--code", "IL-1")
    assert ended.code == 4
    assert "IL-101" in ended.err


def test_the_causes_account_for_every_error(synchronized: Interlace) -> None:
    """Their numbers add up to the list, and each names its records."""
    causes = synchronized("errors", "causes", "--json").objects
    errors = synchronized("errors", "--json").objects
    assert sum(cause["count"] for cause in causes) == len(errors)
    assert [cause["count"] for cause in causes] == sorted((c["count"] for c in causes), reverse=True)
    for cause in causes:
        found = synchronized("errors", "list", "--cause", cause["cause"], "--json").objects
        assert len(found) == cause["count"] == sum(cause["mappings"].values())
        assert cause["remedy"].startswith("interlace ")


def test_a_cause_names_the_command_that_helps(synchronized: Interlace) -> None:
    """With the key that is to be coupled already in it; further causes are counted."""
    ended = synchronized("errors", "causes", "--limit", "1")
    assert ended.code == 3
    assert "interlace couplings add SALESPEOPLE HV CRM_KEY" in ended.out
    assert "--limit shows more" in ended.err
    assert "There are no errors" in synchronized("errors", "causes", "CURRENCY").err


def test_one_record_is_explained_with_what_it_waits_for(synchronized: Interlace) -> None:
    """The command that helps couples what is missing."""
    asked = ("errors", "show", "C00030", "--mapping", "CUSTOMER")
    shown = synchronized(*asked, "--json").only
    assert shown["waits_in_the_end_for"] == "SALESPEOPLE HV"
    assert shown["remedy"] == "interlace couplings add SALESPEOPLE HV CRM_KEY"
    told = synchronized(*asked).out
    assert "a reference is not coupled (IL-101)" in told
    assert "Tried again" in told


def test_a_record_that_waits_for_a_failed_one_leads_to_it(synchronized: Interlace) -> None:
    """A contact waits for its customer, and the customer was refused: that is where to go on."""
    waiting = synchronized("errors", "CONTACT", "--code", "IL-101", "--json").objects
    (key,) = [each["record"] for each in waiting if each["waits_for"] == "CUSTOMER C00290"]
    told = synchronized("errors", "show", key).out
    assert "CUSTOMER C00290, which failed itself (IL-301)" in told
    assert "interlace errors show C00290 --mapping CUSTOMER" in told


def test_a_record_without_an_error_is_told(synchronized: Interlace) -> None:
    """With what to look at instead."""
    for command in ("show", "retry"):
        ended = synchronized("errors", command, "C99999")
        assert ended.code == 4
        assert "interlace couplings show C99999" in ended.err


@pytest.mark.parametrize("by", ["key", "mapping", "cause", "all"])
def test_skipped_records_take_part_again_by_hand(synchronized: Interlace, by: str) -> None:
    """One, those of a mapping or a cause, or all."""
    before = synchronized("errors", "list", "--skipped", "--json").objects
    one = next(each for each in before if each["mapping"] == "ITEM-PRODUCT")
    causes = synchronized("errors", "causes", "ITEM-PRODUCT", "--json").objects
    arguments = {
        "key": [one["record"], "--mapping", "ITEM-PRODUCT"],
        "mapping": ["--mapping", "ITEM-PRODUCT"],
        "cause": ["--cause", causes[0]["cause"]],
        "all": ["--all"],
    }[by]
    assert synchronized("errors", "retry", *arguments, "--json").only["retried"] >= 1
    left = synchronized("errors", "list", "--skipped", "--json").objects
    assert len(left) == (0 if by == "all" else len(before) - 1)


def test_retry_asks_which_records(synchronized: Interlace) -> None:
    """Nothing is guessed."""
    ended = synchronized("errors", "retry")
    assert ended.code == 4
    assert "--all" in ended.err
