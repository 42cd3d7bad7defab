"""Whatever is observed of an order, there is a next step: the decision is total."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lead_to_cash.order_world import ERP_KEY, observation

from interlace.domain.saga import Creation, FoundRecord, Observation
from interlace.domain.values import Value
from interlace.lead_to_cash.order_columns import DOCUMENT_FIELDS
from interlace.lead_to_cash.order_looks import ORDER_LOOKS
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA

PLAIN = observation()
CHOICES = {
    "statecode": st.sampled_from([0, 1, 2, 3, 4, None]),
    "statuscode": st.sampled_from([1, 2, 3, 4, 100001, 100003, None]),
    "ilc_erpkey": st.sampled_from([None, ERP_KEY, "Order\x1f9", "odd"]),
    "ilc_orderstatus": st.sampled_from([None, "On Hold", "Deleted", "Released"]),
    "lastbackofficesubmit": st.sampled_from([None, "2026-01-01T00:00:00Z"]),
}
FLAGS = {"Blocked", "Sales_Blocked", "Direct_Posting", "Allow_Invoice_Disc", "isschedulebaseuom", "Closed"}
FLAGS |= {"issopintegrationenabled", "Cancelled", "Prices_Including_VAT", "Completely_Shipped"}
WHOLE = {"statecode", "statuscode", "pricingerrorcode", "producttypecode", "currencyprecision", "Line_No"}
WHOLE |= {"sequencenumber", "lineitemnumber", "paymenttermscode", "freighttermscode", "shippingmethodcode"}
TEXT = {
    "isocurrencycode",
    "LCY_Code",
    "Code",
    "ISO_Code",
    "Name",
    "name",
    "fullname",
    "No",
    "Order_No",
    "Status",
}
TEXT |= {"Type", "ordernumber", "productnumber", "productname", "productdescription", "description"}
TEXT |= {"Your_Reference", "Work_Description"}
AMOUNT_WORDS = (
    "amount", "Amount", "quantity", "Quantity", "Price", "price", "Precision", "Rate", "Percent", "tax",
    "Qty", "Limit", "Total", "percentage",
)  # fmt: skip


def value_of(field: str) -> st.SearchStrategy[Value]:
    """Generate values of the kind that a field holds, nothing among them."""
    if field in CHOICES:
        return CHOICES[field]
    if field in FLAGS:
        return st.sampled_from([None, True, False])
    if field in WHOLE:
        return st.sampled_from([None, 0, 1, 2, 3, 4])
    if field not in TEXT and any(word in field for word in AMOUNT_WORDS):
        return (
            st.none()
            | st.decimals(min_value=-100_000, max_value=100_000, places=5)
            | st.just(Decimal("0.01"))
        )
    if field in TEXT:
        return st.none() | st.text(max_size=120)
    return st.sampled_from([None, "", "a", "2026-01-01T00:00:00Z", "x" * 300])


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Generate observations: the plain one with anything changed, missing, doubled or added."""
    found = {}
    for look in ORDER_LOOKS:
        records = dict(PLAIN.found[look.name])
        if draw(st.integers(0, 9)) == 0:
            records = {}
        extra = draw(st.sampled_from(["", "", "", ERP_KEY, "order-2", "line-2"]))
        if extra:
            records[extra] = FoundRecord(key=extra, tag=None, values=dict.fromkeys(look.fields))
        for key, each in list(records.items()):
            changed = draw(st.lists(st.sampled_from(look.fields), max_size=3))
            values = {**dict.fromkeys(look.fields), **each.values}
            records[key] = replace(each, values=values | {name: draw(value_of(name)) for name in changed})
        found[look.name] = records
    assert PLAIN.document is not None
    names = draw(st.lists(st.sampled_from((*DOCUMENT_FIELDS, *CHOICES)), max_size=6))
    document = replace(
        PLAIN.document, values={**PLAIN.document.values, **{name: draw(value_of(name)) for name in names}}
    )
    partners = {name: each for name, each in PLAIN.partners.items() if draw(st.integers(0, 9))}
    return replace(
        PLAIN,
        document=draw(st.sampled_from([document, document, document, None])),
        found=found,
        partners=partners,
        creation=draw(st.sampled_from(Creation)),
        partner=draw(st.sampled_from([None, ERP_KEY, "Order\x1f9"])),
        settings=draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "write_in_product_type": st.sampled_from(["item", "Resource", "none", None]),
                    "write_in_product_number": st.sampled_from(["EXTRA", "HAND", None]),
                    "check_credit_limit": st.booleans(),
                    "require_salesperson": st.booleans(),
                    "payment_discount_from_order": st.booleans(),
                    "company_id": st.sampled_from([None, "c"]),
                },
            )
        ),
    )


@settings(max_examples=60)
@given(seen=observations())
def test_every_observation_has_a_next_step(seen: Observation) -> None:
    """No observation, however odd, raises; a held order names problems with remedies; nothing writes nothing."""
    step = ORDER_SAGA.decide(seen)
    for each in getattr(step, "problems", ()):
        assert each.code
        assert each.what
        assert each.remedy
    assert getattr(step, "values", {"": None})
    assert ORDER_SAGA.decide(seen) == step
