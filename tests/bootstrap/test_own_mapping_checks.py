"""A mapping of one's own is checked part by part by what both services tell, before anything is kept."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.bootstrap.serving_ends import application_at

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.chores import NOTICES
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.default_setup import changed_from_default
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.own_mapping_keeping import (
    OWN_MAPPINGS_MAX,
    OwnMappingProblem,
    check_mapping,
    check_tables,
    keep_mapping,
    remove_mapping,
)
from interlace.bootstrap.own_mapping_offer import EnteredMapping, Offered
from interlace.bootstrap.own_mappings import OwnMapping
from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.domain.keys import MappingName
from interlace.domain.table_field import FieldChoice, TableField
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_names import SALESORDER_FROM_ERP

METHODS = PublishedTable(name="PaymentMethods", service="PaymentMethods", key=("Code",), search_field="Code")
PRICES = replace(METHODS, name="Sales_Price", service="SalesPrices", key=("Item_No", "Sales_Code"))
ENTRIES = replace(METHODS, name="Item_Ledger_Entry", service="ItemLedgerEntries", key=("Entry_No",))
CUSTOMERS = replace(METHODS, name="Customer", service="CustomerCard", key=("No",))
CODE = TableField(name="Code", kind="text", length=10, is_key=True, is_read_only=True)
COLUMNS = (
    TableField(name="new_code", kind="text", length=20, caption="Method Code"),
    TableField(name="new_short", kind="text", length=5),
    TableField(name="new_rank", kind="whole number"),
    TableField(name="new_word", kind="text", choices=(FieldChoice(value="A", label="A"),)),
    TableField(name="new_computed", kind="text", is_read_only=True),
    TableField(name="ilc_erpkey", kind="text", length=250),
    TableField(name="telephone1", kind="text", length=50),
)
WHOLE = EnteredMapping(
    name="payment method", erp_table="PaymentMethods", crm_table="new_method", crm_column="method code"
)
OFFERED = Offered(
    erp=(METHODS, PRICES, ENTRIES, CUSTOMERS),
    crm=("account", "new_method"),
    erp_table=METHODS,
    crm_table="new_method",
    crm_set="new_methods",
    crm_key="new_methodid",
    erp_fields={"Code": CODE},
    crm_fields={each.name: each for each in COLUMNS},
)
READ_ONLY = replace(OFFERED, why_not_to_erp="The page lets nobody write.")
ON_ACCOUNTS = replace(OFFERED, crm_table="account")


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An Interlace of which nobody asked anything yet."""
    with application_at(tmp_path / "state") as opened:
        yield opened


@pytest.fixture
def held(application: Application) -> Connection:
    """A connection whose services are never asked."""
    settings = ConnectionSettings(
        name="main",
        erp_address="https://erp.example.com/BC",
        erp_company="Nordlicht",
        erp_user="INTERLACE",
        crm_address="https://org.crm4.dynamics.com",
        crm_token_url="https://login.example.com/token",
        crm_client_id="client",
    )
    return application.add_connection(settings, {})


def problems(
    application: Application, held: Connection, entered: EnteredMapping, offered: Offered = OFFERED
) -> dict[str, str]:
    """Return what is wrong with a mapping."""
    with pytest.raises(OwnMappingProblem) as found:
        check_mapping(application, held, entered, offered)
    return found.value.problems


@pytest.mark.parametrize(
    ("entered", "offered", "part", "told"),
    [
        (
            replace(WHOLE, erp_table="PaymentMethod"),
            replace(OFFERED, erp_table=None, erp_fields={}),
            "erp_table",
            "no page service PaymentMethod. Was meant: PaymentMethods",
        ),
        (replace(WHOLE, erp_table=" "), replace(OFFERED, erp_table=None), "erp_table", "Choose a table"),
        (WHOLE, replace(OFFERED, erp_table=PRICES), "erp_table", "their key: Item_No, Sales_Code"),
        (
            WHOLE,
            replace(
                OFFERED,
                erp_table=ENTRIES,
                erp_fields={"Entry_No": TableField(name="Entry_No", kind="whole number")},
            ),
            "erp_table",
            "not told apart by one field of text (their key: Entry_No)",
        ),
        (
            replace(WHOLE, crm_table="new_methods"),
            replace(OFFERED, crm_table=""),
            "crm_table",
            "no table new_methods. Was meant: new_method?",
        ),
        (
            replace(WHOLE, crm_table="zzz"),
            replace(OFFERED, crm_table=""),
            "crm_table",
            "`interlace mappings tables` lists",
        ),
        (replace(WHOLE, crm_table=""), replace(OFFERED, crm_table=""), "crm_table", "Choose a table"),
        (
            WHOLE,
            replace(
                ON_ACCOUNTS,
                erp_table=CUSTOMERS,
                erp_fields={"No": TableField(name="No", kind="text", length=20)},
            ),
            "crm_table",
            "CUSTOMER joins Customer and account already",
        ),
        (replace(WHOLE, crm_column=""), OFFERED, "crm_column", "Choose the column"),
        (replace(WHOLE, crm_column="new_nothing"), OFFERED, "crm_column", "has no field new_nothing"),
        (replace(WHOLE, crm_column="new_rank"), OFFERED, "crm_column", "new_rank takes no text"),
        (replace(WHOLE, crm_column="new_word"), OFFERED, "crm_column", "new_word takes no text"),
        (replace(WHOLE, crm_column="new_short"), OFFERED, "crm_column", "holds 5 characters only, and Code"),
        (replace(WHOLE, crm_column="new_computed"), OFFERED, "crm_column", "can't be written"),
        (replace(WHOLE, crm_column="ilc_erpkey"), OFFERED, "crm_column", "can't be written"),
        (
            replace(WHOLE, crm_column="telephone1"),
            ON_ACCOUNTS,
            "crm_column",
            "CUSTOMER writes telephone1 of account already",
        ),
        (replace(WHOLE, direction="x"), OFFERED, "direction", "x is no direction"),
        (replace(WHOLE, direction="Bidirectional"), READ_ONLY, "direction", "lets nobody write"),
        (replace(WHOLE, name=""), OFFERED, "name", "Give the mapping a name"),
        (replace(WHOLE, name="a/b"), OFFERED, "name", "A name has at most 40"),
        (replace(WHOLE, name="x" * 41), OFFERED, "name", "A name has at most 40"),
        (replace(WHOLE, name="customer"), OFFERED, "name", "There is a mapping CUSTOMER already"),
        (replace(WHOLE, name=SALESORDER_FROM_ERP), OFFERED, "name", "There is a mapping"),
        (replace(WHOLE, name=NOTICES), OFFERED, "name", ""),
    ],
)
def test_what_would_not_do_is_told_at_its_part(
    application: Application,
    held: Connection,
    entered: EnteredMapping,
    offered: Offered,
    part: str,
    told: str,
) -> None:
    """Unknown, without a key of text, joined already, of another kind, too short, read-only, or of a name in use."""
    assert told in problems(application, held, entered, offered)[part]


def test_all_that_is_wrong_is_told_at_once(application: Application, held: Connection) -> None:
    """Both tables, then name and column."""
    nothing = Offered(erp=OFFERED.erp, crm=OFFERED.crm)
    with pytest.raises(OwnMappingProblem) as found:
        check_tables(application, held, EnteredMapping(erp_table="a", crm_table="b"), nothing)
    assert set(found.value.problems) == {"erp_table", "crm_table"}
    assert set(problems(application, held, replace(WHOLE, name="", crm_column=""))) == {"name", "crm_column"}


def test_a_mapping_that_was_added_is_there_until_it_is_removed(
    application: Application, held: Connection
) -> None:
    """Behind all others, without a part; its name is taken then, and a run at work keeps it."""
    own = check_mapping(application, held, WHOLE, OFFERED)
    held = keep_mapping(application, held, own)
    assert list(application.mappings(held)) == [*(each.name for each in DEFAULT_MAPPINGS), "PAYMENT METHOD"]
    assert "PAYMENT METHOD" not in application.taking_part(held)
    assert changed_from_default(application, None, held) == {}
    assert (
        check_mapping(application, held, replace(WHOLE, name="other"), OFFERED).crm_column == own.crm_column
    )
    name = MappingName("PAYMENT METHOD")
    fence = application.state.take_lease(held.id, name, "a run")
    assert fence is not None
    with pytest.raises(MappingBusy):
        remove_mapping(application, held, name)
    application.state.release_lease(held.id, name, fence)
    with pytest.raises(ConnectionProblem, match="no mapping of your own"):
        remove_mapping(application, held, MappingName("CUSTOMER"))
    assert remove_mapping(application, held, name) == 0
    held = application.connection(None)
    assert not held.settings.own_mappings
    assert not held.settings.left_out
    with pytest.raises(ConnectionProblem, match="There is no mapping 'PAYMENT METHOD'"):
        application.run_setup(
            replace(held, settings=replace(held.settings, enabled=True)),
            name,
            run_id="",
            create_new=False,
            compare_all=False,
        )
    assert check_mapping(application, held, WHOLE, OFFERED) == own


def test_records_that_make_a_key_in_the_erp_must_have_one(application: Application, held: Connection) -> None:
    """On the way to the ERP the key is written once, and what has none stays out; the way is kept, as is no other."""
    own = check_mapping(application, held, replace(WHOLE, direction="Bidirectional"), OFFERED)
    assert OwnMapping.load(own.dump()) == own
    mapping = own.mapping()
    [key] = mapping.fields
    assert (key.insert_only, mapping.erp_key_field) == (True, "Code")
    scope = mapping.integration_table_filter
    assert scope.first_failing({"new_code": " "}.__getitem__) is not None
    assert scope.first_failing({"new_code": "CARD"}.__getitem__) is None
    one_way = check_mapping(application, held, WHOLE, READ_ONLY).mapping()
    assert (one_way.fields[0].insert_only, one_way.erp_key_field) == (False, "")
    assert not one_way.integration_table_filter.conditions


def test_mappings_have_an_end(application: Application, held: Connection) -> None:
    """So that nobody fills the memory of a connection."""
    own = check_mapping(application, held, WHOLE, OFFERED)
    full = replace(held.settings, own_mappings=(own.dump(),) * OWN_MAPPINGS_MAX)
    with pytest.raises(ConnectionProblem, match="at most 100"):
        keep_mapping(application, replace(held, settings=full), own)
    assert OwnMapping.load(own.dump()) == own
    with pytest.raises(msgspec.ValidationError, match="crm_set"):
        OwnMapping.load({**own.dump(), "crm_set": "../accounts"})
