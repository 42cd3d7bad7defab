"""All tables of the embedded ERP by name, in an order in which rows can be loaded (related tables first)."""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp.code_tables import CODE_TABLES
from interlace.sandbox.erp.declaration import Table
from interlace.sandbox.erp.document_tables import DOCUMENT_TABLES
from interlace.sandbox.erp.master_tables import MASTER_TABLES
from interlace.sandbox.erp.posted_tables import POSTED_TABLES
from interlace.sandbox.erp.pricing_tables import PRICING_TABLES
from interlace.sandbox.erp.setup_tables import SETUP_TABLES
from interlace.sandbox.erp.user_tables import USER_TABLES

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        *SETUP_TABLES,
        *CODE_TABLES,
        *MASTER_TABLES,
        *PRICING_TABLES,
        *DOCUMENT_TABLES,
        *POSTED_TABLES,
        *USER_TABLES,
    )
}
