"""The judge's eyes: whole sets of both services by plain GET requests with paging, nothing remembered."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from interlace.connectors.business_central.company import company_segment
from interlace.connectors.collection import CollectionReader
from interlace.verify.plain_reader import End, Row

_PAGE_SIZE = 1000
_DECODER: msgspec.json.Decoder[dict[str, object]] = msgspec.json.Decoder(
    dict[str, object], float_hook=Decimal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPlainReader:
    """Reads page services of the ERP and entity sets of the CRM."""

    erp: CollectionReader
    erp_root: str
    company: str
    crm: CollectionReader
    crm_root: str

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield every row of a set."""
        reader = self.erp if end is End.ERP else self.crm
        url = f"{self._set_address(end, set_name)}?$select={','.join(select)}"
        async for page in reader.pages(url, page_size=_PAGE_SIZE):
            for raw in page.records:
                yield _DECODER.decode(raw)

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a CRM column's choices by number."""
        url = (
            f"{self.crm_root}EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')"
            "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"
        )
        answer = msgspec.json.decode((await self.crm.get(url)).body, type=_ChoiceColumn)
        return {option.Value: option.Label.UserLocalizedLabel.Label for option in answer.OptionSet.Options}

    def _set_address(self, end: End, set_name: str) -> str:
        if end is End.CRM:
            return f"{self.crm_root}{set_name}"
        return f"{self.erp_root}{company_segment(self.company)}/{set_name}"


class _Text(msgspec.Struct):
    Label: str


class _Label(msgspec.Struct):
    UserLocalizedLabel: _Text


class _Option(msgspec.Struct):
    Value: int
    Label: _Label


class _OptionSet(msgspec.Struct):
    Options: list[_Option]


class _ChoiceColumn(msgspec.Struct):
    OptionSet: _OptionSet
