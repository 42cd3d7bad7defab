"""The shape of a check of an order: two values that must agree, and how much it means if they don't."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from interlace.verify.comparable import Comparable
from interlace.verify.order_case import Binding

Case = TypeVar("Case")
CaseJudge: TypeAlias = Callable[[Case], Comparable]
"""Brings something of an order, or of one of its lines, into comparable form; None: not to be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck(Generic[Case]):
    """One thing that both ends must say alike."""

    erp_field: str
    crm_column: str
    in_erp: CaseJudge[Case]
    in_crm: CaseJudge[Case]
    binding: Callable[[Case], Binding] = lambda _case: Binding.DRIFT
    told: bool = False
    """The ERP's people may change it: then the CRM order says what differs, and that is the named reason."""

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.erp_field}>{self.crm_column}"

    def difference(self, case: Case) -> tuple[str, str] | None:
        """Return both values if they disagree."""
        in_erp, in_crm = self.in_erp(case), self.in_crm(case)
        if in_erp is None or in_crm is None or in_erp == in_crm:
            return None
        return in_erp, in_crm
