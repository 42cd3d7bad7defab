"""Mappings that users add: two tables and what tells their records apart, as kept and as the engine takes them.

The key's field row and the match by it belong to the mapping, so that no run makes a second partner; every other row is
one of the users' own. On the way to the ERP the key is written when a record is created and never again: another key
would be another record.
"""

from collections.abc import Iterable
from typing import Annotated, Final, Self, TypeAlias

import msgspec

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.keys import MappingName
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.transformation_rule import UpperCase
from interlace.lead_to_cash.field_rows import to_crm
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

NAME_MAX: Final = 40
_MappingName: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9 _-]*\Z", max_length=NAME_MAX)
]
_Word: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^\w+\Z", max_length=200)]
"""What services call a table or a field: it stands in addresses as it is."""


class OwnMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping that somebody added."""

    name: _MappingName
    erp_table: _Word
    erp_service: _Word
    erp_key: _Word
    """The one field that makes the key of the ERP's records."""
    crm_table: _Word
    crm_set: _Word
    crm_key: _Word
    crm_column: _Word
    """Column that holds the ERP's key."""
    only_coupled: bool
    direction: Direction = Direction.TO_INTEGRATION_TABLE
    erp_name: _Word | None = None
    """Field that names a record for people; without one its key does."""

    def mapping(self) -> IntegrationTableMapping:
        """Return it as the engine takes it, before anybody added field rows."""
        return IntegrationTableMapping(
            name=MappingName(self.name),
            erp_table=self.erp_table,
            integration_table=self.crm_table,
            direction=self.direction,
            synch_only_coupled_records=self.only_coupled,
            match_rules=(MatchRule(erp_field=self.erp_key, crm_field=self.crm_column),),
            fields=(self._key_row,),
            integration_table_filter=TableFilter(conditions=self._crm_conditions),
            erp_key_field=self.erp_key if self.reaches_erp else "",
            # Other tables than those of the solution have no columns for it.
            carries_erp_reference=False,
            erp_caption=self.erp_name or self.erp_key,
        )

    @property
    def reaches_erp(self) -> bool:
        """Tell whether records travel from the CRM to the ERP, too."""
        return self.direction.allows(Direction.FROM_INTEGRATION_TABLE)

    @property
    def _key_row(self) -> IntegrationFieldMapping:
        if not self.reaches_erp:
            return to_crm(self.erp_key, self.crm_column)
        return IntegrationFieldMapping(
            erp_field=self.erp_key,
            crm_field=self.crm_column,
            direction=self.direction,
            insert_only=True,
            from_rules=(UpperCase(),),
        )

    @property
    def _crm_conditions(self) -> tuple[Condition, ...]:
        if not self.reaches_erp:
            return ()
        reason = translatable("{column} is blank, which makes the key in the ERP", column=self.crm_column)
        return (Condition(field=self.crm_column, comparison=Comparison.NOT_BLANK, reason=reason),)

    def dump(self) -> dict[str, JsonValue]:
        """Return it as plain values."""
        return {**msgspec.structs.asdict(self), "direction": self.direction.value}

    @classmethod
    def load(cls, held: object) -> Self:
        """Make it of plain values; raises msgspec.ValidationError for what is none."""
        return msgspec.convert(held, cls)


def is_mapping_name(text: str) -> bool:
    """Tell whether a mapping can be called so."""
    try:
        msgspec.convert(text, _MappingName)
    except msgspec.ValidationError:
        return False
    return True


def own_mappings(settings: ConnectionSettings) -> tuple[OwnMapping, ...]:
    """Return the mappings that users added to a connection, in the order in which they were added."""
    return tuple(map(OwnMapping.load, settings.own_mappings))


def own_mapping_called(settings: ConnectionSettings, name: str) -> OwnMapping | None:
    """Return the mapping of that name if users added it."""
    return next((each for each in own_mappings(settings) if each.name == name), None)


def erp_keys(settings: ConnectionSettings) -> dict[str, tuple[str, ...]]:
    """Return the fields that make the key of each ERP table, by its name: of those that we know and users' own."""
    own = {each.erp_table: (each.erp_key,) for each in own_mappings(settings)}
    return own | {each.name: each.key for each in PUBLISHED_TABLES}


def joining(
    mappings: Iterable[IntegrationTableMapping], erp_table: str, crm_table: str
) -> list[IntegrationTableMapping]:
    """Return the mappings that join two tables already; option sets are no records of the table."""
    pair = (erp_table, crm_table)
    alike = (each for each in mappings if (each.erp_table, each.integration_table) == pair)
    return [each for each in alike if each.choice_column is None]
