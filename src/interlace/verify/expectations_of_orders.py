"""What must hold between a CRM order and its ERP order, or what was posted of that: header, amounts, state.

Until it is released an ERP order is its people's to complete: what was taken over at its creation is told if it
differs. Once released, it is what the CRM order must show.
"""

from collections.abc import Callable
from typing import Final

from interlace.verify.comparable import Comparable, as_text, is_blank
from interlace.verify.expectations_of_order_amounts import AMOUNT_CHECKS, HeaderCheck
from interlace.verify.order_arithmetic import number, written
from interlace.verify.order_case import (
    Binding,
    OrderCase,
    day_of,
    erp_currency,
    folded,
)
from interlace.verify.order_check import OrderCheck
from interlace.verify.reference_book import BookName

_REFERENCE_LENGTH: Final = 35
_ERP_TEXT_LENGTH: Final = 2048
_CRM_TEXT_LENGTH: Final = 2000


def _crm(column: str) -> Callable[[OrderCase], str]:
    return lambda case: as_text(case.crm.get(column))


def _erp(field: str) -> Callable[[OrderCase], Comparable]:
    return lambda case: None if case.erp is None else as_text(case.erp.get(field))


def _of_creation(case: OrderCase) -> Binding:
    return Binding.DRIFT if case.is_released else Binding.AT_CREATION


def _always_creation(_case: OrderCase) -> Binding:
    return Binding.AT_CREATION


# --- who, and in which currency


def _customer_in_erp(case: OrderCase) -> Comparable:
    if case.erp is not None:
        return as_text(case.erp.get("Sell_to_Customer_No"))
    return ", ".join(sorted({as_text(each.get("Sell_to_Customer_No")) for each in case.invoices})) or None


def _customer_in_crm(case: OrderCase) -> str:
    account = case.crm.get("_accountid_value")
    if is_blank(account):
        account = case.books.find(BookName.ACCOUNT_OF_CONTACT, case.crm.get("_contactid_value"))
    return case.books.text(BookName.ACCOUNT_CUSTOMER, account)


def _currency_in_erp(case: OrderCase) -> Comparable:
    documents = case.invoices if case.erp is None else (case.erp,)
    return ", ".join(sorted({erp_currency(each, case.books) for each in documents})) if documents else None


def _owner_in_erp(case: OrderCase) -> Comparable:
    """The salesperson by e-mail address; one who is no user, or where a team owns records, has nothing to say."""
    if case.erp is None or is_blank(case.erp.get("Salesperson_Code")):
        return None
    facts = case.books.facts
    if facts.owned_by_team or "SALESPEOPLE" in facts.left_out:
        return None
    email = case.books.text(BookName.SALESPERSON_EMAIL, case.erp.get("Salesperson_Code"))
    known = case.books.find(BookName.USER_OF_EMAIL, email) is not None
    if case.is_released:
        return email if known else None
    return email if case.is_marked else None


def _owner_in_crm(case: OrderCase) -> Comparable:
    email = case.books.text(BookName.USER_EMAIL, case.crm.get("_ownerid_value"))
    if case.is_released:
        return email
    # An owner who is no salesperson is served by the customer's.
    return email if case.books.find(BookName.SALESPERSON_OF_EMAIL, email) is not None else None


def _mark_in_erp(case: OrderCase) -> Comparable:
    return None if case.erp is None or case.is_two_way else as_text(case.erp.get("External_Document_No"))


# --- numbers, texts, terms


def _number_in_erp(case: OrderCase) -> Comparable:
    if case.is_two_way or not case.is_released or case.number_is_taken:
        return None
    return case.erp_number


def _reference_in_crm(case: OrderCase) -> Comparable:
    ordered = as_text(case.crm.get("ordernumber"))
    # A released order has the ERP's number; what it was called before is only in the ERP.
    if not case.is_marked or ordered in ("", case.erp_number):
        return None
    return ordered[:_REFERENCE_LENGTH].rstrip()


def _name_in_erp(case: OrderCase) -> Comparable:
    if case.erp is None or case.is_two_way or not case.is_marked:
        return None
    text = folded(as_text(case.erp.get("Work_Description")))
    return text[: len(folded(as_text(case.crm.get("name"))))].rstrip()


def _description_in_erp(case: OrderCase) -> Comparable:
    if case.erp is None or not (case.is_marked or case.is_in_step):
        return None
    text = as_text(case.erp.get("Work_Description"))
    if case.is_two_way:
        return folded(text[:_CRM_TEXT_LENGTH])
    name = folded(as_text(case.crm.get("name")))
    return folded(text).removeprefix(name).strip()


def _description_in_crm(case: OrderCase) -> str:
    text = as_text(case.crm.get("description"))
    if case.is_two_way:
        return folded(text[:_CRM_TEXT_LENGTH])
    name = as_text(case.crm.get("name"))
    whole = "\n".join(each for each in (name, text) if each)[:_ERP_TEXT_LENGTH]
    return folded(whole).removeprefix(folded(name)).strip()


def _in_step(case: OrderCase) -> Binding:
    return Binding.DRIFT if case.is_in_step else Binding.AT_CREATION


def _term(
    field: str, column: str, labels: BookName, codes: BookName, *, mapping: str, is_carried: bool = True
) -> HeaderCheck:
    """Compare a code with the label of the order's own choice; `is_carried`: a released order tells its code."""

    def label_of(case: OrderCase) -> str:
        return (case.books.find(labels, case.crm.get(column)) or "").casefold()

    def code_of(case: OrderCase) -> str:
        return "" if case.erp is None else as_text(case.erp.get(field)).casefold()

    def is_told(case: OrderCase) -> bool:
        return is_carried and case.is_released and not case.is_two_way

    def in_crm(case: OrderCase) -> Comparable:
        if mapping in case.books.facts.left_out:
            return None
        label, code = label_of(case), code_of(case)
        known = bool(label) and case.books.find(codes, label) is not None
        if is_told(case):
            # A code without a choice of its name, and a choice without a code, are beyond what the other side can say.
            says = case.books.has_label(labels, code) if code else known or not label
            return label if says else None
        # What the CRM order leaves open, or the ERP has no code for, is the customer's.
        return label if known and case.is_marked else None

    return OrderCheck(
        erp_field=field,
        crm_column=column,
        in_erp=lambda case: None if case.erp is None else code_of(case),
        in_crm=in_crm,
        binding=lambda case: Binding.DRIFT if is_told(case) else Binding.AT_CREATION,
    )


def _payment_discount(case: OrderCase) -> Comparable:
    percent = number(case.crm.get("discountpercentage"))
    asked = case.books.facts.payment_discount_from_order and case.is_marked
    return written(percent) if asked and percent else None


# --- addresses and days

_PARTS: Final = (
    ("Address", "line1"),
    ("Address_2", "line2"),
    ("City", "city"),
    ("County", "stateorprovince"),
    ("Post_Code", "postalcode"),
    ("Country_Region_Code", "country"),
)


def _address_in_crm(who: str, part: str) -> Callable[[OrderCase], Comparable]:
    parts = ("line1", "line2", "line3", "city", "stateorprovince", "postalcode", "country")

    def in_crm(case: OrderCase) -> Comparable:
        texts = {each: as_text(case.crm.get(f"{who}_{each}")).strip() for each in parts}
        is_told = case.is_released and not case.is_two_way
        if not is_told and (not any(texts.values()) or not (case.is_marked or case.is_in_step)):
            return None
        if part == "line2":
            return ", ".join(each for each in (texts["line2"], texts["line3"]) if each)
        if is_told:
            return texts[part]
        if part == "country":
            return _country(case, texts["country"])
        return texts[part]

    return in_crm


def _country(case: OrderCase, text: str) -> str:
    for book in (BookName.COUNTRY_OF_CODE, BookName.COUNTRY_OF_ISO_CODE, BookName.COUNTRY_OF_NAME):
        code = case.books.find(book, text.casefold())
        if code is not None:
            return code
    return text


def _two_way_address(case: OrderCase) -> Binding:
    if case.is_two_way:
        return Binding.DRIFT if case.is_in_step else Binding.AT_CREATION
    return _of_creation(case)


def _address(erp: str, crm: str) -> tuple[HeaderCheck, ...]:
    return tuple(
        OrderCheck(
            erp_field=f"{erp}_{field}",
            crm_column=f"{crm}_{part}",
            in_erp=_stripped(f"{erp}_{field}"),
            in_crm=_address_in_crm(crm, part),
            binding=_two_way_address,
        )
        for field, part in _PARTS
    )


def _stripped(field: str) -> Callable[[OrderCase], Comparable]:
    return lambda case: None if case.erp is None else as_text(case.erp.get(field)).strip()


def _ship_to_name_in_crm(case: OrderCase) -> Comparable:
    name = as_text(case.crm.get("shipto_name")).strip()
    if case.is_released and not case.is_two_way:
        return name
    has_address = any(as_text(case.crm.get(f"shipto_{part}")).strip() for _, part in _PARTS)
    return name if name and has_address and (case.is_marked or case.is_in_step) else None


def _bill_to_name_in_erp(case: OrderCase) -> Comparable:
    if case.erp is None or case.is_two_way or not case.is_released:
        return None
    return as_text(case.erp.get("Bill_to_Name")).strip()


def _requested_in_erp(case: OrderCase) -> Comparable:
    if case.erp is None:
        return None
    day = day_of(case.erp, "Requested_Delivery_Date")
    # A blank day takes none from the CRM order.
    return None if case.is_released and not case.is_two_way and not day else day


def _requested_in_crm(case: OrderCase) -> Comparable:
    day = day_of(case.crm, "requestdeliveryby")
    if case.is_released or case.is_in_step:
        return day
    return day if day and case.is_marked else None


HEADER_CHECKS: Final[tuple[HeaderCheck, ...]] = (
    OrderCheck(
        erp_field="No",
        crm_column="ilc_erpkey",
        in_erp=lambda case: f"Order, {case.erp_number}",
        in_crm=lambda case: as_text(case.crm.get("ilc_erpkey")).replace("\x1f", ", "),
    ),
    OrderCheck(
        erp_field="Taken_Over",
        crm_column="lastbackofficesubmit",
        in_erp=lambda _case: "yes",
        in_crm=lambda case: "" if is_blank(case.crm.get("lastbackofficesubmit")) else "yes",
    ),
    OrderCheck(
        erp_field="External_Document_No",
        crm_column="salesorderid",
        in_erp=_mark_in_erp,
        in_crm=lambda case: case.mark,
    ),
    OrderCheck(
        erp_field="Sell_to_Customer_No",
        crm_column="customerid",
        in_erp=_customer_in_erp,
        in_crm=_customer_in_crm,
        told=True,
    ),
    OrderCheck(
        erp_field="Currency_Code",
        crm_column="transactioncurrencyid",
        in_erp=_currency_in_erp,
        in_crm=lambda case: case.currency,
        told=True,
    ),
    OrderCheck(
        erp_field="Prices_Including_VAT",
        crm_column="priceperunit",
        in_erp=_erp("Prices_Including_VAT"),
        in_crm=lambda _case: "false",
    ),
    OrderCheck(
        erp_field="Salesperson_Code",
        crm_column="ownerid",
        in_erp=_owner_in_erp,
        in_crm=_owner_in_crm,
        binding=_of_creation,
    ),
    OrderCheck(erp_field="No", crm_column="ordernumber", in_erp=_number_in_erp, in_crm=_crm("ordernumber")),
    OrderCheck(
        erp_field="Your_Reference",
        crm_column="ordernumber",
        in_erp=_erp("Your_Reference"),
        in_crm=_reference_in_crm,
        binding=_always_creation,
    ),
    OrderCheck(
        erp_field="Work_Description",
        crm_column="name",
        in_erp=_name_in_erp,
        in_crm=lambda case: folded(as_text(case.crm.get("name"))),
        binding=_always_creation,
    ),
    OrderCheck(
        erp_field="Work_Description",
        crm_column="description",
        in_erp=_description_in_erp,
        in_crm=_description_in_crm,
        binding=_in_step,
    ),
    _term(
        "Payment_Terms_Code",
        "paymenttermscode",
        BookName.ORDER_PAYMENT_TERMS_LABEL,
        BookName.PAYMENT_TERMS_CODE,
        mapping="PAYMENT TERMS",
    ),
    _term(
        "Shipment_Method_Code",
        "freighttermscode",
        BookName.ORDER_FREIGHT_TERMS_LABEL,
        BookName.SHIPMENT_METHOD_CODE,
        mapping="SHIPMENT METHOD",
        is_carried=False,
    ),
    _term(
        "Shipping_Agent_Code",
        "shippingmethodcode",
        BookName.ORDER_SHIPPING_METHOD_LABEL,
        BookName.SHIPPING_AGENT_CODE,
        mapping="SHIPPING AGENT",
    ),
    OrderCheck(
        erp_field="Payment_Discount_Percent",
        crm_column="discountpercentage",
        in_erp=lambda case: (
            None if case.erp is None else written(number(case.erp.get("Payment_Discount_Percent")))
        ),
        in_crm=_payment_discount,
        binding=_always_creation,
    ),
    OrderCheck(
        erp_field="Ship_to_Name",
        crm_column="shipto_name",
        in_erp=_stripped("Ship_to_Name"),
        in_crm=_ship_to_name_in_crm,
        binding=_two_way_address,
    ),
    *_address("Ship_to", "shipto"),
    OrderCheck(
        erp_field="Bill_to_Name",
        crm_column="billto_name",
        in_erp=_bill_to_name_in_erp,
        in_crm=lambda case: as_text(case.crm.get("billto_name")).strip(),
    ),
    *_address("Bill_to", "billto"),
    OrderCheck(
        erp_field="Requested_Delivery_Date",
        crm_column="requestdeliveryby",
        in_erp=_requested_in_erp,
        in_crm=_requested_in_crm,
        binding=_of_creation,
    ),
    *AMOUNT_CHECKS,
)
