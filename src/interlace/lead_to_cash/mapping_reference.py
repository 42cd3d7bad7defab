"""Writes the reference page of mappings from their declarations."""

from collections.abc import Sequence

from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter

_HEAD = """# Default mappings

This page is generated from the declarations in `interlace.lead_to_cash`; a test keeps it current.

A mapping says which ERP table meets which CRM table, in which direction changes travel, which records take
part and which field meets which. → is ERP to CRM, ← is CRM to ERP, ↔ is both ways. Rows are transferred in
the order shown. Every mapping can be changed; `interlace mappings show NAME` tells what yours does now.
"""

_TWO_WAY_HEAD = """## With two-way orders

With `bidirectional_orders` on (and the order integration off) orders follow these rows instead. A saga carries
them: what is said here of directions and fields holds, and [how an order travels](../explanation/orders.md) says when.
"""

_ARROWS = {
    Direction.TO_INTEGRATION_TABLE: "→",
    Direction.FROM_INTEGRATION_TABLE: "←",
    Direction.BIDIRECTIONAL: "↔",
}

_NAMED_KEYS = {
    NamedKey.BASE_CURRENCY: "the CRM's base currency",
    NamedKey.DEFAULT_PRICE_LIST: "the default price list",
    NamedKey.ERP_COMPANY: "the ERP company",
    NamedKey.OWNING_TEAM: "the owning team",
}


def render_mapping_reference(
    mappings: Sequence[IntegrationTableMapping], two_way: Sequence[IntegrationTableMapping] = ()
) -> str:
    """Return the page in Markdown; `two_way` are those that orders follow with two-way orders on."""
    sections = [*(_section(mapping) for mapping in mappings)]
    if two_way:
        sections += [_TWO_WAY_HEAD, *(_section(mapping, " (two-way)") for mapping in two_way)]
    return "\n".join((_HEAD, *_overview(mappings), *sections))


def _overview(mappings: Sequence[IntegrationTableMapping]) -> list[str]:
    lines = [
        "| mapping | ERP table | | CRM table | only coupled | depends on |",
        "|---|---|---|---|---|---|",
    ]
    for each in mappings:
        parents = ", ".join(each.depends_on) or "–"
        only_coupled = "yes" if each.synch_only_coupled_records else "no"
        arrow = _ARROWS[each.direction]
        lines.append(
            f"| {each.name} | {each.erp_table} | {arrow} | {_crm_table(each)} | {only_coupled} | {parents} |"
        )
    return [*lines, ""]


def _crm_table(mapping: IntegrationTableMapping) -> str:
    if mapping.choice_column is None:
        return mapping.integration_table
    return f"choices of {mapping.integration_table}.{mapping.choice_column}"


def _section(mapping: IntegrationTableMapping, suffix: str = "") -> str:
    lines = [
        f"## {mapping.name}{suffix}",
        "",
        f"{mapping.caption}: {mapping.erp_table} {_ARROWS[mapping.direction]} {_crm_table(mapping)}.",
        "",
        *_filter("ERP", mapping.table_filter),
        *_filter("CRM", mapping.integration_table_filter),
        *_matches(mapping),
        *_template(mapping),
        *_figures(mapping),
        "| ERP field | | CRM column | remarks |",
        "|---|---|---|---|",
        *(_row(row) for row in mapping.fields),
        "",
    ]
    return "\n".join(lines)


def _filter(side: str, table_filter: TableFilter) -> list[str]:
    if not table_filter.conditions:
        return []
    lines = [f"- {_condition(each)}: otherwise {each.reason}" for each in table_filter.conditions]
    return [f"{side} records take part when", "", *lines, ""]


def _condition(condition: Condition) -> str:
    if condition.other_field is not None:
        blank = " or blank" if condition.comparison is Comparison.EQUAL_TO_FIELD_OR_BLANK else ""
        return f"`{condition.field}` = `{condition.other_field}`{blank}"
    if condition.comparison in (Comparison.BLANK, Comparison.NOT_BLANK):
        return f"`{condition.field}` is {condition.comparison.value}"
    return f"`{condition.field}` {condition.comparison.value} `{condition.value}`"


def _matches(mapping: IntegrationTableMapping) -> list[str]:
    lines = []
    for rule in mapping.match_rules:
        prefix = f'"{rule.erp_prefix}" followed by ' if rule.erp_prefix else ""
        lines.append(f"- `{rule.crm_field}` equals {prefix}`{rule.erp_field}`")
    return ["An existing record is coupled before a new one is created when", "", *lines, ""] if lines else []


def _template(mapping: IntegrationTableMapping) -> list[str]:
    values = [f"`{each.field}` = `{each.value}`" for each in mapping.integration_table_config_template]
    return [f"A new CRM record also gets {', '.join(values)}.", ""] if values else []


def _figures(mapping: IntegrationTableMapping) -> list[str]:
    if not mapping.carries_figures:
        return []
    text = (
        "The ERP computes what is carried, into records that nobody else fills: a run may change all of them at once. "
        "A mass deletion and an emptied table stop it as ever."
    )
    return [text, ""]


def _row(row: IntegrationFieldMapping) -> str:
    erp = f"`{row.erp_field}`" if row.erp_field else "–"
    crm = f"`{row.crm_field}`" if row.crm_field else "–"
    return f"| {erp} | {_ARROWS[row.direction]} | {crm} | {'; '.join(_remarks(row))} |"


def _remarks(row: IntegrationFieldMapping) -> list[str]:
    remarks = []
    if isinstance(row.constant, NamedKey):
        remarks.append(f"constant: {_NAMED_KEYS[row.constant]}")
    elif row.is_constant:
        remarks.append(f"constant: {row.constant}")
    if row.reference is not None:
        remarks.append(f"through {row.reference.mapping}")
        if row.reference.part is not None:
            remarks.append(f"its {row.reference.part.table}")
        if row.reference.optional:
            remarks.append("blank when that is not coupled")
        if row.reference.blank is not None:
            remarks.append(f"blank: {_NAMED_KEYS[row.reference.blank]}")
    remarks += [f"→ {rule.describe()}" for rule in row.to_rules]
    remarks += [f"← {rule.describe()}" for rule in row.from_rules]
    if row.insert_only:
        remarks.append("only when the record is created")
    if row.after_insert:
        remarks.append("written once the record exists")
    if row.not_null:
        remarks.append("a blank leaves the other side as it is")
    if row.clear_value_on_failed_sync:
        remarks.append("cleared when the reference is not coupled")
    if row.merge_group is not None:
        remarks.append(f"part of the {row.merge_group}: in a conflict it is taken from one side whole")
    return remarks
