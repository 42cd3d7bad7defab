"""What the Business Central connector adds to the suite: virtual fields, composite keys, stamps."""

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.http import HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.errors import ErrorCode
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, Precondition, Record, TableView, Write
from interlace.engine.service import ServiceMismatch, SignInRefused
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.row_loading import load_rows

COMPANY = "Nordlicht"
KEY = "the-access-key"
GROUP = "Customer_x0020_Price_x0020_Group"
Serve = Callable[[Any], Awaitable[str]]


class MovingClock:
    """The ERP's clock."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time; each look takes a second."""
        self.time += timedelta(seconds=1)
        return self.time


def company() -> Iterator[tuple[str, dict[str, Any]]]:
    """A handful of records in every table that virtual fields need."""
    yield "General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}
    yield "Currency", {"Code": "USD"}
    yield "Currency", {"Code": "GBP"}
    yield "Currency", {"Code": "NOK"}
    for start, amount in (("2025-01-01", "100"), ("2026-01-01", "110"), ("2027-01-01", "120")):
        yield (
            "Currency_Exchange_Rate",
            {
                "Currency_Code": "USD",
                "Starting_Date": start,
                "Exchange_Rate_Amount": Decimal(amount),
                "Relational_Exch_Rate_Amount": Decimal("97.5"),
            },
        )
    yield (
        "Currency_Exchange_Rate",
        {
            "Currency_Code": "GBP",
            "Starting_Date": "2025-01-01",
            "Relational_Currency_Code": "USD",
            "Exchange_Rate_Amount": Decimal(80),
            "Relational_Exch_Rate_Amount": Decimal(100),
        },
    )
    yield "Unit_of_Measure", {"Code": "PCS"}
    yield "Item", {"No": "1000", "Description": "Bike", "Base_Unit_of_Measure": "PCS"}
    yield "Item", {"No": "1001", "Description": "Wheel", "Base_Unit_of_Measure": "PCS"}
    yield "Customer_Price_Group", {"Code": "RETAIL"}
    yield "Customer_Price_Group", {"Code": "EMPTY"}
    for item, quantity in (("1000", "0"), ("1000", "2.5"), ("1001", "0")):
        yield (
            "Sales_Price",
            {
                "Item_No": item,
                "Sales_Type": "Customer Price Group",
                "Sales_Code": "RETAIL",
                "Currency_Code": "USD",
                "Minimum_Quantity": Decimal(quantity),
                "Unit_Price": Decimal("9.99"),
            },
        )


@asynccontextmanager
async def service_on(
    origin: str, clock: MovingClock, **settings: Any
) -> AsyncIterator[BusinessCentralService]:
    """Connect to a sandbox."""
    async with HttpChannel(origin, BasicSignIn("INTERLACE", KEY)) as channel:
        yield BusinessCentralService(
            channel,
            BusinessCentralSettings(company=COMPANY, **settings),
            today=lambda: date(2026, 3, 1),
        )


@pytest.fixture
def clock() -> MovingClock:
    """The ERP's clock under the test's control."""
    return MovingClock()


@pytest.fixture
async def service(serve: Serve, clock: MovingClock) -> AsyncIterator[BusinessCentralService]:
    """A connection to the small company."""
    options = ErpSandboxOptions(company=COMPANY, access_key=KEY, seed=company, now=clock.now)
    async with service_on(await serve(create_erp_sandbox(None, options)), clock) as connected:
        yield connected


def view(table: str, *fields: str, **more: Any) -> TableView:
    """Return a view of an ERP table."""
    return TableView(side=Side.ERP, table=table, fields=fields, **more)


async def create(service: BusinessCentralService, table: TableView, key: str, **values: Value) -> None:
    """Create a record that the ERP must accept."""
    write = Write(key=key, precondition=Precondition.ABSENT, values=dict(values))
    [result] = await service.write(table, (write,))
    assert result.outcome is Outcome.DONE, result


async def rows(service: BusinessCentralService, table: TableView) -> dict[str, tuple[Value, ...]]:
    """Read a table whole."""
    found: list[Record] = []
    after: str | None = None
    while True:
        page = await service.read_page(table, after)
        found.extend(page.records)
        after = page.next
        if after is None:
            return {record.key: record.values() for record in found}


async def test_facts_name_company_and_local_currency(service: BusinessCentralService) -> None:
    """The connection learns the company's id and the local currency."""
    facts = await service.facts()
    assert (facts.company_name, facts.lcy_code) == (COMPANY, "EUR")
    assert len(facts.company_id) == 36


async def test_rate_is_units_of_the_currency_for_one_local_unit(service: BusinessCentralService) -> None:
    """The latest rate that has begun counts; one towards another currency is carried on; none is nothing."""
    rates = await rows(service, view("Currency", "Code", "Exchange_Rate"))
    usd = (Decimal(110) / Decimal("97.5")).quantize(Decimal("1E-10"))
    assert rates["USD"] == ("USD", usd)
    gbp = rates["GBP"][1]
    assert isinstance(gbp, Decimal)
    assert abs(gbp - usd * Decimal("0.8")) < Decimal("1E-9")
    assert rates["NOK"][1] is None


async def test_price_line_knows_base_unit_and_group_currency(service: BusinessCentralService) -> None:
    """A price line carries its item's base unit and its group's currency, in the order of the view."""
    fields = ("Group_Currency", "Unit_Price", "Item_Base_Unit", "Starting_Date")
    prices = await rows(service, view("Sales_Price", *fields))
    assert len(prices) == 3
    assert set(prices.values()) == {("USD", Decimal("9.99"), "PCS", None)}
    groups = await rows(service, view("Customer_Price_Group", "Price_Currency"))
    assert groups == {"RETAIL": ("USD",), "EMPTY": ("",)}


async def test_composite_key_names_one_record(service: BusinessCentralService) -> None:
    """A key of several parts, a quantity and a date among them, finds its record and no other."""
    table = view("Sales_Price", "Unit_Price", "Minimum_Quantity")
    parts = ("1000", GROUP, "RETAIL", "0001-01-01", "USD", "", "", "2.5")
    key = KEY_SEPARATOR.join(parts)
    assert key in await rows(service, table)
    missing = KEY_SEPARATOR.join((*parts[:-1], "3"))
    found, absent = await service.read_keys(table, (key, missing))
    assert found is not None
    assert found.values() == (Decimal("9.99"), Decimal("2.5"))
    assert absent is None
    write = Write(
        key=key, precondition=Precondition.UNCHANGED, tag=found.tag, values={"Unit_Price": Decimal("8.49")}
    )
    [result] = await service.write(table, (write,))
    assert result.outcome is Outcome.DONE, result
    [again] = await service.read_keys(table, (key,))
    assert again is not None
    assert again.values()[0] == Decimal("8.49")
    assert result.tag == again.tag


async def test_contact_knows_its_customer_and_may_be_given_one(service: BusinessCentralService) -> None:
    """A contact's customer is its company's; writing it writes the company; a stranger is refused."""
    customers = view("Customer", "Name")
    contacts = view("Contact", "Name", "Customer_No", "Company_No", "Type")
    await create(service, customers, "C1", Name="Müller")
    await create(service, contacts, "P1", Name="Anna", Type="Person", Customer_No="C1")
    await create(service, contacts, "P2", Name="Otto", Type="Person")
    listed = await rows(service, contacts)
    assert listed["P1"][1] == "C1"
    assert listed["P2"][1] == ""
    found = await service.find_records(contacts, "Customer_No", ("c1",))
    assert "P1" in {record.key for record in found}
    assert "P2" not in {record.key for record in found}
    stranger = Write(
        key="P3",
        precondition=Precondition.ABSENT,
        values={"Name": "X", "Type": "Person", "Customer_No": "C9"},
    )
    [refused] = await service.write(contacts, (stranger,))
    assert refused.outcome is Outcome.REJECTED
    assert refused.error is not None
    assert refused.error.code is ErrorCode.VALUE_NOT_TRANSFERABLE


async def test_virtual_value_is_part_of_the_digest(service: BusinessCentralService) -> None:
    """A new rate changes the currency's digest although the currency itself is as it was."""
    table = view("Currency", "Code", "Exchange_Rate")
    [before] = await service.read_keys(table, ("USD",))
    rates = view("Currency_Exchange_Rate", "Exchange_Rate_Amount", "Relational_Exch_Rate_Amount")
    key = KEY_SEPARATOR.join(("USD", "2026-02-01"))
    amounts: dict[str, Value] = {
        "Exchange_Rate_Amount": Decimal(200),
        "Relational_Exch_Rate_Amount": Decimal(100),
    }
    await create(service, rates, key, **amounts)
    await service.refresh_virtual_fields(table)
    [after] = await service.read_keys(table, ("USD",))
    assert before is not None
    assert after is not None
    assert after.values()[1] == Decimal(2)
    assert after.digest != before.digest


async def test_feed_tells_records_whose_virtual_field_changed(service: BusinessCentralService) -> None:
    """When a rate changes, the feed of the currencies names the currency."""
    table = view("Currency", "Code", "Exchange_Rate")
    start = await service.read_changes(table, None)
    rates = view("Currency_Exchange_Rate", "Exchange_Rate_Amount", "Relational_Exch_Rate_Amount")
    key = KEY_SEPARATOR.join(("NOK", "2026-02-01"))
    amounts: dict[str, Value] = {
        "Exchange_Rate_Amount": Decimal(1100),
        "Relational_Exch_Rate_Amount": Decimal(100),
    }
    await create(service, rates, key, **amounts)
    changes = await service.read_changes(table, start.cursor)
    assert changes.complete
    assert changes.keys == ("NOK",)
    again = await service.read_changes(table, changes.cursor)
    assert again.complete
    assert again.keys == ()


async def test_late_commit_with_old_stamp_is_told(
    service: BusinessCentralService, clock: MovingClock
) -> None:
    """A record that appears with an old stamp is found, and those told already are not told again."""
    table = view("Customer", "Name")
    await create(service, table, "C1", Name="One")
    start = await service.read_changes(table, None)
    clock.time += timedelta(minutes=5)
    await create(service, table, "C2", Name="Two")
    first = await service.read_changes(table, start.cursor)
    clock.time -= timedelta(minutes=4)
    await create(service, table, "C3", Name="Late")
    second = await service.read_changes(table, first.cursor)
    assert "C2" in first.keys
    assert second.keys == ("C3",)
    assert (await service.read_changes(table, second.cursor)).keys == ()
    assert set((await service.read_changes(table, first.cursor)).keys) == {"C3"}


async def test_restart_repeats_the_overlap_and_loses_nothing(
    service: BusinessCentralService, serve: Serve, clock: MovingClock
) -> None:
    """A new process with an old cursor tells the overlap again: hints may repeat, never lack."""
    options = ErpSandboxOptions(company=COMPANY, access_key=KEY, seed=company, now=clock.now)
    origin = await serve(create_erp_sandbox(None, options))
    table = view("Customer", "Name")
    async with service_on(origin, clock) as before:
        await create(before, table, "C1", Name="One")
        start = await before.read_changes(table, None)
        await create(before, table, "C2", Name="Two")
        first = await before.read_changes(table, start.cursor)
    async with service_on(origin, clock) as after:
        again = await after.read_changes(table, first.cursor)
    assert again.complete
    assert {"C1", "C2"} <= set(again.keys)


async def test_posted_entry_tells_the_item_whose_stock_it_moved(serve: Serve, clock: MovingClock) -> None:
    """Stock does not touch an item's stamp: new entries name the item, for views that show the stock."""
    options = ErpSandboxOptions(company=COMPANY, access_key=KEY, seed=company, now=clock.now)
    app = create_erp_sandbox(None, options)
    entry: dict[str, Any] = {
        "Entry_Type": "Purchase",
        "Quantity": Decimal(5),
        "Remaining_Quantity": Decimal(5),
    }
    load_rows(app.records, [("Item_Ledger_Entry", {"Entry_No": 1, "Item_No": "1001", **entry})])
    async with service_on(await serve(app), clock) as service:
        stock, plain = view("Item", "Inventory"), view("Item", "Description")
        starts = [await service.read_changes(each, None) for each in (stock, plain)]
        load_rows(app.records, [("Item_Ledger_Entry", {"Entry_No": 2, "Item_No": "1000", **entry})])
        changes = await service.read_changes(stock, starts[0].cursor)
        assert (changes.keys, changes.complete) == (("1000",), True)
        assert (await service.read_changes(stock, changes.cursor)).keys == ()
        assert (await service.read_changes(plain, starts[1].cursor)).keys == ()
        [item] = await service.read_keys(stock, ("1000",))
        assert item is not None
        assert item.values() == (Decimal(5),)


async def test_table_without_stamps_must_be_compared_whole(service: BusinessCentralService) -> None:
    """Price groups, prices and resources have no stamps: the feed says so."""
    table = view("Sales_Price", "Unit_Price")
    assert not (await service.capabilities(table)).reports_changes
    assert not (await service.read_changes(table, None)).complete


async def test_filter_leaves_out_only_what_certainly_fails(service: BusinessCentralService) -> None:
    """Conditions on Boolean fields are handed to the service; all others stay with the caller."""
    conditions = (
        Condition(field="Blocked", comparison=Comparison.EQUAL, value=False),
        Condition(field="Description", comparison=Comparison.EQUAL, value="Nothing like it"),
    )
    table = view("Item", "Blocked", filter=TableFilter(conditions=conditions))
    await create(service, table, "2000", Blocked=True)
    assert (await rows(service, table)).keys() == {"1000", "1001"}


async def test_blank_date_reads_and_writes_as_nothing(service: BusinessCentralService) -> None:
    """A blank date is nothing, both ways; so are a blank choice and a blank amount when written."""
    table = view("Sales_Price", "Ending_Date", "Unit_Price")
    key = next(iter(await rows(service, table)))
    for value in ("2026-12-31", None):
        [record] = await service.read_keys(table, (key,))
        assert record is not None
        write = Write(
            key=key, precondition=Precondition.UNCHANGED, tag=record.tag, values={"Ending_Date": value}
        )
        [result] = await service.write(table, (write,))
        assert result.outcome is Outcome.DONE, result
        [record] = await service.read_keys(table, (key,))
        assert record is not None
        assert record.values()[0] == value


async def test_unknown_table_or_field_names_what_to_correct(service: BusinessCentralService) -> None:
    """A mapping's mistake is told in words for people."""
    with pytest.raises(ServiceMismatch, match="publishes no web service Nothing"):
        await service.read_page(view("Nothing", "No"), None)
    with pytest.raises(ServiceMismatch, match="shows no field Shoe_Size"):
        await service.read_page(view("Customer", "Shoe_Size"), None)


async def test_wrong_access_key_needs_a_person(serve: Serve) -> None:
    """A refused sign-in stops the connection, not a record."""
    origin = await serve(create_erp_sandbox(None, ErpSandboxOptions(company=COMPANY, access_key=KEY)))
    async with HttpChannel(origin, BasicSignIn("INTERLACE", "wrong")) as channel:
        service = BusinessCentralService(channel, BusinessCentralSettings(company=COMPANY))
        with pytest.raises(SignInRefused):
            await service.read_page(view("Customer", "Name"), None)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("10", {"1000", "1001"}),
        ("rad STADT", {"1003"}),
        ("müller", {"1003", "1004"}),
        ("O'Neill & (Co) *", {"1005"}),
        ("otto", set()),
    ],
)
async def test_records_are_searched_by_number_and_words(
    service: BusinessCentralService, typed: str, found: set[str]
) -> None:
    """A number begins so, or all words stand in the name, in any case and however the accents are written."""
    items = TableView(side=Side.ERP, table="Item", fields=("Description",))
    for number, name in (
        ("1003", "Stadtrad Müller"),
        ("1004", unicodedata.normalize("NFD", "MÜLLER")),
        ("1005", "O'Neill & (Co) *"),
    ):
        await create(service, items, number, Description=name)
    records = await service.search_records(items, typed, ("Description",), count=5)
    keys = {record.key for record in records}
    assert keys >= found if typed == "10" else keys == found


async def test_no_more_records_are_searched_than_wanted(service: BusinessCentralService) -> None:
    """Of a table with several key fields, too; it is searched by the one that numbers it."""
    prices = TableView(side=Side.ERP, table="Sales_Price", fields=())
    assert len(await service.search_records(prices, "10", (), count=2)) == 2
    assert [
        each.key.partition(KEY_SEPARATOR)[0]
        for each in await service.search_records(prices, "1001", (), count=5)
    ] == ["1001"]
