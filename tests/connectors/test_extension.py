"""The ERP extension's API: used where the pages' metadata announces it, and nothing is asked of it elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from yarl import URL

from interlace.connectors.business_central.company import company_segment
from interlace.connectors.business_central.identified_creates import id_of
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.collection import ReadRefused
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpAnswer, NoAnswer
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, Precondition, Record, TableView, Write
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.exchange import Response
from interlace.sandbox.faults import Fault, FaultMoment
from interlace.sandbox.stored_table import SqlClause
from interlace.simulation.in_process import AnswerCut, exchange
from interlace.testing.conformance import ConformanceSubject, ServiceConformance
from interlace.testing.marking_conformance import MarkedCreateConformance

COMPANY = "CRONUS & Söhne's Ltd."
KEY = "the-access-key"
API = "interlace/sync"
PAGES = f"/BC/ODataV4/{company_segment(COMPANY)}/"
CUSTOMERS = TableView(side=Side.ERP, table="Customer", fields=("Name", "Search_Name"))
GROUPS = TableView(side=Side.ERP, table="Customer_Price_Group", fields=("Code", "Description"))
PRICES = TableView(
    side=Side.ERP,
    table="Sales_Price",
    fields=("Item_No", "Sales_Type", "Unit_Price", "Minimum_Quantity", "Group_Currency"),
    filter=TableFilter(
        conditions=(
            Condition(field="Allow_Line_Disc", comparison=Comparison.EQUAL, value=False, reason="discounts"),
        )
    ),
)
MARK = "CRM4711"


class InProcess:
    """Carries requests to an embedded service without a socket, and keeps where they went."""

    def __init__(self, erp: ErpSandbox) -> None:
        self.erp = erp
        self.sent: list[str] = []

    async def exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Send a request once."""
        self.sent.append(f"{method} {url.path}")
        try:
            return exchange(self.erp, method, url, headers, body)
        except AnswerCut as error:
            raise NoAnswer(str(error)) from error

    async def close(self) -> None:
        """Do nothing: nothing is open."""


@dataclass(frozen=True)
class End:
    """An embedded ERP with a connection to it."""

    erp: ErpSandbox
    service: BusinessCentralService
    wire: InProcess

    async def create(self, name: str = "Nord") -> tuple[Outcome, str, str]:
        """Create a customer under the mark; gives outcome, key and what is said."""
        write = Write(key=MARK, precondition=Precondition.MARKED, values={"Name": name})
        [result] = await self.service.write(CUSTOMERS, (write,))
        return result.outcome, result.key, "" if result.error is None else result.error.message

    def customers(self) -> list[tuple[str, str, str]]:
        """Number, name and id of each customer, as the ERP holds them."""
        table = self.erp.records.layouts["Customer"].table
        found = self.erp.records.find(table, SqlClause("1 = 1"))
        return [(each.text("No"), each.text("Name"), each.system_id) for each in found]

    def lose(self, method: str, path: str, times: int = 1) -> None:
        """Let answers get lost after their requests took effect."""
        self.erp.faults.faults.append(
            Fault(method=method, path_contains=path, moment=FaultMoment.AFTER, times=times)
        )

    def asked(self) -> list[str]:
        """The requests that went to the extension's API."""
        return [line for line in self.wire.sent if API in line]


def connect(rows: Any = None, *, page_size: int = 2, batch_size: int = 100, **options: Any) -> End:
    """Open an ERP with the extension whose series forbid numbers by hand."""
    chosen = {"extension": True, "manual_numbers": False, "seed": rows, **options}
    erp = create_erp_sandbox(None, ErpSandboxOptions(company=COMPANY, access_key=KEY, **chosen))
    wire = InProcess(erp)
    limits = ChannelLimits(retry_delay_seconds=0.0, retries_max=1)
    channel = HttpChannel("http://127.0.0.1", BasicSignIn("INTERLACE", KEY), limits, transport=wire)
    settings = BusinessCentralSettings(company=COMPANY, page_size=page_size, batch_size=batch_size)
    return End(erp, BusinessCentralService(channel, settings), wire)


def _company() -> Iterator[tuple[str, dict[str, object]]]:
    """A few rows: three price groups, two items, prices of both."""
    yield "General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}
    yield "Unit_of_Measure", {"Code": "PCS", "Description": "Stück"}
    yield "Currency", {"Code": "USD", "Description": "US-Dollar"}
    for code in ("A", "B", "C"):
        yield "Customer_Price_Group", {"Code": code, "Description": f"Group {code}"}
    for number in ("I1", "I2", "I3"):
        yield "Item", {"No": number, "Description": number, "Base_Unit_of_Measure": "PCS"}
        for quantity in ("0", "2.5"):
            yield (
                "Sales_Price",
                {
                    "Item_No": number,
                    "Sales_Type": "Customer Price Group",
                    "Sales_Code": "A",
                    "Currency_Code": "USD",
                    "Minimum_Quantity": quantity,
                    "Unit_Price": "12.5",
                },
            )
    yield "Resource", {"No": "R1", "Name": "Montage", "Base_Unit_of_Measure": "PCS"}


async def test_create_carries_our_id_and_our_mark() -> None:
    """The ERP numbers the record; the id is the same for the same mark, and the mark finds it as without."""
    end = connect()
    outcome, number, _ = await end.create()
    assert (outcome, end.customers()) == (Outcome.DONE, [(number, "Nord", id_of("Customer", MARK))])
    [found] = await end.service.find_records(CUSTOMERS, "Search_Name", (MARK,))
    assert (found.key, found.values()) == (number, ("Nord", MARK))
    assert not (await end.service.capabilities(CUSTOMERS)).insert_with_key


async def test_lost_answer_is_known_by_a_look_under_the_id() -> None:
    """The create took effect, its answer was lost: its end is known at once, and the record is there once."""
    end = connect()
    await end.service.capabilities(CUSTOMERS)
    end.lose("POST", "customers")
    outcome, number, _ = await end.create()
    assert (outcome, [each[0] for each in end.customers()]) == (Outcome.DONE, [number])


async def test_create_that_is_sent_again_makes_no_second_record() -> None:
    """Answer and look were lost: the end is not known, and what is sent again is refused by the id and found."""
    end = connect()
    await end.service.capabilities(CUSTOMERS)
    end.lose("POST", "customers")
    end.lose("GET", "customers", times=2)
    assert (await end.create())[0] is Outcome.UNKNOWN
    outcome, number, _ = await end.create()
    assert (outcome, [each[0] for each in end.customers()]) == (Outcome.DONE, [number])


async def test_lost_request_stays_unknown() -> None:
    """Nothing is there under the id yet, but the request may still be on its way."""
    end = connect()
    await end.service.capabilities(CUSTOMERS)
    end.erp.faults.faults.append(Fault(method="POST", path_contains="customers"))
    assert (await end.create())[0] is Outcome.UNKNOWN
    assert end.customers() == []
    assert (await end.create())[0] is Outcome.DONE


async def test_record_whose_mark_was_changed_is_named() -> None:
    """A user took our mark away: no second record, and the text says which one to couple."""
    end = connect()
    _, number, _ = await end.create()
    [record] = await end.service.read_keys(CUSTOMERS, (number,))
    assert record is not None
    changed = Write(
        key=number, precondition=Precondition.UNCHANGED, values={"Search_Name": "NORD"}, tag=record.tag
    )
    await end.service.write(CUSTOMERS, (changed,))
    outcome, _, said = await end.create()
    assert outcome is Outcome.REJECTED
    assert f"is there as {number}" in said
    assert len(end.customers()) == 1


async def test_field_that_the_extension_lacks_goes_by_the_page() -> None:
    """A row of somebody's own mapping may need a field that only the page has: then all is as without."""
    end = connect()
    table = await end.service._catalog.table("Customer")  # noqa: SLF001 - asked as the writer asks
    by_id = end.service._writer._by_id  # noqa: SLF001
    assert by_id.can_create(table, {"Name": "A", "Search_Name": MARK})
    assert not by_id.can_create(table, {"Name": "A", "Search_Name": MARK, "Own_Field": 1})


@pytest.mark.parametrize("unpublished", [(), ("InterlaceExtension",)])
async def test_without_the_extension_nothing_is_asked_of_it(unpublished: tuple[str, ...]) -> None:
    """Not installed, or its page not published: the API is not looked for, and creates go by the page."""
    end = connect(_company, extension=bool(unpublished), unpublished=frozenset(unpublished))
    assert (await end.create())[0] is Outcome.DONE
    assert (await end.service.read_changes(GROUPS, None)).cursor is None
    await end.service.read_page(PRICES, None)
    assert end.asked() == []


@pytest.mark.parametrize("status", [403, 404])
async def test_extension_whose_api_refuses_is_done_without(status: int) -> None:
    """A right is missing, or the app was removed and its page stayed: the reason is kept, and nothing stops."""
    end = connect()
    end.erp.faults.faults.append(
        Fault(path_contains="$metadata", skip=1, times=9, answer=Response(status=status))
    )
    extension = await end.service.extension()
    assert extension.announced
    assert f"{status}" in extension.refusal or "right" in extension.refusal
    assert (await end.create())[0] is Outcome.DONE
    assert end.wire.sent[-1].endswith("CustomerCard")


async def test_what_the_extension_is_used_for_is_told() -> None:
    """Tables by use, for the test of a connection."""
    end = connect(unpublished=frozenset({"SalesPrices"}))
    extension = await end.service.extension()
    assert extension.identified() == ["Customer", "Contact", "Item", "Resource"]
    assert {"Customer_Price_Group", "Item_Unit_of_Measure", "Shipping_Agent"} <= set(extension.stamped())
    assert list(extension.hosted) == ["SalesPrices"]
    assert not (await connect(extension=False).service.extension()).announced


async def test_stamps_tell_of_changed_price_groups() -> None:
    """A table that API v2.0 does not have tells its changes, so that it isn't compared whole."""
    end = connect(rows=_company)
    cursor = (await end.service.read_changes(GROUPS, None)).cursor
    assert cursor is not None
    [record] = await end.service.read_keys(GROUPS, ("B",))
    assert record is not None
    write = Write(key="B", precondition=Precondition.UNCHANGED, values={"Description": "New"}, tag=record.tag)
    await end.service.write(GROUPS, (write,))
    changes = await end.service.read_changes(GROUPS, cursor)
    assert (changes.keys, changes.complete) == (("B",), True)
    told = await end.service.read_changes(GROUPS, changes.cursor)
    assert told.keys == ()


async def test_a_stamp_tells_when_a_price_group_was_changed_last() -> None:
    """Of a table that API v2.0 does not have, too; nothing is told of a record that is not there."""
    end = connect(rows=_company)
    told = await end.service.read_last_change(GROUPS, "B")
    missing = await end.service.read_last_change(GROUPS, "NONE")
    assert (told.at is not None, missing.at) == (True, None)


@pytest.mark.parametrize("table", ["Sales_Price", "Resource"])
async def test_what_stamps_do_not_tell_is_compared_whole(table: str) -> None:
    """A price that ends, and capacity, which the ERP computes, move no stamp."""
    end = connect(rows=_company)
    fields = ("Unit_Price",) if table == "Sales_Price" else ("Name", "Capacity")
    changes = await end.service.read_changes(TableView(side=Side.ERP, table=table, fields=fields), None)
    assert (changes.complete, changes.cursor) == (False, None)


async def test_prices_are_read_where_the_product_has_no_page_for_them() -> None:
    """Business Central without page 7002: pages, filters, keys, counts and virtual fields by the extension alone."""
    end = connect(rows=_company, unpublished=frozenset({"SalesPrices"}))
    assert await end.service.gaps(PRICES, [Access.READ]) == ()
    assert await end.service.count(PRICES) == 6
    records: list[Record] = []
    after = None
    while (page := await end.service.read_page(PRICES, after)).next is not None:
        records, after = [*records, *page.records], page.next
    records += page.records
    kind = "Customer_x0020_Price_x0020_Group"
    assert [each.values() for each in records] == [
        (number, kind, Decimal("12.5"), quantity, "USD")
        for number in ("I1", "I2", "I3")
        for quantity in (0, Decimal("2.5"))
    ]
    [again] = await end.service.read_keys(PRICES, (records[0].key,))
    assert again is not None
    assert (again.digest, again.tag) == (records[0].digest, records[0].tag)
    found = await end.service.find_records(PRICES, "Item_No", ("i2",))
    assert {each.values()[0] for each in found} == {"I2"}


async def test_plain_reading_finds_what_the_extension_shows() -> None:
    """Who reads a page without having asked what is published, as the judge does, gets its records all the same."""
    end = connect(_company, unpublished=frozenset({"SalesPrices"}))
    rows = await end.service.reader.everything(f"{PAGES}SalesPrices?$select=Item_No", page_size=2)
    assert [b'"Item_No":' in bytes(row) for row in rows] == [True] * 6
    without = connect(_company, extension=False, unpublished=frozenset({"SalesPrices"}))
    for _ in range(2):
        with pytest.raises(ReadRefused):
            await without.service.reader.everything(f"{PAGES}SalesPrices", page_size=2)
    assert len([line for line in without.wire.sent if line.endswith("$metadata")]) == 1


async def test_resources_are_written_where_no_page_is_published() -> None:
    """Both ways by the extension alone, under the tags that were read; its page is missed by nobody."""
    end = connect(_company, unpublished=frozenset({"ResourceCard"}))
    view = TableView(side=Side.ERP, table="Resource", fields=("Name", "VAT_Prod_Posting_Group"))
    assert await end.service.gaps(view, [Access.READ, Access.CREATE, Access.WRITE, Access.DELETE]) == ()
    [record] = (await end.service.read_page(view, None)).records
    assert (record.key, record.values()) == ("R1", ("Montage", ""))
    values: dict[str, Value] = {"Name": "Aufbau"}
    change = Write(key="R1", precondition=Precondition.UNCHANGED, values=values, tag=record.tag)
    [changed, lost] = await end.service.write(view, (change, replace(change, key="R2")))
    assert (changed.outcome, lost.outcome) == (Outcome.DONE, Outcome.GONE)
    [stale] = await end.service.write(view, (change,))
    assert stale.outcome is Outcome.STALE
    [now] = await end.service.read_keys(view, ("R1",))
    assert now is not None
    assert (now.values()[0], now.tag) == ("Aufbau", changed.tag)


async def test_prices_are_never_written() -> None:
    """They are entered in the ERP's price lists, so a mapping that wanted to write them is told to publish a page."""
    end = connect(_company, unpublished=frozenset({"SalesPrices"}))
    [gap] = await end.service.gaps(PRICES, [Access.READ, Access.WRITE])
    assert "modify" in gap.what
    assert "Page 7002" in gap.remedy


class TestHostedCustomersConform(ServiceConformance):
    """The whole suite with an ERP that has published neither the page of customers nor that of markers."""

    @pytest.fixture
    def subject(self) -> ConformanceSubject:
        """Customers of an empty company, in small pages."""
        hidden = frozenset({"CustomerCard", "EpochMarkers"})
        end = connect(manual_numbers=True, unpublished=hidden, page_size=7, batch_size=5)
        return ConformanceSubject(
            service=end.service,
            view=TableView(
                side=Side.ERP,
                table="Customer",
                fields=("Name", "Address", "Credit_Limit_LCY", "Blocked", "Salesperson_Code"),
            ),
            key_of=lambda number: f"C{number:05d}",
            text_field="Name",
            number_field="Credit_Limit_LCY",
            refused={"Salesperson_Code": "NOBODY"},
            tricky_keys=("A'B", "Ü&Ö", "100%", "A/B?C#D", "A B+C"),
        )


class TestIdentifiedCustomersConform(MarkedCreateConformance):
    """Customers of a company that gives its numbers itself, and has the extension."""

    @pytest.fixture
    async def subject(self) -> ConformanceSubject:
        """Customers of an empty company."""
        end = connect()
        return ConformanceSubject(
            service=end.service,
            view=TableView(side=Side.ERP, table="Customer", fields=("Name", "Address")),
            key_of=lambda number: f"CRM{number:013d}",
            text_field="Name",
        )

    async def test_two_creates_under_one_mark_are_both_found(self, subject: ConformanceSubject) -> None:
        """Here a mark is an id as well: whoever sends it twice finds one record."""
        mark = subject.new_key()
        results = [
            (await subject.service.write(subject.view, (subject.marked_creation(mark),)))[0] for _ in range(2)
        ]
        assert [each.outcome for each in results] == [Outcome.DONE, Outcome.DONE]
        assert results[0].key == results[1].key
        assert len(await subject.service.find_records(subject.view, "Search_Name", (mark,))) == 1
