"""What our user may do with the ERP's tables, where the ERP publishes a page that tells it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.connectors.business_central.tables import TableCatalog
from interlace.connectors.collection import CollectionReader
from interlace.domain.privilege import Access
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import as_sentence, translatable

PERMISSION_PAGE: Final = "EffectivePermissions"
"""Page service with a row for each table that the caller may use."""
Permissions = Mapping[str, frozenset[Access]]
"""Accesses by table; a table that is missing may not be used at all."""
_PAGE: Final = 1000
_SHOWN: Final = 200


class _Permission(msgspec.Struct):
    Table_Name: str | None = None
    Read_Permission: bool = False
    Insert_Permission: bool = False
    Modify_Permission: bool = False
    Delete_Permission: bool = False


async def read_permissions(
    reader: CollectionReader, catalog: TableCatalog, company_root: str
) -> Permissions | None:
    """Read the permissions of our user in one request; None: no page tells them."""
    if not await catalog.publishes(PERMISSION_PAGE):
        return None
    raws = await reader.everything(f"{company_root}{PERMISSION_PAGE}", page_size=_PAGE)
    told = dict(_told(raw, place) for place, raw in enumerate(raws, 1))
    # What is not published is not used: another check tells of it.
    unpublished = [each.name for each in PUBLISHED_TABLES if not await catalog.publishes(each.service)]
    return {**dict.fromkeys(unpublished, frozenset(Access)), **told}


def _told(raw: msgspec.Raw, place: int) -> tuple[str, frozenset[Access]]:
    """Read a row of the page; raises ServiceMismatch for one that does not tell a table's permissions."""
    try:
        row = msgspec.json.decode(raw, type=_Permission)
    except msgspec.MsgspecError as error:
        raise _unreadable(raw, place, str(error)) from error
    if not row.Table_Name:
        raise _unreadable(raw, place, translatable("it names no table (Table_Name)"))
    return row.Table_Name.replace(" ", "_"), _accesses(row)


def _unreadable(raw: msgspec.Raw, place: int, reason: str) -> ServiceMismatch:
    text = bytes(raw).decode("utf-8", "replace")
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return ServiceMismatch(
        translatable(
            "Row {row} of the ERP's page service {service} can't be read: {reason}. The row: {shown} Publish "
            "a page as {service} that shows Table_Name, Read_Permission, Insert_Permission, "
            "Modify_Permission and Delete_Permission for each table, or unpublish it: then tables are tried "
            "instead.",
            row=place,
            service=PERMISSION_PAGE,
            reason=as_sentence(reason),
            shown=shown,
        )
    )


def _accesses(row: _Permission) -> frozenset[Access]:
    told = (
        (Access.READ, row.Read_Permission),
        (Access.CREATE, row.Insert_Permission),
        (Access.WRITE, row.Modify_Permission),
        (Access.DELETE, row.Delete_Permission),
    )
    return frozenset(access for access, given in told if given)
