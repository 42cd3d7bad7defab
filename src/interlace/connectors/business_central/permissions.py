"""What our user may do with the ERP's tables, where the ERP publishes a page that tells it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.connectors.business_central.tables import TableCatalog
from interlace.connectors.collection import CollectionReader
from interlace.domain.privilege import Access

PERMISSION_PAGE: Final = "EffectivePermissions"
"""Page service with a row for each table that the caller may use."""
Permissions = Mapping[str, frozenset[Access]]
"""Accesses by table; a table that is missing may not be used at all."""
_PAGE: Final = 1000


class _Permission(msgspec.Struct):
    Table_Name: str
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
    rows = [msgspec.json.decode(raw, type=_Permission) for raw in raws]
    told = {row.Table_Name.replace(" ", "_"): _accesses(row) for row in rows}
    # What is not published is not used: another check tells of it.
    unpublished = [each.name for each in PUBLISHED_TABLES if not await catalog.publishes(each.service)]
    return {**dict.fromkeys(unpublished, frozenset(Access)), **told}


def _accesses(row: _Permission) -> frozenset[Access]:
    told = (
        (Access.READ, row.Read_Permission),
        (Access.CREATE, row.Insert_Permission),
        (Access.WRITE, row.Modify_Permission),
        (Access.DELETE, row.Delete_Permission),
    )
    return frozenset(access for access, given in told if given)
