"""Item availability with an ERP that lacks the pages or the action for it: said, and the product carries the stock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.both_ends import NAME, BothEnds, Interlace, started

_MAPPINGS = ("UNIT OF MEASURE", "ITEM-PRODUCT")


@contextmanager
def _synchronized(directory: Path, interlace: Interlace, *unpublished: str) -> Iterator[BothEnds]:
    """Both services with synchronized items, the ERP without some pages."""
    with started(directory, customers=1, unpublished=frozenset(unpublished)) as ends:
        assert interlace("connection", "add", NAME, *ends.options()).code == 0
        assert interlace("connection", "enable", NAME).code == 0
        assert interlace("synch", *_MAPPINGS, "--full").code in {0, 3}
        yield ends


def test_without_the_pages_the_product_carries_the_stock(interlace: Interlace, tmp_path: Path) -> None:
    """Runs go on, the commands say what to publish, and an item shows the product's number with its age."""
    pages = ("CRMIntegrationRecords", "ProductItemAvailability")
    with _synchronized(tmp_path, interlace, *pages):
        refused = interlace("availability", "publish")
        assert refused.code == 4
        assert "Publish the pages CRMIntegrationRecords and ProductItemAvailability" in refused.err
        assert "quantityonhand" in refused.err
        status = interlace("availability", "status", "--json")
        assert (status.code, status.only["published"]) == (3, False)
        assert "quantityonhand" in status.err
        coupling = interlace("couplings", "list", "ITEM-PRODUCT", "--limit", "1", "--json").objects[0]
        shown = interlace("availability", coupling["erp_key"], "--json").only
        assert shown["product_id"] == coupling["crm_key"]
        assert shown["inventory"] == shown["crm_quantity"]
        assert shown["projected"] is None
        assert shown["age"] > 0
        assert "publishes no availability feed" in shown["source"]


def test_without_the_action_another_user_is_asked_for(interlace: Interlace, tmp_path: Path) -> None:
    """An ERP that issues no feed tokens: the command names the way with a user of his own; nothing is written."""
    with _synchronized(tmp_path, interlace, "Users") as ends:
        refused = interlace("availability", "publish")
        assert refused.code == 4
        assert "--odata-user USER --odata-key-file FILE" in refused.err
        status = interlace("availability", "status", "--json").only
        assert (status["published"], status["differing"]) == (False, 0)
        assert json.dumps(status).count(ends.erp_key_file.read_text()) == 0
