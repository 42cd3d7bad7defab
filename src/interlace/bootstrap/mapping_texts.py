"""What mappings say of themselves in words: field rows, filters, match rules, templates."""

from interlace.bootstrap.mapping_conditions import condition_text
from interlace.domain.integration_field_mapping import IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import MatchRule, TemplateField
from interlace.domain.table_filter import TableFilter
from interlace.locale.translatable import as_sentence, translatable

_NAMED_KEYS = {
    NamedKey.BASE_CURRENCY: translatable("base currency"),
    NamedKey.DEFAULT_PRICE_LIST: translatable("default price list"),
    NamedKey.ERP_COMPANY: translatable("erp company"),
    NamedKey.OWNING_TEAM: translatable("owning team"),
}


def remarks_of(row: IntegrationFieldMapping) -> list[str]:
    """Say what happens to a row's value on its way."""
    remarks = [_constant_text(row)] if row.is_constant else []
    if row.reference is not None:
        remarks.append(translatable("through the couplings of {mapping}", mapping=row.reference.mapping))
        if row.reference.blank is not None:
            remarks.append(translatable("blank stands for the {key}", key=_NAMED_KEYS[row.reference.blank]))
    remarks += [translatable("to the CRM {rule}", rule=as_sentence(rule.describe())) for rule in row.to_rules]
    remarks += [
        translatable("to the ERP {rule}", rule=as_sentence(rule.describe())) for rule in row.from_rules
    ]
    flags = (
        (row.insert_only, translatable("only for new records")),
        (row.after_insert, translatable("written once the record exists")),
        (row.clear_value_on_failed_sync, translatable("cleared while its record isn't coupled")),
        (row.not_null, translatable("a blank leaves the other side as it is")),
    )
    remarks += [text for holds, text in flags if holds]
    if row.merge_group is not None:
        remarks.append(
            translatable(
                "part of the {group}: in a conflict it is taken from one side whole", group=row.merge_group
            )
        )
    return remarks


def _constant_text(row: IntegrationFieldMapping) -> str:
    constant = row.constant
    if constant is None:
        return translatable("always blank")
    text = _NAMED_KEYS[constant] if isinstance(constant, NamedKey) else str(constant)
    return translatable("always {value}", value=text)


def filter_texts(table_filter: TableFilter) -> tuple[str, ...]:
    """Write a filter's conditions."""
    return tuple(condition_text(each) for each in table_filter.conditions)


def match_text(rule: MatchRule) -> str:
    """Write a rule by which existing records are coupled."""
    prefix = f"{rule.erp_prefix!r} + " if rule.erp_prefix else ""
    return f"{prefix}{rule.erp_field} = {rule.crm_field}"


def template_text(each: TemplateField) -> str:
    """Write a value that a template gives a new record."""
    return f"{each.field} = {each.value}"
