"""The floor of a run without news: ask both feeds and find nothing; or read both tables and compare digests.

One connection to each service, one request at a time; nothing but the digests is remembered.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from benchmarks.contender import Report, Scenario, read_task
from benchmarks.floor_copy import CRM_KEY, FIELDS, KEY
from benchmarks.measure import Stretch, own_peak_memory
from benchmarks.plain_http import PlainService, customers_path, open_crm, open_erp, path_of
from benchmarks.service_writes import count_writes


class _Rows(msgspec.Struct):
    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


class _Company(msgspec.Struct):
    id: str


class _Companies(msgspec.Struct):
    value: list[_Company]


_rows = msgspec.json.Decoder(_Rows).decode


def _pages(service: PlainService, path: str | None) -> Iterator[_Rows]:
    while path is not None:
        page = _rows(service.get_page(path))
        yield page
        path = path_of(page.next_link)


def _changed_customers_path(erp: PlainService) -> str:
    root = "/BC/api/v2.0/companies"
    company = msgspec.json.decode(erp.get_page(root), type=_Companies).value[0].id
    since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    chosen = "$select=number,lastModifiedDateTime"
    return f"{root}({company})/customers?{chosen}&$filter=lastModifiedDateTime%20ge%20{since}"


def _delta_path(crm: PlainService) -> str:
    headers = {"Prefer": "odata.track-changes,odata.maxpagesize=5000"}
    path: str | None = f"/api/data/v9.2/accounts?$select={CRM_KEY}"
    while path is not None:
        page = _rows(crm.ask("GET", path, None, headers))
        path = path_of(page.next_link)
    delta = path_of(page.delta_link)
    assert delta is not None
    return delta


def _compare(erp: PlainService, crm: PlainService, company: str, known: set[bytes]) -> int:
    """Read both tables whole; give how many records are not known, and know them from now on."""
    fresh = 0
    listings = (
        (erp, customers_path(company, [KEY, *FIELDS])),
        (crm, f"/api/data/v9.2/accounts?$select={','.join([CRM_KEY, *FIELDS.values()])}"),
    )
    for service, path in listings:
        for page in _pages(service, path):
            digests = {hashlib.blake2b(row, digest_size=16).digest() for row in page.value}
            fresh += len(digests - known)
            known |= digests
    return fresh


def _main(task: dict[str, object]) -> Report:
    erp_facts, crm_facts, pids = task["erp"], task["crm"], task["pids"]
    customers, runs = task["customers"], task["runs"]
    assert isinstance(erp_facts, dict)
    assert isinstance(crm_facts, dict)
    assert isinstance(pids, dict)
    assert isinstance(customers, int)
    assert isinstance(runs, int)
    erp, crm = open_erp(erp_facts), open_crm(crm_facts)
    known: set[bytes] = set()
    _compare(erp, crm, erp_facts["company"], known)
    news = _changed_customers_path(erp), _delta_path(crm)

    def measured(name: str, count: int, work: Callable[[], int]) -> Scenario:
        before, asked = count_writes(erp, crm), (erp.requests, crm.requests)
        stretch = Stretch(pids)
        fresh = 0
        for _ in range(count):
            fresh += work()
        cost = stretch.end()
        requests = {"erp": erp.requests - asked[0], "crm": crm.requests - asked[1]}
        after = count_writes(erp, crm)
        writes = {side: after[side] - before[side] for side in after}
        outcome = {"fresh": fresh}
        return Scenario(
            name=name,
            records=customers,
            runs=count,
            cost=cost,
            requests=requests,
            outcome=outcome,
            writes=writes,
        )

    def ask() -> int:
        return len(_rows(erp.get_page(news[0])).value) + len(_rows(crm.get_page(news[1])).value)

    scenarios = (
        measured("idle", runs, ask),
        measured("idle full", 1, lambda: _compare(erp, crm, erp_facts["company"], known)),
    )
    return Report(scenarios=scenarios, peak_memory=own_peak_memory())


if __name__ == "__main__":
    print(_main(read_task()).dump())
