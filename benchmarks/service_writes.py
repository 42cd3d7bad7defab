"""Asks the services themselves how many requests they carried out that could change something."""

import msgspec

from benchmarks.plain_http import PlainService


class _Told(msgspec.Struct):
    writes: int


def count_writes(erp: PlainService, crm: PlainService) -> dict[str, int]:
    """Return the writes that each service has carried out since it was started, marker rows included."""
    return {"erp": _writes(erp), "crm": _writes(crm)}


def _writes(service: PlainService) -> int:
    return msgspec.json.decode(service.ask("GET", "/sandbox/requests", None, {}), type=_Told).writes
