"""Judges orders: that each submitted CRM order has exactly one ERP order, or what was posted of it, and is equal to it.

Both ends' orders and lines are counted once each. What is held is listed with its reason; what differs is read once
more before it is called a difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from interlace.locale.translatable import as_sentence, translatable
from interlace.verify.comparable import as_text, is_blank
from interlace.verify.expectations_of_orders import HEADER_CHECKS
from interlace.verify.order_case import ACTIVE, CANCELLED, SUBMITTED, OrderCase
from interlace.verify.order_differences import Differences, LineJudge
from interlace.verify.order_parts import differs_by_rounding
from interlace.verify.order_reading import ORDERS, OrderBook, numbers_of, read_orders
from interlace.verify.plain_reader import End, PlainReader, Row
from interlace.verify.reference_book import BookName, VerifyFacts
from interlace.verify.verify_report import (
    Finding,
    MappingVerdict,
    OpenError,
    RecordState,
    SideCounts,
)

ORDER_LINES: Final = "SOLINE-ORDERDETAIL"
TOLD: Final = "told_in_the_crm_order"
INVOICED_IN_PARTS: Final = "rounded_in_partial_invoices"
_NEW: Final = translatable("its order is new")
_WORDS_MAX: Final = 300
Errors = Mapping[tuple[str, End, str], OpenError]


async def judge_orders(
    reader: PlainReader, facts: VerifyFacts, errors: Errors
) -> tuple[MappingVerdict, MappingVerdict]:
    """Read and judge all orders and their lines; what is not green is read once more, as people are at work."""
    for _ in range(2):
        verdicts = _OrderJudge(await read_orders(reader, facts), errors).run()
        if all(each.is_green for each in verdicts):
            break
    return verdicts


class _OrderJudge:
    """All orders of both ends on their way through the checks."""

    def __init__(self, book: OrderBook, errors: Errors) -> None:
        self._book = book
        self._errors = errors
        self._orders = _verdict(ORDERS, "SalesOrder", "salesorders")
        self._lines = _verdict(ORDER_LINES, "SalesOrderSalesLines", "salesorderdetails")
        self._lines.erp.total, self._lines.crm.total = book.erp_lines_total, book.crm_lines_total
        self._orders.erp.total, self._orders.crm.total = book.erp_total, len(book.crm_ids)

    def run(self) -> tuple[MappingVerdict, MappingVerdict]:
        """Judge every order of both ends."""
        book = self._book
        seen_lines = 0
        for key in book.crm_ids:
            (crm,) = book.rows.crm_orders.look(key)
            seen_lines += len(book.rows.crm_lines.look(key))
            self._judge_crm_order(key, crm)
        self._judge_outsiders()
        if seen_lines < book.crm_lines_total:
            # Their orders were made while we read.
            self._lines.crm.add(RecordState.EXCLUDED, _NEW, book.crm_lines_total - seen_lines)
        return self._orders, self._lines

    # --- a CRM order

    def _judge_crm_order(self, key: str, crm: Row) -> None:
        book = self._book
        erp = book.erp_rows(key)
        claim = book.claims.get(key)
        own = [row for row in erp if as_text(row.get("No")) == claim]
        if claim is None and len(erp) > 1:
            self._judge_doubles(key, erp)
            return
        main = own[0] if own else erp[0] if claim is None and erp else None
        self._judge_copies(key, [row for row in erp if row is not main])
        if main is not None or (claim is not None and book.invoices_of(key, claim)):
            self._judge_pair(key, book.case(key, crm, main))
        elif claim is not None and claim in book.rows.last_shipments:
            self._judge_pair(key, book.case(key, crm, None))
        elif claim is not None and len(book.claimed[claim]) > 1 and not self._is_held(key, crm, erp=0):
            self._double(key, _several(book.claimed[claim], claim))
        else:
            self._judge_alone(key, crm)

    def _judge_alone(self, key: str, crm: Row) -> None:
        """Judge a CRM order that nothing in the ERP belongs to."""
        claim, state = self._book.claims.get(key), int(str(crm.get("statecode") or 0))
        if self._is_held(key, crm, erp=0):
            return
        if claim is not None and state != CANCELLED:
            reason = translatable(
                "the ERP order {number} that it names is not there, and nothing was posted of it",
                number=claim,
            )
            self._missing(key, reason)
        elif state == SUBMITTED and is_blank(crm.get("ilc_erpkey")):
            posted = self._book.invoices_of(key, "")
            found = translatable(
                "it names no ERP order, but the invoices {numbers} carry its mark",
                numbers=numbers_of(posted),
            )
            nothing = translatable("it is submitted, and no ERP order belongs to it")
            self._missing(key, found if posted else nothing)
        else:
            self._exclude(key, _why_alone(crm, state), 0, 0)

    def _judge_pair(self, key: str, case: OrderCase) -> None:
        erp = 0 if case.erp is None else 1
        if case.state == CANCELLED and case.erp is None:
            self._exclude(key, translatable("the order was cancelled after the ERP had begun it"), 0, 0)
        elif self._is_left_alone(case):
            self._exclude(key, translatable("somebody works on the order"), erp, len(case.erp_lines))
        elif not self._is_held(key, case.crm, erp=erp, case=case):
            self._judge_others(key, case)

    def _judge_others(self, key: str, case: OrderCase) -> None:
        """Judge a pair that nothing holds: alone of its kind, and equal."""
        names = self._book.claimed.get(case.erp_number, ())
        others = self._book.invoices_of_others(key, case.erp_number)
        if len(names) > 1:
            self._double(key, _several(names, case.erp_number), case)
        elif others:
            reason = translatable(
                "the invoices {numbers} of other ERP orders carry its mark: cancel them",
                numbers=numbers_of(others),
            )
            self._double(key, reason, case)
        else:
            self._judge_fields(key, case)

    @staticmethod
    def _is_left_alone(case: OrderCase) -> bool:
        """Two-way orders are compared when both sides have let go of them."""
        if not case.is_two_way or case.erp is None or case.is_begun:
            return False
        return case.state == ACTIVE or not case.is_released

    def _is_held(self, key: str, crm: Row, *, erp: int, case: OrderCase | None = None) -> bool:
        """List an order that is held with its reason."""
        error = self._errors.get((ORDERS, End.CRM, key))
        if error is None:
            return False
        self._fail(key, crm, error, erp=erp, case=case)
        return True

    def _fail(self, key: str, crm: Row, error: OpenError, *, erp: int, case: OrderCase | None = None) -> None:
        lines, code = len(self._book.rows.crm_lines.look(key)), error.code
        self._orders.crm.add(RecordState.FAILED, code)
        self._lines.crm.add(RecordState.FAILED, code, lines)
        self._orders.erp.add(RecordState.FAILED, code, erp)
        if case is not None:
            self._lines.erp.add(RecordState.FAILED, code, len(case.erp_lines))
        self._note(self._orders, End.CRM, key, RecordState.FAILED, _of_order(crm, error.text))

    def _missing(self, key: str, reason: str) -> None:
        self._orders.crm.add(RecordState.MISSING)
        self._lines.crm.add(RecordState.MISSING, times=len(self._book.rows.crm_lines.look(key)))
        self._note(self._orders, End.CRM, key, RecordState.MISSING, reason)

    def _exclude(self, key: str, reason: str, erp: int, erp_lines: int) -> None:
        self._orders.crm.add(RecordState.EXCLUDED, reason)
        of_erp = translatable("its CRM order stays out: {reason}", reason=as_sentence(reason))
        self._orders.erp.add(RecordState.EXCLUDED, of_erp, erp)
        of_lines = _out_with_its_order(reason)
        self._lines.crm.add(RecordState.EXCLUDED, of_lines, len(self._book.rows.crm_lines.look(key)))
        self._lines.erp.add(RecordState.EXCLUDED, of_lines, erp_lines)

    # --- doubles

    def _judge_doubles(self, key: str, erp: list[Row]) -> None:
        """Judge a CRM order that names none of several ERP orders with its mark."""
        (crm,) = self._book.rows.crm_orders.look(key)
        if not self._is_held(key, crm, erp=0):
            text = translatable("the ERP orders {numbers} carry its mark", numbers=numbers_of(erp))
            self._double(key, text)
        self._judge_copies(key, erp)

    def _judge_copies(self, key: str, copies: Iterable[Row]) -> None:
        """Count ERP orders besides the one that the CRM order names: doubles, unless they hold the order by name."""
        error = self._errors.get((ORDERS, End.CRM, key))
        for row in copies:
            number = as_text(row.get("No"))
            state, code = (RecordState.DUPLICATE, "") if error is None else (RecordState.FAILED, error.code)
            self._orders.erp.add(state, code)
            self._lines.erp.add(state, code, len(self._book.rows.erp_lines.look(number)))
            reason = translatable(
                "it carries the mark of the CRM order {key}, which is another ERP order's", key=key
            )
            self._note(self._orders, End.ERP, number, state, reason)

    def _double(self, key: str, reason: str, case: OrderCase | None = None) -> None:
        erp = 0 if case is None or case.erp is None else 1
        self._orders.crm.add(RecordState.DUPLICATE)
        self._orders.erp.add(RecordState.DUPLICATE, times=erp)
        self._lines.crm.add(RecordState.DUPLICATE, times=len(self._book.rows.crm_lines.look(key)))
        self._lines.erp.add(RecordState.DUPLICATE, times=0 if case is None else len(case.erp_lines))
        self._note(self._orders, End.CRM, key, RecordState.DUPLICATE, reason)

    # --- fields

    def _judge_fields(self, key: str, case: OrderCase) -> None:
        of_header = Differences(self._orders, case.erp_number, key)
        of_header.look(HEADER_CHECKS, case)
        of_lines = LineJudge(self._lines, case)
        of_lines.run()
        words = as_text(case.crm.get("submitstatusdescription"))
        if words and of_header.is_told and of_lines.is_told and (of_header.drifted or of_lines.drifted):
            why = INVOICED_IN_PARTS if differs_by_rounding(case) else TOLD
            said = _of_order(case.crm, f"{why} {words[:_WORDS_MAX]}")
            self._note(self._orders, End.CRM, key, RecordState.FAILED, said)
            of_header.settle(RecordState.FAILED, why, erp=case.erp is not None)
            of_lines.settle(why)
        else:
            drifted = of_header.drifted or of_lines.differs_elsewhere
            state = RecordState.DRIFTED if drifted else RecordState.EQUAL
            of_header.keep()
            of_header.settle(state, "", erp=case.erp is not None)
            of_lines.settle(None)

    # --- ERP orders that no CRM order belongs to

    def _judge_outsiders(self) -> None:
        two_way = self._book.books.facts.two_way_orders
        # A mark does not say whose it is: several organizations may be served from one company.
        known_customers = self._book.books.entries(BookName.ACCOUNT_CUSTOMER)
        for each in self._book.outsiders.values():
            error = self._errors.get((ORDERS, End.ERP, each.number)) or self._errors.get(
                (ORDERS, End.ERP, f"Order\x1f{each.number}")
            )
            state, reason = RecordState.EXCLUDED, translatable("only in the ERP")
            if error is not None:
                state, reason = RecordState.FAILED, error.code
                self._note(self._orders, End.ERP, each.number, state, error.text)
            elif each.mark and each.customer not in known_customers:
                reason = translatable("its mark and its customer are another CRM organization's")
            elif each.mark:
                state, reason = RecordState.MISSING, ""
                said = translatable(
                    "it carries the mark {mark}, and no CRM order of that mark is there: it was deleted, or is "
                    "another organization's that shares the customer",
                    mark=each.mark,
                )
                self._note(self._orders, End.ERP, each.number, state, said)
            elif two_way and each.is_released:
                state, reason = RecordState.MISSING, ""
                text = translatable("no CRM order belongs to it")
                self._note(self._orders, End.ERP, each.number, state, text)
            elif two_way:
                reason = translatable("the ERP order is not released")
            self._orders.erp.add(state, reason)
            lines = self._book.outside_lines.pop(each.number, 0)
            self._lines.erp.add(state, reason and _out_with_its_order(reason), lines)
        for number in self._book.outside_lines.values():
            # Their orders were made while we read.
            self._lines.erp.add(RecordState.EXCLUDED, _NEW, number)

    @staticmethod
    def _note(verdict: MappingVerdict, end: End, key: str, state: RecordState, reason: str) -> None:
        verdict.note(Finding(mapping=verdict.mapping, end=end, key=key, state=state, reason=reason))


def _verdict(mapping: str, service: str, crm_set: str) -> MappingVerdict:
    return MappingVerdict(
        mapping=mapping,
        erp=SideCounts(end=End.ERP, table=service),
        crm=SideCounts(end=End.CRM, table=crm_set),
    )


def _several(keys: Sequence[str], number: str) -> str:
    return translatable(
        "several CRM orders name the ERP order {number}: {count}", number=number, count=len(keys)
    )


def _of_order(crm: Row, reason: str) -> str:
    number = as_text(crm.get("ordernumber"))
    return translatable("order {number}: {reason}", number=number, reason=as_sentence(reason))


def _out_with_its_order(reason: str) -> str:
    return translatable("its order stays out: {reason}", reason=as_sentence(reason))


def _why_alone(crm: Row, state: int) -> str:
    if not is_blank(crm.get("ilc_erpkey")):
        return translatable("the order names a record of another company or table")
    return {
        ACTIVE: translatable("the order is not submitted"),
        CANCELLED: translatable("the order was cancelled"),
    }.get(state, translatable("the order was completed without the ERP"))
