"""An ERP that nobody has prepared: the product's own page services, and a first user without rights."""

from pathlib import Path

from tests.sandbox.erp.conftest import API, PAGES, Open

from interlace.sandbox.erp.declaration import BLANK_GUID
from interlace.sandbox.erp.published_services import PRODUCT_SERVICES


def test_a_bare_erp_publishes_what_the_product_brings(open_erp: Open) -> None:
    """The API is there, Interlace's page services aren't, and no application has a user."""
    erp = open_erp(bare=True)
    assert {each["name"] for each in erp.get(PAGES)["value"]} == PRODUCT_SERVICES | {"Company"}
    assert erp.refused("GET", f"{erp.pages}/CustomerCard")[0] == 404
    assert erp.values(f"{API}/companies")
    user = erp.app.users.find("INTERLACE")
    assert user is not None
    assert (user.values["Administrator"], user.values["Application_ID"]) == (False, BLANK_GUID)


def test_what_is_published_afterwards_stays(open_erp: Open, tmp_path: Path) -> None:
    """One service by name, or all; the next start, bare or not, changes nothing."""
    erp = open_erp(tmp_path, bare=True)
    assert erp.refused("GET", f"{erp.pages}/SalesOrder")[0] == 403
    erp.app.published.publish(["CustomerCard"])
    erp.app.users.permissions.give("INTERLACE", ["D365 READ"])
    erp.app.close()
    erp = open_erp(tmp_path, bare=True)
    assert erp.values(f"{erp.pages}/CustomerCard") == []
    assert erp.refused("GET", f"{erp.pages}/ItemCard")[0] == 404
    erp.app.published.publish(erp.app.published.withdrawn)
    erp.app.published.withdraw(["Users"])
    erp.app.close()
    erp = open_erp(tmp_path)
    assert erp.app.published.withdrawn == {"Users"}
    assert erp.values(f"{erp.pages}/ItemCard") == []
