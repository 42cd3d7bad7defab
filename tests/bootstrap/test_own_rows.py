"""Field rows of one's own: each part is checked by what both services tell, kept, or refused as nonsense."""

from typing import Any

import pytest

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_settings import with_changes
from interlace.bootstrap.own_references import referable, referring_to, with_references
from interlace.bootstrap.own_row_checks import check_row
from interlace.bootstrap.own_row_values import CheckedRow
from interlace.bootstrap.own_rows import EnteredRow, entered_row, own_row
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.table_field import FieldChoice, TableField
from interlace.domain.transformation_rule import Choose, Truncate, UpperCase, apply_rules
from interlace.lead_to_cash.contact_and_contact import CONTACT_MAPPING
from interlace.lead_to_cash.customer_and_account import CUSTOMER_MAPPING
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING

TO, FROM = Direction.TO_INTEGRATION_TABLE.value, Direction.FROM_INTEGRATION_TABLE.value


def fields(*told: TableField) -> dict[str, TableField]:
    """Return fields by name."""
    return {each.name: each for each in told}


def text(name: str, length: int = 0, **more: Any) -> TableField:
    """Return a field of text."""
    return TableField(name=name, kind="text", length=length, **more)


SIZES = (FieldChoice(value=1, label="Small"), FieldChoice(value=2, label="Large"))
GROUPS = (
    FieldChoice(value="RETAIL", label="Retail"),
    FieldChoice(value="WHOLE_x0020_SALE", label="Whole Sale"),
)
ERP = fields(
    text("No", 20, is_read_only=True, is_key=True),
    text("Name", 100),
    text("Name_2", 50),
    text("Phone_No", 30),
    text("Group", choices=GROUPS),
    TableField(name="Rank", kind="whole number"),
    TableField(name="Limit", kind="decimal"),
    TableField(name="Since", kind="date"),
    TableField(name="Computed", kind="virtual", is_read_only=True),
)
CRM = fields(
    TableField(name="accountid", kind="guid", is_read_only=True, is_key=True),
    text("sic", 20),
    text("name", 160),
    text("telephone1", 50),
    text("nickname", 200, caption="Short Name"),
    text("composite", is_read_only=True),
    text("ilc_erpkey", 250),
    TableField(name="sizecode", kind="whole number", choices=SIZES),
    TableField(name="revenue", kind="decimal"),
    TableField(name="foundedon", kind="moment"),
    TableField(name="territoryid", kind="lookup"),
)


def check(**parts: Any) -> CheckedRow:
    """Check a row of the mapping of customers."""
    return check_row(EnteredRow(**parts), CUSTOMER_MAPPING, CUSTOMER_MAPPING, ERP, CRM)


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({}, "erp_field"),
        ({"erp_field": "Nothing", "crm_field": "sic"}, "erp_field"),
        ({"erp_field": "Name_2"}, "crm_field"),
        ({"erp_field": "No", "crm_field": "sic"}, "erp_field"),
        ({"erp_field": "Computed", "crm_field": "sic"}, "erp_field"),
        ({"erp_field": "Name_2", "crm_field": "composite"}, "crm_field"),
        ({"erp_field": "Name_2", "crm_field": "ilc_erpkey"}, "crm_field"),
        ({"erp_field": "Name_2", "crm_field": "territoryid"}, "crm_field"),
        ({"erp_field": "Name_2", "crm_field": "telephone1", "direction": TO}, "crm_field"),
        ({"erp_field": "Phone_No", "crm_field": "sic", "direction": FROM}, "erp_field"),
        ({"erp_field": "Name", "crm_field": "name"}, "crm_field"),
        ({"erp_field": "Name_2", "crm_field": "sic", "direction": "Sideways"}, "direction"),
        ({"erp_field": "Name_2", "crm_field": "sic", "constant": "A"}, "constant"),
        ({"erp_field": "Name_2", "crm_field": "revenue"}, "transformation"),
        ({"erp_field": "Name_2", "crm_field": "sizecode"}, "transformation"),
        ({"erp_field": "Name_2", "crm_field": "sic", "transformation": "upper case"}, "transformation"),
        ({"erp_field": "Name_2", "crm_field": "sic", "transformation": "backwards"}, "transformation"),
        (
            {"erp_field": "Limit", "crm_field": "revenue", "transformation": "cut", "direction": TO},
            "transformation",
        ),
        (
            {
                "erp_field": "Name_2",
                "crm_field": "sic",
                "transformation": "cut",
                "argument": "21",
                "direction": TO,
            },
            "argument",
        ),
        (
            {"erp_field": "Limit", "crm_field": "revenue", "transformation": "round", "direction": TO},
            "argument",
        ),
        ({"erp_field": "Group", "crm_field": "sizecode", "transformation": "values"}, "argument"),
        (
            {"erp_field": "Group", "crm_field": "sizecode", "transformation": "values", "argument": "RETAIL"},
            "argument",
        ),
        (
            {
                "erp_field": "Group",
                "crm_field": "sizecode",
                "transformation": "values",
                "argument": "Retail=Tiny",
            },
            "argument",
        ),
        (
            {
                "erp_field": "Group",
                "crm_field": "sizecode",
                "transformation": "values",
                "argument": "Retail=Small|Whole Sale=Small",
            },
            "argument",
        ),
        ({"crm_field": "sizecode", "constant": "Tiny"}, "constant"),
        ({"crm_field": "sic", "constant": "A" * 21}, "constant"),
        ({"crm_field": "revenue", "constant": "much"}, "constant"),
        ({"crm_field": "sic", "constant": "A", "direction": FROM}, "direction"),
        ({"crm_field": "sic", "constant": "A", "transformation": "cut"}, "transformation"),
    ],
)
def test_what_would_not_do_is_told_at_its_part(parts: dict[str, str], wrong: str) -> None:
    """Unknown, read-only, ours, of another kind, too long, no choice, mapped already, or of no direction."""
    checked = check(**parts)
    assert next(iter(checked.problems)) == wrong
    assert checked.stored == {}


@pytest.mark.parametrize(
    ("parts", "erp", "crm"),
    [
        ({"erp_field": "name_2", "crm_field": "Short Name"}, "As it is", "As it is"),
        ({"erp_field": "No", "crm_field": "sic", "direction": TO}, "C1", "C1"),
        (
            {"erp_field": "Name_2", "crm_field": "sic", "direction": TO, "transformation": "upper case"},
            "aß",
            "ASS",
        ),
        (
            {
                "erp_field": "Name_2",
                "crm_field": "sic",
                "direction": TO,
                "transformation": "cut",
                "argument": "2",
            },
            "abc",
            "ab",
        ),
        (
            {
                "erp_field": "Since",
                "crm_field": "foundedon",
                "direction": TO,
                "transformation": "start of day",
            },
            "2026-01-31",
            "2026-01-31T00:00:00Z",
        ),
        (
            {
                "erp_field": "Group",
                "crm_field": "sizecode",
                "transformation": "values",
                "argument": "retail=small|whole sale=2",
            },
            "WHOLE_x0020_SALE",
            2,
        ),
        (
            {
                "erp_field": "Name_2",
                "crm_field": "sizecode",
                "transformation": "values",
                "argument": "A=1|*=Large",
                "direction": TO,
            },
            "anything",
            2,
        ),
        ({"crm_field": "sizecode", "constant": "large"}, "C1", 2),
    ],
)
def test_a_row_that_would_do_is_kept_as_it_was_meant(parts: dict[str, str], erp: Any, crm: Any) -> None:
    """Fields go by name or caption, choices by number or label; shown again it makes the same row."""
    checked = check(**parts)
    assert checked.problems == {}
    row = own_row(checked.stored)
    value = erp
    for rule in row.to_rules:
        value = rule.apply(value)
    assert value == crm
    again = check_row(entered_row(checked.stored), CUSTOMER_MAPPING, CUSTOMER_MAPPING, ERP, CRM)
    assert again.stored == checked.stored
    assert with_changes(CUSTOMER_MAPPING, {"own_fields": [checked.stored]}).fields[-1] == row


def test_a_value_that_may_be_too_long_is_only_warned_of() -> None:
    """The longer side's records may all be short; one that is cut needs no warning."""
    assert len(check(erp_field="Name_2", crm_field="sic").warnings) == 1
    assert check(erp_field="Name_2", crm_field="nickname", direction=TO).warnings == []
    cut = {
        "erp_field": "Name_2",
        "crm_field": "sic",
        "direction": TO,
        "transformation": "cut",
        "argument": "20",
    }
    assert check(**cut).warnings == []


def test_both_ways_a_list_of_values_is_turned_round() -> None:
    """What goes there as a number comes back as the text."""
    stored = check(
        erp_field="Group", crm_field="sizecode", transformation="values", argument="Retail=Small"
    ).stored
    row = own_row(stored)
    assert (row.to_rules, row.from_rules) == (
        (Choose(pairs=(("RETAIL", 1),)),),
        (Choose(pairs=((1, "RETAIL"),)),),
    )


STORED: dict[str, Any] = {
    "erp_field": "Name_2",
    "erp_kind": "text",
    "crm_field": "sic",
    "crm_kind": "text",
    "direction": TO,
}


@pytest.mark.parametrize(
    "rows",
    [
        "Name_2>sic",
        [{**STORED, "direction": "Sideways"}],
        [{**STORED, "colour": "blue"}],
        [{**STORED, "erp_field": 7}],
        [{**STORED, "crm_field": None}],
        [{**STORED, "transformation": "cut"}],
        [{**STORED, "transformation": "cut", "argument": True}],
        [{**STORED, "transformation": "upper case", "direction": "Bidirectional"}],
        [{**STORED, "transformation": "values", "pairs": [["A"]]}],
        [{**STORED, "crm_field": "telephone1"}],
        [{**STORED, "erp_field": "Name", "crm_field": "name"}],
        [STORED, STORED],
        [{**STORED, "crm_field": f"column{number}"} for number in range(101)],
    ],
)
def test_settings_that_make_no_sense_are_refused(rows: object) -> None:
    """An import that somebody wrote himself is looked at as closely."""
    with pytest.raises(ConnectionProblem, match="own_fields"):
        with_changes(CUSTOMER_MAPPING, {"own_fields": rows})


def test_a_row_frees_and_takes_what_others_write() -> None:
    """A disabled row gives its field to another one, and stays disabled as long as that stands; orders take none."""
    own = {**STORED, "crm_field": "fax"}
    changed = with_changes(CUSTOMER_MAPPING, {"own_fields": [own], "disabled_fields": ["Fax_No>fax"]})
    assert [row.row_id for row in changed.fields if row.crm_field == "fax"] == ["Name_2>fax"]
    with pytest.raises(ConnectionProblem):
        with_changes(CUSTOMER_MAPPING, {"own_fields": [own]})
    with pytest.raises(ConnectionProblem):
        with_changes(CUSTOMER_MAPPING, {"own_fields": [STORED], "disabled_fields": ["Name_2>sic"]})
    with pytest.raises(ConnectionProblem):
        with_changes(SALESORDER_ORDER_MAPPING, {"own_fields": [STORED]})


def test_a_row_has_its_own_answer_to_a_conflict_and_follows_the_mappings_direction() -> None:
    """In a mapping that goes one way a two-way row goes that way, too."""
    both = {**STORED, "direction": "Bidirectional"}
    changes = {"own_fields": [both], "field_conflict_resolution": {"Name_2>sic": "Newest"}, "direction": TO}
    row = with_changes(CUSTOMER_MAPPING, changes).fields[-1]
    assert (row.direction, row.conflict_resolution is not None) == (Direction.TO_INTEGRATION_TABLE, True)


def test_what_a_transformation_does_is_the_engines_own_rule() -> None:
    """Nothing is made up beside it."""
    assert own_row({**STORED, "transformation": "upper case"}).to_rules == (UpperCase(),)
    assert own_row({**STORED, "transformation": "cut", "argument": 5}).to_rules == (Truncate(length=5),)


IN_USE = fields(
    TableField(
        name="Format",
        kind="text",
        choices=(FieldChoice(value="Post_x0020_Code_x002B_City", label="Post Code+City"),),
        takes_others=True,
    )
)


@pytest.mark.parametrize(
    "written", ["Post Code+City", "post code+city", "Post_x0020_Code_x002B_City", " Post Code+City "]
)
def test_an_option_is_kept_as_its_page_sends_it(written: str) -> None:
    """However it is written; shown again it reads as people write it."""
    row = EnteredRow(
        erp_field="Format", crm_field="sizecode", transformation="values", argument=f"{written}=Small"
    )
    checked = check_row(row, CUSTOMER_MAPPING, CUSTOMER_MAPPING, IN_USE, CRM)
    assert (checked.problems, checked.warnings) == ({}, [])
    assert checked.stored["pairs"] == [["Post_x0020_Code_x002B_City", 1]]
    assert entered_row(checked.stored).argument == "Post Code+City=1"


def test_an_option_travels_to_a_text_as_people_read_it() -> None:
    """And back as its page takes it: the blank one has a name there. A row that was kept before is as it was."""
    row = EnteredRow(erp_field="Format", crm_field="sic")
    checked = check_row(row, CUSTOMER_MAPPING, CUSTOMER_MAPPING, IN_USE, CRM)
    assert checked.problems == {}
    kept = own_row(checked.stored)
    for wire, read in (
        ("Post_x0020_Code_x002B_City", "Post Code+City"),
        ("Custom", "Custom"),
        ("_x0020_", ""),
    ):
        assert apply_rules(kept.to_rules, wire) == read
        assert apply_rules(kept.from_rules, read) == wire
    assert apply_rules(kept.from_rules, None) == "_x0020_"
    assert own_row({**checked.stored, "direction": TO}).from_rules == ()
    assert entered_row(checked.stored).transformation == ""
    earlier = {part: value for part, value in checked.stored.items() if part != "is_option"}
    assert own_row(earlier).to_rules == own_row(earlier).from_rules == ()


def test_an_option_that_no_record_holds_is_warned_of() -> None:
    """It may be one of the list all the same, so it is kept as the page would send it; what is in use is told."""
    row = EnteredRow(
        erp_field="Format", crm_field="sizecode", transformation="values", argument="Town, first=Small"
    )
    checked = check_row(row, CUSTOMER_MAPPING, CUSTOMER_MAPPING, IN_USE, CRM)
    assert checked.stored["pairs"] == [["Town_x002C__x0020_first", 1]]
    [warned] = checked.warnings
    assert "holds Town, first in Format now" in warned
    assert warned.endswith("In use: Post Code+City.")


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ({}, ""),
        ({"argument": "contact "}, ""),
        ({"argument": ""}, "argument"),
        ({"argument": "ITEM-PRODUCT"}, "argument"),
        ({"argument": "NOWHERE"}, "argument"),
        ({"erp_field": "Rank"}, "erp_field"),
        ({"crm_field": "sic"}, "crm_field"),
        ({"crm_field": "sizecode"}, "crm_field"),
        ({"transformation": "upper case"}, "crm_field"),
    ],
)
def test_a_reference_names_the_mapping_of_what_the_lookup_points_at(
    parts: dict[str, str], wrong: str
) -> None:
    """From a code to a lookup, through a mapping that couples records which the lookup may point at."""
    row: dict[str, Any] = {"erp_field": "Name_2", "crm_field": "friendid", "transformation": "reference"}
    crm = {**CRM, **fields(TableField(name="friendid", kind="lookup", targets=("contact",)))}
    known = {"CONTACT": "contact", "ITEM-PRODUCT": "product"}
    entered = EnteredRow(**{"argument": "CONTACT", **row, **parts})
    checked = check_row(entered, CUSTOMER_MAPPING, CUSTOMER_MAPPING, ERP, crm, known)
    assert list(checked.problems) == ([wrong] if wrong else [])
    if not wrong:
        reference = own_row(checked.stored).reference
        assert reference is not None
        assert (reference.mapping, reference.target_table) == ("CONTACT", "contact")
        assert entered_row(checked.stored).argument == "CONTACT"


def test_a_reference_can_lead_to_salespeople_and_to_no_option_set() -> None:
    """Users and salespeople are known by their e-mail address; an option set has numbers of one column."""
    mappings = {each.name: each for each in DEFAULT_MAPPINGS}
    known = referable(mappings, {each.name: each.key for each in PUBLISHED_TABLES}, frozenset())
    assert known["SALESPEOPLE"] == "systemuser"
    assert known.keys().isdisjoint(each.name for each in DEFAULT_MAPPINGS if each.choice_column is not None)
    row = EnteredRow(
        erp_field="Name_2", crm_field="sizecode", transformation="reference", argument="PAYMENT TERMS"
    )
    refused = check_row(row, CUSTOMER_MAPPING, CUSTOMER_MAPPING, ERP, CRM, known)
    assert "Take the transformation “Value list”" in refused.problems["crm_field"]


def _referring(mapping: str, table: str) -> dict[str, object]:
    """Return settings with a row that refers to records of a mapping."""
    row = {"erp_field": "Other", "erp_kind": "text", "crm_field": "otherid", "crm_kind": "lookup"}
    more = {"direction": TO, "transformation": "reference", "argument": mapping, "target_table": table}
    return {"own_fields": [{**row, **more}]}


def test_a_mapping_runs_after_those_that_it_refers_to() -> None:
    """A reference to one that runs later is blank until it can be filled, so that no circle comes of it."""
    customer, contact = CUSTOMER_MAPPING.name, CONTACT_MAPPING.name
    changes: dict[str, dict[str, object]] = {
        customer: _referring(contact, "contact"),
        contact: _referring(customer, "account"),
    }
    defaults = {each.name: each for each in (CUSTOMER_MAPPING, CONTACT_MAPPING)}
    changed = {name: with_changes(each, changes[name]) for name, each in defaults.items()}
    found = with_references(changed, changes)
    own = {name: each.fields[-1] for name, each in found.items()}
    assert own[customer].clear_value_on_failed_sync
    assert found[customer].depends_on == CUSTOMER_MAPPING.depends_on
    assert not own[contact].clear_value_on_failed_sync
    assert customer in found[contact].depends_on
    assert [row for each in found.values() for row in each.fields[:-1]] == [
        row for each in defaults.values() for row in each.fields
    ]
    assert referring_to(found, changes, contact) == [(customer, "Other>otherid")]


def test_a_reference_to_no_mapping_is_refused() -> None:
    """Such as one of settings that were carried over from elsewhere."""
    changes = {"CUSTOMER": _referring("NOWHERE", "contact")}
    mappings = {CUSTOMER_MAPPING.name: with_changes(CUSTOMER_MAPPING, changes["CUSTOMER"])}
    with pytest.raises(ConnectionProblem, match="refers to a mapping that is not there"):
        with_references(mappings, changes)
