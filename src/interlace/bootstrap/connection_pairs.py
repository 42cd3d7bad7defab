"""Keeps two connections from joining the same ERP company with the same CRM organization: each would undo the other."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.locale.translatable import translatable

_ADDRESSES: Final = ("erp_address", "erp_company", "crm_address")
_IDS: Final = ("erp_company_id", "crm_organization_id")


def require_own_pair(settings: ConnectionSettings, others: Iterable[ConnectionSettings]) -> None:
    """Raise ConnectionProblem naming the connection that joins this company and organization already.

    Addresses tell before either service is asked; where one has several, the ids tell that the services gave us.
    """
    other = next((each for each in others if _is_same(each, settings)), None)
    if other is not None:
        raise ConnectionProblem(
            translatable(
                "The connection {other} joins the company {company} with this CRM organization already. Go on with "
                "that one, or choose another company or organization.",
                other=other.name,
                company=other.erp_company,
            )
        )


def _is_same(one: ConnectionSettings, other: ConnectionSettings) -> bool:
    for names in (_ADDRESSES, _IDS):
        parts = _parts(one, names)
        if all(parts) and parts == _parts(other, names):
            return True
    return False


def _parts(settings: ConnectionSettings, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_comparable(str(getattr(settings, name))) for name in names)


def _comparable(text: str) -> str:
    """Write an address, a name or an id as every spelling of it is compared."""
    parts = urlsplit(text.strip())
    if not parts.netloc:
        return " ".join(text.split()).casefold()
    return f"{parts.netloc}{parts.path}".rstrip("/").casefold()
