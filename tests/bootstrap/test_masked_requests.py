"""What is hidden of a request, its answer and the service's words before it is kept."""

import msgspec
import pytest

from interlace.bootstrap.masked_requests import masked
from interlace.connectors.http_message import HttpAnswer, HttpRequest

URL = "/api/data/v9.2/contacts"


def message_about(said: str, **fields: object) -> str:
    """Return what is kept of a message about a request with these fields."""
    request = HttpRequest(method="POST", url=URL, headers={}, body=msgspec.json.encode(fields))
    return masked(request, HttpAnswer(status=400), said).message


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("anna.berg@example.com is used already.", "*** is used already."),
        ("Call +47 22 33 44 55 first.", "Call *** first."),
        ("'Anna Berg' has no e-mail.", "'***' has no e-mail."),
        ("The field 'lastname' is too long.", "The field 'lastname' is too long."),
        ("Berg can't be saved, Bergen can.", "*** can't be saved, Bergen can."),
    ],
)
def test_a_message_keeps_names_of_fields_and_no_values(said: str, kept: str) -> None:
    """What the request held, and what looks like a person's, is hidden; words around it stay."""
    assert message_about(said, lastname="Berg") == kept


@pytest.mark.parametrize("said", ["x" * 100_000, "\u201c" * 100_000, "1" * 100_000, "Berg " * 20_000])
def test_nothing_is_kept_of_a_text_that_is_none_for_people(said: str) -> None:
    """However long it is and whatever it repeats, it is not looked through."""
    assert message_about(said, lastname="Berg") == f"*** ({len(said)})"


def test_values_stay_hidden_in_the_address() -> None:
    """Of a query the fields are told, not what they are compared with."""
    address = f"{URL}?$select=fullname&$filter=lastname eq 'Berg' and creditlimit gt 5000"
    kept = masked(HttpRequest(method="GET", url=address, headers={}, body=None), None, "").address
    assert kept == f"{URL}?$select=fullname&$filter=lastname eq '***' and creditlimit gt ***"
