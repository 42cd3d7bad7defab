"""Links of other programs to a record lead to its page."""

import pytest
from tests.sandbox.crm.conftest import Client

KEY = "01a1fdcf-4370-7a55-bdd9-98e2e9f01f7b"


@pytest.mark.parametrize(
    ("query", "page"),
    [
        (f"etn=salesorder&pagetype=entityrecord&id={KEY}", f"/app/orders/{KEY}"),
        (f"etn=account&id=%7B{KEY.upper()}%7D", f"/app/accounts/{KEY}"),
        (f"etn=systemuser&id={KEY}", "/app/"),
        ("etn=account&id=//elsewhere.example", "/app/"),
        ("", "/app/"),
    ],
)
def test_a_link_leads_to_the_page(client: Client, query: str, page: str) -> None:
    """By table and id, in braces or not; what the app has no page for leads to its beginning, and nowhere else."""
    answer = client.app.call("GET", f"/main.aspx?{query}")
    assert (answer.status, answer.header("Location")) == (302, page)
