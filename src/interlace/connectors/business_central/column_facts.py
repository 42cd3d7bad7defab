"""What the ERP tells of the fields of a published table: lengths, the members of options, which make the key."""

from collections.abc import Iterable

from interlace.connectors.business_central.option_names import unescaped
from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.connectors.odata_table import kind_of
from interlace.domain.table_field import FieldChoice, TableField
from interlace.odata.edm import EntityType, Model


def field_facts(
    model: Model, entity_type: EntityType, published: PublishedTable, virtual: Iterable[str]
) -> dict[str, TableField]:
    """Return the fields of a table's page, and those that are made of other tables.

    Whether a page lets a field be changed stands nowhere in its metadata: only what makes the key is told.
    """
    facts = {
        each.name: TableField(
            name=each.name,
            kind=kind_of(each.type).value,
            length=each.max_length or 0,
            is_read_only=each.name in published.key,
            is_key=each.name in published.key,
            choices=_members(model, each.type),
        )
        for each in model.properties_of(entity_type)
    }
    return facts | {name: TableField(name=name, kind="virtual", is_read_only=True) for name in virtual}


def _members(model: Model, type_name: str) -> tuple[FieldChoice, ...]:
    found = model.enum_type(type_name)
    members = () if found is None else found.members
    choices = (FieldChoice(value=each.name, label=unescaped(each.name)) for each in members)
    return tuple(each for each in choices if each.label.strip())
