"""What both services have to choose from when somebody adds a mapping, and what was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlace.bootstrap.ends import Ends
from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.domain.table_field import TableField
from interlace.engine.ports import TableView
from interlace.locale.translatable import translatable

TEXT: Final = "text"
"""Kind of the fields that can make a key."""
_OURS: Final = "ilc_"
"""Tables of the solution begin so: they hold what Interlace itself remembers."""
_NAMES: Final = ("Name", "Description", "Full_Name", "Title")
"""What pages call the field that names a record, the likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredMapping:
    """A mapping as somebody entered it; blank parts are not chosen yet."""

    name: str = ""
    erp_table: str = ""
    """The table, or the page service that shows it."""
    crm_table: str = ""
    crm_column: str = ""
    """Column, or its caption, that is to hold the ERP's key."""
    only_coupled: bool = True
    direction: str = ""
    """Blank: from the ERP to the CRM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What both services have to choose from; fields only of tables that were chosen."""

    erp: Sequence[PublishedTable]
    crm: Sequence[str]
    erp_table: PublishedTable | None = None
    crm_table: str = ""
    crm_set: str = ""
    crm_key: str = ""
    erp_fields: Mapping[str, TableField] = field(default_factory=dict)
    crm_fields: Mapping[str, TableField] = field(default_factory=dict)
    why_not_to_erp: str = ""
    """Why no records can be written to the chosen ERP table; blank: they can."""

    @property
    def key(self) -> TableField | None:
        """The one field of text that makes the key of the chosen ERP table; None where there is no such field."""
        if self.erp_table is None or len(self.erp_table.key) != 1:
            return None
        found = self.erp_fields.get(self.erp_table.key[0])
        return found if found is not None and found.kind == TEXT else None

    @property
    def name_field(self) -> str | None:
        """The field of the chosen ERP table that names its records for people; None: it has none that we know."""
        found = (self.erp_fields.get(each) for each in _NAMES)
        return next((each.name for each in found if each is not None and each.kind == TEXT), None)


async def read_offer(ends: Ends, entered: EnteredMapping) -> Offered:
    """Ask both services which tables they have, and which fields those that were chosen have."""
    erp_tables, crm_tables = await ends.erp.tables(), await ends.crm.tables()
    offered = Offered(erp=erp_tables, crm=[each for each in crm_tables if not each.startswith(_OURS)])
    wanted = entered.erp_table.strip().casefold()
    erp = next(
        (each for each in erp_tables if wanted in (each.name.casefold(), each.service.casefold())), None
    )
    if erp is not None:
        offered = replace(
            offered,
            erp_table=erp,
            erp_fields=await ends.erp.fields(erp.name),
            why_not_to_erp=await _why_not_to_erp(ends, erp),
        )
    name = entered.crm_table.strip().casefold()
    if name in offered.crm:
        table = await ends.crm.table(name)
        offered = replace(
            offered,
            crm_table=name,
            crm_set=table.set_name,
            crm_key=table.key,
            crm_fields=await ends.crm.fields(name),
        )
    return offered


async def _why_not_to_erp(ends: Ends, table: PublishedTable) -> str:
    """Say why records can't be created in an ERP table under keys that the CRM gives them; blank: they can."""
    view = TableView(side=Side.ERP, table=table.name, fields=table.key)
    gaps = await ends.erp.gaps(view, (Access.CREATE, Access.WRITE))
    if gaps:
        return gaps[0].text
    if (await ends.erp.capabilities(view)).insert_with_key:
        return ""
    return translatable(
        "The ERP gives new records of {table} their numbers: allow manual numbers in the number series, or choose "
        "another direction.",
        table=table.name,
    )
