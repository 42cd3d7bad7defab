"""In what an order and its lines differ: gathered first, reported once it is known whether somebody has said why."""

from collections.abc import Iterable
from typing import TypeVar

from interlace.locale.translatable import translatable
from interlace.verify.comparable import as_text
from interlace.verify.expectations_of_order_lines import (
    LINE_CHECKS,
    POSTED_CHECKS,
    LineCase,
    pair_lines,
    posted_cases,
)
from interlace.verify.order_case import Binding, OrderCase, is_comment
from interlace.verify.order_check import OrderCheck
from interlace.verify.plain_reader import End
from interlace.verify.verify_report import (
    KEPT_MAX,
    FieldDifference,
    Finding,
    MappingVerdict,
    RecordState,
)

Case = TypeVar("Case")


class Differences:
    """In what one pair differs, kept until it is known whether somebody has said why."""

    def __init__(self, verdict: MappingVerdict, erp_key: str, crm_key: str) -> None:
        self._verdict = verdict
        self._names = (erp_key, crm_key)
        self._found: list[tuple[str, str, str, str, Binding]] = []
        self.is_told = True
        """Whatever drifted is such that the CRM order tells it."""

    @property
    def drifted(self) -> bool:
        """Whether something differs that must not."""
        return any(binding is Binding.DRIFT for *_, binding in self._found)

    def look(self, checks: Iterable[OrderCheck[Case]], case: Case) -> None:
        """Carry checks out."""
        for check in checks:
            values = check.difference(case)
            if values is not None:
                binding = check.binding(case)
                self._found.append((check.erp_field, check.crm_column, *values, binding))
                self.is_told &= check.told or binding is Binding.AT_CREATION

    def keep(self) -> None:
        """Put the differences into the report."""
        verdict = self._verdict
        for erp_field, crm_column, in_erp, in_crm, binding in self._found:
            drifts = binding is Binding.DRIFT
            counts = verdict.drifted_fields if drifts else verdict.creation_fields
            shown = verdict.differences if drifts else verdict.creation_differences
            counts[f"{erp_field}>{crm_column}"] += 1
            if len(shown) < KEPT_MAX:
                shown.append(
                    FieldDifference(
                        mapping=verdict.mapping,
                        erp_key=self._names[0],
                        crm_key=self._names[1],
                        erp_field=erp_field,
                        crm_column=crm_column,
                        erp_value=in_erp,
                        crm_value=in_crm,
                    )
                )

    def settle(self, state: RecordState, reason: str, *, erp: bool, crm: bool = True) -> None:
        """Count the pair."""
        if erp:
            self._verdict.erp.add(state, reason)
        if crm:
            self._verdict.crm.add(state, reason)


class LineJudge:
    """The lines of one order."""

    def __init__(self, verdict: MappingVerdict, case: OrderCase) -> None:
        self._verdict = verdict
        self._case = case
        self._pairs: list[tuple[Differences, int, int]] = []
        """Differences, and how many ERP and CRM lines are concerned."""
        self._alone: list[tuple[End, str, str]] = []
        self._crm_alone = 0
        self._erp_alone = 0
        self.differs_elsewhere = False
        """What no CRM line stands for differs: freight, or something that nobody ordered."""
        self.drifted = False
        self.is_told = True

    def run(self) -> None:
        """Compare every line."""
        if self._case.erp is None:
            self._compare_posted()
        else:
            self._compare()
        self.drifted = bool(self._alone) or any(each.drifted for each, *_ in self._pairs)
        self.is_told = all(each.is_told for each, *_ in self._pairs)

    def _compare(self) -> None:
        case = self._case
        pairs, crm, erp = pair_lines(case)
        for pair in pairs:
            self._pairs.append((self._differences(pair), 1, 0 if pair.crm is None else 1))
        for line in crm:
            key = as_text(line.get("salesorderdetailid"))
            self._crm_alone += bool(key)
            self.differs_elsewhere |= not key
            said = translatable("the ERP order {number} has no line for it", number=case.erp_number)
            self._alone.append((End.CRM, key or as_text(case.crm.get("salesorderid")), said))
        for line in erp:
            self._erp_alone += 1
            said = translatable("the CRM order has no line for it")
            self._alone.append((End.ERP, f"{case.erp_number}, {as_text(line.get('Line_No'))}", said))

    def _differences(self, pair: LineCase) -> Differences:
        crm_key = as_text(
            (pair.crm or self._case.crm).get("salesorderdetailid" if pair.crm else "salesorderid")
        )
        found = Differences(
            self._verdict, f"{self._case.erp_number}, {as_text(pair.erp.get('Line_No'))}", crm_key
        )
        found.look(LINE_CHECKS, pair)
        return found

    def _compare_posted(self) -> None:
        groups = posted_cases(self._case)
        for group in groups:
            first = group.ordered[0].get("salesorderdetailid") if group.ordered else ""
            found = Differences(self._verdict, self._case.erp_number, as_text(first))
            found.look(POSTED_CHECKS, group)
            self.differs_elsewhere |= found.drifted and not group.ordered
            self._pairs.append((found, 0, len(group.ordered)))
        if not groups:
            nothing = Differences(self._verdict, self._case.erp_number, "")
            self._pairs.append((nothing, 0, len(self._case.crm_lines)))

    def settle(self, told: str | None) -> None:
        """Count every line: by what was found, or as failed for a reason that the CRM order tells."""
        sides = self._verdict.erp, self._verdict.crm
        comments = sum(1 for line in self._case.erp_lines if is_comment(line))
        self._verdict.erp.add(RecordState.EXCLUDED, translatable("the line is a comment"), comments)
        for found, *many in self._pairs:
            state, reason = RecordState.EQUAL, ""
            if found.drifted:
                state, reason = (RecordState.DRIFTED, "") if told is None else (RecordState.FAILED, told)
            if told is None:
                found.keep()
            for side, times in zip(sides, many, strict=True):
                side.add(state, reason, times)
        state = RecordState.MISSING if told is None else RecordState.FAILED
        self._verdict.erp.add(state, told or "", self._erp_alone)
        self._verdict.crm.add(state, told or "", self._crm_alone)
        if told is None:
            for end, key, said in self._alone:
                self._verdict.note(
                    Finding(mapping=self._verdict.mapping, end=end, key=key, state=state, reason=said)
                )
