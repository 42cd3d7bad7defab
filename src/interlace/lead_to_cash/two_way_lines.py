"""The lines of an order in both services: which belong together, and which side changed, added or deleted one.

A line that one side took over from the other has a key that follows from that line, so that it is known again even
when the answer to its creation was lost.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlace.domain.saga import FoundRecord, Observation, Problem
from interlace.domain.values import Value
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_amounts import Precision
from interlace.lead_to_cash.order_columns import WRITE_IN_NUMBER
from interlace.lead_to_cash.order_lines import ITEM, RESOURCE, PlannedLine, lines_in_order, plan_lines
from interlace.lead_to_cash.order_reconciliation import goods_lines
from interlace.lead_to_cash.order_values import amount_of, as_text, number_of, option_of, text_of
from interlace.lead_to_cash.two_way_field_rows import KEPT_OF_LINES, LINE_DISCOUNT, QUANTITY, UNIT_PRICE
from interlace.lead_to_cash.two_way_terms import Changes, Terms, compare, freight_lines, shown
from interlace.locale.translatable import Sentence, translatable

_NAMESPACE: Final = uuid.UUID("8f8a4a4e-70fd-5a0f-9d5c-35a2f6c0d7b1")
_GOODS: Final = "goods"
# Far beyond what the ERP gives lines itself, and within its whole numbers.
_OWN_NUMBERS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as one service has it."""

    key: str
    """The CRM line's key, or the ERP line's number."""
    goods: str
    """Kind, number and unit, in the ERP's words: a line of other goods is another line."""
    caption: str
    record: FoundRecord
    terms: Terms
    planned: PlannedLine | None = None
    """The ERP line that a CRM line becomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanges:
    """A pair of lines and what each must take over."""

    erp: Line
    crm: Line
    changes: Changes

    @property
    def merged(self) -> dict[str, Value]:
        """What both hold in the end."""
        return {**self.erp.terms, **self.changes.to_erp}


@dataclass(slots=True, kw_only=True)
class ComparedLines:
    """Everything that must be done for the lines to be the same."""

    pairs: list[LineChanges] = field(default_factory=list)
    new_in_erp: list[Line] = field(default_factory=list)
    new_in_crm: list[Line] = field(default_factory=list)
    gone_in_erp: list[Line] = field(default_factory=list)
    """CRM lines whose ERP line was deleted."""
    gone_in_crm: list[Line] = field(default_factory=list)
    """ERP lines whose CRM line was deleted."""
    conflicts: list[str] = field(default_factory=list)
    crm_prices: bool = False


def crm_line_key(order: str, number: str, goods: str) -> str:
    """Return the key of the CRM line that an ERP line becomes; `order` names the ERP order for ever."""
    return str(uuid.uuid5(_NAMESPACE, f"{order}/{number}/{goods}"))


def erp_line_number(key: str, goods: str) -> str:
    """Return the number of the ERP line that a CRM line becomes."""
    digest = hashlib.blake2b(f"{key}/{goods}".encode(), digest_size=8).digest()
    return str(_OWN_NUMBERS + int.from_bytes(digest) % _OWN_NUMBERS)


# --- as each service has them


def write_in_of(observation: Observation) -> tuple[str, str]:
    """Return kind and number of what write-in products become."""
    kind = as_text(observation.settings.get("write_in_product_type")).capitalize()
    return kind, as_text(observation.settings.get(WRITE_IN_NUMBER))


def erp_lines(observation: Observation) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Return the ERP order's lines but for comments and freight, and what the CRM can't hold of them."""
    freight = {line.key for line in freight_lines(observation)}
    lines: list[Line] = []
    missing: list[Problem] = []
    for record in goods_lines(observation):
        if record.key in freight:
            continue
        kind, number = option_of(record, "Type"), text_of(record, "No")
        caption = translatable(
            "ERP line {line} ({kind} {number})",
            line=str(number_of(record, "Line_No")),
            kind=kind,
            number=number,
        )
        if kind not in (ITEM, RESOURCE):
            what = translatable("{line} is neither item nor resource.", line=caption)
            missing.append(replace(problems.ERP_LINE_UNSUPPORTED.of(what), line=record.key))
            continue
        unit = "" if (kind, number) == write_in_of(observation) else text_of(record, "Unit_of_Measure_Code")
        lines.append(
            Line(
                key=str(number_of(record, "Line_No")),
                goods=f"{kind} {number} {unit}".strip(),
                caption=caption,
                record=record,
                terms={name: amount_of(record, name) for name in KEPT_OF_LINES},
            )
        )
    return tuple(lines), tuple(missing)


def crm_lines(observation: Observation, precision: Precision) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Return the CRM order's lines as the ERP would have them, or what is missing for that."""
    planned, missing = plan_lines(observation, precision)
    if missing:
        return (), missing
    return (
        tuple(
            Line(
                key=record.key,
                goods=f"{each.goods.kind} {each.goods.number} {each.goods.unit}".strip(),
                caption=each.caption,
                record=record,
                terms={
                    QUANTITY: each.quantity,
                    UNIT_PRICE: each.price.unit_price,
                    LINE_DISCOUNT: each.price.discount,
                },
                planned=each,
            )
            for record, each in zip(lines_in_order(observation), planned, strict=True)
        ),
        (),
    )


# --- remembered


def remembered_of_lines(compared: ComparedLines) -> dict[str, Value]:
    """Return what is to be remembered of lines that are the same."""
    values: dict[str, Value] = {}
    for pair in compared.pairs:
        prefix = f"line {pair.crm.key} {pair.erp.key} "
        values[prefix + _GOODS] = pair.erp.goods
        values |= {prefix + name: pair.erp.terms[name] for name in KEPT_OF_LINES}
    return values


def remembered_pairs(agreed: Mapping[str, Value]) -> dict[tuple[str, str], dict[str, Value]]:
    """Read back the lines that both sides agreed on: CRM key and ERP number, with their goods and terms."""
    pairs: dict[tuple[str, str], dict[str, Value]] = {}
    for name, value in agreed.items():
        if name.startswith("line "):
            _, key, number, term = name.split(" ", 3)
            pairs.setdefault((key, number), {})[term] = value
    return pairs


# --- compared


def compare_lines(
    order: str,
    agreed: Mapping[str, Value] | None,
    erp: Sequence[Line],
    crm: Sequence[Line],
    *,
    crm_prices: bool = False,
) -> ComparedLines:
    """Find out which lines belong together, and who changed what since both sides agreed.

    With `crm_prices` the ERP's prices and discounts are what it reckoned at our writes, and give way.
    """
    compared = ComparedLines(crm_prices=crm_prices)
    in_erp, in_crm = {each.key: each for each in erp}, {each.key: each for each in crm}
    for (key, number), base in remembered_pairs(agreed or {}).items():
        _compare_remembered(compared, base, in_erp.get(number), in_crm.get(key), in_erp, in_crm)
    _pair_by_keys(compared, order, in_erp, in_crm)
    if agreed is None:
        _pair_in_order(compared, in_erp, in_crm)
        compared.conflicts += [
            translatable("{line} is in one service only.", line=each.caption)
            for each in (*in_erp.values(), *in_crm.values())
        ]
        return compared
    compared.new_in_erp += in_erp.values()
    compared.new_in_crm += in_crm.values()
    return compared


def _compare_remembered(
    compared: ComparedLines,
    base: Mapping[str, Value],
    erp: Line | None,
    crm: Line | None,
    in_erp: dict[str, Line],
    in_crm: dict[str, Line],
) -> None:
    if erp is not None and erp.goods != base[_GOODS]:
        erp = None
    if crm is not None and crm.goods != base[_GOODS]:
        crm = None
    if erp is not None:
        del in_erp[erp.key]
    if crm is not None:
        del in_crm[crm.key]
    if erp is not None and crm is not None:
        _compare_pair(compared, base, erp, crm)
    elif erp is not None:
        _judge_gone(compared, base, erp, "CRM", compared.gone_in_crm)
    elif crm is not None:
        _judge_gone(compared, base, crm, "ERP", compared.gone_in_erp)


def _judge_gone(
    compared: ComparedLines, base: Mapping[str, Value], line: Line, where: str, gone: list[Line]
) -> None:
    if all(line.terms[name] == base[name] for name in KEPT_OF_LINES):
        gone.append(line)
    else:
        compared.conflicts.append(
            translatable(
                "{line} was deleted in the {service} and changed in the other service.",
                line=line.caption,
                service=where,
            )
        )


def _compare_pair(compared: ComparedLines, base: Mapping[str, Value] | None, erp: Line, crm: Line) -> None:
    changes = Changes()
    for name in KEPT_OF_LINES:
        caption = Sentence("{line}: {field}", {"line": crm.caption, "field": name.replace("_", " ")})
        if compared.crm_prices and name != QUANTITY:
            if erp.terms[name] != crm.terms[name]:
                changes.to_erp[name] = crm.terms[name]
        elif base is None and erp.terms[name] != crm.terms[name]:
            changes.conflicts.append(
                translatable(
                    "{field} is {erp} in the ERP and {crm} in the CRM.",
                    field=caption,
                    erp=shown(erp.terms[name]),
                    crm=shown(crm.terms[name]),
                )
            )
        else:
            compare(name, caption, base, erp.terms, crm.terms, changes)
    compared.conflicts += changes.conflicts
    compared.pairs.append(LineChanges(erp=erp, crm=crm, changes=changes))


def _pair_by_keys(
    compared: ComparedLines, order: str, in_erp: dict[str, Line], in_crm: dict[str, Line]
) -> None:
    """Pair lines that one side took over from the other: their keys follow from each other."""
    for erp in list(in_erp.values()):
        crm = in_crm.get(crm_line_key(order, erp.key, erp.goods))
        if crm is not None and crm.goods == erp.goods:
            _take_pair(compared, erp, crm, in_erp, in_crm)
    for crm in list(in_crm.values()):
        erp_found = in_erp.get(erp_line_number(crm.key, crm.goods))
        if erp_found is not None and crm.goods == erp_found.goods:
            _take_pair(compared, erp_found, crm, in_erp, in_crm)


def _pair_in_order(compared: ComparedLines, in_erp: dict[str, Line], in_crm: dict[str, Line]) -> None:
    """Pair the lines of an order that was created whole: they stand in the same order."""
    erp, crm = list(in_erp.values()), list(in_crm.values())
    if [each.goods for each in erp] == [each.goods for each in crm]:
        for one, other in zip(erp, crm, strict=True):
            _take_pair(compared, one, other, in_erp, in_crm)


def _take_pair(
    compared: ComparedLines, erp: Line, crm: Line, in_erp: dict[str, Line], in_crm: dict[str, Line]
) -> None:
    _compare_pair(compared, None, erp, crm)
    del in_erp[erp.key]
    del in_crm[crm.key]
