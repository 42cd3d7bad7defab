"""Everything that can keep an order from going on: a stable code, what it means, and what to do about it."""

from dataclasses import dataclass
from typing import Final

from interlace.domain.saga import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """One kind of problem."""

    code: str
    means: str
    remedy: str

    def of(self, what: str) -> Problem:
        """Return the problem of this kind that concerns the records named in `what`."""
        return Problem(code=self.code, what=what, remedy=self.remedy)


def _kind(code: str, means: str, remedy: str) -> ProblemKind:
    return ProblemKind(code=code, means=means, remedy=remedy)


# --- who orders

NO_CUSTOMER: Final = _kind(
    "order_without_customer",
    "The order names neither an account nor a contact.",
    "Choose the customer in the CRM order.",
)
CONTACT_WITHOUT_ACCOUNT: Final = _kind(
    "contact_without_account",
    "The order's customer is a contact that belongs to no account.",
    "Give the contact an account in the CRM, or choose the account as the order's customer.",
)
ACCOUNT_NOT_COUPLED: Final = _kind(
    "account_not_coupled",
    "The order's account is coupled with no ERP customer.",
    "Couple the account with its customer, or create the customer from the account (mapping CUSTOMER); the "
    "account must be active and of relationship type Customer.",
)
CUSTOMER_GONE: Final = _kind(
    "customer_gone",
    "The account is coupled with a customer that the ERP no longer has.",
    "Remove the coupling of the account and couple it with an existing customer (mapping CUSTOMER).",
)
CUSTOMER_BLOCKED: Final = _kind(
    "customer_blocked",
    "The ERP customer, or the customer who pays for it, is blocked.",
    "Unblock the customer in the ERP, or cancel the order.",
)
CREDIT_LIMIT_EXCEEDED: Final = _kind(
    "credit_limit_exceeded",
    "With this order the customer would owe more than the credit limit.",
    "Raise the customer's credit limit in the ERP, have invoices paid, or make the order smaller.",
)
SALESPERSON_NOT_COUPLED: Final = _kind(
    "salesperson_not_coupled",
    "The order's owner is coupled with no ERP salesperson, and the settings ask for one.",
    "Couple the CRM user with a salesperson (mapping SALESPEOPLE), or assign the order to a user who is.",
)
SALESPERSON_GONE: Final = _kind(
    "salesperson_gone",
    "The order's owner is coupled with a salesperson that the ERP no longer has.",
    "Remove the user's coupling and couple the user with an existing salesperson (mapping SALESPEOPLE).",
)
SALESPERSON_BLOCKED: Final = _kind(
    "salesperson_blocked",
    "The order's salesperson is blocked in the ERP.",
    "Unblock the salesperson in the ERP, or assign the CRM order to another user.",
)

# --- in which currency, at which prices

CURRENCY_UNKNOWN: Final = _kind(
    "currency_unknown",
    "The ERP has no currency with the ISO code of the order's currency.",
    "Create the currency in the ERP, or make the order in another currency.",
)
CURRENCY_WITHOUT_RATE: Final = _kind(
    "currency_without_rate",
    "The ERP has no exchange rate for the order's currency.",
    "Enter an exchange rate for the currency in the ERP that has begun.",
)
PRICE_LIST_CLOSED: Final = _kind(
    "price_list_closed",
    "The order's price list is inactive or gone.",
    "Activate the price list in the CRM, or take the order back, choose another price list and submit it again.",
)
LINE_NOT_PRICED: Final = _kind(
    "line_not_priced",
    "The CRM found no price for a line.",
    "Add the product to the price list, or override the line's price, then submit the order again.",
)

# --- what is ordered

NO_LINES: Final = _kind(
    "order_without_lines",
    "The order has no lines.",
    "Take the order back in the CRM, add products and submit it again.",
)
PRODUCT_GONE: Final = _kind(
    "product_gone",
    "A line names a product that the CRM does not show.",
    "Take the order back, choose another product and submit it again.",
)
PRODUCT_NOT_ACTIVE: Final = _kind(
    "product_not_active",
    "A line's product is retired, a draft or under revision.",
    "Publish the product in the CRM, or take the order back and choose another product.",
)
PRODUCT_TYPE_UNSUPPORTED: Final = _kind(
    "product_type_unsupported",
    "A line's product is neither sales inventory nor a service.",
    "Change the product's type to Sales Inventory or Services, or order it as a write-in product.",
)
ITEM_NOT_COUPLED: Final = _kind(
    "item_not_coupled",
    "A line's product is coupled with no ERP item.",
    "Couple the product with an item, or create the item from it (mapping ITEM-PRODUCT).",
)
ITEM_GONE: Final = _kind(
    "item_gone",
    "A line's product is coupled with an item that the ERP no longer has.",
    "Remove the product's coupling and couple it with an existing item (mapping ITEM-PRODUCT).",
)
ITEM_BLOCKED: Final = _kind(
    "item_blocked",
    "A line's item is blocked, or blocked for sales.",
    "Unblock the item in the ERP, or take the order back and choose another product.",
)
RESOURCE_NOT_COUPLED: Final = _kind(
    "resource_not_coupled",
    "A line's product is coupled with no ERP resource.",
    "Couple the product with a resource (mapping RESOURCE-PRODUCT).",
)
RESOURCE_GONE: Final = _kind(
    "resource_gone",
    "A line's product is coupled with a resource that the ERP no longer has.",
    "Remove the product's coupling and couple it with an existing resource (mapping RESOURCE-PRODUCT).",
)
RESOURCE_BLOCKED: Final = _kind(
    "resource_blocked",
    "A line's resource is blocked.",
    "Unblock the resource in the ERP, or take the order back and choose another product.",
)
WRITE_IN_NOT_SET_UP: Final = _kind(
    "write_in_not_set_up",
    "A line is a write-in product, and no item or resource stands for those.",
    "Name an item or resource for write-in products in the connection's settings.",
)
WRITE_IN_PRODUCT_GONE: Final = _kind(
    "write_in_product_gone",
    "The ERP does not have the item or resource that stands for write-in products.",
    "Create it in the ERP, or name another one in the connection's settings.",
)
WRITE_IN_PRODUCT_BLOCKED: Final = _kind(
    "write_in_product_blocked",
    "The item or resource that stands for write-in products is blocked.",
    "Unblock it in the ERP, or name another one in the connection's settings.",
)
WRITE_IN_PRODUCT_COUPLED: Final = _kind(
    "write_in_product_coupled",
    "The item or resource that stands for write-in products is coupled with a CRM product.",
    "Name one that is not coupled in the connection's settings, or remove the coupling.",
)
UNIT_MISSING: Final = _kind(
    "unit_missing",
    "A line names no unit.",
    "Take the order back, choose the line's unit and submit it again.",
)
UNIT_NOT_COUPLED: Final = _kind(
    "unit_not_coupled",
    "A line's unit belongs to a unit group that is coupled with no ERP unit.",
    "Couple the unit group with a unit of measure (mapping UNIT OF MEASURE), or choose another unit.",
)
UNIT_NOT_OF_PRODUCT: Final = _kind(
    "unit_not_of_product",
    "A line's unit is none of the units of its item or resource in the ERP.",
    "Add the unit to the item's units of measure in the ERP, or choose another unit in the CRM order.",
)
UNIT_QUANTITY_DIFFERS: Final = _kind(
    "unit_quantity_differs",
    "A line's unit holds another quantity in the CRM than in the ERP.",
    "Make the quantity per unit equal in the CRM's unit group and the item's units of measure.",
)
QUANTITY_MISSING: Final = _kind(
    "quantity_missing",
    "A line has no quantity, or one with more than five decimals.",
    "Take the order back, enter the quantity and submit it again.",
)
FREIGHT_ACCOUNT_NOT_SET: Final = _kind(
    "freight_account_not_set",
    "The order has freight, and the ERP's sales set-up names no G/L account for it.",
    "Enter the Freight G/L Acc. No. in the ERP's Sales & Receivables Setup.",
)
FREIGHT_ACCOUNT_UNUSABLE: Final = _kind(
    "freight_account_unusable",
    "The G/L account for freight does not exist, is blocked, or takes no direct postings.",
    "Correct the account in the ERP's chart of accounts, or name another one in the Sales & Receivables Setup.",
)

# --- where to

COUNTRY_UNKNOWN: Final = _kind(
    "country_unknown",
    "An address names a country that the ERP does not know by code, ISO code or name.",
    "Write the country in the CRM order as the ERP's list of countries has it.",
)
ADDRESS_TOO_LONG: Final = _kind(
    "address_too_long",
    "A part of an address is longer than the ERP can hold.",
    "Shorten it in the CRM order.",
)

# --- amounts that cannot be equal

AMOUNT_TOO_FINE: Final = _kind(
    "amount_too_fine",
    "An amount has more digits than the ERP keeps in this currency.",
    "Give the currency the same precision in the CRM as its amount rounding precision in the ERP, and submit the "
    "order again.",
)
LINE_ABOVE_PRICE: Final = _kind(
    "line_above_price",
    "A line's amount is more than its quantity times its price: the ERP knows no negative line discount.",
    "Raise the line's unit price in the CRM instead, and submit the order again.",
)
LINE_DISCOUNT_TOO_HIGH: Final = _kind(
    "line_discount_too_high",
    "A line's discount is more than its quantity times its price.",
    "Make the line's discount smaller in the CRM, and submit the order again.",
)
INVOICE_DISCOUNT_NEGATIVE: Final = _kind(
    "invoice_discount_negative",
    "The order's total is more than its lines: the ERP knows no negative invoice discount.",
    "Correct the order's discount in the CRM, or add a line for the surcharge, and submit the order again.",
)
INVOICE_DISCOUNT_TOO_HIGH: Final = _kind(
    "invoice_discount_too_high",
    "The order's discount is more than the lines that allow an invoice discount come to.",
    "Allow the invoice discount on the items in the ERP, or give the discount on the lines in the CRM.",
)
TOTALS_INCONSISTENT: Final = _kind(
    "totals_inconsistent",
    "The totals of the CRM order are not those of its lines.",
    "Have the CRM calculate the order anew (unlock its prices, or save a line), and submit it again.",
)
TOTAL_NEGATIVE: Final = _kind(
    "total_negative",
    "The order comes to less than nothing.",
    "Make a credit memo in the ERP instead, and cancel the CRM order.",
)

# --- while it is under way

SETTINGS_EXCLUDE: Final = _kind(
    "settings_exclude_each_other",
    "Sales order integration and two-way orders are both switched on.",
    "Switch one of them off: they exclude each other.",
)
TWO_ORDERS: Final = _kind(
    "two_erp_orders",
    "Several ERP orders carry the mark of this CRM order.",
    "Delete those that are copies in the ERP, or clear their External Document No.",
)
ORDER_CHANGED: Final = _kind(
    "order_changed",
    "The CRM order was changed after its ERP order had been created, which was taken back.",
    "Nothing: it is created anew as it is now.",
)
AMOUNTS_DIFFER: Final = _kind(
    "amounts_differ",
    "The ERP computed other amounts than the CRM for no reason that is known, and the ERP order was taken back.",
    "Correct what the ERP adds (discounts, prices, extensions), or the CRM order; it is tried again once one of "
    "them has changed.",
)
CHANGED_TOO_LATE: Final = _kind(
    "order_changed_too_late",
    "The CRM order was changed after its ERP order was released, shipped or invoiced in part.",
    "Change the CRM order back to what it was; or reopen the ERP order if nothing is shipped, so that it is made "
    "anew; or finish it in the ERP: once everything is invoiced the CRM order follows again.",
)
RELEASED_TOO_SOON: Final = _kind(
    "released_too_soon",
    "The ERP order was released before all that the CRM order says was written to it.",
    "Reopen the order in the ERP; release it again when the CRM shows its number.",
)
CLOSED_BEFORE_MARKED: Final = _kind(
    "closed_before_marked",
    "The CRM order was closed before it could name its ERP order.",
    "Finish or delete the order in the ERP by hand; the CRM does not follow it.",
)
TAKEN_BACK: Final = _kind(
    "order_taken_back",
    "The CRM order was reactivated while its ERP order exists.",
    "Submit the CRM order again, or cancel it, or delete the ERP order.",
)
CANCELLED_TOO_LATE: Final = _kind(
    "cancelled_too_late",
    "The order was cancelled in the CRM after the ERP had begun to ship or invoice it.",
    "Finish or correct the order in the ERP by hand (return, credit memo); the CRM keeps the cancellation.",
)
DOCUMENT_GONE: Final = _kind(
    "crm_order_gone",
    "The CRM order was deleted while its ERP order exists.",
    "Delete the order in the ERP, or finish it there without the CRM.",
)

# --- orders that travel both ways

BOTH_CHANGED: Final = _kind(
    "changed_in_both",
    "Both sides changed the same of a two-way order since they last agreed, or nobody knows what they agreed on.",
    "Make it equal in both: reopen the order in the ERP or reactivate it in the CRM, correct it, and release or "
    "submit it again.",
)
CHANGED_AFTER_SHIPMENT: Final = _kind(
    "changed_after_shipment",
    "A two-way order was changed in the CRM after the ERP had begun to ship or invoice it.",
    "Take the change back in the CRM, or enter it in the ERP too.",
)
ONE_SIDE_ONLY: Final = _kind(
    "only_the_erp_can_change_this",
    "The CRM order has another customer, currency or freight than its ERP order.",
    "Change customer and freight in the ERP, or take the change back in the CRM.",
)
NEEDS_PROCESSING_INTEGRATION: Final = _kind(
    "needs_order_processing_integration",
    "The CRM's sales order processing integration is off, so submitted orders can't be kept in step.",
    "Switch it on: enabling the connection does (`interlace connection enable`).",
)
NOT_OURS_TO_DELETE: Final = _kind(
    "cancelled_in_crm_only",
    "A two-way order that was made in the ERP was cancelled in the CRM.",
    "Delete the order in the ERP, or finish it there without the CRM.",
)
ERP_LINE_UNSUPPORTED: Final = _kind(
    "erp_line_unsupported",
    "A line of an ERP order is neither item nor resource nor freight.",
    "Reopen the order in the ERP and replace the line; freight goes to the freight account of the sales set-up.",
)
ERP_LINE_NOT_COUPLED: Final = _kind(
    "erp_line_not_coupled",
    "An ERP order's item or resource is coupled with no CRM product.",
    "Couple it with a product, or create the product from it (mappings ITEM-PRODUCT and RESOURCE-PRODUCT).",
)
ERP_UNIT_NOT_COUPLED: Final = _kind(
    "erp_unit_not_coupled",
    "The unit of an ERP order's line is none of the units of its product in the CRM.",
    "Add the unit to the product's unit group in the CRM, or choose another unit in the ERP order.",
)
AMOUNT_TOO_FINE_FOR_CRM: Final = _kind(
    "amount_too_fine_for_crm",
    "A price or amount of an ERP order has more digits than the CRM keeps.",
    "Round it in the ERP order, or give the CRM's prices (organization) or currency more digits.",
)
PRICES_WITH_TAX: Final = _kind(
    "prices_include_tax",
    "The prices of an ERP order include tax; those of the CRM don't.",
    "Switch Prices Including VAT off in the ERP order.",
)
CUSTOMER_NOT_COUPLED: Final = _kind(
    "erp_customer_not_coupled",
    "The ERP order's customer is coupled with no account.",
    "Couple the customer with its account, or create the account from it (mapping CUSTOMER).",
)
CRM_CURRENCY_UNKNOWN: Final = _kind(
    "crm_currency_unknown",
    "The CRM has no currency, or no price list in the currency, of an ERP order.",
    "Create the currency from the ERP's (mapping CURRENCY), and a price list in it.",
)
MADE_BY_THE_ERP: Final = _kind(
    "made_by_the_erp",
    "The CRM order was made of an ERP order while two-way orders were on, which are off now.",
    "Switch two-way orders on again, or cancel the CRM order.",
)
MARKED_ORDER: Final = _kind(
    "copied_from_crm_order",
    "An ERP order carries the mark of another order's CRM order: it is a copy.",
    "Clear its External Document No. in the ERP.",
)

PROBLEM_KINDS: Final[tuple[ProblemKind, ...]] = tuple(
    each for each in globals().copy().values() if isinstance(each, ProblemKind)
)
"""Every kind, in the order of an order's way."""


def render_problem_table() -> str:
    """Return all problems with their remedies as a table in Markdown, for the page on orders."""
    rows = (f"| `{each.code}` | {each.means} | {each.remedy} |" for each in PROBLEM_KINDS)
    return "\n".join(("| code | what is wrong | what to do |", "|---|---|---|", *rows))
