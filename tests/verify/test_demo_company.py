"""The judge on the demo company as both embedded services send it: every break of every field is named.

The company is synchronized once and recorded row by row; the breaks are made in the recording, so that each
meets the services' own spellings. Edits over the services' own protocols follow at the end.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.verify.demo_company import intended_errors, open_demo_company
from tests.verify.follows_from import FOLLOWS_FROM

from interlace.domain.keys import KEY_SEPARATOR
from interlace.verify import End, PlainReader, RecordState, Row, VerifyFacts, verify
from interlace.verify.book_sources import BOOK_SOURCES, claimed_key
from interlace.verify.comparable import as_text
from interlace.verify.expectation import Expectation, FieldPair
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.reference_book import BookSource, ReferenceBooks, load_books
from interlace.verify.verify_report import MappingVerdict

pytestmark = pytest.mark.slow

UNKNOWN_KEY = "99999999-9999-4999-8999-999999999999"
CRM_ROOT = "/api/data/v9.2"
ERP_ROOT = "/BC/ODataV4/Company('Nordlicht')"


@dataclass(frozen=True, slots=True)
class Recording:
    """What the judge would read, kept in memory."""

    sets: Mapping[tuple[End, str], list[Row]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield the recorded rows."""
        for row in self.sets[end, set_name]:
            yield row

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the recorded labels."""
        return self.labels[column]

    def with_value(self, end: End, set_name: str, place: int, name: str) -> "Recording":
        """Return the recording with one value of one row spoilt."""
        return self.changed(end, set_name, place, name, spoil(self.sets[end, set_name][place][name]))

    def changed(self, end: End, set_name: str, place: int, name: str, value: object) -> "Recording":
        """Return the recording with another value in one row."""
        rows = list(self.sets[end, set_name])
        rows[place] = {**rows[place], name: value}
        return replace(self, sets={**self.sets, (end, set_name): rows})

    def with_label(self, column: str, number: int) -> "Recording":
        """Return the recording with one choice's label spoilt."""
        spoilt = {**self.labels[column], number: "other"}
        return replace(self, labels={**self.labels, column: spoilt})

    def place(self, end: End, set_name: str, **wanted: object) -> int:
        """Return the place of the first row with these values."""
        rows = self.sets[end, set_name]
        return next(i for i, row in enumerate(rows) if all(row[k] == v for k, v in wanted.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The recording with what the judge must be told."""

    recording: Recording
    facts: VerifyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two records in step, with their places in their sets."""

    erp_place: int
    erp: Row
    crm_place: int
    crm: Row


def spoil(value: object) -> object:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 7
    text = str(value or "")
    return UNKNOWN_KEY if len(text) == 36 else f"{text}x"


async def record(reader: PlainReader) -> Recording:
    """Read everything that any expectation needs."""
    wanted: dict[tuple[End, str], dict[str, None]] = {}
    labels: dict[str, Mapping[int, str]] = {}
    for each in EXPECTATIONS:
        wanted.setdefault((End.ERP, each.erp_service), {}).update(dict.fromkeys(each.erp_columns))
        if each.choice_column is not None:
            labels[each.choice_column[1]] = await reader.choices(*each.choice_column)
        else:
            wanted.setdefault((End.CRM, each.crm_set), {}).update(dict.fromkeys(each.crm_columns))
    for source in BOOK_SOURCES.values():
        if isinstance(source, BookSource):
            wanted.setdefault((source.end, source.set_name), {}).update(dict.fromkeys(source.select))
    sets = {
        (end, set_name): [row async for row in reader.rows(end, set_name, tuple(columns))]
        for (end, set_name), columns in wanted.items()
    }
    return Recording(sets, labels)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Synchronize the demo company once and record both ends."""

    async def synchronize(state: Path) -> Recorded:
        """Bring the company to its first agreement."""
        async with open_demo_company(state) as demo:
            await demo.synchronize("first", whole=True)
            await demo.synchronize("again", "CUSTOMER")
            return Recorded(recording=await record(demo.reader), facts=demo.facts)

    return asyncio.run(synchronize(tmp_path_factory.mktemp("demo")))


def _name(row: Row, books: ReferenceBooks, expectation: Expectation) -> str | None:
    claim = None
    if expectation.erp_table is not None and not expectation.natural_first:
        claim = claimed_key(row, books.facts, expectation.erp_table)
    if claim is None and expectation.natural_name is not None:
        claim = expectation.natural_name(row, books)
    return claim


async def couples(recorded: Recorded, expectation: Expectation) -> list[Couple]:
    """Return the records of both sides that belong together and are in scope."""
    recording = recorded.recording
    books = await load_books(recording, recorded.facts, expectation.books, BOOK_SOURCES)
    if expectation.choice_column is None:
        rows = recording.sets[End.CRM, expectation.crm_set]
    else:
        labels = recording.labels[expectation.choice_column[1]]
        rows = [{"value": number, "label": label} for number, label in labels.items()]
    partners = {_name(row, books, expectation): (place, row) for place, row in enumerate(rows)}
    found = []
    for place, row in enumerate(recording.sets[End.ERP, expectation.erp_service]):
        name = expectation.partner_name(row, books)
        in_scope = all(rule.holds(row, books) for rule in expectation.erp_rules)
        if in_scope and name is not None and name in partners:
            found.append(Couple(erp_place=place, erp=row, crm_place=partners[name][0], crm=partners[name][1]))
    return found


def wire_name(expectation: Expectation, pair: FieldPair) -> str:
    """Return the property under which a pair's CRM column travels."""
    column = pair.crm_column
    return column if column in expectation.crm_columns else f"_{column}_value"


async def best_couple(
    recorded: Recorded, expectation: Expectation, pair: FieldPair, *, judged: bool = False
) -> Couple:
    """Return the first couple whose fields are filled on both sides, else the first one at all.

    With `judged` only couples count of which the expectation says what the CRM must hold.
    """
    found = await couples(recorded, expectation)
    if judged:
        books = await load_books(recorded.recording, recorded.facts, expectation.books, BOOK_SOURCES)
        found = [each for each in found if pair.expected(each.erp, books) is not None]
    column = wire_name(expectation, pair)
    for each in found:
        if as_text(each.erp.get(pair.erp_field, "x")) and as_text(each.crm.get(column, "x")):
            return each
    return found[0]


def broken_in_crm(
    recording: Recording, expectation: Expectation, pair: FieldPair, couple: Couple
) -> Recording:
    """Spoil a pair's value on the CRM's side."""
    if expectation.choice_column is not None:
        value = couple.crm["value"]
        assert isinstance(value, int)
        return recording.with_label(expectation.choice_column[1], value)
    if pair.crm_column == "baseuomname":
        place = recording.place(End.CRM, "uoms", _uomscheduleid_value=couple.crm["uomscheduleid"])
        return recording.with_value(End.CRM, "uoms", place, "name")
    column = wire_name(expectation, pair)
    if column == "productdescription" and couple.crm["_productid_value"]:
        column = "_productid_value"
    return recording.with_value(End.CRM, expectation.crm_set, couple.crm_place, column)


def broken_in_erp(recorded: Recorded, expectation: Expectation, pair: FieldPair, couple: Couple) -> Recording:
    """Spoil a pair's value on the ERP's side, where need be in the table that it follows from."""
    recording = recorded.recording
    if pair.erp_field == "Exchange_Rate":
        rates = recording.sets[End.ERP, "CurrencyExchangeRates"]
        today = recorded.facts.work_date.isoformat()
        code = couple.erp["Code"]
        begun = [r for r in rates if r["Currency_Code"] == code and str(r["Starting_Date"]) <= today]
        latest = max(begun, key=lambda rate: str(rate["Starting_Date"]))
        place = rates.index(latest)
        return recording.with_value(End.ERP, "CurrencyExchangeRates", place, "Exchange_Rate_Amount")
    if pair.crm_column == "parentcustomerid":
        place = recording.place(End.ERP, "ContactBusinessRelations", Contact_No=couple.erp["Company_No"])
        return recording.with_value(End.ERP, "ContactBusinessRelations", place, "No")
    if pair.erp_field in {"Price_Currency", "Item_Base_Unit"}:
        group = couple.erp.get("Code")
        if pair.erp_field == "Price_Currency":
            place = recording.place(
                End.ERP,
                "SalesPrices",
                Sales_Code=group,
                Sales_Type="Customer_x0020_Price_x0020_Group",
            )
            return recording.with_value(End.ERP, "SalesPrices", place, "Currency_Code")
        place = recording.place(End.ERP, "ItemCard", No=couple.erp["Item_No"])
        return recording.with_value(End.ERP, "ItemCard", place, "Base_Unit_of_Measure")
    if pair.erp_field in {"Item", "Write_In_Text", "Product_Unit", "Is_Write_In"}:
        service = "ItemCard" if couple.erp["Type"] == "Item" else "ResourceCard"
        place = recording.place(End.ERP, service, No=couple.erp["No"])
        return recording.with_value(End.ERP, service, place, "Blocked")
    if (expectation.mapping, pair.erp_field) == ("OPPORTUNITY", "Customer_No"):
        company = couple.erp["Contact_Company_No"]
        place = recording.place(End.ERP, "ContactBusinessRelations", Contact_No=company)
        return recording.with_value(End.ERP, "ContactBusinessRelations", place, "No")
    if pair.erp_field == "Overdue_As_Of":
        due = Decimal(0)
        return recording.changed(End.ERP, expectation.erp_service, couple.erp_place, "Balance_Due_LCY", due)
    if pair.erp_field == "Price_List":
        group = couple.erp["Customer_Price_Group"]
        prices = [row for row in recording.sets[End.ERP, "SalesPrices"] if row["Sales_Code"] == group]
        copies = [{**row, "Sales_Code": "COPY"} for row in prices]
        sets = {
            **recording.sets,
            (End.ERP, "SalesPrices"): [*recording.sets[End.ERP, "SalesPrices"], *copies],
        }
        copied = replace(recording, sets=sets)
        return copied.changed(
            End.ERP, expectation.erp_service, couple.erp_place, "Customer_Price_Group", "COPY"
        )
    name = FOLLOWS_FROM.get((expectation.mapping, pair.erp_field), pair.erp_field)
    return recording.with_value(End.ERP, expectation.erp_service, couple.erp_place, name)


async def judge(recorded: Recorded, recording: Recording, expectation: Expectation) -> MappingVerdict:
    """Judge one mapping of a recording; what the demo data intends to fail is on the error list."""
    report = await verify(recording, recorded.facts, intended_errors(), [expectation])
    (verdict,) = report.verdicts
    assert verdict.erp.adds_up
    assert verdict.crm.adds_up
    return verdict


def assert_named(verdict: MappingVerdict, pair: FieldPair, couple: Couple, expectation: Expectation) -> None:
    """Check that the verdict names the pair's drift, with the record."""
    name = f"{pair.erp_field}>{pair.crm_column}"
    key = ", ".join(as_text(couple.erp[part]) for part in expectation.erp_key)
    fields = verdict.creation_fields if pair.at_creation else verdict.drifted_fields
    shown = verdict.creation_differences if pair.at_creation else verdict.differences
    assert fields[name] >= 1
    assert verdict.is_green is pair.at_creation
    assert key in {each.erp_key for each in shown if each.crm_column == pair.crm_column}


def assert_parted(verdict: MappingVerdict) -> None:
    """Check that the verdict names records whose partner is not found any more."""
    states = verdict.erp.states + verdict.crm.states
    assert states[RecordState.MISSING] + verdict.erp.reasons_of(RecordState.EXCLUDED).get(
        "only in the ERP", 0
    )
    assert verdict.findings


PAIRS = [
    pytest.param(expectation, pair, id=f"{expectation.mapping}: {pair.erp_field}>{pair.crm_column}")
    for expectation in EXPECTATIONS
    for pair in expectation.pairs
]
# No CRM order and no opportunity stands behind the demo's invoices: the small company has such a one.
WITHOUT_PARTNERS = ("Order_No>salesorderid", "Opportunity_No>opportunityid")
ERP_PAIRS = [
    each for each in PAIRS if ": >" not in str(each.id) and not str(each.id).endswith(WITHOUT_PARTNERS)
]
FINDS_THE_PARTNER_IN_CRM = {"internalemailaddress", "label"}
FINDS_THE_PARTNER_IN_ERP = {"Code", "No", "Item_Base_Unit", "Document_No", "Line_No"}


async def test_only_what_is_intended_fails(recorded: Recorded) -> None:
    """The synchronized demo company is in step but for the records that it intends to fail, each of them."""
    report = await verify(recorded.recording, recorded.facts, intended_errors(), EXPECTATIONS)
    assert report.is_green
    failed = {
        (verdict.mapping, finding.key.replace(", ", KEY_SEPARATOR))
        for verdict in report.verdicts
        for finding in verdict.findings
        if finding.state is RecordState.FAILED
    }
    assert failed == {(each.mapping, each.key) for each in intended_errors()}
    assert not (await verify(recorded.recording, recorded.facts, (), EXPECTATIONS)).is_green


@pytest.mark.parametrize(("expectation", "pair"), PAIRS)
async def test_field_spoilt_in_the_crm_is_named(
    recorded: Recorded, expectation: Expectation, pair: FieldPair
) -> None:
    """A CRM value that no longer fits its ERP record is named, whatever the field's direction."""
    couple = await best_couple(recorded, expectation, pair, judged=True)
    broken = broken_in_crm(recorded.recording, expectation, pair, couple)
    verdict = await judge(recorded, broken, expectation)
    if pair.crm_column in FINDS_THE_PARTNER_IN_CRM:
        assert_parted(verdict)
    else:
        assert_named(verdict, pair, couple, expectation)


@pytest.mark.parametrize(("expectation", "pair"), ERP_PAIRS)
async def test_field_spoilt_in_the_erp_is_named(
    recorded: Recorded, expectation: Expectation, pair: FieldPair
) -> None:
    """An ERP value that no longer fits its CRM record is named, whatever the field's direction."""
    couple = await best_couple(recorded, expectation, pair)
    verdict = await judge(recorded, broken_in_erp(recorded, expectation, pair, couple), expectation)
    if pair.erp_field in FINDS_THE_PARTNER_IN_ERP or pair.crm_column == "internalemailaddress":
        assert_parted(verdict)
    elif (expectation.mapping, pair.erp_field) == ("SALESPRC-PRODPRICE", "Currency_Code"):
        # The price leaves its group's currency, and with it the scope.
        assert any(finding.state is RecordState.MISSING for finding in verdict.findings)
    else:
        assert_named(verdict, pair, couple, expectation)


SCOPE_BREAKS = [
    ("SALESPEOPLE", End.CRM, "isdisabled", True, "the user is disabled"),
    ("SALESPEOPLE", End.CRM, "islicensed", False, "the user has no licence"),
    ("SALESPEOPLE", End.CRM, "isintegrationuser", True, "the user is an integration user"),
    ("CUSTOMER", End.CRM, "statecode", 1, "the account is inactive"),
    ("CUSTOMER", End.CRM, "customertypecode", 8, "the account's relationship type is not Customer"),
    ("CONTACT", End.ERP, "Type", "Company", "the contact is a company"),
    ("CONTACT", End.ERP, "Company_No", "", "the person belongs to no company"),
    ("CONTACT", End.ERP, "Company_No", "CT000001", "the person's company is not a customer"),
    ("CONTACT", End.CRM, "_parentcustomerid_value", None, "the contact belongs to nobody"),
    ("CONTACT", End.CRM, "_accountid_value", None, "the contact belongs to another contact"),
    ("PAYMENT TERMS", End.ERP, "Code", "1,5", "the code contains a comma"),
    ("SHIPMENT METHOD", End.ERP, "Code", "1,5", "the code contains a comma"),
    ("SHIPPING AGENT", End.ERP, "Code", "1,5", "the code contains a comma"),
    ("ITEM-PRODPRICE", End.ERP, "Blocked", True, "the record is blocked"),
    ("RESOURCE-PRODPRICE", End.ERP, "Blocked", True, "the record is blocked"),
    (
        "SALESPRC-PRODPRICE",
        End.ERP,
        "Sales_Type",
        "All_x0020_Customers",
        "the price is not that of a customer price group",
    ),
    ("SALESPRC-PRODPRICE", End.ERP, "Sales_Code", "", "the price names no customer price group"),
    ("SALESPRC-PRODPRICE", End.ERP, "Minimum_Quantity", 5, "the price has a minimum quantity"),
    ("SALESPRC-PRODPRICE", End.ERP, "Variant_Code", "RED", "the price is that of a variant"),
    ("SALESPRC-PRODPRICE", End.ERP, "Starting_Date", "2026-01-01", "the price has a starting date"),
    ("SALESPRC-PRODPRICE", End.ERP, "Ending_Date", "2026-12-31", "the price has an ending date"),
    (
        "SALESPRC-PRODPRICE",
        End.ERP,
        "Currency_Code",
        "MXN",
        "the price is in another currency than the group's first price",
    ),
]


@pytest.mark.parametrize(("mapping", "end", "name", "value", "reason"), SCOPE_BREAKS)
async def test_record_that_a_filter_now_leaves_out_is_named(
    recorded: Recorded, mapping: str, end: End, name: str, value: object, reason: str
) -> None:
    """A record that no longer meets a filter is counted under it, and it or its partner is named."""
    expectation = next(each for each in EXPECTATIONS if each.mapping == mapping)
    before = await judge(recorded, recorded.recording, expectation)
    # The last couple: the first price of a group decides its currency.
    couple = (await couples(recorded, expectation))[-1]
    on_erp = end is End.ERP
    set_name = expectation.erp_service if on_erp else expectation.crm_set
    place = couple.erp_place if on_erp else couple.crm_place
    after = await judge(recorded, recorded.recording.changed(end, set_name, place, name, value), expectation)
    side_before, side_after = (before.erp, after.erp) if on_erp else (before.crm, after.crm)
    excluded = RecordState.EXCLUDED
    assert side_after.reasons_of(excluded)[reason] == side_before.reasons_of(excluded).get(reason, 0) + 1
    if expectation.choice_column is None:  # a choice whose code is gone is only in the CRM
        assert len(after.findings) > len(before.findings)
