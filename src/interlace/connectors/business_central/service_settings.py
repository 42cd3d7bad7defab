"""Where a company of the ERP is, and how much is asked of its services at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralSettings:
    """Where the company is and how much is asked for at once."""

    company: str
    odata_root: str = "/BC/ODataV4/"
    api_root: str = "/BC/api/v2.0/"
    has_api: bool = True
    """NAV has no API v2.0: no stamps, no batches, and documents are created line by line."""
    page_size: int = 1000
    source_page_size: int = 20_000
    """For the few columns of tables that are read whole: stamps, and what virtual fields are made of."""
    batch_size: int = 100
    write_batch_size: int = 100
    max_request_life_seconds: float = 600.0
    stamp_overlap_minutes: float = 15.0
    write_in_product: str = ""
    """Type and number, such as `Item EXTRA`, of what lines without a CRM product become; blank: not set up."""
