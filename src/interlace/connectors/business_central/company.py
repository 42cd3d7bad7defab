"""The company of a connection: its id, its currency, and where its API is."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.engine.service import ServiceMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralFacts:
    """What a connection must know about a company."""

    company_id: str
    company_name: str
    lcy_code: str


class UnknownCompany(ServiceMismatch):
    """The ERP has no company of the name that the connection gives."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        has = f"It has: {', '.join(known)}." if known else "Our user sees no company at all."
        self.name = name
        self.remedy = f"Correct the connection's company to the name as the ERP shows it. {has}"
        super().__init__(f"The ERP has no company {name!r}. {self.remedy}")


class _Company(msgspec.Struct):
    id: str
    name: str


class _Setup(msgspec.Struct):
    LCY_Code: str


class CompanyReader:
    """Asks the ERP about one of its companies."""

    def __init__(self, reader: CollectionReader, *, name: str, api_root: str, company_root: str) -> None:
        self._reader = reader
        self._name = name
        self._api_root = api_root
        self._company_root = company_root
        self._id: str | None = None

    async def facts(self) -> BusinessCentralFacts:
        """Ask for the company's id and local currency."""
        company = await self._company()
        raws = await self._reader.everything(
            f"{self._company_root}GeneralLedgerSetup?$select=LCY_Code", page_size=1
        )
        if not raws:
            raise ServiceMismatch("The ERP's General Ledger Setup is empty. Set up the company first.")
        setup = msgspec.json.decode(raws[0], type=_Setup)
        return BusinessCentralFacts(
            company_id=company.id.lower(), company_name=company.name, lcy_code=setup.LCY_Code
        )

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
        raws = await self._reader.everything(f"{self._api_root}companies", page_size=100)
        companies = [msgspec.json.decode(raw, type=_Company) for raw in raws]
        for company in companies:
            if company.name == self._name:
                return company
        raise UnknownCompany(self._name, [company.name for company in companies])
