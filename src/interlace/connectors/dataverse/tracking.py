"""Has the CRM track the changes of tables, as its administrator; once on, the CRM leaves it on."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from interlace.connectors.dataverse.administration import Administration

_TRACKED = "ChangeTrackingEnabled"
_TYPE = "Microsoft.Dynamics.CRM.EntityMetadata"


class ChangeTracking:
    """Change tracking of one organization's tables."""

    def __init__(self, administration: Administration) -> None:
        self._crm = administration

    async def untracked(self, tables: Iterable[str]) -> tuple[str, ...]:
        """Return those of the tables whose changes are not tracked and can be."""
        found = [(table, await self._definition(table)) for table in dict.fromkeys(tables)]
        return tuple(table for table, held in found if not held.get(_TRACKED) and _can_be_tracked(held))

    async def switch_on(self, tables: Iterable[str]) -> tuple[str, ...]:
        """Have the changes of tables tracked from now on and publish it; returns those where they were not."""
        changed = []
        for table in await self.untracked(tables):
            held = await self._definition(table)
            whole = {name: value for name, value in held.items() if not name.startswith("@")}
            deed = f"track the changes of the table {table}"
            path = f"EntityDefinitions({held['MetadataId']})"
            await self._crm.replace(path, {"@odata.type": _TYPE, **whole, _TRACKED: True}, deed)
            changed.append(table)
        if changed:
            entities = "".join(f"<entity>{escape(table)}</entity>" for table in changed)
            order = {"ParameterXml": f"<importexportxml><entities>{entities}</entities></importexportxml>"}
            await self._crm.perform("PublishXml", order, "publish the tables", repeatable=True)
        return tuple(changed)

    async def _definition(self, table: str) -> dict[str, object]:
        """Read the whole definition: a PUT takes away what it leaves out."""
        return await self._crm.read(f"EntityDefinitions(LogicalName='{table}')", dict[str, object])


def _can_be_tracked(definition: dict[str, object]) -> bool:
    allowed = definition.get("CanChangeTrackingBeEnabled")
    return not isinstance(allowed, dict) or allowed.get("Value") is not False
