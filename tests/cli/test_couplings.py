"""`interlace couplings`: counted, paged, shown with what was agreed, made and removed by hand."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, Interlace, started
from tests.cli.two_services import PARTIES

UNKNOWN_ID = "11111111-2222-3333-4444-555555555555"


def crm_key_of(interlace: Interlace, erp_key: str) -> str:
    """The CRM record that a customer is coupled with."""
    return str(interlace("couplings", "show", erp_key, "--mapping", "CUSTOMER", "--json").only["crm_key"])


def test_couplings_are_counted_by_mapping(synchronized: Interlace) -> None:
    """Mappings without couplings are listed, too."""
    counts = {
        each["mapping"]: each["couplings"] for each in synchronized("couplings", "list", "--json").objects
    }
    assert counts["CUSTOMER"] == 35
    assert len(counts) == len(synchronized("mappings", "list", "--json").objects)


@pytest.mark.parametrize("mapping", ["CUSTOMER", "CUSTPRCGRP-PRICE"])
def test_pages_follow_one_another_without_gap(synchronized: Interlace, mapping: str) -> None:
    """The next page begins after the key that the page before ended with."""
    whole = synchronized("couplings", "list", mapping, "--limit", "1000", "--json").objects
    keys: list[str] = []
    while True:
        after = ["--after", keys[-1]] if keys else []
        page = synchronized("couplings", "list", mapping, "--limit", "4", *after, "--json").objects
        if not page:
            break
        keys += [each["erp_key"] for each in page]
    assert keys == [each["erp_key"] for each in whole]


def test_composite_keys_can_be_typed_as_they_are_shown(synchronized: Interlace) -> None:
    """A page may begin after one, and a coupling is found by it."""
    page = synchronized("couplings", "list", "SALESPRC-PRODPRICE", "--limit", "3", "--json").objects
    second = page[1]["erp_key"]
    after = synchronized(
        "couplings", "list", "SALESPRC-PRODPRICE", "--after", second, "--limit", "1", "--json"
    )
    assert after.only == page[2]
    shown = synchronized("couplings", "show", second, "--json").only
    assert shown["crm_key"] == page[1]["crm_key"]


def test_a_coupling_is_shown_from_either_side_with_agreed_values(synchronized: Interlace) -> None:
    """What both sides last held stands field by field."""
    both = synchronized("couplings", "show", "c00010", "--json").objects
    assert [each["mapping"] for each in both] == ["CUSTOMER", "STATISTICS"]
    shown = synchronized("couplings", "show", "c00010", "--mapping", "customer", "--json").only
    assert shown == both[0]
    assert (shown["mapping"], shown["erp_key"]) == ("CUSTOMER", "C00010")
    assert shown["erp_tag"]
    assert shown["crm_tag"]
    agreed = {row["erp_field"]: (row["erp_value"], row["crm_value"]) for row in shown["agreed"]}
    assert agreed["Name"][0] == agreed["Name"][1] == "Möbelhaus Brandt Berlin"
    from_crm = synchronized("couplings", "show", shown["crm_key"].upper(), "--json").only
    assert from_crm == shown


def test_a_record_without_coupling_is_told_with_where_to_look(synchronized: Interlace) -> None:
    """The error list may know why."""
    ended = synchronized("couplings", "show", "C00030")
    assert ended.code == 4
    assert "interlace errors" in ended.err


def test_removed_and_added_again_by_hand(synchronized: Interlace) -> None:
    """Both acts are jobs with their counts; a hand-made coupling has no agreed values until the next run."""
    crm_key = crm_key_of(synchronized, "C00010")
    removed = synchronized("couplings", "remove", "CUSTOMER", "C00010", "--yes", "--json")
    assert removed.only == {"mapping": "CUSTOMER", "removed": 1}
    assert synchronized("couplings", "show", "C00010", "--mapping", "CUSTOMER").code == 4
    added = synchronized("couplings", "add", "CUSTOMER", "C00010", crm_key.upper(), "--json")
    assert added.only == {"mapping": "CUSTOMER", "erp_key": "C00010", "crm_key": crm_key}
    assert synchronized("couplings", "show", "C00010", "--mapping", "CUSTOMER", "--json").only["agreed"] == []
    jobs = synchronized("jobs", "CUSTOMER", "--limit", "2", "--json").objects
    assert [(each["type"], each["coupled"], each["uncoupled"]) for each in jobs] == [
        ("Coupling", 1, 0),
        ("Uncoupling", 0, 1),
    ]
    assert "Uncoupling" in synchronized("jobs").out


def test_the_next_run_compares_a_hand_made_coupling(synchronized: Interlace) -> None:
    """Equal records are agreed on without a write."""
    crm_key = crm_key_of(synchronized, "C00010")
    synchronized("couplings", "remove", "CUSTOMER", "C00010", "--yes")
    synchronized("couplings", "add", "CUSTOMER", "C00010", crm_key)
    jobs = synchronized("synch", "CUSTOMER", "--full", "--json").objects
    assert [(each["inserted"], each["modified"]) for each in jobs] == [(0, 0), (0, 0)]
    assert synchronized("couplings", "show", "C00010", "--mapping", "CUSTOMER", "--json").only["agreed"] != []


def test_both_records_must_exist(synchronized: Interlace) -> None:
    """The side and the record that is missing are named; nothing is coupled."""
    crm_key = crm_key_of(synchronized, "C00010")
    no_erp = synchronized("couplings", "add", "CUSTOMER", "C99999", crm_key)
    assert no_erp.code == 4
    assert "The ERP's table Customer has no record C99999" in no_erp.err
    no_crm = synchronized("couplings", "add", "CUSTOMER", "C00030", UNKNOWN_ID)
    assert no_crm.code == 4
    assert f"The CRM's table account has no record {UNKNOWN_ID}" in no_crm.err
    assert synchronized("couplings", "show", "C00030").code == 4


def test_no_record_gets_two_partners(synchronized: Interlace) -> None:
    """A coupled record is refused with the partner that it has."""
    crm_key = crm_key_of(synchronized, "C00010")
    ended = synchronized("couplings", "add", "CUSTOMER", "C00030", crm_key)
    assert ended.code == 4
    assert f"{crm_key} is already coupled with the ERP record C00010" in ended.err
    assert synchronized("couplings", "show", "C00030").code == 4


@pytest.mark.parametrize(
    ("mapping", "erp_key", "crm_key", "words"),
    [
        ("CUSTOMER", "C00030", "no-id", "Give the id (GUID) of a record"),
        ("PAYMENT TERMS", "COD", UNKNOWN_ID, "Give the number of a choice"),
        ("SALESPRC-PRODPRICE", "1000", UNKNOWN_ID, "it needs 8 parts"),
    ],
)
def test_a_key_of_the_wrong_form_is_refused(
    synchronized: Interlace, mapping: str, erp_key: str, crm_key: str, words: str
) -> None:
    """The text says how the key should look."""
    ended = synchronized("couplings", "add", mapping, erp_key, crm_key)
    assert ended.code == 4
    assert words in ended.err


def test_a_choice_can_be_coupled_by_hand(synchronized: Interlace) -> None:
    """Codes that became choices are coupled by the choice's number."""
    row = synchronized("couplings", "list", "PAYMENT TERMS", "--limit", "1", "--json").only
    synchronized("couplings", "remove", "PAYMENT TERMS", row["erp_key"], "--yes")
    added = synchronized("couplings", "add", "PAYMENT TERMS", row["erp_key"], row["crm_key"])
    assert added.code == 0


def test_a_key_that_is_not_coupled_removes_nothing(synchronized: Interlace) -> None:
    """All or nothing: the mistyped key is named."""
    ended = synchronized("couplings", "remove", "CUSTOMER", "C00010", "C99999", "--yes")
    assert ended.code == 4
    assert "C99999" in ended.err
    assert synchronized("couplings", "show", "C00010").code == 0


def test_removing_needs_consent_where_nobody_can_answer(
    synchronized: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal and without --yes nothing is removed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    refused = synchronized("couplings", "remove", "CUSTOMER", "C00010")
    assert refused.code == 4
    assert "--yes" in refused.err
    assert synchronized("couplings", "show", "C00010").code == 0


@pytest.fixture
def parties(interlace: Interlace, tmp_path: Path) -> Iterator[Interlace]:
    """Customers of services of the test's own: what it couples otherwise, the shared ones would show all tests."""
    with started(tmp_path / "ends") as ends:
        assert interlace("connection", "add", NAME, *ends.options()).code == 0
        assert interlace("connection", "enable", NAME).code == 0
        assert interlace("synch", *PARTIES, "--full").code in {0, 3}
        yield interlace


def test_a_customer_is_coupled_with_another_account(parties: Interlace) -> None:
    """The account that was uncoupled no longer names the customer: another one takes its place, and runs go on."""
    other = crm_key_of(parties, "C00020")
    assert parties("couplings", "remove", "CUSTOMER", "C00010", "C00020", "--yes").code == 0
    assert parties("couplings", "add", "CUSTOMER", "C00010", other).code == 0
    parties("synch", "CUSTOMER")
    assert "0x80060892" not in parties("errors").out
    shown = parties("couplings", "show", "C00010", "--mapping", "CUSTOMER", "--json").only
    assert shown["crm_key"] == other
    agreed = {row["erp_field"]: (row["erp_value"], row["crm_value"]) for row in shown["agreed"]}
    assert agreed["Name"][0] == agreed["Name"][1] == "Möbelhaus Brandt Berlin"
