"""What a person wants served; kept apart from the services, which take long to load."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxChoice:
    """Which embedded services are served, and how; a port of None leaves a service out."""

    erp_port: int | None = None
    crm_port: int | None = None
    limits: str = "off"
    """Service limits as a person writes them: off, published, numbers, or a file of them."""
    seeded: bool = False
    customers: int = 1000
    faults: Path | None = None
    """A file of fault rules; each service plays them by itself."""
    tls: bool = False
    """Served over TLS, by an authority of the state directory's own."""
    bare: bool = False
    """A new service begins as nobody has prepared it for Interlace."""
    ntlm: bool = False
    """Both services ask for Windows accounts, as on premises."""
    organization: str = ""
    """The CRM answers below this name, as on premises; blank: as online."""
    product: str = "bc"
    """Which ERP it is: bc, nav2018 or nav2017."""
    extension: bool = False
    """The ERP extension is installed in the ERP."""
    language: str = "en"
    """Language in which NAV publishes its pages: en or de."""
    parent: int | None = None
    """The process without which the services end; None: they end only when they are told to."""
