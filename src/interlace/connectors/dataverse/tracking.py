"""Has the CRM track the changes of tables, as its administrator; once on, the CRM leaves it on."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

import msgspec

from interlace.connectors.dataverse.administration import Administration
from interlace.locale.translatable import translatable

_TRACKED = "ChangeTrackingEnabled"
_TYPE = "Microsoft.Dynamics.CRM.EntityMetadata"


class _Allowed(msgspec.Struct):
    Value: bool = True


class _Table(msgspec.Struct):
    LogicalName: str
    ChangeTrackingEnabled: bool | None = None
    CanChangeTrackingBeEnabled: _Allowed | None = None

    @property
    def can_be_tracked(self) -> bool:
        """Some tables of the CRM's own are never tracked."""
        return self.CanChangeTrackingBeEnabled is None or self.CanChangeTrackingBeEnabled.Value


class _Tables(msgspec.Struct):
    value: list[_Table]


class ChangeTracking:
    """Change tracking of one organization's tables."""

    def __init__(self, administration: Administration) -> None:
        self._crm = administration

    async def untracked(self, tables: Iterable[str]) -> tuple[str, ...]:
        """Return those of the tables whose changes are not tracked and can be."""
        wanted = tuple(dict.fromkeys(tables))
        if not wanted:
            return ()
        found = await self._crm.read(
            "EntityDefinitions",
            _Tables,
            select=f"LogicalName,{_TRACKED},CanChangeTrackingBeEnabled",
            filter=" or ".join(f"LogicalName eq '{table}'" for table in wanted),
        )
        off = {
            each.LogicalName for each in found.value if not each.ChangeTrackingEnabled and each.can_be_tracked
        }
        return tuple(table for table in wanted if table in off)

    async def switch_on(self, tables: Iterable[str]) -> tuple[str, ...]:
        """Have the changes of tables tracked from now on and publish it; returns those where they were not."""
        changed = []
        for table in await self.untracked(tables):
            held = await self._definition(table)
            whole = {name: value for name, value in held.items() if not name.startswith("@")}
            deed = translatable("track the changes of the table {table}", table=table)
            path = f"EntityDefinitions({held['MetadataId']})"
            await self._crm.replace(path, {"@odata.type": _TYPE, **whole, _TRACKED: True}, deed)
            changed.append(table)
        if changed:
            entities = "".join(f"<entity>{escape(table)}</entity>" for table in changed)
            order = {"ParameterXml": f"<importexportxml><entities>{entities}</entities></importexportxml>"}
            await self._crm.perform("PublishXml", order, translatable("publish the tables"), repeatable=True)
        return tuple(changed)

    async def _definition(self, table: str) -> dict[str, object]:
        """Read the whole definition: a PUT takes away what it leaves out."""
        return await self._crm.read(f"EntityDefinitions(LogicalName='{table}')", dict[str, object])
