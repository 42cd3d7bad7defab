"""The company of a connection: its id, its currency, and where its API is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import joined, translatable

_SETUP: Final = "GeneralLedgerSetup"
_NO_SUCH_PAGE: Final = "BadRequest_ResourceNotFound"
_COMPANIES: Final = UUID("6f0c6d0e-5a3c-5f0b-9a51-2d4b0f7c9e11")
_ID: Final = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")


def company_segment(name: str) -> str:
    """Address a company of the page services by its name, or by its id if that is what the settings give."""
    if _ID.fullmatch(name.strip()):
        return f"Company(Id={name.strip().strip('{}').lower()})"
    return f"Company('{quote(name.replace(chr(39), chr(39) * 2), safe=_READABLE)}')"


_READABLE: Final = "'(),=@:!*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralFacts:
    """What a connection must know about a company."""

    company_id: str
    company_name: str
    lcy_code: str


class UnknownCompany(ServiceMismatch):
    """The ERP has no company of the name that the connection gives."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.remedy = joined(
            [
                translatable("Correct the connection's company to the name as the ERP shows it."),
                translatable("It has: {companies}.", companies=", ".join(known))
                if known
                else translatable("Our user sees no company at all."),
            ]
        )
        super().__init__(
            joined([translatable("The ERP has no company {name}.", name=repr(name)), self.remedy])
        )


class PageNotPublished(ServiceMismatch):
    """The ERP is there, and does not publish a page without which nothing can be done."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.remedy = translatable(
            "Publish the pages that Interlace reads: `interlace erp-services check` names them, and "
            "`interlace erp-services file` writes what the ERP's administrator imports."
        )
        super().__init__(translatable("The ERP does not publish the page {page}.", page=page))


class _Company(msgspec.Struct):
    id: str
    name: str


class _Listed(msgspec.Struct):
    """A company as the API lists it, or as the page services do; NAV tells no id."""

    id: str = ""
    name: str = ""
    of_page: str = msgspec.field(name="Name", default="")

    @property
    def company(self) -> _Company:
        name = self.name or self.of_page
        return _Company(id=self.id or id_of_nameless(name), name=name)


def id_of_nameless(name: str) -> str:
    """Make the id of a company that has none: by its name, so that a copy keeps it, as copies keep real ids."""
    return str(uuid5(_COMPANIES, name))


class _Setup(msgspec.Struct):
    LCY_Code: str


class CompanyReader:
    """Asks the ERP about one of its companies."""

    def __init__(
        self,
        reader: CollectionReader,
        *,
        name: str,
        api_root: str,
        company_root: str,
        pages_root: str,
        has_api: bool = True,
    ) -> None:
        """Find a company by its name or id; without an API the page services' list of companies is asked."""
        self._reader = reader
        self._name = name
        self._companies = f"{api_root}companies" if has_api else f"{pages_root}Company"
        self._api_root = api_root
        self._company_root = company_root
        self._id: str | None = None
        self._local_currency: str | None = None

    async def facts(self) -> BusinessCentralFacts:
        """Ask for the company's id and local currency."""
        company = await self._company()
        return BusinessCentralFacts(
            company_id=company.id.lower(), company_name=company.name, lcy_code=await self._setup_currency()
        )

    async def local_currency(self) -> str:
        """Return the code of the local currency, which pages leave blank; it is asked for once."""
        if self._local_currency is None:
            self._local_currency = await self._setup_currency()
        return self._local_currency

    async def _setup_currency(self) -> str:
        try:
            raws = await self._reader.everything(
                f"{self._company_root}{_SETUP}?$select=LCY_Code", page_size=1
            )
        except ServiceMismatch as problem:
            if _NO_SUCH_PAGE not in str(problem):
                raise
            raise PageNotPublished(_SETUP) from problem
        if not raws:
            raise ServiceMismatch(
                translatable("The ERP's General Ledger Setup is empty. Set up the company first.")
            )
        return msgspec.json.decode(raws[0], type=_Setup).LCY_Code

    async def id(self) -> str:
        """Ask for the company's id, afresh."""
        self._id = (await self._company()).id
        return self._id.lower()

    async def api_root(self) -> str:
        """Return the address below which the API has the company's sets."""
        if self._id is None:
            self._id = (await self._company()).id
        return f"{self._api_root}companies({self._id})/"

    async def _company(self) -> _Company:
        raws = await self._reader.everything(self._companies, page_size=100)
        companies = [msgspec.json.decode(raw, type=_Listed).company for raw in raws]
        wanted = self._name.strip("{}").lower()
        for company in companies:
            if company.name == self._name or company.id.lower() == wanted:
                return company
        raise UnknownCompany(self._name, [company.name for company in companies])
