"""What an ERP order is created with: header, goods, write-ins, comments, freight, units, currencies, addresses."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lead_to_cash.order_world import (
    MARK,
    amount,
    document,
    line,
    observation,
    with_found,
    with_settings,
    with_values,
)

from interlace.domain.saga import CreateDocument, Observation
from interlace.domain.values import Value
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.lead_to_cash.order_values import text_length, text_lines


def created(seen: Observation) -> CreateDocument:
    """Return the create that an observation leads to."""
    step = ORDER_SAGA.decide(seen)
    assert isinstance(step, CreateDocument), step
    return step


def of_document(**changed: Value) -> CreateDocument:
    """Return the create of the plain order with a changed header."""
    return created(observation(document(**changed)))


def of_lines(*changes: dict[str, Value], **settings: Value) -> CreateDocument:
    """Return the create of an order with these lines."""
    made = [line(f"line-{place}", **each) for place, each in enumerate(changes, start=1)]
    total = sum((amount(str(each.values["extendedamount"])) for each in made), amount("0"))
    totals = dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), total)
    seen = with_settings(observation(document(**totals)), **settings)
    return created(with_found(seen, "lines", *made))


def test_plain_order() -> None:
    """Customer, mark, local currency by name, prices without tax, salesperson; one line with its own discount."""
    step = created(observation())
    assert step.table == "Sales_Header"
    assert step.values == {
        "Sell_to_Customer_No": "10000",
        "External_Document_No": MARK,
        "Currency_Code": "EUR",
        "Prices_Including_VAT": False,
        "Salesperson_Code": "JR",
        "Invoice_Discount_Amount": 0,
    }
    assert step.lines == (
        {
            "Type": "Item",
            "No": "1000",
            "Unit_of_Measure_Code": "PCS",
            "Quantity": 10,
            "Unit_Price": 20,
            "Line_Discount_Amount": 10,
        },
    )


def test_properties_are_sent_in_the_order_of_their_validation() -> None:
    """Goods bring their unit, a quantity its price, a price its discount: the order of the fields counts."""
    names = list(created(observation()).lines[0])
    assert names == ["Type", "No", "Unit_of_Measure_Code", "Quantity", "Unit_Price", "Line_Discount_Amount"]


def test_lines_come_as_the_form_shows_them() -> None:
    """The sequence counts, then the line number; lines without either come last."""
    step = of_lines(
        {"description": "third", "lineitemnumber": None},
        {"description": "second", "lineitemnumber": 2},
        {"description": "first", "lineitemnumber": 9, "sequencenumber": 1},
    )
    assert [each["Description"] for each in step.lines if not each["Type"]] == ["first", "second", "third"]


def test_resources_and_units() -> None:
    """Services become resource lines; a unit other than the base unit is the item's unit of that name."""
    step = of_lines(
        {"productid": "product-2", "uomid": "uom-hour"}, {"uomid": "uom-box", "lineitemnumber": 2}
    )
    assert [(each["Type"], each["No"], each["Unit_of_Measure_Code"]) for each in step.lines] == [
        ("Resource", "LIFT", "HOUR"),
        ("Item", "1000", "BOX"),
    ]


def test_five_decimals_are_kept() -> None:
    """A quantity of five decimals is sent as it is, and the discount makes the amount equal."""
    step = of_lines(
        {"quantity": amount("1.23456"), "priceperunit": amount("0.3333"), "extendedamount": amount("0.40")}
    )
    assert step.lines[0]["Quantity"] == amount("1.23456")
    assert step.lines[0]["Line_Discount_Amount"] == amount("0.01")


WRITE_IN: dict[str, Value] = {
    "productid": None,
    "uomid": None,
    "productdescription": "Engraving of " + "very " * 30 + "long names",
    "description": "First line\nSecond line\n\nThird line",
}


@pytest.mark.parametrize(
    ("kind", "number", "wanted"),
    [("item", "EXTRA", ("Item", "EXTRA")), ("resource", "HAND", ("Resource", "HAND"))],
)
def test_write_ins_and_long_texts(kind: str, number: str, wanted: tuple[str, str]) -> None:
    """A write-in's text is the line's description and goes on in comment lines, before what was remarked."""
    step = of_lines(WRITE_IN, write_in_product_type=kind, write_in_product_number=number)
    goods, *comments = step.lines
    assert (goods["Type"], goods["No"]) == wanted
    assert "Unit_of_Measure_Code" not in goods
    assert len(str(goods["Description"])) <= 100
    assert all(set(each) == {"Type", "Description"} and each["Type"] == "" for each in comments)
    told = [str(each["Description"]) for each in step.lines]
    assert " ".join(told[:-3]) == str(WRITE_IN["productdescription"])
    assert told[-3:] == ["First line", "Second line", "Third line"]


def test_remarks_on_goods_become_comments() -> None:
    """An item keeps the ERP's name; what was remarked follows as comments."""
    step = of_lines({"description": "Handle with care"})
    assert "Description" not in step.lines[0]
    assert step.lines[1] == {"Type": "", "Description": "Handle with care"}


def test_freight_and_discount_of_the_whole_order() -> None:
    """The order's discount is the invoice discount; freight is a last line on its G/L account."""
    step = of_document(
        totalamountlessfreight=amount("171"), freightamount=amount("9.5"), totalamount=amount("180.5")
    )
    assert step.values["Invoice_Discount_Amount"] == 19
    assert step.lines[-1] == {
        "Type": "G/L Account",
        "No": "8720",
        "Quantity": 1,
        "Unit_Price": amount("9.5"),
        "Line_Discount_Amount": 0,
    }


def test_currency_without_decimals() -> None:
    """Yen are rounded to whole ones on both sides, and the ERP's discount is whole too."""
    totals = dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), amount("3332"))
    seen = observation(document(transactioncurrencyid="jpy", **totals))
    yen = line(quantity=amount("3"), priceperunit=amount("1111.11"), extendedamount=amount("3332"))
    step = created(with_found(seen, "lines", yen))
    assert step.values["Currency_Code"] == "JPY"
    assert step.lines[0]["Line_Discount_Amount"] == 1


def test_foreign_currency_needs_no_coupling() -> None:
    """The ISO code leads to the ERP's currency."""
    assert of_document(transactioncurrencyid="usd").values["Currency_Code"] == "USD"


def test_delivery_date() -> None:
    """The day on which the order is wanted is the header's requested delivery date."""
    step = of_document(requestdeliveryby="2026-04-01T00:00:00Z")
    assert step.values["Requested_Delivery_Date"] == "2026-04-01"


def test_address_is_whole_or_not_at_all() -> None:
    """One filled part makes the whole address: blank parts overwrite the customer's; none leaves his."""
    assert not [name for name in of_document().values if name.startswith("Ship_to")]
    step = of_document(
        shipto_city="Bonn", shipto_country="germany", shipto_line2="Gate 2", shipto_line3="Bell 3"
    )
    assert {name: step.values[name] for name in step.values if name.startswith("Ship_to")} == {
        "Ship_to_Address": "",
        "Ship_to_Address_2": "Gate 2, Bell 3",
        "Ship_to_Post_Code": "",
        "Ship_to_City": "Bonn",
        "Ship_to_County": "",
        "Ship_to_Country_Region_Code": "DE",
    }


@pytest.mark.parametrize("country", ["USA", "us", "United states"])
def test_countries_are_known_by_code_iso_code_and_name(country: str) -> None:
    """People write countries in many ways; the ERP's code is sent."""
    step = of_document(shipto_country=country, shipto_name="Hall")
    assert step.values["Ship_to_Country_Region_Code"] == "USA"
    assert step.values["Ship_to_Name"] == "Hall"


def test_contact_orders_for_the_account() -> None:
    """An order of a contact is one of the account that the contact belongs to."""
    assert of_document(accountid=None, contactid="contact-1").values["Sell_to_Customer_No"] == "10000"


def test_owner_without_a_salesperson_leaves_the_customers() -> None:
    """Without a coupled owner the ERP takes the customer's salesperson."""
    seen = observation(document(ownerid="user-9"))
    assert "Salesperson_Code" not in created(seen).values


def test_fewer_digits_of_unit_prices_round_up_and_discount() -> None:
    """Where the ERP keeps fewer digits of unit prices, the next price up and a discount give the CRM's amount."""
    seen = with_values(observation(), "ledger setup", "", Unit_Amount_Rounding_Precision=amount("0.01"))
    odd = line(quantity=amount("3"), priceperunit=amount("1.2345"), extendedamount=amount("3.70"))
    totals = dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), amount("3.70"))
    step = created(with_found(replace(seen, document=document(**totals)), "lines", odd))
    assert step.lines[0]["Unit_Price"] == amount("1.24")
    assert step.lines[0]["Line_Discount_Amount"] == amount("0.02")


@given(text=st.text(max_size=600), length=st.integers(min_value=2, max_value=100))
def test_no_character_of_a_text_is_lost(text: str, length: int) -> None:
    """Whatever is written, every line fits the ERP, none is blank, and together they say the same."""
    lines = text_lines(text, length)
    assert all(each and text_length(each) <= length for each in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
