"""What becomes of documents that a service, or something before it, answers with something else."""

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.collection import CollectionReader
from interlace.connectors.http_message import HttpAnswer
from interlace.engine.service import ServiceMismatch, ServiceUnavailable

METADATA = b'<Edmx Version="4.0"><DataServices/></Edmx>'


def reader_of(*bodies: bytes) -> tuple[CollectionReader, StubChannel]:
    """Return a reader whose service answers with some bodies, the last one from then on."""
    channel = StubChannel(*(HttpAnswer(status=200, body=body) for body in bodies))
    channel.answers += [channel.answers[-1]] * channel.retries_max
    return CollectionReader(channel, "the CRM"), channel


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b'{"name": 1}', b"[]"])
async def test_a_document_that_stays_something_else_is_a_mismatch(body: bytes) -> None:
    """A page of a proxy ends the run with words that name the address, instead of a defect."""
    reader, channel = reader_of(body)
    with pytest.raises(ServiceMismatch, match="The CRM answered the request for /WhoAmI with something else"):
        await reader.document("/WhoAmI?x=1", dict[str, str])
    assert len(channel.sent) == channel.retries_max + 1


@pytest.mark.parametrize("body", [b'{"name": "A', b"", b"\xff\x00garbage"])
async def test_a_document_that_stays_damaged_is_a_failure_that_waiting_may_heal(body: bytes) -> None:
    """What is cut again and again says nothing against the configuration."""
    reader, _ = reader_of(body)
    with pytest.raises(ServiceUnavailable, match=r"The CRM answered the request for /WhoAmI several times"):
        await reader.document("/WhoAmI?x=1", dict[str, str])


async def test_a_model_that_is_none_is_a_mismatch() -> None:
    """So it is where the metadata document is expected."""
    for body in (b"<html></html>", b"<html><br></html>", b"<Other/>"):
        reader, _ = reader_of(body)
        with pytest.raises(ServiceMismatch, match="something else"):
            await reader.model("/ODataV4/")


async def test_a_cut_model_is_a_failure_that_waiting_may_heal() -> None:
    """A metadata document that ends half-way was cut by something on the way."""
    reader, _ = reader_of(METADATA[:-9])
    with pytest.raises(ServiceUnavailable, match="several times"):
        await reader.model("/ODataV4/")


async def test_one_damaged_answer_is_asked_for_again() -> None:
    """Documents, metadata, pages and counts are read once more before anything is said of them."""
    reader, channel = reader_of(b'{"name": "A', b'{"name": "A"}')
    assert await reader.document("/WhoAmI", dict[str, str]) == {"name": "A"}
    assert [each.url for each in channel.sent] == ["/WhoAmI", "/WhoAmI"]
    reader, _ = reader_of(METADATA[:20], METADATA)
    assert (await reader.model("/ODataV4/")).version == "4.0"
    reader, _ = reader_of(b'{"value": [{"a": 1}', b'{"value": [{"a": 1}]}')
    assert [bytes(raw) for raw in (await reader.page("/items", page_size=5)).records] == [b'{"a": 1}']
    reader, _ = reader_of(b"<", b"\xef\xbb\xbf17")
    assert await reader.number("/items/$count") == 17


@pytest.mark.parametrize(
    ("body", "failure"), [(b'{"value": [', ServiceUnavailable), (b'{"count": 3}', ServiceMismatch)]
)
async def test_a_page_that_stays_none_is_told(body: bytes, failure: type[Exception]) -> None:
    """A listing that is always cut may be whole tomorrow; a document that is no listing won't be one."""
    reader, _ = reader_of(body)
    with pytest.raises(failure, match="/items"):
        await reader.page("/items?$top=1", page_size=5)
