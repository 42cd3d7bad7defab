"""S7: the embedded services under the cheapest client, against hand-written minimal servers."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.floor_copy import FIELDS, KEY, NAMESPACE
from benchmarks.measure import cpu_seconds
from benchmarks.plain_http import (
    ACCOUNT_TYPE,
    CREATE_MULTIPLE,
    UPSERT_MULTIPLE,
    PlainService,
    customers_path,
    open_crm,
    open_erp,
    path_of,
)
from benchmarks.servers import Server, Stage, server

_READINGS = 3


def measure_sandboxes(stage: Stage, *, rounds: int) -> dict[str, list[float]]:
    """Return the costs of page reading, bulk creating and bulk upserting, and their ratios, one a round."""
    figures: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, (sandbox, least) in _measure_once(stage).items():
            if least > 0:  # fewer than a tick's worth of work can't be compared
                figures.setdefault(f"{name} / minimal server", []).append(sandbox / least)
            figures.setdefault(f"{name}, us a record", []).append(sandbox)
    return figures


def _measure_once(stage: Stage) -> dict[str, tuple[float, float]]:
    """Return the processor microseconds a record of each server, and of the minimal one for the same work."""
    with (
        stage.ends() as ends,
        tempfile.TemporaryDirectory(dir=stage.directory) as name,
        server("benchmarks.minimal_server", str(Path(name))) as minimal,
    ):
        erp, crm = open_erp(ends.erp.facts), open_crm(ends.crm.facts)
        listing = customers_path(ends.erp.facts["company"], [KEY, *FIELDS])
        pages = list(_pages(erp, listing))
        bodies = [msgspec.json.encode({"Targets": _targets(page)}) for page in pages]
        floor = PlainService(minimal.facts["address"])
        for page in pages:
            floor.post("/load", page)

        def cost(process: Server, work: Callable[[], object], readings: int = 1) -> float:
            before = cpu_seconds(process.pid)
            for _ in range(readings):
                work()
            return (cpu_seconds(process.pid) - before) * 1e6 / (readings * stage.customers)

        return {
            "S7 page GET": (
                cost(ends.erp, lambda: list(_pages(erp, listing)), _READINGS),
                cost(minimal, lambda: list(_pages(floor, "/")), _READINGS),
            ),
            "S7 CreateMultiple": (
                cost(ends.crm, lambda: _post(crm, CREATE_MULTIPLE, bodies)),
                cost(minimal, lambda: _post(floor, "/upsert", bodies)),
            ),
            "S7 UpsertMultiple": (
                cost(ends.crm, lambda: _post(crm, UPSERT_MULTIPLE, bodies)),
                cost(minimal, lambda: _post(floor, "/upsert", bodies)),
            ),
        }


def _pages(service: PlainService, path: str | None) -> Iterator[bytes]:
    link_of = msgspec.json.Decoder(_Continuation).decode
    while path is not None:
        page = service.get_page(path)
        yield page
        path = path_of(link_of(page).next_link)


class _Continuation(msgspec.Struct):
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


def _post(service: PlainService, path: str, bodies: list[bytes]) -> None:
    for body in bodies:
        service.post(path, body)


def _targets(page: bytes) -> list[dict[str, Any]]:
    return [
        {
            "@odata.type": ACCOUNT_TYPE,
            "accountid": str(uuid.uuid5(NAMESPACE, row[KEY])),
            **{theirs: row[ours] or None for ours, theirs in FIELDS.items()},
        }
        for row in msgspec.json.decode(page)["value"]
    ]
