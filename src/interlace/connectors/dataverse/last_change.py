"""Who changed a CRM record last, and when: the service's own two columns."""

from datetime import UTC, datetime

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.query import address
from interlace.engine.ports import LastChange

_FORMATTED = "OData.Community.Display.V1.FormattedValue"
_PREFER = f'odata.include-annotations="{_FORMATTED}"'


class _Change(msgspec.Struct):
    moment: datetime | None = msgspec.field(name="modifiedon", default=None)
    who: str | None = msgspec.field(name=f"_modifiedby_value@{_FORMATTED}", default=None)


class _Changes(msgspec.Struct):
    value: list[_Change]


async def read_last_change(reader: CollectionReader, root: str, table: CrmTable, key: str) -> LastChange:
    """Ask for the full name of the last user who wrote the record, and for the moment."""
    held = [name for name in ("modifiedon", "modifiedby") if name in table.columns]
    if not held:
        return LastChange(by=None, at=None)
    columns = ",".join(table.column(name).name for name in held)
    url = address(f"{root}{table.set_name}", {"$select": columns, "$filter": f"{table.key} eq {key}"})
    found = (await reader.document(url, _Changes, {"Prefer": _PREFER})).value
    if not found:
        return LastChange(by=None, at=None)
    moment = found[0].moment
    return LastChange(by=found[0].who, at=moment.astimezone(UTC) if moment is not None else None)
