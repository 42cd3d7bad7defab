"""Properties of the books, whatever is sold in whatever order: sums, ledgers, and stock agree."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlace.sandbox.erp.sales_amounts import price_line, round_to, total_document

PRECISIONS = {"": Decimal("0.01"), "USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}


def _decimals(largest: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, largest).map(lambda number: Decimal(number).scaleb(-places))


LINES = st.lists(
    st.fixed_dictionaries(
        {
            "Quantity": _decimals(10**7, 5),
            "Unit_Price": _decimals(10**9, 5),
            "Line_Discount_Percent": _decimals(10**7, 5),
            "VAT_Percent": st.sampled_from([Decimal(0), Decimal(7), Decimal(19), Decimal("7.7")]),
            "Allow_Invoice_Disc": st.booleans(),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(
    lines=LINES,
    share=st.integers(0, 100),
    including=st.booleans(),
    precision=st.sampled_from(sorted(PRECISIONS.values())),
)
@settings(max_examples=150)
def test_lines_add_up_to_the_document(
    lines: list[dict[str, Any]],
    share: int,
    including: bool,  # noqa: FBT001 - drawn
    precision: Decimal,
) -> None:
    """The lines' amounts add up to the document's, the discount is spread whole, VAT is off by no rounding."""
    priced = [dict(line) for line in lines]
    for line in priced:
        price_line(line, precision, by_amount=False)
    allowed = sum((line["Line_Amount"] for line in priced if line["Allow_Invoice_Disc"]), Decimal(0))
    discount = round_to(allowed * share / 100, precision)
    total, total_including = total_document(
        priced, discount=discount, prices_including_vat=including, precision=precision
    )
    assert sum(line["Amount"] for line in priced) == total
    assert sum(line["Amount_Including_VAT"] for line in priced) == total_including
    assert sum(line["Inv_Discount_Amount"] for line in priced) == discount
    by_rate: dict[Decimal, list[dict[str, Any]]] = defaultdict(list)
    for line in priced:
        by_rate[line["VAT_Percent"]].append(line)
        assert line["Amount"] % precision == 0
        assert line["Amount_Including_VAT"] % precision == 0
    for percent, group in by_rate.items():
        net = sum(line["Amount"] for line in group)
        gross = sum(line["Amount_Including_VAT"] for line in group)
        expected = gross / (1 + percent / 100) if including else net * (1 + percent / 100)
        assert abs((net if including else gross) - expected) <= precision / 2


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("order"),
            st.sampled_from(["HOME", "RETAILER", "GROSS", "ABROAD"]),
            st.sampled_from(["", "JPY", "KWD"]),
            st.lists(
                st.tuples(st.sampled_from(["CHAIR", "DESK", "BOOK"]), _decimals(2_000, 2)),
                min_size=1,
                max_size=3,
            ),
        ),
        st.tuples(st.just("ship"), _decimals(500, 2)),
        st.tuples(st.just("invoice"), _decimals(500, 2)),
        st.tuples(st.just("both")),
        st.tuples(st.just("pay"), _decimals(50_000, 2)),
        st.tuples(st.just("cancel")),
    ),
    min_size=3,
    max_size=14,
)


@given(steps=STEPS)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_books_balance(new_shop: Any, steps: list[tuple[Any, ...]]) -> None:
    """Orders, postings, payments and cancellations in any order leave ledgers, documents and stock agreed."""
    shop = new_shop()
    for step in steps:
        _do(shop, step)
        _check_books(shop)


def _do(shop: Any, step: tuple[Any, ...]) -> None:
    """Do one step with the newest document; a refusal is an answer like any other."""
    match step:
        case ("order", customer, currency, lines):
            body: dict[str, object] = {"currencyCode": currency} if currency else {}
            wanted = [{"lineObjectNumber": item, "quantity": str(quantity)} for item, quantity in lines]
            shop.document("salesOrders", customer, wanted, **body)
        case ("ship" | "invoice" as kind, quantity):
            _post(shop, {"ship": kind == "ship", "invoice": kind == "invoice"}, kind, quantity)
        case ("both",):
            _post(shop, {"ship": True, "invoice": True}, "", Decimal(0))
        case ("pay", amount):
            _pay(shop, amount)
        case ("cancel",):
            invoices = shop.rows("PostedSalesInvoice")
            if invoices:
                url = f"{shop.erp.pages}/PostedSalesInvoice('{invoices[-1]['No']}')"
                _try(shop, f"{url}/NAV.Cancel", None)
        case _:
            raise AssertionError(step)


def _try(shop: Any, url: str, body: Mapping[str, object] | None) -> None:
    assert shop.erp.send("POST", url, body).status in {201, 204, 400}


def _post(shop: Any, parameters: Mapping[str, object], kind: str, quantity: Decimal) -> None:
    orders = shop.rows("SalesOrder")
    if not orders:
        return
    url = shop.page("SalesOrder", orders[-1]["No"])
    if kind:
        line = shop.rows("SalesOrderSalesLines", Document_No=orders[-1]["No"])[0]
        field = "Qty_to_Ship" if kind == "ship" else "Qty_to_Invoice"
        shop.erp.send(
            "PATCH",
            f"{url}/SalesOrderSalesLines(Line_No={line['Line_No']})",
            {field: str(quantity)},
            {"If-Match": "*"},
        )
    _try(shop, f"{url}/NAV.Post", parameters)


def _pay(shop: Any, amount: Decimal) -> None:
    invoices = shop.rows("PostedSalesInvoice")
    if not invoices:
        return
    body = {"Journal_Batch_Name": "PAYMENT", "Applies_to_Doc_No": invoices[-1]["No"], "Amount": str(-amount)}
    line = shop.erp.post(f"{shop.erp.pages}/CashReceiptJournal", body)
    batch = f"{shop.erp.pages}/CashReceiptJournalBatches('PAYMENT')"
    if shop.erp.send("POST", f"{batch}/NAV.Post").status == 400:
        key = f"Journal_Batch_Name='PAYMENT',Line_No={line['Line_No']}"
        shop.erp.send("DELETE", f"{shop.erp.pages}/CashReceiptJournal({key})")


def _check_books(shop: Any) -> None:
    entries = shop.rows("CustomerLedgerEntries")
    for total, remaining in (("Amount", "Remaining_Amount"), ("Amount_LCY", "Remaining_Amt_LCY")):
        by_account: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for entry in entries:
            account = (entry["Customer_No"], entry["Currency_Code"])
            by_account[account] += Decimal(entry[total]) - Decimal(entry[remaining])
        assert not any(by_account.values()), total
    assert all(entry["Open"] is (entry["Remaining_Amount"] != 0) for entry in entries)
    documents = (
        ("PostedSalesInvoice", "PostedSalesInvoiceSalesInvLines", "Invoice", 1),
        ("PostedSalesCreditMemo", "PostedSalesCreditMemoSalesCrMemoLines", "Credit_x0020_Memo", -1),
    )
    for page, part, kind, sign in documents:
        lines = shop.rows(part)
        for document in shop.rows(page):
            own = [line for line in lines if line["Document_No"] == document["No"]]
            for name in ("Amount", "Amount_Including_VAT"):
                assert sum(Decimal(line[name]) for line in own) == document[name]
            entry = [
                entry
                for entry in entries
                if (entry["Document_Type"], entry["Document_No"]) == (kind, document["No"])
            ]
            assert [Decimal(each["Original_Amount"]) for each in entry] == [
                sign * document["Amount_Including_VAT"]
            ]
    _check_stock(shop)


def _check_stock(shop: Any) -> None:
    moved: dict[str, Decimal] = defaultdict(Decimal)
    left: dict[str, Decimal] = defaultdict(Decimal)
    for entry in shop.rows("ItemLedgerEntries"):
        moved[entry["Item_No"]] += Decimal(entry["Quantity"])
        left[entry["Item_No"]] += Decimal(entry["Remaining_Quantity"])
        assert entry["Completely_Invoiced"] is (entry["Invoiced_Quantity"] == entry["Quantity"])
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for line in shop.rows("SalesOrderSalesLines"):
        wanted[line["No"]] += Decimal(line["Outstanding_Qty_Base"])
        assert line["Quantity"] == Decimal(line["Quantity_Shipped"]) + Decimal(line["Outstanding_Quantity"])
    for item in shop.rows("ItemCard"):
        number = item["No"]
        assert item["Inventory"] == moved[number] == left[number]
        assert item["Projected_Available_Balance"] == moved[number] - wanted[number]


def test_the_books_are_kept(new_shop: Any, tmp_path: Path) -> None:
    """What was posted is there after a restart, and the series and ledgers go on behind it."""
    first = new_shop(tmp_path)
    order = first.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 2}])
    before = first.value(first.act(first.url("salesOrders", order), "shipAndInvoice"))
    first.erp.app.close()
    again = new_shop(tmp_path)
    assert again.value(again.url("salesInvoices", before)) == before
    assert again.stock("CHAIR") == 98
    order = again.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 2}])
    after = again.value(again.act(again.url("salesOrders", order), "shipAndInvoice"))
    assert (order["number"], after["number"]) == ("101002", "103002")
    assert [entry["Entry_No"] for entry in again.rows("ItemLedgerEntries")] == [1, 2, 3]
