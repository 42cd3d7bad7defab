"""Script in every text field of both ends, generated from their tables: pages, lists and logs show it as text (W6)."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.bootstrap.serving_ends import application_at
from tests.cli.both_ends import BothEnds, Interlace
from tests.web.canned_desk import canned_app
from tests.web.test_security_stored_script import Structure

from interlace.bootstrap.application import Application
from interlace.bootstrap.coupling_listing import list_couplings
from interlace.bootstrap.desk.causes import add_causes
from interlace.bootstrap.desk.conflicts import add_conflicts
from interlace.bootstrap.desk.connections import add_connections
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.bootstrap.desk.errors import add_errors
from interlace.bootstrap.desk.jobs import add_jobs
from interlace.bootstrap.desk.journal_list import add_journal_list
from interlace.bootstrap.desk.record_log import add_record_log
from interlace.bootstrap.desk.records import add_records
from interlace.bootstrap.reading_ends import ReadingEnds
from interlace.bootstrap.serving import Server
from interlace.management.desk import Works
from interlace.sandbox.crm.schema import ColumnKind
from interlace.sandbox.entity_store import SqlClause
from interlace.sandbox.erp.declaration import FieldType
from interlace.sandbox.erp.tables import TABLES
from interlace.web.addresses import segment

pytestmark = pytest.mark.slow

ATTACKS = ("<img src=x onerror=a()>", '"><svg/onload=a()>', "'</td><script>a()</script>")
ERP_TABLES = (
    "Customer",
    "Contact",
    "Item",
    "Resource",
    "Salesperson_Purchaser",
    "Currency",
    "Unit_of_Measure",
)
CRM_TABLES = (
    "account",
    "contact",
    "product",
    "systemuser",
    "transactioncurrency",
    "uomschedule",
    "opportunity",
)
MAPPINGS = (
    "CUSTOMER",
    "CONTACT",
    "ITEM-PRODUCT",
    "RESOURCE-PRODUCT",
    "CURRENCY",
    "UNIT OF MEASURE",
    "OPPORTUNITY",
)
ROWS = 3
"""So many records of each table hold nothing but script."""
EVERYWHERE = (
    "/conflicts",
    "/journal",
    "/errors",
    "/errors/skipped",
    "/couplings",
    "/jobs",
    "/search?search=img",
)
FORBIDDEN = frozenset({"img", "svg", "iframe", "object", "embed"})


def attack(place: int, length: int) -> str:
    """Return one of the attacks, as long as a field takes."""
    return ATTACKS[place % len(ATTACKS)][:length]


def poison_erp(ends: BothEnds) -> int:
    """Write script into every text field of the ERP's records; gives the number of fields."""
    records, written = ends.erp.records, 0
    for name in ERP_TABLES:
        table = TABLES[name]
        texts = [each for each in table.stored_fields if each.type is FieldType.TEXT and not each.relation]
        texts = [each for each in texts if each.name not in table.key]
        with records.transaction():
            for record in records.find(table, SqlClause("1 = 1"), ROWS):
                values = {each.name: attack(place, each.length) for place, each in enumerate(texts)}
                records.update(record, {**record.values, **values})
        written += len(texts)
    return written


def poison_crm(ends: BothEnds) -> int:
    """Write script into every text column of the CRM's records; gives the number of columns."""
    records, written = ends.crm.records, 0
    for name in CRM_TABLES:
        table = records.schema.tables[name]
        texts = [
            each
            for each in table.columns.values()
            if each.kind in {ColumnKind.TEXT, ColumnKind.MEMO}
            # The columns of our own solution name the partner.
            and each.writable
            and not each.indexed
            and not each.custom
        ]
        with records.store.transaction():
            # Others than the first ones, which the ERP's script goes to.
            for (key,) in records.store.find_keys(name, SqlClause("1 = 1"), 2 * ROWS)[ROWS - 1 :]:
                row = records.required_row(name, str(key))
                for place, each in enumerate(texts):
                    row[each.name] = attack(place + 1, each.max_length or 100)
                records.rewrite(table, row)
        written += len(texts)
    return written


def works_of(application: Application, reading: ReadingEnds) -> Works:
    """Return what shows records and what became of them, of both services and the memory."""
    server = cast("Server", SimpleNamespace(application=application, reading=reading))
    works = Works()
    areas = (add_causes, add_conflicts, add_connections, add_couplings, add_errors)
    for add in (*areas, add_jobs, add_journal_list, add_record_log, add_records):
        add(works, server)
    return works


async def read_pages(works: Works, directory: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return pages, and the cards that lists of records and conflicts lead to."""
    place, _ = canned_app(directory, works_of={name: works.get(name) for name in works.names()})
    pages: dict[str, str] = {}
    with closing(place):
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            waiting = list(paths)
            while waiting:
                path = waiting.pop(0)
                answer = await browser.get(path)
                assert answer.status_code == 200, (path, answer.text[-2000:])
                pages[path] = answer.text
                if path in paths:
                    waiting += cards_on(answer.text)
    return pages


def cards_on(page: str) -> Iterable[str]:
    """Return the first cards that a page leads to."""
    main = page.partition("<main")[2]
    found = re.findall(r'href="(/(?:records/[^"/?]+|conflicts|errors/causes|jobs)/[^"]+)"', main)
    return [each.replace("&amp;", "&") for each in dict.fromkeys(found)][:4]


def test_security_w6_script_of_both_systems_is_only_shown(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """No page has an element or an attribute of it, and many show it as the text that it is."""
    fields = poison_erp(both_ends) + poison_crm(both_ends)
    assert fields > 100
    synchronized("synch", "--full", *MAPPINGS)
    lists = [f"/records/{segment(each)}" for each in MAPPINGS]
    paths = [*EVERYWHERE, *lists, *(f"{each}?side=crm" for each in lists)]
    with application_at(tmp_path / "state") as application:
        list_couplings(application, 5_000)
        with closing(ReadingEnds(application)) as reading:
            pages = asyncio.run(read_pages(works_of(application, reading), tmp_path, paths))
    shown: Counter[str] = Counter()
    for path, page in pages.items():
        # The bell is drawn by us, and holds nothing of a record.
        found = Structure(re.sub(r'<div id="bell".*?</div>', "", page, flags=re.DOTALL))
        tags = {tag for tag, *_ in found.elements}
        attributes = {name for _, *names in found.elements for name in names}
        assert not tags & FORBIDDEN, path
        assert not {each for each in attributes if each.startswith("on")}, path
        assert found.foreign_links() <= {
            each for each in found.links if each.startswith("http://127.0.0.1")
        }, path
        shown[path] += any(f"{each[:9]}".replace("<", "&lt;") in page for each in ATTACKS)
    assert len(pages) > len(paths) + 10
    assert sum(shown.values()) > len(MAPPINGS)
