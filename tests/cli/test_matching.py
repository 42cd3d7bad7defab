"""`interlace couplings criteria` and `match --dry-run`: chosen, told, refused in words, and nothing is written."""

from tests.cli.both_ends import Interlace

from interlace.cli.exit_codes import ExitCode


def test_criteria_are_chosen_shown_and_tried(synchronized: Interlace) -> None:
    """They come along with the settings of the mapping; a dry run names each uncoupled record with its result."""
    criteria = ("couplings", "criteria", "CUSTOMER")
    assert "There are no criteria." in synchronized(*criteria).err
    untried = synchronized("couplings", "match", "CUSTOMER", "--dry-run")
    assert untried.code == ExitCode.CONFIGURATION
    assert "CUSTOMER has no criteria." in untried.err
    kept = synchronized(*criteria, "e_mail=emailaddress1:1", "Name=name:2:exact", "--create-new", "--json")
    assert [tuple(each.values()) for each in kept.objects] == [
        ("E_Mail", "emailaddress1", False, 1),
        ("Name", "name", True, 2),
    ]
    assert "match_based_coupling" in synchronized("mappings", "export").out
    tried = synchronized("couplings", "match", "CUSTOMER", "--dry-run", "--json")
    assert tried.code == ExitCode.OK
    assert {each["result"] for each in tried.objects} <= {"couple", "ambiguous", "no match"}
    assert "Nothing was written." in tried.err
    assert synchronized(*criteria, "--no-create-new", "--json").objects == kept.objects
    synchronized(*criteria, "--clear")
    assert "match_based_coupling" not in synchronized("mappings", "export").out


def test_what_makes_no_sense_is_refused_in_words(synchronized: Interlace) -> None:
    """Unknown fields, references, kinds that can't be equal, and no criterion at all."""
    for text, told in (
        ("Nothing=name", "The table Customer has no field Nothing."),
        ("Name=ownerid", "ownerid points at other records, and can't be matched by."),
        ("Name=revenue", "Name and revenue hold different kinds of values."),
        ("Name=name:first", "Write it like 1."),
        ("Name", "is no criterion. Write FIELD=COLUMN"),
    ):
        ended = synchronized("couplings", "criteria", "CUSTOMER", text)
        assert ended.code == ExitCode.CONFIGURATION
        assert told in ended.err
    orders = synchronized("couplings", "criteria", "SALESORDER-ORDER", "No=name")
    assert "are not matched by criteria" in orders.err
