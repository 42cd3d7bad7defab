"""Item availability with an ERP that lacks the pages or the action for it: said, and the product carries the stock."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cli.both_ends import NAME, BothEnds, Interlace, served
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company, seed_users

_MAPPINGS = ("UNIT OF MEASURE", "ITEM-PRODUCT")


@contextmanager
def _synchronized(directory: Path, interlace: Interlace, *unpublished: str) -> Iterator[BothEnds]:
    """Both services with synchronized items, the ERP without some pages."""
    options = ErpSandboxOptions(seed=lambda: seed_company(customers=1), unpublished=frozenset(unpublished))
    erp = create_erp_sandbox(directory / "erp", options)
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    crm = ready_crm(directory / "crm", sales_users=users)
    key_file, secret_file = directory / "key.txt", directory / "secret.txt"
    key_file.write_text(erp.access_key, encoding="utf-8")
    secret_file.write_text(crm.options.client_secret, encoding="utf-8")
    with ExitStack() as servers:
        servers.callback(erp.close)
        servers.callback(crm.close)
        ends = BothEnds(
            erp_address=f"{servers.enter_context(served(erp))}/BC",
            crm_address=servers.enter_context(served(crm)),
            crm=crm,
            erp_key_file=key_file,
            crm_secret_file=secret_file,
        )
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
