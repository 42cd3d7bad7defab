"""A full synchronization with NAV: fields named by German captions, no API v2.0, no batches, companies by name only."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace, started

from interlace.sandbox.erp.products import PRODUCTS

NAMES = [
    "SALESPEOPLE",
    "CURRENCY",
    "PAYMENT TERMS",
    "SHIPMENT METHOD",
    "SHIPPING AGENT",
    "CUSTOMER",
    "CONTACT",
    "UNIT OF MEASURE",
    "ITEM-PRODUCT",
    "RESOURCE-PRODUCT",
    "ITEM-PRODPRICE",
    "CUSTPRCGRP-PRICE",
    "SALESPRC-PRODPRICE",
]
"""What NAV's page services are enough for."""


@pytest.fixture(scope="module")
def nav_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """A CRM, and a NAV 2018 whose pages were published in German; that of posted invoices is not published."""
    options: dict[str, Any] = {
        "product": PRODUCTS["nav2018"],
        "language": "de",
        "unpublished": frozenset({"PostedSalesInvoice"}),
    }
    with started(tmp_path_factory.mktemp("nav"), **options) as ends:
        yield ends


@pytest.fixture
def nav(interlace: Interlace, nav_ends: BothEnds) -> Interlace:
    """Commands on a connection with that NAV."""
    assert interlace("connection", "add", NAME, *nav_ends.options(erp_product="nav2018")).code == 0
    return interlace


def test_second_full_synchronization_writes_nothing(nav: Interlace, nav_ends: BothEnds) -> None:
    """Customers, contacts, items, resources and prices get across; then both sides agree."""
    enabled = nav("connection", "enable", NAME)
    assert enabled.code == 0, enabled.out
    first = nav("synch", "--full", *NAMES, "--json")
    assert first.code in {0, 3}, first.out + first.err
    inserted = Counter({each["mapping"]: 0 for each in first.objects})
    for each in first.objects:
        inserted[each["mapping"]] += each["inserted"] + each["coupled"]
    assert all(inserted[name] for name in NAMES), inserted
    logs = (nav_ends.crm.requests, nav_ends.erp.requests)
    for log in logs:
        log.clear()
    nav("synch", "--full", *NAMES)
    for log in logs:
        # The demo company's bad records are tried again, and refused again; the marker is ours.
        done = [each.path for each in log.writes() if each.status < 400]
        assert not [path for path in done if "epoch" not in path.lower()]


def test_a_missing_page_is_named_for_the_mappings_that_need_it(nav: Interlace) -> None:
    """Orders need the posted invoices, too: which page to publish is told, and nothing else is kept from running."""
    ended = nav("connection", "test", NAME, "--json")
    assert ended.code == 0, ended.out
    [lack] = [each for each in ended.objects if "web service PostedSalesInvoice." in each["message"]]
    assert lack["state"] == "warning"
    assert "publish Page 132 (Posted Sales Invoice) as PostedSalesInvoice" in lack["remedy"]
    assert "SALESORDER-ORDER" in lack["message"]
    assert nav("orders", "settings", "--no-order-integration", "--bidirectional-orders").code == 0
    told = nav("erp-services", "check", "--json").objects
    assert [each["needed_by"] for each in told if "have no actions" in each["message"]] == [
        "SALESORDER-ORDER"
    ]
